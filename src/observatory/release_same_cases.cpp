// Whether two sources speak of the same cases is told by their figures: two offices that count by
// themselves seldom agree, two tables made from one register do in all but a few late corrections.
#include "release_same_cases.hpp"

#include <algorithm>
#include <cmath>
#include <iterator>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "release_matching.hpp"

namespace atalaya::observatory::detail {
namespace {

using Codes = std::vector<std::string>;
using Figures = FiguresByKey;
using Matcher = FigureMatcher;

const std::vector<TableDimension>& compared_by() {
  static const std::vector<TableDimension> kBy = {
      {"territory", ""}, {"period", "month"}, {"iccs", ""}, {"unit", ""}};
  return kBy;
}

// By offence and unit, of those that protected tables count: sources may share one register and
// not another.
template <typename Meant>
bool are_same(Matcher& matcher, const AddedFacts& first, const AddedFacts& second,
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
  std::map<std::pair<std::string, std::string>, std::pair<std::size_t, std::size_t>> told;
  const auto of = [&](const Codes& key) -> auto& { return told[{key[2], key[3]}]; };
  for (const auto& match : matching.equal) {
    const auto at = first.find(match.key);
    const auto other = second.find(match.key);
    const bool is_zero = (at == first.end() || std::llround(at->second) == 0) &&
                         (other == second.end() || std::llround(other->second) == 0);
    of(match.key).first += is_zero ? 0U : 1U;
    of(match.key).second += is_zero ? 0U : 1U;
  }
  for (const auto& key : matching.unequal) {
    ++of(key).second;
  }
  return std::ranges::any_of(
      told, [](const auto& entry) { return coincide(entry.second.first, entry.second.second); });
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

std::unexpected<Error> unknown_source(const std::string& source) {
  const auto what = fmt::format("no table of this plan or of earlier releases rests on {}", source);
  return fail(Error{ErrorCode::invalid_argument,
                    "observatory.release.plan",
                    "same_cases: " + what,
                    {{"line", "1"}, {"key", "same_cases"}, {"what", what}}});
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
  CaseSystems out;
  const auto declare = [&](const std::vector<std::string>& same) {
    for (std::size_t i = 1; i < same.size(); ++i) {
      out.links_.emplace_back(same.front(), same[i]);
    }
  };
  for (const auto& source : plan.same_cases) {
    if (!held.contains(source)) {
      return unknown_source(source);
    }
  }
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
      if (!out.with_same({first->first}).contains(second->first) &&
          are_same(matcher, first->second, second->second, is_meant)) {
        out.links_.emplace_back(first->first, second->first);
      }
    }
  }
  return out;
}

std::set<std::string> CaseSystems::with_same(std::set<std::string> sources) const {
  for (bool is_growing = true; is_growing;) {
    is_growing = false;
    for (const auto& [first, second] : links_) {
      if (sources.contains(first) != sources.contains(second)) {
        sources.insert(first);
        sources.insert(second);
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
      return fail(Error{ErrorCode::invalid_argument,
                        "observatory.release.same_cases",
                        fmt::format("{}: {} count the same cases; publish them as tables of their "
                                    "own, each with its source",
                                    table.indicator->id, fmt::join(sources, ", ")),
                        {{"sources", fmt::format("{}", fmt::join(sources, ", "))}}});
    }
  }
  return {};
}

void note_same_cases(const CaseSystems& systems, const std::set<std::string>& sources,
                     json::object& audit) {
  for (const auto& [first, second] : systems.links()) {
    if (sources.contains(first)) {
      auto& list = audit["same_cases"].is_array() ? audit["same_cases"].as_array()
                                                  : audit["same_cases"].emplace_array();
      list.push_back(json::array{json::string(first), json::string(second)});
    }
  }
}

}  // namespace atalaya::observatory::detail
