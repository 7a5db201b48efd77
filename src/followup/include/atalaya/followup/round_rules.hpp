#pragma once
// The rules of an evaluation round, without a store: what a questionnaire asks and of whom, who may
// see what at which stage, which step may follow which. Pure; any thread.

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <atalaya/base/json.hpp>
#include <atalaya/base/time.hpp>
#include <atalaya/followup/entries.hpp>

namespace atalaya::followup {

class Reference;

enum class QuestionType {
  yes_no,   // yes | no
  partial,  // yes | partially | no
  text,
  number,  // decimal point, no thousands
  date,    // ISO day, month or year
  scale,   // a value of `scale`
  links,   // one source a line, "title <https://…>"
  table,   // rows of `columns`, kept as CSV without a header
};
[[nodiscard]] std::string_view to_string(QuestionType type) noexcept;

/// Ask only if the answer to `question`, itself asked, is one of `values`.
struct QuestionRoute {
  std::string question;
  std::vector<std::string> values;
};

struct QuestionColumn {
  std::string id;
  Translated label;
  QuestionType type = QuestionType::text;  // text | number | date
  /// Of numbers that may be added up: the columns whose cells have to agree, as year and unit;
  /// empty: they are not.
  std::vector<std::string> sum_by;
};

struct Question {
  std::string id, article;
  Translated text;
  QuestionType type = QuestionType::yes_no;
  std::string scale;                    // of the catalogue
  std::vector<QuestionColumn> columns;  // of a table, 1 to kTableColumnsMax
  bool required = false;
  std::vector<QuestionRoute> when;  // all of them
  /// Of a follow-up: the number of the recommendation whose outcome is asked, in the language of
  /// whoever wrote it. Empty of a questionnaire's own questions.
  std::string recommendation, language;
};

struct Questionnaire {
  std::string id;
  std::int32_t version = 1;
  std::string mechanism;   // institution of the catalogue; may be empty
  std::string instrument;  // of the catalogue; may be empty
  Translated label, about;
  std::string rating;    // scale of experts' conclusions; may be empty
  std::string progress;  // scale of answers to recommendations in a follow-up round
  std::string source, read_on;
  std::vector<Question> questions;

