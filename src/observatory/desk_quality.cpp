// How good the data behind a table are: one rating a source, country and year, measured on its
// facts. Rules as data in catalogue/observatory/quality_rating.json; docs/methods/quality.md.
#include <algorithm>
#include <array>
#include <tuple>

#include <atalaya/observatory/quality.hpp>

#include "table_parts.hpp"

namespace atalaya::observatory {
namespace {

using namespace detail;

using Key = std::tuple<std::string, std::string, std::string>;  // source, country, year

// Whether the submission tells what is unknown of a dimension. One that does not record at all what
// the indicator is to be broken down by tells it, too: everything is.
bool tells(const Desk::State& state, const Current& current, const Indicator* indicator,
           const std::string& name) {
  const auto segment = state.segment(current.submission.segment);
  if (!segment) {
    return false;
  }
  if (!(*segment)->has(name)) {
    return indicator != nullptr &&
           std::ranges::find(indicator->breakdowns, name) != indicator->breakdowns.end();
  }
  // A source that gives totals beside its parts does not say what is unknown of it.
  const auto dictionary = (*segment)->dictionary(name);
  for (std::uint32_t code = 0; dictionary && code < (*dictionary)->size(); ++code) {
    if ((*dictionary)->text(code) == kTotal) {
      return false;
    }
  }
  return dictionary.has_value();
}

class Measurer {
 public:
  Measurer(const Desk::State& state, const Territories& territories, const QualityAsk& ask)
      : state_(state), territories_(territories), ask_(ask) {}

  Result<std::vector<SourceQuality>> run() {
    const Cells own = ATALAYA_TRY(sums(ask_.chosen, base(), numerator()));
    for (const auto& [codes, sum] : own) {
      if (parse_period(codes[2])) {
        totals_[key_of(codes)] += sum.low;
      }
    }
    for (const auto& dimension : rating_scheme().dimensions) {
      ATALAYA_TRY(dimension == "territory" ? unplaced() : unknown(dimension));
    }
    ATALAYA_TRY(coverage());
    timeliness();
    if (ask_.indicator != nullptr) {
      ATALAYA_TRY(undetermined());
      ATALAYA_TRY(difference());
    }
    return rated();
  }

 private:
  static std::vector<TableDimension> base() {
    return {{"source", ""}, {"territory", "country"}, {"period", "year"}};
  }

  static Key key_of(const std::vector<std::string>& codes) {
    return {codes[0], codes[1], codes[2]};
  }

  [[nodiscard]] const FactFilter* numerator() const {
    return ask_.indicator == nullptr ? nullptr : &ask_.indicator->numerator;
  }

  Result<Cells> sums(const std::vector<Current>& submissions, std::vector<TableDimension> by,
                     const FactFilter* filter) const {
    Adding adding;
    adding.by = std::move(by);
    adding.indicator = filter;
    if (!ask_.countries.empty()) {
      adding.filters.emplace_back(
          "territory", std::vector<std::string>(ask_.countries.begin(), ask_.countries.end()));
    }
    return Adder(state_, territories_, std::move(adding)).add(submissions);
  }

  // The worst dimension counts.
  void note_worst(const Key& key, const std::string& rule, double value) {
    auto& held = values_[key];
    const auto [at, is_new] = held.emplace(rule, value);
    at->second = is_new ? value : std::max(at->second, value);
  }

  Result<void> unknown(const std::string& dimension) {
    std::vector<Current> with;
    for (const auto& current : ask_.chosen) {
      if (tells(state_, current, ask_.indicator, dimension)) {
        with.push_back(current);
      }
    }
    auto by = base();
    by.push_back({dimension, ""});
    const Cells cells = ATALAYA_TRY(sums(with, by, numerator()));
    std::map<Key, std::pair<double, double>> counts;  // asked, unknown
    for (const auto& [codes, sum] : cells) {
      auto& [asked, missing] = counts[key_of(codes)];
      asked += codes[3] == "_Z" ? 0 : sum.low;
      missing += codes[3] == kUnknown ? sum.low : 0;
    }
    for (const auto& [key, count] : counts) {
      if (count.first > 0 && totals_.contains(key)) {
        note_worst(key, "unknown_share", count.second / count.first);
      }
    }
    return {};
  }

  // Facts of the country alone, in a source that knows its subdivisions, have no known place.
  Result<void> unplaced() {
    auto by = base();
    by[1].level.clear();
    const Cells cells = ATALAYA_TRY(sums(ask_.chosen, by, numerator()));
    std::map<Key, std::pair<double, double>> counts;
    std::set<std::string> divided;  // sources
    for (const auto& [codes, sum] : cells) {
      const std::string country = territories_.lists().country_of(codes[1]);
      auto& [all, missing] = counts[{codes[0], country, codes[2]}];
      all += sum.low;
      if (codes[1] == country) {
        missing += sum.low;
      } else {
        divided.insert(codes[0]);
      }
    }
    for (const auto& [key, count] : counts) {
      if (count.first > 0 && divided.contains(std::get<0>(key)) && totals_.contains(key)) {
        note_worst(key, "unknown_share", count.second / count.first);
      }
    }
    return {};
  }

