// Goal: the shapes in which other pages of the same families are typed, converted and saved come
// apart into the same items. Oracle: one outline of invented items, whatever the shape.
#include <atalaya/commitments/parse.hpp>

#include <algorithm>
#include <array>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include <fmt/core.h>

#include <atalaya/base/text.hpp>
#include <atalaya/files/read.hpp>

#include "parse_account_check.hpp"

namespace atalaya::commitments {
namespace {

using Strings = std::vector<std::string>;

Result<ParsedDocument> parse_bytes(std::string_view bytes) {
  static const std::shared_ptr<const Catalogue> kCatalogue = Catalogue::embedded();
  const auto read = files::read_document(bytes, "shape");
  return read ? parse_and_account(*read, *kCatalogue) : std::unexpected(read.error());
}

// "level text" of each item.
Strings outline(const Result<ParsedDocument>& parsed) {
  Strings out;
  for (const ParsedItem& item : parsed ? parsed->items : std::vector<ParsedItem>{}) {
    out.push_back(fmt::format("{} {}", item.level, item.text));
  }
  return out;
}

std::ptrdiff_t said(const Result<ParsedDocument>& parsed, std::string_view reason) {
  return parsed ? std::ranges::count(parsed->warnings, reason, &Warning::reason) : -1;
}

std::string replaced(std::string text, std::string_view what, std::string_view with) {
  for (std::size_t at = text.find(what); at != std::string::npos;
       at = text.find(what, at + with.size())) {
    text.replace(at, what.size(), with);
  }
  return text;
}

constexpr std::string_view kLima = "(Lima Commitment. Peru, 2018)";
constexpr std::string_view kQuebec = "(Plan of Action, III Summit of the Americas, Québec, 2001).";

// #1 to #5 in `shape` become the five items: the third and the fourth stand below the second.
std::string filled(std::string_view shape) {
  std::string text(shape);
  text = replaced(text, "#1", fmt::format("Protect witnesses in all states. {}", kLima));
  text = replaced(text, "#2", "Take steps to:");
  text = replaced(text, "#3", "Publish budgets;");
  text = replaced(text, "#4", fmt::format("Publish contracts. {}", kQuebec));
  return replaced(text, "#5", fmt::format("Train judges. {}", kLima));
}

const Strings& the_five() {
  static const Strings kItems = {"1 Protect witnesses in all states.", "1 Take steps to:",
                                 "2 Publish budgets;", "2 Publish contracts.", "1 Train judges."};
  return kItems;
}

std::string typed(std::string_view shape) {
  return fmt::format(
      "Organization of American States Summits of the Americas\n\nFollow-up and Implementation: "
      "Mandates\n\n2\n\nCORRUPTION\nMANDATES\n\n{}\n\n© Summits of the Americas\n",
      filled(shape));
}

std::string page(std::string_view shape) {
  return fmt::format(
      "<!doctype html><html><head><meta charset=utf-8></head><body><p>Summits of the "
      "Americas</p>\n<p>Follow-up and Implementation: Mandates</p>\n<p>CORRUPTION</p>\n{}\n"
      "<p>&copy; Summits of the Americas</p></body></html>",
      filled(shape));
}

TEST(ParseShapes, TypedOutlinesOfOneText) {
  for (const std::string_view shape : {
           "  1. #1\n\n  2. #2\n\n    2.1. #3\n\n    2.2. #4\n\n  3. #5",
           "1. #1\n\n2. #2\n\n2.1 #3\n\n2.2 #4\n\n3. #5",
           "I. #1\n\nII. #2\n\n  a) #3\n\n  b) #4\n\nIII. #5",
           "Article 1. #1\n\nArticle 2. #2\n\n  a) #3\n\n  b) #4\n\nArticle 3. #5",
           "Numeral 1: #1\n\nNumeral 2: #2\n\n  a) #3\n\n  b) #4\n\nNumeral 3: #5",
           "1º #1\n\n2º.- #2\n\n   a) #3\n\n   b) #4\n\n3º. #5",
           "1)#1\n\n2)#2\n\n  a)#3\n\n  b)#4\n\n3)#5",
           "•#1\n\n•#2\n\n   o #3\n\n   o #4\n\n•#5",
           "\uF0B7 #1\n\n\uF0B7 #2\n\n   \uF0D8 #3\n\n   \uF0D8 #4\n\n\uF0B7 #5",
           "1\\. #1\n\n2\\. #2\n\n   a\\) #3\n\n   b\\) #4\n\n3\\. #5",
           "\\- #1\n\n\\- #2\n\n   \\* #3\n\n   \\* #4\n\n\\- #5",
           "\f 1.\t#1\n\n 2.\t#2\n\n\ta.\t#3\n\n\tb.\t#4\n\n\f 3.\t#5",
           "1. #1\n\n2. #2\n\n   - 3 -\n\n   a. #3\n\n   b. #4\n\n4\n\n3. #5",
       }) {
    EXPECT_EQ(outline(parse_bytes(typed(shape))), the_five()) << shape;
  }
}

// Blanks of every width are blanks, before a mark, behind it and at the edges; what shows nothing
// changes nothing.
TEST(ParseShapes, BlanksOfEveryWidth) {
  constexpr std::string_view kShape = "_1._#1_\n\n_2._#2\n\n___a._#3_\n\n___b._#4\n\n_3._#5_";
  for (const std::string_view blank :
       {" ", "\u00A0", "\u2000", "\u2002", "\u2003", "\u2009", "\u202F", "\u205F", "\u3000",
        "\u200B \u200B", "\uFEFF ", "\u200E \u200F", " \u2060", "\u202A \u202C"}) {
    EXPECT_EQ(outline(parse_bytes(typed(replaced(std::string(kShape), "_", blank)))), the_five())
        << to_hex(as_bytes(blank));
    const std::string shape = replaced("<p>_1._#1_</p>\n<p>_2._#2</p>\n<p>_____a._#3</p>\n"
                                       "<p>_____b._#4</p>\n<p>_3._#5_</p>",
                                       "_", blank == " " ? "&nbsp;" : blank);
    EXPECT_EQ(outline(parse_bytes(page(shape))), the_five()) << to_hex(as_bytes(blank));
  }
}

TEST(ParseShapes, PagesOfOneText) {
  for (const std::string_view shape : {
           "<p>• #1</p><p>• #2</p><blockquote><p>• #3</p><p>• #4</p></blockquote><p>• #5</p>",
           "<ol><li>#1<li>#2</ol><blockquote><ol type=a><li>#3<li>#4</ol></blockquote><ol "
           "start=3><li>#5</ol>",
           "<dl><dt>1. #1</dt><dt>2. #2</dt><dd>a. #3</dd><dd>b. #4</dd><dt>3. #5</dt></dl>",
           "<table><tr><td>1.<td>#1<tr><td>2.<td>#2<tr><td><td><table><tr><td>a.<td>#3<tr><td>b."
           "<td>#4</table><tr><td>3.<td>#5</table>",
           "<ol><li>#1</li><li>#2</li><ol type=i><li>#3</li><li>#4</li></ol><li>#5</li></ol>",
           "<p>1. #1<br><br>2. #2<br>&nbsp;&nbsp;&nbsp;a) #3<br>&nbsp;&nbsp;&nbsp;b) #4<br><br>"
           "3. #5</p>",
       }) {
    EXPECT_EQ(outline(parse_bytes(page(shape))), the_five()) << shape;
  }
}

// A word that may be hyphenated is still the word; the text keeps its bytes.
TEST(ParseShapes, SoftHyphensStay) {
  const auto parsed = parse_bytes(
      page("<ol><li>Pro&shy;tect them. (Lima Com&shy;mitment. Peru, 2018)<li>#5<li>#1</ol>"));
  ASSERT_EQ(outline(parsed).size(), 3U);
  EXPECT_EQ(parsed->items[0].text, "Pro\u00ADtect them.");
  EXPECT_EQ(parsed->items[0].effective.document, "summit-2018-lima-commitment");
}

// A number at which a line was wrapped counts nothing, and one word with a number is no label.
TEST(ParseShapes, ALineThatBreaksOffGoesOnWithACapital) {
  constexpr std::string_view kHead =
      "MINISTERS RESPONSIBLE FOR PUBLIC SECURITY IN THE AMERICAS\n\n"
      "We, the Ministers, meeting in Bridgetown, Barbados, on 5 May 2026, agree:\n\n";
  constexpr std::string_view kItems =
      "1. To adopt laws against gangs;\n"
      "2. To train officers by the standards of the\nUnited Nations by 2029.\n"
      "3. To follow the Basic\nPrinciples of 1990.\n"
      "4. To hold consultations.\n";
  const Strings expected = {"1 To adopt laws against gangs;",
                            "1 To train officers by the standards of the United Nations by 2029.",
                            "1 To follow the Basic Principles of 1990.",
                            "1 To hold consultations."};
  EXPECT_EQ(outline(parse_bytes(fmt::format("{}{}", kHead, kItems))), expected);
  const std::string breaks = replaced(std::string(kItems), "\n", "<br>");
  EXPECT_EQ(outline(parse_bytes(
                fmt::format("<html><body><p>{}</p><p>{}</p></body></html>", kHead, breaks))),
            expected);
  // Of three lines; where items end without marks but stand apart, too.
  const std::string longer = replaced(std::string(kItems), "Basic\n", "Basic\nBar\n");
  EXPECT_EQ(outline(parse_bytes(fmt::format("{}{}", kHead, longer)))[2],
            "1 To follow the Basic Bar Principles of 1990.");
  std::string apart = replaced(replaced(std::string(kItems), ".\n", "\n"), ";\n", "\n");
  for (const char* label : {"2. ", "3. ", "4. "}) {
    apart = replaced(apart, label, fmt::format("\n{}", label));
  }
  EXPECT_EQ(outline(parse_bytes(fmt::format("{}{}", kHead, apart)))[2],
            "1 To follow the Basic Principles of 1990");
  // A heading or a sentence behind the list is no part of an item, and one that breaks off is told.
  const std::string open = replaced(std::string(kItems), "consultations.", "consultations");
  const auto last = parse_bytes(fmt::format("{}{}We thank Barbados.\n", kHead, open));
  EXPECT_EQ(outline(last).back(), "1 To hold consultations");
  EXPECT_EQ(said(last, "commitments.parse.may_be_cut"), 1);
  const std::string annex = replaced(std::string(kItems), "gangs;", "gangs of Annex A\nPolice");
  EXPECT_EQ(outline(parse_bytes(fmt::format("{}{}", kHead, annex)))[0],
            "1 To adopt laws against gangs of Annex A");
  EXPECT_EQ(said(parse_bytes(fmt::format("<html><body><p>{}</p><p>1. To use the</p><p>Budapest "
                                         "Convention.</p><p>2. To meet.</p></body></html>",
                                         kHead)),
                 "commitments.parse.may_be_cut"),
            1);
}

TEST(ParseShapes, WrappedNumbersAreText) {
  const auto parsed = parse_bytes(typed(
      "  1. Protect witnesses in all of the states of the Americas by the day\n     5. (Lima "
      "Commitment. Peru, 2018)\n\n  2. Publish all of the budgets of the towns, as agreed on in "
      "the\n     4. and later annexes of the treaty of the year, as has been done\n     before. "
      "(Lima Commitment. Peru, 2018)\n\n  3. Train judges of the highest courts, and the "
      "prosecutors of all\n     districts. (Lima Commitment. Peru, 2018)\n\n  4. Build networks "
      "of experts for the protection of witnesses in all\n     courts. (Lima Commitment. Peru, "
      "2018)\n\nArticle 9. A chapter of its own stands here and has no citation."));
  ASSERT_EQ(outline(parsed).size(), 4U) << outline(parsed).back();
  EXPECT_EQ(parsed->items[0].text,
            "Protect witnesses in all of the states of the Americas by the day 5.");
}

TEST(ParseShapes, WhatIsLeftOutIsSaid) {
  const auto five = [](std::string_view before, std::string_view after) {
    return parse_bytes(page(fmt::format(
        "{}<ol>\n<li>#1\n<li>#2\n<ol type=a>\n<li>#3\n<li>#4\n</ol>\n<li>#5\n</ol>{}", before,
        after)));
  };
  const auto menu = five("<ul><li><a href=a>Home</a><li><a href=b>Countries</a></ul>\n", "");
  EXPECT_EQ(outline(menu), the_five());
  ASSERT_EQ(said(menu, "commitments.parse.links_left_out"), 1);
  EXPECT_EQ(std::ranges::find(menu->warnings, "commitments.parse.links_left_out",
                              &Warning::reason)->detail, "2");
  const auto visitors =
      five("", "<ul><li>Read the commitment and its follow-up report. (Lima Commitment. Peru, 2018)"
               "<li>Vea el video de la Cumbre. (Lima Commitment. Peru, 2018)</ul>");
  EXPECT_EQ(outline(visitors), the_five());
  EXPECT_EQ(said(visitors, "commitments.parse.list_left_out"), 1);
  const auto hidden = five("", "<div style='display:none'><p>Open all of the archives of the courts "
                               "of the land.</p></div><p hidden>Menu</p>");
  EXPECT_EQ(outline(hidden), the_five());
  EXPECT_EQ(said(hidden, "files.hidden_text"), 1);
  EXPECT_EQ(said(five("", "<p hidden>Menu</p>"), "files.hidden_text"), 0);
}

// Numbers tell what the columns of a page do not: "8." counts on from "7." wherever it stands, what
// a list passes over is said, and what stands behind later numbers stops the import.
TEST(ParseShapes, NumbersTellLevelsAndOrder) {
  EXPECT_EQ(outline(parse_bytes(typed("  I. #1\n\n II. #2\n\n     i. #3\n\n    ii. #4\n\nIII. #5"))),
            the_five());
  EXPECT_EQ(outline(parse_bytes(typed("1. #1\n\n2. #2\n\n  a. #3\n\n    b. #4\n\n      3. #5"))),
            the_five());
  const auto list = [](std::initializer_list<int> numbers) {
    std::string body;
    for (const int number : numbers) {
      body += fmt::format("{}. Item of the text. {}\n\n", number, kLima);
    }
    return parse_bytes(typed(body));
  };
  const auto lost = list({1, 2, 3, 4, 6, 7, 8, 9});
  EXPECT_EQ(said(lost, "commitments.parse.number_missing"), 1);
  EXPECT_EQ(said(lost, "commitments.parse.numbers_out_of_order"), 0);
  EXPECT_EQ(said(list({1, 2, 4, 5, 6, 3, 7, 8}), "commitments.parse.numbers_out_of_order"), 1);
  for (const auto& parsed : {list({1, 2, 3, 1, 2, 3, 4}), list({3, 17, 25, 31}), list({1, 1, 1})}) {
    EXPECT_EQ(said(parsed, "commitments.parse.number_missing") +
                  said(parsed, "commitments.parse.numbers_out_of_order"),
              0);
  }
}

// --- Ministers ----------------------------------------------------------------------------------

constexpr std::array<std::string_view, 5> kTasks = {"Promote policies;", "Develop systems;",
                                                    "Train staff;", "Foster programs;",
                                                    "Exchange data."};

std::string ministers(std::string_view body) {
  return fmt::format(
      "MEETING OF MINISTERS RESPONSIBLE FOR PUBLIC SECURITY IN THE AMERICAS\nOctober 17, "
      "2031\n\nThe Ministers Responsible for Public Security, gathered in the "
      "village;\n\nCONSIDERING that peace is a duty of the State;\n\nExpress our will to:\n\n{}\n",
      body);
}

// "I. Access to information" above a list is no commitment, "I. Strengthen the institutions" is
// one, and so is an entry of a list in an item.
TEST(ParseShapes, LetteredHeadingsAreNoCommitments) {
  struct Case {
    std::string_view body;
    std::size_t items;
    std::ptrdiff_t headings;
  };

  constexpr Case kCases[] = {
      {"I. Access to information\n\n1. Promote policies;\n2. Train staff.\n\nII. Follow-up and "
       "reports\n\n3. Exchange data.\n",
       3, 2},
      {"A. Transparencia y acceso a la información\n\n1. Promover políticas.\n\nB. "
       "Seguimiento\n\n1. Publicar los datos:\n   a) de las ciudades, y\n   b) de los pueblos.\n",
       4, 2},
      {"I) Livros e escolas\n\nA) Leis\n\n1. Promover políticas;\n\nB) Bibliotecas\n\n1. Formar "
       "equipes;\n\nII) Seguimento\n\nA) Relatórios\n\n1. Trocar dados.\n",
       3, 5},
      {"<h1>SYNTHETIC</h1><h3>I. Support for books.</h3><ol><li>Promote policies;</li></ol><h3>II. "
       "Train the towns</h3><p>1. Exchange data.</p>",
       2, 2},
      {"I. Strengthen the institutions\n\na) Promote policies;\n\nII. Train the staff\n\na) "
       "Exchange data.\n",
       4, 0},
      {"I. The States shall keep books\n\n1. by 2031.\n\nII. Towns must count\n\n1. ships;\n2. "
       "boats.\n",
       5, 0},
      {"1. Adopt the following:\n\nA. Laws of towns\n\nB. Books of towns\n\n2. Exchange:\n\nC. "
       "Names of towns\n\nD. Lists of towns\n\n3. Train staff.\n",
       7, 0}};
  for (const Case& one : kCases) {
    const bool html = one.body.starts_with('<');
    const auto parsed = parse_bytes(
        html ? std::string(one.body)
             : fmt::format("SYNTHETIC SUMMIT\nSynthetic City, 4 March 2030\n\nWe, the Heads "
                           "of State, adopt:\n\n{}",
                           one.body));
    EXPECT_EQ(outline(parsed).size(), one.items) << one.body;
    EXPECT_EQ(said(parsed, "commitments.parse.heading_numbered"), one.headings) << one.body;
  }
  const auto mandates = parse_bytes(
      "Organization of American States Summits of the Americas\nMANDATES\n\nI. Access to "
      "justice\n\n  1. Promote policies (Plan of Action, Santiago, 1998).\n\nII. Follow-up\n\n  1. "
      "Train staff (Declaration of Mar del Plata, 2005).\n");
  EXPECT_EQ(outline(mandates), (Strings{"1 Promote policies", "1 Train staff"}));
}

struct Sections {
  std::string_view heading;  // {} is its number
  std::string_view item;     // {0} counts in the section, {1} in the text, {2} is the section's
  std::array<std::string_view, 2> titles;
};

TEST(ParseShapes, NumberedHeadingsAreNoCommitments) {
  constexpr std::array<std::string_view, 2> kCapitals = {"PUBLIC SECURITY MANAGEMENT",
                                                         "PREVENCIÓN DEL DELITO"};
  constexpr std::array<std::string_view, 2> kWords = {"Public security", "Gestão da prevenção"};
  const Sections cases[] = {
      {" {}. ", "{1}) ", kCapitals},  {"{}. ", "{0}) ", kCapitals}, {"{}. ", "{2}.{0} ", kCapitals},
      {"{}) ", "{0}. ", kCapitals},   {"{}. ", "{0}. ", kCapitals}, {"{}. ", "{1}. ", kCapitals},
      {"{}. ", "• ", kCapitals},      {"{}. ", "• ", kWords},       {"{}. ", "{1}) ", kWords},
      {"{}. ", "    ({0}) ", kWords}, {"{}.- ", "{0}. ", kWords},   {"{}. ", "{0}. ", kWords}};
  for (const Sections& one : cases) {
    std::string body;
    for (std::size_t i = 0; i < kTasks.size(); ++i) {
      const std::size_t section = i < 3 ? 0 : 1;
      if (i == 0 || i == 3) {
        body += fmt::format(fmt::runtime(one.heading), section + 1);
        body += fmt::format("{}\n\n", one.titles[section]);
      }
      body += fmt::format(fmt::runtime(one.item), i - 3 * section + 1, i + 1, section + 1);
      body += fmt::format("{}\n\n", kTasks[i]);
    }
    const auto parsed = parse_bytes(ministers(body));
    ASSERT_EQ(outline(parsed).size(), kTasks.size()) << body;
    for (std::size_t i = 0; i < kTasks.size(); ++i) {
      EXPECT_EQ(parsed->items[i].level, 1) << body;
      EXPECT_EQ(parsed->items[i].text, kTasks[i]);
      EXPECT_EQ(parsed->items[i].block, i < 3 ? "1" : "2") << body;
      EXPECT_EQ(parsed->items[i].block_title, one.titles[i < 3 ? 0 : 1]) << body;
    }
    EXPECT_EQ(parsed->recitals.size(), 1U);
    EXPECT_EQ(said(parsed, "commitments.parse.heading_numbered"), one.titles == kWords ? 2 : 0);
  }
}

// Items that are short, in capitals, or lead lists, are items still.
TEST(ParseShapes, ShortCommitmentsAreNoHeadings) {
  for (const std::string_view body :
       {"1. PROMOTE POLICIES;\n\n2. DEVELOP SYSTEMS TO:\n\na) TRAIN STAFF;\n\nb) FOSTER "
        "PROGRAMS;\n\n3. EXCHANGE DATA.",
        "1. Promote policies\n\n2. Develop systems\n\na) of training;\n\nb) of care;\n\n3. "
        "Exchange data.",
        "1. Promover políticas\n\n2. Desarrollar sistemas\n\na) de datos;\n\nb) de redes;\n\n3. "
        "Intercambiar datos."}) {
    EXPECT_EQ(outline(parse_bytes(ministers(body))).size(), 5U) << body;
  }
}

// Notes at the foot of each page, whose numbers go on or begin again, are notes of the items above.
TEST(ParseShapes, NotesAmidTheItems) {
  for (const bool again : {false, true}) {
    for (const std::string_view item : {"{}) ", "{}. "}) {
      const auto number = [&](int n) { return fmt::format(fmt::runtime(item), n); };
      const auto parsed = parse_bytes(ministers(fmt::format(
          "{}Promote policies;¹\n\n{}Develop systems;²\n\n1. The Government of Ecuador reserves "
          "its position.\n\n2. See the report.\n\n{}Train staff;{}\n\n{}Foster programs;\n\n{}. "
          "The Delegation of Nicaragua does not support this.\n\n{}Exchange data.",
          number(1), number(2), number(3), again ? "¹" : "³", number(4), again ? 1 : 3,
          number(5))));
      ASSERT_EQ(outline(parsed).size(), kTasks.size());
      EXPECT_EQ(parsed->items[2].text, kTasks[2]);
      ASSERT_EQ(parsed->statements.size(), 2U);
      EXPECT_EQ(parsed->statements[0].ordinal, 1);
      EXPECT_EQ(parsed->statements[1].actor, "NIC");
      EXPECT_EQ(parsed->statements[1].ordinal, 3);
    }
  }
  // A list below a colon is none.
  EXPECT_EQ(outline(parse_bytes(ministers("1) Promote policies;¹\n\n2) Develop:²\n\n1. maps;\n\n2. "
                                          "lists;\n\n3) Train staff.")))
                .size(),
            5U);
}

TEST(ParseShapes, EdgesOfPagesAndCellsOfTables) {
  const auto edges = parse_bytes(ministers(
      "1) Promote policies;\n\nOEA/Ser.K - page 2\n\n2) Develop systems;\n\n7\n\nOEA/Ser.K - page "
      "3\n\n3) Train\n\nOEA/Ser.K - page 4\n\nstaff;\n\n4) Foster programs;\n\n5) Exchange data."));
  ASSERT_EQ(outline(edges).size(), kTasks.size());
  EXPECT_EQ(edges->items[2].text, kTasks[2]);
  EXPECT_EQ(said(edges, "commitments.parse.running_lines"), 1);
  std::string rows;
  for (std::size_t i = 0; i < kTasks.size(); ++i) {
    rows += fmt::format("<tr><td>{}</td><td>{}</td></tr>\n", i + 1, kTasks[i]);
  }
  const auto table = parse_bytes(
      "<html><body><p>Meeting of Ministers of Public Security</p><table>" + rows +
      "</table></body></html>");
  ASSERT_EQ(outline(table).size(), kTasks.size());
  EXPECT_EQ(table->items[4].label, "5");
}

// On a page of mandates too: typed with its mark, as a list, and without any mark.
TEST(ParseShapes, AReservationIsNoMandate) {
  const std::string mandate = fmt::format("Conclude the talks on fees.¹ {}", kQuebec);
  for (const std::string_view note :
       {"¹ Canada reserves its position on this paragraph.",
        "1. Venezuela reserves its position with respect to this paragraph.",
        "1. The Government of Ecuador reserves its position."}) {
    const auto parsed = parse_bytes(typed(fmt::format("1. #1\n\n2. {}\n\n{}", mandate, note)));
    EXPECT_EQ(outline(parsed),
              (Strings{"1 Protect witnesses in all states.", "1 Conclude the talks on fees."}))
        << note;
    ASSERT_EQ(parsed->statements.size(), 1U) << note;
    EXPECT_EQ(parsed->statements[0].ordinal, 2);
    EXPECT_FALSE(parsed->statements[0].actor.empty());
  }
  const auto uncalled = parse_bytes(
      typed("1. #1\n\n• The Delegation of Nicaragua reserves its position on mandate 1."));
  EXPECT_EQ(outline(uncalled), (Strings{"1 Protect witnesses in all states."}));
  EXPECT_EQ(uncalled->statements.size(), 1U);
}

TEST(ParseShapes, ASentenceGoesOnBehindTheListInIt) {
  const std::string end = fmt::format("and report by 2012. {}", kQuebec);
  const Strings expected = {the_five()[0], "1 Take steps to: and report by 2012.",
                            "2 Publish budgets;", "2 Publish contracts", the_five()[4]};
  const std::string inner =
      "Take steps to:<ul><li>Publish budgets;</li><li>Publish contracts</li></ul>" + end;
  for (const std::string_view list : {"ol", "ul"}) {
    const auto parsed = parse_bytes(
        page(fmt::format("<{0}><li>#1</li><li>{1}</li><li>#5</li></{0}>", list, inner)));
    ASSERT_EQ(outline(parsed), expected) << list;
    EXPECT_EQ(parsed->items[1].citation.status, CitationStatus::own);
  }
  EXPECT_EQ(outline(parse_bytes(typed("1. #1\n\n2. Take steps to:\n\n    a. Publish budgets;\n\n"
                                      "    b. Publish contracts\n\n   " +
                                      end + "\n\n3. #5"))),
            expected);
}

// Titles that lead to what stands elsewhere are nobody's commitments; short ones that ask are.
TEST(ParseShapes, AListOfShortTitlesIsNoCommitment) {
  const auto items = [](std::string_view list) -> std::string {
    const auto parsed = parse_bytes(
        fmt::format("SYNTHETIC COMMITMENT ON PUBLIC SECURITY\nMeeting of Ministers Responsible for "
                    "Public Security\nSynthetic City, 4 March 2030\n\n{}\n\nWe, the Ministers, "
                    "gathered in Synthetic City, hereby agree to:\n\n1. Strengthen synthetic "
                    "policies of prevention;\n2. Review the synthetic laws on firearms.\n",
                    list));
    return parsed
               ? fmt::format("{} {}", parsed->items.size(),
                             std::ranges::count(parsed->warnings, "commitments.parse.list_left_out",
                                                &Warning::reason))
               : parsed.error().reason;
  };
  EXPECT_EQ(items("1. Public security management\n2. Prevention of crime\n3. Support for victims"),
            "2 1");
  EXPECT_EQ(items("- Registers\n- Border towns\n- Youth"), "2 1");
  EXPECT_EQ(items("- Support victims\n- Border towns\n- Youth"), "5 0");
  EXPECT_EQ(items("We agree on:\n- Registers\n- Border towns\n- Youth"), "5 0");
}

// A number amid the words of the item before, and no item of that number: two columns read as one.
TEST(ParseShapes, AnItemInsideAnotherIsSaid) {
  const auto text = [](std::string_view second) {
    return fmt::format(
        "Agreement of synthetic towns\n\n1. Reduce the synthetic homicides of the "
        "towns.\n2. {}\n",
        second);
  };
  EXPECT_EQ(said(parse_bytes(text("Promote the synthetic 3. Establish the works of towns.")),
                 "commitments.parse.number_inside"),
            1);
  EXPECT_EQ(said(parse_bytes(text("Promote what article 3. Says of towns.\n3. Establish works.")),
                 "commitments.parse.number_inside"),
            0);
}

// Cities and years are many meetings'; "Climate" is not even Lima. A "?" marks a guess, which names
// no text either.
TEST(ParseShapes, AMinistersTextIsOfTheMeetingThatItsOwnWordsName) {
  const auto meeting = [](std::string_view head) {
    const auto parsed = parse_bytes(
        fmt::format("{}\n\n1. Review the synthetic laws of the MISPA;\n2. Publish what the towns "
                    "decide.\n",
                    head));
    if (!parsed) {
      return parsed.error().reason;
    }
    const bool guessed = said(parsed, "commitments.parse.meeting_guessed") == 1;
    EXPECT_EQ(parsed->meeting.empty(), said(parsed, "commitments.parse.meeting_unknown") == 1);
    EXPECT_TRUE(!guessed || parsed->document.empty()) << head;
    return fmt::format("{}{}", parsed->meeting, guessed ? "?" : "");
  };
  const std::string series =
      "Meeting of Ministers Responsible for Public Security in the Americas\n";
  const std::vector<std::pair<std::string, std::string_view>> kHeads = {
      {series + "On crime and climate change", ""},
      {series + "Lima, Peru, in November", ""},
      {series + "Port of Spain, November 2011", "mispa-2011?"},
      {series + "Port of Spain, 17 November 2011", "mispa-2011"},
      {series + "Synthetic City, 12 October 2008", ""},
      {"Special " + series + "Mexico City, 8 October 2008", ""},
      {"Third " + series, "mispa-2011"},
      {"Third " + series + "Quito, 30 October 2019", ""},
      {"Tenth " + series + "We, the Ministers, meeting in Mexico City, agree:", ""},
      {"3.ª Reunión de Ministros en Materia de Seguridad Pública de las Américas", "mispa-2011"},
      {"COMPROMISSO SINTÉTICO\nOs Ministros, reunidos na VI MISPA, acordam:", "mispa-2017"},
      {"Les ministres de la sécurité publique des Amériques (MISPA-II), décident :", "mispa-2009"},
      {"Ministers of Security of CARICOM\nPort of Spain, 17 November 2011", ""},
      {"Os Ministros de Segurança Pública do MERCOSUL e convidados da Organização dos Estados "
       "Americanos, reunidos em Lima em 19 de novembro de 2015, acordam:",
       ""},
      {"Ministros de Seguridad de la Comunidad Andina\nQuito, 31 de octubre de 2019", ""},
      {"Ministers of Security\nPort of Spain, 17 November 2011", "mispa-2011?"},
      {"Ministers of Ports\nPort of Spain, 17 November 2011", ""},
      {"Les ministres de la Sécurité de la CARICOM, réunis à Port of Spain, décident :", ""}};
  for (const auto& [head, expected] : kHeads) {
    EXPECT_EQ(meeting(head), expected) << head;
  }
}

// Who speaks is said above the items; what those name is another matter.
TEST(ParseShapes, AMinistersTextThatNamesParliamentsIsOfMinisters) {
  const auto parsed = parse_bytes(
      "SYNTHETIC COMMITMENT\nMeeting of Ministers Responsible for Public Security\nSynthetic City, "
      "4 March 2030\n\n1. Review the synthetic laws with parliaments and each parliament;\n2. "
      "Publish what the parliaments of the region decide.\n");
  ASSERT_TRUE(parsed.has_value());
  EXPECT_EQ(parsed->kind, DocumentKind::ministers_commitment);
}

TEST(ParseShapes, ADayThatNoMonthHasIsSaid) {
  const auto parsed = parse_bytes(
      "SYNTHETIC COMMITMENT\nMeeting of Ministers Responsible for Public Security\nSynthetic City, "
      "4 March 2030\n\n1. Review the synthetic laws by 31 November 2031;\n2. Publish what the "
      "towns "
      "decide by 29 February 2032.\n");
  EXPECT_EQ(said(parsed, "commitments.parse.date_impossible"), 1);
}

// Six of each, invented; what guides its readers promises nothing, however it is listed.
TEST(ParseShapes, GuidesAreToldFromPriorities) {
  const auto read = [](std::string_view text) {
    const auto parsed = parse_bytes(text);
    return parsed ? fmt::format("{} {}+{}", to_string(parsed->kind), parsed->items.size(),
                                parsed->guidance.size())
                  : parsed.error().reason;
  };
  const std::vector<std::pair<std::string_view, std::string_view>> kTexts = {
      {"Synthetic Firearms: A Primer for Parliamentarians\n\nMarch 2030\n\nIt supports members of "
       "parliament.\n\nKey questions\n\n- Does your country keep a register?\n- What is spent on "
       "it?\n\nNext steps\n\n✓ Review the law before 2031.\n✓ Hold hearings.\n\nGood "
       "practices\n\nIn Synthetic Land a law asks for tests.\n",
       "primer 0+5"},
      {"A Handbook for Mayors on Synthetic Ports\n\n2030\n\nNext steps\n\n- Count the "
       "ships.\n- Publish the numbers by 2031.\n",
       "primer 0+2"},
      {"Las armas sintéticas: una guía para parlamentarias y parlamentarios\n\nMarzo de "
       "2030\n\nPreguntas clave\n\n- ¿Cuenta su país con un registro?\n- ¿Qué se destina a "
       "él?\n\nPróximos pasos\n\n1. Revisar la ley antes de 2031.\n2. Convocar audiencias.\n",
       "primer 0+4"},
      {"Cartilha para parlamentares sobre fronteiras sintéticas\n\nO que perguntar ao seu "
       "governo:\n\n1. Quem controla os portos do país?\n2. Quanto custa o controle?\n3. "
       "Promover audiências no parlamento.\n",
       "primer 0+2"},
      {"Le trafic synthétique\nManuel à l’usage des parlementaires\n\nQuestions clés\n\n• "
       "Votre pays tient-il un registre ?\n• Qui le contrôle ?\n\nBonnes pratiques\n\nEn "
       "Synthétie, une loi exige des examens.\n",
       "primer 0+3"},
      {"Synthetic laws and parliaments\n\nKey questions:\n\n- Who reviews the law?\n- Who "
       "reports on it?\n\nNext steps:\n\n- Ask the parliament to review it.\n- Report.\n",
       "primer 0+4"},
      {"Synthetic Gathering of Parliaments\nLima, 4 March 2030\n\nWe, parliamentarians of the "
       "region,\n\n✓ Review the synthetic laws;\n✓ Publish good practices;\n✓ Report on the next "
       "steps by 2031.\n",
       "parliamentary_priorities 3+0"},
      {"Primer Encuentro de la Red Parlamentaria Sintética\nLima, 4 de marzo de "
       "2030\n\nPrioridades\n\n1. Revisar las leyes sintéticas;\n2. Difundir buenas prácticas;\n3. "
       "Elaborar una guía para los parlamentos.\n",
       "parliamentary_priorities 3+0"},
      {"Guia de ação dos parlamentos\n\nNós, parlamentares reunidos em Lima em 4 de março de "
       "2030, acordamos:\n\n1. Rever as leis sintéticas;\n2. Publicar os próximos passos.\n",
       "parliamentary_priorities 2+0"},
      {"Réunion des parlementaires\nLima, 4 mars 2030\n\nLes parlementaires, réunis à Lima, "
       "conviennent de ce qui suit :\n\n1. Réviser les lois synthétiques;\n2. Publier un guide "
       "pour les parlements.\n",
       "parliamentary_priorities 2+0"},
      {"Synthetic Network of Parliaments\nLima, 4 March 2030\n\nPriorities of parliaments\n\n1. "
       "Review the manual of the region;\n2. Are the laws enough?\n3. Publish what is spent.\n",
       "parliamentary_priorities 2+1"},
      {"Primer Compromiso Sintético\nReunión de Ministros de Justicia\nLima, 4 de marzo de "
       "2030\n\nLos Ministros, reunidos en Lima, deciden:\n\n1. Aprobar un manual;\n2. Publicar "
       "sus buenas prácticas.\n",
       "ministers_commitment 2+0"}};
  for (const auto& [text, expected] : kTexts) {
    EXPECT_EQ(read(text), expected) << text.substr(0, 60);
  }
}

// Ministers of a region are of no series; what their text prints says where they met.
TEST(ParseShapes, OnlyMinistersOfTheAmericasAreTheSeries) {
  const auto meeting = [](std::string_view head) {
    const auto parsed =
        parse_bytes(fmt::format("{}\n\nThe Ministers agree:\n\n1. Review the synthetic laws of the "
                                "towns;\n2. Publish what the towns decide.\n",
                                head));
    return parsed ? fmt::format("{}|{}", parsed->meeting, parsed->items.at(0).effective.place)
                  : parsed.error().reason;
  };
  EXPECT_EQ(meeting("Meeting of Ministers of Justice of the Isthmus\nSan José, 12 June 2030"),
            "|San José");
  EXPECT_EQ(meeting("DECLARAÇÃO SINTÉTICA\n\nBrasília, 12 de março de 2024\n\nOs Ministros da "
                    "Justiça e Segurança Pública do MERCOSUL, reunidos em Brasília,"),
            "|Brasília");
  EXPECT_EQ(meeting("Reunión de Ministros en Materia de Seguridad Pública de las Américas\nLima, "
                    "Perú | 12 de junio de 2030"),
            "mispa-2030|Lima, Perú");
  EXPECT_EQ(meeting("Réunion des ministres responsables de la sécurité publique de "
                    "l’Organisation des États américains\n12 juin 2030"),
            "mispa-2030|");
}

// Duties that the file does not number are told, wherever they stand, and furniture is not.
TEST(ParseShapes, DutiesWithoutANumberAreTold) {
  const auto read = [](std::string_view text) {
    const auto parsed = parse_bytes(text);
    std::string out;
    for (const LeftOut& left : parsed ? parsed->left : std::vector<LeftOut>{}) {
      out += fmt::format("{}{} ", left.line, left.asks ? "!" : "");
    }
    for (const Warning& warning : parsed ? parsed->warnings : std::vector<Warning>{}) {
      if (warning.reason.ends_with("s_left")) {
        out += fmt::format("{}:{} {}/{}", warning.reason.substr(18), warning.line,
                           warning.params.at(1).second, warning.params.at(0).second);
      }
    }
    return out;
  };
  EXPECT_EQ(
      read("Synthetic Declaration of the Ministers of Justice\nSynthetic City, 3 March "
           "2026\n\nWe, the Ministers, agree:\n\nPrevention: Adopt laws against gangs by "
           "2028.\n\nThe towns are many and their walls are old.\n\n1. Build schools.\n\n2. "
           "Open centres.\n\nPublish the figures by 2027\n\n3. Meet again.\n\nThe States shall "
           "report in 2029.\n\nSynthetic City\n"),
      "6! 14! 18! duties_left:6 3/3");
  // A rule parts a plan from the declaration as well as notes from a text.
  const auto plan = parse_bytes(
      "Synthetic Declaration of the Ministers of Justice\nSynthetic City, 3 March 2026\n\nWe, the "
      "Ministers, declare:\n\n1. Our commitment to build schools.\n\n2. That States shall open "
      "centres.\n\n____________________\n\n1. To hold an annual meeting of teachers.\n\n2. To "
      "establish a group on lamps.\n\n3. To report on the results.\n");
  ASSERT_TRUE(plan.has_value());
  EXPECT_EQ(plan->items.size(), 5U);
  EXPECT_EQ(read("Declaración sintética de los Ministros de Justicia\n\nLos Ministros "
                 "acuerdan:\n\nPrevención: Adoptar leyes.\n\n1. Construir escuelas.\n\n2. Abrir "
                 "centros.\n\nLos Estados deberán informar.\n"),
            "5! 11! duties_left:5 2/2");
  EXPECT_EQ(read("Synthetic Declaration of the Ministers of Justice\n\nThe Ministers, gathered in "
                 "Synthetic City on 3 March 2026, agree to end violence by 2030.\n\n1. Build "
                 "schools.\n\n2. Open centres.\n\nSynthetic City, 3 March 2026.\n"),
            "3 lines_left:3 0/1");
  // The rest of a broken line, as a heading between items and below the last one.
  EXPECT_EQ(
      read("Synthetic Declaration of the Ministers of Justice\n\nThe Ministers agree:\n\n1. Build "
           "schools;\n2. Ask the Synthetic Health\nOrganization to open centres; and\n3. Train "
           "judges with the Synthetic\nBank of the towns\n"),
      "7 9 lines_left:7 0/2");
}

// Each part of a guide is kept by what the heading above it says, or named.
TEST(ParseShapes, NoPartOfAGuideIsLeftOutUnsaid) {
  const auto read = [](std::string_view text) {
    const auto parsed = parse_bytes(text);
    std::string out;
    for (const ParsedItem& item : parsed ? parsed->guidance : std::vector<ParsedItem>{}) {
      out += fmt::format("{} ", to_string(item.role));
    }
    for (const LeftOut& left : parsed ? parsed->left : std::vector<LeftOut>{}) {
      out += left.text + "|";
    }
    return out;
  };
  EXPECT_EQ(read("<html lang=\"en\"><body><h1>Synthetic Ports: A Primer for "
                 "Parliamentarians</h1><h2>Key questions</h2><ul><li>Who controls the "
                 "ports?</li></ul><h2>Response dimensions</h2><ol><li>Prevention</li>"
                 "<li>Protection</li></ol><h2>Next steps</h2><ul><li>Review the laws.</li></ul>"
                 "</body></html>"),
            "key_question response_dimension response_dimension next_step ");
  const std::vector<std::array<std::string_view, 3>> titles = {
      {"Synthetic ports: a toolkit for mayors", "What to do", "Glossary"},
      {"Puertos sintéticos: guía para alcaldes", "Qué hacer", "Glosario"},
      {"Portos sintéticos: guia para prefeitos", "O que fazer", "Glossário"},
      {"Ports synthétiques : guide des maires", "Que faire", "Glossaire"}};
  for (const auto& [title, actions, unknown] : titles) {
    EXPECT_EQ(read(fmt::format("{}\n\n{}\n\n1. A1 b.\n2. A2 b.\n\n{}\n\n- C d.\n- E f.\n\n{}\n\n1. "
                               "A3 b.\n\n- G h.\n\nLast line.\n",
                               title, actions, unknown, actions)),
              fmt::format("next_step next_step next_step next_step {}|- C d.|- E f.|Last line.|",
                          unknown));
    EXPECT_EQ(read(fmt::format("{}\n\n{}\n\n1. A1 b.\n\n{}\n\n- C d.\n", title, actions, unknown)),
              fmt::format("next_step - C d.|"));
  }
  // What the reader does not know ends the good practices, which links name, too.
  EXPECT_EQ(
      read("Synthetic ports: a toolkit for mayors\n\nGood practices\n\n[Quay](#)\n\nIn Town "
           "it is open.\n\n[Empty](#)\n\n[Mole](#)\n\nIn City it is closed.\n\nTreaties\n\n1. "
           "Treaty of Town.\n\nNext steps\n\n- Count ships.\n\nGood practices\n\nIn Town a "
           "lamp is lit.\n\nContacts\n\nWrite to the town.\n"),
      "good_practice good_practice next_step good_practice [Empty](#)|Treaties|1. Treaty of "
      "Town.|Write to the town.|");
}

}  // namespace
}  // namespace atalaya::commitments
