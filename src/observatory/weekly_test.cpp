// Goal: files are linked as the truth of the sets says, and no name of them stays in the node; what
// may be published hides no count that a reader can work out; planted weeks and planted flaws are
// found, and what was never sent is not taken for zero. Files are synthetic but FEBRL's
// (BSD-3-Clause), whose record ids hold the truth; skipped where they are absent.
#include <gtest/gtest.h>

#include <rapidcheck/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <set>

#include <fmt/format.h>

#include <atalaya/base/text.hpp>
#include <atalaya/observatory/linkage_desk.hpp>
#include <atalaya/observatory/quality_report.hpp>
#include <atalaya/observatory/surveillance.hpp>

#include "desk_fixture.hpp"
#include "linkage_outcome.hpp"

namespace atalaya::observatory {
namespace {

namespace fs = std::filesystem;

class Node : private TestDesk {
 public:
  explicit Node(store::Engine engine = store::Engine::sqlite) {
    begin(engine);
    open(store_->database());
  }

  using TestDesk::file;

  void load(std::string_view mapping, std::string_view csv, const std::string& source) {
    const auto loaded = TestDesk::load(mapping, csv, source);
    ASSERT_TRUE(loaded.has_value()) << loaded.error().detail;
  }

  [[nodiscard]] const Desk& desk() const { return *desk_; }

