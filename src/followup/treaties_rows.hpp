#pragma once
// From the bytes of a file to checked treaty events. Private to the module.

#include <string>
#include <string_view>
#include <vector>

#include <atalaya/commitments/catalogue.hpp>
#include <atalaya/followup/treaties.hpp>

namespace atalaya::followup::detail {

struct ReadRow {
  std::uint64_t line = 0;
  TreatyEvent event;
  bool retract = false;
  bool is_held = false;  // says what counts now in the same words
};

struct ReadFile {
  std::string layout;  // atalaya | untc
  std::string instrument, snapshot, source;
  std::vector<ReadRow> rows;         // in the file's order; each right in itself
  std::vector<std::string> outside;  // sorted, each once
  std::vector<ResemblingName> resembling;
};

/// The state that a list of participants names, in whichever spelling: "México (1)", "Grenada1/",
/// "Bolivia, Plurinational State of", "St. Vincent and Grenadines". Nothing where it is none.
[[nodiscard]] const commitments::Country* state_named(const commitments::Catalogue& catalogue,
                                                      std::string_view printed);
/// The state whose name an unread name holds or nearly is.
[[nodiscard]] const commitments::Country* state_resembled(const commitments::Catalogue& catalogue,
                                                          std::string_view printed);

/// Fails as Treaties::plan() says. `held` are the events that count now: an act may rest on one.
[[nodiscard]] Result<ReadFile> read_treaty_file(const Parts& parts, std::string_view bytes,
                                                std::string_view file_name,
                                                const TreatyImportOptions& options,
                                                const std::vector<TreatyEvent>& held);

}  // namespace atalaya::followup::detail
