// Goal: whoever reads is shown who signs, never the name that somebody signs in with, in no list,
// table, feed or package; rows keep the account. Method: accounts in the store, one act of every
// kind by them, and every reader of the module asked. Everything reported is synthetic.
#include <algorithm>

#include <atalaya/followup/checklists.hpp>
#include <atalaya/followup/coding.hpp>
#include <atalaya/followup/data_sources.hpp>
#include <atalaya/followup/packages.hpp>
#include <atalaya/followup/registers.hpp>

#include "cube_fixture.hpp"
#include "packages_rows.hpp"

namespace atalaya::followup {
namespace {

class SignaturesTest : public CubeTest {
 protected:
  void SetUp() override {
    CubeTest::SetUp();
    if (testing::Test::IsSkipped()) {
      return;
    }
    must(parts_.database->write([&](store::Transaction& tx) -> Result<void> {
      std::int32_t n = 0;
      for (const auto& [name, shown] : {std::pair("qz.ana", "Ana Pérez"),
                                        {"qz.carla", "Carla Ruiz"},
                                        {"qz.dora", ""},
                                        {"qz.xena", "Xena Mora"}}) {
        ATALAYA_TRY(tx.execute(
            "INSERT INTO accounts(id, name, display_name, password, totp_step, disabled, "
            "created_at, password_set_at) VALUES ($1, $2, $3, '', 0, 0, '', '')",
            {fmt::format("{:016x}", ++n), std::string(name), std::string(shown)}));
      }
      return {};
    }));
  }

  // An assessment from its opening to its publication, decided by a third person.
  std::int64_t publish_assessment() {
    const CodingDesk desk(parts_);
    Criteria criteria;
    criteria.scale = "implementation";
    criteria.text = "synthetic rule";
    must(desk.set_criteria(criteria, "qz.xena"));
    const auto id = must(desk.open({plan_[0], "PAN", "implementation", "2026-06-30", "2020-01-01",
                                    "2026-06-30", "qz.carla", "qz.dora"},
                                   "qz.xena"));
    for (const auto& [coder, value] : {std::pair("qz.carla", "limited"), {"qz.dora", "complete"}}) {
      Code code;
      code.value = value;
      code.reasons = "synthetic reasons";
      code.interest = "none";
      code.sources = {{"Law 5", "", ""}};
      must(desk.submit(id, code, coder));
    }
    EXPECT_EQ(reason_of(desk.adjudicate(id, "limited", "synthetic", "qz.carla")),
              "followup.adjudicator");
    must(desk.adjudicate(id, "limited", "synthetic reasons", "qz.xena"));
    must(desk.reply(id, "synthetic reply", "en", {"qz.ana", {"PAN"}, false}));
    must(desk.publish(id, "qz.xena"));
    return id;
  }

  // By the accounts' names, as the API hands them in.
  void act() {
    must(reports().submit(draft(plan_[0], "PAN"), {"qz.ana", {"PAN"}, false}));
    coding_ = publish_assessment();
    const DataSources data(parts_);
    must(data.add_entry({0, plan_[0], "PAN", "law", "2020-01-01", "Law 5", "", "", "synthetic",
                         "2026-11-01", "", "", ""},
                        "qz.xena"));
    must(cube().add_participation({0, "summit-1998-plan", "CUB", "joined_later", "2000-01-01",
                                   "synthetic", "2026-11-01", "", "", ""},
                                  "qz.xena"));
    Entry mark;
    mark.container = Checklists::all().front().id;
    mark.name = Checklists::all().front().items.front().id;
    mark.country = "PAN";
    mark.values = {{"value", "?"}, {"note", "synthetic"}};
    must(Checklists(parts_).save(mark, {"qz.carla", {}}));
    mark.version = 1;
    mark.values["note"] = "synthetic, seen again";
    must(Checklists(parts_).save(mark, {"qz.dora", {}}));
    RegisterRecord record;
    record.kind = "authorities";
    record.language = "en";
    record.values = {{"name", "synthetic office"},
                     {"country", "PAN"},
                     {"role", "contact_point"},
                     {"source", "synthetic"},
                     {"read_on", "2026-11-01"}};
    record.by = "qz.xena";  // of an older program; now the shown name is handed in
    register_row_ = must(Registers(parts_).save(record)).id;
  }

