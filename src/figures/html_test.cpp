// The builder must not be talked into markup: whatever text goes in, a reader of HTML gets the
// same text out, and never an element, an attribute or an address that runs something.

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <map>
#include <string>

#include <atalaya/base/text.hpp>
#include <atalaya/figures/html.hpp>

namespace atalaya::figures {
namespace {

// The five references that escape() writes, read back by their names in the HTML standard.
std::string unescape(std::string text) {
  const std::map<std::string, std::string> references = {
      {"&amp;", "&"}, {"&lt;", "<"}, {"&gt;", ">"}, {"&quot;", "\""}, {"&#39;", "'"}};
  std::string out;
  for (std::size_t i = 0; i < text.size();) {
    bool found = false;
    for (const auto& [reference, character] : references) {
      if (text.compare(i, reference.size(), reference) == 0) {
        out += character;
        i += reference.size();
        found = true;
        break;
      }
    }
    if (!found) {
      out += text[i++];
    }
  }
  return out;
}

TEST(Html, writes_elements_attributes_and_text) {
  Html h;
  h.open("p", {{"class", "lead"}, {"hidden"}, attribute_if(false, "title", "no")});
  h.text("a < b & c").close("p");
  h.empty("br").empty("path", {{"d", "M0 0"}});
  EXPECT_EQ(h.view(), "<p class=\"lead\" hidden>a &lt; b &amp; c</p><br><path d=\"M0 0\"/>");
}

TEST(Html, text_cannot_end_an_attribute_or_open_an_element) {
  Html h;
  h.element("a", {{"title", "\"><script>alert('x')</script>"}}, "</a><img src=x>");
  EXPECT_EQ(h.view(),
            "<a title=\"&quot;&gt;&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;\">"
            "&lt;/a&gt;&lt;img src=x&gt;</a>");
}

RC_GTEST_PROP(HtmlProperty, text_comes_out_as_it_went_in, (const std::string& text)) {
  std::string printable;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= 0x80) {
      printable += static_cast<char>(0xC0U | (byte >> 6U));
      printable += static_cast<char>(0x80U | (byte & 0x3FU));
    } else if (byte >= 0x20) {
      printable += c;
    }
  }
  RC_ASSERT(!find_invalid_utf8(escape(text)));
  const std::string escaped = escape(printable);
  RC_ASSERT(escaped.find_first_of("<>\"'") == std::string::npos);
  RC_ASSERT(unescape(escaped) == printable);
}

// Nothing on a page stands in another order than it has, whoever wrote it.
TEST(Html, what_turns_the_reading_round_is_written_out) {
  Html h;
  h.element("p", "a\u202Eb\u202C \u2066c\u2069 \u2060\u2014\u202F");
  EXPECT_EQ(h.view(), "<p>a[U+202E]b[U+202C] [U+2066]c[U+2069] \u2060\u2014\u202F</p>");
}

// One such character makes a whole document unreadable as XML.
TEST(Html, what_xml_forbids_becomes_the_replacement_character) {
  EXPECT_EQ(escape("a\uFFFEb\uFFFF<\xFF\uFFFC"), "a\uFFFDb\uFFFD&lt;\uFFFD\uFFFC");
}

TEST(Html, control_characters_become_the_replacement_character) {
  EXPECT_EQ(escape(std::string_view("a\0b\x1b\n", 5)),
            "a\xEF\xBF\xBD"
            "b\xEF\xBF\xBD\n");
}

TEST(Html, keeps_addresses_a_reader_may_be_sent_to) {
  for (const std::string_view url :
       {"/en/commitments?theme=drugs&page=2", "#L226", "?q=a:b", "page:1/../x", "https://oas.org/x",
        "http://127.0.0.1:8420/", "mailto:a@b.example", "HTTPS://X", ""}) {
    EXPECT_EQ(safe_url(url), url == "page:1/../x" ? "#" : url) << url;
  }
}

// Shapes from the OWASP filter evasion list: case, blanks inside the scheme, leading control
// characters, other schemes, addresses that borrow the scheme or the host of the page.
TEST(Html, replaces_addresses_that_run_or_leave) {
  for (const std::string_view url :
       {"javascript:alert(1)", "JaVaScRiPt:alert(1)", " javascript:alert(1)",
        "java\tscript:alert(1)", "java\nscript:alert(1)", "\x01javascript:alert(1)",
        "data:text/html,<script>", "vbscript:x", "//evil.example/", "/\\evil.example",
        "\\\\evil.example", "blob:x", "file:///etc/passwd"}) {
    Html h;
    h.element("a", {{"href", url}}, "x");
    EXPECT_EQ(h.view(), "<a href=\"#\">x</a>") << url;
  }
}

TEST(Html, encodes_parts_of_addresses) {
  EXPECT_EQ(url_encode("Belém do Pará/?&=#"), "Bel%C3%A9m%20do%20Par%C3%A1%2F%3F%26%3D%23");
  EXPECT_EQ(url_encode("a-b_c.d~9"), "a-b_c.d~9");
}

TEST(HtmlDeathTest, refuses_what_is_not_balanced) {
  EXPECT_DEATH(
      {
        Html h;
        h.close();
      },
      "");
  EXPECT_DEATH(
      {
        Html h;
        h.open("p").close("div");
      },
      "");
  EXPECT_DEATH(
      {
        Html h;
        h.open("p");
        (void)h.take();
      },
      "");
  EXPECT_DEATH(
      {
        Html h;
        h.open("br");
      },
      "");
}

}  // namespace
}  // namespace atalaya::figures
