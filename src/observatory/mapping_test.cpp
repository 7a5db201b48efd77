#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include <fmt/format.h>

#include <atalaya/columns/read_table.hpp>
#include <atalaya/files/write.hpp>
#include <atalaya/observatory/mapping.hpp>
#include <atalaya/observatory/mapping_draft.hpp>

#include "mapping_values.hpp"

namespace atalaya::observatory {
namespace {

namespace fs = std::filesystem;

std::string slurp(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::stringstream out;
  out << in.rdbuf();
  return out.str();
}

Mapping documented(const std::string& name) {
  const auto text = slurp(fs::path(ATALAYA_SOURCE_DIR) / "docs/guides/mappings" / (name + ".toml"));
  auto mapping = parse_mapping(text, name);
  EXPECT_TRUE(mapping.has_value()) << (mapping ? "" : mapping.error().detail);
  return mapping.value_or(Mapping{});
}

fs::path shared_data() {
  const char* shared = std::getenv("ATALAYA_SHARED");
  return (shared != nullptr ? fs::path(shared) : fs::path(ATALAYA_SOURCE_DIR) / "../shared") /
         "data";
}

Territories catalogue_territories(std::vector<LocalTerritory> local = {}) {
  return Territories(Codelists::embedded(), std::move(local));
}

constexpr std::string_view kSmall = R"(
id = "small"
country = "COL"
[defaults]
unit = "victims"
iccs = "0101"
[dimensions.period]
column = "fecha"
date = "%d/%m/%Y"
[dimensions.territory]
column = "depto"
level = "admin1"
match = "name"
[dimensions.sex]
column = "sexo"
[dimensions.sex.values]
"H" = "M"
"F" = "F"
[value]
column = "n"
[[skip]]
column = "depto"
equals = ["TOTAL"]
reason = "total row"
)";

LoadReport map_text(std::string_view mapping_text, std::string_view csv, Facts* facts = nullptr) {
  const auto mapping = parse_mapping(mapping_text, "test.toml");
  EXPECT_TRUE(mapping.has_value()) << (mapping ? "" : mapping.error().detail);
  const auto table = columns::read_table(csv, "test.csv");
  EXPECT_TRUE(table.has_value()) << (table ? "" : table.error().detail);
  const auto territories = catalogue_territories();
  Mapper mapper(*mapping, territories, mapping->country.empty() ? "COL" : mapping->country);
  const auto added = mapper.add(*table);
  EXPECT_TRUE(added.has_value()) << (added ? "" : added.error().detail);
  LoadReport report = mapper.report();
  if (facts != nullptr) {
    *facts = mapper.take_facts();
  }
  return report;
}

const Finding* find(const LoadReport& report, std::string_view reason) {
  for (const auto& f : report.findings) {
    if (f.reason == reason && f.rows > 0) {
      return &f;
    }
  }
  return nullptr;
}

std::string code(const Facts& facts, std::string_view dimension, std::size_t row) {
  for (const auto& column : facts.dimensions) {
    if (column.name == dimension) {
      return std::string(column.texts.text(columns::at(column.codes, row)));
    }
  }
  return "(none)";
}

TEST(Mapping, every_row_is_accepted_rejected_or_left_out_and_totals_agree) {
  Facts facts;
  const auto report = map_text(kSmall,
                               "fecha,depto,sexo,n\n"
                               "01/02/2023,Antioquia,H,3\n"
                               "31/02/2023,Antioquia,H,1\n"
                               "05/02/2023,Antoquia,F,2\n"
                               "06/02/2023,Cundinamarca,X,4\n"
                               "07/02/2023,Cundinamarca,F,-1\n"
                               ",TOTAL,,9\n",
                               &facts);
  EXPECT_EQ(report.rows, 6);
  EXPECT_EQ(report.accepted, 1);
  EXPECT_EQ(report.accepted_with_warning, 1);
  EXPECT_EQ(report.rejected, 3);
  EXPECT_EQ(report.skipped, 1);
  EXPECT_EQ(report.skipped_by_reason.at("total row"), 1);
  EXPECT_EQ(report.total, report.total_accepted + report.total_rejected + report.total_skipped);
  EXPECT_EQ(report.total_accepted, 5);
  EXPECT_EQ(report.total_skipped, 9);
  ASSERT_NE(find(report, "no_such_date"), nullptr);
  EXPECT_EQ(find(report, "no_such_date")->first_line, 3);
  EXPECT_EQ(find(report, "no_such_date")->value, "31/02/2023");
  ASSERT_NE(find(report, "guessed"), nullptr);
  EXPECT_EQ(find(report, "guessed")->value, "Antoquia");
  EXPECT_NE(find(report, "unknown_code"), nullptr);
  EXPECT_NE(find(report, "negative"), nullptr);
  ASSERT_EQ(report.rejects.size(), 3);
  EXPECT_EQ(report.rejects[0].line, 3);
  EXPECT_EQ(code(facts, "territory", 0), "CO-ANT");
  EXPECT_EQ(code(facts, "period", 0), "2023-02-01");
  EXPECT_EQ(code(facts, "sex", 0), "M");
  EXPECT_EQ(report.months, (std::vector<std::string>{"2023-02"}));
}

TEST(Mapping, an_empty_cell_is_no_fact_a_sign_may_be_zero_and_masked_ones_keep_bounds) {
  constexpr std::string_view kWide = R"(
id = "wide"
[defaults]
unit = "victims"
iccs = "0101"
[dimensions.period]
column = "when"
[dimensions.territory]
column = "where"
[file]
missing = ["n.d."]
zero = ["-"]
[[measures]]
columns = "^(male|female)$"
set = { sex = "$1" }
[dimensions.sex]
rules = [{ when = { when = ["never"] }, code = "_U" }]
otherwise = "_U"
[dimensions.sex.values]
male = "M"
female = "F"
)";
  Facts facts;
  const auto report = map_text(
      kWide,
      "when,where,male,female\n2020,COL,,<5\n2021,COL,7,n.d.\n2022,COL,0,5-9\n2023,COL,-,1\n",
      &facts);
  EXPECT_EQ(report.rejected, 0) << (report.findings.empty() ? "" : report.findings[0].detail);
  EXPECT_EQ(report.facts, 6);
  EXPECT_EQ(report.empty_values, 2);
  EXPECT_EQ(report.masked_values, 2);
  EXPECT_EQ(report.zero_texts, 1);
  ASSERT_EQ(facts.values.size(), 6);
  ASSERT_EQ(facts.values_high.size(), 6);
  EXPECT_EQ(facts.values, (std::vector<std::int64_t>{7, 0, 0, 1, 5, 1}));
  EXPECT_EQ(facts.values_high, (std::vector<std::int64_t>{7, 0, 0, 4, 9, 1}));
  EXPECT_EQ(facts.not_given.size() / facts.dimensions.size(), 1U) << "n.d. alone";
  EXPECT_EQ(code(facts, "sex", 0), "M");
  EXPECT_EQ(code(facts, "sex", 3), "F");
  EXPECT_EQ(code(facts, "status", 3), "masked");
  std::string both(kWide);
  both.replace(both.find("zero = [\"-\"]"), 12, "zero = [\"n.d.\"]");
  EXPECT_EQ(parse_mapping(both, "both.toml").error().reason, "observatory.mapping.bad");
}

