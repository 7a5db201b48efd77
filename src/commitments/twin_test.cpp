// A page in another language never counts twice unasked, and never joins what it is not.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <random>
#include <set>
#include <string>
#include <vector>

#include <fmt/ranges.h>

#include "desk_fixture.hpp"
#include "twin.hpp"

namespace atalaya::commitments {
namespace {

struct Page {
  std::string_view head, theme, mandates;
  std::array<std::string_view, 3> citations;
  std::vector<std::string> items;
};

// Synthetic texts; three meetings.
constexpr std::array<std::size_t, 10> kCited{0, 0, 0, 1, 1, 1, 1, 2, 2, 2};

const std::array<Page, 4>& pages() {
  static const std::array<Page, 4> kAll{
      Page{"Organization of American States Summits of the Americas\nFollow-up and Implementation: "
           "Mandates",
           "JUSTICE",
           "MANDATES",
           {"(Lima Commitment. Peru, 2018)", "(Plan of Action Québec, 2001)",
            "(Declaration of Mar del Plata, 2005)"},
           {"Strengthen the independence of the judiciary and select synthetic judges by merit",
            "Protect witnesses, informants and victims who cooperate with synthetic tribunals",
            "Recover assets of corruption through 12 synthetic agreements on confiscation",
            "Hold a ministerial meeting of the REMJA every two years",
            "Modernize penitentiary infrastructure and reduce overcrowding before 2010",
            "Train police in human rights and in the proportional use of force",
            "Exchange statistics on homicide with an observatory of 35 countries",
            "Support the academic programme of the Justice Studies Center",
            "Ratify the convention against corruption and its mechanism of evaluation",
            "Establish a voluntary fund for forensic laboratories and genetic databases"}},
      Page{
          "Organización de los Estados Americanos Cumbres de las Américas\nSeguimiento e "
          "Implementación: Mandatos",
          "JUSTICIA",
          "MANDATOS",
          {"(Compromiso de Lima. Perú, 2018)", "(Plan de Acción Québec, 2001)",
           "(Declaración de Mar del Plata, 2005)"},
          {"Fortalecer la independencia del poder judicial y seleccionar por mérito a los jueces "
           "sintéticos",
           "Proteger a los testigos, informantes y víctimas que cooperan con los tribunales "
           "sintéticos",
           "Recuperar los activos de la corrupción mediante 12 acuerdos sintéticos de confiscación",
           "Celebrar una reunión ministerial de la REMJA cada dos años",
           "Modernizar la infraestructura penitenciaria y reducir el hacinamiento antes de 2010",
           "Capacitar a la policía en derechos humanos y en el uso proporcional de la fuerza",
           "Intercambiar estadísticas de homicidio con un observatorio de 35 países",
           "Apoyar el programa académico del Centro de Estudios de Justicia",
           "Ratificar la convención contra la corrupción y su mecanismo de evaluación",
           "Establecer un fondo voluntario para laboratorios forenses y bases de datos genéticas"}},
      Page{"Organização dos Estados Americanos Cúpulas das Américas\nAcompanhamento e "
           "Implementação: "
           "Mandatos",
           "JUSTIÇA",
           "MANDATOS",
           {"(Compromisso de Lima. Peru, 2018)", "(Plano de Ação Québec, 2001)",
            "(Declaração de Mar del Plata, 2005)"},
           {"Fortalecer a independência do poder judiciário e selecionar por mérito os juízes "
            "sintéticos",
            "Proteger as testemunhas, informantes e vítimas que cooperam com os tribunais "
            "sintéticos",
            "Recuperar os ativos da corrupção mediante 12 acordos sintéticos de confisco",
            "Realizar uma reunião ministerial da REMJA a cada dois anos",
            "Modernizar a infraestrutura penitenciária e reduzir a superlotação antes de 2010",
            "Capacitar a polícia em direitos humanos e no uso proporcional da força",
            "Intercambiar estatísticas de homicídio com um observatório de 35 países",
            "Apoiar o programa acadêmico do Centro de Estudos de Justiça",
            "Ratificar a convenção contra a corrupção e seu mecanismo de avaliação",
            "Estabelecer um fundo voluntário para laboratórios forenses e bases de dados "
            "genéticas"}},
      Page{"Organisation des États Américains Sommets des Amériques\nSuivi et mise en œuvre : "
           "Mandats",
           "JUSTICE",
           "MANDATS",
           {"(Engagement de Lima. Pérou, 2018)", "(Plan d'action Québec, 2001)",
            "(Déclaration de Mar del Plata, 2005)"},
           {"Renforcer l’indépendance du pouvoir judiciaire et sélectionner au mérite les juges "
            "synthétiques",
            "Protéger les témoins, informateurs et victimes qui coopèrent avec les tribunaux "
            "synthétiques",
            "Recouvrer les avoirs de la corruption par 12 accords synthétiques de confiscation",
            "Tenir une réunion ministérielle de la REMJA tous les deux ans",
            "Moderniser l’infrastructure pénitentiaire et réduire le surpeuplement avant 2010",
            "Former la police aux droits de l’homme et à l’usage proportionnel de la force",
            "Échanger des statistiques d’homicide avec un observatoire de 35 pays",
            "Appuyer le programme académique du Centre d’études de la justice",
            "Ratifier la convention contre la corruption et son mécanisme d’évaluation",
            "Établir un fonds volontaire pour les laboratoires médico-légaux et bases de données "
            "génétiques"}}};
  return kAll;
}

// Another theme's, in the languages' order.
const std::array<std::vector<std::string>, 4> kStrangers{
    std::vector<std::string>{
        "Build modern roads and harbours for the trade of grain with rural areas",
        "Vaccinate newborn children against measles in the mountain villages",
        "Restore mangroves and coral reefs around the smaller islands",
        "Publish school textbooks in every indigenous tongue of the hemisphere",
        "Lower the tariffs of textiles, footwear and dairy goods"},
    std::vector<std::string>{
        "Construir caminos y puertos modernos para el comercio de granos con las zonas rurales",
        "Vacunar contra el sarampión a los recién nacidos de las aldeas de montaña",
        "Restaurar los manglares y arrecifes de coral en torno a las islas menores",
        "Publicar libros de texto en cada lengua indígena del hemisferio",
        "Bajar los aranceles de textiles, calzado y productos lácteos"},
    std::vector<std::string>{
        "Construir estradas e portos modernos para o comércio de grãos com as zonas rurais",
        "Vacinar contra o sarampo os recém-nascidos das aldeias de montanha",
        "Restaurar os manguezais e recifes de coral em torno das ilhas menores",
        "Publicar livros didáticos em cada língua indígena do hemisfério",
        "Baixar as tarifas de têxteis, calçados e laticínios"},
    std::vector<std::string>{
        "Construire des routes et des ports modernes pour le commerce des grains avec les "
        "campagnes",
        "Vacciner contre la rougeole les nouveau-nés des villages de montagne",
        "Restaurer les mangroves et récifs de corail autour des petites îles",
        "Publier des manuels scolaires dans chaque langue autochtone de l’hémisphère",
        "Baisser les tarifs des textiles, chaussures et produits laitiers"}};

// What a file holds: items of the page by their number, strangers from 100 on.
InputFile file_of(std::size_t language, const std::vector<std::size_t>& order,
                  std::string_view theme = "") {
  const Page& page = pages().at(language);
  std::string text =
      fmt::format("{}\n\n{}\n{}\n\n", page.head, theme.empty() ? page.theme : theme, page.mandates);
  for (const std::size_t item : order) {
    text += fmt::format("  1. {}. {}.\n\n",
                        item < 100 ? page.items[item] : kStrangers.at(language)[item - 100],
                        page.citations.at(kCited.at(item % 100)));
  }
  return {fmt::format("page-{}.txt", language), text};
}

std::vector<std::size_t> all_items() {
  std::vector<std::size_t> order(10);
  std::ranges::generate(order, [n = std::size_t{0}]() mutable { return n++; });
  return order;
}

class TwinTest : public DeskTest {
 protected:
  // The held page's commitments in its order.
  std::vector<std::string> hold(std::size_t language, const std::vector<std::size_t>& order,
                                std::string_view theme = "") {
    const auto held = import(*desk_, {file_of(language, order, theme)});
    EXPECT_TRUE(held.has_value()) << held.error().detail;
    std::vector<std::string> ids;
    for (const ItemPlan& item : held->files[0].items) {
      ids.push_back(item.commitment);
    }
    return ids;
  }

