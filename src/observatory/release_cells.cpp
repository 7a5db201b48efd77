// The cells of a released table as a segment.
#include "release_cells.hpp"

#include <array>
#include <cmath>

#include <fmt/format.h>

#include <atalaya/base/text.hpp>

#include "table_parts.hpp"

namespace atalaya::observatory::detail {
namespace {

// Counts and populations of released cells are kept to a thousandth: estimated and interpolated
// ones are not whole.
constexpr std::int32_t kDecimals = 3;
constexpr double kUnit = 1000;

std::int64_t thousandths(const std::optional<double>& value) {
  return value ? std::llround(*value * kUnit) : -1;
}

std::optional<double> from_thousandths(std::int64_t value) {
  return value < 0 ? std::nullopt : std::optional(static_cast<double>(value) / kUnit);
}

// Rates beside the crude one cannot be made again from a release: they are kept to nine decimals.
constexpr double kRateUnit = 1e9;

std::int64_t billionths(const std::optional<double>& value) {
  return value ? std::llround(*value * kRateUnit) : -1;
}

std::optional<double> from_billionths(std::int64_t value) {
  return value < 0 ? std::nullopt : std::optional(static_cast<double>(value) / kRateUnit);
}

constexpr std::int64_t kSmallFlag = 1;
constexpr std::int64_t kDroppedFlag = 2;

void add_further(const Table& table, columns::SegmentWriter& writer) {
  std::vector<std::int64_t> flags;
  std::vector<std::int64_t> rating;
  std::vector<std::int64_t> other;
  for (const auto& cell : table.cells) {
    flags.push_back((cell.small_population ? kSmallFlag : 0) |
                    (cell.interval_dropped ? kDroppedFlag : 0));
    rating.push_back(static_cast<std::int64_t>(cell.rating));
    other.push_back(thousandths(cell.other_count));
  }
  writer.add_values("cell_flags", std::move(flags));
  writer.add_values("quality_rating", std::move(rating));
  writer.add_values("other_count", std::move(other));
  if (table.query.rate.kind == RateKind::crude) {
    return;
  }
  std::vector<std::int64_t> rate;
  std::vector<std::int64_t> low;
  std::vector<std::int64_t> high;
  std::vector<std::int64_t> status;
  for (const auto& cell : table.cells) {
    const AdjustedRate none{.status = RateStatus::withheld};
    const auto& adjusted = cell.adjusted ? *cell.adjusted : none;
    rate.push_back(billionths(adjusted.rate));
    low.push_back(billionths(adjusted.low));
    high.push_back(billionths(adjusted.high));
    status.push_back(static_cast<std::int64_t>(adjusted.status));
  }
  writer.add_values("adjusted_rate", std::move(rate));
  writer.add_values("adjusted_low", std::move(low));
  writer.add_values("adjusted_high", std::move(high));
  writer.add_values("adjusted_status", std::move(status));
}

// Releases of earlier versions have none of these columns.
Result<void> read_further(const FactSet& segment, Table& table) {
  if (!segment.has("cell_flags")) {
    return {};
  }
  const auto flags = ATALAYA_TRY(segment.values("cell_flags"));
  const auto rating = ATALAYA_TRY(segment.values("quality_rating"));
  const auto other = ATALAYA_TRY(segment.values("other_count"));
  for (std::size_t row = 0; row < table.cells.size(); ++row) {
    auto& cell = table.cells[row];
    cell.small_population = ((*flags)[row] & kSmallFlag) != 0;
    cell.interval_dropped = ((*flags)[row] & kDroppedFlag) != 0;
    cell.rating = static_cast<RatingLetter>((*rating)[row]);
    cell.other_count = from_thousandths((*other)[row]);
  }
  if (!segment.has("adjusted_rate")) {
    return {};
  }
  const auto rate = ATALAYA_TRY(segment.values("adjusted_rate"));
  const auto low = ATALAYA_TRY(segment.values("adjusted_low"));
  const auto high = ATALAYA_TRY(segment.values("adjusted_high"));
  const auto status = ATALAYA_TRY(segment.values("adjusted_status"));
  for (std::size_t row = 0; row < table.cells.size(); ++row) {
    table.cells[row].adjusted = AdjustedRate{.rate = from_billionths((*rate)[row]),
                                             .low = from_billionths((*low)[row]),
                                             .high = from_billionths((*high)[row]),
                                             .status = static_cast<RateStatus>((*status)[row])};
  }
  return {};
}

}  // namespace

// The names of dimensions are columns' names; "source" among them.
Result<WrittenSegment> write_release_cells(const std::filesystem::path& folder, const Table& table,
                                           const std::string& release) {
  columns::SegmentWriter writer(kDecimals, canonical_json(json::object{{"release", release}}));
  for (std::size_t place = 0; place < table.by.size(); ++place) {
    std::map<std::string, std::uint32_t> ids;
    columns::RawColumn column;
    column.name = table.by[place].name;
    std::vector<std::uint32_t> codes;
    for (const auto& cell : table.cells) {
      const auto [at, is_new] =
          ids.emplace(cell.codes[place], static_cast<std::uint32_t>(ids.size()));
      if (is_new) {
        column.values.append(cell.codes[place]);
      }
      codes.push_back(at->second);
    }
    column.codes = std::move(codes);
    writer.add(std::move(column));
  }
  std::vector<std::int64_t> status;
  std::vector<std::int64_t> count;
  std::vector<std::int64_t> high;
  std::vector<std::int64_t> population;
  for (const auto& cell : table.cells) {
    status.push_back(static_cast<std::int64_t>(cell.status));
    count.push_back(thousandths(cell.count));
    high.push_back(thousandths(cell.count_high));
    population.push_back(thousandths(cell.population));
  }
  writer.add_values("cell_status", std::move(status));
  writer.add_values("count", std::move(count));
  writer.add_values("count_high", std::move(high));
  writer.add_values("denominator", std::move(population));
  add_further(table, writer);
  std::array<std::uint8_t, 8> random{};
  crypto::random_bytes(random);
  WrittenSegment out;
  out.file = fmt::format("release-{}-{}.seg", release, to_hex(random));
  ATALAYA_TRY(std::move(writer).write((folder / out.file).string()));
  out.sha256 = ATALAYA_TRY(file_sha256(folder / out.file));
  out.rows = static_cast<std::int64_t>(table.cells.size());
  return out;
}

Result<void> read_release_cells(const Desk::State& state, const std::string& segment_name,
                                Table& table) {
  const auto segment = ATALAYA_TRY(state.segment(segment_name));
  const auto status = ATALAYA_TRY(segment->values("cell_status"));
  const auto count = ATALAYA_TRY(segment->values("count"));
  const auto high = ATALAYA_TRY(segment->values("count_high"));
  const auto population = ATALAYA_TRY(segment->values("denominator"));
  table.cells.resize(segment->rows());
  for (const auto& dimension : table.by) {
    const auto column = ATALAYA_TRY(segment->column(dimension.name));
    for (std::size_t row = 0; row < table.cells.size(); ++row) {
      table.cells[row].codes.emplace_back(column->values.text(columns::at(column->codes, row)));
    }
  }
  ATALAYA_TRY(read_further(*segment, table));
  for (std::size_t row = 0; row < table.cells.size(); ++row) {
    auto& cell = table.cells[row];
    cell.status = static_cast<CellStatus>((*status)[row]);
    cell.count = from_thousandths((*count)[row]);
    cell.count_high = from_thousandths((*high)[row]);
    cell.population = from_thousandths((*population)[row]);
    ATALAYA_TRY(fill_rate(cell, *table.indicator));
  }
  apply_partly_sent(table);
  return fill_several_years(table);
}

Result<void> read_block(const FactSet& set, std::uint64_t block,
                        const std::vector<std::uint8_t>& rows, Table& table) {
  const auto status = ATALAYA_TRY(set.values_of("cell_status", block));
  const auto count = ATALAYA_TRY(set.values_of("count", block));
  const auto high = ATALAYA_TRY(set.values_of("count_high", block));
  const auto population = ATALAYA_TRY(set.values_of("denominator", block));
  std::vector<std::int64_t> flags;
  if (set.has("cell_flags")) {
    flags = ATALAYA_TRY(set.values_of("cell_flags", block));
  }
  table.cells.clear();
  for (std::size_t row = 0; row < status.size(); ++row) {
    if (rows[row] != 0) {
      Cell cell;
      cell.status = static_cast<CellStatus>(status[row]);
      cell.count = from_thousandths(count[row]);
      cell.count_high = from_thousandths(high[row]);
      cell.population = from_thousandths(population[row]);
      cell.interval_dropped = !flags.empty() && (flags[row] & kDroppedFlag) != 0;
      ATALAYA_TRY(fill_rate(cell, *table.indicator));
      table.cells.push_back(std::move(cell));
    }
  }
  for (const auto& dimension : table.by) {
    const auto dictionary = ATALAYA_TRY(set.dictionary(dimension.name));
    const auto codes = ATALAYA_TRY(set.codes_of(dimension.name, block));
    std::size_t cell = 0;
    for (std::size_t row = 0; row < codes.size(); ++row) {
      if (rows[row] != 0) {
        table.cells[cell++].codes.emplace_back(dictionary->text(codes[row]));
      }
    }
  }
  apply_partly_sent(table);
  return {};
}

}  // namespace atalaya::observatory::detail
