#pragma once
// What the words of a text are as verbs, in their forms: commands, infinitives, negations, what is
// to be done in the future. Private to the module.

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "analysis_verbs.hpp"
#include "analysis_words.hpp"

namespace atalaya::commitments {

class VerbReader {
 public:
  VerbReader(std::string_view text, const std::vector<Word>& words, Language language)
      : text_(text), words_(words), language_(language) {}

  /// The word, or nothing after the last one: looking ahead needs no bounds of its own.
  [[nodiscard]] const std::string& key(std::size_t i) const;
  [[nodiscard]] std::optional<Verb> verb_at(std::size_t i) const;
  /// Whether the word is printed with an accent: "pôr" is no "por".
  [[nodiscard]] bool is_accented(std::size_t i) const;
  /// A verb in the form of a command or infinitive at word `i`.
  [[nodiscard]] std::optional<Verb> base_at(std::size_t i) const;
  /// What the lexicon knows, or any word that may be a verb: for where nothing else can stand.
  [[nodiscard]] std::optional<Verb> bare_at(std::size_t i) const;
  [[nodiscard]] bool is_adverb(std::size_t at) const;
  /// English: "shall"; the "that" before a clause; "that shall", "which shall".
  [[nodiscard]] bool is_modal(std::size_t i) const;
  [[nodiscard]] bool subordinates(std::size_t i) const;
  [[nodiscard]] bool relative_before(std::size_t first, std::size_t modal) const;
  /// Whether the verb at `i` belongs to "que …", "qui …", "that …".
  [[nodiscard]] bool said_in_passing(std::size_t first, std::size_t i) const;
  /// What stands before the main clause: "In 2028, …", "With the help of …".
  [[nodiscard]] bool opens_lead_in(std::size_t at) const;
  /// The same with a subject and a verb of its own: "Unless States agree otherwise, …".
  [[nodiscard]] bool opens_condition(std::size_t at) const;
  /// The first word from `at` on that stands behind a comma; `last` where none does.
  [[nodiscard]] std::size_t next_comma(std::size_t at, std::size_t last) const;
  /// "s’engager", "se féliciter", "nous nous félicitons": at the pronoun right before the verb.
  [[nodiscard]] bool is_reflexive(std::size_t at) const;
  /// The word after "not", "do not", "no longer", "ne plus" where a verb follows; else `at`.
  [[nodiscard]] std::size_t skip_negation(std::size_t at) const;

  /// "No State shall …", "Ningún Estado …", "En ningún caso los Estados …": of words [first, verb),
  /// a subject, the one that says that nobody is to do it, or never.
  [[nodiscard]] std::optional<std::size_t> nobody_in(std::size_t first, std::size_t verb) const;
  /// The "not" before the verb at `at`, in es, pt and fr, where no more than a pronoun stands
  /// between.
  [[nodiscard]] std::optional<std::size_t> not_before(std::size_t first, std::size_t at) const;
  /// Of a subject that nobody_in() found at `nobody`: "Nothing in this Declaration shall oblige …"
  /// says what the text does not do, and asks for nothing.
  [[nodiscard]] bool is_disclaimer(std::size_t nobody, std::size_t verb) const;
  /// "No later than 2030", "not less than once a year", "o mais tardar": a limit, no negation.
  [[nodiscard]] bool opens_limit(std::size_t at) const;
  /// Behind "ne utilise", "ne utilise pas": "que", "seulement". Then it is to be done.
  [[nodiscard]] bool is_only(std::size_t at) const;

  struct Future {
    std::size_t verb = 0;  // the word that says what is to be done
    Verb what;
    bool negated = false;
  };

  /// "construirán", "construiront", "deben construir": what is a modal and a verb in English.
  [[nodiscard]] std::optional<Future> future_at(std::size_t i, std::size_t last) const;

  struct Asked {
    std::size_t end = 0;  // behind the participle
    Verb what;
  };

  /// "is requested", "están invitados", "est chargé": at the form of "be", of verbs that ask
  /// others.
  [[nodiscard]] std::optional<Asked> asked_at(std::size_t i, std::size_t last) const;
  /// "se invita", "solicita-se", "se les solicita" (es, pt): the word that asks.
  [[nodiscard]] std::optional<std::size_t> impersonal_at(std::size_t i, std::size_t last) const;
  /// "that States adopt", "que los Estados adopten": what is wished, between word `i`, the "that",
  /// and `last`.
  [[nodiscard]] std::optional<Future> wished_at(std::size_t i, std::size_t last) const;

  /// "host", "responsable", "sede": behind "will be" they say what the subject does.
  [[nodiscard]] bool is_role(std::size_t i) const;

  struct AfterModal {
    std::size_t verb = 0;
    bool negated = false;  // "not", "no longer", "under no circumstances" stand between
  };

  /// English: on from the modal to its verb, over adverbs, negations, limits of time and, where
  /// the clause opens with a denial or "not only" (`turned`), the subject: "nor shall States …".
  [[nodiscard]] AfterModal after_modal(std::size_t modal, bool turned, std::size_t last) const;

  /// Behind "…, as appropriate, and without delay, …": the word after the comma that closes what
  /// begins at `at` after a comma; `at` where nothing does.
  [[nodiscard]] std::size_t after_insertion(std::size_t at, std::size_t last) const;

 protected:
  std::string_view text_;
  const std::vector<Word>& words_;
  Language language_;

 private:
  [[nodiscard]] bool is_future(std::size_t i) const;
  /// Behind "shall" and its subject, where the subject stands behind it; else behind "shall".
  [[nodiscard]] std::size_t behind_subject(std::size_t modal, std::size_t last) const;
  /// The verb behind a limit that no commas set apart; `at` where none is known.
  [[nodiscard]] std::size_t after_limit(std::size_t at, std::size_t last) const;
  /// On from a modal to its verb, over adverbs, pronouns and negations; whether one negates.
  [[nodiscard]] bool skip_between(std::size_t& at, std::size_t last) const;
  /// "protegidos", "protegidas", "protégés"; nothing where the lexicon does not know the verb.
  [[nodiscard]] std::optional<Verb> participle_at(std::size_t at) const;
};

}  // namespace atalaya::commitments
