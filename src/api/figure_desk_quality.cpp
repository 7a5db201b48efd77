#include "figure_desk_quality.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <map>
#include <set>

#include <fmt/format.h>

#include <atalaya/figures/messages.hpp>
#include <atalaya/observatory/codelists.hpp>
#include <atalaya/observatory/protocol_answers.hpp>

namespace atalaya::api {
namespace {

namespace obs = observatory;

constexpr std::int64_t kFactsMax = 3'000'000;
constexpr std::size_t kTablesMax = 12;

// Looked for in this order; the first that the facts answer stands for them.
constexpr std::array<std::string_view, 12> kIndicators = {
    "homicide_victims",          "robbery_rate",         "theft_rate",
    "serious_assault_rate",      "extortion_rate",       "kidnapping_rate",
    "sexual_violence_rate",      "family_violence_rate", "trafficking_victims_rate",
    "killed_by_law_enforcement", "suicide_rate",         "road_traffic_deaths"};
constexpr std::array<std::string_view, 5> kMinimumFields = {"sex", "age", "territory", "mechanism",
                                                            "relationship"};
constexpr std::array<std::string_view, 4> kRatedFields = {"sex", "age", "territory", "mechanism"};
constexpr std::array<std::string_view, 4> kProtocolSources = {"police", "forensic", "health",
                                                              "justice"};

template <class Range>
bool holds(const Range& range, std::string_view value) {
  return std::ranges::find(range, value) != std::ranges::end(range);
}

std::int32_t year_of(std::string_view date) {
  std::int32_t year = 0;
  std::from_chars(date.data(), date.data() + std::min<std::size_t>(4, date.size()), year);
  return year;
}

// The years of a submission, as a table chooses them.
std::vector<std::string> years_of(const obs::Submission& s) {
  std::vector<std::string> out;
  const bool ends_on_new_year = std::string_view(s.period_to).substr(4) == "-01-01";
  const std::int32_t last = year_of(s.period_to) - (ends_on_new_year ? 1 : 0);
  for (std::int32_t year = year_of(s.period_from); year <= last && out.size() < 400; ++year) {
    out.push_back(fmt::format("{:04}", year));
  }
  return out;
}

obs::TableQuery query_of(const obs::Submission& s, std::string_view indicator,
                         const std::string& dimension) {
  obs::TableQuery query;
  query.indicator = std::string(indicator);
  query.by = {{dimension, ""}};
  query.source = s.source;
  query.draft = true;
  query.where.emplace_back("period", years_of(s));
  if (!s.country.empty()) {
    query.where.emplace_back("territory", std::vector<std::string>{s.country});
  }
  return query;
}

std::optional<obs::DimensionCounts> counts_of(const obs::Desk& desk, const obs::Submission& s,
                                              std::string_view indicator,
                                              const std::string& dimension) {
  const auto table = desk.table(query_of(s, indicator, dimension));
  // An indicator that cannot be broken down like this says nothing about the dimension.
  if (!table || table->cells.empty()) {
    return std::nullopt;
  }
  obs::DimensionCounts out;
  out.dimension = dimension;
  for (const auto& cell : table->cells) {
    const std::int64_t n = std::llround(cell.count.value_or(0));
    out.all += n;
    out.unknown += cell.codes.front() == "_U" ? n : 0;
    out.not_applicable += cell.codes.front() == "_Z" ? n : 0;
  }
  return out;
}

// Dimensions that differ from row to row; those with one code for all say nothing.
std::vector<std::string> read_dimensions(const obs::Mapping& mapping) {
  std::vector<std::string> out;
  for (const auto& dimension : mapping.dimensions) {
    if (!dimension.columns.empty() && dimension.name != "period" && dimension.name != "iccs" &&
        dimension.name != "unit" && dimension.name != "status") {
      out.push_back(dimension.name);
    }
  }
  return out;
}

std::string name_of(const obs::Desk& desk, const std::string& dimension, Language language) {
  const auto* list = desk.codelists().find(dimension);
  return list == nullptr ? dimension : std::string(list->name().in(language));
}

obs::ProtocolSheet protocol_of(const obs::Mapping& mapping,
                               const std::map<std::string, double>& unknown,
                               std::vector<obs::ProtocolAnswer> answers) {
  std::map<std::string, double> measures;
  for (const auto& [dimension, share] : unknown) {
    if (holds(kMinimumFields, dimension)) {
      auto& worst = measures["missing_fields"];
      worst = std::max(worst, share);
    }
  }
  // A column of counts may still come from single cases: then nothing is known.
  if (mapping.count_rows) {
    measures["victim_as_unit"] = 1;
  }
  obs::add_answers(answers, measures);
  return obs::assess_protocol(obs::embedded_protocol(), measures);
}

Result<void> count_unknown(const obs::Desk& desk, const obs::Submission& s,
                           const obs::Mapping& mapping, Language language, SubmissionQuality& out,
                           std::map<std::string, double>& unknown) {
  std::string_view indicator;
  for (const auto& dimension : read_dimensions(mapping)) {
    std::optional<obs::DimensionCounts> counts;
    if (!indicator.empty()) {
      counts = counts_of(desk, s, indicator, dimension);
    }
    for (std::size_t i = 0; indicator.empty() && i < kIndicators.size(); ++i) {
      counts = counts_of(desk, s, kIndicators[i], dimension);
      indicator = counts ? kIndicators[i] : std::string_view();
    }
    if (!counts) {
      continue;
    }
    auto complete = ATALAYA_TRY(obs::completeness(*counts));
    if (complete.unknown_share) {
      unknown[dimension] = *complete.unknown_share;
    }
    complete.dimension = name_of(desk, dimension, language);
    out.dimensions.push_back(std::move(complete));
  }
  if (const auto* found = desk.indicators().find(indicator); found != nullptr) {
    out.indicator = found->name.in(language);
  }
  if (indicator == "homicide_victims" && holds(kProtocolSources, s.source_kind)) {
    auto answers = ATALAYA_TRY(obs::protocol_answers(desk, s.source, s.country));
    out.protocol = protocol_of(mapping, unknown, std::move(answers));
  }
  return {};
}

std::string toml_text(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      out += '\\';
    }
    out += static_cast<unsigned char>(c) < 0x20U || c == 0x7F ? ' ' : c;
  }
  return out + '"';
}

