// Goal: the arithmetic of Fellegi and Sunter equal to splink's, comparators right on the names and
// dates of the region, and runs that find what they should on synthetic files. FEBRL's sets are in
// linkage_febrl_test.cpp.
#include <atalaya/observatory/linkage.hpp>

#include <algorithm>
#include <cmath>
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <atalaya/base/text.hpp>

#include "linkage_compare.hpp"
#include "linkage_strings.hpp"
#include "linkage_test_patterns.hpp"

namespace atalaya::observatory {
namespace {

using detail::jaro_winkler;
using detail::one_slip;

LinkPattern pattern_of(std::initializer_list<std::int8_t> levels, double pairs,
                       double extra_bits = 0) {
  LinkPattern pattern;
  pattern.levels.fill(kMissingLevel);
  std::ranges::copy(levels, pattern.levels.begin());
  pattern.pairs = pairs;
  pattern.extra_bits = extra_bits;
  return pattern;
}

// splink, tests/datasets/known_params_comparison_vectors.csv: 4,000 pairs from known parameters,
// by pattern; and the probabilities it holds.
std::vector<LinkPattern> known_pairs() {
  return {pattern_of({0, 0, 0}, 1407), pattern_of({0, 0, 1}, 408), pattern_of({0, 1, 0}, 63),
          pattern_of({0, 1, 1}, 522),  pattern_of({1, 0, 0}, 163), pattern_of({1, 0, 1}, 172),
          pattern_of({1, 1, 0}, 67),   pattern_of({1, 1, 1}, 1198)};
}

const LinkModel kKnown{0.5,
                       {{{.3, .7}, {.9, .1}}, {{.1, .9}, {.975, .025}}, {{.05, .95}, {.8, .2}}}};

TEST(FellegiSunter, GivesTheProbabilitiesOfSplink) {
  constexpr double kExpected[] = {0.0021321961620469083, 0.1397058824, 0.4285714285714287,
                                  0.9827586207,          0.0429447853, 0.7732558140,
                                  0.9402985075,          0.9991652755};
  const auto pairs = known_pairs();
  for (std::size_t i = 0; i < pairs.size(); ++i) {
    EXPECT_NEAR(match_probability(0.5, pattern_bits(kKnown, pairs[i])), kExpected[i], 6e-11);
  }
  EXPECT_NEAR(pattern_bits(kKnown, pairs.front()), -8.87036, 5e-6);
  EXPECT_NEAR(pattern_bits(kKnown, pairs.back()), 10.22521, 5e-6);
}

TEST(FellegiSunter, LearnsTheKnownParameters) {
  LinkModel start{0.3, {{{.2, .8}, {.8, .2}}, {{.2, .8}, {.8, .2}}, {{.2, .8}, {.8, .2}}}};
  const auto learned =
      estimate_model(known_pairs(), start, {.steps_max = 2000, .change_max = 1e-9});
  ASSERT_TRUE(learned.has_value());
  EXPECT_NEAR(learned->prior, 0.5, 0.005);
  for (std::size_t f = 0; f < 3; ++f) {
    for (std::size_t level = 0; level < 2; ++level) {
      EXPECT_NEAR(learned->fields[f].m[level], kKnown.fields[f].m[level], 0.01);
      EXPECT_NEAR(learned->fields[f].u[level], kKnown.fields[f].u[level], 0.01);
    }
  }
}

// splink, tests/test_compare_splink2.py with tests/basic_settings.py: u fixed, term frequency of
// the first name at weight 0.6. Its history file has the first two; splink 5.0.0 printed the rest.
TEST(FellegiSunter, StepsAsSplinkWithFixedU) {
  std::vector<LinkPattern> patterns;
  for (const auto& row : testing::kFakePatterns) {
    const double rarity =
        row.rows_of_name == 0
            ? 0
            : 0.6 *
                  std::log2(0.1 / (static_cast<double>(row.rows_of_name) / testing::kRowsWithName));
    patterns.push_back(pattern_of({row.levels[0], row.levels[1], row.levels[2], row.levels[3]},
                                  row.pairs, rarity));
  }
  const LinkModel start{0.3,
                        {{{.1, .2, .7}, {.8, .1, .1}},
                         {{.1, .9}, {.9, .1}},
                         {{.1, .9}, {.9, .1}},
                         {{.1, .9}, {.9, .1}}}};
  constexpr double kHistory[] = {0.2588110991484573,  0.2823831219907462,  0.29404423945774044,
                                 0.29978908267936416, 0.30272753760382415, 0.3042677832084201,
                                 0.3050867794093409,  0.3055257621361137};
  for (int steps = 1; steps <= 8; ++steps) {
    const auto model =
        estimate_model(patterns, start, {.steps_max = steps, .change_max = 0, .fix_u = true});
    EXPECT_NEAR(model.value().prior, kHistory[steps - 1], 1e-12);
  }
  const auto first = estimate_model(patterns, start, {.steps_max = 1, .fix_u = true}).value();
  EXPECT_NEAR(first.fields[0].m[1], 0.1422119783401823, 1e-13);
  EXPECT_NEAR(first.fields[0].m[2], 0.743459884860577, 1e-13);
  EXPECT_NEAR(first.fields[1].m[1], 0.7476822432659779, 1e-13);
}

TEST(FellegiSunter, RefusesModelsThatDoNotFit) {
  LinkModel model = kKnown;
  model.fields[1].u.pop_back();
  EXPECT_EQ(estimate_model(known_pairs(), model).error().reason, "observatory.linkage.bad_model");
  EXPECT_FALSE(estimate_model({}, kKnown).has_value());
}

// Winkler's own examples (1990), as in every later paper.
TEST(JaroWinkler, GivesWinklersExamples) {
  EXPECT_NEAR(jaro_winkler("martha", "marhta"), 0.961111111, 1e-9);
  EXPECT_NEAR(jaro_winkler("dwayne", "duane"), 0.84, 1e-9);
  EXPECT_NEAR(jaro_winkler("dixon", "dicksonx"), 0.813333333, 1e-9);
  EXPECT_EQ(jaro_winkler("", "a"), 0);
  EXPECT_EQ(jaro_winkler("abc", "xyz"), 0);
}

TEST(OneSlip, KnowsTheFourSlips) {
  EXPECT_TRUE(one_slip("5304218", "5304318"));
  EXPECT_TRUE(one_slip("5304218", "530418"));
  EXPECT_TRUE(one_slip("5304218", "55304218"));
  EXPECT_TRUE(one_slip("5304218", "5304281"));
  EXPECT_FALSE(one_slip("5304218", "5304387"));
  EXPECT_FALSE(one_slip("12", "21x"));
}

std::string_view level_of(FieldKind kind, const std::string& x, const std::string& y) {
  const auto field = detail::prepare_field({.id = "f", .kind = kind}, {x, y}, nullptr);
  const auto level = field.compare(field.a[0], field.a[1]);
  return level < 0 ? "missing" : level_names(kind)[static_cast<std::size_t>(level)];
}

TEST(Comparators, KnowSpanishSurnames) {
  EXPECT_EQ(level_of(FieldKind::surname, "Pérez Gómez", "PEREZ GOMEZ"), "same");
  EXPECT_EQ(level_of(FieldKind::surname, "De la Cruz Muñoz", "Cruz Munoz"), "same");
  EXPECT_EQ(level_of(FieldKind::surname, "Pérez Gómez", "Pérez"), "in_part");
  EXPECT_EQ(level_of(FieldKind::surname, "Pérez Gómez", "Gómez Pérez"), "in_part");
  EXPECT_EQ(level_of(FieldKind::surname, "Pérez Gómez", "Pérez Gomes"), "nearly_same");
  EXPECT_EQ(level_of(FieldKind::surname, "Quispe Mamani", "Quispe Huanca"), "similar");
  EXPECT_EQ(level_of(FieldKind::surname, "Quispe", "Rodríguez"), "differ");
  EXPECT_EQ(level_of(FieldKind::surname, "", "Rodríguez"), "missing");
  EXPECT_EQ(level_of(FieldKind::given_name, "María José", "JOSÉ MARÍA"), "in_part");
  EXPECT_EQ(level_of(FieldKind::given_name, "J.", "Juan Carlos"), "in_part");
  EXPECT_EQ(level_of(FieldKind::given_name, "Jhon", "John"), "nearly_same");
}

TEST(Comparators, KnowDatesPlacesAndNumbers) {
  EXPECT_EQ(level_of(FieldKind::date, "1980-04-17", "19800417"), "same");
  EXPECT_EQ(level_of(FieldKind::date, "1980-04-07", "1980-07-04"), "one_slip");
  EXPECT_EQ(level_of(FieldKind::date, "1980-04-17", "1980-04-71"), "one_slip");
  EXPECT_EQ(level_of(FieldKind::date, "1980-04-17", "1908-04-17"), "one_slip");
  EXPECT_EQ(level_of(FieldKind::date, "1980-04-17", "1992-04-17"), "two_parts");
  EXPECT_EQ(level_of(FieldKind::date, "1980-04", "1980-04-17"), "two_parts");
  EXPECT_EQ(level_of(FieldKind::date, "1980-04-17", "1991-12-03"), "differ");
  EXPECT_EQ(level_of(FieldKind::sex, "M", "m"), "same");
  EXPECT_EQ(level_of(FieldKind::sex, "_U", "M"), "missing");
  EXPECT_EQ(level_of(FieldKind::territory, "COL_05001", "COL_05088"), "same_subdivision");
  EXPECT_EQ(level_of(FieldKind::territory, "05001", "11001"), "differ");
  EXPECT_EQ(level_of(FieldKind::territory, "CO-ANT", "CO-CUN"), "differ");
  EXPECT_EQ(level_of(FieldKind::number, "34", "35"), "within_one");
  EXPECT_EQ(level_of(FieldKind::number, "34", "37"), "within_three");
  EXPECT_EQ(level_of(FieldKind::number, "34", "54"), "differ");
  EXPECT_EQ(level_of(FieldKind::identifier, "1.020.345-6", "10203456"), "same");
}

TEST(Comparators, MissingMayBeALevelOfItsOwn) {
  const auto field = detail::prepare_field(
      {.id = "f", .kind = FieldKind::sex, .missing = MissingValue::own_level}, {"M", ""}, nullptr);
  EXPECT_EQ(field.levels(), 3U);
  EXPECT_EQ(field.compare(field.a[0], field.a[1]), 2);
}

TEST(Phonetic, HearsTheSame) {
  EXPECT_EQ(detail::phonetic("gonzalez"), detail::phonetic("gonsales"));
  EXPECT_EQ(detail::phonetic("vallejo"), detail::phonetic("bayejo"));
  EXPECT_EQ(detail::phonetic("hernandez"), detail::phonetic("ernandes"));
  EXPECT_EQ(detail::phonetic("jimenez"), detail::phonetic("gimenes"));
  EXPECT_NE(detail::phonetic("perez"), detail::phonetic("lopez"));
}

// Synthetic victims in two files: the second spells some names otherwise and misses some values.
LinkJob synthetic_job(std::size_t rows) {
  const std::vector<std::string> given{"Juan",  "María", "Luis",  "Ana",   "Carlos", "Rosa",
                                       "Pedro", "Lucía", "Jorge", "Elena", "Miguel", "Sofía"};
  const std::vector<std::string> family{"Pérez",  "Gómez",  "Quispe", "Rojas",  "Mamani", "Díaz",
                                        "Flores", "Muñoz",  "Vargas", "Castro", "Silva",  "Ramos",
                                        "Ortiz",  "Suárez", "Peña",   "Cruz"};
  std::uint64_t state = 7;
  const auto draw = [&](std::size_t below) {
    state = state * 6364136223846793005U + 1442695040888963407U;
    return (state >> 33U) % below;
  };
  LinkJob job;
  job.fields = {{.id = "given_name", .kind = FieldKind::given_name, .term_frequency = true},
                {.id = "surname", .kind = FieldKind::surname, .term_frequency = true},
                {.id = "birth", .kind = FieldKind::date},
                {.id = "sex", .kind = FieldKind::sex},
                {.id = "territory", .kind = FieldKind::territory}};
  job.a.resize(5);
  job.b = LinkTable(5);
  for (std::size_t i = 0; i < rows; ++i) {
    const auto two = [](std::size_t n) { return (n < 10 ? "0" : "") + std::to_string(n); };
    std::vector<std::string> row{
        given[draw(given.size())] + " " + given[draw(given.size())],
        family[draw(family.size())] + " " + family[draw(family.size())],
        std::to_string(1950 + draw(60)) + "-" + two(1 + draw(12)) + "-" + two(1 + draw(28)),
        draw(2) == 0 ? "M" : "F", "COL_" + two(1 + draw(30)) + "0" + two(1 + draw(20))};
    for (std::size_t f = 0; f < row.size(); ++f) {
      job.a[f].push_back(row[f]);
    }
    if (draw(3) == 0) {
      row[1] = row[1].substr(0, row[1].find(' '));
    }
    if (draw(5) == 0) {
      row[2].clear();
    }
    if (draw(5) == 0) {
      row[0] = fold(row[0]);
      std::swap(row[0][1], row[0][2]);
    }
    for (std::size_t f = 0; f < row.size(); ++f) {
      (*job.b)[f].push_back(row[f]);
    }
  }
  job.passes = {{"birth", {{2, KeyPart::whole}}},
                {"surname and place", {{1, KeyPart::phonetic}, {4, KeyPart::whole}}}};
  return job;
}

TEST(Linker, FindsSyntheticPairsAndExplainsThem) {
  LinkJob job = synthetic_job(3000);
  job.options.one_to_one = true;
  auto linker = Linker::create(std::move(job));
  ASSERT_TRUE(linker.has_value()) << linker.error().detail;
  const auto report = linker->run().value();
  std::size_t right = 0;
  std::size_t matches = 0;
  std::set<std::uint32_t> used;
  for (const LinkedPair& pair : report.pairs) {
    EXPECT_TRUE(used.insert(pair.a).second);
    if (pair.decision == LinkDecision::match) {
      ++matches;
      right += pair.a == pair.b ? 1U : 0U;
    }
  }
  EXPECT_GT(right, 2850U);
  EXPECT_GT(static_cast<double>(right), 0.99 * static_cast<double>(matches));
  for (const std::size_t i : {std::size_t{0}, report.pairs.size() - 1}) {
    double bits = 0;
    for (const FieldWeight& line : linker->explain(report.pairs[i])) {
      bits += line.bits;
    }
    EXPECT_NEAR(bits, report.pairs[i].bits, 1e-9);
    EXPECT_NEAR(match_probability(report.model.prior, bits), report.pairs[i].probability, 1e-9);
  }
}

TEST(Linker, GivesTheSameReportWithAnyNumberOfThreads) {
  const auto report_of = [](unsigned threads) {
    LinkJob job = synthetic_job(1000);
    job.options.threads = threads;
    return Linker::create(std::move(job)).value().run().value();
  };
  const auto one = report_of(1);
  const auto three = report_of(3);
  ASSERT_EQ(one.pairs.size(), three.pairs.size());
  for (std::size_t i = 0; i < one.pairs.size(); ++i) {
    EXPECT_EQ(one.pairs[i].a, three.pairs[i].a);
    EXPECT_EQ(one.pairs[i].b, three.pairs[i].b);
    EXPECT_NEAR(one.pairs[i].probability, three.pairs[i].probability, 1e-12);
  }
  EXPECT_EQ(one.pairs_compared, three.pairs_compared);
}

TEST(Linker, SaysWhichBlocksItLeftOut) {
  LinkJob job = synthetic_job(500);
  job.passes = {{"sex", {{3, KeyPart::whole}}}, {"birth", {{2, KeyPart::whole}}}};
  job.options.block_pairs_max = 1000;
  const auto report = Linker::create(std::move(job)).value().run().value();
  EXPECT_EQ(report.passes[0].blocks_left_out, 2U);
  EXPECT_GT(report.passes[0].pairs_left_out, 100000U);
  EXPECT_EQ(report.passes[0].pairs, 0U);
  // And the second pass still compares what the first left out.
  EXPECT_GT(report.passes[1].pairs, 300U);
}

TEST(Linker, RefusesJobsThatDoNotFit) {
  LinkJob job = synthetic_job(10);
  job.passes.clear();
  EXPECT_EQ(Linker::create(job).error().reason, "observatory.linkage.bad_job");
  job = synthetic_job(10);
  job.a[2].pop_back();
  EXPECT_FALSE(Linker::create(job).has_value());
  job = synthetic_job(10);
  job.passes[0].parts[0].first = 9;
  EXPECT_FALSE(Linker::create(job).has_value());
  EXPECT_TRUE(Linker::create(synthetic_job(0)).value().run().value().pairs.empty());
}

TEST(LinkGroups, FollowChains) {
  const std::vector<LinkedPair> pairs{{.a = 1, .b = 4, .decision = LinkDecision::match},
                                      {.a = 4, .b = 5, .decision = LinkDecision::match},
                                      {.a = 0, .b = 2, .decision = LinkDecision::review}};
  EXPECT_EQ(link_groups(6, pairs), (std::vector<std::uint32_t>{0, 1, 2, 3, 1, 1}));
}

RC_GTEST_PROP(Linkage, LikenessIsSymmetricAndBounded, ()) {
  const auto word = rc::gen::container<std::string>(rc::gen::inRange('a', 'f'));
  const std::string a = *word;
  const std::string b = *word;
  const double like = jaro_winkler(a, b);
  RC_ASSERT(like >= 0);
  RC_ASSERT(like <= 1);
  RC_ASSERT((like == 1) == (a.substr(0, 64) == b.substr(0, 64)));
  RC_ASSERT(one_slip(a, b) == one_slip(b, a));
}

RC_GTEST_PROP(Linkage, ProbabilityGrowsWithBitsAndPrior, ()) {
  const double bits = *rc::gen::inRange(-400, 400) / 10.0;
  const double prior = *rc::gen::inRange(1, 999) / 1000.0;
  const double p = match_probability(prior, bits);
  RC_ASSERT(p >= 0);
  RC_ASSERT(p <= 1);
  RC_ASSERT(match_probability(prior, bits + 1) >= p);
  RC_ASSERT(std::abs(match_probability(prior, 0) - prior) < 1e-12);
}

}  // namespace
}  // namespace atalaya::observatory
