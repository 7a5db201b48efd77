// Goal: whom the rules of analysis read as the one who is to act, and under which conditions, in
// four languages. Method: tables of sentences written for the purpose, and bodies that exist
// nowhere.

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <array>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include <atalaya/base/text.hpp>
#include <atalaya/commitments/analysis.hpp>

#include "analysis_addressees.hpp"

namespace atalaya::commitments {
namespace {

const Recogniser& harbour_recogniser() {
  static const Recogniser kRecogniser = [] {
    std::vector<Institution> institutions(2);
    institutions[0].id = "league";
    institutions[0].patterns = {"harbour league"};
    institutions[1].id = "office";
    institutions[1].patterns = {"office of lights"};
    return Recogniser(std::span<const Instrument>(), std::span<const Institution>(institutions));
  }();
  return kRecogniser;
}

AnalysisContext context_of(Language language) {
  AnalysisContext context;
  context.language = language;
  context.year = 2001;
  context.recogniser = &harbour_recogniser();
  return context;
}

TEST(Addressees, AreNamedFirst) {
  using Kind = AddresseeKind;
  const std::vector<std::tuple<std::string, Kind, std::string>> cases = {
      {"Encourage member states to mark their buoys.", Kind::states, ""},
      {"Urge the countries, in cooperation with the Office of Lights, to mark buoys.", Kind::states,
       ""},
      {"Urge the countries and the Office of Lights to mark buoys.", Kind::states_and_organ,
       "office"},
      {"Request the Office of Lights and member states to mark buoys.", Kind::states_and_organ,
       "office"},
      {"Urge the private sector and the Office of Lights to mark buoys.", Kind::private_sector, ""},
      {"Request the member states of the Harbour League to mark buoys.", Kind::states, ""},
      {"Request, with the help of the Harbour League, our Ministers of Ports to mark buoys.",
       Kind::states, ""},
      {"Request the Office of Lights not to publish its maps.", Kind::organ, "office"},
      {"Invite civil society to report wrecks.", Kind::civil_society, ""},
      {"Encourage financial institutions to report wrecks.", Kind::private_sector, ""},
      {"Request the Keepers of the Bell to ring it.", Kind::unnamed_body, ""},
      {"Encourage the development of ports.", Kind::states, ""},
      {"The Office of Lights will repair the lamp.", Kind::organ, "office"},
      {"By 2031, the Office of Lights, together with fishers, will repair the lamp.", Kind::organ,
       "office"},
      {"In cooperation with the Harbour League, crews and the Office of Lights, member states "
       "shall "
       "repair the lamp.",
       Kind::states, ""},
      {"The private sector shall repair the lamp.", Kind::private_sector, ""},
      {"The Office of Lights will be repaired.", Kind::states, ""},
      {"Efforts of the Harbour League will continue.", Kind::states, ""},
  };
  for (const auto& [text, kind, id] : cases) {
    const Analysis analysis = analyse(text, context_of(Language::en));
    ASSERT_EQ(analysis.clauses.size(), 1U) << text;
    EXPECT_EQ(analysis.clauses[0].addressee, kind) << text;
    EXPECT_EQ(analysis.clauses[0].addressee_id, id) << text;
  }
}

// Who only helps, is asked or is passed through does not become the one who has to act.
TEST(Addressees, WhoHelpsIsNotAddressed) {
  struct Spoken {
    Language language;
    std::string_view subject, object;  // sentences around the helpers
    std::vector<std::string_view> helpers;
  };

  const std::vector<Spoken> spoken = {
      {Language::en,
       "The private sector, {} the Harbour League and the Office of Lights, shall mark buoys.",
       "Urge the private sector, {} the Harbour League and the Office of Lights, to mark buoys.",
       {"in close cooperation with", "with the full technical support of", "through",
        "in consultation with", "with the assistance of", "under the auspices of", "supported by"}},
      {Language::es,
       "El sector privado, {} la Harbour League y la Office of Lights, marcará boyas.",
       "Exhortamos al sector privado, {} la Harbour League y la Office of Lights, a marcar boyas.",
       {"en estrecha cooperación con", "con el pleno apoyo técnico de", "a través de",
        "en consulta con", "con la asistencia de", "bajo los auspicios de", "por conducto de"}},
      {Language::pt,
       "O setor privado, {} a Harbour League e a Office of Lights, marcará boias.",
       "Exortamos o setor privado, {} a Harbour League e a Office of Lights, a marcar boias.",
       {"em estreita cooperação com", "com o pleno apoio técnico de", "por meio de",
        "em consulta com", "com a assistência de", "sob os auspícios de", "por intermédio de"}},
      {Language::fr,
       "Le secteur privé, {} la Harbour League et l’Office of Lights, marquera des bouées.",
       "Nous exhortons le secteur privé, {} la Harbour League et l’Office of Lights, à ne pas "
       "marquer de bouées.",
       {"en étroite coopération avec", "avec le plein appui technique de", "au moyen de",
        "en consultation avec", "avec l’aide de", "sous les auspices de",
        "par l’intermédiaire de"}}};
  for (const Spoken& one : spoken) {
    for (const std::string_view helper : one.helpers) {
      for (const std::string_view sentence : {one.subject, one.object}) {
        const std::string text = fmt::format(fmt::runtime(sentence), helper);
        const Clause clause = analyse(text, context_of(one.language)).clauses.at(0);
        EXPECT_EQ(clause.addressee, AddresseeKind::private_sector) << text;
        EXPECT_EQ(clause.addressee_id, "") << text;
        EXPECT_EQ(clause.addressee_span.of(text).find("Harbour"), std::string_view::npos) << text;
      }
    }
  }
}

// Whoever is printed as the subject is to act, known or not; the parties only where nobody is, or
// where they are the subject themselves.
TEST(Addressees, ASubjectThatNobodyKnowsIsNotTheStates) {
  struct Spoken {
    Language language;
    std::string_view duty;  // behind the subject
    std::vector<std::string_view> unknown, parties;
  };

  const std::vector<Spoken> spoken = {
      {Language::en,
       " shall publish a synthetic map by 2028.",
       {"The Bell Secretariat", "The Chair", "Private banks", "Each national focal point",
        "The Working Group on Lamps", "Barbados", "Canada and Mexico", "The United States",
        "The Government of Haiti"},
       {"States", "Each State Party", "The governments of the region", "We", "These measures",
        "Victims", "International cooperation", "It", "The first meeting of the Group"}},
      {Language::es,
       " publicará un mapa sintético antes de 2028.",
       {"La Secretaría General", "El Grupo de Trabajo", "La Presidencia", "Cada punto focal",
        "Barbados", "El Gobierno de Haití", "La comisión de faros"},
       {"Cada Estado", "El Estado Parte", "Esta medida", "La cooperación internacional", "Se",
        "La víctima", "La primera reunión del Grupo"}},
      {Language::pt,
       " publicará um mapa sintético até 2028.",
       {"A Secretaria-Geral", "O Grupo de Trabalho", "A Presidência", "Cada ponto focal",
        "Barbados", "O Governo do Haiti", "A comissão de faróis"},
       {"Cada Estado", "O Estado Parte", "Esta medida", "A cooperação internacional", "Se",
        "A vítima", "A primeira reunião do Grupo"}},
      {Language::fr,
       " publiera une carte synthétique d’ici 2028.",
       {"Le Secrétariat général", "Le Groupe de travail", "La Présidence", "Chaque point focal",
        "La Barbade", "Le Gouvernement du Canada", "La commission des phares"},
       {"Chaque État", "L’État partie", "Cette mesure", "La coopération internationale", "Il",
        "La victime", "La première réunion du Groupe"}}};
  for (const Spoken& one : spoken) {
    const auto read = [&](std::string_view subject) {
      const std::string text = fmt::format("{}{}", subject, one.duty);
      const Clause clause = analyse(text, context_of(one.language)).clauses.at(0);
      return fmt::format("{} <{}>", to_string(clause.addressee), clause.addressee_span.of(text));
    };
    for (const std::string_view subject : one.unknown) {
      EXPECT_EQ(read(subject), fmt::format("unnamed_body <{}>", subject));
    }
    for (const std::string_view subject : one.parties) {
      EXPECT_EQ(read(subject), "states <>") << subject;
    }
  }
  const std::string both =
      "In 2028 the Chair shall convene all pilots of the port, and will report.";
  const Analysis analysis = analyse(both, context_of(Language::en));
  EXPECT_EQ(analysis.clauses.at(0).addressee_span.of(both), "the Chair");
  EXPECT_EQ(analysis.clauses.at(1).addressee_span.of(both), "the Chair");
}

TEST(Addressees, ARequestInThePassiveAsksItsSubject) {
  const std::vector<std::tuple<Language, std::string_view, std::string_view>> cases = {
      {Language::en, "The Bell Secretariat is requested to publish a map by 2028.",
       "firm unnamed_body <The Bell Secretariat> publish a map by 2028"},
      {Language::en, "In this context, States are also invited to publish a map.",
       "hortatory states <States> publish a map"},
      {Language::en, "It is recommended that the Working Group publish a map.",
       "hortatory unnamed_body <the Working Group> publish a map"},
      {Language::es, "Se invita a los Estados a que, cuando proceda, publiquen un mapa.",
       "hortatory states <a los Estados> cuando proceda, publiquen un mapa"},
      {Language::es, "Se solicita que el Grupo de Trabajo publique un mapa.",
       "firm unnamed_body <el Grupo de Trabajo> publique un mapa"},
      {Language::es, "La Presidencia queda encargada de publicar un mapa.",
       "firm unnamed_body <La Presidencia> publicar un mapa"},
      {Language::pt, "Convida-se os Estados a publicar um mapa.",
       "hortatory states <os Estados> publicar um mapa"},
      {Language::pt, "É solicitado à Office of Lights que publique um mapa.",
       "firm organ <à Office of Lights> publique um mapa"},
      {Language::pt, "A Presidência é solicitada a publicar um mapa.",
       "firm unnamed_body <A Presidência> publicar um mapa"},
      {Language::fr, "Les États sont invités à publier une carte.",
       "hortatory states <Les États> publier une carte"},
      {Language::fr, "Le Secrétariat est prié de publier une carte.",
       "firm unnamed_body <Le Secrétariat> publier une carte"},
      {Language::fr, "Il est demandé au Secrétariat de publier une carte.",
       "firm unnamed_body <au Secrétariat> publier une carte"}};
  for (const auto& [language, text, expected] : cases) {
    const Clause clause = analyse(text, context_of(language)).clauses.at(0);
    EXPECT_EQ(
        fmt::format("{} {} <{}> {}", to_string(clause.formulation), to_string(clause.addressee),
                    clause.addressee_span.of(text), clause.deliverable.of(text)),
        expected)
        << text;
  }
  const std::string_view passing = "Publish a list of States that are invited to the meeting.";
  EXPECT_EQ(analyse(passing, context_of(Language::en)).clauses.at(0).lemma, "publish");
}

TEST(Addressees, DutiesWithoutAModalAreDuties) {
  const std::vector<std::pair<std::string_view, std::vector<std::pair<Language, std::string_view>>>>
      cases = {{"adopt",
                {{Language::en, "That States adopt, before 1 July 2028, a law on lamps."},
                 {Language::es, "Que los Estados adopten, antes del 1 de julio de 2028, una ley."},
                 {Language::pt, "Que os Estados adotem, antes de 1º de julho de 2028, uma lei."},
                 {Language::fr, "Que les États adoptent, avant le 1er juillet 2028, une loi."}}},
               {"strengthen",
                {{Language::es, "Que cada Estado fortalezca sus faros."},
                 {Language::es, "Que se fortalezcan los faros."},
                 {Language::pt, "Que cada Estado fortaleça seus faróis."},
                 {Language::fr, "Que chaque État renforce ses phares."}}},
               {"not build",
                {{Language::en, "Not to build prisons."},
                 {Language::es, "A no construir prisiones."},
                 {Language::pt, "A não construir prisões."},
                 {Language::fr, "De ne pas construire de prisons."},
                 {Language::fr, "À ne plus construire de prisons."}}},
               {"refrain",
                {{Language::en, "States refrain from detaining children."},
                 {Language::es, "Los Estados se abstienen de detener niños."},
                 {Language::pt, "Os Estados abstêm-se de deter crianças."},
                 {Language::fr, "Les États s’abstiennent de détenir des enfants."}}},
               {"train",
                {{Language::en, "Between 2027 and 2029, train 1,000 officers each year."},
                 {Language::es, "Entre 2027 y 2029, capacitar a 1.000 agentes por año."},
                 {Language::pt, "Entre 2027 e 2029, capacitar 1.000 agentes por ano."},
                 {Language::fr, "Entre 2027 et 2029, former 1 000 agents par an."}}}};
  for (const auto& [lemma, texts] : cases) {
    for (const auto& [language, text] : texts) {
      const Analysis analysis = analyse(text, context_of(language));
      EXPECT_EQ(analysis.clauses.at(0).lemma, lemma) << text;
      EXPECT_EQ(analysis.clauses.at(0).addressee, AddresseeKind::states) << text;
      EXPECT_TRUE(analysis.actionable) << text;
    }
  }
  for (const std::string_view told : {"That democracy is essential.", "Countries face threats."}) {
    EXPECT_FALSE(analyse(told, context_of(Language::en)).actionable) << told;
  }
}

TEST(Addressees, WhomARequestWithoutPrepositionAsks) {
  const std::vector<std::pair<Language, std::string_view>> cases = {
      {Language::en, "Request that the Office of Lights, with the help of crews, mark buoys."},
      {Language::es, "Solicitar a la Office of Lights, con la ayuda de marinos, publicar mapas."},
      {Language::es, "Solicitar que la Office of Lights publique mapas."},
      {Language::es, "Solicitar a la Office of Lights, con la ayuda de marinos, a:"},
      {Language::pt, "Solicitar à Office of Lights publicar mapas."},
      {Language::pt, "Solicitar que a Office of Lights publique mapas."},
      {Language::fr, "Prier l’Office of Lights de ne pas les publier."},
      {Language::fr, "Demander que l’Office of Lights publie des cartes."},
      {Language::es, "Instar a la Office of Lights encargada de proteger buques a publicar mapas."},
      {Language::fr, "Exhorter l’Office of Lights chargé de protéger des navires à publier."}};
  for (const auto& [language, text] : cases) {
    const Clause clause = analyse(text, context_of(language)).clauses.at(0);
    EXPECT_EQ(clause.addressee_id, "office") << text;
    EXPECT_FALSE(clause.deliverable.of(text).starts_with("prot")) << text;
  }
}

TEST(Addressees, StatesBesideABodyAreAskedToo) {
  for (const std::string_view printed :
       {"OAS member states and the Office of Lights", "the Office of Lights and the governments",
        "a la Oficina y a los países de la región", "aos Estados membros e ao Escritório",
        "le Bureau et les États membres de l’Organisation"}) {
    EXPECT_TRUE(names_states(printed)) << printed;
  }
  for (const std::string_view printed :
       {"the Organization of American States", "a la Organización de los Estados Americanos",
        "l’Organisation des États américains", "the Office of Lights, through member states",
        "a la Oficina, en cooperación con los Estados"}) {
    EXPECT_FALSE(names_states(printed)) << printed;
  }
}

TEST(Addressees, ItemsAskWhomTheirChapeauAsks) {
  const std::vector<std::tuple<Language, std::string_view, std::string_view>> cases = {
      {Language::en, "We request the Office of Lights, with the help of crews, to:", "Repair it;"},
      {Language::es,
       "Solicitamos a la Office of Lights, con la ayuda de marinos, a:", "Reparar el faro;"},
      {Language::pt,
       "Solicitamos à Office of Lights, com a ajuda de marinheiros:", "Reparar o farol;"},
      {Language::fr,
       "Nous prions l’Office of Lights, avec l’aide de marins, de :", "Réparer le phare;"}};
  for (const auto& [language, chapeau, text] : cases) {
    AnalysisContext context = context_of(language);
    const std::vector<GoverningText> above = {{std::string(chapeau)}};
    context.above = above;
    const Clause clause = analyse(text, context).clauses.at(0);
    EXPECT_EQ(clause.addressee_id, "office") << chapeau;
    EXPECT_EQ(clause.verb_type, VerbType::delegate) << chapeau;
  }
}

// What a person set of the text above counts there; what the item says itself stays.
TEST(Addressees, ItemsFollowWhatAPersonSetAbove) {
  AnalysisContext context = context_of(Language::en);
  std::vector<GoverningText> above = {
      {"We will, by 2030, publish maps:", {{1, true, "print", "office", "2029-03-31"}}}};
  context.above = above;
  const Analysis followed = analyse("for sailors;", context);
  EXPECT_EQ(followed.clauses.at(0).lemma, "print");
  EXPECT_EQ(followed.clauses.at(0).addressee_id, "office");
  ASSERT_EQ(followed.dues.size(), 1U);
  EXPECT_EQ(followed.dues[0].edtf, "2029-03-31");
  EXPECT_EQ(followed.dues[0].printed("for sailors;"), "");
  const Analysis own = analyse("Paint the towers by 2028;", context);
  EXPECT_EQ(own.clauses.at(0).lemma, "paint");
  EXPECT_EQ(own.clauses.at(0).addressee_id, "office");
  EXPECT_EQ(own.dues.at(0).edtf, "../2028");
  above[0].set = {{1, true, std::nullopt, "citizens", ""}};  // no date at all
  const Analysis none = analyse("for sailors;", context);
  EXPECT_EQ(none.clauses.at(0).addressee, AddresseeKind::citizens);
  EXPECT_TRUE(none.dues.empty());
  above.insert(above.begin(), {"Repair the lights:", {}});  // through all levels
  EXPECT_EQ(analyse("Paint the towers;", context_of(Language::en)).clauses.at(0).addressee,
            AddresseeKind::states);
  context.above = above;
  EXPECT_EQ(analyse("Paint the towers;", context).clauses.at(0).addressee, AddresseeKind::citizens);
}

// What leads to the subject, or labels the clause, is neither the verb nor the one who acts.
TEST(Addressees, StandBehindWhatLeadsToTheSubject) {
  const std::vector<std::array<std::string_view, 3>> cases = {
      {"en", "To this end, # shall publish maps by 2027.", "the Bureau"},
      {"en", "Taking into account the charts, their notes and data, # shall publish maps.",
       "the Bureau"},
      {"en", "To mark wrecks, # shall publish maps by 2027.", "private banks"},
      {"en", "To find, mark and raise wrecks, # shall publish maps by 2027.", "private banks"},
      {"en", "Accordingly, # shall, if asked, publish maps.", "the Bureau and the Chair"},
      {"en", "For this purpose, # shall publish maps.", "the Bureau"},
      {"en", "Accordingly, # shall publish maps.", "the Bureau"},
      {"en", "Follow-up: # shall publish maps in 2027.", "The Bureau"},
      {"en", "Support: # shall publish maps.", "BUREAU"},
      {"es", "Seguimiento: # publicará mapas en 2027.", "La Secretaría"},
      {"es", "Tomando en cuenta el informe, # publicará mapas.", "la Secretaría"},
      {"es", "Para reducir el delito, # publicarán mapas.", "los bancos privados"},
      {"pt", "Acompanhamento: # publicará mapas em 2027.", "A Secretaria"},
      {"pt", "Levando em conta o relatório, # publicará mapas.", "a Secretaria"},
      {"pt", "Para esse fim, # publicarão mapas.", "os bancos privados"},
      {"fr", "Suivi : # publiera des cartes en 2027.", "Le Secrétariat"},
      {"fr", "Compte tenu du rapport, # publiera des cartes.", "le Secrétariat"},
      {"fr", "À cette fin, # publiera des cartes.", "le Secrétariat"}};
  for (const auto& [language, around, subject] : cases) {
    std::string text(around);
    text.replace(text.find('#'), 1, subject);
    const Analysis analysis = analyse(text, context_of(*parse_language(language)));
    const Clause& clause = analysis.clauses.at(0);
    EXPECT_EQ(analysis.clauses.size(), 1U) << text;
    EXPECT_EQ(clause.lemma, "publish") << text;
    EXPECT_EQ(clause.addressee, AddresseeKind::unnamed_body) << text;
    EXPECT_EQ(clause.addressee_span.of(text), subject) << text;
  }
  const AnalysisContext context = context_of(Language::en);
  for (const std::string_view text :
       {"To mark wrecks, buoys shall be painted.", "To teach that banks, in ports, shall pay.",
        "To mark wrecks, we shall publish maps."}) {
    EXPECT_EQ(analyse(text, context).clauses.at(0).addressee, AddresseeKind::states) << text;
  }
}

// The day on which those above meet is nobody's deadline, and what is said below a finished sentence
// is only said.
TEST(Addressees, ItemsTakeNeitherTheDayOfTheMeetingNorAVerbForASentence) {
  AnalysisContext context = context_of(Language::en);
  const auto read = [&](std::string chapeau, std::string_view text) {
    const std::vector<GoverningText> above = {{std::move(chapeau)}};
    context.above = above;
    const Analysis analysis = analyse(text, context);
    return fmt::format("{} {}", analysis.clauses.at(0).lemma,
                       analysis.dues.empty() ? "" : analysis.dues[0].edtf);
  };
  EXPECT_EQ(read("We, meeting in Town on 3 March 2001, commit to:", "Paint the towers."), "paint ");
  EXPECT_EQ(read("We, meeting in Town on 3 March 2001, commit, by 2030, to:", "Paint the towers."),
            "paint ../2030");
  EXPECT_EQ(read("We agree to the following by 2030:", "Open centres."), "agree ../2030");
  for (const std::string_view text : {"States cannot do so.", "Nothing here binds anyone."}) {
    EXPECT_EQ(read("We agree to the following:", text), " ") << text;
  }
}

// What stands before the verb or is set apart behind it limits what is asked and hides no verb.
TEST(Conditions, LimitWhatIsAskedAndHideNoVerb) {
  constexpr std::array<Language, 4> kOrder = {Language::en, Language::es, Language::pt,
                                              Language::fr};

  struct Row {
    std::string_view reading;
    std::array<std::string_view, 4> texts;  // in the order of kOrder
  };

  const Row rows[] = {
      {"hold, firm",
       {"Unless otherwise agreed, hold the synthetic meeting.",
        "Salvo acuerdo en contrario, celebrar la reunión sintética.",
        "Salvo acordo em contrário, celebrar a reunião sintética.",
        "Sauf accord contraire, tenir la réunion synthétique."}},
      {"publish, qualified, domestic_law",
       {"Unless domestic law provides otherwise, publish the synthetic figures.",
        "Salvo que el derecho interno disponga otra cosa, publicar las cifras sintéticas.",
        "A menos que o direito interno disponha o contrário, publicar os números sintéticos.",
        "Sauf disposition contraire du droit interne, publier les chiffres synthétiques."}},
      {"publish, qualified, as_appropriate",
       {"Where appropriate, publish the synthetic figures that States will need.",
        "Cuando corresponda, publicar las cifras sintéticas que los Estados necesitarán.",
        "Quando apropriado, publicar os números sintéticos de que os Estados necessitarão.",
        "Le cas échéant, publier les chiffres synthétiques qu’utiliseront les États."}},
      {"publish, qualified, where_possible",
       {"Subject to the availability of resources, publish the synthetic figures.",
        "Con sujeción a la disponibilidad de recursos, publicar las cifras sintéticas.",
        "Sujeito à disponibilidade de recursos, publicar os números sintéticos.",
        "Sous réserve de la disponibilité des ressources, publier les chiffres synthétiques."}},
      {"publish, qualified, where_possible",
       {"To the extent possible, publish the synthetic figures.",
        "En la medida de lo posible, publicar las cifras sintéticas.",
        "Tanto quanto possível, publicar os números sintéticos.",
        "Dans la mesure du possible, publier les chiffres synthétiques."}},
      {"publish, firm, unnamed_body",
       {"If a State so requests, the Working Group shall publish the synthetic figures.",
        "Si un Estado lo solicita, el Grupo de Trabajo publicará las cifras sintéticas.",
        "Se um Estado o solicitar, o Grupo de Trabalho publicará os números sintéticos.",
        "Si un État le demande, le Groupe de travail publiera les chiffres synthétiques."}},
      {"request, qualified, where_possible, unnamed_body",
       {"Request the Synthetic Council, subject to the availability of funds, to publish figures.",
        "Solicitar al Consejo Sintético, sujeto a la disponibilidad de fondos, que publique "
        "cifras.",
        "Solicitar ao Conselho Sintético, sujeito à disponibilidade de fundos, que publique dados.",
        "Demander au Conseil synthétique, sous réserve de la disponibilité des fonds, de "
        "publier."}},
      {"refrain, firm",
       {"Refrain, until 31 December 2028, from expelling synthetic refugees.",
        "Abstenerse, hasta el 31 de diciembre de 2028, de expulsar a refugiados sintéticos.",
        "Abster-se, até 31 de dezembro de 2028, de expulsar refugiados sintéticos.",
        "S’abstenir, jusqu’au 31 décembre 2028, d’expulser des réfugiés synthétiques."}},
      {"release, qualified, ../2028-12-31, where_possible",
       {"Release, by 31 December 2028 where possible, the synthetic pilots.",
        "Soltar, a más tardar el 31 de diciembre de 2028 de ser posible, a los pilotos sintéticos.",
        "Soltar, até 31 de dezembro de 2028 se possível, os pilotos sintéticos.",
        "Relâcher, d’ici au 31 décembre 2028 si possible, les pilotes synthétiques."}},
      {"refrain, firm",
       {"States shall refrain from using synthetic nets.",
        "Los Estados se abstendrán de utilizar redes sintéticas.",
        "Os Estados abster-se-ão de utilizar redes sintéticas.",
        "Les États s’abstiendront d’utiliser des filets synthétiques."}},
      {"not arrest, firm",
       {"No synthetic pilot shall be detained.", "Ningún piloto sintético será detenido.",
        "Nenhum piloto sintético será detido.", "Aucun pilote synthétique ne sera arrêté."}},
      {"repeal, firm",
       {"The synthetic rules shall be repealed.", "Las reglas sintéticas serán derogadas.",
        "As regras sintéticas serão revogadas.", "Les règles synthétiques seront abrogées."}},
      {"hold, firm",
       {"The synthetic meeting shall be held.", "La reunión sintética será celebrada.",
        "A reunião sintética deverá ser celebrada.", "Tenir la réunion synthétique."}},
  };
  for (const Row& row : rows) {
    for (std::size_t i = 0; i < kOrder.size(); ++i) {
      const std::string text(row.texts[i]);
      const Analysis analysis = analyse(text, context_of(kOrder[i]));
      const Clause& clause = analysis.clauses.at(0);
      std::string found = fmt::format("{}, {}", clause.lemma, to_string(clause.formulation));
      for (const Due& due : analysis.dues) {
        found += fmt::format(", {}", due.edtf);
      }
      for (const Qualifier& one : clause.qualifiers) {
        found += fmt::format(", {}", to_string(one.kind));
      }
      if (clause.addressee != AddresseeKind::states) {
        found += fmt::format(", {}", to_string(clause.addressee));
      }
      EXPECT_EQ(found, row.reading) << text;
      EXPECT_EQ(clause.addressee_span.of(text).find(','), std::string_view::npos) << text;
    }
  }
}

}  // namespace
}  // namespace atalaya::commitments
