#include "search_places.hpp"

#include <algorithm>

#include <gtest/gtest.h>

namespace atalaya::api {
namespace {

const Places& places() {
  static const Places kPlaces(*commitments::Catalogue::embedded(),
                              *observatory::Indicators::embedded());
  return kPlaces;
}

std::vector<std::string> paths(std::string_view query, Language language) {
  std::vector<std::string> out;
  for (const Place& place : places().find(query, language)) {
    out.push_back(place.path);
  }
  return out;
}

bool finds(std::string_view query, Language language, std::string_view path) {
  return std::ranges::count(paths(query, language), path) == 1;
}

TEST(SearchPlaces, FindsCountriesByNameInAnyLanguageWithoutAccents) {
  EXPECT_TRUE(finds("Brasil", Language::en, "/countries/BRA"));
  EXPECT_TRUE(finds("brazil", Language::es, "/countries/BRA"));
  EXPECT_TRUE(finds("PERU", Language::fr, "/countries/PER"));
  EXPECT_TRUE(finds("mexi", Language::en, "/countries/MEX"));
  EXPECT_TRUE(finds("COL", Language::en, "/countries/COL"));
  EXPECT_EQ(places().find("brazil", Language::es).front().name, "Brasil");
}

TEST(SearchPlaces, FindsIndicatorsByStemsAndSeries) {
  EXPECT_TRUE(finds("homicide", Language::en, "/figures/homicide_rate"));
  EXPECT_TRUE(finds("homicidios", Language::en, "/figures/homicide_rate"));
  EXPECT_TRUE(finds("VC_IHR_PSRC", Language::pt, "/figures/homicide_rate"));
}

TEST(SearchPlaces, ACountryInTheQueryNarrowsItsIndicators) {
  for (const std::string_view query : {"homicide Colombia", "homicidios en Colombia"}) {
    EXPECT_TRUE(finds(query, Language::es, "/countries/COL")) << query;
    EXPECT_TRUE(finds(query, Language::es, "/figures/homicide_rate?territory=COL")) << query;
  }
  EXPECT_TRUE(
      finds("homicide rate Costa Rica", Language::en, "/figures/homicide_rate?territory=CRI"));
}

TEST(SearchPlaces, FindsTreatiesInstitutionsAndThemes) {
  EXPECT_TRUE(finds("CIFTA", Language::en, "/treaties/cifta"));
  EXPECT_TRUE(finds("belem do para", Language::en, "/treaties/belem-do-para"));
  EXPECT_TRUE(finds("AMERIPOL", Language::fr, "/institutions/ameripol"));
  EXPECT_TRUE(finds("terrorisme", Language::es, "/themes/terrorism"));
}

TEST(SearchPlaces, FindsMeetingsByNamePlaceAndYear) {
  EXPECT_TRUE(finds("Miami", Language::es, "/meetings/summit-1994"));
  EXPECT_TRUE(finds("quebec", Language::en, "/meetings/summit-2001"));
  EXPECT_TRUE(finds("1994", Language::fr, "/meetings/summit-1994"));
  EXPECT_TRUE(finds("cumbre de las americas 2012", Language::es, "/meetings/summit-2012"));
}

TEST(SearchPlaces, FindsNothingWhereNothingIsNamed) {
  EXPECT_EQ(paths("", Language::en).size(), 0U);
  EXPECT_EQ(paths("de la", Language::es).size(), 0U);
  EXPECT_EQ(paths("zzzxqq", Language::en).size(), 0U);
  EXPECT_EQ(paths("\xFF\xFE \"", Language::en).size(), 0U);
  EXPECT_EQ(paths("a b c d e f g h i j k l m Colombia", Language::en).size(), 0U);
}

TEST(SearchPlaces, ShowsFewOfEachKindAndEachOnce) {
  for (const std::string_view query : {"rate", "tasa", "convention", "crime", "s", "drogas"}) {
    auto all = paths(query, Language::es);
    EXPECT_LE(all.size(), 6 * Places::kMostOfKind) << query;
    std::ranges::sort(all);
    EXPECT_TRUE(std::ranges::adjacent_find(all) == all.end()) << query;
  }
}

}  // namespace
}  // namespace atalaya::api
