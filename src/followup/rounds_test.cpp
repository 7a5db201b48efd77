// Goal: before a review is adopted and published nothing of it leaves its audience by any outlet of
// the module; experts are kept from their own state; steps keep their order; the slower writer sees
// the conflict. Method: a review is walked through every stage with a secret word in each part, and
// at every stage every kind of person asks every outlet. Everything here is synthetic.
#include <set>

#include "followup_fixture.hpp"

#include <atalaya/followup/checklists.hpp>
#include <atalaya/followup/cube.hpp>
#include <atalaya/followup/participation.hpp>
#include <atalaya/followup/round_report.hpp>
#include <atalaya/followup/rounds.hpp>

namespace atalaya::followup {
namespace {

const RoundViewer kSecretary{"sara", {}, {}, false, true};
const RoundViewer kState{"fatima", {"PAN"}, {"PAN"}, false, false};
const RoundViewer kReviewer{"xena", {}, {"COL"}, true, false};
const RoundViewer kExpert{"yago", {}, {"CHL"}, true, false};
const RoundViewer kOwnExpert{"paula", {}, {"PAN"}, true, false};
const RoundViewer kUnknownExpert{"zoe", {}, {}, true, false};
const RoundViewer kOtherState{"felix", {"COL"}, {"COL"}, false, false};
const RoundViewer kNobody{};
const RoundViewer kOrganisation{"olga", {}, {}, false, false, "Synthetic network"};

Entry entry(std::string kind, std::string name, FieldValues values, std::int32_t version = 0) {
  Entry out;
  out.kind = std::move(kind);
  out.name = std::move(name);
  out.values = std::move(values);
  out.version = version;
  return out;
}

class RoundsTest : public FollowupTest {
 protected:
  Rounds rounds() { return Rounds(parts_); }

  Round open(std::string questionnaire = "arms-transparency") {
    must(rounds().open({.id = "arms-1",
                        .questionnaire = std::move(questionnaire),
                        .follows = {},
                        .title = "Synthetic round",
                        .language = "en",
                        .date = "2026-01-10",
                        .countries = {"PAN", "COL"}},
                       kSecretary));
    return must(rounds().get("arms-1"));
  }

  Result<void> step(const Round& round, std::string name, std::string date,
                    const RoundViewer& viewer, FieldValues more = {}) {
    Entry one = entry("step", "", std::move(more));
    one.values["step"] = std::move(name);
    one.values["date"] = std::move(date);
    const auto seen = rounds().review(round, "PAN", viewer);
    return rounds().step(round, "PAN", one, seen ? seen->steps.size() : 1, viewer);
  }

  void answer(const Round& round) {
    must(rounds().save(round, "PAN",
                       {entry("answer", "annual-report", {{"value", "no"}}),
                        entry("answer", "annual-report-why", {{"value", "secret-answer"}}),
                        entry("answer", "acquired", {{"value", "no"}}),
                        entry("answer", "nil-report", {{"value", "yes"}}),
                        entry("answer", "public", {{"value", "partially"}})},
                       kState));
  }

  void assign(const Round& round) {
    must(rounds().save(round, "PAN", {entry("reviewer", "xena", {{"states", "COL"}})}, kSecretary));
  }

  /// Everything that one person gets out of the module about this round, as text.
  std::string outlets(const Round& round, const RoundViewer& viewer) {
    std::string out;
    const auto add = [&](const std::vector<Entry>& entries) {
      for (const Entry& one : entries) {
        for (const auto& [field, value] : one.values) {
          out += value + "\n";
        }
        out += one.by + "\n" + one.name + "\n";
      }
    };
    const auto review = rounds().review(round, "PAN", viewer);
    std::vector<Review> all = must(rounds().reviews(round, viewer));
    if (review) {
      all.push_back(*review);
    }
    for (const Review& one : all) {
      for (const auto* list :
           {&one.steps, &one.reviewers, &one.civil_society, &one.answers, &one.conclusions,
            &one.recommendations, &one.comments, &one.visit, &one.files}) {
        add(*list);
      }
    }
    // Files are asked for by their numbers, whoever may know them.
    for (const std::int64_t id : files_) {
      const auto file = rounds().file(round, "PAN", id, viewer);
      out += file ? file->second + "\n" : std::string();
    }
    add(must(rounds().own_inputs(round, "PAN", viewer)));
    for (const InputWindow& window : must(rounds().windows(round))) {
      out += "window until " + window.until + "\n";
    }
    const figures::Paper paper =
        must(compose_round_report(parts_, {.round = round.id, .node_name = "n", .origin = ""}));
    out += figures::paper_html_file(paper);
    out += must(rounds().csv(round, "", viewer));
    const auto one_csv = rounds().csv(round, "PAN", viewer);
    out += one_csv ? *one_csv : std::string();
    for (const auto& change : must(Cube(parts_).changes({}))) {
      out += change.before + change.after + change.why + change.by + change.actor + "\n";
    }
    const auto report = must(rounds().report(round));
    out += fmt::format("published {}\n", report.published.size());
    return out;
  }

