// Goal: a cell exists only where the actor is asked and took part; layers do not mix; a number is
// the same wherever it is counted; nobody overwrites anybody; a coder is blind. Method: the
// catalogue's own commitments on both engines, reports made up (synthetic).
#include "followup_fixture.hpp"

#include <algorithm>
#include <random>
#include <set>

#include <atalaya/followup/coding.hpp>
#include <atalaya/followup/data_sources.hpp>
#include <atalaya/followup/reports.hpp>
#include <atalaya/followup/tables.hpp>

#include "cube_rules.hpp"

namespace atalaya::followup {
namespace {

constexpr CivilDate kToday{2026, 11, 22};

class CubeTest : public FollowupTest {
 protected:
  void SetUp() override {
    FollowupTest::SetUp();
    if (testing::Test::IsSkipped()) {
      return;
    }
    for (const Member& member : must(cube().members(Language::en))) {
      if (member.row.document == "summit-1998-plan" && member.row.actionable && plan_.size() < 3) {
        plan_.push_back(member.row.id);
      }
      if (member.row.meeting == "mispa-2008" && member.row.actionable && mispa_.empty()) {
        mispa_ = member.row.id;
      }
      if (member.parliamentary && priority_.empty()) {
        priority_ = member.row.id;
      }
    }
    ASSERT_EQ(plan_.size(), 3U);
  }

  [[nodiscard]] Cube cube() const { return Cube(parts_); }

  [[nodiscard]] Reports reports() const { return Reports(parts_); }

  [[nodiscard]] Applicability applies(const std::string& commitment, std::string_view actor,
                                      CivilDate day = kToday) const {
    return must(cube().cell(commitment, actor, day, "implementation")).applicability;
  }

  [[nodiscard]] Report draft(const std::string& commitment, std::string actor,
                             std::string value = "planned", std::int64_t version = 0) const {
    Report out;
    out.commitment = commitment;
    out.actor = std::move(actor);
    out.value = std::move(value);
    out.version = version;
    out.as_of = "2026-01-31";
    out.actions = "synthetic";
    return out;
  }

