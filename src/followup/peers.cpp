// Whose packages are taken in.
#include <iterator>
#include <set>

#include <fmt/format.h>

#include <atalaya/base/json.hpp>
#include <atalaya/base/text.hpp>
#include <atalaya/followup/packages.hpp>
#include <atalaya/followup/participation.hpp>

#include "checks.hpp"
#include "package_format.hpp"
#include "packages_rows.hpp"
#include "record.hpp"

namespace atalaya::followup {
namespace {

using detail::invalid;
using detail::missing;

Result<std::vector<Peer>> read_peers(store::Transaction& tx) {
  const auto rows = ATALAYA_TRY(tx.query(
      "SELECT p.key_name, p.verifier_key, p.name, p.added_at, p.added_by, COALESCE(p.removed_at, "
      "''), (SELECT COALESCE(MAX(k.number), 0) FROM followup_node_packages k WHERE k.peer = "
      "p.verifier_key), (SELECT COUNT(*) FROM followup_node_records r WHERE r.peer = "
      "p.verifier_key AND r.superseded_at IS NULL) FROM followup_nodes p ORDER BY p.name, "
      "p.added_at, p.verifier_key",
      {}));
  std::vector<Peer> out;
  for (const auto& row : rows) {
    out.push_back({row.text(0), row.text(1), row.text(2), row.text(3), row.text(4), row.text(5),
                   row.integer(6), row.integer(7)});
  }
  return out;
}

std::unexpected<Error> conflict(std::string_view reason, std::string_view detail,
                                std::string_view name) {
  return fail(Error{ErrorCode::conflict,
                    fmt::format("followup.peer.{}", reason),
                    std::string(detail),
                    {{"name", std::string(name)}}});
}

Result<bool> same_or_refused(const std::vector<Peer>& peers, std::string_view name,
                             const ledger::VerifierKey& key) {
  for (const Peer& peer : peers) {
    const bool same_key = peer.verifier_key == key.to_string();
    if (peer.key_name == key.name() && !same_key && peer.removed_at.empty()) {
      return conflict("key",
                      "this key name is trusted with another key: ask the other institution, then "
                      "remove the old one first",
                      peer.name);
    }
    if (peer.name == name && peer.key_name != key.name()) {
      return conflict("name_taken", "another node has this name here", name);
    }
    if (same_key && peer.removed_at.empty()) {
      return peer.name == name
                 ? Result<bool>(true)
                 : conflict("held", "this key is trusted already, under another name", peer.name);
    }
  }
  return false;
}

}  // namespace

Result<detail::PeerKeys> detail::PeerKeys::read(store::Transaction& tx) {
  std::set<std::string, std::less<>> trusted;
  for (const auto& row : ATALAYA_TRY(
           tx.query("SELECT verifier_key FROM followup_nodes WHERE removed_at IS NULL", {}))) {
    trusted.insert(row.text(0));
  }
  const auto rows = ATALAYA_TRY(
      tx.query("SELECT l.subject, l.leaf_index, b.payload FROM (SELECT DISTINCT key_name FROM "
               "followup_nodes) p JOIN ledger_leaves l ON l.subject = 'peer/' || p.key_name AND "
               "l.kind = 'followup.peer' JOIN ledger_payloads b ON b.leaf_index = l.leaf_index",
               {}));
  PeerKeys out;
  for (const auto& row : rows) {
    const auto said = ATALAYA_TRY(parse_json(as_text(row.blob(2)), "followup.peer"));
    // The leaf of a removal names no key.
    const auto* key = said.is_object() ? said.get_object().if_contains("key") : nullptr;
    if (key != nullptr && key->is_string()) {
      out.given_[row.text(0)][row.integer(1)] =
          trusted.contains(std::string_view(key->get_string()));
    }
  }
  return out;
}

bool detail::PeerKeys::trusts(std::string_view peer, std::int64_t leaf) const {
  const auto given = given_.find(peer);
  if (given == given_.end()) {
    return false;
  }
  const auto after = given->second.upper_bound(leaf);
  return after != given->second.begin() && std::prev(after)->second;
}

Result<void> Peers::add(std::string_view name, std::string_view verifier_key, std::string_view by,
                        std::string_view own_name) const {
  const std::string clean = ATALAYA_TRY(clean_text(name, Lines::one));
  if (clean.size() < 2 || clean.size() > 120) {
    return invalid("peer.name", clean);
  }
  if (fold(clean) == fold(own_name)) {
    return fail(Error{ErrorCode::invalid_argument,
                      "followup.peer.own_name",
                      "readers would take what the other node says for this node's own",
                      {{"name", clean}}});
  }
  const auto key = ATALAYA_TRY(ledger::VerifierKey::parse(trim(verifier_key)));
  if (key.to_string() == parts_.ledger->verifier().to_string()) {
    return invalid("peer.self", clean);
  }
  return parts_.database->write([&](store::Transaction& tx) -> Result<void> {
    const auto peers = ATALAYA_TRY(read_peers(tx));
    const bool same = ATALAYA_TRY(same_or_refused(peers, clean, key));
    if (same) {
      return {};
    }
    ATALAYA_TRY(tx.execute(
        "INSERT INTO followup_nodes(key_name, verifier_key, name, added_at, added_by) VALUES ($1, "
        "$2, $3, $4, $5) ON CONFLICT (verifier_key) DO UPDATE SET name = excluded.name, added_at = "
        "excluded.added_at, added_by = excluded.added_by, removed_at = NULL, removed_by = NULL",
        {key.name(), key.to_string(), clean, to_string(parts_.clock->now()), std::string(by)}));
    return detail::record(parts_, tx,
                          {"followup.peer",
                           fmt::format("peer/{}", key.name()),
                           {{"name", clean}, {"key", key.to_string()}, {"by", by}}},
                          {});
  });
}

Result<void> Peers::remove(std::string_view name, std::string_view by) const {
  ATALAYA_TRY(parts_.database->write([&](store::Transaction& tx) -> Result<void> {
    const auto found = ATALAYA_TRY(
        tx.query("UPDATE followup_nodes SET removed_at = $2, removed_by = $3 WHERE name = $1 AND "
                 "removed_at IS NULL RETURNING key_name, verifier_key",
                 {std::string(name), to_string(parts_.clock->now()), std::string(by)}));
    if (found.empty()) {
      return missing("peer", name);
    }
    const std::string key_name = found.front().text(0);
    const auto gone = ATALAYA_TRY(
        tx.query("UPDATE followup_node_records SET superseded_at = $2 WHERE peer = $1 AND "
                 "superseded_at IS NULL RETURNING kind, commitment, actor, value, scale, as_of",
                 {found.front().text(1), to_string(parts_.clock->now())}));
    std::vector<detail::Change> changes;
    for (const auto& row : gone) {
      const bool assessment = row.text(0) == "assessment";
      changes.push_back(detail::peer_change(
          row.text(0), row.text(1), row.text(2), assessment ? row.text(3) : "published", "",
          assessment ? fmt::format("{} {}", row.text(4), row.text(5)) : std::string(name), name));
    }
    return detail::record(parts_, tx,
                          {"followup.peer",
                           fmt::format("peer/{}", key_name),
                           {{"name", name}, {"removed", true}, {"by", by}}},
                          changes);
  }));
  return detail::noticed(parts_);
}

Result<std::vector<Peer>> Peers::list() const {
  std::vector<Peer> out;
  ATALAYA_TRY(parts_.database->read([&](store::Transaction& tx) -> Result<void> {
    out = ATALAYA_TRY(read_peers(tx));
    return {};
  }));
  return out;
}

}  // namespace atalaya::followup