  struct Person {
    std::string_view letter;
    const RoundViewer* viewer;
  };

  const std::vector<Person> people_ = {
      {"s", &kState},     {"g", &kReviewer},      {"e", &kExpert},
      {"o", &kOwnExpert}, {"u", &kUnknownExpert}, {"f", &kOtherState},
      {"y", &kSecretary}, {"n", &kNobody},        {"c", &kOrganisation}};
  std::vector<std::int64_t> files_;

  void add_file(const Round& round, std::string kind, std::string_view bytes,
                const RoundViewer& viewer) {
    must(rounds().add_file(round, "PAN",
                           entry(std::move(kind), "", {{"file_name", "secret-name.pdf"}}),
                           fmt::format("%PDF-1.4 {}", bytes), viewer));
    files_.clear();
    for (const Entry& one : must(rounds().review(round, "PAN", viewer)).files) {
      files_.push_back(one.id);
    }
  }

  /// `audience`: for each secret word the letters of those who may see it at this stage.
  void expect_audience(const Round& round, std::string_view stage,
                       const std::map<std::string, std::string>& audience) {
    for (const Person& person : people_) {
      const std::string text = outlets(round, *person.viewer);
      for (const auto& [word, letters] : audience) {
        const bool sees = text.find(word) != std::string::npos;
        EXPECT_EQ(sees, letters.find(person.letter) != std::string::npos)
            << stage << ": " << person.viewer->name << " and " << word;
      }
    }
    // The public log says neither state nor step, whatever the stage.
    std::vector<ledger::Entry> leaves;
    must(faulty_->read([&](store::Transaction& tx) -> Result<void> {
      leaves = ATALAYA_TRY(ledger_->entries_from(tx, 0, 1000));
      return {};
    }));
    for (const auto& leaf : leaves) {
      EXPECT_EQ(leaf.leaf.subject.find("PAN"), std::string::npos) << stage;
      EXPECT_EQ(leaf.leaf.subject.find("secret"), std::string::npos) << stage;
    }
  }
};

INSTANTIATE_TEST_SUITE_P(engines, RoundsTest,
                         testing::Values(store::Engine::sqlite, store::Engine::postgresql),
                         engine_name);

TEST_P(RoundsTest, nothing_leaves_its_audience_at_any_stage) {
  const Round round = open();
  answer(round);
  assign(round);
  must(rounds().save(
      round, "PAN",
      {entry("civil_society", "",
             {{"organisation", "secret-civil"}, {"text", "words"}, {"date", "2026-02-01"}})},
      kSecretary));
  add_file(round, "answer_file", "secret-bytes", kState);
  expect_audience(round, "answering",
                  {{"secret-answer", "s"},
                   {"secret-bytes", "s"},
                   {"secret-name", "s"},
                   {"secret-civil", "sgy"},
                   {"window until", ""},
                   {"2026-01-10", "sgyf"}});
  must(step(round, "submitted", "2026-02-10", kState));
  must(step(round, "civil_society_opened", "2026-02-11", kSecretary, {{"until", "2026-12-31"}}));
  must(rounds().send_input(round, "PAN",
                           {.voucher = "", .text = "secret-input", .url = "", .language = "en"},
                           kOrganisation));
  must(step(round, "visit_consented", "2026-02-12", kState));
  must(rounds().save(round, "PAN", {entry("visit", "agenda", {{"text", "secret-agenda"}})},
                     kSecretary));
  EXPECT_EQ(reason_of(rounds().save(round, "PAN", {entry("visit", "findings", {{"text", "early"}})},
                                    kReviewer)),
            "followup.round.order");
  must(step(round, "visited", "2026-02-20", kReviewer));
  must(rounds().save(round, "PAN",
                     {entry("visit", "met", {{"text", "the office of secret-function"}}),
                      entry("visit", "findings", {{"text", "secret-finding"}})},
                     kReviewer));
  EXPECT_EQ(reason_of(rounds().save(
                round, "PAN", {entry("visit", "met", {{"text", "+507 6123 4567"}}, 1)}, kReviewer)),
            "followup.round.names");
  EXPECT_EQ(reason_of(rounds().save(round, "PAN",
                                    {entry("visit", "findings", {{"text", "mine"}}, 1)}, kState)),
            "followup.round.not_yours");
  // One visit a review: neither is the step offered again nor taken.
  EXPECT_EQ(reason_of(step(round, "visited", "2026-02-21", kReviewer)), "followup.round.once");
  EXPECT_EQ(reason_of(step(round, "visit_consented", "2026-02-21", kState)), "followup.round.once");
  const auto steps = must(rounds().review(round, "PAN", kReviewer)).steps;
  EXPECT_FALSE(may_step(steps, "visited", {.subgroup = true}));
  const auto kept = files_;
  add_file(round, "visit_file", "secret-photo", kReviewer);
  files_.insert(files_.end(), kept.begin(), kept.end());
  must(rounds().save(round, "PAN",
                     {entry("conclusion", "public", {{"text", "secret-conclusion"}}),
                      entry("recommendation", "", {{"text", "secret-recommendation"}})},
                     kReviewer));
  expect_audience(round, "review",
                  {{"secret-answer", "sgy"},
                   {"secret-bytes", "sgy"},
                   {"secret-civil", "sgy"},
                   {"secret-input", "sgyc"},
                   {"window until", "sgeoufync"},
                   {"secret-agenda", "sgy"},
                   {"secret-function", "gy"},
                   {"secret-finding", "gy"},
                   {"secret-photo", "gy"},
                   {"secret-conclusion", "gy"},
                   {"secret-recommendation", "gy"}});
  must(step(round, "drafted", "2026-03-01", kReviewer));
  must(rounds().save(round, "PAN", {entry("comment", "general", {{"text", "secret-comment"}})},
                     kState));
  expect_audience(round, "comment",
                  {{"secret-answer", "sgy"},
                   {"secret-input", "sgyc"},
                   {"window until", ""},
                   {"secret-finding", "sgy"},
                   {"secret-photo", "sgy"},
                   {"secret-conclusion", "sgy"},
                   {"secret-recommendation", "sgy"},
                   {"secret-comment", "sgy"}});
  must(step(round, "commented", "2026-03-20", kState));
  expect_audience(round, "plenary",
                  {{"secret-answer", "sgye"},
                   {"secret-bytes", "sgye"},
                   {"secret-photo", "sgye"},
                   {"secret-conclusion", "sgye"},
                   {"secret-comment", "sgye"},
                   {"published 1", ""}});
  must(step(round, "adopted", "2026-04-01", kSecretary));
  expect_audience(round, "adopted",
                  {{"secret-conclusion", "sgyeof"},
                   {"secret-comment", "sgyeof"},
                   {"secret-photo", "sgyeof"},
                   {"secret-input", "sgyeofc"},
                   {"published 1", ""}});
  EXPECT_EQ(reason_of(step(round, "published", "2026-04-02", kSecretary)), "followup.round.order");
  must(step(round, "consented", "2026-04-03", kState, {{"scope", "report"}}));
  must(step(round, "published", "2026-04-04", kSecretary));
  expect_audience(round, "published",
                  {{"secret-conclusion", "sgyeoufnc"},
                   {"secret-recommendation", "sgyeoufnc"},
                   {"secret-comment", "sgyeoufnc"},
                   {"secret-finding", "sgyeoufnc"},
                   {"secret-function", "sgyeoufnc"},
                   {"secret-photo", "sgyeoufnc"},
                   {"secret-input", "sgyeoufnc"},
                   {"secret-answer", "sgyeof"},
                   {"secret-bytes", "sgyeof"},
                   {"published 1", "sgyeoufnc"},
                   {"xena", "sgyeof"}});
  // What is published is over.
  EXPECT_EQ(reason_of(rounds().save(
                round, "PAN", {entry("conclusion", "public", {{"text", "other"}}, 1)}, kReviewer)),
            "followup.round.stage");
}

TEST_P(RoundsTest, nobody_reviews_the_state_that_the_account_comes_from) {
  const Round round = open();
  must(rounds().save(round, "PAN",
                     {entry("reviewer", "paula", {{"states", "PAN"}}),
                      entry("reviewer", "zoe", {{"states", "MEX"}})},
                     kSecretary));
  assign(round);
  answer(round);
  must(step(round, "submitted", "2026-02-10", kState));
  const auto conclude = [&](const RoundViewer& viewer) {
    return reason_of(
        rounds().save(round, "PAN", {entry("conclusion", "public", {{"text", "words"}})}, viewer));
  };
  EXPECT_EQ(conclude(kOwnExpert), "followup.own_state");
  EXPECT_EQ(conclude(kUnknownExpert), "followup.round.unknown");
  EXPECT_EQ(conclude(kExpert), "followup.round.unknown");
  EXPECT_EQ(conclude(kState), "followup.round.not_yours");
  EXPECT_EQ(conclude(kNobody), "followup.round.unknown");
  const RoundViewer turncoat{"xena", {}, {"COL", "PAN"}, true, true};
  EXPECT_EQ(conclude(turncoat), "followup.own_state");
  EXPECT_EQ(reason_of(rounds().review(round, "PAN", turncoat)), "followup.round.unknown");
  EXPECT_EQ(conclude(kReviewer), "ok");
}

TEST_P(RoundsTest, questions_are_asked_only_where_the_answers_lead) {
  const Round round = open();
  answer(round);
  const auto asked_now = [&] {
    std::set<std::string> out;
    for (const auto& question : must(rounds().review(round, "PAN", kState)).questions) {
      out.insert(question.id);
    }
    return out;
  };
  EXPECT_EQ(asked_now(), (std::set<std::string>{"annual-report", "annual-report-why", "acquired",
                                                "nil-report", "public"}));
  EXPECT_EQ(reason_of(rounds().save(round, "PAN", {entry("answer", "notified", {{"value", "yes"}})},
                                    kState)),
            "followup.round.routing");
  must(rounds().save(round, "PAN",
                     {entry("answer", "acquired", {{"value", "yes"}}, 1),
                      entry("answer", "notified", {{"value", "yes"}})},
                     kState));
  EXPECT_TRUE(asked_now().contains("national-production"));
  EXPECT_EQ(must(rounds().review(round, "PAN", kState)).answer("nil-report"), nullptr);
  must(rounds().save(round, "PAN",
                     {entry("answer", "notified", {}, 1), entry("answer", "public", {}, 1)},
                     kState));
  const auto early = step(round, "submitted", "2026-02-10", kState);
  ASSERT_EQ(reason_of(early), "followup.round.unanswered");
  EXPECT_EQ(early.error().params[0].second, "notified, public") << "all at once";
  EXPECT_EQ(early.error().params.size(), 3U) << "and each for its field";
  EXPECT_EQ(reason_of(rounds().save(
                round, "PAN", {entry("answer", "acquired", {{"value", "maybe"}}, 2)}, kState)),
            "followup.entry.field");
}

TEST_P(RoundsTest, the_slower_writer_sees_the_conflict_and_steps_keep_their_order) {
  const Round round = open();
  answer(round);
  const auto size = log_size();
  const auto late = rounds().save(round, "PAN",
                                  {entry("answer", "public", {{"value", "yes"}}, 1),
                                   entry("answer", "annual-report", {{"value", "yes"}}, 0)},
                                  kState);
  ASSERT_EQ(reason_of(late), "followup.entry.changed");
  EXPECT_EQ(late.error().params[0].second, "fatima");
  EXPECT_EQ(log_size(), size) << "half of it was written";
  EXPECT_EQ(reason_of(step(round, "submitted", "2026-01-01", kState)), "followup.round.early");
  EXPECT_EQ(reason_of(step(round, "submitted", "2027-01-01", kState)), "followup.entry.field");
  EXPECT_EQ(reason_of(step(round, "commented", "2026-02-10", kState)), "followup.round.order");
  EXPECT_EQ(reason_of(step(round, "submitted", "2026-02-10", kSecretary)),
            "followup.round.not_yours");
  must(step(round, "submitted", "2026-02-10", kState));
  EXPECT_EQ(reason_of(rounds().step(
                round, "PAN", entry("step", "", {{"step", "returned"}, {"date", "2026-02-11"}}), 1,
                kSecretary)),
            "followup.entry.changed");
  EXPECT_EQ(reason_of(step(round, "visited", "2026-02-11", kSecretary)), "followup.round.order");
  EXPECT_EQ(reason_of(step(round, "drafted", "2026-02-11", kSecretary)),
            "followup.round.no_conclusion");
  must(step(round, "returned", "2026-02-12", kSecretary));
  EXPECT_EQ(must(rounds().review(round, "PAN", kState)).stage, RoundStage::answering);
}

TEST_P(RoundsTest, organisations_write_within_the_window_and_nobody_else_does) {
  const Round round = open();
  const auto send = [&](std::string text, const RoundViewer& viewer, std::string voucher = {}) {
    return reason_of(rounds().send_input(
        round, "PAN",
        {.voucher = std::move(voucher), .text = std::move(text), .url = "", .language = "es"},
        viewer));
  };
  EXPECT_EQ(send("words", kOrganisation), "followup.round.unknown") << "no window is open";
  EXPECT_EQ(reason_of(step(round, "civil_society_opened", "2026-02-01", kSecretary,
                           {{"until", "2026-01-20"}})),
            "followup.entry.field");
  EXPECT_EQ(reason_of(step(round, "civil_society_opened", "2026-02-01", kState,
                           {{"until", "2026-12-20"}})),
            "followup.round.not_yours");
  must(step(round, "civil_society_opened", "2026-02-01", kSecretary, {{"until", "2026-12-20"}}));
  EXPECT_EQ(send("words", kState), "followup.round.not_yours");
  EXPECT_EQ(send("words", kExpert), "followup.round.not_yours");
  EXPECT_EQ(send("", kOrganisation), "followup.entry.field");
  EXPECT_EQ(send("write to ana@example.org", kOrganisation), "followup.round.names");
  EXPECT_EQ(send("words", kNobody, "aaaa-bbbb-cccc-dddd-eeee"), "followup.submission.voucher");
  const std::string code =
      must(Submissions(parts_).issue_voucher("Red sintética", "Garza", "olga"));
  EXPECT_EQ(send("", kNobody, code), "followup.entry.field") << "and the code is still good";
  EXPECT_EQ(send("palabras", kNobody, code), "ok");
  EXPECT_EQ(send("palabras", kNobody, code), "followup.submission.voucher") << "once";
  for (std::size_t i = 0; i < kInputsMax; ++i) {
    EXPECT_EQ(send("words " + std::to_string(i), kOrganisation), "ok");
    EXPECT_EQ(send("words " + std::to_string(i), kOrganisation), "ok") << "the same form again";
  }
  EXPECT_EQ(send("one more", kOrganisation), "followup.round.inputs");
  const auto inputs = must(rounds().review(round, "PAN", kState)).civil_society;
  ASSERT_EQ(inputs.size(), kInputsMax + 1);
  EXPECT_EQ(inputs[0].value("pseudonym"), "Garza");
  EXPECT_EQ(inputs[0].value("organisation"), "Red sintética");
  EXPECT_EQ(inputs[1].value("organisation"), "Synthetic network");
  // Nobody changes what an organisation wrote; it takes back its own only.
  Entry changed = inputs[1];
  changed.values = {{"organisation", "x"}, {"text", "other words"}, {"date", "2026-02-01"}};
  EXPECT_EQ(reason_of(rounds().save(round, "PAN", {changed}, kSecretary)),
            "followup.round.not_yours");
  EXPECT_EQ(reason_of(rounds().withdraw_input(round, "PAN", inputs[0].name, kOrganisation)),
            "followup.round.unknown");
  must(rounds().withdraw_input(round, "PAN", inputs[1].name, kOrganisation));
  EXPECT_EQ(must(rounds().own_inputs(round, "PAN", kOrganisation)).size(), kInputsMax - 1);
  must(step(round, "civil_society", "2026-03-01", kSecretary));
  EXPECT_EQ(send("late", kOrganisation), "followup.round.unknown");
  EXPECT_TRUE(must(rounds().windows(round)).empty());
}

TEST_P(RoundsTest, a_table_keeps_its_rows_however_they_were_pasted) {
  const Round round = open();
  const Question* found = round.form.find("acquisitions");
  ASSERT_NE(found, nullptr);
  const Question& question = *found;
  const TableCells wanted = {{"IV", "Model \"A\"; 9 mm", "12", "CAN", "2025-03"},
                             {"I", "Model, B", "1.5", "", ""}};
  const std::string kept = table_text(wanted);
  EXPECT_EQ(must(table_cells(question, kept)), wanted);
  EXPECT_EQ(table_text(must(table_cells(question, kept))), kept);
  EXPECT_EQ(must(table_cells(question,
                             "Category\tType or model\tNumber\tFrom which state, or national "
                             "production\tIn the inventory since\r\n"
                             "IV\tModel \"A\"; 9 mm\t12\tCAN\t2025-03\t\r\n\r\n"
                             "I\tModel, B\t1.5\t\t\n")),
            wanted);
  EXPECT_EQ(must(table_cells(question,
                             "IV;\"Model \"\"A\"\"; 9 mm\";12;CAN;2025-03\n"
                             "I;Model, B;1.5;;")),
            wanted);
  const auto wrong = [&](std::string_view value, std::string line, std::string column,
                         std::string rule) {
    const auto cells = table_cells(question, value);
    ASSERT_EQ(reason_of(cells), "followup.round.table") << value;
    EXPECT_EQ(cells.error().params[1].second, line) << value;
    EXPECT_EQ(cells.error().params[2].second, column) << value;
    EXPECT_EQ(cells.error().params[3].second, rule) << value;
  };
  wrong("I;a;1;b;2025\nI;a;many;b;2025", "2", "number", "number");
  wrong("I;a;1;b;2025-13", "1", "day", "date");
  wrong("I;a;1\n", "1", "5", "columns");
  wrong(" \n;;;;\n", "3", "200", "rows");
  must(rounds().save(round, "PAN",
                     {entry("answer", "acquired", {{"value", "yes"}}),
                      entry("answer", "acquisitions", {{"value", "IV\tm\t2\tCAN\t2025"}})},
                     kState));
  const auto review = must(rounds().review(round, "PAN", kState));
  EXPECT_EQ(review.answer("acquisitions")->value("value"), "IV,m,2,CAN,2025");
  // The file that leaves comes back without a change, and so does one that somebody pasted again.
  const std::string csv = must(rounds().csv(round, "PAN", kState));
  const auto same = must(rounds().plan(round, "PAN", csv, "a.csv", kState));
  EXPECT_EQ(same.count(RecordChange::unchanged), static_cast<std::int64_t>(same.rows.size()));
}

// Kilograms and units, years and drugs are never added to each other, and who gave no number is
// named.
TEST(TableTotalsTest, numbers_are_added_only_where_the_questionnaire_says_what_agrees) {
  Question question;
  question.type = QuestionType::table;
  question.columns = {{"year", {}, QuestionType::date, {}},
                      {"unit", {}, QuestionType::text, {}},
                      {"n", {}, QuestionType::number, {"year", "unit"}},
                      {"rank", {}, QuestionType::number, {}}};
  const auto totals = table_totals(
      question,
      {{"PAN",
        {{"2024", "kg", "10.5", "1"}, {"2024", "Kg ", "2", "2"}, {"2024", "pills", "7", "3"}}},
       {"COL", {{"2024", "KG", "100", ""}}},
       {"PER", {{"2024", "kg", "", ""}, {"2023", "kg", "-1", ""}}}});
  ASSERT_EQ(totals.size(), 3U);
  EXPECT_EQ(totals[0].within, (std::vector<std::string>{"2023", "kg"}));
  EXPECT_EQ(totals[0].sum, -1);
  EXPECT_EQ(totals[1].sum, 112.5);
  EXPECT_EQ(totals[1].median, 56.25);
  EXPECT_EQ(totals[1].states, 2);
  EXPECT_EQ(totals[1].without, std::vector<std::string>{"PER"});
  EXPECT_EQ(totals[2].sum, 7);
  for (const TableTotal& total : totals) {
    EXPECT_EQ(total.column, "n");
  }
}

TEST_P(RoundsTest, answers_go_out_and_in_as_a_file) {
  const Round round = open();
  answer(round);
  const std::string csv = must(rounds().csv(round, "PAN", kState));
  const auto same = must(rounds().plan(round, "PAN", csv, "a.csv", kState));
  EXPECT_EQ(same.count(RecordChange::unchanged), static_cast<std::int64_t>(same.rows.size()));
  std::string other = csv;
  other.replace(other.find("secret-answer"), 13, "another text ");
  const auto plan = must(rounds().plan(round, "PAN", other, "a.csv", kState));
  ASSERT_EQ(plan.count(RecordChange::changed), 1);
  EXPECT_EQ(reason_of(rounds().apply(round, "PAN", plan, kState, false)), "followup.entry.changes");
  must(rounds().apply(round, "PAN", plan, kState, true));
  EXPECT_EQ(must(rounds().review(round, "PAN", kState)).answer("annual-report-why")->value("value"),
            "another text");
  EXPECT_EQ(reason_of(rounds().plan(round, "PAN", csv, "a.csv", kState)), "followup.entry.changed");
  const std::string fresh = must(rounds().csv(round, "PAN", kState));
  const auto bad =
      rounds().plan(round, "PAN", fresh + "arms-1,PAN,notified,0,yes,,,\n", "a.csv", kState);
  ASSERT_EQ(reason_of(bad), "followup.round.routing");
  EXPECT_EQ(bad.error().params.back().second, "7");
  EXPECT_EQ(reason_of(rounds().plan(round, "PAN", csv, "a.csv", kReviewer)),
            "followup.round.unknown");
}

TEST_P(RoundsTest, a_follow_up_asks_about_each_recommendation_and_counts_once) {
  const Round first = open();
  answer(first);
  assign(first);
  must(step(first, "submitted", "2026-02-10", kState));
  must(rounds().save(first, "PAN",
                     {entry("conclusion", "general", {{"text", "words"}}),
                      entry("recommendation", "", {{"text", "first thing"}, {"language", "en"}}),
                      entry("recommendation", "", {{"text", "second thing"}, {"language", "en"}})},
                     kReviewer));
  must(step(first, "drafted", "2026-03-01", kReviewer));
  EXPECT_EQ(reason_of(step(first, "lapsed", "2026-03-20", kSecretary)), "followup.round.window");
  // A draft that is dated back takes no day from the state: its days count from the recording.
  EXPECT_EQ(reason_of(step(first, "lapsed", "2026-04-01", kSecretary)), "followup.round.window");
  clock_.set(UtcTime{clock_.now().ms + 29LL * 24 * 60 * 60 * 1000});
  EXPECT_EQ(reason_of(step(first, "lapsed", "2026-12-21", kSecretary)), "followup.round.window");
  clock_.set(UtcTime{clock_.now().ms + 24LL * 60 * 60 * 1000});
  must(step(first, "lapsed", "2026-12-22", kSecretary));
  must(step(first, "adopted", "2026-12-22", kSecretary));
  must(step(first, "consented", "2026-12-22", kState, {{"scope", "answers"}}));
  NewRound second{.id = "arms-2",
                  .questionnaire = "arms-transparency",
                  .follows = "arms-1",
                  .title = "What came of it",
                  .language = "en",
                  .date = "2026-06-01",
                  .countries = {}};
  EXPECT_EQ(must(rounds().open(second, kSecretary)), 0);
  must(step(first, "published", "2026-12-22", kSecretary));
  EXPECT_EQ(must(rounds().open(second, kSecretary)), 1);
  EXPECT_EQ(must(rounds().open(second, kSecretary)), 0);
  const Round round = must(rounds().get("arms-2"));
  must(rounds().save(round, "PAN", {entry("answer", "rec-1", {{"value", "done"}})}, kState));
  EXPECT_EQ(must(rounds().review(round, "PAN", kState)).questions.back().text.in(Language::es),
            "second thing");
  // Of the first round everything was published, and every line adds up to the list of members.
  const auto report = must(rounds().report(first));
  EXPECT_EQ(report.states.size(), 35U);
  EXPECT_EQ(report.published, std::vector<std::string>{"PAN"});
  EXPECT_EQ(report.recommendations, 2);
  for (const auto& line : report.lines) {
    std::int32_t sum = 0;
    for (const auto& [value, n] : line.counts) {
      sum += n;
    }
    EXPECT_EQ(sum, 35) << line.question->id;
    EXPECT_EQ(line.counts.at("not_published"), 34) << line.question->id;
  }
  EXPECT_EQ(report.lines[0].counts.at("no"), 1);
  EXPECT_EQ(report.lines[1].counts.at("not_asked"), 1);
  EXPECT_EQ(report.lines[2].counts.at("answered"), 1);
  EXPECT_EQ(must(rounds().report(round)).by_progress.size(), 0U) << "not published";
}

TEST_P(RoundsTest, questionnaires_are_data_with_versions) {
  const auto forms = must(rounds().questionnaires());
  std::set<std::string> ids;
  for (const Questionnaire& form : forms) {
    ids.insert(form.id);
    EXPECT_NE(parts_.catalogue().find_instrument(form.instrument), nullptr) << form.id;
    EXPECT_NE(parts_.catalogue().find_institution(form.mechanism), nullptr) << form.id;
    EXPECT_EQ(form.source.find("our own words") == std::string::npos, false) << form.id;
    for (const Question& question : form.questions) {
      for (const Language language : kLanguages) {
        EXPECT_TRUE(question.text.has(language)) << form.id << " " << question.id;
      }
    }
  }
  EXPECT_EQ(ids, (std::set<std::string>{"mem", "mesicic", "mesecvi", "csbm", "arms-transparency"}));
  const std::string next = R"({"id":"csbm","version":2,"progress":"state_report",
    "label":{"en":"x"},"source":"synthetic","read_on":"2026-11-01",
    "questions":[{"id":"a","type":"yes_no","text":{"en":"?"}}]})";
  must(rounds().add_questionnaire(next, "sara"));
  EXPECT_EQ(reason_of(rounds().add_questionnaire(next, "sara")), "followup.questionnaire.version");
  EXPECT_EQ(must(rounds().questionnaire("csbm")).version, 2);
  EXPECT_EQ(open("csbm").form.version, 2);
  std::string circle = next;
  circle.replace(circle.find("\"version\":2"), 11, "\"version\":3");
  circle.replace(circle.find("\"?\"}"), 4, R"("?"},"when":[{"question":"a","is":["yes"]}])");
  EXPECT_EQ(reason_of(rounds().add_questionnaire(circle, "sara")), "followup.questionnaire");
}

