// Goal: documents of the same families that nobody here has seen come apart by their structure.
// The texts are invented; their shapes are those of the sister pages: other themes, nested numbers,
// restarts, four languages, other meetings of ministers, plain lists.
#include <atalaya/commitments/parse.hpp>

#include <algorithm>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include <rapidcheck/gtest.h>

#include <fmt/core.h>

#include <atalaya/base/text.hpp>
#include <atalaya/files/read.hpp>

#include "parse_account_check.hpp"
#include "parse_notes.hpp"

namespace atalaya::commitments {
namespace {

using Strings = std::vector<std::string>;

const Catalogue& catalogue() {
  static const std::shared_ptr<const Catalogue> kCatalogue = Catalogue::embedded();
  return *kCatalogue;
}

Result<ParsedDocument> parse_text(std::string_view text) {
  const auto read = files::read_document(text, "test.txt");
  EXPECT_TRUE(read.has_value());
  return parse_and_account(*read, catalogue());
}

// "ordinal level/parent role label|text|status document" of each item.
Strings outline(const Result<ParsedDocument>& parsed) {
  Strings out;
  if (!parsed) {
    return {parsed.error().reason};
  }
  for (const ParsedItem& item : parsed->items) {
    out.push_back(fmt::format("{} {}/{} {} {}|{}|{} {}", item.ordinal, item.level,
                              item.parent_ordinal, to_string(item.role), item.label, item.text,
                              to_string(item.citation.status), item.effective.document));
  }
  return out;
}

Strings reasons(const ParsedDocument& parsed) {
  Strings out;
  for (const Warning& warning : parsed.warnings) {
    out.push_back(fmt::format("{}:{}", warning.reason.substr(18), warning.line));
  }
  return out;
}

constexpr std::string_view kSpanishPage =
    R"(Organización de los Estados Americanos Cumbres de las Américas
Seguimiento e Implementación: Mandatos
2
EDUCACIÓN: Docentes
MANDATOS

  1. Fortalecer las bibliotecas de la región, en particular:

    1. Las rurales;
    2. Las escolares, y
    3. Los archivos. (Plan de Acción de Santiago, 1998).

  2. Preparar un informe para los ministros. (Compromiso de Lima. Perú, 2018).

_______________________________________________

  1. Promover el intercambio. (Educación, Iniciativas VII Cumbre de las Américas, Ciudad de Panamá, 2015).

  1. Apoyar la lectura. (Declaración de Mar del Plata, 2005)

  1. Ampliar el acceso en las escuelas.

  1. Crear un fondo de becas.(Plan de Acción Québec, 2001).

