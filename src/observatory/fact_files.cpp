// Segment files of the desk: written before the transaction that names them, and removed when no
// transaction ever did.
#include "fact_files.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <fstream>
#include <unordered_map>

#include <fmt/format.h>

#include <atalaya/base/text.hpp>
#include <atalaya/crypto/hash.hpp>

namespace atalaya::observatory {

bool FactSet::has(std::string_view name) const noexcept {
  return std::ranges::find(columns(), name, &columns::SegmentColumn::name) != columns().end();
}

Result<std::vector<std::uint32_t>> FactSet::codes_of(const std::string& name,
                                                     std::uint64_t block) const {
  const auto whole = ATALAYA_TRY(column(name));
  std::vector<std::uint32_t> out;
  const std::uint64_t begin = block * columns::kSegmentBlockRows;
  for (std::uint64_t row = begin; row < std::min(rows(), begin + columns::kSegmentBlockRows);
       ++row) {
    out.push_back(columns::at(whole->codes, row));
  }
  return out;
}

Result<std::vector<std::int64_t>> FactSet::values_of(const std::string& name,
                                                     std::uint64_t block) const {
  const auto whole = ATALAYA_TRY(values(name));
  const std::uint64_t begin = std::min(rows(), block * columns::kSegmentBlockRows);
  const std::uint64_t end = std::min(rows(), begin + columns::kSegmentBlockRows);
  return std::vector<std::int64_t>(whole->begin() + static_cast<std::ptrdiff_t>(begin),
                                   whole->begin() + static_cast<std::ptrdiff_t>(end));
}

std::shared_ptr<FactStore> segment_facts(std::filesystem::path folder) {
  return std::make_shared<detail::SegmentFacts>(std::move(folder));
}

namespace detail {
namespace {

constexpr std::size_t kCacheBytesMax = std::size_t{512} << 20U;
// A load that was killed leaves its segment without a name. It is kept for a day: another process
// may be about to name it.
constexpr auto kUnnamedAge = std::chrono::hours(24);

std::size_t code_bytes(const columns::Codes& codes) {
  return std::visit([](const auto& v) { return v.size() * sizeof(v[0]); }, codes);
}

void remove_unnamed(const std::filesystem::path& folder,
                    const std::map<std::string, std::string>& named) {
  std::error_code error;
  const auto old = std::filesystem::file_time_type::clock::now() - kUnnamedAge;
  for (const auto& entry : std::filesystem::directory_iterator(folder, error)) {
    const auto written = entry.last_write_time(error);
    if (!error && written < old && !named.contains(entry.path().filename().string())) {
      std::filesystem::remove(entry.path(), error);
    }
  }
}

// Keeps what a map holds, or reads it in once.
template <class Value, class Read>
Result<std::shared_ptr<const Value>> keep(
    std::mutex& mutex, std::unordered_map<std::string, std::shared_ptr<const Value>>& held,
    const std::string& name, Read read) {
  const std::lock_guard lock(mutex);
  if (const auto at = held.find(name); at != held.end()) {
    return at->second;
  }
  auto value = ATALAYA_TRY(read());
  auto shared = std::make_shared<const Value>(std::move(value));
  held.emplace(name, shared);
  return shared;
}

}  // namespace

// An open segment whose columns are read once and then shared.
class SegmentFacts::Set final : public FactSet {
 public:
  explicit Set(columns::Segment segment) : segment_(std::move(segment)) {}

  [[nodiscard]] std::uint64_t rows() const noexcept override { return segment_.rows(); }

  [[nodiscard]] int decimals() const noexcept override { return segment_.decimals(); }

  [[nodiscard]] const std::string& metadata() const noexcept override {
    return segment_.metadata();
  }

  [[nodiscard]] const std::vector<columns::SegmentColumn>& columns() const noexcept override {
    return segment_.columns();
  }

  [[nodiscard]] Result<std::shared_ptr<const columns::RawColumn>> column(
      const std::string& name) const override {
    return keep(mutex_, columns_, name, [&] { return segment_.load(name); });
  }

  [[nodiscard]] Result<std::shared_ptr<const columns::Dictionary>> dictionary(
      const std::string& name) const override {
    return keep(mutex_, dictionaries_, name, [&] { return segment_.load_dictionary(name); });
  }

