// Goal: the smallest pieces that parsers read (citations, markers, dates, note marks) in the shapes
// that people type them.
#include <atalaya/commitments/parse.hpp>

#include <algorithm>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <atalaya/base/text.hpp>
#include <atalaya/commitments/lead_in.hpp>
#include <atalaya/commitments/themes.hpp>
#include <atalaya/files/read.hpp>

#include "import_themes.hpp"
#include "parse_account_check.hpp"
#include "parse_citation.hpp"
#include "parse_dates.hpp"
#include "parse_lines.hpp"
#include "parse_notes.hpp"
#include "parse_tables.hpp"

namespace atalaya::commitments {
namespace {

using Strings = std::vector<std::string>;

const Catalogue& catalogue() {
  static const std::shared_ptr<const Catalogue> kCatalogue = Catalogue::embedded();
  return *kCatalogue;
}

struct CitationCase {
  std::string_view text;
  std::string_view raw, document, place;
  std::int32_t year;
  std::string_view body;
};

TEST(FindCitation, TellsWhatItLeavesOutOrContradicts) {
  const parsing::CitationReader reader(catalogue());
  const auto doubts = [&](std::string_view text) {
    const auto found = reader.find(text);
    return !found                                      ? std::string("none")
           : reader.cites_several(*found)              ? "several"
           : reader.place_contradicts(found->citation) ? "place"
                                                       : "";
  };
  EXPECT_EQ(
      doubts("Do it. (Plan of Action, Miami, 1994) (See also Plan of Action, Santiago, 1998)"),
      "several");
  EXPECT_EQ(doubts("Do it. (Plan of Action, Québec, 2001; Plan of Action, Santiago, 1998)."),
            "several");
  EXPECT_EQ(doubts("Do it. (Plan of Action, Santiago, 2001)."), "place");
  EXPECT_EQ(doubts("Do it. (Plan of Action, Québec, 2001)."), "");
  EXPECT_EQ(doubts("Do it. (Lima Commitment. Peru, 2018)"), "");
  EXPECT_EQ(doubts("Do it. (Plan of Action for Towns, Elsewhere, 2001)."), "");
}

Result<ParsedDocument> parse_page(const std::string& text) {
  const auto document = files::read_document(text, "page.txt");
  EXPECT_TRUE(document.has_value());
  return parse_and_account(*document, catalogue());
}

// The line that leads to the items is none of them, and governs them until something else is said.
TEST(LeadsOf, FindsTheLineThatGovernsTheItems) {
  const std::string head = "Meeting of Synthetic Ministers\nSynthetic City, 3 March 2026\n\n";
  const std::string items =
      "\n\nPublic Security\n\n1. Adopt laws.\n\n2. Train crews:\n\n   a) at "
      "sea.\n\nPrevention:\n\n3. "
      "Open centres.\n";
  const auto leads = [&](const std::string& text) {
    const auto parsed = parse_page(text);
    std::string out;
    if (parsed) {
      for (const LeadIn& lead : leads_of(parsed->lines, parsed->items)) {
        out += fmt::format("{}-{} {}|", lead.first, lead.last, lead.text);
      }
    }
    return out;
  };
  for (const std::string_view line :
       {"Commit, by 31 December 2030, to the following:",
        "Los Ministros acuerdan, a más tardar el 31 de diciembre de 2030, lo siguiente:",
        "Comprometem-se, até 31 de dezembro de 2030, a:",
        "Les ministres conviennent, d’ici au 31 décembre 2030, de ce qui suit :"}) {
    EXPECT_EQ(leads(fmt::format("{}{}{}", head, line, items)), fmt::format("1-4 {}|", line));
  }
  const std::string_view wrapped =
      "The Ministers, having gathered in Synthetic City to review their laws, agree\nto the "
      "following by\n2030:";
  EXPECT_EQ(
      leads(fmt::format("{}{}{}", head, wrapped, items)),
      "1-4 The Ministers, having gathered in Synthetic City to review their laws, agree to the "
      "following by 2030:|");
  // Headings and recitals lead to nothing, and a sentence ends what led before.
  for (const std::string_view line : {"Members:", "Recognizing the goals of 2030:",
                                      "They agree to the following by 2030. Done."}) {
    EXPECT_EQ(leads(fmt::format("{}{}{}", head, line, items)), "") << line;
  }
  EXPECT_EQ(
      leads(head + "Agree, by 2030, to:" + items +
            "\nThe Ministers thank the hosts.\n\n4. Meet again.\n\nRequest the Office to:\n\n5. "
            "Report.\n"),
      "1-4 Agree, by 2030, to:|6-6 Request the Office to:|");
}

// A chapter that the catalogue does not list is of the text whose chapters the meeting has.
TEST(FindCitation, CitedChaptersAreOfTheirText) {
  const std::vector<std::pair<std::string, std::string>> cited = {
      {"Education, Initiatives VII Summit of the Americas, Panama City, 2015",
       "summit-2015-mandates"},
      {"Security, Initiatives VII Summit of the Americas, Panama City, 2015",
       "summit-2015-security"},
      {"Salud, Iniciativas VII Cumbre de las Américas, Panamá, 2015", "summit-2015-mandates"},
      {"Santé, Initiatives VIIe Sommet des Amériques, Panama, 2015", "summit-2015-mandates"},
      {"Poverty, Inequality, and Inequity, Cartagena, 2012", "summit-2012-mandates"},
      {"Our Sustainable Green Future, IX Summit of the Americas, Los Angeles, 2022",
       "summit-2022-environment"},
      {"Action Plan on Synthetic Matters, IX Summit of the Americas, Los Angeles, 2022", ""},
      {"Resolution on synthetic matters, Cartagena, 2012", ""},
      {"Plan of Action, Mar del Plata, 2005", "summit-2005-plan"},
      {"Plan of Action, Lima, 2005", "summit-2005-plan"}};
  std::string page =
      "Summits of the Americas\nFollow-up and Implementation: Mandates\nEDUCATION\n\n";
  for (const auto& [citation, document] : cited) {
    page += "  1. Support synthetic matters. (" + citation + ").\n\n";
  }
  page += "  1. Support more. (Consensus of Santo Domingo, MISPA II, Santo Domingo, 2009).\n";
  const auto parsed = parse_page(page);
  ASSERT_TRUE(parsed.has_value());
  ASSERT_EQ(parsed->items.size(), cited.size() + 1);
  for (std::size_t i = 0; i < cited.size(); ++i) {
    EXPECT_EQ(parsed->items[i].effective.document, cited[i].second) << cited[i].first;
  }
  EXPECT_EQ(parsed->items.back().effective.meeting, "mispa-2009");
  EXPECT_EQ(
      std::ranges::count(parsed->warnings, "commitments.parse.document_unknown", &Warning::reason),
      3);
}

// Where items print no citation, the heading above them says whose they are.
TEST(FindCitation, HeadingsCiteForTheItemsBelowThem) {
  const std::vector<std::pair<std::string, std::string>> headings = {
      {"II Summit of the Americas, Santiago, Chile, 18-19 April 1998", "summit-1998 "},
      {"Santiago - April 18-19, 1998\n\nPlan of Action", "summit-1998 summit-1998-plan"},
      {"Plan of Action\n\nSantiago - April 18-19, 1998", "summit-1998 summit-1998-plan"},
      {"Sommet extraordinaire des Amériques, Monterrey, 2004",
       "summit-2004 summit-2004-declaration"},
      {"Plan of Action of Santiago", "summit-1998 summit-1998-plan"},
      {"Plan de Acción, Mar del Plata, 2005", "summit-2005 summit-2005-plan"},
      {"Declaração de Port of Spain (2009)", "summit-2009 summit-2009-declaration"},
      {"VIIe Sommet des Amériques – Mandats pour l’action : éducation",
       "summit-2015 summit-2015-mandates"},
      {"MISPA IV, Medellín", "mispa-2013 "},
      {"QUEBEC CITY, 2001", "summit-2001 "},
      {"Libraries in Mexico since 2008", " "}};
  for (const auto& [heading, expected] : headings) {
    const auto parsed = parse_page(
        "Summits of the Americas\nFollow-up and Implementation: Mandates\nEDUCATION\n\n" + heading +
        "\n\n  1. Support the synthetic libraries of the region.\n\n  2. Publish a synthetic list "
        "of "
        "schools.\n\nPlan of Action, Miami, 1994\n\n  1. Promote synthetic exchanges of the "
        "region. "
        "(Plan of Action, Miami, 1994)\n\n  2. Open the archives of the region.\n");
    ASSERT_TRUE(parsed.has_value());
    ASSERT_EQ(parsed->items.size(), 4U) << heading;
    const auto named = [&](std::size_t i) {
      return parsed->items[i].effective.meeting + " " + parsed->items[i].effective.document;
    };
    EXPECT_EQ(named(3), "summit-1994 summit-1994-plan");
    if (expected != " ") {
      EXPECT_EQ(named(0), expected) << heading;
      EXPECT_EQ(named(1), expected) << heading;
      EXPECT_EQ(parsed->items[1].citation.status, CitationStatus::inferred);
      EXPECT_EQ(std::ranges::count(parsed->warnings, "commitments.parse.citation_heading",
                                   &Warning::reason),
                2);
    }
  }
}

// A heading that names a text and does not count, as one about another text, ends the reach of the
// one above it, for neighbours too.
TEST(FindCitation, HeadingsThatDoNotCountEndTheReachOfThoseAbove) {
  for (const std::string_view heading :
       {"Follow-up to the Declaration of Miami, 1994",
        "Seguimiento a la Declaración de Miami, 1994", "Suivi de la Déclaration de Miami",
        "Acompanhamento da Declaração de Miami, 1994",
        "Implementation of the Second Summit of the Americas, 1998",
        "Declaration of Synthetic Towns, 1997", "Mandates of the Summits, 1994-2001",
        "Declaration of Nuevo León, 2004"}) {
    const bool contradicted = heading.starts_with("Declaration of Nuevo");
    const auto parsed = parse_page(fmt::format(
        "Summits of the Americas\nFollow-up and Implementation: Mandates\nEDUCATION\n\nPlan of "
        "Action, Quebec City, 2001\n\n  1. Support the synthetic libraries of the region.\n\n{}\n\n"
        "  1. Publish a synthetic list of schools.\n\n{}",
        heading,
        contradicted ? "  1. Open the archives. (Declaration of Mar del Plata, 2005)\n" : ""));
    ASSERT_TRUE(parsed.has_value()) << heading;
    ASSERT_EQ(parsed->items.size(), contradicted ? 3U : 2U) << heading;
    EXPECT_EQ(parsed->items[0].effective.document, "summit-2001-plan") << heading;
    EXPECT_EQ(parsed->items[1].effective.meeting, "") << heading;
    EXPECT_EQ(parsed->items[1].citation.status, CitationStatus::none) << heading;
  }
  const auto section = parse_page(
      "Declaration of Santiago\nSecond Summit of the Americas\nSantiago, Chile, 19 April "
      "1998\n\nWe "
      "agree:\n\nEDUCATION\n\n1. Ensure universal access to synthetic schools.\n\nFollow-up to the "
      "Declaration of Miami, 1994\n\n2. Encourage the exchange of synthetic experiences.\n");
  ASSERT_TRUE(section.has_value());
  EXPECT_EQ(section->items.at(1).effective.document.contains("1994"), false);
  EXPECT_NE(section->items.at(1).effective.meeting, "summit-1994");
}

// Pages whose headings cite are the Summits'; a citation in each row of a table is each row's;
// numbered headings in capitals are no items; a menu read into the first item is told.
TEST(FindCitation, PagesInOtherShapes) {
  const auto heads = parse_page(
      "Sommets des Amériques\nSuivi et mise en œuvre : Mandats\n\nÉNERGIE\n\nVIe Sommet des "
      "Amériques, Carthagène, 2012\n\n  1. Publier une carte synthétique.\n\n  2. Appuyer des "
      "réseaux.\n");
  EXPECT_EQ(heads->kind, DocumentKind::summit_mandates);
  EXPECT_EQ(heads->theme, "ÉNERGIE");

  std::string rows = "Summits of the Americas\nFollow-up and Implementation: Mandates\nCULTURE\n\n";
  for (const std::string_view size : {"large", "small", "rural", "old"}) {
    rows += fmt::format("1. Support the {} synthetic museums.\n\n(Plan of Action, Miami, 1994)\n\n",
                        size);
  }
  const auto table = parse_page(rows);
  ASSERT_EQ(table->items.size(), 4U);
  EXPECT_EQ(table->count_citations(CitationStatus::own), 4);

  const auto plan = parse_page(
      "Santiago - April 18-19, 1998\nPlan of Action\n\nI. EDUCATION\n\n1. Open synthetic "
      "schools.\n\nII. "
      "SECURITY\n\n2. Promote synthetic dialogue.\n");
  ASSERT_EQ(plan->items.size(), 2U);
  EXPECT_EQ(plan->items[1].effective.document, "summit-1998-plan");

  const auto menu = parse_page(
      "Summits of the Americas\nFollow-up and Implementation: Mandates\n\nprocess 1. Strengthen "
      "synthetic "
      "offices: Calendar adopt budgets;\n\n  2. Promote equality. (Plan of Action, Miami, 1994)\n");
  EXPECT_EQ(std::ranges::count(menu->warnings, "commitments.parse.number_inside", &Warning::reason),
            1);
}

// A PDF that draws its bullets beside texts at the margin leaves them without any; recitals have
// none.
TEST(LostBullets, AreToldOfInPdf) {
  const auto told = [](const std::string& list, files::Format format) {
    auto document = files::read_document(
        "Plan of the Town of Synthetic\n\n" + list + "\n\n  1. Adopt a plan.\n\n  2. Keep it.\n",
        "x.txt");
    document->format = format;
    const auto parsed = parse(*document, catalogue());
    return std::ranges::count(parsed->warnings, "commitments.parse.bullets_lost", &Warning::reason);
  };
  EXPECT_EQ(told("Publish the budget;\n\nOpen the archives;", files::Format::pdf), 1);
  EXPECT_EQ(told("Publish the budget; Open the archives; Train the officers.", files::Format::pdf),
            1);
  EXPECT_EQ(told("Publish the budget;\n\nOpen the archives;", files::Format::txt), 0);
  EXPECT_EQ(told("Publish the budget;\n\nIt is theirs.", files::Format::pdf), 0);
  EXPECT_EQ(told("Recalling the budget;\n\nConsidering the archives;", files::Format::pdf), 0);
}

TEST(FindCitation, ShapesThatPeopleType) {
  const parsing::CitationReader reader(catalogue());
  const CitationCase cases[] = {
      {"Do it;(Plan of Action Québec, 2001).", "(Plan of Action Québec, 2001)", "Plan of Action",
       "Québec", 2001, "Do it;"},
      {"Do it ; ( Plan of Action Québec, 2001) .", "( Plan of Action Québec, 2001)",
       "Plan of Action", "Québec", 2001, "Do it ;"},
      {"mutual trust Plan of Action Québec, 2001).", "Plan of Action Québec, 2001)",
       "Plan of Action", "Québec", 2001, "mutual trust"},
      {"Do it. (Lima Commitment. Peru, 2018)", "(Lima Commitment. Peru, 2018)", "Lima Commitment",
       "Peru", 2018, "Do it."},
      {"Do it. (Lima Commitment. Peru, 2018).", "(Lima Commitment. Peru, 2018)", "Lima Commitment",
       "Peru", 2018, "Do it."},
      {"Do it (Declaration of Port of Spain, 2009", "(Declaration of Port of Spain, 2009",
       "Declaration of Port of Spain", "Port of Spain", 2009, "Do it"},
      {"Use it (CIFTA). (Declaration of Principles Miami, 1994).",
       "(Declaration of Principles Miami, 1994)", "Declaration of Principles", "Miami", 1994,
       "Use it (CIFTA)."},
      {"and (Plan of Action for Towns (Phase 2), Summit of the Americas, Miami, 1994)",
       "(Plan of Action for Towns (Phase 2), Summit of the Americas, Miami, 1994)",
       "Plan of Action", "Miami", 1994, "and"},
  };
  for (const CitationCase& c : cases) {
    const auto found = reader.find(c.text);
    ASSERT_TRUE(found.has_value()) << c.text;
    EXPECT_EQ(found->citation.raw, c.raw);
    EXPECT_EQ(found->citation.document, c.document) << c.text;
    EXPECT_EQ(found->citation.place, c.place) << c.text;
    EXPECT_EQ(found->citation.year, c.year);
    EXPECT_EQ(found->body, c.body);
  }
}

TEST(FindCitation, ParenthesesThatCiteNothing) {
  const parsing::CitationReader reader(catalogue());
  for (const std::string_view text :
       {"as the Convention on Cybercrime (Budapest Convention, 2001).", "before December 2006.",
        "in the forum (November 26-27, 2007)", "the convention (1988)", "by states (OAS).",
        "see (a) and (b)", "", ")", "(", "2001)", "(2001)",
        "the Treaty (Arms Trade Treaty, 2013)"}) {
    EXPECT_FALSE(reader.find(text).has_value()) << text;
  }
}

TEST(FindMarker, LongNumbersOnlyWhereTheyContinue) {
  EXPECT_FALSE(parsing::find_marker("2010. a"));
  EXPECT_FALSE(parsing::find_marker("2010. a", 20));
  EXPECT_FALSE(parsing::find_marker("0001. a"));
  EXPECT_FALSE(parsing::find_marker("1001) a", 999));
  EXPECT_TRUE(parsing::find_marker("1000) a", 999));
  EXPECT_TRUE(parsing::find_marker("(10000) a", 9999));
}

TEST(FindMarker, LabelsAndLookAlikes) {
  const auto label = [](std::string_view text) {
    const auto found = parsing::find_marker(text);
    return found ? found->marker.label + "|" + std::string(text.substr(found->size)) : "none";
  };
  EXPECT_EQ(label("1. a"), "1.|a");
  EXPECT_EQ(label("12) a"), "12)|a");
  EXPECT_EQ(label("(iv)  a"), "(iv)|a");
  EXPECT_EQ(label("• g. a"), "g.|a");
  EXPECT_EQ(label("• 6.10 A"), "6.10|A");
  EXPECT_EQ(label("1.- a"), "1.-|a");
  EXPECT_EQ(label("•\xC2\xA0"
                  "a"),
            "|a");
  EXPECT_EQ(label("2003. a"), "none");
  EXPECT_EQ(label("5.8 homicides"), "none");
  EXPECT_EQ(label("1.500 a"), "none");
  EXPECT_EQ(label("-a"), "none");
  EXPECT_EQ(label("**bold** a"), "none");
  EXPECT_EQ(label("mix. a"), "none");
  EXPECT_EQ(label("1."), "none");
}

TEST(FindDate, FourLanguages) {
  EXPECT_EQ(parsing::find_date(fold("October 7 and 8, 2008")), (CivilDate{2008, 10, 8}));
  EXPECT_EQ(parsing::find_date(fold("27-28 de Noviembre de 2025")), (CivilDate{2025, 11, 28}));
  EXPECT_EQ(parsing::find_date(fold("8 de março de 2030")), (CivilDate{2030, 3, 8}));
  EXPECT_EQ(parsing::find_date(fold("le 1er août 2012")), (CivilDate{2012, 8, 1}));
  EXPECT_EQ(parsing::find_date(fold("March 4th, 2019")), (CivilDate{2019, 3, 4}));
  EXPECT_EQ(parsing::find_date(fold("the 1st and 2nd of March, 2019")), (CivilDate{2019, 3, 2}));
  EXPECT_EQ(parsing::find_date(fold("1º de marzo de 2019")), (CivilDate{2019, 3, 1}));
  EXPECT_EQ(parsing::find_date(fold("December 2006")), std::nullopt);
  EXPECT_EQ(parsing::find_date(fold("February 30, 2010")), std::nullopt);
}

// Day and month are told apart by what can be one, then by the language, else not at all.
TEST(FindDate, InNumbers) {
  const auto date = [](std::string_view text, bool day_first) -> std::string {
    const auto found = parsing::find_numbered_date(text, day_first);
    return !found               ? "none"
           : !found->date       ? fmt::format("{} or so", found->year)
           : found->order_taken ? to_string(*found->date) + " taken"
                                : to_string(*found->date);
  };
  for (const bool day_first : {false, true}) {
    EXPECT_EQ(date("done 2019-03-04.", day_first), "2019-03-04");
    EXPECT_EQ(date("2019/3/4", day_first), "2019-03-04");
    EXPECT_EQ(date("lima, 25/03/2019", day_first), "2019-03-25");
    EXPECT_EQ(date("03-25-2019", day_first), "2019-03-25");
    EXPECT_EQ(date("(4.4.2019)", day_first), "2019-04-04");
    EXPECT_EQ(date("csh/gt/mispa-2/08, 2019-13-01, 1-2-3-2019, 04/03-2019, 31/02/2019, 4/3/19",
                   day_first),
              "none");
  }
  EXPECT_EQ(date("04/03/2019", false), "2019 or so");
  EXPECT_EQ(date("04/03/2019", true), "2019-03-04 taken");
}

TEST(TakeNoteMarks, AtTheEndAndInside) {
  ParsedItem item;
  item.text = "meeting;1";
  parsing::take_note_marks(item, {"1"});
  EXPECT_EQ(item.text, "meeting;");
  EXPECT_EQ(item.notes, (Strings{"1"}));
  item = {};
  item.text = "area of 40 m² and instruments³ here.²";
  parsing::take_note_marks(item, {"3"});
  EXPECT_EQ(item.text, "area of 40 m² and instruments³ here.");
  EXPECT_EQ(item.notes, (Strings{"3", "2"}));
  item = {};
  item.text = "before 2.1";
  parsing::take_note_marks(item, {"7"});
  EXPECT_EQ(item.text, "before 2.1");
}

TEST(CommitmentId, TypingDoesNotChangeItWordsDo) {
  const std::string id = commitment_id("summit-2001", "Promover  la Convención; ya.");
  EXPECT_EQ(id, commitment_id("summit-2001", "promover la CONVENCION ya"));
  EXPECT_NE(id, commitment_id("summit-2001", "Promover la Convención, no."));
  EXPECT_NE(id, commitment_id("summit-1998", "Promover la Convención; ya."));
  EXPECT_EQ(id.size(), std::string("summit-2001-").size() + 8);
  EXPECT_EQ(commitment_id("m", "x", 12).size(), 14U);
}

std::string ministers_of_village(std::string_view body) {
  return fmt::format(
      "MEETING OF MINISTERS RESPONSIBLE FOR PUBLIC SECURITY IN THE AMERICAS\nOctober 17, "
      "2031\n\nThe Ministers, gathered in the village;\n\nWe agree to:\n\n{}\n",
      body);
}

std::ptrdiff_t said(const Result<ParsedDocument>& parsed, std::string_view reason) {
  return parsed ? std::ranges::count(parsed->warnings, reason, &Warning::reason) : -1;
}

// A line of a note begins with a number where the page's width broke it there; no item does unsaid.
TEST(Notes, ANumberAtTheStartOfTheirLinesIsNoItem) {
  const std::string note =
      "[1]. Forum of experts of the village and of its neighbours (DOC/4 corr.";
  for (const std::string_view rest :
       {"1) (August 6-7, 2030); Bank of the village.", "2) of the village; Bank."}) {
    const auto parsed = parse_page(ministers_of_village(
        fmt::format("1) Mend bridges;[1]\n\n2) Open archives.\n\n{}\n{}", note, rest)));
    ASSERT_TRUE(parsed.has_value());
    EXPECT_EQ(parsed->items.size(), 2U) << rest;
    EXPECT_EQ(said(parsed, "commitments.parse.numbers_again"), 0);
  }
  // In a pdf an empty line stands above each paragraph.
  const auto apart = parse_page(ministers_of_village(fmt::format(
      "1) Mend bridges;[1]\n\n2) Open archives.\n\n{}\n\n1) (August 6-7, 2030); Bank.", note)));
  ASSERT_TRUE(apart.has_value());
  EXPECT_EQ(apart->items.size(), 2U);
  // A list below a note that ends in no mark is one.
  const auto below = parse_page(
      "Ministers of the village\n\n[1]. Forum of experts\n\n1) Mend bridges.\n\n2) Open archives.");
  ASSERT_TRUE(below.has_value());
  EXPECT_EQ(below->items.size(), 2U);
  // Where the items count on below the note, or begin anew, they are items.
  const auto on = parse_page(ministers_of_village(
      "1) Mend bridges;[1]\n\n[1]. Forum of experts.\n2) Open archives.\n1) Plant trees."));
  ASSERT_TRUE(on.has_value());
  EXPECT_EQ(on->items.size(), 3U);
  EXPECT_EQ(said(on, "commitments.parse.numbers_again"), 1);
}

struct Position {
  std::string_view text, actor;
};

// What stands below the items, below a rule or a heading that names notes, numbered from 1 again,
// is no commitment; a State's position is held with the paragraph that it names.
TEST(Notes, PositionsOfStatesAreNoCommitments) {
  constexpr Position kPositions[] = {
      {"The Bolivarian Republic of Venezuela considers that paragraph 2 is open.", "VEN"},
      {"… The Government of Nicaragua places on record its express reservation to paragraph 2.",
       "NIC"},
      {"The Republic of Trinidad and Tobago is unable to join consensus on paragraph 2.", "TTO"},
      {"Saint Vincent and the Grenadines recalls its position on paragraph 2.", "VCT"},
      {"El Gobierno de Nicaragua deja constancia de su desacuerdo con el párrafo 2.", "NIC"},
      {"Ecuador no se suma al consenso sobre el párrafo 2 de la presente Declaración.", "ECU"},
      {"A República Bolivariana da Venezuela não se soma ao consenso sobre o parágrafo 2.", "VEN"},
      {"L’Équateur se dissocie du paragraphe 2.", "ECU"}};
  for (const Position& position : kPositions) {
    for (const std::string_view above :
         {"", "________________\n", "FOOTNOTES\n", "Notas al pie:\n\n", "Notes de bas de page\n"}) {
      const auto parsed = parse_page(ministers_of_village(
          fmt::format("1. Mend bridges.\n\n2. Open archives.\n\n{}1. {}", above, position.text)));
      ASSERT_TRUE(parsed.has_value());
      EXPECT_EQ(parsed->items.size(), 2U) << above << position.text;
      ASSERT_EQ(parsed->statements.size(), 1U) << above << position.text;
      EXPECT_EQ(parsed->statements[0].actor, position.actor);
      EXPECT_EQ(parsed->statements[0].ordinal, 2) << position.text;
    }
  }
  // Of another text, or of no State.
  EXPECT_EQ(parsing::paragraph_named("its reservation to paragraph 3 of the Charter"), 0);
  EXPECT_FALSE(parsing::states_position("The ministers of Peru consider it.", catalogue()));
  // Below a rule others may be notes too; what asks for something is an item.
  const auto bare = parse_page(ministers_of_village(
      "1. Mend bridges.\n\n2. Open archives.\n\n_____\n1. The second report."));
  ASSERT_TRUE(bare.has_value());
  EXPECT_EQ(bare->items.size(), 2U);
  const auto more = parse_page(ministers_of_village(
      "1. Mend bridges.\n\n2. Open archives.\n\n_____\n1. Promote schools in each village."));
  ASSERT_TRUE(more.has_value());
  EXPECT_EQ(more->items.size(), 3U);
}

// "label text ~ other cells" of each item, and the warnings about tables.
std::string read_table(std::string_view rows, std::string_view above = "") {
  const auto document = files::read_document(
      fmt::format("<html><body><h1>Synthetic Plan of the Ministers of "
                  "Justice</h1><p>The Ministers agree:</p>\n{}<table>{}</table>\n<p>Synthetic "
                  "City</p></body></html>",
                  above, rows),
      "plan.html");
  if (!document) {
    return document.error().reason;
  }
  const auto parsed = parse_and_account(*document, catalogue());
  if (!parsed) {
    return parsed.error().reason;
  }
  const auto leads = leads_of(parsed->lines, parsed->items);
  std::string out;
  for (const ParsedItem& item : parsed->items) {
    out += fmt::format("{}{}", item.label, item.text);
    for (const LeadIn& lead : leads) {
      const bool row = lead.text.starts_with("| ");
      out += row && lead.first <= item.ordinal && item.ordinal <= lead.last ? " ~" + lead.text : "";
    }
    out += "\n";
  }
  for (const Warning& warning : parsed->warnings) {
    const bool table = warning.reason.starts_with("commitments.parse.table");
    out += table ? warning.reason.substr(18) + ": " + warning.detail + "\n" : "";
  }
  return out;
}

std::string row(const std::vector<std::string_view>& cells, std::string_view tag = "td") {
  std::string out = "<tr>";
  for (const std::string_view cell : cells) {
    const bool has_attributes = cell.starts_with("[");
    const std::size_t end = has_attributes ? cell.find(']') : 0;
    out += fmt::format("<{0}{1}>{2}</{0}>\n", tag,
                       has_attributes ? " " + std::string(cell.substr(1, end - 1)) : "",
                       has_attributes ? cell.substr(end + 1) : cell);
  }
  return out + "</tr>\n";
}

// A row of a plan is an item in the words of its commitment; its other cells stand beside it.
TEST(ParseTables, RowsAreItems) {
  const std::vector<std::vector<std::string_view>> headers = {
      {"No.", "Commitment", "Responsible entity", "Deadline", "Indicator"},
      {"N.º", "Compromiso", "Responsable", "Plazo", "Indicador"},
      {"Nº", "Atividade", "Responsável", "Prazo", "Indicador"},
      {"N°", "Mesure", "Institution", "Échéance", "Indicateur"}};
  for (const auto& h : headers) {
    const std::string head = row(h, "th");
    EXPECT_EQ(read_table(head + row({"1", "Crear una base de armas.", "Brasil", "2026", "Base"}) +
                         row({"2", "Capacitar peritos.", "", "2027", ""}) + head +
                         row({"3", "Publicar estadísticas", "OEA", "", ""})),
              fmt::format("1.Crear una base de armas. ~| {2}: Brasil | {3}: 2026 | {4}: Base "
                          "||\n2.Capacitar peritos. ~| {3}: 2027 ||\n3.Publicar estadísticas ~| "
                          "{2}: OEA ||\ntable_read: {0} · {1} · {2} · {3} · {4}\n",
                          h[0], h[1], h[2], h[3], h[4]));
  }
}

// Cells that span rows, sections, rows that go on with the one above, columns in any order.
TEST(ParseTables, RowsGoOnAndSpan) {
  const std::string head = row({"Responsable", "N.º", "Medida", "Plazo"}, "th");
  EXPECT_EQ(read_table(head + row({"[colspan=4]Eje 1: Prevención"}) +
                       row({"[rowspan=2]Brasil", "1.1", "Crear una base", "2026"}) +
                       row({"", "de datos de armas;", ""}) +
                       row({"Chile", "1.2",
                            "Capacitar peritos:<ul><li>en armas;</li><li>en "
                            "redes.</li></ul>",
                            "[rowspan=2]2027"}) +
                       row({"Perú", "1.3", "Publicar estadísticas."}) +
                       row({"Costa Rica", "", "", "2028"})),
            "1.1Crear una base de datos de armas; ~| Responsable: Brasil | Plazo: 2026 "
            "||\n1.2Capacitar peritos: ~| Responsable: Chile | Plazo: 2027 ||\nen armas; ~| "
            "Responsable: Chile | Plazo: 2027 ||\nen redes. ~| Responsable: Chile | Plazo: 2027 "
            "||\n1.3Publicar estadísticas. ~| Responsable: Perú | Plazo: 2027 | "
            "Responsable: Costa Rica | Plazo: 2028 ||\ntable_read: Responsable · N.º · Medida · "
            "Plazo\n");
  // Numbers that are no labels, or of several items, stand beside them.
  EXPECT_EQ(
      read_table(row({"N.º", "Medida", "Plazo"}, "th") +
                 row({"[rowspan=2]C-1", "Crear una base:", "2026"}) +
                 row({"Abrir centros.", "2027"}) + row({"2", "Capacitar peritos.", ""})),
      "Crear una base: ~| N.º: C-1 | Plazo: 2026 ||\nAbrir centros. ~| N.º: C-1 | Plazo: 2027 "
      "||\nCapacitar peritos. ~| N.º: 2 ||\ntable_read: N.º · Medida · Plazo\n");
  // Nothing says which column commits; the words are told.
  EXPECT_EQ(read_table(row({"Eje", "Meta", "Responsable", "Plazo"}, "th") +
                           row({"A", "Crear una base.", "Brasil", "2026"}),
                       "<ol><li>Adoptar leyes.</li><li>Abrir centros.</li></ol>"),
            "1.Adoptar leyes.\n2.Abrir centros.\ntable_unread: Eje · Meta · Responsable · Plazo\n");
}

TEST(ParseTables, WhoAndUntilWhenAreReadInTheirColumns) {
  const auto read = [](std::string_view text, std::string_view cells, Language language) {
    const Recogniser recogniser(catalogue());
    const std::vector<GoverningText> above = {{std::string(cells), {}}};
    AnalysisContext context;
    context.language = language;
    context.year = 2025;
    context.above = above;
    context.recogniser = &recogniser;
    const Analysis analysis = analyse_below(text, context);
    std::string out;
    for (const Clause& clause : analysis.clauses) {
      const Due none;
      const Due& due = clause.due < 0 ? none : analysis.dues[static_cast<std::size_t>(clause.due)];
      out +=
          fmt::format("{} {}[{}] {} {} “{}”|", clause.lemma, to_string(clause.addressee),
                      clause.addressee_id, clause.addressee_above, due.latest, due.printed(text));
    }
    return out;
  };
  EXPECT_EQ(
      read("Capacitar a 300 peritos.", "| Responsable: Uruguay | Plazo: 2027 ||", Language::es),
      "train unnamed_body[] Uruguay 2027-12-31 “Plazo: 2027”|");
  EXPECT_EQ(
      read("Publish figures.", "| Responsible: OAS | Deadline: December 2026 ||", Language::en),
      "publish organ[oas] OAS 2026-12-31 “Deadline: December 2026”|");
  EXPECT_EQ(read("Publicar dados.", "| Prazo: 30 de junho de 2027 ||", Language::pt),
            "publish states[]  2027-06-30 “Prazo: 30 de junho de 2027”|");
  EXPECT_EQ(
      read("Publier des données.", "| Responsable : Tous | Échéance: 2026-03-31 ||", Language::fr),
      "publish unnamed_body[] Tous 2026-03-31 “Échéance: 2026-03-31”|");
  // What the item says itself holds.
  EXPECT_EQ(read("The Secretariat shall publish figures by 2026.",
                 "| Responsible: Brasil | Deadline: 2030 ||", Language::en),
            "publish unnamed_body[]  2026-12-31 “by 2026”|");
}

std::string first_line(std::string_view summit) {
  return summit.empty() ? std::string() : fmt::format("{}\n\n", summit);
}

// Whatever text of the catalogue a document is by its title, in any language, it is of its meeting.
TEST(OwnText, EachOfTheCatalogueIsFoundByItsTitle) {
  for (const Document& document : catalogue().documents()) {
    const Meeting* meeting = catalogue().find_meeting(document.meeting);
    ASSERT_NE(meeting, nullptr);
    if (meeting->series != "summit") {
      continue;  // these are of the meeting that their opening names
    }
    for (const Language language : kLanguages) {
      for (const std::string& summit : {std::string(), meeting->name.in(language)}) {
        const auto parsed = parse_page(fmt::format(
            "{}{}\n\nWe, the Heads of State and Government of the Americas, gathered in {}, commit "
            "to:\n\n1. Mend bridges.\n\n2. Open archives.\n",
            first_line(summit), document.title.in(language), meeting->city.in(Language::en)));
        ASSERT_TRUE(parsed.has_value());
        EXPECT_EQ(parsed->items[0].effective.meeting, meeting->id) << document.title.in(language);
        EXPECT_EQ(parsed->items[0].effective.document, document.id) << document.title.in(language);
        EXPECT_EQ(parsed->items.size(), 2U);
        EXPECT_NE(parsed->title, summit);
      }
    }
  }
  // The Summit alone, and none that is known.
  const auto of = [](std::string_view occasion) {
    return parse_page(fmt::format(
        "Plan of the Village\n\nWe, the Heads of State, gathered on the occasion of the {}, "
        "commit, "
        "before the X Summit of the Americas, to:\n\n1. Mend bridges.\n\n2. Open archives.\n",
        occasion));
  };
  const auto ninth = of("IX Summit of the Americas");
  ASSERT_TRUE(ninth.has_value());
  EXPECT_EQ(ninth->items[0].effective.meeting, "summit-2022");
  EXPECT_EQ(ninth->items[0].effective.document, "");
  EXPECT_EQ(said(ninth, "commitments.parse.meeting_unknown"), 0);
  EXPECT_EQ(said(of("Congress of the Village"), "commitments.parse.meeting_unknown"), 1);
}

// Chapters give the items below them their theme, and the page none.
TEST(OwnText, ChaptersGiveTheirThemeToTheirItemsAlone) {
  const auto parsed = parse_page(
      "SEVENTH SUMMIT OF THE AMERICAS\nPanama City, April 10, 2015\n\nMANDATES FOR ACTION\n\n"
      "EDUCATION\n\nWe agree to:\n\n1. Mend schools.\n\n2. Open libraries.\n\nLABOR\n\nWe agree "
      "to:\n\n1. Mend workshops.\n\nVILLAGES\n\n1. Mend bridges.\n");
  ASSERT_TRUE(parsed.has_value());
  EXPECT_EQ(parsed->kind, DocumentKind::summit_mandates);
  EXPECT_EQ(parsed->theme, "");
  ASSERT_EQ(parsed->items.size(), 4U);
  EXPECT_EQ(themes_of(catalogue(), *parsed, parsed->items[1]), (Strings{"education"}));
  EXPECT_EQ(themes_of(catalogue(), *parsed, parsed->items[2]), (Strings{"labour"}));
  EXPECT_EQ(themes_of(catalogue(), *parsed, parsed->items[3]), (Strings{}));
  EXPECT_EQ(themes_named(catalogue(), "GENDER"), (Strings{"gender_equality"}));
  EXPECT_EQ(themes_named(catalogue(), "NATURAL DISASTERS"), (Strings{"disasters"}));
}

// What stands at the edge of each page, or numbers the document, is no title of it.
TEST(OwnText, EdgesOfPagesAndSymbolsAreNoTitle) {
  const std::string edge = "\n\nVILLAGE GROUP\n\n";
  const auto parsed = parse_page("V-IX/INF.3/22" + edge +
                                 "Plan of the Village\n\n3 March 2024, "
                                 "Synthetic City\n\n1. Mend bridges." +
                                 edge + "2. Open archives." + edge + "3. Plant trees.\n");
  ASSERT_TRUE(parsed.has_value());
  EXPECT_EQ(parsed->title, "Plan of the Village");
  EXPECT_EQ(parsed->place, "Synthetic City");
  EXPECT_EQ(parsed->items.size(), 3U);
}

// Clauses without a number behind a line that leads to them.
TEST(OwnText, ClausesBySemicolonsAreItems) {
  const auto parsed = parse_page(
      "Gathering of Parliamentarians\n\nDeclaration\n\nWe, parliamentarians of the villages:\n\n"
      "Recognizing that bridges fall;\n\nRecalling the floods;\n\nNoting the rain;\n\nCommit "
      "to:\n\n"
      "Promoting laws on bridges;\n\nAllocating funds by 2027; and\n\nReporting on progress.\n\n"
      "Adopted in the village.\n");
  ASSERT_TRUE(parsed.has_value()) << parsed.error().reason;
  ASSERT_EQ(parsed->items.size(), 3U);
  EXPECT_EQ(parsed->items[0].text, "Promoting laws on bridges;");
  EXPECT_EQ(parsed->items[2].text, "Reporting on progress.");
  EXPECT_EQ(said(parsed, "commitments.parse.items_by_semicolons"), 1);
}

}  // namespace
}  // namespace atalaya::commitments