  [[nodiscard]] const Question* find(std::string_view question) const noexcept;
};

/// Fails with invalid_argument (followup.questionnaire, params row, rule): unknown scale, a route
/// to a later question or an answer that it cannot have, an id twice, a text that is missing.
[[nodiscard]] Result<Questionnaire> parse_questionnaire(const json::value& value,
                                                        const Reference& reference);

/// The values that an answer of this question may have; empty where it is free.
[[nodiscard]] std::vector<std::string> answer_values(const Question& question,
                                                     const Reference& reference);
inline constexpr std::size_t kTableColumnsMax = 8;
inline constexpr std::size_t kTableRowsMax = 200;
using TableCells = std::vector<std::vector<std::string>>;  // rows of cells
/// The rows of a table's answer, each as long as `columns`; cells may be empty. Takes what people
/// paste: columns parted by tabs, semicolons or commas (the first of them that occurs outside
/// quotes), quotes as in CSV; blank lines are left out, and so is a first line that only repeats
/// the names of the columns in some language. Fails with invalid_argument (followup.round.table,
/// params question, line, column, rule: columns | rows | number | date).
[[nodiscard]] Result<TableCells> table_cells(const Question& question, std::string_view value);
/// As answers keep it: table_cells() of it are `cells`.
[[nodiscard]] std::string table_text(const TableCells& cells);

/// What the rows of several states come to in one column, where the cells of `sum_by` agree but for
/// case and blanks; words in two languages are two.
struct TableTotal {
  std::string column;               // id
  std::vector<std::string> within;  // cells of `sum_by`, as first written
  double sum = 0;
  double median = 0;                 // of the states' own sums
  std::int32_t states = 0;           // that gave a number
  std::vector<std::string> without;  // states with such a row and no number in it
};

/// By column, then by `within`. Pure.
[[nodiscard]] std::vector<TableTotal> table_totals(
    const Question& question, const std::map<std::string, TableCells>& by_state);

/// Fails with invalid_argument (followup.entry.field; followup.round.value, params question, value,
/// accepted: the codes; followup.round.table).
[[nodiscard]] Result<void> check_answer(const Question& question, std::string_view value,
                                        const Reference& reference);
/// Answers by question; those that are asked under these answers, in order.
[[nodiscard]] std::vector<const Question*> asked(
    const std::vector<Question>& questions,
    const std::map<std::string, std::string, std::less<>>& answers);

// --- Stages and audiences ------------------------------------------------------------------------

/// Of one state's review in one round. None of them but `published` is for everybody.
enum class RoundStage {
  none,       // the state takes no part, or the viewer may not know
  answering,  // the state's focal point drafts answers
  review,     // answers are in; the review subgroup drafts
  comment,    // the state comments on the draft
  plenary,    // all experts but the state's read; the subgroup revises
  adopted,    // by the plenary; waits for the state's consent to publish
  published,
};
[[nodiscard]] std::string_view to_string(RoundStage stage) noexcept;
inline constexpr RoundStage kRoundStages[] = {
    RoundStage::none,    RoundStage::answering, RoundStage::review,   RoundStage::comment,
    RoundStage::plenary, RoundStage::adopted,   RoundStage::published};

enum class RoundPart { steps, answers, civil_society, draft, comments };
inline constexpr RoundPart kRoundParts[] = {RoundPart::steps, RoundPart::answers,
                                            RoundPart::civil_society, RoundPart::draft,
                                            RoundPart::comments};

/// What somebody is to one review. An expert of the state itself is neither of the two kinds of
/// expert, and who comes from the state does not act for the secretariat.
struct RoundHats {
  bool state = false;     // focal point of the state
  bool subgroup = false;  // expert who reviews it
  bool plenary = false;   // expert of another state
  bool secretariat = false;
  bool participant = false;  // any focal point or expert of any state
};

struct RoundViewer {
  std::string name;
  std::vector<std::string> states;  // for whose government it is focal point
  std::vector<std::string> own;     // all states that the account comes from
  bool expert = false, secretariat = false;
  std::string organisation = {};  // that the account belongs to
};

/// `reviewers`: who was assigned, entries of kind expert. An expert of whom no state is known is
/// nobody: its own state could not be kept from it.
[[nodiscard]] RoundHats hats_of(const RoundViewer& viewer, std::string_view country,
                                const std::vector<Entry>& reviewers);

/// `with_answers`: the state consented to publish its answers, too.
[[nodiscard]] bool may_see(RoundPart part, RoundStage stage, const RoundHats& hats,
                           bool with_answers) noexcept;

// --- Steps ---------------------------------------------------------------------------------------

inline constexpr std::int32_t kCommentDays = 30;

/// A dated step as an entry of kind "step" has it: fields step, date, note, scope, until.
inline constexpr std::string_view kRoundSteps[] = {
    "opened",        "submitted",        "returned", "civil_society_opened",
    "civil_society", "visit_consented",  "visited",  "drafted",
    "commented",     "lapsed",           "adopted",  "consented",
    "published",     "consent_withdrawn"};

[[nodiscard]] RoundStage stage_of(const std::vector<Entry>& steps);

/// Days, both included, in which organisations may send input on a state's review themselves.
struct InputWindow {
  std::string country, from, until;
};

/// The one that is open on this day: from step civil_society_opened to its day `until`, unless the
/// step civil_society closed it or the draft went to the state. Nothing where none is.
[[nodiscard]] std::optional<InputWindow> input_window(const std::vector<Entry>& steps,
                                                      CivilDate today);
/// The state consented to publication and did not take it back.
[[nodiscard]] bool consented(const std::vector<Entry>& steps);
[[nodiscard]] bool answers_consented(const std::vector<Entry>& steps);
/// Fails with invalid_argument (followup.entry.field: step, date, scope, until), conflict
/// (followup.round.order, params step, needs; followup.round.once of a second visit; followup.round.early, params
/// step, needs, date: a step that leads to another stage comes after all others, one that runs beside
/// others after what it answers and within its stage) and
/// permission_denied (followup.round.not_yours).
[[nodiscard]] Result<void> check_step(const std::vector<Entry>& steps, const Entry& step,
                                      const RoundHats& hats, CivilDate today);
/// Whether check_step() would let these hats take the step now, whatever its date.
[[nodiscard]] bool may_step(const std::vector<Entry>& steps, std::string_view step,
                            const RoundHats& hats);

}  // namespace atalaya::followup