// --- Checklists ----------------------------------------------------------------------------------

class ChecklistsTest : public FollowupTest {
 protected:
  Checklists checklists() { return Checklists(parts_); }

  static Entry mark(std::string value, std::int32_t version = 0) {
    Entry out;
    out.container = "cifta";
    out.country = "PAN";
    out.name = "art-6";
    out.version = version;
    out.values = {{"value", std::move(value)}, {"law", "Synthetic Act"}, {"article", "7"},
                  {"quote", "Words of a law"}, {"language", "en"},       {"read_on", "2026-10-01"}};
    return out;
  }

  const ChecklistCoder kCoder{"carl", {"COL"}};
};

INSTANTIATE_TEST_SUITE_P(engines, ChecklistsTest,
                         testing::Values(store::Engine::sqlite, store::Engine::postgresql),
                         engine_name);

TEST_P(ChecklistsTest, a_mark_needs_its_provision_and_a_reply_its_mark) {
  const Writer state{"fatima", {"PAN"}, false};
  Entry words = mark("");
  words.values = {{"text", "We changed it in 2020"}, {"language", "en"}, {"mark", "1"}};
  EXPECT_EQ(reason_of(checklists().reply(words, state)), "followup.checklist.no_value");
  Entry bare = mark("X");
  bare.values.erase("quote");
  EXPECT_EQ(checklists().save(bare, kCoder).error().params[0].second, "quote");
  EXPECT_EQ(reason_of(checklists().save(mark("Y"), kCoder)), "followup.entry.field");
  EXPECT_EQ(reason_of(checklists().save(mark("X"), {"paula", {"PAN"}})), "followup.own_state");
  must(checklists().save(mark("X"), kCoder));
  EXPECT_EQ(reason_of(checklists().save(mark("NA"), kCoder)), "followup.entry.changed");
  EXPECT_EQ(reason_of(checklists().reply(words, {"felix", {"COL"}, false})), "followup.not_yours");
  must(checklists().reply(words, state));
  const auto matrix = must(checklists().matrix("cifta"));
  EXPECT_EQ(matrix.mark("art-6", "PAN"), "X");
  EXPECT_EQ(matrix.value("art-6", "PAN")->value("coder"), "carl");
  EXPECT_EQ(matrix.reply("art-6", "PAN")->by, "fatima");
  for (const ChecklistItem& item : matrix.checklist->items) {
    std::int32_t sum = 0;
    for (const auto& [value, n] : matrix.counts.at(item.id)) {
      sum += n;
    }
    EXPECT_EQ(sum, 35) << item.id;
  }
  EXPECT_EQ(must(checklists().versions("cifta", "art-6", "PAN")).size(), 2U);
  EXPECT_EQ(matrix.replied_to("art-6", "PAN"), 1);
  // Another mark is not what the state replied to, until it says so again.
  Entry other = mark("NA");
  other.version = 1;
  must(checklists().save(other, kCoder));
  const auto later = must(checklists().matrix("cifta"));
  EXPECT_EQ(later.value("art-6", "PAN")->version, 2);
  EXPECT_EQ(later.replied_to("art-6", "PAN"), 1);
  EXPECT_EQ(later.earlier.at({"art-6", "PAN"}).value, matrix.mark("art-6", "PAN"));
  words.version = 1;
  words.values["text"] = "Written while the first mark stood";
  const auto late = checklists().reply(words, state);
  ASSERT_EQ(reason_of(late), "followup.checklist.mark_changed")
      << "words for one mark do not answer another";
  EXPECT_EQ(late.error().params.at(1).second, "2") << "the mark's version";
  words.values.erase("mark");
  EXPECT_EQ(reason_of(checklists().reply(words, state)), "followup.checklist.mark_changed")
      << "for none";
  words.values["mark"] = "2";
  must(checklists().reply(words, state));
  EXPECT_EQ(must(checklists().matrix("cifta")).replied_to("art-6", "PAN"), 2);
  EXPECT_TRUE(must(checklists().matrix("cifta")).earlier.empty());
  // The file holds both; coming in, it says nothing for the state.
  std::string file = must(checklists().csv("cifta"));
  const std::string said =
      fmt::format(",{},{},2\r\n", words.value("text"), words.value("language"));
  ASSERT_TRUE(file.ends_with(said)) << file;
  EXPECT_EQ(file, must(checklists().csv("")));
  file.replace(file.size() - said.size(), said.size(), ",Another,en,2\r\n");
  EXPECT_EQ(must(checklists().plan(file, "a.csv", kCoder)).count(RecordChange::unchanged), 1);
}