  [[nodiscard]] store::Database& database() { return store_->database(); }
};

constexpr std::string_view kPlan = R"(
id = "homicides-2023"
title = "Homicides, synthetic"
country = "COL"
synthetic = true
[decision]
by = "The director"
reason = "yearly comparison"
[agreement]
threshold = 5
[[fields]]
id = "given"
kind = "given_name"
term_frequency = true
[[fields]]
id = "surname"
kind = "surname"
term_frequency = true
[[fields]]
id = "birth"
kind = "date"
[[fields]]
id = "place"
kind = "text"
[[passes]]
keys = ["surname:phonetic", "given:phonetic"]
[[passes]]
keys = ["birth"]
[[lists]]
id = "police"
title = "Police"
source = "co_police"
case = "spoa"
columns = { given = "nombre", surname = "apellidos", birth = "nacimiento", place = "municipio", group = "anio" }
[[lists]]
id = "forensic"
title = "Forensic service"
source = "co_forensic"
columns = { given = "nombres", surname = "apellido", birth = "fecha_nac", place = "lugar", group = "year" }
)";

// People that nobody is: names put together from lists, so that each is rare in both files.
struct Person {
  std::string given, surname, birth, place, year;
};

Person person(std::size_t i) {
  static constexpr std::array<std::string_view, 12> kGiven = {
      "Maria Elena", "José Luis", "Ana",   "Pedro Pablo", "Lucía",   "Jorge",
      "Camila",      "Andrés",    "Sofía", "Wilmer",      "Yolanda", "Óscar"};
  static constexpr std::array<std::string_view, 11> kSurname = {
      "Quintero", "Ñáñez",  "de la Rosa", "Pérez",  "Gutiérrez", "Mosquera",
      "Zapata",   "Ibarra", "Vélez",      "Cuervo", "Hinestroza"};
  return {
      std::string(kGiven[i % 12]),
      fmt::format("{} {}", kSurname[(i * 7) % 11], kSurname[(i * 5 + 3) % 11]),
      fmt::format("19{:02}-{:02}-{:02}", 40 + (i * 13) % 60, 1 + (i * 7) % 12, 1 + (i * 11) % 28),
      fmt::format("Municipio {}", (i * 3) % 40), i % 2 == 0 ? "2022" : "2023"};
}

// The first `both` of each file are the same persons; the forensic file writes them a little
// otherwise. The rest are in one file alone.
std::pair<std::string, std::string> two_files(std::size_t both, std::size_t police_only,
                                              std::size_t forensic_only) {
  std::string police = "spoa,nombre,apellidos,nacimiento,municipio,anio\n";
  std::string forensic = "nombres,apellido,fecha_nac,lugar,year\n";
  for (std::size_t i = 0; i < both + police_only; ++i) {
    const Person p = person(i);
    police += fmt::format("N-{},{},{},{},{},{}\n", 9000 + i, p.given, p.surname, p.birth, p.place,
                          p.year);
  }
  for (std::size_t i = 0; i < both; ++i) {
    const Person p = person(i);
    const std::string surname = i % 5 == 0 ? p.surname.substr(0, p.surname.find(' ')) : p.surname;
    forensic += fmt::format("{},{},{},{},{}\n", p.given, surname, p.birth, p.place, p.year);
  }
  for (std::size_t i = 0; i < forensic_only; ++i) {
    const Person p = person(5000 + (17 * i));
    forensic += fmt::format("{},{},{},{},{}\n", p.given, p.surname, p.birth, p.place, p.year);
  }
  return {police, forensic};
}

LinkagePlan plan_of(std::string_view text) {
  auto plan = parse_linkage_plan(text);
  EXPECT_TRUE(plan.has_value()) << (plan ? "" : plan.error().detail);
  return plan ? *std::move(plan) : LinkagePlan();
}

std::int64_t number(const json::object& object, std::string_view key) {
  return object.at(key).to_number<std::int64_t>();
}

TEST(LinkagePlanTest, SaysWhatIsWrongAndWhere) {
  const auto reason_of = [](std::string text) {
    const auto plan = parse_linkage_plan(text);
    return plan ? std::string() : plan.error().detail;
  };
  const std::string good(kPlan);
  EXPECT_EQ(reason_of(good), "");
  std::string bad = good;
  bad.replace(bad.find("\"given_name\""), 12, "\"firstname\"");
  EXPECT_NE(reason_of(bad).find("\"firstname\" is none of text, given_name"), std::string::npos);
  bad = good;
  bad.replace(bad.find("keys = [\"birth\"]"), 16, "keys = [\"death\"]");
  EXPECT_NE(reason_of(bad).find("\"death\" is no field"), std::string::npos);
  EXPECT_NE(reason_of("id = \"a\"\ntitle = \"b\"\nsurprise = 1\n").find("line 3: surprise"),
            std::string::npos);
  EXPECT_NE(reason_of("id = ").find("line 1: TOML"), std::string::npos);
  EXPECT_NE(reason_of(good.substr(0, good.rfind("[[lists]]"))).find("2 to 5 [[lists]]"),
            std::string::npos);
}

TEST(LinkFiles, FindsThoseInBothAndKeepsNoName) {
  Node node;
  const auto [police, forensic] = two_files(120, 30, 20);
  const std::vector<fs::path> files = {node.file("a.csv", police), node.file("b.csv", forensic)};
  const auto outcome = link_files(plan_of(kPlan), files, {});
  ASSERT_TRUE(outcome.has_value()) << outcome.error().detail;
  // Truth: line i + 2 of both files is the same person for the first 120.
  std::size_t right = 0;
  std::size_t linked = 0;
  for (const auto& members : outcome->cases) {
    if (members[0] && members[1]) {
      ++linked;
      right += *members[0] == *members[1] && *members[0] < 120 ? 1U : 0U;
    }
  }
  EXPECT_GE(right, 110U);
  EXPECT_LE(linked - right, 3U);
  // Counts agree with the files, whatever was linked.
  std::int64_t in_police = 0;
  std::int64_t in_forensic = 0;
  std::int64_t all = 0;
  for (const auto& [group, counts] : outcome->counts) {
    in_police += counts[1] + counts[3];
    in_forensic += counts[2] + counts[3];
    all += counts[1] + counts[2] + counts[3];
  }
  EXPECT_EQ(in_police, 150);
  EXPECT_EQ(in_forensic, 140);
  EXPECT_EQ(all, static_cast<std::int64_t>(outcome->cases.size()));

  const auto stored = store_linkage(node.desk(), *outcome, "ana", PublishAgreement::no);
  ASSERT_TRUE(stored.has_value()) << stored.error().detail;
  std::string kept;
  ASSERT_TRUE(node.database().read([&](store::Transaction& tx) -> Result<void> {
    const auto rows =
        ATALAYA_TRY(tx.query("SELECT plan, lists, result, agreement FROM observatory_linkages"));
    for (std::size_t i = 0; i < 4; ++i) {
      kept += rows.front().text(i);
    }
    const auto payloads = ATALAYA_TRY(tx.query("SELECT payload FROM ledger_payloads"));
    EXPECT_FALSE(payloads.empty());
    for (const auto& row : payloads) {
      kept.append(row.blob(0).begin(), row.blob(0).end());
    }
    return {};
  }));
  EXPECT_NE(kept.find("pairs_linked"), std::string::npos);
  for (const std::string_view secret : {"Quintero", "Mosquera", "Wilmer", "N-9000", "Municipio "}) {
    EXPECT_EQ(kept.find(secret), std::string::npos) << secret;
  }
  const std::string plain = cases_csv(*outcome, false);
  EXPECT_EQ(plain.find("Quintero"), std::string::npos);
  EXPECT_NE(plain.find("N-9000"), std::string::npos);
  EXPECT_NE(cases_csv(*outcome, true).find("Quintero"), std::string::npos);
}

TEST(LinkFiles, APersonsDecisionCounts) {
  Node node;
  const auto [police, forensic] = two_files(60, 5, 5);
  const std::vector<fs::path> files = {node.file("a.csv", police), node.file("b.csv", forensic)};
  const auto plan = plan_of(kPlan);
  const auto before = link_files(plan, files, {});
  ASSERT_TRUE(before.has_value()) << before.error().detail;
  const auto pairs = number(before->result, "pairs_linked");
  ASSERT_GT(pairs, 40);
  // Undo one link, and link two records that nothing links, by the very file that was written.
  std::string cases = cases_csv(*before, false);
  const auto linked = cases.find("\nlinked,");
  ASSERT_NE(linked, std::string::npos);
  cases.insert(cases.find('\n', linked + 1), "no_match");
  const auto decisions = read_decisions(plan, node.file("cases.csv", cases));
  ASSERT_TRUE(decisions.has_value()) << decisions.error().detail;
  ASSERT_EQ(decisions->size(), 1U);
  EXPECT_FALSE(decisions->front().is_match);
  const auto after = link_files(plan, files, *decisions);
  ASSERT_TRUE(after.has_value());
  EXPECT_EQ(number(after->result, "pairs_linked"), pairs - 1);
  EXPECT_EQ(number(after->result, "cases"), number(before->result, "cases") + 1);

  const std::vector<LinkageDecision> match = {{0, 1, 66, 66, true}};
  const auto forced = link_files(plan, files, match);
  ASSERT_TRUE(forced.has_value());
  EXPECT_EQ(number(forced->result, "pairs_decided_by_persons"), 1);
  const std::vector<LinkageDecision> nowhere = {{0, 1, 4000, 66, true}};
  EXPECT_EQ(link_files(plan, files, nowhere).error().reason, "observatory.linkage.decisions");
}

TEST(LinkFiles, RefusesFilesThatWouldMislead) {
  Node node;
  const auto [police, forensic] = two_files(10, 0, 0);
  const auto plan = plan_of(kPlan);
  const auto a = node.file("a.csv", police);
  EXPECT_EQ(link_files(plan, {a}, {}).error().reason, "observatory.linkage.files");
  const auto other = node.file("c.csv", "x,y\n1,2\n");
  EXPECT_EQ(link_files(plan, {a, other}, {}).error().reason, "columns.table.no_column");
}

TEST(LinkFiles, LinksFebrl) {
  const char* const shared = std::getenv("ATALAYA_SHARED");  // NOLINT(concurrency-mt-unsafe)
  const std::string root = shared != nullptr ? shared : ATALAYA_SOURCE_DIR "/../shared";
  std::ifstream file(root + "/data/linkage-febrl/dataset1.csv");
  std::string head;
  if (!std::getline(file, head)) {
    GTEST_SKIP() << "FEBRL's files are not in ATALAYA_SHARED/data/linkage-febrl";
  }
  // 500 originals as one source, their 500 duplicates as the other.
  std::string originals = head + "\n";
  std::string duplicates = head + "\n";
  for (std::string line; std::getline(file, line);) {
    (line.find("-org") != std::string::npos ? originals : duplicates) += line + "\n";
  }
  constexpr std::string_view kFields = R"(
id = "febrl"
title = "FEBRL, synthetic"
synthetic = true
fields = [ { id = "given", kind = "given_name", term_frequency = true },
  { id = "surname", kind = "surname", term_frequency = true }, { id = "suburb" },
  { id = "postcode", kind = "identifier" }, { id = "birth", kind = "date" },
  { id = "number", kind = "identifier" } ]
passes = [ { keys = ["number"] }, { keys = ["birth"] },
  { keys = ["given:phonetic", "surname:phonetic"] }, { keys = ["surname:phonetic", "postcode"] } ]
)";
  std::string text(kFields);
  for (const std::string_view id : {"org", "dup"}) {
    text += fmt::format(
        "[[lists]]\nid = \"{}\"\ncase = \"rec_id\"\ncolumns = {{ given = \"given_name\", surname = "
        "\"surname\", suburb = \"suburb\", postcode = \"postcode\", birth = \"date_of_birth\", "
        "number = \"soc_sec_id\" }}\n",
        id);
  }
  Node node;
  const auto outcome = link_files(
      plan_of(text), {node.file("a.csv", originals), node.file("b.csv", duplicates)}, {});
  ASSERT_TRUE(outcome.has_value()) << outcome.error().detail;
  double right = 0;
  double linked = 0;
  for (const auto& members : outcome->cases) {
    if (members[0] && members[1]) {
      linked += 1;
      const auto& a = outcome->records[0][*members[0]].number;
      const auto& b = outcome->records[1][*members[1]].number;
      right += a.substr(0, a.find("-org")) == b.substr(0, b.find("-dup")) ? 1 : 0;
    }
  }
  fmt::print("dataset1 as two files: precision {:.4f}, recall {:.4f}\n", right / linked,
             right / 500);
  EXPECT_GE(right / linked, 0.99);
  EXPECT_GE(right / 500, 0.98);
}

