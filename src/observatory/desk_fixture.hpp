#pragma once
// For this module's tests: a Colombian node's desk with a store, a log and a folder of its own, and
// mappings of synthetic cases and inhabitants.

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include <atalaya/observatory/desk.hpp>
#include <atalaya/store/test_store.hpp>

namespace atalaya::observatory {

inline constexpr std::string_view kCasesMapping = R"(
id = "cases"
title = "Cases, synthetic"
synthetic = true
country = "COL"
covers = "COL"
source_kind = "police"
[defaults]
unit = "victims"
iccs = "0101"
[dimensions.period]
column = "date"
[dimensions.territory]
column = "place"
[dimensions.sex]
column = "sex"
[value]
column = "n"
)";

inline constexpr std::string_view kPeopleMapping = R"(
id = "people"
kind = "population"
synthetic = true
country = "COL"
source_kind = "population"
[dimensions.period]
column = "year"
[dimensions.territory]
column = "place"
[value]
column = "n"
)";

/// One more dimension, read from the column of its name.
inline std::string with_dimension(std::string_view mapping, const std::string& name) {
  std::string text(mapping);
  return text.insert(text.find("[value]"),
                     "[dimensions." + name + "]\ncolumn = \"" + name + "\"\n");
}

/// begin() and open(), then `desk_`.
class TestDesk {
 public:
  explicit TestDesk(std::string_view now = "2026-03-01T10:00:00Z") : clock_(*parse_utc_time(now)) {}

  TestDesk(const TestDesk&) = delete;
  TestDesk& operator=(const TestDesk&) = delete;

  ~TestDesk() {
    desk_.reset();
    ledger_.reset();
    std::error_code error;
    std::filesystem::remove_all(folder_, error);
  }

  void begin(store::Engine engine) {
    store_ = std::make_unique<store::TestStore>(engine);
    std::string name = (std::filesystem::temp_directory_path() / "atalaya-desk-XXXXXX").string();
    ASSERT_NE(::mkdtemp(name.data()), nullptr);
    folder_ = name;
    const std::string key = (folder_ / "node.key").string();
    ASSERT_TRUE(ledger::NodeKey::generate(key, "test.example").has_value());
    auto loaded = ledger::NodeKey::load(key);
    ASSERT_TRUE(loaded.has_value());
    ledger_ = *ledger::Ledger::open(store_->database(), *std::move(loaded), clock_);
  }

  /// Over this store, which may be one that fails; `facts` empty: files in the folder.
  void open(store::Database& database, decltype(DeskParts::facts) facts = {}) {
    DeskParts parts;
    parts.database = &database;
    parts.ledger = ledger_.get();
    parts.clock = &clock_;
    parts.folder = folder_ / "facts";
    parts.facts = std::move(facts);
    parts.country = "COL";
    desk_ = *Desk::open(std::move(parts));
  }

  std::filesystem::path file(const std::string& name, std::string_view text) {
    std::ofstream(folder_ / name) << text;
    return folder_ / name;
  }

  Result<LoadResult> load(std::string_view mapping, std::string_view csv,
                          const std::string& source = "police", bool accept_changes = true) {
    const auto parsed = parse_mapping(mapping, "test.toml");
    EXPECT_TRUE(parsed.has_value()) << (parsed ? "" : parsed.error().detail);
    LoadOptions options;
    options.source = source;
    options.accept_changes = accept_changes;
    return desk_->load(*parsed, {file("in.csv", csv)}, options);
  }

  FixedClock clock_;
  std::unique_ptr<store::TestStore> store_;
  std::filesystem::path folder_;
  std::unique_ptr<ledger::Ledger> ledger_;
  std::unique_ptr<Desk> desk_;
};

}  // namespace atalaya::observatory
