#include <atalaya/commitments/catalogue.hpp>

#include <algorithm>
#include <set>
#include <span>
#include <utility>

#include <fmt/format.h>

#include <atalaya/base/catalogue_row.hpp>
#include <atalaya/base/embedded.hpp>
#include <atalaya/base/json.hpp>

ATALAYA_EMBEDDED(catalogue);

namespace atalaya::commitments {
namespace {

using Words = std::vector<std::string>;

constexpr std::size_t kTileNameCharacters = 13;
constexpr std::size_t kTitleCharacters = 90;

std::size_t count_characters(std::string_view text) {
  return static_cast<std::size_t>(std::ranges::count_if(
      text, [](char byte) { return (static_cast<unsigned char>(byte) & 0xC0U) != 0x80U; }));
}

class Row : public CatalogueRow {
 public:
  using CatalogueRow::CatalogueRow;

  std::string one_of(std::string_view key, std::span<const std::string_view> known) {
    std::string result = text(key);
    if (ok() && std::ranges::find(known, result) == known.end()) {
      complain(fmt::format("\"{}\" is \"{}\"; known are {}", key, result, fmt::join(known, ", ")));
    }
    return result;
  }

  /// From 0 to 9999.
  std::int32_t number(std::string_view key) {
    value(key, true);
    const std::int64_t number = CatalogueRow::number(key, 0);
    if (number < 0 || number > 9999) {
      complain(fmt::format("\"{}\" is not a number from 0 to 9999", key));
      return 0;
    }
    return static_cast<std::int32_t>(number);
  }

  Words list(std::string_view key) { return CatalogueRow::list(key, true); }

  /// With `all`, each of the four languages must have words; without, none need have.
  Translated translated(std::string_view key, bool all = true) {
    Translated result;
    const auto* found = value(key, true);
    const auto* object = found == nullptr ? nullptr : found->if_object();
    if (object == nullptr) {
      complain(fmt::format("\"{}\" is not an object of languages", key));
      return result;
    }
    for (const auto& member : *object) {
      const auto language = parse_language(member.key());
      const auto* string = member.value().if_string();
      if (!language || to_string(*language) != std::string_view(member.key()) ||
          string == nullptr) {
        complain(fmt::format("\"{}\": \"{}\" is not a text in en, es, pt or fr", key,
                             std::string_view(member.key())));
        return result;
      }
      if (trim(*string) != std::string_view(*string)) {
        complain(fmt::format("\"{}\" in {} has blanks around it", key, to_string(*language)));
      }
      result.set(*language, std::string(*string));
    }
    for (const Language language : kLanguages) {
      if (all && !result.has(language)) {
        complain(fmt::format("\"{}\" has no words in {}", key, to_string(language)));
      }
    }
    return result;
  }

