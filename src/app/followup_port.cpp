#include "followup_port.hpp"

#include <algorithm>

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

 private:
  using Figures = std::map<std::string, followup::IndicatorFigure>;

  // Of one country, or of all where none is named.
  Result<Figures> newest(std::string_view indicator, std::string_view country,
                         std::string_view as_of, Language language) const {
    Figures out;
    const auto* known = desk_.indicators().find(indicator);
    if (known == nullptr) {
      return out;
    }
    obs::TableQuery query;
    query.indicator = indicator;
    query.by = {{"territory", "country"}, {"period", "year"}};
    if (!country.empty()) {
      query.where = {{"territory", {std::string(country)}}};
    }
    query.as_of = as_of;
    const auto table = desk_.table(query);
    if (!table) {
      // Nothing published, overlapping sources and the like: no figure, and no failed page.
      const bool ours =
          table.error().code == ErrorCode::internal || table.error().code == ErrorCode::data_loss;
      return ours ? Result<Figures>(fail(table.error())) : out;
    }
    for (const obs::Cell& cell : table->cells) {
      followup::IndicatorFigure& figure = out[cell.codes.front()];
      if (figure.period >= cell.codes[1]) {
        continue;
      }
      figure.indicator = indicator;
      figure.title = title(indicator, language);
      figure.unit = known->unit;
      figure.period = cell.codes[1];
      figure.value = cell.rate ? cell.rate : cell.count;
      figure.low = cell.rate_low;
      figure.high = cell.rate_high;
      figure.status = to_string(cell.status);
      figure.release = table->release;
      figure.synthetic = table->synthetic;
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
