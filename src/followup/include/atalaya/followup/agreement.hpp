#pragma once
// How far coders agree beyond chance. Pure.
//
// Source: K. Krippendorff, Content Analysis (2004), chapter 11; "Computing Krippendorff's
// Alpha-Reliability" (2011), whose worked examples are the tests.

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace atalaya::followup {

enum class DataLevel { nominal, ordinal, interval };

/// One thing that was coded: the values that coders gave it, without those who gave none.
using CodedUnit = std::vector<std::int32_t>;

struct Agreement {
  std::optional<double> alpha;  // none: fewer than two pairable values, or no variation at all
  std::int64_t units = 0;       // with two values or more
  std::int64_t values = 0;      // in those
  DataLevel level = DataLevel::nominal;  // at which values were compared
};

[[nodiscard]] Agreement krippendorff_alpha(std::span<const CodedUnit> units, DataLevel level);

}  // namespace atalaya::followup
