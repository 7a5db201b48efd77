#pragma once
// Places of a load: those that the node knows and those that join it with the load.

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include <atalaya/observatory/codelists_rules.hpp>
#include <atalaya/observatory/mapping.hpp>
#include <atalaya/observatory/territories.hpp>

namespace atalaya::observatory::detail {

/// Keeps the territories by reference.
class LoadPlaces {
 public:
  LoadPlaces(const Territories& territories, const std::vector<NewTerritory>& joining)
      : territories_(territories) {
    for (const auto& one : joining) {
      joining_[one.code] = one.parent;
    }
  }

  /// One level up; empty at the top.
  [[nodiscard]] std::string above(const std::string& place) const {
    const auto own = joining_.find(place);
    return own != joining_.end() ? own->second : territories_.parent(place);
  }

  /// What a time, a place or an offence is a part of, the nearest first.
  [[nodiscard]] std::vector<std::string> around(std::string_view dimension,
                                                std::string_view code) const {
    std::vector<std::string> out;
    if (dimension == "period") {
      const auto period = parse_period(code);
      for (int kind = period ? static_cast<int>(period->kind) - 1 : -1; kind >= 0; --kind) {
        if (const auto outer = roll_up(*period, static_cast<PeriodKind>(kind))) {
          out.push_back(period_code(*outer));
        }
      }
    } else if (dimension == "iccs") {
      for (std::size_t size = code.size(); size > 2; --size) {
        out.emplace_back(code.substr(0, size - 1));
      }
    } else {
      for (std::string up = above(std::string(code)); !up.empty(); up = above(up)) {
        out.push_back(up);
      }
    }
    return out;
  }

 private:
  const Territories& territories_;
  std::map<std::string, std::string> joining_;  // to what lies above
};

}  // namespace atalaya::observatory::detail
