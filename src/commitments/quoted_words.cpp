#include <atalaya/commitments/quoted_words.hpp>

#include <algorithm>

#include <atalaya/commitments/analysis.hpp>
#include <atalaya/commitments/due_kind.hpp>

namespace atalaya::commitments {
namespace {

// The dates that rules read in the commitment's own words.
std::vector<DueView*> own_dues(CommitmentView& view) {
  std::vector<DueView*> out;
  for (DueView& due : view.dues) {
    if (due.set_by == "rule" && !is_from_above(view, due)) {
      out.push_back(&due);
    }
  }
  return out;
}

bool reads_alike(const CommitmentView& view, const std::vector<DueView*>& dues,
                 const Analysis& read) {
  const auto same_clause = [](const ClauseView& held, const Clause& clause) {
    const bool verbless = held.verb.empty() || held.verb_from_chapeau;
    return held.set_by == "rule" && verbless == (clause.verb.begin == clause.verb.end);
  };
  const auto same_due = [](const DueView* held, const Due& due) { return held->edtf == due.edtf; };
  return std::ranges::equal(view.clauses, read.clauses, same_clause) &&
         std::ranges::equal(dues, read.dues, same_due);
}

void quote(ClauseView& held, const Clause& clause, std::string_view text,
           const std::string& language) {
  held.language = language;
  held.begin = static_cast<std::int32_t>(clause.span.begin);
  held.end = static_cast<std::int32_t>(clause.span.end);
  held.verb_printed = clause.verb.of(text);
  if (clause.addressee_span.begin < clause.addressee_span.end) {
    held.addressee_printed = clause.addressee_span.of(text);
  }
  held.deliverable = held.verb_from_chapeau ? clause.span.of(text) : clause.deliverable.of(text);
  held.qualifiers.clear();
  for (const Qualifier& qualifier : clause.qualifiers) {
    held.qualifiers.emplace_back(qualifier.span.of(text));
  }
}

}  // namespace

CommitmentView quoted_in(CommitmentView view, Language language, const Catalogue& catalogue) {
  const std::string wanted(to_string(language));
  const auto text = std::ranges::find_if(view.texts, [&](const TextView& one) {
    return one.language == wanted && one.standing == "official";
  });
  if (text == view.texts.end() || view.clauses.empty() || view.clauses.front().language == wanted) {
    return view;
  }
  const Recogniser recogniser(catalogue);
  AnalysisContext context;
  context.language = language;
  context.year = view.row.year;
  context.recogniser = &recogniser;
  const Analysis read = analyse(text->text, context);
  const std::vector<DueView*> dues = own_dues(view);
  if (!reads_alike(view, dues, read)) {
    return view;
  }
  for (std::size_t i = 0; i < dues.size(); ++i) {
    dues[i]->printed = read.dues[i].span.of(text->text);
  }
  for (std::size_t i = 0; i < view.clauses.size(); ++i) {
    quote(view.clauses[i], read.clauses[i], text->text, wanted);
  }
  return view;
}

}  // namespace atalaya::commitments