TEST(Mapping, a_code_is_split_by_another_column) {
  constexpr std::string_view kRules = R"(
id = "rules"
[defaults]
unit = "incidents"
[dimensions.period]
column = "y"
[dimensions.territory]
constant = "MEX"
[dimensions.iccs]
column = "delito"
rules = [
  { when = { delito = ["HOMICIDIO"], modo = ["culposo"] }, code = "0103" },
  { when = { delito = ["homicidio"] }, code = "0101" },
]
otherwise = "skip"
[value]
rows = true
)";
  Facts facts;
  const auto report = map_text(
      kRules, "y,delito,modo\n2020,Homicidio,CULPOSO\n2020,HOMICIDIO,doloso\n2020,FRAUDE,x\n",
      &facts);
  EXPECT_EQ(report.accepted, 2);
  EXPECT_EQ(report.skipped, 1);
  EXPECT_EQ(code(facts, "iccs", 0), "0103");
  EXPECT_EQ(code(facts, "iccs", 1), "0101");
}

TEST(Mapping, a_slip_of_the_pen_is_refused_with_its_line) {
  for (const auto& [text, what] :
       {std::pair<std::string, std::string>{"id = \"a\"\nversoin = 1\n", "line 2: versoin"},
        {"id = \"A b\"\n[value]\nrows = true\n", "id"},
        {"id = \"a\"\n[dimensions.sexo]\ncolumn = \"x\"\n", "is no dimension"},
        {"id = \"a\"\n[dimensions.sex]\ncolumn = \"x\"\nvalues = { H = \"male\" }\n",
         "male is no code of sex"},
        {"id = \"a\"\n[value]\nrows = true\n[dimensions.period]\ncolumn = \"x\"\n", "territory"},
        {"id = \"a\n", "TOML"},
        {"id = \"a\"\ntitle = \"x \\u202Eevil\"\n", "line 2: title: holds a character"},
        {"id = \"a\"\ntitle = { es = \"b\\u2066c\" }\n", "line 2: title: holds"},
        {"id = \"a\"\nnotes = \"b\\u009Bc\"\n", "line 2: notes: holds"},
        {"id = \"a\"\nbreaks = { \"2021\" = \"b\\u0007c\" }\n", "line 2: 2021: holds"},
        {"id = \"a\"\n[[skip]]\ncolumn=\"x\"\nmatches=\"(\"\nreason=\"r\"\n",
         "regular expression"}}) {
    const auto mapping = parse_mapping(text, "m.toml");
    ASSERT_FALSE(mapping.has_value()) << text;
    EXPECT_EQ(mapping.error().code, ErrorCode::invalid_argument);
    EXPECT_NE((mapping.error().detail + mapping.error().params[2].second).find(what),
              std::string::npos)
        << mapping.error().detail;
  }
}

