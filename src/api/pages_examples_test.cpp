#include <array>
#include <optional>

#include "pages_desk_words.hpp"
#include "pages_examples.hpp"

namespace atalaya::api::examples {
namespace {

using namespace commitments;

struct Words {
  bool hostile = false;

  std::string operator()(std::string_view text) const {
    return std::string(hostile ? kHostile : text);
  }
};

CommitmentRow row(const Words& words, std::string id, std::string meeting, std::string document,
                  std::int32_t year) {
  CommitmentRow out;
  out.id = std::move(id);
  out.meeting = std::move(meeting);
  out.document = std::move(document);
  out.year = year;
  out.role = "operative";
  out.theme = "firearms";
  out.held = true;
  out.title = words("Ratify the firearms convention and trace firearms used in crime");
  out.summary = words(
      "States will join the convention soon, adopt the model rules, and keep a "
      "register by which a weapon used in a crime can be traced to its maker.");
  out.text_start = words("Join the convention on firearms");
  return out;
}

std::vector<CommitmentRow> rows(const Words& words) {
  std::vector<CommitmentRow> out = {
      row(words, "summit-1998-aaaa1111", "summit-1998", "summit-1998-plan", 1998),
      row(words, "summit-2001-bbbb2222", "summit-2001", "summit-2001-plan", 2001),
      row(words, "summit-2009-cccc3333", "summit-2009", "summit-2009-declaration", 2009),
      row(words, "pns-2025-dddd4444", "pns-2025", "pns-2025-priorities", 2025)};
  out[1].role = "chapeau";
  out[2].actionable = false;
  out[2].title = words("Mark, trace and destroy weapons, and sanction brokers");
  out[3].role = "priority";
  out[3].held = false;
  out[3].title = "";
  return out;
}

ClauseView clause(const Words& words, const std::string& text, std::string_view part,
                  std::string_view verb) {
  ClauseView out;
  out.begin = static_cast<std::int32_t>(text.find(part));
  out.end = out.begin + static_cast<std::int32_t>(part.size());
  out.language = "en";
  out.verb = std::string(verb);
  out.verb_printed = std::string(verb);
  out.addressee = "states";
  out.deliverable = words(part);
  out.formulation = "firm";
  out.set_by = "rule";
  return out;
}

AppearanceView appearance(const Words& words, const std::string& text) {
  AppearanceView out;
  out.source = "0123abcd";
  out.source_file = words("security.txt");
  out.source_title = words("Summits of the Americas follow-up, page “Security”");
  out.source_theme = words("SECURITY");
  out.language = "en";
  out.line_count = 314;
  out.item.ordinal = 106;
  out.item.line = 226;
  out.item.line_end = 226;
  out.item.text = text;
  out.item.label = words("1.");
  out.item.citation.raw = words("(Plan of Action Santiago, 1998)");
  out.item.citation.status = CitationStatus::inferred;
  out.item.effective.document = "summit-1998-plan";
  out.item.effective.meeting = "summit-1998";
  out.before = {
      {224,
       words("  1. Strengthen the control mechanisms of the hemisphere, and more of a long line")}};
  out.own_lines = {{226, words("  1. " + text)}};
  out.after = {{228, words("  1. Reduce illicit crops through alternative development")}};
  return out;
}

std::vector<AntecedentView> antecedents(const Words& words) {
  struct Relative {
    std::string id, meeting, document;
    std::int32_t year;
    std::string type, title;
  };

  const std::vector<Relative> relatives = {
      {"summit-1994-a1", "summit-1994", "summit-1994-plan", 1994, "strengthens",
       "Control firearms to avoid diversion"},
      {"summit-2001-a2", "summit-2001", "summit-2001-plan", 2001, "restates",
       "Cooperate against criminal use"},
      {"summit-2001-a3", "summit-2001", "summit-2001-plan", 2001, "restates",
       "Implement as soon as possible"},
      {"summit-2009-a4", "summit-2009", "summit-2009-declaration", 2009, "strengthens",
       "Mark, trace, destroy; sanction brokers"},
      {"summit-2015-a5", "summit-2015", "summit-2015-security", 2015, "weakens",
       "Continue efforts, no treaty named"},
      {"pns-2025-a6", "pns-2025", "pns-2025-priorities", 2025, "restates",
       "Harmonise national laws"}};
  std::vector<AntecedentView> out;
  for (const auto& relative : relatives) {
    AntecedentView view;
    const bool earlier = relative.year < 1998;
    view.id = static_cast<std::int64_t>(out.size()) + 1;
    view.earlier = earlier ? relative.id : "summit-1998-aaaa1111";
    view.later = earlier ? "summit-1998-aaaa1111" : relative.id;
    view.type = relative.type;
    view.reason = words("both ask for tracing");
    view.confirmed_by = words("Ana Editora");
    view.confirmed_at = "2025-11-14T10:00:00Z";
    view.other = row(words, relative.id, relative.meeting, relative.document, relative.year);
    view.other.title = words(relative.title);
    out.push_back(std::move(view));
  }
  return out;
}

CommitmentView commitment(const Words& words) {
  const std::string text =
      words.hostile
          ? std::string(kHostile)
          : "Join the convention on firearms at an early date; approve the model rules of "
            "the commission; encourage those that have not done so to pass the laws that "
            "are necessary, and set up systems to trace weapons used in crime.";
  CommitmentView view;
  view.row = rows(words).front();
  view.texts = {{"en", "official", text, "0123abcd"},
                {"es", "official", words("Adherirse a la convención sobre armas de fuego."), "x"},
                {"pt", "translation", words("Aderir à convenção sobre armas de fogo."), "y"}};
  view.themes = {"firearms", "organised_crime"};
  view.instruments = {"cifta", "cicad-model-regulations"};
  view.institutions = {"cicad", "oas"};
  view.link_set_by = {{"instrument:cifta", "rule"}, {"institution:oas", words("Ana")}};
  if (!words.hostile) {
    view.clauses = {clause(words, text, "Join the convention on firearms at an early date", "Join"),
                    clause(words, text, "approve the model rules of the commission", "approve"),
                    clause(words, text, "encourage those that have not done so", "encourage")};
    for (std::size_t i = 0; i < view.clauses.size(); ++i) {
      view.clauses[i].ordinal = static_cast<std::int32_t>(i) + 1;
    }
    view.clauses[1].due = "../2006-12";
    view.clauses[2].formulation = "hortatory";
    view.clauses[2].qualifiers = {"as appropriate", "domestic law"};
    view.clauses[2].set_by = "Ana Editora";
  }
  DueView due;
  due.edtf = "../2006-12";
  due.kind = "deadline";
  due.printed = words("before December 2006");
  due.set_by = "rule";
  view.dues = {due};
  view.appearances = {appearance(words, text)};
  view.antecedents = antecedents(words);
  view.parent = rows(words)[1];
  view.children = {rows(words)[2]};
  view.title_set_by = "catalogue";
  StatementOfPosition statement;
  statement.actor = "ECU";
  statement.text = words("A state takes a position of its own on this paragraph.");
  view.statements = {statement};
  view.previous_id = "summit-1998-p";
  view.next_id = "summit-1998-n";
  return view;
}

SourceView source(const Words& words) {
  SourceView out;
  out.id = "0123abcd";
  out.file_name = words("security.txt");
  out.format = "text";
  out.kind = "summit_mandates";
  out.language = "en";
  out.standing = "official";
  out.title = words("Security");
  out.theme = words("SECURITY");
  out.imported_at = "2025-11-14T10:00:00Z";
  out.imported_by = words("Ana Editora");
  out.items = 146;
  out.level_1 = 139;
  out.line_count = 314;
  return out;
}

SourceDetail source_detail(const Words& words) {
  SourceDetail out;
  out.source = source(words);
  out.lines = {words("SECURITY"),
               "",
               words("MANDATES"),
               words("  1. Join the convention;"),
               words("    g. and its protocol."),
               "",
               words("  1. Meet again in a year."),
               words("© a footer")};
  ParsedItem item;
  item.ordinal = 1;
  item.line = item.line_end = 4;
  item.text = words("Join the convention;");
  item.label = words("1.");
  item.citation.status = CitationStatus::from_child;
  item.effective.document = "summit-1998-plan";
  item.effective.meeting = "summit-1998";
  out.items.emplace_back(item, "summit-1998-aaaa1111");
  item.ordinal = 2;
  item.level = 2;
  item.line = item.line_end = 5;
  item.citation.status = CitationStatus::own;
  item.citation.raw = words("(Plan, 1998)");
  out.items.emplace_back(item, "summit-1998-bbbb1111");
  item.role = ItemRole::recital;
  item.line = item.line_end = 7;
  out.paragraphs.push_back(item);
  StatementOfPosition statement;
  statement.actor = "ECU";
  statement.line = 7;
  out.statements.push_back(statement);
  out.links = {{"", 0, "instrument", "untoc", 4, 2003},
               {"", 0, "institution", "cicad", 7, 0},
               {"recital", 2, "institution", "cicad", 7, 0}};
  return out;
}

Overview overview() {
  Overview out;
  out.commitments = 187;
  out.summit = 149;
  out.ministers = 31;
  out.parliaments = 7;
  out.held = 187;
  out.sources = 5;
  out.meetings = 13;
  out.documents = 20;
  out.clauses = 402;
  out.actionable = 160;
  out.dated = 28;
  out.inferred_citations = 2;

  struct Row {
    std::string theme;
    std::vector<std::array<std::int32_t, 3>> bars;
  };

  const std::vector<Row> themes = {
      {"drugs",
       {{1994, 7, 1}, {1998, 12, 1}, {2001, 10, 0}, {2005, 1, 0}, {2009, 0, 1}, {2015, 1, 0}}},
      {"defence", {{1998, 15, 0}, {2001, 10, 1}, {2004, 0, 1}, {2005, 1, 1}, {2009, 0, 2}}},
      {"organised_crime",
       {{1994, 5, 0},
        {1998, 2, 1},
        {2001, 5, 0},
        {2005, 1, 0},
        {2009, 0, 2},
        {2012, 2, 0},
        {2018, 3, 0}}},
      {"terrorism",
       {{1994, 3, 1}, {1998, 3, 0}, {2001, 2, 0}, {2004, 0, 3}, {2005, 1, 1}, {2009, 0, 1}}},
      {"digital", {{2022, 12, 0}}},
      {"prevention", {{2001, 2, 0}, {2005, 0, 1}, {2009, 0, 2}, {2012, 1, 0}, {2015, 3, 0}}},
      {"citizen_security", {{2009, 0, 2}, {2012, 5, 0}, {2015, 1, 0}}},
      {"firearms", {{1994, 1, 0}, {1998, 1, 0}, {2001, 2, 0}, {2009, 0, 1}, {2015, 2, 0}}},
      {"rights", {{2022, 6, 0}}},
      {"health", {{2022, 4, 0}}},
      {"trafficking", {{2012, 1, 0}, {2015, 1, 0}}}};
  for (const auto& theme : themes) {
    for (const auto& bar : theme.bars) {
      CountCell cell;
      cell.theme = theme.theme;
      cell.year = bar[0];
      cell.acts = bar[1];
      cell.declarations = bar[2];
      out.cells.push_back(cell);
    }
  }
  return out;
}

Counts meeting_counts() {
  return {{"summit-1994", 18}, {"summit-1998", 35}, {"summit-2001", 32}, {"summit-2004", 4},
          {"summit-2005", 7},  {"summit-2009", 11}, {"summit-2012", 9},  {"summit-2015", 8},
          {"summit-2018", 3},  {"summit-2022", 22}, {"mispa-2008", 31},  {"pns-2025", 7}};
}

Counts instrument_counts() {
  return {{"cifta", 4}, {"untoc", 5}, {"mine-ban", 3}, {"un-drugs-1988", 2}, {"oas-charter", 2}};
}

Counts theme_counts() {
  return {{"drugs", 34}, {"firearms", 7}, {"money_laundering", 5}};
}

SearchView search_view(const Words& words) {
  SearchView view;
  view.query.text = words("tracing firearms");
  view.query.facets = {{"theme", {"firearms"}}};
  view.answer.total = 44;
  for (const auto& hit_row : rows(words)) {
    SearchHit hit;
    hit.row = hit_row;
    hit.snippet = {{words("systems to enhance the "), false},
                   {words("tracing"), true},
                   {words(" of "), false},
                   {words("firearms"), true},
                   {words(" used in crime"), false}};
    hit.snippet_language = "en";
    hit.snippet_standing = view.answer.hits.empty() ? "translation" : "summary";
    view.answer.hits.push_back(hit);
  }
  view.answer.facets = {{"theme", {{"firearms", 7}, {"organised_crime", 2}}},
                        {"year", {{"1998", 3}, {"2001", 2}}},
                        {"meeting", {{"summit-1998", 3}}},
                        {"instrument", {{"cifta", 4}}},
                        {"formulation", {{"firm", 5}}},
                        {"role", {{"operative", 8}, {"recital", 1}, {"statement_of_position", 1}}}};
  view.answer.texts_total = 2;
  view.answer.texts = {{"synthetic-source", words("A synthetic title"), "es", "official", "recital",
                        15, 40, "", "", {{words("noting the "), false}, {words("tracing"), true}},
                        1.5},
                       {"synthetic-source", words("A synthetic title"), "", "translation",
                        "statement_of_position", 1, 90, "", "ECU",
                        {{words("does not join"), false}}, 1.2}};
  view.answer.did_you_mean = words("tracing firearm");
  view.answer.any_word = true;
  view.answer.index_behind = 2;
  return view;
}

BrowseView browse_view(const Words& words) {
  BrowseView view;
  view.filter.themes = {"firearms"};
  view.filter.instruments = {"cifta"};
  view.filter.actionable = true;
  view.page = 2;
  view.rows.total = 187;
  view.rows.rows = rows(words);
  view.counts = {{"theme", theme_counts()},
                 {"meeting", meeting_counts()},
                 {"year", {{"1998", 35}, {"2001", 32}}},
                 {"document", {{"summit-1998-plan", 32}}},
                 {"role", {{"operative", 180}, {"chapeau", 5}}}};
  return view;
}

TopicView topic(const Words& words, std::string id) {
  TopicView view;
  view.id = std::move(id);
  view.rows.total = 4;
  view.rows.rows = rows(words);
  view.documents = {{"summit-1998-plan", 32}, {"summit-1998-declaration", 3}};
  view.meetings = meeting_counts();
  view.themes = theme_counts();
  view.instruments = instrument_counts();
  view.sources = {source(words)};
  view.named = {
      {"a1b2", words("A page"), "", words("a.txt"), {"", 0, "instrument", "untoc", 4, 2003}},
      {"a1b2", words("A page"), "", words("a.txt"), {"recital", 2, "instrument", "untoc", 7, 0}}};
  return view;
}

ImportView import_view(const Words& words) {
  ImportFile file;
  file.name = words("security.txt");
  file.kind = "summit_mandates";
  file.language = "en";
  file.title = words("Security");
  file.twin_of = "x";
  file.added = 1;
  file.duplicates = 18;
  ImportRow import_row;
  import_row.item.ordinal = 1;
  import_row.item.line = 8;
  import_row.item.text = words("Join the convention.");
  import_row.commitment = "summit-1998-aaaa1111";
  import_row.change = "added";
  file.rows = {import_row};
  file.warnings = {{"commitments.parse.citation_inferred",
                    60,
                    "detail",
                    false,
                    {{"document", "summit-1998-plan"}}},
                   {"commitments.parse.meeting_unknown", 61, words("Nuevo León"), true, {}}};
  file.rewordings = {{commitments::Rewording::Kind::suggested, 1, "summit-1998-aaaa1111",
                      "summit-1998-bbbb2222", words("Join the old convention."),
                      words("Join the convention."), 0.8}};
  file.gone = {"summit-1998-bbbb2222", "summit-1998-cccc3333"};
  file.gone_texts = {words("Join the old convention."), words("Leave nothing.")};
  ImportView view;
  view.token = words("token");
  view.files = {file};
  return view;
}

std::optional<Error> error_of(const Words& words) {
  Error error;
  error.code = ErrorCode::conflict;
  error.reason = words("nobody.knows");
  error.detail = "secret detail";
  return error;
}

AntecedentsView antecedents_view(const Words& words) {
  AntecedentsView view;
  view.commitment = commitment(words);
  CandidateView candidate;
  candidate.row = rows(words)[1];
  candidate.reasons = {
      {"wording", words("trace, weapon")}, {"instrument", "cifta"}, {"time", "next_meeting"}};
  candidate.suggested_type = "strengthens";
  view.candidates = {candidate, candidate};
  view.error = error_of(words);
  return view;
}

TitlesView titles_view(const Words& words) {
  TitlesView view;
  view.commitment = commitment(words);
  for (const std::string language : {"en", "es", "pt", "fr"}) {
    TitleVersion version;
    version.language = language;
    version.title = words("A title");
    version.summary = words("A summary.");
    view.history.push_back(version);
  }
  view.history.front().version = 2;
  view.history.front().set_by = words("Ana Editora");
  view.history.front().set_at = "2025-11-14T10:00:00Z";
  view.history.front().reason = words("shorter");
  return view;
}

CountryView country_view(const Words& words) {
  CountryView view;
  view.id = "CRI";
  view.documents = {{"summit-1998-plan", 32}};
  view.commitments = 32;
  view.parts["summit-1998-plan"].takes_part = true;
  view.themes = {{"drugs", 13}, {"firearms", 2}, {words("nothing"), 1}};
  view.instruments = {{"cifta", 4}, {words("nothing"), 1}};
  view.dated.rows = rows(words);
  view.dated.total = 40;
  view.statements = {{"abc", words("reserves its position"), words("en"), 12, 900}};
  return view;
}

class Album {
 public:
  Album(Language language, bool hostile) : language_(language), words_{hostile} {}

