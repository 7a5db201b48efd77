// Goal: a segment gives back what was put in, tells every damaged byte, and is what its format
// page says. Method: rapidcheck for the round trip, every single byte of a small file changed, and
// a reader in Python that was written from the page alone.
#include <gtest/gtest.h>

#include <rapidcheck/gtest.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <limits>
#include <map>
#include <string>

#include <unistd.h>

#include <fmt/format.h>

#include <atalaya/base/json.hpp>
#include <atalaya/columns/segment.hpp>

#include "segment_format.hpp"

namespace atalaya::columns {

namespace {

class Folder {
 public:
  Folder() {
    std::string name = (std::filesystem::temp_directory_path() / "atalaya-segment-XXXXXX").string();
    ATALAYA_CHECK(::mkdtemp(name.data()) != nullptr);
    path_ = name;
  }

  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;

  ~Folder() { std::filesystem::remove_all(path_); }

  [[nodiscard]] std::string file(const std::string& name) const { return path_ + "/" + name; }

 private:
  std::string path_;
};

RawColumn column(const std::string& name, const std::vector<std::string>& texts) {
  RawColumn result;
  result.name = name;
  std::map<std::string, std::uint32_t> codes;
  std::vector<std::uint32_t> rows;
  for (const std::string& text : texts) {
    const auto [found, fresh] = codes.emplace(text, result.values.size());
    if (fresh) {
      result.values.append(text);
    }
    rows.push_back(found->second);
  }
  result.codes = std::move(rows);
  return result;
}

std::vector<std::string> texts(const RawColumn& column) {
  std::vector<std::string> result;
  for (std::size_t row = 0; row < size(column.codes); ++row) {
    result.emplace_back(column.values.text(at(column.codes, row)));
  }
  return result;
}

std::string read_bytes(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

void write_bytes(const std::string& path, const std::string& bytes) {
  std::filesystem::remove(path);  // cutting a file in place would wait for the disk each time
  std::ofstream(path, std::ios::binary) << bytes;
}

/// What opening, loading everything and verifying say about a file.
Result<void> read_all(const std::string& path) {
  const Segment segment = ATALAYA_TRY(Segment::open(path));
  for (const SegmentColumn& one : segment.columns()) {
    if (one.kind == SegmentColumn::Kind::codes) {
      ATALAYA_TRY(segment.load(one.name));
    } else {
      ATALAYA_TRY(segment.load_values(one.name));
    }
  }
  return {};
}

Result<void> verify(const std::string& path) {
  const Segment segment = ATALAYA_TRY(Segment::open(path));
  return segment.verify();
}

SegmentWriter small() {
  SegmentWriter writer(2, R"({"source":"synthetic","mapping":{"version":3}})");
  writer.add(column("sex", {"M", "F", "_U", "M"}));
  writer.add(column("territory", {"XA-02", "XA-01", "XA-01", "XA-02"}));
  writer.add_values("value", {1250, -7, std::numeric_limits<std::int64_t>::max(), 1});
  return writer;
}

using Rows = std::vector<std::tuple<std::string, std::string, std::int64_t>>;

Rows rows_of(const Segment& segment) {
  const auto a = segment.load("a").value();
  const auto b = segment.load("b").value();
  const auto value = segment.load_values("value").value();
  Rows rows;
  const auto first = texts(a);
  const auto second = texts(b);
  for (std::size_t i = 0; i < value.size(); ++i) {
    rows.emplace_back(first[i], second[i], value[i]);
  }
  return rows;
}

}  // namespace

TEST(Segment, GivesBackWhatWasPutIn) {
  const Folder folder;
  ASSERT_TRUE(small().write(folder.file("s")).has_value());
  const auto segment = Segment::open(folder.file("s"));
  ASSERT_TRUE(segment.has_value()) << segment.error().detail;
  EXPECT_EQ(segment->rows(), 4U);
  EXPECT_EQ(segment->decimals(), 2);
  EXPECT_EQ(segment->metadata(), R"({"mapping":{"version":3},"source":"synthetic"})");
  ASSERT_EQ(segment->columns().size(), 3U);
  EXPECT_EQ(segment->columns()[1].name, "territory");
  EXPECT_EQ(segment->columns()[1].distinct, 2U);
  EXPECT_EQ(segment->columns()[2].kind, SegmentColumn::Kind::values);
  const auto sex = segment->load("sex");
  ASSERT_TRUE(sex.has_value());
  EXPECT_EQ(texts(*sex), (std::vector<std::string>{"M", "F", "_U", "M"}));
  EXPECT_EQ(sex->values.text(0), "F");  // dictionaries are sorted
  EXPECT_EQ(segment->load_values("value").value(),
            (std::vector<std::int64_t>{1250, -7, std::numeric_limits<std::int64_t>::max(), 1}));
  EXPECT_EQ(segment->load("value").error().reason, "columns.segment.no_column");
  EXPECT_EQ(segment->load("age").error().code, ErrorCode::not_found);
  EXPECT_TRUE(segment->verify().has_value());
}

TEST(Segment, HoldsNoTextThatNoRowUses) {
  const Folder folder;
  RawColumn names = column("a", {"erased person", "x", "y"});
  names.codes = std::vector<std::uint8_t>{2, 1, 2};
  SegmentWriter writer;
  writer.add(std::move(names));
  ASSERT_TRUE(std::move(writer).write(folder.file("s")).has_value());
  const auto loaded = Segment::open(folder.file("s"))->load("a");
  EXPECT_EQ(loaded->values.size(), 2U);
  EXPECT_EQ(texts(*loaded), (std::vector<std::string>{"y", "x", "y"}));
}

RC_GTEST_PROP(Segment, RoundTripOfAnyRowsInAnyOrder, ()) {
  const auto distinct = *rc::gen::element<std::uint32_t>(1, 3, 300, 70'000);
  const auto count = *rc::gen::inRange<std::size_t>(0, 400);
  const auto codes = *rc::gen::container<std::vector<std::uint32_t>>(
      count, rc::gen::inRange<std::uint32_t>(0, distinct));
  std::vector<std::string> a;
  std::vector<std::string> b;
  std::vector<std::int64_t> value;
  const auto spread = *rc::gen::element<std::int64_t>(1, 200, 60'000, 4'000'000'000, 1LL << 58);
  for (std::size_t i = 0; i < count; ++i) {
    a.push_back("t" + std::to_string(codes[i]));
    b.push_back(*rc::gen::element<std::string>("", "M", "\xc3\xb1", std::string("nul\0", 4)));
    value.push_back(*rc::gen::inRange<std::int64_t>(-spread, spread));
  }
  const Folder folder;
  const auto order = *rc::gen::element(RowOrder::as_given, RowOrder::sorted, RowOrder::merged);
  SegmentWriter writer;
  writer.add(column("a", a));
  writer.add(column("b", b));
  writer.add_values("value", value);
  RC_ASSERT(std::move(writer).write(folder.file("s"), order).has_value());
  const auto segment = Segment::open(folder.file("s"));
  RC_ASSERT(segment.has_value());
  RC_ASSERT(segment->verify().has_value());

  Rows expected;
  for (std::size_t i = 0; i < count; ++i) {
    expected.emplace_back(a[i], b[i], value[i]);
  }
  if (order != RowOrder::as_given) {
    std::stable_sort(expected.begin(), expected.end(), [](const auto& x, const auto& y) {
      return std::tie(std::get<0>(x), std::get<1>(x)) < std::tie(std::get<0>(y), std::get<1>(y));
    });
  }
  if (order == RowOrder::merged) {
    std::map<std::pair<std::string, std::string>, std::int64_t> sums;
    for (const auto& [x, y, v] : expected) {
      sums[{x, y}] += v;
    }
    expected.clear();
    for (const auto& [key, sum] : sums) {
      expected.emplace_back(key.first, key.second, sum);
    }
  }
  RC_ASSERT(rows_of(*segment) == expected);
}

TEST(Segment, HasBlocksOfManyRows) {
  const Folder folder;
  const std::size_t count = 3 * 65536 + 17;
  std::vector<std::uint16_t> codes(count);
  std::vector<std::int64_t> value(count);
  RawColumn wide;
  wide.name = "a";
  for (std::uint32_t i = 0; i < 1000; ++i) {
    wide.values.append(fmt::format("{:04}", i));
  }
  for (std::size_t i = 0; i < count; ++i) {
    codes[i] = static_cast<std::uint16_t>(i % 1000);
    value[i] = static_cast<std::int64_t>(i) * 977 - 5;
  }
  wide.codes = codes;
  SegmentWriter writer;
  writer.add(wide);
  writer.add_values("value", value);
  ASSERT_TRUE(std::move(writer).write(folder.file("s")).has_value());
  const auto segment = Segment::open(folder.file("s"));
  ASSERT_TRUE(segment.has_value());
  EXPECT_TRUE(std::get<std::vector<std::uint16_t>>(segment->load("a")->codes) == codes);
  EXPECT_TRUE(segment->load_values("value").value() == value);
}

TEST(Segment, OneContentHasOneForm) {
  const Folder folder;
  RawColumn other = column("a", {"y", "x", "y"});
  other.codes = std::vector<std::uint32_t>{0, 1, 0};
  SegmentWriter first;
  first.add(other);
  SegmentWriter second;
  RawColumn turned;
  turned.name = "a";
  for (const char* text : {"z", "x", "y"}) {
    turned.values.append(text);
  }
  turned.codes = std::vector<std::uint8_t>{2, 1, 2};
  second.add(turned);
  ASSERT_TRUE(std::move(first).write(folder.file("1")).has_value());
  ASSERT_TRUE(std::move(second).write(folder.file("2")).has_value());
  EXPECT_EQ(read_bytes(folder.file("1")), read_bytes(folder.file("2")));
}

TEST(Segment, TellsEveryChangedByteAndEveryCut) {
  const Folder folder;
  ASSERT_TRUE(small().write(folder.file("s")).has_value());
  const std::string good = read_bytes(folder.file("s"));
  ASSERT_TRUE(verify(folder.file("s")).has_value());
  for (std::size_t i = 0; i < good.size(); ++i) {
    for (const int change : {0x01, 0x80, 0xff}) {
      std::string bad = good;
      bad[i] = static_cast<char>(bad[i] ^ change);
      write_bytes(folder.file("bad"), bad);
      const auto verified = verify(folder.file("bad"));
      ASSERT_FALSE(verified.has_value()) << "byte " << i;
      ASSERT_EQ(verified.error().code, ErrorCode::data_loss);
      ASSERT_EQ(verified.error().reason, "columns.segment.damaged");
      // Loading finds it too, without reading the checksum of the whole.
      ASSERT_FALSE(read_all(folder.file("bad")).has_value()) << "byte " << i;
    }
    write_bytes(folder.file("bad"), good.substr(0, i));
    ASSERT_FALSE(verify(folder.file("bad")).has_value()) << "cut at " << i;
  }
  write_bytes(folder.file("bad"), good + "x");
  EXPECT_FALSE(verify(folder.file("bad")).has_value());
}

TEST(Segment, BelievesNoDescription) {
  const Folder folder;
  ASSERT_TRUE(small().write(folder.file("s")).has_value());
  const std::string good = read_bytes(folder.file("s"));
  const auto trailer =
      segment_format::read_trailer(std::string_view(good).substr(good.size() - 32)).value();
  const std::string description = good.substr(trailer.description_at, trailer.description_bytes);
  const std::vector<std::pair<std::string, std::string>> changes = {
      {R"("rows":4)", R"("rows":5)"},
      {R"("rows":4)", R"("rows":65537)"},
      {R"("rows":4)", R"("rows":999999999)"},
      {R"("rows":4)", R"("rows":-1)"},
      {R"("rows":4)", R"("rows":4.0)"},
      {R"("width":1)", R"("width":2)"},
      {R"("width":8)", R"("width":4)"},
      {R"("width":8)", R"("width":3)"},
      {R"("dictionary":2)", R"("dictionary":1)"},
      {R"("dictionary":2)", R"("dictionary":3)"},
      {R"("dictionary_bytes":18)", R"("dictionary_bytes":4000000000)"},
      {R"("dictionary_bytes":18)", R"("dictionary_bytes":17)"},
      {R"("name":"sex")", R"("name":"value")"},
      {R"("name":"sex")", R"("name":"../sex")"},
      {R"("at":8)", R"("at":9)"},
      {R"("version":1)", R"("version":2)"},
      {R"("decimals":2)", R"("decimals":7)"},
      {R"({"block_rows")", R"({ "block_rows")"},
      {R"("kind":"values")", R"("kind":"codes")"},
  };
  for (const auto& [from, to] : changes) {
    std::string text = description;
    const std::size_t found = text.find(from);
    ASSERT_NE(found, std::string::npos) << from;
    text.replace(found, from.size(), to);
    std::string bad = good.substr(0, trailer.description_at) + text;
    bad +=
        segment_format::write_trailer({.description_at = trailer.description_at,
                                       .description_bytes = static_cast<std::uint32_t>(text.size()),
                                       .description_crc32 = segment_format::crc32(text),
                                       .file_crc32 = segment_format::crc32(bad)});
    write_bytes(folder.file("bad"), bad);
    const auto verified = verify(folder.file("bad"));
    ASSERT_FALSE(verified.has_value()) << to;
    EXPECT_EQ(verified.error().code, ErrorCode::data_loss) << to;
  }
}

TEST(Segment, IsNeverWrittenOver) {
  const Folder folder;
  ASSERT_TRUE(small().write(folder.file("s")).has_value());
  const auto again = small().write(folder.file("s"));
  ASSERT_FALSE(again.has_value());
  EXPECT_EQ(again.error().reason, "columns.segment.exists");
  EXPECT_FALSE(small().write(folder.file("none/s")).has_value());
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder.file("")), {}), 1);
  EXPECT_EQ(Segment::open(folder.file("t")).error().code, ErrorCode::not_found);
  EXPECT_EQ(Segment::open(folder.file("")).error().code, ErrorCode::data_loss);
}