  1. Reunir a los ministros (Declaración de Atlántida, XI Cumbre de las Américas, Ciudad Perdida, 2029).

© Cumbres de las Américas
)";

TEST(ParseSummit, SpanishSisterPage) {
  const auto parsed = parse_text(kSpanishPage);
  ASSERT_TRUE(parsed.has_value());
  EXPECT_EQ(parsed->kind, DocumentKind::summit_mandates);
  EXPECT_EQ(parsed->language, Language::es);
  EXPECT_EQ(parsed->theme, "EDUCACIÓN: Docentes");
  EXPECT_EQ(outline(parsed),
            (Strings{"1 1/0 chapeau 1.|Fortalecer las bibliotecas de la región, en particular:|"
                     "from_child summit-1998-plan",
                     "2 2/1 operative 1.|Las rurales;|from_sibling summit-1998-plan",
                     "3 2/1 operative 2.|Las escolares, y|from_sibling summit-1998-plan",
                     "4 2/1 operative 3.|Los archivos.|own summit-1998-plan",
                     "5 1/0 operative 2.|Preparar un informe para los ministros.|"
                     "own summit-2018-lima-commitment",
                     "6 1/0 operative 1.|Promover el intercambio.|own summit-2015-mandates",
                     "7 1/0 operative 1.|Apoyar la lectura.|own summit-2005-declaration",
                     "8 1/0 operative 1.|Ampliar el acceso en las escuelas.|"
                     "inferred summit-2005-declaration",
                     "9 1/0 operative 1.|Crear un fondo de becas.|own summit-2001-plan",
                     "10 1/0 operative 1.|Reunir a los ministros|own "}));
  EXPECT_EQ(parsed->items[5].citation.document, "Educación, Iniciativas");
  EXPECT_EQ(parsed->items[5].effective.meeting, "summit-2015");
  EXPECT_EQ(parsed->items[9].effective.meeting, "summit-2029");
  EXPECT_EQ(parsed->items[9].citation.place, "Ciudad Perdida");
  EXPECT_EQ(reasons(*parsed), (Strings{"citation_inferred:21", "meeting_unknown:25"}));
}

// A citation counts where a list is led in behind it too; what is not understood keeps the
// neighbours' away.
TEST(ParseSummit, ACitationIsReadWhateverStandsAroundIt) {
  const auto second = [](std::string_view end) {
    const auto parsed = parse_text(fmt::format(
        "Organization of American States Summits of the Americas\nJUSTICE\nMANDATES\n\n  1. "
        "Promote "
        "books (Plan of Action, Santiago, 1998).\n\n  1. Publish the lists of the towns{}\n    • "
        "a. the "
        "large ones;\n    • b. the small ones.\n\n  1. Train staff (Declaration of Mar del Plata, "
        "2005).\n\n© Summits\n",
        end));
    if (!parsed || parsed->items.size() != 5) {
      return std::string("other items");
    }
    EXPECT_EQ(parsed->items[1].effective.document, parsed->items[3].effective.document) << end;
    const bool unread = std::ranges::count(parsed->warnings, "commitments.parse.citation_unread",
                                           &Warning::reason) == 1;
    return fmt::format("{}|{}{}", parsed->items[1].text.substr(30),
                       to_string(parsed->items[1].citation.status), unread ? " unread" : "");
  };
  const std::string text = "Publish the lists of the towns";
  ASSERT_EQ(text.size(), 30U);
  EXPECT_EQ(second(" (Plan of Action Québec, 2001):"), ":|own");
  EXPECT_EQ(second(" (Plan of Action Québec, 2001), including:"), ", including:|own");
  EXPECT_EQ(second(": [Plan of Action, Québec, 2001, paras. 7 and 8]"), ":|own");
  EXPECT_EQ(second(" (Plan of Action Québec, 2001; § 7)."), "|own");
  EXPECT_EQ(second(". – Plan of Action Québec, 2001"), ".|own");
  EXPECT_EQ(second(", that is — Plan of Action Québec, 2001:"), ", that is:|own");
  EXPECT_EQ(second(" (2001, Plan of Action of Québec) and:"),
            " (2001, Plan of Action of Québec) and:|none unread");
  EXPECT_EQ(second(" – see the Plan of Action, 2001:"),
            " – see the Plan of Action, 2001:|none unread");
  EXPECT_EQ(second(" (2030 Agenda of the towns):"), " (2030 Agenda of the towns):|inferred");
}

TEST(ParseSummit, PortugueseAndFrench) {
  const auto portuguese = parse_text(
      "Organização dos Estados Americanos Cúpulas das Américas\nMANDATOS\n\n"
      "  • 6.1 Reforçar a cooperação com respeito aos direitos. (Plano de Ação Miami, 1994).\n\n"
      "  1. Apoiar as vítimas e as suas famílias. (Declaração de Nuevo León, 2004).\n\n"
      "  1. Promover os dados. (Segurança, Iniciativas VII Cúpula das Américas, Cidade do Panamá, "
      "2015).\n");
  EXPECT_EQ(outline(portuguese),
            (Strings{"1 1/0 operative 6.1|Reforçar a cooperação com respeito aos direitos.|"
                     "own summit-1994-plan",
                     "2 1/0 operative 1.|Apoiar as vítimas e as suas famílias.|"
                     "own summit-2004-declaration",
                     "3 1/0 operative 1.|Promover os dados.|own summit-2015-security"}));
  EXPECT_EQ(portuguese->language, Language::pt);
  const auto french = parse_text(
      "Organisation des États Américains Sommets des Amériques\nMANDATS\n\n"
      "  1. Renforcer la coopération entre les services. (Plan d’action Québec, 2001).\n\n"
      "  1. Créer un réseau pour la formation, notamment :\n\n"
      "    • a. les cadres;\n\n    • b. les langues. (Déclaration de Port of Spain, 2009).\n");
  EXPECT_EQ(outline(french),
            (Strings{"1 1/0 operative 1.|Renforcer la coopération entre les services.|"
                     "own summit-2001-plan",
                     "2 1/0 chapeau 1.|Créer un réseau pour la formation, notamment :|"
                     "from_child summit-2009-declaration",
                     "3 2/2 operative a.|les cadres;|from_sibling summit-2009-declaration",
                     "4 2/2 operative b.|les langues.|own summit-2009-declaration"}));
  EXPECT_EQ(french->language, Language::fr);
}

TEST(ParseSummit, AnItemWithoutItsBulletStandsBesideItsSiblings) {
  const auto parsed = parse_text(
      "Summits of the Americas\nMANDATES\n\n  1. Recommend:\n\n    • first;\n\n    second; (Plan "
      "of "
      "Action Québec, 2001).\n\n  1. Third (Plan of Action Québec, 2001).\n");
  EXPECT_EQ(outline(parsed), (Strings{"1 1/0 chapeau 1.|Recommend:|from_child summit-2001-plan",
                                      "2 2/1 operative |first;|from_sibling summit-2001-plan",
                                      "3 2/1 operative |second;|own summit-2001-plan",
                                      "4 1/0 operative 1.|Third|own summit-2001-plan"}));
  EXPECT_EQ(reasons(*parsed), (Strings{"marker_lost:8"}));
}

TEST(ParseSummit, WrappedLinesAreJoined) {
  const std::string text =
      "Organization of American States - Summits of the Americas\n"
      "Follow-up and Implementation: Mandates\n\n"
      "   9. We will strengthen the cooperation of our police forces in the\n"
      "      whole region, and we will exchange the experiences of the towns\n"
      "      and of the villages (Declaration of Santiago, 1998).\n\n"
      "  10. We will train officers of all ranks in the schools of the states\n"
      "      – and of their partners – every year, with the help of the\n"
      "      universities that wish to take part in it (Plan of Action\n"
      "      Santiago, 1998).\n";
  EXPECT_EQ(outline(parse_text(text)),
            (Strings{"1 1/0 operative 9.|We will strengthen the cooperation of our police forces "
                     "in the whole region, and we will exchange the experiences of the towns and "
                     "of the villages|own summit-1998-declaration",
                     "2 1/0 operative 10.|We will train officers of all ranks in the schools of "
                     "the states – and of their partners – every year, with the help of the "
                     "universities that wish to take part in it|own summit-1998-plan"}));
}

TEST(ParseSummit, ACutPageSaysSo) {
  const std::string_view whole = kSpanishPage;
  const auto parsed = parse_text(whole.substr(0, whole.find("escuelas")));
  ASSERT_TRUE(parsed.has_value());
  EXPECT_EQ(reasons(*parsed).back(), "may_be_cut:21");
}

constexpr std::string_view kHead =
    "Organization of American States Summits of the Americas\n\nFollow-up and Implementation: "
    "Mandates\n\nClick here for Related Ministerials\n\nGender Equality\n\nMANDATES\n\n";

// Nothing between two items goes unsaid, and an item without its marker stands beside its like.
TEST(ParseSummit, ParagraphsBetweenItems) {
  const auto parsed = parse_text(
      std::string(kHead) +
      "  1. First item. (Lima Commitment. Peru, 2018).\n\nStates shall build ten shelters.\n\n"
      "    They shall report on this duty.\n\n(Lima Commitment. Peru, 2018)\n\n"
      "  1. Third item on something else;\n\n"
      "States shall build ten prisons. (Lima Commitment. Peru, 2018).\n\n"
      "  1. Fourth [Plan of Action, II Summit of the Americas, Santiago, 1998].\n\n"
      "\t1.\tFifth. (Lima Commitment. Peru, 2018)\n\n© Summits of the Americas\n");
  EXPECT_EQ(outline(parsed),
            (Strings{"1 1/0 chapeau 1.|First item.|own summit-2018-lima-commitment",
                     "2 2/1 operative |They shall report on this duty.|own "
                     "summit-2018-lima-commitment",
                     "3 1/0 operative 1.|Third item on something else;|inferred "
                     "summit-2018-lima-commitment",
                     "4 1/0 operative |States shall build ten prisons.|own "
                     "summit-2018-lima-commitment",
                     "5 1/0 chapeau 1.|Fourth|own summit-1998-plan",
                     "6 2/5 operative 1.|Fifth.|own summit-2018-lima-commitment"}));
  ASSERT_TRUE(parsed.has_value());
  EXPECT_EQ(reasons(*parsed), (Strings{"marker_lost:15", "marker_lost:21", "citation_inferred:19",
                                       "duties_left:13"}));
  EXPECT_EQ(parsed->warnings[1].params.front().second, "1");
  EXPECT_EQ(parsed->theme, "Gender Equality");
}

TEST(ParseSummit, AMissingClosingLineIsSaid) {
  const std::string page = std::string(kHead) + "  1. First. (Lima Commitment. Peru, 2018).\n\n";
  EXPECT_EQ(reasons(*parse_text(page)), (Strings{"closing_lost:11"}));
  EXPECT_TRUE(parse_text(page + "© Summits of the Americas")->warnings.empty());
}

// Menus, news and links around the text of a page are no commitments of anybody.
TEST(ParseSummit, ListsApartFromTheTextAreLeftOut) {
  const std::string items =
      "<h1>Follow-up and Implementation: Mandates</h1><h2>CORRUPTION</h2><h3>MANDATES</h3>"
      "<ol><li>Protect witnesses. (Lima Commitment. Peru, 2018)<li>Adopt laws to:<ol type=a>"
      "<li>publish budgets;<li>publish contracts. (Plan of Action Qu&eacute;bec, 2001).</ol>"
      "<li>Work with others. (Declaration of Mar del Plata, 2005)</ol>";
  const auto page = [&](std::string_view before, std::string_view after) {
    const auto read = files::read_document(
        fmt::format("<html><body>{}{}{}<p>© Summits of the Americas</p></body></html>", before,
                    items, after),
        "test.html");
    EXPECT_TRUE(read.has_value());
    return parse(*read, catalogue());
  };
  const auto plain_page = page("", "");
  ASSERT_EQ(outline(plain_page).size(), 5U);
  constexpr std::string_view kMenu =
      "<div class=menu><ul><li>Home<li>About us and our process<li>Contact</ul></div>";
  constexpr std::string_view kNews = "<ul><li>12 May 2022 - News about the long summit of the year 2022."
      "<li>Follow us on Twitter.</ul>";
  constexpr std::string_view kText =
      "<ul><li>Support the victims of crime in all towns.<li>Open the archives of all courts.</ul>";
  const std::pair<std::string_view, std::string_view> around[] = {
      {kMenu, ""}, {"", kMenu}, {"", kNews}, {kMenu, kNews}};
  for (const auto& [before, after] : around) {
    const auto parsed = page(before, after);
    EXPECT_EQ(outline(parsed), outline(plain_page));
    ASSERT_TRUE(parsed.has_value());
    EXPECT_EQ(parsed->theme, "CORRUPTION");
    EXPECT_EQ(parsed->title, "Follow-up and Implementation: Mandates");
    std::ptrdiff_t said = before.empty() || after.empty() ? 1 : 2;
    for (const Warning& warning : parsed->warnings) {
      said -= warning.reason == "commitments.parse.list_left_out" ? 1 : 0;
    }
    EXPECT_EQ(said, 0);
  }
  const auto doubtful = page("", kText);
  ASSERT_EQ(outline(doubtful).size(), 7U);
  EXPECT_EQ(std::ranges::count(doubtful->warnings, "commitments.parse.list_doubtful",
                               &Warning::reason),
            1);
}

TEST(ParseMinisters, NumberedRecitalsHeadingsAndAStatement) {
  const auto parsed =
      parse_text(R"(Segunda Reunión de Ministros en Materia
de Seguridad Pública de las Américas

Los Ministros en Materia de Seguridad Pública, reunidos los días 4 y 5 de noviembre de 2009,

CONSIDERANDO:

1. Que la seguridad es un deber del Estado;

2. Que la cooperación es necesaria;

ACUERDAN:

Gestión de la Seguridad Pública

1. Mejorar la gestión de las instituciones:

a. la formación de los policías;

b. los sistemas de información;

2. Crear un grupo de trabajo sobre el tema.

Prevención de la Violencia

3. Promover programas para la juventud;¹

¹ La delegación de Nicaragua reserva su posición sobre este párrafo.
)");
  EXPECT_EQ(outline(parsed),
            (Strings{"1 1/0 chapeau 1.|Mejorar la gestión de las instituciones:|none ",
                     "2 2/1 operative a.|la formación de los policías;|none ",
                     "3 2/1 operative b.|los sistemas de información;|none ",
                     "4 1/0 operative 2.|Crear un grupo de trabajo sobre el tema.|none ",
                     "5 1/0 operative 3.|Promover programas para la juventud;|none "}));
  ASSERT_TRUE(parsed.has_value());
  EXPECT_EQ(parsed->kind, DocumentKind::ministers_commitment);
  EXPECT_EQ(parsed->title,
            "Segunda Reunión de Ministros en Materia de Seguridad Pública de las Américas");
  EXPECT_EQ(parsed->meeting, "mispa-2009");
  EXPECT_EQ(parsed->recitals.size(), 2U);
  EXPECT_EQ(parsed->items[0].block_title, "Gestión de la Seguridad Pública");
  EXPECT_EQ(parsed->items[4].block_title, "Prevención de la Violencia");
  EXPECT_EQ(parsed->items[4].block, "2");
  ASSERT_EQ(parsed->statements.size(), 1U);
  EXPECT_EQ(parsed->statements[0].actor, "NIC");
  EXPECT_EQ(parsed->statements[0].role, ItemRole::operative);
  EXPECT_EQ(parsed->statements[0].ordinal, 5);
}

TEST(ParseMinisters, BulletsUnderHeadings) {
  const auto parsed = parse_text(
      "MEETING OF MINISTERS RESPONSIBLE FOR PUBLIC SECURITY IN THE AMERICAS\n\n"
      "Recommendations, October 11, 2017\n\nWe, the Ministers, agree to:\n\n"
      "Public Security Management\n\n• Strengthen the institutions;\n\n• Share the lessons;\n\n"
      "Prevention\n\n• Promote programs for the young.\n");
  ASSERT_TRUE(parsed.has_value());
  ASSERT_EQ(parsed->items.size(), 3U);
  EXPECT_EQ(parsed->items[0].block_title, "Public Security Management");
  EXPECT_EQ(parsed->items[1].block, "1");
  EXPECT_EQ(parsed->items[2].block, "2");
  EXPECT_EQ(parsed->items[2].block_title, "Prevention");
  EXPECT_EQ(parsed->meeting, "mispa-2017");
}

TEST(ParseParliament, StatesAndTreatiesInSpanish) {
  const auto parsed = parse_text(R"(Segundo Encuentro de la Red Parlamentaria de Seguridad
12 y 13 de mayo de 2031

Nosotras y nosotros, parlamentarias y parlamentarios,¹ adoptamos estas prioridades:

¹ Argentina, Belice, Brasil, Antigua y Barbuda, México y Panamá

1. Revisar la legislación.
2. Ratificar los instrumentos pendientes.²

² Convención de las Naciones Unidas contra la Corrupción (2003), Convención Interamericana contra el Terrorismo (2002), entre otras.
)");
  ASSERT_TRUE(parsed.has_value());
  EXPECT_EQ(parsed->kind, DocumentKind::parliamentary_priorities);
  EXPECT_EQ(parsed->adopted, (CivilDate{2031, 5, 13}));
  EXPECT_EQ(parsed->meeting, "pns-2031");
  std::string codes;
  for (const NamedState& state : parsed->states) {
    codes += state.code + ' ';
  }
  EXPECT_EQ(codes, "ARG BLZ BRA ATG MEX PAN ");
  ASSERT_EQ(parsed->treaties.size(), 2U);
  EXPECT_EQ(parsed->treaties[0].instrument, "uncac");
  EXPECT_EQ(parsed->treaties[1].year, 2002);
  EXPECT_EQ(parsed->items[1].text, "Ratificar los instrumentos pendientes.");
  EXPECT_EQ(parsed->items[1].notes, (Strings{"2"}));
}

// "and" inside a name is no end of it, in any of the four languages.
TEST(ReadStates, NamesThatHoldTheWordBeforeTheLastName) {
  const std::pair<std::string_view, std::string_view> lists[] = {
      {"Chile, Peru and Saint Kitts and Nevis.", "CHL PER KNA "},
      {"Saint Kitts and Nevis and Peru", "KNA PER "},
      {"Trinidad and Tobago and Antigua and Barbuda", "TTO ATG "},
      {"Chile, Saint Vincent and the Grenadines and Trinidad and Tobago", "CHL VCT TTO "},
      {"Chile, Perú y San Cristóbal y Nieves", "CHL PER KNA "},
      {"Antigua y Barbuda y San Vicente y las Granadinas", "ATG VCT "},
      {"Trinidad y Tobago y Perú", "TTO PER "},
      {"Chile, Peru e São Cristóvão e Névis", "CHL PER KNA "},
      {"Antígua e Barbuda e Trinidad e Tobago", "ATG TTO "},
      {"Chili, Pérou et Saint-Kitts-et-Nevis", "CHL PER KNA "},
      {"Antigua-et-Barbuda et Trinité-et-Tobago", "ATG TTO "},
      {"Parlamentarios de Antigua y Barbuda, Chile, Perú, Panamá y Belice", "ATG CHL PER PAN BLZ "},
      {"Parliamentarians from Peru and Chile, Panama, Belize, Brazil", "PER CHL PAN BLZ BRA "},
      {"Proposal of Chile and Peru", ""},
      {"Chile, Peru, Panama, Belize, Bonaire and Ruritania and Antigua and Barbuda",
       "CHL PER PAN BLZ ? ATG "},
  };
  for (const auto& [text, codes] : lists) {
    std::string found;
    for (const NamedState& state : parsing::read_states(text, 1, catalogue())) {
      found += (state.code.empty() ? "?" : state.code) + " ";
    }
    EXPECT_EQ(found, codes) << text;
  }
}

// A recital that ends with a note's mark stays one, and the note is a position on it, not an item.
TEST(ParseMinisters, MarksOfNotesBehindRecitals) {
  constexpr std::string_view kNote = "O Governo do Equador reserva sua posição sobre este parágrafo.";
  const std::pair<std::string_view, std::string_view> marks[] = {
      {"1", "1 "}, {"¹", "¹ "}, {"[1]", "[1] "}, {"*", "* "}, {"**", "** "}, {"", "* "}};
  for (const auto& [mark, before] : marks) {
    SCOPED_TRACE(std::string(mark) + "|" + std::string(before));
    const auto parsed = parse_text(fmt::format(
        "REUNIÃO DE MINISTROS EM MATÉRIA DE SEGURANÇA PÚBLICA DAS AMÉRICAS\n\n17 e 18 de novembro "
        "de 2031\n\n\nCOMPROMISSO SINTÉTICO\n\n\nNós, os Ministros, reunidos na vila,\n\n"
        "Reconhecendo que a paz é dever do Estado,\n\nCiente de que a água pode ser escassa;{}\n\n"
        "Comprometemo-nos a:\n\n1) Cuidar das pontes;\n\n2) Abrir arquivos de 2030.\n\n{}{}\n",
        mark, before, kNote));
    ASSERT_TRUE(parsed.has_value()) << parsed.error().detail;
    EXPECT_EQ(parsed->items.size(), 2U);
    ASSERT_EQ(parsed->recitals.size(), 2U);
    EXPECT_EQ(parsed->recitals[1].text, "Ciente de que a água pode ser escassa;");
    ASSERT_EQ(parsed->statements.size(), 1U);
    EXPECT_EQ(parsed->statements[0].actor, "ECU");
    EXPECT_EQ(parsed->statements[0].text, kNote);
    const Strings told = reasons(*parsed);
    const bool warned = std::ranges::any_of(told, [](const std::string& reason) {
      return reason.starts_with("statement_without_paragraph");
    });
    EXPECT_EQ(warned, mark.empty());
    if (!mark.empty()) {
      EXPECT_EQ(parsed->statements[0].role, ItemRole::recital);
      EXPECT_EQ(parsed->statements[0].ordinal, 2);
    }
  }
  // Stars that mark items stay items, also where a State is named.
  const auto list = parse_text(
      "Ministros de la seguridad de la aldea\n\n1. Cuidar:\n\n* Los puentes;\n* La posición y las "
      "reservas del Gobierno del Ecuador en los lagos.\n");
  ASSERT_TRUE(list.has_value());
  EXPECT_EQ(list->items.size(), 3U);
}

struct NotesCase {
  std::string_view title, opening, recital, agree, items, government, delegation;
};

// Notes that are typed as a list of their own are no items, whatever marks call them.
TEST(ParseMinisters, NotesTypedAsAList) {
  const NotesCase cases[] = {
      {"MEETING OF MINISTERS RESPONSIBLE FOR PUBLIC SECURITY IN THE AMERICAS",
       "We, the Ministers, gathered in the village,", "Recognizing that peace is a duty of the State",
       "We agree to:", "Mend bridges|Open archives",
       "The Government of Ecuador reserves its position on this paragraph.",
       "The Delegation of Nicaragua holds another view of bridges."},
      {"REUNIÓN DE MINISTROS EN MATERIA DE SEGURIDAD PÚBLICA DE LAS AMÉRICAS",
       "Los Ministros, reunidos en la villa,", "Reconociendo que la paz es deber del Estado",
       "Acuerdan:", "Cuidar los puentes|Abrir archivos",
       "El Gobierno del Ecuador reserva su posición sobre este párrafo.",
       "La Delegación de Nicaragua tiene otro parecer sobre los puentes."},
      {"REUNIÃO DE MINISTROS EM MATÉRIA DE SEGURANÇA PÚBLICA DAS AMÉRICAS",
       "Nós, os Ministros, reunidos na vila,", "Reconhecendo que a paz é dever do Estado",
       "Comprometemo-nos a:", "Cuidar das pontes|Abrir arquivos",
       "O Governo do Equador reserva sua posição sobre este parágrafo.",
       "A Delegação da Nicarágua tem outro parecer sobre as pontes."},
      {"RÉUNION DES MINISTRES DE LA SÉCURITÉ PUBLIQUE DES AMÉRIQUES",
       "Nous, les Ministres, réunis au village,", "Reconnaissant que la paix est un devoir de l'État",
       "Nous convenons de:", "Réparer les ponts|Ouvrir les archives",
       "Le Gouvernement de l'Équateur réserve sa position sur ce paragraphe.",
       "La délégation du Nicaragua est d'un autre avis sur les ponts."}};
  for (const NotesCase& one : cases) {
    const std::vector<std::string_view> items = split(one.items, '|');
    for (const std::string_view mark : {"{}", "[{}]", "({})", " ({})"}) {
      for (const std::string_view label : {"{}. ", "{}) ", "({}) "}) {
        SCOPED_TRACE(std::string(one.title) + std::string(mark) + std::string(label));
        const auto of = [](std::string_view form, int n) { return fmt::format(fmt::runtime(form), n); };
        const auto parsed = parse_text(fmt::format(
            "{}\n\nOctober 17, 2031\n\n\n{}\n\n{};{}\n\n{}\n\n1) {};{}\n\n2) {} de 2030.\n\n"
            "{}{}\n\n{}{}\n",
            one.title, one.opening, one.recital, of(mark, 1), one.agree, items[0], of(mark, 2),
            items[1], of(label, 1), one.government, of(label, 2), one.delegation));
        ASSERT_TRUE(parsed.has_value()) << parsed.error().detail;
        ASSERT_EQ(parsed->items.size(), 2U);
        EXPECT_EQ(parsed->items[0].text, std::string(items[0]) + ";");
        ASSERT_EQ(parsed->recitals.size(), 1U);
        EXPECT_EQ(parsed->recitals[0].text, std::string(one.recital) + ";");
        ASSERT_EQ(parsed->statements.size(), 2U);
        EXPECT_EQ(parsed->statements[0].actor, "ECU");
        EXPECT_EQ(parsed->statements[0].role, ItemRole::recital);
        EXPECT_EQ(parsed->statements[1].actor, "NIC");
        EXPECT_EQ(parsed->statements[1].ordinal, 1);
        EXPECT_NE(parsed->statements[1].role, ItemRole::recital);
        EXPECT_EQ(parsed->statements[1].text, one.delegation);
      }
    }
  }
}

TEST(ParseMinisters, AReservationThatNothingCallsIsNoItem) {
  const auto parsed = parse_text(
      "Ministros de la seguridad de la aldea\n\n1. Cuidar los puentes.\n\n2. Según el Artículo 4 (1)\n\n"
      "1. El Gobierno del Ecuador reserva su posición.\n");
  ASSERT_TRUE(parsed.has_value());
  ASSERT_EQ(parsed->items.size(), 2U);
  EXPECT_EQ(parsed->items[1].text, "Según el Artículo 4 (1)");
  ASSERT_EQ(parsed->statements.size(), 1U);
  EXPECT_EQ(parsed->statements[0].actor, "ECU");
}

// Sections whose numbers begin again are no notes, also where a government is charged in them and
// the marks of lost notes stand above.
TEST(ParseMinisters, SectionsAreNoNotesAndLostNotesAreSaid) {
  const auto parsed = parse_text(
      "MEETING OF MINISTERS RESPONSIBLE FOR PUBLIC SECURITY\n\nOctober 17, 2031\n\n\nWe, the "
      "Ministers, gathered,\n\nRecognizing that peace is a duty;1\n\nWe agree to:\n\nPrisons\n\n"
      "1. Mend bridges of the highlands.2\n\n2. Follow document CSH/doc.1\n\nPolice\n\n1. Request the "
      "Government of Peru to preserve its lists.\n\n2. Ask the Delegation of Chile to report.\n");
  ASSERT_TRUE(parsed.has_value()) << parsed.error().detail;
  ASSERT_EQ(parsed->items.size(), 4U);
  EXPECT_TRUE(parsed->statements.empty());
  ASSERT_EQ(parsed->recitals.size(), 1U);
  EXPECT_EQ(parsed->recitals[0].text, "Recognizing that peace is a duty;");
  EXPECT_EQ(parsed->recitals[0].notes, (Strings{"1"}));
  EXPECT_EQ(parsed->items[0].text, "Mend bridges of the highlands.");
  EXPECT_EQ(parsed->items[1].text, "Follow document CSH/doc.1");
  EXPECT_EQ(std::ranges::count(parsed->warnings, "commitments.parse.note_missing",
                               &Warning::reason),
            2);
}

// The same list with and without its indentation; what the marks alone say is only a guess.
TEST(ParseUnknown, LevelsWithoutIndentationAreSaidToBeGuessed) {
  const auto guessed = [](std::string_view text) {
    const auto parsed = parse_text(text);
    EXPECT_TRUE(parsed.has_value());
    return std::ranges::count(parsed->warnings, "commitments.parse.levels_guessed",
                              &Warning::reason);
  };
  EXPECT_EQ(guessed("List\n\n1. Mend:\n\n   • bridges;\n\n   • roads.\n\n2. Plant.\n"), 0);
  EXPECT_EQ(guessed("List\n\n1. Mend:\n\n• bridges;\n\n• roads.\n\n2. Plant.\n"), 1);
  EXPECT_EQ(guessed("List\n\n1. Mend:\n\n1. bridges;\n\n2. roads.\n\n2. Plant.\n"), 1);
  EXPECT_EQ(guessed("List\n\n1. Mend.\n\n2. Plant.\n\n3. Paint.\n"), 0);
  EXPECT_EQ(guessed("List\n\ni. Mend.\n\nii. Plant.\n\niii. Paint.\n"), 0);
}

TEST(ParseUnknown, BestEffortWithAWarning) {
  const auto parsed = parse_text(
      "Strategy of the city\n\nI. Improve streets\n\nA. Light the streets.\nB. Repair them.\n\nII. "
      "Promote schools\n"
      "\n(a) Open them;\n(b) Train:\n   (i) in mediation;\n   (ii) in first aid.\n");
  EXPECT_EQ(
      outline(parsed),
      (Strings{
          "1 1/0 chapeau I.|Improve streets|none ", "2 2/1 operative A.|Light the streets.|none ",
          "3 2/1 operative B.|Repair them.|none ", "4 1/0 chapeau II.|Promote schools|none ",
          "5 2/4 operative (a)|Open them;|none ", "6 2/4 chapeau (b)|Train:|none ",
          "7 3/6 operative (i)|in mediation;|none ", "8 3/6 operative (ii)|in first aid.|none "}));
  EXPECT_EQ(reasons(*parsed).front(), "kind_unknown:1");
}

TEST(ParseUnknown, NothingToFind) {
  const auto read = files::read_document("Dear Sir,\n\nthank you for your letter.\n", "dir/a.txt");
  ASSERT_TRUE(read.has_value());
  const auto parsed = parse(*read, catalogue());
  ASSERT_FALSE(parsed.has_value());
  EXPECT_EQ(parsed.error().reason, "commitments.parse.no_items");
  EXPECT_EQ(parsed.error().code, ErrorCode::invalid_argument);
  ASSERT_EQ(parsed.error().params.size(), 1U);
  EXPECT_EQ(parsed.error().params[0], (std::pair<std::string, std::string>{"file", "a.txt"}));
}

// The lines that start with a year belong to no list; all others are items, also one whose number
// stands alone on its line.
TEST(ParseUnknown, AListOfMoreThanAThousand) {
  constexpr int kItemsInList = 2'050;
  std::string text = "Synthetic strategy\n\n";
  for (int i = 1; i <= kItemsInList; ++i) {
    text += fmt::format("{}){}Strengthen synthetic cooperation {}", i, i == 1'200 ? "\n" : " ", i);
    text += i == 998 || i == 1'500 ? " as agreed in\n2010. and later.\n" : ".\n";
  }
  const auto parsed = parse_text(text);
  ASSERT_TRUE(parsed.has_value());
  ASSERT_EQ(parsed->items.size(), static_cast<std::size_t>(kItemsInList));
  for (const std::size_t i : {999U, 1'000U, 1'200U, 2'010U, 2'050U}) {
    EXPECT_EQ(parsed->items[i - 1].label, fmt::format("{})", i));
    EXPECT_EQ(parsed->items[i - 1].text, fmt::format("Strengthen synthetic cooperation {}.", i));
  }
}

TEST(Parse, TakesTheDayOfAdoptionFromAboveTheFirstItemAlone) {
  const auto plan = parse_text(R"(Plan of the Municipality of Santa Lucia for Public Security

The plan runs until December 31, 2032.

1. To reduce homicides by half before December 31, 2030.
2. To publish the crime figures of each month no later than March 2026.
3. To hold a public hearing every six months.
)");
  ASSERT_TRUE(plan.has_value());
  EXPECT_EQ(plan->adopted, std::nullopt);
  const Strings said = reasons(*plan);
  EXPECT_NE(std::ranges::find(said, "date_unknown:0"), said.end());

  const auto recital = parse_text(R"(Second Meeting of Ministers Responsible for Public Security in the Americas

COMMITMENT ON PUBLIC SECURITY

We, the Ministers Responsible for Public Security, gathered in Santo Domingo,

RECALLING the Declaration on Security in the Americas of 28 October 2003;

COMMIT TO:

1) Present national plans on public security by 30 June 2031;

2) Hold a meeting of experts no later than December 2010;
)");
  ASSERT_TRUE(recital.has_value());
  EXPECT_EQ(recital->kind, DocumentKind::ministers_commitment);
  EXPECT_EQ(recital->meeting, "mispa-2009");  // by its city, as no day stands above the recitals
  EXPECT_EQ(recital->items.at(0).effective.year, 2009);
}

