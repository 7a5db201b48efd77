#include <atalaya/ledger/ledger.hpp>

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include <atalaya/base/text.hpp>
#include <atalaya/crypto/merkle.hpp>

#include "append.hpp"
#include "committer.hpp"
#include "note_text.hpp"
#include "rows.hpp"
#include "tree_store.hpp"

namespace atalaya::ledger {
namespace {

std::unexpected<Error> no_leaf(std::uint64_t index, std::uint64_t size) {
  return fail(ErrorCode::not_found, "ledger.no_leaf",
              size == 0 ? fmt::format("there is no leaf {}: the log is empty", index)
                        : fmt::format("there is no leaf {}: the log holds leaves 0 to {}", index,
                                      size - 1));
}

/// A leaf as it is stored. Fails with not_found (ledger.no_leaf).
Result<std::string> get_leaf_bytes(store::Transaction& transaction, std::uint64_t index) {
  store::Rows rows;
  if (index < kTreeSizeMax) {
    store::Rows found =
        ATALAYA_TRY(transaction.query(sql::kFindLeaf, {static_cast<std::int64_t>(index)}));
    rows = std::move(found);
  }
  if (rows.empty()) {
    const Head head = ATALAYA_TRY(get_head(transaction));
    return no_leaf(index, head.size);
  }
  return std::string(as_text(rows[0].blob(0)));
}

Result<Leaf> parse_stored_leaf(std::string_view bytes, std::uint64_t index) {
  auto leaf = read_leaf(bytes);
  if (!leaf) {
    return fail(ErrorCode::data_loss, "ledger.leaf_damaged",
                fmt::format("leaf {} is damaged: run `atalaya ledger verify` and restore the "
                            "newest backup that verifies ({})",
                            index, leaf.error().detail));
  }
  return leaf;
}

Result<std::vector<Entry>> entries_of_rows(const store::Rows& rows) {
  std::vector<Entry> entries;
  for (const store::Row& row : rows) {
    const auto index = static_cast<std::uint64_t>(row.integer(0));
    Leaf leaf = ATALAYA_TRY(parse_stored_leaf(as_text(row.blob(1)), index));
    entries.push_back({.index = index, .leaf = std::move(leaf)});
  }
  return entries;
}

Result<std::optional<Checkpoint>> find_checkpoint(store::Transaction& transaction,
                                                  std::string_view statement,
                                                  store::Parameters parameters,
                                                  const VerifierKey& key) {
  const store::Rows rows = ATALAYA_TRY(transaction.query(statement, std::move(parameters)));
  if (rows.empty()) {
    return std::nullopt;
  }
  auto checkpoint = open_checkpoint(rows[0].text(0), key);
  if (!checkpoint) {
    return fail(ErrorCode::data_loss, "ledger.checkpoint_damaged",
                fmt::format("a stored checkpoint is not this node's any more: run `atalaya ledger "
                            "verify`. If the key file was replaced, put the old one back ({})",
                            checkpoint.error().detail));
  }
  return std::move(*checkpoint);
}

Result<std::optional<Checkpoint>> last_checkpoint(store::Transaction& transaction,
                                                  const VerifierKey& key) {
  return find_checkpoint(transaction, sql::kLastCheckpoint, {}, key);
}

/// The rule of C2SP's tlog-checkpoint: never sign what contradicts something signed before. A log
/// whose rows were changed must not get the node's signature.
Result<void> check_growth(store::Transaction& transaction, const Head& head,
                          const Checkpoint& last) {
  if (last.size <= head.size) {
    const crypto::Hash before =
        ATALAYA_TRY(crypto::merkle_root(last.size, stored_nodes(transaction)));
    const crypto::Hash now = ATALAYA_TRY(crypto::merkle_root(head.size, stored_nodes(transaction)));
    if (before == last.root && std::ranges::equal(now, head.root)) {
      return {};
    }
  }
  return fail(ErrorCode::data_loss, "ledger.fork",
              fmt::format("the stored log of {} leaves does not continue the log of {} leaves that "
                          "this node signed: nothing was signed. Run `atalaya ledger verify` and "
                          "restore the newest backup that verifies",
                          head.size, last.size));
}

// Older programs wrote the millisecond at which a stranger sent something in, and the rows that
// were written with it say the same instant.
bool tells_when(const Leaf& leaf) {
  constexpr std::int64_t kDayMs = 24LL * 60 * 60 * 1000;
  return leaf.at.ms % kDayMs != 0 && leaf.kind.starts_with("followup.submission");
}

// What is coded blind, or not published yet: that a leaf of this kind is there would tell one coder
// that the other has sent, or readers what is being assessed. What comes of it has kinds of its
// own. Digests of rows stand beside each of them, and beside fewer of the other hidden kinds.
constexpr std::string_view kHidden[] = {"followup.adjudication",
                                        "followup.code",
                                        "followup.coding.open",
                                        "followup.criteria",
                                        "followup.file",
                                        "followup.reply",
                                        kRowsKind};

Result<std::string> inclusion_text(store::Transaction& transaction, std::uint64_t index,
                                   const Checkpoint& checkpoint, std::optional<Payload> payload,
                                   Reveal reveal) {
  InclusionProof proof;
  proof.index = index;
  proof.checkpoint = checkpoint.note;
  std::string leaf = ATALAYA_TRY(get_leaf_bytes(transaction, index));
  const Leaf said = ATALAYA_TRY(read_leaf(leaf));
  if (reveal == Reveal::public_part &&
      (is_private(said.kind) || tells_when(said) ||
       std::ranges::find(kHidden, said.kind) != std::end(kHidden))) {
    proof.leaf_hash = crypto::merkle_leaf_hash(leaf);
    leaf.clear();
  }
  std::vector<crypto::Hash> hashes = ATALAYA_TRY(
      crypto::merkle_inclusion_proof(index, checkpoint.size, stored_nodes(transaction)));
  proof.leaf = std::move(leaf);
  proof.payload = std::move(payload);
  proof.hashes = std::move(hashes);
  return write_proof(proof);
}

}  // namespace

bool is_private(std::string_view kind) noexcept { return kind.starts_with("identity."); }

Ledger::Ledger(store::Database& database, NodeKey key, const Clock& clock, LedgerOptions options)
    : database_(database), key_(std::move(key)), clock_(clock), options_(options) {
  committer_ = std::make_unique<Committer>([this](std::span<const Event> events) {
    Result<std::uint64_t> first = fail(ErrorCode::internal, "ledger.commit");
    const Result<void> done = database_.write([&](store::Transaction& transaction) -> Result<void> {
      first = append(transaction, events);
      if (!first) {
        return std::unexpected(first.error());
      }
      return {};
    });
    return done ? first : Result<std::uint64_t>(std::unexpected(done.error()));
  });
}

Ledger::~Ledger() = default;

Result<std::unique_ptr<Ledger>> Ledger::open(store::Database& database, NodeKey key,
                                             const Clock& clock, LedgerOptions options) {
  ATALAYA_TRY(database.write([](store::Transaction& transaction) -> Result<void> {
    const std::optional<Head> head = ATALAYA_TRY(find_head(transaction));
    const store::Rows leaves =
        ATALAYA_TRY(transaction.query(sql::kLeavesFrom, {std::int64_t{0}, std::int64_t{1}}));
    // Leaves without a head are damage, for verify to report and append to refuse.
    if (!head && leaves.empty()) {
      const crypto::Hash root = crypto::merkle_empty_root();
      ATALAYA_TRY(transaction.execute(sql::kInsertHead,
                                      {store::Blob(root.begin(), root.end()), store::Blob()}));
    }
    return {};
  }));
  return std::unique_ptr<Ledger>(new Ledger(database, std::move(key), clock, options));
}

Result<std::uint64_t> Ledger::append(store::Transaction& transaction,
                                     std::span<const Event> events) {
  for (const Event& event : events) {
    ATALAYA_TRY(check_event(event));
    if (event.kind.starts_with(kOwnKindPrefix)) {
      return fail(ErrorCode::invalid_argument, "ledger.event.kind",
                  fmt::format("kinds that start with \"{}\" are the log's own", kOwnKindPrefix));
    }
  }
  const std::uint64_t first = ATALAYA_TRY(append_events(transaction, clock_.now(), events));
  if (options_.sign_appends == SignAppends::yes) {
    ATALAYA_TRY(checkpoint(transaction));
  }
  return first;
}

Result<std::uint64_t> Ledger::submit(Event event) {
  // Checked here, so that one bad event does not fail its neighbours in the commit.
  ATALAYA_TRY(check_event(event));
  if (event.kind.starts_with(kOwnKindPrefix)) {
    return fail(ErrorCode::invalid_argument, "ledger.event.kind",
                fmt::format("kinds that start with \"{}\" are the log's own", kOwnKindPrefix));
  }
  return committer_->submit(std::move(event));
}

Result<void> Ledger::erase(store::Transaction& transaction, std::uint64_t index) {
  const Entry entry = ATALAYA_TRY(get_entry(transaction, index));
  if (entry.leaf.kind.starts_with(kOwnKindPrefix)) {
    return fail(ErrorCode::invalid_argument, "ledger.erase_own",
                fmt::format("leaf {} is the log's own record and hides nothing", index));
  }
  const std::int64_t erased =
      ATALAYA_TRY(transaction.execute(sql::kErasePayload, {static_cast<std::int64_t>(index)}));
  if (erased == 0) {
    return {};
  }
  const Event event{.kind = std::string(kEraseKind),
                    .subject = fmt::format("{}{}", kEraseSubjectPrefix, index),
                    .payload = {}};
  ATALAYA_TRY(append_events(transaction, clock_.now(), {&event, 1}));
  if (options_.sign_appends == SignAppends::yes) {
    ATALAYA_TRY(checkpoint(transaction));
  }
  return {};
}

Result<Checkpoint> Ledger::checkpoint(store::Transaction& transaction) {
  // An update of nothing takes the lock that appends take.
  ATALAYA_TRY(transaction.query(sql::kGrowHead, {std::int64_t{0}}));
  const Head head = ATALAYA_TRY(get_head(transaction));
  const std::optional<Checkpoint> last = ATALAYA_TRY(last_checkpoint(transaction, key_.verifier()));
  crypto::Hash root;
  if (!crypto::read_hash(head.root, root)) {
    return fail(ErrorCode::data_loss, "ledger.head", "the head of the stored log is damaged");
  }
  if (last) {
    ATALAYA_TRY(check_growth(transaction, head, *last));
    if (last->size == head.size) {
      return *last;
    }
  }
  Checkpoint checkpoint = sign_checkpoint(key_, head.size, root);
  ATALAYA_TRY(transaction.execute(sql::kInsertCheckpoint,
                                  {static_cast<std::int64_t>(head.size), checkpoint.note}));
  return checkpoint;
}

Result<Checkpoint> Ledger::checkpoint() {
  Checkpoint made;
  ATALAYA_TRY(database_.write([&](store::Transaction& transaction) -> Result<void> {
    Checkpoint checkpoint = ATALAYA_TRY(this->checkpoint(transaction));
    made = std::move(checkpoint);
    return {};
  }));
  return made;
}

Result<std::string> Ledger::prove_inclusion(std::uint64_t index, Reveal reveal) {
  std::string text;
  const auto prove = [&](store::Transaction& transaction, const Checkpoint& last) -> Result<void> {
    std::optional<Payload> payload;
    if (reveal == Reveal::payload) {
      std::optional<Payload> found = ATALAYA_TRY(find_payload(transaction, index));
      if (!found) {
        return fail(
            ErrorCode::not_found, "ledger.erased",
            fmt::format("the payload of leaf {} was erased; the leaf can still be proved", index));
      }
      payload = std::move(found);
    }
    std::string proof = ATALAYA_TRY(inclusion_text(transaction, index, last, std::move(payload), reveal));
    text = std::move(proof);
    return {};
  };
  ATALAYA_TRY(database_.read([&](store::Transaction& transaction) -> Result<void> {
    ATALAYA_TRY(get_leaf_bytes(transaction, index));
    const std::optional<Checkpoint> last =
        ATALAYA_TRY(last_checkpoint(transaction, key_.verifier()));
    return last && last->size > index ? prove(transaction, *last) : Result<void>{};
  }));
  if (text.empty()) {
    ATALAYA_TRY(database_.write([&](store::Transaction& transaction) -> Result<void> {
      const Checkpoint fresh = ATALAYA_TRY(checkpoint(transaction));
      return prove(transaction, fresh);
    }));
  }
  return text;
}

Result<std::string> Ledger::prove_consistency(std::uint64_t old_size,
                                              std::optional<std::uint64_t> new_size) {
  std::optional<Checkpoint> newest;
  if (!new_size) {
    Checkpoint fresh = ATALAYA_TRY(checkpoint());
    newest = std::move(fresh);
    new_size = newest->size;
  }
  if (old_size > *new_size) {
    return fail(ErrorCode::invalid_argument, "ledger.proof.sizes",
                fmt::format("the log cannot have grown from {} to {} leaves", old_size, *new_size));
  }
  std::string text;
  ATALAYA_TRY(database_.read([&](store::Transaction& transaction) -> Result<void> {
    const auto get = [&](std::uint64_t size) -> Result<Checkpoint> {
      std::optional<Checkpoint> found = ATALAYA_TRY(find_checkpoint(
          transaction, sql::kFindCheckpoint, {static_cast<std::int64_t>(size)}, key_.verifier()));
      if (!found) {
        return fail(Error{ErrorCode::not_found,
                          "ledger.proof.unsigned_size",
                          fmt::format("this node never signed a checkpoint of size {}", size),
                          {{"size", std::to_string(size)}}});
      }
      return std::move(*found);
    };
    if (*new_size >= kTreeSizeMax) {
      return fail(Error{ErrorCode::not_found,
                        "ledger.proof.unsigned_size",
                        "no log has that many leaves",
                        {{"size", std::to_string(*new_size)}}});
    }
    const Checkpoint older = ATALAYA_TRY(get(old_size));
    const Checkpoint newer = ATALAYA_TRY(get(*new_size));
    std::vector<crypto::Hash> hashes = ATALAYA_TRY(
        crypto::merkle_consistency_proof(older.size, newer.size, stored_nodes(transaction)));
    text = write_proof(ConsistencyProof{
        .hashes = std::move(hashes), .old_checkpoint = older.note, .new_checkpoint = newer.note});
    return {};
  }));
  return text;
}

Result<VerifyReport> Ledger::verify(const VerifyOptions& options) const {
  return verify_log(database_, key_.verifier(), options);
}

Result<std::uint64_t> Ledger::size() const {
  std::uint64_t size = 0;
  ATALAYA_TRY(database_.read([&](store::Transaction& transaction) -> Result<void> {
    const Head head = ATALAYA_TRY(get_head(transaction));
    size = head.size;
    return {};
  }));
  return size;
}

Result<std::optional<Checkpoint>> Ledger::find_last_checkpoint() const {
  std::optional<Checkpoint> found;
  ATALAYA_TRY(database_.read([&](store::Transaction& transaction) -> Result<void> {
    std::optional<Checkpoint> last = ATALAYA_TRY(last_checkpoint(transaction, key_.verifier()));
    found = std::move(last);
    return {};
  }));
  return found;
}

Result<std::optional<Entry>> Ledger::find_newest() const {
  const std::uint64_t leaves = ATALAYA_TRY(size());
  std::optional<Entry> found;
  if (leaves == 0) {
    return found;
  }
  ATALAYA_TRY(database_.read([&](store::Transaction& transaction) -> Result<void> {
    found = ATALAYA_TRY(get_entry(transaction, leaves - 1));
    return {};
  }));
  return found;
}

Result<Entry> Ledger::get_entry(store::Transaction& transaction, std::uint64_t index) const {
  const std::string bytes = ATALAYA_TRY(get_leaf_bytes(transaction, index));
  Leaf leaf = ATALAYA_TRY(parse_stored_leaf(bytes, index));
  return Entry{.index = index, .leaf = std::move(leaf)};
}

Result<std::vector<Entry>> Ledger::entries_of(store::Transaction& transaction,
                                              std::string_view subject, std::uint64_t limit) const {
  const auto count = static_cast<std::int64_t>(std::min(limit, kTreeSizeMax));
  const store::Rows rows =
      ATALAYA_TRY(transaction.query(sql::kLeavesOfSubject, {std::string(subject), count}));
  std::vector<Entry> entries = ATALAYA_TRY(entries_of_rows(rows));
  std::ranges::reverse(entries);
  return entries;
}

Result<std::vector<Entry>> Ledger::entries_from(store::Transaction& transaction,
                                                std::uint64_t first, std::uint64_t limit) const {
  const store::Rows rows = ATALAYA_TRY(transaction.query(
      sql::kLeavesFrom, {static_cast<std::int64_t>(std::min(first, kTreeSizeMax)),
                         static_cast<std::int64_t>(std::min(limit, kTreeSizeMax))}));
  return entries_of_rows(rows);
}

Result<std::optional<Payload>> Ledger::find_payload(store::Transaction& transaction,
                                                    std::uint64_t index) const {
  const Entry entry = ATALAYA_TRY(get_entry(transaction, index));
  const store::Rows rows =
      ATALAYA_TRY(transaction.query(sql::kFindPayload, {static_cast<std::int64_t>(index)}));
  if (rows.empty()) {
    return std::nullopt;
  }
  Payload payload{.salt = std::string(as_text(rows[0].blob(0))),
                  .bytes = std::string(as_text(rows[0].blob(1)))};
  if (commitment_of(payload) != entry.leaf.commitment) {
    return fail(ErrorCode::data_loss, "ledger.payload_damaged",
                fmt::format("the payload of leaf {} is not what the leaf commits to: run `atalaya "
                            "ledger verify` and restore the newest backup that verifies",
                            index));
  }
  return payload;
}

}  // namespace atalaya::ledger
