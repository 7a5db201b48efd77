#pragma once
// Files that hold tables: bytes of them, unpacked on the way, and cells of workbooks, under limits.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <atalaya/base/result.hpp>

namespace atalaya::files {

/// What a file may cost. The defaults let a packed csv of 5 GB through.
struct TableLimits {
  std::uint64_t unpacked_bytes_max = std::uint64_t{64} << 30U;  // of gz and zst, streamed
  /// Unpacked to packed bytes, beyond the first 64 MiB: real tables reach 60.
  std::uint64_t unpack_ratio_max = 1'000;
  std::uint64_t workbook_bytes_max = std::uint64_t{1} << 30U;  // the file itself, in memory
  std::uint64_t sheet_bytes_max = std::uint64_t{8} << 30U;     // inflated XML, streamed
  std::uint64_t shared_text_bytes_max = std::uint64_t{1} << 30U;
  std::uint64_t sheet_rows_max = 1'048'576;  // ISO/IEC 29500 implementations agree on these two
  std::uint32_t sheet_columns_max = 16'384;
};

enum class TableFormat { text, gzip, zstd, zip, compound, parquet, html, pdf };
/// By the first bytes: `compound` is the container of xls, `zip` that of xlsx and ods.
[[nodiscard]] TableFormat detect_table_format(std::string_view head) noexcept;

/// Bytes from somewhere, in order, once. Not for several threads at once.
class ByteSource {
 public:
  ByteSource() = default;
  ByteSource(const ByteSource&) = delete;
  ByteSource& operator=(const ByteSource&) = delete;
  virtual ~ByteSource() = default;
  /// Up to `size` bytes; 0 at the end, and only there.
  [[nodiscard]] virtual Result<std::size_t> read(char* out, std::size_t size) = 0;
  /// Bytes of the file on disk that were used so far, and of the whole file.
  [[nodiscard]] virtual std::uint64_t bytes_done() const noexcept = 0;
  [[nodiscard]] virtual std::uint64_t bytes_total() const noexcept = 0;
};

/// Fails with not_found (files.not_found), permission_denied (files.unreadable), invalid_argument
/// (files.not_a_file). Read errors later are unavailable (files.unreadable).
[[nodiscard]] Result<std::unique_ptr<ByteSource>> open_file_source(const std::string& path);
/// Borrows `bytes`.
[[nodiscard]] std::unique_ptr<ByteSource> open_memory_source(std::string_view bytes);
/// Peels gz (all members) and zst (all frames) off, also of one another, at most three times; what
/// is not packed comes back as it is. read() then fails with files.bomb, files.truncated and
/// files.malformed.
[[nodiscard]] Result<std::unique_ptr<ByteSource>> unpack(std::unique_ptr<ByteSource> source,
                                                         std::string_view name,
                                                         const TableLimits& limits);
/// All of it; fails with files.too_large beyond `bytes_max`.
[[nodiscard]] Result<std::string> read_all(ByteSource& source, std::string_view name,
                                           std::uint64_t bytes_max);
/// UTF-16 (with or without a byte order mark) as UTF-8; unpaired surrogates fail with
/// files.malformed.
enum class ByteOrder { little, big };
[[nodiscard]] std::unique_ptr<ByteSource> open_utf16_source(std::unique_ptr<ByteSource> source,
                                                            std::string_view name, ByteOrder order);

/// One sheet of a workbook, in the workbook's order.
struct SheetInfo {
  std::string name;
  bool visible = true;
};

/// What a sheet had that a reader should know.
struct SheetNotes {
  std::uint64_t formulas_without_value = 0;  // cells that were never computed
  std::uint64_t first_such_row = 0;
};

/// One row's cells from column A on, as texts: numbers in shortest round-trip form, or with the
/// leading zeros that an all-zero format shows; dates (by the cell's number format) as ISO 8601
/// `2023-04-17`, `2023-04-17T10:30:00`, `10:30:00`; TRUE and FALSE; errors such as #N/A. Views are
/// valid during the call. Empty rows are not delivered. False ends the reading.
using RowSink = std::function<bool(std::uint64_t row, std::span<const std::string_view> cells)>;

/// An open workbook, xlsx (also xlsm) or xls (Excel 97 and later). Borrows its bytes. One thread.
class Workbook {
 public:
  Workbook() = default;
  Workbook(const Workbook&) = delete;
  Workbook& operator=(const Workbook&) = delete;
  virtual ~Workbook() = default;
  [[nodiscard]] virtual const std::vector<SheetInfo>& sheets() const noexcept = 0;
  /// `sheet` < sheets().size().
  [[nodiscard]] virtual Result<SheetNotes> read_sheet(std::size_t sheet, const RowSink& sink) = 0;
};

/// By content. Fails with invalid_argument: files.ods, files.xlsb, files.not_a_table (another zip),
/// files.encrypted, files.truncated, files.malformed, files.bomb, files.xlsx.*, files.xls.*; all
/// with param `file`, those of a sheet with `sheet` and, where known, `line` (row).
[[nodiscard]] Result<std::unique_ptr<Workbook>> open_workbook(std::string_view bytes,
                                                              std::string_view name,
                                                              const TableLimits& limits);

/// Windows-1252 as UTF-8.
[[nodiscard]] std::string windows_1252_to_utf8(std::string_view bytes);

}  // namespace atalaya::files