// What a reader of the agreement knows: every line and column adds up. A count that stands alone
// among hidden ones in one of these sums would be no secret.
struct Reader {
  std::vector<std::vector<json::value>> sums;  // each: the parts, then their sum

  void add(const json::object& line) {
    const auto& found = line.at("found").as_object();
    const auto& lists = line.at("lists").as_object();
    const auto& a = found.at("a");
    const auto& b = found.at("b");
    const auto& ab = found.at("a+b");
    sums.push_back({a, ab, lists.at("a")});
    sums.push_back({b, ab, lists.at("b")});
    sums.push_back({a, b, ab, line.at("cases")});
    sums.push_back({lists.at("a"), b, line.at("cases")});
    sums.push_back({lists.at("b"), a, line.at("cases")});
  }

  [[nodiscard]] bool learns() const {
    return std::ranges::any_of(
        sums, [](const auto& sum) { return std::ranges::count(sum, json::value()) == 1; });
  }
};

RC_GTEST_PROP(Agreement, HidesNothingThatOneSumGivesAway, ()) {
  LinkageOutcome outcome;
  outcome.plan.lists = {{.id = "a", .title = "A"}, {.id = "b", .title = "B"}};
  const auto groups = *rc::gen::inRange(1, 5);
  for (int g = 0; g < groups; ++g) {
    auto& counts = outcome.counts[fmt::format("20{:02}", g)];
    counts = {0, *rc::gen::inRange(0, 12), *rc::gen::inRange(0, 12), *rc::gen::inRange(0, 12)};
  }
  const auto agreement = detail::protected_agreement(outcome);
  RC_ASSERT(agreement.has_value());
  RC_ASSERT(agreement->at("safe").as_bool());
  Reader reader;
  std::map<std::string, std::vector<json::value>> columns;
  const auto lines = agreement->at("groups").as_array();
  for (const auto& value : lines) {
    const auto& line = value.as_object();
    reader.add(line);
    for (const auto& [pattern, count] : line.at("found").as_object()) {
      columns[std::string(pattern)].push_back(count);
      const bool fine = count.is_null() || count.as_int64() == 0 || count.as_int64() >= 5;
      RC_ASSERT(fine);
    }
  }
  const auto& total = agreement->at("total").as_object();
  reader.add(total);
  for (auto& [pattern, counts] : columns) {
    counts.push_back(total.at("found").as_object().at(pattern));
    reader.sums.push_back(counts);
  }
  RC_ASSERT(!reader.learns());
}

