#pragma once
// The commitments desk: what was committed, where it is written, and how it was read.
// Every number on a page, in the API and in an export comes from here, computed once over the
// list of commitments. All members may be called by any thread.

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <atalaya/base/json.hpp>
#include <atalaya/base/result.hpp>
#include <atalaya/base/text.hpp>
#include <atalaya/base/time.hpp>
#include <atalaya/commitments/catalogue.hpp>
#include <atalaya/commitments/parse.hpp>
#include <atalaya/ledger/ledger.hpp>
#include <atalaya/store/database.hpp>
#include <atalaya/text/search.hpp>

namespace atalaya::commitments {

/// A clause as stored; spans are byte offsets in the commitment's text of `language`.
struct ClauseView {
  std::int32_t ordinal = 0;
  std::int32_t begin = 0, end = 0;
  std::string language;
  std::string verb, verb_printed;
  std::string addressee, addressee_printed;
  std::string deliverable;
  std::string due;          // EDTF; empty = undated in the text held
  std::string formulation;  // firm | qualified | hortatory | declaratory
  std::vector<std::string> qualifiers;
  std::string set_by;  // "rule" or an account's name
  std::int32_t depends_on = 0;     // the clause whose verb and addressee it continues; 0 = none
  bool verb_from_chapeau = false;  // its verb stands in the governing item
  std::string due_latest;          // ISO day on which it is at the latest due; may be empty
  std::int64_t version = 0;        // of the newest decision; 0 = rules read it, nobody else did
  std::string due_event;           // what it waits for: "next_summit", or the name as printed
  /// Who set in a text above what a clause that rules read takes from there; empty: nobody.
  std::string set_above_by;
};

/// A decision about a clause. Version 0 is what rules read in the text that is shown.
struct ClauseVersion {
  std::int32_t ordinal = 0;
  std::int64_t version = 0;
  std::string decision;  // read (by rules) | set | back (to what rules read)
  std::string verb, addressee, deliverable, due, formulation;
  std::vector<std::string> qualifiers;
  std::string reason, set_by, set_at;  // set_at empty: before decisions were kept
};

struct ClauseEdit {
  std::int32_t ordinal = 0;
  std::int64_t version = 0;  // the newest that the editor saw
  bool back = false;         // to what rules read; the words below say nothing then
  std::string verb, addressee, deliverable, due, formulation;
  std::vector<std::string> qualifiers;
  std::string reason, set_by;
  std::string account;  // id of the account, for the log
  /// Numbers of the commitment's dates of which an outcome is recorded; 0: of all of them.
  std::vector<std::int64_t> dates_recorded;
};

/// Of one text that an editor writes about a clause, in characters; qualifiers together.
inline constexpr std::size_t kClauseVerbMax = 200;
inline constexpr std::size_t kClauseTextMax = 4000;
inline constexpr std::size_t kReasonMax = 500;
/// Dates that persons set of a clause are numbered from here on, by the clause.
inline constexpr std::int32_t kDateOfClause = 1000;
/// Whom a clause may ask besides the bodies of the catalogue.
inline constexpr std::string_view kAddressees[] = {
    "states",        "parliaments",    "states_and_organ", "organ", "unnamed_body",
    "civil_society", "private_sector", "citizens",         "international_community"};

struct DueView {
  std::string edtf;
  std::string kind;  // deadline | reporting_duty | recurring | scheduled_event | relative | period | conditional
  std::string printed;
  bool soft = false;
  std::string set_by;
  std::string latest, event;  // as in ClauseView
  std::string set_above_by = {};  // as in ClauseView
};

struct TextView {
  std::string language;
  std::string standing;  // official | translation
  std::string text;
  std::string source;    // source document id
};

/// One place where a commitment is written.
struct AppearanceView {
  std::string source;  // source document id
  std::string source_file, source_title, source_theme, language;
  std::string imported_at;
  bool newest = true;           // no later version of its page is held
  std::int32_t line_count = 0;  // of the whole source
  ParsedItem item;
  std::vector<std::pair<std::int32_t, std::string>> before, after;  // neighbouring lines with text
  std::vector<std::pair<std::int32_t, std::string>> own_lines;
};

/// A row of a list.
struct CommitmentRow {
  std::string id, meeting, document;
  std::int32_t year = 0;
  std::string role;
  std::string theme;
  bool actionable = true, held = false;
  std::string title, summary;     // our own words, in the language asked for; may be empty
  std::string title_language;     // of `title`, when it is not the language asked for
  std::string text_start;         // of the text that is held
  std::string text_standing;  // official | translation, of `text_start`; empty where none is held
  std::string citation_status;    // from_child | from_sibling | inferred where none is printed
  std::string printed_in;  // without a document of the catalogue: what the file calls itself

