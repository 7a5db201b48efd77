#include "hold_back.hpp"

#include <algorithm>
#include <optional>
#include <vector>

#include <atalaya/base/text.hpp>

#include "personal_data.hpp"

namespace atalaya::followup::detail {
namespace {

constexpr std::size_t kGapBytesMax = 4;    // between two letters of one passage
constexpr std::size_t kOddGapsFrom = 6;    // letters: shorter ones are not looked for across blanks
constexpr std::size_t kInAddressFrom = 5;  // letters: found within an address's longer words

// A text's letters and digits, folded, and where each came from.
struct Letters {
  std::string folded;
  std::vector<std::size_t> from, to;  // bytes of the text, of each byte of `folded`

  [[nodiscard]] bool gap_before(std::size_t i) const { return i == 0 || from[i] > to[i - 1]; }
};

std::size_t length_of(char lead) {
  const auto byte = static_cast<unsigned char>(lead);
  return byte < 0x80U ? 1 : byte < 0xE0U ? 2 : byte < 0xF0U ? 3 : 4;
}

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || is_digit(c) || static_cast<unsigned char>(c) >= 0x80U;
}

// Quotation marks, dashes and blanks beyond ASCII part words as those of ASCII do.
bool parts_words(std::string_view character) {
  return character.starts_with("\xE2\x80") || character.starts_with("\xE3\x80") ||
         character == "\xC2\xA0" || character == "\xC2\xAB" || character == "\xC2\xBB" ||
         character == "\xC2\xB7" || character == "\xC2\xBF" || character == "\xC2\xA1";
}

Letters letters_of(std::string_view text) {
  Letters out;
  for (std::size_t at = 0; at < text.size();) {
    const std::string_view character = text.substr(at, length_of(text[at]));
    const std::size_t end = at + character.size();
    std::string folded;
    if (character.size() == 1) {
      const char c = character.front();
      folded = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    } else if (!parts_words(character)) {
      const auto byte = [&](std::size_t i) {
        return static_cast<char32_t>(static_cast<unsigned char>(character[i]));
      };
      const char twin =
          character.size() == 2 ? latin_twin(((byte(0) & 0x1FU) << 6U) | (byte(1) & 0x3FU)) : '\0';
      folded = twin == '\0' ? fold(character) : fold(std::string_view(&twin, 1));
      if (folded.empty() && !out.to.empty() && out.to.back() == at) {
        out.to.back() = end;  // an accent of its own belongs to the letter before it
      }
    }
    for (const char c : folded) {
      if (is_letter(c)) {
        out.folded += c;
        out.from.push_back(at);
        out.to.push_back(end);
      }
    }
    at = end;
  }
  // The bytes of one character are no gap.
  for (std::size_t i = 1; i < out.from.size(); ++i) {
    if (out.from[i] == out.from[i - 1]) {
      out.from[i] = out.to[i - 1];
    }
  }
  return out;
}

// Where a word may end: at a gap, and between letters and digits, as in "perez2020".
bool is_edge(const Letters& text, std::size_t i) {
  return i >= text.folded.size() || text.gap_before(i) ||
         is_digit(text.folded[i]) != is_digit(text.folded[i - 1]);
}

bool gaps_fit(const Letters& text, std::size_t at, const Letters& passage) {
  for (std::size_t i = 1; i < passage.folded.size(); ++i) {
    if (!text.gap_before(at + i)) {
      continue;
    }
    const bool long_gap = text.from[at + i] - text.to[at + i - 1] > kGapBytesMax;
    if (long_gap || (!passage.gap_before(i) && passage.folded.size() < kOddGapsFrom)) {
      return false;
    }
  }
  return true;
}

std::optional<std::size_t> find_letters(const Letters& text, const Letters& passage,
                                        std::size_t from, bool whole_words) {
  if (passage.folded.size() < 2) {
    return std::nullopt;
  }
  for (std::size_t at = text.folded.find(passage.folded, from); at != std::string::npos;
       at = text.folded.find(passage.folded, at + 1)) {
    const bool edges =
        !whole_words || (is_edge(text, at) && is_edge(text, at + passage.folded.size()));
    if (edges && gaps_fit(text, at, passage)) {
      return at;
    }
  }
  return std::nullopt;
}

// "Ana Ruiz Vega", "Vega, Ana Ruiz", "Ruiz Vega, Ana", and "Vega Ruiz, Ana" of a whole name.
std::vector<Letters> orders_of(std::string_view passage) {
  std::vector<std::string> words;
  const std::string plain = squeeze(passage);
  for (const std::string_view word : split(plain, ' ')) {
    words.emplace_back(word);
  }
  constexpr std::size_t kWordsMax = 6;       // more are a sentence
  constexpr std::size_t kEveryOrderMax = 4;  // words; of more each is put first in turn
  std::vector<Letters> out;
  const auto add = [&] {
    std::string joined;
    for (const std::string& word : words) {
      joined += (joined.empty() ? "" : " ") + word;
    }
    out.push_back(letters_of(joined));
  };
  if (words.size() <= kEveryOrderMax) {
    add();  // as it was written first
    std::ranges::sort(words);
    do {
      add();
    } while (std::ranges::next_permutation(words).found);
    return out;
  }
  const std::size_t orders = words.size() > kWordsMax ? 1 : words.size();
  for (std::size_t i = 0; i < orders; ++i) {
    add();
    std::ranges::rotate(words, words.begin() + 1);
  }
  return out;
}

std::string without_escapes(std::string_view url) {
  const auto digit = [](char c) {
    return is_digit(c)            ? c - '0'
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                  : -1;
  };
  std::string out;
  for (std::size_t i = 0; i < url.size(); ++i) {
    const int high = url[i] == '%' && i + 2 < url.size() ? digit(url[i + 1]) : -1;
    const int low = high < 0 ? -1 : digit(url[i + 2]);
    out += low < 0 ? (url[i] == '+' ? ' ' : url[i]) : static_cast<char>(high * 16 + low);
    i += low < 0 ? 0 : 2;
  }
  return out;
}

bool replace_all(std::string& text, std::string_view what, std::string_view mark) {
  bool any = false;
  for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at)) {
    text.replace(at, what.size(), mark);
    at += mark.size();
    any = true;
  }
  return any;
}

}  // namespace

