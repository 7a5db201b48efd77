// One answer out of many published tables, as SDMX gives it: cell by cell, the newest first.
#include <atalaya/observatory/released.hpp>

#include <algorithm>
#include <iterator>
#include <map>
#include <set>
#include <tuple>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <atalaya/observatory/codelists_rules.hpp>
#include <atalaya/observatory/rows.hpp>

#include "desk_state.hpp"

namespace atalaya::observatory {
namespace {

constexpr std::size_t kNamed = 6;  // tables, in a note

using Codes = std::set<std::string>;

struct Candidate {
  std::string release;
  std::int32_t position = 0;
  TableQuery query;
  Codes sources;
  std::set<std::int64_t> submissions;  // of facts
  std::string population_source;
  json::value shares;
  std::int64_t rounded_to = 0;
  bool synthetic = false;
  std::set<std::string> countries;  // of which it gave cells
  /// By place in the asked breakdown and code: what answers() found.
  std::map<std::pair<std::size_t, std::string>, bool> answered;
};

std::string text_in(const json::object& object, std::string_view key) {
  const auto* value = object.if_contains(key);
  return value != nullptr && value->is_string() ? std::string(value->get_string()) : std::string();
}

Result<Candidate> candidate_of(const Release& release, const Release::Entry& entry) {
  Candidate out;
  out.release = release.id;
  out.position = entry.position;
  out.synthetic = release.synthetic;
  out.query = ATALAYA_TRY(detail::query_from_json(entry.query));
  out.shares = shares_json(out.query.shares);
  out.population_source = text_in(entry.query, "population_source");
  const auto* rounded = entry.query.if_contains("rounded_to");
  if (rounded != nullptr && rounded->is_number()) {
    out.rounded_to = rounded->to_number<std::int64_t>();
  }
  const auto* sources = entry.query.if_contains("sources");
  if (!out.query.source.empty()) {
    out.sources = {out.query.source};
  } else if (sources != nullptr && sources->is_array()) {
    for (const auto& source : sources->get_array()) {
      out.sources.emplace(source.as_string());
    }
  }
  const auto* submissions = entry.query.if_contains("submissions");
  if (submissions != nullptr && submissions->is_array()) {
    for (const auto& id : submissions->get_array()) {
      out.submissions.insert(id.to_number<std::int64_t>());
    }
  }
  return out;
}

const std::vector<std::string>* chosen(const TableQuery& query, std::string_view name) {
  const auto at = std::ranges::find(query.where, name, [](const auto& term) { return term.first; });
  return at == query.where.end() || at->second.empty() ? nullptr : &at->second;
}

bool is_by(const TableQuery& query, std::string_view name) {
  return std::ranges::find(query.by, name, &TableDimension::name) != query.by.end();
}

// Which facts a row is of, and which are asked for. A row that is named after less than what its
// column tells apart (docs/adr/0011-rows-say-what-they-hold.md) says itself what it is of.
class Choices {
 public:
  Choices(const Territories& territories, const TableQuery& asked)
      : territories_(territories), asked_(asked) {}

  /// Does a cell say what is asked?
  [[nodiscard]] Result<bool> answers(Candidate& held, const Cell& cell) {
    for (std::size_t place = 0; place < asked_.by.size(); ++place) {
      const auto [at, is_new] = held.answered.try_emplace({place, cell.codes[place]});
      if (is_new) {
        at->second = ATALAYA_TRY(answers(held.query, place, cell.codes[place]));
      }
      if (!at->second) {
        return false;
      }
    }
    return true;
  }

  /// Is the row, or what it is a part of, one of those asked for?
  [[nodiscard]] Result<bool> is_asked(const Cell& cell) {
    for (std::size_t place = 0; place < asked_.by.size(); ++place) {
      const auto row = ATALAYA_TRY(row_of(place, cell.codes[place]));
      const auto& name = asked_.by[place].name;
      if (part_of(name, row, chosen(asked_, name)).empty()) {
        return false;
      }
    }
    return true;
  }

