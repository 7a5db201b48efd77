#pragma once
// What the pages of rounds and checklists share.

#include <functional>
#include <string>
#include <string_view>

#include <atalaya/followup/reference.hpp>
#include <atalaya/followup/rounds.hpp>

#include "pages_followup.hpp"
#include "pages_parts.hpp"

namespace atalaya::api {

/// An answer, or "answered", "not_asked" and the like of a report, in the page's language.
[[nodiscard]] std::string answer_words(const PageContext& context,
                                       const followup::Question& question, std::string_view value,
                                       const followup::Reference& reference);
[[nodiscard]] Shell rounds_shell(const PageContext& context, std::string title,
                                 const followup::Round* round);

struct ReviewView;

/// A question as it is asked: "Recommendation 2 of “…”: …" where it is about one of a round that
/// was followed.
[[nodiscard]] std::string question_text(const PageContext& context, const followup::Round& round,
                                        const followup::Question& question);
/// The same with the language of the recommendation marked.
void write_question_text(Html& h, const PageContext& context, const followup::Round& round,
                         const followup::Question& question);
/// By its id, asked now or not; null where it is about the whole report.
[[nodiscard]] const followup::Question* find_question(const ReviewView& view, std::string_view id);
/// The title of a round with its language marked.
void write_round_title(Html& h, const PageContext& context, const followup::Round& round);

/// A table's answer as a table; as text where it does not fit its columns.
void write_table(Html& h, const PageContext& context, const followup::Question& question,
                 const followup::Entry& answer);
/// Files of one kind, with the form for a further one where the viewer may add it.
void write_round_files(Html& h, const PageContext& context, const ReviewView& view,
                       std::string_view kind);
/// The band of an on-site visit; nothing where the state agreed to none.
void write_visit_band(Html& h, const PageContext& context, const ReviewView& view);
/// Inputs of civil society, each with who sent it.
void write_inputs(Html& h, const PageContext& context, const std::vector<followup::Entry>& inputs);

struct Input {
  std::string name, label, hint, value;
  std::string type = "text";
  bool required = false;
  std::string rows = "4";  // of a text area
};

/// A field that a file would change, in words.
struct Difference {
  std::string where, field, kept, now;
};
/// All of them as a table; nothing where there are none.
void write_difference_table(Html& h, const PageContext& context,
                            const std::vector<Difference>& differences);
/// The same of entries; `name_of` says what an entry is called where its name tells readers
/// nothing.
void write_differences(Html& h, const PageContext& context,
                       const std::vector<followup::EntryImportRow>& rows,
                       const std::function<std::string(const followup::Entry&)>& name_of = {});

/// Whether somebody else wrote what `draft` was to change after its writer had opened it.
[[nodiscard]] bool is_overtaken(const followup::Entry* draft, const followup::Entry* held);
/// The version that a form answers: of a refused one the one that stands now, which its page shows
/// beside it, so that sending it again is a decision and no second surprise.
[[nodiscard]] std::int32_t answered_version(const followup::Entry* draft,
                                            const followup::Entry* held);
/// What stands now, above the form whose writer did not know of it; `words` writes what it says.
void write_other(Html& h, const PageContext& context, const followup::Entry& held,
                 const std::function<void()>& words);

/// Label, hint and field in one block; type "area" is a text area. Ids begin with `prefix`.
void write_input(Html& h, const Input& input, std::string_view prefix = "i-");

}  // namespace atalaya::api
