#pragma once
// The ClickHouse servers that tests/functional/clickhouse_support.py starts, for tests.

#include <array>
#include <cstdlib>
#include <memory>
#include <string>

#include <gtest/gtest.h>

#include <fmt/format.h>

#include <atalaya/base/text.hpp>
#include <atalaya/crypto/hash.hpp>
#include <atalaya/observatory/fact_store.hpp>

#include "cluster_client.hpp"

namespace atalaya::observatory::testing_cluster {

inline std::string setting(const char* name) {
  const char* value = std::getenv(name);  // NOLINT(concurrency-mt-unsafe): tests set none
  return value == nullptr ? "" : value;
}

inline bool is_there() {
  return !setting("ATALAYA_TEST_CLICKHOUSE").empty();
}

inline std::string new_database() {
  std::array<std::uint8_t, 6> random{};
  crypto::random_bytes(random);
  return "test_" + to_hex(random);
}

inline ClusterOptions options(const std::string& database, const Clock& clock) {
  ClusterOptions out;
  out.address =
      *parse_cluster_address(fmt::format("{}/{}", setting("ATALAYA_TEST_CLICKHOUSE"), database));
  auto credentials = read_credentials(setting("ATALAYA_TEST_CLICKHOUSE_CREDENTIALS"));
  out.user = std::move(credentials->user);
  out.password = std::move(credentials->password);
  out.node = 7;
  out.clock = &clock;
  return out;
}

/// Sets that a server has, named or not.
inline std::size_t sets(const std::string& database, const Clock& clock) {
  namespace cluster = detail::cluster;
  const cluster::Client client(options(database, clock));
  const cluster::Queries queries(database, "atalaya", client.servers());
  const auto answer =
      client.ask(0, queries.sets_before(options(database, clock).node, 1'000'000'000'000));
  return answer ? answer->size() / sizeof(std::uint64_t) : 0;
}

}  // namespace atalaya::observatory::testing_cluster
