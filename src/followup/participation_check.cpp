#include <atalaya/followup/participation_check.hpp>

#include <fmt/format.h>

#include <atalaya/base/json.hpp>
#include <atalaya/crypto/hash.hpp>

#include "participation_rows.hpp"

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
               "published_text, published_sources, erased FROM followup_submissions ORDER BY id",
               {}));
  for (const auto& row : rows) {
    const std::string what = fmt::format("submission {}", row.integer(0));
    const auto files = ATALAYA_TRY(detail::read_files(tx, row.integer(0)));
    const bool erased = row.integer(10) != 0;
    for (const AttachedFile& file : files) {
      const bool shown = row.text(9).contains(file.sha256);
      if (file.published ? !shown : erased) {
        out.push_back(fmt::format("file {} of {} is not as the log has it", file.ordinal, what));
      }
    }
    const std::string attached =
        erased || files.empty() ? std::string() : canonical_json(detail::files_json(files));
    ATALAYA_TRY(compare(parts, tx, row.integer(1),
                        {{"title", row.text(2)},
                         {"text", row.text(3)},
                         {"sources", row.text(4)},
                         {"findings", row.text(5)},
                         {"files", attached}},
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

// The bytes of attached files beside their hashes, one at a time.
Result<void> check_bytes(store::Transaction& tx, Problems& out) {
  return tx.for_each(
      "SELECT submission, ordinal, sha256, bytes FROM followup_submission_files", {},
      [&](const store::Row& row) -> Result<void> {
        if (to_hex(crypto::sha256(row.blob(3))) != row.text(2)) {
          out.push_back(fmt::format("file {} of submission {} does not have its hash",
                                    row.integer(1), row.integer(0)));
        }
        return {};
      });
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
    ATALAYA_TRY(check_bytes(tx, out));
    return check_steps(parts, tx, out);
  }));
  return out;
}

}  // namespace atalaya::followup
