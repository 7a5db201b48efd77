// Where a figure of several sources of the same cases is equal, the persons under it are made one:
// each gets the codes that the one source gives and those that the other gives, in any way that
// keeps all figures of both. Which way does not matter, as with totals of sources
// (release_totals.cpp): a reader's interval is taken over all tables of persons.
#include <algorithm>
#include <iterator>

#include "release_matching.hpp"
#include "release_same_cases.hpp"

namespace atalaya::observatory::detail {
namespace {

using Codes = std::vector<std::string>;
using Rows = std::vector<std::size_t>;
using Figures = FiguresByKey;
using Match = FigureMatch;
using Matcher = FigureMatcher;

GroupCode not_known() {
  return {std::string(), true};
}

class Joiner {
 public:
  Joiner(const Territories& territories, std::vector<FactColumn> columns)
      : territories_(territories), columns_(std::move(columns)) {}

  JoinedFacts run() {
    choose_dimensions();
    for (std::size_t c = 0; c < columns_.size(); ++c) {
      renumber(c);
    }
    auto rows = rows_of(0);
    for (std::size_t c = 1; c < columns_.size(); ++c) {
      rows = join(std::move(rows), c);
    }
    for (auto& row : rows) {
      const auto at = std::ranges::find(out_.families, row.takers);
      out_.rows.push_back(
          {std::move(row.codes), static_cast<std::size_t>(at - out_.families.begin()), row.value});
      if (at == out_.families.end()) {
        out_.families.push_back(std::move(row.takers));
      }
    }
    return std::move(out_);
  }

 private:
  struct Row {
    std::vector<GroupCode> codes;  // by dimension of the whole
    Takers takers;
    std::int64_t value = 0;
  };

  [[nodiscard]] static std::optional<std::size_t> place_in(const FactColumn& column,
                                                           const std::string& name) {
    const auto at = std::ranges::find(column.dimensions, name, &TableDimension::name);
    return at == column.dimensions.end()
               ? std::nullopt
               : std::optional(static_cast<std::size_t>(at - column.dimensions.begin()));
  }

  // Place and time first, then each dimension that several tell: if their figures still coincide
  // with it, it is one to both.
  void choose_dimensions() {
    if (columns_.size() == 1) {
      out_.dimensions = columns_.front().dimensions;
      out_.owner.resize(out_.dimensions.size());
      return;
    }
    std::vector<std::string> names{"territory", "period", "unit", "iccs"};
    for (const auto& column : columns_) {
      for (const auto& dimension : column.dimensions) {
        if (std::ranges::find(names, dimension.name) == names.end()) {
          names.push_back(dimension.name);
        }
      }
    }
    std::vector<std::string> shared;
    for (const auto& name : names) {
      std::vector<std::size_t> tell;
      for (std::size_t c = 0; c < columns_.size(); ++c) {
        if (place_in(columns_[c], name)) {
          tell.push_back(c);
        }
      }
      auto with = shared;
      with.push_back(name);
      const bool is_plain = name == "territory" || name == "period";
      const bool is_shared = tell.size() > 1 && name != "source" && (is_plain || agree(tell, with));
      if (is_shared) {
        shared = std::move(with);
        add_dimension(tell.front(), name, std::nullopt);
        continue;
      }
      for (const std::size_t c : tell) {
        add_dimension(c, name, c);
      }
    }
  }

  void add_dimension(std::size_t column, const std::string& name,
                     std::optional<std::size_t> owner) {
    out_.dimensions.push_back(columns_[column].dimensions[*place_in(columns_[column], name)]);
    out_.owner.push_back(owner);
  }

  [[nodiscard]] bool agree(const std::vector<std::size_t>& tell,
                           const std::vector<std::string>& names) const {
    for (std::size_t i = 1; i < tell.size(); ++i) {
      const auto& first = columns_[tell.front()];
      const auto& second = columns_[tell[i]];
      std::vector<std::string> both;
      std::ranges::copy_if(names, std::back_inserter(both), [&](const std::string& name) {
        return place_in(first, name) && place_in(second, name);
      });
      const auto a = figures_of(first, both);
      const auto b = figures_of(second, both);
      const auto matching = Matcher(territories_, both).run(a, b);
      const auto equal = std::ranges::count_if(matching.equal, [&](const Match& match) {
        return std::ranges::any_of(
            match.first, [&](std::size_t row) { return first.facts.rows[row].value != 0; });
      });
      const auto number = static_cast<std::size_t>(equal);
      if (!coincide(number, number + matching.unequal.size())) {
        return false;
      }
    }
    return true;
  }

