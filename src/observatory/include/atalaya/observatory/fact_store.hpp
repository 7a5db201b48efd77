#pragma once
// Where the desk keeps facts, as a port with two whole implementations: segment files in the
// node's folder, and a ClickHouse cluster. Equal facts give equal answers from both.
//
// The facts of one load are a *set*. A set is written whole, never changed, and counts for nothing
// until the store names it: what a failed load left behind is invisible, and check() removes it.
//
// A question is asked in codes, never in texts: the desk reads a set's dictionaries, decides for
// every code which member of the answer it counts for, and hands the tables over. So no text of a
// file or of a reader ever becomes part of a query.

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <atalaya/base/json.hpp>
#include <atalaya/base/result.hpp>
#include <atalaya/base/secret.hpp>
#include <atalaya/base/time.hpp>
#include <atalaya/columns/cube.hpp>
#include <atalaya/columns/segment.hpp>
#include <atalaya/observatory/mapping.hpp>

namespace atalaya::observatory {

/// One set, open for reading. Every function may be called by any thread and fails with data_loss
/// or unavailable when the set cannot be read.
class FactSet {
 public:
  FactSet() = default;
  FactSet(const FactSet&) = delete;
  FactSet& operator=(const FactSet&) = delete;
  virtual ~FactSet() = default;

  [[nodiscard]] virtual std::uint64_t rows() const noexcept = 0;
  [[nodiscard]] virtual int decimals() const noexcept = 0;
  [[nodiscard]] virtual const std::string& metadata() const noexcept = 0;  // JSON object
  /// Coded columns first, then "value" and perhaps "value_high".
  [[nodiscard]] virtual const std::vector<columns::SegmentColumn>& columns() const noexcept = 0;

  /// The texts of a coded column, ascending by bytes; a code is the place in it.
  [[nodiscard]] virtual Result<std::shared_ptr<const columns::Dictionary>> dictionary(
      const std::string& name) const = 0;
  /// The scan: whole columns, in the order of the rows.
  [[nodiscard]] virtual Result<std::shared_ptr<const columns::RawColumn>> column(
      const std::string& name) const = 0;
  [[nodiscard]] virtual Result<std::shared_ptr<const std::vector<std::int64_t>>> values(
      const std::string& name) const = 0;

  /// The rows of one block (columns::kSegmentBlockRows), for what need not be held whole; beyond
  /// the last row empty. A set that cannot be read in blocks reads the column.
  [[nodiscard]] virtual Result<std::vector<std::uint32_t>> codes_of(const std::string& name,
                                                                    std::uint64_t block) const;
  [[nodiscard]] virtual Result<std::vector<std::int64_t>> values_of(const std::string& name,
                                                                    std::uint64_t block) const;

  [[nodiscard]] bool has(std::string_view name) const noexcept;
};

/// What the codes of one column of one set count for.
struct CodeTable {
  std::string column;              // empty: every fact has code 0
  std::vector<std::uint32_t> lut;  // code -> member, or columns::kDropped
};

struct FactInput {
  std::shared_ptr<const FactSet> set;
  std::vector<CodeTable> tables;  // one for each of FactSums::sizes
};

/// Sums of value and value_high by members. A dimension of size 1 is a filter.
struct FactSums {
  std::vector<std::uint32_t> sizes;
  std::int32_t decimals = 0;  // of the answer; at least that of every set
  std::vector<FactInput> inputs;
};

struct WrittenFacts {
  std::string file, sha256;  // of the set as a segment file, whatever it is kept in
  std::int64_t rows = 0;
};

class FactStore {
 public:
  FactStore() = default;
  FactStore(const FactStore&) = delete;
  FactStore& operator=(const FactStore&) = delete;
  virtual ~FactStore() = default;

  /// Writes a set under a new name that begins with `prefix`. When it returns, every fact is held
  /// and was counted again; on failure nothing of it counts. Fails as SegmentWriter::write() does,
  /// and with unavailable (observatory.facts.unavailable), permission_denied
  /// (observatory.facts.denied), exhausted (observatory.facts.full), data_loss
  /// (observatory.facts.mismatch: what was read back is not what was sent).
  [[nodiscard]] virtual Result<WrittenFacts> write(Facts facts, std::string_view prefix,
                                                   const json::object& metadata) = 0;

  /// Fails with not_found where no such set is held.
  [[nodiscard]] virtual Result<std::shared_ptr<const FactSet>> open(const std::string& name) = 0;

  /// Every cell that at least one fact counts for, ascending by members, with `sums` and `highs`.
  /// Fails as columns::Cube::aggregate() does; never answers from a part of the facts.
  [[nodiscard]] virtual Result<void> sum(const FactSums& query, const columns::CellSink& sink) = 0;

  /// Destroys a set for good; one that is not there is none to destroy. Fails with unavailable
  /// (observatory.facts.not_destroyed) while rows may still lie on some server.
  [[nodiscard]] virtual Result<void> destroy(const std::string& name) = 0;

  /// What is wrong with the named sets (name -> SHA-256), one line each; removes sets of this node
  /// that nothing names and that are older than a day.
  [[nodiscard]] virtual Result<std::vector<std::string>> check(
      const std::map<std::string, std::string>& named) = 0;

  /// The set as a segment file: its own in the node's folder, or a copy made in `folder`. Equal
  /// facts give equal bytes, so that its SHA-256 is the one of WrittenFacts.
  [[nodiscard]] virtual Result<std::filesystem::path> segment_file(
      const std::string& name, const std::filesystem::path& folder) = 0;

  /// Moves a set into the node's folder, or out of it into what this store writes to; the name
  /// stays. False when it was there already.
  enum class Place { folder, cluster };
  [[nodiscard]] virtual Result<bool> move(const std::string& name, Place to) = 0;
};

/// Segment files in a folder (docs/formats/segment.md).
[[nodiscard]] std::shared_ptr<FactStore> segment_facts(std::filesystem::path folder);

/// facts = "clickhouse://host:port[,host:port]/database[?cluster=name]"; clickhouses:// for TLS.
struct ClusterAddress {
  std::vector<std::string> servers;  // host:port of HTTP, one for each shard
  std::string database;              // a-z 0-9 _, at most 64
  std::string cluster = "atalaya";   // the name under remote_servers in the servers' settings
  bool tls = false;
};

/// Fails with invalid_argument (observatory.facts.address).
[[nodiscard]] Result<ClusterAddress> parse_cluster_address(std::string_view text);

struct ClusterOptions {
  ClusterAddress address;
  std::string user;  // empty: the server's default user
  Secret password;
  std::string ca_file;     // PEM; empty: the system's authorities
  std::uint64_t node = 0;  // whose sets these are; check() removes no others
  const Clock* clock = nullptr;
};

/// A cluster that also serves what lies in `folder`: sets from before the cluster, and restored
/// backups. Nothing is asked of the servers before it is needed.
[[nodiscard]] std::shared_ptr<FactStore> cluster_facts(ClusterOptions options,
                                                       std::filesystem::path folder);

/// "user = …" and "password = …", one a line. Fails with not_found, permission_denied
/// (observatory.facts.credentials: others may read the file) and invalid_argument.
struct Credentials {
  std::string user;
  Secret password;
};

[[nodiscard]] Result<Credentials> read_credentials(const std::filesystem::path& file);

}  // namespace atalaya::observatory
