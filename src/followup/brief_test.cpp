// Goal: a brief says the pages' numbers, leaves out what was not asked for, and names what is not
// known. The numbers are compared with the cube's own counts.
#include "followup_fixture.hpp"

#include <algorithm>
#include <random>
#include <set>

#include <atalaya/base/embedded.hpp>
#include <atalaya/base/json.hpp>
#include <atalaya/figures/html.hpp>
#include <atalaya/figures/locale.hpp>
#include <atalaya/figures/messages.hpp>
#include <atalaya/followup/brief.hpp>
#include <atalaya/followup/checklists.hpp>
#include <atalaya/followup/cube.hpp>
#include <atalaya/followup/progress.hpp>
#include <atalaya/followup/registers.hpp>
#include <atalaya/followup/reports.hpp>
#include <atalaya/followup/tables.hpp>
#include <atalaya/followup/treaties.hpp>

#include "brief_parts.hpp"

ATALAYA_EMBEDDED(catalogue);
ATALAYA_EMBEDDED(followup_catalogue);

namespace atalaya::followup {
namespace {

std::string say(std::string_view key, figures::Messages::Params params = {}) {
  return figures::Messages::embedded().text(Language::en, key, params);
}

std::string words_of(const figures::PaperText& text) {
  std::string out;
  for (const auto& run : text) {
    out += run.text;
  }
  return out;
}

// The tables of a paper, those of its charts included.
std::vector<const figures::PaperTable*> tables_of(const figures::Paper& paper) {
  std::vector<const figures::PaperTable*> out;
  for (const auto& block : paper.blocks) {
    if (const auto* table = std::get_if<figures::PaperTable>(&block)) {
      out.push_back(table);
    } else if (const auto* chart = std::get_if<figures::PaperChart>(&block)) {
      out.push_back(&chart->table);
    }
  }
  return out;
}

// -1 where no column has this head; the row of the sum is left out.
std::int64_t sum_of(const figures::PaperTable& table, std::string_view head) {
  const auto at = std::ranges::find(table.header, head);
  if (at == table.header.end()) {
    return -1;
  }
  std::int64_t sum = 0;
  for (const auto& row : table.rows) {
    if (words_of(row.front()) != say("brief.total")) {
      sum += std::stoll(words_of(row[static_cast<std::size_t>(at - table.header.begin())]));
    }
  }
  return sum;
}

std::string words_of(const figures::Paper& paper) {
  return figures::paper_html_file(paper);
}

class BriefTest : public FollowupTest {
 protected:
  figures::Paper brief(std::string country, Language language = Language::en,
                       std::string theme = {}) {
    BriefRequest request;
    request.country = std::move(country);
    request.theme = std::move(theme);
    request.language = language;
    request.node_name = "Test";
    return must(compose_brief(parts_, request));
  }

  // As if nobody had read who took part in these texts.
  void forget_lists(const std::set<std::string>& documents) {
    std::map<std::string, std::string, std::less<>> files;
    for (const EmbeddedFile& file : atalaya::embedded::catalogue_all()) {
      files[std::string(file.path)] = file.bytes;
    }
    auto rows = must(parse_json(files.at("documents.json"), "documents.json"));
    for (json::value& row : rows.as_array()) {
      if (documents.contains(std::string(row.at("id").as_string()))) {
        row.as_object()["took_part"] = json::array();
      }
    }
    files["documents.json"] = canonical_json(rows);
    const auto catalogue = must(commitments::Catalogue::load(files));
    std::map<std::string, std::string, std::less<>> ours;
    for (const EmbeddedFile& file : atalaya::embedded::followup_catalogue_all()) {
      ours[std::string(file.path)] = file.bytes;
    }
    ours.erase("participations.json");
    parts_.reference = std::make_shared<const Reference>(must(Reference::load(ours, catalogue)));
  }

  Counts counts_of(std::string actor) {
    MatrixQuery query;
    query.actors = {std::move(actor)};
    query.as_of = parts_.today();
    query.limit = 100'000;
    return count_matrix(must(Cube(parts_).matrix(query)),
                        parts_.reference->find_scale(query.scale));
  }

