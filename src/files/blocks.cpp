#include "blocks.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/core.h>

#include <atalaya/base/text.hpp>
#include <atalaya/files/limits.hpp>

namespace atalaya::files {
namespace {

constexpr std::size_t kRuleLength = 47;

std::string letters(std::int32_t number, char first) {
  // a … z, aa, bb, … as Word and browsers differ beyond z; documents do not get there.
  const auto index = static_cast<std::size_t>(number - 1);
  return std::string(index / 26 + 1, static_cast<char>(first + static_cast<char>(index % 26)));
}

std::string roman(std::int32_t number) {
  constexpr std::array<std::pair<std::int32_t, std::string_view>, 13> kParts = {{{1000, "m"},
                                                                                 {900, "cm"},
                                                                                 {500, "d"},
                                                                                 {400, "cd"},
                                                                                 {100, "c"},
                                                                                 {90, "xc"},
                                                                                 {50, "l"},
                                                                                 {40, "xl"},
                                                                                 {10, "x"},
                                                                                 {9, "ix"},
                                                                                 {5, "v"},
                                                                                 {4, "iv"},
                                                                                 {1, "i"}}};
  std::string out;
  for (const auto& [value, text] : kParts) {
    while (number >= value) {
      out += text;
      number -= value;
    }
  }
  return out;
}

std::string upper(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](char c) { return static_cast<char>(c - 'a' + 'A'); });
  return text;
}

}  // namespace

void BlockWriter::push(std::string text, std::int32_t line, bool heading, std::int32_t list, bool link) {
  if (document_->lines.size() >= kLinesMax) {
    overflowed_ = true;
    return;
  }
  const auto next = static_cast<std::int32_t>(document_->lines.size()) + 1;
  document_->lines.push_back(
      {.text = std::move(text),
       .number = line > 0 ? line : next,
       .heading = heading,
       .list = list,
       .link = link});
}

void BlockWriter::write(const Block& block) {
  const std::string_view text = trim(block.text);
  if (!document_->lines.empty() && !block.follows_break) {
    push({}, block.line, false);
  }
  if (text.empty()) {
    return;
  }
  std::string line(static_cast<std::size_t>(std::max<std::int32_t>(block.indent, 0)), ' ');
  line += block.marker;
  line += block.marker.empty() ? "" : " ";
  line += text;
  push(std::move(line), block.line, block.heading, block.list, block.link);
}

void BlockWriter::write_rule(std::int32_t line) {
  if (!document_->lines.empty()) {
    push({}, line, false);
  }
  push(std::string(kRuleLength, '_'), line, false);
}

Error BlockWriter::overflow_error() const {
  return Error{.code = ErrorCode::invalid_argument,
               .reason = "files.too_large",
               .detail = fmt::format("more than {} lines", kLinesMax),
               .params = {{"file", document_->name}}};
}

std::string list_label(std::int32_t number, LabelStyle style) {
  constexpr std::int32_t kLetterMax = 26 * 8;
  constexpr std::int32_t kRomanMax = 3999;
  switch (style) {
    case LabelStyle::decimal:
      break;
    case LabelStyle::lower_letter:
    case LabelStyle::upper_letter:
      if (number >= 1 && number <= kLetterMax) {
        return letters(number, style == LabelStyle::lower_letter ? 'a' : 'A');
      }
      break;
    case LabelStyle::lower_roman:
    case LabelStyle::upper_roman:
      if (number >= 1 && number <= kRomanMax) {
        return style == LabelStyle::lower_roman ? roman(number) : upper(roman(number));
      }
      break;
  }
  return fmt::format("{}", number);
}

bool starts_with_label(std::string_view text) noexcept {
  const auto digit = [](char c) { return c >= '0' && c <= '9'; };
  const auto small = [](char c) { return c >= 'a' && c <= 'z'; };
  const bool paren = text.starts_with('(');
  std::size_t i = paren ? 1 : 0;
  const std::size_t begin = i;
  bool decimal = false;
  while (i < text.size() && digit(text[i])) {
    ++i;
  }
  if (i > begin) {
    if (i - begin > 3) {
      return false;  // a year
    }
    while (i + 1 < text.size() && text[i] == '.' && digit(text[i + 1])) {
      decimal = true;
      for (++i; i < text.size() && digit(text[i]);) {
        ++i;
      }
    }
  } else {
    while (i < text.size() && small(text[i])) {
      ++i;
    }
    const std::string_view letters = text.substr(begin, i - begin);
    if (letters.empty() || letters.size() > 5 ||
        (letters.size() > 1 && letters.find_first_not_of("ivxl") != letters.npos)) {
      return false;
    }
  }
  const bool closed = i < text.size() && (text[i] == ')' || (!paren && text[i] == '.'));
  i += closed ? 1U : 0U;
  if (!closed && (!decimal || paren)) {
    return false;
  }
  // "5.8 homicides" is a number; "6.1 Adopt" is a label.
  return i + 1 < text.size() && text[i] == ' ' && (closed || !small(text[i + 1]));
}

bool is_sentence(std::string_view text) noexcept {
  constexpr std::size_t kSentenceBytesMin = 40;
  return text.size() >= kSentenceBytesMin &&
         std::string_view(".;:)").find(text.back()) != std::string_view::npos;
}

std::string superscript(std::string_view text) {
  constexpr std::array<std::string_view, 10> kDigits = {"⁰", "¹", "²", "³", "⁴",
                                                        "⁵", "⁶", "⁷", "⁸", "⁹"};
  std::string out;
  for (const char c : text) {
    if (c >= '0' && c <= '9') {
      out += kDigits[static_cast<std::size_t>(c - '0')];
    } else {
      out += c;
    }
  }
  return out;
}

}  // namespace atalaya::files
