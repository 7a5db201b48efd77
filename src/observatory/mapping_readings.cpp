#include "mapping_readings.hpp"

#include <algorithm>

#include <fmt/format.h>

#include <atalaya/base/text.hpp>

#include "codelists_match.hpp"
#include "codelists_row.hpp"
#include "mapping_values.hpp"

namespace atalaya::observatory {
namespace {

// A guess below this likeness is not taken at all.
constexpr double kGuessScore = 0.85;
constexpr double kSureScore = 0.99;
// Between words as short as "X" and "H" every distance is small.
constexpr std::size_t kGuessBytesMin = 4;

Reading accept(std::string code) {
  Reading out;
  out.code = std::move(code);
  return out;
}

Reading guess(std::string code, const std::string& value, std::string_view reason) {
  Reading out;
  out.verdict = Verdict::warn;
  out.detail = fmt::format("read as {} ({}); write it into the mapping's values if it is right",
                           code, reason);
  out.code = std::move(code);
  out.value = value;
  out.reason = "guessed";
  return out;
}

std::string slug(std::string_view text) {
  std::string out;
  for (const char c : fold(text)) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
    if (plain) {
      out += c;
    } else if (!out.empty() && out.back() != '_') {
      out += '_';
    }
  }
  while (!out.empty() && out.back() == '_') {
    out.pop_back();
  }
  return out.substr(0, 60);
}

}  // namespace

namespace {

// By demonym, as match_key() writes it, the countries.
using Demonyms = std::map<std::string, std::set<std::string>, std::less<>>;

Demonyms read_demonyms() {
  Demonyms out;
  const auto rows =
      read_rows(embedded_catalogue(), "observatory/demonyms.json", "observatory.codelists.bad");
  std::size_t number = 0;
  for (const auto& value : rows ? *rows : json::array()) {
    NamedRow row("observatory/demonyms.json", ++number, value);
    const std::string country = row.text("id");
    for (const auto& word : row.list("words")) {
      out[match_key(word, false)].insert(country);
    }
  }
  return out;
}

}  // namespace

std::set<std::string> nationalities_of(std::string_view text, const Territories& territories) {
  static const Demonyms demonyms = read_demonyms();
  const std::string value = squeeze(text);
  const auto at = demonyms.find(match_key(value, false));
  std::set<std::string> out = at == demonyms.end() ? std::set<std::string>() : at->second;
  if (territories.lists().country_of(value) == value && !value.empty()) {
    out.insert(value);
  } else if (const auto match = territories.match(value, "", "country");
             !match.code.empty() && !match.reason.starts_with("spelling")) {
    out.insert(match.code);
  }
  return out;
}

DimensionReader::DimensionReader(const DimensionMapping& dimension, const Territories& territories,
                                 std::string_view country,
                                 std::map<std::string, NewTerritory, std::less<>>& enrolled)
    : dimension_(dimension),
      territories_(territories),
      country_(country),
      enrolled_(enrolled),
      columns_(dimension.columns),
      own_(dimension.columns.size()) {
  const auto also = [this](const std::string& name) {
    if (name.empty()) {
      return SIZE_MAX;
    }
    columns_.push_back({name});
    return columns_.size() - 1;
  };
  // A file of one subdivision names it in no column: within = "MX-CMX" says so.
  within_ = territories.knows(dimension.within) ? SIZE_MAX : also(dimension.within);
  name_ = also(dimension.name_column);
  parent_ = also(dimension.parent_column);
  for (const auto& rule : dimension.rules) {
    for (const auto& [column, values] : rule.when) {
      if (!rule_columns_.contains(column)) {
        rule_columns_.emplace(column, also(column));
      }
    }
  }
  for (const auto& [text, code] : dimension.values) {
    exact_.emplace(text, code);
    folded_.emplace(fold(squeeze(text)), code);
  }
}

std::string_view DimensionReader::text_of(std::size_t place,
                                          const std::vector<std::string_view>& texts) const {
  return place < texts.size() ? texts[place] : std::string_view();
}

Reading DimensionReader::code_or_verdict(const std::string& code, const std::string& value,
                                         std::string_view reason, std::string_view detail) const {
  if (code != "reject" && code != "skip") {
    return accept(code);
  }
  Reading out;
  out.verdict = code == "reject" ? Verdict::reject : Verdict::skip;
  out.value = value;
  out.reason = std::string(reason);
  out.detail = std::string(detail);
  return out;
}