  std::vector<std::string> plan_;
  std::string mispa_, priority_;
  Writer panama_{"ana", {"PAN"}, false};
  Writer all_{"all", {}, true};
};

TEST_P(CubeTest, a_cell_exists_where_an_actor_is_asked_and_took_part) {
  EXPECT_EQ(applies(plan_[0], "PAN"), Applicability::applicable);
  EXPECT_EQ(applies(plan_[0], "CUB"), Applicability::not_applicable);  // not on the list
  EXPECT_EQ(applies(plan_[0], "PAN", {1998, 4, 18}), Applicability::before_adoption);
  EXPECT_EQ(applies(plan_[0], "PAN", {1998, 4, 19}), Applicability::applicable);
  EXPECT_EQ(applies(plan_[0], "PAN.parliament"), Applicability::not_applicable);
  EXPECT_EQ(applies(plan_[0], "cicad"), Applicability::not_applicable);
  EXPECT_EQ(applies(mispa_, "CUB"), Applicability::not_applicable);
  const auto ecuador = must(cube().cell(mispa_, "ECU", kToday, "implementation"));
  EXPECT_EQ(ecuador.applicability, Applicability::applicable);
  EXPECT_TRUE(ecuador.statement_of_position);
  EXPECT_EQ(applies(priority_, "PAN.parliament"), Applicability::applicable);
  EXPECT_EQ(applies(priority_, "PAN"), Applicability::not_applicable);
  EXPECT_EQ(applies(priority_, "HTI.parliament"), Applicability::not_applicable);
  EXPECT_EQ(reason_of(cube().cell("summit-1998-zzzzzzzz", "PAN", kToday, "implementation")),
            "followup.commitment");
  EXPECT_EQ(reason_of(cube().cell(plan_[0], "XXX", kToday, "implementation")), "followup.actor");
  EXPECT_EQ(reason_of(cube().cell(plan_[0], "PAN", kToday, "marks")), "followup.scale");
  for (const Member& member : must(cube().members(Language::en))) {
    EXPECT_NE(member.row.meeting, "primer-2025") << "guidance is nobody's commitment";
  }
  // Somebody at the node knows more: Cuba joined the ministers' commitment, and left.
  Participation row{0,
                    "mispa-2008-commitment",
                    "CUB",
                    "joined_later",
                    "2009-05-01",
                    "synthetic",
                    "2026-11-01",
                    "",
                    "",
                    ""};
  must(cube().add_participation(row, "ana"));
  EXPECT_EQ(applies(mispa_, "CUB"), Applicability::applicable);
  EXPECT_EQ(applies(mispa_, "CUB", {2009, 4, 30}), Applicability::not_applicable);
  row.kind = "left";
  row.date = "2020-05-01";
  must(cube().add_participation(row, "ana"));
  EXPECT_EQ(applies(mispa_, "CUB"), Applicability::not_applicable);
  EXPECT_EQ(applies(mispa_, "CUB", {2020, 4, 30}), Applicability::applicable);
  row.kind = "heard_of";
  EXPECT_EQ(reason_of(cube().add_participation(row, "ana")), "followup.participation");
}

TEST_P(CubeTest, a_text_without_a_list_leaves_others_unknown) {
  const auto members = must(cube().members(Language::en));
  const auto member =
      std::ranges::find(members, mispa_, [](const auto& one) { return one.row.id; });
  ASSERT_NE(member, members.end());
  std::vector<Participation> note(1);
  note.front() = {
      0, "mispa-2008-commitment", "ECU", "took_part", "2008-10-08", "synthetic", {}, {}, {}, {}};
  const detail::Participants known(note, kToday);
  const auto applies_to = [&](const char* state) {
    return detail::applicability_of(*member, state, ActorKind::state,
                                    known.find("mispa-2008-commitment", state), kToday);
  };
  EXPECT_EQ(applies_to("ECU"), Applicability::applicable);
  EXPECT_EQ(applies_to("PAN"), Applicability::participation_unknown);
}

// The figures are those that the sources named in participations.json give for each meeting.
TEST_P(CubeTest, meetings_without_a_list_of_their_own_have_sourced_participants) {
  const std::map<std::string, std::pair<std::size_t, std::set<std::string>>> expected = {
      {"mispa-2008-commitment", {34, {}}},
      {"summit-2012-security", {33, {"CUB", "ECU"}}},
      {"summit-2018-lima-commitment", {33, {"NIC", "VEN"}}},
      {"summit-2022-governance", {31, {"CUB", "NIC", "VCT", "VEN"}}},
      {"summit-2022-digital", {31, {"CUB", "NIC", "VCT", "VEN"}}},
      {"summit-2022-health", {31, {"CUB", "NIC", "VCT", "VEN"}}}};
  for (const auto& [document, counts] : expected) {
    std::set<std::string> there;
    std::set<std::string> absent;
    for (const auto& row : must(cube().participations(document, {}))) {
      if (row.kind == "took_part" || row.kind == "adopted") {
        EXPECT_TRUE(there.insert(row.actor).second) << document << " names twice " << row.actor;
        EXPECT_NE(row.source.find("http"), std::string::npos) << document << ' ' << row.actor;
        EXPECT_FALSE(row.read_on.empty());
      } else if (row.kind == "absent") {
        absent.insert(row.actor);
      }
    }
    EXPECT_EQ(there.size(), counts.first) << document;
    EXPECT_EQ(absent, counts.second) << document;
    const auto* row = parts_.catalogue().find_document(document);
    EXPECT_EQ(there, std::set<std::string>(row->took_part.begin(), row->took_part.end()));
  }
  MatrixQuery query;
  query.as_of = kToday;
  const auto whole =
      count_matrix(must(cube().matrix(query)), parts_.reference->find_scale("implementation"));
  EXPECT_EQ(whole.participation_unknown, 0);

  const std::string row =
      R"([{"document": ["summit-2018-lima-commitment"], "actor": ["PER", "VEN"], "kind": "%",
           "date": "2018-04-14", "source": "synthetic", "read_on": "2026-11-22", "note": ""}])";
  for (const std::string kind : {"took_part", "absent"}) {
    std::string file = row;
    file.replace(file.find('%'), 1, kind);
    const auto loaded = Reference::load({{"participations.json", file}}, parts_.catalogue());
    ASSERT_FALSE(loaded.has_value());
    EXPECT_NE(loaded.error().detail.find(kind == "absent" ? "PER" : "VEN"), std::string::npos)
        << loaded.error().detail;
  }
}