struct Candidate {
  std::string indicator, by;
};

std::vector<Candidate> candidates(bool has_country) {
  std::vector<Candidate> out;
  if (!has_country) {
    return {{"homicide_rate", "territory,period:year"},
            {"homicide_victims", "territory,period:year"}};
  }
  out.push_back({"homicide_rate", "period:year"});
  out.push_back({"homicide_rate", "territory:admin1,period:year"});
  out.push_back({"homicide_victims", "period:year,sex"});
  for (const auto indicator : kIndicators) {
    if (indicator != "homicide_victims") {
      out.push_back({std::string(indicator), "period:year"});
    }
  }
  return out;
}

std::string planned(const Candidate& candidate, const obs::Submission& s) {
  std::string out = fmt::format("\n[[tables]]\nindicator = {}\nby = {}\n",
                                toml_text(candidate.indicator), toml_text(candidate.by));
  if (!s.country.empty()) {
    out += fmt::format("where = {}\n", toml_text("territory=" + s.country));
  }
  return out + fmt::format("source = {}\n", toml_text(s.source));
}

bool answers(const obs::Desk& desk, const Candidate& candidate, const obs::Submission& s) {
  obs::TableQuery query;
  query.indicator = candidate.indicator;
  query.source = s.source;
  query.draft = true;
  const auto by = obs::parse_by(candidate.by);
  if (!by) {
    return false;
  }
  query.by = *by;
  if (!s.country.empty()) {
    query.where.emplace_back("territory", std::vector<std::string>{s.country});
  }
  const auto table = desk.table(query);
  return table && std::ranges::any_of(table->cells, [](const obs::Cell& cell) {
           return cell.count.value_or(0) > 0;
         });
}

