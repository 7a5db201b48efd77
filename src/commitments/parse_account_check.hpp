#pragma once
// For tests: whatever a document looks like, what the parser says of its lines is true.

#include <algorithm>
#include <set>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include <atalaya/base/text.hpp>
#include <atalaya/commitments/parse.hpp>
#include <atalaya/files/read.hpp>

#include "parse_tables.hpp"

namespace atalaya::commitments {

/// The words of four letters or digits and more, folded.
inline std::set<std::string, std::less<>> account_words(std::string_view text) {
  std::set<std::string, std::less<>> words;
  std::string word;
  for (const char c : fold(text) + " ") {
    const bool inside = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
    if (inside) {
      word += c;
      continue;
    }
    if (word.size() >= 4) {
      words.insert(word);
    }
    word.clear();
  }
  return words;
}

/// Every line that is not blank has one use; the words of what is held are held, and the words of
/// what is left are told.
inline void expect_account(const files::TextDocument& read, const ParsedDocument& parsed) {
  const files::TextDocument document = write_out_tables(read).document;
  std::string all;
  for (const files::Line& line : document.lines) {
    all += line.text + ' ';
  }
  const auto all_words = account_words(all);
  for (const files::Line& line : read.lines) {
    for (const std::string& word : account_words(line.text)) {
      EXPECT_TRUE(all_words.contains(word)) << word << " of a table";
    }
  }
  ASSERT_EQ(parsed.uses.size(), document.lines.size());
  std::string held;
  for (const auto* group : {&parsed.items, &parsed.recitals, &parsed.guidance}) {
    for (const ParsedItem& item : *group) {
      held += item.label + ' ' + item.text + ' ' + item.title + ' ' + item.citation.raw + ' ';
    }
  }
  for (const LeadIn& lead : leads_of(parsed.lines, parsed.items)) {
    held += lead.text + ' ';
  }
  std::string told;
  for (const LeftOut& left : parsed.left) {
    told += left.text + ' ';
  }
  const auto held_words = account_words(held);
  const auto told_words = account_words(told);
  for (std::size_t i = 0; i < document.lines.size(); ++i) {
    const std::string_view text = trim(document.lines[i].text);
    const LineUse use = parsed.uses[i];
    EXPECT_EQ(use == LineUse::blank, text.empty()) << text;
    const bool is_held =
        use == LineUse::item || use == LineUse::recital || use == LineUse::guidance;
    if (!is_held && use != LineUse::left) {
      continue;
    }
    for (const std::string& word : account_words(text)) {
      EXPECT_TRUE((is_held ? held_words : told_words).contains(word))
          << word << " of line " << document.lines[i].number << ", " << to_string(use);
    }
  }
  const bool warned = std::ranges::any_of(parsed.warnings, [](const Warning& warning) {
    return warning.reason == "commitments.parse.lines_left" ||
           warning.reason == "commitments.parse.duties_left";
  });
  EXPECT_EQ(warned, !parsed.left.empty());
}

inline Result<ParsedDocument> parse_and_account(const files::TextDocument& document,
                                                const Catalogue& catalogue) {
  auto parsed = parse(document, catalogue);
  if (parsed) {
    expect_account(document, *parsed);
  }
  return parsed;
}

}  // namespace atalaya::commitments
