#include <algorithm>
#include <array>
#include <bit>
#include <map>
#include <optional>
#include <utility>

#include <fmt/core.h>

#include "readers.hpp"
#include "workbooks.hpp"

// BIFF8, the records of Excel 97 to 2003 ([MS-XLS]): globals (formats, shared texts, list of
// sheets), then the sheets. Read here, in bounds, from memory: the library for it (FreeXL) opens
// files by name, which the walls around a child process forbid. Every read of a record goes
// through Cursor, which yields zeros and a flag behind the end.

namespace atalaya::files {
namespace {

enum Record : std::uint16_t {
  kFormula = 0x0006,
  kEof = 0x000A,
  kDateMode = 0x0022,
  kFilePass = 0x002F,
  kContinue = 0x003C,
  kBoundSheet = 0x0085,
  kMulRk = 0x00BD,
  kRString = 0x00D6,
  kXf = 0x00E0,
  kSst = 0x00FC,
  kLabelSst = 0x00FD,
  kNumber = 0x0203,
  kLabel = 0x0204,
  kBoolErr = 0x0205,
  kString = 0x0207,
  kRk = 0x027E,
  kFormat = 0x041E,
  kBof = 0x0809,
};

// Reads a record and the CONTINUE records behind it as one.
class Cursor {
 public:
  explicit Cursor(std::vector<std::string_view> pieces) : pieces_(std::move(pieces)) {}

  std::uint8_t u8() {
    while (piece_ < pieces_.size() && at_ == pieces_[piece_].size()) {
      ++piece_;
      at_ = 0;
    }
    if (piece_ >= pieces_.size()) {
      good_ = false;
      return 0;
    }
    return static_cast<std::uint8_t>(pieces_[piece_][at_++]);
  }

  std::uint16_t u16() {
    const std::uint16_t low = u8();
    return static_cast<std::uint16_t>(low | u8() << 8U);
  }

  std::uint32_t u32() {
    const std::uint32_t low = u16();
    return low | std::uint32_t{u16()} << 16U;
  }

  double f64() {
    const std::uint64_t low = u32();
    return std::bit_cast<double>(low | std::uint64_t{u32()} << 32U);
  }

  void skip(std::uint64_t n) {
    for (; n > 0 && good_; --n) {
      u8();
    }
  }

  // The characters of a string ([MS-XLS] 2.5.293): where a CONTINUE record cuts them, it begins
  // with a new flag byte.
  std::string chars(std::size_t count, bool wide) {
    std::string utf16("\xFF\xFE");
    for (std::size_t i = 0; i < count && good_; ++i) {
      if (piece_ < pieces_.size() && at_ == pieces_[piece_].size()) {
        wide = (u8() & 1U) != 0;
      }
      const std::uint16_t unit = wide ? u16() : u8();
      utf16 += static_cast<char>(unit & 0xFFU);
      utf16 += static_cast<char>(unit >> 8U);
    }
    Result<std::string> text = decode_utf16(utf16, "");
    return text ? *std::move(text) : std::string("\xEF\xBF\xBD");
  }

  // With its flags, and with `size` characters.
  std::string text(std::size_t size) {
    const std::uint8_t flags = u8();
    const std::uint16_t runs = (flags & 8U) != 0 ? u16() : std::uint16_t{0};
    const std::uint32_t extra = (flags & 4U) != 0 ? u32() : 0;
    std::string out = chars(size, (flags & 1U) != 0);
    skip(std::uint64_t{4} * runs + extra);
    return out;
  }

  [[nodiscard]] bool good() const noexcept { return good_; }

