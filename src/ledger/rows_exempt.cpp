// What the leaves "store.rows" say nothing of. A new table or column needs no entry: it is
// recorded. An entry is for what changes all the time without anybody relying on it, and for what
// something else compares.
#include <algorithm>
#include <iterator>

#include "rows.hpp"

namespace atalaya::ledger {
namespace {

constexpr std::string_view kVerify = "compared by verify_log(), which recomputes the tree";

// A digest would let a guess at erased words be tested, so a stranger's words are in none.
constexpr std::string_view kWords =
    "compared by the follow-up with the submission's own leaf, whose payload can be erased";
constexpr std::string_view kNowhere =
    "how to reach a submitter: nobody relies on it, and erased it is to be gone everywhere";

constexpr NotCompared kNotCompared[] = {
    {"ledger_head", "", kVerify},
    {"ledger_leaves", "", kVerify},
    {"ledger_nodes", "", kVerify},
    {"ledger_payloads", "", kVerify},
    {"source_documents", "bytes",
     "compared by the commitments desk: the row's id is the hash of these bytes"},
    {"source_documents", "size",
     "compared by the commitments desk: the bytes do not unpack with another size"},
    {"sessions", "", "come and go with every sign-in and change with every request"},
    {"accounts", "totp_step", "changes at every sign-in; only keeps a code from working twice"},
    {"followup_submissions", "contact", kNowhere},
    {"followup_submissions", "title", kWords},
    {"followup_submissions", "text", kWords},
    {"followup_submissions", "sources", kWords},
    {"followup_submissions", "findings", kWords},
    {"followup_submissions", "published_title", kWords},
    {"followup_submissions", "published_text", kWords},
    {"followup_submissions", "published_sources", kWords},
    {"followup_submission_steps", "text", kWords},
    {"followup_submission_files", "name", kWords},
    {"followup_submission_files", "sha256", kWords},
    {"followup_submission_files", "bytes", kWords},
    {"followup_submission_files", "size", kWords},
};

}  // namespace

std::span<const NotCompared> not_compared() noexcept { return kNotCompared; }

bool is_exempt(std::string_view table, std::string_view column) noexcept {
  return std::ranges::any_of(kNotCompared, [&](const NotCompared& entry) {
    return entry.table == table && (entry.column.empty() || entry.column == column);
  });
}

}  // namespace atalaya::ledger
