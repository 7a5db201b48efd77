#pragma once
// Every limit of the store in one place.

#include <atomic>
#include <cstddef>
#include <cstdint>

namespace atalaya::store {

/// How long a writer waits for the lock, and a reader for a free connection. Atomic only because
/// the tests shorten it; the product never changes it.
inline std::atomic<int> lock_wait_ms{10'000};

/// Connections for readers. A reader holds one for the length of one read(); with the small worker
/// pool of `http` more would only add caches.
inline constexpr std::size_t kReadConnectionsMax = 8;

/// Prepared statements kept by one connection; the program has some hundred distinct statements.
inline constexpr std::size_t kStatementsMax = 256;

/// Rows that PostgreSQL hands over at a time in for_each(), and rows of one copy batch.
inline constexpr std::size_t kBatchRows = 500;

/// Statements sent to PostgreSQL before their answers are read. An answer without rows is some
/// 30 bytes, so that the unread answers fit any socket buffer.
inline constexpr std::size_t kPipelineStatements = 1'000;

/// How often write() runs its work when PostgreSQL reports a serialisation failure or deadlock.
inline constexpr int kWriteAttempts = 5;

}  // namespace atalaya::store
