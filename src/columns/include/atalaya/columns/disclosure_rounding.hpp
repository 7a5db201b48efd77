#pragma once
// Rounding of published counts to a base, where a publisher prefers that to hidden cells.

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include <atalaya/base/result.hpp>

namespace atalaya::columns::disclosure {

/// `value` rounded to a multiple of `base` so that the expected result is `value`: up with
/// probability (value mod base) / base. Chance comes from the seed of the release policy and the
/// cell's own name ("territory=CO-ANT,period=2023"), so that a cell is rounded alike wherever and
/// whenever it is printed, and asking again teaches nothing. Keep the seed secret.
/// `value` >= 0, `base` >= 1. Multiples of the base stay as they are. Pure; any thread.
[[nodiscard]] std::int64_t round_unbiased(std::int64_t value, std::int64_t base, std::uint64_t seed,
                                          std::string_view cell) noexcept;

/// Rounds the parts of a line so that they add up to `total`, each to a neighbouring multiple of
/// `base`: the largest remainders go up, the first of equals. Called from the top of a hierarchy
/// downwards it keeps every table of that hierarchy additive; tables that cross need not be.
/// Fails with invalid_argument (disclosure.rounding) when a part is negative, base < 1, or total
/// is no multiple of base that neighbouring multiples of the parts can add up to.
[[nodiscard]] Result<std::vector<std::int64_t>> round_controlled(
    std::span<const std::int64_t> parts, std::int64_t total, std::int64_t base);

/// The multiple of `base` next to `value`, halves upwards: for the top of a hierarchy.
[[nodiscard]] std::int64_t round_nearest(std::int64_t value, std::int64_t base) noexcept;

/// What a reader learns from one rounded figure: `value` lies in [low, high].
struct RoundedInterval {
  std::int64_t low = 0;
  std::int64_t high = 0;
};

[[nodiscard]] RoundedInterval behind_rounded(std::int64_t rounded, std::int64_t base) noexcept;

}  // namespace atalaya::columns::disclosure
