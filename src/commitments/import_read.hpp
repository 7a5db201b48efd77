#pragma once
// One file of an import as it is read, before anything is compared. Private to the module.

#include <string>
#include <vector>

#include <atalaya/commitments/import.hpp>

namespace atalaya::commitments {

struct ReadFile {
  FilePlan plan;
  std::vector<std::string> ids;  // the eight-character names of its items
};

/// Refuses (invalid_argument) a file whose last item ends in the middle of a sentence, unless it is
/// said to be `incomplete`, and one that reads as an item longer than kItemBytesMax.
[[nodiscard]] Result<ReadFile> read_one(const InputFile& file, const Catalogue& catalogue,
                                        bool incomplete);

}  // namespace atalaya::commitments
