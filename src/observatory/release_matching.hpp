#pragma once
// Figures of two sources that must be equal where both speak of the same cases. Shared by what
// finds such sources and what joins them; not for other sources.

#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <atalaya/observatory/codelists_rules.hpp>

#include "desk_state.hpp"

namespace atalaya::observatory::detail {

inline constexpr std::size_t kEqualMin = 3;
inline constexpr std::size_t kTenths = 9;  // of what is compared

// Of few figures all: a table of two places counts the same cases as another of both.
inline bool coincide(std::size_t equal, std::size_t compared) {
  return equal > 0 &&
         (equal == compared || (equal >= kEqualMin && 10 * equal >= kTenths * compared));
}

// Some rows of a source by what is compared, and what they come to.
struct FigureRows {
  std::int64_t value = 0;
  std::vector<std::size_t> rows;
};

using FiguresByKey = std::map<std::vector<std::string>, FigureRows>;

struct FigureMatch {
  std::vector<std::string> key;  // the coarser one
  std::vector<std::size_t> first, second;
  bool is_finer_first = true;  // whose codes tell more
};

struct FigureMatching {
  std::vector<FigureMatch> equal;
  std::vector<std::vector<std::string>> unequal;
};

// Finds the figures of two sources that must be equal if they speak of the same cases.
class FigureMatcher {
 public:
  FigureMatcher(const Territories& territories, std::vector<std::string> names)
      : territories_(territories), names_(std::move(names)) {}

  FigureMatching run(const FiguresByKey& first, const FiguresByKey& second) {
    FigureMatching out;
    const auto known_first = codes_in(first);
    const auto known_second = codes_in(second);
    FiguresByKey left_first;
    FiguresByKey left_second;
    for (const auto& [key, figure] : first) {
      const auto at = second.find(key);
      const std::int64_t other = at == second.end() ? 0 : at->second.value;
      if (figure.value == other) {
        out.equal.push_back(
            {key, figure.rows, at == second.end() ? std::vector<std::size_t>{} : at->second.rows});
      } else if (other != 0 || can_have(known_second, key)) {
        out.unequal.push_back(key);
      } else {
        left_first.emplace(key, figure);
      }
    }
    for (const auto& [key, figure] : second) {
      if (first.contains(key)) {
        continue;
      }
      if (figure.value == 0) {
        out.equal.push_back({key, {}, figure.rows});
      } else if (can_have(known_first, key)) {
        out.unequal.push_back(key);
      } else {
        left_second.emplace(key, figure);
      }
    }
    for (auto& [key, pair] : added_up(left_first, left_second)) {
      add(out, key, std::move(pair.first), std::move(pair.second), true);
    }
    for (auto& [key, pair] : added_up(left_second, left_first)) {
      add(out, key, std::move(pair.second), std::move(pair.first), false);
    }
    return out;
  }

 private:
  using Known = std::vector<std::set<std::string>>;

  [[nodiscard]] Known codes_in(const FiguresByKey& figures) const {
    Known out(names_.size());
    for (const auto& [key, figure] : figures) {
      for (std::size_t d = 0; d < key.size(); ++d) {
        out[d].insert(key[d]);
      }
    }
    return out;
  }

  // A source that tells of the place and of the month says by its silence that nobody was there.
  static bool can_have(const Known& known, const std::vector<std::string>& key) {
    for (std::size_t d = 0; d < key.size(); ++d) {
      if (!known[d].contains(key[d])) {
        return false;
      }
    }
    return true;
  }

  static void add(FigureMatching& out, const std::vector<std::string>& key, FigureRows first,
                  FigureRows second, bool finer_first) {
    if (first.value == second.value) {
      out.equal.push_back({key, std::move(first.rows), std::move(second.rows), finer_first});
    } else {
      out.unequal.push_back(key);
    }
  }

  // The coarse figures below which finer ones of the other source lie, with those.
  std::map<std::vector<std::string>, std::pair<FigureRows, FigureRows>> added_up(
      const FiguresByKey& fine, const FiguresByKey& coarse) {
    std::map<std::vector<std::string>, std::pair<FigureRows, FigureRows>> out;
    if (coarse.empty()) {
      return out;
    }
    for (const auto& [key, figure] : fine) {
      for (const auto& outer : above(key)) {
        const auto at = coarse.find(outer);
        if (at == coarse.end()) {
          continue;
        }
        auto& [sum, whole] = out[outer];
        sum.value += figure.value;
        sum.rows.insert(sum.rows.end(), figure.rows.begin(), figure.rows.end());
        whole = at->second;
      }
    }
    return out;
  }

  std::vector<std::vector<std::string>> above(const std::vector<std::string>& key) {
    std::vector<std::vector<std::string>> out{{}};
    for (std::size_t d = 0; d < key.size(); ++d) {
      std::vector<std::vector<std::string>> longer;
      for (const auto& begun : out) {
        for (const auto& code : chain(d, key[d])) {
          longer.push_back(begun);
          longer.back().push_back(code);
        }
      }
      out = std::move(longer);
    }
    return out;
  }

  // A code and what it lies in.
  const std::vector<std::string>& chain(std::size_t d, const std::string& code) {
    const auto [at, is_new] = chains_.emplace(std::pair{d, code}, std::vector<std::string>{code});
    if (!is_new) {
      return at->second;
    }
    auto& out = at->second;
    if (names_[d] == "period") {
      const auto period = parse_period(code);
      for (const PeriodKind kind : {PeriodKind::day, PeriodKind::week, PeriodKind::month,
                                    PeriodKind::quarter, PeriodKind::semester, PeriodKind::year}) {
        const auto outer = period ? roll_up(*period, kind) : std::nullopt;
        if (outer && period_code(*outer) != code) {
          out.push_back(period_code(*outer));
        }
      }
      return out;
    }
    std::string next = code;
    while (true) {
      next = names_[d] == "territory" ? territories_.parent(next)
                                      : territories_.lists().parent(names_[d], next);
      if (next.empty() || std::ranges::find(out, next) != out.end()) {
        return out;
      }
      out.push_back(next);
    }
  }

  const Territories& territories_;
  std::vector<std::string> names_;
  std::map<std::pair<std::size_t, std::string>, std::vector<std::string>> chains_;
};

}  // namespace atalaya::observatory::detail
