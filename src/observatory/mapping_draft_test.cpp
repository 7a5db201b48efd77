// Proposals for files whose titles say little: what cells tell is read, and what only a person can
// know stops the mapping with what to write. All figures are made up.
#include <gtest/gtest.h>

#include <atalaya/columns/read_table.hpp>
#include <atalaya/observatory/mapping.hpp>
#include <atalaya/observatory/mapping_draft.hpp>

#include "mapping_draft_values.hpp"
#include "mapping_readings.hpp"

namespace atalaya::observatory {
namespace {

class Proposal {
 public:
  Proposal(std::string_view csv, std::string_view name, std::string_view country)
      : territories_(Codelists::embedded(), {}), country_(country) {
    auto table = columns::read_table(csv, std::string(name));
    EXPECT_TRUE(table.has_value());
    table_ = *std::move(table);
    text = draft_mapping(table_, country, territories_);
  }

  [[nodiscard]] bool has(std::string_view part) const { return text.contains(part); }

  // Why the mapping is refused; empty where it reads the file.
  std::string refusal() {
    const auto mapping = parse_mapping(text, "draft.toml");
    if (!mapping) {
      return mapping.error().detail;
    }
    Mapper mapper(*mapping, territories_, country_);
    const auto added = mapper.add(table_);
    report = mapper.report();
    return added ? "" : added.error().detail;
  }

  std::string text;
  LoadReport report;

 private:
  columns::RawTable table_;
  Territories territories_;
  std::string country_;
};

TEST(MappingDraft, reads_the_words_of_a_peoples_own_country) {
  // Made up: what the country of the file calls its own is national, whatever other countries are.
  Proposal ecuador(
      "fecha,provincia,nacionalidad\n2024-01-05,Guayas,ECUATORIANA\n2024-01-06,Azuay,ECUATORIANO\n"
      "2024-01-07,Guayas,COLOMBIANA\n2024-01-08,Azuay,MEXICANO\n2024-01-09,Azuay,Brasilera\n",
      "homicidios.csv", "ECU");
  EXPECT_TRUE(ecuador.has("\"ECUATORIANA\" = \"national\"")) << ecuador.text;
  EXPECT_TRUE(ecuador.has("\"ECUATORIANO\" = \"national\"")) << ecuador.text;
  EXPECT_TRUE(ecuador.has("\"COLOMBIANA\" = \"foreign\"")) << ecuador.text;
  EXPECT_TRUE(ecuador.has("\notherwise = \"foreign\"")) << ecuador.text;
  EXPECT_EQ(ecuador.refusal(), "");

  Proposal unknown(
      "fecha,provincia,nacionalidad\n2024-01-05,Guayas,NACIDA AQUI\n2024-01-06,Azuay,PERUANA\n",
      "homicidios.csv", "ECU");
  EXPECT_TRUE(unknown.has("# \"NACIDA AQUI\" = \"national\"")) << unknown.text;
  EXPECT_FALSE(unknown.has("\notherwise = \"foreign\"")) << "nobody said that it is";
}

TEST(Mapping, nationals_are_those_of_the_mappings_country) {
  const Territories territories(Codelists::embedded(), {});
  const auto mapping = parse_mapping(R"(
id = "people"
country = "ECU"
source_kind = "police"
[defaults]
unit = "victims"
iccs = "0101"
[dimensions.period]
column = "fecha"
[dimensions.territory]
column = "pais"
[dimensions.citizenship]
column = "nacionalidad"
otherwise = "foreign"
[value]
rows = true
)",
                                     "test.toml");
  ASSERT_TRUE(mapping.has_value()) << mapping.error().detail;
  Mapper mapper(*mapping, territories, "ECU");
  const auto table = columns::read_table(
      "fecha,pais,nacionalidad\n2024-01-05,ECU,Ecuatoriana\n2024-01-05,ECU,ECUADOR\n2024-01-05,ECU,"
      "ECU\n"
      "2024-01-06,ECU,COLOMBIANO\n2024-01-06,ECU,COLOMBIANA\n2024-01-06,ECU,Mexicain\n2024-01-06,"
      "ECU,brasileiro\n",
      "people.csv");
  ASSERT_TRUE(table.has_value());
  ASSERT_TRUE(mapper.add(*table).has_value());
  std::size_t national = 0;
  for (const auto& finding : mapper.report().findings) {
    national +=
        finding.reason == "guessed" && finding.detail.contains("national") ? finding.rows : 0;
  }
  EXPECT_EQ(national, 3) << "and nobody of another country: "
                         << json::serialize(mapper.report().to_json());
  EXPECT_EQ(mapper.report().accepted + mapper.report().accepted_with_warning, 7);

