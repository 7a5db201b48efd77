// The html reader on hostile bytes: it ends, within its limits, in a document or in an error that
// names the file.
#include <atalaya/files/read.hpp>

#include <cstdint>
#include <string>
#include <string_view>

#include <atalaya/base/text.hpp>

#include "readers.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const auto read = atalaya::files::read_html(bytes, "fuzz.html");
  if (!read) {
    ATALAYA_CHECK(read.error().reason.starts_with("files.") && !read.error().params.empty());
    return 0;
  }
  std::size_t shown = 0;
  for (const atalaya::files::Line& line : read->lines) {
    ATALAYA_CHECK(line.number >= 0);
    ATALAYA_CHECK(!atalaya::find_invalid_utf8(line.text));
    ATALAYA_CHECK(line.text.find('\n') == std::string::npos);
    shown += line.text.empty() ? 0U : 1U;
  }
  ATALAYA_CHECK(shown > 0);
  return 0;
}
