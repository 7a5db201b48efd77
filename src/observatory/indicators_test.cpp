#include <atalaya/observatory/indicators.hpp>

#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

#include <gtest/gtest.h>

#include "codelists_row.hpp"

namespace atalaya::observatory {
namespace {

const Codelists& lists() {
  static const auto embedded = Codelists::embedded();
  return *embedded;
}

const Indicators& indicators() {
  static const auto embedded = Indicators::embedded();
  return *embedded;
}

/// The whole catalogue of the source tree, so that references into other desks' files are checked.
CatalogueFiles whole_catalogue() {
  CatalogueFiles files;
  const std::filesystem::path root = std::filesystem::path(ATALAYA_SOURCE_DIR) / "catalogue";
  for (const auto& entry : std::filesystem::recursive_directory_iterator(root)) {
    if (entry.path().extension() == ".json") {
      std::ostringstream bytes;
      bytes << std::ifstream(entry.path(), std::ios::binary).rdbuf();
      files.emplace(std::filesystem::relative(entry.path(), root).string(), bytes.str());
    }
  }
  return files;
}

TEST(Indicators, EveryReferenceAndCodeExists) {
  const auto loaded = Indicators::load(whole_catalogue(), lists());
  ASSERT_TRUE(loaded.has_value()) << loaded.error().detail;
  EXPECT_GE(loaded->all().size(), 110U);
  EXPECT_EQ(loaded->all().size(), indicators().all().size());
}

TEST(Indicators, EveryRowIsCompleteInFourLanguages) {
  std::set<std::string> groups;
  for (const auto& indicator : indicators().all()) {
    groups.insert(indicator.group);
    EXPECT_FALSE(indicator.source.empty());
    EXPECT_FALSE(indicator.themes.empty()) << indicator.id;
    for (const Language language : kLanguages) {
      EXPECT_LE(indicator.name.in(language).size(), 100U) << indicator.id;
      EXPECT_GE(indicator.definition.in(language).size(), 15U) << indicator.id;
    }
    EXPECT_NE(indicator.numerator.find("unit"), nullptr);
  }
  EXPECT_EQ(groups.size(), indicators().groups().size());
}

TEST(Indicators, CoverTheRegionalAndGlobalSets) {
  for (int number = 1; number <= 22; ++number) {
    EXPECT_FALSE(indicators().find_by_series("SES " + std::to_string(number)).empty()) << number;
  }
  for (const std::string_view code :
       {"SDG 16.1.1",  "SDG 16.1.2",  "SDG 16.1.3", "SDG 16.1.4", "SDG 16.2.1", "SDG 16.2.2",
        "SDG 16.2.3",  "SDG 16.3.1",  "SDG 16.3.2", "SDG 16.4.1", "SDG 16.4.2", "SDG 16.5.1",
        "SDG 16.10.1", "SDG 5.2.1",   "SDG 5.2.2",  "SDG 11.7.2", "SDG 3.6.1",  "SDG 3.4.2",
        "UN-CTS 1.1",  "UN-CTS 1.2",  "UN-CTS 1.3", "UN-CTS 1.4", "UN-CTS 1.5", "UN-CTS 1.6",
        "UN-CTS 1.7",  "UN-CTS 2.3",  "UN-CTS 2.4", "UN-CTS 2.5", "UN-CTS 2.6", "UN-CTS 4.0",
        "UN-CTS 4.2",  "UN-CTS 4.3",  "UN-CTS 4.5", "UN-CTS 5",   "UN-CTS 6",   "VC_IHR_PSRC",
        "VC_HTF_DETV", "VC_PRS_UNSNT"}) {
    EXPECT_FALSE(indicators().find_by_series(code).empty()) << code;
  }
}

TEST(Indicators, EveryThemeThatCanBeMeasuredHasOne) {
  for (const std::string_view theme : {"drug_demand",
                                       "drug_supply",
                                       "drug_evaluation",
                                       "borders",
                                       "private_security",
                                       "prisons",
                                       "police",
                                       "youth",
                                       "trafficking",
                                       "elections",
                                       "defenders_press",
                                       "cybercrime",
                                       "mines",
                                       "money_laundering",
                                       "corruption",
                                       "reporting_channels",
                                       "participation",
                                       "health",
                                       "gender_violence",
                                       "firearms",
                                       "terrorism",
                                       "justice_cooperation",
                                       "defence"}) {
    EXPECT_FALSE(indicators().find_by_theme(theme).empty()) << theme;
  }
}

TEST(Indicators, HomicideIsOpenAndIdentitiesAreProtected) {
  EXPECT_FALSE(indicators().find("homicide_rate")->disclosure.is_protected);
  for (const std::string_view id :
       {"sexual_violence_rate", "rape_rate", "family_violence_rate", "child_maltreatment_rate",
        "trafficking_victims_rate", "children_recruited", "hate_crime_victims"}) {
    ASSERT_NE(indicators().find(id), nullptr) << id;
    EXPECT_TRUE(indicators().find(id)->disclosure.is_protected) << id;
    EXPECT_GE(indicators().find(id)->disclosure.threshold, 2);
  }
}

TEST(Indicators, KillingsByThePoliceStandInALineOfTheirOwn) {
  const auto& homicide = indicators().find("homicide_rate")->numerator;
  EXPECT_TRUE(homicide.accepts(lists(), "iccs", "0101"));
  EXPECT_FALSE(homicide.accepts(lists(), "iccs", "0102"));
  EXPECT_FALSE(homicide.accepts(lists(), "iccs", "_Z"));
  EXPECT_FALSE(homicide.accepts(lists(), "context", "law_enforcement"));
  // SDG 16.1.1 counts killings by excessive force as homicide.
  EXPECT_TRUE(homicide.accepts(lists(), "context", "excessive_force"));
  EXPECT_TRUE(homicide.accepts(lists(), "context", "_U"));
  EXPECT_TRUE(homicide.accepts(lists(), "unit", "victims"));
  EXPECT_FALSE(homicide.accepts(lists(), "unit", "deaths"));
  const auto& police = indicators().find("killed_by_law_enforcement")->numerator;
  EXPECT_TRUE(police.accepts(lists(), "context", "law_enforcement"));
  EXPECT_TRUE(police.accepts(lists(), "context", "excessive_force"));
  EXPECT_FALSE(police.accepts(lists(), "context", "robbery"));
}

TEST(Indicators, FiltersIncludeWhatLiesBelow) {
  const auto& firearm = indicators().find("homicide_share_firearm")->numerator;
  EXPECT_TRUE(firearm.accepts(lists(), "mechanism", "handgun"));
  EXPECT_FALSE(firearm.accepts(lists(), "mechanism", "_U"));
  EXPECT_TRUE(firearm.accepts(lists(), "sex", "F"));  // not named: everything
  const auto& gang = indicators().find("homicide_share_organised_crime")->numerator;
  EXPECT_TRUE(gang.accepts(lists(), "context", "gang"));
  const auto& children = indicators().find("child_homicide_rate")->numerator;
  EXPECT_TRUE(children.accepts(lists(), "age", "Y15T17"));
  EXPECT_FALSE(children.accepts(lists(), "age", "Y15T19"));
  const auto& prisoners = indicators().find("prison_population_rate")->numerator;
  EXPECT_TRUE(prisoners.accepts(lists(), "unit", "persons_held_unsentenced"));
}

TEST(Indicators, SharesArePartsOfTheirDenominator) {
  for (const auto& indicator : indicators().all()) {
    if (indicator.kind != NumeratorKind::share_of) {
      continue;
    }
    // Where numerator and denominator name the same dimension, no code may pass above alone.
    for (const auto& list : lists().all()) {
      if (list.dimension() == "unit" ||
          indicator.denominator.filter.find(list.dimension()) == nullptr) {
        continue;
      }
      for (const auto& code : list.codes()) {
        EXPECT_TRUE(!indicator.numerator.accepts(lists(), list.dimension(), code.id) ||
                    indicator.denominator.filter.accepts(lists(), list.dimension(), code.id))
            << indicator.id << " " << code.id;
      }
    }
  }
}

TEST(Indicators, ANewOneNeedsNoCode) {
  auto files = embedded_catalogue();
  const std::string names = R"({"en":"E","es":"E","pt":"E","fr":"E"})";
  const auto row = [&](std::string_view filter, std::string_view unit) {
    return R"([{"id":"new_one","group":"lethal","name":)" + names + R"(,"definition":)" + names +
           R"(,"unit":")" + std::string(unit) + R"(","kind":"count","filter":)" +
           std::string(filter) + R"(,"scale":1,"decimals":0,"breakdowns":["sex"],
           "comparability":"hom","disclosure":{"protect":false},"source":"synthetic"}])";
  };
  files["observatory/indicators.json"] = row(R"({"iccs":["05025"]})", "victims");
  EXPECT_TRUE(Indicators::load(files, lists()).has_value());
  files["observatory/indicators.json"] = row(R"({"iccs":["99"]})", "victims");
  auto refused = Indicators::load(files, lists());
  ASSERT_FALSE(refused.has_value());
  EXPECT_NE(refused.error().detail.find("iccs 99 is no code"), std::string::npos);
  files["observatory/indicators.json"] = row(R"({"colour":["red"]})", "victims");
  EXPECT_FALSE(Indicators::load(files, lists()).has_value());
  files["observatory/indicators.json"] = row(R"({"iccs":["05025"]})", "cows");
  EXPECT_FALSE(Indicators::load(files, lists()).has_value());
}

}  // namespace
}  // namespace atalaya::observatory
