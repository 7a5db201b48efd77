// One answer out of many published tables, as SDMX gives it: cell by cell, the newest first.
#include <atalaya/observatory/released.hpp>

#include <algorithm>
#include <set>
#include <tuple>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <atalaya/observatory/codelists_rules.hpp>

#include "desk_state.hpp"
#include "released_rows.hpp"

namespace atalaya::observatory {
namespace {

constexpr std::size_t kNamed = 6;  // tables, in a note

using Codes = std::set<std::string>;

bool is_by(const TableQuery& query, std::string_view name) {
  return std::ranges::find(query.by, name, &TableDimension::name) != query.by.end();
}

// The same breakdown, in any order, of the same rows where they are no column.
bool serves(const Published& held, const TableQuery& asked) {
  // Any table answers with its crude rates; another kind must be the one that was published.
  const auto& query = held.query;
  const bool rate_is_held =
      asked.rate.kind == RateKind::crude || rate_text(asked.rate) == rate_text(query.rate);
  const bool source_is_held =
      asked.source.empty() || is_by(asked, "source") || held.sources == Codes{asked.source};
  const bool population_is_held = asked.population.empty() || held.population_source.empty() ||
                                  held.population_source == asked.population;
  return rate_is_held && source_is_held && population_is_held &&
         query.by.size() == asked.by.size() &&
         std::ranges::all_of(asked.by,
                             [&](const TableDimension& wanted) {
                               return std::ranges::any_of(query.by, [&](const TableDimension& d) {
                                 return d.name == wanted.name && d.level == wanted.level;
                               });
                             }) &&
         choose_alike(asked, query, false);
}

template <class T>
void add_new(const std::vector<T>& from, std::vector<T>& to) {
  for (const T& one : from) {
    if (std::ranges::find(to, one) == to.end()) {
      to.push_back(one);
    }
  }
}

class Joining {
 public:
  Joining(const Territories& territories, const TableQuery& asked)
      : asked_(asked),
        territories_(territories),
        rows_(territories, asked),
        territory_(place_of("territory")),
        period_(place_of("period")) {}

  /// `place`: among the tables that the standing is of.
  Result<void> add(std::size_t place, Published next, const Standing& standing, Table table) {
    auto cells = ATALAYA_TRY(answering(next, standing, std::exchange(table.cells, {})));
    arrange(table.by, cells);
    if (used_.empty() && (answer_.indicator == nullptr || !cells.empty())) {
      first_ = next;
      answer_ = std::move(table);
      populations_ = {answer_.population_source};
    } else if (!cells.empty()) {
      add_words(table);
    }
    if (!cells.empty()) {
      const auto is_used = [&](std::size_t newer) { return taken_from_.contains(newer); };
      if (std::ranges::any_of(standing.revised_since, is_used)) {
        revised_.push_back(next);
      }
      taken_from_.insert(place);
      take(std::move(next), std::move(cells));
    }
    return {};
  }

  [[nodiscard]] ReleasedAnswer finish() && {
    std::ranges::sort(answer_.cells, {}, &Cell::codes);
    answer_.by = answer_.query.by = asked_.by;
    answer_.query.where = asked_.where;
    ReleasedAnswer out;
    for (const auto& used : used_) {
      out.tables.emplace_back(used.release, used.position);
    }
    if (out.tables.empty()) {
      out.tables.emplace_back(first_.release, first_.position);
    }
    if (used_.size() > 1) {
      note("observatory.note.several_tables", tables_named(used_));
    }
    if (!beside_.empty()) {
      note("observatory.note.tables_beside", tables_named(beside_));
    }
    if (!revised_.empty()) {
      note("observatory.note.tables_revised", tables_named(revised_));
    }
    if (answer_.cells.empty() && !parts_.empty()) {
      note("observatory.note.parts_there", parts_);
    }
    drop_years_held();
    out.table = std::move(answer_);
    return out;
  }

 private:
  // The order of columns that was asked for.
  void arrange(const std::vector<TableDimension>& by, std::vector<Cell>& cells) const {
    std::vector<std::size_t> order;
    for (const auto& dimension : asked_.by) {
      const auto at = std::ranges::find(by, dimension.name, &TableDimension::name);
      order.push_back(static_cast<std::size_t>(at - by.begin()));
    }
    for (auto& cell : cells) {
      std::vector<std::string> codes;
      for (const std::size_t place : order) {
        codes.push_back(std::move(cell.codes[place]));
      }
      cell.codes = std::move(codes);
    }
  }