class LinkageStore : public testing::TestWithParam<store::Engine> {};

INSTANTIATE_TEST_SUITE_P(Engines, LinkageStore,
                         testing::Values(store::Engine::sqlite, store::Engine::postgresql),
                         [](const auto& engine) {
                           return engine.param == store::Engine::sqlite ? "sqlite" : "postgresql";
                         });

TEST_P(LinkageStore, PublishesOnlyWhatWasDecidedAndReviewed) {
  if (GetParam() == store::Engine::postgresql && !store::TestStore::has_postgres()) {
    GTEST_SKIP() << "needs PostgreSQL; ctest runs this as observatory_postgres";
  }
  Node node(GetParam());
  LinkageOutcome outcome;
  outcome.plan = plan_of(kPlan);
  outcome.records.resize(2);
  outcome.sha256 = {"00", "11"};
  outcome.counts["2022"] = {0, 40, 30, 500};
  outcome.counts["2023"] = {0, 45, 2, 480};
  const auto fill = [&] {
    outcome.result = detail::linkage_result(outcome, {});
    outcome.agreement = *detail::protected_agreement(outcome);
  };
  const auto publish = [&] {
    return store_linkage(node.desk(), outcome, "pia", PublishAgreement::yes);
  };
  outcome.pairs.push_back({.state = PairState::review});
  fill();
  EXPECT_EQ(publish().error().reason, "observatory.linkage.review");
  outcome.pairs.clear();
  fill();
  const std::string by = std::exchange(outcome.plan.decided_by, "");
  EXPECT_EQ(publish().error().reason, "observatory.linkage.undecided");
  outcome.plan.decided_by = by;
  const auto first = publish();
  ASSERT_TRUE(first.has_value()) << first.error().detail;
  EXPECT_GT(number(first->agreement, "hidden"), 0);
  // The difference of two agreements that hide counts would show them.
  outcome.counts["2022"][3] = 501;
  fill();
  EXPECT_EQ(publish().error().reason, "observatory.linkage.published");
  const auto held = linkages(node.desk());
  ASSERT_TRUE(held.has_value());
  ASSERT_EQ(held->size(), 1U);
  EXPECT_EQ(held->front().agreement, first->agreement);
  EXPECT_TRUE(held->front().published);
  // The quality page's rows are of the year whose counts are all shown.
  QualityQuery query;
  query.released_only = true;
  const auto rows = source_agreements(node.desk(), query);
  ASSERT_TRUE(rows.has_value()) << rows.error().detail;
  EXPECT_TRUE(rows->empty());  // no facts of COL are held, so the country is not among them
}