  // Of all its facts, whatever they count: a subdivision without a homicide is no gap, one without
  // anything is.
  Result<void> coverage() {
    auto by = base();
    by[1].level = "admin1";
    const Cells places = ATALAYA_TRY(sums(ask_.chosen, by, nullptr));
    std::map<Key, std::set<std::string>> have;
    for (const auto& [codes, sum] : places) {
      if (territories_.level(codes[1]) == "admin1") {
        have[{codes[0], territories_.lists().country_of(codes[1]), codes[2]}].insert(codes[1]);
      }
    }
    by[1].level = "country";
    by[2].level = "month";
    const Cells times = ATALAYA_TRY(sums(ask_.chosen, by, nullptr));
    std::map<Key, std::set<std::string>> months;
    for (const auto& [codes, sum] : times) {
      const auto period = parse_period(codes[2]);
      if (!period) {
        continue;
      }
      for (Period month = period_of(period->begin, PeriodKind::month); month.begin < period->end;
           month = next_period(month)) {
        const std::string code = period_code(month);
        months[{codes[0], codes[1], code.substr(0, 4)}].insert(code);
      }
    }
    for (const auto& [key, total] : totals_) {
      const auto expected = territories_.children(std::get<1>(key)).size();
      const auto places_at = have.find(key);
      double share = 1;
      if (places_at != have.end() && expected > 0) {
        share = std::min(
            1.0, static_cast<double>(places_at->second.size()) / static_cast<double>(expected));
      }
      const double due = months_due(key);
      const auto months_at = months.find(key);
      if (due > 0 && months_at != months.end()) {
        share *= std::min(1.0, static_cast<double>(months_at->second.size()) / due);
      }
      values_[key]["coverage_gap"] = 1 - share;
    }
    return {};
  }

  // Months of the year that were over when the newest submission was loaded.
  [[nodiscard]] double months_due(const Key& key) const {
    const auto* newest = newest_of(key);
    const auto loaded = newest == nullptr ? std::nullopt : day_of(newest->loaded_at);
    std::int32_t due = 0;
    for (Period month = *parse_period(std::get<2>(key) + "-01"); due < 12; ++due) {
      if (loaded && *loaded < month.end) {
        break;
      }
      month = next_period(month);
    }
    return due;
  }

  static std::optional<CivilDate> day_of(std::string_view instant) {
    const auto day = parse_civil_date(instant.substr(0, 10));
    return day ? std::optional(*day) : std::nullopt;
  }

  // The newest submission of the source that still counts for a month of the year.
  [[nodiscard]] const Submission* newest_of(const Key& key) const {
    const Submission* newest = nullptr;
    for (const auto& current : ask_.chosen) {
      const auto& s = current.submission;
      const bool fits =
          s.source == std::get<0>(key) && (s.country.empty() || s.country == std::get<1>(key)) &&
          std::ranges::any_of(s.months, [&](const std::string& month) {
            return month.starts_with(std::get<2>(key)) && !current.replaced.contains(month);
          });
      newest = fits ? &s : newest;
    }
    return newest;
  }

  // From the end of what was sent, not of each year in it: a history that comes with the newest
  // year is not late.
  void timeliness() {
    for (const auto& [key, total] : totals_) {
      const auto* newest = newest_of(key);
      const auto end = newest == nullptr ? std::nullopt : day_of(newest->period_to);
      const auto loaded = newest == nullptr ? std::nullopt : day_of(newest->loaded_at);
      if (!end || !loaded) {
        continue;
      }
      if (const auto days = days_to_load(*end, *loaded)) {
        values_[key]["days_to_load"] = *days;
      }
    }
  }

  Result<void> undetermined() {
    const auto* share = state_.parts.indicators->find("undetermined_intent_share");
    if (share == nullptr || ask_.indicator->group != share->group) {
      return {};
    }
    const Cells part = ATALAYA_TRY(sums(ask_.chosen, base(), &share->numerator));
    const Cells whole = ATALAYA_TRY(sums(ask_.chosen, base(), &share->denominator.filter));
    for (const auto& [codes, sum] : whole) {
      const auto at = part.find(codes);
      if (sum.low > 0 && at != part.end() && totals_.contains(key_of(codes))) {
        values_[key_of(codes)]["undetermined_share"] = std::min(1.0, at->second.low / sum.low);
      }
    }
    return {};
  }

  // Sources that speak of the same months only: half a year differs from a whole one by itself.
  Result<void> difference() {
    const Cells others = ATALAYA_TRY(sums(ask_.all, base(), numerator()));
    std::map<Key, std::set<std::string>> months;
    for (const auto& current : ask_.all) {
      for (const auto& month : current.submission.months) {
        months[{current.submission.source, "", month.substr(0, 4)}].insert(month);
      }
    }
    for (const auto& [key, total] : totals_) {
      const auto& [source, country, year] = key;
      for (const auto& [codes, sum] : others) {
        if (codes[0] == source || codes[1] != country || codes[2] != year ||
            months[{codes[0], "", year}] != months[{source, "", year}]) {
          continue;
        }
        const auto compared = ATALAYA_TRY(agreement(std::llround(total), std::llround(sum.low)));
        note_worst(key, "source_difference", compared.difference_percent / 100);
      }
    }
    return {};
  }

