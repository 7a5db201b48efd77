#pragma once
// Records that join from another institution's node: its published assessments and alternative
// reports in one file, each with a proof that the other node's signed log holds it. Everything is
// checked without a network, against a key that the operator trusts. Format:
// docs/formats/followup-package.md.

#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <atalaya/base/json.hpp>
#include <atalaya/base/result.hpp>
#include <atalaya/followup/parts.hpp>
#include <atalaya/ledger/key.hpp>

namespace atalaya::followup {

inline constexpr std::size_t kPackageBytesMax = std::size_t{128} << 20U;
inline constexpr std::size_t kPackageRecordsMax = 10'000;

enum class RecordKind { assessment, alternative_report };
inline constexpr RecordKind kRecordKinds[] = {RecordKind::assessment,
                                              RecordKind::alternative_report};
[[nodiscard]] std::string_view to_string(RecordKind kind) noexcept;

/// Another institution's node: a key. `key_name` is the name in it, `name` ours for it. A node that
/// changed its key under the same name is two of these, of which at most one is trusted.
struct Peer {
  std::string key_name, verifier_key, name, added_at, added_by, removed_at;
  std::int64_t newest = 0;   // number of its newest package here; 0 = none
  std::int64_t records = 0;  // that show now
};

class Peers {
 public:
  explicit Peers(const Parts& parts) : parts_(parts) {}

  /// Trusts a key from now on; again with the same key and name changes nothing. `own_name`: how
  /// this node calls itself. Fails with invalid_argument (followup.peer.name, .own_name,
  /// ledger.key.malformed, followup.peer.self: it is this node's own), conflict (followup.peer.key:
  /// this key name is trusted with another key; .held: this key has another name; .name_taken).
  [[nodiscard]] Result<void> add(std::string_view name, std::string_view verifier_key,
                                 std::string_view by, std::string_view own_name = {}) const;
  /// Ends the trust: what the node sent no longer shows. Fails with not_found (followup.peer).
  [[nodiscard]] Result<void> remove(std::string_view name, std::string_view by) const;
  [[nodiscard]] Result<std::vector<Peer>> list() const;

 private:
  Parts parts_;
};

struct PackageRecord {
  std::string id;    // "coding/12", "submission/7": the other node's
  RecordKind kind = RecordKind::assessment;
  std::uint64_t leaf = 0;
  std::string body;  // canonical JSON
};

/// A package whose every part was checked.
struct Package {
  std::string node, key;  // how the node calls itself; its verifier key
  std::int64_t number = 0;
  std::set<RecordKind> what;
  std::vector<PackageRecord> records;
  std::string manifest;    // canonical JSON
  std::string checkpoint;  // a signed note, on which every proof rests
  /// Sizes of older logs that are shown to be continued by this one.
  std::set<std::uint64_t> continues;
};

/// The verifier key that the file names; nothing about it is checked. Fails as open_package().
[[nodiscard]] Result<ledger::VerifierKey> package_key(std::string_view bytes);
/// Checks signature, every proof and that nothing else is in the file. Pure.
/// Fails with invalid_argument (followup.package.malformed, .too_big, .proof: param record; the
/// detail says what is wrong).
[[nodiscard]] Result<Package> open_package(std::string_view bytes, const ledger::VerifierKey& key);

enum class PackageChange { added, changed, withdrawn, unchanged };
[[nodiscard]] std::string_view to_string(PackageChange change) noexcept;

struct PackageImportRow {
  PackageChange change = PackageChange::added;
  PackageRecord record;  // of `withdrawn`: what is held
  std::string commitment, actor, before, after;  // values of an assessment, title of a report
  bool commitment_here = true;  // this node holds the commitment: otherwise it is kept, not shown
  /// Of `changed`: nothing but what its people are called. It is kept anew, and no news.
  bool names_only = false;
};

struct PackageImportPlan {
  Peer peer;
  Package package;
  std::vector<PackageImportRow> rows;
  std::int64_t based_on = 0;  // the newest package held when it was compared
  /// "first": nothing is held yet; "shown": its log continues the one that the last package rested
  /// on; "not_shown": the file does not say (too many packages lie between).
  std::string continuity;

  [[nodiscard]] bool has_news() const;
  [[nodiscard]] std::int64_t count(PackageChange change) const;
};

class Packages {
 public:
  explicit Packages(const Parts& parts) : parts_(parts) {}

  /// Published records of this node only, never what came from peers. When the same records were
  /// exported before, the package keeps its number; otherwise its manifest becomes a leaf of the
  /// log. Fails with invalid_argument (followup.package.too_many) and as the log does.
  [[nodiscard]] Result<std::string> write(std::string_view node_name,
                                          const std::set<RecordKind>& what) const;

  /// Opens a package and compares; changes nothing. Fails as open_package() does, with
  /// permission_denied (followup.package.untrusted: param key; .other_key), conflict
  /// (followup.package.older: params number, held; .rewritten: the other node shows two histories)
  /// and invalid_argument (followup.package.record: a record is not what this program knows).
  [[nodiscard]] Result<PackageImportPlan> plan(std::string_view bytes) const;
  /// One transaction; a plan without news changes nothing, not even the log. Fails with conflict
  /// (followup.package.stale) where another package came in since plan().
  [[nodiscard]] Result<void> apply(const PackageImportPlan& plan, std::string_view by) const;

 private:
  Parts parts_;
};

}  // namespace atalaya::followup
