// Treaties: where the country stands towards each and by which source; what those of a theme ask of
// laws, and what was found in the country's.
#include <algorithm>

#include <fmt/format.h>

#include <atalaya/figures/locale.hpp>
#include <atalaya/followup/checklists.hpp>
#include <atalaya/followup/treaties.hpp>

#include "brief_parts.hpp"

namespace atalaya::followup::detail {

using figures::PaperHeading;
using figures::PaperStyle;
using figures::PaperTable;

namespace {

// What is missing comes first: that is what the reader may change.
int urgency(TreatyStatus status) {
  switch (status) {
    case TreatyStatus::signed_only:
      return 0;
    case TreatyStatus::signature_withdrawn:
    case TreatyStatus::withdrawn:
      return 1;
    case TreatyStatus::no_action:
      return 2;
    case TreatyStatus::consented:
      return 3;
    case TreatyStatus::unknown:
      return 4;
    case TreatyStatus::party:
      return 5;
  }
  return 6;
}

bool has_left(TreatyStatus status) {
  return status == TreatyStatus::withdrawn || status == TreatyStatus::signature_withdrawn;
}

bool is_open(TreatyStatus status) {
  return status == TreatyStatus::signed_only || status == TreatyStatus::no_action;
}

// "In force for it": a deposit binds nobody yet, so its date never stands here.
std::string in_force_words(const PaperWriter& to, const TreatyState& state) {
  const bool bound = state.status == TreatyStatus::party;
  if (!bound && state.status != TreatyStatus::consented) {
    return "–";
  }
  if (!state.in_force.empty()) {
    return to.shown_date(state.in_force);
  }
  return to.say(bound ? "treaty.in_force.unknown" : "treaty.in_force.not_yet");
}

// Of a withdrawal the day from which it has effect too: until then the state was bound.
std::string act_words(const PaperWriter& to, const TreatyState& state) {
  if (state.act.empty()) {
    return "–";
  }
  std::string out =
      fmt::format("{}, {}", to.say("treaty.act." + state.act), to.shown_date(state.since));
  if (has_left(state.status) && !state.effective.empty()) {
    out += "; " + to.labelled(to.say("treaty.effective"), to.shown_date(state.effective));
  }
  return out;
}

// The sources of the rows, each once, in the order of their numbers.
class Sources {
 public:
  struct Source {
    std::string text, language;
  };

  std::size_t number(const Source& source) {
    const auto found = std::ranges::find(all_, source.text, &Source::text);
    const auto at = static_cast<std::size_t>(found - all_.begin());
    if (found == all_.end()) {
      all_.push_back(source);
    }
    return at + 1;
  }

  [[nodiscard]] const std::vector<Source>& all() const { return all_; }

 private:
  std::vector<Source> all_;
};

Sources::Source source_of(const TreatyState& state, std::string_view instrument,
                          const std::vector<TreatyEvent>& events,
                          const std::vector<TreatySnapshot>& lists) {
  for (const TreatyEvent& event : events) {
    if (event.instrument == instrument && to_string(event.act) == state.act &&
        event.date == state.since) {
      return {event.source, event.added_by == "catalogue" ? "en" : ""};
    }
  }
  for (const TreatySnapshot& list : lists) {
    if (list.instrument == instrument && list.read_on == state.read_on) {
      return {list.source, ""};
    }
  }
  return {};
}

}  // namespace

Result<void> add_treaties(PaperWriter& to, const std::string& country,
                          const std::vector<std::string>& instruments, Gaps& gaps) {
  const Treaties treaties(to.parts());
  const auto matrix = ATALAYA_TRY(treaties.matrix(to.parts().today(), country, {}));
  const auto events = ATALAYA_TRY(treaties.events(country, {}));
  const auto lists = ATALAYA_TRY(treaties.snapshots());
  std::vector<std::size_t> order;
  for (std::size_t i = 0; i < matrix.cells.size(); ++i) {
    if (std::ranges::find(instruments, matrix.instruments[i]) != instruments.end()) {
      order.push_back(i);
    }
  }
  if (order.empty()) {
    return {};
  }
  to.heading("brief.treaties", "treaties");
  std::ranges::stable_sort(order, {},
                           [&](std::size_t i) { return urgency(matrix.at(0, i).status); });
  PaperTable table;
  table.header = {to.say("brief.treaty"), to.say("brief.status"), to.say("treaty.act"),
                  to.say("brief.in_force"), to.say("brief.read_on")};
  Sources sources;
  for (const std::size_t i : order) {
    const TreatyState& state = matrix.at(0, i);
    const std::string& id = matrix.instruments[i];
    const std::string name = to.instrument_name(id);
    if (state.status == TreatyStatus::unknown) {
      gaps.unknown_treaties.push_back(name);
      continue;
    }
    if (is_open(state.status)) {
      gaps.treaties.push_back(name);
    } else if (has_left(state.status)) {
      gaps.left_treaties.push_back(name);
    }
    const auto source = source_of(state, id, events, lists);
    std::string read = to.shown_date(state.read_on);
    read += state.stale ? " (" + to.say("treaty.stale") + ")" : "";
    read += source.text.empty() ? "" : fmt::format(" [{}]", sources.number(source));
    table.rows.push_back(
        {to.linked(name, "/treaties/" + id),
         PaperWriter::plain(to.say(fmt::format("treaty.status.{}", to_string(state.status)))),
         PaperWriter::plain(act_words(to, state)), PaperWriter::plain(in_force_words(to, state)),
         PaperWriter::plain(std::move(read))});
  }
  if (!table.rows.empty()) {
    to.add(std::move(table));
    to.paragraph(to.say("brief.treaties.note"), PaperStyle::small);
  }
  std::size_t n = 0;
  for (const auto& source : sources.all()) {
    figures::PaperText text = {{.text = fmt::format("[{}] ", ++n)}};
    const auto words = to.sourced(source.text, source.language);
    text.insert(text.end(), words.begin(), words.end());
    to.paragraph(std::move(text), PaperStyle::small);
  }
  if (!gaps.unknown_treaties.empty()) {
    to.paragraph(to.count("brief.treaties.unknown", std::ssize(gaps.unknown_treaties),
                          {{"list", figures::list(to.language(), gaps.unknown_treaties)}}),
                 PaperStyle::mark);
  }
  return {};
}

Result<void> add_articles(PaperWriter& to, const std::string& country,
                          const std::vector<std::string>& instruments) {
  bool begun = false;
  for (const Checklist& checklist : Checklists::all()) {
    if (std::ranges::find(instruments, checklist.instrument) == instruments.end()) {
      continue;
    }
    const auto matrix = ATALAYA_TRY(Checklists(to.parts()).matrix(checklist.id));
    if (!begun) {
      to.heading("brief.articles", "articles");
      begun = true;
    }
    to.add(PaperHeading{.level = 3, .text = checklist.label.in(to.language())});
    PaperTable table;
    table.header = {to.say("brief.article"), to.say("brief.article.asks"),
                    to.say("brief.article.law")};
    for (const ChecklistItem& item : checklist.items) {
      const std::string_view mark = matrix.mark(item.id, country);
      table.rows.push_back(
          {PaperWriter::plain(fmt::format("{} · {}", article_name(item, to.language()),
                                          item.label.in(to.language()))),
           PaperWriter::plain(item.about.in(to.language())),
           to.linked(mark == kNotCoded ? to.say("brief.article.not_coded")
                                       : to.value_name(kChecklistScale, mark),
                     fmt::format("/checklists/{}/{}", checklist.id, item.id))});
    }
    to.add(std::move(table));
  }
  return {};
}

}  // namespace atalaya::followup::detail
