// Goal: a coder is blind until both have submitted, dissent stays, the state replies before
// publication, and no failing write leaves half a value. Method: synthetic codings on both engines.
#include <algorithm>

#include <atalaya/base/text.hpp>
#include <atalaya/followup/brief.hpp>
#include <atalaya/followup/coding.hpp>
#include <atalaya/followup/progress.hpp>
#include <atalaya/followup/tables.hpp>

#include "cube_fixture.hpp"

namespace atalaya::followup {
namespace {

class CodingTest : public CubeTest {
 protected:
  void SetUp() override {
    CubeTest::SetUp();
    if (testing::Test::IsSkipped()) {
      return;
    }
    Criteria criteria;
    criteria.scale = "implementation";
    criteria.text = "synthetic rule";
    must(desk().set_criteria(criteria, "pia"));
    NewCoding coding{plan_[0],     "PAN",        "implementation", "2026-06-30",
                     "2020-01-01", "2026-06-30", "carl",           "dora"};
    id_ = must(desk().open(coding, "pia"));
    EXPECT_EQ(reason_of(desk().open(coding, "pia")), "followup.coding.open");
  }

  [[nodiscard]] CodingDesk desk() const { return CodingDesk(parts_); }

  [[nodiscard]] static Code code(std::string value) {
    Code out;
    out.value = std::move(value);
    out.reasons = "synthetic reasons";
    out.interest = "none";
    out.sources = {
        {"Law 5", "https://example.org/law", "", "the address is made up for this test"}};
    return out;
  }