// A day that nothing tells from the month is nobody's to guess: the year stands, and it is said.
TEST(Parse, ADayOfAdoptionInNumbers) {
  const auto read = [](std::string_view line, bool spanish) -> std::string {
    const auto parsed = parse_text(
        spanish ? fmt::format("Declaración de Pueblo Sintético sobre la Seguridad Pública\n\n{}\n\n"
                              "1. Reducir los homicidios del pueblo y de la región.\n2. Publicar "
                              "las cifras de los delitos cada mes.\n",
                              line)
                : fmt::format("Declaration of Synthetic Town on Public Security\n\n{}\n\n1. To "
                              "reduce the homicides of the town.\n2. To publish its figures.\n",
                              line));
    if (!parsed) {
      return parsed.error().reason;
    }
    std::string out = fmt::format("{} {}", parsed->adopted ? to_string(*parsed->adopted) : "none",
                                  parsed->items.at(0).effective.year);
    for (const Warning& warning : parsed->warnings) {
      if (warning.reason.starts_with("commitments.parse.date_")) {
        out += " " + warning.reason.substr(23);
      }
    }
    return out;
  };
  EXPECT_EQ(read("Synthetic Town, 2019-03-04", false), "2019-03-04 2019 read");
  EXPECT_EQ(read("March 4th, 2019", false), "2019-03-04 2019 read");
  EXPECT_EQ(read("Adopted on 04/03/2019", false), "none 2019 ambiguous");
  EXPECT_EQ(read("Pueblo Sintético, 04/03/2019", true), "2019-03-04 2019 day_first read");
  EXPECT_EQ(read("The towns shall report by 25/03/2031.", false), "none 0 unknown");
}

