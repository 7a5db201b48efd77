#pragma once
// Words of a text with their places, in the spelling in which they are compared.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace atalaya::commitments {

struct Word {
  std::uint32_t begin = 0;  // bytes, [begin, end)
  std::uint32_t end = 0;
  std::string key;       // folded, canonical spelling; digits stay digits
  bool capital = false;  // begins with an upper-case letter
  bool upper = false;    // has two letters or more, all of them upper-case
};

/// One spelling for what the documents write in several ways: "organised" is "organized",
/// "defence" "defense", "programmes" "programs".
[[nodiscard]] std::string canonical_word(std::string folded);

/// The words of `text`: runs of letters and digits. A prefix that documents glue, hyphenate or set
/// apart is joined with its word ("Inter-American", "InterAmerican", "Inter American" are one), and
/// a Portuguese verb with the ending behind its pronoun ("abster-se-ão" is "absterao").
[[nodiscard]] std::vector<Word> words_of(std::string_view text);

/// The same without joining prefixes: for acronyms, letter for letter.
[[nodiscard]] std::vector<Word> bare_words_of(std::string_view text);

/// words_of(), of the bare words of `text`.
[[nodiscard]] std::vector<Word> words_of(std::string_view text, std::vector<Word> bare);

}  // namespace atalaya::commitments
