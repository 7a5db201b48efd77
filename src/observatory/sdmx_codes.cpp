#include "sdmx_codes.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <atalaya/base/text.hpp>
#include <atalaya/crypto/hash.hpp>
#include <atalaya/figures/locale.hpp>

namespace atalaya::observatory::sdmx {
namespace {

std::string upper(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  }
  return out;
}

constexpr std::size_t kMarkLetters = 8;

// IDType of SDMXCommonReferences.xsd.
bool is_allowed(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         std::string_view("_@$-").contains(c);
}

// Does it end as what is marked below?
bool looks_marked(std::string_view text) {
  const std::size_t length = kMarkLetters + 2;
  return text.size() >= length && text.substr(text.size() - length, 2) == "-h" &&
         std::ranges::all_of(text.substr(text.size() - kMarkLetters), [](char c) {
           return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
         });
}

// What the alphabet of SDMX has of a text: letters without accents, '_' for what it has not.
std::string in_alphabet(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size();) {
    std::size_t end = i + 1;
    while (end < text.size() && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80) {
      ++end;
    }
    const std::string_view letter = text.substr(i, end - i);
    std::string plain = letter.size() == 1 ? std::string(letter) : fold(letter);
    std::erase_if(plain, [](char c) { return !is_allowed(c); });
    if (!plain.empty()) {
      out += plain;
    } else if (!out.ends_with('_')) {
      out += '_';
    }
    i = end;
  }
  return out;
}

// Texts of a source's own dimension may hold anything, and no two may become one code. A text that
// is not kept as it is gets the beginning of its hash: a number by what else is loaded would be
// another tomorrow.
std::string identifier(std::string_view text) {
  if (text.empty()) {
    return std::string(kUnknown);
  }
  if (std::ranges::all_of(text, is_allowed) && !looks_marked(text)) {
    return std::string(text);
  }
  return fmt::format("{}-h{}", in_alphabet(text), to_hex(sha256(text)).substr(0, kMarkLetters));
}

std::string joined(std::vector<std::string> codes) {
  std::ranges::sort(codes);
  return fmt::format("{}", fmt::join(codes, "@"));
}

std::string_view frequency_of(PeriodKind kind) {
  switch (kind) {
    case PeriodKind::year:
      return "A";
    case PeriodKind::semester:
      return "S";
    case PeriodKind::quarter:
      return "Q";
    case PeriodKind::month:
      return "M";
    case PeriodKind::week:
      return "W";
    case PeriodKind::day:
      return "D";
  }
  return "A";
}

bool is_measure(const Indicator& indicator) {
  return indicator.kind == NumeratorKind::amount || indicator.kind == NumeratorKind::survey_share;
}

}  // namespace

std::string dimension_id(std::string_view ours) {
  return ours == "territory" ? "REF_AREA" : ours == "period" ? std::string(kTime) : upper(ours);
}

std::string codelist_id(std::string_view ours) {
  return ours == "territory" ? "CL_AREA" : "CL_" + upper(ours);
}

std::string code_id(const Territories& territories, std::string_view ours, std::string_view code) {
  if (const Codelist* list = territories.lists().find(ours)) {
    if (const auto whole = rest_of(code); !whole.empty()) {
      std::string rest = code_id(territories, ours, whole) + "_U";
      // The national code of a municipality may be "U".
      const bool is_taken =
          ours == "territory" ? territories.knows(rest) : list->find(rest) != nullptr;
      return is_taken ? identifier(code) : rest;
    }
    if (const Code* found = list->find(code); found != nullptr && !found->sdmx.empty()) {
      return identifier(found->sdmx);
    }
  }
  // Several codes that a table adds up stand together.
  const std::size_t more = code.find('@');
  return more == std::string_view::npos
             ? identifier(code)
             : fmt::format("{}@{}", code_id(territories, ours, code.substr(0, more)),
                           code_id(territories, ours, code.substr(more + 1)));
}

std::string count_unit(const Indicator& indicator) {
  return is_measure(indicator) ? identifier(upper(indicator.unit)) : "NR";
}

std::optional<std::string> rate_unit(const Indicator& indicator) {
  switch (indicator.denominator.kind) {
    case DenominatorKind::none:
      return std::nullopt;
    case DenominatorKind::population:
      return indicator.scale == 100'000     ? "P_HTHAB"
             : indicator.scale == 1'000     ? "P_THAB"
             : indicator.scale == 10'000    ? "P_TTHAB"
             : indicator.scale == 1'000'000 ? "P_MHAB"
                                            : fmt::format("P_{}HAB", indicator.scale);
    case DenominatorKind::facts:
      return indicator.scale == 100 ? "PC"
             : indicator.scale == 1 ? "RATIO"
                                    : fmt::format("PER_{}", indicator.scale);
  }
  return std::nullopt;
}

Names text_of(std::string_view en, std::string_view es, std::string_view pt, std::string_view fr) {
  return Names{{std::string(en), std::string(es), std::string(pt), std::string(fr)}};
}

Names text_of(std::string_view same) {
  return text_of(same, same, same, same);
}

