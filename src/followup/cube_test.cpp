// Goal: a cell exists only where the actor is asked and took part; layers do not mix; a number is
// the same wherever it is counted; what was known on a day is told apart. Method: the catalogue's own
// commitments on both engines, what is reported on them made up (synthetic).
#include <algorithm>
#include <array>
#include <random>
#include <set>

#include <atalaya/followup/brief.hpp>
#include <atalaya/followup/change_words.hpp>
#include <atalaya/followup/data_sources.hpp>
#include <atalaya/followup/tables.hpp>

#include "cube_fixture.hpp"
#include "cube_rules.hpp"

namespace atalaya::followup {
namespace {

TEST_P(CubeTest, the_history_is_said_in_words) {
  constexpr std::array<std::array<std::string_view, 4>, 12> kCases = {{
      {"treaty_event.added", "signature 2003-12-10", "signature 2",
       "Firma, 10 de diciembre de 2003"},
      {"data_entry", "law Ley 99", "law ", "Ley: Ley 99"},
      {"indicator_link", "x measures_implementation", "_", "Mide el cumplimiento: x"},
      {"participation", "took_part 1998-04-19", "_", "Participó, 19 de abril de 1998"},
      {"checklist", "X", "", ""},
      {"checklist", "not_coded", "_", ""},
      {"checklist", "reply", "reply", "Respuesta del Estado"},
      {"round", "published", "published", ""},
      {"report", "no_action", "_", ""},
      {"report", "not_reported", "_", ""},
      {"correction", "refused", "refused", "Rechazado"},
      {"register.practices", "Free words", "", "Free words"},
  }};
  for (const auto& [kind, after, raw, spanish] : kCases) {
    ChangeView change;
    change.kind = kind;
    change.after = after;
    for (const Language language : {Language::es, Language::pt, Language::fr}) {
      const ChangeWords words = words_of(parts_, language, change);
      EXPECT_FALSE(words.kind.empty() || words.kind == kind) << kind;
      EXPECT_TRUE(raw.empty() || words.after.find(raw) == std::string::npos) << words.after;
      EXPECT_NE(words.kind, "register");
      if (language == Language::es && !spanish.empty()) {
        EXPECT_EQ(words.after, spanish);
      }
    }
  }
  ChangeView coded;
  coded.kind = "assessment";
  coded.after = "not_assessed";
  coded.why = "implementation 2026-01-31 because";
  EXPECT_EQ(words_of(parts_, Language::en, coded).why,
            "Implementation. As of 31 January 2026. because");
  EXPECT_EQ(actor_words(parts_.catalogue(), Language::es, "PAN.parliament"),
            "Parlamento de Panamá");
}

// A position on one paragraph is none on the text: it stands at that paragraph's cells alone.
TEST_P(CubeTest, a_position_stands_at_its_paragraph) {
  must(parts_.database->write([&](store::Transaction& tx) -> Result<void> {
    ATALAYA_TRY(tx.execute(
        "INSERT INTO source_documents(id, position, file_name, format, kind, page_key, standing, "
        "title, theme, meeting, document, shape, bytes, size, lines, summary, imported_at, "
        "imported_by) VALUES ('s', 1, 'f', 'txt', 'k', 'p', 'official', 't', '', 'summit-1998', "
        "'summit-1998-plan', '', $1, 0, '', '{\"statements_of_position\":2}', $2, 'ana')",
        {store::Blob(), to_string(clock_.now())}));
    ATALAYA_TRY(tx.execute(
        "INSERT INTO appearances(source, ordinal, commitment, level, parent_ordinal, role, label, "
        "block, line, line_end, text, citation_raw, citation_document, citation_place, "
        "citation_year, citation_status, effective_document, effective_place, effective_country, "
        "effective_year, effective_meeting) VALUES ('s', 7, $1, 1, 0, 'operative', '', '', 1, 1, "
        "'x', '', '', '', 0, 'own', '', '', '', 0, '')",
        {plan_[0]}));
    ATALAYA_TRY(tx.execute(
        "INSERT INTO statements_of_position(source, ordinal, actor, on_role, on_ordinal, text, "
        "line) VALUES ('s', 1, 'ECU', 'recital', 15, 'synthetic', 1), ('s', 2, 'ECU', 'operative', "
        "7, 'synthetic', 1)"));
    return {};
  }));
  const auto stands = [&](const std::string& id, std::string_view actor) {
    return must(cube().cell(id, actor, kToday, "implementation")).statement_of_position;
  };
  EXPECT_TRUE(stands(plan_[0], "ECU"));
  EXPECT_FALSE(stands(plan_[0], "PAN"));
  EXPECT_FALSE(stands(plan_[1], "ECU"));
  const auto all = must(position_statements(parts_, "ECU"));
  ASSERT_EQ(all.size(), 3U);
  EXPECT_EQ(all[0].role + all[0].commitment, "recital");
  EXPECT_EQ(all[0].ordinal, 15);
  EXPECT_EQ(all[1].commitment, plan_[0]);
  EXPECT_FALSE(all[2].note.empty()) << "of 2008 only what is recorded is held";
}

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
  EXPECT_FALSE(ecuador.statement_of_position) << "it is on a recital, which is nobody's cell";
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
  must(reports().submit(draft(plan_[0], "PAN", "in_progress", 5), panama_));
  EXPECT_EQ(ids(must(feed(1))), ids(first));
  const auto entries = [](const std::string& xml) { return xml.substr(xml.find("<entry>")); };
  EXPECT_EQ(entries(must(feed(1))), entries(first));
  EXPECT_NE(must(feed(0)).find("Synthetic other title"), std::string::npos);
  // Values are said in the feed's language.
  request.language = Language::es;
  EXPECT_NE(must(feed(1)).find("Sin informe → "), std::string::npos);
  EXPECT_EQ(must(feed(1)).find("not_reported"), std::string::npos);
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
  EXPECT_EQ(must(reports().standing({})).size(), static_cast<std::size_t>(written));
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

INSTANTIATE_TEST_SUITE_P(Engines, CubeTest,
                         testing::Values(store::Engine::sqlite, store::Engine::postgresql),
                         engine_name);

}  // namespace
}  // namespace atalaya::followup
