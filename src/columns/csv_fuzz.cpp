// Any bytes as a table, with one thread and with several, and with the options that change how the
// rows are cut: the same answer, every row accounted for, all texts UTF-8.
#include <atalaya/columns/read_table.hpp>

#include <cstdint>
#include <string_view>

#include <atalaya/base/text.hpp>

namespace {

using atalaya::columns::RawTable;
using atalaya::columns::ReadOptions;

void check(const atalaya::Result<RawTable>& table) {
  if (!table) {
    ATALAYA_CHECK(!table.error().reason.empty() && !table.error().detail.empty());
    return;
  }
  for (const atalaya::columns::RawColumn& column : table->columns) {
    ATALAYA_CHECK(atalaya::columns::size(column.codes) == table->rows);
    ATALAYA_CHECK(column.values.size() <= table->rows);
    for (std::uint32_t code = 0; code < column.values.size(); ++code) {
      ATALAYA_CHECK(!atalaya::find_invalid_utf8(column.values.text(code)));
    }
  }
  ATALAYA_CHECK(table->lines.empty() || table->lines.size() == table->rows);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  ReadOptions options;
  options.limits.unpacked_bytes_max = std::uint64_t{16} << 20U;
  options.limits.unpack_ratio_max = 100;
  check(atalaya::columns::read_table(bytes, "fuzz", options));
  options.header = atalaya::columns::Header::none;
  options.delimiter = ';';
  options.threads = 2;
  options.rows_max = 3;
  check(atalaya::columns::read_table(bytes, "fuzz", options));
  static_cast<void>(atalaya::columns::sniff(bytes, bytes));
  return 0;
}
