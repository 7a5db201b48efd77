// Reports on quality as a release keeps them, and back.
#include "quality_frozen.hpp"

#include <algorithm>
#include <map>
#include <optional>

#include <fmt/format.h>

namespace atalaya::observatory::detail {
namespace {

// Whole months: a day would be that of somebody's case.
std::string month_from(const std::string& day) {
  return day.size() == 10 ? day.substr(0, 8) + "01" : day;
}

std::string month_to(const std::string& day) {
  const auto date = parse_civil_date(day);
  if (!date || date->day == 1) {
    return day;
  }
  return date->month == 12 ? fmt::format("{:04}-01-01", date->year + 1)
                           : fmt::format("{:04}-{:02}-01", date->year, date->month + 1);
}

template <class T>
json::value json_of(const std::optional<T>& value) {
  return value ? json::value(*value) : json::value(nullptr);
}

std::string text_at(const json::object& object, std::string_view key) {
  const auto* value = object.if_contains(key);
  return value != nullptr && value->is_string() ? std::string(value->get_string()) : std::string();
}

std::optional<double> number_at(const json::object& object, std::string_view key) {
  const auto* value = object.if_contains(key);
  return value != nullptr && value->is_number() ? std::optional(value->to_number<double>())
                                                : std::nullopt;
}

json::object object_at(const json::object& object, std::string_view key) {
  const auto* value = object.if_contains(key);
  return value != nullptr && value->is_object() ? value->get_object() : json::object();
}

json::array array_at(const json::object& object, std::string_view key) {
  const auto* value = object.if_contains(key);
  return value != nullptr && value->is_array() ? value->get_array() : json::array();
}

RatingLetter letter_of(std::string_view text) {
  for (const auto letter : {RatingLetter::a, RatingLetter::b, RatingLetter::c, RatingLetter::d}) {
    if (text == to_string(letter)) {
      return letter;
    }
  }
  return RatingLetter::not_rated;
}

void thaw_measures(const json::object& object, QualityReport& out) {
  for (const auto& member : object_at(object, "dimensions")) {
    Completeness d{.dimension = member.key(), .asked = 0, .unknown = 0, .unknown_share = {}};
    if (member.value().is_number()) {
      d.unknown_share = member.value().to_number<double>();
    }
    out.dimensions.push_back(std::move(d));
  }
  for (const auto& member : object_at(object, "bands")) {
    if (member.value().is_string()) {
      out.bands.emplace(member.key(), std::string(member.value().get_string()));
    }
  }
  if (const auto days = number_at(object, "days_to_load")) {
    out.days = static_cast<std::int32_t>(*days);
  }
  out.duplicate_share = number_at(object, "duplicate_share");
  out.undetermined_share = number_at(object, "undetermined_share");
  out.outliers_found = static_cast<std::size_t>(number_at(object, "outliers").value_or(0));
  out.cells_tested = static_cast<std::size_t>(number_at(object, "cells_tested").value_or(0));
  out.rating.letter = letter_of(text_at(object, "rating"));
  out.rating.score = number_at(object, "score");
  if (const auto covered = object_at(object, "coverage"); !covered.empty()) {
    Coverage c;
    c.expected = static_cast<std::int64_t>(number_at(covered, "expected").value_or(0));
    c.present = static_cast<std::int64_t>(number_at(covered, "present").value_or(0));
    c.share = c.expected > 0 ? static_cast<double>(c.present) / static_cast<double>(c.expected) : 0;
    out.coverage = std::move(c);
  }
  if (object.contains("protocol")) {
    std::map<std::string, double> measures;
    for (const auto& member : object_at(object, "protocol")) {
      measures[member.key()] = member.value().to_number<double>();
    }
    out.protocol = assess_protocol(embedded_protocol(), measures);
  }
}

QualityReport thawed(const json::object& object, const std::string& release) {
  QualityReport out;
  out.release = release;
  out.source = text_at(object, "source");
  out.source_kind = text_at(object, "source_kind");
  out.country = text_at(object, "country");
  out.indicator = text_at(object, "indicator");
  out.period_from = text_at(object, "period_from");
  out.period_to = text_at(object, "period_to");
  out.loaded_at = text_at(object, "loaded_at");
  const auto* synthetic = object.if_contains("synthetic");
  out.synthetic = synthetic != nullptr && synthetic->is_bool() && synthetic->get_bool();
  for (const auto& title : array_at(object, "titles")) {
    out.titles.emplace_back(title.as_string());
  }
  for (const auto& value : array_at(object, "answers")) {
    const auto& answer = value.as_object();
    ProtocolAnswer one;
    one.source = out.source;
    one.country = out.country;
    one.criterion = text_at(answer, "criterion");
    one.value = number_at(answer, "value").value_or(0);
    one.reason = text_at(answer, "reason");
    one.answered_by = text_at(answer, "answered_by");
    one.answered_on = text_at(answer, "answered_on");
    out.answers.push_back(std::move(one));
  }
  thaw_measures(object, out);
  return out;
}

// Releases of earlier versions kept ratings beside their tables and nothing else.
std::vector<QualityReport> from_ratings(const Release& release,
                                        const std::vector<Submission>& submissions) {
  std::map<std::pair<std::string, std::string>, QualityReport> out;  // country, source
  for (const auto& entry : release.tables) {
    for (const auto& value : array_at(entry.query, "quality")) {
      const auto& object = value.as_object();
      const std::string source = text_at(object, "source");
      const std::string period = text_at(object, "period");
      const auto own = std::ranges::find(submissions, source, &Submission::source);
      if (own == submissions.end() || period.size() != 4) {
        continue;
      }
      auto& held = out[{own->country, source}];
      const bool is_newer = held.period_to.substr(0, 4) <= period;
      held.period_from = held.period_from.empty() ? period + "-01-01"
                                                  : std::min(held.period_from, period + "-01-01");
      if (!is_newer) {
        continue;
      }
      held.release = release.id;
      held.source = source;
      held.source_kind = own->source_kind;
      held.country = own->country;
      held.titles = {own->title};
      held.synthetic = own->synthetic;
      held.loaded_at = own->loaded_at;
      held.period_to = period + "-12-31";
      held.rating.letter = letter_of(text_at(object, "rating"));
      held.bands.clear();
      for (const auto& member : object_at(object, "bands")) {
        held.bands.emplace(member.key(), std::string(member.value().as_string()));
      }
      const auto days = number_at(object_at(object, "measures"), "days_to_load");
      held.days = days ? std::optional(static_cast<std::int32_t>(*days)) : std::nullopt;
    }
  }
  std::vector<QualityReport> list;
  for (auto& [key, report] : out) {
    list.push_back(std::move(report));
  }
  return list;
}

}  // namespace

json::object frozen_quality(const QualityReport& r) {
  json::array titles;
  for (const auto& title : r.titles) {
    titles.push_back(json::string(title));
  }
  json::object dimensions;
  for (const auto& d : r.dimensions) {
    dimensions[d.dimension] = json_of(d.unknown_share);
  }
  json::object bands;
  for (const auto& [rule, band] : r.bands) {
    bands[rule] = band;
  }
  json::object protocol;
  if (r.protocol) {
    for (const auto& result : r.protocol->results) {
      if (result.value) {
        protocol[result.criterion->id] = *result.value;
      }
    }
  }
  json::array answers;
  for (const auto& a : r.answers) {
    answers.push_back(json::object{{"criterion", a.criterion},
                                   {"value", a.value},
                                   {"reason", a.reason},
                                   {"answered_by", a.answered_by},
                                   {"answered_on", a.answered_on}});
  }
  json::object out{{"source", r.source},
                   {"source_kind", r.source_kind},
                   {"country", r.country},
                   {"indicator", r.indicator},
                   {"titles", std::move(titles)},
                   {"period_from", month_from(r.period_from)},
                   {"period_to", month_to(r.period_to)},
                   {"loaded_at", r.loaded_at},
                   {"synthetic", r.synthetic},
                   {"dimensions", std::move(dimensions)},
                   {"days_to_load", json_of(r.days)},
                   {"duplicate_share", json_of(r.duplicate_share)},
                   {"undetermined_share", json_of(r.undetermined_share)},
                   {"outliers", r.outliers_found},
                   {"cells_tested", r.cells_tested},
                   {"rating", to_string(r.rating.letter)},
                   {"score", json_of(r.rating.score)},
                   {"bands", std::move(bands)}};
  if (r.coverage) {
    out["coverage"] =
        json::object{{"expected", r.coverage->expected}, {"present", r.coverage->present}};
  }
  if (r.protocol) {
    out["protocol"] = std::move(protocol);
    out["answers"] = std::move(answers);
  }
  return out;
}

std::vector<QualityReport> frozen_reports(const Release& release,
                                          const std::vector<Submission>& submissions) {
  if (!release.audit.contains("data_quality")) {
    return from_ratings(release, submissions);
  }
  std::vector<QualityReport> out;
  for (const auto& value : array_at(release.audit, "data_quality")) {
    out.push_back(thawed(value.as_object(), release.id));
  }
  return out;
}

}  // namespace atalaya::observatory::detail
