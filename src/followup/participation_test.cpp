// Goal: what strangers write shows only after people decided, with nothing that was held back, in
// no outlet; what another node sends is believed by its signed log alone, whole or not at all.
// Method: two nodes in one program, every write failing once, every byte of a package flipped.
#include "followup_fixture.hpp"

#include <algorithm>

#include <atalaya/base/text.hpp>
#include <atalaya/figures/paper.hpp>
#include <atalaya/files/write.hpp>
#include <atalaya/followup/brief.hpp>
#include <atalaya/followup/coding.hpp>
#include <atalaya/followup/packages.hpp>
#include <atalaya/followup/participation.hpp>
#include <atalaya/followup/participation_check.hpp>
#include <atalaya/followup/progress.hpp>
#include <atalaya/followup/reports.hpp>

namespace atalaya::followup {
namespace {

constexpr CivilDate kToday{2026, 11, 22};
constexpr std::string_view kSecret = "Zzqx";  // stands in every text that must not get out

std::string other_key(char seed = 'p') {
  auto key = must(crypto::SigningKey::from_seed(Secret(std::string(32, seed))));
  return must(ledger::VerifierKey::create("peer.example", key.public_key())).to_string();
}

class ParticipationTest : public FollowupTest {
 protected:
  void SetUp() override {
    FollowupTest::SetUp();
    if (testing::Test::IsSkipped()) {
      return;
    }
    for (const Member& member : must(Cube(parts_).members(Language::en))) {
      if (member.row.document == "summit-1998-plan" && member.row.actionable && id_.empty()) {
        id_ = member.row.id;
      }
    }
    open_other('p');
  }

  // A second institution's node, on SQLite; with another seed, as it stands after its key was
  // changed: the same name, nothing in its log.
  void open_other(char seed) {
    other_commitments_.reset();
    other_ledger_.reset();
    other_store_ = std::make_unique<store::TestStore>(store::Engine::sqlite);
    auto key = must(crypto::SigningKey::from_seed(Secret(std::string(32, seed))));
    other_ledger_ = must(ledger::Ledger::open(
        other_store_->database(), must(ledger::NodeKey::create("peer.example", std::move(key))),
        clock_));
    commitments::DeskParts desk;
    desk.database = &other_store_->database();
    desk.ledger = other_ledger_.get();
    desk.catalogue = commitments::Catalogue::embedded();
    desk.clock = &clock_;
    other_commitments_ = must(commitments::Desk::open(desk));
    other_ = parts_;
    other_.database = desk.database;
    other_.ledger = other_ledger_.get();
    other_.commitments = other_commitments_.get();
    other_.cube = std::make_shared<CubeCache>();
  }

  void TearDown() override {
    other_commitments_.reset();
    other_ledger_.reset();
    FollowupTest::TearDown();
  }

  [[nodiscard]] Submissions submissions() const { return Submissions(parts_); }

  SubmissionDraft draft(std::string title = "What was built") {
    SubmissionDraft out;
    out.kind = "alternative_report";
    out.commitment = id_;
    out.actor = "PAN";
    out.as_of = "2026-10-01";
    out.title = std::move(title);
    out.text = "Synthetic: the office was opened, but nobody works there since March.";
    out.sources = "A list <https://example.org/a>";
    out.name = "Foro sintético";
    out.contact = "Zzqx contact";
    out.form = std::to_string(++forms_);
    return out;
  }

  static Decision decision(std::string step, SubmissionStage seen = SubmissionStage::received) {
    Decision out;
    out.step = std::move(step);
    out.reason = out.step == "refuse" ? "no_source" : "names_persons";
    out.text = "Zzqx: no source was named";
    out.confirmed = true;
    out.seen = seen;
    if (out.step == "publish" || out.step == "hold") {
      out.text.clear();
      out.reason.clear();
    }
    return out;
  }

  Submissions::Receipt send(const SubmissionDraft& draft) {
    return must(submissions().submit(draft));
  }

  std::int64_t publish_on(const Parts& parts, SubmissionDraft text) {
    const Submissions desk(parts);
    const auto receipt = must(desk.submit(text));
    must(desk.decide(receipt.id, decision("publish"), "edna"));
    return receipt.id;
  }

  std::int64_t assess_on(const Parts& parts, const std::string& value, std::string actor = "PAN") {
    const CodingDesk desk(parts);
    if (!desk.criteria(id_, "implementation")) {
      must(desk.set_criteria({"", "implementation", 0, "Synthetic rule", "", ""}, "pia"));
    }
    NewCoding coding{id_,          actor,        "implementation", "2026-01-31",
                     "2025-01-01", "2025-12-31", "carl",           "dora"};
    const auto id = must(desk.open(coding, "pia"));
    for (const char* coder : {"carl", "dora"}) {
      Code code;
      code.value = value;
      code.reasons = "synthetic";
      code.interest = "none";
      const auto copy =
          must(Reports(parts).keep_file("law.html", "text/html", "", "<p>law", coder));
      code.sources = {{"A law", "https://example.org/law", copy}};
      must(desk.submit(id, code, coder));
    }
    must(desk.reply(id, "We did more.", "es", {"fausto", {actor}, false}));
    must(desk.publish(id, "pia"));
    return id;
  }

  std::string package() {
    return must(Packages(other_).write("Observatorio sintético",
                                       {RecordKind::assessment, RecordKind::alternative_report}));
  }

  // Takes a package in with every write failing once: nothing of it is held until all of it is.
  template <class Check>
  void apply_past_faults(const PackageImportPlan& plan, Check&& nothing_else) {
    const auto size = log_size();
    for (std::int64_t n = 1;; ++n) {
      faulty_->fail_at(n);
      const auto done = Packages(parts_).apply(plan, "operator");
      const auto steps = faulty_->steps();
      faulty_->fail_at(0);
      if (steps < n) {
        must(done);
        return;
      }
      EXPECT_EQ(reason_of(done), "store.disk_full");
      EXPECT_TRUE(must(CodingDesk(parts_).list({}, {}, {})).empty()) << n;
      EXPECT_EQ(log_size(), size) << n;
      nothing_else(n);
    }
  }

  Result<PackageImportPlan> take_in(const std::string& bytes) {
    const Packages packages(parts_);
    auto plan = packages.plan(bytes);
    if (plan) {
      must(packages.apply(*plan, "operator"));
    }
    return plan;
  }

