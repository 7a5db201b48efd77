#include "deadlines_data.hpp"

#include <cstdio>

#include <fmt/format.h>

#include <atalaya/base/embedded.hpp>
#include <atalaya/base/json.hpp>
#include <atalaya/followup/treaties.hpp>

ATALAYA_EMBEDDED(followup_catalogue);

namespace atalaya::followup::detail {
namespace {

void must_hold(bool holds, std::string_view what) {
  if (!holds) {
    fmt::print(stderr, "catalogue/followup, dates and duties: {}\n", what);
  }
  ATALAYA_CHECK(holds);
}

json::value read(std::string_view name) {
  for (const EmbeddedFile& file : atalaya::embedded::followup_catalogue_all()) {
    if (file.path == name) {
      auto value = parse_json(file.bytes, file.path);
      must_hold(value.has_value(), name);
      return *std::move(value);
    }
  }
  must_hold(false, name);
  return {};
}

std::string text(const json::object& row, std::string_view key) {
  const auto* value = row.if_contains(key);
  return value != nullptr && value->is_string() ? std::string(value->get_string()) : std::string();
}

std::int64_t whole(const json::object& row, std::string_view key) {
  const auto* value = row.if_contains(key);
  return value != nullptr && value->is_int64() ? value->get_int64() : 0;
}

commitments::Translated words(const json::object& row, std::string_view key) {
  commitments::Translated out;
  const auto* value = row.if_contains(key);
  must_hold(value != nullptr && value->is_object(), key);
  for (const Language language : kLanguages) {
    out.set(language, text(value->get_object(), to_string(language)));
    must_hold(!out.in(language).empty(), "a text lacks a language");
  }
  return out;
}

DeadlineOutcome outcome_from(const json::object& row) {
  DeadlineOutcome out;
  out.commitment = text(row, "commitment");
  out.which = whole(row, "which");
  out.outcome = text(row, "outcome");
  out.date = text(row, "date");
  out.new_due = text(row, "new_due");
  out.note = text(row, "note");
  out.source = text(row, "source");
  out.url = text(row, "url");
  out.read_on = text(row, "read_on");
  const bool known = out.outcome == "done" || out.outcome == "postponed";
  must_hold(known && last_day(out.date) && !out.source.empty(), out.commitment + out.date);
  return out;
}

ReportDuty duty_from(const json::object& row) {
  ReportDuty out;
  out.id = text(row, "id");
  out.title = words(row, "title");
  out.recipient = words(row, "recipient");
  out.instrument = text(row, "instrument");
  out.owed_by = text(row, "owed_by");
  out.every = text(row, "every");
  out.by = text(row, "by");
  out.first = text(row, "first");
  out.within = whole(row, "within");
  out.covers_year_before = text(row, "covers") == "year_before";
  out.basis = text(row, "basis");
  out.source = text(row, "source");
  out.url = text(row, "url");
  out.read_on = text(row, "read_on");
  const bool dated = out.every == "round" || (out.every == "once" && out.within > 0) ||
                     (out.by.size() == 5 && last_day(out.first));
  must_hold(dated && !out.id.empty() && !out.source.empty(), out.id);
  return out;
}

DeadlineData load() {
  DeadlineData out;
  const json::value file = read("deadlines.json");
  const json::object& parts = file.as_object();
  for (const json::value& row : parts.at("outcomes").as_array()) {
    out.outcomes.push_back(outcome_from(row.as_object()));
  }
  for (const json::value& row : parts.at("days").as_array()) {
    const json::object& day = row.as_object();
    out.days.push_back({text(day, "commitment"), whole(day, "which"), text(day, "due"),
                        text(day, "source"), text(day, "url")});
    must_hold(days_of(out.days.back().due).last.has_value(), out.days.back().commitment);
  }
  for (const json::value& row : parts.at("elsewhere").as_array()) {
    const json::object& date = row.as_object();
    out.guidance.push_back({text(date, "id"), text(date, "document"), text(date, "kind"),
                            text(date, "due"), text(date, "printed"), words(date, "title"),
                            outcome_from(date)});
  }
  const json::value duties = read("duties.json");
  for (const json::value& row : duties.as_array()) {
    out.duties.push_back(duty_from(row.as_object()));
  }
  return out;
}

}  // namespace

const DeadlineData& deadline_data() {
  static const DeadlineData data = load();
  return data;
}

}  // namespace atalaya::followup::detail
