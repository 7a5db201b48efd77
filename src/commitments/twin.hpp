#pragma once
// Recognising a page as another language's version of one that is held.

#include <string>
#include <utility>
#include <vector>

#include <atalaya/commitments/parse.hpp>
#include <atalaya/store/database.hpp>

namespace atalaya::commitments {

struct Twin {
  std::string source, file_name;         // empty when there is none
  std::vector<std::string> commitments;  // one per item, in the order of the items
  std::vector<std::string> texts;        // beside `commitments`, in the language of that page
  double likeness = 0, likeness_shifted = 0;
};

/// A page of the same command that is not in the store yet.
struct TwinCandidate {
  std::string source, file_name;
  Language language = Language::en;
  DocumentKind kind = DocumentKind::unknown;
  std::string shape;
  std::vector<std::pair<std::string, std::string>> items;  // commitment, text
};

/// A page, held or earlier in the command, of the same kind in another language whose items have
/// the same levels and the same meetings in the same order, and whose wording agrees item by item
/// (numbers, names, cognates) clearly better than when shifted. Without that agreement pages of the
/// same length would join.
[[nodiscard]] Result<Twin> find_twin(store::Transaction& tx, const ParsedDocument& document,
                                     const std::vector<TwinCandidate>& earlier);

/// Equal for two documents whose items have the same levels and meetings in the same order.
[[nodiscard]] std::string shape_of(const ParsedDocument& document);

/// Likeness of two texts in different Romance or English languages, 0…1: shared numbers, acronyms
/// and five-letter word beginnings. Exposed for tests.
[[nodiscard]] double cognate_likeness(std::string_view a, std::string_view b);

}  // namespace atalaya::commitments
