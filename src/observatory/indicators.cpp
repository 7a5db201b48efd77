#include <atalaya/observatory/indicators.hpp>

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>

#include "codelists_row.hpp"

namespace atalaya::observatory {
namespace {

constexpr std::string_view kReason = "observatory.indicators.bad";
constexpr std::string_view kFile = "observatory/indicators.json";
constexpr std::int64_t kScales[] = {1, 100, 1000, 10000, 100000, 1000000};
constexpr std::int32_t kDecimalsMax = 6;

std::unexpected<Error> bad(std::string_view what) {
  return fail(ErrorCode::invalid_argument, kReason, what);
}

std::optional<NumeratorKind> parse_kind(std::string_view name) {
  constexpr std::array<std::string_view, 4> kNames = {"count", "amount", "share_of",
                                                      "survey_share"};
  const auto it = std::ranges::find(kNames, name);
  if (it == kNames.end()) {
    return std::nullopt;
  }
  return static_cast<NumeratorKind>(it - kNames.begin());
}

bool is_snake_case(std::string_view id) {
  return !id.empty() && id.front() >= 'a' && id.front() <= 'z' &&
         std::ranges::all_of(id, [](char letter) {
           return (letter >= 'a' && letter <= 'z') || (letter >= '0' && letter <= '9') ||
                  letter == '_';
         });
}

/// {"iccs": ["0101"], "context": ["gang"]}: every code must be one that a fact may carry.
FactFilter::Terms read_terms(NamedRow& row, const json::value* value, const Codelists& lists) {
  FactFilter::Terms terms;
  if (value == nullptr) {
    return terms;
  }
  if (!value->is_object()) {
    row.complain("a filter is not an object of dimensions");
    return terms;
  }
  for (const auto& member : value->get_object()) {
    const std::string dimension(member.key());
    const auto* codes = member.value().if_array();
    if (codes == nullptr || codes->empty() || lists.find(dimension) == nullptr) {
      row.complain(fmt::format("the filter's \"{}\" is no dimension or has no codes", dimension));
      return terms;
    }
    std::vector<std::string> list;
    for (const auto& code : *codes) {
      const auto* text = code.if_string();
      if (text == nullptr || !lists.is_valid(dimension, *text)) {
        row.complain(fmt::format("the filter's {} {} is no code", dimension,
                                 text == nullptr ? "value" : std::string_view(*text)));
        return terms;
      }
      list.emplace_back(*text);
    }
    terms.emplace_back(dimension, std::move(list));
  }
  std::ranges::sort(terms);
  return terms;
}

Denominator read_denominator(NamedRow& row, const json::value* value, const Codelists& lists) {
  Denominator result;
  if (value == nullptr) {
    return result;
  }
  NamedRow inner(kFile, 0, *value);
  const std::string kind = inner.text("kind");
  result.sex = inner.text("sex", false);
  result.age = inner.text("age", false);
  result.is_stock = inner.flag("stock", false);
  result.filter.terms = read_terms(inner, inner.value("filter"), lists);
  result.filter.except = read_terms(inner, inner.value("except"), lists);
  inner.finish();
  if (kind == "population") {
    result.kind = DenominatorKind::population;
    if ((!result.sex.empty() && !lists.is_valid("sex", result.sex)) ||
        (!result.age.empty() && !parse_age_code(result.age))) {
      inner.complain("its sex or age is no code");
    }
  } else if (kind == "facts") {
    result.kind = DenominatorKind::facts;
    if (result.filter.find("unit") == nullptr) {
      inner.complain("its filter names no unit");
    }
  } else {
    inner.complain("its kind is neither population nor facts");
  }
  if (result.is_stock && result.kind != DenominatorKind::facts) {
    inner.complain("only facts are a stock");
  }
  if (!inner.ok()) {
    row.complain("denominator: " + inner.problem());
  }
  return result;
}

DisclosureDefault read_disclosure(NamedRow& row, const json::value* value, const Codelists& lists) {
  DisclosureDefault result;
  if (value == nullptr) {
    row.complain("\"disclosure\" is missing: say protect true or false");
    return result;
  }
  NamedRow inner(kFile, 0, *value);
  result.is_protected = inner.flag("protect", false);
  result.threshold = inner.number("threshold", 0);
  result.dimensions = inner.list("protected_dimensions");
  inner.finish();
  for (const auto& dimension : result.dimensions) {
    if (lists.find(dimension) == nullptr) {
      inner.complain(fmt::format("\"{}\" is no dimension", dimension));
    }
  }
  if (result.is_protected != (result.threshold >= 2)) {
    inner.complain("a protected indicator has a threshold of 2 or more, another has none");
  }
  if (!inner.ok()) {
    row.complain("disclosure: " + inner.problem());
  }
  return result;
}

struct Words {
  std::vector<IndicatorGroup> groups;

