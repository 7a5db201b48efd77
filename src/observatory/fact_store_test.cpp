// Goal: facts give the same answers from segment files and from a cluster, and nothing that a file
// or a setting holds ever becomes part of a query. Method: properties of the closed builder and of
// the row format without a server; with the two servers of tests/functional/clickhouse_support.py
// (ATALAYA_TEST_CLICKHOUSE) random facts and random tables are asked of both stores.
#include <fstream>
#include <numeric>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <sys/stat.h>

#include "cluster_rows.hpp"
#include "cluster_set.hpp"
#include "cluster_test_servers.hpp"
#include "fact_files.hpp"

namespace atalaya::observatory {
namespace {

namespace fs = std::filesystem;
using detail::cluster::Dimension;
using detail::cluster::Queries;
using detail::cluster::Query;

constexpr std::string_view kHostile[] = {"'; DROP TABLE facts_local; --",
                                         "\\'; SELECT 1",
                                         "a\tb\nc\r",
                                         "\"`${x}`",
                                         "d01) OR (1=1",
                                         "%27%3B",
                                         "\xff\xfe",
                                         "F\xC3\xA1tima"};

// A query is words, names and numbers: not one character that could open or close anything else.
bool is_closed(const Query& query) {
  const std::string& text = query.text();
  const bool plain = std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view(" _.,()[]=<>+'").contains(c);
  });
  return plain && std::ranges::count(text, '(') == std::ranges::count(text, ')') &&
         std::ranges::count(text, '[') == std::ranges::count(text, ']');
}

RC_GTEST_PROP(ClusterQueries, hold_nothing_but_words_names_and_numbers, ()) {
  const Queries queries("facts", "atalaya", *rc::gen::inRange<std::size_t>(1, 3));
  const auto id = *rc::gen::arbitrary<std::uint64_t>();
  const auto member =
      rc::gen::oneOf(rc::gen::just(columns::kDropped), rc::gen::inRange<std::uint32_t>(0, 5));
  const auto tables = *rc::gen::container<std::vector<std::vector<std::uint32_t>>>(
      rc::gen::nonEmpty(rc::gen::container<std::vector<std::uint32_t>>(member)));
  std::vector<Dimension> dimensions;
  for (std::size_t i = 0; i < std::min<std::size_t>(tables.size(), 48); ++i) {
    dimensions.push_back({i + 1, tables[i], *rc::gen::arbitrary<bool>()});
  }
  RC_ASSERT(is_closed(queries.sums(id, dimensions)));
  RC_ASSERT(is_closed(queries.checksum(id, *rc::gen::inRange<std::size_t>(0, 49))));
  for (const auto& query : queries.destroy(id)) {
    RC_ASSERT(is_closed(query));
  }
}

TEST(ClusterQueries, take_no_name_that_is_none) {
  for (const std::string_view text : kHostile) {
    EXPECT_FALSE(detail::cluster::is_name(text)) << text;
    EXPECT_FALSE(parse_cluster_address("clickhouse://h:1/" + std::string(text))) << text;
    EXPECT_FALSE(parse_cluster_address("clickhouse://h:1/x?cluster=" + std::string(text))) << text;
    EXPECT_FALSE(parse_cluster_address("clickhouse://" + std::string(text) + ":1/x")) << text;
  }
  for (const char* text : {"", "A", "1a", "a-b", "a.b", "facts facts"}) {
    EXPECT_FALSE(detail::cluster::is_name(text)) << text;
  }
  EXPECT_TRUE(detail::cluster::is_name("facts_2"));
}

TEST(ClusterAddress, names_servers_database_and_cluster) {
  const auto one = parse_cluster_address("clickhouse://db.example:8123/facts");
  ASSERT_TRUE(one.has_value());
  EXPECT_EQ(one->servers, std::vector<std::string>{"db.example:8123"});
  EXPECT_EQ(one->cluster, "atalaya");
  EXPECT_FALSE(one->tls);
  const auto two = parse_cluster_address("clickhouses://10.0.0.1:8443,[::1]:8443/f?cluster=north");
  ASSERT_TRUE(two.has_value());
  EXPECT_EQ(two->servers.size(), 2U);
  EXPECT_EQ(two->cluster, "north");
  EXPECT_TRUE(two->tls);
  for (const char* bad :
       {"clickhouse://h:8123", "clickhouse://h/x", "clickhouse://h:0/x", "clickhouse://h:99999/x",
        "clickhouse://h:1:2/x", "clickhouse:///x", "http://h:1/x", "clickhouse://h:1,h:1/x",
        "clickhouse://h:1/x?password=y"}) {
    const auto result = parse_cluster_address(bad);
    ASSERT_FALSE(result.has_value()) << bad;
    EXPECT_EQ(result.error().reason, "observatory.facts.address") << bad;
  }
  const auto secret = parse_cluster_address("clickhouse://me:hunter2@h:1/x");
  ASSERT_FALSE(secret.has_value());
  EXPECT_FALSE(secret.error().detail.contains("hunter2"));
}