  /// For whoever shows the title outside of a page that says it; empty where there is no title.
  [[nodiscard]] std::string_view title_standing() const {
    return title.empty() ? std::string_view() : std::string_view("not official text");
  }
};

struct AntecedentView {
  std::int64_t id = 0;
  std::string later, earlier;
  std::string type;  // restates | strengthens | weakens | fulfils | supersedes | reports_on
  std::string reason, confirmed_by, confirmed_at;
  // Why the ranking proposed it, as in CandidateView; empty where a person found it.
  std::vector<std::pair<std::string, std::string>> suggested_because;
  CommitmentRow other;  // the end that is not the page's commitment
};

/// An id that the commitment's new words would have had alone, and who said that they are its.
struct WordingView {
  std::string later, reason, said_by, said_at;
};

/// What a person decided about a theme, instrument or institution of a commitment.
struct LinkDecision {
  std::string kind;      // theme | instrument | institution
  std::string target;    // id in the catalogue
  std::string decision;  // add | remove
  std::string reason, set_by, set_at;
};

/// Of the commitments of a page, how many a decision changed and how many were so already.
struct LinkedPage {
  std::int32_t changed = 0, unchanged = 0;
};

struct CommitmentView {
  CommitmentRow row;
  std::string same_as;  // then all that is known stands there; this one is not counted
  std::vector<WordingView> wordings;
  std::string gone_from;  // the newest version that no longer holds it; then it is not counted
  std::vector<TextView> texts;
  std::vector<std::string> themes, instruments, institutions;
  std::map<std::string, std::string> link_set_by;  // "instrument:untoc" -> "rule"
  std::vector<ClauseView> clauses;
  std::vector<DueView> dues;
  std::vector<AppearanceView> appearances;
  std::vector<AntecedentView> antecedents;  // confirmed, both directions, by year
  std::optional<CommitmentRow> parent;
  std::vector<CommitmentRow> children;
  std::string title_set_by;  // "catalogue" or an account's name
  std::vector<StatementOfPosition> statements;
  std::string previous_id, next_id;  // in the order of the list of its document
};

struct SourceView {
  std::string id, file_name, format, kind, language, standing, title, theme, meeting, document;
  std::string imported_at, imported_by, follows, twin_of;
  std::int64_t size = 0;
  std::int32_t items = 0, level_1 = 0, line_count = 0;
  json::value summary;
};

/// An instrument or institution that a text beside the commitments names, as rules found it.
struct SourceLink {
  std::string role;          // of the paragraph; empty: the document as a whole, notes included
  std::int32_t ordinal = 0;  // of the paragraph
  std::string kind;          // instrument | institution
  std::string target;        // id in the catalogue
  std::int32_t line = 0;     // of the paragraph, or where the document names it first
  std::int32_t printed_year = 0;  // right behind the name; 0 = none
};

/// A text that names an instrument or institution, in a document that is held.
struct NamedPlace {
  std::string source, source_title, source_theme, source_file;
  SourceLink link;
};

struct SourceDetail {
  SourceView source;
  std::vector<std::string> lines;
  std::vector<std::pair<ParsedItem, std::string>> items;  // with commitment id
  std::vector<ParsedItem> paragraphs;                     // recitals and guidance
  std::vector<StatementOfPosition> statements;
  std::vector<NamedState> states;
  std::vector<NamedTreaty> treaties;
  std::vector<SourceLink> links;  // by role, ordinal, kind, line

