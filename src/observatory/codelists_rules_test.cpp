#include <atalaya/observatory/codelists_rules.hpp>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace atalaya::observatory {
namespace {

TEST(Period, ReadsItsSixFormsAndNothingElse) {
  for (const std::string_view code :
       {"2023", "2023-S1", "2023-S2", "2023-Q1", "2023-Q4", "2023-04", "2023-12", "2023-W05",
        "2020-W53", "2023-04-17", "2024-02-29"}) {
    const auto period = parse_period(code);
    ASSERT_TRUE(period.has_value()) << code;
    EXPECT_EQ(period_code(*period), code);
    EXPECT_LT(period->begin, period->end);
  }
  for (const std::string_view code :
       {"",        "23",         "202",        "20233",     "2023-",      "2023-13",
        "2023-00", "2023-S3",    "2023-S0",    "2023-Q5",   "2023-W00",   "2023-W53",
        "2023-W5", "2023-02-29", "2023-04-31", "2023-4-17", "2023/04/17", "2023-04-17 ",
        "-2023",   "0999",       "9999",       "_U",        "2023-s1"}) {
    EXPECT_FALSE(parse_period(code).has_value()) << code;
  }
}

TEST(Period, KnowsBoundsAndWeeksOfIso8601) {
  EXPECT_EQ(to_string(parse_period("2023-Q1")->end), "2023-04-01");
  EXPECT_EQ(to_string(parse_period("2023-S2")->end), "2024-01-01");
  // Examples of the standard: 2009-W01 begins on 29 December 2008, 2009-W53 on 28 December 2009.
  EXPECT_EQ(to_string(parse_period("2009-W01")->begin), "2008-12-29");
  EXPECT_EQ(to_string(parse_period("2009-W53")->begin), "2009-12-28");
  EXPECT_EQ(period_code(period_of({2010, 1, 3}, PeriodKind::week)), "2009-W53");
  EXPECT_EQ(period_code(period_of({2005, 1, 1}, PeriodKind::week)), "2004-W53");
  EXPECT_EQ(days_in(*parse_period("2024")), 366);
  EXPECT_EQ(days_in(*parse_period("2023-W05")), 7);
}

TEST(Period, RollsUpOnlyWhatLiesWithin) {
  const auto rolled = [](std::string_view code, PeriodKind kind) {
    const auto outer = roll_up(*parse_period(code), kind);
    return outer ? period_code(*outer) : std::string("-");
  };
  EXPECT_EQ(rolled("2023-04-17", PeriodKind::week), "2023-W16");
  EXPECT_EQ(rolled("2023-04-17", PeriodKind::quarter), "2023-Q2");
  EXPECT_EQ(rolled("2023-08", PeriodKind::semester), "2023-S2");
  EXPECT_EQ(rolled("2023-Q1", PeriodKind::year), "2023");
  EXPECT_EQ(rolled("2023", PeriodKind::month), "-");
  EXPECT_EQ(rolled("2023-W05", PeriodKind::month), "-");  // 30 January to 5 February
  EXPECT_EQ(rolled("2023-W06", PeriodKind::month), "2023-02");
  EXPECT_EQ(rolled("2009-W01", PeriodKind::year), "2009");  // by its Thursday
  EXPECT_EQ(period_code(next_period(*parse_period("2020-W53"))), "2021-W01");
  EXPECT_EQ(period_code(next_period(*parse_period("2023-S2"))), "2024-S1");
}

RC_GTEST_PROP(Period, EveryDayLiesInTheTwentyPeriodsAroundIt, ()) {
  const auto year = *rc::gen::inRange(1900, 2100);
  const auto day = CivilDate::create(year, *rc::gen::inRange(1, 13), *rc::gen::inRange(1, 29));
  for (const PeriodKind kind : {PeriodKind::year, PeriodKind::semester, PeriodKind::quarter,
                                PeriodKind::month, PeriodKind::week, PeriodKind::day}) {
    const Period period = period_of(*day, kind);
    RC_ASSERT(period.begin <= *day && *day < period.end);
    RC_ASSERT(parse_period(period_code(period)) == period);
    RC_ASSERT(next_period(period).begin == period.end);
    RC_ASSERT(parse_period_kind(to_string(kind)) == kind);
  }
}

TEST(Age, ReadsAndWritesItsCodes) {
  EXPECT_EQ(parse_age_code("Y23"), (AgeRange{23, 24}));
  EXPECT_EQ(parse_age_code("Y15T19"), (AgeRange{15, 20}));
  EXPECT_EQ(parse_age_code("Y_GE65"), (AgeRange{65, kAgeOpen}));
  EXPECT_EQ(parse_age_code("Y_LT5"), (AgeRange{0, 5}));
  EXPECT_EQ(age_code(*parse_age_code("Y0T4")), "Y_LT5");
  EXPECT_EQ(age_code(*parse_age_code("Y_LT1")), "Y0");
  for (const std::string_view code :
       {"", "Y", "23", "Y20T10", "Y999", "Y_GE0", "Y_LT0", "Y15T", "Y15-19", "_U", "y23", "Y 23"}) {
    EXPECT_FALSE(parse_age_code(code).has_value()) << code;
  }
}

std::string read(std::string_view text) {
  const auto age = read_age(text);
  return age ? age->code : "-";
}

TEST(Age, ReadsTheSpellingsOfFiles) {
  EXPECT_EQ(read("23"), "Y23");
  EXPECT_EQ(read("23.0"), "Y23");
  EXPECT_EQ(read("0"), "Y0");
  EXPECT_EQ(read(" 18-24 "), "Y18T24");
  EXPECT_EQ(read("18 – 24"), "Y18T24");
  EXPECT_EQ(read("18 a 24 años"), "Y18T24");
  EXPECT_EQ(read("De 18 a 24 AÑOS"), "Y18T24");
  EXPECT_EQ(read("entre 18 y 24 años"), "Y18T24");
  EXPECT_EQ(read("15 a 19 anos"), "Y15T19");
  EXPECT_EQ(read("15 to 19 years"), "Y15T19");
  EXPECT_EQ(read("de 15 à 19 ans"), "Y15T19");
  EXPECT_EQ(read("0-4"), "Y_LT5");
  EXPECT_EQ(read("65+"), "Y_GE65");
  EXPECT_EQ(read("65 y más"), "Y_GE65");
  EXPECT_EQ(read("65 años o más"), "Y_GE65");
  EXPECT_EQ(read("80 anos e mais"), "Y_GE80");
  EXPECT_EQ(read("99 or over"), "Y_GE99");
  EXPECT_EQ(read("75 ans et plus"), "Y_GE75");
  EXPECT_EQ(read(">60"), "Y_GE61");
  EXPECT_EQ(read(">=60"), "Y_GE60");
  EXPECT_EQ(read("menor de 5"), "Y_LT5");
  EXPECT_EQ(read("Menores de 1 año"), "Y0");
  EXPECT_EQ(read("under 18"), "Y_LT18");
  EXPECT_EQ(read("<5"), "Y_LT5");
  EXPECT_EQ(read("<=5"), "Y_LT6");
  EXPECT_EQ(read("6 meses"), "Y0");
  EXPECT_EQ(read("18 meses"), "Y1");
  EXPECT_EQ(read("3 días"), "Y0");
  EXPECT_EQ(read("NO REPORTA"), "_U");
  EXPECT_EQ(read("ignorado"), "_U");
  EXPECT_EQ(read("Y15T19"), "Y15T19");
}

TEST(Age, LeavesToTheMappingWhatItCannotKnow) {
  for (const std::string_view text :
       {"", "ADULTOS", "MENORES", "ADOLESCENTES", "999", "-3", "24-18", "18-24-30", "126", "1987",
        "05-sep", "65+ menor", "años", "veinte", "18-999"}) {
    EXPECT_EQ(read(text), "-") << text;
  }
}

TEST(Age, RollsUpIntoTheGroupsOfTables) {
  const auto rolled = [](std::string_view code, AgeLevel level) {
    const auto outer = roll_up(*parse_age_code(code), level);
    return outer ? age_code(*outer) : std::string("-");
  };
  EXPECT_EQ(rolled("Y17", AgeLevel::five_year), "Y15T19");
  EXPECT_EQ(rolled("Y104", AgeLevel::five_year), "Y_GE100");
  EXPECT_EQ(rolled("Y17", AgeLevel::child), "Y_LT18");
  EXPECT_EQ(rolled("Y18T24", AgeLevel::child), "Y_GE18");
  EXPECT_EQ(rolled("Y15T19", AgeLevel::broad), "Y15T29");
  EXPECT_EQ(rolled("Y_LT15", AgeLevel::broad), "Y_LT15");
  EXPECT_EQ(rolled("Y_GE80", AgeLevel::ten_year), "-");
  EXPECT_EQ(rolled("Y18T24", AgeLevel::five_year), "-");
}

RC_GTEST_PROP(Age, EveryRangeHasOneSpellingAndLiesWithinItsGroup, ()) {
  const auto low = *rc::gen::inRange(0, 110);
  const AgeRange range{low, low + *rc::gen::inRange(1, 15)};
  RC_ASSERT(parse_age_code(age_code(range)) == range);
  for (const AgeLevel level : {AgeLevel::single, AgeLevel::five_year, AgeLevel::ten_year,
                               AgeLevel::broad, AgeLevel::child}) {
    const auto outer = roll_up(range, level);
    const bool is_within = !outer || holds(*outer, range);
    RC_ASSERT(is_within);
    RC_ASSERT(parse_age_level(to_string(level)) == level);
  }
}

RC_GTEST_PROP(Age, NeverFailsOnAnyText, (std::string text)) {
  const auto age = read_age(text);
  const bool is_code = !age || age->code == "_U" || parse_age_code(age->code).has_value();
  RC_ASSERT(is_code);
}

}  // namespace
}  // namespace atalaya::observatory