  std::int64_t id_ = 0;
  Viewer carl_{"carl", false, {}}, dora_{"dora", false, {}}, pia_{"pia", true, {}},
      ana_{"ana", false, {"PAN"}}, reader_;
};

TEST_P(CodingTest, a_refused_coding_changes_no_rule) {
  NewCoding coding{plan_[0],     "PAN",        "implementation", "2026-06-30",
                   "2020-01-01", "2026-06-30", "carl",           "dora"};
  coding.criteria = "another rule";
  EXPECT_EQ(reason_of(desk().open(coding, "pia")), "followup.coding.open");
  EXPECT_EQ(must(desk().criteria(plan_[0], "implementation")).text, "synthetic rule");
  coding.as_of = "2026-05-31";
  EXPECT_EQ(reason_of(desk().open(coding, "pia")), "followup.window.late");
  coding.window_to = coding.as_of;
  const auto id = must(desk().open(coding, "pia"));
  EXPECT_EQ(must(desk().get(id, pia_)).criteria.text, "another rule");
  EXPECT_EQ(must(desk().get(id_, pia_)).criteria.text, "synthetic rule");
}

TEST_P(CodingTest, a_cited_page_is_kept_or_it_is_said_why_not) {
  Code bare = code("limited");
  bare.sources.front().no_copy.clear();
  EXPECT_EQ(reason_of(desk().submit(id_, bare, "carl")), "followup.source_copy");
  bare.sources.front().no_copy = "gone";
  EXPECT_EQ(reason_of(desk().submit(id_, bare, "carl")), "followup.reason_short");
  const std::string text = sources_text(code("limited").sources);
  EXPECT_EQ(sources_text(must(parse_sources_text(text))), text);
  must(desk().submit(id_, code("limited"), "carl"));
  EXPECT_EQ(must(desk().get(id_, carl_)).codes.front().sources.front().no_copy,
            "the address is made up for this test");
}

TEST_P(CodingTest, a_coder_is_blind_until_both_have_submitted) {
  must(desk().submit(id_, code("limited"), "carl"));
  EXPECT_EQ(reason_of(desk().submit(id_, code("complete"), "carl")), "followup.code.again");
  const Coding seen = must(desk().get(id_, dora_));
  EXPECT_TRUE(seen.codes.empty());
  EXPECT_TRUE(seen.submitted.empty());  // not even that the other was there
  EXPECT_EQ(seen.value, "");
  EXPECT_EQ(must(desk().get(id_, carl_)).codes.size(), 1U);
  EXPECT_TRUE(must(desk().get(id_, pia_)).codes.empty());
  EXPECT_EQ(must(desk().get(id_, pia_)).submitted.size(), 1U);
  const Viewer coder_who_runs{"dora", true, {}}, own_expert{"olga", true, {}, {"PAN"}};
  EXPECT_TRUE(must(desk().get(id_, coder_who_runs)).submitted.empty());
  EXPECT_TRUE(must(desk().get(id_, own_expert)).submitted.empty());
  EXPECT_EQ(reason_of(desk().get(id_, reader_)), "followup.coding");
  EXPECT_EQ(reason_of(desk().get(id_, ana_)), "followup.coding");
  EXPECT_EQ(reason_of(desk().submit(id_, code("limited"), "eve")), "followup.coding");
  must(desk().submit(id_, code("complete"), "dora"));
  const Coding both = must(desk().get(id_, dora_));
  EXPECT_EQ(both.codes.size(), 2U);
  EXPECT_TRUE(both.dissent);
  EXPECT_EQ(both.stage, CodingStage::adjudication);
  EXPECT_EQ(reason_of(desk().get(id_, ana_)), "followup.coding");  // nothing to reply to yet
  // Nothing before publication is in the history, the cube or a list that readers see.
  ChangeQuery query;
  query.commitment = plan_[0];
  EXPECT_TRUE(must(cube().changes(query)).empty());
  EXPECT_EQ(must(cube().cell(plan_[0], "PAN", kToday, "implementation")).assessment, kNotAssessed);
  EXPECT_TRUE(must(desk().list({}, {}, reader_)).empty());
}

// Whoever reads a code opens what it rests on, and nobody else; the log tells nobody that a file
// was handed in.
TEST_P(CodingTest, files_open_to_those_who_read_the_code_that_rests_on_them) {
  const std::string hash =
      must(reports().keep_file("page.html", "text/html", "", "<p>synthetic page", "carl"));
  const Viewer own_expert{"olga", true, {}, {"PAN"}};
  const auto readers = [&] {
    std::string out;
    for (const Viewer* one : std::initializer_list<const Viewer*>{&carl_, &dora_, &pia_,
                                                                  &own_expert, &ana_, &reader_}) {
      const auto file = reports().file(hash, *one);
      out += !file ? '-' : one->name.empty() ? '*' : one->name.front();
    }
    return out;
  };
  EXPECT_EQ(readers(), "c-----");
  // Whoever holds a candidate learns nothing by naming it, and opens nothing to others.
  Report claim = draft(plan_[0], "PAN");
  for (const std::string& candidate : {hash, to_hex(sha256("never sent"))}) {
    claim.sources = {{"", "", candidate}};
    EXPECT_EQ(reason_of(reports().submit(claim, panama_)), "followup.file_unknown");
    Code borrowed = code("limited");
    borrowed.sources = claim.sources;
    EXPECT_EQ(reason_of(desk().submit(id_, borrowed, "dora")), "followup.file_unknown");
  }
  EXPECT_EQ(must(reports().keep_file("own.html", "text/html", "", "<p>synthetic page", "eve")),
            hash);
  EXPECT_TRUE(reports().file(hash, Viewer{"eve", false, {}, {}}));
  Code with = code("limited");
  with.sources.front().file = hash;
  must(desk().submit(id_, with, "carl"));
  EXPECT_EQ(readers(), "c-----");
  must(desk().submit(id_, code("complete"), "dora"));
  EXPECT_EQ(readers(), "cdp---");
  EXPECT_TRUE(must(desk().get(id_, own_expert)).codes.empty());
  must(desk().adjudicate(id_, "limited", "the law is in force", "xena"));
  EXPECT_EQ(readers(), "cdp-a-");
  EXPECT_EQ(must(desk().get(id_, own_expert)).value, "");
  must(desk().reply(id_, "We agree.", "en", panama_));
  must(desk().publish(id_, "pia"));
  EXPECT_EQ(readers(), "cdpoa*");
  std::int64_t found = 0;
  must(parts_.database->read([&](store::Transaction& tx) -> Result<void> {
    const auto entries = ATALAYA_TRY(ledger_->entries_from(tx, 0, 1000));
    for (const auto& entry : entries) {
      EXPECT_EQ(entry.leaf.subject.find(hash), std::string::npos) << entry.leaf.subject;
      const auto payload = ATALAYA_TRY(ledger_->find_payload(tx, entry.index));
      found += entry.leaf.kind == "followup.file" && payload->bytes.contains(hash) ? 1 : 0;
    }
    return {};
  }));
  EXPECT_EQ(found, 1);
}

TEST(CodesSeenTest, the_stage_and_what_somebody_is_to_a_coding_decide) {
  constexpr CodingStage kStages[] = {CodingStage::coding, CodingStage::adjudication,
                                     CodingStage::reply, CodingStage::published,
                                     CodingStage::withdrawn};
  // Of every mixture of hats, by stage: a(ll), o(wn), -.
  const std::pair<CodingHats, std::string_view> table[] = {
      {{}, "---a-"},
      {{.coder = true}, "oaaao"},
      {{.runs = true}, "-aaa-"},
      {{.own_state = true}, "---a-"},
      {{.focal_point = true}, "--aa-"},
      {{.coder = true, .runs = true}, "oaaao"},
      {{.coder = true, .own_state = true}, "oaaao"},
      {{.runs = true, .own_state = true}, "---a-"},
      {{.runs = true, .focal_point = true}, "-aaa-"},
      {{.own_state = true, .focal_point = true}, "--aa-"},
      {{.runs = true, .own_state = true, .focal_point = true}, "--aa-"}};
  for (const auto& [hats, expected] : table) {
    std::string got;
    for (const CodingStage stage : kStages) {
      const CodesSeen seen = codes_seen(stage, hats);
      got += seen == CodesSeen::all ? 'a' : seen == CodesSeen::own ? 'o' : '-';
    }
    EXPECT_EQ(got, expected) << hats.coder << hats.runs << hats.own_state << hats.focal_point;
  }
}

TEST_P(CodingTest, dissent_stays_and_the_state_replies_before_publication) {
  Code wrong = code("limited");
  wrong.value = "D";
  EXPECT_EQ(reason_of(desk().submit(id_, wrong, "carl")), "followup.value");
  wrong.value.clear();
  EXPECT_EQ(reason_of(desk().submit(id_, wrong, "carl")), "followup.value_missing");
  wrong = code("limited");
  wrong.interest = " ";
  EXPECT_EQ(reason_of(desk().submit(id_, wrong, "carl")), "followup.interest");
  wrong = code("limited");
  wrong.sources.clear();
  EXPECT_EQ(reason_of(desk().submit(id_, wrong, "carl")), "followup.sources.none");
  must(desk().submit(id_, code("limited"), "carl"));
  must(desk().submit(id_, code("substantial"), "dora"));
  EXPECT_EQ(reason_of(desk().publish(id_, "pia")), "followup.coding.stage");
  EXPECT_EQ(reason_of(desk().adjudicate(id_, "limited", "why", "carl")), "followup.adjudicator");
  must(desk().adjudicate(id_, "substantial", "the law is in force", "xena"));
  EXPECT_EQ(reason_of(desk().publish(id_, "pia")), "followup.reply.open");
  EXPECT_EQ(must(desk().get(id_, ana_)).value, "substantial");
  EXPECT_EQ(reason_of(desk().reply(id_, "no", "es", {"luis", {"COL"}, false})),
            "followup.not_yours");
  must(desk().reply(id_, "We have done more.", "en", panama_));
  EXPECT_EQ(reason_of(desk().reply(id_, "And more.", "en", panama_)), "followup.reply.again");
  must(desk().publish(id_, "pia"));
  const Coding shown = must(desk().get(id_, reader_));
  EXPECT_EQ(shown.value, "substantial");
  EXPECT_TRUE(shown.dissent);
  EXPECT_EQ(shown.codes.size(), 2U);
  EXPECT_EQ(shown.decision, "the law is in force");
  EXPECT_EQ(shown.reply, "We have done more.");
  EXPECT_EQ(shown.criteria.version, 1);
  const Cell cell = must(cube().cell(plan_[0], "PAN", kToday, "implementation"));
  EXPECT_EQ(cell.assessment, "substantial");
  EXPECT_TRUE(cell.dissent);
  EXPECT_EQ(cell.report, kNotReported);
  EXPECT_EQ(derive_g20(*parts_.reference->find_scale("implementation"), cell.assessment), 0);
  EXPECT_EQ(must(cube().cell(plan_[0], "PAN", kToday, "results")).assessment, kNotAssessed);
  const Agreement agreement = must(desk().agreement("implementation"));
  EXPECT_EQ(agreement.units, 1);
  EXPECT_EQ(agreement.level, DataLevel::nominal) << "nothing found has no place in an order";
}

TEST_P(CodingTest, only_a_provision_that_was_found_is_quoted) {
  NewCoding coding{plan_[0],     "PAN",        "unscr1540", "2026-06-30",
                   "2020-01-01", "2026-06-30", "carl",      "dora"};
  coding.criteria = "synthetic rule";
  const auto id = must(desk().open(coding, "pia"));
  EXPECT_EQ(reason_of(desk().submit(id, code("X"), "carl")), "followup.provision");
  must(desk().submit(id, code("?"), "carl"));
}

TEST_P(CodingTest, what_nobody_can_finish_is_withdrawn_and_its_cell_is_free_again) {
  must(desk().submit(id_, code("limited"), "carl"));
  EXPECT_EQ(reason_of(desk().withdraw(id_, " ", "pia")), "followup.reason_short");
  EXPECT_EQ(reason_of(desk().withdraw(id_, "dora", "pia")), "followup.reason_short");
  must(desk().withdraw(id_, "dora has left the service", "pia"));
  EXPECT_EQ(reason_of(desk().withdraw(id_, "dora has left once more", "pia")),
            "followup.coding.stage");
  EXPECT_EQ(reason_of(desk().submit(id_, code("limited"), "dora")), "followup.coding.stage");
  EXPECT_EQ(reason_of(desk().get(id_, reader_)), "followup.coding");
  const Coding kept = must(desk().get(id_, pia_));
  EXPECT_EQ(kept.stage, CodingStage::withdrawn);
  EXPECT_EQ(kept.withdrawal, "dora has left the service");
  EXPECT_TRUE(kept.codes.empty());
  EXPECT_EQ(must(desk().get(id_, carl_)).codes.size(), 1U);
  ChangeQuery query;
  query.commitment = plan_[0];
  const auto history = must(cube().changes(query));
  ASSERT_EQ(history.size(), 1U);
  EXPECT_EQ(history[0].kind, "coding_withdrawn");
  EXPECT_EQ(history[0].why, "implementation 2026-06-30 dora has left the service");
  NewCoding coding{plan_[0],     "PAN",        "implementation", "2026-06-30",
                   "2026-01-01", "2020-06-30", "carl",           "eve"};
  EXPECT_EQ(reason_of(desk().open(coding, "pia")), "followup.window");
  std::swap(coding.window_from, coding.window_to);
  id_ = must(desk().open(coding, "pia"));
  must(desk().submit(id_, code("limited"), "carl"));
  must(desk().submit(id_, code("limited"), "eve"));
  must(desk().reply(id_, "We agree.", "en", panama_));
  must(desk().publish(id_, "pia"));
  EXPECT_EQ(reason_of(desk().withdraw(id_, "too late for this one", "pia")),
            "followup.coding.stage");
  EXPECT_EQ(must(cube().changes(query)).front().why,
            "implementation 2026-06-30 synthetic reasons / synthetic reasons");
}

// Otherwise dissent would go by withdrawing and asking the same two again.
TEST_P(CodingTest, who_has_read_the_others_value_is_not_asked_again_for_the_same_days) {
  must(desk().submit(id_, code("complete"), "carl"));
  must(desk().submit(id_, code("limited"), "dora"));
  const auto give_up = [&](std::string_view by) {
    return reason_of(desk().withdraw(id_, "the two should look at it again", by));
  };
  EXPECT_EQ(give_up("carl"), "followup.withdrawer");
  EXPECT_EQ(give_up("pia"), "ok");
  ChangeQuery query;
  query.commitment = plan_[0];
  const auto history = must(cube().changes(query));
  ASSERT_EQ(history.size(), 1U);
  EXPECT_EQ(history[0].by, "pia");
  EXPECT_EQ(history[0].before, "2") << "so many values";
  NewCoding coding{plan_[0],     "PAN",        "implementation", "2026-06-29",
                   "2020-01-01", "2026-06-29", "dora",           "eve"};
  EXPECT_EQ(reason_of(desk().open(coding, "pia")), "followup.coders.seen");
  coding.criteria = "another rule for the same days";
  EXPECT_EQ(reason_of(desk().open(coding, "pia")), "followup.coders.seen");
  EXPECT_EQ(must(desk().criteria(plan_[0], "implementation")).text, "synthetic rule");
  coding.coder_a = "frank";
  must(desk().open(coding, "pia"));
  NewCoding later{plan_[0],     "PAN",        "implementation", "2026-09-30",
                  "2026-07-01", "2026-09-30", "carl",           "dora"};
  must(desk().open(later, "pia"));
}

// A cell is assessed on whichever scale it is, and every outlet says so and on which.
TEST_P(CodingTest, an_assessment_on_any_scale_counts_in_every_outlet) {
  Criteria criteria;
  criteria.scale = "results";
  criteria.text = "synthetic rule";
  must(desk().set_criteria(criteria, "pia"));
  const auto id = must(desk().open({plan_[1], "PAN", "results", "2026-06-30", "2020-01-01",
                                    "2026-06-30", "carl", "dora"},
                                   "pia"));
  must(desk().submit(id, code("worsened"), "carl"));
  must(desk().submit(id, code("worsened"), "dora"));
  clock_.set(UtcTime{clock_.now().ms + 31LL * 24 * 60 * 60 * 1000});
  must(desk().publish(id, "pia"));
  const Cell cell = must(cube().cell(plan_[1], "PAN", kToday, "implementation"));
  EXPECT_EQ(cell.assessment, kNotAssessed);
  ASSERT_EQ(cell.other_scales.size(), 1U);
  EXPECT_EQ(cell.other_scales.front().value, "worsened");
  MatrixQuery query;
  query.actors = {"PAN"};
  query.as_of = kToday;
  for (const std::string scale : {"implementation", "results"}) {
    query.scale = scale;
    const Matrix matrix = must(cube().matrix(query));
    const Counts counts = count_matrix(matrix, parts_.reference->find_scale(scale));
    EXPECT_EQ(counts.assessed, 1) << scale;
    EXPECT_EQ(counts.assessed_on_scale, scale == "results" ? 1 : 0);
    EXPECT_EQ(cells_csv(matrix, nullptr).contains("results: worsened (2026-06-30)"),
              scale == "implementation");
  }
  const auto words = [&](std::set<BriefLayer> layers) {
    BriefRequest request;
    request.country = "PAN";
    request.layers = std::move(layers);
    request.origin = "https://node.example";
    return figures::paper_html_file(must(compose_brief(parts_, request)));
  };
  const std::string whole = words({BriefLayer::reports, BriefLayer::assessments});
  EXPECT_TRUE(whole.contains("Assessed by two coders: 1 of"));
  EXPECT_TRUE(whole.contains("Results: Worsened"));
  // Without its layer an assessment moves nothing.
  const std::string reports = words({BriefLayer::reports});
  EXPECT_EQ(fold(reports).find("assess"), std::string::npos);
  const std::string layers = reports.substr(reports.find("id=\"layers\""));
  EXPECT_FALSE(layers.contains("/commitments/" + plan_[1]));
  ProgressRequest progress;
  progress.meeting = "summit-1998";
  progress.layers = {BriefLayer::assessments};
  const std::string said = figures::paper_html_file(must(compose_progress(parts_, progress)));
  EXPECT_TRUE(said.contains("Results – Worsened: Panama"));
  EXPECT_TRUE(said.contains("Assessed by two coders: 1 of"));
}

TEST_P(CodingTest, without_a_reply_publication_waits_thirty_days) {
  must(desk().submit(id_, code("complete"), "carl"));
  must(desk().submit(id_, code("complete"), "dora"));
  EXPECT_EQ(must(desk().get(id_, pia_)).stage, CodingStage::reply);
  clock_.set(UtcTime{clock_.now().ms + 30LL * 24 * 60 * 60 * 1000});
  EXPECT_EQ(reason_of(desk().publish(id_, "pia")), "followup.reply.open");
  clock_.set(UtcTime{clock_.now().ms + 24LL * 60 * 60 * 1000});
  must(desk().publish(id_, "pia"));
  EXPECT_EQ(must(cube().cell(plan_[0], "PAN", kToday, "implementation")).assessment, "complete");
}

TEST_P(CodingTest, no_failing_write_leaves_half_a_value) {
  must(desk().submit(id_, code("complete"), "carl"));
  const auto size = log_size();
  for (std::int64_t n = 1;; ++n) {
    faulty_->fail_at(n);
    const auto done = desk().submit(id_, code("complete"), "dora");
    const auto steps = faulty_->steps();
    faulty_->fail_at(0);
    if (steps < n) {
      must(done);
      break;
    }
    EXPECT_EQ(must(desk().get(id_, pia_)).submitted.size(), 1U) << n;
    EXPECT_EQ(must(desk().get(id_, pia_)).stage, CodingStage::coding) << n;
    EXPECT_EQ(log_size(), size) << n;
  }
  EXPECT_EQ(must(desk().get(id_, pia_)).stage, CodingStage::reply);
}

// A letter in a matrix begins a word of its value, in the page's language, and is no other's; signs
// and codes that are the same in all languages stand for themselves.
TEST(ScalesTest, letters_begin_the_words_that_they_stand_for) {
  const auto reference = Reference::embedded(*commitments::Catalogue::embedded());
  for (const Scale& scale : reference->scales()) {
    for (const Language language : kLanguages) {
      std::set<std::string> marks;
      for (const ScaleValue& value : scale.values) {
        const std::string& mark = value.mark.in(language);
        EXPECT_TRUE(marks.insert(mark).second) << scale.id << " " << mark;
        const bool same = std::ranges::all_of(kLanguages, [&](Language other) {
          return value.mark.in(other) == mark;
        });
        EXPECT_TRUE(same || (" " + fold(value.label.in(language))).contains(" " + fold(mark)))
            << scale.id << " " << value.id << " " << to_string(language);
      }
    }
  }
}

TEST(ScalesTest, derive_no_value_from_nothing_found) {
  const auto reference = Reference::embedded(*commitments::Catalogue::embedded());
  const Scale* scale = reference->find_scale("implementation");
  ASSERT_NE(scale, nullptr);
  EXPECT_EQ(derive_g20(*scale, "no_evidence"), std::nullopt);
  EXPECT_EQ(derive_g20(*scale, kNotAssessed), std::nullopt);
  EXPECT_EQ(derive_g20(*scale, "complete"), 1);
  EXPECT_EQ(derive_g20(*scale, "not_started"), -1);
  for (const std::string_view id :
       {"state_report", "implementation", "results", "fatf", "unscr1540", "cbd"}) {
    EXPECT_NE(reference->find_scale(id), nullptr) << id;
  }
}

INSTANTIATE_TEST_SUITE_P(Engines, CodingTest,
                         testing::Values(store::Engine::sqlite, store::Engine::postgresql),
                         engine_name);

}  // namespace
}  // namespace atalaya::followup