// Six years of weeks: about ten cases each in Antioquia, four in Cundinamarca.
std::string six_years(int last_week) {
  std::string csv = "date,place,sex,n\n";
  for (int week = 0; week < 313; ++week) {
    const auto monday =
        std::chrono::sys_days{std::chrono::year{2020} / 1 / 6} + std::chrono::days{7 * week};
    const std::chrono::year_month_day day{monday + std::chrono::days{2}};
    const std::string date =
        fmt::format("{:04}-{:02}-{:02}", static_cast<int>(day.year()),
                    static_cast<unsigned>(day.month()), static_cast<unsigned>(day.day()));
    const bool last = week == 312;
    csv += fmt::format("{},CO-ANT,M,{}\n", date, last ? last_week : 8 + (week * 7) % 5);
    csv += fmt::format("{},CO-CUN,{},{}\n", date, week % 3 == 0 ? "" : "F", 3 + (week * 5) % 3);
  }
  return csv + "2026-01-04,CO-CUN,M,1\n";  // the week's Sunday: it is whole
}

TEST(Surveillance, FindsThePlantedWeekAndNoOther) {
  Node node;
  node.load(kCasesMapping, six_years(40), "police");
  SurveillanceQuery query;
  query.indicator = "homicide_victims";
  query.by = {"territory", "admin1"};
  const auto report = find_alerts(node.desk(), query);
  ASSERT_TRUE(report.has_value()) << report.error().detail;
  EXPECT_EQ(report->period, "2026-W01");
  EXPECT_EQ(report->judged, 2U);
  EXPECT_EQ(report->days_since, 55);
  EXPECT_NEAR(report->alarms_by_chance, 0.01, 1e-12);
  ASSERT_EQ(report->series.size(), 2U);
  EXPECT_EQ(report->series[0].code, "CO-ANT");
  EXPECT_EQ(report->series[0].state, SeriesState::alarm);
  EXPECT_EQ(report->series[0].method, "farrington_flexible");
  EXPECT_EQ(report->series[0].observed, 40);
  EXPECT_NEAR(report->series[0].expected, 10, 1);
  EXPECT_EQ(report->series[1].state, SeriesState::quiet);
  query.recent_left_out = 1;
  const auto before = find_alerts(node.desk(), query);
  ASSERT_TRUE(before.has_value());
  EXPECT_EQ(before->period, "2025-W52");
  EXPECT_EQ(before->series[0].state, SeriesState::quiet);
}

