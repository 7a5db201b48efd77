#pragma once
// What the program knows before any document is imported: countries, meetings, documents, themes,
// instruments, institutions, and our own short titles and summaries. Data in catalogue/*.json,
// embedded; every row names its source. Immutable after load; any thread.

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <atalaya/base/result.hpp>
#include <atalaya/base/text.hpp>

namespace atalaya::commitments {

/// A text in up to four languages; [] falls back to English, then to any.
class Translated {
 public:
  [[nodiscard]] const std::string& in(Language language) const noexcept;
  [[nodiscard]] bool has(Language language) const noexcept;
  void set(Language language, std::string text);

 private:
  std::array<std::string, 4> texts_;
};

struct Country {
  std::string id;    // ISO 3166-1 alpha-3
  std::string iso2;
  Translated name;
  Translated tile_name;  // at most 13 characters
  std::string region;    // north | central | caribbean | south
  std::int32_t tile_row = 0, tile_column = 0;  // 1 … 11 and 1 … 7; 0 when it has no tile
  bool is_state = true;  // false: a territory with a parliament of its own
  std::vector<std::string> aliases;
  std::string source;
};

struct Meeting {
  std::string id;      // "summit-1998"
  std::string series;  // summit | mispa | pns | primer
  std::string ordinal; // "II", "special", "I"
  std::int32_t year = 0;
  std::string begins, ends;  // ISO dates
  Translated name, city;  // city is empty for a publication (series primer)
  std::string country;
  std::vector<std::string> aliases;  // places and names by which citations call it
  std::string source;
};

/// A text adopted at a meeting.
struct Document {
  std::string id;       // "summit-1998-plan"
  std::string meeting;
  Translated title;
  // declaration | plan_of_action | mandates | commitment | priorities | guidance
  std::string form;
  std::string nature;   // treaty | political_commitment | model_law | parliamentary | guidance
  std::string adoption; // consensus | host_signature | chair_text | partial | published
  Translated adoption_note;  // who adopted it, who kept a position of its own or was absent
  std::string adoption_source;
  std::vector<std::string> took_part;  // ISO codes; empty = not recorded
  std::vector<std::string> cited_as;  // the document part of citations: "Plan of Action"
  Translated cited_note;  // why the cited name differs from the title, when it does
  std::string source;
};

struct Theme {
  std::string id;
  Translated label, definition;
  std::string broader;  // theme id or empty
};

struct Instrument {
  std::string id;    // "untoc"
  std::string kind;  // treaty | treaty_set | political | model_law | register
  Translated name, short_name;
  std::int32_t adopted_year = 0, in_force_year = 0;  // 0 = unknown or not applicable
  std::string adopted, in_force;                     // ISO dates, possibly only the year
  std::string depositary;                            // institution id
  std::vector<std::string> patterns;  // folded phrases that name it in texts (see analysis.hpp)
  std::string source;
};

struct Institution {
  std::string id;  // "cicad"
  Translated name, acronym;
  std::vector<std::string> patterns;
  std::string source;
};

/// Our own words about one commitment: never official text.
struct Entry {
  std::string id;
  std::string meeting, document;
  std::int32_t year = 0;
  std::string role;  // operative | chapeau | priority
  std::vector<std::pair<std::string, std::int32_t>> stands_on;  // {page key, ordinal}
  Translated title, summary;
  std::string theme;                // the main one
  std::vector<std::string> themes;  // all, the main one first
  std::vector<std::string> instruments, institutions;
  bool actionable = true;  // some clause asks for something, as the rules read its text
};

/// Our own words about one piece of guidance for parliamentarians: never official text, and never
/// counted among commitments.
struct Guidance {
  std::string id;        // "primer-2025-key_question-1"
  std::string document;  // catalogue id
  std::string kind;      // key_question | response_dimension | next_step | good_practice
  std::int32_t ordinal = 0;  // 1, 2, … among those of its kind, in the order of the document
  std::string phase;     // prevention | response; empty where the document does not say
  Translated title, summary;
  std::string theme;
  std::vector<std::string> themes;  // all, the main one first
  std::string country;   // of a good practice; empty for a regional one and for the other kinds
};

/// How a later commitment treats an earlier one, as the catalogue's editors read both texts.
struct CatalogueAntecedent {
  std::string id;  // "<later>_<earlier>"
  std::string later, earlier;
  std::string type;  // restates | strengthens | weakens | fulfils | supersedes | reports_on
  std::string source;
};

class Catalogue {
 public:
  /// The embedded data. Aborts if it is inconsistent (a test guards it).
  [[nodiscard]] static std::shared_ptr<const Catalogue> embedded();

  [[nodiscard]] const std::vector<Country>& countries() const noexcept { return countries_; }
  [[nodiscard]] const std::vector<Meeting>& meetings() const noexcept { return meetings_; }
  [[nodiscard]] const std::vector<Document>& documents() const noexcept { return documents_; }
  [[nodiscard]] const std::vector<Theme>& themes() const noexcept { return themes_; }
  [[nodiscard]] const std::vector<Instrument>& instruments() const noexcept { return instruments_; }
  [[nodiscard]] const std::vector<Institution>& institutions() const noexcept {
    return institutions_;
  }
  [[nodiscard]] const std::vector<Entry>& entries() const noexcept { return entries_; }
  [[nodiscard]] const std::vector<CatalogueAntecedent>& antecedents() const noexcept {
    return antecedents_;
  }
  [[nodiscard]] const std::vector<Guidance>& guidance() const noexcept { return guidance_; }

  [[nodiscard]] const Country* find_country(std::string_view id) const noexcept;
  /// By any printed name in four languages, folded: "Curacao", "Saint Kitts and Nevis".
  [[nodiscard]] const Country* find_country_by_name(std::string_view printed) const;
  [[nodiscard]] const Meeting* find_meeting(std::string_view id) const noexcept;
  [[nodiscard]] const Document* find_document(std::string_view id) const noexcept;
  [[nodiscard]] const Theme* find_theme(std::string_view id) const noexcept;
  [[nodiscard]] const Instrument* find_instrument(std::string_view id) const noexcept;
  [[nodiscard]] const Institution* find_institution(std::string_view id) const noexcept;
  [[nodiscard]] const Entry* find_entry(std::string_view id) const noexcept;
  [[nodiscard]] const Guidance* find_guidance(std::string_view id) const noexcept;

  /// Reads catalogue files from memory: {"countries.json": bytes, …, "commitments/summit.json": …}.
  /// An absent file is an empty one, so a reference into it does not resolve. Unknown keys and
  /// files are refused: a mistyped key would otherwise be lost in silence.
  /// Fails with invalid_argument (commitments.catalogue.bad), naming file and row.
  [[nodiscard]] static Result<Catalogue> load(
      const std::map<std::string, std::string, std::less<>>& files);

 private:
  std::vector<Country> countries_;
  std::vector<Meeting> meetings_;
  std::vector<Document> documents_;
  std::vector<Theme> themes_;
  std::vector<Instrument> instruments_;
  std::vector<Institution> institutions_;
  std::vector<Entry> entries_;
  std::vector<CatalogueAntecedent> antecedents_;
  std::vector<Guidance> guidance_;
  std::map<std::string, std::size_t, std::less<>> country_by_name_;  // folded
  std::map<std::string, std::size_t, std::less<>> entry_by_id_;
};

}  // namespace atalaya::commitments