  const auto own = [&](std::string_view text) { return nationalities_of(text, territories); };
  EXPECT_EQ(own("Costa-riquenha"), std::set<std::string>{"CRI"});
  EXPECT_EQ(own("HAÏTIENNE"), std::set<std::string>{"HTI"});
  EXPECT_EQ(own("Dominican"), (std::set<std::string>{"DMA", "DOM"})) << "of two countries";
  EXPECT_TRUE(own("Colombianx").empty()) << "never by likeness";
}

TEST(MappingDraft, cells_tell_what_titles_do_not) {
  Proposal world(
      "Entity,Year,Deaths\nAfghanistan,2019,7\nPeru,2019,1\nChile,2019,2\nPanama,2020,3\n"
      "Belize,2020,4\nHaiti,2020,5\nFrance,2020,6\n",
      "world.csv", "COL");
  EXPECT_TRUE(world.has("column = \"Entity\"")) << world.text;
  EXPECT_EQ(world.refusal(), "");
  EXPECT_EQ(world.report.total_accepted, 15) << "others are left out by name";
  EXPECT_FALSE(world.has("\niccs = \"0101\"")) << "nothing speaks of homicide";

  Proposal month("MES,LUGAR,CASOS\n2023-01,Antioquia,3\n2023-02,Cauca,4\n2023-02,Chocó,5\n",
                 "homicidios.csv", "COL");
  EXPECT_TRUE(month.has("column = \"MES\"")) << month.text;
  EXPECT_TRUE(month.has("column = \"LUGAR\"")) << month.text;
  EXPECT_EQ(month.refusal(), "");
  EXPECT_EQ(month.report.months, (std::vector<std::string>{"2023-01", "2023-02"}));
  EXPECT_EQ(month.report.accepted, 3U);

  Proposal blanks("Année\tDépartement\tVictimes\n2023\tOuest\t2\u202F800\n2023\tNord\t1\u00A0500\n",
                  "homicides.txt", "HTI");
  EXPECT_TRUE(blanks.has("column = \"Victimes\"")) << blanks.text;
  EXPECT_EQ(blanks.refusal(), "");
  EXPECT_EQ(blanks.report.total_accepted, 4300) << blanks.text;

  Proposal words("Período,Provincia,Casos\nenero 2023,Antioquia,3\nsetiembre 2023,Cauca,4\n",
                 "homicidios.csv", "COL");
  EXPECT_EQ(words.refusal(), "");
  EXPECT_EQ(words.report.accepted, 2U) << words.text;

  Proposal comma("fecha;departamento;cantidad\n2023-01-01;Antioquia;3,5\n2023-01-02;Cauca;1,25\n",
                 "drogas.csv", "COL");
  EXPECT_TRUE(comma.has("decimal_mark = \",\"")) << comma.text;
  EXPECT_TRUE(comma.has("decimals = 2")) << comma.text;
  EXPECT_EQ(comma.refusal(), "");
  EXPECT_EQ(comma.report.total_accepted, 475);
}

TEST(MappingDraft, a_column_of_counts_is_no_further_victim_a_row) {
  for (const std::string name :
       {"cases", "n", "delitos", "carpetas", "casos", "total", "Incidents", "Qtd", "freq"}) {
    Proposal counts("date,province," + name +
                        "\n2023-01-01,Antioquia,12\n2023-01-02,Cauca,3\n2023-01-03,Cauca,3\n",
                    "homicidios.csv", "COL");
    const bool proposed = counts.has("[value]\ncolumn = \"" + name + "\"");
    const bool asked = counts.has("# decide: \"" + name + "\" holds numbers");
    EXPECT_TRUE(name == "freq" ? asked : proposed) << counts.text;
    EXPECT_TRUE(asked || counts.has("# if every row is one victim or case, write rows = true"));
    EXPECT_EQ(counts.has("unit = \"incidents\""), counts_incidents(name)) << counts.text;
    EXPECT_EQ(counts.refusal(), "");
    EXPECT_EQ(counts.report.total_accepted, name == "freq" ? 3 : 18);
  }
  Proposal cases(
      "n,date,province,sexo\n1,2023-01-01,Antioquia,M\n2,2023-01-02,Cauca,F\n"
      "3,2023-01-03,Cauca,M\n",
      "homicidios.csv", "COL");
  EXPECT_TRUE(cases.has("rows = true")) << "the rows are numbered: " << cases.text;
}

TEST(MappingDraft, a_table_on_its_side_has_a_column_for_each_place) {
  Proposal side("Año,Antioquia,Cauca,Chocó,Nacional\n2022,1,2,3,6\n2023,4,5,6,15\n",
                "homicidios.csv", "COL");
  EXPECT_TRUE(side.has("column = \"Cauca\"\nset = { territory = \"CO-CAU\" }")) << side.text;
  EXPECT_FALSE(side.has("\ncolumn = \"Nacional\"")) << "the total is not added to its parts";
  EXPECT_EQ(side.refusal(), "");
  EXPECT_EQ(side.report.total_accepted, 21);
}

TEST(MappingDraft, titles_of_a_month_and_its_year_are_periods) {
  Proposal titles(
      "Provincia;2022 Ene;2022 Set;2022 Total;2023 Ene;2023 Set;2023 Total\n"
      "Colón;1.200;-;1.200;3;4;7\nPanamá;5;6;11;7;8;15\n",
      "homicidios.csv", "PAN");
  EXPECT_TRUE(titles.has("missing = [\"-\"]")) << titles.text;
  EXPECT_TRUE(titles.has("date = \"%Y %B\"")) << titles.text;
  EXPECT_FALSE(titles.has("\ncolumn = \"2022 Total\"")) << titles.text;
  EXPECT_EQ(titles.refusal(), "");
  EXPECT_EQ(titles.report.total_accepted, 1233) << titles.text;
}

// What a sign means is said by the file's notes, else asked.
TEST(MappingDraft, a_sign_is_zero_where_a_note_says_so) {
  const std::string rows = "Año,Departamento,Casos\n2022,Amazonas,-\n2022,Cusco,4\n2022,Puno,...\n";
  for (const std::string note : {"Nota: El símbolo (-) indica que no se registraron casos.",
                                 "(-) Fenômeno inexistente. (...) Informação não disponível.",
                                 "- Dado numérico igual a zero"}) {
    Proposal said(rows + "," + note + ",\n", "muertes.csv", "PER");
    EXPECT_TRUE(said.has("\nzero = [\"-\"]")) << said.text;
    EXPECT_TRUE(said.has("\nmissing = [\"...\"]")) << said.text;
    EXPECT_TRUE(said.refusal().empty()) << said.text;
    EXPECT_EQ(said.report.zero_texts, 1U);
  }
  for (const std::string note : {"(-) No disponible", "Cifras preliminares"}) {
    Proposal other(rows + "," + note + ",\n", "muertes.csv", "PER");
    EXPECT_TRUE(other.has("\nmissing = [\"-\", \"...\"]")) << other.text;
    EXPECT_FALSE(other.has("\nzero")) << other.text;
  }
}

// In a column where other fractions stand 7.041 is no seven thousand.
TEST(MappingDraft, a_mark_is_of_fractions_where_any_number_says_so) {
  Proposal thousands("year,province,population\n2020,Antioquia,7.041\n2020,Cauca,93.51\n", "p.csv",
                     "COL");
  EXPECT_FALSE(thousands.has("thousands_mark")) << thousands.text;
  EXPECT_TRUE(thousands.has("decimals = 3")) << thousands.text;
  Proposal weapons("Year,Province,Fake Weapons,Explosives,Other weapons\n2020,Cauca,3,4,5\n",
                   "attacks.csv", "COL");
  EXPECT_FALSE(weapons.has("[dimensions.mechanism]")) << weapons.text;
}

TEST(MappingDraft, what_only_a_person_knows_stops_the_mapping) {
  const std::string_view months =
      "MES,DEPARTAMENTO,CASOS\nEnero,Antioquia,3\nSetiembre,Cauca,4\nDiciembre,Cauca,4\n";
  Proposal no_year(months, "homicidios.csv", "COL");
  EXPECT_TRUE(no_year.refusal().contains("YYYY")) << no_year.refusal();
  Proposal year(months, "homicidios_2021.csv", "COL");
  EXPECT_EQ(year.refusal(), "");
  EXPECT_EQ(year.report.accepted, 3U) << year.text;
  Proposal made(months, "homicidios_2021_2022-06-14.csv", "COL");
  EXPECT_EQ(made.refusal(), "") << "the second is the day on which the file was made";
  Proposal codes("Código,Glosa\nA1,Robo\nA2,Hurto\n", "codes.csv", "COL");
  EXPECT_NE(codes.refusal().find("YYYY"), std::string::npos) << codes.text;
  Proposal rates("Country,Year,Homicide rate per 100000\nPeru,2019,7.1\nChile,2019,4.2\n",
                 "rates.csv", "");
  EXPECT_TRUE(rates.has("looks like a rate")) << rates.text;
  EXPECT_NE(rates.refusal(), "");
}

// Places merged over two sexes and three years, as sheets are printed.
TEST(MappingDraft, texts_of_merged_cells_are_filled_down) {
  Proposal merged(
      "ID CASO,Provincia,Año,Sexo,Víctimas\n101,Panamá,2021,F,10\n107,,,M,20\n115,,2022,F,1\n"
      "120,,,M,2\n133,Colón,2021,F,100\n141,,,M,200\n150,,2022,F,300\n163,,,M,400\n",
      "homicidios.csv", "PAN");
  EXPECT_TRUE(merged.has("fill_down = [\"Provincia\", \"Año\"]")) << merged.text;
  EXPECT_TRUE(merged.has("level = \"admin1\"")) << merged.text;
  EXPECT_FALSE(merged.has("column = \"ID CASO\"")) << merged.text;
  EXPECT_EQ(merged.refusal(), "");
  EXPECT_EQ(merged.report.total_accepted, 1033) << merged.text;
  EXPECT_EQ(merged.report.rejected, 0);

  // What a block further out said is not carried into the next one.
  auto table = columns::read_table("place,year,n\nPAN,2021,1\nBLZ,,2\n,2022,4\n", "t.csv");
  const auto mapping = parse_mapping(
      "id = \"m\"\nversion = 1\ntitle = \"m\"\nsource_kind = \"police\"\n"
      "[file]\nfill_down = [\"place\", \"year\"]\n"
      "[defaults]\nunit = \"victims\"\niccs = \"0101\"\n"
      "[dimensions.period]\ncolumn = \"year\"\n"
      "[dimensions.territory]\ncolumn = \"place\"\n[value]\ncolumn = \"n\"\n",
      "m.toml");
  ASSERT_TRUE(mapping.has_value()) << mapping.error().detail;
  const Territories territories(Codelists::embedded(), {});
  Mapper mapper(*mapping, territories, "");
  ASSERT_TRUE(mapper.add(*table).has_value());
  EXPECT_EQ(mapper.report().total_accepted, 5);
  EXPECT_EQ(mapper.report().total_rejected, 2);
}

// A parish is the first subdivision of one country and lies deep in another.
TEST(MappingDraft, titles_of_places_take_their_level_from_the_cells) {
  Proposal jamaica("Parish,Year,Murders\nKingston,2023,1\nSaint Ann,2023,2\nTrelawny,2023,3\n",
                   "murders.csv", "JAM");
  EXPECT_TRUE(jamaica.has("column = \"Parish\"")) << jamaica.text;
  EXPECT_TRUE(jamaica.has("level = \"admin1\"")) << jamaica.text;
  Proposal peru(
      "Departamento,Provincia,Año,Homicidios\nCusco,Anta,2023,1\nCusco,Calca,2023,2\n"
      "Puno,Lampa,2023,3\n",
      "homicidios.csv", "PER");
  EXPECT_TRUE(peru.has("column = \"Provincia\"")) << peru.text;
  EXPECT_TRUE(peru.has("within = \"Departamento\"")) << peru.text;
  Proposal towns("Concelho,Ano,Homicídios\nSintra,2023,1\nOeiras,2023,2\nLoures,2023,3\n",
                 "homicidios.csv", "");
  EXPECT_TRUE(towns.has("column = \"Concelho\"")) << towns.text;
}

}  // namespace
}  // namespace atalaya::observatory