  // Everything that readers get of this node, in one text.
  std::string outlets() {
    std::string out;
    for (const auto& one : must(submissions().published({}, {}))) {
      out += one.title + one.text + sources_text(one.sources) + one.name + one.organisation;
    }
    for (const auto& change : must(Cube(parts_).changes({}))) {
      out += change.before + change.after + change.why + change.by;
    }
    const auto counts = must(submissions().counts());
    for (const auto& count : counts.refusals) {
      out += count.reason;
    }
    const auto size = log_size();
    must(parts_.database->read([&](store::Transaction& tx) -> Result<void> {
      for (const auto& entry : must(ledger_->entries_from(tx, 0, size))) {
        out += entry.leaf.kind + entry.leaf.subject;
      }
      return {};
    }));
    return out + must(Packages(parts_).write("node", {RecordKind::alternative_report}));
  }

  std::string id_;
  int forms_ = 0;
  std::unique_ptr<store::TestStore> other_store_;
  std::unique_ptr<ledger::Ledger> other_ledger_;
  std::unique_ptr<commitments::Desk> other_commitments_;
  Parts other_;
};

INSTANTIATE_TEST_SUITE_P(engines, ParticipationTest,
                         testing::Values(store::Engine::sqlite, store::Engine::postgresql),
                         engine_name);

TEST_P(ParticipationTest, nothing_undecided_held_back_or_withdrawn_is_in_any_outlet) {
  const auto waiting = send(draft("Zzqx waits"));
  const auto held = send(draft("Zzqx is held"));
  must(submissions().decide(held.id, decision("hold"), "edna"));
  // Never to decide is no way around the counts.
  EXPECT_EQ(must(submissions().counts()).held, 1);
  EXPECT_EQ(must(submissions().counts()).waiting_since,
            must(submissions().get(held.id)).received_on);
  const auto refused = send(draft("Zzqx is refused"));
  must(submissions().decide(refused.id, decision("refuse"), "edna"));
  must(submissions().appeal(refused.code, "Zzqx: it names one"));
  SubmissionDraft shown = draft("About Zzqx Ramírez");
  shown.text += " Zzqx Ramírez, 6612-3456, saw it. Zzqx too.";
  shown.sources = "Zzqx <https://example.org/Zzqx>";
  EXPECT_EQ(reason_of(submissions().submit(shown)), "followup.submission.findings");
  shown.confirmed = true;
  const auto redacted = send(shown);
  Decision publish = decision("publish");
  publish.held_back = "Zzqx Ramírez\n6612-3456\nZzqx";
  publish.confirmed = false;
  EXPECT_EQ(reason_of(submissions().decide(redacted.id, publish, "edna")),
            "followup.submission.confirm");
  publish.confirmed = true;
  publish.held_back += "\nnot there";
  EXPECT_EQ(reason_of(submissions().decide(redacted.id, publish, "edna")), "followup.held_back");
  publish.held_back = "Zzqx Ramírez\n6612-3456\nZzqx";
  must(submissions().decide(redacted.id, publish, "edna"));
  const auto gone = send(draft("Zzqx goes"));
  must(submissions().decide(gone.id, decision("publish"), "edna"));
  EXPECT_TRUE(outlets().contains(kSecret)) << "the test itself sees nothing";
  must(submissions().withdraw(gone.code));
  const std::string seen = outlets();
  EXPECT_FALSE(seen.contains(kSecret)) << seen;
  EXPECT_TRUE(seen.contains("[held back]"));
  const auto published = must(submissions().published(id_, "PAN"));
  ASSERT_EQ(published.size(), 1U);
  EXPECT_EQ(published[0].title, "About [held back]");
  EXPECT_TRUE(published[0].redacted);
  EXPECT_EQ(published[0].sources[0].url, "");
  EXPECT_TRUE(must(submissions().published(id_, "CRI")).empty());
  EXPECT_EQ(must(Cube(parts_).cell(id_, "PAN", kToday, "implementation")).report, kNotReported);

  // Erased, the original is gone from the store and the log, and the log still verifies.
  must(submissions().erase(redacted.id, "", "edna"));
  EXPECT_TRUE(must(submissions().get(redacted.id)).text.empty());
  EXPECT_EQ(must(submissions().published(id_, "PAN")).size(), 1U);
  EXPECT_EQ(reason_of(submissions().erase(waiting.id, "persons", "edna")),
            "followup.submission.stage");
  must(parts_.database->read([&](store::Transaction& tx) -> Result<void> {
    for (std::uint64_t i = 0; i < must(ledger_->size()); ++i) {
      const auto payload = must(ledger_->find_payload(tx, i));
      EXPECT_FALSE(payload && payload->bytes.contains("6612-3456")) << i;
    }
    return {};
  }));
  EXPECT_TRUE(must(ledger_->verify()).ok());
  EXPECT_EQ(must(check_submissions(parts_)), std::vector<std::string>{});

  // Whoever changes the store by hand is found out.
  for (const char* sql :
       {"UPDATE followup_submissions SET published_text = 'x' WHERE redacted = 1",
        "UPDATE followup_submissions SET title = 'x' WHERE stage = 'received'",
        "UPDATE followup_submission_steps SET text = 'x' WHERE step = 'refuse'"}) {
    const auto before = must(check_submissions(parts_)).size();
    must(parts_.database->write([&](store::Transaction& tx) -> Result<void> {
      ATALAYA_TRY(tx.execute(sql, {}));
      return {};
    }));
    EXPECT_EQ(must(check_submissions(parts_)).size(), before + 1) << sql;
  }
}

// A name that is held back is held back as people write it, not as it was copied once.
TEST_P(ParticipationTest, what_is_held_back_goes_out_in_no_spelling) {
  SubmissionDraft shown = draft("Sobre JUAN PÉREZ");
  shown.text =
      "Juan Pérez, Ju\u0430n Perez, JUAN  PEREZ, juan-pérez, Juan\u00A0Pe\u0301rez, Pérez, Juan; "
      "cédula 8-123-456, 8123456 y 8.123.456. En Panamá nadie más, ni Juana Pereza.";
  shown.sources =
      "Nota de juan perez <https://example.org/JUAN_P%C3%A9rez.html>\n"
      "Otra <https://example.org/perez-juan-2020.pdf>\nLey <https://example.org/ley>";
  shown.confirmed = true;
  const auto sent = send(shown);
  Decision publish = decision("publish");
  // What was found when it came in goes out only where somebody looked at that very finding.
  EXPECT_EQ(reason_of(submissions().decide(sent.id, publish, "edna")),
            "followup.submission.finding_stands");
  publish.held_back = "Juan Pérez\n8-123-456";
  const auto preview = must(submissions().preview(sent.id, publish.held_back));
  EXPECT_EQ(preview.text,
            "[held back], [held back], [held back], [held back], [held back], [held back]; cédula "
            "[held back], [held back] y [held back]. En Panamá nadie más, ni Juana Pereza.");
  EXPECT_EQ(preview.title, "Sobre [held back]");
  ASSERT_EQ(preview.sources.size(), 3U);
  EXPECT_EQ(preview.sources[0].title, "Nota de [held back]");
  EXPECT_EQ(preview.sources[0].url + preview.sources[1].url + preview.sources[2].url,
            "https://example.org/ley");
  EXPECT_NE(preview.seal, must(submissions().preview(sent.id, "8-123-456")).seal);
  for (const Finding& finding : preview.standing) {
    publish.checked.push_back(finding.text);
  }
  must(submissions().decide(sent.id, publish, "edna"));
  EXPECT_EQ(must(submissions().published(id_, "PAN")).front().text, preview.text);
  SubmissionDraft signed_by = draft();
  signed_by.text += " Ana Zzqx saw it.";
  signed_by.name = "ANA ZZQX";
  signed_by.confirmed = true;
  publish.held_back = "Ana Zzqx";
  EXPECT_EQ(reason_of(submissions().decide(send(signed_by).id, publish, "edna")),
            "followup.held_back_author");
}

// Publishing and then withdrawing is no way around the count of refusals and the appeal.
TEST_P(ParticipationTest, what_editors_withdraw_is_counted_and_may_be_appealed) {
  const auto one = send(draft());
  must(submissions().decide(one.id, decision("publish"), "edna"));
  must(submissions().decide(one.id, decision("withdraw", SubmissionStage::published), "edna"));
  EXPECT_TRUE(must(submissions().find_by_code(one.code)).may_appeal());
  must(submissions().appeal(one.code, "It names nobody."));
  EXPECT_EQ(reason_of(submissions().decide(one.id, decision("publish", SubmissionStage::appealed),
                                           "edna")),
            "followup.submission.same_person");
  must(submissions().decide(one.id, decision("publish", SubmissionStage::appealed), "olga"));
  EXPECT_EQ(must(submissions().published(id_, "PAN")).size(), 1U);
  must(submissions().decide(one.id, decision("withdraw", SubmissionStage::published), "edna"));
  must(submissions().appeal(one.code, "It still names nobody."));
  must(submissions().decide(one.id, decision("refuse", SubmissionStage::appealed), "olga"));
  EXPECT_FALSE(must(submissions().find_by_code(one.code)).may_appeal());
  const auto own = send(draft());
  must(submissions().decide(own.id, decision("publish"), "edna"));
  must(submissions().withdraw(own.code));
  EXPECT_FALSE(must(submissions().find_by_code(own.code)).may_appeal())
      << "the submitter's own act";
  const auto counts = must(submissions().counts());
  const auto count = std::ranges::find(counts.refusals, "names_persons", &RefusalCount::reason);
  EXPECT_EQ(fmt::format("{} {} {} {} {}", count->refused, count->withdrawn, count->appealed,
                        count->reversed, count->upheld),
            "0 2 2 1 1");
  EXPECT_EQ(must(check_submissions(parts_)), std::vector<std::string>{});
}

// An appeal brings back what readers saw, and never more: not a passage, not a file, also where the
// original was erased meanwhile.
TEST_P(ParticipationTest, an_appeal_against_a_withdrawal_restores_no_passage_that_was_held_back) {
  SubmissionDraft text = draft("About zzqx and others");
  text.text += " It was zzqx who saw it; abcd saw it, too.";
  text.files = {{"one.txt", "synthetic"}, {"two.txt", "synthetic, not shown"}};
  for (const bool erased : {false, true}) {
    text.form = std::to_string(++forms_);
    const auto sent = send(text);
    Decision shows = decision("publish");
    shows.held_back = "zzqx";
    shows.files = {1};
    must(submissions().decide(sent.id, shows, "edna"));
    if (erased) {
      must(submissions().erase(sent.id, "", "edna"));
    }
    must(submissions().decide(sent.id, decision("withdraw", SubmissionStage::published), "edna"));
    must(submissions().appeal(sent.code, "It names nobody."));
    Decision again = decision("publish", SubmissionStage::appealed);
    EXPECT_EQ(must(submissions().preview(sent.id, "")).title, "About [held back] and others");
    again.files = {2};
    EXPECT_EQ(reason_of(submissions().decide(sent.id, again, "olga")), "followup.file");
    again.files = {1};
    again.held_back = "abcd";
    must(submissions().decide(sent.id, again, "olga"));
    const auto shown = must(submissions().published(id_, "PAN"));
    ASSERT_EQ(shown.size(), 1U);
    EXPECT_TRUE(shown[0].redacted);
    EXPECT_EQ(shown[0].text.find("zzqx"), std::string::npos);
    EXPECT_EQ(shown[0].text.find("abcd"), std::string::npos);
    EXPECT_EQ(shown[0].sources.back().title, "1.txt");
    EXPECT_EQ(must(check_submissions(parts_)), std::vector<std::string>{});
    must(submissions().withdraw(sent.code));
  }
}

// Nobody erases what an appeal is about before it can be made or while it waits, but for a reason
// that is named, counted, and takes the appeal away from nobody.
TEST_P(ParticipationTest, what_is_erased_takes_no_appeal_away) {
  const auto one = send(draft("Zzqx refused"));
  must(submissions().decide(one.id, decision("refuse"), "edna"));
  const auto early = submissions().erase(one.id, "", "edna");
  ASSERT_EQ(reason_of(early), "followup.submission.appeal_window");
  const auto until = must(submissions().get(one.id)).protected_until();
  ASSERT_TRUE(until.has_value());
  EXPECT_EQ(early.error().params.front().second, to_string(*until));
  EXPECT_EQ(reason_of(submissions().erase(one.id, "untidy", "edna")),
            "followup.submission.erasure_reason");
  const UtcTime decided = clock_.now();
  const auto days_later = [&](std::int64_t days) {
    clock_.set(UtcTime{decided.ms + days * 24 * 3'600 * 1000});
  };
  days_later(kAppealDays);
  EXPECT_EQ(reason_of(submissions().erase(one.id, "", "edna")),
            "followup.submission.appeal_window");
  days_later(kAppealDays + 1);
  must(submissions().erase(one.id, "", "edna"));
  EXPECT_FALSE(must(submissions().find_by_code(one.code)).may_appeal());

  // The law's demand: the words go at once, the appeal stays, and is granted on record.
  const auto two = send(draft("Zzqx withdrawn"));
  must(submissions().decide(two.id, decision("publish"), "edna"));
  must(submissions().decide(two.id, decision("withdraw", SubmissionStage::published), "edna"));
  must(submissions().erase(two.id, "persons", "edna"));
  EXPECT_TRUE(must(submissions().get(two.id)).gone());
  must(submissions().appeal(two.code, "Synthetic: it named nobody."));
  EXPECT_EQ(reason_of(submissions().erase(two.id, "court", "edna")), "followup.submission.stage");
  must(submissions().decide(two.id, decision("publish", SubmissionStage::appealed), "olga"));
  EXPECT_EQ(must(submissions().find_by_code(two.code)).stage, SubmissionStage::withdrawn);
  EXPECT_TRUE(must(submissions().published({}, {})).empty());
  must(submissions().erase(two.id, "", "edna"));  // the words of the appeal

  // While an appeal waits, its own words stay even then.
  const auto three = send(draft("Zzqx appealed"));
  must(submissions().decide(three.id, decision("refuse"), "edna"));
  must(submissions().appeal(three.code, "Synthetic: it has a source."));
  EXPECT_EQ(reason_of(submissions().erase(three.id, "", "edna")),
            "followup.submission.appeal_open");
  must(submissions().erase(three.id, "court", "edna"));
  const Submission held = must(submissions().get(three.id));
  EXPECT_EQ(held.stage, SubmissionStage::appealed);
  EXPECT_EQ(held.find_step("appeal")->text, "Synthetic: it has a source.");
  must(submissions().decide(three.id, decision("refuse", SubmissionStage::appealed), "olga"));
  EXPECT_EQ(outlets().find(kSecret), std::string::npos);
  std::string counted;
  for (const RefusalCount& count : must(submissions().counts()).refusals) {
    if (count.refused + count.withdrawn > 0) {
      counted += fmt::format("{}: {} {} {} {} {} {};", count.reason, count.refused, count.withdrawn,
                             count.appealed, count.reversed, count.upheld, count.erased);
    }
  }
  EXPECT_EQ(counted, "names_persons: 0 1 1 1 0 1;no_source: 2 0 1 0 1 1;");
  EXPECT_EQ(must(check_submissions(parts_)), std::vector<std::string>{});
  EXPECT_TRUE(must(ledger_->verify()).ok());
}

TEST_P(ParticipationTest, an_appeal_is_decided_by_somebody_else_and_all_is_counted) {
  const auto one = send(draft());
  const auto two = send(draft());
  for (const auto& receipt : {one, two}) {
    must(submissions().decide(receipt.id, decision("refuse"), "edna"));
    EXPECT_TRUE(must(submissions().find_by_code(receipt.code)).may_appeal());
    must(submissions().appeal(receipt.code, "It has a source."));
    EXPECT_EQ(reason_of(submissions().appeal(receipt.code, "Again.")), "followup.submission.stage");
    for (const char* step : {"publish", "refuse"}) {
      EXPECT_EQ(reason_of(submissions().decide(receipt.id,
                                               decision(step, SubmissionStage::appealed), "edna")),
                "followup.submission.same_person");
    }
  }
  must(submissions().decide(one.id, decision("publish", SubmissionStage::appealed), "olga"));
  must(submissions().decide(two.id, decision("refuse", SubmissionStage::appealed), "olga"));
  EXPECT_FALSE(must(submissions().find_by_code(two.code)).may_appeal());
  EXPECT_EQ(reason_of(submissions().decide(one.id, decision("refuse"), "olga")),
            "followup.submission.stage");
  EXPECT_EQ(reason_of(submissions().find_by_code("nonsense")), "followup.submission");
  const auto counts = must(submissions().counts());
  const auto count = std::ranges::find(counts.refusals, "no_source", &RefusalCount::reason);
  EXPECT_EQ(counts.received, 2);
  EXPECT_EQ(counts.published + counts.refused, 2);
  EXPECT_EQ(count->refused, 2);
  EXPECT_EQ(count->appealed, 2);
  EXPECT_EQ(count->reversed, 1);
  EXPECT_EQ(count->upheld, 1);
}

TEST_P(ParticipationTest, a_pseudonym_needs_an_organisation_that_vouches) {
  SubmissionDraft text = draft();
  text.attribution = "vouched";
  text.name = "Made up";
  EXPECT_EQ(reason_of(submissions().submit(text)), "followup.submission.vouching");
  // What stands in the field of the code brings no name to what is signed.
  SubmissionDraft nobody = draft();
  nobody.name = "";
  nobody.voucher = "anything";
  EXPECT_EQ(reason_of(submissions().submit(nobody)), "followup.submission.name");
  text.voucher = must(submissions().issue_voucher("Red sintética", "Garza", "olga"));
  // Who may no longer sign in vouches for nobody, whenever the code was given out.
  const auto disabled = [&](std::int64_t is) {
    must(parts_.database->write([&](store::Transaction& tx) -> Result<void> {
      ATALAYA_TRY(tx.execute(
          "INSERT INTO accounts(id, name, display_name, password, totp_step, disabled, created_at, "
          "password_set_at) VALUES ('o', 'olga', 'Olga', '', 0, $1, '', '') ON CONFLICT (id) DO "
          "UPDATE SET disabled = excluded.disabled",
          {is}));
      return {};
    }));
  };
  disabled(1);
  EXPECT_EQ(reason_of(submissions().submit(text)), "followup.submission.voucher");
  disabled(0);
  const auto receipt = send(text);
  EXPECT_EQ(must(submissions().get(receipt.id)).name, "Garza");
  EXPECT_EQ(must(submissions().get(receipt.id)).organisation, "Red sintética");
  EXPECT_TRUE(must(submissions().submit(text)).again) << "the same form counts once";
  text.form = "another";
  EXPECT_EQ(reason_of(submissions().submit(text)), "followup.submission.voucher") << "a code, once";
  SubmissionDraft waits = draft();
  waits.attribution = "vouched";
  waits.organisation = "Red sintética";
  waits.organisation_known = true;
  const auto second = send(waits);
  EXPECT_EQ(reason_of(submissions().decide(second.id, decision("publish"), "edna")),
            "followup.submission.stage");
  EXPECT_EQ(reason_of(submissions().vouch(second.id, true, "Otra", "otto")), "followup.submission");
  EXPECT_EQ(must(submissions().to_vouch("Red sintética")).size(), 1U);
  must(submissions().vouch(second.id, false, "Red sintética", "olga"));
  EXPECT_EQ(must(submissions().counts()).refusals.back().refused, 1);
  EXPECT_FALSE(must(submissions().find_by_code(second.code)).may_appeal());
}

TEST_P(ParticipationTest, buckets_hold_back_a_flood_and_fill_up_again) {
  for (std::int64_t i = 0; i < kSubmissionsCommitment; ++i) {
    send(draft());
  }
  EXPECT_EQ(reason_of(submissions().submit(draft())), "followup.submission.rate");
  clock_.set(UtcTime{clock_.now().ms + 11LL * 60 * 1000});
  send(draft());
  EXPECT_EQ(reason_of(submissions().submit(draft())), "followup.submission.rate");
}

// Nothing that a stranger's act leaves says more than the day: no column, leaf or line of the feed.
TEST_P(ParticipationTest, nobody_learns_at_what_time_somebody_wrote) {
  if (GetParam() != store::Engine::sqlite) {
    GTEST_SKIP() << "one engine's catalogue of tables is enough";
  }
  const std::int64_t day = 24LL * 3'600 * 1000;
  const UtcTime at{clock_.now().ms / day * day + 13LL * 3'600'000 + 47 * 60'000 + 29'517};
  clock_.set(at);
  const auto refused = send(draft("Refused"));
  const auto shown = send(draft("Shown"));
  const std::int64_t hour = 3'600'000;
  clock_.set(UtcTime{at.ms + 3 * hour});
  must(submissions().decide(refused.id, decision("refuse"), "edna"));
  must(submissions().decide(shown.id, decision("publish"), "edna"));
  clock_.set(at);
  must(submissions().appeal(refused.code, "Synthetic: it names one"));
  must(submissions().withdraw(shown.code));
  must(parts_.database->read([&](store::Transaction& tx) -> Result<void> {
    const auto tables =
        ATALAYA_TRY(tx.query("SELECT name FROM sqlite_master WHERE type = 'table' AND name <> "
                             "'schema_migrations' ORDER BY name"));
    for (const auto& table : tables) {
      const auto rows = ATALAYA_TRY(tx.query("SELECT * FROM " + table.text(0)));
      for (const auto& row : rows) {
        for (std::size_t i = 0; i < row.size(); ++i) {
          const store::Value value = row.value(i);
          std::string said;
          if (const auto* text = std::get_if<std::string>(&value)) {
            said = *text;
          } else if (const auto* bytes = std::get_if<store::Blob>(&value)) {
            said.assign(bytes->begin(), bytes->end());
          } else if (const auto* number = std::get_if<std::int64_t>(&value)) {
            EXPECT_FALSE(*number / 60'000 == at.ms / 60'000 || *number / 60 == at.ms / 60'000)
                << table.text(0);
          }
          EXPECT_EQ(said.find("T13:47"), std::string::npos) << table.text(0) << ": " << said;
        }
      }
    }
    return {};
  }));
}

TEST_P(ParticipationTest, a_package_joins_updates_withdraws_and_changes_nothing_twice) {
  const auto coding = assess_on(other_, "limited");
  publish_on(other_, draft("From the other node"));
  const Peers peers(parts_);
  EXPECT_EQ(reason_of(peers.add("nuestro NODO", other_key(), "operator", "Nuestro nodo")),
            "followup.peer.own_name");
  must(peers.add("Observatorio vecino", other_key(), "operator"));
  must(peers.add("Observatorio vecino", other_key(), "operator"));
  EXPECT_EQ(reason_of(peers.add("Otro nombre", other_key(), "operator")), "followup.peer.held");
  const std::string first = package();
  EXPECT_EQ(package(), first) << "the same records are the same package";
  const auto plan = must(Packages(parts_).plan(first));
  EXPECT_EQ(plan.count(PackageChange::added), 2);
  EXPECT_EQ(plan.continuity, "first");
  EXPECT_TRUE(must(CodingDesk(parts_).list(id_, "PAN", {})).empty()) << "a plan changes nothing";
  must(take_in(first));
  const Cell cell = must(Cube(parts_).cell(id_, "PAN", kToday, "implementation"));
  EXPECT_EQ(cell.assessment, "limited");
  EXPECT_EQ(cell.assessment_node, "Observatorio vecino");
  // Wherever it shows, its node is named.
  BriefRequest brief;
  brief.country = "PAN";
  brief.layers.insert(BriefLayer::assessments);
  const std::string paper = figures::paper_html_file(must(compose_brief(parts_, brief)));
  EXPECT_TRUE(paper.contains("Limited (Assessed on the node Observatorio vecino)"));
  EXPECT_TRUE(paper.contains("One of these on another node: Observatorio vecino."));
  ProgressRequest progress;
  progress.meeting = "summit-1998";
  progress.layers.insert(BriefLayer::assessments);
  EXPECT_TRUE(figures::paper_html_file(must(compose_progress(parts_, progress)))
                  .contains("Limited: Panama (Observatorio vecino)."));
  ChangeQuery history;
  history.commitment = id_;
  for (const auto& change : must(Cube(parts_).changes(history))) {
    if (change.kind == "assessment") {
      EXPECT_EQ(change.before + " " + change.after + " " + change.why + " " + change.by,
                "not_assessed limited implementation 2026-01-31 Observatorio vecino");
    }
  }
  const auto shown = must(CodingDesk(parts_).list(id_, "PAN", {}));
  ASSERT_EQ(shown.size(), 1U);
  EXPECT_EQ(shown[0].node, "Observatorio vecino");
  EXPECT_EQ(shown[0].number, coding) << "the number at the node whose it is";
  ASSERT_EQ(shown[0].codes.size(), 2U);
  EXPECT_EQ(shown[0].codes[0].sources.at(0).file, to_hex(sha256("<p>law"))) << "kept there";
  EXPECT_EQ(shown[0].reply, "We did more.");
  EXPECT_EQ(must(submissions().published(id_, "PAN")).at(0).node, "Observatorio vecino");
  const auto size = log_size();
  EXPECT_FALSE(must(take_in(first)).has_news());
  EXPECT_EQ(log_size(), size);

  // Their own coders' value goes before a neighbour's in the matrix; the cell shows both.
  assess_on(parts_, "complete");
  EXPECT_EQ(must(Cube(parts_).cell(id_, "PAN", kToday, "implementation")).assessment, "complete");
  EXPECT_EQ(must(CodingDesk(parts_).list(id_, "PAN", {})).size(), 2U);
  EXPECT_FALSE(must(Packages(parts_).write("node", {RecordKind::assessment})).contains("vecino"))
      << "what came from a neighbour is not passed on";

  // A newer package adds and takes back; an older one is refused.
  const auto report = must(Submissions(other_).published({}, {})).at(0);
  must(Submissions(other_).decide(report.id, decision("withdraw", SubmissionStage::published),
                                  "edna"));
  assess_on(other_, "substantial", "CRI");
  const std::string second = package();
  const auto news = must(take_in(second));
  EXPECT_EQ(news.continuity, "shown");
  EXPECT_EQ(news.count(PackageChange::withdrawn), 1);
  EXPECT_EQ(news.count(PackageChange::added), 1);
  EXPECT_EQ(news.count(PackageChange::unchanged), 1);
  EXPECT_TRUE(must(submissions().published({}, {})).empty());
  EXPECT_EQ(must(Cube(parts_).cell(id_, "CRI", kToday, "implementation")).assessment_node,
            "Observatorio vecino");
  EXPECT_EQ(reason_of(take_in(first)), "followup.package.older");
  must(Peers(parts_).remove("Observatorio vecino", "operator"));
  EXPECT_EQ(must(Cube(parts_).cell(id_, "CRI", kToday, "implementation")).assessment, kNotAssessed);
  EXPECT_EQ(reason_of(take_in(second)), "followup.package.untrusted");
  // Its values leave the history too, by whatever name it had; that something stood there stays.
  const auto values = [&](std::string_view actor) {
    ChangeQuery query;
    query.commitment = id_;
    query.actor = actor;
    std::string out;
    for (const ChangeView& change : must(Cube(parts_).changes(query))) {
      out += change.kind == "assessment" ? change.after + " " : "";
    }
    return out;
  };
  EXPECT_EQ(values("CRI"), "not_assessed of_removed_node ");
  EXPECT_EQ(values("PAN"), "not_assessed complete of_removed_node ");
  must(Peers(parts_).add("Otro nodo", other_key('q'), "operator"));
  EXPECT_EQ(values("CRI"), "not_assessed of_removed_node ") << "another key of that name";
  must(Peers(parts_).remove("Otro nodo", "operator"));
  must(Peers(parts_).add("Observatorio vecino", other_key(), "operator"));
  EXPECT_EQ(values("CRI"), "not_assessed substantial ") << "it is trusted again";
  EXPECT_EQ(must(take_in(second)).count(PackageChange::added), 2);
  EXPECT_GT(coding, 0);
}

// After a node changed its key under its name, its packages are numbered from 1 again, and records
// have the numbers that others had.
TEST_P(ParticipationTest, a_new_key_starts_anew_and_the_old_one_says_nothing) {
  const std::string name = "Observatorio vecino";
  const Peers peers(parts_);
  assess_on(other_, "limited");
  must(peers.add(name, other_key('p'), "operator"));
  const std::string old_first = package();
  must(take_in(old_first));
  assess_on(other_, "limited", "CRI");
  const std::string old_second = package();
  must(take_in(old_second));

  open_other('q');
  assess_on(other_, "substantial");
  const std::string anew = package();
  EXPECT_EQ(reason_of(take_in(anew)), "followup.package.other_key");
  EXPECT_EQ(reason_of(peers.add(name, other_key('q'), "operator")), "followup.peer.key");
  must(peers.remove(name, "operator"));
  must(peers.add(name, other_key('q'), "operator"));
  // Stores of the time before keys were told apart hold packages of both under the newer key.
  must(parts_.database->write([&](store::Transaction& tx) -> Result<void> {
    ATALAYA_TRY(
        tx.execute("INSERT INTO followup_node_packages(peer, number, manifest, checkpoint, "
                   "imported_at, imported_by) SELECT $1, number, manifest, checkpoint, "
                   "imported_at, imported_by FROM followup_node_packages WHERE peer = $2",
                   {other_key('q'), other_key('p')}));
    return {};
  }));
  const auto plan = must(Packages(parts_).plan(anew));
  EXPECT_EQ(plan.continuity, "first");
  EXPECT_EQ(plan.count(PackageChange::added), 1);
  EXPECT_EQ(std::ssize(plan.rows), 1);
  apply_past_faults(plan, [](std::int64_t) {});
  EXPECT_FALSE(must(take_in(anew)).has_news());
  EXPECT_EQ(must(Cube(parts_).cell(id_, "PAN", kToday, "implementation")).assessment,
            "substantial");
  EXPECT_EQ(must(CodingDesk(parts_).list({}, {}, {})).size(), 1U) << "nothing is doubled";

  // Whoever has the old key gets nothing in, under no name, and shows nothing again.
  EXPECT_EQ(reason_of(take_in(old_second)), "followup.package.other_key");
  EXPECT_EQ(reason_of(peers.add("Otro nodo", other_key('p'), "operator")), "followup.peer.key");
  std::string said;
  for (const ChangeView& change : must(Cube(parts_).changes({}))) {
    said += change.kind == "assessment" ? change.before + ">" + change.after + " " : "";
  }
  EXPECT_EQ(said,
            "not_assessed>substantial of_removed_node>not_assessed "
            "of_removed_node>not_assessed not_assessed>of_removed_node "
            "not_assessed>of_removed_node ");
  assess_on(other_, "complete", "CRI");
  const std::string next = package();
  EXPECT_EQ(must(take_in(next)).continuity, "shown");
  EXPECT_EQ(reason_of(take_in(anew)), "followup.package.older");

  // Where the new key was an impostor's, the first one is where it was.
  must(peers.remove(name, "operator"));
  must(peers.add(name, other_key('p'), "operator"));
  EXPECT_EQ(reason_of(take_in(next)), "followup.package.other_key");
  EXPECT_EQ(reason_of(take_in(old_first)), "followup.package.older");
  EXPECT_EQ(must(take_in(old_second)).count(PackageChange::added), 2);
  EXPECT_EQ(must(Cube(parts_).cell(id_, "CRI", kToday, "implementation")).assessment, "limited");
}

TEST_P(ParticipationTest, no_flipped_bit_and_no_failing_write_gets_in) {
  assess_on(other_, "limited");
  must(Peers(parts_).add("Vecino", other_key(), "operator"));
  const std::string good = package();
  const auto key = must(ledger::VerifierKey::parse(other_key()));
  must(open_package(good, key));
  for (std::size_t i = 0; i < good.size(); ++i) {
    std::string bad = good;
    bad[i] = static_cast<char>(bad[i] ^ (1 << (i % 8)));
    ASSERT_FALSE(open_package(bad, key).has_value()) << i << " of " << good.size();
  }
  EXPECT_EQ(reason_of(open_package(good.substr(0, good.size() / 2), key)),
            "followup.package.malformed");
  const auto plan = must(Packages(parts_).plan(good));
  apply_past_faults(
      plan, [&](std::int64_t n) { EXPECT_EQ(must(Peers(parts_).list()).at(0).newest, 0) << n; });
  EXPECT_EQ(must(CodingDesk(parts_).list({}, {}, {})).size(), 1U);
}

// Any order of a whole name is that name.
TEST_P(ParticipationTest, a_name_is_held_back_in_every_order) {
  SubmissionDraft turned = draft();
  turned.text =
      "El informe menciona a GONZÁLEZ PÉREZ, Juan y a Pérez Juan González, sin más datos.";
  turned.confirmed = true;
  const auto sent = send(turned);
  EXPECT_EQ(must(submissions().preview(sent.id, "Juan Pérez González")).text,
            "El informe menciona a [held back] y a [held back], sin más datos.");
}

// A name that the program found in a file goes out only where somebody looked at it, as in a text.
TEST_P(ParticipationTest, what_was_found_in_a_file_is_looked_at_before_it_is_shown) {
  SubmissionDraft with = draft();
  with.files = {{"a.txt", "Declaró HERRERA, Rosa (synthetic).\n"},
                {"b.txt", "synthetic, nobody\n"}};
  with.confirmed = true;
  const auto sent = send(with);
  Decision publish = decision("publish");
  publish.files = {1};
  EXPECT_EQ(reason_of(submissions().decide(sent.id, publish, "edna")),
            "followup.submission.finding_stands");
  publish.checked.emplace_back("HERRERA, Rosa");
  EXPECT_EQ(reason_of(submissions().decide(sent.id, publish, "edna")), "ok");
}

TEST_P(ParticipationTest, what_waited_through_an_upgrade_is_searched_by_the_rules_of_today) {
  SubmissionDraft names = draft();
  names.text += " Call 6612-3456.";
  names.confirmed = true;
  const auto sent = send(names);
  must(parts_.database->write([&](store::Transaction& tx) -> Result<void> {
    ATALAYA_TRY(tx.execute("UPDATE followup_submissions SET findings = '[]'", {}));
    return {};
  }));
  const auto found = must(submissions().get(sent.id)).findings;
  EXPECT_EQ(must(submissions().preview(sent.id, "")).standing, found);
  EXPECT_EQ(reason_of(submissions().decide(sent.id, decision("publish"), "edna")),
            "followup.submission.finding_stands");
}

// A file shows only where people chose it, under a name of ours; erased, it is gone, and the check
// against the log sees bytes that changed.
TEST_P(ParticipationTest, files_are_decided_about_one_by_one_and_can_be_erased) {
  const std::string pdf = "%PDF-1.4 synthetic";
  SubmissionDraft with = draft();
  with.files = {{"carta_de_juan_perez.pdf", pdf}, {"figures.csv", "a,b\n1,2\n"}};
  EXPECT_EQ(reason_of(submissions().submit(with)), "followup.submission.findings");  // in the name
  with.confirmed = true;
  const auto receipt = send(with);
  const Submission held = must(submissions().get(receipt.id));
  ASSERT_EQ(held.files.size(), 2U);
  EXPECT_EQ(held.files[1].extension, "csv");
  EXPECT_EQ(must(submissions().attached(receipt.id, 1)).bytes, pdf);
  const std::string first = held.files[0].sha256;
  EXPECT_EQ(reason_of(submissions().published_file(first)), "followup.file");
  Decision shows = decision("publish");
  shows.files = {1};
  must(submissions().decide(receipt.id, shows, "edna"));
  const auto published = must(submissions().published(id_, "PAN"));
  ASSERT_EQ(published.at(0).sources.size(), 2U);
  EXPECT_EQ(published[0].sources[1].title, "1.pdf");
  EXPECT_EQ(published[0].sources[1].file, first);
  EXPECT_EQ(must(submissions().published_file(first)).bytes, pdf);
  EXPECT_EQ(reason_of(submissions().published_file(held.files[1].sha256)), "followup.file");
  EXPECT_EQ(outlets().find("juan"), std::string::npos);
  EXPECT_TRUE(must(check_submissions(parts_)).empty());
  must(submissions().erase(receipt.id, "", "edna"));
  EXPECT_EQ(must(submissions().get(receipt.id)).files.size(), 1U);
  EXPECT_EQ(must(submissions().published_file(first)).bytes, pdf);
  EXPECT_TRUE(must(check_submissions(parts_)).empty());
  must(parts_.database->write([&](store::Transaction& tx) -> Result<void> {
    ATALAYA_TRY(
        tx.execute("UPDATE followup_submission_files SET bytes = $1", {store::Blob{'%', 'P'}}));
    return {};
  }));
  EXPECT_FALSE(must(check_submissions(parts_)).empty());
  must(submissions().decide(receipt.id, decision("withdraw", SubmissionStage::published), "edna"));
  EXPECT_EQ(reason_of(submissions().published_file(first)), "followup.file");
}

// A zip without compression, as OpenDocument wants it of its first part (APPNOTE.TXT 6.3.10).
std::string stored_zip(const std::vector<std::pair<std::string, std::string>>& parts) {
  const auto little = [](std::uint64_t value, int bytes) {
    std::string out;
    for (int i = 0; i < bytes; ++i, value >>= 8U) {
      out += static_cast<char>(value & 0xFFU);
    }
    return out;
  };
  std::string files, directory;
  for (const auto& [name, bytes] : parts) {
    std::uint32_t crc = ~0U;
    for (const char c : bytes) {
      crc ^= static_cast<unsigned char>(c);
      for (int bit = 0; bit < 8; ++bit) {
        crc = (crc >> 1U) ^ ((crc & 1U) != 0 ? 0xEDB88320U : 0U);
      }
    }
    const std::string about = little(0, 8) + little(~crc, 4) + little(bytes.size(), 4) +
                              little(bytes.size(), 4) + little(name.size(), 2) + little(0, 2);
    directory += "PK\x01\x02" + little(20, 2) + little(20, 2) + about + little(0, 10) +
                 little(files.size(), 4) + name;
    files += "PK\x03\x04" + little(20, 2) + about + name + bytes;
  }
  return files + directory + "PK\x05\x06" + little(0, 4) + little(parts.size(), 2) +
         little(parts.size(), 2) + little(directory.size(), 4) + little(files.size(), 4) +
         little(0, 2);
}

// An author's name, a comment and a cell of OpenDocument files are words of the file, too.
TEST_P(ParticipationTest, words_of_open_documents_are_searched_with_their_properties) {
  const std::string mime = "application/vnd.oasis.opendocument.";
  SubmissionDraft with = draft();
  with.files = {
      {"a.odt", stored_zip({{"mimetype", mime + "text"},
                            {"content.xml", "<d><p>synthetic <span>words</span></p></d>"},
                            {"meta.xml",
                             "<m><generator>Juan Soto/7</generator><date>2024-01-01</date>"
                             "<creator>Zoila Quispe</creator></m>"}})},
      {"b.ods",
       stored_zip({{"mimetype", mime + "spreadsheet"},
                   {"content.xml",
                    "<d><table-row><table-cell><p>Quispe</p></table-cell><table-cell><p>Zoila</p>"
                    "</table-cell></table-row></d>"}})}};
  const auto receipt = send(with);
  const auto found = must(search_files(parts_, must(submissions().get(receipt.id))));
  ASSERT_EQ(found.size(), 2U);
  EXPECT_TRUE(found[0].read && found[1].read);
  EXPECT_EQ(found[0].findings, (std::vector<Finding>{{"name", "Zoila Quispe"}}));
  EXPECT_EQ(found[1].findings, (std::vector<Finding>{{"name", "Quispe Zoila"}}));
}

// Who decides sees what the words of a file lead to, and of which file nobody could read a word.
TEST_P(ParticipationTest, words_in_attached_files_are_searched_or_said_to_be_unread) {
  const std::string book =
      must(files::write_workbook({{"Sheet",
                                   {"given", "surname", "n"},
                                   {{std::string("Zoila"), std::string("Quispe"), 12.0}}}}));
  SubmissionDraft with = draft();
  with.files = {{"a.csv", "surname,given\nQuispe,Zoila\n12345,67890\n"},
                {"b.xlsx", book},
                {"c.pdf", "%PDF-1.4 synthetic, damaged"}};
  const auto receipt = send(with);
  const auto found = must(search_files(parts_, must(submissions().get(receipt.id))));
  ASSERT_EQ(found.size(), 3U);
  const std::vector<Finding> csv = {{"name", "Quispe Zoila"}};
  const std::vector<Finding> xlsx = {{"name", "Zoila Quispe"}};
  EXPECT_EQ(found[0].findings, csv);
  EXPECT_EQ(found[1].findings, xlsx);
  EXPECT_TRUE(found[0].read && found[0].whole && found[1].read);
  EXPECT_FALSE(found[2].read);
  with = draft();
  with.form = "another form";
  // "é" lies across the limit: the cut is before it, and nothing is lost but the rest.
  with.files = {{"long.txt", std::string((1U << 20U) - 1, ' ') + "é Juan Pérez"}};
  const auto second = send(with);
  const auto part = must(search_files(parts_, must(submissions().get(second.id))));
  EXPECT_FALSE(part.at(0).whole);
}

TEST_P(ParticipationTest, files_have_limits_and_known_kinds) {
  const auto size = log_size();
  const auto tried = [&](std::vector<SubmittedFile> files) {
    SubmissionDraft one = draft();
    one.files = std::move(files);
    return reason_of(submissions().submit(one));
  };
  EXPECT_EQ(tried({{"a.exe", "MZ synthetic"}}), "followup.submission.file_kind");
  EXPECT_EQ(tried({{"a.csv", std::string("a\0b", 3)}}), "followup.submission.file_kind");
  EXPECT_EQ(tried({{"a.zip", "PK\x03\x04 synthetic"}}), "followup.submission.file_kind");
  EXPECT_EQ(tried({{"a.txt", ""}}), "followup.submission.files");
  const SubmittedFile small{"a.txt", "x"};
  EXPECT_EQ(tried({small, small, small, small}), "followup.submission.files");
  EXPECT_EQ(tried({small, {"b.txt", std::string(kSubmissionFileBytesMax, 'x')}}),
            "followup.submission.files");
  EXPECT_EQ(log_size(), size);
  const std::string book = must(files::write_workbook({{"Sheet", {"n"}, {{12.0}}}}));
  EXPECT_EQ(tried({small, {"b.docx", "PK\x03\x04 synthetic"}}), "followup.submission.file_kind");
  EXPECT_EQ(tried({small, {"b.xlsx", book + "xl/vbaProject.bin"}}),
            "followup.submission.file_kind");
  EXPECT_EQ(tried({small, {"page.html", "<p>synthetic"}}), "followup.submission.file_kind");
  EXPECT_EQ(tried({small, {"b.xlsx", book}}), "ok");
}

// What is kept beside evidence is a document, a table or a picture by its bytes, whatever its name.
TEST_P(ParticipationTest, kept_files_are_what_their_bytes_show) {
  const Reports reports(parts_);
  const std::string book = must(files::write_workbook({{"Sheet", {"n"}, {{12.0}}}}));
  const std::string installer = "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 synthetic";
  const std::pair<std::string, std::string> refused[] = {{"a.exe", "MZ synthetic"},
                                                         {"law.pdf", "MZ synthetic"},
                                                         {"law.docx", "PK\x03\x04 synthetic.class"},
                                                         {"law.docm", book + "word/vbaProject.bin"},
                                                         {"law.doc", installer},
                                                         {"run.bat", "del synthetic"},
                                                         {"law.txt", std::string("a\0b", 3)},
                                                         {"law.html", "synthetic, no page"}};
  for (const auto& [name, bytes] : refused) {
    EXPECT_EQ(reason_of(reports.keep_file(name, "x/y", "", bytes, "carl")), "followup.file.kind")
        << name;
  }
  const std::tuple<std::string, std::string, std::string> kept[] = {
      {"law.exe", "%PDF-1.4 synthetic", "law.exe.pdf"},
      {"Foto.JPEG", "\xff\xd8\xff synthetic", "Foto.JPEG"},
      {"table", book, "table.xlsx"},
      {"old.xls", installer + std::string("W\0o\0r\0k\0b\0o\0o\0k\0", 16), "old.xls"},
      {"page.htm", "\xef\xbb\xbf <!DOCTYPE html><p>synthetic", "page.htm"},
      {"rows.csv", "a;b\n\xf1;2\n", "rows.csv"}};
  for (const auto& [name, bytes, as] : kept) {
    const auto hash = must(reports.keep_file(name, "x/y", "", bytes, "carl"));
    Viewer carl;
    carl.name = "carl";
    EXPECT_EQ(must(reports.file(hash, carl)).name, as);
  }
}

}  // namespace
}  // namespace atalaya::followup
