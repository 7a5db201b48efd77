#pragma once
// A release plan: which tables, under which policy, by whose decision.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <atalaya/observatory/desk.hpp>

namespace atalaya::observatory::detail {

struct PlannedTable {
  TableQuery query;
  std::optional<bool> is_protected;  // absent: as the indicator says
  std::string reason;                // needed where it departs from the indicator
};

/// Sources that count different cases though some of their figures are equal, by decision.
struct DifferentCases {
  std::vector<std::string> sources;  // two or more
  std::string reason;
};

/// How protected tables are rounded; their cells are then shown, not hidden.
enum class RoundingMethod {
  controlled,  // parts add up to their rounded total, down the tables that nest
  random,      // each cell by itself, unbiased, alike wherever it is printed
};

/// What is done where a protected cell differs a little from what an earlier release shows.
enum class Differences { protect, accept };

struct ReleasePlan {
  std::string id, name;
  json::object names, reasons;  // by language, where there are several
  std::string decided_by, reason;
  std::string changes;        // why it differs from earlier releases, in the publisher's words
  std::vector<std::string> agreements_known;  // what they hide may be worked out, by decision
  std::int64_t rounding = 0;  // base; 0: nothing is rounded
  RoundingMethod method = RoundingMethod::controlled;
  Differences differences = Differences::protect;
  std::optional<std::int64_t> threshold;  // absent: the indicators' largest
  std::uint32_t dominance_contributors = 0;
  double dominance_percent = 0, p_percent = 0;
  bool zeros_sensitive = false;
  std::vector<std::string> same_cases;  // sources that count the same, whatever their figures say
  std::vector<DifferentCases> different_cases;
  std::vector<PlannedTable> tables;
};

/// Fails with invalid_argument (observatory.release.plan), naming line, key and what to write.
[[nodiscard]] Result<ReleasePlan> parse_release_plan(std::string_view text);

/// Does a breakdown or choice by this say who a person is, or what happened at home? Everything
/// but place, period, offence, sex, mechanism, what counts things, and the age of homicide victims.
[[nodiscard]] bool is_identity(std::string_view dimension, const Indicator& indicator);
/// What a table is where its plan says nothing: as the indicator says, and protected where it is
/// broken down by, or chosen by, an identity.
[[nodiscard]] bool protected_by_default(const TableQuery& query, const Indicator& indicator);
/// Is the table published as it is? Also measured amounts are: nobody is recognised by a weight.
[[nodiscard]] bool is_exempt(const PlannedTable& planned, const Indicator& indicator);

}  // namespace atalaya::observatory::detail
