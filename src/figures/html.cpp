#include <atalaya/figures/html.hpp>

#include <algorithm>
#include <array>
#include <cctype>
#include <utility>

#include <fmt/format.h>

#include <atalaya/base/result.hpp>
#include <atalaya/base/xml.hpp>

namespace atalaya::figures {
namespace {

constexpr std::array<std::string_view, 14> kVoidElements = {
    "area",  "base", "br",   "col",   "embed",  "hr",    "img",
    "input", "link", "meta", "param", "source", "track", "wbr"};

constexpr std::array<std::string_view, 6> kUrlAttributes = {"href",   "src",        "action",
                                                            "poster", "formaction", "cite"};

bool is_void(std::string_view tag) {
  return std::ranges::find(kVoidElements, tag) != kVoidElements.end();
}

bool is_url(std::string_view name) {
  return std::ranges::find(kUrlAttributes, name) != kUrlAttributes.end();
}

bool equals_ignoring_case(std::string_view a, std::string_view b) {
  return std::ranges::equal(
      a, b, [](unsigned char x, unsigned char y) { return std::tolower(x) == std::tolower(y); });
}

}  // namespace

std::string escape(std::string_view text) {
  return xml(text);
}

std::string without_turns(std::string_view text) {
  std::string out;
  std::size_t begin = 0;
  for (auto at = text.find('\xE2'); at != std::string_view::npos; at = text.find('\xE2', at + 1)) {
    const std::string_view next = text.substr(at + 1, 2);
    const bool overrides = next >= "\x80\xAA" && next <= "\x80\xAE";
    const bool isolates = next >= "\x81\xA6" && next <= "\x81\xA9";
    if (next.size() == 2 && (overrides || isolates)) {
      out.append(text, begin, at - begin);
      out += fmt::format("[U+20{:02X}]", (static_cast<unsigned char>(next[1]) & 0x3FU) |
                                             (overrides ? 0x00U : 0x40U));
      begin = at + 3;
    }
  }
  return out.append(text, begin, std::string_view::npos);
}

std::string_view safe_url(std::string_view url) noexcept {
  // Browsers drop leading blanks, and tabs and line ends anywhere, before they look for a scheme:
  // "java\nscript:" runs; and they read a backslash as a slash. No address of ours holds such
  // bytes, so any of them is refused.
  for (const char c : url) {
    if (static_cast<unsigned char>(c) <= 0x20 || c == '\x7F' || c == '\\') {
      return "#";
    }
  }
  const auto end = url.find_first_of(":/?#");
  if (end == std::string_view::npos || url[end] != ':') {
    return url.starts_with("//") ? std::string_view("#") : url;
  }
  const auto scheme = url.substr(0, end);
  for (const std::string_view allowed : {"https", "http", "mailto"}) {
    if (equals_ignoring_case(scheme, allowed)) {
      return url;
    }
  }
  return "#";
}

std::string url_encode(std::string_view text) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::string out;
  out.reserve(text.size());
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if ((byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
        (byte >= '0' && byte <= '9') || c == '-' || c == '.' || c == '_' || c == '~') {
      out.push_back(c);
    } else {
      out.push_back('%');
      out.push_back(kDigits[byte >> 4U]);
      out.push_back(kDigits[byte & 15U]);
    }
  }
  return out;
}

Html::Html() = default;

void Html::write_start(std::string_view tag, std::span<const Attribute> attributes) {
  out_.push_back('<');
  out_.append(tag);
  for (const auto& attribute : attributes) {
    if (!attribute.present) {
      continue;
    }
    out_.push_back(' ');
    out_.append(attribute.name.view());
    if (attribute.value) {
      out_.append("=\"");
      append_xml(out_,
                     is_url(attribute.name.view()) ? safe_url(*attribute.value) : *attribute.value);
      out_.push_back('"');
    }
  }
}

Html& Html::open(Name tag, Attributes attributes) {
  return open(tag, std::span(attributes.begin(), attributes.size()));
}

Html& Html::open(Name tag, std::span<const Attribute> attributes) {
  ATALAYA_CHECK(!is_void(tag.view()));
  write_start(tag.view(), attributes);
  out_.push_back('>');
  open_.push_back(tag.view());
  return *this;
}

Html& Html::close() {
  ATALAYA_CHECK(!open_.empty());
  out_.append("</");
  out_.append(open_.back());
  out_.push_back('>');
  open_.pop_back();
  return *this;
}

Html& Html::close(Name tag) {
  ATALAYA_CHECK(!open_.empty() && open_.back() == tag.view());
  return close();
}

Html& Html::text(std::string_view text) {
  if (text.find('\xE2') == std::string_view::npos) {
    append_xml(out_, text);
  } else {
    append_xml(out_, without_turns(text));
  }
  return *this;
}

Html& Html::element(Name tag, Attributes attributes, std::string_view content) {
  return open(tag, attributes).text(content).close();
}

Html& Html::element(Name tag, std::string_view content) {
  return open(tag).text(content).close();
}

Html& Html::empty(Name tag, Attributes attributes) {
  write_start(tag.view(), std::span(attributes.begin(), attributes.size()));
  // HTML's void elements take no slash; SVG's empty ones need it.
  out_.append(is_void(tag.view()) ? ">" : "/>");
  return *this;
}

Html& Html::append(const Html& fragment) {
  out_.append(fragment.view());
  return *this;
}

Html& Html::unsafe_raw(std::string_view trusted) {
  out_.append(trusted);
  return *this;
}

const std::string& Html::view() const {
  ATALAYA_CHECK(open_.empty());
  return out_;
}

std::string Html::take() {
  ATALAYA_CHECK(open_.empty());
  return std::exchange(out_, {});
}

}  // namespace atalaya::figures