TEST(Parse, DatesOfOtherThingsAreNoDayOfAdoption) {
  const auto adopted = [](std::string_view head) {
    const auto parsed = parse_text(fmt::format(
        "Declaration of Synthetic Town on Public Security\n\n{}\n\n"
        "1. To reduce the homicides of the town.\n2. To publish its figures each month.\n",
        head));
    return parsed ? parsed->adopted : std::optional<CivilDate>();
  };
  EXPECT_EQ(adopted("In accordance with Resolution 5 of 3 May 2001, we commit ourselves."),
            std::nullopt);
  EXPECT_EQ(adopted("Entry into force: 1 January 2021\n\nAdopted on 10 June 2010"),
            (CivilDate{2010, 6, 10}));
  EXPECT_EQ(adopted("Consultado el 5 de mayo de 2024\n\nSan José, 10 de junio de 2010"),
            (CivilDate{2010, 6, 10}));
  for (const std::string_view span :
       {"San José, del 8 hasta el 10 de junio de 2010", "San José, from 8 until 10 June 2010",
        "San José, du 8 jusqu'au 10 juin 2010", "San José, de 8 até 10 de junho de 2010"}) {
    EXPECT_EQ(adopted(span), (CivilDate{2010, 6, 10})) << span;
  }
}

// --- Properties ---------------------------------------------------------------------------------