TEST(Mapping, titles_and_notes_may_be_written_once_for_each_language) {
  std::string text(kSmall);
  text.insert(text.find('['),
              "breaks = { \"2021\" = { es = \"otra definición\", en = \"another "
              "definition\" }, \"2022\" = \"ley 9\" }\n");
  const auto mapping = parse_mapping(text, "small.toml");
  ASSERT_TRUE(mapping.has_value()) << mapping.error().detail;
  ASSERT_EQ(mapping->breaks.size(), 2U);
  const Words& first = mapping->breaks[0].second;
  EXPECT_EQ(first.text, "another definition");
  EXPECT_EQ(words_in(first.by_language, Language::es, first.text), "otra definición");
  EXPECT_EQ(words_in(first.by_language, Language::fr, first.text), "another definition");
  EXPECT_TRUE(mapping->breaks[1].second.by_language.empty());
  const Words again = read_words(stored_words(first.text, first.by_language));
  EXPECT_EQ(again.text, first.text);
  EXPECT_EQ(again.by_language, first.by_language);
  EXPECT_EQ(read_words("{es} is a text").text, "{es} is a text");
  const auto at = text.find("es = ");
  text.replace(at, 2, "xx");
  const auto bad = parse_mapping(text, "small.toml");
  ASSERT_FALSE(bad.has_value());
  EXPECT_NE(bad.error().detail.find("{ es = "), std::string::npos) << bad.error().detail;
}

TEST(Mapping, a_missing_column_names_what_the_file_has) {
  const auto mapping = parse_mapping(kSmall, "m");
  const auto table = columns::read_table("fecha,lugar,sexo,n\n01/01/2020,x,F,1\n", "f.csv");
  ASSERT_TRUE(mapping && table);
  const auto territories = catalogue_territories();
  Mapper mapper(*mapping, territories, "COL");
  const auto added = mapper.add(*table);
  ASSERT_FALSE(added.has_value());
  EXPECT_EQ(added.error().reason, "observatory.load.column_missing");
  EXPECT_NE(added.error().detail.find("fecha, lugar, sexo, n"), std::string::npos);
}

constexpr std::string_view kPlaces = R"(
id = "places"
country = "MEX"
[defaults]
unit = "incidents"
[dimensions.period]
constant = "2024"
[dimensions.territory]
column = "alcaldia"
level = "admin2"
within = "MX-CMX"
ENROLL
[dimensions.territory.values]
"TLALPAN" = "MEX_09012"
"Tlálpan de Guerrero" = "MEX_09012"
[value]
rows = true
)";

Mapping places(std::string_view enroll) {
  std::string text(kPlaces);
  text.replace(text.find("ENROLL"), 6, enroll);
  auto mapping = parse_mapping(text, "places.toml");
  EXPECT_TRUE(mapping.has_value()) << (mapping ? "" : mapping.error().detail);
  return mapping.value_or(Mapping{});
}

TEST(Mapping, a_code_of_the_mapping_that_the_node_does_not_know_is_rejected) {
  const auto mapping = places("");
  const auto territories = catalogue_territories();
  Mapper mapper(mapping, territories, "MEX");
  const auto table = columns::read_table("alcaldia\nTLALPAN\n", "a.csv");
  ASSERT_TRUE(table.has_value());
  ASSERT_TRUE(mapper.add(*table).has_value());
  EXPECT_EQ(mapper.report().rejected, 1U);
  ASSERT_EQ(mapper.report().findings.size(), 1U);
  EXPECT_EQ(mapper.report().findings[0].reason, "unknown_territory");
  EXPECT_NE(mapper.report().findings[0].detail.find("MEX_09012"), std::string::npos);
}

TEST(Mapping, codes_of_the_mapping_join_the_node_below_the_place_that_it_names) {
  const auto mapping = places("enroll = true");
  const auto territories = catalogue_territories();
  Mapper mapper(mapping, territories, "MEX");
  const auto table = columns::read_table("alcaldia\nTLALPAN\nTlálpan de Guerrero\n", "a.csv");
  ASSERT_TRUE(table.has_value());
  ASSERT_TRUE(mapper.add(*table).has_value());
  EXPECT_EQ(mapper.report().accepted, 2U);
  const auto& joined = mapper.new_territories();
  ASSERT_EQ(joined.size(), 1U);
  EXPECT_EQ(joined[0].code, "MEX_09012");
  EXPECT_EQ(joined[0].parent, "MX-CMX");
  EXPECT_EQ(joined[0].name, "TLALPAN");
  EXPECT_EQ(joined[0].level, "admin2");
}

TEST(Mapping, a_guessed_place_tells_its_other_spellings) {
  auto mapping = parse_mapping(kSmall, "small.toml");
  ASSERT_TRUE(mapping.has_value());
  const auto territories = catalogue_territories();
  Mapper mapper(*mapping, territories, "COL");
  const auto table = columns::read_table(
      "fecha,depto,sexo,n\n01/02/2024,Antioquia,H,1\n01/02/2024,Antióquia,H,1\n", "a.csv");
  ASSERT_TRUE(table.has_value());
  ASSERT_TRUE(mapper.add(*table).has_value()) << mapper.report().rows;
  ASSERT_EQ(mapper.report().accepted_with_warning, 1U);
  EXPECT_NE(mapper.report().findings[0].detail.find("also as \"Antioquia\""), std::string::npos)
      << mapper.report().findings[0].detail;
}