  struct Note {
    bool is_comparable = false;
    Names text;
  };

  std::map<std::string, Note, std::less<>> notes;
};

Result<Words> read_words(const CatalogueFiles& files) {
  const auto rows = ATALAYA_TRY(read_rows(files, "observatory/indicator_words.json", kReason));
  Words words;
  std::size_t number = 0;
  for (const auto& value : rows) {
    NamedRow row("observatory/indicator_words.json", ++number, value);
    std::string id = row.text("id");
    const std::string kind = row.text("kind");
    Names name = row.names("name");
    const bool comparable = row.flag("comparable", false);
    row.finish();
    if (kind == "group") {
      words.groups.push_back({std::move(id), std::move(name)});
    } else if (kind == "comparability") {
      words.notes.insert_or_assign(std::move(id), Words::Note{comparable, std::move(name)});
    } else {
      row.complain("\"kind\" is neither group nor comparability");
    }
    if (!row.ok()) {
      return bad(row.problem());
    }
  }
  return words;
}

/// The ids of a file of the catalogue that another desk reads too; nothing where it is not given.
Result<std::optional<std::vector<std::string>>> read_ids(const CatalogueFiles& files,
                                                         std::string_view prefix) {
  std::optional<std::vector<std::string>> ids;
  for (const auto& [path, bytes] : files) {
    if (!path.starts_with(prefix)) {
      continue;
    }
    const auto rows = ATALAYA_TRY(read_rows(files, path, kReason));
    if (!ids) {
      ids.emplace();
    }
    for (const auto& row : rows) {
      const auto* object = row.if_object();
      const auto* id = object == nullptr ? nullptr : object->if_contains("id");
      if (id != nullptr && id->is_string()) {
        ids->emplace_back(id->get_string());
      }
    }
  }
  return ids;
}

struct References {
  std::optional<std::vector<std::string>> themes, instruments, commitments, documents;
};

Result<References> read_references(const CatalogueFiles& files) {
  References known;
  known.themes = ATALAYA_TRY(read_ids(files, "themes.json"));
  known.instruments = ATALAYA_TRY(read_ids(files, "instruments.json"));
  known.commitments = ATALAYA_TRY(read_ids(files, "commitments/"));
  known.documents = ATALAYA_TRY(read_ids(files, "documents.json"));
  return known;
}

std::vector<std::string> read_references_of(NamedRow& row, std::string_view key,
                                            const std::optional<std::vector<std::string>>& known) {
  auto ids = row.list(key);
  for (const auto& id : ids) {
    if (known && std::ranges::find(*known, id) == known->end()) {
      row.complain(fmt::format("\"{}\" names {}, which the catalogue does not have", key, id));
    }
  }
  return ids;
}

void read_measure(NamedRow& row, Indicator& indicator, const Codelists& lists) {
  indicator.unit = row.text("unit");
  if (!lists.is_valid("unit", indicator.unit)) {
    row.complain(fmt::format("the unit \"{}\" is no code", indicator.unit));
  }
  const auto kind = parse_kind(row.text("kind"));
  if (!kind) {
    row.complain("\"kind\" is none of count, amount, share_of, survey_share");
    return;
  }
  indicator.kind = *kind;
  indicator.is_stock = row.flag("stock", false);
  auto& numerator = indicator.numerator;
  numerator.terms = read_terms(row, row.value("filter"), lists);
  numerator.except = read_terms(row, row.value("except"), lists);
  if (numerator.find("unit") != nullptr) {
    row.complain("the unit stands in \"unit\", not in the filter");
  }
  numerator.terms.emplace_back("unit", std::vector{indicator.unit});
  std::ranges::sort(numerator.terms);
  indicator.denominator = read_denominator(row, row.value("denominator"), lists);
  indicator.scale = row.number("scale", 0);
  indicator.decimals = static_cast<std::int32_t>(row.number("decimals", 0));
  if (std::ranges::find(kScales, indicator.scale) == std::end(kScales) || indicator.decimals < 0 ||
      indicator.decimals > kDecimalsMax) {
    row.complain("\"scale\" is none of 1, 100 … 1000000, or \"decimals\" is not 0 to 6");
  }
  const auto denominator = indicator.denominator.kind;
  if ((*kind == NumeratorKind::share_of && denominator != DenominatorKind::facts) ||
      (*kind == NumeratorKind::survey_share && denominator != DenominatorKind::none)) {
    row.complain("a share is over facts, and a survey's share has no denominator");
  }
  indicator.breakdowns = row.list("breakdowns");
  for (const auto& dimension : indicator.breakdowns) {
    if (lists.find(dimension) == nullptr || dimension == "period" || dimension == "territory") {
      row.complain(fmt::format("\"breakdowns\" names \"{}\"", dimension));
    }
  }
}

Indicator read_indicator(NamedRow& row, const Words& words, const References& known,
                         const Codelists& lists) {
  Indicator indicator;
  indicator.id = row.text("id");
  if (!is_snake_case(indicator.id)) {
    row.complain("the id is not snake_case");
  }
  indicator.group = row.text("group");
  if (std::ranges::find(words.groups, indicator.group, &IndicatorGroup::id) == words.groups.end()) {
    row.complain(fmt::format("\"group\" names {}, which indicator_words.json does not have",
                             indicator.group));
  }
  indicator.name = row.names("name");
  indicator.definition = row.names("definition");
  read_measure(row, indicator, lists);
  const auto note = words.notes.find(row.text("comparability"));
  if (note == words.notes.end()) {
    row.complain("\"comparability\" names no note of indicator_words.json");
  } else {
    indicator.is_comparable = note->second.is_comparable;
    indicator.comparability = note->second.text;
  }
  indicator.disclosure = read_disclosure(row, row.value("disclosure"), lists);
  indicator.series = row.list("series");
  indicator.themes = read_references_of(row, "themes", known.themes);
  indicator.instruments = read_references_of(row, "instruments", known.instruments);
  indicator.commitments = read_references_of(row, "commitments", known.commitments);
  indicator.named_by = read_references_of(row, "named_by", known.documents);
  indicator.is_confirmed = row.flag("confirmed", true);
  indicator.source = row.text("source");
  row.finish();
  return indicator;
}

}  // namespace

bool FactFilter::accepts(const Codelists& lists, std::string_view dimension,
                         std::string_view code) const {
  const auto is_among = [&](const std::vector<std::string>& codes) {
    return std::ranges::any_of(
        codes, [&](const std::string& wanted) { return lists.is_within(dimension, code, wanted); });
  };
  const auto* wanted = find(dimension);
  if (wanted != nullptr && !is_among(*wanted)) {
    return false;
  }
  const auto it = std::ranges::find(except, dimension, &Terms::value_type::first);
  return it == except.end() || !is_among(it->second);
}

const std::vector<std::string>* FactFilter::find(std::string_view dimension) const noexcept {
  const auto it = std::ranges::find(terms, dimension, &Terms::value_type::first);
  return it == terms.end() ? nullptr : &it->second;
}

Result<Indicators> Indicators::load(const std::map<std::string, std::string, std::less<>>& files,
                                    const Codelists& lists) {
  Indicators result;
  auto words = ATALAYA_TRY(read_words(files));
  const auto known = ATALAYA_TRY(read_references(files));
  const auto rows = ATALAYA_TRY(read_rows(files, kFile, kReason));
  std::size_t number = 0;
  for (const auto& value : rows) {
    NamedRow row(kFile, ++number, value);
    Indicator indicator = read_indicator(row, words, known, lists);
    if (result.find(indicator.id) != nullptr) {
      row.complain("the id stands twice");
    }
    if (!row.ok()) {
      return bad(row.problem());
    }
    result.all_.push_back(std::move(indicator));
  }
  result.groups_ = std::move(words.groups);
  return result;
}

std::shared_ptr<const Indicators> Indicators::embedded() {
  static const auto indicators = [] {
    auto loaded = load(embedded_catalogue(), *Codelists::embedded());
    ATALAYA_CHECK(loaded.has_value());
    return std::make_shared<const Indicators>(std::move(*loaded));
  }();
  return indicators;
}

const Indicator* Indicators::find(std::string_view id) const noexcept {
  const auto it = std::ranges::find(all_, id, &Indicator::id);
  return it == all_.end() ? nullptr : &*it;
}

std::vector<const Indicator*> Indicators::find_by_series(std::string_view series) const {
  std::vector<const Indicator*> result;
  for (const auto& indicator : all_) {
    if (indicator.id == series ||
        std::ranges::find(indicator.series, series) != indicator.series.end()) {
      result.push_back(&indicator);
    }
  }
  return result;
}

std::vector<const Indicator*> Indicators::find_by_theme(std::string_view theme) const {
  std::vector<const Indicator*> result;
  for (const auto& indicator : all_) {
    if (std::ranges::find(indicator.themes, theme) != indicator.themes.end()) {
      result.push_back(&indicator);
    }
  }
  return result;
}

}  // namespace atalaya::observatory
