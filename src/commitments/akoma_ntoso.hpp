#pragma once
// Akoma Ntoso 1.0 (OASIS, Akoma Ntoso XML vocabulary 3.0 and its Naming Convention 1.0).
// An export format only: nothing is read back from it.

#include <string>
#include <vector>

#include <atalaya/commitments/desk.hpp>

namespace atalaya::commitments {

/// `apart` ends the work's address where another page of the same heading and day has it already.
struct AknSource {
  SourceDetail detail;
  std::string apart = {};
};

/// The last part of the work's address, from the page's heading.
[[nodiscard]] std::string akn_name(const SourceView& source);
/// The whole of it, without what tells it apart.
[[nodiscard]] std::string akn_work(const Catalogue& catalogue, const SourceDetail& source);

/// One source document: a statement for a whole adopted text, a doc for a thematic extract. The
/// jurisdiction is "oas", our own choice after the United Nations' "un".
[[nodiscard]] std::string akn_document(const Catalogue& catalogue, const AknSource& source);

/// All of them as the components of one documentCollection.
[[nodiscard]] std::string akn_collection(const Catalogue& catalogue,
                                         const std::vector<AknSource>& sources);

}  // namespace atalaya::commitments
