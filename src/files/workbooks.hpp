#pragma once
// The two kinds of workbooks, and what they share.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <atalaya/base/result.hpp>
#include <atalaya/files/tables.hpp>

#include "cell_text.hpp"

namespace atalaya::files {

/// ECMA-376 (2016), SpreadsheetML. Also tells ods, xlsb and other containers apart.
[[nodiscard]] Result<std::unique_ptr<Workbook>> open_xlsx(std::string_view bytes,
                                                          std::string_view name,
                                                          const TableLimits& limits);
/// [MS-CFB] and [MS-XLS], BIFF8: Excel 97 to 2003.
[[nodiscard]] Result<std::unique_ptr<Workbook>> open_xls(std::string_view bytes,
                                                         std::string_view name,
                                                         const TableLimits& limits);

/// Many texts in one piece of memory.
class TextPool {
 public:
  [[nodiscard]] std::size_t size() const noexcept { return offsets_.size() - 1; }

  [[nodiscard]] std::size_t bytes() const noexcept { return bytes_.size(); }

  [[nodiscard]] std::string_view text(std::size_t i) const noexcept {
    return std::string_view(bytes_).substr(offsets_[i], offsets_[i + 1] - offsets_[i]);
  }

  void append(std::string_view text) { bytes_ += text; }  // to the text that is being made

  void close() { offsets_.push_back(bytes_.size()); }

 private:
  std::string bytes_;
  std::vector<std::size_t> offsets_{0};
};

/// The named stream of a compound file ([MS-CFB]); empty where there is none or it is damaged.
[[nodiscard]] std::string read_compound_stream(std::string_view bytes, std::string_view stream);

}  // namespace atalaya::files