// A document of a random outline: the lines, and which of them start with a marker.
struct RandomOutline {
  std::string text;
  std::vector<std::int32_t> marked_lines;
};

rc::Gen<RandomOutline> random_outline() {
  return rc::gen::map(rc::gen::container<std::vector<std::pair<int, int>>>(
                          rc::gen::pair(rc::gen::inRange(0, 9), rc::gen::inRange(0, 4))),
                      [](const std::vector<std::pair<int, int>>& shape) {
                        constexpr std::string_view kLabels[] = {
                            "1. ", "• ", "2) ", "a. ", "(ii) ", "• 6.1 ", "- ", "", "7. "};
                        RandomOutline out;
                        std::int32_t line = 1;
                        out.text = "Title of the page\n\n";
                        line += 2;
                        for (const auto& [label, depth] : shape) {
                          const std::string_view marker = kLabels[label];
                          out.text += std::string(static_cast<std::size_t>(depth) * 2, ' ') +
                                      std::string(marker) + "Words of line " +
                                      std::to_string(line) +
                                      (depth == 3 ? " (Plan of Action Québec, 2001)." : ".") + "\n";
                          if (!marker.empty()) {
                            out.marked_lines.push_back(line);
                          }
                          ++line;
                          if (depth % 2 == 0) {
                            out.text += '\n';
                            ++line;
                          }
                        }
                        return out;
                      });
}