TEST_P(CubeTest, what_was_known_on_a_day_is_apart_from_what_held_on_it) {
  const CivilDate first = parts_.today();
  must(reports().submit(draft(plan_[0], "PAN", "planned"), panama_));
  must(Treaties(parts_).sync_catalogue());
  clock_.set(UtcTime{clock_.now().ms + 10 * std::int64_t{86'400'000}});
  must(reports().submit(draft(plan_[0], "PAN", "in_progress", 1), panama_));
  const CivilDate later = parts_.today();
  const auto report = [&](std::optional<CivilDate> known_on) {
    return must(cube().cell(plan_[0], "PAN", later, "implementation", known_on)).report;
  };
  EXPECT_EQ(report({}), "in_progress");
  EXPECT_EQ(report(later), "in_progress");
  EXPECT_EQ(report(first), "planned");
  EXPECT_EQ(report(CivilDate{2026, 1, 1}), kNotReported);
  // A treaty act of 2004 that this node learned today was not known to it the day before.
  const auto parties = [&](std::optional<CivilDate> known_on) {
    const auto matrix = must(Treaties(parts_).matrix(later, {}, "untoc", known_on));
    return matrix.count(0, TreatyStatus::party);
  };
  EXPECT_GT(parties({}), 20);
  EXPECT_EQ(parties(first), parties({}));
  EXPECT_EQ(parties(CivilDate{2026, 1, 1}), 0);
}