// A year column beside a column a month: each cell's period is its row's year and its column's
// month.
TEST(Mapping, a_years_column_and_a_columns_name_make_one_period) {
  constexpr std::string_view kMonths = R"toml(
id = "months"
country = "COL"
[defaults]
unit = "victims"
iccs = "0101"
[dimensions.period]
constant = "2024"
date = "%Y %b"
[dimensions.territory]
constant = "CO-ANT"
[[measures]]
columns = "(Ene|Feb)"
set = { period = "{Año} $1" }
)toml";
  Facts facts;
  const auto report = map_text(kMonths, "Año,Ene,Feb\n2022,3,4\n2023,5,\n20x3,7,8\n", &facts);
  EXPECT_EQ(report.accepted, 2U);
  EXPECT_EQ(report.rejected, 1U);
  EXPECT_EQ(report.total_rejected, 15);
  ASSERT_EQ(facts.values, (std::vector<std::int64_t>{3, 5, 4}));
  EXPECT_EQ(code(facts, "period", 0), "2022-01");
  EXPECT_EQ(code(facts, "period", 1), "2023-01");
  EXPECT_EQ(code(facts, "period", 2), "2022-02");
  EXPECT_EQ(report.months.size(), 3U) << "what the refused row and the empty number had, who knows";
  ASSERT_EQ(report.findings.size(), 2U);  // of the row, not of each of its months; and of the gap
  EXPECT_EQ(report.findings[1].reason, "empty_months");
  EXPECT_EQ(report.findings[0].column, "Año");
  EXPECT_EQ(report.findings[0].value, "20x3");
  std::string missing(kMonths);
  missing.replace(missing.find("{Año}"), 6, "{Anyo}");
  const auto mapping = parse_mapping(missing, "months.toml");
  const auto table = columns::read_table("Año,Ene\n2022,3\n", "a.csv");
  const auto territories = catalogue_territories();
  Mapper mapper(*mapping, territories, "COL");
  EXPECT_EQ(mapper.add(*table).error().reason, "observatory.load.column_missing");
  std::string two(kMonths);
  two.replace(two.find("{Año} $1"), 9, "{Año} {Mes}");
  EXPECT_TRUE(parse_mapping(two, "two.toml").error().detail.contains("columns ="));
}

TEST(Mapping, columns_that_a_pattern_misses_are_said) {
  const auto mapping = parse_mapping(R"toml(id = "wide"
country = "PAN"
[defaults]
unit = "victims"
iccs = "0101"
[dimensions.period]
constant = "2024"
date = "%Y %b"
[dimensions.territory]
column = "Provincia"
level = "admin1"
[[measures]]
columns = "(Enero|Febrero|Agosto|Septiembre|Octubre)"
set = { period = "2024 $1" }
)toml",
                                     "wide.toml");
  ASSERT_TRUE(mapping.has_value()) << mapping.error().detail;
  const auto territories = catalogue_territories();
  Mapper mapper(*mapping, territories, "PAN");
  ASSERT_TRUE(mapper.add(*columns::read_table(
      "Provincia,Enero,Enero,Agosto,Setiembre,Octubre\nPA-8,1,2,3,4,5\nPAN,1,2,3,4,5\n", "w.csv")));
  const auto& report = mapper.report();
  EXPECT_NE(find(report, "column_twice"), nullptr);
  ASSERT_NE(find(report, "column_between"), nullptr);
  EXPECT_EQ(find(report, "column_between")->column, "Setiembre");
  // The country's row would be added to its parts.
  ASSERT_NE(find(report, "other_level"), nullptr);
  EXPECT_EQ(report.rejected, 1U);
}

TEST(MappingDraft, months_and_a_years_column_are_joined_and_every_guess_is_marked) {
  const auto table = columns::read_table(
      "Departamento,Año,Enero,Febrero,Marzo\nAntioquia,2022,3,4,5\nCauca,2023,1,2,3\n", "m.csv");
  ASSERT_TRUE(table.has_value());
  const auto territories = catalogue_territories();
  const std::string text = draft_mapping(*table, "COL", territories);
  EXPECT_NE(text.find("set = { period = \"{Año} $1\" }"), std::string::npos) << text;
  EXPECT_NE(text.find("column = \"Departamento\"  # guess: "), std::string::npos) << text;
  EXPECT_EQ(text.find("GUESS"), std::string::npos);
  const std::string spanish = draft_mapping(*table, "COL", territories, Language::es);
  EXPECT_NE(spanish.find("column = \"Departamento\"  # suposición: "), std::string::npos);
  for (const std::string_view left : {"guess", "draft.", "{what}", "which"}) {
    EXPECT_EQ(spanish.find(left), std::string::npos) << spanish;
  }
  const auto mapping = parse_mapping(text, "m.toml");
  ASSERT_TRUE(mapping.has_value()) << mapping.error().detail << text;
  Mapper mapper(*mapping, territories, "COL");
  ASSERT_TRUE(mapper.add(*table).has_value());
  EXPECT_EQ(mapper.report().total_accepted, 18) << text;
}

