#pragma once
// What every part of the follow-up works with. The parts (Treaties, Reports, …) are views: cheap to
// make from a Parts, without state of their own, usable by any thread.

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <atalaya/base/result.hpp>
#include <atalaya/base/text.hpp>
#include <atalaya/base/time.hpp>
#include <atalaya/commitments/desk.hpp>
#include <atalaya/ledger/ledger.hpp>
#include <atalaya/store/database.hpp>

namespace atalaya::followup {

class Reference;
class CubeCache;  // private to the module: dated values of cells, kept until one changes

/// One published figure as the observatory tells it: never computed here.
struct IndicatorFigure {
  std::string indicator, title;  // title in the language asked for
  std::string unit;              // "victims, for every 100,000 inhabitants", in that language
  std::string period;            // ISO: "2023"
  std::optional<double> value, low, high;  // none when suppressed
  std::string status;   // observatory::CellStatus; "none" where nothing is published
  std::string release;  // id of the frozen publication that it stands in
  bool synthetic = false;
};

/// What the follow-up asks of the observatory; `app` connects it.
class IndicatorPort {
 public:
  IndicatorPort() = default;
  IndicatorPort(const IndicatorPort&) = delete;
  IndicatorPort& operator=(const IndicatorPort&) = delete;
  virtual ~IndicatorPort() = default;
  [[nodiscard]] virtual bool knows(std::string_view indicator) const = 0;
  [[nodiscard]] virtual std::string title(std::string_view indicator, Language language) const = 0;
  /// The newest published figure of a country as it stood at the end of `as_of` ("" = now); status
  /// "none" where there is none. Fails as the observatory does.
  [[nodiscard]] virtual Result<IndicatorFigure> figure(std::string_view indicator,
                                                       std::string_view country,
                                                       std::string_view as_of,
                                                       Language language) const = 0;
  /// The newest published figure of every country that has one, by ISO 3166-1 alpha-3.
  [[nodiscard]] virtual Result<std::map<std::string, IndicatorFigure>> across(
      std::string_view indicator, std::string_view as_of, Language language) const = 0;
  /// The newest published figures of a country, one a year that has one, oldest first.
  [[nodiscard]] virtual Result<std::vector<IndicatorFigure>> series(std::string_view indicator,
                                                                    std::string_view country,
                                                                    Language language) const = 0;
};

/// The pointers are set and outlive whatever is made from them.
struct Parts {
  store::Database* database = nullptr;
  ledger::Ledger* ledger = nullptr;
  commitments::Desk* commitments = nullptr;
  const Clock* clock = nullptr;
  std::shared_ptr<const Reference> reference;
  std::shared_ptr<const IndicatorPort> indicators;
  std::shared_ptr<CubeCache> cube;  // made by Desk::open()

  [[nodiscard]] const commitments::Catalogue& catalogue() const { return commitments->catalogue(); }

  [[nodiscard]] CivilDate today() const { return utc_date(clock->now()); }
};

}  // namespace atalaya::followup
