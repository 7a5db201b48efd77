#pragma once
// Whom some words of a text name as the one who is to act.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <atalaya/commitments/analysis.hpp>

#include "analysis_words.hpp"

namespace atalaya::commitments {

struct Addressed {
  AddresseeKind kind = AddresseeKind::states;
  std::string id;         // institution of the catalogue: for organ and states_and_organ
  std::size_t first = 0;  // words [first, last) that name the addressee, without those who only
  std::size_t last = 0;   // support, cooperate, are consulted or are passed through
  std::size_t name = 0;   // the word where the name of the first of them begins
};

enum class Named : std::uint8_t {
  subject,  // before a verb: "The Council, with the help of the Office, shall"
  object,   // behind one: "request the Council, through its Office, to"
};

/// Of words [first, last) those that name somebody themselves. Only the words are set, and empty
/// ([last, last)) where all of them are about others.
[[nodiscard]] Addressed own_words(std::string_view text, const std::vector<Word>& words,
                                  std::size_t first, std::size_t last, Named named);

/// Nothing where words [first, last) name nobody known. Whoever is named first is addressed; States
/// and an institution side by side both are.
[[nodiscard]] std::optional<Addressed> addressed_in(std::string_view text,
                                                    const std::vector<Word>& words,
                                                    std::size_t first, std::size_t last,
                                                    Named named, const Recogniser* recogniser);

/// Whom words [first, last), the subject of a clause, name as the one who is to act: the parties, a
/// body of the catalogue, or an `unnamed_body` of which the words are all that is known, as single
/// states are. Nothing where they name nobody who acts: "these measures", "it", "victims".
[[nodiscard]] std::optional<Addressed> actor_in(std::string_view text,
                                                const std::vector<Word>& words, std::size_t first,
                                                std::size_t last, Language language,
                                                const Recogniser* recogniser);

/// Whether the words behind the last comma before `verb` are the subject of an English sentence
/// that begins at `first`: "To reduce crime, private banks shall …".
[[nodiscard]] bool opens_main_clause(std::string_view text, const std::vector<Word>& words,
                                     std::size_t first, std::size_t verb);

/// Whether the word `at`, "States", is part of one country's name: "the United States".
[[nodiscard]] bool is_united(const std::vector<Word>& words, std::size_t at);

/// Whether words [first, last) name somebody who can act, known or not; as an object only by a name
/// or a word for a body, since things are promoted there, too.
[[nodiscard]] bool names_somebody(std::string_view text, const std::vector<Word>& words,
                                  std::size_t first, std::size_t last, Language language,
                                  Named named);

/// Whether an addressee as printed names States, or those who act for them, beside others: "OAS
/// member states and the Secretariat", but not "the Organization of American States".
[[nodiscard]] bool names_states(std::string_view printed);

}  // namespace atalaya::commitments
