#include <atalaya/columns/disclosure_rounding.hpp>

#include <algorithm>
#include <numeric>

#include "suppression_model.hpp"

namespace atalaya::columns::disclosure {

std::int64_t round_unbiased(std::int64_t value, std::int64_t base, std::uint64_t seed,
                            std::string_view cell) noexcept {
  const std::int64_t rest = value % base;
  if (rest == 0) {
    return value;
  }
  std::uint64_t hash = mix(seed);
  for (const char byte : cell) {
    hash = mix(hash ^ static_cast<unsigned char>(byte));
  }
  // The modulo of 64 evenly spread bits by a base of a few units is even enough (bias < 2^-50).
  const auto chance = static_cast<std::int64_t>(hash % static_cast<std::uint64_t>(base));
  return value - rest + (chance < rest ? base : 0);
}

std::int64_t round_nearest(std::int64_t value, std::int64_t base) noexcept {
  const std::int64_t rest = value % base;
  return value - rest + (2 * rest >= base ? base : 0);
}

Result<std::vector<std::int64_t>> round_controlled(std::span<const std::int64_t> parts,
                                                   std::int64_t total, std::int64_t base) {
  if (base < 1 || std::ranges::any_of(parts, [](std::int64_t part) { return part < 0; })) {
    return fail(ErrorCode::invalid_argument, "disclosure.rounding",
                "rounding needs a base of at least 1 and counts that are not negative");
  }
  std::vector<std::int64_t> rounded(parts.size());
  std::vector<std::size_t> order;
  std::int64_t missing = total;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    rounded[i] = parts[i] - parts[i] % base;
    missing -= rounded[i];
    if (parts[i] % base != 0) {
      order.push_back(i);
    }
  }
  const std::int64_t raised = missing / base;
  if (missing % base != 0 || raised < 0 || raised > static_cast<std::int64_t>(order.size())) {
    return fail(ErrorCode::invalid_argument, "disclosure.rounding",
                "no neighbouring multiples of the parts add up to the total");
  }
  std::ranges::stable_sort(order, {}, [&](std::size_t i) { return -(parts[i] % base); });
  for (std::size_t i = 0; i < static_cast<std::size_t>(raised); ++i) {
    rounded[order[i]] += base;
  }
  return rounded;
}

RoundedInterval behind_rounded(std::int64_t rounded, std::int64_t base) noexcept {
  return {.low = std::max<std::int64_t>(0, rounded - base + 1), .high = rounded + base - 1};
}

}  // namespace atalaya::columns::disclosure
