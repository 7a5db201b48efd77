#include "segment_format.hpp"

#include <algorithm>
#include <cstring>
#include <limits>
#include <optional>
#include <span>

#include <zlib.h>

#include <fmt/format.h>

#include <atalaya/base/json.hpp>
#include <atalaya/columns/segment.hpp>

namespace atalaya::columns::segment_format {

namespace {

template <class Integer>
void append_le(std::string& out, Integer value) {
  for (std::size_t i = 0; i < sizeof(Integer); ++i) {
    out.push_back(static_cast<char>((value >> (8 * i)) & 0xff));
  }
}

template <class Integer>
Integer read_le(std::string_view bytes, std::size_t at) {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < sizeof(Integer); ++i) {
    value |= std::uint64_t{static_cast<unsigned char>(bytes[at + i])} << (8 * i);
  }
  return static_cast<Integer>(value);
}

/// The integer under `key`, when there is one from `low` to `high`.
std::optional<std::int64_t> integer(const json::object& object, std::string_view key,
                                    std::int64_t low, std::int64_t high) {
  const json::value* found = object.if_contains(key);
  if (found == nullptr || !found->is_int64() || found->get_int64() < low ||
      found->get_int64() > high) {
    return std::nullopt;
  }
  return found->get_int64();
}

json::array to_json(std::span<const Block> blocks) {
  json::array list;
  list.reserve(blocks.size());
  for (const Block& block : blocks) {
    list.emplace_back(json::array{block.bytes, block.crc32});
  }
  return list;
}

Result<std::vector<Block>> read_blocks(const json::object& object, std::uint64_t count) {
  const json::value* found = object.if_contains("blocks");
  const json::array* list = found == nullptr ? nullptr : found->if_array();
  if (list == nullptr || list->size() != count) {
    return damaged("a column has another number of blocks than its rows need");
  }
  std::vector<Block> blocks;
  blocks.reserve(list->size());
  constexpr std::int64_t kMax = std::numeric_limits<std::uint32_t>::max();
  for (const json::value& item : *list) {
    const json::array* pair = item.if_array();
    if (pair == nullptr || pair->size() != 2 || !(*pair)[0].is_int64() || !(*pair)[1].is_int64() ||
        (*pair)[0].get_int64() < 1 || (*pair)[0].get_int64() > kMax || (*pair)[1].get_int64() < 0 ||
        (*pair)[1].get_int64() > kMax) {
      return damaged("a block is not described by two numbers of 32 bits");
    }
    blocks.push_back({static_cast<std::uint32_t>((*pair)[0].get_int64()),
                      static_cast<std::uint32_t>((*pair)[1].get_int64())});
  }
  return blocks;
}

/// What only coded columns have. The dictionary may be as long as rows: no entry is unused.
Result<void> read_dictionary(const json::object& object, std::uint64_t rows, Column& column) {
  constexpr std::int64_t kMax = std::numeric_limits<std::uint32_t>::max();
  const auto entries = integer(object, "dictionary", 0, static_cast<std::int64_t>(rows));
  const auto raw = integer(object, "dictionary_bytes", 0, kMax);
  if (!entries || !raw || *raw < *entries * 4 || (rows > 0 && *entries == 0)) {
    return damaged("the size of a dictionary cannot be");
  }
  const std::uint32_t width = *entries <= 0x100 ? 1 : *entries <= 0x10000 ? 2 : 4;
  if (column.width != width) {
    return damaged("a coded column is not as wide as its dictionary asks");
  }
  column.dictionary = static_cast<std::uint64_t>(*entries);
  column.dictionary_raw = static_cast<std::uint64_t>(*raw);
  return {};
}

Result<Column> read_column(const json::value& value, std::uint64_t rows) {
  const json::object* object = value.if_object();
  const json::value* name = object == nullptr ? nullptr : object->if_contains("name");
  const json::value* kind = object == nullptr ? nullptr : object->if_contains("kind");
  if (name == nullptr || !name->is_string() || !is_column_name(name->get_string()) ||
      kind == nullptr || (*kind != "codes" && *kind != "values")) {
    return damaged("a column has no proper name or kind");
  }
  Column column;
  column.name = name->get_string();
  column.codes = *kind == "codes";
  constexpr std::int64_t kMax = std::numeric_limits<std::int64_t>::max();
  const auto width = integer(*object, "width", 1, column.codes ? 4 : 8);
  const auto at = integer(*object, "at", static_cast<std::int64_t>(kMagic.size()), kMax);
  if (!width || (*width & (*width - 1)) != 0 || !at) {
    return damaged("a column has no proper width or place");
  }
  column.width = static_cast<std::uint32_t>(*width);
  column.at = static_cast<std::uint64_t>(*at);
  if (column.codes) {
    ATALAYA_TRY(read_dictionary(*object, rows, column));
  } else {
    const auto base = integer(*object, "base", std::numeric_limits<std::int64_t>::min(), kMax);
    if (!base) {
      return damaged("a column of values has no base");
    }
    column.base = *base;
  }
  const std::uint64_t count = (rows + kBlockRows - 1) / kBlockRows + (column.codes ? 1 : 0);
  column.blocks = ATALAYA_TRY(read_blocks(*object, count));
  return column;
}

}  // namespace