  /// [["security", 12], …]
  std::vector<std::pair<std::string, std::int32_t>> places(std::string_view key) {
    std::vector<std::pair<std::string, std::int32_t>> result;
    const auto* found = value(key, true);
    const auto* array = found == nullptr ? nullptr : found->if_array();
    if (array == nullptr || array->empty()) {
      complain(fmt::format("\"{}\" is not a list of pages and ordinals", key));
      return result;
    }
    for (const auto& element : *array) {
      const auto* pair = element.if_array();
      if (pair == nullptr || pair->size() != 2 || !(*pair)[0].is_string() ||
          !(*pair)[1].is_int64() || (*pair)[1].get_int64() < 1 || (*pair)[1].get_int64() > 9999) {
        complain(fmt::format("\"{}\" holds something that is no page and ordinal", key));
        return result;
      }
      result.emplace_back(std::string((*pair)[0].get_string()),
                          static_cast<std::int32_t>((*pair)[1].get_int64()));
    }
    return result;
  }
};

constexpr std::string_view kRegions[] = {"north", "central", "caribbean", "south"};
constexpr std::string_view kSeries[] = {"summit", "mispa", "pns", "primer"};
constexpr std::string_view kForms[] = {"declaration", "plan_of_action", "mandates",
                                       "commitment",  "priorities",     "guidance"};
constexpr std::string_view kNatures[] = {"treaty", "political_commitment", "model_law",
                                         "parliamentary", "guidance"};
constexpr std::string_view kAdoptions[] = {"consensus", "host_signature", "chair_text", "partial",
                                           "published"};
constexpr std::string_view kInstrumentKinds[] = {"treaty", "treaty_set", "political", "model_law",
                                                 "register"};
constexpr std::string_view kRoles[] = {"operative", "chapeau", "priority"};
constexpr std::string_view kRelations[] = {"restates", "strengthens", "weakens",
                                           "fulfils",  "supersedes",  "reports_on"};
constexpr std::string_view kGuidanceKinds[] = {"key_question", "response_dimension", "next_step",
                                               "good_practice"};

void read(Row& row, Country& country) {
  country.id = row.text("id");
  country.iso2 = row.text("iso2");
  country.name = row.translated("name");
  country.tile_name = row.translated("tile_name");
  country.region = row.one_of("region", kRegions);
  country.tile_row = row.number("tile_row");
  country.tile_column = row.number("tile_column");
  country.is_state = row.flag("is_state");
  country.aliases = row.list("aliases");
  country.source = row.text("source");
  const auto capitals = [](std::string_view code, std::size_t size) {
    return code.size() == size &&
           std::ranges::all_of(code, [](char c) { return c >= 'A' && c <= 'Z'; });
  };
  if (row.ok() && (!capitals(country.id, 3) || !capitals(country.iso2, 2))) {
    row.complain("\"id\" and \"iso2\" are not ISO 3166-1 codes");
  }
  if ((country.tile_row == 0) != (country.tile_column == 0) ||
      country.is_state != (country.tile_row != 0)) {
    row.complain("a state has a tile (row and column), a territory has none");
  }
  for (const Language language : kLanguages) {
    if (count_characters(country.tile_name.in(language)) > kTileNameCharacters) {
      row.complain(fmt::format("\"tile_name\" in {} is longer than {} characters",
                               to_string(language), kTileNameCharacters));
    }
  }
}

void read(Row& row, Meeting& meeting) {
  meeting.id = row.text("id");
  meeting.series = row.one_of("series", kSeries);
  const bool met = meeting.series != "primer";  // a publication has neither number nor place
  meeting.ordinal = row.text("ordinal", met);
  meeting.year = row.number("year");
  meeting.begins = row.text("begins");
  meeting.ends = row.text("ends");
  meeting.name = row.translated("name");
  meeting.city = row.translated("city", met);
  meeting.country = row.text("country", met);
  meeting.aliases = row.list("aliases");
  meeting.source = row.text("source");
  const std::string year = fmt::format("{:04}-", meeting.year);
  if (row.ok() && (!meeting.begins.starts_with(year) || meeting.begins.size() != 10 ||
                   meeting.ends.size() != 10 || meeting.ends < meeting.begins)) {
    row.complain("\"begins\" and \"ends\" are not dates of that year in order");
  }
}

void read(Row& row, Document& document) {
  document.id = row.text("id");
  document.meeting = row.text("meeting");
  document.title = row.translated("title");
  document.form = row.one_of("form", kForms);
  document.nature = row.one_of("nature", kNatures);
  document.adoption = row.one_of("adoption", kAdoptions);
  document.adoption_note = row.translated("adoption_note");
  document.adoption_source = row.text("adoption_source");
  document.took_part = row.list("took_part");
  document.cited_as = row.list("cited_as");
  document.cited_note = row.translated("cited_note", false);
  document.source = row.text("source");
}

void read(Row& row, Theme& theme) {
  theme.id = row.text("id");
  theme.label = row.translated("label");
  theme.definition = row.translated("definition");
  theme.broader = row.text("broader", false);
}

void read(Row& row, Instrument& instrument) {
  instrument.id = row.text("id");
  instrument.kind = row.one_of("kind", kInstrumentKinds);
  instrument.name = row.translated("name");
  instrument.short_name = row.translated("short_name");
  instrument.adopted_year = row.number("adopted_year");
  instrument.in_force_year = row.number("in_force_year");
  instrument.adopted = row.text("adopted", false);
  instrument.in_force = row.text("in_force", false);
  instrument.depositary = row.text("depositary", false);
  instrument.patterns = row.list("patterns");
  instrument.source = row.text("source");
}

void read(Row& row, Institution& institution) {
  institution.id = row.text("id");
  institution.name = row.translated("name");
  institution.acronym = row.translated("acronym", false);
  institution.patterns = row.list("patterns");
  institution.source = row.text("source");
}

void check_words(Row& row, const Translated& title, const Translated& summary) {
  for (const Language language : kLanguages) {
    if (count_characters(title.in(language)) > kTitleCharacters) {
      row.complain(fmt::format("\"title\" in {} is longer than {} characters",
                               to_string(language), kTitleCharacters));
    }
    if (row.ok() && !summary.in(language).ends_with('.')) {
      row.complain(fmt::format("\"summary\" in {} is no sentence", to_string(language)));
    }
  }
}

void read(Row& row, Entry& entry) {
  entry.id = row.text("id");
  entry.meeting = row.text("meeting");
  entry.document = row.text("document");
  entry.year = row.number("year");
  entry.role = row.one_of("role", kRoles);
  entry.stands_on = row.places("stands_on");
  entry.title = row.translated("title");
  entry.summary = row.translated("summary");
  entry.theme = row.text("theme");
  entry.themes = row.list("themes");
  entry.instruments = row.list("instruments");
  entry.institutions = row.list("institutions");
  entry.actionable = row.flag("actionable");
  check_words(row, entry.title, entry.summary);
}

void read(Row& row, CatalogueAntecedent& antecedent) {
  antecedent.id = row.text("id");
  antecedent.later = row.text("later");
  antecedent.earlier = row.text("earlier");
  antecedent.type = row.one_of("type", kRelations);
  antecedent.source = row.text("source");
}

void read(Row& row, Guidance& guidance) {
  guidance.id = row.text("id");
  guidance.document = row.text("document");
  guidance.kind = row.one_of("kind", kGuidanceKinds);
  guidance.ordinal = row.number("ordinal");
  guidance.phase = row.text("phase", false);
  guidance.title = row.translated("title");
  guidance.summary = row.translated("summary");
  guidance.theme = row.text("theme");
  guidance.themes = row.list("themes");
  guidance.country = row.text("country", false);
  check_words(row, guidance.title, guidance.summary);
  if (!guidance.phase.empty() && guidance.phase != "prevention" && guidance.phase != "response") {
    row.complain("\"phase\" is neither \"prevention\" nor \"response\"");
  }
}

/// Where a record came from, for errors that only show once all files are read.
struct Origin {
  std::string file;
  std::size_t row = 0;
};

template <class T>
struct Table {
  std::vector<T>* rows;
  std::vector<Origin> origins = {};
};

std::unexpected<Error> bad(std::string_view detail) {
  return fail(Error{ErrorCode::invalid_argument,
                    "commitments.catalogue.bad",
                    std::string(detail),
                    {{"detail", std::string(detail)}}});
}

template <class T>
Result<void> read_table(std::string_view file, std::string_view bytes, Table<T>& table) {
  const json::value value = ATALAYA_TRY(parse_json(bytes, fmt::format("catalogue/{}", file)));
  const auto* array = value.if_array();
  if (array == nullptr) {
    return bad(fmt::format("catalogue/{}: is not a list of rows", file));
  }
  std::size_t number = 0;
  for (const auto& element : *array) {
    Row row(file, ++number, element);
    T record;
    read(row, record);
    row.finish();
    if (row.ok() && std::ranges::find(*table.rows, record.id, &T::id) != table.rows->end()) {
      row.complain("this \"id\" is used by an earlier row");
    }
    if (!row.ok()) {
      return bad(row.problem());
    }
    table.rows->push_back(std::move(record));
    table.origins.push_back({std::string(file), number});
  }
  return {};
}

template <class T>
bool known(const std::vector<T>& rows, std::string_view id) {
  return std::ranges::find(rows, id, &T::id) != rows.end();
}

/// Collects what does not resolve, in the words of the row that refers to it.
class References {
 public:
  References(const Origin& origin, std::string_view id) : origin_(origin), id_(id) {}

