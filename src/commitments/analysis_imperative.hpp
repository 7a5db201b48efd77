#pragma once
// English imperatives that the lexicon of verbs does not know, by their place and form.

#include <cstddef>
#include <optional>
#include <string_view>
#include <vector>

#include "analysis_parts.hpp"
#include "analysis_verbs.hpp"
#include "analysis_words.hpp"

namespace atalaya::commitments {

/// Whether the word can be a bare verb where only a verb can stand: after "to", "do not", "never".
[[nodiscard]] bool may_be_bare_verb(const Word& word);

/// What the word at `at`, with which a segment begins, commands whatever follows: it is a verb and
/// no noun ("refrain"), or what stands behind it is its object ("hire 100 judges").
[[nodiscard]] std::optional<Verb> plain_imperative(std::string_view text,
                                                   const std::vector<Word>& words,
                                                   const Segment& segment, std::size_t at);

/// The same for a text that would have no verb otherwise: "Ban synthetic drugs." Words with the
/// ending of a noun or an adjective, and the nouns with which headings begin, are none.
[[nodiscard]] std::optional<Verb> only_imperative(std::string_view text,
                                                  const std::vector<Word>& words,
                                                  const Segment& segment, std::size_t at);

}  // namespace atalaya::commitments