TEST(Surveillance, ShortSeriesUseEarsAndUnsentMonthsAreNotZero) {
  Node node;
  // Weeks of January to March 2025 and of May; nothing of April was sent.
  const std::string mapping = "covers_period = \"facts\"" + std::string(kCasesMapping);
  std::string csv = "date,place,sex,n\n";
  for (const char* date : {"2025-01-01", "2025-01-08", "2025-01-15", "2025-01-22", "2025-01-29",
                           "2025-02-05", "2025-02-12", "2025-02-19", "2025-02-26", "2025-03-05",
                           "2025-03-12", "2025-03-19", "2025-03-30"}) {
    csv += fmt::format("{},CO-ANT,M,3\n", date);
  }
  node.load(mapping, csv, "police");
  SurveillanceQuery query;
  query.indicator = "homicide_victims";
  auto report = find_alerts(node.desk(), query);
  ASSERT_TRUE(report.has_value()) << report.error().detail;
  EXPECT_EQ(report->period, "2025-W13");
  EXPECT_EQ(report->series[0].method, "ears_c1");
  EXPECT_EQ(report->series[0].state, SeriesState::quiet);
  node.load(mapping, csv + "2025-05-18,CO-ANT,M,30\n", "police");
  report = find_alerts(node.desk(), query);
  ASSERT_TRUE(report.has_value());
  EXPECT_EQ(report->period, "2025-W20");
  EXPECT_EQ(report->series[0].state, SeriesState::not_judged);
  EXPECT_EQ(report->series[0].reason, "not_reported");
  query.period = PeriodKind::year;
  EXPECT_EQ(find_alerts(node.desk(), query).error().reason, "observatory.alerts.bad_options");
}

TEST(Surveillance, SaysWhereDatesAreTooCoarse) {
  Node node;
  node.load(kCasesMapping, "date,place,sex,n\n2023,CO-ANT,M,30\n2024,CO-ANT,M,31\n", "police");
  SurveillanceQuery query;
  query.indicator = "homicide_victims";
  EXPECT_EQ(find_alerts(node.desk(), query).error().reason, "observatory.alerts.no_periods");
}