 private:
  std::vector<std::string_view> pieces_;
  std::size_t piece_ = 0;
  std::size_t at_ = 0;
  bool good_ = true;
};

struct Header {
  std::uint16_t type = 0;
  std::string_view data;
};

// The record at `at`, which moves behind it; nothing where the stream ends inside it.
std::optional<Header> next_record(std::string_view stream, std::size_t& at) {
  if (at + 4 > stream.size()) {
    return std::nullopt;
  }
  const auto u16 = [&](std::size_t i) {
    return static_cast<std::uint16_t>(static_cast<unsigned char>(stream[i]) |
                                      static_cast<unsigned char>(stream[i + 1]) << 8U);
  };
  const std::size_t size = u16(at + 2);
  if (at + 4 + size > stream.size()) {
    return std::nullopt;
  }
  Header record{.type = u16(at), .data = stream.substr(at + 4, size)};
  at += 4 + size;
  return record;
}

Cursor with_continues(std::string_view stream, const Header& record, std::size_t& at) {
  std::vector<std::string_view> pieces{record.data};
  std::size_t next = at;
  for (auto more = next_record(stream, next); more && more->type == kContinue;
       more = next_record(stream, next)) {
    pieces.push_back(more->data);
    at = next;
  }
  return Cursor(std::move(pieces));
}

// [MS-XLS] 2.5.217: 30 bits of an integer or of a double, perhaps times 100.
double rk_value(std::uint32_t rk) {
  const double value =
      (rk & 2U) != 0 ? static_cast<double>(static_cast<std::int32_t>(rk) >> 2)
                     : std::bit_cast<double>(static_cast<std::uint64_t>(rk & 0xFFFFFFFCU) << 32U);
  return (rk & 1U) != 0 ? value / 100 : value;
}

std::string_view error_text(std::uint8_t code) {
  static constexpr std::array<std::pair<std::uint8_t, std::string_view>, 7> kErrors = {
      {{0x00, "#NULL!"},
       {0x07, "#DIV/0!"},
       {0x0F, "#VALUE!"},
       {0x17, "#REF!"},
       {0x1D, "#NAME?"},
       {0x24, "#NUM!"},
       {0x2A, "#N/A"}}};
  for (const auto& [value, text] : kErrors) {
    if (value == code) {
      return text;
    }
  }
  return "#N/A";
}

struct Globals {
  std::vector<SheetInfo> sheets;
  std::vector<std::size_t> offsets;
  std::map<std::uint16_t, NumberFormat> formats;
  std::vector<std::uint16_t> styles;  // number format of each XF
  TextPool shared;
  bool from_1904 = false;
  bool locked = false;

  [[nodiscard]] NumberFormat format(std::uint16_t style) const {
    const std::uint16_t id = style < styles.size() ? styles[style] : std::uint16_t{0};
    const auto at = formats.find(id);
    return at == formats.end() ? builtin_format(id) : at->second;
  }
};

struct XlsCell {
  std::uint16_t row = 0;
  std::uint16_t column = 0;
  bool shared = false;
  std::size_t text = 0;  // number in the shared texts or in the sheet's own
};

class SheetCells {
 public:
  explicit SheetCells(const Globals& globals) : globals_(globals) {}

  void take(const Header& record, Cursor cursor) {
    switch (record.type) {
      case kLabelSst:
        place(cursor);
        cell_.shared = true;
        cell_.text = cursor.u32();
        broken_ = broken_ || cell_.text >= globals_.shared.size();
        push(cursor);
        break;
      case kRk:
      case kNumber: {
        const std::uint16_t style = place(cursor);
        number(record.type == kRk ? rk_value(cursor.u32()) : cursor.f64(), style, cursor);
        break;
      }
      case kMulRk:
        several(cursor, record.data.size());
        break;
      case kLabel:
      case kRString: {
        place(cursor);
        const std::uint16_t size = cursor.u16();
        own(cursor.text(size), cursor);
        break;
      }
      case kBoolErr: {
        place(cursor);
        const std::uint8_t value = cursor.u8();
        own(cursor.u8() != 0 ? error_text(value) : value != 0 ? "TRUE" : "FALSE", cursor);
        break;
      }
      case kFormula:
        formula(cursor);
        break;
      case kString:
        if (awaits_text_) {
          const std::uint16_t size = cursor.u16();
          own(cursor.text(size), cursor);
          awaits_text_ = false;
        }
        break;
      default:
        break;
    }
  }

  [[nodiscard]] bool broken() const noexcept { return broken_; }

