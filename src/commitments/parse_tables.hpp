#pragma once
// Plans of action that are tables: number, commitment, who is responsible, until when. Private to
// the module.

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include <atalaya/commitments/analysis.hpp>
#include <atalaya/commitments/lead_in.hpp>
#include <atalaya/commitments/parse.hpp>
#include <atalaya/files/read.hpp>

namespace atalaya::commitments {

/// What the heading of a column says that its cells are, in four languages.
enum class Column { number, commitment, who, when, other };
[[nodiscard]] Column column_of(std::string_view heading);

/// A document whose plans are written out as lists: each row is a line with its number and its
/// commitment, and one with its other cells ("| Responsable: Brasil | Plazo: 2026 ||").
struct WrittenOut {
  files::TextDocument document;
  std::vector<std::size_t> headings;  // lines of it that are the headings of a plan's columns
  std::vector<std::size_t> rows;      // lines of it that are the other cells of an item
  std::vector<Warning> warnings;
};

/// Every word of the document is in it. Tables that have no column of commitments stay as they are;
/// of those that look like plans and cannot be read a warning names the columns.
[[nodiscard]] WrittenOut write_out_tables(const files::TextDocument& document);

/// The other cells of the rows that items are, each governing its item alone. `lines` and `items`
/// as of leads_of().
[[nodiscard]] std::vector<LeadIn> rows_of(std::span<const std::string> lines,
                                          std::span<const ParsedItem> items);

/// Analyses an item below the texts that govern it. Where these begin with the other cells of its
/// row, what the item does not say itself is read there: whom it asks, in the column of those
/// responsible, and its date, in that of deadlines.
[[nodiscard]] Analysis analyse_below(std::string_view text, AnalysisContext context);

}  // namespace atalaya::commitments
