// Any bytes as the answer of a server: every value is zero or empty after the first that does not
// fit, reading ends, and no text reaches beyond the bytes.
#include <cstdint>
#include <cstdlib>

#include "cluster_rows.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using atalaya::observatory::detail::cluster::RowReader;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  RowReader reader(bytes);
  while (reader.more()) {
    const auto slot = reader.number<std::uint8_t>();
    const auto text = reader.text();
    if (text.size() > size || (!reader.good() && !text.empty())) {
      std::abort();
    }
    if (slot % 2 == 0) {
      static_cast<void>(reader.number<std::uint32_t>());
    } else {
      static_cast<void>(reader.number<double>());
    }
  }
  if (!reader.good() && (reader.number<std::uint64_t>() != 0 || !reader.text().empty())) {
    std::abort();
  }
  return 0;
}
