#pragma once
// What a linkage's parts share.

#include <set>
#include <string>

#include <atalaya/observatory/linkage_desk.hpp>

namespace atalaya::observatory::detail {

/// Counts for analysts: as they are, with what the weights were and the range of the unseen.
[[nodiscard]] json::object linkage_result(const LinkageOutcome& outcome, json::array comparisons);

/// Counts for the public. All of them, lists' totals and group totals are protected together.
[[nodiscard]] Result<json::object> protected_agreement(const LinkageOutcome& outcome);

/// "police+forensic" for pattern 3.
[[nodiscard]] std::string pattern_name(const std::vector<LinkageList>& lists, std::size_t pattern);

/// A published agreement with hidden counts about one of the sources, whose plan does not reckon
/// with readers who hold its lists' totals; empty: there is none. The other order is
/// store_linkage()'s to check.
[[nodiscard]] Result<std::string> agreement_hiding(const Desk& desk,
                                                   const std::set<std::string>& sources);

}  // namespace atalaya::observatory::detail