TEST(ClusterCredentials, are_refused_where_others_may_read_them) {
  const fs::path file = fs::path(testing::TempDir()) / "atalaya-credentials.toml";
  const auto write = [&](std::string_view text, mode_t mode) {
    fs::remove(file);
    std::ofstream(file) << text;
    ::chmod(file.c_str(), mode);
    return read_credentials(file);
  };
  const auto good = write("user = \"desk\"\npassword = \"hunter2\"\n", 0600);
  ASSERT_TRUE(good.has_value());
  EXPECT_EQ(good->user, "desk");
  EXPECT_EQ(good->password.unsafe_reveal(), "hunter2");
  const auto open = write("user = \"desk\"\npassword = \"hunter2\"\n", 0644);
  ASSERT_FALSE(open.has_value());
  EXPECT_EQ(open.error().code, ErrorCode::permission_denied);
  for (const char* bad :
       {"password = hunter2", "password = \"hunter2\\r\\nX-Evil: 1\"\n", "pass = \"hunter2\"\n"}) {
    const auto result = write(bad, 0600);
    ASSERT_FALSE(result.has_value()) << bad;
    EXPECT_FALSE(result.error().detail.contains("hunter2")) << result.error().detail;
  }
  fs::remove(file);
  EXPECT_EQ(read_credentials(file).error().code, ErrorCode::not_found);
}

RC_GTEST_PROP(ClusterRows, give_back_what_was_written,
              (const std::vector<std::pair<std::string, std::int64_t>>& rows)) {
  detail::cluster::RowWriter out;
  for (const auto& [text, number] : rows) {
    out.text(text + std::string(text.size() % 3 * 100, '\0'));
    out.number(number);
  }
  detail::cluster::RowReader in(out.bytes());
  for (const auto& [text, number] : rows) {
    RC_ASSERT(in.text() == text + std::string(text.size() % 3 * 100, '\0'));
    RC_ASSERT(in.number<std::int64_t>() == number);
  }
  RC_ASSERT(in.good() && !in.more());
}

RC_GTEST_PROP(ClusterRows, stop_at_what_does_not_fit, (const std::vector<char>& bytes)) {
  detail::cluster::RowReader in({bytes.data(), bytes.size()});
  std::size_t read = 0;
  while (in.more()) {
    read += in.text().size() + 1;
    static_cast<void>(in.number<std::uint16_t>());
  }
  RC_ASSERT(read <= bytes.size() + 1);
}

// Answers of ClickHouse 18.16.1: SELECT intHash64(toUInt64(1)), intHash64(18446744073709551615).
TEST(ClusterRows, hash_as_the_server_does) {
  EXPECT_EQ(detail::cluster::int_hash(1), 10577349846663553072ULL);
  EXPECT_EQ(detail::cluster::int_hash(18446744073709551615ULL), 14600443904207254319ULL);
}

TEST(ClusterSets, are_numbered_by_the_end_of_their_name) {
  EXPECT_EQ(detail::cluster::set_id("police-00000000000000ff.seg"), 255U);
  EXPECT_EQ(detail::cluster::set_id("a-b-ffffffffffffffff.seg"), 0xffffffffffffffffULL);
  for (const char* bad : {"police.seg", "police-ff.seg", "police-00000000000000fg.seg",
                          "police00000000000000ff.seg", "-00000000000000ff.txt", ""}) {
    EXPECT_FALSE(detail::cluster::set_id(bad)) << bad;
  }
}

// ---- with servers ----

class ClusterFactsTest : public testing::Test {
 protected:
  void SetUp() override {
    if (!testing_cluster::is_there()) {
      GTEST_SKIP() << "needs two ClickHouse servers: tests/functional/clickhouse_support.py run";
    }
    std::string name = (fs::path(testing::TempDir()) / "atalaya-cluster-XXXXXX").string();
    ASSERT_NE(::mkdtemp(name.data()), nullptr);
    folder_ = name;
    database_ = testing_cluster::new_database();
    files_ = segment_facts(folder_ / "files");
    cluster_ = cluster_facts(testing_cluster::options(database_, clock_), folder_ / "cluster");
  }

  void TearDown() override {
    std::error_code error;
    fs::remove_all(folder_, error);
  }

  std::size_t local() const {
    std::error_code error;
    return static_cast<std::size_t>(
        std::distance(fs::directory_iterator(folder_ / "cluster", error), {}));
  }

