// Packages of other nodes: compared, then taken in whole or not at all.
#include <algorithm>
#include <map>
#include <set>

#include <fmt/format.h>

#include <atalaya/base/text.hpp>
#include <atalaya/followup/cube.hpp>
#include <atalaya/followup/packages.hpp>
#include <atalaya/followup/reference.hpp>
#include <atalaya/ledger/checkpoint.hpp>

#include "checks.hpp"
#include "package_format.hpp"
#include "packages_rows.hpp"
#include "record.hpp"

namespace atalaya::followup {
namespace {

using detail::invalid;

// What a record says, as its row holds it.
struct Row {
  std::string commitment, actor, as_of, scale, value, title;
  bool dissent = false;
};

Result<Row> row_of(const Parts& parts, const PackageRecord& record) {
  if (record.kind == RecordKind::alternative_report) {
    const auto report = ATALAYA_TRY(detail::report_from_record(record.body));
    return Row{report.commitment, report.actor, report.as_of, "", "", report.title, false};
  }
  const auto coding = ATALAYA_TRY(detail::coding_from_record(record.body));
  const Scale* scale = parts.reference->find_scale(coding.scale);
  if (scale == nullptr || scale->layer != "assessment" || scale->find(coding.value) == nullptr) {
    return invalid("package.record", fmt::format("{}: {}", coding.scale, coding.value));
  }
  return Row{coding.commitment, coding.actor, coding.as_of,  coding.scale,
             coding.value,      "",           coding.dissent};
}

struct Held {
  std::int64_t id = 0;
  PackageRecord record;
};

Result<std::vector<Held>> held_records(store::Transaction& tx, const std::string& peer) {
  const auto rows = ATALAYA_TRY(
      tx.query("SELECT id, record, kind, leaf, body FROM followup_node_records WHERE peer = $1 AND "
               "superseded_at IS NULL ORDER BY id",
               {peer}));
  std::vector<Held> out;
  for (const auto& row : rows) {
    out.push_back(
        {row.integer(0),
         {row.text(1),
          row.text(2) == "assessment" ? RecordKind::assessment : RecordKind::alternative_report,
          static_cast<std::uint64_t>(row.integer(3)), row.text(4)}});
  }
  return out;
}

struct Newest {
  std::int64_t number = 0;
  std::string manifest, checkpoint;
};

// Of those that the key signed: an earlier key of its name numbered its own, and rows of the time
// before keys were told apart hold both.
Result<Newest> newest_package(store::Transaction& tx, const ledger::VerifierKey& key) {
  const auto rows = ATALAYA_TRY(tx.query(
      "SELECT number, manifest, checkpoint FROM followup_node_packages WHERE peer = $1 ORDER "
      "BY number DESC",
      {key.to_string()}));
  for (const auto& row : rows) {
    const auto signed_by_key = ledger::open_checkpoint(row.text(2), key);
    if (signed_by_key || signed_by_key.error().reason != "ledger.checkpoint.unsigned") {
      return Newest{row.integer(0), row.text(1), row.text(2)};
    }
  }
  return Newest{};
}

std::unexpected<Error> rewritten(const Peer& peer, std::string_view what) {
  return fail(Error{ErrorCode::conflict,
                    "followup.package.rewritten",
                    fmt::format("{}: the node shows two histories; keep both files and ask the "
                                "institution that runs it",
                                what),
                    {{"name", peer.name}}});
}

// Older packages and histories that do not fit together are no news but a reason to stop.
Result<std::string> check_history(const Newest& held, const Package& package, const Peer& peer,
                                  const ledger::VerifierKey& key) {
  if (held.number == 0) {
    return std::string("first");
  }
  if (package.number < held.number) {
    return fail(Error{ErrorCode::conflict,
                      "followup.package.older",
                      "a newer package of this node is here already: it would take back what came "
                      "later; ask for its newest one",
                      {{"number", std::to_string(package.number)},
                       {"held", std::to_string(held.number)},
                       {"name", peer.name}}});
  }
  if (package.number == held.number && package.manifest != held.manifest) {
    return rewritten(peer, fmt::format("package {} says something else than the one that is here",
                                       package.number));
  }
  const auto before = ATALAYA_TRY(ledger::open_checkpoint(held.checkpoint, key));
  const auto now = ATALAYA_TRY(ledger::open_checkpoint(package.checkpoint, key));
  if (now.size == before.size) {
    return now.root == before.root ? Result<std::string>("shown")
                                   : rewritten(peer, "two logs of one size differ");
  }
  if (now.size < before.size && package.number > held.number) {
    return rewritten(peer, "its log became shorter");
  }
  return std::string(package.continues.contains(before.size) ? "shown" : "not_shown");
}

std::string shown_value(const PackageRecord& record, const Row& row) {
  return record.kind == RecordKind::assessment ? row.value : row.title;
}

Result<void> compare(const Parts& parts, const std::vector<Held>& held, PackageImportPlan& plan) {
  std::map<std::string, const Held*> by_id;
  for (const Held& one : held) {
    by_id[one.record.id] = &one;
  }
  std::set<std::string> here;
  const auto members = ATALAYA_TRY(Cube(parts).members(Language::en));
  for (const Member& member : members) {
    here.insert(member.row.id);
  }
  const auto add = [&](PackageChange change, const PackageRecord& record,
                       const PackageRecord* before) -> Result<void> {
    const Row row = ATALAYA_TRY(row_of(parts, record));
    PackageImportRow out{
        change, record, row.commitment, row.actor, {}, {}, here.contains(row.commitment)};
    out.after = change == PackageChange::withdrawn ? std::string() : shown_value(record, row);
    if (before != nullptr) {
      const Row old = ATALAYA_TRY(row_of(parts, *before));
      out.before = shown_value(*before, old);
      out.names_only = change == PackageChange::changed && record.kind == RecordKind::assessment &&
                       detail::same_but_names(before->body, record.body);
    }
    plan.rows.push_back(std::move(out));
    return {};
  };
  for (const PackageRecord& record : plan.package.records) {
    const auto it = by_id.find(record.id);
    const PackageRecord* before = it == by_id.end() ? nullptr : &it->second->record;
    const auto change = before == nullptr             ? PackageChange::added
                        : before->body == record.body ? PackageChange::unchanged
                                                      : PackageChange::changed;
    ATALAYA_TRY(add(change, record, before));
    by_id.erase(record.id);
  }
  for (const Held& one : held) {
    if (by_id.contains(one.record.id) && plan.package.what.contains(one.record.kind)) {
      ATALAYA_TRY(add(PackageChange::withdrawn, one.record, &one.record));
    }
  }
  return {};
}

Result<void> insert(store::Transaction& tx, const Parts& parts, const PackageImportPlan& plan,
                    const PackageRecord& record, std::int64_t id) {
  const Row row = ATALAYA_TRY(row_of(parts, record));
  ATALAYA_TRY(tx.execute(
      "INSERT INTO followup_node_records(id, peer, record, kind, leaf, number, commitment, actor, "
      "as_of, scale, value, dissent, body, imported_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, "
      "$9, $10, $11, $12, $13, $14)",
      {id, plan.peer.verifier_key, record.id, std::string(to_string(record.kind)),
       static_cast<std::int64_t>(record.leaf), plan.package.number, row.commitment, row.actor,
       row.as_of, row.scale, row.value, std::int64_t{row.dissent ? 1 : 0}, record.body,
       to_string(parts.clock->now())}));
  return {};
}

Result<void> write_rows(const Parts& parts, store::Transaction& tx, const PackageImportPlan& plan,
                        std::vector<detail::Change>& changes, json::array& said) {
  const auto fresh = plan.count(PackageChange::added) + plan.count(PackageChange::changed);
  std::int64_t id = ATALAYA_TRY(detail::next_ids(tx, fresh));
  for (const PackageImportRow& row : plan.rows) {
    if (row.change == PackageChange::unchanged) {
      continue;
    }
    if (row.change != PackageChange::added) {
      ATALAYA_TRY(tx.execute(
          "UPDATE followup_node_records SET superseded_at = $3 WHERE peer = $1 AND record = $2 AND "
          "superseded_at IS NULL",
          {plan.peer.verifier_key, row.record.id, to_string(parts.clock->now())}));
    }
    if (row.change != PackageChange::withdrawn) {
      ATALAYA_TRY(insert(tx, parts, plan, row.record, id++));
    }
    said.push_back(json::object{{"record", row.record.id},
                                {"change", to_string(row.change)},
                                {"sha256", to_hex(sha256(row.record.body))}});
    if (row.names_only) {
      continue;
    }
    const bool assessment = row.record.kind == RecordKind::assessment;
    const Row words = ATALAYA_TRY(row_of(parts, row.record));
    // A report's title is in no history: it may have to be taken back.
    changes.push_back(detail::peer_change(
        to_string(row.record.kind), row.commitment, row.actor,
        assessment           ? std::string_view(row.before)
        : row.before.empty() ? ""
                             : "published",
        assessment          ? std::string_view(row.after)
        : row.after.empty() ? ""
                            : "published",
        assessment ? fmt::format("{} {}", words.scale, words.as_of) : plan.peer.name,
        plan.peer.name));
  }
  return {};
}

}  // namespace

detail::Change detail::peer_change(std::string_view kind, std::string_view commitment,
                                   std::string_view actor, std::string_view before,
                                   std::string_view after, std::string_view why,
                                   std::string_view peer) {
  const std::string_view none = kind == "assessment" ? kNotAssessed : std::string_view();
  Change change;
  change.kind = kind;
  change.commitment = commitment;
  change.actor = actor;
  change.before = before.empty() ? none : before;
  change.after = after.empty() ? none : after;
  change.why = why;
  change.by = peer;
  return change;
}

std::string_view to_string(PackageChange change) noexcept {
  switch (change) {
    case PackageChange::added:
      return "added";
    case PackageChange::changed:
      return "changed";
    case PackageChange::withdrawn:
      return "withdrawn";
    case PackageChange::unchanged:
      return "unchanged";
  }
  return "unchanged";
}

std::int64_t PackageImportPlan::count(PackageChange change) const {
  return std::ranges::count(rows, change, &PackageImportRow::change);
}

bool PackageImportPlan::has_news() const {
  return package.number != based_on ||
         count(PackageChange::unchanged) != static_cast<std::int64_t>(rows.size());
}

Result<PackageImportPlan> Packages::plan(std::string_view bytes) const {
  const auto named = ATALAYA_TRY(package_key(bytes));
  const auto peers = ATALAYA_TRY(Peers(parts_).list());
  const auto peer = std::ranges::find_if(peers, [&](const Peer& one) {
    return one.key_name == named.name() && one.removed_at.empty();
  });
  if (peer == peers.end() || peer->verifier_key != named.to_string()) {
    const bool other = peer != peers.end();
    return fail(Error{ErrorCode::permission_denied,
                      other ? "followup.package.other_key" : "followup.package.untrusted",
                      other ? "the node is trusted with another key than the file names"
                            : "the key of this node is not trusted here",
                      {{"key", named.to_string()}, {"name", named.name()}}});
  }
  PackageImportPlan out;
  out.peer = *peer;
  // The key is the one that the operator gave, not the one in the file.
  const auto key = ATALAYA_TRY(ledger::VerifierKey::parse(peer->verifier_key));
  out.package = ATALAYA_TRY(open_package(bytes, key));
  std::vector<Held> held;
  Newest newest;
  ATALAYA_TRY(parts_.database->read([&](store::Transaction& tx) -> Result<void> {
    newest = ATALAYA_TRY(newest_package(tx, key));
    held = ATALAYA_TRY(held_records(tx, peer->verifier_key));
    return {};
  }));
  out.based_on = newest.number;
  out.continuity = ATALAYA_TRY(check_history(newest, out.package, out.peer, key));
  ATALAYA_TRY(compare(parts_, held, out));
  return out;
}

Result<void> Packages::apply(const PackageImportPlan& plan, std::string_view by) const {
  if (!plan.has_news()) {
    return {};
  }
  ATALAYA_TRY(parts_.database->write([&](store::Transaction& tx) -> Result<void> {
    const auto trusted = ATALAYA_TRY(
        tx.query("SELECT 1 FROM followup_nodes WHERE verifier_key = $1 AND removed_at IS NULL",
                 {plan.peer.verifier_key}));
    const auto key = ATALAYA_TRY(ledger::VerifierKey::parse(plan.peer.verifier_key));
    const Newest newest = ATALAYA_TRY(newest_package(tx, key));
    if (trusted.empty() || newest.number != plan.based_on) {
      return fail(ErrorCode::conflict, "followup.package.stale",
                  "another package of this node came in meanwhile; look at the difference again");
    }
    ATALAYA_TRY(tx.execute(
        "INSERT INTO followup_node_packages(peer, number, manifest, checkpoint, imported_at, "
        "imported_by) VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (peer, number) DO UPDATE SET "
        "manifest = excluded.manifest, checkpoint = excluded.checkpoint, imported_at = "
        "excluded.imported_at, imported_by = excluded.imported_by WHERE "
        "followup_node_packages.manifest <> excluded.manifest",
        {plan.peer.verifier_key, plan.package.number, plan.package.manifest,
         plan.package.checkpoint, to_string(parts_.clock->now()), std::string(by)}));
    std::vector<detail::Change> changes;
    json::array said;
    ATALAYA_TRY(write_rows(parts_, tx, plan, changes, said));
    const detail::Leaf leaf{"followup.package.import",
                            fmt::format("peer/{}/{}", plan.peer.key_name, plan.package.number),
                            {{"manifest_sha256", to_hex(sha256(plan.package.manifest))},
                             {"checkpoint", plan.package.checkpoint},
                             {"records", std::move(said)},
                             {"by", by}}};
    return detail::record(parts_, tx, leaf, changes);
  }));
  return detail::noticed(parts_);
}

}  // namespace atalaya::followup
