// Packed files and workbooks. Oracles: gzip(1) and zstd(1) formats by their own libraries,
// libxlsxwriter writes what is read here, FreeXL reads the same real xls files, and dates come from
// the calendar of ECMA-376.
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <random>

#include <fmt/core.h>
#include <freexl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <xlsxwriter.h>
#include <zlib.h>
#include <zstd.h>

#include <atalaya/files/tables.hpp>

#include "cell_text.hpp"
#include "files_fixtures.hpp"
#include "workbooks.hpp"
#include "xls_fixtures.hpp"

namespace atalaya::files {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using Grid = std::map<std::uint64_t, std::vector<std::string>>;

std::string gzip(std::string_view bytes) {
  z_stream stream = {};
  deflateInit2(&stream, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY);
  std::string out(deflateBound(&stream, bytes.size()) + 64, '\0');
  std::string in(bytes);
  stream.next_in = reinterpret_cast<Bytef*>(in.data());
  stream.avail_in = static_cast<uInt>(in.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  deflate(&stream, Z_FINISH);
  out.resize(out.size() - stream.avail_out);
  deflateEnd(&stream);
  return out;
}

std::string zstd(std::string_view bytes) {
  std::string out(ZSTD_compressBound(bytes.size()), '\0');
  out.resize(ZSTD_compress(out.data(), out.size(), bytes.data(), bytes.size(), 3));
  return out;
}

Result<std::string> unpacked(std::string_view bytes, const TableLimits& limits = {}) {
  std::unique_ptr<ByteSource> source = ATALAYA_TRY(unpack(open_memory_source(bytes), "t", limits));
  return read_all(*source, "t", std::uint64_t{1} << 30U);
}

std::string some_text() {
  std::mt19937 random(3);
  std::string text;
  while (text.size() < 3'000'000) {
    text += fmt::format("{},{}\n", random() % 1000, random());
  }
  return text;
}

TEST(Unpack, GzipAndZstdInSeveralPartsAndOfOneAnother) {
  const std::string text = some_text();
  EXPECT_EQ(unpacked(text).value(), text);
  EXPECT_EQ(unpacked(gzip(text)).value(), text);
  EXPECT_EQ(unpacked(zstd(text)).value(), text);
  EXPECT_EQ(unpacked(gzip(text) + gzip("more")).value(), text + "more");
  EXPECT_EQ(unpacked(gzip(text) + std::string(100, '\0')).value(), text);
  EXPECT_EQ(unpacked(zstd(text) + zstd("more")).value(), text + "more");
  EXPECT_EQ(unpacked(gzip(zstd(text))).value(), text);
  EXPECT_EQ(unpacked(gzip("")).value(), "");
}

TEST(Unpack, DamageAndBombs) {
  const std::string text = some_text();
  for (const std::string& packed : {gzip(text), zstd(text)}) {
    for (const std::size_t size : {packed.size() - 1, packed.size() / 2, std::size_t{20}}) {
      EXPECT_EQ(unpacked(packed.substr(0, size)).error().reason, "files.truncated") << size;
    }
    std::string broken = packed;
    broken[broken.size() / 2] = static_cast<char>(broken[broken.size() / 2] ^ 0x55);
    const Result<std::string> read = unpacked(broken);
    EXPECT_TRUE(!read || *read != text);
  }
  const std::string bomb = zstd(std::string(std::size_t{200} << 20U, 'a'));
  EXPECT_EQ(unpacked(bomb).error().reason, "files.bomb");
  TableLimits limits;
  limits.unpacked_bytes_max = 1'000'000;
  EXPECT_EQ(unpacked(gzip(text), limits).error().reason, "files.bomb");
  EXPECT_EQ(unpacked(gzip(gzip(gzip(gzip("a"))))).error().reason, "files.bomb");
}

std::string shown(double value, std::string_view format, bool from_1904 = false) {
  std::string out;
  append_number(out, value, parse_format(format), from_1904);
  return out;
}

TEST(CellText, NumbersAndDates) {
  EXPECT_EQ(shown(5001000, "General"), "5001000");
  EXPECT_EQ(shown(0.1, "General"), "0.1");
  EXPECT_EQ(shown(-0.0, "General"), "0");
  EXPECT_EQ(shown(1e300, "0.00E+00"), "1e+300");
  EXPECT_EQ(shown(5001000, "00000000"), "05001000");
  EXPECT_EQ(shown(0.5, "00"), "0.5");
  // ECMA-376 part 1, 18.17.4.1: day 1 is 1900-01-01, and there is a day 60.
  EXPECT_EQ(shown(1, "dd/mm/yyyy"), "1900-01-01");
  EXPECT_EQ(shown(59, "d-mmm-yy"), "1900-02-28");
  EXPECT_EQ(shown(60, "d-mmm-yy"), "1900-02-29");
  EXPECT_EQ(shown(61, "d-mmm-yy"), "1900-03-01");
  EXPECT_EQ(shown(45033, "[$-F800]dddd\\,\\ mmmm\\ dd\\,\\ yyyy"), "2023-04-17");
  EXPECT_EQ(shown(2958465, "yyyy"), "9999-12-31");
  EXPECT_EQ(shown(2958466, "yyyy"), "2958466");
  EXPECT_EQ(shown(0, "dd/mm/yyyy", true), "1904-01-01");
  EXPECT_EQ(shown(45033.4375, "dd/mm/yyyy hh:mm"), "2023-04-17T10:30:00");
  EXPECT_EQ(shown(0.4375, "hh:mm AM/PM"), "10:30:00");
  EXPECT_EQ(shown(1.1, "[h]:mm"), "26:24:00");
  EXPECT_EQ(shown(45033, "[Red]0.00"), "45033");
  EXPECT_EQ(shown(45033, "0 \"days\""), "45033");
  EXPECT_EQ(shown(45033, "mmm"), "2023-04-17");
}

Result<Grid> grid_of(std::string_view bytes, std::size_t sheet = 0) {
  const std::unique_ptr<Workbook> workbook = ATALAYA_TRY(open_workbook(bytes, "t.xlsx", {}));
  Grid grid;
  ATALAYA_TRY(
      workbook->read_sheet(sheet, [&](std::uint64_t row, std::span<const std::string_view> cells) {
        grid[row] = {cells.begin(), cells.end()};
        return true;
      }));
  return grid;
}

std::string slurp(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

TEST(Xlsx, ReadsWhatLibxlsxwriterWrites) {
  const fs::path path =
      fs::temp_directory_path() / fmt::format("atalaya-{}.xlsx", std::random_device()());
  lxw_workbook* book = workbook_new(path.c_str());
  lxw_worksheet* first = workbook_add_worksheet(book, "Año 2023");
  lxw_worksheet* hidden = workbook_add_worksheet(book, "hidden");
  worksheet_hide(hidden);
  lxw_format* date = workbook_add_format(book);
  format_set_num_format(date, "dd/mm/yyyy");
  lxw_format* padded = workbook_add_format(book);
  format_set_num_format(padded, "00000");
  worksheet_write_string(first, 0, 0, "Bogotá & <b>", nullptr);
  worksheet_write_number(first, 0, 2, 1234.5, nullptr);
  lxw_datetime day = {.year = 2023, .month = 4, .day = 17, .hour = 0, .min = 0, .sec = 0};
  worksheet_write_datetime(first, 4, 1, &day, date);
  worksheet_write_number(first, 4, 3, 5001, padded);
  worksheet_write_boolean(first, 4, 4, 1, nullptr);
  worksheet_write_formula_num(first, 5, 0, "=1+1", nullptr, 2);
  worksheet_write_formula_str(first, 5, 1, "=\"a\"&\"b\"", nullptr, "ab");
  worksheet_write_string(first, 6, 0, "line 1\nline 2", nullptr);
  ASSERT_EQ(workbook_close(book), LXW_NO_ERROR);
  const std::string bytes = slurp(path);
  fs::remove(path);
  const auto workbook = open_workbook(bytes, "t.xlsx", {});
  ASSERT_TRUE(workbook.has_value()) << workbook.error().detail;
  ASSERT_EQ((*workbook)->sheets().size(), 2U);
  EXPECT_EQ((*workbook)->sheets()[0].name, "Año 2023");
  EXPECT_FALSE((*workbook)->sheets()[1].visible);
  Grid grid = grid_of(bytes).value();
  EXPECT_THAT(grid[1], ElementsAre("Bogotá & <b>", "", "1234.5"));
  EXPECT_THAT(grid[5], ElementsAre("", "2023-04-17", "", "05001", "TRUE"));
  EXPECT_THAT(grid[6], ElementsAre("2", "ab"));
  EXPECT_THAT(grid[7], ElementsAre("line 1\nline 2"));
  EXPECT_EQ(grid.size(), 4U);
  for (std::size_t size = 1; size < bytes.size(); size += 97) {
    EXPECT_FALSE(grid_of(std::string_view(bytes).substr(0, size)).has_value());
  }
}

std::string make_xlsx(std::string_view sheet, std::string_view shared = "") {
  constexpr std::string_view kOffice =
      "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
  const auto relations = [&](std::string_view list) {
    return fmt::format(
        "<Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/"
        "relationships\">{}</Relationships>",
        list);
  };
  return fixtures::make_zip(
      {{"[Content_Types].xml", "<Types/>"},
       {"_rels/.rels", relations(fmt::format("<Relationship Id=\"a\" Type=\"{}/officeDocument\" "
                                             "Target=\"xl/workbook.xml\"/>",
                                             kOffice))},
       {"xl/workbook.xml", fmt::format("<workbook xmlns:r=\"{}\"><sheets><sheet name=\"s\" "
                                       "sheetId=\"1\" r:id=\"b\"/></sheets></workbook>",
                                       kOffice)},
       {"xl/_rels/workbook.xml.rels",
        relations(fmt::format("<Relationship Id=\"b\" Type=\"{0}/worksheet\" "
                              "Target=\"/xl/s.xml\"/><Relationship Id=\"c\" "
                              "Type=\"{0}/sharedStrings\" Target=\"shared.xml\"/>",
                              kOffice))},
       {"xl/shared.xml", fmt::format("<sst>{}</sst>", shared)},
       {"xl/s.xml", fmt::format("<worksheet><sheetData>{}</sheetData></worksheet>", sheet)}});
}

TEST(Xlsx, OddButLegal) {
  Grid grid = grid_of(make_xlsx("<row><c><v>1</v></c><c t=\"inlineStr\"><is><t>a</t></is></c></row>"
                                "<row r=\"7\"><c r=\"C7\" t=\"s\"><v>0</v></c><c><v>1.0E1</v></c>"
                                "<c t=\"e\"><v>#N/A</v></c></row>",
                                "<si><r><t>Per</t></r><r><t>ú_x000A_</t></r>"
                                "<rPh><t>no</t></rPh></si>"))
                  .value();
  EXPECT_THAT(grid[1], ElementsAre("1", "a"));
  EXPECT_THAT(grid[7], ElementsAre("", "", "Perú\n", "10", "#N/A"));
}

TEST(Xlsx, WrongOnes) {
  EXPECT_EQ(grid_of(make_xlsx("<row r=\"2\"/><row r=\"1\"/>")).error().reason, "files.xlsx.cell");
  EXPECT_EQ(
      grid_of(make_xlsx("<row r=\"1\"><c r=\"A1\" t=\"s\"><v>9</v></c></row>")).error().reason,
      "files.xlsx.cell");
  EXPECT_EQ(grid_of(make_xlsx("<row r=\"1\"><c r=\"ZZZZ1\"/></row>")).error().reason,
            "files.xlsx.cell");
  EXPECT_EQ(grid_of(make_xlsx("<row r=\"1\">")).error().reason, "files.malformed");
  EXPECT_EQ(
      grid_of(fixtures::make_zip({{"mimetype", "application/vnd.oasis.opendocument.spreadsheet"}}))
          .error()
          .reason,
      "files.ods");
  EXPECT_EQ(grid_of(fixtures::make_zip({{"a.csv", "a,b"}})).error().reason, "files.not_a_table");
  EXPECT_EQ(grid_of(fixtures::make_docx("<w:p/>")).error().reason, "files.not_a_table");
}

TEST(Xlsx, FormulasThatWereNeverComputedAreCounted) {
  const std::string bytes = make_xlsx(
      "<row r=\"3\"><c r=\"A3\"><f>1+1</f></c><c r=\"B3\"><f>1</f>"
      "<v>1</v></c></row>");
  const auto workbook = open_workbook(bytes, "t", {});
  ASSERT_TRUE(workbook.has_value());
  const auto notes = (*workbook)->read_sheet(0, [](auto, auto) { return true; });
  EXPECT_EQ(notes->formulas_without_value, 1U);
  EXPECT_EQ(notes->first_such_row, 3U);
}

TEST(Xls, RecordsOfEveryKind) {
  using namespace fixtures;
  // Two shared texts; the second is cut by a CONTINUE record, where it turns to 16 bits.
  std::string sst;
  put32(sst, 2);
  put32(sst, 2);
  put16(sst, 3);
  sst += std::string("\0abc", 4);
  put16(sst, 5);
  sst += std::string("\0Bog", 4);
  std::string more("\1", 1);
  put16(more, 'o');
  put16(more, 0xF1);
  std::string cells;
  const auto at = [](std::uint32_t row, std::uint32_t column, std::uint32_t style) {
    std::string out;
    put16(out, row);
    put16(out, column);
    put16(out, style);
    return out;
  };
  std::string cell = at(0, 0, 0);
  put32(cell, 1);
  cells += record(0x00FD, cell);  // LABELSST
  cell = at(0, 1, 1);
  put32(cell, 45033U << 2U | 2U);
  cells += record(0x027E, cell);  // RK, a date
  cell = at(0, 2, 2);
  put32(cell, 5001U << 2U | 2U);
  cells += record(0x027E, cell);  // RK, 00000
  cell.clear();
  put16(cell, 2);
  put16(cell, 1);
  for (const std::uint32_t rk : {7U << 2U | 2U, 1234U << 2U | 3U}) {
    put16(cell, 0);
    put32(cell, rk);
  }
  put16(cell, 2);
  cells += record(0x00BD, cell);  // MULRK: 7 and 12.34
  cell = at(3, 0, 0);
  cell += std::string("\0\0\0\0\0\0\xFF\xFF", 8);
  cell.append(6, '\0');
  cells += record(0x0006, cell);  // FORMULA with a text
  cell.clear();
  put16(cell, 2);
  cell += std::string("\0hi", 3);
  cells += record(0x0207, cell);
  cell = at(3, 1, 0);
  cell += std::string("\1\0", 2);
  cells += record(0x0205, cell);  // BOOLERR
  const std::string stream = make_xls_stream(record(0x00FC, sst) + record(0x003C, more), cells);
  const Result<Grid> read = grid_of(make_compound(stream));
  ASSERT_TRUE(read.has_value()) << read.error().detail;
  Grid grid = *read;
  EXPECT_THAT(grid[1], ElementsAre("Bogoñ", "2023-04-17", "05001"));
  EXPECT_THAT(grid[3], ElementsAre("", "7", "12.34"));
  EXPECT_THAT(grid[4], ElementsAre("hi", "TRUE"));
  EXPECT_EQ(grid_of(make_compound(stream).substr(0, 2000)).error().reason, "files.truncated");
}

fs::path shared_data() {
  const char* given = std::getenv("ATALAYA_SHARED");  // NOLINT(concurrency-mt-unsafe)
  return fs::path(given != nullptr ? given : ATALAYA_SOURCE_DIR "/../shared") / "data";
}

// FreeXL gives dates as texts and numbers as numbers.
std::string freexl_text(const FreeXL_CellValue& cell) {
  switch (cell.type) {
    case FREEXL_CELL_INT:
      return fmt::format("{}", cell.value.int_value);
    case FREEXL_CELL_DOUBLE: {
      std::string out;
      append_number(out, cell.value.double_value, {}, false);
      return out;
    }
    case FREEXL_CELL_NULL:
      return "";
    default:
      return cell.value.text_value;
  }
}

TEST(Xls, AgreesWithFreeXlOnRealWorkbooks) {
  const fs::path folder = shared_data() / "co-policia-homicidios" / "raw";
  if (!fs::exists(folder)) {
    GTEST_SKIP() << folder << " is absent: set ATALAYA_SHARED to what holds data/";
  }
  int files = 0;
  std::vector<std::string> formulas;  // FreeXL leaves their results out
  for (const auto& entry : fs::directory_iterator(folder)) {
    if (!entry.path().string().ends_with(".xls.zst")) {
      continue;
    }
    const std::string bytes = unpacked(slurp(entry.path())).value();
    const fs::path path =
        fs::temp_directory_path() / fmt::format("atalaya-{}.xls", std::random_device()());
    std::ofstream(path, std::ios::binary) << bytes;
    Grid grid = grid_of(bytes).value();
    const void* handle = nullptr;
    ASSERT_EQ(freexl_open(path.c_str(), &handle), FREEXL_OK);
    freexl_select_active_worksheet(handle, 0);
    unsigned rows = 0;
    unsigned short columns = 0;
    freexl_worksheet_dimensions(handle, &rows, &columns);
    ASSERT_GT(rows, 10'000U);
    std::size_t differences = 0;
    for (unsigned r = 0; r < rows; ++r) {
      std::vector<std::string>& ours = grid[r + 1];
      ours.resize(std::max<std::size_t>(ours.size(), columns));
      for (unsigned short c = 0; c < columns; ++c) {
        FreeXL_CellValue cell = {};
        freexl_get_cell_value(handle, r, c, &cell);
        const std::string theirs = freexl_text(cell);
        if (theirs.empty() && !ours[c].empty()) {
          formulas.push_back(ours[c]);
        } else if (ours[c] != theirs && differences++ < 5) {
          ADD_FAILURE() << entry.path() << " row " << r + 1 << " column " << c << ": " << ours[c]
                        << " != " << theirs;
        }
      }
    }
    EXPECT_EQ(differences, 0U);
    freexl_close(handle);
    fs::remove(path);
    ++files;
  }
  EXPECT_EQ(files, 5);
  // The sums in the TOTAL rows: the totals of these years in the source's own publication.
  std::sort(formulas.begin(), formulas.end());
  EXPECT_THAT(formulas, ElementsAre("13341", "13537", "13555"));
}

}  // namespace
}  // namespace atalaya::files