  /// The targets of one kind that a paragraph names; role and ordinal empty: the whole document.
  [[nodiscard]] std::vector<std::string> linked(std::string_view kind, std::string_view role = {},
                                                std::int32_t ordinal = 0) const;
};

/// Empty fields do not filter. Values of one field are alternatives.
struct Filter {
  std::vector<std::string> themes, meetings, documents, instruments, institutions, roles, series;
  std::vector<std::string>
      formulations;  // of some clause: firm | qualified | hortatory | declaratory
  std::vector<std::int32_t> years;
  std::optional<bool> actionable, held, dated;
  bool gone = false;  // also what the newest version of its page no longer holds
};

struct Page {
  std::int64_t total = 0;
  std::vector<CommitmentRow> rows;
};

/// Where commitments of a meeting stand that the catalogue does not know: all that is known of it.
struct MeetingPlace {
  std::string source, source_title, source_theme, source_file;
  std::string document, place;  // as the citations print them; may be empty
  std::int32_t line = 0;        // of the first
  std::int32_t commitments = 0;
};

/// One cell of "by year and theme": declarations apart from plans and mandates.
struct CountCell {
  std::int32_t year = 0;
  std::string theme;
  std::int32_t acts = 0;          // plan of action, mandates, commitment, priorities
  std::int32_t declarations = 0;
  std::int32_t actionable = 0;    // commitments with at least one clause that asks for something
};

/// Clauses of the summits' commitments of one year, each by its own words.
struct YearClauses {
  std::int32_t year = 0;
  std::int32_t asking = 0;     // firm, qualified or hortatory
  std::int32_t declaring = 0;  // declaratory
};

struct Overview {
  std::int32_t commitments = 0;        // all
  std::int32_t summit = 0, ministers = 0, parliaments = 0;
  std::int32_t held = 0;        // with a text
  std::int32_t translated = 0;  // of them, with translations alone
  std::int32_t sources = 0, meetings = 0, documents = 0;
  std::int32_t clauses = 0, actionable = 0, dated = 0;
  std::int32_t on_subject = 0;  // named by the theme that the program is about, or a narrower one
  std::int32_t inferred_citations = 0;     // from their place alone, on some page
  std::int32_t citations_not_printed = 0;  // printed nowhere, from a neighbour or from their place
  std::vector<YearClauses> clause_years;   // summits only, by year
  std::vector<CountCell> cells;        // summits only, ordered by theme, then year
};

struct CountedTarget {
  std::string id;
  std::int32_t commitments = 0;
};

struct TitleVersion {
  std::string language;
  std::int64_t version = 0;  // 0 = the catalogue's
  std::string title, summary, set_by, set_at, reason;
};

/// What check_against_log() found.
struct LogCheck {
  std::vector<std::string> problems;  // one sentence for each difference, at most 100
  std::int32_t documents = 0;         // held
  std::int32_t documents_texts_only = 0;  // imported before the log recorded more than texts
};

/// A ranked candidate relative with its reasons, for a person to confirm.
struct CandidateView {
  CommitmentRow row;
  double score = 0;
  std::vector<std::pair<std::string, std::string>> reasons;  // kind, what
  std::string suggested_type;
};

struct SearchQuery {
  std::string text;
  Language language = Language::en;
  std::int32_t limit = 20, offset = 0;
  std::map<std::string, std::vector<std::string>> facets;
};

struct SearchHit {
  CommitmentRow row;
  double score = 0;
  std::vector<std::pair<std::string, bool>> snippet;  // text, is a match
  std::string snippet_language;                       // empty where there is no snippet
  std::string snippet_standing;  // official | translation | summary (our words); likewise
};

/// A recital, a paragraph of guidance or a statement of position: beside the commitments, and
/// never counted among them.
struct TextHit {
  std::string source, source_title, language;  // of the document; the language may be empty
  std::string standing;                        // official | translation, likewise
  std::string role;  // recital | key_question | … | statement_of_position
  std::int32_t ordinal = 0, line = 0;
  std::string label;                                  // as printed; of a paragraph
  std::string actor;                                  // of a statement: ISO 3166-1 alpha-3, or ""
  std::vector<std::pair<std::string, bool>> snippet;  // as in SearchHit, in `language`
  double score = 0;
};

struct SearchAnswer {
  std::int64_t total = 0;  // of commitments, as are the facets but "role", which counts texts, too
  std::vector<SearchHit> hits;
  std::int64_t texts_total = 0;  // beside the commitments, with all the words
  std::vector<TextHit> texts;
  std::map<std::string, std::vector<std::pair<std::string, std::int64_t>>> facets;
  std::string did_you_mean;
  bool no_words = false;  // the query has no letter and no digit: nothing was searched for
  bool any_word = false;         // no commitment has all the words
  std::int64_t index_behind = 0; // changes that the index has not read yet
};

struct DeskParts {
  store::Database* database = nullptr;
  ledger::Ledger* ledger = nullptr;
  std::shared_ptr<const Catalogue> catalogue;
  text::SearchIndex* index = nullptr;  // may be absent: search fails with unavailable
  const Clock* clock = nullptr;
};

struct RereadOptions;
struct RereadReport;

/// How many texts of commitments are held, and of how many an earlier program read the clauses.
struct HeldReadings {
  std::int64_t held = 0;
  std::int64_t earlier = 0;
};

class Desk {
 public:
  /// Brings the store's commitments up to the embedded catalogue (one transaction, one ledger
  /// leaf, only when the catalogue changed).
  [[nodiscard]] static Result<std::unique_ptr<Desk>> open(const DeskParts& parts);
  ~Desk();

