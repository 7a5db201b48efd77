#pragma once
// Puts queries to the servers of a cluster, over HTTP, and says what went wrong in words that an
// operator can act on. Neither user nor password is ever part of an address, query or message.

#include <atalaya/http/client.hpp>
#include <atalaya/observatory/fact_store.hpp>

#include "cluster_queries.hpp"

namespace atalaya::observatory::detail::cluster {

enum class Patience { short_, long_ };  // for a question that costs nothing, and for all others

class Client {
 public:
  explicit Client(ClusterOptions options);

  [[nodiscard]] std::size_t servers() const noexcept { return options_.address.servers.size(); }

  [[nodiscard]] const std::string& server(std::size_t i) const noexcept {
    return options_.address.servers[i];
  }

  [[nodiscard]] const ClusterOptions& options() const noexcept { return options_; }

  /// The answer of one server. Fails with unavailable (observatory.facts.unavailable: no answer, or
  /// another server of the cluster gives none; observatory.facts.refused: anything else that the
  /// server says), not_found (observatory.facts.no_tables), permission_denied
  /// (observatory.facts.denied), exhausted (observatory.facts.full, .memory, .too_large).
  [[nodiscard]] Result<std::string> ask(std::size_t server, const Query& query,
                                        Patience patience = Patience::long_) const;
  /// From the first server that answers at all.
  [[nodiscard]] Result<std::string> ask_any(const Query& query) const;
  /// Rows for an insert query.
  [[nodiscard]] Result<void> send(std::size_t server, const Query& query, std::string rows) const;

 private:
  [[nodiscard]] Result<std::string> exchange(std::size_t server, std::string target,
                                             std::string body, Patience patience) const;

  ClusterOptions options_;
};

}  // namespace atalaya::observatory::detail::cluster
