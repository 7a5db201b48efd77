// Whether two sources speak of the same cases is told by their figures: two offices that count by
// themselves seldom agree, two tables made from one register do in all but a few late corrections.
#include "release_same_cases.hpp"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <numbers>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "release_matching.hpp"

namespace atalaya::observatory::detail {
namespace {

// Below the first the figures of two sources are too alike for chance to explain it easily, and
// they are taken for the same cases unless a plan says that they are not; below the second no plan
// can say so. The first lets a lone 3 pass, which no protected table with a threshold of 4 prints.
constexpr double kAlikeBelow = 0.15;
constexpr double kCertainBelow = 1e-6;

using Codes = std::vector<std::string>;
using Figures = FiguresByKey;
using Matcher = FigureMatcher;

const std::vector<TableDimension>& compared_by() {
  static const std::vector<TableDimension> kBy = {
      {"territory", ""}, {"period", "month"}, {"iccs", ""}, {"unit", ""}};
  return kBy;
}

// How likely an office counts just what another one counts that has nothing to do with it: of two
// Poisson variables with the mean v.
double chance_of_equal(std::int64_t v) {
  return 1 / (2 * std::sqrt(std::numbers::pi * static_cast<double>(v)));
}

// What two sources say of one offence and unit.
struct Comparison {
  std::size_t equal = 0, compared = 0;
  double log_chance = 0;  // that just those are equal

  void add_equal(std::int64_t value) {
    ++equal;
    ++compared;
    log_chance += std::log(chance_of_equal(value));
  }