  FixedClock clock_{*parse_utc_time("2026-03-01T10:00:00Z")};
  fs::path folder_;
  std::string database_;
  std::shared_ptr<FactStore> files_, cluster_;
};

// `rows` facts with `distinct` texts in each of three dimensions; hostile texts among them.
Facts some_facts(std::size_t rows, std::uint32_t distinct, std::uint32_t seed, bool highs) {
  Facts out;
  out.decimals = static_cast<std::int32_t>(seed % 3);
  std::uint32_t state = seed;
  const auto next = [&state] { return state = state * 1664525U + 1013904223U, state >> 8U; };
  for (const char* name : {"period", "sex", "x_note"}) {
    FactColumn column;
    column.name = name;
    for (std::uint32_t i = 0; i < distinct; ++i) {
      column.texts.append(i < std::size(kHostile) ? std::string(kHostile[i])
                                                  : fmt::format("t{}", i));
    }
    std::vector<std::uint32_t> codes(rows);
    for (auto& code : codes) {
      code = next() % distinct;
    }
    column.codes = std::move(codes);
    out.dimensions.push_back(std::move(column));
  }
  for (std::size_t row = 0; row < rows; ++row) {
    out.values.push_back(static_cast<std::int64_t>(next() % 1000) - 100);
    if (highs) {
      out.values_high.push_back(out.values.back() + static_cast<std::int64_t>(next() % 5));
    }
  }
  return out;
}

using Answer = std::vector<std::vector<std::int64_t>>;

Result<Answer> ask(FactStore& store, const std::vector<std::string>& names, std::uint32_t seed) {
  FactSums query;
  query.sizes = {3, 1, 4, 2};
  query.decimals = 2;
  std::uint32_t state = seed;
  const auto next = [&state] { return state = state * 1664525U + 1013904223U, state >> 8U; };
  for (const auto& name : names) {
    FactInput input;
    input.set = ATALAYA_TRY(store.open(name));
    const char* columns[] = {"period", "sex", "x_note", ""};
    for (std::size_t d = 0; d < 4; ++d) {
      CodeTable table{columns[d], {}};
      std::size_t size = 1;
      if (d < 3) {
        const auto dictionary = ATALAYA_TRY(input.set->dictionary(columns[d]));
        size = dictionary->size();
      }
      for (std::size_t code = 0; code < size; ++code) {
        const bool dropped = d < 3 && next() % 4 == 0;
        table.lut.push_back(dropped ? columns::kDropped : next() % query.sizes[d]);
      }
      input.tables.push_back(std::move(table));
    }
    query.inputs.push_back(std::move(input));
  }
  Answer out;
  ATALAYA_TRY(store.sum(query, [&](const columns::CellBatch& batch) -> Result<void> {
    for (std::size_t i = 0; i < batch.size(); ++i) {
      std::vector<std::int64_t> row(batch.cell(i).begin(), batch.cell(i).end());
      row.push_back(batch.sums[i]);
      row.push_back(batch.highs[i]);
      out.push_back(std::move(row));
    }
    return {};
  }));
  return out;
}

TEST_F(ClusterFactsTest, answers_as_files_do) {
  std::vector<std::string> in_files, in_cluster;
  for (std::uint32_t seed = 1; seed <= 4; ++seed) {
    const bool highs = seed % 2 == 0;
    const std::size_t rows = seed == 3 ? 1 : 2000;
    const auto a = files_->write(some_facts(rows, 12 + seed, seed, highs), "police", {{"n", 1}});
    const auto b = cluster_->write(some_facts(rows, 12 + seed, seed, highs), "police", {{"n", 1}});
    ASSERT_TRUE(a.has_value() && b.has_value()) << (b ? "" : b.error().detail);
    EXPECT_EQ(a->sha256, b->sha256);
    EXPECT_EQ(a->rows, b->rows);
    in_files.push_back(a->file);
    in_cluster.push_back(b->file);
  }
  EXPECT_EQ(local(), 0U) << "facts of a cluster stay in no folder";
  for (std::uint32_t seed = 1; seed <= 12; ++seed) {
    const auto a = ask(*files_, in_files, seed);
    const auto b = ask(*cluster_, in_cluster, seed);
    ASSERT_TRUE(a.has_value() && b.has_value()) << (b ? "" : b.error().detail);
    EXPECT_FALSE(a->empty());
    EXPECT_EQ(*a, *b) << "seed " << seed;
  }
  // Some in the folder, some in the cluster: still the same.
  const auto moved = cluster_->move(in_cluster[1], FactStore::Place::folder);
  ASSERT_TRUE(moved.has_value()) << moved.error().detail;
  EXPECT_TRUE(*moved);
  EXPECT_EQ(local(), 1U);
  EXPECT_EQ(*ask(*files_, in_files, 5), *ask(*cluster_, in_cluster, 5));
  EXPECT_TRUE(*cluster_->move(in_cluster[1], FactStore::Place::cluster));
  EXPECT_EQ(local(), 0U);
  EXPECT_EQ(*ask(*files_, in_files, 6), *ask(*cluster_, in_cluster, 6));
}

