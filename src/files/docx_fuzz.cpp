// The docx reader on hostile containers, and on well-formed containers of hostile XML (the input is
// then word/document.xml, because mutated archives rarely get past their checksums).
#include <atalaya/files/read.hpp>

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include <atalaya/base/text.hpp>

#include "files_fixtures.hpp"
#include "readers.hpp"

namespace {

void check(const atalaya::Result<atalaya::files::TextDocument>& read) {
  if (!read) {
    ATALAYA_CHECK(read.error().reason.starts_with("files.") && !read.error().params.empty());
    return;
  }
  for (const atalaya::files::Line& line : read->lines) {
    ATALAYA_CHECK(!atalaya::find_invalid_utf8(line.text));
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  check(atalaya::files::read_docx(bytes, "fuzz.docx"));
  if (!bytes.starts_with("PK")) {
    const std::string xml(bytes);
    check(atalaya::files::read_docx(
        atalaya::files::fixtures::make_zip({{"[Content_Types].xml", "<Types/>"},
                                            {"word/document.xml", xml},
                                            {"word/numbering.xml", xml},
                                            {"word/footnotes.xml", xml}}),
        "fuzz.docx"));
  }
  return 0;
}
