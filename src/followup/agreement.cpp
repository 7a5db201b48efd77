// alpha = 1 − observed disagreement / expected disagreement, over the coincidences of values within
// units. A unit with m values contributes each of its m(m−1) ordered pairs with weight 1/(m−1), so
// that missing values need no filling in.
#include <atalaya/followup/agreement.hpp>

#include <algorithm>
#include <map>

namespace atalaya::followup {
namespace {

using Totals = std::map<std::int32_t, double>;  // value -> pairable values of it

// The square of the distance of two values: 1 where nominal ones differ; by rank, with the values
// between counted whole and the two ends by half, where they are ordered.
double distance(std::int32_t a, std::int32_t b, const Totals& totals, DataLevel level) {
  if (a == b) {
    return 0;
  }
  if (level == DataLevel::nominal) {
    return 1;
  }
  if (level == DataLevel::interval) {
    const double difference = a - b;
    return difference * difference;
  }
  const auto [low, high] = std::minmax(a, b);
  double between = 0;
  for (const auto& [value, count] : totals) {
    if (value >= low && value <= high) {
      between += count;
    }
  }
  between -= (totals.at(low) + totals.at(high)) / 2;
  return between * between;
}

}  // namespace

Agreement krippendorff_alpha(std::span<const CodedUnit> units, DataLevel level) {
  Agreement out;
  Totals totals;
  std::map<std::pair<std::int32_t, std::int32_t>, double> coincidences;
  for (const CodedUnit& unit : units) {
    if (unit.size() < 2) {
      continue;
    }
    ++out.units;
    out.values += static_cast<std::int64_t>(unit.size());
    const double weight = 1.0 / static_cast<double>(unit.size() - 1);
    for (std::size_t i = 0; i < unit.size(); ++i) {
      totals[unit[i]] += 1;
      for (std::size_t j = 0; j < unit.size(); ++j) {
        if (i != j) {
          coincidences[{unit[i], unit[j]}] += weight;
        }
      }
    }
  }
  out.level = level;
  const auto n = static_cast<double>(out.values);
  double observed = 0;
  for (const auto& [pair, count] : coincidences) {
    observed += count * distance(pair.first, pair.second, totals, level);
  }
  double expected = 0;
  for (const auto& [a, count_a] : totals) {
    for (const auto& [b, count_b] : totals) {
      expected += count_a * count_b * distance(a, b, totals, level);
    }
  }
  if (n < 2 || expected <= 0) {
    return out;
  }
  out.alpha = 1.0 - (n - 1) * observed / expected;
  return out;
}

}  // namespace atalaya::followup