// The list itself, its titles and treaties are those of the day, too.
TEST_P(CubeTest, the_list_is_as_it_was_known_on_the_day) {
  const CivilDate first = parts_.today();
  const auto now = must(cube().member(plan_[0], Language::en));
  constexpr std::int64_t kDay = 86'400'000;
  clock_.set(UtcTime{clock_.now().ms + kDay});
  const CivilDate second = parts_.today();
  const auto titled = [&](const std::string& title, std::int64_t seen) {
    commitments::TitleVersion version;
    version.version = seen;
    version.language = "en";
    version.title = title;
    version.set_by = "ana";
    version.reason = "synthetic";
    must(commitments_->set_title(plan_[0], version));
  };
  titled("Synthetic second title", 0);
  const bool had = std::ranges::find(now.treaties, "untoc") != now.treaties.end();
  must(commitments_->set_link(
      plan_[0], {"instrument", "untoc", had ? "remove" : "add", "synthetic", "ana", ""}));
  clock_.set(UtcTime{clock_.now().ms + kDay});
  // Imported on the third day: one that the catalogue does not know, and a newer page without
  // plan_[1].
  must(parts_.database->write([&](store::Transaction& tx) -> Result<void> {
    ATALAYA_TRY(tx.execute(
        "INSERT INTO source_documents(id, position, file_name, format, kind, page_key, standing, "
        "title, theme, meeting, document, shape, bytes, size, lines, summary, imported_at, "
        "imported_by) VALUES ('s', 1, 'f', 'txt', 'k', 'p', 'official', 't', '', '', '', '', $1, "
        "0, '', '{}', $2, 'ana')",
        {store::Blob(), to_string(clock_.now())}));
    ATALAYA_TRY(
        tx.execute("INSERT INTO commitments(id, meeting, document, year, sort, role, theme, "
                   "actionable, held) VALUES ('summit-2001-synthetic', 'summit-2001', "
                   "'summit-2001-plan', 2001, 999, 'operative', '', 1, 1)"));
    ATALAYA_TRY(tx.execute(
        "INSERT INTO appearances(source, ordinal, commitment, level, parent_ordinal, role, label, "
        "block, line, line_end, text, citation_raw, citation_document, citation_place, "
        "citation_year, citation_status, effective_document, effective_place, effective_country, "
        "effective_year, effective_meeting) VALUES ('s', 1, 'summit-2001-synthetic', 1, 0, "
        "'operative', '', '', 1, 1, 'x', '', '', '', 0, 'own', '', '', '', 0, '')"));
    ATALAYA_TRY(tx.execute("UPDATE commitments SET gone_from = 's' WHERE id = $1", {plan_[1]}));
    return {};
  }));
  titled("Synthetic third title", 1);
  clock_.set(UtcTime{clock_.now().ms + kDay});
  const auto known = [&](const std::string& id, std::optional<CivilDate> day) {
    return cube().member(id, Language::en, day);
  };
  EXPECT_EQ(must(known(plan_[0], {})).row.title, "Synthetic third title");
  EXPECT_EQ(must(known(plan_[0], second)).row.title, "Synthetic second title");
  EXPECT_EQ(must(known(plan_[0], first)).row.title, now.row.title);
  const auto names_untoc = [&](std::optional<CivilDate> day) {
    const auto treaties = must(known(plan_[0], day)).treaties;
    return std::ranges::find(treaties, "untoc") != treaties.end();
  };
  EXPECT_EQ(names_untoc(first), had);
  EXPECT_EQ(names_untoc(second), !had);
  EXPECT_EQ(reason_of(known(plan_[1], {})), "followup.commitment");
  EXPECT_EQ(reason_of(known(plan_[1], second)), "ok");
  EXPECT_EQ(reason_of(known("summit-2001-synthetic", {})), "ok");
  EXPECT_EQ(reason_of(known("summit-2001-synthetic", second)), "followup.commitment");
  // Matrix and cell are over the same list.
  MatrixQuery query;
  query.as_of = parts_.today();
  query.limit = 1000;
  const auto today = must(cube().matrix(query)).total;
  query.known_on = second;
  EXPECT_EQ(must(cube().matrix(query)).total, today);  // one more, one less
  EXPECT_EQ(
      reason_of(cube().cell("summit-2001-synthetic", "PAN", query.as_of, "implementation", second)),
      "followup.commitment");
}