 private:
  [[nodiscard]] Result<bool> answers(const TableQuery& held, std::size_t place,
                                     const std::string& code) {
    const auto& name = asked_.by[place].name;
    const auto row = ATALAYA_TRY(row_of(place, code));
    const auto wanted = part_of(name, row, chosen(asked_, name));
    const auto of = row == code ? part_of(name, row, chosen(held, name)) : added(code);
    return !wanted.empty() && wanted == of;
  }

  // What a whole row with this code is called.
  Result<std::string> row_of(std::size_t place, const std::string& code) {
    const auto [at, is_new] = rows_.try_emplace({place, code});
    if (is_new) {
      at->second = ATALAYA_TRY(detail::place_code(territories_, asked_.by[place], code));
    }
    return at->second;
  }

  [[nodiscard]] bool is_within(std::string_view name, std::string_view code,
                               std::string_view outer) const {
    return name == "territory" ? territories_.is_within(code, outer)
                               : territories_.lists().is_within(name, code, outer);
  }

  // The code itself where it was chosen whole, else the chosen ones below it.
  [[nodiscard]] Codes part_of(std::string_view name, const std::string& code,
                              const std::vector<std::string>* codes) const {
    if (codes == nullptr || std::ranges::any_of(*codes, [&](const std::string& outer) {
          return is_within(name, code, outer);
        })) {
      return {code};
    }
    Codes out;
    for (const auto& inner : *codes) {
      if (is_within(name, inner, code)) {
        out.insert(inner);
      }
    }
    return out;
  }

  static Codes added(std::string_view code) {
    const auto parts = added_codes(code);
    return {parts.begin(), parts.end()};
  }

  const Territories& territories_;
  const TableQuery& asked_;
  std::map<std::pair<std::size_t, std::string>, std::string> rows_;
};

// The codes that a row's code is of, without what it says of how much of them.
Codes plain_codes(std::string_view code) {
  Codes out;
  for (const auto one : added_codes(code)) {
    const auto outer = rest_of(one);
    out.emplace(outer.empty() ? one : outer);
  }
  return out;
}

// Do two periods have a day in common? What is no period may be any.
bool have_days_in_common(std::string_view a, std::string_view b) {
  const auto first = parse_period(a);
  const auto second = parse_period(b);
  return !first || !second || (first->begin < second->end && second->begin < first->end);
}

// Whether two tables rest on other facts of what a row is of.
class Revisions {
 public:
  /// `submissions` outlives it.
  explicit Revisions(const std::vector<Submission>& submissions) {
    for (const auto& one : submissions) {
      by_id_.emplace(one.id, &one);
    }
  }

  /// `source` and `periods` of the row; empty: any.
  [[nodiscard]] bool lie_between(const Candidate& a, const Candidate& b, std::string_view source,
                                 const Codes& periods) const {
    std::vector<std::int64_t> other;
    std::ranges::set_symmetric_difference(a.submissions, b.submissions, std::back_inserter(other));
    return std::ranges::any_of(other, [&](std::int64_t id) {
      const auto at = by_id_.find(id);
      if (at == by_id_.end()) {
        return true;
      }
      const Submission& s = *at->second;
      return a.sources.contains(s.source) && b.sources.contains(s.source) &&
             (source.empty() || s.source == source) &&
             (periods.empty() || std::ranges::any_of(periods, [&](const std::string& code) {
                const auto period = parse_period(code);
                return !period || (to_string(period->begin) < s.period_to &&
                                   s.period_from < to_string(period->end));
              }));
    });
  }