  [[nodiscard]] const Catalogue& catalogue() const noexcept;

  /// Where the meeting's commitments that no document of the catalogue holds stand: by file and
  /// what the citations print, in the order of the files; at most 200, of the newest version of
  /// each page. Fails as the store does.
  [[nodiscard]] Result<std::vector<MeetingPlace>> places_of_meeting(std::string_view meeting) const;

  [[nodiscard]] Result<Overview> overview() const;
  [[nodiscard]] Result<Page> list(const Filter& filter, Language language, std::int32_t limit,
                                  std::int32_t offset) const;
  /// How many commitments each value of a field has under `filter` (that field's own filter
  /// apart): field is theme | meeting | document | instrument | institution | year | role.
  [[nodiscard]] Result<std::vector<CountedTarget>> counts(std::string_view field,
                                                          const Filter& filter) const;
  /// Fails with not_found (commitments.not_found).
  [[nodiscard]] Result<CommitmentView> get(std::string_view id, Language language) const;
  [[nodiscard]] Result<std::vector<SourceView>> sources() const;
  [[nodiscard]] Result<SourceDetail> get_source(std::string_view id) const;
  /// Where an instrument or institution is named in recitals, guidance and documents as a whole,
  /// by document; of newest versions only.
  [[nodiscard]] Result<std::vector<NamedPlace>> named_in(std::string_view kind,
                                                         std::string_view target) const;
  /// The bytes as they were imported.
  [[nodiscard]] Result<std::string> source_bytes(std::string_view id) const;

  [[nodiscard]] Result<SearchAnswer> search(const SearchQuery& query) const;
  /// Reads the change feed into the index; answers how many changes were read. Called by one
  /// thread at a time.
  [[nodiscard]] Result<std::int64_t> follow_index(std::int64_t changes_max);
  [[nodiscard]] Result<std::int64_t> index_behind() const;

  [[nodiscard]] Result<std::vector<CandidateView>> candidates(std::string_view id,
                                                              Language language,
                                                              std::int32_t limit) const;
  /// Fails with invalid_argument (commitments.antecedent.order) when `later` is older, conflict
  /// (commitments.antecedent.exists).
  /// Where the ranking has proposed the pair to somebody, its reasons are kept with the link.
  [[nodiscard]] Result<std::int64_t> confirm_antecedent(std::string_view later,
                                                        std::string_view earlier,
                                                        std::string_view type,
                                                        std::string_view reason,
                                                        std::string_view by);
  [[nodiscard]] Result<void> withdraw_antecedent(std::int64_t id, std::string_view by);

