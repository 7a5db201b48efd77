#pragma once
// Whether submissions say what the log says. Their words are in no digest of rows (ledger/rows.hpp),
// because a digest would let a guess at erased words be tested; each is compared with its own leaf.

#include <string>
#include <vector>

#include <atalaya/base/result.hpp>
#include <atalaya/followup/parts.hpp>

namespace atalaya::followup {

/// One sentence for each thing that is wrong. Fails as the store and the log do.
[[nodiscard]] Result<std::vector<std::string>> check_submissions(const Parts& parts);

}  // namespace atalaya::followup