// The newest submission of facts of each source; the program's own only where nobody loaded any.
std::vector<obs::Submission> newest_by_source(std::vector<obs::Submission> all) {
  std::erase_if(all, [](const obs::Submission& s) {
    return s.kind != "facts" || s.segment.empty() || s.segment_rows > kFactsMax;
  });
  const bool own =
      std::ranges::any_of(all, [](const auto& s) { return s.loaded_by != "catalogue"; });
  std::ranges::reverse(all);
  std::set<std::string> seen;
  std::erase_if(all, [&](const obs::Submission& s) {
    return (own && s.loaded_by == "catalogue") || !seen.insert(s.source + "/" + s.country).second;
  });
  return all;
}

std::string free_id(const std::vector<obs::Release>& releases, const std::string& base) {
  const auto taken = [&](const std::string& id) {
    return std::ranges::find(releases, id, &obs::Release::id) != releases.end();
  };
  std::string id = base;
  for (int n = 2; taken(id); ++n) {
    id = fmt::format("{}-{}", base, n);
  }
  return id;
}

}  // namespace

Result<SubmissionQuality> submission_quality(const obs::Desk& desk, const obs::Submission& s,
                                             std::string_view mapping_text, Language language) {
  SubmissionQuality out;
  std::map<std::string, double> values;
  const auto end = parse_civil_date(s.period_to);
  const auto loaded = parse_civil_date(std::string_view(s.loaded_at).substr(0, 10));
  if (end && loaded) {
    // A period that goes on after the load has no such number.
    if (const auto days = obs::days_to_load(*end, *loaded)) {
      out.days = *days;
      values["days_to_load"] = *days;
    }
  }
  out.too_large = s.segment_rows > kFactsMax;
  const bool is_counted = s.kind == "facts" && !s.segment.empty() && !out.too_large;
  if (is_counted && !mapping_text.empty()) {
    if (const auto mapping = obs::parse_mapping(mapping_text, s.mapping)) {
      std::map<std::string, double> unknown;
      ATALAYA_TRY(count_unknown(desk, s, *mapping, language, out, unknown));
      for (const auto& [dimension, share] : unknown) {
        if (holds(kRatedFields, dimension)) {
          values["unknown_share"] = std::max(values["unknown_share"], share);
        }
      }
    }
  }
  out.rating = ATALAYA_TRY(obs::rate_quality(values));
  return out;
}

Result<std::string> propose_plan(const obs::Desk& desk, std::string_view country,
                                 std::string_view by, UtcTime now, Language language) {
  const auto releases = ATALAYA_TRY(desk.releases());
  auto all = ATALAYA_TRY(desk.submissions());
  const auto sources = newest_by_source(std::move(all));
  const auto& messages = figures::Messages::embedded();
  const std::string month = to_string(now).substr(0, 7);
  const std::string id = free_id(releases, "figures-" + month);
  std::string out =
      fmt::format("# {}\nid = {}\nname = {}\n\n[decision]\nby = {}\nreason = \"\"  # {}\n",
                  messages.text(language, "figdesk.plan.comment"), toml_text(id),
                  toml_text(messages.text(language, "figdesk.plan.name",
                                          {{"country", country}, {"month", month}})),
                  toml_text(by), messages.text(language, "figdesk.plan.reason"));
  std::size_t tables = 0;
  for (const auto& source : sources) {
    for (const auto& candidate : candidates(!source.country.empty())) {
      if (tables < kTablesMax && answers(desk, candidate, source)) {
        out += planned(candidate, source);
        ++tables;
      }
    }
  }
  if (tables == 0) {
    out += fmt::format("\n# {}\n[[tables]]\nindicator = \"homicide_rate\"\nby = \"period:year\"\n",
                       messages.text(language, "figdesk.plan.none"));
  }
  return out;
}

}  // namespace atalaya::api
