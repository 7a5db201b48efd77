#pragma once
// The territories that a node knows: the catalogue's countries and first-level subdivisions, and
// the municipalities that its files have named. Any thread; immutable after it was built.

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include <atalaya/observatory/codelists.hpp>

namespace atalaya::observatory {

/// A territory below the first level. `code` is ISO 3166-1 alpha-3, "_" and the national code.
struct LocalTerritory {
  std::string code, level, parent, name;
};

struct TerritoryMatch {
  std::string code;    // empty: none, or more than one
  std::string reason;  // exact, folded, alias, "spelling distance 1" …; or why there is none
  bool is_guess = false;
};

class Territories {
 public:
  Territories(std::shared_ptr<const Codelists> lists, std::vector<LocalTerritory> local);

  /// Of the catalogue or of this node. `COL_99999` is not known because its form is right.
  [[nodiscard]] bool knows(std::string_view code) const;
  /// One level up; empty at the top.
  [[nodiscard]] std::string parent(std::string_view code) const;
  /// "country", "admin1", "admin2" …; empty where the code is not known.
  [[nodiscard]] std::string level(std::string_view code) const;
  /// The ancestor of that level, the code itself included; empty where it is coarser.
  [[nodiscard]] std::string ancestor(std::string_view code, std::string_view level) const;
  [[nodiscard]] bool is_within(std::string_view code, std::string_view ancestor) const;
  [[nodiscard]] std::string name(std::string_view code, Language language) const;
  /// All codes directly below, by code.
  [[nodiscard]] std::vector<std::string> children(std::string_view code) const;

  /// Reads a name as a file writes it. `within` restricts to what lies in a territory; it may be a
  /// country. Never silently ambiguous.
  [[nodiscard]] TerritoryMatch match(std::string_view text, std::string_view within,
                                     std::string_view level) const;

  [[nodiscard]] const Codelists& lists() const noexcept { return *lists_; }
  [[nodiscard]] std::shared_ptr<const Codelists> shared_lists() const noexcept { return lists_; }

 private:
  std::shared_ptr<const Codelists> lists_;
  std::vector<LocalTerritory> local_;
  std::unordered_map<std::string, std::size_t> by_code_;
  std::unordered_map<std::string, std::vector<std::size_t>> by_name_;  // without accents and case
  std::unordered_map<std::string, std::vector<std::size_t>> by_parent_;
};

}  // namespace atalaya::observatory
