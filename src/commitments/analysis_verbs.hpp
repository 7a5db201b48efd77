#pragma once
// The verbs by which commitments are made, in four languages.

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <atalaya/base/text.hpp>
#include <atalaya/commitments/analysis.hpp>

#include "analysis_words.hpp"

namespace atalaya::commitments {

enum class VerbForm {
  base,        // English base form; infinitive in the other languages
  gerund,      // -ing; gerund in es and pt, present participle in fr
  first,       // "we" form where it differs from the base (es, pt, fr)
  third,       // "encourages"
  participle,  // "reported"
};

struct Verb {
  std::string_view lemma;  // English
  VerbType type = VerbType::undertake;
  bool noun_like = false;  // the English base form is also a noun: "support", "work"
  VerbForm form = VerbForm::base;
};

/// `key` is a folded word. Nothing when the lexicon does not know it.
[[nodiscard]] std::optional<Verb> find_verb(std::string_view key, Language language);

/// The same of English words that are a verb only where an item begins: "free", "police", "hire".
[[nodiscard]] std::optional<Verb> find_front_verb(std::string_view key);

/// English, behind "be": "held", "expelled", of all words that find_verb() and find_front_verb()
/// know.
[[nodiscard]] std::optional<Verb> find_participle(std::string_view key);

struct FoundIdiom {
  std::string_view lemma;
  VerbType type = VerbType::undertake;
  std::size_t words = 0;  // behind the verb
};

/// What the verb `lemma` means with the words behind it, from word `at` on: "give", "la
/// bienvenida".
[[nodiscard]] std::optional<FoundIdiom> find_idiom(std::string_view lemma,
                                                   const std::vector<Word>& words, std::size_t at,
                                                   std::size_t last);

/// A verb in the subjunctive of es, pt and fr, for where only one can stand: "Que los Estados
/// adopten …". Elsewhere many of these words are nouns ("informe", "aide").
[[nodiscard]] std::optional<Verb> find_subjunctive(std::string_view key, Language language);

/// A verb that asks others, in the singular of es and pt: "se invita", "solicita-se".
[[nodiscard]] std::optional<Verb> find_asking_singular(std::string_view key, Language language);

/// Whether a word has the ending of an infinitive (es, pt, fr): any such word at the head of a
/// clause is a verb there.
[[nodiscard]] bool looks_infinitive(std::string_view key, Language language) noexcept;

/// The folded infinitive of a verb in the future tense ("construirán", "construirão",
/// "construiront"); empty for other words, and in English.
[[nodiscard]] std::string infinitive_of_future(std::string_view text, const Word& word,
                                               Language language);

}  // namespace atalaya::commitments
