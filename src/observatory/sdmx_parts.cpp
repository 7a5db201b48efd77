// Large answers, part by part. A part is what lies under one or several neighbouring groups, a
// group being one combination of codes of the first dimensions; as many dimensions are taken as
// make the groups small enough. No series lies in two groups, as time never makes one. Columns are
// read block by block, so that memory holds one block of them and one part of the answer, however
// many cells there are; what is paid is that a block is read again for each part that it has rows
// of.
#include <algorithm>

#include "desk_state.hpp"
#include "sdmx_selector.hpp"

namespace atalaya::observatory::sdmx {
namespace {

constexpr std::uint64_t kGroupsMax = std::uint64_t{1} << 20U;
constexpr std::uint32_t kNoPart = UINT32_MAX;
constexpr std::uint32_t kDropped = UINT32_MAX;

struct Group {
  std::uint64_t rows = 0;
  std::uint32_t part = kNoPart;
};

// One released table. Per column and code: what it adds to the number of its group, or kDropped
// where the query does not want it.
struct Source {
  TableRef ref;
  Standing standing;
  Table table;
  std::shared_ptr<const FactSet> set;
  std::optional<RowNames> names;
  std::vector<std::vector<std::string>> codes;  // per column, as the rows are called
  std::vector<std::vector<std::uint32_t>> adds;
  std::vector<std::uint8_t> matters;  // per column: says which group, or drops rows
  std::uint32_t fixed = 0;            // of dimensions that are no column; kDropped: nothing wanted
  std::vector<std::uint32_t> first, last;  // per part: its blocks
};

class Parts final : public DataParts {
 public:
  Parts(const Desk& desk, const Catalogue& catalogue, const Flow& flow, const DataQuery& query,
        const ReadingParts& parts)
      : desk_(desk), catalogue_(catalogue), flow_(flow), query_(query), parts_(parts) {
    left_ = query.limit.value_or(UINT64_MAX);
    skip_ = query.offset;
    query_.offset = 0;
    query_.limit.reset();
  }

  Result<void> open(std::vector<MeantTable> tables) {
    territories_ = ATALAYA_TRY(desk_.territories());
    for (MeantTable& meant : tables) {
      ATALAYA_TRY(open_source(std::move(meant)));
    }
    return plan();
  }

  Result<std::vector<Observation>> next() override {
    while (part_ < parts_count_ && left_ > 0) {
      auto out = ATALAYA_TRY(read_part(static_cast<std::uint32_t>(part_++)));
      const auto skipped = std::min<std::uint64_t>(skip_, out.size());
      skip_ -= skipped;
      out.erase(out.begin(), out.begin() + static_cast<std::ptrdiff_t>(skipped));
      if (out.size() > left_) {
        out.resize(left_);
      }
      left_ -= out.size();
      if (!out.empty()) {
        return out;
      }
    }
    return std::vector<Observation>();
  }

 private:
  Result<void> open_source(MeantTable meant) {
    const TableRef& ref = meant.ref;
    Source source;
    source.ref = ref;
    source.standing = std::move(meant.standing);
    const Release release = ATALAYA_TRY(desk_.release(catalogue_.releases[ref.release].id));
    const auto entry = std::ranges::find(release.tables, ref.position, &Release::Entry::position);
    if (entry == release.tables.end()) {
      return fail(ErrorCode::not_found, "observatory.release.table", "the release lost a table");
    }
    source.table.query = ATALAYA_TRY(detail::query_with_sources(entry->query));
    source.table.by = source.table.query.by;
    source.table.indicator = flow_.indicator;
    source.set = ATALAYA_TRY(desk_.release_columns(release.id, ref.position));
    if (source.set->rows() > 0) {
      const auto stored = ATALAYA_TRY(stored_codes(*source.set, source.table.query));
      source.names.emplace(*territories_, source.table.query, stored);
      source.codes = named_codes(*source.names, stored);
      sources_.push_back(std::move(source));
    }
    return {};
  }

  // More dimensions, one after the other, until every group is small enough or none is left.
  Result<void> plan() {
    std::vector<std::size_t> by;
    std::uint64_t groups = 1;
    for (std::size_t next = 0;; ++next) {
      groups_.assign(groups, {});
      for (Source& source : sources_) {
        ATALAYA_TRY(number_groups(source, by));
        ATALAYA_TRY(count_rows(source));
      }
      const auto largest = std::ranges::max_element(groups_, {}, &Group::rows);
      while (next + 1 < flow_.dimensions.size() &&
             (flow_.dimensions[next].id == parts_.series_over || flow_.used[next].size() < 2)) {
        ++next;
      }
      const bool is_last =
          next + 1 >= flow_.dimensions.size() || groups * flow_.used[next].size() > kGroupsMax;
      if (largest->rows <= parts_.at_once || is_last) {
        break;
      }
      by.push_back(next);
      groups *= flow_.used[next].size();
    }
    gather();
    for (Source& source : sources_) {
      ATALAYA_TRY(find_blocks(source));
    }
    return {};
  }