TEST_P(ChecklistsTest, one_bad_row_of_many_stops_the_file_and_its_own_file_changes_nothing) {
  std::string csv = "checklist,item,country,value,note,language\n";
  std::size_t rows = 0;
  for (const Checklist& checklist : Checklists::all()) {
    EXPECT_NE(parts_.catalogue().find_instrument(checklist.instrument), nullptr) << checklist.id;
    for (const ChecklistItem& item : checklist.items) {
      for (const auto& country : parts_.catalogue().countries()) {
        if (country.is_state && country.id != "COL") {
          csv += fmt::format("{},{},{},?,synthetic {},es\n", checklist.id, item.id, country.id,
                             ++rows);
        }
      }
    }
  }
  std::string bad = csv;
  bad.replace(bad.find("?,synthetic 1777,"), 1, "Q");
  const auto refused = checklists().plan(bad, "a.csv", kCoder);
  ASSERT_EQ(reason_of(refused), "followup.entry.field");
  EXPECT_EQ(refused.error().params.back().second, "1778");
  const auto before = log_size();
  EXPECT_EQ(reason_of(checklists().plan(csv + "cifta,art-6,COL,?,x,es\n", "a.csv", kCoder)),
            "followup.own_state");
  EXPECT_EQ(log_size(), before);
  // A part of it is enough to be kept, out again and in again.
  const std::string part = csv.substr(0, csv.find("synthetic 41,")) + "x,es\n";
  must(checklists().apply(must(checklists().plan(part, "a.csv", kCoder)), kCoder, false));
  const auto size = log_size();
  EXPECT_EQ(size, before + 41);
  for (const std::string& file :
       {part, must(checklists().csv("")), must(checklists().csv("cifta"))}) {
    const auto again = must(checklists().plan(file, "a.csv", kCoder));
    EXPECT_EQ(again.count(RecordChange::unchanged), 41);
    must(checklists().apply(again, kCoder, false));
  }
  const auto somebody = must(checklists().plan(part, "a.csv", {"dora", {"MEX"}}));
  EXPECT_EQ(somebody.count(RecordChange::unchanged), 41) << "same words, whoever sends them";
  EXPECT_EQ(log_size(), size);
  // What somebody says anew is signed by nobody else; an operator brings in what others made.
  const std::string signed_file =
      "checklist,item,country,version,value,note,coder\ncifta,art-6,PAN,1,NA,synthetic,Dora\n";
  const auto forged = checklists().plan(signed_file, "a.csv", kCoder);
  ASSERT_EQ(reason_of(forged), "followup.checklist.coder");
  EXPECT_EQ(forged.error().params.back().second, "2");
  const ChecklistCoder operates{.name = "operator", .own = {}, .names_coders = true};
  EXPECT_EQ(must(checklists().plan(signed_file, "a.csv", operates)).rows[0].entry.value("coder"),
            "Dora");
  EXPECT_EQ(log_size(), size);
  std::string other = part;
  other.replace(other.find("synthetic 7,"), 12, "synthetic 8,");
  const auto plan = must(checklists().plan(other, "a.csv", kCoder));
  EXPECT_EQ(plan.count(RecordChange::changed), 1);
  EXPECT_EQ(reason_of(checklists().apply(plan, kCoder, false)), "followup.entry.changes");
  must(checklists().apply(plan, kCoder, true));
}

}  // namespace
}  // namespace atalaya::followup
