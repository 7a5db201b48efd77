#include <algorithm>
#include <charconv>
#include <map>
#include <optional>
#include <utility>

#include <fmt/core.h>

#include <atalaya/base/text.hpp>

#include "readers.hpp"
#include "workbooks.hpp"
#include "xml_events.hpp"
#include "zip_parts.hpp"

// A sheet is read as it streams out of the container; only the shared texts and the styles are
// held. What a cell says is decided when its end tag comes.

namespace atalaya::files {
namespace {

constexpr std::uint64_t kSheetRatioMax = 1'100;  // more than deflate can do: the counts decide

struct Relation {
  std::string type;
  std::string target;
};

struct Relations final : XmlHandler {
  std::map<std::string, Relation> by_id;

  void start(std::string_view name, const XmlAttributes& attributes) override {
    if (name == "Relationship") {
      by_id[std::string(attributes.get("Id"))] = {.type = std::string(attributes.get("Type")),
                                                  .target = std::string(attributes.get("Target"))};
    }
  }

  void end(std::string_view) override {}

  void text(std::string_view) override {}

  [[nodiscard]] std::string find(std::string_view type_end) const {
    for (const auto& [id, relation] : by_id) {
      if (relation.type.ends_with(type_end)) {
        return relation.target;
      }
    }
    return {};
  }
};

// "worksheets/sheet1.xml" seen from "xl/workbook.xml" is "xl/worksheets/sheet1.xml".
std::string resolve(std::string_view from, std::string_view target) {
  if (target.starts_with('/')) {
    return std::string(target.substr(1));
  }
  std::string folder(from.substr(0, from.rfind('/') + 1));
  while (target.starts_with("../") && !folder.empty()) {
    target.remove_prefix(3);
    folder.pop_back();
    folder.resize(folder.rfind('/') + 1);
  }
  return folder + std::string(target);
}

std::string relations_of(std::string_view part) {
  const std::size_t slash = part.rfind('/') + 1;
  return std::string(part.substr(0, slash)) + "_rels/" + std::string(part.substr(slash)) + ".rels";
}

struct Sheets final : XmlHandler {
  struct Sheet {
    SheetInfo info;
    std::string relation;
  };

  std::vector<Sheet> sheets;
  bool from_1904 = false;

  void start(std::string_view name, const XmlAttributes& attributes) override {
    if (name == "workbookPr") {
      const std::string_view value = attributes.get("date1904");
      from_1904 = value == "1" || value == "true";
    } else if (name == "sheet") {
      const std::string_view state = attributes.get("state");
      sheets.push_back({.info = {.name = std::string(attributes.get("name")),
                                 .visible = state.empty() || state == "visible"},
                        .relation = std::string(attributes.get("id"))});
    }
  }

  void end(std::string_view) override {}

  void text(std::string_view) override {}
};

// "_x000D_" stands for the character of that number (ECMA-376 part 1, 22.9.2.19).
std::string unescape(std::string_view text) {
  std::string out;
  std::size_t at = 0;
  while (at < text.size()) {
    const std::size_t next = std::min(text.find("_x", at), text.size());
    out += text.substr(at, next - at);
    at = next;
    if (at == text.size()) {
      break;
    }
    std::uint32_t code = 0;
    const char* digits = text.data() + at + 2;
    const bool fits = at + 7 <= text.size() && text[at + 6] == '_';
    const bool hex =
        fits && std::from_chars(digits, digits + 4, code, 16).ptr == digits + 4 && code < 0x80;
    if (hex && code != 0) {
      out += static_cast<char>(code);
      at += 7;
    } else {
      out += text[at++];
    }
  }
  return out;
}

struct SharedTexts final : XmlHandler {
  TextPool texts;
  std::size_t bytes_max = 0;
  bool in_text = false;
  int phonetic = 0;
  std::string piece;

  void start(std::string_view name, const XmlAttributes&) override {
    phonetic += name == "rPh" ? 1 : 0;
    in_text = name == "t" && phonetic == 0;
  }

  void end(std::string_view name) override {
    phonetic -= name == "rPh" ? 1 : 0;
    in_text = false;
    if (name == "si") {
      texts.append(piece.find("_x") == std::string::npos ? piece : unescape(piece));
      texts.close();
      piece.clear();
    }
  }

  void text(std::string_view more) override {
    if (in_text) {
      piece += more;
    }
  }

  [[nodiscard]] bool too_much() const { return texts.bytes() + piece.size() > bytes_max; }

  [[nodiscard]] bool done() const override { return too_much(); }
};

struct Styles final : XmlHandler {
  std::map<std::uint32_t, NumberFormat> custom;
  std::vector<NumberFormat> cells;
  bool in_cells = false;

