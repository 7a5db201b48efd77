// Exports: the whole public content of the desk, in an order that depends on nothing but the
// content, so that two exports of one store are equal byte by byte.
#include <atalaya/commitments/export.hpp>

#include <algorithm>

#include <fmt/format.h>

#include <atalaya/base/csv.hpp>
#include <atalaya/commitments/analysis.hpp>
#include <atalaya/commitments/due_kind.hpp>
#include <atalaya/commitments/lead_in.hpp>

#include "akoma_ntoso.hpp"
#include "akoma_ntoso_works.hpp"
#include "desk_state.hpp"

namespace atalaya::commitments {
namespace {

constexpr std::size_t kCommitmentsAtOnce = 400;

json::object translated(const Translated& text) {
  json::object out;
  for (const Language language : kLanguages) {
    if (text.has(language)) {
      out[to_string(language)] = text.in(language);
    }
  }
  return out;
}

json::array strings(const std::vector<std::string>& values) {
  json::array out;
  for (const auto& value : values) {
    out.emplace_back(value);
  }
  return out;
}

json::value or_null(const std::string& text) {
  return text.empty() ? json::value(nullptr) : json::value(text);
}

json::value year_or_null(std::int32_t year) {
  return year == 0 ? json::value(nullptr) : json::value(year);
}

json::object citation_json(const ParsedItem& item) {
  return {{"citation", json::object{{"raw", or_null(item.citation.raw)},
                                    {"document", or_null(item.citation.document)},
                                    {"place", or_null(item.citation.place)},
                                    {"year", year_or_null(item.citation.year)},
                                    {"status", to_string(item.citation.status)}}},
          {"effective", json::object{{"document", or_null(item.effective.document)},
                                     {"place", or_null(item.effective.place)},
                                     {"country", or_null(item.effective.country)},
                                     {"year", year_or_null(item.effective.year)},
                                     {"meeting", or_null(item.effective.meeting)}}}};
}

json::object appearance_json(const AppearanceView& view) {
  const ParsedItem& item = view.item;
  json::object out{{"source_file", view.source_file},
                   {"source_sha256", view.source},
                   {"language", or_null(view.language)},
                   {"imported_at", view.imported_at},
                   {"newest_version", view.newest},
                   {"ordinal", item.ordinal},
                   {"level", item.level},
                   {"parent_ordinal", item.parent_ordinal == 0 ? json::value(nullptr)
                                                               : json::value(item.parent_ordinal)},
                   {"role", to_string(item.role)},
                   {"label", item.label},
                   {"block", or_null(item.block)},
                   {"line", item.line},
                   {"line_end", item.line_end},
                   {"text", item.text}};
  for (auto& pair : citation_json(item)) {
    out.insert(pair);
  }
  return out;
}

json::object clause_json(const CommitmentView& view, const ClauseView& clause) {
  return {{"ordinal", clause.ordinal},
          {"language", clause.language},
          {"begin", clause.begin},
          {"end", clause.end},
          {"verb", clause.verb},
          {"verb_printed", clause.verb_printed},
          {"addressee", clause.addressee},
          {"addressee_printed", or_null(clause.addressee_printed)},
          {"deliverable", clause.deliverable},
          {"due", or_null(clause.due)},
          {"formulation", clause.formulation},
          {"due_latest", or_null(clause.due_latest)},
          {"due_event", or_null(clause.due_event)},
          {"due_kind", or_null(due_kind(view, clause))},
          {"qualifiers", strings(clause.qualifiers)},
          {"depends_on",
           clause.depends_on == 0 ? json::value(nullptr) : json::value(clause.depends_on)},
          {"verb_from_chapeau", clause.verb_from_chapeau},
          {"set_by", clause.set_above_by.empty() ? clause.set_by : clause.set_above_by},
          {"set_above", !clause.set_above_by.empty()}};
}

// ISO 639-2 "und" where the language was not recognised: an empty key is no key.
std::string_view language_key(std::string_view language) {
  return language.empty() ? "und" : language;
}

std::string first_words(std::string_view text) {
  constexpr std::size_t kBytesMax = 90;
  if (text.size() <= kBytesMax) {
    return std::string(text);
  }
  const std::size_t blank = text.substr(0, kBytesMax).rfind(' ');
  std::size_t end = blank == std::string_view::npos ? kBytesMax : blank;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) {
    --end;  // not inside a character
  }
  return std::string(text.substr(0, end)) + "…";
}

json::array due_json(const CommitmentView& view) {
  json::array due;
  for (const auto& date : view.dues) {
    due.push_back(
        json::object{{"edtf", or_null(date.edtf)},
                     {"kind", date.kind},
                     {"latest", or_null(date.latest)},
                     {"event", or_null(date.event)},
                     {"printed", date.printed},
                     {"from_chapeau", is_from_above(view, date)},
                     {"soft", date.soft},
                     {"set_by", date.set_above_by.empty() ? date.set_by : date.set_above_by},
                     {"set_above", !date.set_above_by.empty()}});
  }
  return due;
}

json::array antecedents_json(const CommitmentView& view) {
  json::array antecedents;
  for (const auto& antecedent : view.antecedents) {
    json::array because;
    for (const auto& [kind, detail] : antecedent.suggested_because) {
      because.push_back(json::object{{"kind", kind}, {"detail", detail}});
    }
    antecedents.push_back(json::object{{"later", antecedent.later},
                                       {"earlier", antecedent.earlier},
                                       {"type", antecedent.type},
                                       {"reason", antecedent.reason},
                                       {"suggested_because", std::move(because)},
                                       {"confirmed_by", antecedent.confirmed_by},
                                       {"confirmed_at", antecedent.confirmed_at}});
  }
  return antecedents;
}

json::array wordings_json(const CommitmentView& view) {
  json::array wordings;
  for (const auto& wording : view.wordings) {
    wordings.push_back(json::object{{"later", wording.later},
                                    {"reason", wording.reason},
                                    {"said_by", wording.said_by},
                                    {"said_at", wording.said_at}});
  }
  return wordings;
}

json::object links_json(const CommitmentView& view) {
  json::object links_set_by;
  for (const auto& [link, who] : view.link_set_by) {
    if (!link.starts_with("theme:")) {
      links_set_by[link] = who;
    }
  }
  return links_set_by;
}

json::object commitment_json(const Catalogue& catalogue, const CommitmentView& view,
                             const std::vector<TitleVersion>& history) {
  json::object title;
  json::object summary;
  if (const Entry* entry = catalogue.find_entry(view.row.id)) {
    title = translated(entry->title);
    summary = translated(entry->summary);
  }
  for (const auto& version : history) {  // ascending: the newest of a language wins
    title[version.language] = version.title;
    summary[version.language] = version.summary;
  }
  json::object text;
  json::object standing;
  for (const auto& held : view.texts) {
    text[language_key(held.language)] = held.text;
    standing[language_key(held.language)] = held.standing;
  }
  const bool titled = !title.empty();
  if (!titled && !view.texts.empty()) {
    // A reader needs something to call it by; it is said that nobody wrote it as a title.
    const auto& first = view.texts.front();
    title[language_key(first.language)] = first_words(first.text);
  }
  json::array clauses;
  for (const auto& clause : view.clauses) {
    clauses.push_back(clause_json(view, clause));
  }
  json::array appearances;
  for (const auto& appearance : view.appearances) {
    appearances.push_back(appearance_json(appearance));
  }
  return {{"id", view.row.id},
          {"same_as", or_null(view.same_as)},
          {"gone_from", or_null(view.gone_from)},
          {"title", std::move(title)},
          {"summary", std::move(summary)},
          {"title_standing", titled ? "not official text" : "first words of the text"},
          {"text", std::move(text)},
          {"text_standing", std::move(standing)},
          {"role", view.row.role},
          {"actionable", view.row.actionable},
          {"meeting", or_null(view.row.meeting)},
          {"document", or_null(view.row.document)},
          {"year", year_or_null(view.row.year)},
          {"parent", view.parent ? json::value(view.parent->id) : json::value(nullptr)},
          {"themes", strings(view.themes)},
          {"instruments", strings(view.instruments)},
          {"institutions", strings(view.institutions)},
          {"links_set_by", links_json(view)},
          {"other_words", wordings_json(view)},
          {"due", due_json(view)},
          {"clauses", std::move(clauses)},
          {"antecedents", antecedents_json(view)},
          {"appearances", std::move(appearances)}};
}

json::object paragraph_json(const SourceDetail& source, const ParsedItem& item) {
  return {
      {"source_file", source.source.file_name},
      {"source_sha256", source.source.id},
      {"role", to_string(item.role)},
      {"ordinal", item.ordinal},
      {"block", or_null(item.block)},
      {"line", item.line},
      {"language", or_null(source.source.language)},
      {"standing", source.source.standing},
      {"notes", strings(item.notes)},
      {"instruments", strings(source.linked("instrument", to_string(item.role), item.ordinal))},
      {"institutions", strings(source.linked("institution", to_string(item.role), item.ordinal))},
      {"text", item.text}};
}

// What the whole document names, notes and lists included, with the line that names it first.
json::array named_json(const SourceDetail& source, std::string_view kind) {
  json::array out;
  for (const SourceLink& link : source.links) {
    if (link.role.empty() && link.kind == kind) {
      out.push_back(json::object{{"id", link.target},
                                 {"line", link.line},
                                 {"printed_year", year_or_null(link.printed_year)}});
    }
  }
  return out;
}

// Dates that guidance names in its running text; those of commitments stand with them.
json::array dates_of(const Catalogue& catalogue, const SourceDetail& source) {
  json::array out;
  if (!source.items.empty()) {
    return out;
  }
  AnalysisContext context;
  context.language = parse_language(source.source.language).value_or(Language::en);
  if (const Meeting* meeting = catalogue.find_meeting(source.source.meeting)) {
    context.year = meeting->year;
  }
  for (std::size_t i = 0; i < source.lines.size(); ++i) {
    for (const Due& due : find_dues(source.lines[i], context)) {
      if (due.kind != DueKind::soft && !due.edtf.empty()) {
        out.push_back(json::object{{"edtf", due.edtf},
                                   {"kind", to_string(due.kind)},
                                   {"printed", due.span.of(source.lines[i])},
                                   {"line", i + 1},
                                   {"set_by", "rule"}});
      }
    }
  }
  return out;
}

// The lines that are no item and govern those below them.
json::array leads_json(const SourceDetail& source) {
  std::vector<ParsedItem> items;
  for (const auto& [item, commitment] : source.items) {
    items.push_back(item);
  }
  json::array out;
  for (const LeadIn& lead : leads_of(source.lines, items)) {
    out.push_back(json::object{{"text", lead.text},
                               {"line", lead.line},
                               {"line_end", lead.line_end},
                               {"first_ordinal", lead.first},
                               {"last_ordinal", lead.last}});
  }
  return out;
}

json::object source_json(const Catalogue& catalogue, const SourceDetail& source) {
  json::array states;
  for (const auto& state : source.states) {
    states.push_back(json::object{
        {"printed", state.printed}, {"code", or_null(state.code)}, {"line", state.line}});
  }
  json::array treaties;
  for (const auto& treaty : source.treaties) {
    treaties.push_back(json::object{{"printed", treaty.printed},
                                    {"year", year_or_null(treaty.year)},
                                    {"instrument", or_null(treaty.instrument)},
                                    {"line", treaty.line}});
  }
  const SourceView& view = source.source;
  return {{"source_file", view.file_name},
          {"sha256", view.id},
          {"kind", view.kind},
          {"format", view.format},
          {"language", or_null(view.language)},
          {"standing", view.standing},
          {"title", view.title},
          {"theme", or_null(view.theme)},
          {"meeting", or_null(view.meeting)},
          {"document", or_null(view.document)},
          {"imported_at", view.imported_at},
          {"follows", or_null(view.follows)},
          {"joined_with", or_null(view.twin_of)},
          {"items", view.items},
          {"lead_ins", leads_json(source)},
          {"states", std::move(states)},
          {"treaties", std::move(treaties)},
          {"instruments", named_json(source, "instrument")},
          {"institutions", named_json(source, "institution")},
          {"due", dates_of(catalogue, source)}};
}

void csv_row(std::string& out, const std::vector<std::string>& cells) {
  for (std::size_t i = 0; i < cells.size(); ++i) {
    out += i == 0 ? "" : ",";
    out += csv_field(cells[i]);
  }
  out += "\r\n";
}

std::string joined(const std::vector<std::string>& values) {
  std::string out;
  for (const auto& value : values) {
    out += (out.empty() ? "" : " ") + value;
  }
  return out;
}

}  // namespace