  [[nodiscard]] static Figures figures_of(const FactColumn& column,
                                          const std::vector<std::string>& names) {
    Figures out;
    for (std::size_t r = 0; r < column.facts.rows.size(); ++r) {
      const auto& row = column.facts.rows[r];
      if (!column.facts.families[row.family].told.contains(0)) {
        continue;  // stands apart from the total
      }
      Codes key;
      for (const auto& name : names) {
        key.push_back(row.codes[*place_in(column, name)].code);
      }
      auto& figure = out[std::move(key)];
      figure.value += row.value;
      figure.rows.push_back(r);
    }
    return out;
  }

  // Where the whole has the dimensions of a column.
  [[nodiscard]] std::size_t place_of(std::size_t column, const std::string& name) const {
    for (std::size_t d = 0; d < out_.dimensions.size(); ++d) {
      if (out_.dimensions[d].name == name && (!out_.owner[d] || out_.owner[d] == column)) {
        return d;
      }
    }
    return out_.dimensions.size();
  }

  void renumber(std::size_t column) {
    auto& from = columns_[column];
    std::vector<std::size_t> place;
    for (const auto& dimension : from.dimensions) {
      place.push_back(place_of(column, dimension.name));
    }
    const auto moved = [&](std::uint32_t mask) {
      std::uint32_t out = 0;
      for (std::size_t d = 0; d < place.size(); ++d) {
        out |= (mask >> d & 1U) != 0 ? std::uint32_t{1} << place[d] : 0;
      }
      return out;
    };
    const auto renumbered = [&](const RowFamily& family) {
      RowFamily out{moved(family.totals), {}};
      for (const std::uint32_t told : family.told) {
        out.told.insert(moved(told));
      }
      return out;
    };
    for (auto& family : from.facts.families) {
      family = renumbered(family);
    }
    for (const auto& used : from.facts.used) {
      out_.used.insert(renumbered(used));
    }
    for (auto& row : from.facts.rows) {
      std::vector<GroupCode> codes(out_.dimensions.size(), not_known());
      for (std::size_t d = 0; d < place.size(); ++d) {
        codes[place[d]] = std::move(row.codes[d]);
      }
      row.codes = std::move(codes);
    }
    out_.apart += from.facts.apart;
  }

  [[nodiscard]] std::vector<Row> rows_of(std::size_t column) const {
    std::vector<Row> out;
    for (const auto& row : columns_[column].facts.rows) {
      out.push_back(
          {row.codes, {{column, columns_[column].facts.families[row.family]}}, row.value});
    }
    return out;
  }

  static bool takes_total(const Row& row) {
    return std::ranges::all_of(row.takers,
                               [](const auto& taker) { return taker.second.told.contains(0); });
  }

  [[nodiscard]] static Figures figures_of(const std::vector<Row>& rows, const Rows& some,
                                          const std::vector<std::size_t>& by) {
    Figures out;
    for (const std::size_t r : some) {
      Codes key;
      for (const std::size_t d : by) {
        key.push_back(rows[r].codes[d].code);
      }
      auto& figure = out[std::move(key)];
      figure.value += rows[r].value;
      figure.rows.push_back(r);
    }
    return out;
  }

