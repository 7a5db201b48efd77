#pragma once
// What people answered to those criteria of the Bogotá Protocol that no file shows. Answers are
// added, never changed; the newest of each criterion counts, and what a file does show counts
// before it. Any thread.

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include <atalaya/observatory/desk.hpp>
#include <atalaya/observatory/quality.hpp>

namespace atalaya::observatory {

struct ProtocolAnswer {
  std::string source, country, criterion;
  double value = 0;  // in the criterion's unit: yes 1, no 0; a share from 0 to 1; months
  std::string reason, answered_by, answered_on;  // the person or office that knows; a day
  std::string recorded_by, recorded_at;
};

/// In one transaction with a ledger leaf. Fails with invalid_argument:
/// observatory.protocol.criterion (no such one), .value (not of the unit), .reason (under 10
/// letters), .by (empty), .date (no day, or one to come).
[[nodiscard]] Result<void> record_protocol_answer(const Desk& desk, ProtocolAnswer answer);

/// The newest of each criterion, in the criteria's order.
[[nodiscard]] Result<std::vector<ProtocolAnswer>> protocol_answers(const Desk& desk,
                                                                   std::string_view source,
                                                                   std::string_view country);

/// Adds to `measures` what was answered and not measured; answers that were not needed are left
/// out of `answers`.
void add_answers(std::vector<ProtocolAnswer>& answers, std::map<std::string, double>& measures);

}  // namespace atalaya::observatory
