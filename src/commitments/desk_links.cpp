// Instruments and institutions of a commitment, where a person knows better than rules and
// catalogue. The newest decision on a link holds whatever is imported later (see kInsertRuleLink
// and the catalogue's own rows in desk_write.cpp).
#include <algorithm>

#include <fmt/format.h>

#include "desk_state.hpp"

namespace atalaya::commitments {
namespace {

Result<void> check_link(const Catalogue& catalogue, const LinkDecision& link) {
  const bool known =
      (link.kind == "instrument" && catalogue.find_instrument(link.target) != nullptr) ||
      (link.kind == "institution" && catalogue.find_institution(link.target) != nullptr);
  if (!known || (link.decision != "add" && link.decision != "remove")) {
    return fail(Error{ErrorCode::invalid_argument,
                      "commitments.link.bad",
                      "a link is an instrument or an institution of the catalogue, to add or to "
                      "remove",
                      {{"kind", link.kind.substr(0, 40)}, {"target", link.target.substr(0, 80)}}});
  }
  if (trim(link.reason).empty() || link.reason.size() > 2000 || find_invalid_utf8(link.reason) ||
      detail::has_controls(link.reason)) {
    return fail(ErrorCode::invalid_argument, "commitments.link.reason",
                "a reason of 1 to 2000 bytes is needed");
  }
  return {};
}

Result<void> change_link(store::Transaction& tx, const std::string& id, const LinkDecision& link) {
  if (link.decision == "remove") {
    const auto removed = ATALAYA_TRY(tx.execute(
        "DELETE FROM commitment_links WHERE commitment = $1 AND kind = $2 AND target = $3",
        {id, link.kind, link.target}));
    if (removed == 0) {
      return fail(ErrorCode::conflict, "commitments.link.none",
                  "this commitment has no such link (any more)");
    }
    return {};
  }
  const auto added = ATALAYA_TRY(tx.execute(
      "INSERT INTO commitment_links(commitment, kind, target, position, set_by) VALUES ($1, $2, "
      "$3, 50, $4) ON CONFLICT (commitment, kind, target) DO NOTHING",
      {id, link.kind, link.target, link.set_by}));
  if (added == 0) {
    return fail(ErrorCode::conflict, "commitments.link.exists",
                "this commitment has that link already");
  }
  return {};
}

}  // namespace

Result<void> Desk::set_link(std::string_view id, const LinkDecision& link) {
  ATALAYA_TRY(check_link(catalogue(), link));
  const std::string commitment(id);
  ATALAYA_TRY(state_->parts.database->write([&](store::Transaction& tx) -> Result<void> {
    const auto known = ATALAYA_TRY(
        tx.query("SELECT 1 FROM commitments WHERE id = $1", {commitment}));
    if (known.empty()) {
      return fail(Error{ErrorCode::not_found,
                        "commitments.not_found",
                        "no commitment has this id",
                        {{"id", commitment.substr(0, 60)}}});
    }
    ATALAYA_TRY(change_link(tx, commitment, link));
    ATALAYA_TRY(tx.execute(
        "INSERT INTO link_decisions(commitment, kind, target, version, decision, reason, set_by, "
        "set_at) SELECT CAST($1 AS TEXT), CAST($2 AS TEXT), CAST($3 AS TEXT), "
        "COALESCE(MAX(version), 0) + 1, CAST($4 AS TEXT), CAST($5 AS TEXT), CAST($6 AS TEXT), "
        "CAST($7 AS TEXT) FROM link_decisions WHERE commitment = $1 AND kind = $2 AND target = $3",
        {commitment, link.kind, link.target, link.decision, std::string(trim(link.reason)),
         link.set_by, to_string(state_->parts.clock->now())}));
    const ledger::Event leaf = detail::event("commitments.link", id,
                                             {{"kind", link.kind},
                                              {"target", link.target},
                                              {"decision", link.decision},
                                              {"reason", trim(link.reason)},
                                              {"by", link.set_by}});
    ATALAYA_TRY(state_->parts.ledger->append(tx, {&leaf, 1}));
    return detail::feed(tx, {commitment});
  }));
  ++state_->version;
  return {};
}

Result<std::vector<LinkDecision>> Desk::link_history(std::string_view id) const {
  std::vector<LinkDecision> out;
  ATALAYA_TRY(state_->parts.database->read([&](store::Transaction& tx) -> Result<void> {
    out.clear();
    const auto rows = ATALAYA_TRY(
        tx.query("SELECT kind, target, decision, reason, set_by, set_at FROM link_decisions WHERE "
                 "commitment = $1 ORDER BY set_at, kind, target, version",
                 {std::string(id)}));
    for (const auto& row : rows) {
      out.push_back({row.text(0), row.text(1), row.text(2), row.text(3), row.text(4), row.text(5)});
    }
    return {};
  }));
  return out;
}

}  // namespace atalaya::commitments
