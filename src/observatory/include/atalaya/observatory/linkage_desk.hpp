#pragma once
// From files of several sources to a list of cases, and to counts that may be published.
//
// A linkage reads two to five files of the same cases (police, forensic, prosecution), compares
// them pair by pair (linkage.hpp) and puts what belongs together into cases. Two things come out:
// the list of cases, which is personal data and leaves the program only as a file for those
// entitled; and counts, which are all that the node ever keeps. No name, case number or row of a
// file is stored, logged or put into the ledger. docs/guides/linkage.md.

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <atalaya/base/json.hpp>
#include <atalaya/base/result.hpp>
#include <atalaya/observatory/desk.hpp>
#include <atalaya/observatory/linkage.hpp>

namespace atalaya::observatory {

inline constexpr std::size_t kLinkageListsMax = 5;
inline constexpr std::size_t kLinkageGroupsMax = 60;

/// One file of the plan. `columns`: field or "group" to the file's own column.
struct LinkageList {
  std::string id = {}, title = {},
              source = {};       // id: a-z 0-9 _; source: of the observatory, may be empty
  std::string case_column = {};  // the source's own case number; may be empty
  std::map<std::string, std::string> columns = {};
};

struct LinkagePlan {
  std::string id, title, country, text;
  std::string indicator = "homicide_victims";  // what its cases are cases of
  bool synthetic = false;
  std::string decided_by, reason;
  std::vector<FieldSpec> fields;
  std::vector<BlockingPass> passes;
  LinkOptions options;
  std::vector<LinkageList> lists;
  std::int64_t threshold = 5;      // counts of 1 to threshold − 1 are hidden; 1: none are
  bool list_totals_known = false;  // readers hold the lists' own totals: they cannot be hidden
};

/// TOML of docs/guides/linkage.md. Fails with invalid_argument (observatory.linkage.plan), naming
/// line, key and what to write.
[[nodiscard]] Result<LinkagePlan> parse_linkage_plan(std::string_view text);

/// What a person decided about two records: lines of the files, by list.
struct LinkageDecision {
  std::size_t list_a = 0, list_b = 0;
  std::uint64_t line_a = 0, line_b = 0;
  bool is_match = false;
};

/// Reads the `decision` column (match | no_match | empty) of a list of cases that this program
/// wrote. Fails with invalid_argument (observatory.linkage.decisions), and as read_table() does.
[[nodiscard]] Result<std::vector<LinkageDecision>> read_decisions(
    const LinkagePlan& plan, const std::filesystem::path& file);

struct LinkedRecord {
  std::uint64_t line = 0;           // of its file
  std::string number, group;        // the source's own case number; what it is counted under
  std::vector<std::string> values;  // by field of the plan
};

enum class PairState { linked, review, conflict };  // conflict: a better pair took its place

struct CasePair {
  std::size_t list_a = 0, list_b = 0;
  std::uint32_t a = 0, b = 0;  // records of the lists
  double probability = 0, bits = 0;
  PairState state = PairState::review;
  bool decided = false;  // by a person
  std::string why = {};  // "surname: same +6.2; birth: one slip +3.1"; no value
};

struct LinkageOutcome {
  LinkagePlan plan;
  std::vector<std::vector<LinkedRecord>> records;  // by list
  std::vector<std::string> sha256;                 // of each file
  std::vector<CasePair> pairs;                     // best first
  /// Of each case, its record of each list.
  std::vector<std::vector<std::optional<std::uint32_t>>> cases;
  /// Group to counts by pattern: bit i of the index, on list i. [0] is 0.
  std::map<std::string, std::vector<std::int64_t>> counts;
  json::object result;     // for analysts: counts, weights, passes, the unseen
  json::object agreement;  // after disclosure control
};

/// `files` in the order of the plan's lists. The same input gives the same outcome. Fails with
/// invalid_argument (observatory.linkage.files, .column, .groups, .decisions), as read_table() and
/// Linker do, and as disclosure::protect() does.
[[nodiscard]] Result<LinkageOutcome> link_files(const LinkagePlan& plan,
                                                const std::vector<std::filesystem::path>& files,
                                                const std::vector<LinkageDecision>& decisions);

/// One line a case or pair for review, with the lines and numbers of each list and why. Personal
/// data. With `values`, what was compared stands beside it.
[[nodiscard]] std::string cases_csv(const LinkageOutcome& outcome, bool values);

/// The agreement after disclosure control: one line a group and set of lists.
[[nodiscard]] std::string agreement_csv(const json::object& agreement);

/// What the node holds of a linkage.
struct Linkage {
  std::int64_t id = 0;
  std::string linkage, title, country, plan, made_at, made_by;
  bool synthetic = false, published = false;
  json::array lists;
  json::object result, agreement;
};

/// Stores counts and a ledger leaf of their hashes. Publishing needs a decision in the plan, an
/// agreement that the audit found safe, and nothing left for review; else conflict
/// (observatory.linkage.undecided, .unsafe, .review). Where an agreement of this plan's id that
/// hides a count was published before, conflict (observatory.linkage.published): the difference of
/// two would show what both hide.
enum class PublishAgreement { no, yes };
[[nodiscard]] Result<Linkage> store_linkage(const Desk& desk, const LinkageOutcome& outcome,
                                            std::string_view by, PublishAgreement publish);

/// Newest first.
[[nodiscard]] Result<std::vector<Linkage>> linkages(const Desk& desk);

}  // namespace atalaya::observatory
