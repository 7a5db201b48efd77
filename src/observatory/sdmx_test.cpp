// Goal: keys, filters and times as SDMX REST 1.5 and 2.2 write them, and messages that say what a
// release says. Whole messages are read by foreign clients in tests/conformance/sdmx.py; here are
// the rules that no client shows.
#include <atalaya/observatory/sdmx_structures.hpp>

#include <algorithm>
#include <array>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <atalaya/base/json.hpp>
#include <atalaya/observatory/rows.hpp>

#include "desk_fixture.hpp"
#include "sdmx_codes.hpp"
#include "sdmx_write.hpp"

namespace atalaya::observatory::sdmx {
namespace {

// The keys are the examples of SDMX REST, v1_0/doc/data.md and doc/data.md.
TEST(Sdmx, keys_of_the_first_generation) {
  const auto keys = parse_key("D.USD+GBP..SP00.A", 5, KeySyntax::v1);
  ASSERT_TRUE(keys.has_value());
  ASSERT_EQ(keys->size(), 1);
  EXPECT_EQ(keys->front(), (Key{{"D"}, {"USD", "GBP"}, {}, {"SP00"}, {"A"}}));
  EXPECT_TRUE(parse_key("ALL", 5, KeySyntax::v1)->empty());
  EXPECT_EQ(parse_key("D.USD", 5, KeySyntax::v1).error().reason, "observatory.sdmx.key");
  EXPECT_FALSE(parse_key("D.*.EUR.SP00.A", 5, KeySyntax::v1).has_value());
}

TEST(Sdmx, keys_of_the_second_generation) {
  const auto keys = parse_key("D.*.EUR,M.USD.*", 3, KeySyntax::v2);
  ASSERT_TRUE(keys.has_value());
  EXPECT_EQ(*keys, (std::vector<Key>{{{"D"}, {}, {"EUR"}}, {{"M"}, {"USD"}, {}}}));
  EXPECT_TRUE(parse_key("*", 3, KeySyntax::v2)->empty());
  EXPECT_FALSE(parse_key(std::string(kKeyBytesMax + 1, 'A'), 1, KeySyntax::v2).has_value());
}

RC_GTEST_PROP(SdmxProperty, a_key_that_was_written_is_read_again, ()) {
  // Small on purpose: a key of thousands of codes says nothing that one of six does not.
  const auto code = rc::gen::nonEmpty(rc::gen::resize(
      6, rc::gen::container<std::string>(rc::gen::elementOf(std::string("ABCxyz019_@$-")))));
  const auto key = *rc::gen::nonEmpty(
      rc::gen::resize(6, rc::gen::container<Key>(rc::gen::resize(
                             4, rc::gen::container<std::vector<std::string>>(code)))));
  std::string text;
  std::size_t values = 0;
  for (std::size_t i = 0; i < key.size(); ++i) {
    text += i == 0 ? "" : ".";
    for (std::size_t k = 0; k < key[i].size(); ++k) {
      text += (k == 0 ? "" : "+") + key[i][k];
    }
    values += key[i].size();
  }
  RC_PRE(values > 0U);
  const auto read = parse_key(text, key.size(), KeySyntax::v1);
  RC_ASSERT(read.has_value() && read->size() == 1U && read->front() == key);
}

// In 3.0 what has no extension never changes; lists of codes grow.
TEST(Sdmx, no_structure_of_3_0_is_final) {
  EXPECT_EQ(version_of("CL_SEX", 1, true), "1.0.0-draft");
  EXPECT_EQ(version_of("DSD_HOMICIDE_RATE", 2, false), "2.0");
  EXPECT_EQ(version_of("AGENCIES", 1, true), "1.0.0");
}

TEST(Sdmx, filters_and_and_or) {
  const auto conditions = parse_conditions("ge:2020+le:2022");
  ASSERT_TRUE(conditions.has_value());
  ASSERT_EQ(conditions->size(), 2);
  EXPECT_EQ(conditions->front().front().op, Operator::ge);
  // In a query '+' comes decoded as a blank.
  EXPECT_EQ(parse_conditions("ge:2020 le:2022")->size(), 2);
  EXPECT_EQ(parse_conditions("M,F")->front().size(), 2);
  EXPECT_EQ(parse_conditions("xx:1").error().reason, "observatory.sdmx.filter");
  EXPECT_FALSE(parse_conditions("ge:").has_value());
}

TEST(Sdmx, times_are_days) {
  const auto span = [](std::string_view text) {
    const auto time = parse_time(text);
    return time ? to_string(time->first) + " " + to_string(time->second) : std::string("none");
  };
  EXPECT_EQ(span("2020"), "2020-01-01 2021-01-01");
  EXPECT_EQ(span("2020-Q4"), "2020-10-01 2021-01-01");
  EXPECT_EQ(span("2020-T2"), "2020-05-01 2020-09-01");
  EXPECT_EQ(span("2020-A1"), "2020-01-01 2021-01-01");
  EXPECT_EQ(span("2000-01-01T00:00:00"), "2000-01-01 2000-01-02");
  EXPECT_EQ(span("2020-T4"), "none");
  EXPECT_EQ(span("2020-02-30"), "none");
}

TEST(Sdmx, several_periods_are_one_range) {
  EXPECT_EQ(time_value({"2021", "2020", "2022"})->time, "2020-01-01/P3Y");
  EXPECT_EQ(time_value({"2021-02", "2021-01"})->time, "2021-01-01/P2M");
  EXPECT_EQ(time_value({"2021-Q1"})->frequency, "Q");
  EXPECT_FALSE(time_value({}).has_value());
  EXPECT_FALSE(time_value({"2020", "2022"}).has_value()) << "there is a gap";
  EXPECT_EQ(time_of_row("2022-Q1@2022-Q2")->time, "2022-01-01/P6M");
  EXPECT_EQ(time_of_row("2022._U")->frequency, "_U");
  EXPECT_EQ(time_of_row("2022-02-01@2022-02-02")->time, "2022-02-01/P2D");
  EXPECT_EQ(time_of_row("2022-W01@2022-W02")->time, "2022-01-03/P14D");
}

TEST(Sdmx, a_rest_never_takes_the_code_of_a_place) {
  const Territories territories(Codelists::embedded(), {{"COL_U", "admin2", "CO-ANT", "Unknown"}});
  EXPECT_EQ(code_id(territories, "territory", "COL_U"), "COL_U");
  EXPECT_TRUE(code_id(territories, "territory", "COL._U").starts_with("COL__U-h"));
  EXPECT_EQ(code_id(territories, "territory", "CRI._U"), "CRI_U");
}

// A catalogue of one flow with one hidden cell.
std::shared_ptr<const Catalogue> catalogue() {
  auto out = std::make_shared<Catalogue>();
  out->organisation = "A & B";
  out->releases = {{"r1", "First", UtcTime{}, true}};
  Flow flow;
  flow.id = "DF_HOMICIDE_RATE";
  flow.dsd = "DSD_HOMICIDE_RATE";
  flow.indicator = Indicators::embedded()->find("homicide_rate");
  flow.dimensions = {{"FREQ", "", "CL_FREQ"},
                     {"REF_AREA", "territory", "CL_AREA"},
                     {"UNIT_MEASURE", "", "CL_UNIT_MEASURE"}};
  flow.used = {{"A"}, {"COL", "ECU"}, {"NR"}};
  out->flows.push_back(flow);
  out->codelists = fixed_codelists();
  out->codelists.push_back({"CL_AREA", text_of("Territory"), {{"COL", "", text_of("<C>")}}});
  out->concepts = {"CS_ATALAYA", text_of("Concepts"), fixed_concepts()};
  out->groups = {"CAS_INDICATORS", text_of("Indicators"), {{"LETHAL", "", text_of("Lethal")}}};
  out->group_of = {"LETHAL"};
  return out;
}

DataMessage message(DataForm form) {
  DataMessage out;
  out.catalogue = catalogue();
  out.form = form;
  DataSet set;
  set.flow = &out.catalogue->flows.front();
  set.codes = {{"A"}, {"COL", "ECU"}, {"NR"}};
  Observation seen;
  seen.key = {0, 0, 0};
  seen.time = "2020";
  seen.value = 12;
  Observation hidden = seen;
  hidden.key = {0, 1, 0};
  hidden.value.reset();
  hidden.status = CellStatus::suppressed;
  hidden.is_missing = true;
  set.observations = {seen, hidden};
  out.sets.push_back(std::move(set));
  return out;
}

std::string written(DataMessage what) {
  const auto writer = create_writer(std::move(what));
  std::string out;
  std::string piece;
  for (bool more = true; more;) {
    piece.clear();
    more = *writer->next(piece);
    out += piece;
  }
  return out;
}

TEST(Sdmx, a_hidden_cell_has_no_number_in_any_form) {
  for (const DataForm form :
       {DataForm::generic_21, DataForm::specific_21, DataForm::specific_30, DataForm::csv_1,
        DataForm::csv_2, DataForm::json_draft, DataForm::json_1, DataForm::json_2}) {
    const std::string text = written(message(form));
    EXPECT_TRUE(text.contains("suppressed")) << text;
    EXPECT_EQ(text.find("12"), text.rfind("12")) << text;
  }
}

TEST(Sdmx, json_is_json_and_streams_in_pieces) {
  for (const DataForm form : {DataForm::json_draft, DataForm::json_1, DataForm::json_2}) {
    for (const std::string_view turned : {"TIME_PERIOD", "AllDimensions", "REF_AREA"}) {
      for (const Detail detail :
           {Detail::full, Detail::dataonly, Detail::serieskeysonly, Detail::nodata}) {
        DataMessage what = message(form);
        what.at_observation = turned;
        what.detail = detail;
        const std::string text = written(std::move(what));
        EXPECT_TRUE(parse_json(text, "message").has_value()) << turned << "\n" << text;
      }
    }
  }
  DataMessage large = message(DataForm::csv_1);
  large.sets.front().observations.assign(5'000, large.sets.front().observations.front());
  large.at_observation = "AllDimensions";
  const auto writer = create_writer(std::move(large));
  std::string piece;
  std::size_t pieces = 0;
  for (bool more = true; more; ++pieces) {
    piece.clear();
    more = *writer->next(piece);
    EXPECT_LT(piece.size(), 200'000U);
  }
  EXPECT_GT(pieces, 2U);
}

TEST(Sdmx, references_follow_the_graph) {
  const auto held = catalogue();
  const auto types = [&](std::string references) {
    StructureQuery query;
    query.references = std::move(references);
    const auto found = find_artefacts(*held, query);
    std::vector<ArtefactType> out;
    for (const Artefact& artefact : found ? *found : std::vector<Artefact>()) {
      if (out.empty() || out.back() != artefact.type) {
        out.push_back(artefact.type);
      }
    }
    return out;
  };
  using enum ArtefactType;
  EXPECT_EQ(types("none"), (std::vector{dataflow}));
  EXPECT_EQ(types("children"), (std::vector{dataflow, data_structure}));
  EXPECT_EQ(types("descendants"),
            (std::vector{dataflow, codelist, concept_scheme, data_structure}));
  EXPECT_EQ(types("parents"),
            (std::vector{dataflow, categorisation, constraint, provision_agreement}));
  EXPECT_EQ(types("codelist"), (std::vector{dataflow, codelist}));
  EXPECT_TRUE(types("cousins").empty());
}

TEST(Sdmx, what_a_node_writes_is_escaped) {
  StructureMessage what;
  StructureQuery query;
  query.type = "structure";
  what.artefacts = *find_artefacts(*catalogue(), query);
  for (const StructureForm form : {StructureForm::xml_21, StructureForm::xml_30}) {
    what.form = form;
    const std::string text = write_structures(*catalogue(), what);
    EXPECT_EQ(text.find("isFinal=\"true\""), std::string::npos) << "code lists grow";
    EXPECT_TRUE(text.contains("A &amp; B") && text.contains("&lt;C&gt;"));
    EXPECT_FALSE(text.contains("A & B"));
  }
  for (const StructureForm form : {StructureForm::json_1, StructureForm::json_2}) {
    what.form = form;
    EXPECT_TRUE(parse_json(write_structures(*catalogue(), what), "structures").has_value());
  }
}

// A source's own dimension holds what its file writes, and every cell of it has its own key.
class SdmxOwnTextsTest : public testing::Test, protected TestDesk {
 protected:
  static constexpr std::array<std::string_view, 9> kZones = {"Villa 1",
                                                             "Villa/1",
                                                             "Villa_1",
                                                             "Cord\u00f3n",
                                                             "Cord\u00e7n",
                                                             "\u041c\u043e\u0441\u043a\u0432\u0430",
                                                             "\u041e\u0434\u0435\u0441\u0441\u0430",
                                                             "Villa_1-h12345678",
                                                             "Centro"};

  void SetUp() override {
    begin(store::Engine::sqlite);
    open(store_->database());
    std::string rows = "date,place,sex,x_zone,n\n";
    for (std::size_t i = 0; i < kZones.size(); ++i) {
      rows += fmt::format("2023-02-01,CO-ANT,M,{},{}\n", kZones[i], 10 + i);
    }
    ASSERT_TRUE(load(with_dimension(kCasesMapping, "x_zone"), rows).has_value());
    const auto done = desk_->publish_release(
        "id = \"r1\"\nname = \"Zones, synthetic\"\n[decision]\nby = \"Director\"\n"
        "reason = \"test\"\n[[tables]]\nindicator = \"homicide_victims\"\n"
        "by = \"x_zone,period:year\"\nprotect = false\nreason = \"test\"\n",
        "publisher");
    ASSERT_TRUE(done.has_value()) << done.error().detail;
  }
};

TEST_F(SdmxOwnTextsTest, data_list_and_availability_agree_in_number_and_sum) {
  const auto catalogue = *build_catalogue(*desk_, "A node");
  const Flow* flow = catalogue.find("DF_HOMICIDE_VICTIMS");
  ASSERT_NE(flow, nullptr);
  const auto sets = select_data(*desk_, catalogue, *flow, {});
  ASSERT_TRUE(sets.has_value() && sets->size() == 1);
  double sum = 0;
  for (const auto& observation : sets->front().observations) {
    sum += observation.value.value_or(0);
  }
  EXPECT_EQ(sets->front().observations.size(), kZones.size());
  EXPECT_EQ(sum, 9 * 10 + 36);
  const auto list = std::ranges::find(catalogue.codelists, "CL_X_ZONE", &ItemList::id);
  ASSERT_NE(list, catalogue.codelists.end());
  const auto territories = *desk_->territories();
  for (const std::string_view zone : kZones) {
    const Item* item = list->find(code_id(*territories, "x_zone", zone));
    ASSERT_NE(item, nullptr) << zone;
    EXPECT_EQ(item->name.texts[0], zone);
  }
  EXPECT_TRUE(code_id(*territories, "x_zone", "Cord\u00f3n").starts_with("Cordon-h"));
  EXPECT_EQ(code_id(*territories, "x_zone", "Centro"), "Centro");
  for (const std::uint64_t listed : {std::uint64_t{0}, kCellsListed}) {
    const auto there = find_availability(*desk_, catalogue, *flow, {}, {"X_ZONE"}, listed);
    ASSERT_TRUE(there.has_value() && there->values.size() == 1);
    EXPECT_EQ(there->values.front().second.size(), kZones.size());
    EXPECT_EQ(there->observations, kZones.size());
  }
}

// What a row says it holds is what its number counts, whatever a table is by and whatever was
// chosen of it: facts that lie in a plain code are all in its row, and with its rest the rows below
// a code come to its total.
RC_GTEST_PROP(RowsProperty, a_row_holds_what_its_code_says, ()) {
  struct Domain {
    std::string dimension;
    std::vector<std::string> levels, codes;
    std::size_t chosen_max;
  };

  static const std::vector<Domain> kDomains = {
      {"territory",
       {"", "country", "admin1", "admin2"},
       {"COL", "CO-ANT", "CO-ATL", "COL_05001", "COL_05088", "COL_08001", "CRI"},
       3},
      {"mechanism", {"", "1", "2"}, {"firearm", "handgun", "long_gun", "sharp", "_U"}, 3},
      {"period",
       {"", "year", "semester", "quarter", "month"},
       {"2022", "2022-S1", "2022-Q1", "2022-Q2", "2022-01", "2022-02", "2022-05", "2023",
        "2023-01"},
       3},
      {"period",
       {"week"},
       {"2022-01-30", "2022-01-31", "2022-02-01", "2022-02-06", "2022-02-28", "2022-03-01",
        "2022-01", "2022-02", "2022-03"},
       2},
      {"period",
       {"month"},
       {"2022-01-31", "2022-02-01", "2022-02-08", "2022-02-20", "2022-W05", "2022-W06", "2022-02"},
       3},
      {"age",
       {"", "5y", "10y"},
       {"Y_LT18", "Y12T17", "Y10T14", "Y15T17", "Y18T19", "Y15T19", "Y_GE18", "_U"},
       1}};
  static const Territories kTerritories(Codelists::embedded(), {});
  const auto& domain = *rc::gen::elementOf(kDomains);
  TableQuery query;
  query.by = {{domain.dimension, *rc::gen::elementOf(domain.levels)}};
  const auto some = [&] {
    std::vector<std::string> out =
        *rc::gen::container<std::vector<std::string>>(rc::gen::elementOf(domain.codes));
    std::ranges::sort(out);
    out.erase(std::unique(out.begin(), out.end()), out.end());
    return out;
  };
  const auto facts = some();  // one case of each
  auto chosen = some();
  chosen.resize(std::min(chosen.size(), domain.chosen_max));
  if (!chosen.empty()) {
    query.where = {{domain.dimension, chosen}};
  }
  const auto within = [&](std::string_view code, std::string_view outer) {
    return kTerritories.lists().is_within(domain.dimension, code, outer);
  };
  std::map<std::string, std::set<std::string>> rows;
  for (const auto& fact : facts) {
    if (chosen.empty() ||
        std::ranges::any_of(chosen, [&](const auto& outer) { return within(fact, outer); })) {
      const auto place =
          query.by[0].level.empty()
              ? Hierarchy::Place{fact}
              : Hierarchy::create(kTerritories.shared_lists(), domain.dimension, query.by[0].level)
                    ->place(fact);
      rows[place.code].insert(fact);
    }
  }
  std::vector<std::string> stored;
  for (const auto& [code, held] : rows) {
    stored.push_back(code);
  }
  const RowNames names(kTerritories, query, {stored});
  std::set<std::string> called;
  for (const auto& [code, held] : rows) {
    const std::string name = names.name(0, code);
    RC_ASSERT(called.insert(name).second);
    std::set<std::string> meant;
    const auto whole = rest_of(name);
    for (const auto outer : added_codes(whole.empty() ? std::string_view(name) : whole)) {
      std::ranges::copy_if(facts, std::inserter(meant, meant.end()),
                           [&](const auto& fact) { return within(fact, outer); });
    }
    if (!whole.empty()) {
      for (const auto& [other, theirs] : rows) {
        std::erase_if(meant,
                      [&](const auto& fact) { return other != code && theirs.contains(fact); });
      }
    }
    RC_LOG() << domain.dimension << ':' << query.by[0].level << ' ' << code << " -> " << name;
    RC_ASSERT(meant == held);
  }
}

// Single cases of two departments, some of which nobody knows the department or the weapon of.
class RowsTest : public testing::Test, protected TestDesk {
 protected:
  void SetUp() override {
    begin(store::Engine::sqlite);
    open(store_->database());
    ASSERT_TRUE(load(with_dimension(kCasesMapping, "mechanism"),
                     "date,place,sex,mechanism,n\n"
                     "2022-03-01,CO-ANT,M,handgun,300\n2022-09-01,CO-ATL,M,firearm,40\n"
                     "2022-09-02,COL,M,firearm,43\n2023-02-01,CO-ANT,F,handgun,200\n"
                     "2023-08-01,CO-ATL,M,sharp,77\n2023-08-02,COL,M,firearm,38\n")
                    .has_value());
    ASSERT_TRUE(load(kPeopleMapping, "year,place,n\n2022,COL,1000000\n2023,COL,1000000\n", "people")
                    .has_value());
    std::string plan =
        "id = \"r1\"\nname = \"Rows, synthetic\"\n[decision]\nby = \"Director\"\n"
        "reason = \"test\"\n";
    for (const auto& [by, where] : std::vector<std::pair<std::string, std::string>>{
             {"territory:admin1,period:year", "territory=COL"},
             {"territory:country,period:year", "territory=COL"},
             {"period:year,mechanism", "territory=COL"},
             {"period:year", "territory=COL,mechanism=firearm"},
             {"territory:country,period:year", "territory=CO-ANT|CO-ATL"},
             {"territory:country,period:year", "territory=COL,period=2022-S2|2023"},
             {"period:week", "territory=COL,period=2022-09"},
             {"period:week", "territory=COL"}}) {
      plan += fmt::format(
          "[[tables]]\nindicator = \"homicide_rate\"\nby = \"{}\"\nwhere = \"{}\"\nprotect = "
          "false\n"
          "reason = \"test\"\n",
          by, where);
    }
    const auto done = desk_->publish_release(plan, "publisher");
    ASSERT_TRUE(done.has_value()) << done.error().detail;
  }

  // "CO-ANT 2022=300 …" of a table of the release.
  [[nodiscard]] std::string rows(std::int32_t position) const {
    const auto table = desk_->release_table("r1", position);
    std::string out;
    for (const auto& cell : table ? table->cells : std::vector<Cell>()) {
      out += fmt::format("{}{}={}{}", out.empty() ? "" : ", ", fmt::join(cell.codes, " "),
                         cell.count.value_or(-1), cell.rate ? "" : " no rate");
    }
    return out;
  }
};

TEST_F(RowsTest, say_whether_they_are_a_total_a_rest_or_a_part_in_tables_and_in_sdmx) {
  EXPECT_EQ(rows(2), "COL 2022=383, COL 2023=315");
  EXPECT_EQ(rows(3),
            "2022 firearm._U=83, 2022 handgun=300, 2023 firearm._U=38, 2023 handgun=200, "
            "2023 sharp=77");
  EXPECT_EQ(rows(5).substr(0, 23), "CO-ANT@CO-ATL 2022=340 ");
  EXPECT_EQ(rows(6), "COL 2022-S2=83, COL 2023=315");
  // Those of whom nobody knows the department are not divided by everybody.
  EXPECT_TRUE(rows(1).contains("COL._U 2022=43 no rate")) << rows(1);
  const auto table = *desk_->release_table("r1", 1);
  const auto territories = *desk_->territories();
  EXPECT_EQ(territories->name("COL._U", Language::en), "Colombia, not further specified");
  EXPECT_EQ(
      desk_->codelists().label("mechanism", "firearm._U", Language::fr),
      desk_->codelists().label("mechanism", "firearm", Language::fr) + ", sans autre précision");
  for (const std::string_view year : {"2022", "2023"}) {
    double sum = 0;
    for (const auto& cell : table.cells) {
      sum +=
          cell.codes[1] == year && territories->is_within(cell.codes[0], "COL") ? *cell.count : 0;
    }
    EXPECT_EQ(sum, year == "2022" ? 383 : 315);
  }
  // No rest or part stands under the key of a total.
  const auto catalogue = *build_catalogue(*desk_, "A node");
  const Flow* flow = catalogue.find("DF_HOMICIDE_RATE");
  ASSERT_NE(flow, nullptr);
  for (const std::uint64_t at_once :
       {std::uint64_t{2}, std::uint64_t{1000}}) {  // in parts, at once
    ReadingParts parts;
    parts.at_once = at_once;
    auto sets = select_data(*desk_, catalogue, *flow, {}, parts);
    ASSERT_TRUE(sets.has_value() && sets->size() == 1);
    auto& set = sets->front();
    std::map<std::string, double> counts;
    while (!set.observations.empty()) {
      for (const auto& o : set.observations) {
        std::string key;
        for (std::size_t d = 0; d + 1 < flow->dimensions.size(); ++d) {
          key += set.codes[d][o.key[d]] + ".";
        }
        if (set.codes.back()[o.key.back()] == "NR" && o.value) {
          EXPECT_TRUE(counts.emplace(key + o.time, *o.value).second) << key;
        }
      }
      set.observations = set.rest ? *set.rest->next() : std::vector<Observation>();
    }
    EXPECT_EQ(counts["A.COL._T.2022"], 383);
    EXPECT_EQ(counts["A.COL._T.2023"], 315);
    EXPECT_EQ(counts["S.COL._T.2022-S2"], 83);
    EXPECT_EQ(counts["_Z.COL._T.2022-09-01/P4D"], 83) << "September's days of a week";
    EXPECT_EQ(counts["W.COL._T.2022-W35"], 83);
    EXPECT_EQ(counts["A.COL_U._T.2023"], 38);
    EXPECT_EQ(counts["A.CO-ANT@CO-ATL._T.2023"], 277);
    EXPECT_EQ(counts["A.COL.firearm.2022"], 383);
    EXPECT_EQ(counts["A.COL.firearm_U.2022"], 83);
  }
  const auto areas = std::ranges::find(catalogue.codelists, "CL_AREA", &ItemList::id);
  ASSERT_NE(areas, catalogue.codelists.end());
  ASSERT_NE(areas->find("COL_U"), nullptr);
  EXPECT_EQ(areas->find("COL_U")->parent, "COL");
  const auto there = find_availability(*desk_, catalogue, *flow, {}, {"REF_AREA"}, 0);
  ASSERT_TRUE(there.has_value());
  EXPECT_EQ(there->values.front().second.size(), 5U);
}

}  // namespace
}  // namespace atalaya::observatory::sdmx
