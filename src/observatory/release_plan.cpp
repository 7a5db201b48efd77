#include "release_plan.hpp"

#include <algorithm>
#include <array>
#include <sstream>

#include <fmt/format.h>
#include <toml++/toml.h>

#include <atalaya/base/text.hpp>

#include "toml_words.hpp"

namespace atalaya::observatory::detail {
namespace {

std::unexpected<Error> bad(const toml::node& node, std::string_view key, std::string_view what) {
  const auto line = static_cast<std::int64_t>(node.source().begin.line);
  return fail(Error{
      ErrorCode::invalid_argument,
      "observatory.release.plan",
      fmt::format("release plan, line {}: {}: {}", line, key, what),
      {{"line", std::to_string(line)}, {"key", std::string(key)}, {"what", std::string(what)}}});
}

Result<std::string> text(std::string_view key, const toml::node& node) {
  const auto value = node.value<std::string>();
  if (!node.is_string() || !value) {
    return bad(node, key, "write a text in quotes");
  }
  return *value;
}

Result<void> read_words(std::string_view key, const toml::node& node, std::string& text,
                        json::object& by_language) {
  auto words = words_of(node);
  if (!words) {
    return bad(node, key, kWriteWords);
  }
  if (has_unseen(*words)) {
    return bad(node, key, kUnseen);
  }
  text = std::move(words->text);
  by_language = std::move(words->by_language);
  return {};
}

Result<double> number(std::string_view key, const toml::node& node, double low, double high) {
  const auto value = node.value<double>();
  if (!value || !(*value >= low) || !(*value <= high)) {
    return bad(node, key, fmt::format("write a number from {} to {}", low, high));
  }
  return *value;
}

// The shares of a plan are written in it, so that the plan says all by itself.
Result<std::vector<SplitShares>> read_shares(const toml::node& node) {
  if (!node.is_array()) {
    return bad(node, "shares", "write [[tables.shares]] with dimension, from, to and source");
  }
  toml::table root;
  root.insert("shares", *node.as_array());
  std::string written;
  {
    std::ostringstream out;
    out << root;
    written = out.str();
  }
  auto shares = parse_shares(written, *Codelists::embedded());
  if (!shares) {
    return bad(node, "shares", shares.error().detail);
  }
  return *std::move(shares);
}

Result<void> read_rounding(std::string_view key, const toml::node& node, ReleasePlan& plan) {
  if (key == "rounding") {
    plan.rounding = static_cast<std::int64_t>(ATALAYA_TRY(number(key, node, 2, 1000)));
    return {};
  }
  const std::string value = ATALAYA_TRY(text(key, node));
  if (key == "differences") {
    if (value != "protect" && value != "accept") {
      return bad(node, key, "write \"protect\" or \"accept\"");
    }
    plan.differences = value == "accept" ? Differences::accept : Differences::protect;
    return {};
  }
  if (value != "controlled" && value != "random") {
    return bad(node, key, "write \"controlled\" or \"random\"");
  }
  plan.method = value == "random" ? RoundingMethod::random : RoundingMethod::controlled;
  return {};
}

Result<void> read_table(const toml::table& table, ReleasePlan& plan) {
  PlannedTable out;
  out.query.draft = true;
  out.query.quality = true;
  for (const auto& [name, node] : table) {
    const std::string_view key = name.str();
    if (key == "protect") {
      const auto value = node.value<bool>();
      if (!node.is_boolean() || !value) {
        return bad(node, key, "write true or false");
      }
      out.is_protected = *value;
      continue;
    }
    if (key == "shares") {
      out.query.shares = ATALAYA_TRY(read_shares(node));
      continue;
    }
    const std::string value = ATALAYA_TRY(text(key, node));
    if (key == "rate") {
      auto choice = parse_rate(value);
      if (!choice) {
        return bad(node, key, choice.error().detail);
      }
      out.query.rate = *std::move(choice);
    } else if (key == "indicator") {
      out.query.indicator = value;
    } else if (key == "by") {
      out.query.by = ATALAYA_TRY(parse_by(value));
    } else if (key == "where") {
      out.query.where = ATALAYA_TRY(parse_where(value));
    } else if (key == "source") {
      out.query.source = value;
    } else if (key == "population") {
      out.query.population = value;
    } else if (key == "reason") {
      out.reason = value;
    } else {
      return bad(node, key,
                 "is not known under [[tables]]; keys are indicator, by, where, source, "
                 "population, rate, shares, protect, reason");
    }
  }
  if (out.query.indicator.empty()) {
    return bad(table, "tables", "needs indicator = \"…\"");
  }
  plan.tables.push_back(std::move(out));
  return {};
}

Result<void> read_policy(const toml::table& table, ReleasePlan& plan) {
  for (const auto& [name, node] : table) {
    const std::string_view key = name.str();
    if (key == "threshold") {
      // With 2 every hidden cell would be 1: the rule itself would tell it.
      plan.threshold = static_cast<std::int64_t>(ATALAYA_TRY(number(key, node, 3, 1000)));
    } else if (key == "dominance_contributors") {
      plan.dominance_contributors =
          static_cast<std::uint32_t>(ATALAYA_TRY(number(key, node, 1, 10)));
    } else if (key == "dominance_percent") {
      plan.dominance_percent = ATALAYA_TRY(number(key, node, 1, 100));
    } else if (key == "p_percent") {
      plan.p_percent = ATALAYA_TRY(number(key, node, 1, 100));
    } else if (key == "zeros_sensitive") {
      plan.zeros_sensitive = node.value<bool>().value_or(false);
    } else if (key == "rounding" || key == "rounding_method" || key == "differences") {
      ATALAYA_TRY(read_rounding(key, node, plan));
    } else if (key == "same_cases" && node.is_array()) {
      for (const auto& one : *node.as_array()) {
        plan.same_cases.push_back(ATALAYA_TRY(text(key, one)));
      }
    } else {
      return bad(node, key,
                 "is not known under [policy]; keys are threshold, dominance_contributors, "
                 "dominance_percent, p_percent, zeros_sensitive, rounding, rounding_method, "
                 "differences, same_cases");
    }
  }
  return {};
}

Result<void> read_decision(const toml::table& table, ReleasePlan& plan) {
  for (const auto& [name, node] : table) {
    const std::string_view key = name.str();
    if (key == "by") {
      plan.decided_by = ATALAYA_TRY(text(key, node));
    } else if (key == "reason") {
      ATALAYA_TRY(read_words(key, node, plan.reason, plan.reasons));
    } else if (key == "changes") {
      plan.changes = ATALAYA_TRY(text(key, node));
    } else if (key == "agreements_known" && node.is_array()) {
      for (const auto& one : *node.as_array()) {
        plan.agreements_known.push_back(ATALAYA_TRY(text(key, one)));
      }
    } else {
      return bad(node, key,
                 "is not known under [decision]; keys are by, reason, changes, agreements_known");
    }
  }
  return {};
}

Result<void> read_different_cases(const toml::table& table, ReleasePlan& plan) {
  DifferentCases out;
  for (const auto& [name, node] : table) {
    const std::string_view key = name.str();
    if (key == "sources" && node.is_array()) {
      for (const auto& one : *node.as_array()) {
        out.sources.push_back(ATALAYA_TRY(text(key, one)));
      }
    } else if (key == "reason") {
      out.reason = ATALAYA_TRY(text(key, node));
      if (has_unseen(out.reason)) {
        return bad(node, key, kUnseen);
      }
    } else {
      return bad(node, key, "is not known under [[different_cases]]; keys are sources, reason");
    }
  }
  if (out.sources.size() < 2 || trim(out.reason).empty()) {
    return bad(table, "different_cases",
               "name the sources and say why: sources = [\"…\", \"…\"], reason = \"…\"");
  }
  plan.different_cases.push_back(std::move(out));
  return {};
}

Result<void> read_root(const toml::table& root, ReleasePlan& plan) {
  for (const auto& [name, node] : root) {
    const std::string_view key = name.str();
    if (key == "id") {
      plan.id = ATALAYA_TRY(text(key, node));
    } else if (key == "name") {
      ATALAYA_TRY(read_words(key, node, plan.name, plan.names));
    } else if (key == "policy" && node.is_table()) {
      ATALAYA_TRY(read_policy(*node.as_table(), plan));
    } else if (key == "decision" && node.is_table()) {
      ATALAYA_TRY(read_decision(*node.as_table(), plan));
    } else if (key == "tables" && node.is_array()) {
      for (const auto& entry : *node.as_array()) {
        if (!entry.is_table()) {
          return bad(entry, key, "write [[tables]]");
        }
        ATALAYA_TRY(read_table(*entry.as_table(), plan));
      }
    } else if (key == "different_cases" && node.is_array_of_tables()) {
      for (const auto& entry : *node.as_array()) {
        ATALAYA_TRY(read_different_cases(*entry.as_table(), plan));
      }
    } else {
      return bad(node, key,
                 "is not known; a plan has id, name, [decision], [policy], [[different_cases]] "
                 "and [[tables]]");
    }
  }
  return {};
}

// Homicides by these are public events; so are things, seizures and places.
constexpr std::array<std::string_view, 13> kOpenDimensions = {
    "source", "territory", "period", "iccs", "sex",  "age",   "mechanism",
    "place",  "attempted", "drug",   "arm",  "unit", "status"};

bool counts_homicide_victims(const Indicator& indicator) {
  const auto* offences = indicator.numerator.find("iccs");
  return indicator.unit == "victims" && offences != nullptr &&
         std::ranges::any_of(*offences, [](const std::string& code) {
           return code == "01" || code.starts_with("0101");  // 0102: those who live
         });
}

}  // namespace

bool is_identity(std::string_view dimension, const Indicator& indicator) {
  // Ages single out children, among victims, suspects and those whom somebody registered.
  if (dimension == "age") {
    return !counts_homicide_victims(indicator);
  }
  // Of things and events the context is organised crime or a conflict; of victims also a family.
  if (dimension == "context") {
    return indicator.unit == "victims";
  }
  return std::ranges::find(kOpenDimensions, dimension) == kOpenDimensions.end();
}

bool protected_by_default(const TableQuery& query, const Indicator& indicator) {
  return indicator.disclosure.is_protected ||
         std::ranges::any_of(query.by,
                             [&](const auto& d) { return is_identity(d.name, indicator); }) ||
         std::ranges::any_of(query.where,
                             [&](const auto& w) { return is_identity(w.first, indicator); });
}

bool is_exempt(const PlannedTable& planned, const Indicator& indicator) {
  return !planned.is_protected.value_or(protected_by_default(planned.query, indicator)) ||
         indicator.kind == NumeratorKind::amount || indicator.kind == NumeratorKind::survey_share;
}

Result<ReleasePlan> parse_release_plan(std::string_view text_of_plan) {
  const auto refuse = [](std::int64_t line, std::string_view key, std::string_view what) {
    return fail(Error{
        ErrorCode::invalid_argument,
        "observatory.release.plan",
        fmt::format("release plan, line {}: {}: {}", line, key, what),
        {{"line", std::to_string(line)}, {"key", std::string(key)}, {"what", std::string(what)}}});
  };
  if (text_of_plan.size() > (std::size_t{1} << 20U) || find_invalid_utf8(text_of_plan)) {
    return refuse(1, "TOML", "a plan is UTF-8 text of at most 1 MiB");
  }
  ReleasePlan plan;
  try {
    const toml::table root = toml::parse(text_of_plan);
    ATALAYA_TRY(read_root(root, plan));
  } catch (const toml::parse_error& error) {
    return refuse(static_cast<std::int64_t>(error.source().begin.line), "TOML",
                  error.description());
  }
  const bool plain =
      !plan.id.empty() && plan.id.size() <= 64 && std::ranges::all_of(plan.id, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
      });
  if (!plain) {
    return refuse(1, "id", "write a short name of a-z, 0-9 and -, like \"homicides-2024-1\"");
  }
  if (trim(plan.name).empty()) {
    return refuse(1, "name", "write what the release is called on its page");
  }
  if (trim(plan.decided_by).empty() || trim(plan.reason).empty()) {
    return refuse(1, "decision",
                  "name who decided to publish and why: [decision] by = \"…\", reason = \"…\"");
  }
  if (plan.tables.empty()) {
    return refuse(1, "tables", "add at least one [[tables]]");
  }
  return plan;
}

}  // namespace atalaya::observatory::detail
