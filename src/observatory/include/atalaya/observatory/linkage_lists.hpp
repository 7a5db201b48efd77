#pragma once
// How many cases no list has: capture and recapture by log-linear models over three or more lists.
// What comes out depends on the model more than on the data, so every model is shown, and the range
// over them is the result, never one number. Not to be shown beside an official total.
// Pure; any thread. Source: Fienberg, Biometrika 1972;59:591-603; Bishop, Fienberg, Holland,
// Discrete Multivariate Analysis, 1975. docs/methods/linkage.md.

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <atalaya/base/result.hpp>
#include <atalaya/observatory/rates.hpp>

namespace atalaya::observatory {

inline constexpr std::size_t kListsMin = 3;
inline constexpr std::size_t kListsMax = 5;

/// One model: which pairs of lists are taken as dependent (0-based).
struct ListModel {
  std::vector<std::pair<std::size_t, std::size_t>> dependent;
  double unseen = 0;
  Interval unseen_interval;  // 95 %, log-normal; chance variation only
  double total = 0;          // seen + unseen
  double aic = 0;
  double deviance = 0;
  double degrees = 0;  // of freedom that are left; 0: fits everything, explains nothing
};

struct UnseenEstimate {
  std::int64_t seen = 0;
  /// Those that could be fitted with a finite estimate, best AIC first.
  std::vector<ListModel> models;
  std::size_t models_not_fitted = 0;
  /// Least and most total over the models whose AIC is within `aic_span` of the best: the result.
  double total_low = 0;
  double total_high = 0;
  /// The same over all models.
  double total_low_all = 0;
  double total_high_all = 0;
};

/// `counts[c]`: cases whose lists are the bits of c (bit i: on list i), from the linkage; counts[0]
/// is not known and must be 0; 2^lists entries. Fails with invalid_argument: observatory.linkage.
/// too_few_lists (two lists cannot tell dependence from absence: a third is needed),
/// too_many_lists, bad_counts, or no_estimate where no model fits.
[[nodiscard]] Result<UnseenEstimate> estimate_unseen(std::span<const std::int64_t> counts,
                                                     std::size_t lists, double aic_span = 10);

}  // namespace atalaya::observatory
