#include "record.hpp"

namespace atalaya::followup::detail {
namespace {

Result<std::int64_t> advance(store::Transaction& tx, std::string_view counter, std::int64_t by) {
  const auto row = ATALAYA_TRY(
      tx.query_one("UPDATE counters SET value = value + $2 WHERE name = $1 RETURNING value",
                   {std::string(counter), by}));
  return row.integer(0);
}

}  // namespace

Result<std::int64_t> next_ids(store::Transaction& tx, std::int64_t count) {
  const std::int64_t last = ATALAYA_TRY(advance(tx, "followup_ids", count));
  return last - count + 1;
}

Result<void> record(const Parts& parts, store::Transaction& tx, const Leaf& leaf,
                    const std::vector<Change>& changes) {
  ATALAYA_TRY(record_at(parts, tx, leaf, changes));
  return {};
}

Result<std::int64_t> record_at(const Parts& parts, store::Transaction& tx, const Leaf& leaf,
                               const std::vector<Change>& changes) {
  const ledger::Event event{std::string(leaf.kind), leaf.subject, canonical_json(leaf.payload)};
  const std::uint64_t index = ATALAYA_TRY(parts.ledger->append(tx, {&event, 1}));
  // A change that is not to be seen yet moves the counter all the same: what its writer sees of it
  // must not come from a cache.
  const auto count = static_cast<std::int64_t>(changes.size());
  if (count == 0) {
    ATALAYA_TRY(advance(tx, "followup_ids", 1));
    return static_cast<std::int64_t>(index);
  }
  std::int64_t position = ATALAYA_TRY(advance(tx, "followup", count));
  position -= count;
  const UtcTime now = parts.clock->now();
  std::vector<store::Parameters> rows;
  rows.reserve(changes.size());
  for (const Change& change : changes) {
    // Whoever sent something in is shown with the day alone.
    const std::string at =
        change.by == "submitter" ? to_string(utc_date(now)) + "T00:00:00Z" : to_string(now);
    rows.push_back({++position, static_cast<std::int64_t>(index), at, change.by, change.kind,
                    change.commitment, change.actor, change.instrument, change.before, change.after,
                    change.why});
  }
  ATALAYA_TRY(tx.execute_many(
      "INSERT INTO followup_changes(position, leaf, at, by_name, kind, commitment, actor, "
      "instrument, before_value, after_value, why) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, "
      "$10, $11)",
      rows));
  return static_cast<std::int64_t>(index);
}

Result<void> noticed(const Parts& parts) {
  return parts.commitments->notice_changes();
}

}  // namespace atalaya::followup::detail
