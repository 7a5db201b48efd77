#pragma once
// Recognising a page as another language's version of one that is held.

#include <string>
#include <utility>
#include <vector>

#include <atalaya/commitments/parse.hpp>
#include <atalaya/store/database.hpp>

namespace atalaya::commitments {

/// The same sentence in two languages shares this much (cognate_likeness) in 99 of 100 cases of our
/// own summaries in four languages, two others of them in one of eight.
inline constexpr double kTranslatedLikenessMin = 0.12;

struct TwinItem {
  std::string commitment, text;
  std::int32_t level = 1;
  std::string meeting;
};

/// An item beside the one of the other page that it seems to be, or that has its place, but that
/// was not joined with it.
struct OddItem {
  std::size_t item = 0;
  std::string commitment, text;
};

struct Twin {
  std::string source, file_name;         // empty when there is none
  std::vector<std::string> commitments;  // one per item; empty where none is joined
  std::vector<std::string> texts;        // beside `commitments`, in the language of that page
  std::vector<OddItem> odd = {};
  std::vector<TwinItem> missing = {};    // of the other page, neither joined nor odd
  std::vector<std::size_t> alone = {};   // items that nothing of the other page is beside
  double likeness = 0, likeness_of_others = 0;
};

/// A page of the same command that is not in the store yet.
struct TwinCandidate {
  std::string source, file_name;
  Language language = Language::en;
  DocumentKind kind = DocumentKind::unknown;
  std::string shape;
  std::vector<TwinItem> items;
};

/// A page, held or earlier in the command, of the same kind in another language, most of whose items
/// agree in wording (numbers, names, cognates), level and meeting with the document's in the same
/// order, clearly better than the other items around them. Items may be missing on either side
/// and a few may have changed places or words: those are not joined. `by_place`: the page must have
/// the same levels and meetings in the same order, and gives one commitment per place, whatever the
/// words there; for newer versions of pages that were joined.
[[nodiscard]] Result<Twin> find_twin(store::Transaction& tx, const ParsedDocument& document,
                                     bool by_place, const std::vector<TwinCandidate>& earlier);

/// Equal for two documents whose items have the same levels and meetings in the same order.
[[nodiscard]] std::string shape_of(const ParsedDocument& document);

/// Likeness of two texts in different Romance or English languages, 0…1: shared numbers, acronyms,
/// notions of a short list and five-letter word beginnings. Exposed for tests.
[[nodiscard]] double cognate_likeness(std::string_view a, std::string_view b);

}  // namespace atalaya::commitments
