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
    followup::IndicatorFigure out;
    out.indicator = indicator;
    out.title = title(indicator, language);
    out.status = "none";
    const auto* known = desk_.indicators().find(indicator);
    if (known == nullptr) {
      return out;
    }
    obs::TableQuery query;
    query.indicator = indicator;
    query.by = {{"territory", "country"}, {"period", "year"}};
    query.where = {{"territory", {std::string(country)}}};
    query.as_of = as_of;
    const auto table = desk_.table(query);
    if (!table) {
      // Nothing published, overlapping sources and the like: no figure, and no failed page.
      const bool ours = table.error().code == ErrorCode::internal ||
                        table.error().code == ErrorCode::data_loss;
      return ours ? Result<followup::IndicatorFigure>(fail(table.error())) : out;
    }
    const obs::Cell* newest = nullptr;
    for (const obs::Cell& cell : table->cells) {
      if (cell.codes.front() == country && (newest == nullptr || newest->codes[1] < cell.codes[1])) {
        newest = &cell;
      }
    }
    if (newest == nullptr) {
      return out;
    }
    out.unit = known->unit;
    out.period = newest->codes[1];
    out.value = newest->rate ? newest->rate : newest->count;
    out.low = newest->rate_low;
    out.high = newest->rate_high;
    out.status = to_string(newest->status);
    out.release = table->release;
    out.synthetic = table->synthetic;
    return out;
  }

 private:
  const obs::Desk& desk_;
};

}  // namespace

std::shared_ptr<const followup::IndicatorPort> indicator_port(const observatory::Desk& desk) {
  return std::make_shared<ObservatoryIndicators>(desk);
}

}  // namespace atalaya::app
