#include "tree_store.hpp"

#include <fmt/format.h>

namespace atalaya::ledger {
namespace {

Result<crypto::Hash> read_node(store::Transaction& transaction, unsigned level,
                               std::uint64_t index) {
  const unsigned steps = level % kLevelStride;
  const unsigned stored_level = level - steps;
  const auto begin = static_cast<std::int64_t>(index << steps);
  const auto end = static_cast<std::int64_t>((index + 1) << steps);
  const store::Rows rows =
      ATALAYA_TRY(stored_level == 0 ? transaction.query(sql::kLeafHashes, {begin, end})
                                    : transaction.query(sql::kNodeHashes,
                                                        {std::int64_t{stored_level}, begin, end}));
  crypto::MerkleFrontier run;
  crypto::Hash hash;
  for (const store::Row& row : rows) {
    if (!crypto::read_hash(row.blob(0), hash)) {
      break;
    }
    run.append(hash);
  }
  if (run.size() != std::uint64_t{1} << steps) {
    return fail(ErrorCode::data_loss, "ledger.node_missing",
                fmt::format("the stored log lacks hashes of leaves {} to {}: run `atalaya ledger "
                            "verify` and restore the newest backup that verifies",
                            index << level, ((index + 1) << level) - 1));
  }
  return run.root();
}

}  // namespace

std::unexpected<Error> head_missing() {
  return fail(ErrorCode::data_loss, "ledger.head",
              "the stored log has lost its head row: run `atalaya ledger verify` and restore the "
              "newest backup that verifies");
}

Result<std::optional<Head>> find_head(store::Transaction& transaction) {
  const store::Rows rows = ATALAYA_TRY(transaction.query(sql::kFindHead));
  if (rows.empty()) {
    return std::nullopt;
  }
  return Head{.size = static_cast<std::uint64_t>(rows[0].integer(0)),
              .root = rows[0].blob(1),
              .frontier = rows[0].blob(2)};
}

Result<Head> get_head(store::Transaction& transaction) {
  std::optional<Head> head = ATALAYA_TRY(find_head(transaction));
  if (!head) {
    return head_missing();
  }
  return std::move(*head);
}

crypto::MerkleNodeReader stored_nodes(store::Transaction& transaction) {
  return [&transaction](unsigned level, std::uint64_t index) {
    return read_node(transaction, level, index);
  };
}

}  // namespace atalaya::ledger
