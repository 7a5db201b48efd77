#pragma once
// The parts of a package's file before anything in it is believed. Private to the module.

#include <string>
#include <string_view>
#include <vector>

#include "record.hpp"

namespace atalaya::followup::detail {

struct PackageFile {
  std::string node, key, manifest;       // manifest: a proof file
  std::vector<std::string> records;      // proof files
  std::vector<std::string> consistency;  // consistency proofs from older checkpoints
};

[[nodiscard]] std::string write_package(const PackageFile& file);

/// A line of a cell's history about a record that came, went or changed at a peer; values are empty
/// where there is none. `kind`: assessment | alternative_report; `why` is "scale day" of an
/// assessment, as this node's own lines have it.
[[nodiscard]] Change peer_change(std::string_view kind, std::string_view commitment,
                                 std::string_view actor, std::string_view before,
                                 std::string_view after, std::string_view why,
                                 std::string_view peer);

}  // namespace atalaya::followup::detail
