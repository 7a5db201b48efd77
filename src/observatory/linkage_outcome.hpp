#pragma once
// What a linkage's parts share.

#include <atalaya/observatory/linkage_desk.hpp>

namespace atalaya::observatory::detail {

/// Counts for analysts: as they are, with what the weights were and the range of the unseen.
[[nodiscard]] json::object linkage_result(const LinkageOutcome& outcome, json::array comparisons);

/// Counts for the public. All of them, lists' totals and group totals are protected together.
[[nodiscard]] Result<json::object> protected_agreement(const LinkageOutcome& outcome);

/// "police+forensic" for pattern 3.
[[nodiscard]] std::string pattern_name(const std::vector<LinkageList>& lists, std::size_t pattern);

}  // namespace atalaya::observatory::detail