std::string DimensionReader::shaped(const std::string& value) const {
  std::string out = value;
  const auto pad = static_cast<std::size_t>(dimension_.pad);
  if (out.size() < pad) {
    out.insert(0, pad - out.size(), '0');
  }
  if (dimension_.first > 0 && out.size() > static_cast<std::size_t>(dimension_.first)) {
    out.resize(static_cast<std::size_t>(dimension_.first));
  }
  return dimension_.prefix + out;
}

Reading DimensionReader::read(const std::vector<std::string_view>& texts) const {
  for (const auto& rule : dimension_.rules) {
    const bool fits = std::ranges::all_of(rule.when, [&](const auto& condition) {
      const auto text = fold(squeeze(text_of(rule_columns_.at(condition.first), texts)));
      return std::ranges::find(condition.second, text) != condition.second.end();
    });
    if (fits) {
      return written(rule.code, squeeze(text_of(0, texts)), "by_rule",
                     "a rule of the mapping leaves it out", texts);
    }
  }
  if (own_ == 0) {
    return dimension_.constant.empty()
               ? code_or_verdict(dimension_.otherwise, "", "no_rule", "no rule of the mapping fits")
               : written(dimension_.constant, dimension_.constant, "by_value", "", texts);
  }
  std::string value;
  for (std::size_t i = 0; i < own_; ++i) {
    const std::string part = squeeze(text_of(i, texts));
    value += value.empty() || part.empty() ? part : " " + part;
  }
  for (const auto& text : dimension_.strip) {
    for (auto at = value.find(text); !text.empty() && at != std::string::npos;
         at = value.find(text)) {
      value.erase(at, text.size());
    }
  }
  value = squeeze(value);
  if (value.empty()) {
    if (!dimension_.constant.empty()) {
      return accept(dimension_.constant);
    }
    return code_or_verdict(dimension_.empty, value, "empty",
                           fmt::format("{} is empty", dimension_.name));
  }
  auto mapped = exact_.find(value);
  if (mapped == exact_.end()) {
    mapped = folded_.find(fold(value));
    if (mapped == folded_.end()) {
      return dimension_.name == "territory" ? territory(value, texts) : by_value(value);
    }
  }
  return written(mapped->second, value, "by_value", "the mapping leaves this value out", texts);
}

// A code that stands in the mapping itself. parse_mapping() has checked those of lists; which
// territories there are, only the node knows.
Reading DimensionReader::written(const std::string& code, const std::string& value,
                                 std::string_view reason, std::string_view detail,
                                 const std::vector<std::string_view>& texts) const {
  const bool is_place = dimension_.name == "territory" && code != "reject" && code != "skip" &&
                        !code.starts_with('_');
  if (!is_place || territories_.knows(code) || enrolled_.contains(code)) {
    return code_or_verdict(code, value, reason, detail);
  }
  if (dimension_.enroll && territories_.lists().is_valid("territory", code)) {
    return enroll(code, texts);
  }
  return code_or_verdict(
      "reject", value, "unknown_territory",
      fmt::format(
          "the mapping writes {} for it, which is no territory that this node knows; correct "
          "the code, load the list of territories first, or set enroll = true",
          code));
}

Reading DimensionReader::by_value(const std::string& value) const {
  if (dimension_.name == "period") {
    const DateReading date = read_date(value, dimension_.date, dimension_.to);
    if (!date.code.empty()) {
      return accept(date.code);
    }
    return code_or_verdict(
        dimension_.otherwise, value, date.reason,
        date.reason == "no_such_date" ? "there is no such day in the calendar"
        : date.reason == "too_coarse"
            ? fmt::format("is coarser than to = \"{}\"", dimension_.to)
            : "is no date of the mapping's pattern; set date = \"%d/%m/%Y\" or the like");
  }
  return dimension_.name == "age" ? by_age(value) : by_list(value);
}

Reading DimensionReader::by_age(const std::string& value) const {
  if (const auto age = read_age(value)) {
    return accept(age->code);
  }
  return code_or_verdict(dimension_.otherwise, value, "bad_age",
                         "is no age from 0 to 125 and no age group; write groups without numbers "
                         "into the mapping's values");
}

// Whose country's people a word names is known only beside the country of the file.
std::optional<Reading> DimensionReader::by_nationality(const std::string& value) const {
  const auto countries = nationalities_of(value, territories_);
  const bool is_own = countries.contains(country_);
  if (country_.empty() || countries.empty() || (is_own && countries.size() > 1)) {
    return std::nullopt;
  }
  if (is_own) {
    return guess("national", value, "the people of " + country_);
  }
  if (territories_.lists().is_valid(dimension_.name, shaped(value))) {
    return std::nullopt;  // its own code says more
  }
  return dimension_.otherwise == "foreign"
             ? accept("foreign")
             : guess("foreign", value, "the people of another country");
}