  // Rows in order, each with its cells from column A on.
  void deliver(const RowSink& sink) {
    std::stable_sort(cells_.begin(), cells_.end(), [](const XlsCell& a, const XlsCell& b) {
      return std::pair(a.row, a.column) < std::pair(b.row, b.column);
    });
    std::vector<std::string_view> views;
    for (std::size_t i = 0; i < cells_.size();) {
      const std::uint16_t row = cells_[i].row;
      views.clear();
      bool any = false;
      for (; i < cells_.size() && cells_[i].row == row; ++i) {
        const XlsCell& cell = cells_[i];
        views.resize(std::max<std::size_t>(views.size(), std::size_t{cell.column} + 1));
        views[cell.column] = (cell.shared ? globals_.shared : own_).text(cell.text);
        any = any || !views[cell.column].empty();
      }
      if (any && !sink(std::uint64_t{row} + 1, views)) {
        return;
      }
    }
  }

 private:
  // The style of the cell.
  std::uint16_t place(Cursor& cursor) {
    cell_ = {};
    cell_.row = cursor.u16();
    cell_.column = cursor.u16();
    return cursor.u16();
  }

  void push(const Cursor& cursor) {
    broken_ = broken_ || !cursor.good();
    if (!broken_) {
      cells_.push_back(cell_);
    }
  }

  void own(std::string_view text, const Cursor& cursor) {
    cell_.shared = false;
    cell_.text = own_.size();
    own_.append(text);
    own_.close();
    push(cursor);
  }

  void number(double value, std::uint16_t style, const Cursor& cursor) {
    std::string text;
    append_number(text, value, globals_.format(style), globals_.from_1904);
    own(text, cursor);
  }

  void several(Cursor& cursor, std::size_t size) {
    const std::uint16_t row = cursor.u16();
    std::uint16_t column = cursor.u16();
    for (std::size_t left = size < 6 ? 0 : (size - 6) / 6; left > 0; --left, ++column) {
      const std::uint16_t style = cursor.u16();
      const std::uint32_t rk = cursor.u32();
      cell_ = {.row = row, .column = column, .shared = false, .text = 0};
      number(rk_value(rk), style, cursor);
    }
  }

  // The stored result ([MS-XLS] 2.5.133): a number, or a kind where its last bytes are 0xFFFF.
  void formula(Cursor& cursor) {
    const std::uint16_t style = place(cursor);
    const std::uint32_t low = cursor.u32();
    const std::uint32_t high = cursor.u32();
    const std::uint8_t value = static_cast<std::uint8_t>(low >> 16U & 0xFFU);
    if (high >> 16U != 0xFFFF) {
      number(std::bit_cast<double>(std::uint64_t{high} << 32U | low), style, cursor);
      return;
    }
    switch (low & 0xFFU) {
      case 0:
        awaits_text_ = true;
        break;
      case 1:
        own(value != 0 ? "TRUE" : "FALSE", cursor);
        break;
      case 2:
        own(error_text(value), cursor);
        break;
      default:
        break;
    }
  }

  const Globals& globals_;
  std::vector<XlsCell> cells_;
  TextPool own_;
  XlsCell cell_;
  bool awaits_text_ = false;
  bool broken_ = false;
};

void read_shared(Cursor cursor, const TableLimits& limits, Globals& globals) {
  cursor.u32();
  const std::uint32_t count = cursor.u32();
  for (std::uint32_t i = 0; i < count && cursor.good(); ++i) {
    const std::uint16_t size = cursor.u16();
    const std::string text = cursor.text(size);
    if (!cursor.good() || globals.shared.bytes() > limits.shared_text_bytes_max) {
      return;
    }
    globals.shared.append(text);
    globals.shared.close();
  }
}

void take_global(const Header& record, Cursor cursor, const TableLimits& limits, Globals& globals) {
  switch (record.type) {
    case kBoundSheet: {
      const std::uint32_t offset = cursor.u32();
      const std::uint8_t state = cursor.u8();
      const std::uint8_t kind = cursor.u8();
      const std::uint8_t size = cursor.u8();
      std::string name = cursor.text(size);
      if (kind == 0 && cursor.good()) {
        globals.sheets.push_back({.name = std::move(name), .visible = (state & 3U) == 0});
        globals.offsets.push_back(offset);
      }
      break;
    }
    case kDateMode:
      globals.from_1904 = cursor.u16() == 1;
      break;
    case kFormat: {
      const std::uint16_t id = cursor.u16();
      const std::uint16_t size = cursor.u16();
      globals.formats[id] = parse_format(cursor.text(size));
      break;
    }
    case kXf:
      cursor.u16();
      globals.styles.push_back(cursor.u16());
      break;
    case kSst:
      read_shared(std::move(cursor), limits, globals);
      break;
    case kFilePass:
      globals.locked = true;
      break;
    default:
      break;
  }
}

class Xls final : public Workbook {
 public:
  Xls(std::string stream, std::string_view name, const TableLimits& limits)
      : stream_(std::move(stream)), name_(name), limits_(limits) {}