// Visits every commitment with its history, in order of id; what some hundred of them need is read
// at once, so that the cost of an export grows with what it holds and no faster.
class CommitmentWalk {
 public:
  explicit CommitmentWalk(const Desk& desk) : desk_(desk) {}

  using Visit =
      std::function<Result<void>(const CommitmentView&, const std::vector<TitleVersion>&)>;

  Result<void> each(const Visit& visit) const {
    const auto ids = ATALAYA_TRY(all_ids());
    detail::KnownSources sources;
    for (std::size_t at = 0; at < ids.size(); at += kCommitmentsAtOnce) {
      const std::size_t end = std::min(at + kCommitmentsAtOnce, ids.size());
      detail::Views views;
      Histories histories;
      ATALAYA_TRY(desk_.state_->parts.database->read([&](store::Transaction& tx) -> Result<void> {
        views.clear();
        histories.clear();
        for (std::size_t i = at; i < end; ++i) {
          views[ids[i]];
        }
        ATALAYA_TRY(detail::read_many(tx, views, sources));
        return read_histories(tx, views, histories);
      }));
      for (const auto& [id, view] : views) {
        ATALAYA_TRY(visit(view, histories[id]));
      }
    }
    return {};
  }

 private:
  using Histories = std::map<std::string, std::vector<TitleVersion>, std::less<>>;

