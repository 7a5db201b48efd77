#pragma once
// From the bytes of an official document to its items, each with the line that it came from.
// Pure: no clock, no store, no network; any thread.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <atalaya/base/result.hpp>
#include <atalaya/base/text.hpp>
#include <atalaya/base/time.hpp>
#include <atalaya/commitments/catalogue.hpp>
#include <atalaya/files/read.hpp>

namespace atalaya::commitments {

enum class DocumentKind {
  summit_mandates,           // a thematic extract page of the Summits' follow-up system
  ministers_commitment,      // a meeting of ministers: recitals and numbered operatives
  parliamentary_priorities,  // a gathering of parliamentarians: numbered priorities
  primer,                    // guidance: questions, dimensions, next steps, good practices
  unknown,                   // best effort, with warnings
};
[[nodiscard]] std::string_view to_string(DocumentKind kind) noexcept;

/// What an item is in its document. operative and chapeau items are commitments; the others are
/// held beside them and never counted among them.
enum class ItemRole {
  operative,
  chapeau,  // governs the items below (or after) it
  recital,
  priority,  // a parliamentary priority: counted as a commitment of parliaments
  key_question,
  response_dimension,
  next_step,
  good_practice,
};
[[nodiscard]] std::string_view to_string(ItemRole role) noexcept;

enum class CitationStatus { own, from_child, from_sibling, inferred, none };
[[nodiscard]] std::string_view to_string(CitationStatus status) noexcept;

/// As printed; empty where the item prints none.
struct Citation {
  std::string raw;       // "(Plan of Action Québec, 2001)", blanks squeezed to the printed ones
  std::string document;  // "Plan of Action"
  std::string place;     // "Québec"; empty when none is printed
  std::int32_t year = 0;
  CitationStatus status = CitationStatus::none;
};

/// What the citation resolves to in the catalogue; empty strings and 0 where unknown. A meeting
/// that the catalogue does not hold gets the id that it would have ("summit-2026", "mispa-2031"),
/// with a warning.
struct Effective {
  std::string document;  // catalogue id, "summit-2001-plan"
  std::string place;     // the real host city, "Quebec City"
  std::string country;   // ISO 3166-1 alpha-3
  std::int32_t year = 0;
  std::string meeting;  // catalogue id, "summit-2001"
};

struct ParsedItem {
  std::int32_t ordinal = 0;  // 1, 2, … in the order of the file, within its group (see below)
  std::int32_t level = 1;    // 1 or more
  std::int32_t parent_ordinal = 0;  // 0 at level 1
  ItemRole role = ItemRole::operative;
  std::string label;      // the marker as printed, without bullet: "1.", "g.", "6.1", "12)", ""
  std::int32_t line = 0;  // first line in the source file (in pdf: of the extracted text)
  std::int32_t line_end = 0;
  // Byte-equal to the document after trimming; without marker, citation and the note mark at its
  // end. Where line ends, footnotes or a page break cut it, its pieces are joined by one blank.
  std::string text;
  std::string title;  // of guidance: the words set off at its start or above it, as printed
  std::string block;  // the section it stands in: "1" … "6" in a ministers' commitment, else ""
  std::string block_title;         // the heading of that section where the document prints one
  std::vector<std::string> notes;  // marks of footnotes that hang on it: "1", "2"
  Citation citation;
  Effective effective;
};

/// A state's reservation or other statement on a paragraph of a political text.
struct StatementOfPosition {
  std::string actor;  // ISO 3166-1 alpha-3, empty when not recognised
  ItemRole role = ItemRole::recital;
  std::int32_t ordinal = 0;  // of the recital or operative that it hangs on
  std::string text;
  std::int32_t line = 0;
};

struct NamedState {
  std::string printed;
  std::string code;  // ISO 3166-1 alpha-3, empty when not recognised
  std::int32_t line = 0;
};

struct NamedTreaty {
  std::string printed;
  std::int32_t year = 0;   // as printed
  std::string instrument;  // catalogue id, empty when not recognised
  std::int32_t line = 0;
};

/// Something that a person should look at. Never an error: the item stands.
struct Warning {
  std::string reason;  // "commitments.parse.citation_inferred"
  std::int32_t line = 0;
  std::string detail;    // for operators and programs, in English, unless `printed`
  bool printed = false;  // `detail` is words of the document
  // What the message of the reason needs, in any language; "document" and "instrument" are ids.
  std::vector<std::pair<std::string, std::string>> params = {};
};

/// What became of a line of the source. Every line that is not blank is one of these, once.
enum class LineUse : std::uint8_t {
  blank,
  left,     // in nothing that is held; told in one warning and in ParsedDocument::left
  head,     // title, theme, who speaks, where and when; short headings above the first item
  heading,  // of a section of the items or of the guidance
  lead_in,  // leads to items: leads_of()
  item,     // of a commitment, with its citation
  recital,
  guidance,
  note,       // footnotes, among them statements of position, states and treaties
  furniture,  // rules, headings and numbers of pages, menus, links, short closing lines
};
[[nodiscard]] std::string_view to_string(LineUse use) noexcept;

/// A paragraph that is in nothing that is held.
struct LeftOut {
  std::int32_t line = 0;
  std::int32_t line_end = 0;
  std::string text;   // as printed, its lines joined by one blank
  bool asks = false;  // reads like a commitment: begins with a verb of action, or says "shall"
};

struct ParsedDocument {
  DocumentKind kind = DocumentKind::unknown;
  std::optional<Language> language;
  std::string title;     // as printed, one line
  std::string theme;     // "SECURITY: Public Policies"; which part of the documents is held
  std::string meeting;   // catalogue id where the whole document is of one meeting
  std::string document;  // catalogue id likewise
  std::string place;
  std::optional<CivilDate> adopted;
  std::vector<ParsedItem> items;     // commitments only, ordinals 1…n over all of them
  std::vector<ParsedItem> recitals;  // ordinals of their own
  std::vector<ParsedItem>
      guidance;  // key questions, dimensions, next steps, practices; own ordinals
  std::vector<StatementOfPosition> statements;
  std::vector<NamedState> states;
  std::vector<NamedTreaty> treaties;
  std::vector<Warning> warnings;
  std::vector<std::string> lines;  // the source's lines as text, lines[0] is line 1
  std::vector<LineUse> uses;       // of each of files::TextDocument::lines
  std::vector<LeftOut> left;       // of the lines that are `left`, in their order

  [[nodiscard]] std::int32_t count_level(std::int32_t level) const;
  [[nodiscard]] std::int32_t count_citations(CitationStatus status) const;
  [[nodiscard]] std::int32_t count_lines(LineUse use) const;
};

/// Recognises the kind by structure and title, in any of the four languages, and takes the
/// document apart. Fails with invalid_argument (commitments.parse.no_items) when nothing in it
/// looks like an item.
[[nodiscard]] Result<ParsedDocument> parse(const files::TextDocument& document,
                                           const Catalogue& catalogue);

/// The identity of a commitment, the same on every node: "<meeting>-" and eight characters of
/// base 32 of SHA-256(meeting, newline, text folded to letters and digits). Typing differences
/// (blanks, punctuation, case, accents) do not change it; other words do.
[[nodiscard]] std::string commitment_id(std::string_view meeting, std::string_view text,
                                        std::size_t characters = 8);

}  // namespace atalaya::commitments
