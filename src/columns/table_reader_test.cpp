// The real files: every csv has the rows that its SOURCE.md states, and Colombia's fifteen
// workbooks hold cell by cell what the merged csv says, which was made by other programs.
#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <regex>

#include <fmt/core.h>
#include <gtest/gtest.h>

#include <atalaya/base/text.hpp>
#include <atalaya/columns/read_table.hpp>

namespace atalaya::columns {
namespace {

namespace fs = std::filesystem;

fs::path shared_data() {
  const char* given = std::getenv("ATALAYA_SHARED");  // NOLINT(concurrency-mt-unsafe)
  return fs::path(given != nullptr ? given : ATALAYA_SOURCE_DIR "/../shared") / "data";
}

TEST(SharedData, RowCountsOfEveryCsv) {
  if (!fs::exists(shared_data())) {
    GTEST_SKIP() << shared_data() << " is absent: set ATALAYA_SHARED to what holds data/";
  }
  // | file.csv.zst | 901,989 | 244,090 | UTF-8, "," | 5b3acf60d252 |
  const std::regex line(
      R"(\| (\S+\.(?:csv|CSV)(?:\.zst)?) \| [\d,]+ \| ([\d,]+) \| (.*) \| \S+ \|)");
  int files = 0;
  for (const auto& folder : fs::directory_iterator(shared_data())) {
    std::ifstream source(folder.path() / "SOURCE.md");
    for (std::string text; std::getline(source, text);) {
      std::smatch match;
      if (!std::regex_match(text, match, line) || !fs::exists(folder.path() / match[1].str())) {
        continue;
      }
      std::string count = match[2];
      std::erase(count, ',');
      const std::string path = (folder.path() / match[1].str()).string();
      const Result<RawTable> table = read_table(path);
      ASSERT_TRUE(table.has_value()) << table.error().detail;
      EXPECT_EQ(fmt::format("{}", table->rows + table->ragged_rows), count) << path;
      EXPECT_EQ(table->ragged_rows, 0U) << path;
      const bool latin = match[3].str().starts_with("windows");
      EXPECT_EQ(table->encoding, latin ? "windows_1252" : "utf_8") << path;
      EXPECT_EQ(table->header_line, 1U) << path;
      ++files;
    }
  }
  EXPECT_GE(files, 70);
}

// Columns of a workbook under the names that the merged csv gives them.
std::string merged_name(std::string_view title) {
  static const std::map<std::string, std::string, std::less<>> kNames = {
      {"departamento", "departamento"},
      {"municipio", "municipio"},
      {"codigo dane", "codigo_dane_raw"},
      {"armas medios", "armas_medios"},
      {"arma medio", "armas_medios"},
      {"fecha hecho", "fecha_hecho"},
      {"fecha de hecho", "fecha_hecho"},
      {"genero", "genero"},
      {"agrupa edad persona", "agrupa_edad"},
      {"agrupa_edad_persona", "agrupa_edad"},
      {"*agrupa_edad_persona", "agrupa_edad"},
      {"*agrupa edad persona*", "agrupa_edad"},
      {"*agrupa_edad_persona*", "agrupa_edad"},
      {"grupo etario", "agrupa_edad"},
      {"cantidad", "cantidad"}};
  const auto at = kNames.find(squeeze(fold(title)));
  return at == kNames.end() ? std::string() : at->second;
}

// The cells of one column, or none where the table has no such column.
struct Cells {
  const RawColumn* column = nullptr;

  [[nodiscard]] std::string_view operator[](std::size_t row) const {
    return column == nullptr ? std::string_view() : column->values.text(at(column->codes, row));
  }
};

Cells cells_of(const RawTable& table, std::string_view name) {
  for (const RawColumn& column : table.columns) {
    if (column.name == name || merged_name(column.name) == name) {
      return {.column = &column};
    }
  }
  return {};
}

TEST(SharedData, ColombiasWorkbooksHoldWhatTheMergedFileSays) {
  const fs::path folder = shared_data() / "co-policia-homicidios";
  if (!fs::exists(folder)) {
    GTEST_SKIP() << folder << " is absent: set ATALAYA_SHARED to what holds data/";
  }
  const Result<RawTable> merged = read_table((folder / "homicidios_2003_2024.csv.zst").string());
  ASSERT_TRUE(merged.has_value());
  ASSERT_EQ(merged->rows, 244'090U);
  std::map<std::string, std::vector<std::size_t>> rows_of;
  const Cells files = cells_of(*merged, "source_file");
  for (std::size_t r = 0; r < merged->rows; ++r) {
    rows_of[std::string(files[r])].push_back(r);
  }
  ASSERT_EQ(rows_of.size(), 15U);
  for (const auto& [file, rows] : rows_of) {
    fs::path path = folder / "raw" / file;
    path = fs::exists(path) ? path : fs::path(path.string() + ".zst");
    const Result<RawTable> table = read_table(path.string());
    ASSERT_TRUE(table.has_value()) << file << table.error().detail;
    // Rows without a date are the TOTAL and the notes.
    const Cells dates = cells_of(*table, "fecha_hecho");
    std::vector<std::size_t> dated;
    for (std::size_t r = 0; r < table->rows; ++r) {
      if (dates[r].size() == 10) {
        dated.push_back(r);
      }
    }
    ASSERT_EQ(dated.size(), rows.size()) << file;
    std::size_t differences = 0;
    for (const char* column : {"departamento", "municipio", "armas_medios", "fecha_hecho", "genero",
                               "agrupa_edad", "cantidad", "codigo_dane_raw"}) {
      const Cells ours = cells_of(*table, column);
      const Cells theirs = cells_of(*merged, column);
      for (std::size_t i = 0; i < rows.size(); ++i) {
        if (trim(ours[dated[i]]) != trim(theirs[rows[i]]) && differences++ < 3) {
          ADD_FAILURE() << file << " row " << table->line_of(dated[i]) << " " << column << ": "
                        << ours[dated[i]] << " != " << theirs[rows[i]];
        }
      }
    }
    EXPECT_EQ(differences, 0U) << file;
  }
}

TEST(SharedData, ACsvAndAWorkbookOfTheSameTable) {
  const fs::path folder = shared_data() / "intl-unodc-glotip";
  if (!fs::exists(folder)) {
    GTEST_SKIP() << folder << " is absent: set ATALAYA_SHARED to what holds data/";
  }
  const Result<RawTable> csv = read_table((folder / "data_glotip.csv.zst").string());
  const Result<RawTable> xlsx = read_table((folder / "data_glotip.xlsx").string());
  ASSERT_TRUE(csv.has_value());
  ASSERT_TRUE(xlsx.has_value());
  EXPECT_EQ(csv->rows, xlsx->rows);
}

}  // namespace
}  // namespace atalaya::columns