Reading DimensionReader::by_list(const std::string& value) const {
  if (dimension_.name == "citizenship") {
    if (auto reading = by_nationality(value)) {
      return *std::move(reading);
    }
  }
  const auto& lists = territories_.lists();
  const std::string code = shaped(value);
  if (lists.is_valid(dimension_.name, code)) {
    return accept(code);
  }
  if (dimension_.name.starts_with("x_")) {
    const std::string own = slug(value);
    return lists.is_valid(dimension_.name, own)
               ? accept(own)
               : code_or_verdict(dimension_.otherwise, value, "unknown_code",
                                 "cannot be made a code; write it into the mapping's values");
  }
  // One national word covers several offences of the classification, so that its names are only
  // ever a guess there, and none at all once the mapping says what the words mean.
  const bool offence = dimension_.name == "iccs";
  const bool explained = !dimension_.values.empty() || !dimension_.rules.empty();
  const auto* list = lists.find(dimension_.name);
  if (list != nullptr && !(offence && explained)) {
    const NameMatches matches = list->match_name(value);
    if (const auto* sure = matches.sure()) {
      if (sure->score >= kSureScore && !offence) {
        return accept(sure->code->id);
      }
      if (sure->score >= kGuessScore && value.size() >= kGuessBytesMin) {
        return guess(sure->code->id, value, sure->reason);
      }
    }
  }
  return code_or_verdict(
      dimension_.otherwise, value, "unknown_code",
      fmt::format("is no code of {0}; write what it means into the mapping's "
                  "[dimensions.{0}] values (codes: atalaya observatory codes {0})",
                  dimension_.name));
}

Reading DimensionReader::territory_by_name(const std::string& value,
                                           const std::vector<std::string_view>& texts) const {
  std::string within = country_;
  std::string guessed;  // how the parent that the row names was read, where it was a guess
  const std::string level = dimension_.level.empty() ? "admin1" : dimension_.level;
  if (within_ == SIZE_MAX && !dimension_.within.empty()) {
    within = dimension_.within;
  }
  if (within_ != SIZE_MAX) {
    const std::string outer = squeeze(text_of(within_, texts));
    const TerritoryMatch parent =
        territories_.match(outer, country_, level == "admin1" ? "country" : "admin1");
    if (parent.code.empty()) {
      return code_or_verdict(
          dimension_.otherwise, outer, "unknown_territory",
          fmt::format("the column {} names it: {}", dimension_.within, parent.reason));
    }
    within = parent.code;
    if (parent.reason.starts_with("spelling")) {
      guessed = fmt::format("in \"{}\", read as {} by {}", outer, within, parent.reason);
    }
  }
  const TerritoryMatch found = territories_.match(value, within, level);
  if (found.code.empty()) {
    return code_or_verdict(
        dimension_.otherwise, value, "unknown_territory",
        fmt::format("{} in {}; write its code into the mapping's [dimensions.territory] values, or "
                    "load a list of territories first",
                    found.reason, within.empty() ? "the node" : within));
  }
  if (!guessed.empty()) {
    return guess(found.code, value, found.is_guess ? found.reason + " " + guessed : guessed);
  }
  return found.is_guess ? guess(found.code, value, found.reason) : accept(found.code);
}

Reading DimensionReader::territory(const std::string& value,
                                   const std::vector<std::string_view>& texts) const {
  if (dimension_.match == "name") {
    return territory_by_name(value, texts);
  }
  const std::string code = shaped(value);
  if (territories_.knows(code) || enrolled_.contains(code)) {
    // A country among its parts would be counted with them.
    const std::string level = territories_.level(code);
    if (!dimension_.level.empty() && !level.empty() && level != dimension_.level) {
      return code_or_verdict(
          "reject", value, "other_level",
          fmt::format("{} is of the level {}, and the mapping reads {} here; leave such rows out "
                      "as totals, or write the code under values if it is meant",
                      code, level, dimension_.level));
    }
    return accept(code);
  }
  const bool listed_level =
      dimension_.level.empty() || dimension_.level == "country" || dimension_.level == "admin1";
  if (listed_level && dimension_.prefix.empty()) {
    // "05" or "Antioquia" for CO-ANT, "Colombia" for COL.
    const TerritoryMatch match =
        territories_.match(code, country_, dimension_.level.empty() ? "admin1" : dimension_.level);
    if (!match.code.empty()) {
      return match.is_guess ? guess(match.code, value, match.reason) : accept(match.code);
    }
  }
  if (dimension_.enroll && territories_.lists().is_valid("territory", code)) {
    return enroll(code, texts);
  }
  return code_or_verdict(
      dimension_.otherwise, value, "unknown_territory",
      fmt::format(
          "{} is no territory that this node knows; correct it, or set enroll = true if the "
          "file is the list of territories",
          code));
}