Names unit_name(const Codelists& lists, const Indicator& indicator, bool is_rate) {
  if (!is_rate) {
    if (!is_measure(indicator)) {
      return text_of("Number", "Número", "Número", "Nombre");
    }
    Names names;
    for (const Language language : kLanguages) {
      names.texts[static_cast<std::size_t>(language)] =
          lists.label("unit", indicator.unit, language);
    }
    return names;
  }
  if (indicator.scale == 100 && indicator.denominator.kind != DenominatorKind::population) {
    return text_of("Per cent", "Por ciento", "Por cento", "Pour cent");
  }
  const bool people = indicator.denominator.kind == DenominatorKind::population;
  const auto per = [&](Language language, std::string_view word, std::string_view whom) {
    return fmt::format("{} {}{}", word, figures::number(language, indicator.scale),
                       people ? whom : std::string_view());
  };
  return text_of(per(Language::en, "Per", " inhabitants"), per(Language::es, "Por", " habitantes"),
                 per(Language::pt, "Por", " habitantes"), per(Language::fr, "Pour", " habitants"));
}

std::optional<TimeValue> time_of_row(std::string_view code) {
  if (const auto whole = rest_of(code); !whole.empty()) {
    auto out = time_value(std::vector{std::string(whole)});
    if (out) {
      out->frequency = kUnknown;  // of the year, and nobody knows of which month
    }
    return out;
  }
  const auto codes = added_codes(code);
  return time_value(std::vector<std::string>(codes.begin(), codes.end()));
}

std::optional<TimeValue> time_value(const std::vector<std::string>& codes) {
  std::vector<Period> periods;
  for (const std::string& code : codes) {
    const auto period = parse_period(code);
    if (!period) {
      return std::nullopt;
    }
    periods.push_back(*period);
  }
  std::ranges::sort(periods, {}, &Period::begin);
  std::optional<TimeValue> out;
  for (const Period& period : periods) {
    if (!out) {
      out = TimeValue{std::string(frequency_of(period.kind)), period_code(period), period.begin,
                      period.end};
      continue;
    }
    if (out->end < period.begin) {
      return std::nullopt;  // SDMX has no time with a gap in it
    }
    out->end = std::max(out->end, period.end);
  }
  if (out && periods.size() > 1) {
    const std::int32_t months =
        (out->end.year - out->begin.year) * 12 + out->end.month - out->begin.month;
    out->frequency = kNotApplicable;
    const std::string length =
        out->begin.day != out->end.day
            ? fmt::format("{}D", days_in({PeriodKind::day, out->begin, out->end}))
        : months % 12 == 0 ? fmt::format("{}Y", months / 12)
                           : fmt::format("{}M", months);
    out->time = fmt::format("{}/P{}", to_string(out->begin), length);
  }
  return out;
}

CivilDate day_before(CivilDate day) {
  const std::chrono::year_month_day date =
      std::chrono::sys_days(std::chrono::year(day.year) /
                            std::chrono::month(static_cast<unsigned>(day.month)) /
                            std::chrono::day(static_cast<unsigned>(day.day))) -
      std::chrono::days(1);
  return {static_cast<int>(date.year()),
          static_cast<std::int32_t>(static_cast<unsigned>(date.month())),
          static_cast<std::int32_t>(static_cast<unsigned>(date.day()))};
}

std::string number_text(double value) {
  if (value == std::floor(value) && std::abs(value) < 1e15) {
    return fmt::format("{}", std::llround(value));
  }
  return fmt::format("{}", value);
}

std::vector<std::string> breakdowns_of(const TableQuery& query) {
  std::vector<std::string> out;
  const auto add = [&](const std::string& name) {
    if (name != "period" && name != "territory" && std::ranges::find(out, name) == out.end()) {
      out.push_back(name);
    }
  };
  for (const TableDimension& dimension : query.by) {
    add(dimension.name);
  }
  for (const auto& [name, codes] : query.where) {
    add(name);
  }
  if (!query.source.empty()) {
    add("source");
  }
  return out;
}

CellReader::CellReader(const Territories& territories, const Flow& flow, const TableQuery& query,
                       const std::vector<TableDimension>& by)
    : territories_(territories), flow_(flow) {
  const auto column = [&](std::string_view name) -> std::optional<std::size_t> {
    const auto at = std::ranges::find(by, name, &TableDimension::name);
    return at == by.end() ? std::nullopt : std::optional(static_cast<std::size_t>(at - by.begin()));
  };
  const auto restriction = [&](std::string_view name) -> const std::vector<std::string>* {
    const auto at = std::ranges::find(query.where, name, [](const auto& w) { return w.first; });
    return at == query.where.end() || at->second.empty() ? nullptr : &at->second;
  };
  for (const Dimension& dimension : flow.dimensions) {
    columns_.push_back(column(dimension.ours));
    std::string fixed(kTotal);
    if (const auto* codes = restriction(dimension.ours)) {
      fixed = joined(*codes);
    } else if (dimension.ours == "source" && !query.source.empty()) {
      fixed = query.source;
    }
    fixed_.push_back(std::move(fixed));
  }
  period_ = column("period");
  if (const auto* codes = restriction("period")) {
    periods_ = *codes;
  }
}

std::string CellReader::ours(const Cell& cell, std::size_t dimension) const {
  return columns_[dimension] ? cell.codes[*columns_[dimension]] : fixed_[dimension];
}

std::optional<TimeValue> CellReader::read(const Cell& cell, std::vector<std::string>& codes) const {
  codes.clear();
  for (std::size_t i = 0; i < flow_.dimensions.size(); ++i) {
    const std::string& name = flow_.dimensions[i].ours;
    codes.push_back(name.empty() ? std::string() : code_id(territories_, name, ours(cell, i)));
  }
  return period_ ? time_of_row(cell.codes[*period_]) : time_value(periods_);
}

}  // namespace atalaya::observatory::sdmx
