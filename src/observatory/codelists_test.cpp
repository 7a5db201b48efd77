#include <atalaya/observatory/codelists.hpp>

#include <set>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "codelists_match.hpp"
#include "codelists_row.hpp"

namespace atalaya::observatory {
namespace {

const Codelists& lists() {
  static const auto embedded = Codelists::embedded();
  return *embedded;
}

TEST(Codelists, LoadsWhatIsEmbedded) {
  const auto loaded = Codelists::load(embedded_catalogue());
  ASSERT_TRUE(loaded.has_value()) << loaded.error().detail;
  EXPECT_EQ(loaded->all().size(), 20U);
  for (const std::string_view dimension :
       {"period",     "territory",       "iccs",       "sex",          "age",         "mechanism",
        "context",    "relationship",    "place",      "attempted",    "citizenship", "ethnicity",
        "disability", "gender_identity", "occupation", "exploitation", "drug",        "arm",
        "unit",       "status"}) {
    EXPECT_NE(loaded->find(dimension), nullptr) << dimension;
  }
}

TEST(Codelists, EveryCodeIsCompleteAndItsParentExists) {
  for (const auto& list : lists().all()) {
    std::set<std::string> ids;
    EXPECT_FALSE(list.source().empty());
    for (const auto& code : list.codes()) {
      EXPECT_TRUE(ids.insert(code.id).second) << list.dimension() << " " << code.id;
      for (const Language language : kLanguages) {
        EXPECT_FALSE(code.name.in(language).empty()) << list.dimension() << " " << code.id;
      }
      EXPECT_FALSE(code.source.empty()) << code.id;
      EXPECT_FALSE(code.sdmx.empty()) << code.id;
      EXPECT_TRUE(lists().is_valid(list.dimension(), code.id)) << code.id;
      EXPECT_TRUE(code.parent.empty() || list.find(code.parent) != nullptr) << code.id;
    }
  }
}

TEST(Codelists, IccsHasItsThreeHundredAndTwentyTitles) {
  const Codelist& iccs = *lists().find("iccs");
  std::array<int, 4> counts{};
  for (const auto& code : iccs.codes()) {
    ++counts[static_cast<std::size_t>(code.level - 1)];
    // The classification's own rule: two digits, then four, five, six; a parent is a prefix.
    constexpr std::array<std::size_t, 4> kDigits = {2, 4, 5, 6};
    EXPECT_EQ(code.id.size(), kDigits[static_cast<std::size_t>(code.level - 1)]) << code.id;
    EXPECT_TRUE(code.id.starts_with(code.parent)) << code.id;
    EXPECT_EQ(code.sdmx, "ICCS" + code.id);
  }
  EXPECT_EQ(iccs.codes().size(), 320U);
  EXPECT_EQ(counts, (std::array<int, 4>{11, 63, 148, 98}));
  // The ids that Eurostat's crime flows use (observatory design, 1.4).
  for (const std::string_view id : {"0101", "02011", "020221", "0301", "03011", "05012", "0701"}) {
    EXPECT_NE(iccs.find(id), nullptr) << id;
  }
  // Codes that lost a leading zero or were mistyped in the source file.
  EXPECT_NE(iccs.find("02089"), nullptr);
  EXPECT_NE(iccs.find("1001"), nullptr);
  EXPECT_EQ(iccs.find("101"), nullptr);
}

TEST(Codelists, TitlesOfTheSourceFileAreKeptButForItsMisprints) {
  const Codelist& iccs = *lists().find("iccs");
  EXPECT_EQ(iccs.find("0101")->name.in(Language::es), "Homicidio intencional");
  EXPECT_EQ(iccs.find("04")->name.in(Language::en),
            "Acts against property involving violence or threat against a person");
  EXPECT_NE(iccs.find("0609")->name.in(Language::es), iccs.find("0219")->name.in(Language::es));
  EXPECT_EQ(iccs.find("0101")->unofficial, (std::vector{Language::pt, Language::fr}));
}

TEST(Codelists, AllStatesHaveSubdivisions) {
  const Codelist& territory = *lists().find("territory");
  std::map<std::string, std::size_t> expected = {{"COL", 33}, {"BRA", 27}, {"MEX", 32},
                                                 {"ARG", 24}, {"CHL", 16}, {"DOM", 32},
                                                 {"KNA", 14}, {"USA", 57}};
  int states = 0;
  for (const Code* country : territory.children("")) {
    const auto inside = territory.children(country->id);
    if (inside.empty()) {
      continue;  // a territory with a parliament of its own has no divisions in ISO 3166-2
    }
    ++states;
    if (expected.contains(country->id)) {
      EXPECT_EQ(inside.size(), expected[country->id]) << country->id;
    }
    for (const Code* code : inside) {
      EXPECT_EQ(lists().country_of(code->id), country->id);
    }
  }
  EXPECT_EQ(states, 35);
}

TEST(Codelists, LowerTerritoriesFindTheirSubdivisionByNationalCode) {
  EXPECT_EQ(lists().parent("territory", "COL_05001"), "CO-ANT");
  EXPECT_EQ(lists().parent("territory", "COL_11001"), "CO-DC");
  EXPECT_EQ(lists().parent("territory", "BRA_3304557"), "BR-RJ");
  EXPECT_EQ(lists().parent("territory", "MEX_09007"), "MX-CMX");
  EXPECT_EQ(lists().parent("territory", "CRI_101"), "CR-SJ");
  EXPECT_EQ(lists().parent("territory", "CO-ANT"), "COL");
  EXPECT_EQ(lists().parent("territory", "JAM_x1"), "JAM");
  EXPECT_TRUE(lists().is_within("territory", "COL_05001", "COL"));
  EXPECT_FALSE(lists().is_within("territory", "COL_05001", "CO-VAC"));
  EXPECT_TRUE(lists().is_within("territory", "DO-32", "DO-40"));
  EXPECT_FALSE(lists().is_valid("territory", "XXX_05001"));
  EXPECT_FALSE(lists().is_valid("territory", "_U"));
}

TEST(Codelists, SaysWhichCodesFactsMayCarry) {
  EXPECT_TRUE(lists().is_valid("sex", "_U"));
  EXPECT_FALSE(lists().is_valid("sex", "_T"));
  EXPECT_FALSE(lists().is_valid("sex", "male"));
  EXPECT_TRUE(lists().is_valid("age", "Y15T19"));
  EXPECT_FALSE(lists().is_valid("age", "Y0T4"));  // one spelling: Y_LT5
  EXPECT_TRUE(lists().is_valid("ethnicity", "wayuu"));
  EXPECT_FALSE(lists().is_valid("ethnicity", "Wayuu!"));
  EXPECT_FALSE(lists().is_valid("mechanism", "wayuu"));
  EXPECT_TRUE(lists().is_valid("citizenship", "VEN"));
  EXPECT_TRUE(lists().is_valid("x_modality", "Hurto a comercio"));
  EXPECT_FALSE(lists().is_valid("x_modality", "_T"));
  EXPECT_FALSE(lists().is_valid("colour", "red"));
}

TEST(Codelists, LabelsEveryCode) {
  EXPECT_EQ(lists().label("age", "Y15T19", Language::es), "15–19 años");
  EXPECT_EQ(lists().label("age", "Y_GE65", Language::pt), "65 anos e mais");
  EXPECT_EQ(lists().label("age", "Y0", Language::fr), "moins de 1 an");
  EXPECT_EQ(lists().label("period", "2023-04", Language::es), "abril de 2023");
  EXPECT_EQ(lists().label("period", "2023-Q1", Language::en), "quarter 1, 2023");
  EXPECT_EQ(lists().label("sex", "_U", Language::fr), "Inconnu");
  EXPECT_EQ(lists().label("territory", "CO-ANT", Language::en), "Antioquia");
  EXPECT_EQ(lists().label("citizenship", "VEN", Language::en), "Venezuela");
  EXPECT_EQ(lists().label("territory", "COL_05001", Language::en), "COL_05001");
}

TEST(Codelists, ReadsUnknownInFourLanguages) {
  for (const auto* text : {"NO REPORTA", "Ignorado", "sin información", "Não informado", "unknown",
                           "S/D", "N/D", "inconnu"}) {
    EXPECT_TRUE(lists().reads_as_unknown(text)) << text;
  }
  EXPECT_TRUE(lists().reads_as_not_applicable("No aplica"));
  EXPECT_FALSE(lists().reads_as_unknown("Masculino"));
  EXPECT_FALSE(lists().reads_as_unknown(""));
}

std::string best(std::string_view dimension, std::string_view text, const NameQuery& query = {}) {
  const auto matches = lists().find(dimension)->match_name(text, query);
  const NameMatch* sure = matches.sure();
  return sure == nullptr ? "?" : sure->code->id + " " + sure->reason;
}

TEST(MatchName, ReadsSpellingsOfTerritories) {
  const NameQuery colombia{"COL", 2};
  EXPECT_EQ(best("territory", "Antioquia", colombia), "CO-ANT exact");
  EXPECT_EQ(best("territory", "ANTIOQUIA", colombia), "CO-ANT folded");
  EXPECT_EQ(best("territory", "BOGOTÁ D.C. (CT)", colombia), "CO-DC folded");
  EXPECT_EQ(best("territory", "Bogota DC", colombia), "CO-DC folded");
  EXPECT_EQ(best("territory", "GUAJIRA", colombia), "CO-LAG alias");
  EXPECT_EQ(best("territory", "Departamento del Valle", colombia), "CO-VAC alias");
  EXPECT_EQ(best("territory", "NARI?O", colombia), "CO-NAR spelling distance 1");
  EXPECT_EQ(best("territory", "05", colombia), "CO-ANT national code");
  EXPECT_EQ(best("territory", "5", colombia), "CO-ANT national code");
  EXPECT_EQ(best("territory", "Distrito Federal", {"MEX", 2}), "MX-CMX alias");
  EXPECT_EQ(best("territory", "Estado de México", {"MEX", 2}), "MX-MEX exact");
  EXPECT_EQ(best("territory", "Coahuila", {"MEX", 2}), "MX-COA alias");
  EXPECT_EQ(best("territory", "RJ", {"BRA", 2}), "BR-RJ alias");
  EXPECT_EQ(best("territory", "Sao Paulo", {"BRA", 2}), "BR-SP folded");
  EXPECT_EQ(best("territory", "St. Andrew Parish", {"JAM", 2}), "JM-02 folded");
  EXPECT_EQ(best("territory", "REGIÓN METROPOLITANA", {"CHL", 2}), "CL-RM alias");
  EXPECT_EQ(best("territory", "Atlantis", colombia), "?");
}

TEST(MatchName, NeverDecidesBetweenEquals) {
  const auto matches = lists().find("territory")->match_name("Amazonas", {});
  EXPECT_EQ(matches.sure(), nullptr);
  EXPECT_EQ(matches.candidates.size(), 4U);  // Brazil, Colombia, Peru, Venezuela
  EXPECT_EQ(best("territory", "Amazonas", {"PER", 2}), "PE-AMA exact");
}

TEST(MatchName, ReadsWordsOfPoliceFiles) {
  EXPECT_EQ(best("sex", "MASCULINO"), "M alias");
  EXPECT_EQ(best("sex", "Mujer"), "F exact");
  EXPECT_EQ(best("mechanism", "ARMA DE FUEGO"), "firearm folded");
  EXPECT_EQ(best("mechanism", "ARMA BLANCA / CORTOPUNZANTE"), "sharp alias");
  EXPECT_EQ(best("mechanism", "CONTUNDENTES"), "blunt alias");
  EXPECT_EQ(best("mechanism", "ARTEFACTO EXPLOSIVO/CARGA DINAMITA"), "explosive alias");
  EXPECT_EQ(best("iccs", "Homicidio doloso"), "0101 alias");
}

TEST(MatchName, FindsEveryCodeByItsOwnId) {
  for (const auto& list : lists().all()) {
    for (const auto& code : list.codes()) {
      const auto matches = list.match_name(code.id);
      ASSERT_FALSE(matches.candidates.empty()) << code.id;
      EXPECT_DOUBLE_EQ(matches.candidates.front().score, 1.0) << list.dimension() << code.id;
    }
  }
}

RC_GTEST_PROP(SpellingDistance, IsSymmetricAndZeroOnlyForEquals, (std::string a, std::string b)) {
  const std::size_t distance = spelling_distance(a, b, 3);
  RC_ASSERT(distance == spelling_distance(b, a, 3));
  RC_ASSERT((distance == 0) == (a == b));
}

TEST(SpellingDistance, CountsASwapAsOne) {
  EXPECT_EQ(spelling_distance("antioquia", "antoiquia", 2), 1U);
  EXPECT_EQ(spelling_distance("cordoba", "cordova", 2), 1U);
  EXPECT_EQ(spelling_distance("meta", "cauca", 2), 3U);
}

std::string placed(std::string_view dimension, std::string_view level, std::string_view code) {
  const auto hierarchy = Hierarchy::create(Codelists::embedded(), dimension, level);
  if (!hierarchy) {
    return hierarchy.error().reason;
  }
  const auto place = hierarchy->place(code);
  return place.code + (place.is_exact ? "" : " kept");
}

TEST(Hierarchy, PlacesCodesAndLosesNone) {
  EXPECT_EQ(placed("territory", "admin1", "COL_05001"), "CO-ANT");
  EXPECT_EQ(placed("territory", "admin2", "COL_05001"), "COL_05001");
  EXPECT_EQ(placed("territory", "country", "CO-ANT"), "COL");
  EXPECT_EQ(placed("territory", "admin1", "COL"), "COL kept");
  EXPECT_EQ(placed("territory", "admin1", "JAM_77"), "JAM_77 kept");
  EXPECT_EQ(placed("iccs", "2", "010321"), "0103");
  EXPECT_EQ(placed("iccs", "4", "0101"), "0101");
  EXPECT_EQ(placed("iccs", "4", "0103"), "0103 kept");
  EXPECT_EQ(placed("period", "month", "2023-04-17"), "2023-04");
  EXPECT_EQ(placed("period", "month", "2023"), "2023 kept");
  EXPECT_EQ(placed("period", "year", "2024-W53"), "2024-W53 kept");  // no such week
  EXPECT_EQ(placed("age", "5y", "Y23"), "Y20T24");
  EXPECT_EQ(placed("age", "5y", "Y_GE65"), "Y_GE65 kept");
  EXPECT_EQ(placed("age", "broad", "Y_GE65"), "Y_GE60");
  EXPECT_EQ(placed("age", "child", "Y15T19"), "Y15T19 kept");
  EXPECT_EQ(placed("age", "child", "_U"), "_U");
  EXPECT_EQ(placed("mechanism", "1", "handgun"), "firearm");
  EXPECT_EQ(placed("mechanism", "2", "sharp"), "sharp");
  EXPECT_EQ(placed("mechanism", "2", "firearm"), "firearm kept");
  EXPECT_EQ(placed("x_own", "1", "anything"), "anything");
  EXPECT_EQ(placed("sex", "9", "M"), "observatory.level.unknown");
}

TEST(Codelists, RefusesWhatIsWrongAndSaysWhere) {
  auto files = embedded_catalogue();
  files["observatory/iccs.json"] =
      R"([{"id":"01","level":1,"name":"A","sdmx":"ICCS01","source":"s"},
    {"id":"0201","parent":"02","level":2,"name":"B","sdmx":"x","source":"s"}])";
  auto loaded = Codelists::load(files);
  ASSERT_FALSE(loaded.has_value());
  EXPECT_EQ(loaded.error().reason, "observatory.codelists.bad");
  EXPECT_NE(loaded.error().detail.find("0201"), std::string::npos);
  files["observatory/iccs.json"] = R"([{"id":"01","level":1,"nmae":"A","source":"s"}])";
  loaded = Codelists::load(files);
  ASSERT_FALSE(loaded.has_value());
  EXPECT_NE(loaded.error().detail.find("row 1 (01)"), std::string::npos) << loaded.error().detail;
}

}  // namespace
}  // namespace atalaya::observatory
