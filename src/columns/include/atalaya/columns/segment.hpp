#pragma once
// Segments: immutable files of coded columns, the form in which a node keeps facts.
//
// A segment is written once, whole, and never changed: a correction is another segment. The bytes
// are fixed by docs/formats/segment.md, from which a reader in another language can be written.
// Equal facts give equal bytes, whatever the order of their dictionaries was: dictionaries are
// sorted, and hold no text that no row uses, so that an erased value is gone from the file too.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <atalaya/base/result.hpp>
#include <atalaya/columns/raw_table.hpp>

namespace atalaya::columns {

/// Column names: 1 to 64 of a-z, 0-9 and _.
inline constexpr std::size_t kSegmentNameBytesMax = 64;
inline constexpr std::size_t kSegmentColumnsMax = 256;
inline constexpr std::uint64_t kSegmentRowsMax = 1'000'000'000;
inline constexpr int kSegmentDecimalsMax = 6;
inline constexpr std::uint64_t kSegmentBlockRows = 65'536;

enum class RowOrder {
  as_given,  // keeps the order of the rows
  sorted,    // ascending by the columns' texts, first column first
  merged,    // sorted, and rows equal in every coded column become one: their values are added
};

/// Gathers columns in memory and writes them as one file. Not for several threads.
class SegmentWriter {
 public:
  /// `decimals`, 0 to 6: values are stored multiplied by 10^decimals (1250 with 2 is 12.50).
  /// `metadata`: a JSON object that the reader gives back in canonical spelling; integers only.
  explicit SegmentWriter(int decimals = 0, std::string metadata = "{}");

  /// A coded column. Texts of the dictionary may be any bytes; equal ones are taken as one.
  void add(RawColumn column);
  /// A column of numbers.
  void add_values(std::string name, std::vector<std::int64_t> values);

  /// Writes `path`, which must not exist: the bytes appear under that name complete and synced, or
  /// not at all, also when the machine stops in between. The columns are used up.
  /// Fails with invalid_argument (columns.segment.input: names, lengths or codes that do not fit,
  /// metadata; columns.segment.overflow: a merged value leaves 64 bits), conflict
  /// (columns.segment.exists), exhausted (columns.segment.disk_full), unavailable
  /// (columns.segment.io).
  Result<void> write(const std::string& path, RowOrder order = RowOrder::as_given) &&;

 private:
  struct Values {
    std::string name;
    std::vector<std::int64_t> values;
  };

  Result<void> check(std::size_t rows) const;
  Result<void> arrange(std::size_t& rows, RowOrder order);

  int decimals_;
  std::string metadata_;
  std::vector<RawColumn> columns_;
  std::vector<Values> values_;
};

struct SegmentColumn {
  enum class Kind { codes, values };
  std::string name;
  Kind kind = Kind::codes;
  std::size_t distinct = 0;  // entries of the dictionary; 0 for values
};

/// An open segment. open() reads and checks the description of the columns only; each column is
/// read and checked when it is loaded, so that a query pays for what it uses. All loading
/// functions may be called by any number of threads at once.
///
/// The file may come from anywhere: whatever is wrong with its bytes is data_loss
/// (columns.segment.damaged, parameters `file` and `what`), never undefined behaviour, and every
/// single changed byte is found by verify(). Loading needs memory for rows that are really in the
/// file, not for rows that a damaged description speaks of.
class Segment {
 public:
  /// Fails with not_found (columns.segment.not_found), unavailable (columns.segment.io) and
  /// data_loss (columns.segment.damaged).
  static Result<Segment> open(const std::string& path);

  Segment(Segment&&) noexcept;
  Segment& operator=(Segment&&) noexcept;
  ~Segment();

  [[nodiscard]] std::uint64_t rows() const noexcept;
  [[nodiscard]] int decimals() const noexcept;
  [[nodiscard]] const std::string& metadata() const noexcept;  // JSON object, canonical spelling
  /// Coded columns first, then values, each in the order in which they were added.
  [[nodiscard]] const std::vector<SegmentColumn>& columns() const noexcept;
  [[nodiscard]] bool has(std::string_view name) const noexcept;

  /// The dictionary alone (ascending by bytes, distinct), without reading a row.
  /// Both fail with not_found (columns.segment.no_column) for a name that is no coded column.
  [[nodiscard]] Result<Dictionary> load_dictionary(std::string_view name) const;
  [[nodiscard]] Result<RawColumn> load(std::string_view name) const;
  /// Fails with not_found (columns.segment.no_column) for a name that is no column of values.
  [[nodiscard]] Result<std::vector<std::int64_t>> load_values(std::string_view name) const;

  /// The same of one block alone: rows from block * kSegmentBlockRows on, for what need not be held
  /// whole. Beyond the last row: empty. Fail as above.
  [[nodiscard]] Result<std::vector<std::uint32_t>> load_codes(std::string_view name,
                                                              std::uint64_t block) const;
  [[nodiscard]] Result<std::vector<std::int64_t>> load_values(std::string_view name,
                                                              std::uint64_t block) const;

  /// Reads the whole file and every column, and says whether one bit of it differs from what was
  /// written. (Against somebody who changes a file and its checksums the caller records SHA-256.)
  [[nodiscard]] Result<void> verify() const;

 private:
  struct State;
  explicit Segment(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace atalaya::columns