  [[nodiscard]] std::optional<std::size_t> place_of(std::string_view name) const {
    const auto at = std::ranges::find(asked_.by, name, &TableDimension::name);
    return at == asked_.by.end() ? std::nullopt
                                 : std::optional(static_cast<std::size_t>(at - asked_.by.begin()));
  }

  [[nodiscard]] std::string country_of(const Cell& cell) const {
    if (!territory_) {
      return {};
    }
    const std::string country = territories_.ancestor(cell.codes[*territory_], "country");
    return country.empty() ? cell.codes[*territory_] : country;
  }

  // Those that say what is asked and that no newer table leaves out; notes rows that cannot stand
  // here.
  Result<std::vector<Cell>> answering(const Published& next, const Standing& standing,
                                      std::vector<Cell> cells) {
    const LeftOutRows left_out(next, standing);
    std::vector<Cell> out;
    bool beside = false;
    for (auto& cell : cells) {
      bool answers = true;
      bool is_asked = true;
      std::string part;
      for (std::size_t place = 0; place < cell.codes.size() && is_asked; ++place) {
        const auto& code = cell.codes[place];
        const auto called = ATALAYA_TRY(rows_.called(next.query.by[place].name, code));
        answers = answers && called == code;
        is_asked = !called.empty();
        if (called != code) {
          part = fmt::format("{}={}", next.query.by[place].name, code);
        }
      }
      if (is_asked && !answers) {
        add_new({part}, parts_);
      }
      const auto* why = answers && is_asked ? left_out.find(cell) : nullptr;
      if (answers && is_asked && why == nullptr) {
        out.push_back(std::move(cell));
      } else {
        beside = beside || (is_asked && (why == nullptr || !why->is_decided));
      }
    }
    if (beside) {
      beside_.push_back(next);
    }
    return out;
  }

  void take(Published next, std::vector<Cell> cells) {
    const bool other_rate =
        !used_.empty() && (rests_on_table(next.query.rate) ||
                           rate_text(next.query.rate) != rate_text(first_.query.rate));
    for (auto& cell : cells) {
      if (other_rate) {
        cell.adjusted.reset();
      }
      answer_.cells.push_back(std::move(cell));
    }
    used_.push_back(std::move(next));
  }

  // What is said of a table holds of an answer that has some of its cells.
  void add_words(const Table& table) {
    add_new(table.notes, answer_.notes);
    add_new(table.submissions, answer_.submissions);
    add_new(table.populations, answer_.populations);
    add_new(table.sources_left_out, answer_.sources_left_out);
    for (const auto& one : table.breaks) {
      if (std::ranges::find(answer_.breaks, one) == answer_.breaks.end()) {
        answer_.breaks.push_back(one);
      }
    }
    const auto rated = [](const SourceQuality& q) {
      return std::tie(q.source, q.territory, q.period);
    };
    for (const auto& one : table.quality) {
      if (std::ranges::find(answer_.quality, rated(one), rated) == answer_.quality.end()) {
        answer_.quality.push_back(one);
      }
    }
    for (const auto& one : table.elsewhere) {
      const auto is_same = [&](const ElsewhereYears& e) {
        return e.source == one.source && e.territory == one.territory && e.years == one.years;
      };
      if (std::ranges::none_of(answer_.elsewhere, is_same)) {
        answer_.elsewhere.push_back(one);
      }
    }
    if (populations_.insert(table.population_source).second) {
      const auto with = [](std::string& text, const std::string& more) {
        text += (text.empty() || more.empty() ? "" : "; ") + more;
      };
      with(answer_.population_source, table.population_source);
      with(answer_.population_title, table.population_title);
      answer_.population_titles.clear();
    }
  }

  static std::vector<std::string> tables_named(const std::vector<Published>& tables) {
    std::vector<std::string> out;
    for (const auto& one : tables) {
      out.push_back(fmt::format("{} {}", one.release, one.position));
    }
    return out;
  }

  void note(std::string_view key, std::vector<std::string> named) {
    if (named.size() > kNamed) {
      named.resize(kNamed);
      named.emplace_back("…");
    }
    answer_.notes.push_back(fmt::format("{}|tables={}", key, fmt::join(named, ", ")));
  }

  // Years that one table had not and another gave.
  void drop_years_held() {
    if (used_.size() < 2 || !territory_ || !period_) {
      return;
    }
    std::set<std::pair<std::string, std::string>> held;
    for (const auto& cell : answer_.cells) {
      held.emplace(country_of(cell), cell.codes[*period_].substr(0, 4));
    }
    for (auto& one : answer_.elsewhere) {
      std::erase_if(one.years,
                    [&](const std::string& year) { return held.contains({one.territory, year}); });
    }
    std::erase_if(answer_.elsewhere, [](const ElsewhereYears& e) { return e.years.empty(); });
  }

