#pragma once
// Checks that several parts make of what people write. Private to the module.

#include <string>
#include <string_view>

#include <atalaya/followup/cube.hpp>
#include <atalaya/followup/parts.hpp>

namespace atalaya::followup::detail {

inline constexpr std::size_t kFieldBytesMax = 20'000;

[[nodiscard]] std::unexpected<Error> invalid(std::string_view reason, std::string_view value = {},
                                             std::string_view detail = {});
[[nodiscard]] std::unexpected<Error> missing(std::string_view reason, std::string_view id);

/// UTF-8 of at most `bytes_max`, without NUL. Fails with invalid_argument (followup.text).
[[nodiscard]] Result<void> check_text(std::string_view text,
                                      std::size_t bytes_max = kFieldBytesMax);

/// An ISO day not later than today. Fails with invalid_argument (followup.date, .future).
[[nodiscard]] Result<CivilDate> check_day(const Parts& parts, std::string_view text);

}  // namespace atalaya::followup::detail
