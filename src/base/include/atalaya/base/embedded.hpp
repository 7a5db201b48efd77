#pragma once
// Files that are part of the program (catalogue, migrations, pages' assets): cmake/Embed.cmake.

#include <span>
#include <string_view>

namespace atalaya {

/// All views live as long as the program. `gzip` and `brotli` are empty unless the embedding
/// target asked for them.
struct EmbeddedFile {
  std::string_view path;
  std::string_view bytes;
  std::string_view gzip;
  std::string_view brotli;
};

}  // namespace atalaya

// Declares the two functions that atalaya_embed(… FUNCTION name …) defines.
#define ATALAYA_EMBEDDED(name)                                           \
  namespace atalaya::embedded {                                          \
  std::span<const EmbeddedFile> name##_all() noexcept;                   \
  const EmbeddedFile* name(std::string_view path) noexcept;              \
  }                                                                      \
  static_assert(true)
