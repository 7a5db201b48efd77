#pragma once
// What a linkage's parts share.

#include <set>
#include <string>
#include <utility>
#include <vector>

#include <atalaya/observatory/linkage_desk.hpp>

namespace atalaya::observatory::detail {

/// Counts for analysts: as they are, with what the weights were and the range of the unseen.
[[nodiscard]] json::object linkage_result(const LinkageOutcome& outcome, json::array comparisons);

/// Counts for the public. All of them, lists' totals and group totals are protected together.
[[nodiscard]] Result<json::object> protected_agreement(const LinkageOutcome& outcome);

/// "police+forensic" for pattern 3.
[[nodiscard]] std::string pattern_name(const std::vector<LinkageList>& lists, std::size_t pattern);

/// A source and an indicator (id) that readers have figures of.
using Told = std::pair<std::string, std::string>;

/// Published agreements with hidden counts that such figures can give away: of one of the sources,
/// about the same kind of cases, and with a plan that does not reckon with readers who hold its
/// lists' totals. The other order is store_linkage()'s to check.
[[nodiscard]] Result<std::vector<std::string>> agreements_hiding(const Desk& desk,
                                                                 const std::set<Told>& told);

}  // namespace atalaya::observatory::detail
