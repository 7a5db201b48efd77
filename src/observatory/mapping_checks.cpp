#include "mapping_checks.hpp"

#include <algorithm>
#include <limits>
#include <map>
#include <set>

#include <fmt/format.h>

#include <atalaya/base/text.hpp>

namespace atalaya::observatory {
namespace {

bool is_taken(const Reading& reading) {
  return reading.verdict == Verdict::accept || reading.verdict == Verdict::warn;
}

// Whether one text stands in a row and nothing else, as in a note that was padded with delimiters.
bool looks_like_note(const columns::RawTable& table, std::size_t row,
                     const std::vector<std::size_t>& amounts) {
  std::size_t filled = 0;
  for (std::size_t i = 0; i < table.columns.size(); ++i) {
    const auto& column = table.columns[i];
    if (column.name != kYearOfName &&
        !trim(column.values.text(columns::at(column.codes, row))).empty() &&
        (++filled > 1 || std::ranges::find(amounts, i) != amounts.end())) {
      return false;
    }
  }
  return true;
}

}  // namespace

void name_twins(const Tuples& tuples, std::vector<Reading>& readings) {
  std::map<std::string, std::set<std::string>> spellings;
  for (std::size_t t = 0; t < readings.size(); ++t) {
    if (is_taken(readings[t]) && !tuples.texts[t].empty()) {
      spellings[readings[t].code].insert(squeeze(tuples.texts[t][0]));
    }
  }
  for (auto& reading : readings) {
    const auto same = spellings.find(reading.code);
    if (reading.verdict != Verdict::warn || same == spellings.end() || same->second.size() < 2) {
      continue;
    }
    std::string others;
    for (const auto& name : same->second) {
      if (name != reading.value && others.size() < 200) {
        others += fmt::format("{}\"{}\"", others.empty() ? "" : ", ", name);
      }
    }
    reading.detail += fmt::format(
        "; the file writes this place also as {}: make sure that nothing "
        "is counted twice",
        others);
  }
}

void warn_of_twins(const DimensionMapping& d, const Tuples& tuples,
                   std::vector<Reading>& readings) {
  std::map<std::string, std::string> first;  // by code: the name that stands first
  for (std::size_t t = 0; t < readings.size() && d.rules.empty(); ++t) {
    Reading& reading = readings[t];
    if (!is_taken(reading) || tuples.texts[t].empty()) {
      continue;
    }
    const std::string name = squeeze(tuples.texts[t][0]);
    const bool is_said = std::ranges::any_of(
        d.values, [&](const auto& v) { return fold(squeeze(v.first)) == fold(name); });
    const auto [at, is_new] = first.emplace(reading.code, name);
    if (is_new || is_said || reading.verdict == Verdict::warn || fold(at->second) == fold(name)) {
      continue;
    }
    reading.verdict = Verdict::warn;
    reading.value = name;
    reading.reason = "two_names";
    reading.detail = fmt::format(
        "is {}, and so is \"{}\" in this file: make sure that nothing is counted twice; if both "
        "are "
        "right, write them into the mapping's values",
        reading.code, at->second);
  }
}

void warn_of_future(CivilDate today, std::vector<Reading>& readings) {
  for (auto& reading : readings) {
    const auto period =
        reading.verdict == Verdict::accept ? parse_period(reading.code) : std::nullopt;
    if (period && today < period->begin) {
      reading.verdict = Verdict::warn;
      reading.value = reading.code;
      reading.reason = "future";
      reading.detail = fmt::format("lies after today, {}; is the date right?", to_string(today));
    }
  }
}

void refuse_unsaid_m(const DimensionMapping& d, const Tuples& tuples,
                     std::vector<Reading>& readings) {
  const auto text_of = [&](std::size_t t) {
    return tuples.texts[t].empty() ? std::string() : fold(squeeze(tuples.texts[t][0]));
  };
  const bool is_said =
      std::ranges::any_of(d.values, [](const auto& v) { return fold(squeeze(v.first)) == "m"; });
  bool has_h = false;
  for (std::size_t t = 0; t < readings.size(); ++t) {
    has_h = has_h || text_of(t) == "h";
  }
  for (std::size_t t = 0; t < readings.size() && has_h && !is_said && d.rules.empty(); ++t) {
    if (is_taken(readings[t]) && text_of(t) == "m") {
      readings[t].verdict = Verdict::reject;
      readings[t].value = "M";
      readings[t].reason = "unknown_code";
      readings[t].detail =
          "beside H it may be mujer or mulher; write \"M\" = \"F\" or \"M\" = \"M\" into the "
          "mapping's [dimensions.sex] values";
    }
  }
}

void refuse_finer_than_year(std::vector<Reading>& readings) {
  for (auto& reading : readings) {
    const bool is_taken = reading.verdict == Verdict::accept || reading.verdict == Verdict::warn;
    const auto period = is_taken ? parse_period(reading.code) : std::nullopt;
    if (period && period->kind != PeriodKind::year) {
      reading.verdict = Verdict::reject;
      reading.value = reading.code;
      reading.reason = "finer_than_year";
      reading.detail =
          "a population is given for years: keep one figure a year (a [[skip]] rule for "
          "the others) and say to = \"year\"";
    }
  }
}

std::vector<Period> months_of(const Period& period) {
  if (period.kind == PeriodKind::week) {
    Period day = period_of(period.begin, PeriodKind::day);
    for (int i = 0; i < 3; ++i) {
      day = next_period(day);
    }
    return {period_of(day.begin, PeriodKind::month)};
  }
  std::vector<Period> out;
  for (Period month = period_of(period.begin, PeriodKind::month); month.begin < period.end;
       month = next_period(month)) {
    out.push_back(month);
  }
  return out;
}

std::uint64_t notes_from(const columns::RawTable& table, const std::vector<std::size_t>& amounts,
                         std::size_t& rows) {
  rows = table.rows;
  constexpr auto kNowhere = std::numeric_limits<std::uint64_t>::max();
  if (table.blank_rows == 0 || table.columns.size() < 2 ||
      table.ragged.size() != table.ragged_rows) {
    return kNowhere;
  }
  std::size_t end = table.rows;
  std::vector<std::uint64_t> lines;
  while (end > 1 && looks_like_note(table, end - 1, amounts)) {
    lines.push_back(table.line_of(--end));
  }
  std::uint64_t last = table.line_of(end - 1);
  for (const auto& row : table.ragged) {
    if (row.line > last) {
      lines.push_back(row.line);
    }
  }
  std::ranges::sort(lines);
  for (const std::uint64_t line : lines) {
    if (line > last + 1) {
      while (rows > 0 && table.line_of(rows - 1) >= line) {
        --rows;
      }
      return line;
    }
    last = line;
  }
  return kNowhere;
}

std::string_view number_hint(std::string_view reason) {
  if (reason == "negative") {
    return "a count cannot be below zero";
  }
  if (reason == "not_whole") {
    return "is no whole number; set [value] decimals if the file has fractions";
  }
  if (reason == "thousands_or_fraction") {
    return "may be a thousand or one; set [file] thousands_mark to the mark of thousands, or, "
           "where "
           "this is a fraction, to another mark than this one";
  }
  if (reason == "too_large") {
    return "is larger than any count can be; correct it at its source";
  }
  if (reason == "empty") {
    return "is empty, and the mapping wants a number on every row";
  }
  return "is no number; set [file] decimal_mark and thousands_mark, or list the text under zero "
         "where it means that there was none, under missing where a number is not given";
}

columns::Codes narrow_codes(std::vector<std::uint32_t> codes, std::size_t distinct) {
  if (distinct <= 256) {
    return std::vector<std::uint8_t>(codes.begin(), codes.end());
  }
  if (distinct <= 65536) {
    return std::vector<std::uint16_t>(codes.begin(), codes.end());
  }
  return codes;
}

void complete_context(const Codelists& lists, std::vector<OutDimension>& dimensions,
                      std::size_t added) {
  const auto context = std::ranges::find(dimensions, "context", &OutDimension::name);
  const auto relationship = std::ranges::find(dimensions, "relationship", &OutDimension::name);
  const auto iccs = std::ranges::find(dimensions, "iccs", &OutDimension::name);
  if (context == dimensions.end() || relationship == dimensions.end() || iccs == dimensions.end()) {
    return;
  }
  // Of each code of the relationship the context that follows from it.
  std::vector<std::string> follows(relationship->texts.size());
  for (std::uint32_t code = 0; code < follows.size(); ++code) {
    for (const std::string outer : {"intimate_partner", "family"}) {
      if (lists.is_within("relationship", relationship->texts.text(code), outer)) {
        follows[code] = outer;
      }
    }
  }
  // Acts against the person; a theft in the family is none.
  std::vector<std::uint8_t> violent(iccs->texts.size(), 0);
  for (std::uint32_t code = 0; code < violent.size(); ++code) {
    for (const std::string_view outer : {"01", "02", "03"}) {
      if (lists.is_within("iccs", iccs->texts.text(code), outer)) {
        violent[code] = 1;
      }
    }
  }
  const auto unknown = context->id(std::string(kUnknown));
  for (std::size_t row = context->codes.size() - added; row < context->codes.size(); ++row) {
    const auto& code = follows[relationship->codes[row]];
    if (!code.empty() && violent[iccs->codes[row]] != 0 && context->codes[row] == unknown) {
      context->codes[row] = context->id(code);
    }
  }
}

std::optional<OncePerCell::Twice> OncePerCell::find(const std::vector<OutDimension>& dimensions,
                                                    std::size_t facts) {
  std::vector<const OutDimension*> key;
  for (const auto& own : dimensions) {
    if (own.name != "status" && own.name != "unit") {
      key.push_back(&own);
    }
  }
  const auto is_same = [&](std::size_t a, std::size_t b) {
    return std::ranges::all_of(key, [&](const auto* d) { return d->codes[a] == d->codes[b]; });
  };
  for (; checked_ < facts; ++checked_) {
    std::uint64_t hash = 1469598103934665603ULL;
    for (const auto* own : key) {
      hash = (hash ^ own->codes[checked_]) * 1099511628211ULL;
    }
    const auto [begin, end] = seen_.equal_range(hash);
    const auto at =
        std::find_if(begin, end, [&](const auto& seen) { return is_same(seen.second, checked_); });
    if (at == end) {
      seen_.emplace(hash, checked_);
      continue;
    }
    Twice out{at->second, checked_, {}};
    for (const auto* own : key) {
      const auto text = own->texts.text(own->codes[checked_]);
      if (text != kUnknown) {
        out.codes += fmt::format("{}{} {}", out.codes.empty() ? "" : ", ", own->name, text);
      }
    }
    ++checked_;
    return out;
  }
  return std::nullopt;
}

}  // namespace atalaya::observatory