  // An export loses nothing: `gone_from` tells those apart that no page holds any more. Other words
  // of a commitment hold nothing of their own.
  Result<std::vector<std::string>> all_ids() const {
    std::vector<std::string> ids;
    ATALAYA_TRY(desk_.state_->parts.database->read([&](store::Transaction& tx) -> Result<void> {
      ids.clear();
      return tx.for_each(
          "SELECT c.id FROM commitments c WHERE NOT EXISTS (SELECT 1 FROM wordings w WHERE w.later "
          "= c.id)",
          {}, [&](const store::Row& row) -> Result<void> {
            ids.push_back(row.text(0));
            return {};
          });
    }));
    std::ranges::sort(ids);  // by bytes, whatever the store sorts by
    return ids;
  }

  Result<void> read_histories(store::Transaction& tx, const detail::Views& views,
                              Histories& out) const {
    std::vector<std::string> ids;
    for (const auto& [id, view] : views) {
      ids.push_back(id);
      out[id] = detail::catalogue_titles(desk_.catalogue(), id);
    }
    detail::Where where;
    where.add("commitment IN (" + where.list(ids) + ")");
    const auto rows = ATALAYA_TRY(
        tx.query("SELECT commitment, language, version, title, summary, set_by, set_at, reason FROM "
                 "titles" + where.sql() + " ORDER BY language, version",
                 where.parameters()));
    for (const auto& row : rows) {
      out[row.text(0)].push_back({row.text(1), row.integer(2), row.text(3), row.text(4),
                                  row.text(5), row.text(6), row.text(7)});
    }
    return {};
  }