bool hold_back(std::string& text, std::string_view passage, std::string_view mark) {
  bool any = replace_all(text, passage, mark);
  for (const Letters& wanted : orders_of(passage)) {
    std::size_t from = 0;
    for (Letters letters = letters_of(text);;) {
      const auto at = find_letters(letters, wanted, from, true);
      if (!at) {
        break;
      }
      const std::size_t begin = letters.from[*at];
      text.replace(begin, letters.to[*at + wanted.folded.size() - 1] - begin, mark);
      any = true;
      letters = letters_of(text);
      const std::size_t behind = begin + mark.size();
      const auto next = std::ranges::lower_bound(letters.from, behind);
      from = static_cast<std::size_t>(next - letters.from.begin());
    }
  }
  return any;
}

bool says(std::string_view text, std::string_view passage) {
  const Letters letters = letters_of(text);
  return text.contains(passage) || std::ranges::any_of(orders_of(passage), [&](const Letters& one) {
           return find_letters(letters, one, 0, true).has_value();
         });
}

bool address_says(std::string_view url, std::string_view passage) {
  const std::string plain = without_escapes(url);
  const Letters letters = letters_of(plain);
  return plain.contains(passage) ||
         std::ranges::any_of(orders_of(passage), [&](const Letters& one) {
           return find_letters(letters, one, 0, one.folded.size() < kInAddressFrom).has_value();
         });
}

}  // namespace atalaya::followup::detail
