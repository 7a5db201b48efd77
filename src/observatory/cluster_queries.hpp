#pragma once
// Every question that is ever put to ClickHouse. A Query is made here and nowhere else, out of
// fixed words, checked names and integers: it holds no text of a file, a reader or a setting that
// was not checked, so there is nothing to escape. Texts (dictionaries, metadata) travel beside the
// query, each with its length before it (cluster_rows.hpp). The words are those that ClickHouse
// 18.16 (Debian 12) and a current one both understand.

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <atalaya/base/result.hpp>

namespace atalaya::observatory::detail::cluster {

/// Coded columns that the table of facts has room for.
inline constexpr std::size_t kSlots = 48;

/// A name of a database or cluster: a-z first, then a-z 0-9 _, at most 64.
[[nodiscard]] bool is_name(std::string_view text) noexcept;

class Query {
 public:
  [[nodiscard]] const std::string& text() const noexcept { return text_; }

 private:
  friend class Queries;

  explicit Query(std::string text) : text_(std::move(text)) {}

  std::string text_;
};

/// One dimension of a grouping. Codes of the cluster begin at 1.
struct Dimension {
  std::size_t slot = 0;                    // 1 to kSlots
  std::span<const std::uint32_t> members;  // of code 1, 2, …; columns::kDropped is left out
  bool is_filter = false;                  // its members are not part of the answer
};

class Queries {
 public:
  /// Both names were checked. `servers` of 1: facts are read from the table itself.
  Queries(std::string database, std::string cluster, std::size_t servers);

  /// What a server needs before it takes facts; each may be repeated.
  [[nodiscard]] std::vector<Query> create() const;
  [[nodiscard]] Query version() const;
  /// Servers of the cluster, as this one knows it.
  [[nodiscard]] Query cluster_size() const;
  /// How many of our three tables a server has.
  [[nodiscard]] Query table_count() const;

  [[nodiscard]] Query insert_set() const;
  [[nodiscard]] Query insert_words() const;
  [[nodiscard]] Query insert_facts(std::size_t slots) const;

  [[nodiscard]] Query set(std::uint64_t id) const;
  [[nodiscard]] Query words(std::uint64_t id) const;
  /// Rows, and the checksum of cluster_rows.hpp over all of them.
  [[nodiscard]] Query checksum(std::uint64_t id, std::size_t slots) const;
  [[nodiscard]] Query rows(std::uint64_t id) const;
  /// The members of those that are no filters, the sums, the sums of magnitudes, the rows.
  [[nodiscard]] Query sums(std::uint64_t id, std::span<const Dimension> dimensions) const;
  /// Row and code (or value) of the rows in [from, to), in their order.
  [[nodiscard]] Query codes(std::uint64_t id, std::size_t slot, std::uint64_t from,
                            std::uint64_t to) const;
  enum class Number { value, value_high };
  [[nodiscard]] Query values(std::uint64_t id, Number which, std::uint64_t from,
                             std::uint64_t to) const;

  /// Sets of a node that this server has and that were made before a time in UTC seconds.
  [[nodiscard]] Query sets_before(std::uint64_t node, std::int64_t seconds) const;
  /// Destroys what one server has of a set.
  [[nodiscard]] std::vector<Query> destroy(std::uint64_t id) const;

 private:
  std::string database_, cluster_;
  std::string facts_;  // the table that facts of every server are read from
};

}  // namespace atalaya::observatory::detail::cluster
