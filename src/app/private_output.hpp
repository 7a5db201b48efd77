#pragma once

#include <filesystem>
#include <string_view>

#include <atalaya/base/result.hpp>

namespace atalaya::app {

/// Writes a file that only its owner may read (mode 0600), whole or not at all. One that was there
/// is replaced, whatever its mode. Fails with unavailable (app.private_output) and what to do.
[[nodiscard]] Result<void> write_private(const std::filesystem::path& file, std::string_view text);

}  // namespace atalaya::app