TEST(Segment, AFullDiskLeavesNothing) {
  if (!std::filesystem::exists("/dev/full")) {
    GTEST_SKIP() << "no /dev/full here";
  }
  // A limit on the size of files is what a test can have instead of a full disk.
  const Folder folder;
  const std::string command = fmt::format(
      "ulimit -f 0; trap '' XFSZ; exec {} --gtest_filter=SegmentChild.* "
      "--gtest_also_run_disabled_tests >/dev/null 2>&1",
      std::filesystem::read_symlink("/proc/self/exe").string());
  ::setenv("ATALAYA_SEGMENT_CHILD", folder.file("s").c_str(), 1);
  EXPECT_EQ(std::system(command.c_str()), 0);
  ::unsetenv("ATALAYA_SEGMENT_CHILD");
  EXPECT_TRUE(std::filesystem::is_empty(folder.file("")));
}

TEST(SegmentChild, DISABLED_MeetsAFullDisk) {
  const char* path = std::getenv("ATALAYA_SEGMENT_CHILD");
  ASSERT_NE(path, nullptr);
  const auto written = small().write(path);
  ASSERT_FALSE(written.has_value());
  EXPECT_EQ(written.error().reason, "columns.segment.disk_full");
}

TEST(Segment, RefusesInputThatDoesNotFit) {
  const Folder folder;
  const auto reason = [&](SegmentWriter writer, RowOrder order = RowOrder::as_given) {
    const auto written = std::move(writer).write(folder.file("s"), order);
    return written.has_value() ? std::string() : written.error().reason;
  };
  SegmentWriter lengths;
  lengths.add(column("a", {"x", "y"}));
  lengths.add_values("value", {1});
  EXPECT_EQ(reason(std::move(lengths)), "columns.segment.input");
  SegmentWriter twice;
  twice.add(column("a", {"x"}));
  twice.add_values("a", {1});
  EXPECT_EQ(reason(std::move(twice)), "columns.segment.input");
  SegmentWriter beyond;
  RawColumn codes = column("a", {"x"});
  codes.codes = std::vector<std::uint8_t>{1};
  beyond.add(std::move(codes));
  EXPECT_EQ(reason(std::move(beyond)), "columns.segment.input");
  EXPECT_EQ(reason(SegmentWriter(7)), "columns.segment.input");
  EXPECT_EQ(reason(SegmentWriter(0, "[1]")), "columns.segment.input");
  SegmentWriter overflow;
  overflow.add(column("a", {"x", "x"}));
  overflow.add_values("value", {std::numeric_limits<std::int64_t>::max(), 1});
  EXPECT_EQ(reason(std::move(overflow), RowOrder::merged), "columns.segment.overflow");
  EXPECT_EQ(reason(SegmentWriter()), "");  // no column and no row is a segment, too
}

