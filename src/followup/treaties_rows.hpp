#pragma once
// From the bytes of a file to checked treaty events. Private to the module.

#include <string>
#include <string_view>
#include <vector>

#include <atalaya/followup/treaties.hpp>

namespace atalaya::followup::detail {

struct ReadRow {
  std::uint64_t line = 0;
  TreatyEvent event;
  bool retract = false;
};

struct ReadFile {
  std::string layout;  // atalaya | untc
  std::string instrument, snapshot, source;
  std::vector<ReadRow> rows;         // in the file's order; each right in itself
  std::vector<std::string> outside;  // sorted, each once
};

/// Fails as Treaties::plan() says. `held` are the events that count now: an act may rest on one.
[[nodiscard]] Result<ReadFile> read_treaty_file(const Parts& parts, std::string_view bytes,
                                                std::string_view file_name,
                                                const TreatyImportOptions& options,
                                                const std::vector<TreatyEvent>& held);

}  // namespace atalaya::followup::detail
