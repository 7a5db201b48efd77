#pragma once
// What an import writes: rows and leaves are made beside each other, ahead of the transaction.
// Private to the module.

#include <span>
#include <string>
#include <vector>

#include <atalaya/commitments/analysis.hpp>
#include <atalaya/commitments/import.hpp>

#include "row_digest.hpp"

namespace atalaya::commitments {

/// One version after another of the same page in the same language.
[[nodiscard]] std::string page_key(const ParsedDocument& document);
/// Empty where it was not recognised.
[[nodiscard]] std::string language_of(const ParsedDocument& document);
[[nodiscard]] std::string meeting_of(const ParsedItem& item);

/// An item whose words are other than those that the page held before.
struct Reworded {
  std::string commitment, language, standing, text;
  std::vector<store::Parameters> clauses, dues;  // as the rules read the new words
};

struct Batch {
  explicit Batch(const store::Database& database) : record(database) {}

  std::vector<store::Parameters> commitments, texts, appearances, links, themed, clauses, dues;
  std::vector<store::Parameters> paragraphs, statements, states, treaties, source_links;
  std::vector<store::Parameters> recount;    // ids whose rows were there before
  std::vector<store::Parameters> new_words;  // rows of ids that are other words of a commitment
  std::vector<Reworded> reworded;
  std::vector<ledger::Event> leaves;
  std::vector<std::string> changed;
  detail::RowRecord record;
  store::Blob bytes;  // of the document, packed
};

/// Rows of recorded_table("clauses") and ("dues").
struct ReadRows {
  std::vector<store::Parameters> clauses, dues;
};

/// What the rules read in one item of a document that is held, below the texts that govern it, the
/// nearest first; `language` is empty where the document's was not recognised.
[[nodiscard]] ReadRows read_item(const std::string& id, const ParsedItem& item,
                                 const std::string& language, std::span<const GoverningText> above,
                                 const Recogniser& recogniser);

/// The rows of a file with these bytes. Reads nothing of the store.
void add_items(const FilePlan& plan, std::string_view bytes, const Catalogue& catalogue,
               const Recogniser& recogniser, Batch& batch);

/// Writes one file of `size` bytes with its leaves; `batch` is what add_items() made of it.
[[nodiscard]] Result<void> write_file(store::Transaction& tx, const DeskParts& parts,
                                      const FilePlan& plan, std::size_t size,
                                      const ImportOptions& options, const Batch& batch);

}  // namespace atalaya::commitments