// Files write the capital district under the department around it.
TEST(Mapping, a_district_that_is_its_own_subdivision_is_found_below_another) {
  const auto territories = catalogue_territories({{"COL_11001", "admin2", "CO-DC", "BOGOTÁ, D.C."},
                                                  {"COL_25754", "admin2", "CO-CUN", "SOACHA"}});
  const auto found = territories.match("Bogotá, D.C. (CT)", "CO-CUN", "admin2");
  EXPECT_EQ(found.code, "COL_11001");
  EXPECT_TRUE(found.is_guess);
  EXPECT_FALSE(territories.match("Bogotá, D.C. (CT)", "CO-DC", "admin2").is_guess);
  EXPECT_EQ(territories.match("Soacha", "CO-ANT", "admin2").code, "");
}

// Two places of one name, one near name across the border, and a parent that is misspelt.
TEST(Mapping, a_guess_stays_within_the_place_that_the_row_names) {
  const auto territories =
      catalogue_territories({{"COL_13673", "admin2", "CO-BOL", "Santa Catalina"},
                             {"COL_88564", "admin2", "CO-SAP", "Providencia"},
                             {"COL_52565", "admin2", "CO-NAR", "Providencia"}});
  EXPECT_EQ(territories.match("Santa Catalina", "CO-SAP", "admin2").code, "");
  EXPECT_EQ(territories.match("Santa Catalna", "CO-SAP", "admin2").code, "");
  EXPECT_EQ(territories.match("Santa Catalna", "CO-BOL", "admin2").code, "COL_13673");
  EXPECT_EQ(territories.match("Providencia", "COL", "admin2").reason, "more than one such name");
  constexpr std::string_view kTowns =
      "id = \"towns\"\ncountry = \"COL\"\n[defaults]\nunit = \"victims\"\n[dimensions.period]\n"
      "constant = \"2024\"\n[dimensions.territory]\ncolumn = \"town\"\nmatch = \"name\"\n"
      "within = \"dpt\"\nlevel = \"admin2\"\n[value]\nrows = true\n";
  const auto mapping = parse_mapping(kTowns, "towns.toml");
  ASSERT_TRUE(mapping.has_value()) << mapping.error().detail;
  Mapper mapper(*mapping, territories, "COL");
  const auto table = columns::read_table(
      "dpt,town\nSan Andrés,Santa Catalina\nBolívar,Santa Catalina\nBolivr,Santa Catalina\n",
      "a.csv");
  ASSERT_TRUE(table.has_value());
  ASSERT_TRUE(mapper.add(*table).has_value());
  EXPECT_EQ(mapper.report().rejected, 1U);
  EXPECT_EQ(mapper.report().accepted, 1U);
  EXPECT_EQ(mapper.report().accepted_with_warning, 1U);
}

TEST(MappingDraft, headers_are_words_and_values_are_looked_at) {
  const auto draft = [](std::string_view csv, std::string_view country) {
    const auto table = columns::read_table(csv, "file_2021.csv");
    EXPECT_TRUE(table.has_value());
    return table ? draft_mapping(*table, country, catalogue_territories()) : std::string();
  };
  // "letalidade" is no age, and columns of numbers without a word for it are one measure each.
  const auto wide = draft(
      "ano,mes,municipio,letalidade,roubo,furto\n2021,1,Niterói,126,5,7\n2021,2,Niterói,3,5,8\n"
      "2021,3,Niterói,4,6,9\n",
      "BRA");
  EXPECT_EQ(wide.find("[dimensions.age]"), std::string::npos) << wide;
  EXPECT_NE(wide.find("column = \"letalidade\"\nset ="), std::string::npos) << wide;
  EXPECT_TRUE(parse_mapping(wide, "wide.toml").has_value()) << wide;
  const auto years = draft(
      "Country,Sex,2019,2020\nColombia,Total,\"1,200\",\"1,300\"\nPeru,Male,\"2,000\",7\n", "");
  EXPECT_NE(years.find("set = { period = \"$1\" }"), std::string::npos) << years;
  EXPECT_NE(years.find("thousands_mark = \",\""), std::string::npos) << years;
  EXPECT_NE(years.find("\"Total\" = \"_T\""), std::string::npos) << years;
  EXPECT_TRUE(parse_mapping(years, "years.toml").has_value()) << years;
}

constexpr std::string_view kPlain = R"(
id = "plain"
country = "HTI"
[defaults]
unit = "victims"
iccs = "0101"
[dimensions.period]
column = "a"
[dimensions.territory]
column = "b"
match = "name"
[value]
column = "n"
)";

TEST(Mapping, a_place_under_two_names_is_told) {
  const auto report = map_text(kPlain, "a,b,n\n2020,West,5\n2020,Ouest,7\n2020,OUEST,1\n");
  EXPECT_EQ(report.accepted_with_warning, 2);
  ASSERT_NE(find(report, "two_names"), nullptr);
  EXPECT_EQ(find(report, "two_names")->first_line, 3);
  EXPECT_NE(find(report, "two_names")->detail.find("\"West\""), std::string::npos);
  const std::string said =
      std::string(kPlain) +
      "[dimensions.territory.values]\n\"West\" = \"HT-OU\"\n\"Ouest\" = \"HT-OU\"\n";
  EXPECT_EQ(find(map_text(said, "a,b,n\n2020,West,5\n2020,Ouest,7\n"), "two_names"), nullptr);
}