  static std::uint32_t number(std::string_view text) {
    std::uint32_t value = 0;
    std::from_chars(text.data(), text.data() + text.size(), value);
    return value;
  }

  void start(std::string_view name, const XmlAttributes& attributes) override {
    if (name == "numFmt") {
      custom[number(attributes.get("numFmtId"))] = parse_format(attributes.get("formatCode"));
    } else if (name == "cellXfs") {
      in_cells = true;
    } else if (name == "xf" && in_cells) {
      const std::uint32_t id = number(attributes.get("numFmtId"));
      const auto at = custom.find(id);
      cells.push_back(at == custom.end() ? builtin_format(id) : at->second);
    }
  }

  void end(std::string_view name) override {
    if (name == "cellXfs") {
      in_cells = false;
    }
  }

  void text(std::string_view) override {}
};

enum class CellType { number, shared, inline_text, formula_text, boolean, error, date };

CellType cell_type(std::string_view type) {
  if (type == "s") {
    return CellType::shared;
  }
  if (type == "inlineStr") {
    return CellType::inline_text;
  }
  if (type == "str") {
    return CellType::formula_text;
  }
  if (type == "b") {
    return CellType::boolean;
  }
  if (type == "e") {
    return CellType::error;
  }
  return type == "d" ? CellType::date : CellType::number;
}

// Column number from 0 of "AB12", and its row; nothing where it is no reference.
struct Reference {
  std::uint32_t column = 0;
  std::uint64_t row = 0;
};

std::optional<Reference> parse_reference(std::string_view text) {
  std::uint32_t column = 0;
  std::size_t i = 0;
  while (i < text.size() && i < 4 && text[i] >= 'A' && text[i] <= 'Z') {
    column = column * 26 + static_cast<std::uint32_t>(text[i] - 'A' + 1);
    ++i;
  }
  Reference reference{.column = column - 1, .row = 0};
  const char* end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data() + i, end, reference.row);
  if (i == 0 || error != std::errc() || rest != end || reference.row == 0) {
    return std::nullopt;
  }
  return reference;
}

class SheetReader final : public XmlHandler {
 public:
  SheetReader(const TextPool& shared, const Styles& styles, bool from_1904,
              const TableLimits& limits, const RowSink& sink)
      : shared_(shared), styles_(styles), from_1904_(from_1904), limits_(limits), sink_(sink) {}

  void start(std::string_view name, const XmlAttributes& attributes) override {
    if (name == "c") {
      start_cell(attributes);
    } else if (name == "v" || (name == "t" && phonetic_ == 0)) {
      taking_ = in_cell_;
      valued_ = valued_ || (name == "v" && in_cell_);
    } else if (name == "row") {
      start_row(attributes.get("r"));
    } else if (name == "f") {
      formula_ = in_cell_;
    } else if (name == "rPh") {
      ++phonetic_;
    }
  }

  void end(std::string_view name) override {
    taking_ = false;
    if (name == "c") {
      end_cell();
    } else if (name == "row") {
      end_row();
    } else if (name == "rPh") {
      --phonetic_;
    }
  }

  void text(std::string_view more) override {
    if (taking_) {
      value_ += more;
    }
  }

  [[nodiscard]] bool done() const override { return stopped_ || !wrong_.empty(); }

  [[nodiscard]] const SheetNotes& notes() const noexcept { return notes_; }

  // What the sheet got wrong, with the row; empty if nothing.
  [[nodiscard]] const std::string& wrong() const noexcept { return wrong_; }

  [[nodiscard]] std::uint64_t row() const noexcept { return row_; }

 private:
  struct Cell {
    std::size_t from = 0;  // in made_, or the number of a shared text
    std::size_t size = 0;
    bool shared = false;
  };

  void start_row(std::string_view number) {
    std::uint64_t row = row_ + 1;
    std::from_chars(number.data(), number.data() + number.size(), row);
    if (row <= row_ || row > limits_.sheet_rows_max) {
      wrong_ = fmt::format("row {} follows row {}", row, row_);
      return;
    }
    row_ = row;
    column_ = 0;
    cells_.clear();
    made_.clear();
  }

  void start_cell(const XmlAttributes& attributes) {
    in_cell_ = true;
    formula_ = false;
    valued_ = false;
    value_.clear();
    type_ = cell_type(attributes.get("t"));
    style_ = Styles::number(attributes.get("s"));
    const std::string_view text = attributes.get("r");
    if (!text.empty()) {
      const std::optional<Reference> reference = parse_reference(text);
      if (!reference || reference->row != row_) {
        wrong_ = fmt::format("a cell of row {} calls itself {}", row_, text.substr(0, 20));
        return;
      }
      column_ = reference->column;
    }
    if (column_ >= limits_.sheet_columns_max) {
      wrong_ = fmt::format("row {} has a cell beyond column {}", row_, limits_.sheet_columns_max);
    }
  }

