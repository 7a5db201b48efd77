// Goal: every version of a State's report is kept, what is wrong is refused with its place, nobody
// overwrites anybody, and what files, pages and API have is the same. Method: reports made up
// (synthetic) on the catalogue's own commitments, on both engines.
#include <algorithm>

#include <atalaya/followup/data_sources.hpp>
#include <atalaya/followup/tables.hpp>

#include "cube_fixture.hpp"
#include "cube_rules.hpp"

namespace atalaya::followup {
namespace {

class ReportsTest : public CubeTest {};

TEST_P(ReportsTest, reports_keep_every_version_and_refuse_what_is_wrong) {
  const auto size = log_size();
  EXPECT_EQ(reason_of(reports().submit(draft("nothing", "PAN"), panama_)), "followup.commitment");
  EXPECT_EQ(reason_of(reports().submit(draft(plan_[0], "COL"), panama_)), "followup.not_yours");
  EXPECT_EQ(reason_of(reports().submit(draft(plan_[0], "PAN", "complete"), panama_)),
            "followup.value");
  EXPECT_EQ(reason_of(reports().submit(draft(plan_[0], "CUB"), all_)), "followup.not_applicable");
  Report early = draft(plan_[0], "PAN");
  early.as_of = "1998-01-01";
  EXPECT_EQ(reason_of(reports().submit(early, panama_)), "followup.before_adoption");
  early.as_of = "2027-01-01";
  EXPECT_EQ(reason_of(reports().submit(early, panama_)), "followup.future");
  EXPECT_EQ(log_size(), size);
  EXPECT_EQ(must(reports().submit(draft(plan_[0], "PAN", "planned"), panama_)), 1);
  // Two had the same page open: the second one sees who was faster.
  const auto second = reports().submit(draft(plan_[0], "PAN", "done", 0), all_);
  ASSERT_EQ(reason_of(second), "followup.report.changed");
  EXPECT_EQ(second.error().params.front(), (std::pair<std::string, std::string>("by", "ana")));
  Report later = draft(plan_[0], "PAN", "in_progress", 1);
  later.as_of = "2026-06-30";
  later.why = "synthetic law in force";
  EXPECT_EQ(must(reports().submit(later, panama_)), 2);
  EXPECT_EQ(must(reports().versions(plan_[0], "PAN")).size(), 2U);
  EXPECT_EQ(must(cube().cell(plan_[0], "PAN", kToday, "implementation")).report, "in_progress");
  const auto before = must(cube().cell(plan_[0], "PAN", {2026, 6, 29}, "implementation"));
  EXPECT_EQ(before.report, "planned");
  EXPECT_EQ(before.assessment, kNotAssessed);  // one layer says nothing of another
  EXPECT_EQ(must(cube().cell(plan_[0], "PAN", {2025, 1, 1}, "implementation")).report,
            kNotReported);
  ChangeQuery query;
  query.commitment = plan_[0];
  query.actor = "PAN";
  const auto history = must(cube().changes(query));
  ASSERT_EQ(history.size(), 2U);
  EXPECT_EQ(history[0].before, "planned");
  EXPECT_EQ(history[0].after, "in_progress");
  EXPECT_EQ(history[1].before, kNotReported);
  EXPECT_EQ(history[0].by, "ana");
  EXPECT_EQ(history[0].why, "2026-06-30 synthetic law in force");
  const auto every = must(reports().history(plan_[0], "PAN"));
  ASSERT_EQ(every.size(), 2U);
  EXPECT_EQ(every[0].value, "planned");
  EXPECT_TRUE(must(reports().history(plan_[1], "")).empty());
  must(parts_.database->read([&](store::Transaction& tx) -> Result<void> {
    const auto entry =
        ATALAYA_TRY(ledger_->get_entry(tx, static_cast<std::uint64_t>(history[0].leaf)));
    EXPECT_EQ(entry.leaf.subject, fmt::format("report/{}/PAN/2", plan_[0]));
    return {};
  }));
}

// A cell of which nobody knows whether it exists counts nowhere: what was accepted into it would be
// in no table. Whoever records the participation first can report.
// By form as by file: what is held of its day already is no version, no leaf and no line of
// history.
TEST_P(ReportsTest, the_same_words_again_are_no_new_version) {
  Report report = draft(plan_[0], "PAN");
  report.sources = {{"Law 5", "https://example.org/law", "", ""}};
  ASSERT_EQ(must(reports().submit(report, panama_)), 1);
  const auto size = log_size();
  report.version = 1;
  report.actions += " ";  // as forms send it
  report.why = "synthetic reason";
  EXPECT_EQ(must(reports().submit(report, panama_)), 1);
  EXPECT_EQ(log_size(), size);
  report.as_of = "2026-02-28";  // said anew of another day
  EXPECT_EQ(must(reports().submit(report, panama_)), 2);
}

TEST_P(ReportsTest, nothing_is_accepted_that_no_table_would_show) {
  std::vector<Participation> note(1);
  note.front() = {
      0, "mispa-2008-commitment", "ECU", "took_part", "2008-10-08", "synthetic", {}, {}, {}, {}};
  auto rules = must(detail::CellRules::with(parts_, note));
  EXPECT_EQ(reason_of(rules.check_counted(mispa_, "PAN", kToday)),
            "followup.participation_unknown");
  EXPECT_EQ(reason_of(rules.check(mispa_, "PAN", kToday)), "ok") << "others may still write";
  note.push_back(note.front());
  note.back().actor = "PAN";
  auto known = must(detail::CellRules::with(parts_, note));
  EXPECT_EQ(reason_of(known.check_counted(mispa_, "PAN", kToday)), "ok");
}

// What a government says of itself takes nothing out of a count, and what was reported or published
// stays to be read whatever is recorded of who takes part.
TEST_P(ReportsTest, nobody_takes_itself_out_and_nothing_recorded_vanishes) {
  must(reports().submit(draft(plan_[0], "PAN"), panama_));
  const auto row = [](std::string actor, std::string kind, std::string date,
                      std::string read_on = "2026-11-01") {
    return Participation{0,
                         "summit-1998-plan",
                         std::move(actor),
                         std::move(kind),
                         std::move(date),
                         "synthetic",
                         std::move(read_on),
                         "",
                         "",
                         ""};
  };
  const auto itself = [&](const Participation& one) {
    return reason_of(cube().add_participation(one, "ana", Cube::ForItself::yes));
  };
  for (const char* kind : {"left", "absent", "took_part", "joined_later"}) {
    EXPECT_EQ(itself(row("PAN", kind, "2020-01-01")), "followup.participation.editors") << kind;
    EXPECT_EQ(itself(row("CUB", kind, "2020-01-01")), "followup.participation.editors") << kind;
  }
  EXPECT_EQ(itself(row("PAN", "statement_of_position", "1998-04-19")), "ok");
  const auto records = [&](const Participation& one) {
    return reason_of(cube().add_participation(one, "edna"));
  };
  EXPECT_EQ(records(row("PAN", "absent", "1998-04-19")), "followup.participation.contradicts");
  EXPECT_EQ(records(row("PAN", "left", "1990")), "followup.participation.early");
  EXPECT_EQ(records(row("PAN", "left", "2027-01-01")), "followup.future");
  EXPECT_EQ(records(row("PAN", "left", "2020-01-01", "2030-01-01")), "followup.future");
  const auto id = must(cube().add_participation(row("PAN", "left", "2020-05-01"), "edna"));
  const Cell gone = must(cube().cell(plan_[0], "PAN", kToday, "implementation"));
  EXPECT_EQ(gone.applicability, Applicability::not_applicable);
  EXPECT_EQ(gone.report, "planned");
  EXPECT_EQ(shown_report(gone), "planned");
  EXPECT_EQ(count_cells({&gone}, nullptr).reported, 0);
  // The export of it comes back unchanged, also now.
  const auto same = must(reports().plan_csv(must(reports().csv("PAN")), "reports.csv", panama_));
  EXPECT_EQ(same.count(ReportChange::unchanged), 1);
  EXPECT_EQ(reason_of(cube().retract_participation(id, "wrong", "edna")), "followup.reason_short");
  must(cube().retract_participation(id, "another state was meant by the source", "edna"));
  EXPECT_EQ(applies(plan_[0], "PAN"), Applicability::applicable);
  EXPECT_EQ(reason_of(cube().retract_participation(id, "another state was meant, again", "edna")),
            "followup.participation");
  ChangeQuery query;
  query.actor = "PAN";
  const ChangeView last = must(cube().changes(query)).front();
  EXPECT_EQ(last.before + "|" + last.after + "|" + last.why,
            "left 2020-05-01||another state was meant by the source");
  // A document's participation is about each of its commitments and about no other document's.
  query.commitment = plan_[0];
  EXPECT_EQ(must(cube().changes(query)).front().before, "left 2020-05-01");
  query.commitment = mispa_;
  EXPECT_EQ(must(cube().count_changes(query)), 0);
  // A government writes nothing for its parliament.
  EXPECT_FALSE(panama_.may_write_for("PAN.parliament"));
  EXPECT_TRUE((Writer{"pia", {"PAN.parliament"}, false}).may_write_for("PAN.parliament"));
}

TEST_P(ReportsTest, reports_travel_as_csv_whole_or_not_at_all) {
  must(reports().submit(draft(plan_[0], "PAN", "planned"), panama_));
  Report odd = draft(plan_[1], "PAN", "done");
  odd.text = "=1+1, \"quoted\"\nand a second line";
  odd.sources = {{"Law 5", "https://example.org/law", ""}};
  must(reports().submit(odd, panama_));
  Report apostrophe = draft(plan_[2], "PAN", "done");
  apostrophe.text = "'=1+1";
  apostrophe.actions = "''=x";
  must(reports().submit(apostrophe, panama_));
  const std::string csv = must(reports().csv("PAN"));
  const auto same = must(reports().plan_csv(csv, "reports.csv", panama_));
  EXPECT_EQ(same.count(ReportChange::unchanged), 3);
  const auto size = log_size();
  must(reports().apply(same, panama_, false));
  EXPECT_EQ(log_size(), size);
  // A changed row shows first, and writes a version when it is accepted.
  std::string changed = csv;
  changed.replace(changed.find(",planned,"), 9, ",done,");
  const auto plan = must(reports().plan_csv(changed, "reports.csv", panama_));
  EXPECT_EQ(plan.count(ReportChange::changed), 1);
  EXPECT_EQ(reason_of(reports().apply(plan, panama_, false)), "followup.reports.changes");
  must(reports().apply(plan, panama_, true));
  EXPECT_EQ(must(reports().versions(plan_[0], "PAN")).front().value, "done");
  // The same old file again would overwrite what was written since: it is refused.
  EXPECT_EQ(reason_of(reports().plan_csv(csv, "reports.csv", panama_)), "followup.report.changed");
  // A file that does not say from which version it was made is told so, and which column is none.
  std::string without = "commitment,actor,as_of,value\n" + plan_[0] + ",PAN,2026-01-31,planned\n";
  const auto unversioned = reports().plan_csv(without, "reports.csv", panama_);
  ASSERT_EQ(reason_of(unversioned), "followup.report.version_missing");
  EXPECT_EQ(unversioned.error().params.front().second, "2");
  without.replace(without.find(",value"), 6, ",valeu");
  EXPECT_EQ(reason_of(reports().plan_csv(without, "reports.csv", panama_)), "followup.columns");
  without.replace(without.find(",valeu\n"), 7, ",value,budgett\n").insert(without.size() - 1, ",5");
  EXPECT_EQ(reason_of(reports().plan_csv(without, "reports.csv", panama_)),
            "followup.columns.unknown");
  Report login = draft(plan_[2], "PAN", "done");
  login.sources = {{"", "https://ana:clave@example.org/law", ""}};
  EXPECT_EQ(reason_of(reports().submit(login, panama_)), "followup.login");
  EXPECT_TRUE(check_source({"", "https://example.org/@ana:clave", ""}));
  const std::string head = csv.substr(0, csv.find("\r\n") + 2);
  const auto bad = reports().plan_csv(
      head + fmt::format(
                 "{},PAN,1,2026-01-31,planned,,,,,,en,\r\n{},PAN,0,2026-01-31,fine,,,,,,en,\r\n",
                 plan_[2], mispa_),
      "reports.csv", panama_);
  ASSERT_EQ(reason_of(bad), "followup.value");
  EXPECT_TRUE(std::ranges::find(bad.error().params, std::pair<std::string, std::string>(
                                                        "line", "3")) != bad.error().params.end());
  EXPECT_EQ(must(reports().versions(plan_[2], "PAN")).size(), 1U);
  EXPECT_EQ(bad.error().params.at(1), (std::pair<std::string, std::string>(
                                          "accepted", "no_action, planned, in_progress, done")));
  // The scale's words in any of the four languages say what its codes say.
  for (const char* said : {"En curso", "em andamento", "In progress", "EN COURS"}) {
    const auto words = must(
        reports().plan_csv(head + fmt::format("{},PAN,0,2026-01-31,{},,,,,,en,\r\n", mispa_, said),
                           "reports.csv", panama_));
    EXPECT_EQ(words.rows.at(0).report.value, "in_progress") << said;
  }
}

// Rules become stricter with an upgrade. What was right when it was written is still read, and the
// node's own file comes back; what is new is judged by the rules of today.
TEST_P(ReportsTest, a_file_of_what_is_held_is_never_refused) {
  must(reports().submit(draft(plan_[0], "PAN", "planned"), panama_));
  Report spaced = draft(plan_[1], "PAN", "done");
  spaced.text = "first\r\nsecond line \n";
  must(reports().submit(spaced, panama_));
  must(parts_.database->write([&](store::Transaction& tx) -> Result<void> {
    ATALAYA_TRY(tx.execute(
        "UPDATE followup_reports SET actions = $1, sources = $2 WHERE commitment = $3",
        {std::string("old \u202Etext"),
         std::string("[{\"title\":\"Law \u202Efive\",\"url\":\"https://example.org/a b\","
                     "\"file\":\"\"}]"),
         plan_[0]}));
    return {};
  }));
  const std::string csv = must(reports().csv("PAN"));
  EXPECT_EQ(must(reports().plan_csv(csv, "reports.csv", panama_)).count(ReportChange::unchanged),
            2);
  const auto with = [&](std::string_view before, std::string_view after) {
    std::string changed = csv;
    changed.replace(changed.find(before), before.size(), after);
    return reports().plan_csv(changed, "reports.csv", panama_);
  };
  EXPECT_EQ(must(with(",planned,", ",done,")).count(ReportChange::changed), 1);
  EXPECT_EQ(reason_of(with("old ", "new ")), "followup.text.direction");
  EXPECT_EQ(reason_of(with("Law ", "Act ")), "followup.text.direction");
}

TEST(SourcesTest, addresses_are_those_that_a_browser_opens) {
  EXPECT_EQ(must(parse_sources_text("Law <https://example.org/a b>"))[0].url,
            "https://example.org/a%20b");
  EXPECT_EQ(must(parse_sources_text("HTTPS://example.org/a"))[0].url, "HTTPS://example.org/a");
  EXPECT_EQ(reason_of(parse_sources_text("<ftp://example.org/a>")), "followup.sources");
  EXPECT_EQ(reason_of(parse_sources_text("<https:///a>")), "followup.sources");
  EXPECT_EQ(reason_of(parse_sources_text("<https://exam ple.org/a>")), "followup.sources");
}

// A report on an earlier day that comes in late is a version more; it replaces nothing.
TEST_P(ReportsTest, cells_exports_and_answers_have_the_version_of_the_latest_day) {
  must(reports().submit(draft(plan_[0], "PAN", "done"), panama_));
  Report late = draft(plan_[0], "PAN", "planned", 1);
  late.as_of = "2020-01-31";
  must(reports().submit(late, panama_));
  const Cell cell = must(cube().cell(plan_[0], "PAN", kToday, "implementation"));
  const auto standing = must(reports().standing("PAN"));
  ASSERT_EQ(standing.size(), 1U);
  EXPECT_EQ(cell.report, "done");
  EXPECT_EQ(standing[0].value, cell.report);
  EXPECT_EQ(standing[0].as_of, cell.report_as_of);
  EXPECT_EQ(standing[0].version, 1);
  EXPECT_EQ(standing[0].newest, 2);
  const std::string csv = must(reports().csv("PAN"));
  EXPECT_NE(csv.find(plan_[0] + ",PAN,2,2026-01-31,done,"), std::string::npos) << csv;
  // A row is compared with what is held of its own day, so no file is news twice.
  const auto unchanged = [&](std::string file) {
    return must(reports().plan_csv(file, "reports.csv", panama_)).count(ReportChange::unchanged);
  };
  const std::string head = "commitment,actor,version,as_of,value,actions\n" + plan_[0] + ",PAN,";
  EXPECT_EQ(unchanged(csv), 1);
  EXPECT_EQ(unchanged(head + "1,2020-01-31,planned,synthetic\n"), 1);
  EXPECT_EQ(
      reason_of(reports().plan_csv(head + "1,2021-01-31,done,synthetic\n", "reports.csv", panama_)),
      "followup.report.changed");
  const auto plan =
      must(reports().plan_csv(head + "2,2021-01-31,done,synthetic\n", "reports.csv", panama_));
  must(reports().apply(plan, panama_, true));
  EXPECT_EQ(unchanged(head + "2,2021-01-31,done,synthetic\n"), 1);
  EXPECT_EQ(must(reports().standing("PAN"))[0].as_of, "2026-01-31");
}

INSTANTIATE_TEST_SUITE_P(Engines, ReportsTest,
                         testing::Values(store::Engine::sqlite, store::Engine::postgresql),
                         engine_name);

}  // namespace
}  // namespace atalaya::followup
