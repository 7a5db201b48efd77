// The parser on hostile text: it ends in a document whose items are well formed, or in an error
// with the file's name; and a second reading gives the same items.
#include <atalaya/commitments/parse.hpp>

#include <cstdint>
#include <memory>
#include <string_view>

#include <atalaya/base/text.hpp>
#include <atalaya/files/read.hpp>

namespace {

using atalaya::commitments::Catalogue;
using atalaya::commitments::ParsedDocument;
using atalaya::commitments::ParsedItem;

void check(const ParsedDocument& parsed) {
  std::int32_t ordinal = 0;
  for (const ParsedItem& item : parsed.items) {
    ATALAYA_CHECK(item.ordinal == ++ordinal);
    ATALAYA_CHECK(item.parent_ordinal >= 0 && item.parent_ordinal < item.ordinal);
    ATALAYA_CHECK((item.level == 1) == (item.parent_ordinal == 0));
    ATALAYA_CHECK(item.line >= 1 && item.line <= item.line_end);
    ATALAYA_CHECK(static_cast<std::size_t>(item.line_end) <= parsed.lines.size());
    ATALAYA_CHECK(!item.text.empty());
    ATALAYA_CHECK(!atalaya::find_invalid_utf8(item.text));
    ATALAYA_CHECK(!atalaya::find_invalid_utf8(item.citation.raw));
    ATALAYA_CHECK(!atalaya::find_invalid_utf8(item.citation.place));
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const std::shared_ptr<const Catalogue> kCatalogue = Catalogue::embedded();
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  if (bytes.starts_with("PK") || bytes.find("%PDF-") != std::string_view::npos) {
    return 0;  // other readers, with fuzz targets of their own
  }
  const auto read = atalaya::files::read_document(bytes, "fuzz.txt");
  if (!read) {
    return 0;
  }
  const auto once = atalaya::commitments::parse(*read, *kCatalogue);
  if (!once) {
    ATALAYA_CHECK(once.error().reason == "commitments.parse.no_items");
    return 0;
  }
  check(*once);
  ATALAYA_CHECK(once->uses.size() == read->lines.size());
  for (std::size_t i = 0; i < read->lines.size(); ++i) {
    const bool blank = atalaya::trim(read->lines[i].text).empty();
    ATALAYA_CHECK(blank == (once->uses[i] == atalaya::commitments::LineUse::blank));
  }
  const auto twice = atalaya::commitments::parse(*read, *kCatalogue);
  ATALAYA_CHECK(twice.has_value() && twice->items.size() == once->items.size() &&
                twice->warnings.size() == once->warnings.size());
  return 0;
}
