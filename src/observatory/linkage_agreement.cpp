// The counts of a linkage: as they are, and as they may be published.
#include <algorithm>
#include <bit>

#include <fmt/format.h>

#include <atalaya/columns/disclosure.hpp>
#include <atalaya/observatory/linkage_lists.hpp>

#include "linkage_outcome.hpp"

namespace atalaya::observatory::detail {
namespace {

namespace dc = columns::disclosure;

json::object unseen_json(const std::vector<LinkageList>& lists, const UnseenEstimate& estimate) {
  json::array models;
  for (const auto& model : estimate.models) {
    json::array dependent;
    for (const auto& [a, b] : model.dependent) {
      dependent.push_back(json::array{json::string(lists[a].id), json::string(lists[b].id)});
    }
    models.push_back(json::object{{"dependent", std::move(dependent)},
                                  {"unseen", model.unseen},
                                  {"unseen_low", model.unseen_interval.low},
                                  {"unseen_high", model.unseen_interval.high},
                                  {"total", model.total},
                                  {"aic", model.aic},
                                  {"degrees", model.degrees}});
  }
  return {{"seen", estimate.seen},
          {"total_low", estimate.total_low},
          {"total_high", estimate.total_high},
          {"total_low_all", estimate.total_low_all},
          {"total_high_all", estimate.total_high_all},
          {"models_not_fitted", estimate.models_not_fitted},
          {"models", std::move(models)}};
}

std::vector<std::int64_t> totals_of(const LinkageOutcome& outcome) {
  std::vector<std::int64_t> totals(std::size_t{1} << outcome.plan.lists.size());
  for (const auto& [group, counts] : outcome.counts) {
    for (std::size_t c = 0; c < counts.size(); ++c) {
      totals[c] += counts[c];
    }
  }
  return totals;
}

std::int64_t of_state(const LinkageOutcome& outcome, PairState state) {
  return std::ranges::count(outcome.pairs, state, &CasePair::state);
}

json::value unseen_of(const LinkageOutcome& outcome) {
  if (outcome.plan.lists.size() < kListsMin) {
    return nullptr;
  }
  const auto totals = totals_of(outcome);
  const auto estimate = estimate_unseen(totals, outcome.plan.lists.size());
  if (!estimate) {
    return json::object{{"refused", estimate.error().reason}};
  }
  return unseen_json(outcome.plan.lists, *estimate);
}

// Codes of the second dimension are the patterns less one; level i are the cases on list i − 1.
dc::Plan plan_of(const LinkageOutcome& outcome) {
  const std::size_t lists = outcome.plan.lists.size();
  const auto patterns = static_cast<std::uint32_t>((std::size_t{1} << lists) - 1);
  dc::Plan plan;
  dc::Dimension group{
      .name = "group", .codes = static_cast<std::uint32_t>(outcome.counts.size()), .levels = {}};
  dc::Dimension found{.name = "found", .codes = patterns, .levels = {}};
  std::vector<std::uint32_t> of_lists;
  for (std::size_t list = 0; list < lists; ++list) {
    dc::Level level{.name = outcome.plan.lists[list].id, .group = {}, .groups = 1};
    for (std::uint32_t c = 0; c < patterns; ++c) {
      const bool on = (((c + 1) >> list) & 1U) != 0;
      level.group.push_back(on ? 0 : dc::kNoGroup);
    }
    found.levels.push_back(std::move(level));
    of_lists.push_back(static_cast<std::uint32_t>(list + 1));
  }
  plan.dimensions = {std::move(group), std::move(found)};
  plan.base.codes.resize(2);
  std::uint32_t number = 0;
  for (const auto& [name, counts] : outcome.counts) {
    for (std::uint32_t c = 0; c < patterns; ++c) {
      plan.base.codes[0].push_back(number);
      plan.base.codes[1].push_back(c);
      plan.base.value.push_back(counts[c + 1]);
    }
    ++number;
  }
  std::vector<std::uint32_t> columns = {dc::kCodes, dc::kTotal};
  if (outcome.plan.list_totals_known) {
    plan.tables.push_back({.name = "lists",
                           .levels = {{dc::kCodes, dc::kTotal}, of_lists},
                           .exempt = true,
                           .decision = "the plan says that readers hold them"});
  } else {
    columns.insert(columns.end(), of_lists.begin(), of_lists.end());
  }
  plan.tables.push_back({.name = "agreement",
                         .levels = {{dc::kCodes, dc::kTotal}, columns},
                         .exempt = false,
                         .decision = {}});
  plan.policy.threshold = outcome.plan.threshold;
  if (outcome.plan.threshold <= 1) {
    plan.policy.rule = dc::Rule::none;
    plan.policy.decision = outcome.plan.decided_by + ": " + outcome.plan.reason;
  }
  return plan;
}

json::value shown(const std::vector<dc::Cell>& hidden, std::uint32_t group_level,
                  std::uint32_t group, std::uint32_t found_level, std::uint32_t found,
                  std::int64_t value) {
  const dc::Cell cell{.level = {group_level, found_level}, .group = {group, found}};
  return std::ranges::find(hidden, cell) == hidden.end() ? json::value(value)
                                                         : json::value(nullptr);
}

// One line: every pattern, every list's own total, all cases.
json::object line_of(const LinkageOutcome& outcome, const std::vector<dc::Cell>& hidden,
                     std::uint32_t level, std::uint32_t group,
                     const std::vector<std::int64_t>& counts) {
  const auto& lists = outcome.plan.lists;
  json::object found;
  std::int64_t either = 0;
  for (std::size_t c = 1; c < counts.size(); ++c) {
    const auto code = static_cast<std::uint32_t>(c - 1);
    found[pattern_name(lists, c)] = shown(hidden, level, group, dc::kCodes, code, counts[c]);
    either += counts[c];
  }
  json::object totals;
  for (std::size_t list = 0; list < lists.size(); ++list) {
    std::int64_t n = 0;
    for (std::size_t c = 1; c < counts.size(); ++c) {
      n += ((c >> list) & 1U) != 0 ? counts[c] : 0;
    }
    totals[lists[list].id] =
        shown(hidden, level, group, static_cast<std::uint32_t>(list + 1), 0, n);
  }
  return {{"found", std::move(found)},
          {"lists", std::move(totals)},
          {"cases", shown(hidden, level, group, dc::kTotal, 0, either)}};
}

}  // namespace

std::string pattern_name(const std::vector<LinkageList>& lists, std::size_t pattern) {
  std::string out;
  for (std::size_t list = 0; list < lists.size(); ++list) {
    if (((pattern >> list) & 1U) != 0) {
      out += (out.empty() ? "" : "+") + lists[list].id;
    }
  }
  return out;
}

json::object linkage_result(const LinkageOutcome& outcome, json::array comparisons) {
  json::object groups;
  for (const auto& [group, counts] : outcome.counts) {
    json::object line;
    for (std::size_t c = 1; c < counts.size(); ++c) {
      line[pattern_name(outcome.plan.lists, c)] = counts[c];
    }
    groups[group] = std::move(line);
  }
  const auto decided = std::ranges::count(outcome.pairs, true, &CasePair::decided);
  return {{"cases", outcome.cases.size()},
          {"pairs_linked", of_state(outcome, PairState::linked)},
          {"pairs_for_review", of_state(outcome, PairState::review)},
          {"pairs_in_conflict", of_state(outcome, PairState::conflict)},
          {"pairs_decided_by_persons", decided},
          {"match_probability_min", outcome.plan.options.match_probability_min},
          {"review_probability_min", outcome.plan.options.review_probability_min},
          {"groups", std::move(groups)},
          {"comparisons", std::move(comparisons)},
          {"unseen", unseen_of(outcome)}};
}

Result<json::object> protected_agreement(const LinkageOutcome& outcome) {
  if (outcome.plan.threshold <= 1 &&
      (outcome.plan.decided_by.empty() || outcome.plan.reason.empty())) {
    return fail(Error{ErrorCode::invalid_argument,
                      "observatory.linkage.plan",
                      "linkage plan: to hide no small count, name who decided so and why: "
                      "[decision] by = \"…\", reason = \"…\"",
                      {{"line", "1"}, {"key", "decision"}, {"what", "is needed"}}});
  }
  json::array lists;
  for (std::size_t i = 0; i < outcome.plan.lists.size(); ++i) {
    const auto& list = outcome.plan.lists[i];
    lists.push_back(
        json::object{{"list", list.id}, {"title", list.title}, {"source", list.source}});
  }
  json::object out{{"indicator", outcome.plan.indicator},
                   {"lists", std::move(lists)},
                   {"threshold", outcome.plan.threshold},
                   {"pairs_for_review", of_state(outcome, PairState::review)},
                   {"groups", json::array()},
                   {"total", nullptr},
                   {"safe", true},
                   {"hidden", 0}};
  if (outcome.counts.empty()) {
    return out;
  }
  const dc::Plan plan = plan_of(outcome);
  const auto report = ATALAYA_TRY(dc::protect(plan));
  std::vector<dc::Cell> hidden;
  for (const auto& cell : report.hidden) {
    hidden.push_back(report.cell(plan, cell.id));
  }
  std::uint32_t number = 0;
  for (const auto& [group, counts] : outcome.counts) {
    auto line = line_of(outcome, hidden, dc::kCodes, number++, counts);
    line["group"] = group;
    out["groups"].as_array().push_back(std::move(line));
  }
  out["total"] = line_of(outcome, hidden, dc::kTotal, 0, totals_of(outcome));
  out["safe"] = report.safe;
  out["hidden"] = hidden.size();
  return out;
}

}  // namespace atalaya::observatory::detail
