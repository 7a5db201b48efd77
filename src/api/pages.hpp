#pragma once
// The pages, each a pure function from what a desk said to HTML: no store, no clock, no request.
// Any thread. A handler reads the desk, fills a view and calls one of these; which means that a
// test can render every page from views made by hand.

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <atalaya/base/result.hpp>
#include <atalaya/base/text.hpp>
#include <atalaya/commitments/catalogue.hpp>
#include <atalaya/commitments/desk.hpp>
#include <atalaya/commitments/import.hpp>
#include <atalaya/followup/cube.hpp>

#include "search_places.hpp"

namespace atalaya::api {

namespace commitments = ::atalaya::commitments;

/// What every page needs besides its view.
struct PageContext {
  Language language = Language::en;
  std::string path;  // without language, with query as sent: "/commitments?theme=drugs"
  const commitments::Catalogue* catalogue = nullptr;  // never null
  std::string node_name;
  std::string origin;          // "https://node.example"; empty where it is not known
  std::string as_of;           // ISO date of the newest change; may be empty
  std::int64_t log_size = -1;  // -1 = not shown
  std::string log_root;        // hexadecimal
  std::string account;         // name of who is signed in; empty = nobody
  bool may_edit = false;       // shows the links of editors
  std::string csrf;            // value of the hidden field `csrf` of every form that writes
};

struct TreatyActs;  // pages_followup.hpp
struct MatrixView;  // pages_followup_cells.hpp
struct ChecklistsView;  // pages_checklists.hpp

using Query = std::vector<std::pair<std::string, std::string>>;

/// theme, year, meeting, document, role, instrument, institution, series (each may repeat),
/// actionable, held, dated (yes | no). Unknown names and values that are no such thing are left
/// out.
[[nodiscard]] commitments::Filter filter_from(const Query& query);
/// The same filter as a query string with "?", in one order; "" when it filters nothing.
[[nodiscard]] std::string query_of(const commitments::Filter& filter, std::int32_t page = 1);
/// `page` of a query, 1 or more; or another parameter that counts from 1.
[[nodiscard]] std::int32_t page_from(const Query& query, std::string_view name = "page");
inline constexpr std::int32_t kRowsPerPage = 25;

struct HomeView {
  commitments::Overview overview;
  std::vector<commitments::CountedTarget> meetings, instruments;
};

[[nodiscard]] std::string render_home(const PageContext& context, const HomeView& view);

struct BrowseView {
  commitments::Filter filter;
  std::int32_t page = 1;
  commitments::Page rows;
  /// theme | year | meeting | document | role -> how many, under the other filters.
  std::map<std::string, std::vector<commitments::CountedTarget>> counts;
};

[[nodiscard]] std::string render_browse(const PageContext& context, const BrowseView& view);

struct SearchView {
  commitments::SearchQuery query;
  std::int32_t page = 1;
  commitments::SearchAnswer answer;
  std::vector<Place> places;   // what else has this name
  std::optional<Error> error;  // the index is not there: the page says so
};

[[nodiscard]] std::string render_search(const PageContext& context, const SearchView& view);

[[nodiscard]] std::string render_commitment(const PageContext& context,
                                            const commitments::CommitmentView& view);

struct DocumentsView {
  std::vector<commitments::CountedTarget> documents;
  std::vector<commitments::SourceView> sources;
};

[[nodiscard]] std::string render_documents(const PageContext& context, const DocumentsView& view);

/// A page of the catalogue about one thing: a document, meeting, theme, treaty or institution.
struct TopicView {
  std::string id;
  std::shared_ptr<const TreatyActs> treaty_acts = {};  // of a treaty
  commitments::Page rows;  // its commitments, the first 100
  std::vector<commitments::CountedTarget> documents, meetings, themes, instruments, years;
  std::vector<commitments::SourceView> sources;  // imported files that belong to it
  std::vector<std::string> source_themes;        // of all pages that are held, as printed
  std::vector<commitments::NamedPlace> named;    // where files name it beside the commitments
  std::vector<commitments::MeetingPlace> places = {};  // of a meeting the catalogue does not know
};

[[nodiscard]] std::string render_document(const PageContext& context, const TopicView& view);
[[nodiscard]] std::string render_meeting(const PageContext& context, const TopicView& view);
[[nodiscard]] std::string render_theme(const PageContext& context, const TopicView& view);
[[nodiscard]] std::string render_treaty(const PageContext& context, const TopicView& view);
[[nodiscard]] std::string render_institution(const PageContext& context, const TopicView& view);

using Counts = std::vector<commitments::CountedTarget>;
[[nodiscard]] std::string render_meetings(const PageContext& context, const Counts& counts);
[[nodiscard]] std::string render_themes(const PageContext& context, const Counts& counts);
[[nodiscard]] std::string render_treaties(const PageContext& context, const Counts& counts);
[[nodiscard]] std::string render_institutions(const PageContext& context, const Counts& counts);

/// An imported file, its lines beside what was read in them. A long one by windows: the one that
/// holds line `from`.
[[nodiscard]] std::string render_source(const PageContext& context,
                                        const commitments::SourceDetail& detail,
                                        std::int32_t from = 1);

/// `documents`: how many commitments each document holds.
[[nodiscard]] std::string render_countries(const PageContext& context, const Counts& documents);

using DocumentParts = std::map<std::string, followup::DocumentPart, std::less<>>;

/// What one state took part in, as the follow-up knows it. The counts are over the commitments of
/// these documents; those without a list of participants say nothing about it and are shown so.
struct CountryView {
  std::string id;
  DocumentParts parts;  // by document
  std::shared_ptr<const TreatyActs> treaty_acts = {};  // of a state
  std::shared_ptr<const MatrixView> followup = {};     // of a state: its column of the cube
  std::shared_ptr<const ChecklistsView> checklists = {};
  Counts documents;  // of every document, whoever took part
  std::int64_t commitments = 0;
  Counts themes, instruments;
  commitments::Page dated;  // with a date or a duty in time
  struct Statement {
    std::string source, text, language;
    std::int32_t line = 0, lines = 0;  // of how many
    std::string role = {};             // of the paragraph that it is on: recital | operative
    std::int32_t ordinal = 0;
    std::string commitment = {};                     // that the paragraph is
    std::string document = {}, note = {}, cited = {};  // without the text: what is recorded
  };
  std::vector<Statement> statements;  // its statements of position
};

/// Those in which it took part and that it did not leave.
[[nodiscard]] std::vector<std::string> documents_of(const DocumentParts& parts);
[[nodiscard]] std::string render_country(const PageContext& context, const CountryView& view);

struct MethodsView {
  commitments::Overview overview;
  std::vector<commitments::SourceView> sources;
};

[[nodiscard]] std::string render_methods(const PageContext& context, const MethodsView& view);
[[nodiscard]] std::string render_data(const PageContext& context, const MethodsView& view);

/// What a reader is told instead of a page. `message` is in the reader's language already.
struct ErrorView {
  int status = 500;
  std::string reason, message;
  std::string request_id;
  std::int64_t bytes_max = 0;  // 413: what the address takes; 0 = nothing
};

/// What happened and what to do next, never the detail meant for operators.
[[nodiscard]] std::string render_error(const PageContext& context, const ErrorView& view);

// Editors.

struct SignInView {
  std::string name;            // as typed before
  std::string next;            // path to go to afterwards
  bool second_factor = false;  // name and password were right: ask for the code
  std::string ticket;          // carries the first step to the second
  std::optional<Error> error;
};

[[nodiscard]] std::string render_sign_in(const PageContext& context, const SignInView& view);

struct DeskView {
  std::vector<commitments::SourceView> sources;
  std::int64_t index_behind = 0;
  std::optional<std::string> done;  // message key of what was just done
  bool tasks = false;               // whether the follow-up may have tasks for this role
  std::int64_t read_earlier = 0;    // texts whose clauses an earlier program read
};

[[nodiscard]] std::string render_desk(const PageContext& context, const DeskView& view);

/// An import before it is applied. One row an item: what it is and what it would change.
struct ImportRow {
  commitments::ParsedItem item;
  std::string commitment;
  std::string change;  // added | joined | unchanged | text_differs
};

struct ImportFile {
  std::string name, kind, format, language, title;
  bool known = false;
  bool needs_acceptance = false;  // so much would change that the editor must say yes
  std::string follows, twin_of, standing;
  std::int32_t duplicates = 0, added = 0, unchanged = 0;
  std::vector<std::string> themes;  // that the title names, for the `themed` items without one
  std::int64_t themed = 0;
  std::vector<ImportRow> rows;
  std::vector<commitments::Warning> warnings;
  std::vector<std::string> gone, gone_texts;
  std::vector<commitments::Rewording> rewordings;
};

struct ImportView {
  std::string token;  // names the kept plan; empty = nothing uploaded yet
  std::vector<ImportFile> files;
  std::optional<Error> error;
};

[[nodiscard]] std::string render_import(const PageContext& context, const ImportView& view);

struct AntecedentsView {
  commitments::CommitmentView commitment;
  std::vector<commitments::CandidateView> candidates;
  std::optional<Error> error;
};

[[nodiscard]] std::string render_antecedents(const PageContext& context,
                                             const AntecedentsView& view);

struct TitlesView {
  commitments::CommitmentView commitment;
  std::vector<commitments::TitleVersion> history;  // newest first
  std::optional<Error> error;
};

[[nodiscard]] std::string render_titles(const PageContext& context, const TitlesView& view);

struct ClausesView {
  commitments::CommitmentView commitment;
  std::vector<commitments::ClauseVersion> history;  // by clause and version
  std::optional<commitments::ClauseEdit> mine;      // what was refused, to be mended
  std::optional<Error> error;
};

[[nodiscard]] std::string render_clauses(const PageContext& context, const ClausesView& view);

}  // namespace atalaya::api