  std::vector<std::pair<std::string, std::string>> pages() {
    readers();
    topics();
    editors();
    return std::move(pages_);
  }

 private:
  PageContext at(std::string path) const { return context(language_, std::move(path)); }

  void add(std::string name, std::string html) {
    pages_.emplace_back(std::move(name), std::move(html));
  }

  void readers() {
    add("index", render_home(at("/"), {overview(), meeting_counts(), instrument_counts()}));
    add("commitments", render_browse(at("/commitments?theme=firearms"), browse_view(words_)));
    add("search", render_search(at("/search?q=x"), search_view(words_)));
    add("search-empty", render_search(at("/search"), {}));
    add("commitment", render_commitment(at("/commitments/x"), commitment(words_)));
    CommitmentView not_held;
    not_held.row = rows(words_).front();
    not_held.row.held = false;
    add("commitment-not-held", render_commitment(at("/commitments/y"), not_held));
    add("documents",
        render_documents(at("/documents"), {{{"summit-1998-plan", 32}}, {source(words_)}}));
    add("source", render_source(at("/sources/x"), source_detail(words_)));
    const MethodsView methods{overview(), {source(words_)}};
    add("methods", render_methods(at("/methods"), methods));
    add("data", render_data(at("/data"), methods));
    add("error", render_error(at("/nowhere"), {404, words_("api.not_found"), words_("Nothing."),
                                               words_("0123456789abc")}));
    add("error-large", render_error(at("/"), {413, "http.body.too_big", "", "", 33'554'432}));
    add("error-method", render_error(at("/"), {405, "api.method", words_("Nothing."), ""}));
  }

