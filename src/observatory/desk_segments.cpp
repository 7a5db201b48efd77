// Segment files of the desk: written before the transaction that names them, and removed when no
// transaction ever did.
#include <algorithm>
#include <fstream>

#include <fmt/format.h>

#include <atalaya/base/text.hpp>
#include <atalaya/crypto/hash.hpp>

#include "desk_state.hpp"

namespace atalaya::observatory {
namespace {

constexpr std::size_t kCacheBytesMax = std::size_t{512} << 20U;

std::size_t code_bytes(const columns::Codes& codes) {
  return std::visit([](const auto& v) { return v.size() * sizeof(v[0]); }, codes);
}

}  // namespace

Result<std::shared_ptr<const columns::RawColumn>> FactSegment::column(const std::string& name) {
  const std::lock_guard lock(mutex_);
  if (const auto at = columns_.find(name); at != columns_.end()) {
    return at->second;
  }
  auto column = ATALAYA_TRY(segment_.load(name));
  auto held = std::make_shared<const columns::RawColumn>(std::move(column));
  columns_.emplace(name, held);
  return held;
}

Result<std::shared_ptr<const columns::Dictionary>> FactSegment::dictionary(
    const std::string& name) {
  const std::lock_guard lock(mutex_);
  if (const auto at = dictionaries_.find(name); at != dictionaries_.end()) {
    return at->second;
  }
  auto dictionary = ATALAYA_TRY(segment_.load_dictionary(name));
  auto held = std::make_shared<const columns::Dictionary>(std::move(dictionary));
  dictionaries_.emplace(name, held);
  return held;
}

Result<std::shared_ptr<const std::vector<std::int64_t>>> FactSegment::values(
    const std::string& name) {
  const std::lock_guard lock(mutex_);
  if (const auto at = values_.find(name); at != values_.end()) {
    return at->second;
  }
  auto values = ATALAYA_TRY(segment_.load_values(name));
  auto held = std::make_shared<const std::vector<std::int64_t>>(std::move(values));
  values_.emplace(name, held);
  return held;
}

std::size_t FactSegment::bytes() const {
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

Result<std::shared_ptr<FactSegment>> Desk::State::segment(const std::string& file) const {
  const std::lock_guard lock(mutex);
  const auto at = std::ranges::find(open, file, [](const auto& entry) { return entry.first; });
  if (at != open.end()) {
    open.splice(open.begin(), open, at);
    return open.front().second;
  }
  auto segment = ATALAYA_TRY(columns::Segment::open((parts.folder / file).string()));
  auto held = std::make_shared<FactSegment>(std::move(segment));
  open.emplace_front(file, held);
  std::size_t bytes = 0;
  for (auto entry = open.begin(); entry != open.end(); ++entry) {
    bytes += entry->second->bytes();
    if (bytes > kCacheBytesMax && entry != open.begin()) {
      open.erase(entry, open.end());
      break;
    }
  }
  return held;
}

namespace detail {

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

Result<WrittenSegment> write_segment(const std::filesystem::path& folder, Facts facts,
                                     std::string_view prefix, const json::object& metadata,
                                     bool merged) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  std::filesystem::permissions(folder, std::filesystem::perms::owner_all, error);
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
  WrittenSegment out;
  out.file = fmt::format("{}-{}.seg", prefix, to_hex(random));
  const auto path = folder / out.file;
  ATALAYA_TRY(std::move(writer).write(
      path.string(), merged ? columns::RowOrder::merged : columns::RowOrder::as_given));
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

}  // namespace detail
}  // namespace atalaya::observatory