// The words of every line stand in one item, or are told, or are of the page; those with a marker,
// wherever they stand, are an item or told.
RC_GTEST_PROP(ParseProperty, NoLineIsLost, ()) {
  const RandomOutline outline = *random_outline();
  const auto parsed = parse_text(outline.text);
  if (!parsed) {
    return;
  }
  for (std::size_t i = 0; i < parsed->lines.size(); ++i) {
    const std::string words = fmt::format("Words of line {}", i + 1);
    if (!parsed->lines[i].contains(words)) {
      continue;
    }
    const auto has = [&](const auto& one) {
      return (one.text + " ").contains(words + ".") || (one.text + " ").contains(words + " ");
    };
    const LineUse use = parsed->uses[i];
    RC_ASSERT(std::ranges::count_if(parsed->items, has) == (use == LineUse::item ? 1 : 0));
    RC_ASSERT(std::ranges::count_if(parsed->left, has) == (use == LineUse::left ? 1 : 0));
    const bool marked =
        std::ranges::count(outline.marked_lines, static_cast<std::int32_t>(i) + 1) > 0;
    const bool told = std::ranges::any_of(parsed->warnings, [&](const Warning& warning) {
      return warning.line == static_cast<std::int32_t>(i) + 1 ||
             warning.reason == "commitments.parse.list_left_out";
    });
    RC_ASSERT(!marked || use == LineUse::item || use == LineUse::left || told);
  }
}

