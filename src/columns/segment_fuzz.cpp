// Segments may come from a damaged disk or from somebody else. Every input is read as it is, and
// once more with its trailer made to fit, so that the checksums do not keep the parser from it.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include <sys/mman.h>
#include <unistd.h>

#include <atalaya/columns/segment.hpp>

#include "segment_format.hpp"

namespace {

using namespace atalaya::columns;

void read(std::string_view bytes) {
  const int file = ::memfd_create("segment", MFD_CLOEXEC);
  ATALAYA_CHECK(file >= 0);
  ATALAYA_CHECK(::write(file, bytes.data(), bytes.size()) == static_cast<ssize_t>(bytes.size()));
  const auto segment = Segment::open("/proc/self/fd/" + std::to_string(file));
  if (segment.has_value()) {
    for (const SegmentColumn& column : segment->columns()) {
      if (column.kind == SegmentColumn::Kind::values) {
        const auto loaded = segment->load_values(column.name);
        ATALAYA_CHECK(!loaded.has_value() || loaded->size() == segment->rows());
        continue;
      }
      const auto loaded = segment->load(column.name);
      ATALAYA_CHECK(!loaded.has_value() || (size(loaded->codes) == segment->rows() &&
                                            loaded->values.size() == column.distinct));
    }
    static_cast<void>(segment->verify());
  } else {
    ATALAYA_CHECK(segment.error().code == atalaya::ErrorCode::data_loss);
  }
  ::close(file);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  read(bytes);
  // Where the description begins is looked for, because what lies before it may have moved it.
  const std::size_t at = bytes.rfind("{\"block_rows\"");
  if (at != std::string_view::npos && bytes.size() - at > segment_format::kTrailerBytes) {
    const std::string_view before = bytes.substr(0, bytes.size() - segment_format::kTrailerBytes);
    const std::string_view text = before.substr(at);
    read(std::string(before) + segment_format::write_trailer(
                                   {.description_at = at,
                                    .description_bytes = static_cast<std::uint32_t>(text.size()),
                                    .description_crc32 = segment_format::crc32(text),
                                    .file_crc32 = segment_format::crc32(before)}));
  }
  return 0;
}
