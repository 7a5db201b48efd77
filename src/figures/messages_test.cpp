// The catalogues must say the same things in all four languages, and everything that the sources
// ask for: each key that stands in a source file exists, in every language, with the same
// placeholders.

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <regex>
#include <set>
#include <sstream>
#include <string>

#include <atalaya/figures/messages.hpp>

namespace atalaya::figures {
namespace {

const Messages& all() {
  return Messages::embedded();
}

std::string slurp(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream out;
  out << in.rdbuf();
  return out.str();
}

std::multiset<std::string> placeholders(const std::string& text) {
  std::multiset<std::string> found;
  const std::regex pattern("\\{[^}]*\\}");
  for (std::sregex_iterator it(text.begin(), text.end(), pattern), end; it != end; ++it) {
    found.insert(it->str());
  }
  return found;
}

TEST(Messages, every_language_has_the_same_keys) {
  const auto english = all().keys(Language::en);
  ASSERT_GT(english.size(), 300U);
  for (const Language language : kLanguages) {
    EXPECT_EQ(all().keys(language), english) << to_string(language);
  }
}

TEST(Messages, every_language_has_the_same_placeholders_and_no_empty_text) {
  for (const auto key : all().keys(Language::en)) {
    const auto english = all().text(Language::en, key);
    for (const Language language : kLanguages) {
      const auto text = all().text(language, key);
      EXPECT_FALSE(text.empty()) << key;
      // The singular may write its number as a word.
      if (!key.ends_with(".one")) {
        EXPECT_EQ(placeholders(text), placeholders(english)) << key << " " << to_string(language);
      }
    }
  }
}

// architecture.md, "Names": words that the pages never use, with their forms in the languages.
// French sets a no-break blank before high punctuation: a line never begins with a colon.
TEST(Messages, sets_french_punctuation_with_its_blank) {
  for (const auto key : all().keys(Language::fr)) {
    const std::string text = all().text(Language::fr, key);
    for (const char* apart : {" :", " ;", " !", " ?", " »", "« "}) {
      EXPECT_EQ(text.find(apart), std::string::npos) << key << ": " << text;
    }
  }
}

TEST(Messages, avoids_the_words_that_pages_never_use) {
  const std::regex banned(
      "\\b(promises?|promised|claims?|judgements?|evidence|rapporteurs?|hedges?|lineage|grades?|"
      "promesas?|promessas?|promesses?)\\b",
      std::regex::icase);
  for (const Language language : kLanguages) {
    for (const auto key : all().keys(language)) {
      const auto text = all().text(language, key);
      EXPECT_FALSE(std::regex_search(text, banned)) << key << ": " << text;
    }
  }
}

// What French sets differently: the apostrophe of print, and a blank that no line breaks at before
// ; : ! ? » and behind «.
TEST(Messages, sets_french_as_french_is_set) {
  const std::regex placeholder(R"(\{[^}]*\})");
  const std::regex wrong(
      "[[:alpha:]]'[[:alpha:]]| (;|:|!|\\?|»)|« |[[:alnum:])][;!?]( |$)|"
      "[[:alnum:])]»|«[[:alnum:](]|[[:alnum:])]:( |$)");
  for (const auto key : all().keys(Language::fr)) {
    const std::string text =
        std::regex_replace(all().text(Language::fr, key), placeholder, std::string("x"));
    EXPECT_FALSE(std::regex_search(text, wrong)) << key << ": " << text;
  }
}

TEST(Messages, has_every_key_that_the_pages_ask_for) {
  const std::set<std::string> not_messages = {"atalaya.css",
                                              "commitments.clause.changed",
                                              "atalaya.js",
                                              "favicon.svg",
                                              "source-sans-3-latin.woff2",
                                              "figures.messages.bad",
                                              "figures.paper.chart",
                                              "figures.paper.docx",
                                              "figures.paper.pdf",
                                              "figures.png",
                                              "api.cross_site",
                                              "api.csrf",
                                              "http.target",
                                              "followup.register.field",
                                              "followup.round.adds",
                                              "followup.round.names",
                                              "followup.round.table",
                                              "followup.round.unanswered"};
  const std::regex literal("\"([a-z][a-z_0-9]*(\\.[a-z_0-9]+)+)\"");
  const auto keys = all().keys(Language::en);
  std::size_t checked = 0;
  for (const std::string_view folder : {"src/figures", "src/api"}) {
    for (const auto& entry :
         std::filesystem::directory_iterator(std::filesystem::path(ATALAYA_SOURCE_DIR) / folder)) {
      const auto name = entry.path().filename().string();
      const bool pages = folder == "src/figures" || name.starts_with("pages");
      if (!pages || !name.ends_with(".cpp") || name.ends_with("_test.cpp")) {
        continue;
      }
      const std::string source = slurp(entry.path());
      for (std::sregex_iterator it(source.begin(), source.end(), literal), end; it != end; ++it) {
        const std::string key = (*it)[1];
        if (not_messages.contains(key) || key.ends_with(".hpp")) {
          continue;
        }
        // A group of values ("coding.stage") is known by any of them.
        const bool group = std::ranges::any_of(
            keys, [&](std::string_view one) { return one.starts_with(key + "."); });
        const bool known = all().has(Language::en, key) || group;
        EXPECT_TRUE(known) << name << ": " << key;
        ++checked;
      }
    }
  }
  EXPECT_GT(checked, 200U);
}

TEST(Messages, fills_placeholders_and_leaves_unknown_ones) {
  const auto messages =
      Messages::load({R"({"a":"{x} and {y} {z"})", R"({"a":"{x} y {y}"})", "{}", "{}"});
  ASSERT_TRUE(messages.has_value());
  EXPECT_EQ(messages->text(Language::en, "a", {{"x", "{y}"}}), "{y} and {y} {z");
  EXPECT_EQ(messages->text(Language::es, "a", {{"x", "1"}, {"y", "2"}}), "1 y 2");
  EXPECT_EQ(messages->text(Language::fr, "a", {{"x", "1"}, {"y", "2"}}), "1 and 2 {z");
  EXPECT_EQ(messages->text(Language::fr, "nothing"), "nothing");
}

TEST(Messages, escapes_texts_and_parameters_of_pages) {
  const auto messages = Messages::load({R"({"a":"<b> {link}"})", "{}", "{}", "{}"});
  ASSERT_TRUE(messages.has_value());
  Html link;
  link.element("a", {{"href", "/x"}}, "<i>");
  EXPECT_EQ(messages->rich(Language::en, "a", {{"link", &link}}).view(),
            "&lt;b&gt; <a href=\"/x\">&lt;i&gt;</a>");
}

TEST(Messages, refuses_what_is_no_object_of_texts) {
  for (const std::string_view bad : {"[]", "{\"a\":1}", "{", ""}) {
    const auto loaded = Messages::load({bad, "{}", "{}", "{}"});
    EXPECT_FALSE(loaded.has_value()) << bad;
  }
}

// Source: Unicode CLDR 44, "Language Plural Rules", examples of the cardinal rules.
TEST(Messages, follows_the_plural_rules_of_cldr) {
  struct Case {
    Language language;
    std::int64_t n;
    PluralForm form;
  };

  for (const auto& [language, n, form] : {
           Case{Language::en, 0, PluralForm::other},
           Case{Language::en, 1, PluralForm::one},
           Case{Language::en, 1'000'000, PluralForm::other},
           Case{Language::es, 0, PluralForm::other},
           Case{Language::es, 1, PluralForm::one},
           Case{Language::es, 1'000'000, PluralForm::many},
           Case{Language::es, 1'000'001, PluralForm::other},
           Case{Language::pt, 0, PluralForm::one},
           Case{Language::pt, 2, PluralForm::other},
           Case{Language::pt, 3'000'000, PluralForm::many},
           Case{Language::fr, 0, PluralForm::one},
           Case{Language::fr, 1, PluralForm::one},
           Case{Language::fr, 2, PluralForm::other},
           Case{Language::fr, 1'000'000, PluralForm::many},
       }) {
    EXPECT_EQ(plural_form(language, n), form) << to_string(language) << " " << n;
  }
  EXPECT_EQ(all().count(Language::en, "browse.found", 1), "1 commitment");
  EXPECT_EQ(all().count(Language::es, "browse.found", 48213), "48\u00a0213 compromisos");
  EXPECT_EQ(all().count(Language::fr, "browse.found", 0), "0 engagement");
}

TEST(Messages, says_something_about_every_error) {
  for (const ErrorCode code :
       {ErrorCode::invalid_argument, ErrorCode::unauthenticated, ErrorCode::permission_denied,
        ErrorCode::not_found, ErrorCode::conflict, ErrorCode::exhausted, ErrorCode::internal,
        ErrorCode::data_loss, ErrorCode::unimplemented, ErrorCode::unavailable,
        ErrorCode::deadline_exceeded}) {
    for (const Language language : kLanguages) {
      Error error;
      error.code = code;
      error.reason = "a.reason.nobody.knows";
      error.detail = "secret";
      const auto text = all().error(language, error);
      EXPECT_NE(text, error.reason);
      EXPECT_EQ(text.find("secret"), std::string::npos);
    }
  }
}

TEST(Messages, say_rules_and_days_in_words) {
  Error error{ErrorCode::invalid_argument,
              "followup.register.field",
              "",
              {{"field", "role"}, {"value", "king"}, {"rule", "choice"}, {"choices", "a, b"}}};
  EXPECT_TRUE(all().error(Language::en, error).contains("(choose one of: a, b)"));
  error.params[2].second = "required";
  EXPECT_TRUE(all().error(Language::es, error).contains("(hay que llenarlo)"));
  error.params[2].second = "of another program";
  EXPECT_TRUE(all().error(Language::en, error).contains("(of another program)"));
  error.reason = "followup.reply.open";
  error.params = {{"date", "2026-12-23"}};
  EXPECT_TRUE(all().error(Language::fr, error).contains("23 décembre 2026"));
}

// Every reason that a person may meet has a text of its own or of its family: what happened and
// what to do. The reasons of the protocol (http, api) speak by their status, in api/problem.cpp.
TEST(Messages, knows_every_reason_that_the_sources_fail_with) {
  const std::regex call("fail\\(\\s*ErrorCode::[a-z_]+,\\s*\"([a-z_0-9.]+)\"");
  std::set<std::string> reasons;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(
           std::filesystem::path(ATALAYA_SOURCE_DIR) / "src")) {
    const auto name = entry.path().filename().string();
    if (!name.ends_with(".cpp") || name.ends_with("_test.cpp")) {
      continue;
    }
    const std::string source = slurp(entry.path());
    for (std::sregex_iterator it(source.begin(), source.end(), call), end; it != end; ++it) {
      reasons.insert((*it)[1]);
    }
  }
  EXPECT_GT(reasons.size(), 60U);
  for (const auto& reason : reasons) {
    if (reason.starts_with("http.") || reason.starts_with("api.") ||
        reason.starts_with("figures.")) {
      continue;
    }
    Error error;
    error.code = ErrorCode::internal;
    const std::string general = all().error(Language::en, error);
    error.reason = reason;
    EXPECT_NE(all().error(Language::en, error), general) << "no message error." << reason;
    EXPECT_EQ(all().error(Language::en, error).find('{'), std::string::npos) << reason;
  }
}

TEST(Messages, fills_what_an_error_carries_and_dashes_what_it_does_not) {
  Error error;
  error.reason = "files.not_utf8";
  error.params = {{"file", "a.txt"}, {"line", "{column}"}};
  EXPECT_TRUE(all().error(Language::en, error).starts_with("a.txt, line {column}, column –: "));
  // A rule for forms, broken by a row of a file.
  error.reason = "followup.value";
  error.params = {{"file", "a.csv"}, {"line", "7"}, {"value", "bogus"}};
  EXPECT_TRUE(all().error(Language::es, error).starts_with("a.csv, línea 7: "));
  error.params = {{"value", "bogus"}};
  EXPECT_FALSE(all().error(Language::es, error).contains("línea"));
}

}  // namespace
}  // namespace atalaya::figures
