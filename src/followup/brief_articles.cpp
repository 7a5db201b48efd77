// Treaties: where the country stands towards each and by which source; what those of a theme ask of
// laws, and what was found in the country's.
#include <algorithm>
#include <optional>

#include <fmt/format.h>

#include <atalaya/figures/locale.hpp>
#include <atalaya/followup/checklists.hpp>
#include <atalaya/followup/treaties.hpp>
#include <atalaya/identity/accounts.hpp>

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
    const bool unread = !state.in_force_rule.empty() && state.rule_read_in.empty();
    return to.shown_date(state.in_force) +
           (unread ? " (" + to.say("treaty.rule.unread") + ")" : "");
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
    out += to.say("label.apart") +
           to.labelled(to.say("treaty.effective"), to.shown_date(state.effective));
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

std::optional<Sources::Source> source_of(std::string_view act, std::string_view date,
                                         std::string_view instrument,
                                         const std::vector<TreatyEvent>& events) {
  for (const TreatyEvent& event : events) {
    if (event.instrument == instrument && to_string(event.act) == act && event.date == date) {
      return Sources::Source{event.source, event.added_by == "catalogue" ? "en" : ""};
    }
  }
  return std::nullopt;
}

Sources::Source source_of(const TreatyState& state, std::string_view instrument,
                          const std::vector<TreatyEvent>& events,
                          const std::vector<TreatySnapshot>& lists) {
  if (const auto source = source_of(state.act, state.since, instrument, events)) {
    return *source;
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
    // Of a state's own day: who recorded it, or the article that it is counted by.
    std::string in_force = in_force_words(to, state);
    if (!state.in_force_rule.empty()) {
      const std::string read =
          state.rule_read_in.empty()
              ? ""
              : fmt::format(". {}, read on {}", state.rule_read_in, state.rule_read_on);
      in_force +=
          fmt::format(" [{}]", sources.number({name + ". " + state.in_force_rule + read, "en"}));
    } else if (const auto own = source_of("entry_into_force", state.in_force, id, events)) {
      in_force += fmt::format(" [{}]", sources.number(*own));
    }
    const auto source = source_of(state, id, events, lists);
    std::string read = to.shown_date(state.read_on);
    read += state.stale ? " (" + to.say("treaty.stale") + ")" : "";
    read += source.text.empty() ? "" : fmt::format(" [{}]", sources.number(source));
    table.rows.push_back(
        {to.linked(name, "/treaties/" + id),
         PaperWriter::plain(to.say(fmt::format("treaty.status.{}", to_string(state.status)))),
         PaperWriter::plain(act_words(to, state)), PaperWriter::plain(std::move(in_force)),
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

namespace {

// A coder's mark with the law and its words, who coded, and what the state said to it.
figures::PaperText mark_words(const PaperWriter& to, const ChecklistMatrix& matrix,
                              const std::string& item, const std::string& country) {
  const std::string path = fmt::format("/checklists/{}/{}", matrix.checklist->id, item);
  const Entry* entry = matrix.value(item, country);
  if (entry == nullptr) {
    return to.linked(to.say("brief.article.not_coded"), path);
  }
  figures::PaperText out = to.linked(to.value_name(kChecklistScale, entry->value("value")), path);
  const auto add = [&](figures::PaperText text) {
    out.push_back({.text = ". "});
    out.insert(out.end(), text.begin(), text.end());
  };
  const std::string_view language = entry->value("language");
  if (!entry->value("law").empty()) {
    const std::string_view article = entry->value("article");
    add(PaperWriter::plain(
        fmt::format("{}{}{}", entry->value("law"), article.empty() ? "" : ", ", article)));
  }
  if (!entry->value("quote").empty()) {
    add(to.spoken(fmt::format("“{}”", entry->value("quote")), language));
  }
  if (!entry->value("note").empty()) {
    add(to.spoken(std::string(entry->value("note")), language));
  }
  std::string coder(entry->value("coder"));
  if (coder.starts_with(identity::kUnnamedPrefix)) {
    coder = to.say("who.unnamed");
  }
  add(PaperWriter::plain(
      to.labelled(to.say("checklists.coder"),
                  fmt::format("{}, {}", coder, to.shown_date(entry->at.substr(0, 10))))));
  if (const Entry* reply = matrix.reply(item, country)) {
    const bool earlier = matrix.replied_to(item, country) != entry->version;
    add(to.labelled(to.say("checklists.reply"),
                    to.spoken(std::string(reply->value("text")), reply->value("language"))));
    if (earlier) {
      add(PaperWriter::plain(to.say("checklists.reply.earlier")));
    }
  }
  return out;
}

}  // namespace

// What articles ask is the treaty's; how a law stands to them is what coders say of it.
Result<void> add_articles(PaperWriter& to, const std::string& country,
                          const std::vector<std::string>& instruments, Marks marks) {
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
    table.header = {to.say("brief.article"), to.say("brief.article.asks")};
    if (marks == Marks::shown) {
      table.header.push_back(to.say("brief.article.law"));
    }
    for (const ChecklistItem& item : checklist.items) {
      table.rows.push_back(
          {PaperWriter::plain(fmt::format("{} · {}", article_name(item, to.language()),
                                          item.label.in(to.language()))),
           PaperWriter::plain(item.about.in(to.language()))});
      if (marks == Marks::shown) {
        table.rows.back().push_back(mark_words(to, matrix, item.id, country));
      }
    }
    to.add(std::move(table));
  }
  return {};
}

}  // namespace atalaya::followup::detail
