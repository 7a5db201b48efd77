#pragma once
// What differs between two wordings, word by word. Pure, any thread.

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace atalaya::commitments {

struct DiffPart {
  enum class Kind { same, removed, added } kind = Kind::same;
  std::string text;
};

/// The parts of both texts in reading order, of what was removed before what was added in its
/// place. Joining the same and the removed parts gives `before` byte for byte, the same and the
/// added ones `after`. A word goes with the blanks after it; words that differ in blanks alone are
/// different. As few words as possible are marked, up to some 2000 words; longer middles are
/// answered as replaced as a whole.
[[nodiscard]] std::vector<DiffPart> word_diff(std::string_view before, std::string_view after);

/// The words of a text, for comparing it with many others.
class WordBag {
 public:
  explicit WordBag(std::string_view text);
  /// As word_likeness() of the two texts.
  [[nodiscard]] double likeness(const WordBag& other) const;

 private:
  std::vector<std::size_t> words_;  // hashes, in ascending order
};

/// How much of two texts is the same, 0…1: twice the words in common, in any order, over all words;
/// accents, case and punctuation do not count.
[[nodiscard]] double word_likeness(std::string_view a, std::string_view b);

}  // namespace atalaya::commitments