  void topics() {
    add("document", render_document(at("/documents/x"), topic(words_, "summit-2009-declaration")));
    add("meeting", render_meeting(at("/meetings/x"), topic(words_, "summit-1998")));
    add("theme", render_theme(at("/themes/x"), topic(words_, "firearms")));
    add("treaty", render_treaty(at("/treaties/x"), topic(words_, "cifta")));
    add("institution", render_institution(at("/institutions/x"), topic(words_, "cicad")));
    add("unknown-theme", render_theme(at("/themes/x"), topic(words_, words_("nothing"))));
    add("meetings", render_meetings(at("/meetings"), meeting_counts()));
    add("themes", render_themes(at("/themes"), theme_counts()));
    add("treaties", render_treaties(at("/treaties"), instrument_counts()));
    add("institutions", render_institutions(at("/institutions"), {{"oas", 25}, {"cicad", 13}}));
    add("countries", render_countries(at("/countries"), {}));
    add("country", render_country(at("/countries/CRI"), country_view(words_)));
    CountryView nothing;
    nothing.id = "ABW";
    add("country-none", render_country(at("/countries/ABW"), nothing));
  }

  void editors() {
    PageContext editor = at("/desk");
    editor.account = words_("Ana Editora");
    editor.may_edit = true;
    editor.csrf = words_("token");
    add("sign-in", render_sign_in(at("/sign-in"),
                                  {words_("ana"), words_("/desk"), false, "", error_of(words_)}));
    add("sign-in-code", render_sign_in(at("/sign-in"), {"", "", true, words_("t"), {}}));
    add("desk", render_desk(editor, {{source(words_)}, 3, "desk.done.imported"}));
    add("import", render_import(editor, import_view(words_)));
    add("antecedents", render_antecedents(editor, antecedents_view(words_)));
    add("titles", render_titles(editor, titles_view(words_)));
    ClausesView clauses;
    clauses.commitment = commitment(words_);
    clauses.error = error_of(words_);
    add("clauses", render_clauses(editor, clauses));
    WordingPageView wording;
    wording.commitment = commitment(words_);
    wording.commitment.wordings = {{"summit-1998-bbbb2222", words_("set right"), words_("Ana"),
                                    "2025-11-14T10:00:00Z"}};
    wording.candidates = {commitment(words_)};
    wording.error = error_of(words_);
    add("wording", render_wording(editor, wording));
    LinksPageView links;
    links.commitment = commitment(words_);
    links.history = {{"instrument", "cifta", "remove", words_("named in passing"), words_("Ana"),
                      "2025-11-14T10:00:00Z"},
                     {"theme", "education", "add", words_("its subject"), words_("Ana"),
                      "2025-11-15T10:00:00Z"}};
    links.error = error_of(words_);
    add("links", render_links(editor, links));
    SourceThemesView themes;
    themes.source = source(words_);
    themes.changed = commitments::LinkedPage{5, 2};
    themes.error = error_of(words_);
    add("source-themes", render_source_themes(editor, themes));
    add("commitment-editor", render_commitment(editor, commitment(words_)));
  }

  Language language_;
  Words words_;
  std::vector<std::pair<std::string, std::string>> pages_;
};

}  // namespace

PageContext context(Language language, std::string path) {
  static const auto kCatalogue = Catalogue::embedded();
  PageContext out;
  out.language = language;
  out.path = std::move(path);
  out.catalogue = kCatalogue.get();
  out.node_name = "example secretariat";
  out.origin = "https://node.example";
  out.as_of = "2025-11-14";
  out.log_size = 48213;
  out.log_root = "9f2c71ab00112233445566778899aabbccddeeff00112233445566778899aabb";
  return out;
}

std::vector<std::pair<std::string, std::string>> every_page(Language language, bool hostile) {
  auto pages = Album(language, hostile).pages();
  for (auto& page : figure_pages(language, hostile)) {
    pages.push_back(std::move(page));
  }
  for (auto& page : figure_desk_pages(language, hostile)) {
    pages.push_back(std::move(page));
  }
  return pages;
}

}  // namespace atalaya::api::examples