  const Desk& desk_;
};

namespace {

// Writes an array as pretty_json() would write it as a member of an object, element by element.
class ArrayWriter {
 public:
  ArrayWriter(const ExportSink& sink, std::size_t indent) : sink_(sink), indent_(indent, ' ') {}

  Result<void> add(const json::value& element) {
    std::string text = pretty_json(element);
    text.pop_back();  // the last line feed
    std::string out = first_ ? "[\n" : ",\n";
    first_ = false;
    out += indent_ + "  ";
    for (const char c : text) {  // inside of strings line feeds are escaped
      out += c;
      if (c == '\n') {
        out += indent_ + "  ";
      }
    }
    return sink_(out);
  }

  Result<void> end() { return sink_(first_ ? "[]" : "\n" + indent_ + "]"); }

 private:
  const ExportSink& sink_;
  std::string indent_;
  bool first_ = true;
};

Result<void> write_array(const ExportSink& sink, std::string_view name, const json::array& values) {
  ATALAYA_TRY(sink(fmt::format(",\n  \"{}\": ", name)));
  ArrayWriter out(sink, 2);
  for (const auto& value : values) {
    ATALAYA_TRY(out.add(value));
  }
  return out.end();
}

Result<void> write_json(const Desk& desk, const ExportSink& sink) {
  ATALAYA_TRY(sink("{\n  \"format\": \"atalaya-commitments\",\n  \"version\": 1,\n  \"commitments\": "));
  ArrayWriter commitments(sink, 2);
  ATALAYA_TRY(CommitmentWalk(desk).each(
      [&](const CommitmentView& view, const std::vector<TitleVersion>& history) -> Result<void> {
        return commitments.add(commitment_json(desk.catalogue(), view, history));
      }));
  ATALAYA_TRY(commitments.end());
  json::array recitals;
  json::array guidance;
  json::array statements;
  json::array documents;
  const auto sources = ATALAYA_TRY(desk.sources());
  for (const auto& view : sources) {
    const SourceDetail source = ATALAYA_TRY(desk.get_source(view.id));
    for (const auto& item : source.paragraphs) {
      auto& group = item.role == ItemRole::recital ? recitals : guidance;
      group.push_back(paragraph_json(source, item));
    }
    for (const auto& statement : source.statements) {
      statements.push_back(json::object{{"source_file", view.file_name},
                                        {"actor", or_null(statement.actor)},
                                        {"on_role", to_string(statement.role)},
                                        {"on_ordinal", statement.ordinal},
                                        {"line", statement.line},
                                        {"text", statement.text}});
    }
    documents.push_back(source_json(desk.catalogue(), source));
  }
  ATALAYA_TRY(write_array(sink, "recitals", recitals));
  ATALAYA_TRY(write_array(sink, "guidance", guidance));
  ATALAYA_TRY(write_array(sink, "statements_of_position", statements));
  ATALAYA_TRY(write_array(sink, "source_documents", documents));
  return sink("\n}\n");
}

Result<void> write_csv(const Desk& desk, const ExportSink& sink) {
  std::string out = "\xEF\xBB\xBF";
  csv_row(out, {"id", "year", "meeting", "document", "role", "actionable", "theme", "themes",
                "instruments", "institutions", "due", "title_en", "title_es", "title_pt",
                "title_fr", "text_language", "text_standing", "text", "source_file", "ordinal",
                "label", "line", "citation_status", "citation", "title_standing", "newest_version",
                "gone_from"});
  ATALAYA_TRY(sink(out));
  return CommitmentWalk(desk).each(
      [&](const CommitmentView& view, const std::vector<TitleVersion>& history) -> Result<void> {
        out.clear();
        std::map<std::string, std::string> titles;
        for (const auto& version : history) {
          titles[version.language] = version.title;
        }
        std::vector<std::string> due;
        for (const auto& date : view.dues) {
          if (!date.edtf.empty()) {
            due.push_back(date.edtf);
          }
        }
        // One row for each place where the commitment stands; one where it stands nowhere yet.
        const AppearanceView nowhere;
        std::vector<const AppearanceView*> places;
        for (const auto& appearance : view.appearances) {
          places.push_back(&appearance);
        }
        if (places.empty()) {
          places.push_back(&nowhere);
        }
        for (const AppearanceView* place : places) {
          const auto text = std::ranges::find(view.texts, place->language, &TextView::language);
          csv_row(out,
                  {view.row.id, std::to_string(view.row.year), view.row.meeting, view.row.document,
                   view.row.role, view.row.actionable ? "1" : "0", view.row.theme,
                   joined(view.themes), joined(view.instruments), joined(view.institutions),
                   joined(due), titles["en"], titles["es"], titles["pt"], titles["fr"],
                   place->language, text == view.texts.end() ? "" : text->standing,
                   place->item.text, place->source_file,
                   place->item.ordinal == 0 ? "" : std::to_string(place->item.ordinal),
                   place->item.label,
                   place->item.line == 0 ? "" : std::to_string(place->item.line),
                   std::string(place->source.empty() ? "" : to_string(place->item.citation.status)),
                   place->item.citation.raw, titles.empty() ? "" : "not official text",
                   place->source.empty() ? "" : place->newest ? "1" : "0", view.gone_from});
        }
        return sink(out);
      });
}

json::array language_map(const Translated& text) {
  json::array out;
  for (const Language language : kLanguages) {
    if (text.has(language)) {
      out.push_back(
          json::object{{"@value", text.in(language)}, {"@language", to_string(language)}});
    }
  }
  return out;
}

// Whole addresses: readers disagree about what is relative to a URN.
std::string iri(std::string_view kind, std::string_view id) {
  return fmt::format("urn:atalaya:{}:{}", kind, id);
}

json::array ids_of(std::string_view prefix, const std::vector<std::string>& values) {
  json::array out;
  for (const auto& value : values) {
    out.push_back(json::object{{"@id", iri(prefix, value)}});
  }
  return out;
}

// Which file is the newer version of which: what stands in the older one alone is no text in force.
Result<void> write_replacements(const Desk& desk, ArrayWriter& graph) {
  const auto sources = ATALAYA_TRY(desk.sources());
  for (const SourceView& source : sources) {
    if (source.follows.empty()) {
      continue;
    }
    const std::string newer = iri("source", source.id);
    const std::string older = iri("source", source.follows);
    ATALAYA_TRY(graph.add(
        json::object{{"@id", newer}, {"dcterms:replaces", json::object{{"@id", older}}}}));
    ATALAYA_TRY(graph.add(
        json::object{{"@id", older}, {"dcterms:isReplacedBy", json::object{{"@id", newer}}}}));
  }
  return {};
}

Result<void> write_jsonld(const Desk& desk, const ExportSink& sink) {
  json::object context{
      {"skos", "http://www.w3.org/2004/02/skos/core#"},
      {"dcterms", "http://purl.org/dc/terms/"},
      {"schema", "https://schema.org/"},
      {"prov", "http://www.w3.org/ns/prov#"},
      {"atalaya", "urn:atalaya:terms#"}};
  const std::string head = pretty_json(json::object{{"@context", std::move(context)}});
  // What pretty_json() would write before the next member.
  ATALAYA_TRY(sink(std::string_view(head).substr(0, head.size() - 3)));
  ATALAYA_TRY(sink(",\n  \"@graph\": "));
  ArrayWriter graph(sink, 2);
  ATALAYA_TRY(graph.add(json::object{{"@id", "urn:atalaya:themes"},
                                     {"@type", "skos:ConceptScheme"},
                                     {"dcterms:title", "Themes of the commitments desk"}}));
  for (const Theme& theme : desk.catalogue().themes()) {
    json::object node{{"@id", iri("theme", theme.id)},
                      {"@type", "skos:Concept"},
                      {"skos:inScheme", json::object{{"@id", "urn:atalaya:themes"}}},
                      {"skos:prefLabel", language_map(theme.label)},
                      {"skos:definition", language_map(theme.definition)}};
    if (theme.broader.empty()) {
      node["skos:topConceptOf"] = json::object{{"@id", "urn:atalaya:themes"}};
    } else {
      node["skos:broader"] = json::object{{"@id", iri("theme", theme.broader)}};
    }
    ATALAYA_TRY(graph.add(node));
  }
  ATALAYA_TRY(CommitmentWalk(desk).each(
      [&](const CommitmentView& view, const std::vector<TitleVersion>& history) -> Result<void> {
        json::array texts;
        json::array translations;
        for (const auto& text : view.texts) {
          json::array& group = text.standing == "translation" ? translations : texts;
          group.push_back(
              json::object{{"@value", text.text}, {"@language", language_key(text.language)}});
        }
        std::map<std::string, std::string> titles;
        for (const auto& version : history) {
          titles[version.language] = version.title;
        }
        json::array headlines;
        for (const auto& [language, title] : titles) {
          headlines.push_back(json::object{{"@value", title}, {"@language", language}});
        }
        json::array sources;
        for (const auto& appearance : view.appearances) {
          sources.push_back(json::object{
              {"@id",
               fmt::format("{}#line-{}", iri("source", appearance.source), appearance.item.line)},
              {"atalaya:citationStatus", to_string(appearance.item.citation.status)}});
        }
        json::object node{{"@id", iri("commitment", view.row.id)},
                          {"@type", "schema:CreativeWork"},
                          {"dcterms:identifier", view.row.id},
                          {"schema:alternativeHeadline", std::move(headlines)},
                          {"schema:text", std::move(texts)},
                          {"dcterms:subject", ids_of("theme", view.themes)},
                          {"dcterms:references", ids_of("instrument", view.instruments)},
                          {"schema:mentions", ids_of("institution", view.institutions)},
                          {"prov:wasDerivedFrom", std::move(sources)}};
        if (!translations.empty()) {
          node["atalaya:translatedText"] = std::move(translations);
        }
        if (!view.row.document.empty()) {
          node["schema:isPartOf"] = json::object{{"@id", iri("document", view.row.document)}};
        }
        if (!titles.empty()) {
          node["atalaya:titleStanding"] = "not official text";
        }
        if (!view.row.citation_status.empty()) {
          node["atalaya:citationStatus"] = view.row.citation_status;
        }
        if (view.row.year != 0) {
          node["dcterms:date"] = std::to_string(view.row.year);
        }
        if (!view.gone_from.empty()) {
          node["schema:creativeWorkStatus"] = "withdrawn";
          node["atalaya:goneFrom"] = json::object{{"@id", iri("source", view.gone_from)}};
        }
        return graph.add(node);
      }));
  ATALAYA_TRY(write_replacements(desk, graph));
  ATALAYA_TRY(graph.end());
  return sink("\n}\n");
}

}  // namespace

