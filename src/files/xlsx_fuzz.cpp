// The xlsx reader on hostile containers, and on well-formed containers of hostile XML (the input is
// then the sheet, the shared texts and the styles).
#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include <atalaya/base/text.hpp>
#include <atalaya/files/tables.hpp>

#include "files_fixtures.hpp"

namespace {

void check(std::string_view bytes) {
  const auto workbook = atalaya::files::open_workbook(bytes, "fuzz.xlsx", {});
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
      return row < 100'000;
    });
    ATALAYA_CHECK(notes || notes.error().reason.starts_with("files."));
  }
}

constexpr std::string_view kRelations =
    "<Relationships><Relationship Id=\"a\" Type=\"x/officeDocument\" Target=\"xl/w.xml\"/>"
    "<Relationship Id=\"b\" Type=\"x/worksheet\" Target=\"s.xml\"/>"
    "<Relationship Id=\"c\" Type=\"x/sharedStrings\" Target=\"t.xml\"/>"
    "<Relationship Id=\"d\" Type=\"x/styles\" Target=\"s.xml\"/></Relationships>";
constexpr std::string_view kWorkbook =
    "<workbook xmlns:r=\"r\"><sheets><sheet name=\"s\" r:id=\"b\"/></sheets></workbook>";

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  if (bytes.starts_with("PK")) {
    check(bytes);
    return 0;
  }
  const std::string xml(bytes);
  check(atalaya::files::fixtures::make_zip({{"_rels/.rels", std::string(kRelations)},
                                            {"xl/_rels/w.xml.rels", std::string(kRelations)},
                                            {"xl/w.xml", std::string(kWorkbook)},
                                            {"xl/s.xml", xml},
                                            {"xl/t.xml", "<sst><si><t>a</t></si></sst>"}}));
  return 0;
}
