#pragma once
// The threads' dictionaries and blocks to one table.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include <atalaya/columns/raw_table.hpp>

#include "csv_parser.hpp"

namespace atalaya::columns {

struct MergeInput {
  std::vector<std::unique_ptr<BlockParser>> parsers;
  std::vector<BlockRows> blocks;  // ascending; their codes are consumed
  std::size_t rows = 0;           // to take, of all blocks together
  bool windows_1252 = false;      // texts are decoded
  unsigned threads = 1;
};

/// Fills values and codes of table.columns, one for each wanted field. Codes follow the order of
/// first appearance in the file, whatever the number of threads.
void merge_columns(MergeInput& input, RawTable& table);

}  // namespace atalaya::columns
