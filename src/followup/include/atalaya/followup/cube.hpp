#pragma once
// The cube commitment × actor × date. Each cell holds three layers that are never mixed: State's
// report, assessment, data and sources. "Not reported" and "not assessed" are values of their own;
// there is no sum, score or rank over states.

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <atalaya/base/result.hpp>
#include <atalaya/followup/parts.hpp>
#include <atalaya/followup/reference.hpp>
#include <atalaya/followup/treaties.hpp>

namespace atalaya::followup {

inline constexpr std::string_view kNotReported = "not_reported";
inline constexpr std::string_view kNotAssessed = "not_assessed";

/// A commitment as the follow-up counts it. The list of members is the commitments desk's own list
/// (what newer versions dropped and guidance are not on it); every count is taken over it.
struct Member {
  commitments::CommitmentRow row;  // title in the language asked for
  std::string adopted;             // ISO day on which its meeting ended
  bool parliamentary = false;      // followed per parliament, not per state
  bool asks_states = true;
  bool asks_to_join = false;  // asks to sign, ratify or accede: answered by treaty events
  std::vector<std::string> organs, treaties;
  std::vector<std::string> themes;  // all of them, as on the pages of themes and countries
};

/// Who can answer a commitment: a state "PAN", its parliament "PAN.parliament", an institution
/// "cicad".
enum class ActorKind { state, parliament, institution };
[[nodiscard]] std::optional<ActorKind> actor_kind(std::string_view actor,
                                                  const commitments::Catalogue& catalogue);
/// "PAN" of "PAN" and "PAN.parliament"; empty for an institution.
[[nodiscard]] std::string_view country_of(std::string_view actor);

enum class Applicability {
  applicable,
  not_applicable,  // not addressed, took no part, or left: in no denominator; a value that was
                   // recorded stays in the cell
  before_adoption,
  participation_unknown,  // nobody recorded whether it took part: in no denominator
};
[[nodiscard]] std::string_view to_string(Applicability value) noexcept;

/// A published assessment on another scale than the one asked for.
struct OtherAssessment {
  std::string scale, value, as_of;
  std::string node;  // as Cell::assessment_node
  bool dissent = false;
};

struct Cell {
  Applicability applicability = Applicability::applicable;
  bool statement_of_position = false;
  std::string report = std::string(kNotReported);  // value of the scale state_report
  std::string report_as_of;
  std::string assessment = std::string(kNotAssessed);  // published value on the scale asked for
  std::string assessment_as_of;
  std::string assessment_node;  // the peer whose coders these are; "" = this node's
  bool dissent = false;         // the two coders did not agree
  std::vector<OtherAssessment> other_scales;  // by the name of the scale
  /// Of the treaties that it asks to join: of how many the actor is party, how many are unknown.
  std::int32_t treaties = 0, treaties_party = 0, treaties_unknown = 0;
  /// Of the treaties that it names without asking to join them: context, which colours nothing.
  std::int32_t named = 0, named_party = 0, named_unknown = 0;
  std::int32_t entries = 0;  // laws, documents and figures recorded as data and sources
  /// An indicator is linked as measuring implementation, and a figure of the actor's country is
  /// published that is no baseline (is_baseline()).
  bool measured = false;
};

/// Whether a figure of that period (ISO: "2021", "2021-05", "2021-05-09") says how things stood
/// before a commitment adopted on that day, rather than what came of it: so it does where the
/// period began earlier, as the year of the adoption did.
[[nodiscard]] bool is_baseline(std::string_view period, std::string_view adopted) noexcept;

/// What tables and files say of a layer: its value; where there is none and the actor is not asked,
/// or nobody knows whether it took part, that instead of "not reported".
[[nodiscard]] std::string_view shown_report(const Cell& cell) noexcept;
[[nodiscard]] std::string_view shown_assessment(const Cell& cell) noexcept;
/// On any scale.
[[nodiscard]] bool is_assessed(const Cell& cell) noexcept;
[[nodiscard]] bool has_dissent(const Cell& cell) noexcept;

struct MatrixQuery {
  std::vector<std::string> commitments;  // ids; empty = all actionable members
  std::vector<std::string> actors;       // empty = every state
  std::string theme, series, series_not, scale = "implementation";  // series_not: left out
  CivilDate as_of;
  /// As this node knew it at the end of that day, the list of commitments, their titles and
  /// treaties included; none: all. Scales, themes and whom clauses ask are those of today.
  std::optional<CivilDate> known_on;
  Language language = Language::en;
  std::int32_t limit = 200, offset = 0;  // over commitments
};

struct Matrix {
  std::string as_of, scale;
  std::int64_t total = 0;  // commitments under the query, before limit and offset
  std::vector<Member> commitments;
  std::vector<std::string> actors;
  std::vector<Cell> cells;  // commitments.size() rows of actors.size()