 private:
  std::map<std::int64_t, const Submission*> by_id_;
};

Codes set_of(const std::vector<std::string>* codes) {
  return codes == nullptr ? Codes() : Codes(codes->begin(), codes->end());
}

// Are rows chosen alike, of all dimensions or of those alone that are no column?
bool choose_alike(const TableQuery& a, const TableQuery& b, bool columns_too) {
  std::set<std::string> names;
  for (const auto& [name, codes] : a.where) {
    names.insert(name);
  }
  for (const auto& [name, codes] : b.where) {
    names.insert(name);
  }
  return std::ranges::all_of(names, [&](const std::string& name) {
    return (!columns_too && is_by(a, name)) || set_of(chosen(a, name)) == set_of(chosen(b, name));
  });
}

// The same breakdown, in any order, of the same rows where they are no column.
bool serves(const Candidate& held, const TableQuery& asked) {
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

// Rates that rest on the other rows of their table.
bool rests_on_table(const RateChoice& rate) {
  return rate.kind == RateKind::indirect || rate.kind == RateKind::smoothed;
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
  Joining(const Territories& territories, const TableQuery& asked,
          const std::vector<Submission>& submissions)
      : asked_(asked),
        territories_(territories),
        choices_(territories, asked),
        revisions_(submissions),
        territory_(place_of("territory")),
        period_(place_of("period")),
        source_(place_of("source")) {}

  /// The same table of a newer release replaces it whole.
  [[nodiscard]] bool is_replaced(const Candidate& next) const {
    return std::ranges::any_of(seen_, [&](const Candidate& seen) {
      return seen.sources == next.sources && seen.shares == next.shares &&
             seen.release != next.release && choose_alike(seen.query, next.query, true);
    });
  }

  Result<void> add(Candidate next, Table table) {
    arrange(table);
    auto cells = ATALAYA_TRY(answering(next, std::exchange(table.cells, {})));
    seen_.push_back(next);
    if (used_.empty() && (answer_.indicator == nullptr || !cells.empty())) {
      first_ = next;
      answer_ = std::move(table);
      populations_ = {answer_.population_source};
    } else if (!cells.empty()) {
      add_words(table);
    }
    if (!cells.empty()) {
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
      note("observatory.note.several_tables", used_);
    }
    if (!beside_.empty()) {
      note("observatory.note.tables_beside", beside_);
    }
    drop_years_held();
    out.table = std::move(answer_);
    return out;
  }

 private:
  // The order of columns that was asked for.
  void arrange(Table& table) const {
    std::vector<std::size_t> order;
    for (const auto& dimension : asked_.by) {
      const auto at = std::ranges::find(table.by, dimension.name, &TableDimension::name);
      order.push_back(static_cast<std::size_t>(at - table.by.begin()));
    }
    for (auto& cell : table.cells) {
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

  // Those that say what is asked and that no newer table decides; notes rows that cannot stand
  // here.
  Result<std::vector<Cell>> answering(Candidate& next, std::vector<Cell> cells) {
    std::vector<Cell> out;
    bool beside = false;
    for (auto& cell : cells) {
      const std::string country = country_of(cell);
      if (!ATALAYA_TRY(choices_.answers(next, cell))) {
        beside = beside || ATALAYA_TRY(choices_.is_asked(cell));
      } else if (!is_of_same_series(next, country)) {
        beside = true;
      } else if (ATALAYA_TRY(is_decided(cell, country))) {
        continue;
      } else if (fits_whole(next) && !is_of_older_facts(next, cell, country)) {
        next.countries.insert(country);
        out.push_back(std::move(cell));
      } else {
        beside = true;
      }
    }
    if (beside) {
      beside_.push_back(next);
    }
    return out;
  }

  // A newer table that speaks of the country decides every row that it could have.
  Result<bool> is_decided(const Cell& cell, const std::string& country) {
    for (Candidate& used : used_) {
      if (used.countries.contains(country) && ATALAYA_TRY(choices_.answers(used, cell))) {
        return true;
      }
    }
    return false;
  }

  // Does a newer table, made after the source was revised, speak of the place and period? Then a
  // case may have another row there, and would be counted in both.
  [[nodiscard]] bool is_of_older_facts(const Candidate& next, const Cell& cell,
                                       const std::string& country) const {
    const auto codes = [&](const std::optional<std::size_t>& place) {
      return place ? plain_codes(cell.codes[*place]) : Codes();
    };
    const Codes places = codes(territory_);
    const Codes periods = codes(period_);
    return std::ranges::any_of(used_, [&](const Candidate& used) {
      return used.release != next.release && used.countries.contains(country) &&
             revisions_.lie_between(used, next, source_ ? cell.codes[*source_] : "", periods) &&
             speaks_of(used.query, "territory", places,
                       [&](const std::string& a, const std::string& b) {
                         return territories_.is_within(a, b) || territories_.is_within(b, a);
                       }) &&
             speaks_of(used.query, "period", periods, have_days_in_common);
    });
  }

  template <class Overlap>
  static bool speaks_of(const TableQuery& query, std::string_view name, const Codes& codes,
                        const Overlap& overlap) {
    const auto* scope = chosen(query, name);
    return scope == nullptr || codes.empty() ||
           std::ranges::any_of(*scope, [&](const std::string& outer) {
             return std::ranges::any_of(
                 codes, [&](const std::string& code) { return overlap(code, outer); });
           });
  }

  // One source a series (docs/adr/0009-one-source-a-series.md), divided by one population.
  [[nodiscard]] bool is_of_same_series(const Candidate& next, const std::string& country) const {
    return std::ranges::all_of(used_, [&](const Candidate& used) {
      return !used.countries.contains(country) ||
             (used.population_source == next.population_source &&
              (is_by(asked_, "source") || std::ranges::includes(used.sources, next.sources) ||
               std::ranges::includes(next.sources, used.sources)));
    });
  }

  // What is said of a whole answer must hold of each of its cells.
  [[nodiscard]] bool fits_whole(const Candidate& next) const {
    return used_.empty() ||
           (next.synthetic == first_.synthetic && next.rounded_to == first_.rounded_to &&
            next.shares == first_.shares && !rests_on_table(asked_.rate));
  }

  void take(Candidate next, std::vector<Cell> cells) {
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

  void note(std::string_view key, const std::vector<Candidate>& tables) {
    std::vector<std::string> named;
    for (const auto& one : tables) {
      if (named.size() == kNamed) {
        named.emplace_back("…");
        break;
      }
      named.push_back(fmt::format("{} {}", one.release, one.position));
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
  Choices choices_;
  Revisions revisions_;
  std::optional<std::size_t> territory_, period_, source_;  // places in the asked breakdown
  Table answer_;
  Candidate first_;
  std::vector<Candidate> seen_, used_, beside_;
  Codes populations_;  // that are named
};

// Real before synthetic, counted before estimated within a release, newest first.
Result<std::vector<Candidate>> candidates(const Desk& desk, const TableQuery& query) {
  std::vector<Release> releases;
  if (query.release.empty()) {
    releases = ATALAYA_TRY(desk.releases());
    std::erase_if(releases, [&](const Release& release) {
      return detail::is_after(release.published_at, query.as_of);
    });
  } else {
    releases.push_back(ATALAYA_TRY(desk.release(query.release)));
  }
  std::vector<Candidate> out;
  for (const auto& release : releases) {
    std::vector<Candidate> fit;
    for (const auto& entry : release.tables) {
      if (entry.indicator == query.indicator) {
        auto one = ATALAYA_TRY(candidate_of(release, entry));
        if (serves(one, query)) {
          fit.push_back(std::move(one));
        }
      }
    }
    std::ranges::stable_sort(fit, {}, [](const Candidate& c) { return !c.query.shares.empty(); });
    std::ranges::move(fit, std::back_inserter(out));
  }
  std::ranges::stable_sort(out, {}, &Candidate::synthetic);
  return out;
}

}  // namespace

Result<ReleasedAnswer> answer_released(const Desk& desk, const TableQuery& query) {
  auto tables = ATALAYA_TRY(candidates(desk, query));
  if (tables.empty()) {
    return fail(
        Error{ErrorCode::not_found,
              "observatory.release.none",
              fmt::format("nothing published holds {} broken down like this{}; look at the "
                          "releases, or at the draft with --draft",
                          query.indicator, query.as_of.empty() ? "" : " as of " + query.as_of),
              {{"indicator", query.indicator}}});
  }
  const auto territories = ATALAYA_TRY(desk.territories());
  std::vector<Submission> submissions;
  if (tables.front().release != tables.back().release) {
    submissions = ATALAYA_TRY(desk.submissions());
  }
  Joining joining(*territories, query, submissions);
  for (auto& next : tables) {
    if (!joining.is_replaced(next)) {
      auto table = ATALAYA_TRY(desk.release_table(next.release, next.position));
      ATALAYA_TRY(joining.add(std::move(next), std::move(table)));
    }
  }
  return std::move(joining).finish();
}

namespace detail {

Result<Table> released_table(const Desk& desk, const TableQuery& query) {
  auto answer = ATALAYA_TRY(answer_released(desk, query));
  return std::move(answer.table);
}

}  // namespace detail
}  // namespace atalaya::observatory