Result<json::value> Exporter::commitment(std::string_view id) const {
  const CommitmentView view = ATALAYA_TRY(desk_.get(id, Language::en));
  const auto history = ATALAYA_TRY(desk_.title_history(id));
  json::object out = commitment_json(desk_.catalogue(), view, history);
  // Whoever changes a clause names the version that he or she saw.
  json::array& clauses = out["clauses"].as_array();
  for (std::size_t i = 0; i < clauses.size(); ++i) {
    clauses[i].as_object()["version"] = view.clauses[i].version;
  }
  return json::value(std::move(out));
}

Result<std::string> Exporter::akoma_ntoso(std::string_view source) const {
  const auto sources = ATALAYA_TRY(desk_.sources());
  const AknSource one = ATALAYA_TRY(AknWorks(desk_, sources).source(source));
  return akn_document(desk_.catalogue(), one);
}

Result<void> Exporter::write(ExportFormat format, const ExportSink& sink) const {
  switch (format) {
    case ExportFormat::json:
      return write_json(desk_, sink);
    case ExportFormat::csv:
      return write_csv(desk_, sink);
    case ExportFormat::jsonld:
      return write_jsonld(desk_, sink);
    case ExportFormat::akn: {
      std::vector<AknSource> details;
      const auto sources = ATALAYA_TRY(desk_.sources());
      AknWorks works(desk_, sources);
      for (const auto& view : sources) {
        // Two versions of a page are one expression, which has one text: the newest.
        const bool replaced =
            std::ranges::find(sources, view.id, &SourceView::follows) != sources.end();
        if (!replaced) {
          AknSource one = ATALAYA_TRY(works.source(view.id));
          details.push_back(std::move(one));
        }
      }
      return sink(akn_collection(desk_.catalogue(), details));
    }
  }
  return fail(ErrorCode::internal, "commitments.export.format", "unknown format");
}

Result<std::string> Exporter::write(ExportFormat format) const {
  std::string out;
  ATALAYA_TRY(write(format, [&](std::string_view part) -> Result<void> {
    out += part;
    return {};
  }));
  return out;
}

}  // namespace atalaya::commitments
