// Goal: before a review is adopted and published nothing of it leaves its audience by any outlet of
// the module; experts are kept from their own state; steps keep their order; the slower writer sees
// the conflict. Method: a review is walked through every stage with a secret word in each part, and
// at every stage every kind of person asks every outlet. Everything here is synthetic.
#include <set>

#include "followup_fixture.hpp"

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
            "followup.round.value");
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
      rounds().plan(round, "PAN", fresh + "arms-1,PAN,notified,0,yes,,,,\n", "a.csv", kState);
  ASSERT_EQ(reason_of(bad), "followup.round.routing");
  EXPECT_EQ(bad.error().params.back().second, "7");
  EXPECT_EQ(reason_of(rounds().plan(round, "PAN", csv, "a.csv", kReviewer)),
            "followup.round.unknown");
  // Words of any of the four languages say what the codes say.
  for (const auto& [said, code] : {std::pair{"No", "no"},
                                   {" SÍ", "yes"},
                                   {"si", "yes"},
                                   {"Oui", "yes"},
                                   {"nao", "no"},
                                   {"en parte", "partially"}}) {
    const auto words = must(rounds().plan(
        round, "PAN", fmt::format("question;value\npublic;{}\n", said), "b.csv", kState));
    EXPECT_EQ(words.rows.at(0).entry.value("value"), code) << said;
  }
  const auto none = rounds().plan(round, "PAN", "question;value\npublic;quizás\n", "b.csv", kState);
  ASSERT_EQ(reason_of(none), "followup.round.value");
  EXPECT_EQ(none.error().params.at(2).second, "yes, partially, no");
  EXPECT_NE(csv.find(",\"yes, partially, no\"\r\n"), std::string::npos) << "and the file says so";
}

