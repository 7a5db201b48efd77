// What the codes of rules and of open lists are, mean and roll up to.

#include <algorithm>
#include <array>
#include <set>

#include <fmt/format.h>

#include <atalaya/figures/locale.hpp>
#include <atalaya/observatory/codelists.hpp>
#include <atalaya/observatory/rows.hpp>

#include "codelists_match.hpp"

namespace atalaya::observatory {
namespace {

constexpr std::size_t kCodeBytesMax = 80;

bool is_upper(char letter) {
  return letter >= 'A' && letter <= 'Z';
}

bool is_digit(char letter) {
  return letter >= '0' && letter <= '9';
}

bool is_lower(char letter) {
  return letter >= 'a' && letter <= 'z';
}

/// The form of our own codes: what open lists may be extended with.
bool is_plain_code(std::string_view code) {
  return !code.empty() && code.size() <= kCodeBytesMax && is_lower(code.front()) &&
         std::ranges::all_of(code, [](char letter) {
           return is_lower(letter) || is_digit(letter) || letter == '_';
         });
}

/// A source's own dimension takes the source's own codes: anything printable.
bool is_source_code(std::string_view code) {
  return !code.empty() && code.size() <= kCodeBytesMax && code != kTotal &&
         std::ranges::none_of(code,
                              [](char letter) {
                                return static_cast<unsigned char>(letter) < 0x20 || letter == 0x7F;
                              }) &&
         !find_invalid_utf8(code);
}

/// `COL_05001`: a country and a code that its own institutions use.
bool is_lower_territory(std::string_view code) {
  return code.size() >= 5 && code.size() <= 32 && code[3] == '_' &&
         std::ranges::all_of(code.substr(0, 3), is_upper) &&
         std::ranges::all_of(code.substr(4), [](char letter) {
           return is_upper(letter) || is_lower(letter) || is_digit(letter) || letter == '-';
         });
}

bool has_specials(std::string_view dimension) {
  return dimension != "period" && dimension != "territory" && dimension != "unit" &&
         dimension != "status";
}

// Words for semester, quarter and week, per language.
constexpr std::array<std::array<std::string_view, 3>, 4> kPartNames = {{
    {"half-year {}, {}", "quarter {}, {}", "week {}, {}"},
    {"semestre {} de {}", "trimestre {} de {}", "semana {} de {}"},
    {"semestre {} de {}", "trimestre {} de {}", "semana {} de {}"},
    {"semestre {} de {}", "trimestre {} de {}", "semaine {} de {}"},
}};
// One age, a range, an open end, an upper bound, less than a year; per language.
constexpr std::array<std::array<std::string_view, 5>, 4> kAgeNames = {{
    {"{} years", "{}–{} years", "{} years and over", "under {} years", "under 1 year"},
    {"{} años", "{}–{} años", "{} años y más", "menores de {} años", "menores de 1 año"},
    {"{} anos", "{}–{} anos", "{} anos e mais", "menores de {} anos", "menores de 1 ano"},
    {"{} ans", "{}–{} ans", "{} ans et plus", "moins de {} ans", "moins de 1 an"},
}};

std::string period_label(const Period& period, Language language) {
  const auto at = static_cast<std::size_t>(language);
  const std::string code = period_code(period);
  const std::string_view year = std::string_view(code).substr(0, 4);
  switch (period.kind) {
    case PeriodKind::month:
      return fmt::format("{}{}{}",
                         figures::month_name(language, period.begin.month),
                         language == Language::es || language == Language::pt ? " de " : " ", year);
    case PeriodKind::semester:
      return fmt::format(fmt::runtime(kPartNames[at][0]), code.substr(6), year);
    case PeriodKind::quarter:
      return fmt::format(fmt::runtime(kPartNames[at][1]), code.substr(6), year);
    case PeriodKind::week:
      return fmt::format(fmt::runtime(kPartNames[at][2]), code.substr(6), year);
    case PeriodKind::year:
    case PeriodKind::day:
      break;
  }
  return code;
}

std::string age_label(AgeRange range, Language language) {
  const auto& names = kAgeNames[static_cast<std::size_t>(language)];
  if (range.high == 1) {
    return std::string(names[4]);
  }
  if (range.high == kAgeOpen) {
    return fmt::format(fmt::runtime(names[2]), range.low);
  }
  if (range.high == range.low + 1) {
    return range.low == 1 && language == Language::en
               ? "1 year"
               : fmt::format(fmt::runtime(names[0]), range.low);
  }
  if (range.low == 0) {
    return fmt::format(fmt::runtime(names[3]), range.high);
  }
  return fmt::format(fmt::runtime(names[1]), range.low, range.high - 1);
}

}  // namespace

bool Codelists::is_valid(std::string_view dimension, std::string_view code) const {
  if (code == kUnknown || code == kNotApplicable) {
    return has_specials(dimension);
  }
  if (dimension == "period") {
    return parse_period(code).has_value();
  }
  if (dimension == "age") {
    const auto range = parse_age_code(code);
    return range && age_code(*range) == code;
  }
  if (dimension.starts_with("x_")) {
    return is_source_code(code);
  }
  const Codelist* list = find(dimension);
  if (list == nullptr) {
    return false;
  }
  if (list->find(code) != nullptr) {
    return true;
  }
  if (dimension == "territory") {
    return is_lower_territory(code) && list->find(code.substr(0, 3)) != nullptr;
  }
  if (dimension == "citizenship" && code.size() == 3 && std::ranges::all_of(code, is_upper)) {
    return true;
  }
  return list->is_open() && is_plain_code(code);
}

bool Codelists::reads_as_unknown(std::string_view text) const {
  const auto matches = special_.match_name(text);
  return matches.sure() != nullptr && matches.sure()->code->id == kUnknown &&
         matches.sure()->score > 0.9;
}

bool Codelists::reads_as_not_applicable(std::string_view text) const {
  const auto matches = special_.match_name(text);
  return matches.sure() != nullptr && matches.sure()->code->id == kNotApplicable &&
         matches.sure()->score > 0.9;
}

std::string Codelists::label(std::string_view dimension, std::string_view code,
                             Language language) const {
  if (const Code* special = special_.find(code)) {
    return special->name.in(language);
  }
  const Codelist* list = find(dimension);
  if (is_composed(code) && list != nullptr) {
    return composed_name(code, language,
                         [&](std::string_view one) { return label(dimension, one, language); });
  }
  if (dimension == "period") {
    const auto period = parse_period(code);
    return period ? period_label(*period, language) : std::string(code);
  }
  if (dimension == "age") {
    const auto range = parse_age_code(code);
    return range ? age_label(*range, language) : std::string(code);
  }
  const Code* known = list == nullptr ? nullptr : list->find(code);
  if (known == nullptr && dimension == "citizenship") {
    known = find("territory") == nullptr ? nullptr : find("territory")->find(code);
  }
  return known == nullptr ? std::string(code) : known->name.in(language);
}

std::string Codelists::country_of(std::string_view territory) const {
  const Codelist* list = find("territory");
  if (list == nullptr || !is_valid("territory", territory)) {
    return {};
  }
  const Code* code = list->find(territory);
  return code != nullptr ? code->country : std::string(territory.substr(0, 3));
}

std::string Codelists::parent(std::string_view dimension, std::string_view code) const {
  const Codelist* list = find(dimension);
  if (list == nullptr) {
    return {};
  }
  if (const auto whole = rest_of(code); !whole.empty()) {
    return std::string(whole);
  }
  if (const Code* known = list->find(code)) {
    return known->parent;
  }
  if (dimension == "citizenship" && code.size() == 3 && is_valid(dimension, code)) {
    return "foreign";
  }
  if (dimension != "territory" || !is_valid(dimension, code)) {
    return {};
  }
  // National codes of municipalities begin with the code of their first-level subdivision.
  const std::string country(code.substr(0, 3));
  const std::string_view national = code.substr(4);
  for (const std::size_t width : {std::size_t{2}, std::size_t{1}}) {
    const auto it = admin1_national_.find(fmt::format("{}/{}", country, national.substr(0, width)));
    if (national.size() >= width && it != admin1_national_.end()) {
      return it->second;
    }
  }
  return country;
}

bool Codelists::is_within(std::string_view dimension, std::string_view code,
                          std::string_view ancestor) const {
  if (code == ancestor) {
    return true;
  }
  if (is_composed(code) && find(dimension) != nullptr) {
    const auto whole = rest_of(code);
    return std::ranges::all_of(
        added_codes(whole.empty() ? code : whole),
        [&](std::string_view one) { return is_within(dimension, one, ancestor); });
  }
  if (dimension == "period") {
    const auto inner = parse_period(code);
    const auto outer = parse_period(ancestor);
    return inner && outer && (holds(*outer, *inner) || roll_up(*inner, outer->kind) == outer);
  }
  if (dimension == "age") {
    const auto inner = parse_age_code(code);
    const auto outer = parse_age_code(ancestor);
    return inner && outer && holds(*outer, *inner);
  }
  for (std::string step = parent(dimension, code); !step.empty(); step = parent(dimension, step)) {
    if (step == ancestor) {
      return true;
    }
  }
  // A grouping holds what names it (the Dominican Republic's regions and their provinces).
  const Codelist* list = find(dimension);
  const Code* known = list == nullptr ? nullptr : list->find(code);
  return known != nullptr && !known->group.empty() && known->group == ancestor;
}

std::vector<std::string> Hierarchy::levels(const Codelists& lists, std::string_view dimension) {
  const Codelist* list = lists.find(dimension);
  return list == nullptr ? std::vector<std::string>{"1"} : list->levels();
}

Result<Hierarchy> Hierarchy::create(std::shared_ptr<const Codelists> lists,
                                    std::string_view dimension, std::string_view level) {
  Hierarchy result;
  result.dimension_ = dimension;
  const auto names = levels(*lists, dimension);
  const auto it = std::ranges::find(names, level);
  if (it == names.end()) {
    return fail(Error{
        ErrorCode::invalid_argument,
        "observatory.level.unknown",
        fmt::format("{} has no level \"{}\"; it has {}", dimension, level, fmt::join(names, ", ")),
        {}}.with("dimension", dimension)
                    .with("level", level)
                    .with("levels", fmt::format("{}", fmt::join(names, ", "))));
  }
  result.level_ = static_cast<std::int32_t>(it - names.begin()) + 1;
  if (dimension == "period") {
    result.level_ = *parse_period_kind(level);
  } else if (dimension == "age") {
    result.level_ = *parse_age_level(level);
  }
  result.lists_ = std::move(lists);
  return result;
}

Hierarchy::Place Hierarchy::place(std::string_view code) const {
  Place same{std::string(code), false};
  if (code == kUnknown || code == kNotApplicable) {
    same.is_exact = true;
    return same;
  }
  if (is_composed(code) && rest_of(code).empty() && lists_->find(dimension_) != nullptr) {
    std::set<std::string> places;
    for (const auto one : added_codes(code)) {
      places.insert(place(one).code);
    }
    return places.size() == 1 ? Place{*places.begin(), true} : same;
  }
  if (const auto* kind = std::get_if<PeriodKind>(&level_)) {
    const auto period = parse_period(code);
    const auto outer = period ? roll_up(*period, *kind) : std::nullopt;
    return outer ? Place{period_code(*outer), true} : same;
  }
  if (const auto* ages = std::get_if<AgeLevel>(&level_)) {
    const auto range = parse_age_code(code);
    const auto outer = range ? roll_up(*range, *ages) : std::nullopt;
    return outer ? Place{age_code(*outer), true} : same;
  }
  const auto level = std::get<std::int32_t>(level_);
  const Codelist* list = lists_->find(dimension_);
  if (list == nullptr) {
    same.is_exact = true;
    return same;
  }
  std::string step(code);
  while (!step.empty()) {
    const Code* known = list->find(step);
    // A code by rule is one deeper than its parent: COL_05001 is of level 3.
    const bool is_lower = known == nullptr && dimension_ == "territory";
    if (known != nullptr && known->level == level) {
      return {std::move(step), true};
    }
    if (is_lower && level == 3) {
      return {std::move(step), true};
    }
    if (known != nullptr && known->level < level) {
      break;
    }
    step = lists_->parent(dimension_, step);
  }
  // An offence that the classification does not divide further stands for itself at every level.
  same.is_exact = dimension_ != "territory" && list->children(code).empty();
  return same;
}

}  // namespace atalaya::observatory
