#pragma once
// Words of a text, as the search index, the highlighter and the ranking of antecedents compare
// them: without case, accents and inflection. All functions are pure and may be called by any
// thread; a thread that calls them remembers up to 20,000 words a language (4 MB).

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include <atalaya/base/text.hpp>

namespace atalaya::text {

/// Longest folded word that is kept, in bytes; the rest of a longer one is ignored.
inline constexpr std::size_t kWordBytesMax = 64;

/// One word. Two words are "the same" when their sets {stem, alternative} meet: `stem` comes from
/// the word as written (accents help the stemmer), `alternative` from the word without accents,
/// as people type it. Source: Snowball's stemmers, and the rules on top of stem.cpp.
struct Token {
  std::string word;         // folded, not stemmed
  std::string stem;         // folded stem
  std::string alternative;  // stem of the folded word; empty where it equals `stem`
  std::size_t begin = 0;    // bytes of the text that was given: [begin, end), on character bounds
  std::size_t end = 0;
  bool stop = false;  // a function word (de, la, the): no help in telling two texts apart
  std::string accented = {};  // lower case, with its accents; empty where it has none
};

/// The words of `text` in their order, function words included. A word is a run of letters,
/// digits and their marks, so that "l'arme" and "anti-drug" are two words each. Bytes that are not
/// UTF-8 separate words. O(bytes).
[[nodiscard]] std::vector<Token> tokenize_stemmed(std::string_view text, Language language);

/// The folded stem of one word, as in Token::stem. "Convenções" and "convenção" give the same.
[[nodiscard]] std::string stem_word(std::string_view word, Language language);

/// True for function words; `word` may be written in any case, with or without accents.
[[nodiscard]] bool is_stop_word(std::string_view word, Language language);

}  // namespace atalaya::text