TEST(Mapping, one_place_has_one_number_of_inhabitants) {
  std::string text(kPlain);
  text.replace(text.find("[defaults]"),
               std::string("[defaults]\nunit = \"victims\"\niccs = \"0101\"").size(),
               "kind = \"population\"");
  const auto mapping = parse_mapping(text, "test.toml");
  ASSERT_TRUE(mapping.has_value()) << mapping.error().detail;
  const auto territories = catalogue_territories();
  const auto add = [&](std::string_view csv) {
    Mapper mapper(*mapping, territories, "HTI");
    const auto added = mapper.add(*columns::read_table(csv, "p.csv"));
    auto found = mapper.report().findings;
    if (!added) {
      found.emplace_back();
      found.back().reason = added.error().reason;
      found.back().detail = added.error().detail;
    }
    return found;
  };
  for (const auto* csv :
       {"a,b,n\n2022,West,100\n2022,Ouest,100\n", "a,b,n\n2023,HT-NO,7\n2023,HT-NO,7\n"}) {
    const auto found = add(csv);
    ASSERT_FALSE(found.empty());
    const auto& refusal = found.back();
    EXPECT_EQ(refusal.reason, "observatory.load.population_twice");
    EXPECT_NE(refusal.detail.find("line 2"), std::string::npos) << refusal.detail;
    EXPECT_NE(refusal.detail.find("line 3"), std::string::npos) << refusal.detail;
  }
  const auto zero = add("a,b,n\n2020,West,0\n2021,West,5\n");
  ASSERT_EQ(zero.size(), 1);
  EXPECT_EQ(zero[0].reason, "nobody");
  EXPECT_EQ(zero[0].rows, 1);
}

TEST(Mapping, notes_below_a_blank_line_are_after_the_data) {
  for (const auto* notes :
       {"\nNota: cifras, sujetas\n* Incluye\n", ",,\nNota: cifras,,\n* Incluye,,\n"}) {
    const auto report = map_text(kPlain, std::string("a,b,n\n2020,West,5\n2020,Nord,7\n") + notes);
    EXPECT_EQ(report.rejected, 0) << notes;
    EXPECT_EQ(report.skipped_by_reason.count("after the data"), 1) << notes;
    EXPECT_EQ(report.skipped, 2);
    EXPECT_EQ(report.rows, 4);
  }
  // Without a blank line, or with data below, a short row is a broken one.
  EXPECT_EQ(map_text(kPlain, "a,b,n\n2020,West,5\n2020,Nord\n").rejected, 1);
  EXPECT_EQ(map_text(kPlain, "a,b,n\n2020,West,5\n\n2020\n2020,Nord,7\n").rejected, 1);
}

TEST(Mapping, a_header_that_stands_again_is_no_row) {
  const auto report =
      map_text(kPlain,
               "Cifras,,\n\na,b,n\n2020,West,5\n2020,Nord,7\n\nA,B,N\n2021,West,1\n2021,Nord,2\n\n"
               "a,b,n\n2022,West,4\n2022,Nord,9\n");
  EXPECT_EQ(report.rejected, 0);
  EXPECT_EQ(report.total_accepted, 28);
  EXPECT_EQ(report.skipped_by_reason.at("header again"), 2);
}

TEST(Mapping, what_is_odd_is_said) {
  const auto mapping = parse_mapping(kPlain, "test.toml");
  const auto territories = catalogue_territories();
  Mapper mapper(*mapping, territories, "HTI", CivilDate{2026, 3, 1});
  ASSERT_TRUE(
      mapper.add(*columns::read_table("a,b,n,b\n2020,West,-7,x\n2035,West,4,y\n", "f.csv")));
  const auto& report = mapper.report();
  EXPECT_EQ(report.total, -3) << "a rejected negative number is part of the total";
  EXPECT_EQ(report.total_rejected, -7);
  ASSERT_NE(find(report, "future"), nullptr);
  EXPECT_EQ(find(report, "future")->first_line, 3);
  EXPECT_NE(find(report, "column_twice"), nullptr);
}

TEST(Mapping, violence_by_a_partner_is_of_that_context_once) {
  std::string text(kPlain);
  text.insert(text.find("[value]"),
              "[dimensions.relationship]\ncolumn = \"r\"\n[dimensions.context]\ncolumn = \"c\"\n");
  Facts facts;
  map_text(
      text,
      "a,b,n,r,c\n2022,West,7,former_partner,\n2022,West,3,family,gender\n2022,West,9,stranger,\n",
      &facts);
  EXPECT_EQ(code(facts, "context", 0), "intimate_partner");
  EXPECT_EQ(code(facts, "context", 1), "gender");
  EXPECT_EQ(code(facts, "context", 2), "_U");
}