Reading DimensionReader::enroll(const std::string& code,
                                const std::vector<std::string_view>& texts) const {
  NewTerritory territory;
  territory.code = code;
  territory.level = dimension_.level.empty() ? "admin2" : dimension_.level;
  territory.name = squeeze(text_of(name_, texts));
  std::string parent = squeeze(text_of(parent_, texts));
  if (dimension_.parent_first > 0) {
    // How the own code begins: of 9015, which is 09015, not "90".
    const auto& own =
        dimension_.columns.empty() ? std::vector<std::string>{} : dimension_.columns[0];
    const bool is_own = std::ranges::any_of(own, [&](const std::string& name) {
      return fold(squeeze(name)) == fold(squeeze(dimension_.parent_column));
    });
    const auto width = static_cast<std::size_t>(std::max(0, dimension_.pad));
    if (is_own && parent.size() < width) {
      parent.insert(0, width - parent.size(), '0');
    }
    parent = parent.substr(0, static_cast<std::size_t>(dimension_.parent_first));
  }
  std::string guessed;
  if (!parent.empty()) {
    const TerritoryMatch found = territories_.match(parent, country_, "admin1");
    territory.parent = found.code;
    if (found.code.empty()) {
      guessed =
          fmt::format("the row says that it lies in \"{}\", and there is {}", parent, found.reason);
    } else if (found.reason.starts_with("spelling")) {
      guessed = fmt::format("in \"{}\", read as {} by {}", parent, found.code, found.reason);
    }
  } else if (parent_ == SIZE_MAX && territories_.knows(dimension_.within)) {
    territory.parent = dimension_.within;
  }
  if (territory.parent.empty()) {
    territory.parent = territories_.lists().parent("territory", code);
  }
  if (territory.parent.empty()) {
    territory.parent = country_;
  }
  if (territory.name.empty()) {
    // What the mapping's values or the column call it is better than its code.
    const std::string own = own_ > 0 ? squeeze(text_of(0, texts)) : std::string();
    territory.name = own.find_first_not_of("0123456789") == std::string::npos ? code : own;
  }
  enrolled_.emplace(code, std::move(territory));
  return guessed.empty() ? accept(code) : guess(code, squeeze(text_of(0, texts)), guessed);
}

json::object LoadReport::to_json() const {
  json::object skips;
  for (const auto& [reason, count] : skipped_by_reason) {
    skips[reason] = count;
  }
  json::array found;
  for (const auto& f : findings) {
    if (f.rows == 0) {
      continue;
    }
    found.push_back(
        json::object{{"severity", f.severity == Severity::warning ? "warning" : "rejection"},
                     {"file", f.file},
                     {"column", f.column},
                     {"value", f.value},
                     {"reason", f.reason},
                     {"detail", f.detail},
                     {"first_line", f.first_line},
                     {"rows", f.rows}});
  }
  json::array names;
  for (const auto& file : files) {
    names.push_back(json::string(file));
  }
  json::array sheets;
  for (const auto& s : sheets_not_read) {
    sheets.push_back(json::object{
        {"file", s.file}, {"sheet", s.sheet}, {"rows", s.rows}, {"visible", s.visible}});
  }
  return {{"files", std::move(names)},
          {"sheets_not_read", std::move(sheets)},
          {"rows", rows},
          {"accepted", accepted},
          {"accepted_with_warning", accepted_with_warning},
          {"rejected", rejected},
          {"skipped", skipped},
          {"skipped_by_reason", std::move(skips)},
          {"blank_rows", blank_rows},
          {"facts", facts},
          {"empty_values", empty_values},
          {"zero_texts", zero_texts},
          {"masked_values", masked_values},
          {"decimals", decimals},
          {"total", total},
          {"total_accepted", total_accepted},
          {"total_rejected", total_rejected},
          {"total_skipped", total_skipped},
          {"period_from", period_from},
          {"period_to", period_to},
          {"findings", std::move(found)}};
}

}  // namespace atalaya::observatory
