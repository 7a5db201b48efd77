#pragma once
// The words of clauses and dates in the language in which a page is read.

#include <atalaya/commitments/catalogue.hpp>
#include <atalaya/commitments/desk.hpp>

namespace atalaya::commitments {

/// `view`, whose clauses and dates quote its official text in `language` where that is held and
/// rules read the same clauses and dates in it. What they ask, of whom and by when stays as it is;
/// so does everything where a person has set a clause. Pure; costs reading the text once.
[[nodiscard]] CommitmentView quoted_in(CommitmentView view, Language language,
                                       const Catalogue& catalogue);

}  // namespace atalaya::commitments
