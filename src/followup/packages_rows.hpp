#pragma once
// What packages brought, as readers see it, and what this node's own records say. Private to the
// module.

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include <atalaya/base/json.hpp>
#include <atalaya/followup/coding.hpp>
#include <atalaya/followup/packages.hpp>
#include <atalaya/followup/participation.hpp>

namespace atalaya::followup::detail {

/// The public record of a published coding: what its leaf commits to.
[[nodiscard]] json::object assessment_record(const Coding& coding);
/// Whether two records of an assessment differ in nothing but what its people are called, as after
/// somebody took a name to sign with.
[[nodiscard]] bool same_but_names(std::string_view one, std::string_view other);

/// Fail with invalid_argument (followup.package.record) where the body is not one of ours.
[[nodiscard]] Result<Coding> coding_from_record(std::string_view body);
[[nodiscard]] Result<AlternativeReport> report_from_record(std::string_view body);

/// Add what peers' records say of a cell ("" = any), each with its node's name.
[[nodiscard]] Result<void> add_peer_codings(store::Transaction& tx, std::string_view commitment,
                                            std::string_view actor, std::vector<Coding>& out);
[[nodiscard]] Result<void> add_peer_reports(store::Transaction& tx, std::string_view commitment,
                                            std::string_view actor,
                                            std::vector<AlternativeReport>& out);

/// Whether what a peer's leaves brought may still be shown. A key name outlives its key: after a
/// node was removed, another key of that name may be trusted, and says nothing for the first.
class PeerKeys {
 public:
  [[nodiscard]] static Result<PeerKeys> read(store::Transaction& tx);
  /// `peer` is "peer/" and the key name. Whether the key is trusted now that had the name at
  /// `leaf`.
  [[nodiscard]] bool trusts(std::string_view peer, std::int64_t leaf) const;

 private:
  // peer -> leaf that gave it a key -> whether that key is the one trusted now
  std::map<std::string, std::map<std::int64_t, bool>, std::less<>> given_;
};

}  // namespace atalaya::followup::detail