RC_GTEST_PROP(ParseProperty, LineEndsDoNotMatterAndTwiceIsTheSame, ()) {
  const RandomOutline one = *random_outline();
  std::string windows;
  for (const char c : one.text) {
    windows += c == '\n' ? "\r\n" : std::string(1, c);
  }
  RC_ASSERT(outline(parse_text(one.text)) == outline(parse_text(windows)));
  RC_ASSERT(outline(parse_text(one.text)) == outline(parse_text(one.text)));
}

RC_GTEST_PROP(ParseProperty, ParentsComeFirstAndOneLevelUp, ()) {
  const auto parsed = parse_text((*random_outline()).text);
  if (!parsed) {
    return;
  }
  for (std::size_t i = 0; i < parsed->items.size(); ++i) {
    const ParsedItem& item = parsed->items[i];
    RC_ASSERT(item.ordinal == static_cast<std::int32_t>(i) + 1);
    RC_ASSERT(item.parent_ordinal < item.ordinal);
    RC_ASSERT((item.level == 1) == (item.parent_ordinal == 0));
    if (item.parent_ordinal > 0) {
      const auto parent = static_cast<std::size_t>(item.parent_ordinal - 1);
      RC_ASSERT(parsed->items[parent].level + 1 == item.level);
    }
  }
}

}  // namespace
}  // namespace atalaya::commitments
