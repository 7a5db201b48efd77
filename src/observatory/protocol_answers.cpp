#include <atalaya/observatory/protocol_answers.hpp>

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include <atalaya/base/text.hpp>

namespace atalaya::observatory {
namespace {

constexpr double kUnit = 1000;  // values are kept to a thousandth
constexpr double kMonthsMax = 600;
constexpr std::size_t kReasonBytesMin = 10;
constexpr std::size_t kTextBytesMax = 2'000;

std::unexpected<Error> bad(std::string_view what, std::string_view detail) {
  return fail(Error{ErrorCode::invalid_argument,
                    fmt::format("observatory.protocol.{}", what),
                    std::string(detail),
                    {}});
}

const Criterion* find_criterion(std::string_view id) {
  const auto criteria = embedded_protocol();
  const auto at = std::ranges::find(criteria, id, &Criterion::id);
  return at == criteria.end() ? nullptr : &*at;
}

Result<void> check(const ProtocolAnswer& answer, UtcTime now) {
  const Criterion* criterion = find_criterion(answer.criterion);
  if (criterion == nullptr) {
    return bad("criterion", "the Protocol has no such criterion");
  }
  const double most = criterion->unit == "months" ? kMonthsMax : 1;
  if (!(answer.value >= 0 && answer.value <= most)) {
    return bad("value", fmt::format("write a number from 0 to {}", most));
  }
  if (answer.reason.size() < kReasonBytesMin || answer.reason.size() > kTextBytesMax) {
    return bad("reason", "say in a sentence how it is known");
  }
  if (answer.answered_by.empty() || answer.answered_by.size() > kTextBytesMax) {
    return bad("by", "name the person or office that knows");
  }
  const auto day = parse_civil_date(answer.answered_on);
  if (!day || *day > utc_date(now)) {
    return bad("date", "write the day of the answer as 2026-11-22; it cannot lie in the future");
  }
  return {};
}

}  // namespace

Result<void> record_protocol_answer(const Desk& desk, ProtocolAnswer answer) {
  answer.reason = squeeze(answer.reason);
  answer.answered_by = squeeze(answer.answered_by);
  const UtcTime now = desk.parts().clock->now();
  ATALAYA_TRY(check(answer, now));
  answer.recorded_at = to_string(now);
  const std::int64_t value = std::llround(answer.value * kUnit);
  return desk.parts().database->write([&](store::Transaction& tx) -> Result<void> {
    const auto top =
        ATALAYA_TRY(tx.query_one("SELECT COALESCE(MAX(id), 0) FROM observatory_protocol_answers"));
    const std::int64_t id = top.integer(0) + 1;
    ATALAYA_TRY(tx.execute(
        "INSERT INTO observatory_protocol_answers (id, source, country, criterion, value, "
        "reason, answered_by, answered_on, recorded_by, recorded_at) VALUES ($1, $2, $3, "
        "$4, $5, $6, $7, $8, $9, $10)",
        {id, answer.source, answer.country, answer.criterion, value, answer.reason,
         answer.answered_by, answer.answered_on, answer.recorded_by, answer.recorded_at}));
    const ledger::Event leaf{"observatory.protocol_answer", fmt::format("protocol-answer/{}", id),
                             canonical_json(json::object{{"source", answer.source},
                                                         {"country", answer.country},
                                                         {"criterion", answer.criterion},
                                                         {"value", value},
                                                         {"reason", answer.reason},
                                                         {"answered_by", answer.answered_by},
                                                         {"answered_on", answer.answered_on}})};
    ATALAYA_TRY(desk.parts().ledger->append(tx, {&leaf, 1}));
    return {};
  });
}

Result<std::vector<ProtocolAnswer>> protocol_answers(const Desk& desk, std::string_view source,
                                                     std::string_view country) {
  std::map<std::string, ProtocolAnswer> newest;
  ATALAYA_TRY(desk.parts().database->read([&](store::Transaction& tx) -> Result<void> {
    const auto rows = ATALAYA_TRY(
        tx.query("SELECT criterion, value, reason, answered_by, answered_on, recorded_by, "
                 "recorded_at FROM observatory_protocol_answers WHERE source = $1 AND country = $2 "
                 "ORDER BY id",
                 {std::string(source), std::string(country)}));
    for (const auto& row : rows) {
      newest[row.text(0)] = {std::string(source), std::string(country),
                             row.text(0),         static_cast<double>(row.integer(1)) / kUnit,
                             row.text(2),         row.text(3),
                             row.text(4),         row.text(5),
                             row.text(6)};
    }
    return {};
  }));
  std::vector<ProtocolAnswer> out;
  for (const Criterion& criterion : embedded_protocol()) {
    if (const auto at = newest.find(criterion.id); at != newest.end()) {
      out.push_back(at->second);
    }
  }
  return out;
}

void add_answers(std::vector<ProtocolAnswer>& answers, std::map<std::string, double>& measures) {
  std::erase_if(answers, [&](const ProtocolAnswer& answer) {
    return !measures.emplace(answer.criterion, answer.value).second;
  });
}

}  // namespace atalaya::observatory
