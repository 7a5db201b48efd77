#pragma once
// Treaties as events. What a state did about a treaty is a list of dated acts; its status on a day
// is derived from them and never stored.
//
// Source of the acts: Vienna Convention on the Law of Treaties (1969), articles 2, 11 to 24, 54;
// Vienna Convention on Succession of States (1978), article 2. Layouts of files:
// docs/reference/treaty-events.md.

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <atalaya/base/result.hpp>
#include <atalaya/base/time.hpp>
#include <atalaya/followup/parts.hpp>

namespace atalaya::followup {

enum class TreatyAct {
  signature,
  ratification,
  accession,
  acceptance,
  approval,
  succession,
  reservation,
  objection,
  withdrawal,
  entry_into_force,  // for this party
};
inline constexpr TreatyAct kTreatyActs[] = {
    TreatyAct::signature,   TreatyAct::ratification, TreatyAct::accession,
    TreatyAct::acceptance,  TreatyAct::approval,     TreatyAct::succession,
    TreatyAct::reservation, TreatyAct::objection,    TreatyAct::withdrawal,
    TreatyAct::entry_into_force};
[[nodiscard]] std::string_view to_string(TreatyAct act) noexcept;
[[nodiscard]] std::optional<TreatyAct> parse_treaty_act(std::string_view name) noexcept;
/// By these a state agrees to be bound: ratification, accession, acceptance, approval, succession.
[[nodiscard]] bool is_consent(TreatyAct act) noexcept;

struct TreatyEvent {
  std::int64_t id = 0;
  std::string party;       // ISO 3166-1 alpha-3
  std::string instrument;  // id of the catalogue
  TreatyAct act = TreatyAct::signature;
  std::string date;        // ISO day, month or year, as far as known
  std::string effective;   // ISO day from which it has effect; empty = not recorded
  std::string depositary, source, note;
  std::string read_on;     // ISO day on which somebody read it in the source
  std::string added_at, added_by, superseded_at;
};

/// The last day that "2003", "2003-05" or "2003-05-17" may mean. Fails with invalid_argument
/// (followup.date).
[[nodiscard]] Result<CivilDate> last_day(std::string_view date);

enum class TreatyStatus {
  unknown,              // nothing is held about this state and treaty
  no_action,            // a whole list of participants was read, and it is not on it
  signed_only,
  consented,            // agreed to be bound; not in force for it on that day
  party,                // bound
  withdrawn,            // was bound, or had agreed to be, and left
  signature_withdrawn,  // declared not to become a party
};
[[nodiscard]] std::string_view to_string(TreatyStatus status) noexcept;

struct TreatyState {
  TreatyStatus status = TreatyStatus::unknown;
  std::string since;         // date of the event that decides
  std::string act;           // of that event
  std::string effective;     // day from which that event has effect; empty = not recorded
  std::string in_force;      // ISO day for this state: recorded, or certain by the treaty's rule
  // That rule, and where and when its text was read; empty where the day is recorded or not known.
  // A rule without a reading comes from general knowledge, and whoever shows the day says so.
  std::string in_force_rule, rule_read_in, rule_read_on;
  std::string read_on;       // the newest reading that this rests on
  bool stale = false;        // that reading is older than a year on the day asked about
  std::int32_t reservations = 0, objections = 0;
};

/// A list of all participants of one treaty, read on a day.
struct TreatySnapshot {
  std::string instrument, read_on, source;
};

/// From when a treaty binds a state that deposits its consent on some day, by the treaty's own text
/// (catalogue/followup/treaties.json); never before the treaty's own entry into force.
struct EntryRule {
  enum class Unit {
    day,
    month,
    month_start
  };  // month_start: the first day of the n-th month after

  std::string in_force;    // ISO day of the treaty's own entry into force; empty while it is not
  std::int32_t after = 0;  // units after the deposit
  Unit unit = Unit::day;
  std::string
      silent_from;     // ISO day of deposit from which, until `in_force`, the text gives no day
  std::string source;  // article, with the rule in our words; empty: no rule is held
  std::string read_in, read_on;  // where and on which ISO day it was read; both or neither
};

/// The status at the end of `as_of`. `events` are one party's about one treaty in any order; of the
/// later ones only an entry into force that follows from an earlier consent is read. `snapshot` is
/// the newest reading of its whole list, may be null. Nobody is party before the day from which
/// the treaty binds it, nor before the last one that an inexact date leaves open. Pure.
[[nodiscard]] TreatyState derive_state(std::span<const TreatyEvent> events,
                                       const TreatySnapshot* snapshot, const EntryRule& rule,
                                       CivilDate as_of);

enum class TreatyChange { added, unchanged, read_again, changed, missing, retracted };
[[nodiscard]] std::string_view to_string(TreatyChange change) noexcept;

struct TreatyImportRow {
  std::uint64_t line = 0;  // of the file; 0 for `missing`
  TreatyChange change = TreatyChange::added;
  TreatyEvent event;                  // what the file says; for `missing` what is held
  std::optional<TreatyEvent> before;  // what is held, for read_again and changed
};

/// A participant's name that is read as none of the states, though it looks like one.
struct ResemblingName {
  std::uint64_t line = 0;
  std::string name, state;  // state: the one that it looks like, "MEX"
};

struct TreatyImportOptions {
  std::string instrument;  // for a list of participants (UNTC layout)
  std::string snapshot;    // ISO day on which that list was right
  std::string source;      // overrides the default source of that layout
  std::string by = "command line";
  bool accept_changes = false;  // acts that are held may be replaced or taken back
  bool accept_names = false;    // names that look like a state's are others'
  std::string reason;  // why acts are taken back; stands in the history of each
};

struct TreatyImportPlan {
  std::string file_name, sha256;
  std::string layout;  // atalaya | untc
  std::string instrument, snapshot, source;
  std::vector<TreatyImportRow> rows;
  std::vector<std::string> outside;  // participants that the catalogue does not follow
  std::vector<ResemblingName> resembling;  // of them: may be a state, which would not be read
  bool known = false;                // these very bytes were imported as this already
  std::int64_t based_on = 0;         // the store's state that it was compared with