  Result<std::vector<SourceQuality>> rated() const {
    std::vector<SourceQuality> out;
    for (const auto& [key, total] : totals_) {
      SourceQuality quality;
      std::tie(quality.source, quality.territory, quality.period) = key;
      const auto at = values_.find(key);
      const auto rating = ATALAYA_TRY(
          rate_quality(at == values_.end() ? std::map<std::string, double>() : at->second));
      quality.letter = rating.letter;
      quality.score = rating.score;
      for (const auto& part : rating.parts) {
        quality.measures.emplace_back(part.rule, part.value);
      }
      out.push_back(std::move(quality));
    }
    return out;
  }

  const Desk::State& state_;
  const Territories& territories_;
  const QualityAsk& ask_;
  std::map<Key, double> totals_;
  std::map<Key, std::map<std::string, double>> values_;
};

}  // namespace

namespace detail {

Result<std::vector<SourceQuality>> rate_sources(const Desk::State& state,
                                                const Territories& territories,
                                                const QualityAsk& ask) {
  return Measurer(state, territories, ask).run();
}

void fill_ratings(const Codelists& lists, Table& table) {
  const auto place = [&](std::string_view name) {
    const auto at = std::ranges::find(table.by, name, &TableDimension::name);
    return static_cast<std::size_t>(at - table.by.begin());
  };
  const std::size_t source = place("source");
  const std::size_t territory = place("territory");
  const std::size_t period = place("period");
  for (auto& cell : table.cells) {
    const std::string country =
        territory < cell.codes.size() ? lists.country_of(cell.codes[territory]) : "";
    const std::string year = period < cell.codes.size() ? cell.codes[period].substr(0, 4) : "";
    cell.rating = RatingLetter::not_rated;
    for (const auto& quality : table.quality) {
      const bool fits = (source >= cell.codes.size() || quality.source == cell.codes[source]) &&
                        (country.empty() || quality.territory == country) &&
                        (year.empty() || quality.period == year) &&
                        quality.letter != RatingLetter::not_rated;
      if (fits && (cell.rating == RatingLetter::not_rated || quality.letter > cell.rating)) {
        cell.rating = quality.letter;
      }
    }
  }
}

json::array quality_json(const std::vector<SourceQuality>& quality) {
  json::array out;
  for (const auto& q : quality) {
    json::object measures;
    for (const auto& [rule, value] : q.measures) {
      measures[rule] = value;
    }
    json::object entry{{"source", q.source},
                       {"territory", q.territory},
                       {"period", q.period},
                       {"rating", to_string(q.letter)},
                       {"measures", std::move(measures)}};
    entry["score"] = q.score ? json::value(*q.score) : json::value(nullptr);
    if (!q.bands.empty()) {
      auto& bands = entry["bands"].emplace_object();
      for (const auto& [rule, band] : q.bands) {
        bands[rule] = band;
      }
    }
    out.push_back(std::move(entry));
  }
  return out;
}

std::vector<SourceQuality> quality_from_json(const json::array& list) {
  constexpr std::array<RatingLetter, 4> kLetters{RatingLetter::a, RatingLetter::b, RatingLetter::c,
                                                 RatingLetter::d};
  std::vector<SourceQuality> out;
  for (const auto& value : list) {
    const auto* object = value.if_object();
    const auto text = [&](std::string_view key) {
      const auto* found = object == nullptr ? nullptr : object->if_contains(key);
      return found != nullptr && found->is_string() ? std::string(found->get_string())
                                                    : std::string();
    };
    SourceQuality quality{.source = text("source"),
                          .territory = text("territory"),
                          .period = text("period"),
                          .score = {},
                          .measures = {}};
    const std::string letter = text("rating");
    for (const RatingLetter known : kLetters) {
      quality.letter = letter == to_string(known) ? known : quality.letter;
    }
    if (const auto* score = object == nullptr ? nullptr : object->if_contains("score");
        score != nullptr && score->is_number()) {
      quality.score = score->to_number<double>();
    }
    if (const auto* measures = object == nullptr ? nullptr : object->if_contains("measures");
        measures != nullptr && measures->is_object()) {
      for (const auto& member : measures->get_object()) {
        if (member.value().is_number()) {
          quality.measures.emplace_back(member.key(), member.value().to_number<double>());
        }
      }
    }
    if (const auto* bands = object == nullptr ? nullptr : object->if_contains("bands");
        bands != nullptr && bands->is_object()) {
      for (const auto& member : bands->get_object()) {
        if (member.value().is_string()) {
          quality.bands.emplace_back(member.key(), std::string(member.value().get_string()));
        }
      }
    }
    out.push_back(std::move(quality));
  }
  return out;
}

}  // namespace detail

}  // namespace atalaya::observatory
