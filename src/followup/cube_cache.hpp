#pragma once
// The dated values of all cells in memory, so that any slice of a million values is looked up and
// not scanned. A write moves the history's counter; the next reader reads again only the cells
// that the history names since then. Private to the module; any thread.

#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include <atalaya/base/guarded.hpp>
#include <atalaya/followup/cube.hpp>
#include <atalaya/followup/parts.hpp>

namespace atalaya::followup {

class PersonalData;

class CubeCache {
 public:
  /// A value that holds from `day` on, until a later one.
  struct Dated {
    std::int32_t day = 0;    // 10000 * year + 100 * month + day
    std::int32_t order = 0;  // of writing, where two have the same day
    std::int32_t value = 0;  // index into texts
    bool dissent = false;
    std::int32_t known = 0;  // the day on which this node wrote it, as `day`
    std::int32_t node = -1;  // index into texts: the peer whose coders these are; -1 = this node
  };

  struct Values {
    std::int64_t position = -1;  // of the history that was read
    std::vector<std::string> texts;
    std::unordered_map<std::string, std::int32_t> ids;          // of texts
    std::unordered_map<std::string, std::vector<Dated>> cells;  // key(); ascending
    std::set<std::string, std::less<>> scales;                  // on which any cell is assessed

    [[nodiscard]] std::int32_t id_of(const std::string& text);
    /// What holds on `day`, as it was known at the end of the day `known`; null where nothing does.
    [[nodiscard]] const Dated* find(const std::string& key, std::int32_t day,
                                    std::int32_t known) const;
  };

  [[nodiscard]] static std::string report_key(std::string_view commitment, std::string_view actor);
  [[nodiscard]] static std::string assessment_key(std::string_view commitment,
                                                  std::string_view actor, std::string_view scale);
  [[nodiscard]] static std::int32_t day_of(CivilDate date);

  /// Brings the values up to the store and hands them to `use` under the lock.
  template <class Use>
  [[nodiscard]] Result<void> with(const Parts& parts, Use&& use) {
    return values_.with([&](Values& values) -> Result<void> {
      ATALAYA_TRY(refresh(parts, values));
      use(std::as_const(values));
      return {};
    });
  }

  /// The members in one language, kept until the commitments desk's version moves.
  [[nodiscard]] Result<std::shared_ptr<const std::vector<Member>>> members(const Parts& parts,
                                                                           Language language);
  /// The members as this node knew them at the end of `day`: not yet what was imported later, still
  /// what a later version of its page dropped, with the titles and treaties that editors had set by
  /// then. The catalogue's commitments, themes and the reading of clauses are today's.
  [[nodiscard]] static Result<std::vector<Member>> members_known(const Parts& parts,
                                                                 Language language, CivilDate day);
  /// Made at the first call; the catalogue is this node's and never another one.
  [[nodiscard]] std::shared_ptr<const PersonalData> personal_data(
      const commitments::Catalogue& catalogue);

  /// Takes from a bucket that fills up by itself with `per_hour`; false where it is empty. Kept in
  /// memory alone: a stored time would say when a stranger last wrote.
  [[nodiscard]] bool take_from(const std::string& bucket, std::int64_t per_hour, UtcTime now);

 private:
  struct Bucket {
    std::int64_t tokens_milli = 0, at_ms = 0;
  };

  static Result<void> refresh(const Parts& parts, Values& values);

  struct KeptMembers {
    std::int64_t version = -1;
    std::map<Language, std::shared_ptr<const std::vector<Member>>> by_language;
  };

  Guarded<Values> values_;
  Guarded<KeptMembers> members_;
  Guarded<std::shared_ptr<const PersonalData>> personal_data_;
  Guarded<std::map<std::string, Bucket>> buckets_;
};

}  // namespace atalaya::followup