std::uint64_t Column::stored_bytes() const noexcept {
  std::uint64_t sum = 0;
  for (const Block& block : blocks) {
    sum += block.bytes;
  }
  return sum;
}

std::unexpected<Error> damaged(std::string_view what) {
  return fail(ErrorCode::data_loss, "columns.segment.damaged", what);
}

std::uint32_t crc32(std::string_view bytes, std::uint32_t before) noexcept {
  return static_cast<std::uint32_t>(
      ::crc32_z(before, reinterpret_cast<const Bytef*>(bytes.data()), bytes.size()));
}

bool is_column_name(std::string_view name) noexcept {
  return !name.empty() && name.size() <= kSegmentNameBytesMax &&
         std::all_of(name.begin(), name.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
         });
}

std::string write_trailer(const Trailer& trailer) {
  std::string out;
  append_le(out, trailer.description_at);
  append_le(out, trailer.description_bytes);
  append_le(out, trailer.description_crc32);
  append_le(out, trailer.file_crc32);
  append_le(out, crc32(out));
  out += kEndMagic;
  return out;
}

Result<Trailer> read_trailer(std::string_view bytes) {
  if (bytes.size() != kTrailerBytes || bytes.substr(24) != kEndMagic) {
    return damaged("it does not end as a segment does: it may be cut short");
  }
  if (read_le<std::uint32_t>(bytes, 20) != crc32(bytes.substr(0, 20))) {
    return damaged("the checksum of its last bytes is wrong");
  }
  return Trailer{.description_at = read_le<std::uint64_t>(bytes, 0),
                 .description_bytes = read_le<std::uint32_t>(bytes, 8),
                 .description_crc32 = read_le<std::uint32_t>(bytes, 12),
                 .file_crc32 = read_le<std::uint32_t>(bytes, 16)};
}

std::string write_description(const Description& description) {
  json::array columns;
  for (const Column& column : description.columns) {
    json::object object{{"name", column.name},
                        {"kind", column.codes ? "codes" : "values"},
                        {"width", column.width},
                        {"at", column.at},
                        {"blocks", to_json(column.blocks)}};
    if (column.codes) {
      object["dictionary"] = column.dictionary;
      object["dictionary_bytes"] = column.dictionary_raw;
    } else {
      object["base"] = column.base;
    }
    columns.emplace_back(std::move(object));
  }
  return canonical_json(json::object{{"version", 1},
                                     {"rows", description.rows},
                                     {"block_rows", kBlockRows},
                                     {"decimals", description.decimals},
                                     {"metadata", json::parse(description.metadata)},
                                     {"columns", std::move(columns)}});
}

Result<Description> read_description(std::string_view text, std::uint64_t description_at) {
  const auto parsed = parse_json(text, "segment");
  const json::object* object = parsed.has_value() ? parsed->if_object() : nullptr;
  if (object == nullptr) {
    return damaged("the description of its columns is not JSON");
  }
  if (!integer(*object, "version", 1, 1) ||
      !integer(*object, "block_rows", kBlockRows, kBlockRows)) {
    return damaged("it is of a version that this program does not read");
  }
  const auto rows = integer(*object, "rows", 0, std::int64_t{kSegmentRowsMax});
  const auto decimals = integer(*object, "decimals", 0, kSegmentDecimalsMax);
  const json::value* metadata = object->if_contains("metadata");
  const json::value* columns = object->if_contains("columns");
  if (!rows || !decimals || metadata == nullptr || !metadata->is_object() || columns == nullptr ||
      !columns->is_array() || columns->get_array().size() > kSegmentColumnsMax) {
    return damaged("rows, decimals, metadata or columns are not described");
  }
  Description description;
  description.rows = static_cast<std::uint64_t>(*rows);
  description.decimals = static_cast<int>(*decimals);
  description.metadata = canonical_json(*metadata);
  std::uint64_t at = kMagic.size();
  for (const json::value& item : columns->get_array()) {
    Column column = ATALAYA_TRY(read_column(item, description.rows));
    const bool twice = std::any_of(description.columns.begin(), description.columns.end(),
                                   [&](const Column& c) { return c.name == column.name; });
    if (column.at != at || twice) {
      return damaged("columns do not follow one another, or have one name");
    }
    at += column.stored_bytes();
    description.columns.push_back(std::move(column));
  }
  if (at != description_at) {
    return damaged("columns and their description do not follow one another");
  }
  if (write_description(description) != text) {
    return damaged("the description of its columns is not in canonical spelling");
  }
  return description;
}

}  // namespace atalaya::columns::segment_format
