#pragma once
// Where the cells of a page's tables stand, from its tags. Private to the module.

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include <atalaya/files/read.hpp>

namespace atalaya::files {

/// Told of every tag of a table when all text before it is written; adds to the document's cells.
class HtmlTables {
 public:
  explicit HtmlTables(TextDocument& document) : document_(&document) {}

  /// `columns` and `rows` are what a cell spans.
  void start(std::string_view tag, std::int32_t columns, std::int32_t rows);
  void end(std::string_view tag);

 private:
  struct Table {
    std::int32_t number = 0;
    std::int32_t row = 0;
    std::int32_t column = 0;            // the last one of the last cell
    std::optional<std::size_t> cell{};  // that is open
    std::vector<std::int32_t> until{};  // by column, the last row that a cell above covers
  };

  void open_cell(Table& table, std::int32_t columns, std::int32_t rows);
  void close_cell();

  TextDocument* document_;
  std::vector<Table> open_;
  std::int32_t met_ = 0;
};

}  // namespace atalaya::files