  template <class T>
  void check(std::string_view key, std::string_view id, const std::vector<T>& rows) {
    if (!id.empty() && !known(rows, id)) {
      complain(fmt::format("\"{}\" names \"{}\", which is not in the catalogue", key, id));
    }
  }
  template <class T>
  void check(std::string_view key, const Words& ids, const std::vector<T>& rows) {
    for (const auto& id : ids) {
      check(key, id, rows);
    }
  }
  void check_themes(std::string_view theme, const Words& themes, const std::vector<Theme>& rows) {
    check("themes", themes, rows);
    if (themes.empty() || themes.front() != theme) {
      complain("\"themes\" does not begin with \"theme\"");
    }
  }
  void complain(std::string_view what) {
    if (problem_.empty()) {
      problem_ =
          fmt::format("catalogue/{}: row {} ({}): {}", origin_.file, origin_.row, id_, what);
    }
  }
  [[nodiscard]] Result<void> done() const {
    if (!problem_.empty()) {
      return bad(problem_);
    }
    return {};
  }

 private:
  const Origin& origin_;
  std::string_view id_;
  std::string problem_;
};

/// Typing differences of a printed name: case, accents, blanks, the two apostrophes.
std::string fold_name(std::string_view printed) {
  std::string folded = fold(squeeze(printed));
  for (auto at = folded.find("’"); at != std::string::npos; at = folded.find("’", at)) {
    folded.replace(at, std::string_view("’").size(), "'");
  }
  return folded;
}

Result<void> check_countries(const Table<Country>& countries,
                             std::map<std::string, std::size_t, std::less<>>& by_name) {
  std::set<std::pair<std::int32_t, std::int32_t>> tiles;
  std::set<std::string, std::less<>> codes;
  for (std::size_t i = 0; i < countries.rows->size(); ++i) {
    const Country& country = (*countries.rows)[i];
    References row(countries.origins[i], country.id);
    if (country.tile_row != 0 && !tiles.emplace(country.tile_row, country.tile_column).second) {
      row.complain("another country has the same tile");
    }
    if (!codes.insert(country.iso2).second) {
      row.complain("another country has the same \"iso2\"");
    }
    Words names = country.aliases;
    for (const Language language : kLanguages) {
      names.push_back(country.name.in(language));
    }
    for (const auto& name : names) {
      const auto [at, added] = by_name.emplace(fold_name(name), i);
      if (!added && at->second != i) {
        row.complain(fmt::format("\"{}\" is also a name of another country", name));
      }
    }
    ATALAYA_TRY(row.done());
  }
  return {};
}

Result<void> check_theme_tree(const Table<Theme>& themes) {
  for (std::size_t i = 0; i < themes.rows->size(); ++i) {
    const Theme& theme = (*themes.rows)[i];
    References row(themes.origins[i], theme.id);
    row.check("broader", theme.broader, *themes.rows);
    // More steps upwards than there are themes can only be a circle.
    const Theme* at = &theme;
    for (std::size_t steps = 0; at != nullptr && !at->broader.empty(); ++steps) {
      if (steps > themes.rows->size()) {
        row.complain("\"broader\" leads in a circle");
        break;
      }
      const auto up = std::ranges::find(*themes.rows, at->broader, &Theme::id);
      at = up == themes.rows->end() ? nullptr : &*up;
    }
    ATALAYA_TRY(row.done());
  }
  return {};
}

struct Tables {
  Table<Country> countries;
  Table<Meeting> meetings;
  Table<Document> documents;
  Table<Theme> themes;
  Table<Instrument> instruments;
  Table<Institution> institutions;
  Table<Entry> entries;
  Table<Guidance> guidance;
  Table<CatalogueAntecedent> antecedents;
};

Result<void> read_file(std::string_view file, std::string_view bytes, Tables& tables) {
  if (file == "countries.json") {
    return read_table(file, bytes, tables.countries);
  }
  if (file == "meetings.json") {
    return read_table(file, bytes, tables.meetings);
  }
  if (file == "documents.json") {
    return read_table(file, bytes, tables.documents);
  }
  if (file == "themes.json") {
    return read_table(file, bytes, tables.themes);
  }
  if (file == "instruments.json") {
    return read_table(file, bytes, tables.instruments);
  }
  if (file == "institutions.json") {
    return read_table(file, bytes, tables.institutions);
  }
  if (file == "guidance.json") {
    return read_table(file, bytes, tables.guidance);
  }
  if (file == "antecedents.json") {
    return read_table(file, bytes, tables.antecedents);
  }
  if (file.starts_with("commitments/") && file.ends_with(".json")) {
    return read_table(file, bytes, tables.entries);
  }
  return bad(fmt::format("catalogue/{}: no file of that name belongs to the catalogue", file));
}

Result<void> check_entries(const Tables& tables) {
  std::set<std::pair<std::string, std::int32_t>> places;
  for (std::size_t i = 0; i < tables.entries.rows->size(); ++i) {
    const Entry& entry = (*tables.entries.rows)[i];
    References row(tables.entries.origins[i], entry.id);
    row.check("meeting", entry.meeting, *tables.meetings.rows);
    row.check("document", entry.document, *tables.documents.rows);
    row.check_themes(entry.theme, entry.themes, *tables.themes.rows);
    row.check("instruments", entry.instruments, *tables.instruments.rows);
    row.check("institutions", entry.institutions, *tables.institutions.rows);
    ATALAYA_TRY(row.done());
    if (!entry.id.starts_with(entry.meeting + "-")) {
      row.complain("\"id\" does not begin with the meeting");
    }
    const auto document =
        std::ranges::find(*tables.documents.rows, entry.document, &Document::id);
    if (document->meeting != entry.meeting) {
      row.complain("\"document\" is of another meeting");
    }
    const auto meeting = std::ranges::find(*tables.meetings.rows, entry.meeting, &Meeting::id);
    if (meeting->year != entry.year) {
      row.complain("\"year\" is not that of the meeting");
    }
    for (const auto& place : entry.stands_on) {
      if (!places.insert(place).second) {
        row.complain(fmt::format("another row stands on {}:{} too", place.first, place.second));
      }
    }
    ATALAYA_TRY(row.done());
  }
  return {};
}

Result<void> check_antecedents(const Tables& tables) {
  std::set<std::pair<std::string, std::string>> pairs;
  for (std::size_t i = 0; i < tables.antecedents.rows->size(); ++i) {
    const CatalogueAntecedent& antecedent = (*tables.antecedents.rows)[i];
    References row(tables.antecedents.origins[i], antecedent.id);
    row.check("later", antecedent.later, *tables.entries.rows);
    row.check("earlier", antecedent.earlier, *tables.entries.rows);
    ATALAYA_TRY(row.done());
    const auto later = std::ranges::find(*tables.entries.rows, antecedent.later, &Entry::id);
    const auto earlier = std::ranges::find(*tables.entries.rows, antecedent.earlier, &Entry::id);
    if (later->year < earlier->year || later == earlier) {
      row.complain("\"later\" is not later than \"earlier\"");
    }
    if (!pairs.insert(std::minmax(antecedent.later, antecedent.earlier)).second) {
      row.complain("another row links the same two");
    }
    ATALAYA_TRY(row.done());
  }
  return {};
}

Result<void> check_references(const Tables& tables) {
  for (std::size_t i = 0; i < tables.meetings.rows->size(); ++i) {
    const Meeting& meeting = (*tables.meetings.rows)[i];
    References row(tables.meetings.origins[i], meeting.id);
    row.check("country", meeting.country, *tables.countries.rows);
    ATALAYA_TRY(row.done());
  }
  for (std::size_t i = 0; i < tables.documents.rows->size(); ++i) {
    const Document& document = (*tables.documents.rows)[i];
    References row(tables.documents.origins[i], document.id);
    row.check("meeting", document.meeting, *tables.meetings.rows);
    row.check("took_part", document.took_part, *tables.countries.rows);
    ATALAYA_TRY(row.done());
  }
  for (std::size_t i = 0; i < tables.instruments.rows->size(); ++i) {
    const Instrument& instrument = (*tables.instruments.rows)[i];
    References row(tables.instruments.origins[i], instrument.id);
    row.check("depositary", instrument.depositary, *tables.institutions.rows);
    ATALAYA_TRY(row.done());
  }
  for (std::size_t i = 0; i < tables.guidance.rows->size(); ++i) {
    const Guidance& guidance = (*tables.guidance.rows)[i];
    References row(tables.guidance.origins[i], guidance.id);
    row.check("document", guidance.document, *tables.documents.rows);
    row.check_themes(guidance.theme, guidance.themes, *tables.themes.rows);
    row.check("country", guidance.country, *tables.countries.rows);
    ATALAYA_TRY(row.done());
  }
  ATALAYA_TRY(check_theme_tree(tables.themes));
  ATALAYA_TRY(check_entries(tables));
  return check_antecedents(tables);
}

template <class T>
const T* find_by_id(const std::vector<T>& rows, std::string_view id) noexcept {
  const auto at = std::ranges::find(rows, id, &T::id);
  return at == rows.end() ? nullptr : &*at;
}

}  // namespace

const std::string& Translated::in(Language language) const noexcept {
  const std::string& wanted = texts_[static_cast<std::size_t>(language)];
  if (!wanted.empty()) {
    return wanted;
  }
  const std::string& english = texts_[static_cast<std::size_t>(Language::en)];
  if (!english.empty()) {
    return english;
  }
  const auto any = std::ranges::find_if(texts_, [](const auto& text) { return !text.empty(); });
  return any == texts_.end() ? wanted : *any;
}

bool Translated::has(Language language) const noexcept {
  return !texts_[static_cast<std::size_t>(language)].empty();
}

void Translated::set(Language language, std::string text) {
  texts_[static_cast<std::size_t>(language)] = std::move(text);
}

Result<Catalogue> Catalogue::load(const std::map<std::string, std::string, std::less<>>& files) {
  Catalogue result;
  Tables tables{{&result.countries_},    {&result.meetings_},     {&result.documents_},
                {&result.themes_},       {&result.instruments_},  {&result.institutions_},
                {&result.entries_},      {&result.guidance_},     {&result.antecedents_}};
  for (const auto& [file, bytes] : files) {
    ATALAYA_TRY(read_file(file, bytes, tables));
  }
  ATALAYA_TRY(check_countries(tables.countries, result.country_by_name_));
  ATALAYA_TRY(check_references(tables));
  for (std::size_t i = 0; i < result.entries_.size(); ++i) {
    result.entry_by_id_.emplace(result.entries_[i].id, i);
  }
  return result;
}

std::shared_ptr<const Catalogue> Catalogue::embedded() {
  static const std::shared_ptr<const Catalogue> instance = [] {
    std::map<std::string, std::string, std::less<>> files;
    for (const EmbeddedFile& file : atalaya::embedded::catalogue_all()) {
      files.emplace(file.path, file.bytes);
    }
    auto loaded = load(files);
    if (!loaded) {
      check_failed(loaded.error().detail.c_str(), "catalogue", 0);
    }
    return std::make_shared<const Catalogue>(std::move(*loaded));
  }();
  return instance;
}

const Country* Catalogue::find_country(std::string_view id) const noexcept {
  return find_by_id(countries_, id);
}

const Country* Catalogue::find_country_by_name(std::string_view printed) const {
  const auto at = country_by_name_.find(fold_name(printed));
  return at == country_by_name_.end() ? nullptr : &countries_[at->second];
}

const Meeting* Catalogue::find_meeting(std::string_view id) const noexcept {
  return find_by_id(meetings_, id);
}

const Document* Catalogue::find_document(std::string_view id) const noexcept {
  return find_by_id(documents_, id);
}

const Theme* Catalogue::find_theme(std::string_view id) const noexcept {
  return find_by_id(themes_, id);
}

const Instrument* Catalogue::find_instrument(std::string_view id) const noexcept {
  return find_by_id(instruments_, id);
}

const Institution* Catalogue::find_institution(std::string_view id) const noexcept {
  return find_by_id(institutions_, id);
}

const Entry* Catalogue::find_entry(std::string_view id) const noexcept {
  const auto at = entry_by_id_.find(id);
  return at == entry_by_id_.end() ? nullptr : &entries_[at->second];
}

const Guidance* Catalogue::find_guidance(std::string_view id) const noexcept {
  return find_by_id(guidance_, id);
}

}  // namespace atalaya::commitments
