#include "followup_port.hpp"

#include <algorithm>

#include <atalaya/figures/locale.hpp>
#include <atalaya/figures/messages.hpp>

namespace atalaya::app {
namespace {

namespace obs = observatory;

class ObservatoryIndicators final : public followup::IndicatorPort {
 public:
  explicit ObservatoryIndicators(const obs::Desk& desk) : desk_(desk) {}

  [[nodiscard]] bool knows(std::string_view indicator) const override {
    return desk_.indicators().find(indicator) != nullptr;
  }

  [[nodiscard]] std::string title(std::string_view indicator, Language language) const override {
    const auto* found = desk_.indicators().find(indicator);
    return found == nullptr ? std::string(indicator) : found->name.in(language);
  }

  [[nodiscard]] Result<followup::IndicatorFigure> figure(std::string_view indicator,
                                                         std::string_view country,
                                                         std::string_view as_of,
                                                         Language language) const override {
    auto found = ATALAYA_TRY(newest(indicator, country, as_of, language));
    const auto at = found.find(std::string(country));
    if (at != found.end()) {
      return std::move(at->second);
    }
    followup::IndicatorFigure none;
    none.indicator = indicator;
    none.title = title(indicator, language);
    none.status = "none";
    return none;
  }

  [[nodiscard]] Result<std::map<std::string, followup::IndicatorFigure>> across(
      std::string_view indicator, std::string_view as_of, Language language) const override {
    return newest(indicator, "", as_of, language);
  }

  [[nodiscard]] Result<std::vector<followup::IndicatorFigure>> series(
      std::string_view indicator, std::string_view country, Language language) const override {
    std::vector<followup::IndicatorFigure> out;
    const auto table = ATALAYA_TRY(years(indicator, country, ""));
    if (table) {
      for (const obs::Cell& cell : table->cells) {
        out.push_back(figure_of(indicator, *table, cell, language));
      }
    }
    std::erase_if(out, [](const auto& figure) { return !figure.value; });
    std::ranges::sort(out, {}, &followup::IndicatorFigure::period);
    return out;
  }

 private:
  using Figures = std::map<std::string, followup::IndicatorFigure>;

  // Cells of countries by years: of one country, or of all where none is named. Where no table of
  // the indicator itself is published, the rows of a wider one's that are its own: the homicide
  // rate by sex holds that of women. Nothing where nothing is published, sources overlap and the
  // like: no figure, and no failed page.
  Result<std::optional<obs::Table>> years(std::string_view indicator, std::string_view country,
                                          std::string_view as_of) const {
    const auto* asked = desk_.indicators().find(indicator);
    std::optional<obs::Table> out;
    if (asked == nullptr) {
      return out;
    }
    obs::TableQuery query;
    query.indicator = indicator;
    query.by = {{"territory", "country"}, {"period", "year"}};
    if (!country.empty()) {
      query.where = {{"territory", {std::string(country)}}};
    }
    query.as_of = as_of;
    out = ATALAYA_TRY(published(query));
    for (const obs::Indicator& wider : desk_.indicators().all()) {
      const auto rows = out ? std::nullopt : rows_within(wider, *asked);
      if (rows) {
        obs::TableQuery part = query;
        part.indicator = wider.id;
        for (const auto& [dimension, codes] : *rows) {
          part.by.push_back({dimension, ""});
          part.where.emplace_back(dimension, codes);
        }
        out = ATALAYA_TRY(published(part));
      }
    }
    return out;
  }

  Result<std::optional<obs::Table>> published(const obs::TableQuery& query) const {
    std::optional<obs::Table> out;
    auto table = desk_.table(query);
    if (table) {
      out = *std::move(table);
    } else if (table.error().code == ErrorCode::internal ||
               table.error().code == ErrorCode::data_loss) {
      return fail(table.error());
    }
    return out;
  }