  void end_cell() {
    in_cell_ = false;
    if (!wrong_.empty()) {
      return;
    }
    if (formula_ && !valued_) {
      notes_.first_such_row = notes_.formulas_without_value++ == 0 ? row_ : notes_.first_such_row;
    }
    if (!value_.empty()) {
      if (cells_.size() <= column_) {
        cells_.resize(column_ + 1);
      }
      cells_[column_] = make_cell();
    }
    ++column_;
  }

  Cell make_cell() {
    Cell cell{.from = made_.size(), .size = 0, .shared = false};
    switch (type_) {
      case CellType::shared: {
        std::size_t number = shared_.size();
        std::from_chars(value_.data(), value_.data() + value_.size(), number);
        if (number >= shared_.size()) {
          wrong_ = fmt::format("row {} has a text that is not in the workbook", row_);
          return cell;
        }
        return {.from = number, .size = 0, .shared = true};
      }
      case CellType::number:
        append_value();
        break;
      case CellType::boolean:
        made_ += value_ == "1" || value_ == "true" ? "TRUE" : "FALSE";
        break;
      case CellType::inline_text:
      case CellType::formula_text:
        made_ += value_.find("_x") == std::string::npos ? value_ : unescape(value_);
        break;
      case CellType::error:
      case CellType::date:
        made_ += value_;
        break;
    }
    cell.size = made_.size() - cell.from;
    return cell;
  }

  void append_value() {
    const NumberFormat format =
        style_ < styles_.cells.size() ? styles_.cells[style_] : NumberFormat{};
    const std::string_view text = trim(value_);
    const bool digits = text.size() <= 15 && !text.empty() && text[0] != '0' &&
                        text.find_first_not_of("0123456789") == std::string_view::npos;
    if (digits && format.kind == NumberKind::plain) {
      made_ += text;
      return;
    }
    double number = 0;
    const auto [rest, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || rest != text.data() + text.size()) {
      made_ += text;
      return;
    }
    append_number(made_, number, format, from_1904_);
  }

  void end_row() {
    if (!wrong_.empty()) {
      return;
    }
    views_.clear();
    bool any = false;
    for (const Cell& cell : cells_) {
      views_.push_back(cell.shared ? shared_.text(cell.from)
                                   : std::string_view(made_).substr(cell.from, cell.size));
      any = any || !views_.back().empty();
    }
    if (any) {
      stopped_ = !sink_(row_, views_);
    }
  }

  const TextPool& shared_;
  const Styles& styles_;
  bool from_1904_;
  const TableLimits& limits_;
  const RowSink& sink_;

  std::uint64_t row_ = 0;
  std::uint32_t column_ = 0;  // of the cell that is read, or of the next one
  std::vector<Cell> cells_;
  std::string made_;  // texts of this row that are not shared
  std::vector<std::string_view> views_;

  bool in_cell_ = false;
  bool taking_ = false;
  bool formula_ = false;
  bool valued_ = false;
  int phonetic_ = 0;
  CellType type_ = CellType::number;
  std::uint32_t style_ = 0;
  std::string value_;

  SheetNotes notes_;
  std::string wrong_;
  bool stopped_ = false;
};

class Xlsx final : public Workbook {
 public:
  Xlsx(ZipParts parts, std::string_view name, const TableLimits& limits)
      : parts_(std::move(parts)), name_(name), limits_(limits) {}

  Result<void> load(const std::string& workbook) {
    Sheets list;
    ATALAYA_TRY(read_xml(parts_, workbook, name_, list));
    from_1904_ = list.from_1904;
    Relations relations;
    ATALAYA_TRY(read_xml(parts_, relations_of(workbook), name_, relations));
    for (Sheets::Sheet& sheet : list.sheets) {
      const auto at = relations.by_id.find(sheet.relation);
      // A chart sheet or a macro sheet has no cells.
      if (at != relations.by_id.end() && at->second.type.ends_with("/worksheet")) {
        sheets_.push_back(std::move(sheet.info));
        sheet_parts_.push_back(resolve(workbook, at->second.target));
      }
    }
    const std::string styles = relations.find("/styles");
    if (!styles.empty() && parts_.has(resolve(workbook, styles))) {
      ATALAYA_TRY(read_xml(parts_, resolve(workbook, styles), name_, styles_));
    }
    const std::string shared = relations.find("/sharedStrings");
    if (!shared.empty() && parts_.has(resolve(workbook, shared))) {
      shared_part_ = resolve(workbook, shared);
    }
    return {};
  }