  std::int64_t coding_ = 0, register_row_ = 0;
};

std::string names_of(const Coding& coding) {
  std::string out = fmt::format("{} {} {} {} {} {} {}", coding.coder_a, coding.coder_b,
                                coding.decided_by, coding.withdrawn_by, coding.replied_by,
                                coding.published_by, coding.criteria.set_by);
  for (const Code& code : coding.codes) {
    out += " " + code.coder;
  }
  for (const std::string& name : coding.submitted) {
    out += " " + name;
  }
  return out;
}

TEST_P(SignaturesTest, readers_and_other_nodes_are_shown_names_never_accounts) {
  act();
  std::string all = must(reports().versions(plan_[0], "PAN")).front().reported_by;
  for (const Coding& coding : must(CodingDesk(parts_).list({}, {}, {}))) {
    all += " " + names_of(coding);
  }
  all += " " + must(CodingDesk(parts_).criteria("", "implementation")).set_by;
  for (const DataEntry& entry : must(DataSources(parts_).entries())) {
    all += " " + entry.added_by;
  }
  for (const Participation& one : must(cube().participations({}, "CUB"))) {
    all += " " + one.added_by;
  }
  const Checklist& checklist = Checklists::all().front();
  for (const Entry& entry :
       must(Checklists(parts_).versions(checklist.id, checklist.items.front().id, "PAN"))) {
    all += fmt::format(" {} {}", entry.by, entry.value("coder"));
  }
  const std::string marks = must(Checklists(parts_).csv(""));
  all += marks;
  for (const RegisterRecord& record :
       must(Registers(parts_).versions("authorities", register_row_))) {
    all += " " + record.by;
  }
  for (const ChangeView& change : must(cube().changes({}))) {
    all += " " + change.by;
  }
  const std::string bytes = must(Packages(parts_).write("node", {RecordKind::assessment}));
  for (const PackageRecord& record : must(open_package(bytes, parts_.ledger->verifier())).records) {
    all += record.body;
  }
  // A name taken since is no news for whoever takes the package in again.
  Coding coding = must(CodingDesk(parts_).list({}, {}, {})).front();
  const std::string before = canonical_json(detail::assessment_record(coding));
  coding.codes.front().coder = "Carla R.";
  coding.published_by = "X. Mora";
  EXPECT_TRUE(detail::same_but_names(before, canonical_json(detail::assessment_record(coding))));
  coding.codes.front().reasons += " and more";
  EXPECT_FALSE(detail::same_but_names(before, canonical_json(detail::assessment_record(coding))));
  EXPECT_EQ(all.find("qz."), std::string::npos) << all.substr(all.find("qz.") - 60, 120);
  for (const char* shown : {"Ana Pérez", "Carla Ruiz", "account/00000000", "Xena Mora"}) {
    EXPECT_NE(all.find(shown), std::string::npos) << shown;
  }
  // What was exported comes back as it was, and rows keep whose they are.
  const auto same = must(Checklists(parts_).plan(marks, "marks.csv", {"qz.dora", {}}));
  EXPECT_EQ(same.count(RecordChange::unchanged), std::ssize(same.rows));
  const auto kept = parts_.database->read([](store::Transaction& tx) -> Result<void> {
    const auto row = ATALAYA_TRY(tx.query_one("SELECT reported_by FROM followup_reports"));
    EXPECT_EQ(row.text(0), "qz.ana");
    return {};
  });
  EXPECT_TRUE(kept.has_value());
}

TEST_P(SignaturesTest, a_second_writer_learns_the_first_ones_shown_name) {
  act();
  const auto late = reports().submit(draft(plan_[0], "PAN", "in_progress"), panama_);
  ASSERT_EQ(reason_of(late), "followup.report.changed");
  EXPECT_EQ(late.error().params.front().second, "Ana Pérez");
  Entry mark;
  mark.container = Checklists::all().front().id;
  mark.name = Checklists::all().front().items.front().id;
  mark.country = "PAN";
  mark.values = {{"value", "?"}, {"note", "other words"}};
  const auto behind = Checklists(parts_).save(mark, {"qz.carla", {}});
  ASSERT_EQ(reason_of(behind), "followup.entry.changed");
  EXPECT_EQ(behind.error().params.front().second, "account/00000000");
  // A coder is known by the account all the same.
  const Coding mine = must(CodingDesk(parts_).get(coding_, {"qz.carla", false, {}}));
  EXPECT_TRUE(mine.of_viewer && mine.viewer_submitted);
  const Coding others = must(CodingDesk(parts_).get(coding_, {"Carla Ruiz", false, {}}));
  EXPECT_FALSE(others.of_viewer || others.viewer_submitted);
}

INSTANTIATE_TEST_SUITE_P(Engines, SignaturesTest,
                         testing::Values(store::Engine::sqlite, store::Engine::postgresql),
                         engine_name);

}  // namespace
}  // namespace atalaya::followup