// A workbook with a cover, two sheets of titles in two rows, and a hidden one.
fs::path workbook() {
  using Row = std::vector<files::SheetCell>;
  const auto sheet = [](const std::string& name) {
    return files::WriteSheet{
        name,
        {"UF", "Homicídio doloso", "", "Total", ""},
        {Row{"", "2021", "2022", "2021", "2022"}, Row{"Bahia", 5.0, 6.0, 9.0, 9.0},
         Row{"Ceará", 1.0, 2.0, 3.0, 4.0}, Row{"Acre", 1.0, 1.0, 1.0, 1.0}}};
  };
  const auto bytes = files::write_workbook(
      {{"Capa", {"Secretaria"}, {Row{"Anuário"}}}, sheet("Norte"), sheet("Sul")});
  const fs::path path = fs::path(testing::TempDir()) / "atalaya-two-rows.xlsx";
  std::ofstream(path, std::ios::binary) << bytes.value();
  return path;
}

TEST(MappingDraft, titles_of_two_rows_and_every_sheet_are_read) {
  const auto path = workbook();
  const auto table = read_for_draft(path.string(), "");
  ASSERT_TRUE(table.has_value()) << table.error().detail;
  EXPECT_EQ(table->sheet, "Norte");
  EXPECT_EQ(table->header,
            (std::vector<std::string>{"UF", "Homicídio doloso 2021", "Homicídio doloso 2022",
                                      "Total 2021", "Total 2022"}));
  const auto draft = draft_mapping(*table, "BRA", catalogue_territories());
  EXPECT_NE(draft.find("header = [1, 2]"), std::string::npos) << draft;
  EXPECT_NE(draft.find("Capa"), std::string::npos) << draft;
  EXPECT_NE(draft.find("sheets = [\"Norte\", \"Sul\"]"), std::string::npos) << draft;
  EXPECT_NE(draft.find("period = \"$1\" }  # which offence?"), std::string::npos) << draft;
  EXPECT_NE(draft.find("column = \"UF\""), std::string::npos) << draft;
  EXPECT_TRUE(parse_mapping(draft, "draft").has_value()) << draft;
  fs::remove(path);
}

TEST(MappingValues, numbers_as_people_write_them) {
  Mapping comma;
  comma.decimal_mark = ',';
  comma.thousands_mark = '.';
  comma.decimals = 2;
  EXPECT_EQ(read_number("1.234,50", comma).low, 123450);
  EXPECT_EQ(read_number("1.23", comma).kind, NumberReading::Kind::bad);
  EXPECT_EQ(read_number("12.34.567", comma).kind, NumberReading::Kind::bad);
  const Mapping plain;
  EXPECT_EQ(read_number(" 1234 ", plain).low, 1234);
  EXPECT_EQ(read_number("1,234", plain).kind, NumberReading::Kind::bad);
  EXPECT_EQ(read_number("3.5", plain).reason, "not_whole");
  EXPECT_EQ(read_number("3.0", plain).low, 3);
  EXPECT_EQ(read_number("12 345", plain).low, 12345);
  EXPECT_EQ(read_number("12 34", plain).reason, "not_a_number");
  EXPECT_EQ(read_number("1 2 3 4", plain).reason, "not_a_number");
  // Round thousands of a file with points would else be read as units.
  EXPECT_EQ(read_number("1.000", plain).reason, "thousands_or_fraction");
  Mapping decided;
  decided.thousands_mark = ',';
  EXPECT_EQ(read_number("1.000", decided).low, 1);
  EXPECT_EQ(read_number("3.0", plain).low, 3);
  EXPECT_EQ(read_number("-2", plain).reason, "negative");
  EXPECT_EQ(read_number("", plain).kind, NumberReading::Kind::empty);
  EXPECT_EQ(read_number("1e300", plain).reason, "too_large");
  EXPECT_EQ(read_number("nan", plain).kind, NumberReading::Kind::bad);
  Mapping thousands;
  thousands.multiply = 1000;
  EXPECT_EQ(read_number("3.526", thousands).low, 3526);
}

TEST(MappingValues, dates_as_files_write_them) {
  EXPECT_EQ(read_date("37622", "excel", "").code, "2003-01-01");
  EXPECT_EQ(read_date("60", "excel", "").reason, "no_such_date");
  EXPECT_EQ(read_date("2003-01-01T00:00:00", "excel", "").code, "2003-01-01");
  EXPECT_EQ(read_date("01/02/2023 13:45", "%d/%m/%Y", "").code, "2023-02-01");
  EXPECT_EQ(read_date("29/02/2023", "%d/%m/%Y", "").reason, "no_such_date");
  EXPECT_EQ(read_date("13/13/2023", "%d/%m/%Y", "").reason, "bad_date");
  EXPECT_EQ(read_date("2014m01", "", "").code, "2014-01");
  EXPECT_EQ(read_date("3 de marzo de 2021", "%d de %B de %Y", "").code, "2021-03-03");
  EXPECT_EQ(read_date("15 août 2021", "%d %B %Y", "month").code, "2021-08");
  EXPECT_EQ(read_date("2014 1", "%Y %m", "").code, "2014-01");
  EXPECT_EQ(read_date("2020 53", "%G %V", "").code, "2020-W53");
  EXPECT_EQ(read_date("2021 53", "%G %V", "").reason, "no_such_date");
  EXPECT_EQ(read_date("2023", "", "month").reason, "too_coarse");
}

