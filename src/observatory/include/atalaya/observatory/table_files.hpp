#pragma once
// Tables as files to take away: a workbook and a Frictionless Data Package, each with a data
// dictionary. Pure; any thread.
// Source: Data Package and Table Schema specifications 1.0 (specs.frictionlessdata.io).

#include <string>
#include <string_view>
#include <vector>

#include <atalaya/observatory/desk.hpp>

namespace atalaya::observatory {

/// One column of a table's CSV, or one code of a column.
struct DictionaryRow {
  std::string table, column, type, meaning, code, name;
};

/// Every column of table_csv() in its order, and every code that the table uses.
[[nodiscard]] std::vector<DictionaryRow> data_dictionary(const Table& table, std::string_view title,
                                                         const Territories& territories,
                                                         Language language);

struct NamedTable {
  std::string name;   // of the sheet and file: "homicide_rate-1"
  std::string title;  // in words
  Table table;
};

struct TableFiles {
  std::string name;   // of the package: lower case, digits, - and _ .
  std::string title, address, licence;
  std::string released_at;
  std::vector<std::pair<std::string, std::string>> sources;  // title, address (may be empty)
  std::vector<NamedTable> tables;
};

/// A sheet a table, then the dictionary and where all of it comes from. Fails as
/// files::write_workbook() does.
[[nodiscard]] Result<std::string> tables_xlsx(const TableFiles& files,
                                              const Territories& territories, Language language);
/// A zip with datapackage.json, a CSV a table, and dictionary.csv.
[[nodiscard]] Result<std::string> data_package(const TableFiles& files,
                                               const Territories& territories, Language language);

}  // namespace atalaya::observatory