  /// Whether apply() would write anything.
  [[nodiscard]] bool has_news() const;
  [[nodiscard]] std::int64_t count(TreatyChange change) const;
  /// Acts that are held and that the file takes back, by a mark or by not naming them.
  [[nodiscard]] std::int64_t taken_back() const;
  /// Acts that are held and that would be replaced or taken back; each is for somebody to accept, and
  /// so is, apart from it, each of `resembling`.
  [[nodiscard]] std::int64_t replaced() const;
};

/// A row or column of the matrix in the catalogue's order: states, and instruments of kind treaty.
struct TreatyMatrix {
  std::string as_of;
  std::vector<std::string> states, instruments;
  std::vector<TreatyState> cells;  // states.size() rows of instruments.size()

  [[nodiscard]] const TreatyState& at(std::size_t state, std::size_t instrument) const {
    return cells[state * instruments.size() + instrument];
  }
  /// How many states have this status: the one place where it is counted.
  [[nodiscard]] std::int32_t count(std::size_t instrument, TreatyStatus status) const;
};

/// "party,instrument,kind,…" and the events' rows: our own layout.
[[nodiscard]] std::string treaty_csv(const std::vector<TreatyEvent>& events);

class Treaties {
 public:
  explicit Treaties(const Parts& parts) : parts_(parts) {}

  /// Reads and compares; changes nothing. The first wrong row fails the whole file with
  /// invalid_argument, params file and line: followup.treaties.party, .instrument, .kind, .date,
  /// .before_opened, .effective_early: before the treaty's own entry into force, .future, .read_on, .source, .twice, .order, .leaves_nothing, .no_consent,
  /// .orphan (or .orphan.list: by not naming the state): an act that stays would have nothing to rest
  /// on (params party, instrument, act, date);
  /// the file as such with .columns, .snapshot, .list_instrument; and as read_table() does.
  [[nodiscard]] Result<TreatyImportPlan> plan(std::string_view bytes, std::string_view file_name,
                                              const TreatyImportOptions& options) const;
  /// One transaction: events, ledger leaf, history. A plan without news changes nothing, not even
  /// the log. Fails with conflict (followup.treaties.changes; params file, n) where acts that are held
  /// are replaced or taken back without accept_changes, (followup.treaties.resembles; params file,
  /// line, value, state) where names resemble a state's without accept_names, (followup.treaties.stale) when something changed since plan();
  /// with invalid_argument (followup.treaties.reason; params n, file) where acts are taken back and
  /// the options give no reason of 10 to 1,000 bytes.
  [[nodiscard]] Result<void> apply(const TreatyImportPlan& plan,
                                   const TreatyImportOptions& options) const;

  /// Empty `party` or `instrument`: all. By instrument, party, date. What was superseded is left
  /// out unless asked for.
  [[nodiscard]] Result<std::vector<TreatyEvent>> events(std::string_view party,
                                                        std::string_view instrument,
                                                        bool superseded = false) const;
  [[nodiscard]] Result<std::vector<TreatySnapshot>> snapshots() const;
  /// Empty `party` or `instrument`: every state, every treaty. `known_on`: by what this node held
  /// at the end of that day.
  [[nodiscard]] Result<TreatyMatrix> matrix(CivilDate as_of, std::string_view party = {},
                                            std::string_view instrument = {},
                                            std::optional<CivilDate> known_on = {}) const;
  /// Our own layout, every event that counts; importing it changes nothing.
  [[nodiscard]] Result<std::string> csv() const;

  /// Brings the catalogue's own events into the store (once each; one leaf when something is new).
  [[nodiscard]] Result<void> sync_catalogue() const;

 private:
  Parts parts_;
};

}  // namespace atalaya::followup
