#pragma once
// Private to this module: putting events into the log.

#include <cstdint>
#include <span>

#include <atalaya/base/time.hpp>
#include <atalaya/ledger/ledger.hpp>

namespace atalaya::ledger {

/// Kinds that start with this are the log's own.
inline constexpr std::string_view kOwnKindPrefix = "ledger.";
inline constexpr std::string_view kEraseKind = "ledger.erase";
inline constexpr std::string_view kEraseSubjectPrefix = "leaf/";

/// Fails with invalid_argument: ledger.event.kind, .subject, .payload_size.
[[nodiscard]] Result<void> check_event(const Event& event);

/// Appends checked events; see Ledger::append().
[[nodiscard]] Result<std::uint64_t> append_events(store::Transaction& transaction, UtcTime at,
                                                  std::span<const Event> events);

}  // namespace atalaya::ledger