  [[nodiscard]] static std::uint32_t place_in(const std::vector<std::string>& codes,
                                              std::string_view code) {
    const auto at = std::ranges::lower_bound(codes, code);
    return at == codes.end() || *at != code ? 0 : static_cast<std::uint32_t>(at - codes.begin());
  }

  [[nodiscard]] bool is_wanted(std::size_t dimension, std::string_view code) const {
    const bool in_key = query_.keys.empty() || std::ranges::any_of(query_.keys, [&](const Key& k) {
                          return k[dimension].empty() ||
                                 std::ranges::find(k[dimension], code) != k[dimension].end();
                        });
    return in_key && std::ranges::all_of(query_.where, [&](const auto& filter) {
             return flow_.place(filter.first) != dimension || is_held(filter.second, code);
           });
  }

  [[nodiscard]] bool is_wanted(const std::optional<TimeValue>& time) const {
    return time && (!query_.from || time->begin >= *query_.from) &&
           (!query_.until || time->begin < *query_.until) &&
           std::ranges::all_of(query_.where, [&](const auto& filter) {
             return flow_.place(filter.first) || is_held(filter.second, *time);
           });
  }

  // What a code of dimension `d` adds to the number of its group under the dimensions `by`.
  [[nodiscard]] std::uint32_t adds(const std::vector<std::size_t>& by, std::size_t d,
                                   std::string_view code) const {
    if (!is_wanted(d, code)) {
      return kDropped;
    }
    std::uint64_t step = 1;
    for (std::size_t i = by.size(); i-- > 0;) {
      if (by[i] == d) {
        return static_cast<std::uint32_t>(step * place_in(flow_.used[d], code));
      }
      step *= flow_.used[by[i]].size();
    }
    return 0;
  }

  Result<void> number_groups(Source& source, const std::vector<std::size_t>& by) {
    const CellReader reader(*territories_, flow_, source.table.query, source.table.by);
    source.adds.clear();
    Cell cell;
    for (const auto& column : source.codes) {
      cell.codes.push_back(column.front());
    }
    std::vector<std::string> codes;
    const bool has_period = std::ranges::any_of(
        source.table.by, [](const TableDimension& column) { return column.name == "period"; });
    const auto time = reader.read(cell, codes);
    source.fixed = has_period ? 0 : is_wanted(time) ? adds(by, 0, time->frequency) : kDropped;
    for (std::size_t d = 1; d + 1 < flow_.dimensions.size() && source.fixed != kDropped; ++d) {
      const bool is_column = std::ranges::any_of(source.table.by, [&](const auto& column) {
        return column.name == flow_.dimensions[d].ours;
      });
      if (!is_column) {
        const std::uint32_t more = adds(by, d, codes[d]);
        source.fixed = more == kDropped ? kDropped : source.fixed + more;
      }
    }
    for (std::size_t c = 0; c < source.table.by.size(); ++c) {
      source.adds.push_back(column_adds(source.table.by[c].name, source.codes[c], by));
    }
    source.matters.clear();
    for (const auto& list : source.adds) {
      source.matters.push_back(std::ranges::any_of(list, [](std::uint32_t a) { return a != 0; }));
    }
    return {};
  }

  [[nodiscard]] std::vector<std::uint32_t> column_adds(const std::string& name,
                                                       const std::vector<std::string>& codes,
                                                       const std::vector<std::size_t>& by) const {
    std::vector<std::uint32_t> out;
    std::optional<std::size_t> place;
    for (std::size_t d = 0; d < flow_.dimensions.size(); ++d) {
      if (flow_.dimensions[d].ours == name) {
        place = d;
      }
    }
    for (const std::string& text : codes) {
      if (name == "period") {
        const auto time = time_of_row(text);
        out.push_back(is_wanted(time) ? adds(by, 0, time->frequency) : kDropped);
      } else {
        out.push_back(place ? adds(by, *place, code_id(*territories_, name, text)) : 0);
      }
    }
    return out;
  }

  // The group of every row of a block, kDropped for rows that are not wanted.
  Result<std::vector<std::uint32_t>> groups_of(const Source& source, std::uint64_t block) const {
    const std::uint64_t begin = block * columns::kSegmentBlockRows;
    const std::uint64_t rows = std::min(source.set->rows() - begin, columns::kSegmentBlockRows);
    std::vector<std::uint32_t> out(rows, source.fixed);
    for (std::size_t c = 0; c < source.adds.size() && source.fixed != kDropped; ++c) {
      if (source.matters[c] == 0) {
        continue;
      }
      const auto codes = ATALAYA_TRY(source.set->codes_of(source.table.by[c].name, block));
      for (std::size_t row = 0; row < out.size(); ++row) {
        const std::uint32_t more = source.adds[c][codes[row]];
        out[row] = out[row] == kDropped || more == kDropped ? kDropped : out[row] + more;
      }
    }
    ATALAYA_TRY(leave_out(source, block, out));
    return out;
  }

