#pragma once
// Clauses, dates, instruments and institutions of held texts by the rules of this program, where an
// earlier one read them. What
// persons set stays; where it would have no clause of its own any more, the commitment is left as
// it stands and named.

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include <atalaya/base/result.hpp>

namespace atalaya::commitments {

struct ReadClause {
  std::string words;  // of the text
  std::string verb, addressee, deliverable, due, formulation;
  std::string set_by;  // "rule" or an account's name
  bool operator==(const ReadClause&) const = default;
};

/// One clause that is read otherwise; absent on the side where there is none of its number.
struct RereadClause {
  std::int32_t ordinal = 0;
  std::optional<ReadClause> before, after;
};

struct RereadCommitment {
  enum class Kept {
    no,
    clause,  // left as it stands: a person set a clause, and this program cuts the text otherwise
    date,    // left as it stands: an outcome is recorded of a date that would be another one
  };
  std::string id;
  std::string file;       // in which the text is that is read
  std::int32_t line = 0;  // of that file
  Kept kept = Kept::no;
  std::vector<RereadClause> clauses;  // that differ; none where only dates or places in the text do
  std::vector<std::string> dates_before, dates_after;  // EDTF, as rules read them; where they differ
  std::vector<std::string> links_before, links_after;  // "instrument:untoc"; on that side alone
};

struct RereadCounts {
  std::int64_t asking = 0, declaring = 0;  // clauses
  std::int64_t actionable = 0;             // commitments that ask for something
  std::int64_t dates = 0;                  // that bind, as rules read them
};

struct RereadReport {
  std::int64_t held = 0;     // texts of commitments
  std::int64_t earlier = 0;  // of them: read by an earlier program
  std::vector<RereadCommitment> changed;  // by document, in the order of import
  RereadCounts before, after;             // of all commitments that are held
};

struct RereadOptions {
  bool dry_run = false;
  std::string by = "command line";
  /// Numbers of a commitment's dates of which an outcome is recorded (ClauseEdit::dates_recorded);
  /// may be empty. Called outside of transactions.
  std::function<Result<std::vector<std::int64_t>>(const std::string& commitment)> recorded;
};

}  // namespace atalaya::commitments
