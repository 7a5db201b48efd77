#include "cluster_queries.hpp"

#include <algorithm>
#include <iterator>

#include <fmt/format.h>

#include <atalaya/columns/cube.hpp>

namespace atalaya::observatory::detail::cluster {
namespace {

constexpr std::size_t kNameBytesMax = 64;

std::string slot_name(std::size_t slot) {
  return fmt::format("d{:02}", slot);
}

std::string slot_names(std::size_t slots, std::string_view after) {
  std::string out;
  for (std::size_t slot = 1; slot <= slots; ++slot) {
    out += fmt::format(", {}{}", slot_name(slot), after);
  }
  return out;
}

// A table indexed by the code: one look-up a row on the server too.
template <class Value>
std::string table(const Dimension& dimension, Value value) {
  std::string out = "[";
  for (const std::uint32_t member : dimension.members) {
    fmt::format_to(std::back_inserter(out), "{}{}", out.size() == 1 ? "" : ",", value(member));
  }
  return out + fmt::format("][{}]", slot_name(dimension.slot));
}

bool drops_some(const Dimension& dimension) {
  return std::ranges::find(dimension.members, columns::kDropped) != dimension.members.end();
}

// Codes that lie together are asked for by their ends; dictionaries are sorted, so that most do.
std::string passing(const Dimension& dimension) {
  const auto& members = dimension.members;
  const auto kept = [](std::uint32_t member) { return member != columns::kDropped; };
  const auto first = std::ranges::find_if(members, kept);
  const auto last = std::find_if_not(first, members.end(), kept);
  if (std::none_of(last, members.end(), kept)) {
    return fmt::format("{0} >= {1} AND {0} < {2}", slot_name(dimension.slot),
                       first - members.begin() + 1, last - members.begin() + 1);
  }
  return table(dimension, [&](std::uint32_t member) { return kept(member) ? 1 : 0; }) + " = 1";
}

}  // namespace

bool is_name(std::string_view text) noexcept {
  return !text.empty() && text.size() <= kNameBytesMax && text[0] >= 'a' && text[0] <= 'z' &&
         std::ranges::all_of(text, [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
         });
}

Queries::Queries(std::string database, std::string cluster, std::size_t servers)
    : database_(std::move(database)), cluster_(std::move(cluster)) {
  ATALAYA_CHECK(is_name(database_) && is_name(cluster_));
  facts_ = fmt::format("{}.{}", database_, servers > 1 ? "facts" : "facts_local");
}

std::vector<Query> Queries::create() const {
  // A partition for each set: dropping one destroys its rows at once and touches no other.
  const std::string columns =
      fmt::format("(fact_set UInt64, fact_row UInt32{}, value Int64, value_high Int64)",
                  slot_names(kSlots, " UInt32"));
  std::vector<Query> out;
  out.push_back(Query(fmt::format("CREATE DATABASE IF NOT EXISTS {}", database_)));
  out.push_back(Query(fmt::format(
      "CREATE TABLE IF NOT EXISTS {}.sets (fact_set UInt64, node UInt64, created Int64, set_rows "
      "UInt64, decimals UInt8, has_high UInt8, slots UInt8, checksum UInt64, words UInt64, "
      "words_sha256 String, sha256 String, metadata String) ENGINE = MergeTree PARTITION BY "
      "fact_set ORDER BY fact_set",
      database_)));
  out.push_back(Query(fmt::format(
      "CREATE TABLE IF NOT EXISTS {}.words (fact_set UInt64, slot UInt8, code UInt32, word String) "
      "ENGINE = MergeTree PARTITION BY fact_set ORDER BY (fact_set, slot, code)",
      database_)));
  out.push_back(Query(fmt::format(
      "CREATE TABLE IF NOT EXISTS {}.facts_local {} ENGINE = MergeTree PARTITION BY fact_set ORDER "
      "BY (fact_set, fact_row)",
      database_, columns)));
  if (!facts_.ends_with("_local")) {
    out.push_back(Query(
        fmt::format("CREATE TABLE IF NOT EXISTS {} {} ENGINE = Distributed({}, {}, facts_local)",
                    facts_, columns, cluster_, database_)));
  }
  return out;
}

Query Queries::version() const {
  return Query("SELECT version() FORMAT RowBinary");
}

Query Queries::cluster_size() const {
  return Query(fmt::format(
      "SELECT toUInt64(count()) FROM system.clusters WHERE cluster = '{}' FORMAT RowBinary",
      cluster_));
}

Query Queries::table_count() const {
  return Query(
      fmt::format("SELECT toUInt64(count()) FROM system.tables WHERE database = '{}' AND "
                  "name IN ('sets', 'words', 'facts_local') FORMAT RowBinary",
                  database_));
}

Query Queries::insert_set() const {
  return Query(
      fmt::format("INSERT INTO {}.sets (fact_set, node, created, set_rows, decimals, has_high, "
                  "slots, checksum, "
                  "words, words_sha256, sha256, metadata) FORMAT RowBinary",
                  database_));
}

Query Queries::insert_words() const {
  return Query(
      fmt::format("INSERT INTO {}.words (fact_set, slot, code, word) FORMAT RowBinary", database_));
}

Query Queries::insert_facts(std::size_t slots) const {
  ATALAYA_CHECK(slots <= kSlots);
  return Query(
      fmt::format("INSERT INTO {}.facts_local (fact_set, fact_row{}, value, value_high) "
                  "FORMAT RowBinary",
                  database_, slot_names(slots, "")));
}

Query Queries::set(std::uint64_t id) const {
  return Query(fmt::format(
      "SELECT set_rows, decimals, has_high, slots, checksum, words, words_sha256, sha256, metadata "
      "FROM {}.sets WHERE fact_set = {} LIMIT 1 FORMAT RowBinary",
      database_, id));
}

Query Queries::words(std::uint64_t id) const {
  return Query(fmt::format(
      "SELECT slot, code, word FROM {}.words WHERE fact_set = {} ORDER BY slot, code FORMAT "
      "RowBinary",
      database_, id));
}

Query Queries::checksum(std::uint64_t id, std::size_t slots) const {
  ATALAYA_CHECK(slots <= kSlots);
  std::string hash = "intHash64(toUInt64(fact_row))";
  for (std::size_t slot = 1; slot <= slots; ++slot) {
    hash = fmt::format("intHash64({} + {})", hash, slot_name(slot));
  }
  hash = fmt::format("intHash64({} + toUInt64(value))", hash);
  hash = fmt::format("intHash64({} + toUInt64(value_high))", hash);
  return Query(fmt::format(
      "SELECT toUInt64(count()), toUInt64(sum({})) FROM {} WHERE fact_set = {} FORMAT RowBinary",
      hash, facts_, id));
}

Query Queries::rows(std::uint64_t id) const {
  return Query(fmt::format("SELECT toUInt64(count()) FROM {} WHERE fact_set = {} FORMAT RowBinary",
                           facts_, id));
}

Query Queries::sums(std::uint64_t id, std::span<const Dimension> dimensions) const {
  std::string select, group, where;
  for (std::size_t i = 0; i < dimensions.size(); ++i) {
    const auto& dimension = dimensions[i];
    ATALAYA_CHECK(dimension.slot >= 1 && dimension.slot <= kSlots && !dimension.members.empty());
    if (drops_some(dimension)) {
      where += fmt::format(" AND ({})", passing(dimension));
    }
    if (!dimension.is_filter) {
      const auto member = [](std::uint32_t m) { return m == columns::kDropped ? 0 : m; };
      select += fmt::format("toUInt32({}) AS m{}, ", table(dimension, member), i);
      group += fmt::format("{}m{}", group.empty() ? " GROUP BY " : ", ", i);
    }
  }
  return Query(
      fmt::format("SELECT {}toInt64(sum(value)), toInt64(sum(value_high)), "
                  "toFloat64(sum(abs(toFloat64(value)))), toFloat64(sum(abs(toFloat64(value_high)))"
                  "), toUInt64(count()) FROM {} WHERE (fact_set = {}){}{} FORMAT RowBinary",
                  select, facts_, id, where, group));
}

Query Queries::codes(std::uint64_t id, std::size_t slot, std::uint64_t from,
                     std::uint64_t to) const {
  ATALAYA_CHECK(slot >= 1 && slot <= kSlots);
  return Query(
      fmt::format("SELECT fact_row, {} FROM {} WHERE fact_set = {} AND fact_row >= {} AND "
                  "fact_row < {} ORDER BY fact_row FORMAT RowBinary",
                  slot_name(slot), facts_, id, from, to));
}

Query Queries::values(std::uint64_t id, Number which, std::uint64_t from, std::uint64_t to) const {
  return Query(
      fmt::format("SELECT fact_row, {} FROM {} WHERE fact_set = {} AND fact_row >= {} AND "
                  "fact_row < {} ORDER BY fact_row FORMAT RowBinary",
                  which == Number::value ? "value" : "value_high", facts_, id, from, to));
}

Query Queries::sets_before(std::uint64_t node, std::int64_t seconds) const {
  return Query(
      fmt::format("SELECT DISTINCT fact_set FROM {}.sets WHERE node = {} AND created < {} FORMAT "
                  "RowBinary",
                  database_, node, seconds));
}

std::vector<Query> Queries::destroy(std::uint64_t id) const {
  std::vector<Query> out;
  // The row that says whose set it is goes last, so that an interrupted removal can be repeated.
  for (const std::string_view name : {"facts_local", "words", "sets"}) {
    out.push_back(Query(fmt::format("ALTER TABLE {}.{} DROP PARTITION {}", database_, name, id)));
  }
  return out;
}

}  // namespace atalaya::observatory::detail::cluster
