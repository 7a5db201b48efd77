#pragma once
// Charts of documents for paper: SVG that carries its colours as attributes, so that it looks the
// same in a page, a PDF and a docx, and changes no style of the page around it. Private; pure.

#include <optional>
#include <string>
#include <vector>

#include <atalaya/base/text.hpp>

namespace atalaya::followup::detail {

struct YearCount {
  std::int32_t year = 0;
  std::int64_t count = 0;
};

/// Bars from zero on an axis of years, each with its number.
[[nodiscard]] std::string year_bars(Language language, const std::vector<YearCount>& counts,
                                    std::string_view name);

struct DotRow {
  std::string label, text;  // the value as it is written
  double value = 0;
  std::optional<double> low, high;
  bool chosen = false;
};

/// A row a thing: name, dot with its interval from zero, value. In the order given.
[[nodiscard]] std::string dot_rows(const std::vector<DotRow>& rows, std::string_view name);

struct YearValue {
  std::int32_t year = 0;
  double value = 0;
  std::optional<double> low, high;
};

/// Points with their intervals over years, from zero; years that follow each other are joined, a
/// gap is left open. `values` in the order of years, at least one.
[[nodiscard]] std::string year_line(Language language, const std::vector<YearValue>& values,
                                    std::string_view name);

}  // namespace atalaya::followup::detail
