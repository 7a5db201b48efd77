#include "zstd_bytes.hpp"

#include <zstd.h>

namespace atalaya::commitments::detail {

store::Blob pack(std::string_view bytes) {
  store::Blob out(ZSTD_compressBound(bytes.size()));
  const std::size_t size = ZSTD_compress(out.data(), out.size(), bytes.data(), bytes.size(), 6);
  ATALAYA_CHECK(ZSTD_isError(size) == 0);
  out.resize(size);
  return out;
}

Result<std::string> unpack(const store::Blob& packed, std::size_t size) {
  std::string out(size, '\0');
  const std::size_t got = ZSTD_decompress(out.data(), out.size(), packed.data(), packed.size());
  if (ZSTD_isError(got) != 0 || got != size) {
    return fail(ErrorCode::data_loss, "commitments.source.damaged",
                "a stored source document does not decompress; restore the node from a backup");
  }
  return out;
}

}  // namespace atalaya::commitments::detail
