// The longest common subsequence of words by the classic table: texts of commitments have some
// hundred words, so the table has some ten thousand cells, and the answer is the shortest one.
#include <atalaya/commitments/word_diff.hpp>

#include <algorithm>
#include <functional>

#include <atalaya/base/text.hpp>

namespace atalaya::commitments {
namespace {

constexpr std::size_t kCellsMax = 4'000'000;

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

std::vector<std::string_view> words_of(std::string_view text) {
  std::vector<std::string_view> out;
  std::size_t begin = 0;
  while (begin < text.size()) {
    std::size_t end = begin;
    while (end < text.size() && !is_blank(text[end])) {
      ++end;
    }
    while (end < text.size() && is_blank(text[end])) {
      ++end;
    }
    out.push_back(text.substr(begin, end - begin));
    begin = end;
  }
  return out;
}

void append(std::vector<DiffPart>& parts, DiffPart::Kind kind, std::string_view word) {
  if (parts.empty() || parts.back().kind != kind) {
    parts.push_back({kind, {}});
  }
  parts.back().text += word;
}

using Words = std::vector<std::string_view>;

// lengths[i][j]: words in common of before[i…] and after[j…], in order.
class Table {
 public:
  Table(const Words& before, const Words& after)
      : width_(after.size() + 1), cells_((before.size() + 1) * width_, 0) {
    for (std::size_t i = before.size(); i-- > 0;) {
      for (std::size_t j = after.size(); j-- > 0;) {
        cells_[i * width_ + j] = before[i] == after[j]
                                     ? at(i + 1, j + 1) + 1
                                     : std::max(at(i + 1, j), at(i, j + 1));
      }
    }
  }

  [[nodiscard]] std::uint32_t at(std::size_t i, std::size_t j) const {
    return cells_[i * width_ + j];
  }

 private:
  std::size_t width_;
  std::vector<std::uint32_t> cells_;
};

void diff_middle(const Words& before, const Words& after, std::vector<DiffPart>& parts) {
  if (before.size() * after.size() > kCellsMax) {
    for (const auto word : before) {
      append(parts, DiffPart::Kind::removed, word);
    }
    for (const auto word : after) {
      append(parts, DiffPart::Kind::added, word);
    }
    return;
  }
  const Table table(before, after);
  std::size_t i = 0;
  std::size_t j = 0;
  while (i < before.size() || j < after.size()) {
    if (i < before.size() && j < after.size() && before[i] == after[j]) {
      append(parts, DiffPart::Kind::same, before[i]);
      ++i;
      ++j;
      continue;
    }
    // All that goes between two common words, removed before added.
    std::string added;
    while (!(i < before.size() && j < after.size() && before[i] == after[j]) &&
           (i < before.size() || j < after.size())) {
      if (i < before.size() &&
          (j == after.size() || table.at(i + 1, j) >= table.at(i, j + 1))) {
        append(parts, DiffPart::Kind::removed, before[i++]);
      } else {
        added += after[j++];
      }
    }
    if (!added.empty()) {
      append(parts, DiffPart::Kind::added, added);
    }
  }
}

}  // namespace

std::vector<DiffPart> word_diff(std::string_view before, std::string_view after) {
  const Words old_words = words_of(before);
  const Words new_words = words_of(after);
  const auto [old_end, new_end] = std::ranges::mismatch(old_words, new_words);
  const auto head = old_end - old_words.begin();
  std::ptrdiff_t tail = 0;
  while (tail < std::ssize(old_words) - head && tail < std::ssize(new_words) - head &&
         *(old_words.end() - 1 - tail) == *(new_words.end() - 1 - tail)) {
    ++tail;
  }
  std::vector<DiffPart> parts;
  std::for_each(old_words.begin(), old_end, [&](std::string_view word) {
    append(parts, DiffPart::Kind::same, word);
  });
  diff_middle(Words(old_end, old_words.end() - tail), Words(new_end, new_words.end() - tail),
              parts);
  std::for_each(old_words.end() - tail, old_words.end(), [&](std::string_view word) {
    append(parts, DiffPart::Kind::same, word);
  });
  return parts;
}

WordBag::WordBag(std::string_view text) {
  std::string word;
  const auto end_word = [&] {
    if (!word.empty()) {
      words_.push_back(std::hash<std::string>()(word));
      word.clear();
    }
  };
  for (const char c : fold(text)) {
    const bool letter =
        static_cast<unsigned char>(c) >= 0x80U || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
    if (letter) {
      word += c;
    } else {
      end_word();
    }
  }
  end_word();
  std::ranges::sort(words_);
}

double WordBag::likeness(const WordBag& other) const {
  std::size_t common = 0;
  for (auto a = words_.begin(), b = other.words_.begin();
       a != words_.end() && b != other.words_.end();) {
    if (*a == *b) {
      ++common;
      ++a;
      ++b;
    } else {
      ++(*a < *b ? a : b);
    }
  }
  const std::size_t all = words_.size() + other.words_.size();
  return all == 0 ? 0 : 2.0 * static_cast<double>(common) / static_cast<double>(all);
}

double word_likeness(std::string_view a, std::string_view b) {
  return WordBag(a).likeness(WordBag(b));
}

}  // namespace atalaya::commitments
