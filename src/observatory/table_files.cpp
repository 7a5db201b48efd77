#include <atalaya/observatory/table_files.hpp>

#include <algorithm>
#include <charconv>
#include <set>

#include <fmt/format.h>

#include <atalaya/base/csv.hpp>
#include <atalaya/base/text.hpp>
#include <atalaya/figures/locale.hpp>
#include <atalaya/figures/messages.hpp>
#include <atalaya/files/write.hpp>

namespace atalaya::observatory {
namespace {

using Line = std::vector<std::string>;

// The rows of our own CSV: fields by RFC 4180, lines that end in \n.
std::vector<Line> lines_of(std::string_view csv) {
  std::vector<Line> out;
  Line line;
  std::string field;
  bool quoted = false;
  for (std::size_t i = 0; i < csv.size(); ++i) {
    const char c = csv[i];
    if (quoted) {
      if (c == '"' && i + 1 < csv.size() && csv[i + 1] == '"') {
        field += c;
        ++i;
      } else if (c == '"') {
        quoted = false;
      } else {
        field += c;
      }
    } else if (c == '"') {
      quoted = true;
    } else if (c == ',' || c == '\n') {
      line.push_back(std::move(field));
      field.clear();
      if (c == '\n') {
        out.push_back(std::move(line));
        line.clear();
      }
    } else {
      field += c;
    }
  }
  return out;
}

std::optional<double> number_of(const std::string& text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return !text.empty() && error == std::errc() && end == text.data() + text.size()
             ? std::optional(value)
             : std::nullopt;
}

std::string code_label(std::string_view dimension, const std::string& code,
                       const Territories& territories, Language language) {
  if (code == kTotal) {
    return figures::Messages::embedded().text(language, "figure.all");
  }
  return dimension == "territory" ? territories.name(code, language)
         : dimension == "source"  ? code
                                  : territories.lists().label(dimension, code, language);
}

// The rating of its data stands beside every figure that has one.
CsvColumns file_columns(const Table& table) {
  return {.quality = !table.quality.empty()};
}

bool is_dimension(const Table& table, std::string_view column) {
  return std::ranges::any_of(table.by, [&](const auto& d) { return d.name == column; });
}

// Words are texts; whatever else there is beside the dimensions is a number.
bool is_text_column(const Table& table, std::string_view column) {
  static constexpr std::string_view kWords[] = {
      "status",         "rating", "interval", "adjusted_status", "rating_letter",
      "quality_rating", "notes",  "note",     "months_sent"};
  return is_dimension(table, column) ||
         std::ranges::find(kWords, column) != std::ranges::end(kWords) ||
         column.ends_with("_status") || column.ends_with("_name");
}

std::string column_meaning(const Table& table, const std::string& column, Language language) {
  const auto& messages = figures::Messages::embedded();
  const std::string key = "table.column." + column;
  std::string text = messages.has(language, key) ? messages.text(language, key) : column;
  if (column == "rate" || column == "rate_low" || column == "rate_high") {
    text += fmt::format(" (× {})", figures::number(language, table.indicator->scale));
  }
  return text;
}

std::string dictionary_csv(const std::vector<DictionaryRow>& rows) {
  std::string out = "table,column,type,meaning,code,name\n";
  for (const auto& row : rows) {
    out += fmt::format("{},{},{},{},{},{}\n", csv_field(row.table), csv_field(row.column), row.type,
                       csv_field(row.meaning), csv_field(row.code), csv_field(row.name));
  }
  return out;
}

json::object field_json(const DictionaryRow& row) {
  json::object out{{"name", row.column}, {"type", row.type}, {"title", row.meaning}};
  if (row.type == "number") {
    out["bareNumber"] = true;
  }
  return out;
}

json::object resource_json(std::string_view name, std::string_view title, std::string_view csv,
                           json::array fields) {
  return {
      {"name", name},
      {"path", std::string(name) + ".csv"},
      {"title", title},
      {"profile", "tabular-data-resource"},
      {"format", "csv"},
      {"mediatype", "text/csv"},
      {"encoding", "utf-8"},
      {"bytes", csv.size()},
      {"hash", "sha256:" + to_hex(sha256(csv))},
      {"schema", json::object{{"fields", std::move(fields)}, {"missingValues", json::array{""}}}}};
}

json::array dictionary_fields() {
  json::array out;
  for (const char* name : {"table", "column", "type", "meaning", "code", "name"}) {
    out.push_back(json::object{{"name", name}, {"type", "string"}});
  }
  return out;
}

json::object package_json(const TableFiles& files, json::array resources) {
  json::array sources;
  for (const auto& [title, address] : files.sources) {
    json::object source{{"title", title}};
    if (!address.empty()) {
      source["path"] = address;
    }
    sources.push_back(std::move(source));
  }
  json::object out{{"profile", "tabular-data-package"},
                   {"name", files.name},
                   {"title", files.title},
                   {"created", files.released_at}};
  if (!files.address.empty()) {
    out["homepage"] = files.address;
  }
  if (!sources.empty()) {
    out["sources"] = std::move(sources);
  }
  out["resources"] = std::move(resources);
  return out;
}

}  // namespace

std::vector<DictionaryRow> data_dictionary(const Table& table, std::string_view title,
                                           const Territories& territories, Language language) {
  // A cell with two bounds makes a column, and so does one of a part of its period.
  Table first = table;
  const auto partly =
      std::ranges::find_if(table.cells, [](const Cell& cell) { return !cell.sent.empty(); });
  std::erase_if(first.cells, [](const Cell& cell) { return !cell.count_high; });
  first.cells.resize(std::min<std::size_t>(first.cells.size(), 1));
  if (partly != table.cells.end()) {
    first.cells.resize(1, *partly);
    first.cells.front().sent = partly->sent;
  }
  const auto header = lines_of(table_csv(first, territories, language, file_columns(table)));
  std::vector<DictionaryRow> out;
  for (const std::string& column : header.empty() ? Line() : header.front()) {
    const bool text = is_text_column(table, column);
    std::string meaning = column_meaning(table, column, language);
    if (const auto* list = territories.lists().find(column)) {
      meaning = list->name().in(language);
    }
    out.push_back({std::string(title), column, text ? "string" : "number", meaning, "", ""});
    for (std::size_t place = 0; place < table.by.size(); ++place) {
      if (table.by[place].name != column) {
        continue;
      }
      std::set<std::string> codes;
      for (const auto& cell : table.cells) {
        codes.insert(cell.codes[place]);
      }
      for (const auto& code : codes) {
        out.push_back({std::string(title), column, "code", meaning, code,
                       code_label(column, code, territories, language)});
      }
    }
    if (column == "status") {
      std::set<CellStatus> used;
      for (const auto& cell : table.cells) {
        used.insert(cell.status);
      }
      for (const auto status : used) {
        const std::string name(to_string(status));
        out.push_back({std::string(title), column, "code", meaning, name,
                       figures::Messages::embedded().text(language, "cell_status." + name)});
      }
    }
  }
  return out;
}

Result<std::string> tables_xlsx(const TableFiles& files, const Territories& territories,
                                Language language) {
  const auto& messages = figures::Messages::embedded();
  std::vector<files::WriteSheet> sheets;
  files::WriteSheet dictionary;
  dictionary.name = messages.text(language, "table.dictionary");
  dictionary.header = {"table", "column", "type", "meaning", "code", "name"};
  for (const auto& named : files.tables) {
    files::WriteSheet sheet;
    sheet.name = named.name;
    auto lines = lines_of(table_csv(named.table, territories, language, file_columns(named.table)));
    for (std::size_t i = 0; i < lines.size(); ++i) {
      if (i == 0) {
        sheet.header = std::move(lines[0]);
        continue;
      }
      std::vector<files::SheetCell> row;
      for (std::size_t c = 0; c < lines[i].size(); ++c) {
        const bool text = is_text_column(named.table, sheet.header[c]);
        const auto number = text ? std::nullopt : number_of(lines[i][c]);
        row.push_back(number ? files::SheetCell(*number) : files::SheetCell(lines[i][c]));
      }
      sheet.rows.push_back(std::move(row));
    }
    sheets.push_back(std::move(sheet));
    for (auto& row : data_dictionary(named.table, named.name, territories, language)) {
      dictionary.rows.push_back({row.table, row.column, row.type, row.meaning, row.code, row.name});
    }
  }
  sheets.push_back(std::move(dictionary));
  files::WriteSheet about;
  about.name = messages.text(language, "table.about");
  about.header = {files.title};
  about.rows.push_back({files.address});
  about.rows.push_back({files.released_at});
  for (const auto& named : files.tables) {
    about.rows.push_back({named.name, named.title});
  }
  for (const auto& [title, address] : files.sources) {
    about.rows.push_back({title, address});
  }
  sheets.push_back(std::move(about));
  return files::write_workbook(sheets);
}

Result<std::string> data_package(const TableFiles& files, const Territories& territories,
                                 Language language) {
  std::vector<std::pair<std::string, std::string>> entries;
  json::array resources;
  std::vector<DictionaryRow> dictionary;
  for (const auto& named : files.tables) {
    std::string csv = table_csv(named.table, territories, language, file_columns(named.table));
    json::array fields;
    for (auto& row : data_dictionary(named.table, named.name, territories, language)) {
      if (row.type != "code") {
        fields.push_back(field_json(row));
      }
      dictionary.push_back(std::move(row));
    }
    resources.push_back(resource_json(named.name, named.title, csv, std::move(fields)));
    entries.emplace_back(named.name + ".csv", std::move(csv));
  }
  std::string words = dictionary_csv(dictionary);
  resources.push_back(
      resource_json("dictionary", figures::Messages::embedded().text(language, "table.dictionary"),
                    words, dictionary_fields()));
  entries.emplace_back("dictionary.csv", std::move(words));
  entries.insert(entries.begin(),
                 {"datapackage.json", pretty_json(package_json(files, std::move(resources)))});
  return files::write_zip(entries);
}

}  // namespace atalaya::observatory
