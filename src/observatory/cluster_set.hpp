#pragma once
// A set of facts as it lies in a cluster: one row of `sets` and the dictionaries (`words`) on every
// server, the facts shared out among them.

#include <optional>

#include <atalaya/observatory/fact_store.hpp>

#include "cluster_client.hpp"

namespace atalaya::observatory::detail::cluster {

/// The number of a set: the sixteen hexadecimal digits at the end of its name.
[[nodiscard]] std::optional<std::uint64_t> set_id(std::string_view name) noexcept;

class ClusterSet final : public FactSet {
 public:
  /// Reads the description and the dictionaries. Fails with not_found (observatory.facts.no_set)
  /// where no server knows the set, data_loss (observatory.facts.damaged).
  [[nodiscard]] static Result<std::shared_ptr<const ClusterSet>> open(
      std::shared_ptr<const Client> client, const Queries& queries, const std::string& name);

  [[nodiscard]] std::uint64_t rows() const noexcept override { return rows_; }

  [[nodiscard]] int decimals() const noexcept override { return decimals_; }

  [[nodiscard]] const std::string& metadata() const noexcept override { return metadata_; }

  [[nodiscard]] const std::vector<columns::SegmentColumn>& columns() const noexcept override {
    return columns_;
  }

  [[nodiscard]] Result<std::shared_ptr<const columns::Dictionary>> dictionary(
      const std::string& name) const override;
  [[nodiscard]] Result<std::shared_ptr<const columns::RawColumn>> column(
      const std::string& name) const override;
  [[nodiscard]] Result<std::shared_ptr<const std::vector<std::int64_t>>> values(
      const std::string& name) const override;

  [[nodiscard]] std::uint64_t id() const noexcept { return id_; }

  [[nodiscard]] std::uint64_t checksum() const noexcept { return checksum_; }

  [[nodiscard]] const std::string& sha256() const noexcept { return sha256_; }

  [[nodiscard]] std::size_t slots() const noexcept { return dictionaries_.size(); }

  /// 1 for the first coded column; nothing for other names.
  [[nodiscard]] std::optional<std::size_t> slot(std::string_view name) const noexcept;

 private:
  ClusterSet(std::shared_ptr<const Client> client, Queries queries)
      : client_(std::move(client)), queries_(std::move(queries)) {}

  Result<void> read_words(std::string_view answer, std::uint64_t words);
  [[nodiscard]] std::unexpected<Error> damaged(std::string_view what) const;

  std::shared_ptr<const Client> client_;
  Queries queries_;
  std::string name_, metadata_, sha256_;
  std::uint64_t id_ = 0, rows_ = 0, checksum_ = 0;
  int decimals_ = 0;
  std::vector<columns::SegmentColumn> columns_;
  std::vector<std::shared_ptr<const columns::Dictionary>> dictionaries_;  // by slot - 1
};

/// The rows of `words` of a set: code 0 is the column's name, its texts follow from 1.
[[nodiscard]] Result<std::string> word_rows(const FactSet& set, std::uint64_t id,
                                            std::uint64_t& words);

/// A hash of the dictionaries that does not depend on how they are sent.
[[nodiscard]] std::string hash_of_words(std::string_view rows);

}  // namespace atalaya::observatory::detail::cluster
