// The xls reader on hostile containers, and on sound containers of hostile records.
#include <cstdint>
#include <string>
#include <string_view>

#include <atalaya/base/text.hpp>
#include <atalaya/files/tables.hpp>

#include "xls_fixtures.hpp"

namespace {

void check(std::string_view bytes) {
  const auto workbook = atalaya::files::open_workbook(bytes, "fuzz.xls", {});
  if (!workbook) {
    ATALAYA_CHECK(workbook.error().reason.starts_with("files."));
    return;
  }
  for (std::size_t sheet = 0; sheet < (*workbook)->sheets().size() && sheet < 4; ++sheet) {
    std::uint64_t last = 0;
    const auto notes = (*workbook)->read_sheet(sheet, [&](std::uint64_t row, auto cells) {
      ATALAYA_CHECK(row > last);
      last = row;
      for (const std::string_view cell : cells) {
        ATALAYA_CHECK(!atalaya::find_invalid_utf8(cell));
      }
      return true;
    });
    ATALAYA_CHECK(notes || notes.error().reason.starts_with("files."));
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  namespace fixtures = atalaya::files::fixtures;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  if (bytes.starts_with("\xD0\xCF\x11\xE0")) {
    check(bytes);
    return 0;
  }
  const std::string_view half = bytes.substr(0, bytes.size() / 2);
  check(fixtures::make_compound(std::string(bytes)));
  check(fixtures::make_compound(fixtures::make_xls_stream(half, bytes.substr(half.size()))));
  return 0;
}