  // Rows of those columns that come before with the next one's.
  [[nodiscard]] std::vector<Row> join(std::vector<Row> before, std::size_t column) const {
    const auto own = rows_of(column);
    std::vector<bool> is_done(before.size(), false);
    std::vector<bool> is_own_done(own.size(), false);
    std::map<std::set<std::size_t>, Rows> parts;  // by the columns that take them
    for (std::size_t r = 0; r < before.size(); ++r) {
      std::set<std::size_t> columns;
      for (const auto& [c, family] : before[r].takers) {
        columns.insert(c);
      }
      if (takes_total(before[r])) {
        parts[std::move(columns)].push_back(r);
      }
    }
    std::vector<Row> out;
    for (const auto& [columns, some] : parts) {
      Rows free;
      for (std::size_t r = 0; r < own.size(); ++r) {
        if (!is_own_done[r] && takes_total(own[r])) {
          free.push_back(r);
        }
      }
      const auto by = told_by_both(columns, column);
      std::vector<std::string> names;
      for (const std::size_t d : by) {
        names.push_back(out_.dimensions[d].name);
      }
      const auto matching = Matcher(territories_, std::move(names))
                                .run(figures_of(before, some, by), figures_of(own, free, by));
      for (const auto& match : matching.equal) {
        for (const std::size_t r : match.first) {
          is_done[r] = true;
        }
        for (const std::size_t r : match.second) {
          is_own_done[r] = true;
        }
        make_one(before, own, match, columns, column, out);
      }
    }
    for (std::size_t r = 0; r < before.size(); ++r) {
      if (!is_done[r]) {
        out.push_back(std::move(before[r]));
      }
    }
    for (std::size_t r = 0; r < own.size(); ++r) {
      if (!is_own_done[r]) {
        out.push_back(own[r]);
      }
    }
    return out;
  }

  // Dimensions that are one to this column and to one of those.
  [[nodiscard]] std::vector<std::size_t> told_by_both(const std::set<std::size_t>& columns,
                                                      std::size_t column) const {
    std::vector<std::size_t> out;
    for (std::size_t d = 0; d < out_.dimensions.size(); ++d) {
      const auto tells = [&](std::size_t c) {
        return place_in(columns_[c], out_.dimensions[d].name).has_value();
      };
      if (!out_.owner[d] && tells(column) && std::ranges::any_of(columns, tells)) {
        out.push_back(d);
      }
    }
    return out;
  }

  // Goes down both lists, and makes one row of as many persons as both have left.
  void make_one(const std::vector<Row>& before, const std::vector<Row>& own, const Match& match,
                const std::set<std::size_t>& columns, std::size_t column,
                std::vector<Row>& out) const {
    Takers all;
    for (const std::size_t r : match.first) {
      all.insert(before[r].takers.begin(), before[r].takers.end());
    }
    for (const std::size_t r : match.second) {
      all.insert(own[r].takers.begin(), own[r].takers.end());
    }
    const auto put = [&](const Row& row, std::int64_t value) {
      out.push_back({row.codes, all, value});
    };
    std::vector<std::pair<std::size_t, std::int64_t>> left;
    for (const std::size_t r : match.second) {
      left.emplace_back(r, own[r].value);
      if (own[r].value == 0) {
        put(own[r], 0);
      }
    }
    std::size_t j = 0;
    for (const std::size_t r : match.first) {
      std::int64_t rest = before[r].value;
      if (rest == 0) {
        put(before[r], 0);
      }
      while (rest > 0 && j < left.size()) {
        const std::int64_t taken = std::min(rest, left[j].second);
        rest -= taken;
        left[j].second -= taken;
        if (taken > 0) {
          put(before[r], taken);
          fill(own[left[j].first], columns, column, match.is_finer_first, out.back());
        }
        j += left[j].second == 0 ? 1U : 0U;
      }
    }
  }

  void fill(const Row& own, const std::set<std::size_t>& columns, std::size_t column,
            bool is_finer_first, Row& row) const {
    for (std::size_t d = 0; d < row.codes.size(); ++d) {
      const auto& name = out_.dimensions[d].name;
      const bool is_own = (!out_.owner[d] || out_.owner[d] == column) &&
                          place_in(columns_[column], name).has_value();
      const bool is_theirs = std::ranges::any_of(columns, [&](std::size_t c) {
        return (!out_.owner[d] || out_.owner[d] == c) && place_in(columns_[c], name).has_value();
      });
      if (is_own && (!is_theirs || !is_finer_first)) {
        row.codes[d] = own.codes[d];
      }
    }
  }

  const Territories& territories_;
  std::vector<FactColumn> columns_;
  JoinedFacts out_;
};

}  // namespace

JoinedFacts join_columns(const Territories& territories, std::vector<FactColumn> columns) {
  return Joiner(territories, std::move(columns)).run();
}

}  // namespace atalaya::observatory::detail
