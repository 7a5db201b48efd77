#pragma once
// Private to this module: the small spellings that checkpoints and proof files share.

#include <cstdint>
#include <optional>
#include <string_view>

#include <atalaya/crypto/hash.hpp>

namespace atalaya::ledger {

/// Sizes are stored as signed 64-bit integers; a log that grew by a million leaves a second would
/// take 146,000 years to reach this.
inline constexpr std::uint64_t kTreeSizeMax = std::uint64_t{1} << 62U;

/// Digits without a leading zero, below kTreeSizeMax.
[[nodiscard]] std::optional<std::uint64_t> read_decimal(std::string_view text) noexcept;

/// Exactly 32 bytes in padded base 64.
[[nodiscard]] std::optional<crypto::Hash> read_base64_hash(std::string_view text);

}  // namespace atalaya::ledger