  [[nodiscard]] Result<std::shared_ptr<const std::vector<std::int64_t>>> values(
      const std::string& name) const override {
    return keep(mutex_, values_, name, [&] { return segment_.load_values(name); });
  }

  // Not kept: who reads in blocks reads once.
  [[nodiscard]] Result<std::vector<std::uint32_t>> codes_of(const std::string& name,
                                                            std::uint64_t block) const override {
    return segment_.load_codes(name, block);
  }

  [[nodiscard]] Result<std::vector<std::int64_t>> values_of(const std::string& name,
                                                            std::uint64_t block) const override {
    return segment_.load_values(name, block);
  }

  [[nodiscard]] std::size_t bytes() const {
    const std::lock_guard lock(mutex_);
    std::size_t sum = 0;
    for (const auto& [name, column] : columns_) {
      sum += code_bytes(column->codes);
    }
    for (const auto& [name, values] : values_) {
      sum += values->size() * sizeof(std::int64_t);
    }
    return sum;
  }

 private:
  mutable std::mutex mutex_;
  columns::Segment segment_;
  mutable std::unordered_map<std::string, std::shared_ptr<const columns::RawColumn>> columns_;
  mutable std::unordered_map<std::string, std::shared_ptr<const columns::Dictionary>> dictionaries_;
  mutable std::unordered_map<std::string, std::shared_ptr<const std::vector<std::int64_t>>> values_;
};

Result<std::string> file_sha256(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  crypto::Sha256 hash;
  std::vector<char> buffer(std::size_t{1} << 20U);
  while (in) {
    in.read(buffer.data(), static_cast<std::streamsize>(buffer.size()));
    hash.update(std::string_view(buffer.data(), static_cast<std::size_t>(in.gcount())));
  }
  if (!in.eof()) {
    return fail(Error{ErrorCode::not_found,
                      "files.not_found",
                      fmt::format("{} cannot be read", file.string()),
                      {{"file", file.filename().string()}}});
  }
  const crypto::Hash sum = hash.finish();
  return to_hex(sum);
}

Result<WrittenFacts> SegmentFacts::write(Facts facts, std::string_view prefix,
                                         const json::object& metadata) {
  std::error_code error;
  std::filesystem::create_directories(folder_, error);
  std::filesystem::permissions(folder_, std::filesystem::perms::owner_all, error);
  columns::SegmentWriter writer(facts.decimals, canonical_json(metadata));
  for (auto& dimension : facts.dimensions) {
    columns::RawColumn column;
    column.name = std::move(dimension.name);
    column.values = std::move(dimension.texts);
    column.codes = std::move(dimension.codes);
    writer.add(std::move(column));
  }
  writer.add_values("value", std::move(facts.values));
  if (!facts.values_high.empty()) {
    writer.add_values("value_high", std::move(facts.values_high));
  }
  std::array<std::uint8_t, 8> random{};
  crypto::random_bytes(random);
  WrittenFacts out;
  out.file = fmt::format("{}-{}.seg", prefix, to_hex(random));
  const auto path = folder_ / out.file;
  ATALAYA_TRY(std::move(writer).write(path.string(), columns::RowOrder::merged));
  auto sum = file_sha256(path);
  auto written = columns::Segment::open(path.string());
  if (!sum || !written) {
    std::filesystem::remove(path, error);
    return fail(!sum ? std::move(sum).error() : std::move(written).error());
  }
  out.sha256 = *std::move(sum);
  out.rows = static_cast<std::int64_t>(written->rows());
  return out;
}

Result<std::shared_ptr<const FactSet>> SegmentFacts::open(const std::string& name) {
  const std::lock_guard lock(mutex_);
  const auto at = std::ranges::find(open_, name, [](const auto& entry) { return entry.first; });
  if (at != open_.end()) {
    open_.splice(open_.begin(), open_, at);
    return open_.front().second;
  }
  auto segment = ATALAYA_TRY(columns::Segment::open(path(name).string()));
  auto held = std::make_shared<Set>(std::move(segment));
  open_.emplace_front(name, held);
  std::size_t bytes = 0;
  for (auto entry = open_.begin(); entry != open_.end(); ++entry) {
    bytes += entry->second->bytes();
    if (bytes > kCacheBytesMax && entry != open_.begin()) {
      open_.erase(entry, open_.end());
      break;
    }
  }
  return held;
}

Result<void> SegmentFacts::sum(const FactSums& query, const columns::CellSink& sink) {
  columns::CubeSpec spec;
  spec.with_high = true;
  spec.sizes = query.sizes;
  std::vector<std::shared_ptr<const columns::RawColumn>> held;
  std::list<std::vector<std::int64_t>> numbers;  // as the answer scales them
  std::vector<std::shared_ptr<const std::vector<std::int64_t>>> unscaled;
  const auto scaled = [&](const std::shared_ptr<const std::vector<std::int64_t>>& values,
                          std::int32_t digits) -> std::span<const std::int64_t> {
    if (digits == 0) {
      unscaled.push_back(values);
      return *values;
    }
    const auto factor = static_cast<std::int64_t>(std::llround(std::pow(10.0, digits)));
    auto& copy = numbers.emplace_back(*values);
    for (auto& value : copy) {
      value *= factor;
    }
    return copy;
  };
  std::vector<columns::CubeInput> inputs;
  for (const auto& input : query.inputs) {
    columns::CubeInput cube;
    cube.rows = input.set->rows();
    for (const auto& table : input.tables) {
      columns::CubeColumn column{nullptr, table.lut};
      if (!table.column.empty()) {
        held.push_back(ATALAYA_TRY(input.set->column(table.column)));
        column.codes = &held.back()->codes;
      }
      cube.columns.push_back(std::move(column));
    }
    const std::int32_t digits = query.decimals - input.set->decimals();
    const auto low = ATALAYA_TRY(input.set->values("value"));
    cube.values = scaled(low, digits);
    cube.values_high = cube.values;
    if (input.set->has("value_high")) {
      const auto high = ATALAYA_TRY(input.set->values("value_high"));
      cube.values_high = scaled(high, digits);
    }
    inputs.push_back(std::move(cube));
  }
  const auto cube = ATALAYA_TRY(columns::Cube::aggregate(inputs, spec));
  return cube.visit(cube.base(), sink);
}

Result<void> SegmentFacts::destroy(const std::string& name) {
  {
    const std::lock_guard lock(mutex_);
    open_.remove_if([&](const auto& entry) { return entry.first == name; });
  }
  std::error_code error;
  std::filesystem::remove(path(name), error);
  if (error) {
    return fail(Error{ErrorCode::unavailable,
                      "observatory.facts.not_destroyed",
                      fmt::format("facts/{} could not be removed: {}", name, error.message()),
                      {{"what", name}}});
  }
  return {};
}

Result<std::vector<std::string>> SegmentFacts::check(
    const std::map<std::string, std::string>& named) {
  std::vector<std::string> out;
  remove_unnamed(folder_, named);
  for (const auto& [name, sha256] : named) {
    const auto sum = file_sha256(path(name));
    if (!sum) {
      out.push_back(fmt::format("facts/{} is missing; restore it from a backup", name));
    } else if (*sum != sha256) {
      out.push_back(
          fmt::format("facts/{} is not what was written; restore it from a backup", name));
    }
  }
  return out;
}

Result<std::filesystem::path> SegmentFacts::segment_file(const std::string& name,
                                                         const std::filesystem::path& /*folder*/) {
  return path(name);
}

Result<bool> SegmentFacts::move(const std::string& /*name*/, Place to) {
  if (to == Place::cluster) {
    return fail(ErrorCode::invalid_argument, "observatory.facts.no_address",
                "node.toml names no cluster: write facts = \"clickhouse://host:8123/database\"");
  }
  return false;
}

Result<void> write_copy(const FactSet& set, const std::filesystem::path& path) {
  columns::SegmentWriter writer(set.decimals(), set.metadata());
  for (const auto& column : set.columns()) {
    if (column.kind == columns::SegmentColumn::Kind::codes) {
      const auto codes = ATALAYA_TRY(set.column(column.name));
      writer.add(columns::RawColumn(*codes));
    } else {
      const auto values = ATALAYA_TRY(set.values(column.name));
      writer.add_values(column.name, std::vector<std::int64_t>(*values));
    }
  }
  return std::move(writer).write(path.string(), columns::RowOrder::as_given);
}

}  // namespace detail
}  // namespace atalaya::observatory
