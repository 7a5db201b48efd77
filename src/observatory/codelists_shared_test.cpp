// Names and codes as real files write them: police and population files of Colombia and Brazil, and
// the first-level names of public map files. Skipped where the data is absent.

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <sstream>

#include <gtest/gtest.h>

#include <atalaya/base/json.hpp>
#include <atalaya/observatory/codelists.hpp>

namespace atalaya::observatory {
namespace {

std::filesystem::path shared_data() {
  const char* root = std::getenv("ATALAYA_SHARED");
  return std::filesystem::path(root == nullptr ? ATALAYA_SOURCE_DIR "/../shared" : root) / "data";
}

std::string read_bytes(const std::filesystem::path& path) {
  std::ostringstream bytes;
  bytes << std::ifstream(path, std::ios::binary).rdbuf();
  return bytes.str();
}

/// The distinct values of the first columns; the files have no quotes there.
std::set<std::vector<std::string>> first_columns(const std::filesystem::path& path,
                                                 std::size_t count) {
  std::set<std::vector<std::string>> rows;
  std::ifstream file(path);
  std::string line;
  std::getline(file, line);
  while (std::getline(file, line)) {
    std::vector<std::string> row;
    for (const auto cell : split(line, ',')) {
      if (row.size() < count) {
        row.emplace_back(cell);
      }
    }
    rows.insert(std::move(row));
  }
  return rows;
}

const Codelist& territories() {
  static const auto lists = Codelists::embedded();
  return *lists->find("territory");
}

TEST(SharedNames, ColombiasDepartmentsAreFoundOneForOne) {
  const auto path = shared_data() / "co-policia-homicidios/department_year.csv";
  if (!std::filesystem::exists(path)) {
    GTEST_SKIP() << path << " is absent: set ATALAYA_SHARED to what holds data/";
  }
  std::set<std::string> found;
  const auto names = first_columns(path, 1);
  EXPECT_EQ(names.size(), 32U);  // Bogotá is counted within Cundinamarca there
  for (const auto& name : names) {
    const auto matches = territories().match_name(name[0], {"COL", 2});
    ASSERT_NE(matches.sure(), nullptr) << name[0];
    EXPECT_GE(matches.sure()->score, 0.95) << name[0];
    EXPECT_TRUE(found.insert(matches.sure()->code->id).second) << name[0];
  }
}

TEST(SharedNames, BrazilsStatesAreFoundByLettersAndByNumber) {
  const auto path = shared_data() / "br-ibge-populacao/populacao-estimada-2021_2023-07-10.csv";
  if (!std::filesystem::exists(path)) {
    GTEST_SKIP() << path << " is absent: set ATALAYA_SHARED to what holds data/";
  }
  const auto lists = Codelists::embedded();
  std::size_t municipalities = 0;
  for (const auto& row : first_columns(path, 3)) {
    const std::string expected = "BR-" + row[0];
    ++municipalities;
    ASSERT_EQ(lists->parent("territory", "BRA_" + row[2]), expected);
    if (municipalities % 100 == 0) {  // the same 27 values over and over
      const auto by_number = territories().match_name(row[1], {"BRA", 2});
      ASSERT_NE(by_number.sure(), nullptr) << row[1];
      EXPECT_EQ(by_number.sure()->code->id, expected);
      const auto by_letters = territories().match_name(row[0], {"BRA", 2});
      ASSERT_NE(by_letters.sure(), nullptr) << row[0];
      EXPECT_EQ(by_letters.sure()->code->id, expected);
    }
  }
  EXPECT_EQ(municipalities, 5570U);
}

TEST(SharedNames, MapFilesNamesAreFound) {
  const auto folder = shared_data() / "boundaries-americas/admin1";
  if (!std::filesystem::exists(folder)) {
    GTEST_SKIP() << folder << " is absent: set ATALAYA_SHARED to what holds data/";
  }
  std::size_t all = 0, sure = 0;
  std::string missed;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    const std::string country = entry.path().filename().string().substr(0, 3);
    const auto map = parse_json(read_bytes(entry.path()), country);
    ASSERT_TRUE(map.has_value());
    for (const auto& object : map->at("objects").as_object()) {
      for (const auto& geometry : object.value().at("geometries").as_array()) {
        const auto* properties = geometry.as_object().if_contains("properties");
        const auto* name =
            properties == nullptr ? nullptr : properties->as_object().if_contains("name");
        if (name == nullptr || !name->is_string()) {
          continue;  // placeholders without a name
        }
        ++all;
        if (territories().match_name(name->get_string(), {country, 2}).sure() != nullptr) {
          ++sure;
        } else {
          missed += country + " " + std::string(name->get_string()) + "; ";
        }
      }
    }
  }
  EXPECT_GT(all, 500U);
  EXPECT_GT(sure * 100, all * 90) << sure << " of " << all << ": " << missed;
  RecordProperty("sure", static_cast<int>(sure));
  RecordProperty("all", static_cast<int>(all));
  RecordProperty("missed", missed);
}

}  // namespace
}  // namespace atalaya::observatory
