// Goal: the rules of analysis on sentences written for the purpose, in four languages, and what
// must hold for any bytes. Method: tables of sentence and expectation; rapidcheck for the rest.

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <array>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include <atalaya/commitments/analysis.hpp>

#include "analysis_words.hpp"

namespace atalaya::commitments {
namespace {

std::vector<std::string> keys(std::string_view text) {
  std::vector<std::string> out;
  for (const Word& word : words_of(text)) {
    out.push_back(word.key);
  }
  return out;
}

std::vector<std::string> verbs(const Analysis& analysis, std::string_view text) {
  std::vector<std::string> out;
  for (const Clause& clause : analysis.clauses) {
    out.emplace_back(clause.verb.of(text));
  }
  return out;
}

const Recogniser& harbour_recogniser() {
  static const Recogniser kRecogniser = [] {
    std::vector<Instrument> instruments(3);
    instruments[0].id = "harbour";
    instruments[0].patterns = {"inter-american harbour convention", "=HARCO"};
    instruments[1].id = "harbour-protocol";
    instruments[1].patterns = {"protocol to the inter-american harbour convention"};
    instruments[2].id = "model";
    instruments[2].patterns = {"harco and its model law"};
    std::vector<Institution> institutions(3);
    institutions[0].id = "league";
    institutions[0].patterns = {"harbour league", "=HL"};
    institutions[1].id = "league-council";
    institutions[1].patterns = {"council of the harbour league"};
    institutions[2].id = "office";
    institutions[2].patterns = {"office of lights"};
    return Recogniser(std::span<const Instrument>(instruments),
                      std::span<const Institution>(institutions));
  }();
  return kRecogniser;
}

AnalysisContext context_of(Language language, std::int32_t year = 2001) {
  AnalysisContext context;
  context.language = language;
  context.year = year;
  context.recogniser = &harbour_recogniser();
  return context;
}

TEST(AnalysisWords, OneSpellingForSeveral) {
  const std::vector<std::string> expected = {"interamerican", "organized", "defense"};
  EXPECT_EQ(keys("Inter-American organised defence"), expected);
  EXPECT_EQ(keys("InterAmerican ORGANIZED defense"), expected);
  EXPECT_EQ(keys("Inter American, organized; Defense!"), expected);
  EXPECT_EQ(keys("exercise otherwise promises"),
            (std::vector<std::string>{"exercise", "otherwise", "promises"}));
  EXPECT_EQ(keys("l’État d’urgence"), (std::vector<std::string>{"l", "etat", "d", "urgence"}));
  EXPECT_EQ(keys("inter alia"), (std::vector<std::string>{"inter", "alia"}));
}

TEST(AnalysisWords, MarksCapitals) {
  const auto words = words_of("The OAS É Ásia x");
  ASSERT_EQ(words.size(), 5U);
  EXPECT_TRUE(words[0].capital);
  EXPECT_FALSE(words[0].upper);
  EXPECT_TRUE(words[1].upper);
  EXPECT_TRUE(words[2].capital);
  EXPECT_TRUE(words[3].capital);
  EXPECT_FALSE(words[4].capital);
}

TEST(Recogniser, LongestInstrumentWinsButAcronymsCount) {
  const Recogniser& recogniser = harbour_recogniser();
  EXPECT_EQ(
      distinct_ids(recogniser.instruments("the Protocol to the InterAmerican Harbor Convention")),
      std::vector<std::string>{});  // "Harbor" is another word
  EXPECT_EQ(
      distinct_ids(recogniser.instruments("the Protocol to the Inter American Harbour Convention")),
      std::vector<std::string>{"harbour-protocol"});
  EXPECT_EQ(distinct_ids(recogniser.instruments("HARCO and its model law")),
            (std::vector<std::string>{"harbour", "model"}));
  EXPECT_TRUE(recogniser.instruments("harco").empty());
  EXPECT_TRUE(recogniser.instruments("HARCOS").empty());
}

TEST(Recogniser, BodiesInsideBodiesCount) {
  const std::string text = "the Council of the Harbour League (HL)";
  const auto found = harbour_recogniser().institutions(text);
  EXPECT_EQ(distinct_ids(found), (std::vector<std::string>{"league-council", "league"}));
  ASSERT_EQ(found.size(), 3U);
  EXPECT_EQ(found[2].span.of(text), "HL");
}

TEST(Clauses, SplitAtSemicolonsAndWhile) {
  const std::string text =
      "Promote the rapid ratification of the Harbour Code; promote its use in ports; encourage "
      "States, that have no code, to draft one, while training, or hiring, inspectors; and";
  const Analysis analysis = analyse(text, context_of(Language::en));
  EXPECT_EQ(verbs(analysis, text),
            (std::vector<std::string>{"Promote", "promote", "encourage", "training"}));
  EXPECT_EQ(analysis.clauses[3].depends_on, 3);
  EXPECT_EQ(analysis.clauses[3].formulation, Formulation::hortatory);
  EXPECT_EQ(analysis.clauses[2].addressee_span.of(text), "States, that have no code");
  EXPECT_EQ(analysis.clauses[2].deliverable.of(text), "draft one");
  EXPECT_EQ(analysis.clauses[0].due, 0);
  EXPECT_TRUE(analysis.actionable);
}

TEST(Clauses, ListsOfVerbsAndPurposesAreOneClause) {
  for (const std::string text :
       {"To strengthen cooperation to prevent, combat, and eliminate piracy.",
        "Adopt measures to protect ports and prevent accidents at sea.",
        "Coordinate, simplify, and improve the registers of ships."}) {
    EXPECT_EQ(analyse(text, context_of(Language::en)).clauses.size(), 1U) << text;
  }
}

TEST(Clauses, JoinedHeadsAreSeveral) {
  const std::vector<std::pair<std::string, std::vector<std::string>>> cases = {
      {"Promote safety on board, and raise the awareness of crews.", {"Promote", "raise"}},
      {"Enact laws to permit the seizure of ships and consider the sharing of the proceeds.",
       {"Enact", "consider"}},
      {"We commit to build lighthouses along the coast and to maintain them.",
       {"commit", "maintain"}},
      {"We recognise the value of pilots and we will train more of them.", {"recognise", "train"}},
      {"To support the ports of small states, as well as to review their laws.",
       {"support", "review"}},
      {"Taking into account the needs of fishers, develop the old quays.", {"develop"}},
      {"In this regard, the ministers met. We will, using all legal means, protect the bay.",
       {"", "protect"}},
  };
  for (const auto& [text, expected] : cases) {
    EXPECT_EQ(verbs(analyse(text, context_of(Language::en)), text), expected) << text;
  }
}

TEST(Clauses, DelegatedTasksKeepTheirAddressee) {
  const std::string text =
      "Request the Council of the Harbour League to conduct a study of the tides, and to submit "
      "that study, as soon as possible, to the states.";
  const Analysis analysis = analyse(text, context_of(Language::en));
  ASSERT_EQ(analysis.clauses.size(), 2U);
  EXPECT_EQ(analysis.clauses[0].addressee, AddresseeKind::organ);
  EXPECT_EQ(analysis.clauses[0].addressee_id, "league-council");
  EXPECT_EQ(analysis.clauses[0].formulation, Formulation::firm);
  EXPECT_EQ(analysis.clauses[1].lemma, "submit");
  EXPECT_EQ(analysis.clauses[1].depends_on, 1);
  EXPECT_EQ(analysis.clauses[1].addressee_id, "league-council");
  ASSERT_EQ(analysis.dues.size(), 1U);
  EXPECT_EQ(analysis.dues[0].kind, DueKind::reporting_duty);
  EXPECT_EQ(analysis.clauses[1].due, 0);
}

TEST(Clauses, PartyIsWhoSpeaks) {
  AnalysisContext context = context_of(Language::en);
  context.party = AddresseeKind::parliaments;
  EXPECT_EQ(analyse("Review the law of the sea.", context).clauses[0].addressee,
            AddresseeKind::parliaments);
}

TEST(Clauses, ChapeauGovernsWhatHasNoVerb) {
  AnalysisContext context = context_of(Language::en);
  const std::vector<GoverningText> above = {
      {"Take concrete steps, with the help of crews, to include:"}};
  context.above = above;
  const Analysis analysis = analyse("The repair and painting of lighthouses;", context);
  ASSERT_EQ(analysis.clauses.size(), 1U);
  EXPECT_TRUE(analysis.clauses[0].verb_from_chapeau);
  EXPECT_EQ(analysis.clauses[0].lemma, "take");
  EXPECT_EQ(analysis.clauses[0].formulation, Formulation::firm);
}

// The nearest text above that has a date, a verb or an addressee gives it, through all levels.
TEST(Clauses, ItemsTakeWhatTheTextsAboveThemHave) {
  struct Case {
    Language language;
    std::string chapeau, nearer, dated;
  };
  const std::vector<Case> cases = {
      {Language::en, "By 31 December 2030, the parties will:", "Publish maps, by 2029:",
       "Adopt laws of the sea by March 2028;"},
      {Language::es, "A más tardar el 31 de diciembre de 2030, las partes se comprometen a:",
       "Publicar mapas, a más tardar en 2029:", "Adoptar leyes del mar antes de abril de 2028;"},
      {Language::pt, "Até 31 de dezembro de 2030, as partes se comprometem a:",
       "Publicar mapas, até 2029:", "Adotar leis do mar até março de 2028;"},
      {Language::fr, "D’ici au 31 décembre 2030, les parties s’engagent à :",
       "Publier des cartes, d’ici à 2029 :", "Adopter des lois de la mer d’ici à mars 2028 ;"}};
  for (const auto& [language, chapeau, nearer, dated] : cases) {
    AnalysisContext context = context_of(language);
    const std::vector<GoverningText> alone = {{chapeau}};
    context.above = alone;
    const auto due = [&](std::string_view text) {
      const Analysis analysis = analyse(text, context);
      const Clause& clause = analysis.clauses.at(0);
      return clause.due < 0 ? "none"
                            : analysis.dues.at(static_cast<std::size_t>(clause.due)).edtf +
                                  (analysis.dues.at(0).above.empty() ? "" : " above");
    };
    EXPECT_EQ(due(language == Language::en ? "Adopt laws;" : nearer.substr(0, nearer.find(','))),
              "../2030-12-31 above");
    EXPECT_EQ(due(dated), "../2028-03") << dated;
    const std::vector<GoverningText> both = {{nearer}, {chapeau}};
    context.above = both;
    const std::string text = language == Language::en ? "for households;" : "X";
    EXPECT_EQ(due(text), "../2029 above") << nearer;
    EXPECT_EQ(analyse(text, context).clauses.at(0).lemma, "publish") << nearer;
    EXPECT_EQ(analyse(text, context).clauses.at(0).formulation, Formulation::firm) << nearer;
  }
}

TEST(Clauses, AnAddresseeReachesTheThirdLevel) {
  AnalysisContext context = context_of(Language::en);
  const std::vector<GoverningText> above = {{"Repair the lights:"},
                                            {"We request the Office of Lights, by 2030, to:"}};
  context.above = above;
  const Analysis analysis = analyse("Paint the towers;", context);
  EXPECT_EQ(analysis.clauses.at(0).addressee_id, "office");
  EXPECT_EQ(analysis.dues.at(0).edtf, "../2030");
  EXPECT_EQ(analysis.dues.at(0).printed("Paint the towers;"), "by 2030");
}

TEST(Clauses, BracketedChapeauNamesTheBody) {
  const std::string text =
      "[Entrust the Harbour League, through its Council, to:] Review the maps.";
  const Analysis analysis = analyse(text, context_of(Language::en));
  ASSERT_EQ(analysis.clauses.size(), 1U);
  EXPECT_EQ(analysis.clauses[0].verb.of(text), "Review");
  EXPECT_EQ(analysis.clauses[0].verb_type, VerbType::delegate);
  EXPECT_EQ(analysis.clauses[0].addressee_id, "league");
}

constexpr std::array kLanguages = {Language::en, Language::es, Language::pt, Language::fr};

// The verb as printed never says the opposite of the text.
TEST(Clauses, AVerbIsPrintedWithItsNegation) {
  const std::array<std::string_view, 4> kForbidden[] = {
      // the verb as printed | the rest
      {"Do not use| masks.", "No utilizar| máscaras.", "Não utilizar| máscaras.",
       "Ne pas utiliser| de masques."},
      {"No longer use| masks.", "Ya no utilizar| máscaras.", "Não mais utilizar| máscaras.",
       "Ne plus utiliser| de masques."},
      {"States |shall not use| masks.", "Los Estados |no utilizarán| máscaras.",
       "Os Estados |não utilizarão| máscaras.", "Les États |n’utiliseront pas| de masques."},
      {"States |shall never use| masks.", "Los Estados |nunca utilizarán| máscaras.",
       "Os Estados |nunca utilizarão| máscaras.", "Les États |n’utiliseront jamais| de masques."},
      {"|No State shall use| masks.", "|Ningún Estado utilizará| máscaras.",
       "|Nenhum Estado utilizará| máscaras.", "|Aucun État n’utilisera| de masques."},
      {"By 2030, |no State shall use| masks.", "Para 2030, |ningún Estado utilizará| máscaras.",
       "Até 2030, |nenhum Estado utilizará| máscaras.",
       "D’ici 2030, |aucun État n’utilisera| de masques."},
      {"States |shall under no circumstances use| masks.",
       "Los Estados en |ningún caso utilizarán| máscaras.",
       "Os Estados em |nenhum caso utilizarão| máscaras.",
       "Les États |n’utiliseront jamais| de masques."},
      {"|Neither States nor towns shall use| masks.",
       "|Ni los Estados ni las ciudades utilizarán| máscaras.",
       "|Nem os Estados nem as cidades utilizarão| máscaras.",
       "|Ni les États ni les villes n’utiliseront| de masques."},
      {"States |must not use| masks.", "Los Estados |no deben utilizar| máscaras.",
       "Os Estados |não devem utilizar| máscaras.",
       "Les États |ne doivent pas utiliser| de masques."},
      {"States |shall no longer use| masks.", "Los Estados |ya no utilizarán| máscaras.",
       "Os Estados |não mais utilizarão| máscaras.", "Les États |n’utiliseront plus| de masques."},
      {"|Neither shall States use| masks.", "Los Estados |tampoco utilizarán| máscaras.",
       "Os Estados |tampouco utilizarão| máscaras.",
       "Les États |n’utiliseront pas non plus| de masques."},
      {"Under |no circumstances shall States use| masks.",
       "Bajo |ninguna circunstancia utilizarán| los Estados máscaras.",
       "Sob |nenhuma circunstância utilizarão| os Estados máscaras.",
       "En |aucun cas les États n’utiliseront| de masques."},
      {"In |no case shall we use| masks.", "En |ningún caso, los Estados utilizarán| máscaras.",
       "Em |nenhum caso, os Estados utilizarão| máscaras.",
       "En |aucun cas, les États n’utiliseront| de masques."}};
  for (const auto& texts : kForbidden) {
    for (std::size_t i = 0; i < texts.size(); ++i) {
      const auto parts = split(texts[i], '|');
      const std::string text = fmt::format("{}", fmt::join(parts, ""));
      const Clause clause = analyse(text, context_of(kLanguages[i], 2022)).clauses.at(0);
      EXPECT_EQ(clause.verb.of(text), parts.at(parts.size() - 2)) << text;
      EXPECT_EQ(clause.lemma, "not use") << text;
    }
  }
  EXPECT_EQ(analyse("Les États n’utiliseront que des masques.", context_of(Language::fr))
                .clauses.at(0)
                .lemma,
            "use");
  // Within a limit, or with none of something, they are asked to do it.
  for (const std::string_view text :
       {"No later than 2030 States shall use masks.", "States with no port shall use masks.",
        "At no cost to towns States shall use masks.", "States shall not only use masks."}) {
    EXPECT_EQ(analyse(text, context_of(Language::en)).clauses.at(0).lemma, "use") << text;
  }
}

// A limit between the modal and its verb is neither the verb nor a negation.
TEST(Clauses, ALimitBeforeTheVerbIsNoVerb) {
  const std::array<std::string_view, 4> kLimited[] = {
      {"States shall, no later than 2029, and without undue delay, ratify the treaty.",
       "Los Estados deberán, a más tardar en 2029, y sin demora indebida, ratificar el tratado.",
       "Os Estados deverão, o mais tardar até 2029, e sem demora indevida, ratificar o tratado.",
       "Les États devront, au plus tard en 2029, et sans retard indu, ratifier le traité."},
      {"States shall, not later than 2029, ratify the treaty.",
       "Los Estados deberán, no más tarde de 2029, ratificar el tratado.",
       "Os Estados deverão, não mais tarde que 2029, ratificar o tratado.",
       "Les États devront, pas plus tard que 2029, ratifier le traité."},
      {"States shall no later than 2029 ratify the treaty.",
       "Los Estados ratificarán no más tarde de 2029 el tratado.",
       "Os Estados ratificarão não mais tarde que 2029 o tratado.",
       "Les États ratifieront au plus tard en 2029 le traité."}};
  for (const auto& texts : kLimited) {
    for (std::size_t i = 0; i < texts.size(); ++i) {
      const Analysis analysis = analyse(texts[i], context_of(kLanguages[i], 2022));
      EXPECT_EQ(analysis.clauses.at(0).lemma, "ratify") << texts[i];
      EXPECT_EQ(analysis.dues.empty() ? "" : analysis.dues.front().edtf, "../2029") << texts[i];
    }
  }
  const std::string_view after_entry =
      "States shall, not later than 60 days after its entry into force, ratify the treaty.";
  EXPECT_EQ(analyse(after_entry, context_of(Language::en)).clauses.at(0).lemma, "ratify");
}

TEST(Clauses, WhatATextDoesNotDoAsksForNothing) {
  const std::array<std::string_view, 4> kDisclaimers[] = {
      {"Nothing in this Declaration shall oblige States to paint.",
       "Nada de lo dispuesto en esta Declaración obligará a los Estados a pintar.",
       "Nada do disposto nesta Declaração obrigará os Estados a pintar.",
       "Rien dans la présente Déclaration n’obligera les États à peindre."},
      {"Nothing in this Plan, or in its annexes, shall oblige States to paint by 2030.",
       "Nada en este Plan, ni en sus anexos, obligará a los Estados a pintar para 2030.",
       "Nada neste Plano, nem em seus anexos, obrigará os Estados a pintar até 2030.",
       "Rien dans ce Plan, ni dans ses annexes, n’obligera les États à peindre d’ici 2030."},
      {"None of the provisions of this Plan shall oblige States to paint.",
       "Ninguna de las disposiciones de este Plan obligará a los Estados a pintar.",
       "Nenhuma disposição deste Plano obrigará os Estados a pintar.",
       "Aucune disposition de ce Plan n’obligera les États à peindre."}};
  for (const auto& texts : kDisclaimers) {
    for (std::size_t i = 0; i < texts.size(); ++i) {
      const Analysis analysis = analyse(texts[i], context_of(kLanguages[i], 2022));
      EXPECT_FALSE(analysis.actionable) << texts[i];
      EXPECT_EQ(analysis.clauses.at(0).lemma, "not compel") << texts[i];
      EXPECT_TRUE(analysis.dues.empty()) << texts[i];
    }
  }
}

// What is only regretted, or forbidden before a date, is due on no day.
TEST(Dues, WhatIsSaidOrForbiddenHasNoDeadline) {
  struct Said {
    std::string_view due;
    std::array<std::string_view, 4> texts;  // en, es, pt, fr
  };

  constexpr Said kSaid[] = {
      {"",
       {"We regret that the synthetic target for 2022 was not met.",
        "Lamentamos que la meta sintética fijada para 2022 no se haya cumplido.",
        "Lamentamos que a meta sintética fixada para 2022 não tenha sido cumprida.",
        "Nous regrettons que l’objectif synthétique fixé d’ici 2022 n’ait pas été atteint."}},
      {"",
       {"States shall not close synthetic ports before 2030.",
        "Los Estados no cerrarán puertos sintéticos antes de 2030.",
        "Os Estados não fecharão portos sintéticos antes de 2030.",
        "Les États ne fermeront pas de ports synthétiques avant 2030."}},
      {"",
       {"Do not close synthetic ports until 2030.", "No cerrar puertos sintéticos hasta 2030.",
        "Não fechar portos sintéticos até 2030.",
        "Ne pas fermer de ports synthétiques jusqu’en 2030."}},
      {"../2030",
       {"By 2030, no State shall close synthetic ports.",
        "Para 2030, ningún Estado cerrará puertos sintéticos.",
        "Até 2030, nenhum Estado fechará portos sintéticos.",
        "D’ici 2030, aucun État ne fermera de ports synthétiques."}},
      {"../2030",
       {"We reaffirm our commitment to build synthetic ports by 2030.",
        "Reafirmamos nuestro compromiso de construir puertos sintéticos para 2030.",
        "Reafirmamos nosso compromisso de construir portos sintéticos até 2030.",
        "Nous réaffirmons notre engagement de construire des ports synthétiques d’ici 2030."}}};
  for (const Said& one : kSaid) {
    for (std::size_t i = 0; i < one.texts.size(); ++i) {
      const Analysis analysis = analyse(one.texts[i], context_of(kLanguages[i], 2022));
      EXPECT_EQ(analysis.dues.empty() ? "" : analysis.dues.front().edtf, one.due) << one.texts[i];
    }
  }
}

TEST(Clauses, Formulations) {
  using F = Formulation;
  const std::vector<std::tuple<Language, std::string, F>> cases = {
      {Language::en, "Ratify the Harbour Code.", F::firm},
      {Language::en, "Ratify the Harbour Code, as soon as possible.", F::firm},
      {Language::en, "Strengthen, as appropriate, the coast guard.", F::qualified},
      {Language::en, "Exchange maps in accordance with domestic law.", F::qualified},
      {Language::en, "We will strive to light the coast.", F::qualified},
      {Language::en, "Build quays, within available resources.", F::qualified},
      {Language::en, "Consider building quays.", F::hortatory},
      {Language::en, "Encourage fishers to wear vests.", F::hortatory},
      {Language::en, "Support the fishers.", F::hortatory},
      {Language::en, "We reaffirm our commitment to the sea.", F::declaratory},
      {Language::en, "Take note of the tide.", F::declaratory},
      {Language::en, "The sea is wide and storms endanger ships.", F::declaratory},
      {Language::es, "Fortalecer la guardia costera.", F::firm},
      {Language::es, "Fortalecer, según corresponda, la guardia costera.", F::qualified},
      {Language::es, "Intercambiar mapas de conformidad con su legislación interna.", F::qualified},
      {Language::es, "Alentar a los Estados a que construyan muelles.", F::hortatory},
      {Language::es, "Reafirmamos nuestro compromiso con el mar.", F::declaratory},
      {Language::pt, "Fortalecer a guarda costeira.", F::firm},
      {Language::pt, "Fortalecer, conforme apropriado, a guarda costeira.", F::qualified},
      {Language::pt, "Incentivar os Estados a construir cais.", F::hortatory},
      {Language::pt, "Reconhecemos a importância do mar.", F::declaratory},
      {Language::fr, "Renforcer la garde côtière.", F::firm},
      {Language::fr, "Renforcer, le cas échéant, la garde côtière.", F::qualified},
      {Language::fr, "Encourager les États à construire des quais.", F::hortatory},
      {Language::fr, "Demander instamment aux États de construire des quais.", F::hortatory},
      {Language::fr, "Nous réaffirmons notre attachement à la mer.", F::declaratory},
  };
  for (const auto& [language, text, expected] : cases) {
    const Analysis analysis = analyse(text, context_of(language));
    ASSERT_EQ(analysis.clauses.size(), 1U) << text;
    EXPECT_EQ(to_string(analysis.clauses[0].formulation), to_string(expected)) << text;
    EXPECT_EQ(analysis.actionable, expected != F::declaratory) << text;
  }
}

// What a text forbids is not what it asks for.
TEST(Clauses, ANegatedVerbSaysSo) {
  const auto lemma = [](Language language, std::string_view text) {
    const Analysis analysis = analyse(text, context_of(language));
    return analysis.clauses.empty() ? std::string() : analysis.clauses[0].lemma;
  };
  EXPECT_EQ(lemma(Language::en, "States shall not deport sailors to a storm."), "not deport");
  EXPECT_EQ(lemma(Language::en, "We will never limit the harbours."), "not limit");
  EXPECT_EQ(lemma(Language::en, "Not to limit the rights of sailors."), "not limit");
  EXPECT_EQ(lemma(Language::en, "Do not finance pirates."), "not finance");
  EXPECT_EQ(lemma(Language::es, "No financiar a los piratas."), "not finance");
  EXPECT_EQ(lemma(Language::pt, "Não financiar os piratas."), "not finance");
  EXPECT_EQ(lemma(Language::fr, "Ne pas financer les pirates."), "not finance");
  EXPECT_EQ(lemma(Language::en, "States shall also deport no sailors."), "deport");
  EXPECT_EQ(lemma(Language::en, "Not to deport sailors."), "not deport");
  EXPECT_EQ(lemma(Language::es, "Los Estados no construirán muros."), "not build");
  EXPECT_EQ(lemma(Language::fr, "Les États ne construiront pas de murs."), "not build");
  EXPECT_EQ(lemma(Language::en, "No State shall finance pirates."), "not finance");
  EXPECT_EQ(lemma(Language::en, "Neither ports nor ships shall finance pirates."), "not finance");
  EXPECT_EQ(lemma(Language::en, "No later than 2030, States shall finance ports."), "finance");
  EXPECT_EQ(lemma(Language::es, "Ningún Estado financiará a los piratas."), "not finance");
  EXPECT_EQ(lemma(Language::pt, "Nenhum Estado financiará os piratas."), "not finance");
}

// A page and its twin ask for the same: whether the lexicon knows a verb decides nothing.
TEST(Clauses, ItemsCommandByPlaceAndForm) {
  const std::vector<std::pair<Language, std::string>> cases = {
      {Language::en, "Not to charge fees for synthetic courts."},
      {Language::en, "To abstain from synthetic propaganda."},
      {Language::en, "Never chart the harbour at night."},
      {Language::en, "Refrain from torture."},
      {Language::en, "Cut synthetic backlogs by half."},
      {Language::en, "Hire 100 pilots."},
      {Language::en, "Chart the harbour."},
      {Language::en, "Screen synthetic cargo."},
      {Language::es, "No deportaremos a menores."},
      {Language::es, "Abstenerse de torturar."},
      {Language::es, "Nunca usar minas."},
      {Language::es, "Los Estados no construirán muros."},
      {Language::es, "Los Estados deben respetar el mar."},
      {Language::pt, "Não deportaremos menores."},
      {Language::pt, "Os Estados não construirão muros."},
      {Language::fr, "Ne jamais percevoir de frais."},
      {Language::fr, "Nous n’expulserons pas les mineurs."},
      {Language::fr, "S’abstenir de toute torture."},
      {Language::fr, "Les États ne construiront pas de murs."},
  };
  for (const auto& [language, text] : cases) {
    const Analysis analysis = analyse(text, context_of(language));
    ASSERT_EQ(analysis.clauses.size(), 1U) << text;
    EXPECT_EQ(analysis.clauses[0].formulation, Formulation::firm) << text;
    EXPECT_NE(analysis.clauses[0].verb.begin, analysis.clauses[0].verb.end) << text;
  }
}

TEST(Clauses, HeadingsRecitalsAndDeclarationsCommandNothing) {
  const std::vector<std::pair<Language, std::string>> cases = {
      {Language::en, "Border security policies."},
      {Language::en, "Latin America and its ports"},
      {Language::en, "Figure 1: Routes of ships"},
      {Language::en, "October 8, 2008"},
      {Language::en, "Aware of the harm that storms cause."},
      {Language::en, "Crime harms the poor."},
      {Language::en, "Peace requires justice."},
      {Language::en, "We face the threat of storms."},
      {Language::en, "To this end, the pilots met."},
      {Language::en, "Never before has the harbour been so wide."},
      {Language::en, "Deplore the loss of lives."},
      {Language::es, "Los Estados consideran que la paz es un bien."},
      {Language::es, "Reconocemos que los Estados construirán la paz."},
      {Language::es, "Las normas que construirán la paz."},
      {Language::pt, "O padrão do verão passado."},
      {Language::fr, "Nous espérons la paix."},
      {Language::fr, "Les environs de la ville."},
  };
  for (const auto& [language, text] : cases) {
    EXPECT_FALSE(analyse(text, context_of(language)).actionable) << text;
  }
}

TEST(Clauses, OtherLanguagesSplitToo) {
  const std::vector<std::tuple<Language, std::string, std::size_t>> cases = {
      {Language::es, "Promover la seguridad de los puertos, y fortalecer la guardia costera.", 2},
      {Language::es, "Adoptar medidas para prevenir y combatir la piratería.", 1},
      {Language::pt, "Promover a segurança dos portos, e fortalecer a guarda costeira.", 2},
      {Language::fr, "Promouvoir la sécurité des ports, et renforcer la garde côtière.", 2},
  };
  for (const auto& [language, text, count] : cases) {
    EXPECT_EQ(analyse(text, context_of(language)).clauses.size(), count) << text;
  }
}

struct DueCase {
  Language language;
  std::int32_t year;
  std::string text;
  std::string kind;  // empty: nothing binds
  std::string edtf;
  std::string latest;
};

TEST(Dues, KindsAndDates) {
  const std::vector<DueCase> cases = {
      {Language::en, 2005, "Draw, before May 2006, a map of reefs.", "deadline", "../2006-04",
       "2006-04-30"},
      {Language::en, 2005, "Draw a map by 15 January 2006.", "deadline", "../2006-01-15",
       "2006-01-15"},
      {Language::en, 2005, "Draw a map before January 2006.", "deadline", "../2005-12",
       "2005-12-31"},
      {Language::en, 2001, "Hold the Regatta in 2004.", "deadline", "2004", "2004-12-31"},
      {Language::en, 2008, "Welcome the offer to host the Regatta during 2009.", "deadline", "2009",
       "2009-12-31"},
      {Language::en, 1998,
       "It ends in a Regatta, to be held, at the latest, at the start of the next "
       "decade.",
       "deadline", "../2003~", ""},
      {Language::en, 2001, "Support the Boat Fair to be held in July 2001.", "scheduled_event",
       "2001-07", "2001-07-31"},
      {Language::en, 1998, "We welcome the talks at the May 4 meeting to be held in Lima.",
       "scheduled_event", "1998-05-04", "1998-05-04"},
      {Language::en, 2001, "Support the Regatta to take place in Chile.", "scheduled_event", "",
       ""},
      {Language::en, 2009, "We request that the League submit to the next Summit a report.",
       "reporting_duty", "", ""},
      {Language::en, 2008, "Request the League to convene a future Meeting of Pilots.", "recurring",
       "", ""},
      {Language::en, 2008, "Report wrecks annually.", "recurring", "R/P1Y", ""},
      {Language::en, 2008, "Repaint the buoys every two years.", "recurring", "R/P2Y", ""},
      {Language::en, 2001, "Call a meeting, before the Special Conference on Tides, of pilots.",
       "relative", "", ""},
      {Language::en, 2001, "Start a three-year program on wrecks.", "period", "P3Y", ""},
      {Language::en, 2001, "Sign the Protocol, once it is open for signature.", "conditional", "",
       ""},
      {Language::en, 2001, "Urgently repair the lamp.", "soft", "", ""},
      {Language::en, 2001, "The Regatta was held in November 2000.", "", "", ""},
      {Language::en, 2001, "Recall the Regatta held in March 2001 in Lima.", "", "", ""},
      {Language::en, 2001, "Apply the 1980 Harbour Convention.", "", "", ""},
      {Language::en, 2015, "Support the 2030 Agenda.", "", "", ""},
      {Language::en, 2001, "Address rapid changes of the tide; this may help.", "", "", ""},
      {Language::en, 0, "The Regatta of May 2003 was windy.", "", "", ""},
      {Language::en, 0, "Draw a map before May 2003.", "deadline", "../2003-04", "2003-04-30"},
      {Language::es, 2005, "Identificar arrecifes antes de diciembre de 2006.", "deadline",
       "../2006-11", "2006-11-30"},
      {Language::es, 2001, "Apoyar la Feria que se celebrará en julio de 2001.", "scheduled_event",
       "2001-07", "2001-07-31"},
      {Language::es, 2001, "Reparar la lámpara lo antes posible.", "soft", "", ""},
      {Language::es, 2004, "Recordar la Feria celebrada en octubre de 2003.", "", "", ""},
      {Language::pt, 2005, "Identificar recifes antes de dezembro de 2006.", "deadline",
       "../2006-11", "2006-11-30"},
      {Language::pt, 2001, "Iniciar um programa de três anos.", "period", "P3Y", ""},
      {Language::fr, 2005, "Recenser les récifs avant décembre 2006.", "deadline", "../2006-11",
       "2006-11-30"},
      {Language::fr, 2001, "Réparer la lampe dès que possible.", "soft", "", ""},
      // Ranges of days.
      {Language::en, 2009, "Support the Fair to be held from April 12 to 19, 2010.",
       "scheduled_event", "2010-04-12", "2010-04-19"},
      {Language::en, 2009, "Support the Fair to be held from April 28 to May 3, 2010.",
       "scheduled_event", "2010-04-28", "2010-05-03"},
      {Language::es, 2009, "Apoyar la Feria que se celebrará del 12 al 19 de abril de 2010.",
       "scheduled_event", "2010-04-12", "2010-04-19"},
      {Language::es, 2009, "Apoyar la Feria que se celebrará del 28 de abril al 3 de mayo de 2010.",
       "scheduled_event", "2010-04-28", "2010-05-03"},
      {Language::pt, 2009, "Apoiar a Feira que será realizada de 12 a 19 de abril de 2010.",
       "scheduled_event", "2010-04-12", "2010-04-19"},
      {Language::fr, 2009, "Appuyer la Foire qui se tiendra du 12 au 19 avril 2010.",
       "scheduled_event", "2010-04-12", "2010-04-19"},
      {Language::en, 2009, "Draw a map by April 12, 2010.", "deadline", "../2010-04-12",
       "2010-04-12"},
      // What others will do, and when a conference is.
      {Language::en, 2024, "The Committee will adopt its directive in 2026.", "scheduled_event",
       "2026", "2026-12-31"},
      {Language::en, 2024, "Follow the work of the Committee, which will adopt its rules in 2026.",
       "scheduled_event", "2026", "2026-12-31"},
      {Language::es, 2024, "Tomar nota de que el Comité adoptará su directiva en 2026.",
       "scheduled_event", "2026", "2026-12-31"},
      {Language::pt, 2024, "Tomar nota de que o Comitê adotará sua diretiva em 2026.",
       "scheduled_event", "2026", "2026-12-31"},
      {Language::fr, 2024, "Prendre note que le Comité adoptera sa directive en 2026.",
       "scheduled_event", "2026", "2026-12-31"},
      {Language::en, 2009,
       "Support the Twelfth Congress on Crime Prevention, Salvador, Brazil, from April 12 to 19, "
       "2010.",
       "scheduled_event", "2010-04-12", "2010-04-19"},
      {Language::es, 2009,
       "Apoyar el Congreso sobre Prevención del Delito, Salvador, abril de 2010.",
       "scheduled_event", "2010-04", "2010-04-30"},
      {Language::en, 2024, "Note that the Committee will hold its meeting in 2026.",
       "scheduled_event", "2026", "2026-12-31"},
      {Language::es, 2024,
       "Tomar nota de que el Comité, que celebrará su reunión en 2026, sesiona.", "scheduled_event",
       "2026", "2026-12-31"},
      {Language::fr, 2024, "Prendre note que la Ligue devra tenir ses Jeux en 2026.",
       "scheduled_event", "2026", "2026-12-31"},
      {Language::en, 2009, "Welcome the offer of Brazil to host the World Cup in 2014.",
       "scheduled_event", "2014", "2014-12-31"},
      {Language::es, 2009,
       "Saludar el ofrecimiento de organizar el Congreso de las Naciones Unidas "
       "en 2010.",
       "scheduled_event", "2010", "2010-12-31"},
      // What the parties do, or charge somebody with, keeps its deadline.
      {Language::en, 2024, "We will hold the Regatta in 2026.", "deadline", "2026", "2026-12-31"},
      {Language::en, 2024, "Request that the League hold its Regatta in 2026.", "deadline", "2026",
       "2026-12-31"},
      {Language::en, 2024, "We will adopt a directive in 2026.", "deadline", "2026", "2026-12-31"},
      {Language::en, 2024, "Governments will draw maps in 2026.", "deadline", "2026", "2026-12-31"},
      {Language::en, 2024, "Request that the Committee adopt its directive in 2026.", "deadline",
       "2026", "2026-12-31"},
      {Language::en, 2009, "Present a map at the Congress on Crime Prevention in 2010.", "deadline",
       "2010", "2010-12-31"},
      {Language::en, 2009, "Establish the Forum on Tides in 2010.", "deadline", "2010",
       "2010-12-31"},
      {Language::es, 2024, "Los Gobiernos adoptarán mapas en 2026.", "deadline", "2026",
       "2026-12-31"},
      {Language::en, 2019, "Draw a map by 2030-03-04.", "deadline", "../2030-03-04", "2030-03-04"},
      {Language::en, 2019, "Draw a map by March 4th, 2030.", "deadline", "../2030-03-04",
       "2030-03-04"},
      {Language::en, 2019, "Draw a map by 04/03/2030.", "deadline", "../2030", "2030-04-03"},
      {Language::en, 2019, "Draw a map before 04/03/2030.", "deadline", "../2030", "2030-04-02"},
      {Language::en, 2019, "Draw a map by 25/03/2030.", "deadline", "../2030-03-25", "2030-03-25"},
      {Language::es, 2019, "Presentar un mapa hasta 04/03/2030.", "deadline", "../2030-03-04",
       "2030-03-04"},
      {Language::en, 2019, "Submit annual national reports on reefs.", "recurring", "R/P1Y", ""},
      {Language::en, 2019, "Publish its maps on a quarterly basis.", "recurring", "R/P3M", ""},
      {Language::en, 2019, "Publish maps every six months.", "recurring", "R/P6M", ""},
      {Language::en, 2019, "Meet biennially.", "recurring", "R/P2Y", ""},
      {Language::es, 2019, "Presentar informes anuales sobre arrecifes.", "recurring", "R/P1Y", ""},
      {Language::pt, 2019, "Publicar um relatório semestral de recifes.", "recurring", "R/P6M", ""},
      {Language::fr, 2019, "Publier des rapports annuels des récifs.", "recurring", "R/P1Y", ""},
      {Language::en, 2019, "Take note of the annual report of the League.", "", "", ""},
      {Language::en, 2019, "Discuss the Annual Report on Reefs with annual leave.", "", "", ""},
      // A day with its article binds as a bare year does; spans, halves and decades.
      {Language::es, 2019, "Publicar el plan a más tardar el 31 de diciembre de 2030.", "deadline",
       "../2030-12-31", "2030-12-31"},
      {Language::fr, 2019, "Publier le plan au plus tard le 31 décembre 2030.", "deadline",
       "../2030-12-31", "2030-12-31"},
      {Language::fr, 2019, "Publier le plan d’ici au 31 décembre 2030.", "deadline",
       "../2030-12-31", "2030-12-31"},
      {Language::en, 2019, "Publish the plan between 2030 and 2035.", "deadline", "2030/2035",
       "2035-12-31"},
      {Language::fr, 2019, "Publier le plan entre 2030 et 2035.", "deadline", "2030/2035",
       "2035-12-31"},
      {Language::en, 2019, "Recall the storms between 2010 and 2015.", "", "", ""},
      {Language::en, 2019, "Publish the plan by the first half of 2030.", "deadline", "../2030-06",
       "2030-06-30"},
      {Language::pt, 2019, "Publicar o plano no segundo semestre de 2030.", "deadline",
       "2030-07/2030-12", "2030-12-31"},
      {Language::es, 2019, "Publicar el plan antes del fin de la década.", "deadline", "../201X",
       "2019-12-31"},
      {Language::es, 2019, "Publicar el plan a comienzos de la próxima década.", "deadline",
       "2020/2023~", ""},
      {Language::en, 2019, "Publish the plan on or before 30 June 2030.", "deadline",
       "../2030-06-30", "2030-06-30"},
      {Language::fr, 2019, "Publier le plan le ou avant le 30 juin 2030.", "deadline",
       "../2030-06-30", "2030-06-30"},
      {Language::en, 2019, "Publish the plan in the third quarter of 2026.", "deadline",
       "2026-07/2026-09", "2026-09-30"},
      {Language::es, 2019, "Publicar el plan a más tardar en el tercer trimestre de 2026.",
       "deadline", "../2026-09", "2026-09-30"},
      {Language::pt, 2019, "Publicar o plano no último trimestre de 2026.", "deadline",
       "2026-10/2026-12", "2026-12-31"},
      {Language::fr, 2019, "Publier le plan au deuxième trimestre 2026.", "deadline",
       "2026-04/2026-06", "2026-06-30"},
      {Language::en, 2019, "Publish the plan by Q1 2026.", "deadline", "../2026-03", "2026-03-31"},
      {Language::es, 2019, "Publicar el plan una vez al año.", "recurring", "R/P1Y", ""},
      {Language::fr, 2019, "Publier le plan une fois par an.", "recurring", "R/P1Y", ""},
      {Language::fr, 2019, "Publier le plan deux fois par an.", "recurring", "R/P6M", ""},
      {Language::en, 2019, "Publish the plan at the next Summit of the Americas.", "relative", "",
       ""},
      {Language::fr, 2009, "Présenter un rapport au prochain Sommet des Amériques.",
       "reporting_duty", "", ""},
  };
  for (const DueCase& one : cases) {
    const auto dues = find_dues(one.text, context_of(one.language, one.year));
    ASSERT_EQ(dues.size(), one.kind.empty() ? 0U : 1U) << one.text;
    if (!dues.empty()) {
      EXPECT_EQ(to_string(dues[0].kind), one.kind) << one.text;
      EXPECT_EQ(dues[0].edtf, one.edtf) << one.text;
      EXPECT_EQ(dues[0].latest, one.latest) << one.text;
    }
  }
}

std::string random_text() {
  static const std::vector<std::string> kPieces = {"Promote ",
                                                   "to ",
                                                   "and ",
                                                   ", ",
                                                   "; ",
                                                   ": ",
                                                   ". ",
                                                   "We will ",
                                                   "States ",
                                                   "before ",
                                                   "2006 ",
                                                   "May ",
                                                   "4 ",
                                                   "(",
                                                   ")",
                                                   "[Request the League to:] ",
                                                   "é",
                                                   "“",
                                                   "”",
                                                   "\xC3",
                                                   "\xFF",
                                                   "\xE2\x80",
                                                   "next Summit ",
                                                   "report ",
                                                   "while ",
                                                   "training ",
                                                   "the ",
                                                   "Conference ",
                                                   "three-year ",
                                                   "program ",
                                                   "as appropriate ",
                                                   "İ"};
  std::string text;
  const auto count = *rc::gen::inRange<std::size_t>(0, 40);
  for (std::size_t i = 0; i < count; ++i) {
    text += *rc::gen::elementOf(kPieces);
  }
  return text;
}

TEST(Analysis, AClauseKeepsTheMarkThatItBeginsWith) {
  for (const std::string_view text :
       {"<Promote synthetic reviews.", "“Promote” synthetic reviews.", "\"Promote synthetic reviews.\"",
        "¿Promote synthetic reviews?"}) {
    AnalysisContext context;
    context.year = 1998;
    const Analysis analysis = analyse(text, context);
    ASSERT_FALSE(analysis.clauses.empty()) << text;
    EXPECT_EQ(analysis.clauses[0].span.begin, 0U) << text;
    EXPECT_EQ(analysis.clauses[0].span.of(text).front(), text.front()) << text;
  }
}

RC_GTEST_PROP(Analysis, SpansStayInsideAndInOrder, ()) {
  const std::string text = random_text();
  const auto language = *rc::gen::elementOf(
      std::vector<Language>{Language::en, Language::es, Language::pt, Language::fr});
  const Analysis analysis = analyse(text, context_of(language));
  const auto inside = [&](Span span) { return span.begin <= span.end && span.end <= text.size(); };
  std::uint32_t at = 0;
  std::int32_t ordinal = 0;
  for (const Clause& clause : analysis.clauses) {
    RC_ASSERT(clause.ordinal == ++ordinal);
    RC_ASSERT(clause.span.begin >= at && clause.span.begin < clause.span.end);
    at = clause.span.end;
    RC_ASSERT(inside(clause.span) && inside(clause.verb) && inside(clause.addressee_span) &&
              inside(clause.deliverable));
    RC_ASSERT(clause.due < static_cast<std::int32_t>(analysis.dues.size()));
    RC_ASSERT(clause.depends_on < clause.ordinal);
  }
  for (const Due& due : analysis.dues) {
    RC_ASSERT(inside(due.span));
  }
}

}  // namespace
}  // namespace atalaya::commitments
