#pragma once
// What the search finds besides commitments: countries, meetings, indicators, treaties, institutions
// and themes, by their names in all four languages. A few hundred short names, so a list in memory and
// no index; the desks' own pages hold the rest.

#include <array>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include <atalaya/base/text.hpp>
#include <atalaya/commitments/catalogue.hpp>
#include <atalaya/observatory/indicators.hpp>

namespace atalaya::api {

struct Place {
  std::string kind;  // country | meeting | indicator | instrument | institution | theme
  std::string name;  // in the language asked for
  std::string path;  // without language
};

/// Immutable; any thread.
class Places {
 public:
  static constexpr std::size_t kMostOfKind = 5;

  Places(const commitments::Catalogue& catalogue, const observatory::Indicators& indicators);

  /// The things whose name has every word of `query` (in any of the four languages, by stems, the
  /// last word also by its beginning); a country's name in the query narrows to that country, and
  /// the other words name indicators. At most kMostOfKind of each kind, in the order of the kinds
  /// above, nearer names first. O(things × words).
  [[nodiscard]] std::vector<Place> find(std::string_view query, Language language) const;

 private:
  struct Words {
    std::vector<std::string> stems;  // sorted, without function words
    std::vector<std::string> words;  // folded, as written
    std::size_t needed = 0;          // words of the name itself, without function words
  };

  struct Thing {
    std::string kind, id, path;
    std::array<std::string, 4> names;  // in the order of kLanguages
    std::array<Words, 4> words;
  };

  struct Asked;

  void add(Thing thing, std::array<std::string, 4> more);
  [[nodiscard]] static bool has_all(const Thing& thing, const Asked& asked);
  [[nodiscard]] static bool take_name(const Thing& thing, Asked& asked);

  std::vector<Thing> things_;
};

}  // namespace atalaya::api
