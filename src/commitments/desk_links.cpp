// Themes, instruments and institutions of a commitment, where a person knows better than rules and
// catalogue. The newest decision on a link holds whatever is imported later (see kInsertLink).
#include <algorithm>

#include <fmt/format.h>

#include "desk_state.hpp"
#include "wordings.hpp"

namespace atalaya::commitments {
namespace {

Result<void> check_link(const Catalogue& catalogue, const LinkDecision& link) {
  const bool known =
      (link.kind == "theme" && catalogue.find_theme(link.target) != nullptr) ||
      (link.kind == "instrument" && catalogue.find_instrument(link.target) != nullptr) ||
      (link.kind == "institution" && catalogue.find_institution(link.target) != nullptr);
  if (!known || (link.decision != "add" && link.decision != "remove")) {
    return fail(Error{ErrorCode::invalid_argument,
                      "commitments.link.bad",
                      "a link is a theme, an instrument or an institution of the catalogue, to "
                      "add or to remove",
                      {{"kind", link.kind.substr(0, 40)}, {"target", link.target.substr(0, 80)}}});
  }
  if (trim(link.reason).empty() || link.reason.size() > 2000 || find_invalid_utf8(link.reason) ||
      detail::has_controls(link.reason)) {
    return fail(ErrorCode::invalid_argument, "commitments.link.reason",
                "a reason of 1 to 2000 bytes is needed");
  }
  return {};
}

// Whether anything changed.
Result<bool> change_link(store::Transaction& tx, const std::string& id, const LinkDecision& link) {
  const auto changed = ATALAYA_TRY(
      link.decision == "remove"
          ? tx.execute(
                "DELETE FROM commitment_links WHERE commitment = $1 AND kind = $2 AND target = $3",
                {id, link.kind, link.target})
          : tx.execute("INSERT INTO commitment_links(commitment, kind, target, position, set_by) "
                       "SELECT CAST($1 AS TEXT), CAST($2 AS TEXT), CAST($3 AS TEXT), "
                       "COALESCE(MAX(position) + 1, 50), CAST($4 AS TEXT) FROM commitment_links "
                       "WHERE commitment = $1 AND kind = $2 ON CONFLICT (commitment, kind, target) "
                       "DO NOTHING",
                       {id, link.kind, link.target, link.set_by}));
  if (changed > 0 && link.kind == "theme") {
    ATALAYA_TRY(tx.execute(detail::kSettleTheme, {id}));
  }
  return changed > 0;
}

// Changes the links that are not so already, with history, leaves and feed; answers how many.
Result<std::int32_t> decide(store::Transaction& tx, const DeskParts& parts,
                            const std::vector<std::string>& ids, const LinkDecision& link) {
  const std::string now = to_string(parts.clock->now());
  std::vector<std::string> changed;
  std::vector<ledger::Event> leaves;
  for (const std::string& id : ids) {
    const bool any = ATALAYA_TRY(change_link(tx, id, link));
    if (!any) {
      continue;
    }
    ATALAYA_TRY(tx.execute(
        "INSERT INTO link_decisions(commitment, kind, target, version, decision, reason, set_by, "
        "set_at) SELECT CAST($1 AS TEXT), CAST($2 AS TEXT), CAST($3 AS TEXT), "
        "COALESCE(MAX(version), 0) + 1, CAST($4 AS TEXT), CAST($5 AS TEXT), CAST($6 AS TEXT), "
        "CAST($7 AS TEXT) FROM link_decisions WHERE commitment = $1 AND kind = $2 AND target = $3",
        {id, link.kind, link.target, link.decision, std::string(trim(link.reason)), link.set_by,
         now}));
    leaves.push_back(detail::event("commitments.link", id,
                                   {{"kind", link.kind},
                                    {"target", link.target},
                                    {"decision", link.decision},
                                    {"reason", trim(link.reason)},
                                    {"by", link.set_by}}));
    changed.push_back(id);
  }
  if (changed.empty()) {
    const bool remove = link.decision == "remove";
    return fail(ErrorCode::conflict, remove ? "commitments.link.none" : "commitments.link.exists",
                remove ? "there is no such link (any more)" : "that link is there already");
  }
  ATALAYA_TRY(parts.ledger->append(tx, leaves));
  ATALAYA_TRY(detail::feed(tx, changed));
  return static_cast<std::int32_t>(changed.size());
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
    ATALAYA_TRY(decide(tx, state_->parts, {commitment}, link));
    return {};
  }));
  ++state_->version;
  return {};
}

Result<LinkedPage> Desk::set_link_of_source(std::string_view source, const LinkDecision& link) {
  ATALAYA_TRY(check_link(catalogue(), link));
  LinkedPage out;
  ATALAYA_TRY(state_->parts.database->write([&](store::Transaction& tx) -> Result<void> {
    const auto rows = ATALAYA_TRY(tx.query(
        "SELECT DISTINCT commitment FROM appearances WHERE source = $1 ORDER BY commitment",
        {std::string(source)}));
    if (rows.empty()) {
      return fail(Error{ErrorCode::not_found,
                        "commitments.source.not_found",
                        "no document with commitments has this id",
                        {{"id", std::string(source.substr(0, 64))}}});
    }
    std::vector<std::string> ids;
    for (const auto& row : rows) {
      ids.push_back(row.text(0));
    }
    out.changed = ATALAYA_TRY(decide(tx, state_->parts, ids, link));
    out.unchanged = static_cast<std::int32_t>(ids.size()) - out.changed;
    return {};
  }));
  ++state_->version;
  return out;
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