  // What newer tables leave of this one.
  static Result<void> leave_out(const Source& source, std::uint64_t block,
                                std::vector<std::uint32_t>& groups) {
    for (const auto& rows : source.standing.left_out) {
      std::vector<std::uint8_t> is_left_out(groups.size(), 1);
      for (std::size_t c = 0; c < rows.marks.size(); ++c) {
        if (std::ranges::find(rows.marks[c], 0) == rows.marks[c].end()) {
          continue;
        }
        const auto codes = ATALAYA_TRY(source.set->codes_of(source.table.by[c].name, block));
        for (std::size_t row = 0; row < groups.size(); ++row) {
          is_left_out[row] &= rows.marks[c][codes[row]];
        }
      }
      for (std::size_t row = 0; row < groups.size(); ++row) {
        groups[row] = is_left_out[row] != 0 ? kDropped : groups[row];
      }
    }
    return {};
  }

  [[nodiscard]] static std::uint64_t blocks_of(const Source& source) {
    return source.fixed == kDropped
               ? 0
               : (source.set->rows() + columns::kSegmentBlockRows - 1) / columns::kSegmentBlockRows;
  }

  Result<void> count_rows(const Source& source) {
    for (std::uint64_t block = 0; block < blocks_of(source); ++block) {
      const auto groups = ATALAYA_TRY(groups_of(source, block));
      for (const std::uint32_t group : groups) {
        if (group != kDropped) {
          ++groups_[group].rows;
        }
      }
    }
    return {};
  }

  // Neighbouring groups become one part while they are small enough together.
  void gather() {
    std::uint64_t rows = 0;
    for (Group& group : groups_) {
      if (group.rows == 0) {
        continue;
      }
      if (parts_count_ == 0 || rows + group.rows > parts_.at_once) {
        ++parts_count_;
        rows = 0;
      }
      rows += group.rows;
      group.part = static_cast<std::uint32_t>(parts_count_ - 1);
    }
  }

  Result<void> find_blocks(Source& source) {
    source.first.assign(parts_count_, UINT32_MAX);
    source.last.assign(parts_count_, 0);
    for (std::uint64_t block = 0; block < blocks_of(source); ++block) {
      const auto groups = ATALAYA_TRY(groups_of(source, block));
      for (const std::uint32_t group : groups) {
        if (group != kDropped) {
          const std::uint32_t part = groups_[group].part;
          source.first[part] = std::min(source.first[part], static_cast<std::uint32_t>(block));
          source.last[part] = static_cast<std::uint32_t>(block);
        }
      }
    }
    return {};
  }

  // 1 for each row that lies in the part.
  [[nodiscard]] std::vector<std::uint8_t> rows_of(const std::vector<std::uint32_t>& groups,
                                                  std::uint32_t part) const {
    std::vector<std::uint8_t> rows;
    rows.reserve(groups.size());
    for (const std::uint32_t group : groups) {
      rows.push_back(group != kDropped && groups_[group].part == part ? 1 : 0);
    }
    return rows;
  }

  Result<std::vector<Observation>> read_part(std::uint32_t part) {
    Selector selector(flow_, query_, Selector::Keys::of_all_codes);
    for (Source& source : sources_) {
      for (std::uint64_t block = source.first[part]; block <= source.last[part]; ++block) {
        const auto groups = ATALAYA_TRY(groups_of(source, block));
        const auto rows = rows_of(groups, part);
        if (std::ranges::find(rows, 1) != rows.end()) {
          ATALAYA_TRY(detail::read_block(*source.set, block, rows, source.table));
          for (Cell& cell : source.table.cells) {
            source.names->apply(cell, *flow_.indicator);
          }
          selector.add(*territories_, source.table, static_cast<std::uint32_t>(source.ref.release));
          source.table.cells.clear();
        }
      }
    }
    return std::move(selector).finish().observations;
  }

  const Desk& desk_;
  const Catalogue& catalogue_;
  const Flow& flow_;
  DataQuery query_;
  ReadingParts parts_;
  std::shared_ptr<const Territories> territories_;
  std::vector<Source> sources_;
  std::vector<Group> groups_;
  std::size_t parts_count_ = 0, part_ = 0;
  std::uint64_t left_ = 0, skip_ = 0;
};

}  // namespace

Result<std::unique_ptr<DataParts>> read_in_parts(const Desk& desk, const Catalogue& catalogue,
                                                 const Flow& flow, const DataQuery& query,
                                                 std::vector<MeantTable> tables,
                                                 const ReadingParts& parts) {
  auto out = std::make_unique<Parts>(desk, catalogue, flow, query, parts);
  ATALAYA_TRY(out->open(std::move(tables)));
  return std::unique_ptr<DataParts>(std::move(out));
}

}  // namespace atalaya::observatory::sdmx