// A state's words are never set under a text that it did not see, and until adoption it may answer
// the one that stands.
TEST_P(RoundsTest, a_comment_says_which_wording_it_answers) {
  const Round round = open();
  answer(round);
  assign(round);
  must(step(round, "submitted", "2026-02-10", kState));
  must(rounds().save(round, "PAN",
                     {entry("conclusion", "public", {{"text", "incomplete"}, {"language", "en"}}),
                      entry("conclusion", "acquired", {{"text", "fine"}}),
                      entry("recommendation", "", {{"text", "complete it"}, {"language", "en"}})},
                     kReviewer));
  must(step(round, "drafted", "2026-03-01", kReviewer));
  const auto comment = [&](std::string name, std::string reply_to, std::int32_t version = 0) {
    return rounds().save(round, "PAN",
                         {entry("comment", std::move(name),
                                {{"text", "no"}, {"reply_to", std::move(reply_to)}}, version)},
                         kState);
  };
  EXPECT_EQ(reason_of(comment("c.public", "2")), "followup.round.draft_changed");
  EXPECT_EQ(reason_of(comment("c.public", "")), "followup.round.draft_changed");
  must(comment("c.public", "1"));
  must(comment("c.acquired", "1"));
  must(comment("r.1", "1"));
  must(comment("general", ""));
  clock_.set(UtcTime{clock_.now().ms + 5'000});
  must(step(round, "commented", "2026-03-20", kState));
  EXPECT_EQ(reason_of(comment("c.public", "1", 1)), "followup.round.stage") << "nothing changed";
  must(rounds().save(round, "PAN",
                     {entry("conclusion", "public", {{"text", "complete"}}, 1),
                      entry("recommendation", "1", {{"text", "keep it"}}, 1)},
                     kReviewer));
  const auto shown = [&](std::string_view name, std::string_view field) {
    const auto review = must(rounds().review(round, "PAN", kExpert));
    const auto found = std::ranges::find(review.comments, name, &Entry::name);
    return found == review.comments.end() ? "none" : std::string(found->value(field));
  };
  EXPECT_EQ(shown("c.public", "reply_to_text"), "incomplete");
  EXPECT_EQ(shown("c.acquired", "reply_to_text"), "");
  EXPECT_EQ(shown("general", "draft_changed"), "yes");
  EXPECT_EQ(reason_of(comment("c.public", "1", 1)), "followup.round.draft_changed");
  EXPECT_EQ(reason_of(comment("c.acquired", "1", 1)), "followup.round.stage");
  must(comment("c.public", "2", 1));
  EXPECT_EQ(shown("c.public", "reply_to_text"), "") << "it answers what stands";
  must(rounds().save(round, "PAN", {entry("comment", "c.public", {}, 2)}, kState));
  EXPECT_EQ(shown("c.public", "text"), "none") << "withdrawn";
  // What a comment was on may be taken out; the comment goes with it.
  must(rounds().save(round, "PAN", {entry("conclusion", "acquired", {}, 1)}, kReviewer));
  EXPECT_EQ(shown("c.acquired", "text"), "none");
  must(step(round, "adopted", "2026-04-01", kSecretary));
  EXPECT_EQ(reason_of(comment("c.public", "2")), "followup.round.stage");
  must(step(round, "consented", "2026-04-03", kState, {{"scope", "report"}}));
  must(step(round, "published", "2026-04-04", kSecretary));
  const auto html = figures::paper_html_file(
      must(compose_round_report(parts_, {.round = round.id, .node_name = "n", .origin = ""})));
  EXPECT_NE(html.find("keep it"), std::string::npos);
  EXPECT_EQ(html.find("complete it"), std::string::npos) << "a draft is closed to readers";
  const auto seen = [&](const RoundViewer& viewer, std::string_view field) {
    const auto review = must(rounds().review(round, "PAN", viewer));
    return std::string(
        std::ranges::find(review.comments, std::string_view("r.1"), &Entry::name)->value(field));
  };
  EXPECT_EQ(seen(kNobody, "reply_to_text"), "");
  EXPECT_EQ(seen(kNobody, "draft_changed"), "yes");
  EXPECT_EQ(seen(kState, "reply_to_text"), "complete it");
  EXPECT_EQ(html.find("incomplete"), std::string::npos) << "of what nothing answers any more";
}

// The window of organisations and a visit run side by side: neither waits for the other's record.
TEST_P(RoundsTest, steps_beside_each_other_are_ordered_by_what_they_follow) {
  const Round round = open();
  answer(round);
  assign(round);
  must(step(round, "submitted", "2026-02-10", kState));
  const auto refused = [&](std::string name, std::string date, std::string needs,
                           const RoundViewer& viewer, FieldValues more = {}) {
    const auto done = step(round, name, std::move(date), viewer, std::move(more));
    ASSERT_EQ(reason_of(done), "followup.round.early") << name;
    EXPECT_EQ(done.error().params.at(1).second, needs) << name;
  };
  refused("visit_consented", "2026-01-09", "opened", kState);
  must(step(round, "visit_consented", "2026-02-01", kState));
  must(step(round, "civil_society_opened", "2026-02-15", kSecretary, {{"until", "2026-12-31"}}));
  must(step(round, "civil_society", "2026-03-25", kSecretary));
  refused("civil_society_opened", "2026-03-24", "civil_society", kSecretary,
          {{"until", "2026-12-31"}});
  refused("visited", "2026-01-31", "visit_consented", kReviewer);
  refused("visited", "2026-02-05", "submitted", kReviewer);
  must(step(round, "visited", "2026-03-20", kReviewer));
  must(rounds().save(round, "PAN", {entry("conclusion", "general", {{"text", "words"}})},
                     kReviewer));
  refused("drafted", "2026-03-24", "civil_society", kReviewer);
  must(step(round, "drafted", "2026-03-25", kReviewer));
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
  EXPECT_EQ(reason_of(rounds().open({.id = "mem-x",
                                     .questionnaire = "mem",
                                     .follows = "arms-1",
                                     .title = "Another mechanism's",
                                     .language = "en",
                                     .date = "2026-12-22",
                                     .countries = {}},
                                    kSecretary)),
            "followup.round.mechanism");
  NewRound second{.id = "arms-2",
                  .questionnaire = "arms-transparency",
                  .follows = "arms-1",
                  .title = "What came of it",
                  .language = "en",
                  .date = "2026-06-01",
                  .countries = {}};
  EXPECT_EQ(must(rounds().open(second, kSecretary)), 0);
  must(step(first, "published", "2026-12-22", kSecretary));
  EXPECT_EQ(reason_of(rounds().open(second, kSecretary)), "followup.round.early")
      << "before what it follows was published";
  second.date = "2026-12-22";
  // An id that is taken is another round's, or this one's with more states, which is said.
  NewRound taken = second;
  taken.title = "Another round";
  EXPECT_EQ(reason_of(rounds().open(taken, kSecretary)), "followup.round.taken");
  taken.title = second.title;
  taken.follows = "";
  EXPECT_EQ(reason_of(rounds().open(taken, kSecretary)), "followup.round.taken");
  const auto more = rounds().open(second, kSecretary);
  ASSERT_EQ(reason_of(more), "followup.round.adds");
  EXPECT_EQ(more.error().params.at(2).second, "PAN");
  second.adds = true;
  EXPECT_EQ(must(rounds().open(second, kSecretary)), 1);
  second.adds = false;
  EXPECT_EQ(must(rounds().open(second, kSecretary)), 0) << "the same form again";
  const Round round = must(rounds().get("arms-2"));
  must(rounds().save(round, "PAN", {entry("answer", "rec-1", {{"value", "done"}})}, kState));
  const Question last = must(rounds().review(round, "PAN", kState)).questions.back();
  EXPECT_EQ(last.text.in(Language::es), "second thing");
  EXPECT_EQ(last.recommendation, "2");
  EXPECT_EQ(last.language, "en");
  EXPECT_EQ(last.article, "") << "it was on the whole report: no question of this round is meant";
  EXPECT_EQ(round.followed->title, "Synthetic round");
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
  const auto follow_up = must(rounds().report(round));
  EXPECT_EQ(follow_up.by_progress, (std::map<std::string, std::int32_t>{{"not_published", 2}}));
  EXPECT_EQ(follow_up.followed, 2) << "what is said of them adds up to all of them";
  EXPECT_EQ(follow_up.recommendations, 0) << "which are not those of this round";
  EXPECT_EQ(report.followed, 0);
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
  std::string reserved = next;
  reserved.replace(reserved.find("\"version\":2"), 11, "\"version\":3");
  reserved.replace(reserved.find("\"a\""), 3, "\"rec-1\"");
  EXPECT_EQ(rounds().add_questionnaire(reserved, "sara").error().params.back().second, "reserved");
  std::string circle = next;
  circle.replace(circle.find("\"version\":2"), 11, "\"version\":3");
  circle.replace(circle.find("\"?\"}"), 4, R"("?"},"when":[{"question":"a","is":["yes"]}])");
  EXPECT_EQ(reason_of(rounds().add_questionnaire(circle, "sara")), "followup.questionnaire");
}

}  // namespace
}  // namespace atalaya::followup
