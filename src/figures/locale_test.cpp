// Dates, numbers and lists against what the Unicode CLDR and the languages' academies print.

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include <atalaya/figures/locale.hpp>

namespace atalaya::figures {
namespace {

using enum Language;

TEST(Locale, writes_numbers_with_the_separators_of_the_language) {
  EXPECT_EQ(number(en, 48213), "48,213");
  EXPECT_EQ(number(es, 48213), "48\u00a0213");
  EXPECT_EQ(number(es, 1994), "1994");
  EXPECT_EQ(number(pt, 48213), "48.213");
  EXPECT_EQ(number(fr, 1994), "1\u00a0994");
  EXPECT_EQ(number(en, -1234567), "\u22121,234,567");
  EXPECT_EQ(number(en, 0), "0");
}

TEST(Locale, writes_decimals) {
  EXPECT_EQ(decimal(en, 16.44, 1), "16.4");
  EXPECT_EQ(decimal(pt, 1234567.25, 1), "1.234.567,3");
  EXPECT_EQ(decimal(fr, -0.04, 1), "0,0");
  EXPECT_EQ(decimal(es, -0.9, 0), "\u22121");
}

TEST(Locale, writes_dates_out) {
  const CivilDate day{1998, 4, 18};
  EXPECT_EQ(date(en, day), "18 April 1998");
  EXPECT_EQ(date(es, day), "18 de abril de 1998");
  EXPECT_EQ(date(pt, day), "18 de abril de 1998");
  EXPECT_EQ(date(fr, day), "18 avril 1998");
  EXPECT_EQ(date(pt, {2004, 3, 1}), "1º de março de 2004");
  EXPECT_EQ(date(fr, {2004, 8, 1}), "1er août 2004");
}

TEST(Locale, writes_ranges_of_dates) {
  const CivilDate begin{1998, 4, 18};
  const CivilDate end{1998, 4, 19};
  EXPECT_EQ(date_range(en, begin, end), "18–19 April 1998");
  EXPECT_EQ(date_range(es, begin, end), "18 y 19 de abril de 1998");
  EXPECT_EQ(date_range(pt, begin, end), "18 e 19 de abril de 1998");
  EXPECT_EQ(date_range(fr, begin, end), "18 et 19 avril 1998");
  EXPECT_EQ(date_range(es, {1994, 12, 9}, {1994, 12, 11}), "del 9 al 11 de diciembre de 1994");
  EXPECT_EQ(date_range(fr, {1994, 12, 9}, {1994, 12, 11}), "du 9 au 11 décembre 1994");
  EXPECT_EQ(date_range(en, {2010, 5, 31}, {2010, 6, 2}), "31 May – 2 June 2010");
  EXPECT_EQ(date_range(pt, {2010, 12, 31}, {2011, 1, 2}),
            "de 31 de dezembro de 2010 a 2 de janeiro de 2011");
  EXPECT_EQ(date_range(en, end, begin), "19 April 1998");
}

TEST(Locale, reads_due_dates) {
  EXPECT_EQ(edtf(en, "2009"), "2009");
  EXPECT_EQ(edtf(es, "2009-11"), "noviembre de 2009");
  EXPECT_EQ(edtf(fr, "2009-11-17"), "17 novembre 2009");
  EXPECT_EQ(edtf(en, "2001/2003"), "2001–2003");
  EXPECT_EQ(edtf(en, "../2006-12"), "by December 2006");
  EXPECT_EQ(edtf(es, "../2006-12-31"), "a más tardar el 31 de diciembre de 2006");
  EXPECT_EQ(edtf(es, "../2006"), "a más tardar en 2006");
  EXPECT_EQ(edtf(fr, "2006/.."), "à partir de 2006");
  EXPECT_EQ(edtf(pt, "2009~"), "por volta de 2009");
  EXPECT_EQ(edtf(en, "../2003~"), "by about 2003");
  EXPECT_EQ(edtf(fr, "../2003~"), "au plus tard vers 2003");
  EXPECT_EQ(edtf(en, "../201X"), "by 2019");
  EXPECT_EQ(edtf(es, "201X"), "la década de 2010");
  EXPECT_EQ(edtf(pt, "2020/2023~"), "2020–2023");
  EXPECT_EQ(edtf(fr, "R/P1Y"), "une fois par an");
  EXPECT_EQ(edtf(pt, "R/P6M"), "a cada 6 meses");
  EXPECT_EQ(edtf(en, "P3Y"), "3 years");
  EXPECT_EQ(edtf(es, "P1M"), "1 mes");
  EXPECT_EQ(edtf(en, "1998-04-18/1998-04-19"), "18–19 April 1998");
}

TEST(Locale, leaves_what_is_no_date_as_it_is) {
  for (const std::string_view text :
       {"", "-", "2009-13", "2009-02-30", "soon", "/", "P", "PXY", "20090", "2009-1", "..", "?",
        "P-1Y", "-123", "../", "99999999999999999999"}) {
    EXPECT_EQ(edtf(en, text), text);
  }
}

TEST(Locale, joins_lists) {
  EXPECT_EQ(list(en, {}), "");
  const std::vector<std::string> three = {"a", "b", "c"};
  EXPECT_EQ(list(en, three), "a, b and c");
  EXPECT_EQ(list(fr, three), "a, b et c");
  EXPECT_EQ(list(es, std::vector<std::string>{"Francia", "Italia"}), "Francia e Italia");
  EXPECT_EQ(list(es, std::vector<std::string>{"madera", "hierro"}), "madera y hierro");
  EXPECT_EQ(list(es, std::vector<std::string>{"padre", "hijo"}), "padre e hijo");
}

TEST(Locale, names_the_ordinals_of_meetings) {
  EXPECT_EQ(summit_ordinal(en, "II"), "Second");
  EXPECT_EQ(summit_ordinal(es, "special"), "Extraordinaria");
  EXPECT_EQ(summit_ordinal(fr, "IX"), "Neuvième");
  EXPECT_EQ(summit_ordinal(pt, "XX"), "XX");
}

}  // namespace
}  // namespace atalaya::figures
