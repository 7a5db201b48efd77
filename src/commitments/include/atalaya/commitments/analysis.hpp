#pragma once
// What one commitment's text asks, of whom, by when and how firmly; and which instruments and
// institutions it names. Rules only: every result is a proposal that an editor may change, and is
// marked as set by a rule. Pure, deterministic, any thread; texts in en, es, pt and fr.
//
// Source of the clause fields: United Nations Mandate Source Registry (verb, assignee,
// deliverable), to which due date, formulation and qualifiers are added.

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <atalaya/base/text.hpp>
#include <atalaya/commitments/catalogue.hpp>

namespace atalaya::commitments {

/// Byte offsets into the analysed text, [begin, end), on UTF-8 boundaries.
struct Span {
  std::uint32_t begin = 0;
  std::uint32_t end = 0;
  auto operator<=>(const Span&) const = default;

  [[nodiscard]] std::string_view of(std::string_view text) const {
    return text.substr(begin, end - begin);
  }
};

enum class VerbType {
  undertake,  // the parties do it themselves: adopt, implement, commit to
  promote,    // they further what somebody does: promote, support, foster
  delegate,   // they charge a body with it: request, entrust
  urge,       // they ask others, without charging them: encourage, urge, invite, call upon
  state,      // they say something: recognise, reaffirm, welcome, condemn
};

enum class Formulation {
  firm,         // to be done, without a limiting phrase
  qualified,    // to be done, within a limiting phrase ("as appropriate", "domestic law")
  hortatory,    // encouraged, promoted or to be considered
  declaratory,  // said, not asked: left out of every rate of implementation
};

enum class QualifierKind {
  as_appropriate,  // as appropriate, where necessary, as the case may be
  domestic_law,    // in accordance with domestic law
  where_possible,  // where possible, within available resources
  voluntary,
  consider,       // the act asked is to consider acting
  circumstances,  // in accordance with the situation of each country
  best_effort,    // strive, seek to, make every effort
  pace,           // as soon as possible, rapid, prompt: no date
};

enum class DueKind {
  deadline,         // to be done by, or held in, a date
  reporting_duty,   // to be reported or submitted to a meeting or a body
  recurring,        // to happen again and again
  scheduled_event,  // a meeting of others that the text counts on
  relative,         // before or after an event without a date
  period,           // lasts so long
  conditional,      // once something else has happened
  soft,             // "as soon as possible": urgent, without a date
};

enum class AddresseeKind {
  states,
  organ,  // id = institution of the catalogue, where recognised
  states_and_organ,
  parliaments,
  civil_society,
  private_sector,
  citizens,
  international_community,
  unnamed_body,  // a body the catalogue does not know
};

[[nodiscard]] std::string_view to_string(VerbType value) noexcept;
[[nodiscard]] std::string_view to_string(Formulation value) noexcept;
[[nodiscard]] std::string_view to_string(QualifierKind value) noexcept;
[[nodiscard]] std::string_view to_string(DueKind value) noexcept;
[[nodiscard]] std::string_view to_string(AddresseeKind value) noexcept;

struct Qualifier {
  QualifierKind kind = QualifierKind::as_appropriate;
  Span span;
};

/// A date or duty in time that binds. Dates of past events and in names are none.
struct Due {
  DueKind kind = DueKind::deadline;
  std::string edtf;    // "../2006-11", "2004", "1998-05-04", "P3Y"; empty = undated in the text
  std::string latest;  // ISO date on which it is at the latest due; empty where none follows
  std::string event;   // "next_summit", or the event's printed name for relative; else empty
  // The words that say it. Empty where they stand in a governing text: `above` has these words
  // then, which hold for the items that have no date of their own; empty too where a person set the
  // date.
  Span span;
  std::string above;