  // That so many of them are equal, were it others.
  [[nodiscard]] double chance() const {
    double out = log_chance;
    for (std::size_t i = 1; i <= compared - equal; ++i) {
      out += std::log(static_cast<double>(equal + i) / static_cast<double>(i));
    }
    return std::exp(out);
  }
};

// How sources are alike that speak of the same cases, or seem to.
struct Likeness {
  std::size_t equal = 0, compared = 0;  // of the offence and unit in which they are most alike
  double chance = 1;  // that unrelated sources are as alike in some offence and unit
};

// By offence and unit, of those that protected tables count: sources may share one register and
// not another. The more of them there are, the sooner one is alike by chance.
template <typename Meant>
Likeness likeness(Matcher& matcher, const AddedFacts& first, const AddedFacts& second,
                  const Meant& is_meant) {
  const auto figures = [&](const AddedFacts& facts) {
    Figures out;
    for (const auto& [codes, value] : facts) {
      if (is_meant(codes[2], codes[3])) {
        out[codes].value += std::llround(value);
      }
    }
    return out;
  };
  const auto matching = matcher.run(figures(first), figures(second));
  std::map<std::pair<std::string, std::string>, Comparison> told;
  const auto value_in = [](const AddedFacts& facts, const Codes& key) {
    const auto at = facts.find(key);
    return at == facts.end() ? 0 : std::llround(at->second);
  };
  for (const auto& match : matching.equal) {
    const auto value = std::max(value_in(first, match.key), value_in(second, match.key));
    if (value > 0) {
      told[{match.key[2], match.key[3]}].add_equal(value);
    }
  }
  for (const auto& key : matching.unequal) {
    ++told[{key[2], key[3]}].compared;
  }
  Likeness out;
  for (const auto& [key, comparison] : told) {
    const double chance = comparison.chance() * static_cast<double>(told.size());
    if (coincide(comparison.equal, comparison.compared) && chance < out.chance) {
      out = {comparison.equal, comparison.compared, chance};
    }
  }
  return out;
}

struct Asked {
  std::set<std::string> sources;           // of all tables
  std::vector<const FactFilter*> guarded;  // what protected ones count
};

Asked asked_of(const std::vector<Current>& submissions, const ReleasePlan& plan,
               const std::vector<PastTable>& past, const std::vector<Table>& tables) {
  Asked out;
  const auto guard = [&](const Indicator& indicator) {
    out.guarded.push_back(&indicator.numerator);
    if (indicator.denominator.kind == DenominatorKind::facts) {
      out.guarded.push_back(&indicator.denominator.filter);
    }
  };
  for (std::size_t t = 0; t < tables.size(); ++t) {
    out.sources.merge(sources_of(tables[t], submissions));
    if (!is_exempt(plan.tables[t], *tables[t].indicator)) {
      guard(*tables[t].indicator);
    }
  }
  for (const auto& table : past) {
    out.sources.insert(table.sources.begin(), table.sources.end());
    if (!table.open) {
      guard(*table.table.indicator);
    }
  }
  return out;
}

std::unexpected<Error> bad_plan(std::string_view key, const std::string& what) {
  return fail(Error{ErrorCode::invalid_argument,
                    "observatory.release.plan",
                    fmt::format("{}: {}", key, what),
                    {{"line", "1"}, {"key", std::string(key)}, {"what", what}}});
}

// Fails where a plan names a source that is none, or calls a pair both.
Result<void> check_named(const ReleasePlan& plan,
                         const std::map<std::string, std::vector<Current>>& held) {
  const auto check = [&](std::string_view key,
                         const std::vector<std::string>& sources) -> Result<void> {
    for (const auto& source : sources) {
      if (!held.contains(source)) {
        return bad_plan(
            key, fmt::format("no table of this plan or of earlier releases rests on {}", source));
      }
    }
    return {};
  };
  ATALAYA_TRY(check("same_cases", plan.same_cases));
  for (const auto& different : plan.different_cases) {
    ATALAYA_TRY(check("different_cases", different.sources));
    const auto both = std::ranges::count_if(different.sources, [&](const std::string& source) {
      return std::ranges::find(plan.same_cases, source) != plan.same_cases.end();
    });
    if (both > 1) {
      return bad_plan("different_cases", "same_cases names these sources, too");
    }
  }
  return {};
}

// The reason why a pair is not of the same cases, where it is said.
const std::string* reason_in(const std::vector<DifferentCases>& said, const std::string& first,
                             const std::string& second) {
  for (const auto& different : said) {
    const auto names = [&](const std::string& source) {
      return std::ranges::find(different.sources, source) != different.sources.end();
    };
    if (names(first) && names(second)) {
      return &different.reason;
    }
  }
  return nullptr;
}

std::unexpected<Error> too_alike(const std::string& first, const std::string& second,
                                 const Likeness& alike) {
  return fail(Error{ErrorCode::invalid_argument,
                    "observatory.release.different_cases",
                    fmt::format("{} and {} cannot count different cases: of {} figures of one "
                                "offence that both can have, {} are equal",
                                first, second, alike.compared, alike.equal),
                    {{"source", first}, {"other", second}}});
}

// Readers see the column of a source as a table of that source; so does disclosure control, where
// two of them count the same cases.
PastTable column_of(const PastTable& past, const std::string& source, std::size_t place) {
  const auto at = static_cast<std::ptrdiff_t>(place);
  PastTable out = past;
  out.sources = {source};
  for (auto* by : {&out.query.by, &out.table.query.by, &out.table.by}) {
    by->erase(by->begin() + at);
  }
  std::erase_if(out.table.cells, [&](const Cell& cell) { return cell.codes[place] != source; });
  for (auto& cell : out.table.cells) {
    cell.codes.erase(cell.codes.begin() + at);
  }
  return out;
}

}  // namespace

std::set<std::string> sources_of(const Table& table, const std::vector<Current>& submissions) {
  std::set<std::string> out;
  for (const auto& current : submissions) {
    if (std::ranges::find(table.submissions, current.submission.id) != table.submissions.end()) {
      out.insert(current.submission.source);
    }
  }
  return out;
}

Result<CaseSystems> CaseSystems::create(const Desk::State& state, const Territories& territories,
                                        const std::vector<Current>& submissions,
                                        const ReleasePlan& plan, const std::vector<PastTable>& past,
                                        const std::vector<Table>& tables) {
  const auto asked = asked_of(submissions, plan, past, tables);
  std::map<std::string, std::vector<Current>> held;
  for (const auto& current : submissions) {
    if (asked.sources.contains(current.submission.source)) {
      held[current.submission.source].push_back(current);
    }
  }
  ATALAYA_TRY(check_named(plan, held));
  CaseSystems out;
  const auto declare = [&](const std::vector<std::string>& same) {
    for (std::size_t i = 1; i < same.size(); ++i) {
      if (reason_in(plan.different_cases, same.front(), same[i]) == nullptr &&
          !out.with_same({same.front()}).contains(same[i])) {
        out.links_.push_back({same.front(), same[i]});
      }
    }
  };
  declare(plan.same_cases);
  for (const auto& table : past) {
    declare(table.same_cases);
  }
  if (held.size() < 2 || asked.guarded.empty()) {
    return out;
  }
  const auto is_meant = [&](const std::string& iccs, const std::string& unit) {
    return std::ranges::any_of(asked.guarded, [&](const FactFilter* filter) {
      return filter->accepts(territories.lists(), "iccs", iccs) &&
             filter->accepts(territories.lists(), "unit", unit);
    });
  };
  std::map<std::string, AddedFacts> facts;
  for (const auto& [source, list] : held) {
    facts[source] = ATALAYA_TRY(add_facts(state, territories, list, compared_by()));
  }
  std::vector<std::string> names;
  for (const auto& dimension : compared_by()) {
    names.push_back(dimension.name);
  }
  Matcher matcher(territories, names);
  for (auto first = facts.begin(); first != facts.end(); ++first) {
    for (auto second = std::next(first); second != facts.end(); ++second) {
      const auto* different = reason_in(plan.different_cases, first->first, second->first);
      const bool is_said_now = different != nullptr;
      for (auto table = past.rbegin(); different == nullptr && table != past.rend(); ++table) {
        different = reason_in(table->different_cases, first->first, second->first);
      }
      if (!is_said_now && out.with_same({first->first}).contains(second->first)) {
        continue;
      }
      const auto alike = likeness(matcher, first->second, second->second, is_meant);
      const bool is_certain = alike.chance < kCertainBelow;
      if (is_said_now && is_certain) {
        return too_alike(first->first, second->first, alike);
      }
      if (different != nullptr && !is_certain) {
        out.different_.push_back({first->first, second->first, *different});
      } else if (alike.chance < kAlikeBelow) {
        out.links_.push_back(
            {first->first, second->first, !is_certain, alike.equal, alike.compared});
      }
    }
  }
  return out;
}

std::set<std::string> CaseSystems::with_same(std::set<std::string> sources) const {
  for (bool is_growing = true; is_growing;) {
    is_growing = false;
    for (const auto& link : links_) {
      if (sources.contains(link.first) != sources.contains(link.second)) {
        sources.insert(link.first);
        sources.insert(link.second);
        is_growing = true;
      }
    }
  }
  return sources;
}

std::map<std::string, std::size_t> CaseSystems::columns(
    const std::vector<std::set<std::string>>& tables) const {
  if (links_.empty()) {
    return {};
  }
  std::vector<std::set<std::string>> parts;
  for (auto part : tables) {
    std::erase_if(parts, [&](const std::set<std::string>& other) {
      const bool meets =
          std::ranges::any_of(other, [&](const std::string& name) { return part.contains(name); });
      if (meets) {
        part.insert(other.begin(), other.end());
      }
      return meets;
    });
    parts.push_back(std::move(part));
  }
  std::map<std::string, std::size_t> out;
  for (std::size_t c = 0; c < parts.size(); ++c) {
    for (const auto& source : parts[c]) {
      out.emplace(source, c);
    }
  }
  return out;
}

bool CaseSystems::holds_same(const std::set<std::string>& sources) const {
  return std::ranges::any_of(sources, [&](const std::string& source) {
    const auto same = with_same({source});
    return std::ranges::any_of(
        sources, [&](const std::string& other) { return other != source && same.contains(other); });
  });
}

std::vector<PastTable> CaseSystems::apart(const std::vector<PastTable>& past) const {
  std::vector<PastTable> out;
  for (const auto& table : past) {
    const auto at = std::ranges::find(table.table.query.by, "source", &TableDimension::name);
    if (at == table.table.query.by.end() || !holds_same(table.sources)) {
      out.push_back(table);
      continue;
    }
    const auto place = static_cast<std::size_t>(at - table.table.query.by.begin());
    for (const auto& source : table.sources) {
      out.push_back(column_of(table, source, place));
    }
  }
  return out;
}

std::vector<std::vector<std::size_t>> groups_of(const std::vector<Table>& tables,
                                                const std::vector<Current>& submissions,
                                                const CaseSystems& systems) {
  std::vector<std::size_t> group(tables.size());
  std::vector<std::set<std::string>> same;
  for (std::size_t i = 0; i < tables.size(); ++i) {
    group[i] = i;
    const auto own = sources_of(tables[i], submissions);
    same.push_back(systems.with_same(own));
    for (std::size_t j = 0; j < i; ++j) {
      const bool shared =
          std::ranges::any_of(tables[i].submissions,
                              [&](std::int64_t id) {
                                return std::ranges::find(tables[j].submissions, id) !=
                                       tables[j].submissions.end();
                              }) ||
          (same[i] != own && same[j] == same[i]);
      if (shared && group[j] != group[i]) {
        const std::size_t from = std::max(group[i], group[j]);
        const std::size_t to = std::min(group[i], group[j]);
        std::ranges::replace(group.begin(), group.begin() + static_cast<std::ptrdiff_t>(i) + 1,
                             from, to);
      }
    }
  }
  std::map<std::size_t, std::vector<std::size_t>> members;
  for (std::size_t i = 0; i < tables.size(); ++i) {
    members[group[i]].push_back(i);
  }
  std::vector<std::vector<std::size_t>> out;
  for (auto& [id, list] : members) {
    out.push_back(std::move(list));
  }
  return out;
}

Result<void> check_side_by_side(const CaseSystems& systems, const std::vector<Current>& submissions,
                                const ReleasePlan& plan, const std::vector<Table>& tables) {
  for (std::size_t t = 0; t < tables.size(); ++t) {
    const auto& table = tables[t];
    const auto sources = sources_of(table, submissions);
    const bool is_side_by_side =
        std::ranges::find(table.query.by, "source", &TableDimension::name) != table.query.by.end();
    if (is_side_by_side && !is_exempt(plan.tables[t], *table.indicator) &&
        systems.holds_same(sources)) {
      return fail(
          Error{ErrorCode::invalid_argument,
                "observatory.release.same_cases",
                fmt::format("{}: {} count the same cases; publish them as tables of their "
                            "own, each with its source; or, where they count different cases, "
                            "say so under [[different_cases]], with the reason",
                            table.indicator->id, fmt::join(sources, ", ")),
                {{"sources", fmt::format("{}", fmt::join(sources, ", "))}}});
    }
  }
  return {};
}

void note_same_cases(const CaseSystems& systems, const std::set<std::string>& sources,
                     json::object& audit) {
  const auto list = [&](std::string_view key) -> json::array& {
    auto& value = audit[key];
    return value.is_array() ? value.as_array() : value.emplace_array();
  };
  for (const auto& link : systems.links()) {
    if (!sources.contains(link.first)) {
      continue;
    }
    if (link.is_in_doubt) {
      list("same_cases_in_doubt")
          .push_back(json::object{{"sources", {link.first, link.second}},
                                  {"equal", link.equal},
                                  {"compared", link.compared}});
    } else {
      list("same_cases").push_back(json::array{json::string(link.first), link.second});
    }
  }
  for (const auto& different : systems.different()) {
    list("different_cases")
        .push_back(json::object{{"sources", {different.first, different.second}},
                                {"reason", different.reason}});
  }
}

}  // namespace atalaya::observatory::detail
