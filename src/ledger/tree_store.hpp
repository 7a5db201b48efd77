#pragma once
// Private to this module: the log's rows, and every SQL statement about them.

#include <cstdint>
#include <optional>
#include <string_view>

#include <atalaya/base/result.hpp>
#include <atalaya/crypto/merkle.hpp>
#include <atalaya/store/database.hpp>

namespace atalaya::ledger {

/// Of the tree's levels only each fourth is kept: one row for 15 leaves. A node between is folded
/// from at most 8 rows that lie side by side.
inline constexpr unsigned kLevelStride = 4;

namespace sql {
inline constexpr std::string_view kFindHead =
    "SELECT size, root, frontier FROM ledger_head WHERE id = 1";
inline constexpr std::string_view kInsertHead =
    "INSERT INTO ledger_head (id, size, root, frontier) VALUES (1, 0, $1, $2)";
// The update locks the row, so that appends queue up behind it; frontier is still the old one.
inline constexpr std::string_view kGrowHead =
    "UPDATE ledger_head SET size = size + $1 WHERE id = 1 RETURNING size, frontier";
inline constexpr std::string_view kUpdateHead =
    "UPDATE ledger_head SET root = $1, frontier = $2 WHERE id = 1";
inline constexpr std::string_view kInsertLeaf =
    "INSERT INTO ledger_leaves (leaf_index, leaf_hash, kind, subject, leaf) "
    "VALUES ($1, $2, $3, $4, $5)";
inline constexpr std::string_view kInsertPayload =
    "INSERT INTO ledger_payloads (leaf_index, salt, payload) VALUES ($1, $2, $3)";
inline constexpr std::string_view kInsertNode =
    "INSERT INTO ledger_nodes (level, node_index, hash) VALUES ($1, $2, $3)";
inline constexpr std::string_view kLeafHashes =
    "SELECT leaf_hash FROM ledger_leaves WHERE leaf_index >= $1 AND leaf_index < $2 "
    "ORDER BY leaf_index";
inline constexpr std::string_view kNodeHashes =
    "SELECT hash FROM ledger_nodes WHERE level = $1 AND node_index >= $2 AND node_index < $3 "
    "ORDER BY node_index";
inline constexpr std::string_view kFindLeaf =
    "SELECT leaf FROM ledger_leaves WHERE leaf_index = $1";
inline constexpr std::string_view kLeavesFrom =
    "SELECT leaf_index, leaf FROM ledger_leaves WHERE leaf_index >= $1 "
    "ORDER BY leaf_index LIMIT $2";
inline constexpr std::string_view kLeavesOfSubject =
    "SELECT leaf_index, leaf FROM ledger_leaves WHERE subject = $1 "
    "ORDER BY leaf_index DESC LIMIT $2";
inline constexpr std::string_view kFindPayload =
    "SELECT salt, payload FROM ledger_payloads WHERE leaf_index = $1";
inline constexpr std::string_view kErasePayload =
    "DELETE FROM ledger_payloads WHERE leaf_index = $1";
inline constexpr std::string_view kFindCheckpoint =
    "SELECT note FROM ledger_checkpoints WHERE size = $1";
inline constexpr std::string_view kLastCheckpoint =
    "SELECT note FROM ledger_checkpoints ORDER BY size DESC LIMIT 1";
inline constexpr std::string_view kInsertCheckpoint =
    "INSERT INTO ledger_checkpoints (size, note) VALUES ($1, $2)";
}  // namespace sql

struct Head {
  std::uint64_t size = 0;
  store::Blob root;
  store::Blob frontier;
};

/// Nothing when the row is not there.
[[nodiscard]] Result<std::optional<Head>> find_head(store::Transaction& transaction);
/// As find_head(); fails with data_loss (ledger.head) where there is none.
[[nodiscard]] Result<Head> get_head(store::Transaction& transaction);

[[nodiscard]] std::unexpected<Error> head_missing();

/// Reads nodes inside `transaction`, which must outlive it. Fails with data_loss
/// (ledger.node_missing) where rows are missing or damaged.
[[nodiscard]] crypto::MerkleNodeReader stored_nodes(store::Transaction& transaction);

}  // namespace atalaya::ledger