// A naive reading of the same file, cell by cell, must agree with the columnar one.
RC_GTEST_PROP(MappingProperty, totals_are_always_accounted_for, ()) {
  const auto rows = *rc::gen::inRange(1, 60);
  std::string csv = "fecha,depto,sexo,n\n";
  std::int64_t total = 0;
  for (int i = 0; i < rows; ++i) {
    const auto n = *rc::gen::inRange(0, 50);
    const auto day = *rc::gen::inRange(1, 40);
    const auto sex = *rc::gen::elementOf(std::vector<std::string>{"H", "F", "X", ""});
    const auto where = *rc::gen::elementOf(
        std::vector<std::string>{"Antioquia", "TOTAL", "Nowhere at all", "Cundinamarca"});
    csv += fmt::format("{:02}/03/2021,{},{},{}\n", day, where, sex, n);
    total += n;
  }
  const auto report = map_text(kSmall, csv);
  RC_ASSERT(report.total == total);
  RC_ASSERT(report.total == report.total_accepted + report.total_rejected + report.total_skipped);
  RC_ASSERT(report.rows == static_cast<std::uint64_t>(rows));
  RC_ASSERT(report.rows ==
            report.accepted + report.accepted_with_warning + report.rejected + report.skipped);
  RC_ASSERT(report.rejects.size() == report.rejected);
}

// Control totals of the real files (control-totals.json): victims by year.
TEST(MappingRealFiles, colombia_2011_to_2024_meets_its_control_totals) {
  const auto folder = shared_data() / "co-policia-homicidios/raw";
  if (!fs::exists(folder)) {
    GTEST_SKIP() << folder << " is absent: set ATALAYA_SHARED to what holds data/";
  }
  const auto mapping = documented("co_homicides_2011");
  const auto dane = documented("co_population_dane");
  const auto nothing = catalogue_territories();
  Mapper people(dane, nothing, "COL");
  const auto population =
      columns::read_table((folder / "../poblacion_dane_2003_2023.csv").string());
  ASSERT_TRUE(population.has_value());
  ASSERT_TRUE(people.add(*population).has_value());
  EXPECT_EQ(people.report().rejected, 0);
  std::vector<LocalTerritory> local;
  for (const auto& t : people.new_territories()) {
    local.push_back({t.code, t.level, t.parent, t.name});
  }
  const auto territories = catalogue_territories(std::move(local));
  const std::map<int, std::int64_t> expected = {
      {2011, 15803}, {2012, 16033}, {2013, 14971}, {2014, 12958}, {2015, 12460},
      {2016, 12164}, {2017, 12079}, {2018, 12667}, {2019, 12656}, {2020, 12127},
      {2021, 13874}, {2022, 13537}, {2023, 13555}, {2024, 13341}};
  for (const auto& [year, victims] : expected) {
    auto file = folder / fmt::format("homicidios_{}.xlsx", year);
    file = fs::exists(file) ? file : folder / fmt::format("homicidios_{}.xls.zst", year);
    const auto table = columns::read_table(file.string());
    ASSERT_TRUE(table.has_value()) << file << " " << table.error().detail;
    Mapper mapper(mapping, territories, "COL");
    const auto added = mapper.add(*table);
    ASSERT_TRUE(added.has_value()) << file << " " << added.error().detail;
    const auto& report = mapper.report();
    EXPECT_EQ(report.total_accepted, victims) << file;
    EXPECT_EQ(report.rejected, 0) << file << report.to_json();
  }
}

TEST(MappingRealFiles, rio_keeps_its_identities_and_control_totals) {
  const auto file = shared_data() / "br-rj-isp/BaseMunicipioMensal.csv.zst";
  if (!fs::exists(file)) {
    GTEST_SKIP() << file << " is absent: set ATALAYA_SHARED to what holds data/";
  }
  const auto mapping = documented("br_rj_isp");
  const auto territories = catalogue_territories();
  const auto table = columns::read_table(file.string());
  ASSERT_TRUE(table.has_value()) << table.error().detail;
  Mapper mapper(mapping, territories, "BRA");
  ASSERT_TRUE(mapper.add(*table).has_value());
  EXPECT_EQ(mapper.report().rows, 13524);
  EXPECT_EQ(mapper.report().rejected, 0);
  EXPECT_EQ(find(mapper.report(), "check_failed"), nullptr) << "identities hold on every row";
  EXPECT_EQ(mapper.new_territories().size(), 92);
  const Facts facts = mapper.take_facts();
  std::map<std::string, std::int64_t> by_year;
  for (std::size_t row = 0; row < facts.values.size(); ++row) {
    if (code(facts, "x_isp", row) == "hom_doloso") {
      by_year[code(facts, "period", row).substr(0, 4)] += facts.values[row];
    }
  }
  EXPECT_EQ(by_year.at("2014"), 4942);
  EXPECT_EQ(by_year.at("2019"), 4004);
  EXPECT_EQ(by_year.at("2025"), 2844);
}

}  // namespace
}  // namespace atalaya::observatory
