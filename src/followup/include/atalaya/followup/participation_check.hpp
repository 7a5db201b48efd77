#pragma once
// What looks at submissions as a whole. First, whether they say what the log says. Their words are in no digest of rows (ledger/rows.hpp),
// because a digest would let a guess at erased words be tested; each is compared with its own leaf.

#include <string>
#include <vector>

#include <atalaya/base/result.hpp>
#include <atalaya/followup/participation.hpp>
#include <atalaya/followup/parts.hpp>

namespace atalaya::followup {

/// One sentence for each thing that is wrong. Fails as the store and the log do.
[[nodiscard]] Result<std::vector<std::string>> check_submissions(const Parts& parts);

/// What the words of an attached file may lead to.
struct SearchedFile {
  std::int64_t ordinal = 0;
  bool read = false;   // false: an image, a locked or damaged file, a format without a reader
  bool whole = true;   // false: only its first mebibyte of words was searched
  std::vector<Finding> findings;
};

/// Reads every attached file of a submission with the readers of imports, each under their limits
/// (pdf in a child process). It costs up to seconds: for moderators, who look at one at a time.
/// Fails as the store does; a file that cannot be read is no failure.
[[nodiscard]] Result<std::vector<SearchedFile>> search_files(const Parts& parts,
                                                             const Submission& submission);

}  // namespace atalaya::followup
