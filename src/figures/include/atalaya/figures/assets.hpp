#pragma once
// The files that pages load: stylesheet, font, mark, script. Each is served under an address that
// holds the hash of its bytes, so that it may be kept for ever and a new release is seen at once.

#include <string_view>

namespace atalaya::figures {

/// All views live as long as the program. `gzip` and `brotli` are empty where the file is
/// compressed already (fonts).
struct Asset {
  std::string_view url;           // "/assets/atalaya.1a2b3c4d.css"
  std::string_view content_type;  // "text/css; charset=utf-8"
  std::string_view etag;          // a strong entity tag with its quotes
  std::string_view bytes;
  std::string_view gzip;
  std::string_view brotli;
};

/// The address of a file by its name without folder: "atalaya.css". A failed check when there is
/// no such file: names are literals of the program. Any thread.
[[nodiscard]] std::string_view asset_url(std::string_view name);

/// The asset of an address as asset_url() gives it; nullptr where the name or the hash is another.
/// Serve it with "Cache-Control: public, max-age=31536000, immutable". Any thread.
[[nodiscard]] const Asset* find_asset(std::string_view path);

}  // namespace atalaya::figures
