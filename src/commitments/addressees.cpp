#include <atalaya/commitments/addressees.hpp>

#include <algorithm>
#include <string_view>

#include "analysis_addressees.hpp"

namespace atalaya::commitments {
namespace {

// Kinds of addressee of analysis.hpp; anything else is the id of an institution.
bool is_body(std::string_view addressee) {
  constexpr std::string_view kOthers[] = {
      "states",   "states_and_organ",       "parliaments", "civil_society", "private_sector",
      "citizens", "international_community"};
  return std::ranges::find(kOthers, addressee) == std::end(kOthers);
}

struct Found {
  bool any = false, states = false;
  std::vector<std::string> organs;
};

}  // namespace

Result<std::map<std::string, Asked, std::less<>>> asked_by_commitment(store::Transaction& tx) {
  std::map<std::string, Found> asks;
  const auto clauses = ATALAYA_TRY(
      tx.query("SELECT commitment, addressee, addressee_printed, formulation FROM clauses ORDER BY "
               "commitment, ordinal"));
  for (const auto& row : clauses) {
    if (row.text(3) == "declaratory") {
      continue;
    }
    Found& found = asks[row.text(0)];
    found.any = true;
    const std::string& addressee = row.text(1);
    if (!is_body(addressee) || names_states(row.text(2))) {
      found.states = true;
    }
    if (is_body(addressee) && addressee != "organ" && addressee != "unnamed_body") {
      found.organs.push_back(addressee);
    }
  }
  std::map<std::string, Asked, std::less<>> out;
  for (auto& [id, found] : asks) {
    Asked& asked = out[id];
    asked.states = found.states || !found.any;
    std::ranges::sort(found.organs);
    const auto twice = std::ranges::unique(found.organs);
    found.organs.erase(twice.begin(), twice.end());
    asked.organs = std::move(found.organs);
  }
  const auto links = ATALAYA_TRY(
      tx.query("SELECT commitment, target, kind FROM commitment_links WHERE kind IN ('instrument', "
               "'theme') ORDER BY commitment, position"));
  for (const auto& row : links) {
    Asked& asked = out[row.text(0)];
    (row.text(2) == "theme" ? asked.themes : asked.instruments).push_back(row.text(1));
  }
  return out;
}

}  // namespace atalaya::commitments