  [[nodiscard]] std::string_view printed(std::string_view text) const {
    return above.empty() ? span.of(text) : std::string_view(above);
  }
};

struct Clause {
  std::int32_t ordinal = 0;  // 1, 2, …
  Span span;                 // clauses do not overlap and stand in the text's order
  Span verb;                 // as printed; empty when the chapeau's verb governs
  std::string lemma;         // English lemma ("promote") where the lexicon knows it, else folded
  VerbType verb_type = VerbType::undertake;
  AddresseeKind addressee = AddresseeKind::states;
  std::string addressee_id;  // institution id for organ and states_and_organ, if recognised
  Span addressee_span;       // empty when nobody is named: the parties of the document
  std::string addressee_above;  // who is responsible by the row that the item stands in
  Span deliverable;          // what is asked
  Formulation formulation = Formulation::firm;
  std::vector<Qualifier> qualifiers;
  std::int32_t due = -1;        // index into Analysis::dues, -1 when none
  std::int32_t depends_on = 0;  // ordinal of the clause whose verb and addressee it continues
  bool verb_from_chapeau = false;
  std::string set_by = "rule";
};

/// A name of an instrument or institution found in a text.
struct Mention {
  std::string id;
  Span span;
};

/// Finds instruments and institutions by their catalogue patterns. A pattern is a folded phrase,
/// matched word by word (so hyphens, blanks, British spelling and "InterAmerican" do not matter);
/// one that begins with '=' is an acronym, matched letter for letter and case-sensitively.
/// Immutable after creation; any thread.
class Recogniser {
 public:
  Recogniser(std::span<const Instrument> instruments, std::span<const Institution> institutions);
  explicit Recogniser(const Catalogue& catalogue);
  Recogniser(const Recogniser&) = delete;
  Recogniser& operator=(const Recogniser&) = delete;
  Recogniser(Recogniser&&) noexcept;
  Recogniser& operator=(Recogniser&&) noexcept;
  ~Recogniser();

  /// In the order of the text. Of overlapping instruments the longest wins.
  [[nodiscard]] std::vector<Mention> instruments(std::string_view text) const;
  /// In the order of the text; a body inside the name of another one, or of an instrument, counts
  /// too ("OAS General Assembly" is the OAS and its General Assembly).
  [[nodiscard]] std::vector<Mention> institutions(std::string_view text) const;

 private:
  struct Impl;
  std::unique_ptr<const Impl> impl_;
};

/// The ids of `mentions`, each once, in order of first mention.
[[nodiscard]] std::vector<std::string> distinct_ids(const std::vector<Mention>& mentions);

/// What a person set of a clause of a governing text, where it differs from what rules read.
struct SetClause {
  std::int32_t ordinal = 0;
  bool last = false;  // of the text's clauses
  std::optional<std::string> verb;
  std::optional<std::string> addressee;  // a kind of addressee, or an institution's id
  std::optional<std::string> due;        // EDTF; empty: there is none
};

struct GoverningText {
  std::string text;
  std::vector<SetClause> set = {};
};

struct AnalysisContext {
  Language language = Language::en;
  std::int32_t year = 0;  // of the document; 0 = unknown: then only explicit wording binds
  std::span<const GoverningText> above;         // the texts that govern this one, the nearest first
  AddresseeKind party = AddresseeKind::states;  // who speaks: parliaments for their priorities
  const Recogniser* recogniser = nullptr;       // borrowed during the call; may be null
};

struct Analysis {
  std::vector<Clause> clauses;  // at least one for a text with a letter in it
  std::vector<Due> dues;        // in the order of the text
  bool actionable = false;      // some clause is not declaratory
  bool chapeau = false;         // ends in a colon: governs what follows
};

/// Of the rules by which analyse() reads, kept with what it read: raise it whenever the same words
/// may be read otherwise (analysis_languages_test.cpp notices most such changes).
inline constexpr std::int64_t kReadingRules = 5;

/// Cost: linear in the text, about 50 microseconds for 100 words.
[[nodiscard]] Analysis analyse(std::string_view text, const AnalysisContext& context);

/// Only the dates of analyse(); for texts that are no commitments too.
[[nodiscard]] std::vector<Due> find_dues(std::string_view text, const AnalysisContext& context);

}  // namespace atalaya::commitments
