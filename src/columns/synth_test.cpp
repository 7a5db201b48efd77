// Goal: synthetic files are the same everywhere, and are what their header promises. The oracle is
// tests/conformance/synthetic_victims.py, which follows the same description in another language;
// a change of the bytes is a change of every published demonstration.
#include <gtest/gtest.h>

#include <array>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include <unistd.h>

#include <fmt/format.h>

#include <atalaya/columns/synth.hpp>

namespace atalaya::columns {

namespace {

class Synth : public testing::Test {
 protected:
  Synth() {
    std::string name = (std::filesystem::temp_directory_path() / "atalaya-synth-XXXXXX").string();
    ATALAYA_CHECK(::mkdtemp(name.data()) != nullptr);
    folder_ = name;
  }

  ~Synth() override { std::filesystem::remove_all(folder_); }

  [[nodiscard]] std::string file(const std::string& name) const { return folder_ + "/" + name; }

  static std::string bytes(const std::string& path) {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }

 private:
  std::string folder_;
};

}  // namespace

TEST_F(Synth, SameSeedSameBytes) {
  ASSERT_TRUE(write_synthetic_victims(file("a"), 20'000, 7).has_value());
  ASSERT_TRUE(write_synthetic_victims(file("b"), 20'000, 7).has_value());
  ASSERT_TRUE(write_synthetic_victims(file("c"), 20'000, 8).has_value());
  EXPECT_EQ(bytes(file("a")), bytes(file("b")));
  EXPECT_NE(bytes(file("a")), bytes(file("c")));
  // More rows begin with the same rows, so that a sample is a sample of the whole.
  ASSERT_TRUE(write_synthetic_victims(file("d"), 30'000, 7).has_value());
  EXPECT_EQ(bytes(file("d")).substr(0, bytes(file("a")).size()), bytes(file("a")));
}

TEST_F(Synth, AnotherLanguageWritesTheSameFile) {
  if (std::system("python3 --version >/dev/null 2>&1") != 0) {
    GTEST_SKIP() << "python3 is not installed";
  }
  ASSERT_TRUE(write_synthetic_victims(file("ours"), 3'000, 42).has_value());
  const std::string command =
      fmt::format("python3 {}/tests/conformance/synthetic_victims.py 3000 42 > {}",
                  ATALAYA_SOURCE_DIR, file("theirs"));
  ASSERT_EQ(std::system(command.c_str()), 0);
  EXPECT_EQ(bytes(file("ours")), bytes(file("theirs")));
}

TEST_F(Synth, PopulationHasEveryCellAndIsPositive) {
  ASSERT_TRUE(write_synthetic_population(file("p"), 1).has_value());
  std::ifstream in(file("p"));
  std::string line;
  std::getline(in, line);
  EXPECT_EQ(line, "year,sintetia_code,sex,age_from,age_to,population");
  std::size_t lines = 0;
  while (std::getline(in, line)) {
    ++lines;
    EXPECT_GT(std::stoll(line.substr(line.rfind(',') + 1)), 0) << line;
  }
  EXPECT_EQ(lines, 33U * 17 * 2 * 10);
}

TEST_F(Synth, LeavesNothingWhenItFailsOrIsStopped) {
  EXPECT_EQ(write_synthetic_victims(file("a"), 0, 1).error().reason, "columns.synth.rows");
  EXPECT_EQ(write_synthetic_victims(file("none/a"), 1, 1).error().reason, "columns.synth.io");
  std::uint64_t seen = 0;
  const auto stopped = write_synthetic_victims(file("a"), 100'000, 1, [&](std::uint64_t rows) {
    seen = rows;
    return rows < 40'000;
  });
  EXPECT_EQ(stopped.error().reason, "columns.synth.stopped");
  EXPECT_GE(seen, 40'000U);
  EXPECT_LT(seen, 100'000U);
  EXPECT_TRUE(std::filesystem::is_empty(file("")));
}

}  // namespace atalaya::columns
