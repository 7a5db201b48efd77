#include <atalaya/commitments/catalogue.hpp>

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <sstream>

#include <gtest/gtest.h>

#include <fmt/format.h>

#include <rapidcheck/gtest.h>

#include <atalaya/base/embedded.hpp>

ATALAYA_EMBEDDED(catalogue);

namespace atalaya::commitments {
namespace {

namespace fs = std::filesystem;
using Files = std::map<std::string, std::string, std::less<>>;

Files embedded_files() {
  Files files;
  for (const EmbeddedFile& file : embedded::catalogue_all()) {
    files.emplace(file.path, file.bytes);
  }
  return files;
}

std::size_t count_characters(std::string_view text) {
  return static_cast<std::size_t>(std::ranges::count_if(
      text, [](char byte) { return (static_cast<unsigned char>(byte) & 0xC0U) != 0x80U; }));
}

fs::path shared_dir() {
  const char* given = std::getenv("ATALAYA_SHARED");
  return given != nullptr ? fs::path(given) : fs::path(ATALAYA_SOURCE_DIR) / ".." / "shared";
}

std::string read_text(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream out;
  out << in.rdbuf();
  return out.str();
}

/// Folded words of letters and digits, in order.
std::vector<std::string> words_of(std::string_view text) {
  std::vector<std::string> words;
  std::string word;
  const std::string folded = fold(text);
  for (const char byte : folded) {
    if (std::isalnum(static_cast<unsigned char>(byte)) != 0) {
      word += byte;
    } else if (!word.empty()) {
      words.push_back(std::move(word));
      word.clear();
    }
  }
  if (!word.empty()) {
    words.push_back(std::move(word));
  }
  return words;
}

// The tile grid of the design, row by row.
constexpr std::string_view kGrid[] = {
    ".   CAN .   .   .   .   .",   ".   USA .   BHS .   .   .",   "MEX .   CUB HTI DOM KNA ATG",
    "GTM BLZ JAM .   .   DMA .",   "SLV HND .   .   .   LCA BRB", ".   NIC .   .   GRD VCT .",
    ".   CRI PAN .   TTO .   .",   ".   .   COL VEN GUY SUR .",   ".   ECU PER BOL BRA .   .",
    ".   .   .   PRY .   .   .",   ".   .   CHL ARG URY .   .",
};

TEST(Catalogue, ThirtyFiveStatesStandOnTheGrid) {
  const auto catalogue = Catalogue::embedded();
  std::map<std::pair<std::int32_t, std::int32_t>, std::string> tiles;
  std::size_t states = 0;
  std::map<std::string, int> regions;
  for (const Country& country : catalogue->countries()) {
    if (!country.is_state) {
      EXPECT_EQ(country.tile_row, 0) << country.id;
      continue;
    }
    ++states;
    ++regions[country.region];
    EXPECT_TRUE(tiles.emplace(std::pair(country.tile_row, country.tile_column), country.id).second);
  }
  EXPECT_EQ(states, 35U);
  EXPECT_EQ(regions["north"], 3);
  EXPECT_EQ(regions["central"], 7);
  EXPECT_EQ(regions["caribbean"], 13);
  EXPECT_EQ(regions["south"], 12);
  std::int32_t row = 0;
  for (const auto line : kGrid) {
    ++row;
    std::istringstream cells{std::string(line)};
    std::string cell;
    for (std::int32_t column = 1; cells >> cell; ++column) {
      const auto at = tiles.find({row, column});
      EXPECT_EQ(at == tiles.end() ? "." : at->second, cell) << row << "," << column;
    }
  }
}

TEST(Catalogue, TileNamesFitATile) {
  for (const Country& country : Catalogue::embedded()->countries()) {
    for (const Language language : kLanguages) {
      const auto& name = country.tile_name.in(language);
      EXPECT_FALSE(name.empty()) << country.id;
      EXPECT_LE(count_characters(name), 13U) << name;
    }
  }
}

TEST(Catalogue, CodesAreThoseOfIso3166) {
  const fs::path file = shared_dir() / "data" / "codes-iso3166" / "iso3166_1.csv";
  if (!fs::exists(file)) {
    GTEST_SKIP() << file << " is absent: set ATALAYA_SHARED to what holds data/";
  }
  std::map<std::string, std::pair<std::string, std::string>> codes;
  std::istringstream lines(read_text(file));
  for (std::string line; std::getline(lines, line);) {
    const auto cells = split(line, ',');
    codes[std::string(cells[1])] = {std::string(cells[0]), std::string(cells[3])};
  }
  const auto catalogue = Catalogue::embedded();
  for (const Country& country : catalogue->countries()) {
    ASSERT_TRUE(codes.contains(country.id)) << country.id;
    EXPECT_EQ(codes[country.id].first, country.iso2);
    EXPECT_EQ(codes[country.id].second == "1", country.is_state) << country.id;
  }
  for (const auto& [code, row] : codes) {
    if (row.second == "1") {
      EXPECT_NE(catalogue->find_country(code), nullptr) << code;
    }
  }
}

TEST(Catalogue, FindsCountriesByPrintedName) {
  const auto catalogue = Catalogue::embedded();
  const std::pair<std::string_view, std::string_view> cases[] = {
      {"Curacao", "CUW"},
      {"CURAÇAO", "CUW"},
      {"Saint Kitts and Nevis", "KNA"},
      {"St. Kitts and Nevis", "KNA"},
      {"Bahamas, The", "BHS"},
      {"Republic of Suriname", "SUR"},
      {"  République   dominicaine ", "DOM"},
      {"Brasil", "BRA"},
      {"Equateur", "ECU"},
      {"États-Unis d’Amérique", "USA"},
      {"Trindade e Tobago", "TTO"},
  };
  for (const auto& [printed, code] : cases) {
    const Country* country = catalogue->find_country_by_name(printed);
    ASSERT_NE(country, nullptr) << printed;
    EXPECT_EQ(country->id, code);
  }
  EXPECT_EQ(catalogue->find_country_by_name("Atlantis"), nullptr);
  EXPECT_EQ(catalogue->find_country_by_name(""), nullptr);
  for (const Country& country : catalogue->countries()) {
    for (const Language language : kLanguages) {
      EXPECT_EQ(catalogue->find_country_by_name(country.name.in(language)), &country);
    }
  }
}

TEST(Catalogue, MeetingsAndDocumentsOfTheFiveSources) {
  const auto catalogue = Catalogue::embedded();
  EXPECT_EQ(std::ranges::count(catalogue->meetings(), "summit", &Meeting::series), 11);
  EXPECT_EQ(std::ranges::count(catalogue->meetings(), "mispa", &Meeting::series), 7);
  std::size_t cited = 0;
  for (const Document& document : catalogue->documents()) {
    cited += document.id.starts_with("summit-") ? 1U : 0U;
    EXPECT_FALSE(document.cited_as.empty()) << document.id;
    EXPECT_FALSE(document.source.empty()) << document.id;
  }
  EXPECT_EQ(cited, 21U);
  const Document* priorities = catalogue->find_document("pns-2025-priorities");
  ASSERT_NE(priorities, nullptr);
  EXPECT_EQ(priorities->took_part.size(), 21U);
  EXPECT_EQ(catalogue->find_document("summit-2009-declaration")->adoption, "host_signature");
  EXPECT_TRUE(catalogue->find_document("summit-2015-security")->cited_note.has(Language::fr));
}

TEST(Catalogue, ThemesAreElevenBranchesOfSecurityAndThoseBesideIt) {
  const auto catalogue = Catalogue::embedded();
  EXPECT_EQ(catalogue->themes().front().id, "security") << "what the program is about (themes.hpp)";
  EXPECT_EQ(std::ranges::count(catalogue->themes(), "", &Theme::broader), 16);
  EXPECT_LE(catalogue->themes().size(), 62U) << "counted with one bit each (desk.cpp)";
  for (const auto id : {"drugs", "defence", "organised_crime", "terrorism", "digital", "prevention",
                        "citizen_security", "firearms", "rights", "health", "trafficking"}) {
    const Theme* theme = catalogue->find_theme(id);
    ASSERT_NE(theme, nullptr) << id;
    EXPECT_EQ(theme->broader, "security") << id;
  }
}

TEST(Catalogue, EveryItemOfTheSourcesHasItsEntry) {
  const auto catalogue = Catalogue::embedded();
  std::map<std::string, std::set<std::int32_t>> pages;
  std::size_t summits = 0;
  std::map<std::string, int> roles;
  for (const Entry& entry : catalogue->entries()) {
    summits += entry.id.starts_with("summit-") ? 1U : 0U;
    ++roles[entry.role];
    for (const auto& [page, ordinal] : entry.stands_on) {
      EXPECT_TRUE(pages[page].insert(ordinal).second) << page << ordinal;
    }
    EXPECT_EQ(catalogue->find_entry(entry.id), &entry);
  }
  EXPECT_EQ(catalogue->entries().size(), 187U);
  EXPECT_EQ(summits, 149U);
  EXPECT_EQ(pages["security"].size(), 146U);
  EXPECT_EQ(*pages["security"].rbegin(), 146);
  EXPECT_EQ(pages["public_policies"].size(), 21U);
  EXPECT_EQ(pages["mispa"].size(), 31U);
  EXPECT_EQ(pages["pns"].size(), 7U);
  EXPECT_EQ(roles["chapeau"], 7);
  EXPECT_EQ(roles["priority"], 7);
}

TEST(Catalogue, MainThemesOfTheSummitsAddUp) {
  std::map<std::string, int> totals;
  for (const Entry& entry : Catalogue::embedded()->entries()) {
    if (entry.id.starts_with("summit-")) {
      ++totals[entry.theme];
    }
  }
  const std::map<std::string, int> expected = {
      {"drugs", 34},      {"defence", 31},         {"organised_crime", 21}, {"terrorism", 15},
      {"digital", 12},    {"prevention", 9},       {"citizen_security", 8}, {"firearms", 7},
      {"rights", 6},      {"health", 4},           {"trafficking", 2}};
  EXPECT_EQ(totals, expected);
}

/// The rules for our own words, the same for commitments and for guidance.
void expect_own_words(const std::string& id, const Translated& title, const Translated& summary) {
  std::set<std::string> titles;
  for (const Language language : kLanguages) {
    ASSERT_TRUE(title.has(language) && summary.has(language)) << id;
    const auto& headline = title.in(language);
    const auto& sentence = summary.in(language);
    EXPECT_LE(count_characters(headline), 90U) << headline;
    EXPECT_FALSE(headline.ends_with('.')) << headline;
    EXPECT_TRUE(sentence.ends_with('.')) << sentence;
    // One sentence: no full stop, question mark or exclamation mark followed by a blank.
    for (const auto mark : {". ", "? ", "! "}) {
      EXPECT_EQ(sentence.find(mark), std::string::npos) << sentence;
    }
    EXPECT_EQ(sentence.find("  "), std::string::npos) << sentence;
    EXPECT_LE(count_characters(sentence), 330U) << sentence;
    titles.insert(headline);
  }
  EXPECT_EQ(titles.size(), 4U) << id << ": two languages have the same title";
}

TEST(Catalogue, TitlesAndSummariesAreShortAndInFourLanguages) {
  const auto catalogue = Catalogue::embedded();
  for (const Entry& entry : catalogue->entries()) {
    expect_own_words(entry.id, entry.title, entry.summary);
  }
  for (const Guidance& guidance : catalogue->guidance()) {
    expect_own_words(guidance.id, guidance.title, guidance.summary);
  }
}

TEST(Catalogue, GuidanceOfThePrimer) {
  const auto catalogue = Catalogue::embedded();
  std::map<std::string, int> kinds;
  int prevention_questions = 0;
  for (const Guidance& guidance : catalogue->guidance()) {
    EXPECT_EQ(guidance.ordinal, ++kinds[guidance.kind]) << guidance.id;
    EXPECT_EQ(guidance.id, fmt::format("primer-2025-{}-{}", guidance.kind, guidance.ordinal));
    prevention_questions +=
        guidance.kind == "key_question" && guidance.phase == "prevention" ? 1 : 0;
  }
  EXPECT_EQ(kinds["key_question"], 9);
  EXPECT_EQ(prevention_questions, 3);
  EXPECT_EQ(kinds["response_dimension"], 4);
  EXPECT_EQ(kinds["next_step"], 9);
  EXPECT_EQ(kinds["good_practice"], 3);
  EXPECT_EQ(catalogue->find_guidance("primer-2025-good_practice-2")->country, "BRA");
}

// Our titles and summaries stand where the official text is not at hand; they must not be it.
TEST(Catalogue, NoLongRunOfTheOfficialText) {
  const fs::path dir = shared_dir() / "documents";
  if (!fs::exists(dir)) {
    GTEST_SKIP() << dir << " is absent: set ATALAYA_SHARED to what holds documents/";
  }
  constexpr std::size_t kRun = 6;
  std::set<std::string> runs;
  const auto each_run = [](const std::vector<std::string>& words, const auto& use) {
    for (std::size_t i = 0; i + kRun <= words.size(); ++i) {
      std::string run;
      for (std::size_t k = i; k < i + kRun; ++k) {
        run += words[k] + " ";
      }
      use(run);
    }
  };
  for (const auto& file : fs::directory_iterator(dir)) {
    each_run(words_of(read_text(file.path())), [&](auto& run) { runs.insert(std::move(run)); });
  }
  const auto expect_none = [&](const std::string& id, const Translated& text) {
    for (const Language language : kLanguages) {
      each_run(words_of(text.in(language)), [&](const auto& run) {
        EXPECT_FALSE(runs.contains(run)) << id << " repeats: " << run;
      });
    }
  };
  const auto catalogue = Catalogue::embedded();
  for (const Entry& entry : catalogue->entries()) {
    expect_none(entry.id, entry.title);
    expect_none(entry.id, entry.summary);
  }
  for (const Guidance& guidance : catalogue->guidance()) {
    expect_none(guidance.id, guidance.title);
    expect_none(guidance.id, guidance.summary);
  }
}

/// Loads the embedded files with one of them replaced; expects a refusal that says `where`.
void expect_refused(std::string_view file, std::string bytes, std::string_view where) {
  Files files = embedded_files();
  files.insert_or_assign(std::string(file), std::move(bytes));
  const auto loaded = Catalogue::load(files);
  ASSERT_FALSE(loaded.has_value()) << where;
  EXPECT_EQ(loaded.error().code, ErrorCode::invalid_argument);
  EXPECT_NE(loaded.error().detail.find(file), std::string::npos) << loaded.error().detail;
  EXPECT_NE(loaded.error().detail.find(where), std::string::npos) << loaded.error().detail;
}

std::string replaced(std::string text, std::string_view what, std::string_view with) {
  const auto at = text.find(what);
  EXPECT_NE(at, std::string::npos) << what;
  return text.replace(at, what.size(), with);
}

TEST(CatalogueLoad, NamesFileAndRowOfWhatIsWrong) {
  const Files files = embedded_files();
  const auto& themes = files.at("themes.json");
  const auto& meetings = files.at("meetings.json");
  const auto& documents = files.at("documents.json");
  const auto& countries = files.at("countries.json");
  expect_refused("themes.json", replaced(themes, R"("id": "drugs")", R"("id": "defence")"),
                 "row 3 (defence): this \"id\" is used by an earlier row");
  expect_refused("themes.json", replaced(themes, R"("broader": "security")", R"("broader": "sea")"),
                 "row 2 (drugs): \"broader\" names \"sea\"");
  expect_refused("themes.json",
                 replaced(themes, R"("broader": "")", R"("broader": "drugs")"), "circle");
  expect_refused("themes.json", replaced(themes, R"("pt": "Drogas")", R"("pt": "")"),
                 "row 2 (drugs): \"label\" has no words in pt");
  expect_refused("themes.json", replaced(themes, R"("pt": "Drogas")", R"("de": "Drogen")"),
                 "row 2 (drugs): \"label\": \"de\"");
  expect_refused("meetings.json", replaced(meetings, R"("series": "summit")", R"("series": "s")"),
                 "row 1 (summit-1994): \"series\" is \"s\"; known are summit");
  expect_refused("meetings.json", replaced(meetings, R"("country": "USA")", R"("country": "USS")"),
                 "row 1 (summit-1994): \"country\" names \"USS\"");
  expect_refused("meetings.json",
                 replaced(meetings, R"("begins": "1994-12-09")", R"("begins": "1994-12-19")"),
                 "dates of that year in order");
  expect_refused("documents.json",
                 replaced(documents, R"("meeting": "summit-1994")", R"("meeting": "summit-1993")"),
                 "row 1 (summit-1994-declaration): \"meeting\" names");
  expect_refused("documents.json", replaced(documents, R"("nature":)", R"("natur":)"),
                 "\"nature\" is missing");
  expect_refused("countries.json", replaced(countries, R"("aliases": [)", R"("aliases": ["Cuba",)"),
                 "(CUB): \"Cuba\" is also a name of another country");
  expect_refused("countries.json",
                 replaced(countries, R"("tile_column": 7)", R"("tile_column": 6)"),
                 "another country has the same tile");
  expect_refused("countries.json", R"([{"id": "ATG"}])", "row 1 (ATG): \"iso2\" is missing");
  expect_refused("countries.json", "[3]", "row 1: is not an object");
  expect_refused("countries.json", "{}", "is not a list of rows");
  expect_refused("countries.json", "[\n{", "line 2");
  expect_refused("contries.json", "[]", "no file of that name");
}

TEST(CatalogueLoad, ChecksEntriesAgainstTheRest) {
  const Files files = embedded_files();
  const auto& entries = files.at("commitments/summit_1994.json");
  const std::string_view file = "commitments/summit_1994.json";
  expect_refused(file, replaced(entries, R"("year": 1994)", R"("year": 1995)"),
                 "\"year\" is not that of the meeting");
  expect_refused(file, replaced(entries, R"("instruments": [])", R"("instruments": ["none"])"),
                 "\"instruments\" names \"none\"");
  expect_refused(file, replaced(entries, " 129\n", " 0\n"),
                 "is no page and ordinal");
  expect_refused(file, replaced(entries, " 129\n", " 130\n"),
                 "another row stands on security:130 too");
  expect_refused(file,
                 replaced(entries, R"("meeting": "summit-1994")", R"("meeting": "summit-1998")"),
                 "\"id\" does not begin with the meeting");
  expect_refused(file,
                 replaced(entries, R"("document": "summit-1994-)", R"("document": "summit-1998-)"),
                 "\"document\" is of another meeting");
  expect_refused(file, replaced(entries, R"("role": "operative")", R"("role": "hope")"),
                 "\"role\" is \"hope\"");
}

TEST(CatalogueLoad, NothingIsAnEmptyCatalogue) {
  const auto loaded = Catalogue::load({});
  ASSERT_TRUE(loaded.has_value());
  EXPECT_TRUE(loaded->countries().empty());
  EXPECT_EQ(loaded->find_entry("summit-1994-x"), nullptr);
}

// Whatever is cut out of a file, loading answers: it neither crashes nor keeps half a row.
RC_GTEST_PROP(CatalogueLoad, CutFilesAreRefusedOrWhole, ()) {
  static const Files files = embedded_files();
  const auto& themes = files.at("themes.json");
  const auto from = *rc::gen::inRange<std::size_t>(0, themes.size());
  const auto size = *rc::gen::inRange<std::size_t>(1, 400);
  std::string cut = themes;
  cut.erase(from, size);
  const auto loaded = Catalogue::load({{"themes.json", cut}});
  if (loaded) {
    for (const Theme& theme : loaded->themes()) {
      RC_ASSERT(!theme.id.empty());
      for (const Language language : kLanguages) {
        RC_ASSERT(theme.label.has(language) && theme.definition.has(language));
      }
    }
  } else {
    RC_ASSERT(loaded.error().detail.find("themes.json") != std::string::npos);
  }
}

TEST(Translated, FallsBackToEnglishThenToAny) {
  Translated text;
  EXPECT_EQ(text.in(Language::pt), "");
  text.set(Language::fr, "français");
  EXPECT_EQ(text.in(Language::pt), "français");
  text.set(Language::en, "English");
  EXPECT_EQ(text.in(Language::pt), "English");
  EXPECT_FALSE(text.has(Language::pt));
  text.set(Language::pt, "português");
  EXPECT_EQ(text.in(Language::pt), "português");
}

}  // namespace
}  // namespace atalaya::commitments
