#pragma once
// Akoma Ntoso 1.0 (OASIS, Akoma Ntoso XML vocabulary 3.0 and its Naming Convention 1.0).
// An export format only: nothing is read back from it.

#include <string>
#include <vector>

#include <atalaya/commitments/desk.hpp>

namespace atalaya::commitments {

/// What all versions of a page share, in all languages.
struct AknWork {
  std::string uri;            // "/akn/oas/doc/2022-06-10/democracy"
  std::string date, date_of;  // an ISO day; adoption | youngest_text | import
  std::string author;         // an institution of the catalogue, or "unknown"
};

/// One expression of a work.
struct AknSource {
  SourceDetail detail;
  AknWork work;
};

/// The last part of the work's address, from the page's heading.
[[nodiscard]] std::string akn_name(const SourceView& source);
/// The work whose first held expression this is, without what tells it apart from another one of
/// the same heading and day.
[[nodiscard]] AknWork akn_work(const Catalogue& catalogue, const SourceDetail& first);

/// One source document: a statement for a whole adopted text, a doc for a thematic extract. The
/// jurisdiction is "oas", our own choice after the United Nations' "un".
[[nodiscard]] std::string akn_document(const Catalogue& catalogue, const AknSource& source);

/// All of them, as the components beside one documentCollection that refers to them: so each may
/// carry the ids of its commitments, which the schema wants once in a document.
[[nodiscard]] std::string akn_collection(const Catalogue& catalogue,
                                         const std::vector<AknSource>& sources);

}  // namespace atalaya::commitments