TEST_F(ClusterFactsTest, gives_back_every_text_and_every_byte) {
  const auto written = cluster_->write(some_facts(3000, 20, 9, true), "police", {});
  ASSERT_TRUE(written.has_value()) << written.error().detail;
  const auto set = cluster_->open(written->file);
  ASSERT_TRUE(set.has_value()) << set.error().detail;
  const auto words = (*set)->dictionary("x_note");
  std::set<std::string> texts;
  for (std::uint32_t code = 0; code < (*words)->size(); ++code) {
    texts.emplace((*words)->text(code));
  }
  for (const std::string_view text : kHostile) {
    EXPECT_TRUE(texts.contains(std::string(text))) << text;
  }
  const auto copy = cluster_->segment_file(written->file, folder_ / "copies");
  ASSERT_TRUE(copy.has_value()) << copy.error().detail;
  EXPECT_EQ(*detail::file_sha256(*copy), written->sha256);
}

TEST_F(ClusterFactsTest, removes_after_a_day_what_nothing_names) {
  const auto named = cluster_->write(some_facts(100, 9, 1, false), "police", {});
  const auto left = cluster_->write(some_facts(100, 9, 2, false), "police", {});
  auto foreign = testing_cluster::options(database_, clock_);
  foreign.node = 8;
  const auto other = cluster_facts(std::move(foreign), folder_ / "other");
  const auto theirs = other->write(some_facts(100, 9, 3, false), "police", {});
  ASSERT_TRUE(named.has_value() && left.has_value() && theirs.has_value());
  const std::map<std::string, std::string> names = {{named->file, named->sha256}};
  ASSERT_TRUE(cluster_->check(names).has_value());
  EXPECT_EQ(*cluster_->check(names), std::vector<std::string>{});
  const auto fresh = [&](const std::string& name) {
    return cluster_facts(testing_cluster::options(database_, clock_), folder_ / "cluster")
        ->open(name)
        .has_value();
  };
  EXPECT_TRUE(fresh(left->file)) << "another process may be about to name it";
  clock_.set({clock_.now().ms + std::int64_t{25} * 3'600'000});
  EXPECT_EQ(*cluster_->check(names), std::vector<std::string>{});
  EXPECT_FALSE(fresh(left->file));
  EXPECT_TRUE(fresh(named->file));
  EXPECT_TRUE(fresh(theirs->file)) << "of another node";
  EXPECT_EQ(cluster_->check({{left->file, left->sha256}})->size(), 1U);
  ASSERT_TRUE(cluster_->destroy(named->file).has_value());
  EXPECT_FALSE(fresh(named->file));
  EXPECT_EQ(cluster_->check(names)->size(), 1U);
}

TEST_F(ClusterFactsTest, says_when_facts_are_gone_from_a_server) {
  const auto written = cluster_->write(some_facts(4000, 9, 1, false), "police", {});
  ASSERT_TRUE(written.has_value()) << written.error().detail;
  const auto options = testing_cluster::options(database_, clock_);
  // Behind the desk's back: one server loses its share.
  const Queries queries(database_, "atalaya", 2);
  const detail::cluster::Client client(testing_cluster::options(database_, clock_));
  ASSERT_TRUE(
      client.ask(0, queries.destroy(*detail::cluster::set_id(written->file))[0]).has_value());
  const auto answer = ask(*cluster_, {written->file}, 1);
  ASSERT_FALSE(answer.has_value());
  EXPECT_EQ(answer.error().reason, "observatory.facts.incomplete");
  const auto problems = cluster_->check({{written->file, written->sha256}});
  ASSERT_TRUE(problems.has_value());
  EXPECT_EQ(problems->size(), 1U);
}

TEST_F(ClusterFactsTest, takes_nothing_in_when_a_server_does_not_answer) {
  auto options = testing_cluster::options(database_, clock_);
  options.address.servers[1] = "127.0.0.1:1";
  const auto broken = cluster_facts(std::move(options), folder_ / "cluster");
  const auto written = broken->write(some_facts(100, 9, 1, false), "police", {});
  ASSERT_FALSE(written.has_value());
  EXPECT_EQ(written.error().reason, "observatory.facts.unavailable");
  EXPECT_TRUE(written.error().detail.contains("127.0.0.1:1")) << written.error().detail;
  EXPECT_EQ(local(), 0U);
}

}  // namespace
}  // namespace atalaya::observatory