  /// `version` is the newest version that the editor saw (0: the catalogue's); another newest
  /// one fails with conflict (commitments.title.changed); a change without a reason, with
  /// invalid_argument (commitments.title.reason).
  [[nodiscard]] Result<void> set_title(std::string_view id, const TitleVersion& title);
  [[nodiscard]] Result<std::vector<TitleVersion>> title_history(std::string_view id) const;

  /// Sets one clause by hand, or goes back to what rules read. The date that is set stands in the
  /// place of the one that rules read for this clause; an empty one withdraws it. Fails with
  /// invalid_argument (commitments.clause.due, .formulation, .addressee, .empty, .bad, .controls,
  /// .reason), not_found (commitments.clause.not_found), conflict (commitments.clause.changed:
  /// another version is the newest; .unread: nothing to go back to; .outcome: an outcome is recorded
  /// of a date that would be no more).
  [[nodiscard]] Result<void> set_clause(std::string_view id, const ClauseEdit& edit);
  /// All decisions about the commitment's clauses, by clause and version.
  [[nodiscard]] Result<std::vector<ClauseVersion>> clause_history(std::string_view id) const;

  /// Says that `later` is `commitment` in new words: its appearances, texts, clauses and links
  /// become the commitment's, and it is counted no more. Fails with invalid_argument
  /// (commitments.same.self, .meeting, .reason), conflict (commitments.same.exists).
  [[nodiscard]] Result<void> say_same(std::string_view later, std::string_view commitment,
                                      std::string_view reason, std::string_view by);
  /// Takes back what say_same() or an import said: the places with those words, their texts and
  /// clauses, read anew, are `later`'s again; what persons set of clauses, linked as antecedents or
  /// entitled meanwhile stays with the commitment. Both log entries remain. Fails with
  /// invalid_argument (commitments.same.reason), not_found (commitments.same.none).
  [[nodiscard]] Result<void> take_back_same(std::string_view later, std::string_view reason,
                                            std::string_view by);
  /// Commitments of the same meeting whose words are nearest to those of `id`, best first: what
  /// `id` may be other words of.
  [[nodiscard]] Result<std::vector<CommitmentRow>> like_worded(std::string_view id,
                                                               Language language,
                                                               std::int32_t limit) const;

  [[nodiscard]] Result<HeldReadings> held_readings() const;
  /// Reads the clauses and dates of those texts by the rules of this program (reread.hpp). One
  /// transaction; fails with conflict (commitments.reread.stale) where somebody changed the desk
  /// meanwhile.
  [[nodiscard]] Result<RereadReport> reread(const RereadOptions& options);

  /// A person's decision holds against rules and catalogue, now and after later imports. Fails
  /// with invalid_argument (commitments.link.bad), not_found (commitments.not_found), conflict
  /// (commitments.link.exists, commitments.link.none).
  /// A theme that is added stands behind those that are there; the first is the main one.
  [[nodiscard]] Result<void> set_link(std::string_view id, const LinkDecision& link);
  /// The same for all commitments of a held document that are not so already, in one transaction.
  /// Fails as set_link does, with not_found (commitments.source.not_found), and with conflict
  /// (commitments.link.exists, commitments.link.none) where nothing would change.
  [[nodiscard]] Result<LinkedPage> set_link_of_source(std::string_view source,
                                                      const LinkDecision& link);
  /// Oldest first.
  [[nodiscard]] Result<std::vector<LinkDecision>> link_history(std::string_view id) const;

  /// Compares what is held with what the log says was imported or set: source documents, texts,
  /// citations, lines, clauses, dates, statements of position, states and treaties.
  [[nodiscard]] Result<LogCheck> check_against_log() const;

  /// Raised by every write; a cache of pages is valid for one value.
  [[nodiscard]] std::int64_t version() const noexcept;
  /// Raises version() when another process (an import on the command line) has written.
  [[nodiscard]] Result<void> notice_changes();

 private:
  friend class Importer;
  friend class Exporter;
  friend class CommitmentWalk;
  struct State;
  explicit Desk(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace atalaya::commitments
