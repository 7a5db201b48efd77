#pragma once
// Whether the words of a page stand in columns, and in which order these are read.

#include <vector>

#include "pdf_words.hpp"

namespace atalaya::files {

struct PdfRegion {
  std::vector<const PdfWord*> words;
  bool column = false;  // stands beside another one
};

struct PdfRegions {
  std::vector<PdfRegion> in_order;  // as they are read; all words, each once
  std::vector<double> gutters;      // where the strips between columns are
  bool doubtful = false;            // texts stand side by side as the rows of a table do
};

/// The regions of one page in the order of reading: what stands above columns, the columns from
/// left to right, what stands below them. A page without columns is one region. Markers before
/// their texts and narrow cells ("1.") are no columns. Cells of a table whose rows begin at the
/// same heights stay together, and the page is doubtful where they hold several words. `known`:
/// where other pages have gutters; there a few lines are columns, too.
[[nodiscard]] PdfRegions find_regions(const std::vector<const PdfWord*>& words,
                                      const std::vector<double>& known = {});

}  // namespace atalaya::files
