#pragma once
// Akoma Ntoso 1.0 (OASIS, Akoma Ntoso XML vocabulary 3.0 and its Naming Convention 1.0).
// An export format only: nothing is read back from it.

#include <string>
#include <vector>

#include <atalaya/commitments/desk.hpp>

namespace atalaya::commitments {

/// One source document: a statement for a whole adopted text, a doc for a thematic extract. The
/// jurisdiction is "oas", our own choice after the United Nations' "un".
[[nodiscard]] std::string akn_document(const Catalogue& catalogue, const SourceDetail& source);

/// All of them as the components of one documentCollection.
[[nodiscard]] std::string akn_collection(const Catalogue& catalogue,
                                         const std::vector<SourceDetail>& sources);

}  // namespace atalaya::commitments
