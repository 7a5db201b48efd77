// Text tables in every shape that offices send, and what each broken one is answered. Oracles:
// Python's csv module, and a parser of a few lines that is obviously right.
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <random>
#include <sstream>

#include <fmt/core.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <rapidcheck/gtest.h>

#include <atalaya/columns/csv.hpp>
#include <atalaya/columns/read_table.hpp>

#include "csv_scan.hpp"

namespace atalaya::columns {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using Rows = std::vector<std::vector<std::string>>;

Rows rows_of(const RawTable& table) {
  Rows rows(table.rows);
  for (std::size_t r = 0; r < table.rows; ++r) {
    for (const RawColumn& column : table.columns) {
      rows[r].emplace_back(column.values.text(at(column.codes, r)));
    }
  }
  return rows;
}

std::vector<std::string> names_of(const RawTable& table) {
  std::vector<std::string> names;
  for (const RawColumn& column : table.columns) {
    names.push_back(column.name);
  }
  return names;
}

RawTable read(std::string_view bytes, const ReadOptions& options = {}) {
  Result<RawTable> table = read_table(bytes, "t.csv", options);
  EXPECT_TRUE(table.has_value()) << (table ? ""
                                           : table.error().reason + " " + table.error().detail);
  return table ? *std::move(table) : RawTable{};
}

Error error_of(std::string_view bytes, const ReadOptions& options = {}) {
  Result<RawTable> table = read_table(bytes, "t.csv", options);
  EXPECT_FALSE(table.has_value());
  return table ? Error{} : std::move(table).error();
}

std::string param(const Error& error, std::string_view name) {
  for (const auto& [key, value] : error.params) {
    if (key == name) {
      return value;
    }
  }
  return "";
}

ReadOptions plain() {
  ReadOptions options;
  options.header = Header::at_line;
  options.header_line = 1;
  options.delimiter = ',';
  return options;
}

TEST(Csv, QuotesAsRfc4180) {
  const RawTable table =
      read("a,b,c\r\n\"x, \"\"y\"\"\",\"two\nlines\",\r\n\"\",plain,\"z\"\r\n", plain());
  EXPECT_THAT(names_of(table), ElementsAre("a", "b", "c"));
  EXPECT_EQ(rows_of(table), (Rows{{"x, \"y\"", "two\nlines", ""}, {"", "plain", "z"}}));
  EXPECT_EQ(table.line_of(0), 2U);
  EXPECT_EQ(table.line_of(1), 4U);
}

TEST(Csv, EveryLineEnd) {
  const Rows expected{{"1", "2"}, {"3", "4"}};
  for (const std::string_view end : {"\n", "\r\n", "\r"}) {
    const RawTable table = read(fmt::format("a,b{0}1,2{0}3,4{0}", end));
    EXPECT_EQ(rows_of(table), expected);
    EXPECT_EQ(table.line_of(1), 3U);
    EXPECT_EQ(rows_of(read(fmt::format("a,b{0}1,2{0}3,4", end))), expected);
  }
}

TEST(Csv, EveryDelimiterIsFound) {
  for (const char delimiter : {',', ';', '\t', '|', ':'}) {
    std::string text = "year,place,n\n2020,Cali,5\n2021,Pasto,7\n2022,Neiva,9\n";
    std::replace(text.begin(), text.end(), ',', delimiter);
    const RawTable table = read(text);
    EXPECT_EQ(table.delimiter, delimiter);
    EXPECT_EQ(table.columns.size(), 3U) << delimiter;
  }
}

TEST(Csv, EncodingsBecomeUtf8) {
  const Rows expected{{"Bogotá", "ñandú €"}};
  EXPECT_EQ(rows_of(read("a,b\nBogotá,ñandú €\n")), expected);
  EXPECT_EQ(rows_of(read("\xEF\xBB\xBF"
                         "a,b\nBogotá,ñandú €\n")),
            expected);
  const RawTable latin = read(
      "a\xF1o,b\nBogot\xE1,\xF1"
      "and\xFA \x80\n");
  EXPECT_EQ(rows_of(latin), expected);
  EXPECT_EQ(latin.encoding, "windows_1252");
  EXPECT_EQ(latin.columns[0].name, "año");
  for (const bool big : {false, true}) {
    for (const bool mark : {false, true}) {
      const std::u16string text = u"a,b\nBogotá,ñandú €\n";
      std::string bytes;
      const auto put = [&](char16_t c) {
        const char low = static_cast<char>(c & 0xFF);
        const char high = static_cast<char>(c >> 8);
        bytes += big ? high : low;
        bytes += big ? low : high;
      };
      if (mark) {
        put(0xFEFF);
      }
      for (const char16_t c : text) {
        put(c);
      }
      const RawTable table = read(bytes);
      EXPECT_EQ(rows_of(table), expected) << big << mark;
      EXPECT_EQ(table.encoding, "utf_16");
    }
  }
}

TEST(Csv, WantedColumnsByTheirNameInAnyEncoding) {
  ReadOptions options;
  options.columns = {"año"};
  const RawTable table = read("id;a\xF1o\n1;2020\n2;2021\n", options);
  EXPECT_THAT(names_of(table), ElementsAre("año"));
  EXPECT_THAT(table.header, ElementsAre("id", "año"));
  options.columns = {"mes"};
  const Error error = error_of("id;a\xF1o\n1;2020\n", options);
  EXPECT_EQ(error.reason, "columns.table.no_column");
  EXPECT_THAT(error.detail, HasSubstr("id, año"));
}

TEST(Csv, MixedEncodingsNameBothLines) {
  std::string text = "place,n\n";
  for (int i = 0; i < 50; ++i) {
    text += "Bogotá,1\n";
  }
  text += "Bogot\xE1,1\n";
  const Error error = error_of(text);
  EXPECT_EQ(error.reason, "columns.csv.mixed_encodings");
  EXPECT_EQ(param(error, "line"), "52");
  EXPECT_EQ(param(error, "other_line"), "2");
  ReadOptions options;
  options.encoding = Encoding::utf_8;
  const Error strict = error_of(text, options);
  EXPECT_EQ(strict.reason, "columns.csv.not_utf8");
  EXPECT_EQ(param(strict, "line"), "52");
  EXPECT_EQ(param(strict, "column"), "6");
}

TEST(Csv, DamageIsLocated) {
  using namespace std::string_view_literals;
  const Error nul = error_of(
      "a,b\n1,2\n3,\0"
      "4\n"sv);
  EXPECT_EQ(nul.reason, "columns.csv.nul");
  EXPECT_EQ(param(nul, "line"), "3");
  EXPECT_EQ(param(nul, "column"), "3");
  // A hole of a sparse file is no UTF-16.
  const Error hole = error_of("a,b\n1,2\n" + std::string(5'000, '\0'));
  EXPECT_EQ(hole.reason, "columns.csv.nul");
  EXPECT_EQ(param(hole, "line"), "3");
  const Error quote = error_of("a,b\n1,2\n3,\"4\n5,6\n", plain());
  EXPECT_EQ(quote.reason, "columns.csv.unclosed_quote");
  EXPECT_EQ(param(quote, "line"), "3");
  const Error cut = error_of("a,b,c\n1,2,3\n4,5,6\n7,8", plain());
  EXPECT_EQ(cut.reason, "columns.csv.truncated");
  EXPECT_EQ(param(cut, "line"), "4");
  // Nothing but a missing line end tells a number that was cut from one that was not.
  for (const auto& [text, warned] : {std::pair("a,b\n1,2\n3,4", true),
                                     {"a,b\n1,2\n3,4\n", false},
                                     {"a,b\n1,2\n3,\"4\"", false},
                                     {"a,b\n1,2\n3,", false}}) {
    const auto table = read(text);
    ASSERT_EQ(table.warnings.size(), warned ? 1 : 0) << text;
    if (warned) {
      EXPECT_EQ(table.warnings[0].reason, "columns.csv.open_end");
      EXPECT_EQ(param(table.warnings[0], "line"), "3");
      EXPECT_EQ(param(table.warnings[0], "value"), "4");
    }
  }
  EXPECT_EQ(error_of("").reason, "columns.csv.empty");
  EXPECT_EQ(error_of("\n\n \n").reason, "columns.csv.empty");
  ReadOptions comma;
  comma.delimiter = ',';
  const Error wrong = error_of("year;n\n2020;1\n2021;2\n2022;3\n", comma);
  EXPECT_EQ(wrong.reason, "columns.csv.wrong_delimiter");
  EXPECT_EQ(param(wrong, "delimiter"), ";");
}

TEST(Csv, NothingIsFedByOtherFormats) {
  using namespace std::string_view_literals;
  EXPECT_EQ(error_of("PAR1\x15\x04"sv).reason, "files.parquet");
  EXPECT_THAT(error_of("PAR1\x15\x04"sv).detail, HasSubstr("duckdb"));
  EXPECT_EQ(error_of("  <html><table><tr><td>1</td></tr></table>").reason, "files.html_table");
  EXPECT_EQ(error_of("%PDF-1.4 ").reason, "files.not_a_table");
  EXPECT_EQ(read_table(std::string("/nowhere/x.csv")).error().code, ErrorCode::not_found);
}

TEST(Csv, HeaderOnly) {
  const RawTable table = read("a,b");
  EXPECT_EQ(table.rows, 0U);
  EXPECT_THAT(names_of(table), ElementsAre("a", "b"));
}

TEST(Csv, RaggedRowsAreListedAndLeaveNoTrace) {
  const RawTable table = read("a,b,c\n1,2,3\n4,odd\n5,6,7\n8,9,10,more\n,,\n\n11,12,13\n", plain());
  EXPECT_EQ(rows_of(table), (Rows{{"1", "2", "3"}, {"5", "6", "7"}, {"11", "12", "13"}}));
  ASSERT_EQ(table.ragged_rows, 2U);
  EXPECT_EQ(table.ragged[0].line, 3U);
  EXPECT_EQ(table.ragged[0].found, 2U);
  EXPECT_EQ(table.ragged[0].expected, 3U);
  EXPECT_EQ(table.ragged[1].text, "8,9,10,more");
  EXPECT_EQ(table.blank_rows, 2U);
  EXPECT_EQ(table.columns[1].values.size(), 3U);  // not "odd"
  EXPECT_THAT(table.lines, ElementsAre(2U, 4U, 8U));
}

TEST(Csv, TrailingDelimiters) {
  EXPECT_EQ(rows_of(read("a;b;\n1;2;\n3;4;\n")), (Rows{{"1", "2"}, {"3", "4"}}));
  EXPECT_EQ(rows_of(read("a;b\n1;2;\n3;4;;\n")), (Rows{{"1", "2"}, {"3", "4"}}));
  EXPECT_EQ(rows_of(read("a;b;;\n1;2\n3;4\n")), (Rows{{"1", "2"}, {"3", "4"}}));
  // A value without a title keeps its column.
  EXPECT_THAT(names_of(read("a;b;\n1;2;x\n3;4;\n")), ElementsAre("a", "b", "column_3"));
}

TEST(Csv, NamesOfColumns) {
  EXPECT_THAT(names_of(read("n, n ,,n_2,n\n1,2,3,4,5\n", plain())),
              ElementsAre("n", "n_3", "column_3", "n_2", "n_4"));
}

TEST(Csv, BannerHeaderAndNotes) {
  const std::string text =
      "POLICE OF NOWHERE;;;\nsynthetic;;;\n;;;\nyear;month;place;victims\n2020;1;Aldea;3\n"
      "2020;2;Villa;4\n2021;1;Aldea;5\n2021;2;Villa;6\n;;;\nSource: nobody;;;\n"
      "Checked by: nobody;;;\n";
  const Dialect dialect = sniff(text, text);
  EXPECT_EQ(dialect.header_line, 4U);
  EXPECT_EQ(dialect.banner_lines, 3U);
  EXPECT_EQ(dialect.footer_rows, 2U);
  ReadOptions options;
  options.end_columns = {"year", "victims"};
  EXPECT_EQ(read(text).rows, 6U);
  options.end_columns = {"month", "victims"};
  const RawTable table = read(text, options);
  EXPECT_EQ(table.rows, 4U);
  EXPECT_EQ(table.header_line, 4U);
  EXPECT_EQ(table.footer_line, 10U);
  EXPECT_EQ(table.footer_rows, 2U);
  EXPECT_EQ(table.columns[0].values.size(), 2U);  // the notes left no trace
}

TEST(Csv, HeaderByLineAndWithout) {
  ReadOptions options;
  options.header = Header::none;
  const RawTable table = read("1,2\n3,4\n", options);
  EXPECT_EQ(rows_of(table), (Rows{{"1", "2"}, {"3", "4"}}));
  EXPECT_THAT(names_of(table), ElementsAre("column_1", "column_2"));
  EXPECT_EQ(read("2020,5,x\n2021,6,y\n2022,7,x\n").header_line, 0U);
  // Years are titles where they stand side by side.
  EXPECT_EQ(read("place,2019,2020,2021\nCali,5,6,7\nPasto,4,3,2\n").header_line, 1U);
  options.header = Header::at_line;
  options.header_line = 9;
  EXPECT_EQ(error_of("a,b\n1,2\n", options).reason, "columns.table.no_header");
}

TEST(Csv, DecimalMarks) {
  EXPECT_EQ(sniff("a;b\n1;2,5\n2;3,75\n").decimal_mark, ',');
  EXPECT_EQ(sniff("a,b\n1,2.5\n2,3.75\n").decimal_mark, '.');
  EXPECT_EQ(sniff("a;b\n1;1.234,5\n2;3.456,7\n").decimal_mark, ',');
  EXPECT_EQ(sniff("a;b\n1;1.234\n").decimal_mark, 0);
}

TEST(Csv, RowsMaxSaysThatThereIsMore) {
  ReadOptions options = plain();
  options.rows_max = 2;
  const RawTable table = read("a,b\n1,x\n2,y\n3,z\n", options);
  EXPECT_EQ(rows_of(table), (Rows{{"1", "x"}, {"2", "y"}}));
  EXPECT_TRUE(table.cut);
  EXPECT_EQ(table.columns[1].values.size(), 2U);
  options.rows_max = 3;
  EXPECT_FALSE(read("a,b\n1,x\n2,y\n3,z\n", options).cut);
}

// Several blocks: codes, order and lines do not depend on the number of threads, and codes grow.
TEST(Csv, ManyBlocksAnyNumberOfThreads) {
  std::mt19937 random(7);
  std::string text = "id,small,medium,quoted\n";
  Rows expected;
  for (int i = 0; i < 80'000; ++i) {
    const std::vector<std::string> row = {fmt::format("{}", i), fmt::format("s{}", random() % 9),
                                          fmt::format("m{}", random() % 900),
                                          i % 5 == 0 ? "with \"quotes\",\nand lines" : "none"};
    text += fmt::format("{},{},{},{}\n", row[0], row[1], row[2],
                        i % 5 == 0 ? "\"with \"\"quotes\"\",\nand lines\"" : "none");
    expected.push_back(row);
  }
  ReadOptions options = plain();
  options.threads = 1;
  const RawTable one = read(text, options);
  EXPECT_EQ(rows_of(one), expected);
  EXPECT_TRUE(std::holds_alternative<std::vector<std::uint32_t>>(one.columns[0].codes));
  EXPECT_TRUE(std::holds_alternative<std::vector<std::uint8_t>>(one.columns[1].codes));
  EXPECT_TRUE(std::holds_alternative<std::vector<std::uint16_t>>(one.columns[2].codes));
  EXPECT_EQ(one.line_of(1), 4U);
  options.threads = 4;
  const RawTable four = read(text, options);
  EXPECT_EQ(four.lines, one.lines);
  for (std::size_t c = 0; c < one.columns.size(); ++c) {
    EXPECT_EQ(one.columns[c].codes, four.columns[c].codes);
    EXPECT_EQ(one.columns[c].values.size(), four.columns[c].values.size());
  }
  EXPECT_EQ(rows_of(four), expected);
}

// A quote inside an unquoted field makes counting quotes wrong: the file must be read again.
TEST(Csv, StrayQuotesAcrossBlocks) {
  std::string text = "a,b\n";
  Rows expected;
  for (int i = 0; i < 120'000; ++i) {
    if (i % 1'000 == 3) {
      text += fmt::format("5\" pipe,{}\n\"q\n{}\",x\n", i, i);
      expected.push_back({"5\" pipe", fmt::format("{}", i)});
      expected.push_back({fmt::format("q\n{}", i), "x"});
    } else {
      text += fmt::format("plain,{}\n", i);
      expected.push_back({"plain", fmt::format("{}", i)});
    }
  }
  ReadOptions options = plain();
  options.threads = 3;
  EXPECT_EQ(rows_of(read(text, options)), expected);
}

TEST(Csv, LongFieldsAndOpenQuotesInBigFiles) {
  const std::string longest(3U << 20U, 'x');
  EXPECT_EQ(rows_of(read("a,b\n1,\"" + longest + "\n\"\n2,y\n", plain())),
            (Rows{{"1", longest + "\n"}, {"2", "y"}}));
  std::string text = "a,b\n1,\"open\n";
  // Long lines: a sanitizer looks at all that is before a line's end whenever one is searched.
  const std::string line = "2,a line that never ends the quote" + std::string(4'000, ' ') + "\n";
  while (text.size() < (17U << 20U)) {
    text += line;
  }
  const Error error = error_of(text, plain());
  EXPECT_EQ(error.reason, "columns.csv.row_too_long");
  EXPECT_EQ(param(error, "line"), "2");
}

TEST(Csv, ErrorsInLaterBlocksHaveTheirLine) {
  std::string text = "a,b\n";
  for (int i = 0; i < 300'000; ++i) {
    text += "12345,67890\n";
  }
  text += "1,2,3\nx,y\n\"open";
  ReadOptions options = plain();
  options.threads = 2;
  const Error error = error_of(text, options);
  EXPECT_EQ(error.reason, "columns.csv.unclosed_quote");
  EXPECT_EQ(param(error, "line"), "300004");
  text.resize(text.size() - 5);
  const RawTable table = read(text, options);
  EXPECT_EQ(table.rows, 300'001U);
  EXPECT_EQ(table.ragged.at(0).line, 300'002U);
  EXPECT_EQ(table.line_of(300'000), 300'003U);
}

// The parser that is obviously right: one character at a time.
Rows naive(std::string_view text, char delimiter) {
  Rows rows;
  std::vector<std::string> row;
  std::string field;
  bool quoted = false;
  bool begin = true;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (quoted) {
      if (c == '"' && i + 1 < text.size() && text[i + 1] == '"') {
        field += '"';
        ++i;
      } else if (c == '"') {
        quoted = false;
      } else {
        field += c;
      }
    } else if (c == '"' && begin) {
      quoted = true;
      begin = false;
    } else if (c == delimiter) {
      row.push_back(std::move(field));
      field.clear();
      begin = true;
    } else if (c == '\n' || c == '\r') {
      if (c == '\r' && i + 1 < text.size() && text[i + 1] == '\n') {
        ++i;
      }
      row.push_back(std::move(field));
      field.clear();
      rows.push_back(std::move(row));
      row.clear();
      begin = true;
    } else {
      field += c;
      begin = false;
    }
  }
  return rows;
}

std::string random_csv(std::mt19937& random, int rows) {
  static const std::vector<std::string> kPieces = {
      "a", "bc", "12", "Bogotá", "\"\"", "x y", "sixteen bytes ok", "seventeen bytes!!"};
  const std::vector<std::string> ends = {"\n", "\r\n", "\r"};
  const int columns = 1 + static_cast<int>(random() % 5);
  const unsigned quoted_one_in = random() % 2 == 0 ? 3 : 40;
  std::string text;
  for (int c = 0; c < columns; ++c) {
    text += fmt::format("{}c{}", c == 0 ? "" : ",", c);
  }
  text += '\n';
  for (int r = 0; r < rows; ++r) {
    for (int c = 0; c < columns; ++c) {
      text += c == 0 ? "" : ",";
      const bool quoted = random() % quoted_one_in == 0;
      text += quoted ? "\"" : "";
      for (unsigned n = random() % 4; n > 0; --n) {
        const std::string& piece = kPieces[random() % kPieces.size()];
        // Unquoted, a quote may stand anywhere but at the begin.
        text += !quoted && piece[0] == '"' ? "z\"" : piece;
        text += quoted && random() % 4 == 0 ? "," : "";
        text += quoted && random() % 6 == 0 ? ends[random() % 3] : "";
      }
      text += quoted ? "\"" : "";
    }
    text += ends[random() % 3];
  }
  return text;
}

Rows without_blank(Rows rows) {
  std::erase_if(rows, [](const auto& row) {
    return std::all_of(row.begin(), row.end(), [](const auto& field) { return field.empty(); });
  });
  return rows;
}

RC_GTEST_PROP(CsvProperty, AgreesWithTheNaiveParser, ()) {
  std::mt19937 random(*rc::gen::arbitrary<unsigned>());
  const std::string text = random_csv(random, static_cast<int>(random() % 40));
  Rows expected = without_blank(naive(text, ','));
  const Result<RawTable> table = read_table(text, "t.csv", plain());
  RC_ASSERT(table.has_value());
  expected.erase(expected.begin());
  RC_ASSERT(rows_of(*table) == expected);
}

RC_GTEST_PROP(CsvProperty, NothingCrashesAndEveryRowIsCounted, (std::string bytes)) {
  const Result<RawTable> table = read_table(bytes, "t.csv", plain());
  if (table) {
    for (const RawColumn& column : table->columns) {
      RC_ASSERT(size(column.codes) == table->rows);
    }
  } else {
    RC_ASSERT(!table.error().reason.empty());
  }
}

// Python's csv module reads the same files.
TEST(CsvOracle, PythonsCsvModule) {
  if (std::system("python3 -c 'import csv' 2>/dev/null") != 0) {
    GTEST_SKIP() << "python3 is not installed";
  }
  const std::filesystem::path folder = std::filesystem::temp_directory_path() /
                                       fmt::format("atalaya-csv-{}", std::random_device()());
  std::filesystem::create_directories(folder);
  constexpr int kFiles = 60;
  std::mt19937 random(20'240'101);
  for (int i = 0; i < kFiles; ++i) {
    // Python refuses a lone CR outside quotes in some versions: LF and CRLF only.
    std::string text = random_csv(random, 50);
    std::string fixed;
    for (std::size_t k = 0; k < text.size(); ++k) {
      const bool lone = text[k] == '\r' && (k + 1 == text.size() || text[k + 1] != '\n');
      fixed += lone ? '\n' : text[k];
    }
    std::ofstream(folder / fmt::format("{}.csv", i), std::ios::binary) << fixed;
  }
  const std::string script =
      "import csv,sys\n"
      "for i in range(60):\n"
      "  out=open(f'{sys.argv[1]}/{i}.txt','w',newline='',encoding='utf-8')\n"
      "  for row in csv.reader(open(f'{sys.argv[1]}/{i}.csv',newline='',encoding='utf-8')):\n"
      "    if any(row): out.write('\\x1f'.join(row)+'\\x1e')\n";
  std::ofstream(folder / "read.py") << script;
  const std::string command = fmt::format("python3 '{0}/read.py' '{0}'", folder.string());
  ASSERT_EQ(std::system(command.c_str()), 0);
  for (int i = 0; i < kFiles; ++i) {
    const Result<RawTable> table =
        read_table((folder / fmt::format("{}.csv", i)).string(), plain());
    ASSERT_TRUE(table.has_value()) << table.error().detail;
    std::string ours;
    for (const RawColumn& column : table->columns) {
      ours += (ours.empty() ? "" : "\x1f") + column.name;
    }
    ours += '\x1e';
    for (const auto& row : rows_of(*table)) {
      for (std::size_t c = 0; c < row.size(); ++c) {
        ours += (c == 0 ? "" : "\x1f") + row[c];
      }
      ours += '\x1e';
    }
    std::stringstream theirs;
    theirs << std::ifstream(folder / fmt::format("{}.txt", i), std::ios::binary).rdbuf();
    EXPECT_EQ(ours, theirs.str()) << "file " << i;
  }
  std::filesystem::remove_all(folder);
}

// The loop for this processor, the one for every processor, and one byte after the other.
RC_GTEST_PROP(CsvProperty, EveryScanFindsTheSamePlaces, ()) {
  const auto random = *rc::gen::arbitrary<std::uint32_t>();
  const auto size = *rc::gen::inRange<std::size_t>(1, 700);
  const bool quotes = *rc::gen::arbitrary<bool>();
  const std::string_view alphabet("aaaaaaaaaaa,,,\n\r\"\xC3\0", 19);
  std::minstd_rand draw(random);
  std::string bytes(size, ' ');
  std::generate(bytes.begin(), bytes.end(), [&] { return alphabet[draw() % alphabet.size()]; });
  std::vector<std::uint32_t> positions{0xFFFFFFFF};
  std::vector<std::uint32_t> breaks;
  for (std::size_t i = 0; i < size; ++i) {
    const char c = bytes[i];
    const bool lone_cr = c == '\r' && (i + 1 == size || bytes[i + 1] != '\n');
    if (c == ',' || c == '\n' || lone_cr || (quotes && c == '"')) {
      if (c != ',') {
        breaks.push_back(static_cast<std::uint32_t>(positions.size()));
      }
      positions.push_back(static_cast<std::uint32_t>(i));
    }
  }
  breaks.push_back(0xFFFFFFFF);
  const bool high = bytes.find('\xC3') != std::string::npos;
  const bool nul = bytes.find('\0') != std::string::npos;
  bytes.append(kBlockPadding, '\0');
  for (const bool portable : {false, true}) {
    ScanIndex index;
    const Scan scan = portable ? scan_portable(bytes.data(), size, ',', quotes ? '"' : ',', index)
                               : scan_block(bytes.data(), size, ',', quotes ? '"' : '\0', index);
    RC_ASSERT(scan.positions == positions.size());
    RC_ASSERT(std::equal(positions.begin(), positions.end(), index.positions.begin()));
    RC_ASSERT(std::equal(breaks.begin(), breaks.end(), index.breaks.begin()));
    RC_ASSERT(scan.any_high == high);
    RC_ASSERT(scan.any_nul == nul);
  }
}

}  // namespace
}  // namespace atalaya::columns
