#pragma once
// How every part writes: in one transaction with its rows, a leaf of the log and a line of the
// history that readers see. Private to the module.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <atalaya/base/json.hpp>
#include <atalaya/followup/parts.hpp>

namespace atalaya::followup::detail {

/// One value that went from `before` to `after`. `kind` names the table of messages that says so.
struct Change {
  std::string kind;
  std::string commitment, actor, instrument;
  std::string before, after, why, by;
};

/// The leaf that a change is committed to: its subject is public for ever and holds no person.
struct Leaf {
  std::string_view kind;  // "followup.report"
  std::string subject;    // "report/<commitment>/<actor>/3"
  json::object payload;   // stays in the node; canonical JSON
};

/// Appends the leaf, writes the changes with its index, and moves the node's counter, which tells
/// every cache of pages that something changed. Changes that nobody may see yet are left out by
/// giving none. Fails as the ledger and the store do.
[[nodiscard]] Result<void> record(const Parts& parts, store::Transaction& tx, const Leaf& leaf,
                                  const std::vector<Change>& changes);

/// The same; answers the leaf's index, for rows that say where they are proved.
[[nodiscard]] Result<std::int64_t> record_at(const Parts& parts, store::Transaction& tx,
                                             const Leaf& leaf, const std::vector<Change>& changes);

/// The first of `count` fresh ids for rows of any table of the follow-up; gapless.
[[nodiscard]] Result<std::int64_t> next_ids(store::Transaction& tx, std::int64_t count);

/// After a write: lets the commitments desk see that its cached pages are old.
[[nodiscard]] Result<void> noticed(const Parts& parts);

}  // namespace atalaya::followup::detail