  [[nodiscard]] const Cell& at(std::size_t commitment, std::size_t actor) const {
    return cells[commitment * actors.size() + actor];
  }
};

/// What is counted of cells, once, for every page, export and brief. `applicable` is the
/// denominator of the others.
struct Counts {
  std::int32_t cells = 0, applicable = 0, not_applicable = 0, before_adoption = 0,
               participation_unknown = 0;
  std::int32_t reported = 0, with_data = 0;
  std::int32_t assessed = 0, dissent = 0;  // on any scale
  std::int32_t assessed_on_scale = 0;      // of `assessed`: on the scale asked for
  std::map<std::string, std::int32_t> by_report,
      by_assessment;  // on the scale asked for; applicable cells; sums = applicable
  std::map<std::string, std::int32_t> by_g20;  // "-1", "0", "1", "none"
  /// Of `assessed`, those that coders of other nodes alone assessed, by one of these nodes.
  std::map<std::string, std::int32_t> by_node;
};

/// Over any cells, in any order. `scale` is that of the assessments.
[[nodiscard]] Counts count_cells(const std::vector<const Cell*>& cells, const Scale* scale);
[[nodiscard]] Counts count_matrix(const Matrix& matrix, const Scale* scale);
/// The year of the first commitment that asks any of the matrix's actors; 0 where none does.
[[nodiscard]] std::int32_t first_year(const Matrix& matrix);

/// −1, 0, +1 by the scale's own table; nothing for values that derive to none.
[[nodiscard]] std::optional<std::int32_t> derive_g20(const Scale& scale, std::string_view value);

/// What is recorded of one actor and one document; the cube's cells rest on it, and so does every
/// page that says in which texts a state took part.
struct DocumentPart {
  bool takes_part = false, left = false, absent = false;
  bool listed = false;  // a whole list of its participants is held: who is not on it was not there
};

/// One line of the history of a cell, of a state or of a treaty, newest first. `leaf` leads to the
/// public log.
struct ChangeView {
  std::int64_t position = 0, leaf = 0;
  std::string at, by, kind, commitment, actor, instrument;
  std::string before, after;  // of_removed_node: an assessment of a node that is trusted no more
  std::string why;
  std::int64_t submission = 0;  // number of an alternative report or a correction; 0: neither
};

struct ChangeQuery {
  std::string commitment, actor, instrument, theme;  // empty: any; of a theme: its commitments'
  std::int64_t after = 0;                            // positions above this one, for feeds
  std::int64_t limit = 100;
  /// Counted from the oldest: those from this one on, still newest first. None: the newest ones.
  std::optional<std::int64_t> from_oldest;
};

class Cube {
 public:
  explicit Cube(const Parts& parts) : parts_(parts) {}

  /// In the order of the commitments desk's list.
  [[nodiscard]] Result<std::vector<Member>> members(Language language) const;
  /// As it stood on the list at the end of `known_on`, if given: titles and treaties too. Fails
  /// with not_found (followup.commitment).
  [[nodiscard]] Result<Member> member(std::string_view commitment, Language language,
                                      std::optional<CivilDate> known_on = {}) const;

  /// Fails with not_found (followup.commitment, .actor, .theme) and invalid_argument
  /// (followup.scale).
  [[nodiscard]] Result<Matrix> matrix(const MatrixQuery& query) const;
  /// The same query over all actors of a kind: the states; the parliaments, over the priorities
  /// that they follow; the institutions that commitments ask, in the catalogue's order.
  [[nodiscard]] Result<MatrixQuery> over_all(ActorKind kind, MatrixQuery query) const;
  /// One cell by the same rules.
  [[nodiscard]] Result<Cell> cell(std::string_view commitment, std::string_view actor,
                                  CivilDate as_of, std::string_view scale,
                                  std::optional<CivilDate> known_on = {}) const;

  /// Every participation that is recorded, the catalogue's lists included; with `known_on` those
  /// that this node held at the end of that day.
  [[nodiscard]] Result<std::vector<Participation>> participations(
      std::string_view document, std::string_view actor,
      std::optional<CivilDate> known_on = {}) const;
  /// By document of the catalogue, on a day, of a state and its parliament together.
  [[nodiscard]] Result<std::map<std::string, DocumentPart, std::less<>>> parts_of(
      std::string_view state, CivilDate as_of) const;
  /// What editors record, with its source, decides which cells exist; what the actor itself says
  /// (`ForItself::yes`) only fills in what nobody knows, and takes nothing out of any count.
  /// Fails with invalid_argument (followup.participation; .participation.early: it ends before the
  /// text's meeting began, param adopted; .future), not_found (followup.document, .actor) and, of
  /// the actor itself, conflict (followup.participation.editors).
  enum class ForItself { no, yes };
  [[nodiscard]] Result<std::int64_t> add_participation(const Participation& row,
                                                       std::string_view by,
                                                       ForItself itself = ForItself::no) const;
  /// The row stays in the store and, with the reason, in the history. Fails with not_found
  /// (followup.participation: none of this number, or retracted), invalid_argument
  /// (followup.reason_short).
  [[nodiscard]] Result<void> retract_participation(std::int64_t id, std::string_view reason,
                                                   std::string_view by) const;

  [[nodiscard]] Result<std::vector<ChangeView>> changes(const ChangeQuery& query) const;
  /// All that the query is about, its limits aside.
  [[nodiscard]] Result<std::int64_t> count_changes(const ChangeQuery& query) const;

 private:
  Parts parts_;
};

}  // namespace atalaya::followup