  const TableQuery& asked_;
  const Territories& territories_;
  RowsOf rows_;
  std::optional<std::size_t> territory_, period_;  // places in the asked breakdown
  Table answer_;
  Published first_;
  std::vector<Published> used_, beside_, revised_;
  std::set<std::size_t> taken_from_;
  std::vector<std::string> parts_;  // rows that are another part of what is asked for
  Codes populations_;  // that are named
};

Result<std::vector<Published>> candidates(const Desk& desk, const TableQuery& query) {
  std::vector<Release> releases;
  if (query.release.empty()) {
    releases = ATALAYA_TRY(desk.releases());
    std::erase_if(releases, [&](const Release& release) {
      return detail::is_after(release.published_at, query.as_of);
    });
  } else {
    releases.push_back(ATALAYA_TRY(desk.release(query.release)));
  }
  std::vector<Published> out;
  for (const auto& release : releases) {
    for (const auto& entry : release.tables) {
      if (entry.indicator == query.indicator) {
        auto one = ATALAYA_TRY(published_table(release, entry));
        if (serves(one, query)) {
          out.push_back(std::move(one));
        }
      }
    }
  }
  put_in_order(out);
  return out;
}

// The breakdowns that an indicator was published by.
Result<std::string> what_is_there(const Desk& desk, const TableQuery& query) {
  std::vector<std::string> there;
  for (const auto& release : ATALAYA_TRY(desk.releases())) {
    if ((!query.release.empty() && release.id != query.release) ||
        detail::is_after(release.published_at, query.as_of)) {
      continue;
    }
    for (const auto& entry : release.tables) {
      if (entry.indicator == query.indicator && there.size() < kNamed) {
        const auto held = ATALAYA_TRY(published_table(release, entry)).query;
        std::vector<std::string> by;
        for (const auto& [name, level] : held.by) {
          by.push_back(level.empty() ? name : fmt::format("{}:{}", name, level));
        }
        std::vector<std::string> where;
        for (const auto& [name, codes] : held.where) {
          where.push_back(fmt::format("{}={}", name, fmt::join(codes, "|")));
        }
        add_new({fmt::format("--by {}{}{}", fmt::join(by, ","), where.empty() ? "" : " --where ",
                             fmt::join(where, ","))},
                there);
      }
    }
  }
  return there.empty() ? "look at the releases"
                       : fmt::format("there is: {}", fmt::join(there, "; "));
}

}  // namespace

Result<ReleasedAnswer> answer_released(const Desk& desk, const TableQuery& asked) {
  const TableQuery query = in_plain_codes(asked);
  auto tables = ATALAYA_TRY(candidates(desk, query));
  if (tables.empty()) {
    return fail(
        Error{ErrorCode::not_found,
              "observatory.release.none",
              fmt::format("nothing published holds {} broken down like this{}; {}, or look at the "
                          "draft with --draft",
                          query.indicator, query.as_of.empty() ? "" : " as of " + query.as_of,
                          ATALAYA_TRY(what_is_there(desk, query))),
              {{"indicator", query.indicator}}});
  }
  const auto territories = ATALAYA_TRY(desk.territories());
  std::vector<Standing> standing(1);
  if (tables.size() > 1) {
    for (auto& table : tables) {
      ATALAYA_TRY(read_codes(desk, *territories, table));
    }
    standing =
        ATALAYA_TRY(standings(*territories, ATALAYA_TRY(desk.submissions()), tables, &query));
  }
  Joining joining(*territories, query);
  for (std::size_t i = 0; i < tables.size(); ++i) {
    if (!standing[i].is_replaced) {
      auto table = ATALAYA_TRY(desk.release_table(tables[i].release, tables[i].position));
      ATALAYA_TRY(joining.add(i, std::move(tables[i]), standing[i], std::move(table)));
    }
  }
  auto answer = std::move(joining).finish();
  ATALAYA_TRY(keep_rests_asked(*territories, asked, answer.table));
  answer.table.query.where = asked.where;
  return answer;
}

namespace detail {

Result<Table> released_table(const Desk& desk, const TableQuery& query) {
  auto answer = ATALAYA_TRY(answer_released(desk, query));
  return std::move(answer.table);
}

}  // namespace detail
}  // namespace atalaya::observatory