  // By which dimensions and codes a table of `wider` holds `asked`: the same thing counted in the
  // same way, of one sex, one age and the like. Nothing where it does not.
  static std::optional<obs::FactFilter::Terms> rows_within(const obs::Indicator& wider,
                                                           const obs::Indicator& asked) {
    const auto& all = wider.denominator;
    const auto& own = asked.denominator;
    if (wider.kind != obs::NumeratorKind::count || asked.kind != wider.kind ||
        asked.is_stock != wider.is_stock || asked.scale != wider.scale || all.kind != own.kind ||
        own.kind == obs::DenominatorKind::facts ||
        asked.numerator.except != wider.numerator.except) {
      return std::nullopt;
    }
    obs::FactFilter::Terms out;
    for (const auto& term : asked.numerator.terms) {
      const auto* held = wider.numerator.find(term.first);
      const bool broken_down =
          std::ranges::find(wider.breakdowns, term.first) != wider.breakdowns.end();
      if (held == nullptr && broken_down && term.second.size() == 1) {
        out.push_back(term);
      } else if (held == nullptr || *held != term.second) {
        return std::nullopt;
      }
    }
    // A row is measured against the residents of its own sex and age.
    const auto residents = [&](std::string_view dimension, const std::string& of_all) {
      const auto at = std::ranges::find(out, dimension, &obs::FactFilter::Terms::value_type::first);
      return at == out.end() ? of_all : at->second.front();
    };
    const bool same = own.sex == residents("sex", all.sex) && own.age == residents("age", all.age);
    const bool whole = wider.numerator.terms.size() + out.size() == asked.numerator.terms.size();
    return !out.empty() && whole && (own.kind == obs::DenominatorKind::none || same)
               ? std::optional(std::move(out))
               : std::nullopt;
  }

  // The unit of a figure as its own page says it.
  [[nodiscard]] std::string unit_words(const obs::Indicator& indicator, bool is_rate,
                                       Language language) const {
    const auto& messages = figures::Messages::embedded();
    const std::string unit = desk_.codelists().label("unit", indicator.unit, language);
    const std::string scale = figures::number(language, indicator.scale);
    if (!is_rate || indicator.denominator.kind == obs::DenominatorKind::none) {
      return unit;
    }
    if (indicator.denominator.kind == obs::DenominatorKind::population) {
      return messages.text(language, "figures.unit.rate", {{"unit", unit}, {"scale", scale}});
    }
    return indicator.scale == 100
               ? messages.text(language, "figures.unit.share", {})
               : messages.text(language, "figures.unit.ratio", {{"unit", unit}, {"scale", scale}});
  }

  [[nodiscard]] followup::IndicatorFigure figure_of(std::string_view indicator,
                                                    const obs::Table& table, const obs::Cell& cell,
                                                    Language language) const {
    followup::IndicatorFigure out;
    out.indicator = table.indicator == nullptr ? std::string(indicator) : table.indicator->id;
    out.title = title(indicator, language);
    out.unit = unit_words(*desk_.indicators().find(indicator), cell.rate.has_value(), language);
    out.period = cell.codes[1];
    out.value = cell.rate ? cell.rate : cell.count;
    const bool is_bound = !cell.rate && cell.count_high;  // the source hid a part of it
    out.low = is_bound ? cell.count : cell.rate_low;
    out.high = is_bound ? cell.count_high : cell.rate_high;
    out.status = to_string(cell.status);
    out.release = table.release;
    out.synthetic = table.synthetic;
    return out;
  }

  Result<Figures> newest(std::string_view indicator, std::string_view country,
                         std::string_view as_of, Language language) const {
    Figures out;
    const auto table = ATALAYA_TRY(years(indicator, country, as_of));
    if (!table) {
      return out;
    }
    for (const obs::Cell& cell : table->cells) {
      followup::IndicatorFigure& figure = out[cell.codes.front()];
      if (figure.period < cell.codes[1]) {
        figure = figure_of(indicator, *table, cell, language);
      }
    }
    return out;
  }

  const obs::Desk& desk_;
};

}  // namespace

std::shared_ptr<const followup::IndicatorPort> indicator_port(const observatory::Desk& desk) {
  return std::make_shared<ObservatoryIndicators>(desk);
}

}  // namespace atalaya::app
