#pragma once
// What the follow-up knows before anybody reports: scales, when treaties were opened, what states
// did about treaties and documents. Data in catalogue/followup/*.json, embedded; every row names
// its source and the day on which it was read. Immutable after load; any thread.

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <atalaya/base/result.hpp>
#include <atalaya/commitments/catalogue.hpp>
#include <atalaya/followup/treaties.hpp>

namespace atalaya::followup {

using commitments::Translated;

struct ScaleValue {
  std::string id;
  Translated label, definition;
  Translated mark;  // one or two letters for a cell of a matrix
  std::optional<std::int32_t> order;  // for ordinal scales; none for values outside the order
  std::optional<std::int32_t> g20;    // −1, 0, +1 in the derived view; none derives to no value
  std::int32_t step = 0;              // 0 … 5: which step of the sequential palette colours it
};

struct Scale {
  std::string id;     // implementation, results, fatf, …
  std::string layer;  // state_report | assessment
  std::string level;  // nominal | ordinal
  Translated label;
  bool needs_provision = false;  // a quoted provision of law belongs to each value
  std::vector<ScaleValue> values;
  std::string source;

  [[nodiscard]] const ScaleValue* find(std::string_view id) const noexcept;
};

/// What an actor did about a document.
struct Participation {
  std::int64_t id = 0;  // 0: the catalogue's
  std::string document, actor;
  std::string kind;     // took_part | adopted | joined_later | statement_of_position | left | absent
  std::string date;     // ISO, may be only a year
  std::string source, read_on, note;
  std::string added_at, added_by;
};

class Reference {
 public:
  /// The embedded data. Aborts if it is inconsistent (a test guards it).
  [[nodiscard]] static std::shared_ptr<const Reference> embedded(
      const commitments::Catalogue& catalogue);
  /// From memory: {"scales.json": bytes, "treaties.json": …, "participations.json": …}. Fails with
  /// invalid_argument (followup.catalogue.bad), naming file and row.
  [[nodiscard]] static Result<Reference> load(
      const std::map<std::string, std::string, std::less<>>& files,
      const commitments::Catalogue& catalogue);

  [[nodiscard]] const std::vector<Scale>& scales() const noexcept { return scales_; }
  [[nodiscard]] const Scale* find_scale(std::string_view id) const noexcept;
  /// The day from which a treaty could be signed; its adoption where none is recorded.
  [[nodiscard]] std::string opened(std::string_view instrument) const;
  /// From when the treaty binds whom; without `source` where no rule is held.
  [[nodiscard]] EntryRule entry_rule(const commitments::Instrument& treaty) const;
  [[nodiscard]] const std::vector<TreatyEvent>& treaty_events() const noexcept { return events_; }
  /// The catalogue's participations, its lists of participants included.
  [[nodiscard]] const std::vector<Participation>& participations() const noexcept {
    return participations_;
  }
  /// Of everything that is copied into the store.
  [[nodiscard]] const std::string& digest() const noexcept { return digest_; }

 private:
  std::vector<Scale> scales_;
  std::map<std::string, std::string, std::less<>> opened_;
  std::map<std::string, EntryRule, std::less<>> rules_;
  std::vector<TreatyEvent> events_;
  std::vector<Participation> participations_;
  std::string digest_;
};

}  // namespace atalaya::followup
