#pragma once
// What the texts beside the commitments name: recitals, guidance, and each document as a whole with
// its notes and lists. Private to the module.

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <atalaya/commitments/analysis.hpp>
#include <atalaya/commitments/desk.hpp>

namespace atalaya::commitments::detail {

/// One text that is held: a row of `paragraphs`, or with an empty role a document as a whole.
struct HeldText {
  std::string_view role;
  std::int32_t ordinal = 0, line = 0;  // `line`: of its first line
  bool whole = false;                  // its lines are the document's, so that mentions have theirs
  std::string_view text;
};

/// Adds the rows of `source_links` of one text of document `source`.
void add_source_links(const std::string& source, const HeldText& held,
                      const Recogniser& recogniser, std::vector<store::Parameters>& rows);

[[nodiscard]] Result<void> insert_source_links(store::Transaction& tx,
                                               std::span<const store::Parameters> rows);

/// Makes the links of all documents anew when the catalogue's names or the rules changed since they
/// were made; else one look at the settings.
[[nodiscard]] Result<void> sync_source_links(const DeskParts& parts);

}  // namespace atalaya::commitments::detail
