// What worked elsewhere, and what to ask: each answer with its source, each question without one
// with what would answer it.
#include <algorithm>

#include <fmt/format.h>

#include <atalaya/commitments/themes.hpp>
#include <atalaya/figures/locale.hpp>
#include <atalaya/followup/data_sources.hpp>
#include <atalaya/followup/registers.hpp>

#include "brief_parts.hpp"

namespace atalaya::followup::detail {
namespace {

using commitments::Guidance;
using commitments::concerns;
using figures::PaperHeading;
using figures::PaperStyle;
using figures::PaperText;

constexpr std::size_t kPracticesMax = 8;

bool contains(const std::vector<std::string>& all, std::string_view one) {
  return std::ranges::find(all, one) != all.end();
}

void append(PaperText& to, const PaperText& more) {
  to.insert(to.end(), more.begin(), more.end());
}

// A row's source, its address and the day it speaks of or was read on.
PaperText source_of(const PaperWriter& to, const RegisterRecord& row, std::string_view day) {
  PaperText out = to.labelled(to.say("treaty.source"), to.sourced(row.value("source"), ""));
  out.front().strong = false;
  if (!row.value("url").empty()) {
    out.push_back({.text = " "});
    append(out, to.sourced(row.value("url"), ""));
  }
  if (!day.empty()) {
    out.push_back({.text = fmt::format(" ({})", to.shown_date(day))});
  }
  if (row.value("said_by") == "state") {
    out.push_back({.text = fmt::format(" ({})", to.say("deadlines.said_by_state"))});
  }
  return out;
}

void add_practice(PaperWriter& to, const RegisterKind& kind, const RegisterRecord& row) {
  const auto* strength = kind.find("strength")->find_choice(row.value("strength"));
  PaperText text =
      to.linked(std::string(row.value("title")), fmt::format("/registers/practices/{}", row.id));
  text.front().strong = true;
  const auto* country = to.parts().catalogue().find_country(row.value("country"));
  text.push_back({.text = country == nullptr
                              ? ". "
                              : fmt::format(" ({}). ", country->name.in(to.language()))});
  append(text,
         to.spoken(fmt::format("{} {}", row.value("summary"), row.value("effect")), row.language));
  to.paragraph(std::move(text), PaperStyle::item);
  std::vector<std::string> facts;
  for (const std::string_view field : {"strength", "cost"}) {
    const std::string value(field == "strength" && strength != nullptr
                                ? strength->label.in(to.language())
                                : std::string(row.value(field)));
    facts.push_back(to.labelled(kind.find(field)->label.in(to.language()),
                                value.empty() ? to.say("brief.practices.not_said") : value));
  }
  PaperText small = PaperWriter::plain(to.apart(facts) + ". ");
  append(small, source_of(to, row, row.value("read_on")));
  to.paragraph(std::move(small), PaperStyle::small);
}

// The guide's practices are told, not weighed: it says neither how strong what is known is nor the
// cost, and a brief that left that out would make them look like rows of the register.
void add_guide(PaperWriter& to, const std::string& theme) {
  std::string document;
  for (const Guidance& one : to.parts().catalogue().guidance()) {
    if (one.kind != "good_practice" || !concerns(to.parts().catalogue(), theme, one.themes)) {
      continue;
    }
    if (document.empty()) {
      document = one.document;
      const auto* guide = to.parts().catalogue().find_document(document);
      to.add(PaperHeading{.level = 3, .text = to.say("brief.practices.guide")});
      PaperText note = {{.text = to.say("brief.practices.guide.note") + " "}};
      append(note, to.located(guide == nullptr ? document : guide->title.in(to.language()),
                              "/documents/" + document));
      to.paragraph(std::move(note), PaperStyle::small);
    }
    to.paragraph({{.text = one.title.in(to.language()), .strong = true},
                  {.text = ". " + one.summary.in(to.language())}},
                 PaperStyle::item);
  }
}

// "No answer is recorded. Figures held: …. No data here: …. Who would know: …"
Result<std::string> unanswered(const PaperWriter& to, const std::string& country,
                               const QuestionNeeds& needs) {
  std::string out = to.say("brief.questions.unanswered");
  std::vector<std::string> held;
  std::vector<std::string> missing;
  if (to.parts().indicators != nullptr) {
    for (const std::string& id : needs.indicators) {
      const auto figure =
          ATALAYA_TRY(to.parts().indicators->figure(id, country, "", to.language()));
      if (figure.release.empty() || !figure.value) {
        missing.push_back(to.parts().indicators->title(id, to.language()));
      } else {
        // A number without its interval, its unit and the release that it stands in is no answer.
        held.push_back(fmt::format("{}: {} ({} · {} · {})", figure.title,
                                   figure_words(to.language(), figure), figure.unit, figure.period,
                                   figure.release));
      }
    }
  }
  const auto say_list = [&](std::string_view key, const std::vector<std::string>& list) {
    if (!list.empty()) {
      out += " " + to.say(key, {{"list", figures::list(to.language(), list)}});
    }
  };
  say_list("brief.questions.held", held);
  say_list("brief.figures.missing", missing);
  if (!needs.source.empty()) {
    out += " " + to.say("brief.questions.who", {{"who", needs.source}});
  }
  return out;
}

Result<void> add_question(PaperWriter& to, const std::string& country, const Guidance& question,
                          const QuestionNeeds& needs, const std::vector<RegisterRecord>& answers) {
  to.paragraph({{.text = question.title.in(to.language()), .strong = true},
                {.text = " " + question.summary.in(to.language())}},
               PaperStyle::item);
  bool answered = false;
  for (const RegisterRecord& answer : answers) {
    if (answer.value("question") != question.id) {
      continue;
    }
    answered = true;
    to.paragraph(to.spoken(std::string(answer.value("answer")), answer.language),
                 PaperStyle::quote);
    to.paragraph(source_of(to, answer, answer.value("as_of")), PaperStyle::small);
    if (!answer.value("missing").empty()) {
      to.paragraph(
          to.say("brief.questions.missing", {{"what", std::string(answer.value("missing"))}}),
          PaperStyle::mark);
    }
  }
  if (!answered) {
    std::string words = ATALAYA_TRY(unanswered(to, country, needs));
    to.paragraph(std::move(words), PaperStyle::mark);
  }
  return {};
}

// What the brief itself could not say is what its reader can ask.
void add_own_questions(PaperWriter& to, const Gaps& gaps) {
  std::vector<std::string> questions;
  const auto of_list = [&](std::string_view key, const std::vector<std::string>& list) {
    if (!list.empty()) {
      questions.push_back(to.say(key, {{"list", figures::list(to.language(), list)}}));
    }
  };
  of_list("brief.ask.treaties", gaps.treaties);
  of_list("brief.ask.left_treaties", gaps.left_treaties);
  of_list("brief.ask.unknown_treaties", gaps.unknown_treaties);
  if (gaps.unreported > 0) {
    questions.push_back(to.count("brief.ask.reports", gaps.unreported));
  }
  if (gaps.lapsed > 0) {
    questions.push_back(to.count("brief.ask.dates", gaps.lapsed));
  }
  of_list("brief.ask.figures", gaps.figures);
  if (questions.empty()) {
    return;
  }
  to.add(PaperHeading{.level = 3, .text = to.say("brief.ask")});
  for (std::string& question : questions) {
    to.paragraph(std::move(question), PaperStyle::item);
  }
}

void add_hearing(PaperWriter& to, const RegisterKind& kind, const RegisterRecord& hearing) {
  const auto label = [&](std::string_view field) {
    return kind.find(field)->label.in(to.language());
  };
  const auto said = [&](std::string_view field) {
    return to.spoken(std::string(hearing.value(field)), hearing.language);
  };
  to.paragraph(to.labelled(to.shown_date(hearing.value("date")), said("question")),
               PaperStyle::item);
  PaperText answer = hearing.value("answer").empty()
                         ? PaperWriter::plain(to.say("brief.hearings.no_answer"))
                         : said("answer");
  if (!hearing.value("answered_by").empty()) {
    answer.push_back({.text = fmt::format(" ({})", hearing.value("answered_by"))});
  }
  to.paragraph(to.labelled(label("answer"), std::move(answer)), PaperStyle::quote);
  if (!hearing.value("undertaking").empty()) {
    PaperText undertaking = said("undertaking");
    const std::string due = hearing.value("due").empty()
                                ? to.say("brief.hearings.no_due")
                                : to.labelled(label("due"), to.shown_date(hearing.value("due")));
    undertaking.push_back({.text = fmt::format(" ({})", due)});
    to.paragraph(to.labelled(label("undertaking"), std::move(undertaking)), PaperStyle::quote);
  }
  to.paragraph(source_of(to, hearing, {}), PaperStyle::small);
}

}  // namespace

Result<void> add_practices(PaperWriter& to, const std::string& theme) {
  const auto* kind = ATALAYA_TRY(Registers::find_kind("practices"));
  const auto rows = ATALAYA_TRY(Registers(to.parts()).list({.kind = kind->id, .theme = theme}));
  const bool guide =
      std::ranges::any_of(to.parts().catalogue().guidance(), [&](const Guidance& one) {
        return one.kind == "good_practice" &&
               concerns(to.parts().catalogue(), theme, one.themes);
      });
  if (rows.empty() && !guide) {
    return {};
  }
  to.heading("brief.practices", "practices");
  if (rows.empty()) {
    to.paragraph(to.say("brief.practices.none"), PaperStyle::mark);
  }
  const std::size_t shown = std::min(rows.size(), kPracticesMax);
  for (std::size_t i = 0; i < shown; ++i) {
    add_practice(to, *kind, rows[i]);
  }
  to.more(rows.size() - shown, "/registers/practices");
  add_guide(to, theme);
  return {};
}

Result<void> add_questions(PaperWriter& to, const std::string& country, const std::string& theme,
                           const std::vector<std::string>& commitments, const Gaps& gaps) {
  to.heading("brief.questions", "questions");
  const auto answers =
      ATALAYA_TRY(Registers(to.parts()).list({.kind = "answers", .country = country}));
  bool any = false;
  for (const Guidance& question : to.parts().catalogue().guidance()) {
    const QuestionNeeds needs = needs_of(question.id, to.language());
    if (question.kind == "key_question" &&
        (concerns(to.parts().catalogue(), theme, question.themes) ||
         concerns(to.parts().catalogue(), theme, needs.themes))) {
      ATALAYA_TRY(add_question(to, country, question, needs, answers));
      any = true;
    }
  }
  if (!any) {
    to.paragraph(to.say("brief.questions.none"), PaperStyle::mark);
  }
  add_own_questions(to, gaps);
  const auto* kind = ATALAYA_TRY(Registers::find_kind("hearings"));
  auto hearings = ATALAYA_TRY(Registers(to.parts()).list({.kind = kind->id, .country = country}));
  std::erase_if(hearings, [&](const RegisterRecord& row) {
    const std::vector<std::string> own = {std::string(row.value("theme"))};
    return !concerns(to.parts().catalogue(), theme, own) &&
           !contains(commitments, row.value("commitment"));
  });
  if (!hearings.empty()) {
    to.add(PaperHeading{.level = 3, .text = kind->label.in(to.language())});
  }
  for (const RegisterRecord& hearing : hearings) {
    add_hearing(to, *kind, hearing);
  }
  return {};
}

}  // namespace atalaya::followup::detail