// RFC 5005, section 4: from the newest document back, every entry is met, and archives stay.
TEST_P(CubeTest, a_feed_leads_back_to_the_first_change) {
  ChangeFeedRequest request;
  request.query.limit = 2;
  request.self = "/feed?lang=en";
  request.language = Language::en;
  request.origin = "https://node.example";
  const auto feed = [&](std::int64_t archive) {
    request.archive = archive;
    return change_feed(parts_, request);
  };
  const auto ids = [](const std::string& xml) {
    std::set<std::string> out;
    for (std::size_t at = xml.find("inclusion?leaf="); at != std::string::npos;
         at = xml.find("inclusion?leaf=", at + 1)) {
      out.insert(xml.substr(at, xml.find('<', at) - at));
    }
    return out;
  };
  for (std::int64_t i = 0; i < 5; ++i) {
    must(reports().submit(draft(plan_[0], "PAN", i % 2 == 0 ? "planned" : "in_progress", i),
                          panama_));
  }
  const std::string newest = must(feed(0));
  const std::string first = must(feed(1));
  const std::string second = must(feed(2));
  EXPECT_EQ(reason_of(feed(3)), "followup.feed.archive");
  EXPECT_NE(
      newest.find("rel=\"prev-archive\" href=\"https://node.example/feed?lang=en&amp;archive=2"),
      std::string::npos);
  EXPECT_EQ(newest.find("fh:archive/"), std::string::npos);
  EXPECT_NE(second.find("<fh:archive/>"), std::string::npos);
  EXPECT_NE(second.find("archive=1\""), std::string::npos);
  EXPECT_EQ(first.find("prev-archive"), std::string::npos);
  std::set<std::string> all = ids(newest);
  all.merge(ids(first));
  all.merge(ids(second));
  EXPECT_EQ(all.size(), 5U);
  EXPECT_EQ(ids(first).size(), 2U);
  // A title that changes, and more changes, leave a full archive as it was.
  commitments::TitleVersion version;
  version.language = "en";
  version.title = "Synthetic other title";
  version.set_by = "ana";
  version.reason = "synthetic";
  clock_.set(UtcTime{clock_.now().ms + 60'000});
  must(commitments_->set_title(plan_[0], version));
  must(reports().submit(draft(plan_[0], "PAN", "planned", 5), panama_));
  EXPECT_EQ(ids(must(feed(1))), ids(first));
  const auto entries = [](const std::string& xml) { return xml.substr(xml.find("<entry>")); };
  EXPECT_EQ(entries(must(feed(1))), entries(first));
  EXPECT_NE(must(feed(0)).find("Synthetic other title"), std::string::npos);
}

TEST_P(CubeTest, reports_keep_every_version_and_refuse_what_is_wrong) {
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
TEST_P(CubeTest, nothing_is_accepted_that_no_table_would_show) {
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
TEST_P(CubeTest, nobody_takes_itself_out_and_nothing_recorded_vanishes) {
  must(reports().submit(draft(plan_[0], "PAN"), panama_));
  const auto row = [](std::string actor, std::string kind, std::string date,
                      std::string read_on = "2026-11-01") {
    return Participation{0,         "summit-1998-plan", std::move(actor), std::move(kind), std::move(date),
                         "synthetic", std::move(read_on), "", "", ""};
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

TEST_P(CubeTest, reports_travel_as_csv_whole_or_not_at_all) {
  must(reports().submit(draft(plan_[0], "PAN", "planned"), panama_));
  Report odd = draft(plan_[1], "PAN", "done");
  odd.text = "=1+1, \"quoted\"\nand a second line";
  odd.sources = {{"Law 5", "https://example.org/law", ""}};
  must(reports().submit(odd, panama_));
  const std::string csv = must(reports().csv("PAN"));
  const auto same = must(reports().plan_csv(csv, "reports.csv", panama_));
  EXPECT_EQ(same.count(ReportChange::unchanged), 2);
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
                 "{},PAN,0,2026-01-31,planned,,,,,,en,\r\n{},PAN,0,2026-01-31,fine,,,,,,en,\r\n",
                 plan_[2], mispa_),
      "reports.csv", panama_);
  ASSERT_EQ(reason_of(bad), "followup.value");
  EXPECT_TRUE(std::ranges::find(bad.error().params, std::pair<std::string, std::string>(
                                                        "line", "3")) != bad.error().params.end());
  EXPECT_TRUE(must(reports().versions(plan_[2], "PAN")).empty());
}

TEST_P(CubeTest, counts_agree_however_they_are_taken) {
  std::mt19937 random(7);
  const std::string_view values[] = {"no_action", "planned", "in_progress", "done"};
  MatrixQuery query;
  query.as_of = kToday;
  const Matrix empty = must(cube().matrix(query));
  int written = 0;
  for (std::size_t i = 0; i < empty.cells.size() && written < 25; i += 1 + random() % 90) {
    if (empty.cells[i].applicability == Applicability::applicable) {
      must(reports().submit(
          draft(empty.commitments[i / empty.actors.size()].row.id,
                empty.actors[i % empty.actors.size()], std::string(values[random() % 4])),
          all_));
      ++written;
    }
  }
  const Scale* scale = parts_.reference->find_scale("implementation");
  const Counts whole = count_matrix(must(cube().matrix(query)), scale);
  EXPECT_EQ(whole.reported, written);
  EXPECT_EQ(whole.cells, whole.applicable + whole.not_applicable + whole.before_adoption +
                             whole.participation_unknown);
  std::int32_t by_value = 0;
  for (const auto& [value, n] : whole.by_report) {
    by_value += n;
  }
  EXPECT_EQ(by_value, whole.applicable);
  EXPECT_EQ(whole.by_g20.at("none"), whole.applicable);  // not assessed derives to no value
  Counts by_state;
  for (const auto& actor : empty.actors) {
    MatrixQuery one = query;
    one.actors = {actor};
    const Counts counts = count_matrix(must(cube().matrix(one)), scale);
    by_state.applicable += counts.applicable;
    by_state.reported += counts.reported;
  }
  EXPECT_EQ(by_state.applicable, whole.applicable);
  EXPECT_EQ(by_state.reported, whole.reported);
  Counts by_page;
  for (query.offset = 0; query.offset < empty.total; query.offset += query.limit) {
    query.limit = 17;
    const Counts counts = count_matrix(must(cube().matrix(query)), scale);
    by_page.applicable += counts.applicable;
    by_page.reported += counts.reported;
  }
  EXPECT_EQ(by_page.applicable, whole.applicable);
  EXPECT_EQ(by_page.reported, whole.reported);
  EXPECT_EQ(must(reports().newest({})).size(), static_cast<std::size_t>(written));
}

TEST_P(CubeTest, a_treaty_event_answers_a_commitment_to_join) {
  const auto members = must(cube().members(Language::en));
  const auto asks = std::ranges::find_if(members, [](const Member& member) {
    return member.asks_to_join &&
           std::ranges::find(member.treaties, "untoc") != member.treaties.end();
  });
  ASSERT_NE(asks, members.end());
  const auto unknown = must(cube().cell(asks->row.id, "PAN", kToday, "implementation"));
  EXPECT_EQ(unknown.treaties, static_cast<std::int32_t>(asks->treaties.size()));
  const std::string csv =
      "party,instrument,kind,date,source,read_on\n"
      "PAN,untoc,ratification,2004-08-18,synthetic,2026-11-01\n";
  const Treaties treaties(parts_);
  must(treaties.apply(must(treaties.plan(csv, "events.csv", {})), {}));
  const auto known = must(cube().cell(asks->row.id, "PAN", kToday, "implementation"));
  EXPECT_EQ(known.treaties_party, unknown.treaties_party + 1);
  const auto earlier = must(cube().cell(asks->row.id, "PAN", {2004, 8, 17}, "implementation"));
  EXPECT_EQ(earlier.treaties_party, 0);
}

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

// Whoever reads a code opens what it rests on, and nobody else; the log tells nobody that a file was
// handed in.
TEST_P(CodingTest, files_open_to_those_who_read_the_code_that_rests_on_them) {
  const std::string hash =
      must(reports().keep_file("page.html", "text/html", "", "<p>synthetic page", "carl"));
  const Viewer own_expert{"olga", true, {}, {"PAN"}};
  const auto readers = [&] {
    std::string out;
    for (const Viewer* one :
         std::initializer_list<const Viewer*>{&carl_, &dora_, &pia_, &own_expert, &ana_, &reader_}) {
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
  wrong = code("limited");
  wrong.interest = " ";
  EXPECT_EQ(reason_of(desk().submit(id_, wrong, "carl")), "followup.interest");
  wrong = code("limited");
  wrong.sources.clear();
  EXPECT_EQ(reason_of(desk().submit(id_, wrong, "carl")), "followup.sources");
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
  EXPECT_EQ(reason_of(desk().withdraw(id_, "too late for this one", "pia")), "followup.coding.stage");
  EXPECT_EQ(must(cube().changes(query)).front().why,
            "implementation 2026-06-30 synthetic reasons / synthetic reasons");
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

INSTANTIATE_TEST_SUITE_P(Engines, CubeTest,
                         testing::Values(store::Engine::sqlite, store::Engine::postgresql),
                         engine_name);
INSTANTIATE_TEST_SUITE_P(Engines, CodingTest,
                         testing::Values(store::Engine::sqlite, store::Engine::postgresql),
                         engine_name);

}  // namespace
}  // namespace atalaya::followup