  FilePlan plan(const InputFile& file, const ImportOptions& options = {}) {
    auto made = Importer(*desk_).plan({file}, options);
    EXPECT_TRUE(made.has_value()) << made.error().detail;
    return made ? std::move(made->files[0]) : FilePlan{};
  }
};

// Whatever is deleted, moved or replaced: an item of the page is its commitment or somebody is
// asked, and no stranger is joined.
TEST_P(TwinTest, NothingCountsTwiceUnasked) {
  std::mt19937 random(20'261'123);
  const auto below = [&](std::size_t n) { return random() % n; };
  for (std::size_t from = 0; from < 4; ++from) {
    store_ = std::make_unique<store::TestStore>(GetParam());
    desk_ = open(store_->database());
    const std::vector<std::string> ids = hold(from, all_items());
    for (int round = 0; round < 10; ++round) {
      const std::size_t to = (from + 1 + below(3)) % 4;
      std::vector<std::size_t> order = all_items();
      for (std::size_t deleted = below(3) * below(5); deleted > 0 && order.size() > 1; --deleted) {
        order.erase(order.begin() + static_cast<std::ptrdiff_t>(below(order.size())));
      }
      for (std::size_t swaps = below(4); swaps > 0; --swaps) {
        std::swap(order[below(order.size())], order[below(order.size())]);
      }
      for (std::size_t replaced = below(3) * below(3), n = 0; n < replaced; ++n) {
        order[below(order.size())] = 100 + (n + static_cast<std::size_t>(round)) % 5;
      }
      SCOPED_TRACE(fmt::format("from {} to {}: {}", from, to, fmt::join(order, " ")));
      const FilePlan file = plan(file_of(to, order));
      ASSERT_EQ(file.items.size(), order.size());
      for (std::size_t i = 0; i < order.size(); ++i) {
        const auto held = std::ranges::find(ids, file.items[i].commitment);
        EXPECT_TRUE(file.needs_acceptance || held != ids.end()) << i;
        // What a person would have to say otherwise is no stranger's.
        EXPECT_TRUE(held == ids.end() || (order[i] < 100 && *held == ids[order[i]])) << i;
      }
      EXPECT_EQ(file.needs_acceptance, order != all_items());
    }
  }
}

// Other themes of the same meetings come in without a question, also where some items are shared.
TEST_P(TwinTest, SisterPagesComeInUnasked) {
  hold(0, all_items());
  for (std::size_t to = 1; to < 4; ++to) {
    const FilePlan file =
        plan(file_of(to, {100, 101, 102, 103, 104}, to == 1 ? "SALUD: Salud rural" : "TRANSPORTE"));
    EXPECT_FALSE(file.needs_acceptance) << to;
    EXPECT_EQ(file.added, 5);
    // Three of the other page's among them: asked, with the words of the other page.
    const FilePlan mixed = plan(file_of(to, {100, 4, 101, 6, 9, 102}, "TRANSPORTE"));
    EXPECT_TRUE(mixed.needs_acceptance) << to;
    EXPECT_GE(std::ranges::count(mixed.rewordings, true, &Rewording::across), 2);
  }
}

// Ministers say every few years what they said before: each time they promise it anew.
TEST_P(TwinTest, MeetingsOfOtherYearsAreNoTranslations) {
  const auto file = [](std::size_t language, std::string_view head) {
    std::string text = fmt::format("{}\n\n", head);
    for (std::size_t i = 0; i < 10; ++i) {
      text += fmt::format("{}) {};\n\n", i + 1, pages().at(language).items[i]);
    }
    return InputFile{fmt::format("ministers-{}.txt", language), text};
  };
  constexpr std::string_view kEnglish =
      "FIRST MEETING OF MINISTERS RESPONSIBLE FOR PUBLIC SECURITY IN THE AMERICAS\n\nOctober 8, "
      "2008\n\nWe, the Ministers Responsible for Public Security in the Americas, agree to:";
  constexpr std::string_view kSpanish =
      "{} REUNIÓN DE MINISTROS EN MATERIA DE SEGURIDAD PÚBLICA DE LAS AMÉRICAS\n\n{}\n\nLos "
      "Ministros en Materia de Seguridad Pública de las Américas acuerdan:";
  ASSERT_TRUE(import(*desk_, {file(0, kEnglish)}).has_value());
  const FilePlan same =
      plan(file(1, fmt::format(fmt::runtime(kSpanish), "PRIMERA", "8 de octubre de 2008")));
  EXPECT_EQ(same.document.meeting, "mispa-2008");
  EXPECT_EQ(same.added, 0) << "its Spanish text is the same commitments";
  const FilePlan later =
      plan(file(1, fmt::format(fmt::runtime(kSpanish), "TERCERA", "18 de noviembre de 2011")));
  EXPECT_EQ(later.document.meeting, "mispa-2011");
  EXPECT_EQ(later.added, 10);
  EXPECT_FALSE(later.needs_acceptance);
}

// A text of a word or two is like many others and tells nothing of a page.
TEST_P(TwinTest, AFewWordsAreNoEvidence) {
  ASSERT_TRUE(import(*desk_, {{"es.txt", page({"Publicar las cifras", kStrangers[1][0],
                                               kStrangers[1][1], kStrangers[1][2]},
                                              "TRANSPORTE", kSantiagoSpanish)}})
                  .has_value());
  const FilePlan file = plan(
      {"en.txt", page({"Publish it", kItems[1], kItems[2], kItems[3]}, "SECURITY: Synthetic")});
  EXPECT_FALSE(file.needs_acceptance);
}

// The very words of a page that was joined are that page's commitments, wherever they stand.
TEST_P(TwinTest, WordsThatWereJoinedStayJoinedOnOtherPages) {
  const std::vector<std::string> ids = hold(0, all_items());
  ASSERT_EQ(hold(1, all_items()), ids);
  const auto sister = import(*desk_, {file_of(1, {2, 100, 5}, "TRANSPORTE")});
  ASSERT_TRUE(sister.has_value()) << sister.error().detail;
  EXPECT_EQ(sister->files[0].items[0].commitment, ids[2]);
  EXPECT_EQ(sister->files[0].items[2].commitment, ids[5]);
  EXPECT_EQ(sister->files[0].added, 1);
  const auto check = desk_->check_against_log();
  EXPECT_TRUE(check.has_value() && check->problems.empty());
}

// A page of one item, and both ways out.
TEST_P(TwinTest, APersonAnswersForWhatDiffers) {
  const std::vector<std::string> ids = hold(0, all_items());
  InputFile file = file_of(1, all_items());
  const std::size_t year = file.bytes.find("antes de 2010");
  file.bytes.replace(year, 13, "antes de 2012");
  const FilePlan asked = plan(file);
  ASSERT_TRUE(asked.needs_acceptance);
  ASSERT_EQ(asked.rewordings.size(), 1U);
  EXPECT_EQ(asked.rewordings[0].earlier, ids[4]);
  const auto why = std::ranges::find(asked.document.warnings, "commitments.import.twin_unlike",
                                     &Warning::reason);
  ASSERT_NE(why, asked.document.warnings.end());
  EXPECT_EQ(why->params, (std::vector<std::pair<std::string, std::string>>{
                             {"id", ids[4]}, {"there", "2010"}, {"here", "2012"}}));
  ImportOptions same;
  same.same = {{ids[4], asked.rewordings[0].commitment}};
  EXPECT_FALSE(plan(file, same).needs_acceptance);
  ImportOptions apart;
  apart.apart = {asked.rewordings[0].commitment};
  const auto done = import(*desk_, {file}, apart);
  ASSERT_TRUE(done.has_value()) << done.error().detail;
  EXPECT_EQ(done->files[0].added, 1);
  // Its clauses are read as any other's.
  EXPECT_FALSE(desk_->get(done->files[0].items[4].commitment, Language::es)->clauses.empty());
  const auto check = desk_->check_against_log();
  EXPECT_TRUE(check.has_value() && check->problems.empty());
}

TEST_P(TwinTest, AnItemAloneIsAskedFor) {
  hold(0, {3});
  EXPECT_FALSE(plan(file_of(1, {3})).needs_acceptance);
  EXPECT_EQ(plan(file_of(1, {3})).added, 0);
  EXPECT_TRUE(plan(file_of(1, {5})).needs_acceptance);
}

INSTANTIATE_TEST_SUITE_P(Engines, TwinTest,
                         testing::Values(store::Engine::sqlite, store::Engine::postgresql),
                         [](const auto& engine) {
                           return engine.param == store::Engine::sqlite ? "sqlite" : "postgresql";
                         });

struct Saying {
  Language here_in;
  std::string_view here;
  Language there_in;
  std::string_view there, differs;  // "here/there"
};

TEST(TwinWords, NumbersAndNegationsThatDisagree) {
  using enum Language;
  for (const Saying& one : std::vector<Saying>{
           {es, "antes de 2012", en, "by 2010", "2012/2010"},
           {es, "no deberán exportar", en, "shall export", "no/"},
           {es, "deberán", fr, "ne doivent pas", "/ne"},
           {pt, "não deverão", en, "shall not", "/"},
           {fr, "n’exporteront pas", en, "will never export", "/"},
           {es, "organizaciones no gubernamentales", en, "non-governmental organizations", "/"},
           {es, "a más tardar en 2010", en, "no later than 2010", "/"},
           {es, "no gastarán en armas más de lo que exige", en, "spend no more on arms", "/"},
           {es, "no gastarán", en, "spend no more than 10", "no/10"},
           {es, "no sólo la prevención", en, "both prevention", "/"},
           {es, "cada 2 años", en, "every two years", "/"},
           {es, "cada dos años", fr, "tous les trois ans", "2/3"},
           {es, "siglo XXI", en, "21st century", "/"},
           {es, "la Segunda Cumbre", en, "the II Summit", "/"},
           {es, "15 000 agentes y 1.200.000 dólares", en, "15,000 agents and 1,200,000 dollars",
            "/"},
           {fr, "« 2010 » – 2012", en, "“2010”–2012", "/"},
           {es, "un 2,5 % más", en, "2.5% more", "/"},
           {es, "el G20 y la COVID-19", fr, "le G20 et la COVID-19", "/"},
           {es, "en un plazo razonable", en, "within 30 days", "/30"},
           {es, "sean o no miembros", en, "members or not", "/"}}) {
    const Disagreement found = disagreement(one.here, one.here_in, one.there, one.there_in);
    EXPECT_EQ(found.here + "/" + found.there, one.differs) << one.here << " | " << one.there;
  }
}

}  // namespace
}  // namespace atalaya::commitments