  Result<void> load() {
    std::size_t at = 0;
    const auto first = next_record(stream_, at);
    if (!first || first->type != kBof) {
      return damaged("no workbook in it");
    }
    if (Cursor({first->data}).u16() != 0x0600) {
      return old();
    }
    for (auto record = next_record(stream_, at); record && record->type != kEof;
         record = next_record(stream_, at)) {
      take_global(*record, with_continues(stream_, *record, at), limits_, globals_);
      if (globals_.locked) {
        return fail(file_error("encrypted", name_,
                               "the workbook is locked by a password; save it without one and "
                               "load that"));
      }
    }
    if (globals_.sheets.empty()) {
      return damaged("no sheet in it");
    }
    return {};
  }

  const std::vector<SheetInfo>& sheets() const noexcept override { return globals_.sheets; }

  Result<SheetNotes> read_sheet(std::size_t sheet, const RowSink& sink) override {
    std::size_t at = globals_.offsets[sheet];
    SheetCells cells(globals_);
    int depth = 0;  // charts stand inside a sheet with a begin and an end of their own
    while (true) {
      const auto record = next_record(stream_, at);
      if (!record || (depth == 0 && record->type != kBof)) {
        return cut_short(sheet);
      }
      depth += record->type == kBof ? 1 : record->type == kEof ? -1 : 0;
      if (depth == 0) {
        break;
      }
      if (depth == 1) {
        cells.take(*record, with_continues(stream_, *record, at));
      }
      if (cells.broken()) {
        return cut_short(sheet);
      }
    }
    cells.deliver(sink);
    return SheetNotes{};
  }

 private:
  std::unexpected<Error> damaged(std::string_view why) const {
    return fail(file_error("malformed", name_,
                           fmt::format("damaged workbook ({}); open it in a spreadsheet program "
                                       "and save it as xlsx",
                                       why)));
  }

  std::unexpected<Error> old() const {
    return fail(file_error("xls.old", name_,
                           "a workbook of Excel 95 or before; open it in a spreadsheet program "
                           "and save it as xlsx"));
  }

  std::unexpected<Error> cut_short(std::size_t sheet) const {
    return fail(file_error("truncated", name_,
                           fmt::format("sheet \"{}\" ends in the middle or is damaged; copy or "
                                       "download the file again",
                                       globals_.sheets[sheet].name))
                    .with("sheet", globals_.sheets[sheet].name));
  }

  std::string stream_;
  std::string name_;
  TableLimits limits_;
  Globals globals_;
};

}  // namespace

Result<std::unique_ptr<Workbook>> open_xls(std::string_view bytes, std::string_view name,
                                           const TableLimits& limits) {
  std::string stream = read_compound_stream(bytes, "Workbook");
  if (stream.empty()) {
    if (!read_compound_stream(bytes, "EncryptedPackage").empty()) {
      return fail(file_error("encrypted", name,
                             "the workbook is locked by a password; save it without one and load "
                             "that"));
    }
    if (!read_compound_stream(bytes, "Book").empty()) {
      return fail(file_error("xls.old", name,
                             "a workbook of Excel 95 or before; open it in a spreadsheet program "
                             "and save it as xlsx"));
    }
    return fail(file_error("truncated", name,
                           "no whole workbook in this file; copy or download it again. If it is a "
                           "Word or PowerPoint file, save its table as xlsx or csv"));
  }
  auto xls = std::make_unique<Xls>(std::move(stream), name, limits);
  ATALAYA_TRY(xls->load());
  return xls;
}

}  // namespace atalaya::files
