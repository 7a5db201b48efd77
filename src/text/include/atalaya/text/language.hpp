#pragma once

#include <optional>
#include <string_view>

#include <atalaya/base/text.hpp>

namespace atalaya::text {

/// The language a text is written in, by its function words, endings and letters; nothing when the
/// text is too short, in none of the four languages, or two languages explain it nearly as well
/// ("Tráfico de armas" is Spanish and Portuguese). Reads the first 20,000 bytes. Pure; any thread.
[[nodiscard]] std::optional<Language> detect_language(std::string_view text);

}  // namespace atalaya::text