TEST(Quality, MeasuresWhatWasPlanted) {
  Node node;
  node.load(kCasesMapping, six_years(9), "police");
  const auto reports = quality_reports(node.desk(), {.country = "COL", .source = "police"});
  ASSERT_TRUE(reports.has_value()) << reports.error().detail;
  ASSERT_EQ(reports->size(), 1U);
  const auto& report = reports->front();
  EXPECT_EQ(report.indicator, "homicide_victims");
  const auto sex = std::ranges::find(report.dimensions, "sex", &Completeness::dimension);
  ASSERT_NE(sex, report.dimensions.end());
  // One in four of one place's four a week, beside the ten of the other.
  EXPECT_NEAR(sex->unknown_share.value_or(0), 1.0 / 14, 0.002);
  EXPECT_EQ(report.days, 55);
  ASSERT_TRUE(report.coverage.has_value());
  EXPECT_EQ(report.coverage->present, 2 * 6);  // two places in six whole years
  EXPECT_EQ(report.coverage->expected % 6, 0);
  EXPECT_GT(report.cells_tested, 0U);
  EXPECT_TRUE(report.outliers.empty());
  ASSERT_TRUE(report.protocol.has_value());
  const auto state_of = [&](std::string_view id) {
    return std::ranges::find(report.protocol->results, id,
                             [](const CriterionResult& r) { return r.criterion->id; })
        ->state;
  };
  EXPECT_EQ(state_of("missing_fields"), CriterionState::not_met)
      << "what is not recorded at all is not complete";
  EXPECT_EQ(state_of("common_definition"), CriterionState::not_measured);
  EXPECT_FALSE(report.duplicate_share.has_value());
  // Nothing was released, so nothing is for the public.
  const auto released = quality_reports(node.desk(), {.released_only = true});
  ASSERT_TRUE(released.has_value());
  EXPECT_TRUE(released->empty());
}

TEST(Quality, FindsAYearOutOfLineAndSetsSourcesSideBySide) {
  Node node;
  std::string csv = "date,place,sex,n\n";
  std::string other = "date,place,sex,n\n";
  for (int year = 2015; year < 2023; ++year) {
    for (int month = 1; month <= 12; ++month) {
      const int n = year == 2018 ? 60 : 20 + month % 3;
      csv += fmt::format("{}-{:02}-15,CO-ANT,M,{}\n{}-{:02}-15,CO-CUN,M,9\n", year, month, n, year,
                         month);
    }
    other += fmt::format("{}-06-15,CO-ANT,M,300\n", year);
  }
  node.load(kCasesMapping, csv, "police");
  std::string forensic(kCasesMapping);
  forensic.replace(forensic.find("\"cases\""), 7, "\"exams\"");
  forensic.replace(forensic.find("\"police\""), 8, "\"forensic\"");
  node.load(forensic, other, "forensic_service");
  const auto reports = quality_reports(node.desk(), {.country = "COL", .source = "police"});
  ASSERT_TRUE(reports.has_value()) << reports.error().detail;
  const auto& outliers = reports->front().outliers;
  ASSERT_EQ(outliers.size(), 1U);
  EXPECT_EQ(outliers[0].territory, "CO-ANT");
  EXPECT_EQ(outliers[0].period, "2018");
  EXPECT_EQ(outliers[0].count, 720);
  const auto rows = source_agreements(node.desk(), {.country = "COL"});
  ASSERT_TRUE(rows.has_value()) << rows.error().detail;
  ASSERT_EQ(rows->size(), 8U);
  EXPECT_EQ(rows->front().first_source, "forensic_service");
  EXPECT_EQ(rows->front().second_source, "police");
  EXPECT_EQ(rows->front().agreement.first, 300);
  EXPECT_EQ(rows->front().agreement.second, 360);
  EXPECT_NEAR(rows->front().agreement.difference_percent, 100.0 * 60 / 360, 1e-9);
}

}  // namespace
}  // namespace atalaya::observatory
