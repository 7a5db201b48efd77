#include <atalaya/followup/participation_check.hpp>

#include <fmt/format.h>

#include <atalaya/base/json.hpp>

#include "record.hpp"

namespace atalaya::followup {
namespace {

using Problems = std::vector<std::string>;

std::string said(const json::object& leaf, std::string_view name) {
  const auto* value = leaf.if_contains(name);
  if (value == nullptr) {
    return {};
  }
  return value->is_string() ? std::string(value->get_string()) : canonical_json(*value);
}

// The texts of a row beside what a leaf commits to; `what` names the row in a message.
Result<void> compare(const Parts& parts, store::Transaction& tx, std::int64_t index,
                     const std::vector<std::pair<std::string, std::string>>& texts,
                     const std::string& what, Problems& out) {
  const auto payload =
      ATALAYA_TRY(parts.ledger->find_payload(tx, static_cast<std::uint64_t>(index)));
  if (!payload) {
    for (const auto& [name, text] : texts) {
      if (!text.empty() && text != "[]") {
        out.push_back(
            fmt::format("{} of {} is held, but its leaf {} was erased", name, what, index));
      }
    }
    return {};
  }
  const json::value value = ATALAYA_TRY(parse_json(payload->bytes, "leaf"));
  const auto* object = value.if_object();
  for (const auto& [name, text] : texts) {
    if (object == nullptr || said(*object, name) != text) {
      out.push_back(
          fmt::format("{} of {} is not what leaf {} of the log records", name, what, index));
    }
  }
  return {};
}

Result<void> check_words(const Parts& parts, store::Transaction& tx, Problems& out) {
  const auto rows = ATALAYA_TRY(
      tx.query("SELECT id, leaf, title, text, sources, findings, published_leaf, published_title, "
               "published_text, published_sources FROM followup_submissions ORDER BY id",
               {}));
  for (const auto& row : rows) {
    const std::string what = fmt::format("submission {}", row.integer(0));
    ATALAYA_TRY(compare(parts, tx, row.integer(1),
                        {{"title", row.text(2)},
                         {"text", row.text(3)},
                         {"sources", row.text(4)},
                         {"findings", row.text(5)}},
                        what, out));
    if (row.integer(6) >= 0) {
      ATALAYA_TRY(compare(parts, tx, row.integer(6),
                          {{"title", row.text(7)}, {"text", row.text(8)}, {"sources", row.text(9)}},
                          what + " as published", out));
    } else if (!row.text(7).empty() || !row.text(8).empty() || row.text(9) != "[]") {
      out.push_back(what + " has a public text that the log knows nothing of");
    }
  }
  return {};
}

Result<void> check_steps(const Parts& parts, store::Transaction& tx, Problems& out) {
  const auto rows = ATALAYA_TRY(
      tx.query("SELECT submission, ordinal, text FROM followup_submission_steps ORDER BY "
               "submission, ordinal",
               {}));
  for (const auto& row : rows) {
    const std::string subject = fmt::format("submission/{}/{}", row.integer(0), row.integer(1));
    const auto entries = ATALAYA_TRY(parts.ledger->entries_of(tx, subject, 1));
    if (entries.empty()) {
      out.push_back(fmt::format("the log knows nothing of step {}", subject));
      continue;
    }
    ATALAYA_TRY(compare(parts, tx, static_cast<std::int64_t>(entries.front().index),
                        {{"text", row.text(2)}}, "step " + subject, out));
  }
  return {};
}

}  // namespace

Result<std::vector<std::string>> check_submissions(const Parts& parts) {
  Problems out;
  ATALAYA_TRY(parts.database->read([&](store::Transaction& tx) -> Result<void> {
    ATALAYA_TRY(check_words(parts, tx, out));
    return check_steps(parts, tx, out);
  }));
  return out;
}

}  // namespace atalaya::followup