  const std::vector<SheetInfo>& sheets() const noexcept override { return sheets_; }

  Result<SheetNotes> read_sheet(std::size_t sheet, const RowSink& sink) override {
    ATALAYA_TRY(load_shared_texts());
    SheetReader reader(shared_.texts, styles_, from_1904_, limits_, sink);
    Result<void> read = read_xml(parts_, sheet_parts_[sheet], name_, reader);
    if (!read) {
      // The line of the XML is of no use to anybody; the row is.
      Error error = std::move(read).error();
      std::erase_if(error.params, [](const auto& param) { return param.first == "line"; });
      return fail(located(std::move(error), sheet, reader.row()));
    }
    if (!reader.wrong().empty()) {
      return fail(located(file_error("xlsx.cell", name_,
                                     fmt::format("sheet \"{}\" is damaged: {}; open it in a "
                                                 "spreadsheet program and save it again",
                                                 sheets_[sheet].name, reader.wrong())),
                          sheet, reader.row()));
    }
    return reader.notes();
  }

 private:
  Error located(Error error, std::size_t sheet, std::uint64_t row) const {
    error = std::move(error).with("sheet", sheets_[sheet].name);
    return row == 0 ? std::move(error) : std::move(error).with("line", fmt::format("{}", row));
  }

  Result<void> load_shared_texts() {
    if (shared_part_.empty()) {
      return {};
    }
    shared_.bytes_max = limits_.shared_text_bytes_max;
    const std::string part = std::exchange(shared_part_, {});
    ATALAYA_TRY(read_xml(parts_, part, name_, shared_));
    if (shared_.too_much()) {
      return fail(
          file_error("bomb", name_,
                     fmt::format("the texts of the workbook exceed {} bytes; save the sheet "
                                 "as csv and load that",
                                 limits_.shared_text_bytes_max)));
    }
    return {};
  }

  ZipParts parts_;
  std::string name_;
  TableLimits limits_;
  std::vector<SheetInfo> sheets_;
  std::vector<std::string> sheet_parts_;
  std::string shared_part_;  // empty once it was read
  SharedTexts shared_;
  Styles styles_;
  bool from_1904_ = false;
};

Result<std::string> small_part(ZipParts& parts, const std::string& part) {
  std::string bytes;
  ATALAYA_TRY(parts.stream(part, [&](std::string_view piece) {
    bytes += piece.substr(0, 256);
    return bytes.size() < 256;
  }));
  return bytes;
}

Error other_container(bool spreadsheet, std::string_view name) {
  if (spreadsheet) {
    return file_error("ods", name,
                      "OpenDocument sheets are not read; open it in LibreOffice, save it as xlsx "
                      "or csv, and load that");
  }
  return file_error("not_a_table", name,
                    "this container holds no workbook; unpack it, and load the csv or xlsx in it");
}

}  // namespace

Result<std::unique_ptr<Workbook>> open_xlsx(std::string_view bytes, std::string_view name,
                                            const TableLimits& limits) {
  ZipParts parts = ATALAYA_TRY(ZipParts::open(
      bytes, name, {.inflated_bytes_max = limits.sheet_bytes_max, .ratio_max = kSheetRatioMax}));
  if (!parts.has("_rels/.rels")) {
    std::string type;
    if (parts.has("mimetype")) {
      type = ATALAYA_TRY(small_part(parts, "mimetype"));
    }
    return fail(other_container(type.contains("opendocument.spreadsheet"), name));
  }
  Relations relations;
  ATALAYA_TRY(read_xml(parts, "_rels/.rels", name, relations));
  const std::string workbook = resolve("", relations.find("/officeDocument"));
  if (workbook.ends_with(".bin")) {
    return fail(file_error("xlsb", name,
                           "binary workbooks (xlsb) are not read; open it in a spreadsheet "
                           "program, save it as xlsx, and load that"));
  }
  if (workbook.ends_with("document.xml") || workbook.ends_with("presentation.xml") ||
      !parts.has(workbook)) {
    return fail(other_container(false, name));
  }
  auto xlsx = std::make_unique<Xlsx>(std::move(parts), name, limits);
  ATALAYA_TRY(xlsx->load(workbook));
  return xlsx;
}

Result<std::unique_ptr<Workbook>> open_workbook(std::string_view bytes, std::string_view name,
                                                const TableLimits& limits) {
  if (detect_table_format(bytes) == TableFormat::compound) {
    return open_xls(bytes, name, limits);
  }
  return open_xlsx(bytes, name, limits);
}

}  // namespace atalaya::files