TEST(Segment, AReaderWrittenFromTheFormatPageReadsIt) {
  if (std::system("python3 -c 'import zstandard' 2>/dev/null || zstd --version >/dev/null 2>&1") !=
      0) {
    GTEST_SKIP() << "neither Python's zstandard nor the command zstd is installed";
  }
  const Folder folder;
  SegmentWriter writer = small();
  writer.add(column("name", {"\xc3\x91u\xc3\xb1oa", "", "a,b", "\xc3\x91u\xc3\xb1oa"}));
  ASSERT_TRUE(std::move(writer).write(folder.file("s")).has_value());
  const std::string command = fmt::format("python3 {}/tests/conformance/segment_reader.py {}",
                                          ATALAYA_SOURCE_DIR, folder.file("s"));
  FILE* pipe = ::popen(command.c_str(), "r");
  ASSERT_NE(pipe, nullptr);
  std::string out;
  std::array<char, 4096> buffer{};
  for (std::size_t got = 0; (got = std::fread(buffer.data(), 1, buffer.size(), pipe)) > 0;) {
    out.append(buffer.data(), got);
  }
  ASSERT_EQ(::pclose(pipe), 0);
  EXPECT_EQ(out,
            "{\"columns\":{\"name\":[\"\xc3\x91u\xc3\xb1oa\",\"\",\"a,b\",\"\xc3\x91u\xc3\xb1oa\"],"
            "\"sex\":[\"M\",\"F\",\"_U\",\"M\"],"
            "\"territory\":[\"XA-02\",\"XA-01\",\"XA-01\",\"XA-02\"],"
            "\"value\":[1250,-7,9223372036854775807,1]},\"decimals\":2,"
            "\"metadata\":{\"mapping\":{\"version\":3},\"source\":\"synthetic\"},\"rows\":4}");
}

}  // namespace atalaya::columns