  // As if the text of one commitment of ministers asked an institution to act and no state.
  void ask_institution() {
    const auto rows = must(parts_.commitments->list({}, Language::en, 1000, 0)).rows;
    const auto row = std::ranges::find_if(
        rows, [](const auto& one) { return one.meeting == "mispa-2008" && one.actionable; });
    ASSERT_NE(row, rows.end());
    const std::string& commitment = row->id;
    must(parts_.database->write([&](store::Transaction& tx) -> Result<void> {
      ATALAYA_TRY(tx.execute(
          "INSERT INTO clauses(commitment, ordinal, span_begin, span_end, language, verb, "
          "verb_printed, addressee, addressee_printed, deliverable, due, formulation, qualifiers, "
          "set_by) VALUES ($1, 1, 0, 9, 'en', 'hold', '', 'cicad', '', '', '', 'firm', '[]', "
          "'rule')",
          {commitment}));
      return {};
    }));
  }

  std::int64_t keep(std::string kind, std::map<std::string, std::string, std::less<>> values) {
    RegisterRecord row;
    row.kind = std::move(kind);
    row.language = "es";
    row.by = "Ana";
    row.values = std::move(values);
    return must(Registers(parts_).save(row)).id;
  }
};

INSTANTIATE_TEST_SUITE_P(engines, BriefTest,
                         testing::Values(store::Engine::sqlite, store::Engine::postgresql),
                         engine_name);

TEST_P(BriefTest, says_what_the_cube_counts) {
  for (const char* country : {"PAN", "COL", "USA"}) {
    MatrixQuery query;
    query.actors = {country};
    query.as_of = parts_.today();
    query.limit = 100'000;
    Matrix matrix = must(Cube(parts_).matrix(query));
    const Counts counts = count_matrix(matrix, parts_.reference->find_scale(query.scale));
    ASSERT_GT(counts.applicable, 0) << country;
    // No text is held: every one of them rests on the catalogue, and the brief says so.
    EXPECT_EQ(count_without_text(matrix), counts.applicable) << country;
    const std::string words = words_of(brief(country));
    const auto& messages = figures::Messages::embedded();
    std::int32_t first = 9999;
    for (std::size_t i = 0; i < matrix.commitments.size(); ++i) {
      if (matrix.at(i, 0).applicability == Applicability::applicable) {
        first = std::min(first, matrix.commitments[i].row.year);
      }
    }
    EXPECT_NE(words.find(messages.count(Language::en, "brief.committed", counts.applicable,
                                        {{"year", std::to_string(first)}})),
              std::string::npos)
        << country;
    EXPECT_NE(words.find(messages.count(Language::en, "brief.without_text", counts.applicable)),
              std::string::npos)
        << country;
    for (Member& member : matrix.commitments) {
      member.row.held = member.row.year > first;
    }
    EXPECT_LT(count_without_text(matrix), counts.applicable) << country;
    EXPECT_NE(words.find(messages.text(Language::en, "brief.reported",
                                       {{"reported", std::to_string(counts.reported)},
                                        {"of", std::to_string(counts.applicable)}})),
              std::string::npos);
  }
}

TEST_P(BriefTest, holds_the_layers_that_were_asked_for_and_no_others) {
  const auto& messages = figures::Messages::embedded();
  const std::string all = words_of(brief("PAN"));
  BriefRequest request;
  request.country = "PAN";
  request.layers = {BriefLayer::treaties};
  const std::string few = words_of(must(compose_brief(parts_, request)));
  for (const char* key : {"brief.questions", "brief.practices", "brief.layers"}) {
    const std::string heading = ">" + messages.text(Language::en, key) + "</h2>";
    EXPECT_NE(all.find(heading), std::string::npos) << key;
    EXPECT_EQ(few.find(heading), std::string::npos) << key;
  }
  EXPECT_NE(few.find(">" + messages.text(Language::en, "brief.treaties") + "</h2>"),
            std::string::npos);
}

TEST_P(BriefTest, has_no_message_without_words_in_any_language) {
  for (const Language language : kLanguages) {
    const std::string words = words_of(brief("PAN", language, "firearms"));
    EXPECT_EQ(words.find("brief."), std::string::npos) << to_string(language);
    EXPECT_EQ(words.find("followup."), std::string::npos) << to_string(language);
    EXPECT_EQ(words.find('{'), words.find("{margin")) << "a placeholder is left open";
  }
}

TEST_P(BriefTest, a_theme_brings_articles_and_offices_and_charts_have_tables) {
  RegisterRecord office;
  office.kind = "authorities";
  office.language = "en";
  office.by = "Ana";
  office.values = {{"name", "synthetic office"}, {"country", "PAN"},
                   {"role", "contact_point"},    {"instrument", "cifta"},
                   {"source", "synthetic"},      {"read_on", "2026-11-01"}};
  must(Registers(parts_).save(office));
  const auto paper = brief("PAN", Language::en, "firearms");
  const std::string words = words_of(paper);
  EXPECT_NE(words.find("synthetic office"), std::string::npos);
  EXPECT_NE(words.find("synthetic (1 November 2026)"), std::string::npos) << "its source";
  EXPECT_NE(words.find("id=\"articles\""), std::string::npos);
  EXPECT_EQ(words_of(brief("PAN")).find("synthetic office"), std::string::npos);
  std::size_t charts = 0;
  for (const figures::PaperBlock& block : paper.blocks) {
    if (const auto* chart = std::get_if<figures::PaperChart>(&block)) {
      ++charts;
      EXPECT_FALSE(chart->table.rows.empty());
      EXPECT_TRUE(chart->svg.starts_with("<svg"));
      EXPECT_EQ(chart->svg.find("class="), std::string::npos) << "would follow the page's styles";
    }
  }
  EXPECT_GE(charts, 1U);
  EXPECT_TRUE(figures::paper_pdf(paper).has_value());
}

TEST_P(BriefTest, a_progress_report_counts_as_the_cube_does) {
  ProgressRequest request;
  request.meeting = "summit-1998";
  request.node_name = "Test";
  const std::string words = words_of(must(compose_progress(parts_, request)));
  MatrixQuery query;
  query.as_of = parts_.today();
  query.limit = 100'000;
  for (const Member& member : must(Cube(parts_).members(Language::en))) {
    if (member.row.meeting == request.meeting && member.row.actionable) {
      query.commitments.push_back(member.row.id);
    }
  }
  const Counts counts =
      count_matrix(must(Cube(parts_).matrix(query)), parts_.reference->find_scale(query.scale));
  EXPECT_NE(words.find(figures::Messages::embedded().text(
                Language::en, "progress.reported",
                {{"reported", std::to_string(counts.reported)},
                 {"of", figures::number(Language::en, counts.applicable)}})),
            std::string::npos);
  EXPECT_EQ(words.find("Not assessed"), std::string::npos) << "only if asked for";
  request.layers.insert(BriefLayer::assessments);
  EXPECT_NE(words_of(must(compose_progress(parts_, request))).find("Not assessed"),
            std::string::npos);
  request.meeting = "primer-2025";
  EXPECT_EQ(reason_of(compose_progress(parts_, request)), "followup.progress.meeting");
}

// Whatever is known of who took part where: summary, tables and charts count the cube's cells, and
// what is not known stands in a column of its own.
TEST_P(BriefTest, every_table_and_chart_counts_what_the_cube_counts) {
  std::mt19937 random(11);
  std::set<std::string> known_sums;
  for (int round = 0; round < 3; ++round) {
    std::set<std::string> forgotten;
    for (const auto& document : parts_.catalogue().documents()) {
      if (document.nature != "parliamentary" && static_cast<int>(random() % 3) < round) {
        forgotten.insert(document.id);
      }
    }
    forget_lists(forgotten);
    for (const char* country : {"PAN", "CUB"}) {
      const Counts counts = counts_of(country);
      const figures::Paper paper = brief(country);
      std::vector<const figures::PaperTable*> counting;
      for (const auto* table : tables_of(paper)) {
        if (sum_of(*table, say("brief.number")) >= 0) {
          counting.push_back(table);
        }
      }
      const bool any = counts.applicable + counts.participation_unknown > 0;
      EXPECT_GE(counting.size(), any ? 1U : 0U) << country;
      for (const auto* table : counting) {
        if (table->header.front() == say("brief.theme") && table->rows.size() > 1) {
          // A commitment stands under each of its themes and once in the row of the sum.
          EXPECT_EQ(words_of(table->rows.back()[1]), std::to_string(counts.applicable)) << country;
          EXPECT_GE(sum_of(*table, say("brief.number")), counts.applicable) << country;
          continue;
        }
        EXPECT_EQ(sum_of(*table, say("brief.number")), counts.applicable) << country;
        EXPECT_EQ(sum_of(*table, say("brief.unknown")),
                  counts.participation_unknown == 0 ? -1 : counts.participation_unknown)
            << country;
      }
      known_sums.insert(fmt::format("{} {}", counts.applicable, counts.participation_unknown));
    }
  }
  EXPECT_GE(known_sums.size(), 4U) << "the rounds should differ";
}

TEST_P(BriefTest, a_theme_holds_what_its_page_lists) {
  bool one_has_several = false;
  std::map<std::string, std::pair<std::size_t, std::int64_t>, std::less<>> held;
  for (const auto& theme : parts_.catalogue().themes()) {
    commitments::Filter filter;
    filter.themes = {theme.id};
    auto page = must(parts_.commitments->list(filter, Language::en, 100'000, 0));
    std::erase_if(page.rows, [](const auto& row) { return !row.actionable; });
    MatrixQuery query;
    query.theme = theme.id;
    query.as_of = parts_.today();
    query.limit = 100'000;
    const Matrix matrix = must(Cube(parts_).matrix(query));
    ChangeQuery changes;
    changes.theme = theme.id;
    held[theme.id] = {matrix.commitments.size(), must(Cube(parts_).count_changes(changes))};
    EXPECT_EQ(matrix.commitments.size(), page.rows.size()) << theme.id;
    one_has_several = one_has_several ||
                      std::ranges::any_of(matrix.commitments,
                                          [&](const auto& m) { return m.row.theme != theme.id; });
  }
  EXPECT_TRUE(one_has_several) << "nothing was tested";
  for (const auto& theme : parts_.catalogue().themes()) {
    if (!theme.broader.empty()) {
      EXPECT_GE(held[theme.broader], held[theme.id]) << "narrower: " << theme.id;
      EXPECT_GE(held[theme.broader].second, held[theme.id].second) << "history: " << theme.id;
    }
  }
  EXPECT_GT(held["organised_crime"].first, 0U);
}

// What others say of a commitment stays in the brief, however much the state reports.
TEST_P(BriefTest, reports_push_nothing_out_that_others_say) {
  MatrixQuery query;
  query.actors = {"PAN"};
  query.as_of = parts_.today();
  query.limit = 100'000;
  const Matrix matrix = must(Cube(parts_).matrix(query));
  std::vector<std::string> others;
  std::size_t reported = 0;
  for (std::size_t i = 0; i < matrix.commitments.size(); ++i) {
    const Cell& cell = matrix.at(i, 0);
    if (cell.applicability != Applicability::applicable) {
      continue;
    }
    if (cell.treaties > 0) {
      others.push_back(matrix.commitments[i].row.id);
    } else if (reported < 40) {
      ++reported;
      Report report;
      report.commitment = matrix.commitments[i].row.id;
      report.actor = "PAN";
      report.value = "planned";
      report.as_of = "2026-01-31";
      report.actions = "synthetic";
      must(Reports(parts_).submit(report, Writer{"ana", {"PAN"}, false}));
    }
  }
  ASSERT_FALSE(others.empty());
  ASSERT_EQ(reported, 40);
  BriefRequest request;
  request.country = "PAN";
  request.origin = "https://node.example";  // a file without one holds no links
  const std::string words = words_of(must(compose_brief(parts_, request)));
  const std::string layers = words.substr(words.find("id=\"layers\""));
  EXPECT_NE(layers.find("Planned. As of 31 January 2026"), std::string::npos);
  for (const std::string& id : others) {
    EXPECT_NE(layers.find("/commitments/" + id), std::string::npos) << id;
  }
}

// Antecedents belong to whoever took part in their meeting.
TEST_P(BriefTest, repeats_are_those_of_this_state) {
  const auto repeats = [&](const char* country) {
    std::vector<std::string> out;
    bool inside = false;
    for (const auto& block : brief(country).blocks) {
      if (const auto* heading = std::get_if<figures::PaperHeading>(&block)) {
        inside = heading->text == say("brief.repeated");
      } else if (const auto* line = std::get_if<figures::PaperParagraph>(&block);
                 inside && line != nullptr && line->style == figures::PaperStyle::item) {
        out.push_back(line->text.back().text);  // titles hold years, too
      }
    }
    return out;
  };
  EXPECT_FALSE(repeats("PAN").empty());
  for (const std::string& line : repeats("CUB")) {
    for (const char* year : {"1994", "1998", "2001", "2005", "2009", "2012", "2022"}) {
      EXPECT_EQ(line.find(year), std::string::npos) << line << ": Cuba was at none of these";
    }
  }
  forget_lists({"mispa-2008-commitment", "summit-2009-declaration"});
  const auto lines = repeats("PAN");
  EXPECT_TRUE(std::ranges::any_of(lines, [](const std::string& line) {
    return line.find("Whether it took part in 20") != std::string::npos;
  }));
}

TEST_P(BriefTest, a_deposit_is_no_day_of_membership_and_each_row_names_its_source) {
  must(Treaties(parts_).sync_catalogue());
  const auto paper = brief("PAN");
  const auto matrix = must(Treaties(parts_).matrix(parts_.today(), "PAN", {}));
  std::map<std::string, const TreatyState*> states;
  for (std::size_t i = 0; i < matrix.instruments.size(); ++i) {
    const auto* instrument = parts_.catalogue().find_instrument(matrix.instruments[i]);
    states[instrument->short_name.in(Language::en)] = &matrix.at(0, i);
  }
  std::size_t parties = 0;
  for (const auto* table : tables_of(paper)) {
    const auto at = std::ranges::find(table->header, say("brief.in_force"));
    if (at == table->header.end()) {
      continue;
    }
    const auto column = static_cast<std::size_t>(at - table->header.begin());
    for (const auto& row : table->rows) {
      const TreatyState& state = *states.at(words_of(row.front()));
      EXPECT_NE(words_of(row.back()).find(" ["), std::string::npos) << "no source";
      if (state.status == TreatyStatus::party) {
        ++parties;
        const std::string day = words_of(row[column]);
        EXPECT_TRUE(day.starts_with(state.in_force.empty()
                                        ? say("treaty.in_force.unknown")
                                        : figures::edtf(Language::en, state.in_force)))
            << day;
        EXPECT_TRUE(state.in_force_rule.empty() || day.ends_with("]")) << day << ": no article";
        EXPECT_EQ(words_of(row[column - 1]), fmt::format("{}, {}", say("treaty.act." + state.act),
                                                         figures::edtf(Language::en, state.since)));
      }
    }
  }
  EXPECT_GT(parties, 10U);
  const std::string words = words_of(paper);
  EXPECT_NE(words.find("3 July 2005 ["), std::string::npos) << "Firearms Protocol";
  EXPECT_NE(words.find("1 April 1999 ["), std::string::npos) << "deposited after the fortieth";
  EXPECT_NE(words.find("Convention, article 17: "), std::string::npos);
  EXPECT_NE(words.find("treaties.un.org"), std::string::npos);
}

TEST_P(BriefTest, holds_the_priorities_of_the_countrys_own_parliament) {
  MatrixQuery query;
  query.actors = {"PAN.parliament"};
  query.as_of = parts_.today();
  const Matrix matrix = must(Cube(parts_).matrix(query));
  const std::string words = words_of(brief("PAN"));
  std::size_t found = 0;
  for (std::size_t i = 0; i < matrix.commitments.size(); ++i) {
    if (matrix.at(i, 0).applicability == Applicability::applicable) {
      ++found;
      EXPECT_NE(words.find(figures::Html().text(matrix.commitments[i].row.title).take()),
                std::string::npos);
    }
  }
  EXPECT_EQ(found, 7U);
  EXPECT_EQ(words_of(brief("HTI")).find(say("brief.priorities.note")), std::string::npos);
}

TEST_P(BriefTest, answers_hearings_and_practices_say_where_they_come_from) {
  keep("answers", {{"question", "primer-2025-key_question-9"},
                   {"country", "PAN"},
                   {"answer", "respuesta sintética"},
                   {"as_of", "2026-05-04"},
                   {"source", "fuente sintética uno"},
                   {"url", "https://example.org/uno"}});
  keep("hearings", {{"question", "pregunta sintética"},
                    {"country", "PAN"},
                    {"date", "2026-03-01"},
                    {"theme", "firearms"},
                    {"answered_by", "oficina sintética"},
                    {"answer", "contestación sintética"},
                    {"undertaking", "tarea sintética"},
                    {"due", "2026-12-24"},
                    {"source", "fuente sintética dos"}});
  keep("practices", {{"title", "práctica sintética"},
                     {"country", "BRA"},
                     {"theme", "firearms"},
                     {"summary", "resumen sintético"},
                     {"strength", "none"},
                     {"effect", "efecto sintético"},
                     {"source", "fuente sintética tres"},
                     {"read_on", "2026-05-05"}});
  BriefRequest request;
  request.country = "PAN";
  request.theme = "firearms";
  std::string words = words_of(must(compose_brief(parts_, request)));
  for (const char* part :
       {"respuesta sintética", "fuente sintética uno", "https://example.org/uno", "4 May 2026",
        "contestación sintética", "oficina sintética", "tarea sintética", "24 December 2026",
        "fuente sintética dos", " (Brazil). "}) {
    EXPECT_NE(words.find(part), std::string::npos) << part;
  }
  // Only what is asked on the theme; what has no answer names who would know.
  EXPECT_EQ(words.find("Can people rely on the channels"), std::string::npos);
  EXPECT_NE(words.find("police intelligence, customs"), std::string::npos);
  EXPECT_NE(words.find(say("brief.method.paths")), std::string::npos);
  EXPECT_EQ(words.find("<a href=\"/"), std::string::npos) << "a file has no node to begin at";
  EXPECT_EQ(words.find("node.example"), std::string::npos);
  request.origin = "https://node.example";
  request.theme = "youth";
  words = words_of(must(compose_brief(parts_, request)));
  EXPECT_NE(words.find("href=\"https://node.example/en/documents/primer-2025-guide\""),
            std::string::npos);
  EXPECT_NE(words.find(say("brief.practices.none")), std::string::npos);
  EXPECT_EQ(words.find(say("brief.method.paths")), std::string::npos);
  EXPECT_EQ(words.find("pregunta sintética"), std::string::npos) << "of another theme";
}

// Who left says until when it was bound, and is not asked to join.
TEST_P(BriefTest, a_state_that_left_is_asked_why) {
  must(Treaties(parts_).sync_catalogue());
  const std::string words = words_of(brief("NIC"));
  EXPECT_TRUE(words.contains("Withdrawal, 19 November 2021; In effect: 19 November 2023"));
  const std::string charter =
      parts_.catalogue().find_instrument("oas-charter")->short_name.in(Language::en);
  const auto asked = words.find("Why did the state leave the following");
  ASSERT_NE(asked, std::string::npos);
  EXPECT_TRUE(words.substr(asked, 300).contains(charter));
  const auto joins = words.find("Has the state joined the following");
  EXPECT_TRUE(joins == std::string::npos ||
              !words.substr(joins, words.find("</p>", joins) - joins).contains(charter));
}

// Marks are coders': they stand among assessments only, with the law's words and the state's reply.
TEST_P(BriefTest, marks_of_laws_are_assessments_and_name_their_source) {
  const Checklists checklists(parts_);
  Entry mark;
  mark.container = "cifta";
  mark.country = "PAN";
  mark.name = "art-6";
  mark.values = {{"value", "X"},           {"law", "Synthetic Act"}, {"article", "7"},
                 {"quote", "Words of it"}, {"language", "es"},       {"read_on", "2026-10-01"}};
  must(checklists.save(mark, {"Carla", {"COL"}}));
  Entry reply = mark;
  reply.values = {{"text", "Synthetic reply"}, {"language", "en"}, {"mark", "1"}};
  must(checklists.reply(reply, {"fatima", {"PAN"}, false}));
  BriefRequest request;
  request.country = "PAN";
  request.theme = "firearms";
  const std::string all = words_of(must(compose_brief(parts_, request)));
  for (const char* words : {"Synthetic Act, 7", "Words of it", "Coder: ", "Synthetic reply"}) {
    EXPECT_TRUE(all.contains(words)) << words;
  }
  request.layers = {BriefLayer::reports, BriefLayer::treaties};
  const std::string few = words_of(must(compose_brief(parts_, request)));
  EXPECT_TRUE(few.contains(say("brief.articles")));
  EXPECT_FALSE(few.contains("Synthetic Act"));
  EXPECT_FALSE(few.contains(say("brief.article.law")));
}

TEST_P(BriefTest, a_day_of_entry_into_force_has_its_own_source) {
  must(Treaties(parts_).sync_catalogue());
  const std::string words = words_of(brief("BRA"));
  EXPECT_TRUE(words.contains("24 August 2002 ["));
  EXPECT_TRUE(words.contains("Decreto 4.410 of 7 October 2002"));
}

// A day counted by a rule says where the rule was read, or that nobody read it.
TEST_P(BriefTest, a_day_by_a_rule_says_whether_the_rule_was_read) {
  must(Treaties(parts_).sync_catalogue());
  const std::string words = words_of(brief("JAM"));
  const auto row = words.find("20 August 1969 (computed by a rule that was not checked");
  EXPECT_NE(row, std::string::npos);
  EXPECT_EQ(words.find("(computed by a rule", row + 20), std::string::npos);
  EXPECT_TRUE(words.contains("0.515.092, article 17, "));
}

// The day of an announcement is not the day that was announced.
TEST_P(BriefTest, a_postponed_date_says_to_when) {
  const std::string id = "summit-2005-drrykrv9";
  must(parts_.database->write([&](store::Transaction& tx) -> Result<void> {
    ATALAYA_TRY(
        tx.execute("INSERT INTO dues(commitment, ordinal, edtf, kind, printed, soft, "
                   "set_by, latest, event) VALUES ($1, 1, '../2006-11', 'deadline', "
                   "'synthetic', 0, 'rule', '', '')",
                   {id}));
    return {};
  }));
  keep("deadline_outcomes", {{"commitment", id},
                             {"actor", "PAN"},
                             {"outcome", "postponed"},
                             {"date", "2026-01-01"},
                             {"new_due", "2027-02-01"},
                             {"source", "synthetic"}});
  EXPECT_TRUE(words_of(brief("PAN"))
                  .contains("Postponed. New date: 1 February 2027; announced 1 January 2026"));
}

TEST_P(BriefTest, a_progress_report_names_whom_it_leaves_out) {
  ProgressRequest request;
  request.meeting = "mispa";
  ask_institution();
  const std::string mispa = words_of(must(compose_progress(parts_, request)));
  EXPECT_TRUE(mispa.contains("Of what was committed, one asks none of those counted here to act."));
  EXPECT_TRUE(mispa.contains("Asks institutions: "));
  request.meeting = "summit-2022";
  const std::string summit = words_of(must(compose_progress(parts_, request)));
  const auto absent = summit.find("Not counted, since they took no part or left: ");
  ASSERT_NE(absent, std::string::npos);
  EXPECT_TRUE(summit.substr(absent, 300).contains("Cuba"));
}

TEST_P(BriefTest, the_file_of_all_cells_has_every_kind_of_actor) {
  ask_institution();
  const std::string csv = must(all_cells_csv(parts_));
  std::int64_t lines = std::ranges::count(csv, '\n') - 1;
  for (const ActorKind kind : {ActorKind::state, ActorKind::parliament, ActorKind::institution}) {
    MatrixQuery query;
    query.as_of = parts_.today();
    query.limit = 100'000;
    const Matrix matrix =
        must(Cube(parts_).matrix(must(Cube(parts_).over_all(kind, std::move(query)))));
    lines -= std::ssize(matrix.cells);
    const Counts counts = count_matrix(matrix, nullptr);
    EXPECT_GT(counts.applicable, 0);
    EXPECT_EQ(matrix.actors == std::vector<std::string>{"cicad"}, kind == ActorKind::institution);
    for (const std::string& actor : matrix.actors) {
      EXPECT_TRUE(csv.contains("," + actor + ",")) << actor;
    }
  }
  EXPECT_EQ(lines, 0);
}

TEST_P(BriefTest, files_say_of_a_cell_what_its_page_says) {
  MatrixQuery query;
  query.actors = {"CUB"};
  query.as_of = parts_.today();
  query.limit = 100'000;
  const Matrix matrix = must(Cube(parts_).matrix(query));
  const std::string csv = cells_csv(matrix, parts_.reference->find_scale(query.scale));
  std::int32_t silent = 0;
  for (std::size_t at = csv.find(",not_reported,"); at != std::string::npos;
       at = csv.find(",not_reported,", at + 1)) {
    ++silent;
  }
  const Counts counts = counts_of("CUB");
  EXPECT_GT(counts.not_applicable, 0);
  EXPECT_EQ(silent, counts.applicable - counts.reported);
}

TEST_P(BriefTest, a_brief_of_everything_holds_the_headlines) {
  class Everything : public IndicatorPort {
   public:
    [[nodiscard]] bool knows(std::string_view) const override { return true; }

    [[nodiscard]] std::string title(std::string_view id, Language) const override {
      return std::string(id);
    }

    [[nodiscard]] Result<IndicatorFigure> figure(std::string_view, std::string_view,
                                                 std::string_view, Language) const override {
      return IndicatorFigure{};
    }

    [[nodiscard]] Result<std::map<std::string, IndicatorFigure>> across(std::string_view,
                                                                        std::string_view,
                                                                        Language) const override {
      return {};
    }

    [[nodiscard]] Result<std::vector<IndicatorFigure>> series(std::string_view, std::string_view,
                                                              Language) const override {
      return {};
    }
  };

  parts_.indicators = std::make_shared<Everything>();
  const auto all = detail::wanted_figures(parts_, "");
  ASSERT_FALSE(all.empty());
  EXPECT_EQ(all.front(), "homicide_rate");
  EXPECT_EQ(detail::wanted_figures(parts_, parts_.catalogue().themes().front().id), all);
  EXPECT_NE(detail::wanted_figures(parts_, "firearms"), all);
}

TEST_P(BriefTest, refuses_what_is_no_country_or_theme) {
  BriefRequest request;
  request.country = "ZZZ";
  EXPECT_EQ(reason_of(compose_brief(parts_, request)), "followup.brief.country");
  request.country = "PAN";
  request.theme = "unicorns";
  EXPECT_EQ(reason_of(compose_brief(parts_, request)), "followup.brief.theme");
}

}  // namespace
}  // namespace atalaya::followup
