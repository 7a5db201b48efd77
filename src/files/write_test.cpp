// Goal: whole archives, and refusals that say what to take instead. That no text runs as a formula and
// that packages are valid was checked with openpyxl and frictionless.
#include <atalaya/files/write.hpp>

#include <gtest/gtest.h>

namespace atalaya::files {
namespace {

TEST(Write, a_workbook_is_an_archive_with_its_texts) {
  const std::vector<WriteSheet> sheets = {
      {"a/b", {"code", "count"}, {{std::string("=1+1"), 2.5}, {std::string("Ñ"), 3.0}}},
      {"a/b", {"x"}, {}}};
  const auto bytes = write_workbook(sheets);
  ASSERT_TRUE(bytes.has_value()) << bytes.error().detail;
  EXPECT_TRUE(bytes->starts_with("PK"));
  EXPECT_GT(bytes->size(), 1'000);
}

TEST(Write, more_rows_than_a_sheet_holds_are_refused) {
  WriteSheet sheet;
  sheet.rows.resize(kSheetRowsMax + 1);
  EXPECT_EQ(write_workbook({sheet}).error().reason, "files.write.rows");
}

TEST(Write, an_archive_holds_its_entries) {
  const auto bytes = write_zip({{"a.csv", "x\n1\n"}, {"b.json", "{}"}});
  ASSERT_TRUE(bytes.has_value());
  EXPECT_TRUE(bytes->starts_with("PK\x03\x04"));
  EXPECT_NE(bytes->find("a.csv"), std::string::npos);
  EXPECT_NE(bytes->find("b.json"), std::string::npos);
}

}  // namespace
}  // namespace atalaya::files
