#pragma once
// Where the clauses of a segment begin, and by which verb.

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include <atalaya/commitments/analysis.hpp>

#include "analysis_parts.hpp"
#include "analysis_words.hpp"

namespace atalaya::commitments {

enum class HeadForm { imperative, infinitive, gerund, finite, dependent, nominal };

struct Head {
  std::size_t first = 0;    // word where the clause begins
  std::size_t subject = 0;  // word where its subject may begin: behind "If a State so requests, "
  std::size_t verb = 0;   // word of the verb; == verb_end when there is none
  std::size_t verb_end = 0;
  HeadForm form = HeadForm::imperative;
  VerbType type = VerbType::undertake;
  std::string lemma;
  bool continues = false;  // its verb's force comes from the clause before
};

/// At least one; in order. A nominal head has no verb.
[[nodiscard]] std::vector<Head> heads_of(std::string_view text, const std::vector<Word>& words,
                                         const Segment& segment, Language language);

}  // namespace atalaya::commitments
