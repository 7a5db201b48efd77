#pragma once
// Data and sources: indicators that somebody vouches for, treaty events, laws, documents, figures.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <atalaya/base/result.hpp>
#include <atalaya/followup/cube.hpp>
#include <atalaya/followup/parts.hpp>
#include <atalaya/followup/treaties.hpp>

namespace atalaya::followup {

struct IndicatorLink {
  std::int64_t id = 0;
  std::string commitment, indicator;
  std::string kind;    // measures_implementation | context: context never colours a cell
  std::string reason;  // why it says something about this commitment
  std::string name;    // who stands for that
  std::string added_at, added_by;
};

struct DataEntry {
  std::int64_t id = 0;
  std::string commitment, actor;
  std::string kind;  // law | document | figure
  std::string date, title, url, file, source, read_on, note;
  std::string added_at, added_by;
};

/// Everything that one cell holds of this layer, on one day.
struct CellData {
  struct Figure {
    IndicatorLink link;
    IndicatorFigure figure;
    bool baseline = false;  // is_baseline(): measures nothing of what was done about it
  };
  struct Treaty {
    std::string instrument;
    TreatyState state;
    bool asked = false;  // the commitment asks to join it
  };
  std::vector<Figure> figures;
  std::vector<Treaty> treaties;
  std::vector<DataEntry> entries;
};

/// Counts are whole and have no decimals; rates have one.
[[nodiscard]] int decimals_of(const IndicatorFigure& figure);
/// "12.3 (11.0–13.9)", "15,550"; "–" without a value.
[[nodiscard]] std::string figure_words(Language language, const IndicatorFigure& figure);

class DataSources {
 public:
  explicit DataSources(const Parts& parts) : parts_(parts) {}

  /// Fails with not_found (followup.commitment, .indicator), invalid_argument (followup.link),
  /// conflict (followup.link.exists).
  [[nodiscard]] Result<std::int64_t> link_indicator(const IndicatorLink& link,
                                                    std::string_view by) const;
  /// The reason stands in the history. Fails with not_found (followup.link), invalid_argument
  /// (followup.reason_short).
  [[nodiscard]] Result<void> withdraw_link(std::int64_t id, std::string_view reason,
                                           std::string_view by) const;
  /// Those that stand; "" = of all commitments.
  [[nodiscard]] Result<std::vector<IndicatorLink>> links(std::string_view commitment) const;

  /// Fails with not_found (followup.commitment, .actor), invalid_argument (followup.entry, .future:
  /// read on a day that has not come, .read_before).
  [[nodiscard]] Result<std::int64_t> add_entry(const DataEntry& entry, std::string_view by) const;
  /// The reason stands in the history. Fails with not_found (followup.entry.none), invalid_argument
  /// (followup.reason_short).
  [[nodiscard]] Result<void> withdraw_entry(std::int64_t id, std::string_view reason,
                                            std::string_view by) const;

  /// All that stand, by commitment and actor.
  [[nodiscard]] Result<std::vector<DataEntry>> entries() const;

  [[nodiscard]] Result<CellData> cell(std::string_view commitment, std::string_view actor,
                                      CivilDate as_of, Language language,
                                      std::optional<CivilDate> known_on = {}) const;

 private:
  Parts parts_;
};

}  // namespace atalaya::followup
