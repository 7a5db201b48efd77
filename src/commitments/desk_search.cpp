// Search: how the index follows the store, and what it answers.
#include <algorithm>
#include <charconv>
#include <future>
#include <map>
#include <set>
#include <span>
#include <utility>

#include <fmt/format.h>

#include <atalaya/commitments/themes.hpp>
#include <atalaya/text/clip.hpp>
#include <atalaya/text/stem.hpp>

#include "desk_state.hpp"

namespace atalaya::commitments {
namespace {

constexpr std::size_t kReadChunk = 500;
constexpr std::string_view kFacetNames[] = {"year",        "meeting",    "document",   "theme",
                                            "institution", "instrument", "formulation", "role"};

struct Gathered {
  std::map<std::string, std::vector<std::pair<std::string, std::string>>, std::less<>> texts;
  std::map<std::string, std::vector<std::pair<std::string, std::string>>, std::less<>> facets;
  std::map<std::string, std::vector<std::string>, std::less<>> themes;
  std::map<std::string, std::map<std::string, std::pair<std::string, std::string>>, std::less<>>
      titles;  // id -> language -> title, summary
};

Result<void> gather(store::Transaction& tx, const std::vector<std::string>& ids, Gathered& out) {
  detail::Where where;
  where.add("commitment IN (" + where.list(ids) + ")");
  const auto texts = ATALAYA_TRY(
      tx.query("SELECT commitment, language, text FROM commitment_texts" + where.sql() +
                   " ORDER BY language",
               where.parameters()));
  for (const auto& row : texts) {
    out.texts[row.text(0)].emplace_back(row.text(1), row.text(2));
  }
  const auto links = ATALAYA_TRY(
      tx.query("SELECT commitment, kind, target FROM commitment_links" + where.sql(),
               where.parameters()));
  for (const auto& row : links) {
    if (row.text(1) == "theme") {
      out.themes[row.text(0)].push_back(row.text(2));
    } else {
      out.facets[row.text(0)].emplace_back(row.text(1), row.text(2));
    }
  }
  const auto clauses = ATALAYA_TRY(
      tx.query("SELECT DISTINCT commitment, formulation FROM clauses" + where.sql(),
               where.parameters()));
  for (const auto& row : clauses) {
    out.facets[row.text(0)].emplace_back("formulation", row.text(1));
  }
  const auto titles = ATALAYA_TRY(
      tx.query("SELECT commitment, language, title, summary FROM titles" + where.sql() +
                   " ORDER BY version",
               where.parameters()));
  for (const auto& row : titles) {
    out.titles[row.text(0)][row.text(1)] = {row.text(2), row.text(3)};
  }
  return {};
}

// One document a language. A text that is not held in the language is searched in the one that
// is: names, numbers and acronyms are found all the same.
void add_documents(const CommitmentRow& row, const Catalogue& catalogue, const Gathered& gathered,
                   std::vector<text::SearchChange>& changes) {
  const Entry* entry = catalogue.find_entry(row.id);
  const auto texts = gathered.texts.find(row.id);
  const auto facets = gathered.facets.find(row.id);
  const auto titles = gathered.titles.find(row.id);
  const auto themes = gathered.themes.find(row.id);
  const auto held_by = with_broader(
      catalogue, themes == gathered.themes.end() ? std::vector<std::string>() : themes->second);
  for (const Language language : kLanguages) {
    const std::string code(to_string(language));
    text::SearchDocument document;
    document.id = row.id;
    document.kind = "commitment";
    document.language = language;
    if (entry != nullptr) {
      document.title = entry->title.in(language);
      document.summary = entry->summary.in(language);
    }
    if (titles != gathered.titles.end()) {
      if (const auto it = titles->second.find(code); it != titles->second.end()) {
        document.title = it->second.first;
        document.summary = it->second.second;
      }
    }
    if (texts != gathered.texts.end() && !texts->second.empty()) {
      const auto own = std::ranges::find(texts->second, code,
                                         &std::pair<std::string, std::string>::first);
      const auto& [held_in, text] =
          own != texts->second.end() ? *own : texts->second.front();
      document.body = text;
      document.body_language = parse_language(held_in);
    }
    document.facets = {{"year", std::to_string(row.year)}, {"role", row.role}};
    if (!row.meeting.empty()) {
      document.facets.emplace_back("meeting", row.meeting);
    }
    if (!row.document.empty()) {
      document.facets.emplace_back("document", row.document);
    }
    if (facets != gathered.facets.end()) {
      document.facets.insert(document.facets.end(), facets->second.begin(), facets->second.end());
    }
    for (const std::string& theme : held_by) {
      document.facets.emplace_back("theme", theme);
    }
    // What is searched may be less than what is held, but no text may keep the others out.
    text::clip(document);
    changes.emplace_back(std::move(document));
  }
}

// --- what stands beside the commitments ------------------------------------------------------

constexpr std::string_view kTextKind = "text";
constexpr std::string_view kStatement = "statement_of_position";
constexpr std::int64_t kSourcesAtOnce = 64;  // a document may have a thousand recitals

struct HeldSource {
  std::string language, follows, twin_of, meeting, document;
  bool newest = true;
};

using HeldSources = std::map<std::string, HeldSource, std::less<>>;  // by id

Result<HeldSources> held_sources(store::Transaction& tx) {
  HeldSources out;
  const auto rows = ATALAYA_TRY(
      tx.query("SELECT id, COALESCE(language, ''), COALESCE(follows, ''), COALESCE(twin_of, ''), "
               "meeting, document FROM source_documents"));
  for (const auto& row : rows) {
    out[row.text(0)] = {row.text(1), row.text(2), row.text(3), row.text(4), row.text(5), true};
  }
  for (const auto& row : rows) {
    if (const auto earlier = out.find(row.text(2)); earlier != out.end()) {
      earlier->second.newest = false;
    }
  }
  return out;
}

// What all versions of a page share, in all languages: the version that was held first.
std::string page_of(const HeldSources& sources, std::string id) {
  for (std::size_t steps = 0; steps < sources.size(); ++steps) {
    const auto source = sources.find(id);
    if (source == sources.end()) {
      break;
    }
    const auto& earlier =
        source->second.follows.empty() ? source->second.twin_of : source->second.follows;
    if (earlier.empty()) {
      break;
    }
    id = earlier;
  }
  return id;
}

// The text with its facets, in its own language; the caller sets for which language it is.
text::SearchDocument text_document(const Catalogue& catalogue, const std::string& id,
                                   const HeldSource& source, const std::string& role,
                                   std::int64_t ordinal, const std::string& words) {
  text::SearchDocument document;
  document.id = fmt::format("{}/{}/{}", id, role, ordinal);
  document.kind = kTextKind;
  document.body = words;
  document.body_language = parse_language(source.language);
  document.facets = {{"role", role}};
  if (const Meeting* meeting = catalogue.find_meeting(source.meeting)) {
    document.facets.emplace_back("year", std::to_string(meeting->year));
  }
  for (const auto& [name, value] :
       {std::pair("meeting", &source.meeting), std::pair("document", &source.document)}) {
    if (!value->empty()) {
      document.facets.emplace_back(name, *value);
    }
  }
  return document;
}

// As add_documents() does. Where the page is held in the language, too, that one has its own.
void add_text(text::SearchDocument document, const Country* actor, const HeldSource& source,
              const std::set<std::string>& languages, std::vector<text::SearchChange>& changes) {
  for (const Language language : kLanguages) {
    const std::string code(to_string(language));
    if (source.language != code && languages.contains(code)) {
      changes.emplace_back(text::SearchRemoval{document.id, language});
      continue;
    }
    document.language = language;
    document.title = actor == nullptr ? std::string() : actor->name.in(language);
    text::SearchDocument applied = document;
    text::clip(applied);
    changes.emplace_back(std::move(applied));
  }
}

// Of one document: all its texts, or that they are gone where a newer version is held.
Result<void> add_texts_of(store::Transaction& tx, const Catalogue& catalogue, const std::string& id,
                          const HeldSource& source, const std::set<std::string>& languages,
                          std::vector<text::SearchChange>& changes) {
  std::map<std::pair<std::string, std::int64_t>, std::vector<text::Facet>> named;
  const auto links = ATALAYA_TRY(
      tx.query("SELECT role, ordinal, kind, target FROM source_links WHERE source = $1 AND role <> "
               "''",
               {id}));
  for (const auto& row : links) {
    named[{row.text(0), row.integer(1)}].emplace_back(row.text(2), row.text(3));
  }
  const auto texts = ATALAYA_TRY(
      tx.query("SELECT role, ordinal, text, '' FROM paragraphs WHERE source = $1 UNION ALL SELECT "
               "CAST($2 AS TEXT), ordinal, text, actor FROM statements_of_position WHERE source = "
               "$1",
               {id, std::string(kStatement)}));
  for (const auto& row : texts) {
    auto document = text_document(catalogue, id, source, row.text(0), row.integer(1), row.text(2));
    if (!source.newest) {
      changes.emplace_back(text::SearchRemoval{document.id, std::nullopt});
      continue;
    }
    auto& facets = named[{row.text(0), row.integer(1)}];
    document.facets.insert(document.facets.end(), facets.begin(), facets.end());
    add_text(std::move(document), catalogue.find_country(row.text(3)), source, languages, changes);
  }
  return {};
}

// Of the documents in `fed`, of those that they replace, and of what their pages show in other
// languages. Older versions left when the one behind them came.
Result<void> add_texts(store::Transaction& tx, const Catalogue& catalogue,
                       const std::set<std::string>& fed,
                       std::vector<text::SearchChange>& changes) {
  if (fed.empty()) {
    return {};
  }
  const HeldSources sources = ATALAYA_TRY(held_sources(tx));
  std::set<std::string> pages;
  std::set<std::string> touched = fed;
  for (const auto& id : fed) {
    pages.insert(page_of(sources, id));
    if (const auto source = sources.find(id); source != sources.end()) {
      touched.insert(source->second.follows);
    }
  }
  std::map<std::string, std::vector<const HeldSources::value_type*>> versions;
  std::map<std::string, std::set<std::string>> languages;  // that a page's newest versions are in
  for (const auto& entry : sources) {
    if (const std::string page = page_of(sources, entry.first); pages.contains(page)) {
      if (entry.second.newest || touched.contains(entry.first)) {
        versions[page].push_back(&entry);
      }
      if (entry.second.newest) {
        languages[page].insert(entry.second.language);
      }
    }
  }
  for (const auto& [page, entries] : versions) {
    for (const auto* entry : entries) {
      ATALAYA_TRY(add_texts_of(tx, catalogue, entry->first, entry->second, languages[page],
                               changes));
    }
  }
  return {};
}

// Where documents disappeared (a restored store), the index must forget them too.
Result<std::int64_t> feed_end(store::Transaction& tx) {
  const auto row =
      ATALAYA_TRY(tx.query_one("SELECT value FROM counters WHERE name = 'change_feed'"));
  return row.integer(0);
}

// Those that are held; the index forgets the others.
Result<void> add_commitments(store::Transaction& tx, const Catalogue& catalogue,
                             std::span<const std::string> ids,
                             std::vector<text::SearchChange>& changes) {
  const std::vector<std::string> chunk(ids.begin(), ids.end());
  Gathered gathered;
  ATALAYA_TRY(gather(tx, chunk, gathered));
  detail::Where where;
  where.add("c.id IN (" + where.list(chunk) + ")");
  where.add("c.gone_from = ''");
  const auto found = ATALAYA_TRY(
      tx.query(fmt::format("SELECT {} FROM commitments c{} ORDER BY c.id", detail::kRowColumns,
                           where.sql()),
               where.parameters()));
  std::set<std::string> current;
  for (const auto& row : found) {
    current.insert(row.text(0));
    add_documents(detail::row_from(row, 0), catalogue, gathered, changes);
  }
  for (const auto& id : chunk) {
    if (!current.contains(id)) {
      changes.emplace_back(text::SearchRemoval{id, std::nullopt});
    }
  }
  return {};
}

// The documents that the index needs for at most `changes_max` changes behind `from`, in one snapshot.
Result<IndexBatch> read_batch(store::Database& database, const Catalogue& catalogue,
                              std::int64_t from, std::int64_t changes_max) {
  IndexBatch batch;
  ATALAYA_TRY(database.read([&](store::Transaction& tx) -> Result<void> {
    batch = IndexBatch();
    batch.from = from;
    batch.to = from;
    batch.end = ATALAYA_TRY(feed_end(tx));
    if (from >= batch.end) {
      return {};
    }
    const auto rows = ATALAYA_TRY(
        tx.query("SELECT position, subject, kind FROM change_feed WHERE position > $1 ORDER BY "
                 "position LIMIT $2",
                 {from, changes_max}));
    std::set<std::string> subjects;
    std::set<std::string> documents;
    for (const auto& row : rows) {
      const bool is_document = row.text(2) == "source";
      if (is_document && std::ssize(documents) == kSourcesAtOnce) {
        break;
      }
      (is_document ? documents : subjects).insert(row.text(1));
      batch.to = row.integer(0);
      ++batch.read;
    }
    ATALAYA_TRY(add_texts(tx, catalogue, documents, batch.changes));
    const std::vector<std::string> ids(subjects.begin(), subjects.end());
    for (std::size_t at = 0; at < ids.size(); at += kReadChunk) {
      const std::span<const std::string> rest = std::span(ids).subspan(at);
      ATALAYA_TRY(add_commitments(tx, catalogue, rest.first(std::min(kReadChunk, rest.size())),
                                  batch.changes));
    }
    return {};
  }));
  return batch;
}

std::unexpected<Error> no_index() {
  return fail(ErrorCode::unavailable, "commitments.search.no_index",
              "this node was opened without its search index");
}

}  // namespace

Result<std::int64_t> Desk::index_behind() const {
  if (state_->parts.index == nullptr) {
    return no_index();
  }
  std::int64_t end = 0;
  ATALAYA_TRY(state_->parts.database->read([&](store::Transaction& tx) -> Result<void> {
    end = ATALAYA_TRY(feed_end(tx));
    return {};
  }));
  const std::int64_t position = state_->parts.index->position();
  return end >= position ? end - position : end;
}

Result<std::int64_t> Desk::follow_index(std::int64_t changes_max) {
  text::SearchIndex* index = state_->parts.index;
  if (index == nullptr) {
    return no_index();
  }
  const std::scoped_lock lock(state_->following);
  const std::int64_t position = index->position();
  if (!state_->writes && ATALAYA_TRY(index_behind()) > 0) {
    // Where another process writes the index, reading what it lacks would be for nothing.
    ATALAYA_TRY(index->apply({}, position));
  }
  IndexBatch batch = std::exchange(state_->read_ahead, {});
  if (batch.from != position || batch.read == 0) {
    batch = ATALAYA_TRY(read_batch(*state_->parts.database, catalogue(), position, changes_max));
  }
  if (position > batch.end) {
    ATALAYA_TRY(index->reset());
    return 1;
  }
  if (batch.read == 0) {
    return 0;
  }
  if (batch.to == batch.end || !state_->writes) {
    ATALAYA_TRY(index->apply(batch.changes, batch.to));
    state_->writes = true;
    return batch.read;
  }
  // Far behind: the next changes are read while these are written. What changes after that reading
  // is in the feed behind it, and so comes again.
  auto next = std::async(std::launch::async, [&] {
    return read_batch(*state_->parts.database, catalogue(), batch.to, changes_max);
  });
  const auto applied = index->apply(batch.changes, batch.to);
  if (auto ahead = next.get(); ahead) {
    state_->read_ahead = std::move(*ahead);
  }
  state_->writes = applied.has_value();
  ATALAYA_TRY(applied);
  return batch.read;
}

Result<void> Desk::notice_changes() {
  std::int64_t sum = 0;
  ATALAYA_TRY(state_->parts.database->read([&](store::Transaction& tx) -> Result<void> {
    const auto row = ATALAYA_TRY(tx.query_one("SELECT CAST(SUM(value) AS INTEGER) FROM counters"));
    sum = row.integer(0);
    return {};
  }));
  if (state_->counters_seen.exchange(sum) != sum) {
    ++state_->version;
  }
  return {};
}

namespace {

struct HeldText {
  std::string language, standing;
};

using HeldTexts = std::map<std::string, std::vector<HeldText>, std::less<>>;

// A snippet is cut from our summary or from a text, as the index was given them: the text in the
// language asked for, else in the first that is held (add_documents).
void tell_whose(SearchHit& hit, Language asked, const std::vector<HeldText>& held) {
  std::string shown;
  for (const auto& [text, match] : hit.snippet) {
    shown += text == "… " || text == " …" ? std::string() : text;
  }
  if (shown.empty()) {
    return;
  }
  if (held.empty() || squeeze(hit.row.summary).contains(shown)) {
    hit.snippet_language = hit.row.title_language;
    hit.snippet_standing = "summary";
    return;
  }
  const auto own = std::ranges::find(held, to_string(asked), &HeldText::language);
  const HeldText& text = own != held.end() ? *own : held.front();
  hit.snippet_language = text.language;
  hit.snippet_standing = text.standing;
}

Result<HeldTexts> texts_held(store::Transaction& tx, const std::vector<std::string>& ids) {
  HeldTexts held;
  if (ids.empty()) {
    return held;
  }
  detail::Where where;
  where.add("commitment IN (" + where.list(ids) + ")");
  const auto rows =
      ATALAYA_TRY(tx.query("SELECT commitment, language, standing FROM commitment_texts" +
                               where.sql() + " ORDER BY language",
                           where.parameters()));
  for (const auto& row : rows) {
    held[row.text(0)].push_back({row.text(1), row.text(2)});
  }
  return held;
}

std::vector<std::pair<std::string, bool>> pieces_of(std::vector<text::Piece>& snippet) {
  std::vector<std::pair<std::string, bool>> out;
  for (auto& piece : snippet) {
    out.emplace_back(std::move(piece.text), piece.hit);
  }
  return out;
}

// A hit whose text the store does not hold (any more) is none.
Result<std::optional<TextHit>> text_hit(store::Transaction& tx, text::SearchHit& hit) {
  const auto parts = split(hit.id, '/');
  std::int64_t ordinal = 0;
  if (parts.size() != 3 || std::from_chars(parts[2].data(), parts[2].data() + parts[2].size(),
                                           ordinal)
                                   .ec != std::errc()) {
    return std::optional<TextHit>();
  }
  const std::string role(parts[1]);
  store::Parameters key{std::string(parts[0]), ordinal};
  std::string sql =
      "SELECT s.title, s.file_name, COALESCE(s.language, ''), t.line, {}, s.standing FROM {} t "
      "JOIN "
      "source_documents s ON s.id = t.source WHERE t.source = $1 AND t.ordinal = $2{}";
  if (role == kStatement) {
    sql = fmt::format(fmt::runtime(sql), "'', t.actor", "statements_of_position", "");
  } else {
    sql = fmt::format(fmt::runtime(sql), "t.label, ''", "paragraphs", " AND t.role = $3");
    key.emplace_back(role);
  }
  const auto rows = ATALAYA_TRY(tx.query(sql, key));
  if (rows.empty()) {
    return std::optional<TextHit>();
  }
  const auto& row = rows.front();
  return TextHit{std::string(parts[0]),
                 row.text(0).empty() ? row.text(1) : row.text(0),
                 row.text(2),
                 row.text(6),
                 role,
                 static_cast<std::int32_t>(ordinal),
                 static_cast<std::int32_t>(row.integer(3)),
                 row.text(4),
                 row.text(5),
                 pieces_of(hit.snippet),
                 hit.score};
}

// What the same words find beside the commitments; only what has all of them.
Result<void> add_text_hits(const DeskParts& parts, text::SearchQuery asked, SearchAnswer& answer) {
  if (!answer.did_you_mean.empty()) {
    asked.text = answer.did_you_mean;
  }
  asked.filters.front().second = kTextKind;
  asked.facets = {"role"};
  asked.every_word = true;
  auto results = ATALAYA_TRY(parts.index->search(asked));
  answer.texts_total = static_cast<std::int64_t>(results.total);
  auto& roles = answer.facets["role"];
  for (const auto& [value, count] : results.facets["role"]) {
    roles.emplace_back(value, static_cast<std::int64_t>(count));
  }
  std::ranges::stable_sort(roles, std::greater<>{}, &std::pair<std::string, std::int64_t>::second);
  return parts.database->read([&](store::Transaction& tx) -> Result<void> {
    answer.texts.clear();
    for (text::SearchHit hit : results.hits) {
      auto found = ATALAYA_TRY(text_hit(tx, hit));
      if (found) {
        answer.texts.push_back(*std::move(found));
      }
    }
    return {};
  });
}

}  // namespace

Result<SearchAnswer> Desk::search(const SearchQuery& query) const {
  if (state_->parts.index == nullptr) {
    return no_index();
  }
  text::SearchQuery asked;
  asked.text = query.text;
  asked.language = query.language;
  asked.limit = static_cast<std::size_t>(std::max(1, query.limit));
  asked.offset = static_cast<std::size_t>(std::max(0, query.offset));
  asked.filters.emplace_back("kind", "commitment");
  for (const auto& [name, values] : query.facets) {
    for (const auto& value : values) {
      asked.filters.emplace_back(name, value);
    }
  }
  for (const auto name : kFacetNames) {
    asked.facets.emplace_back(name);
  }
  auto results = ATALAYA_TRY(state_->parts.index->search(asked));
  SearchAnswer answer;
  answer.total = static_cast<std::int64_t>(results.total);
  answer.did_you_mean = results.corrected;
  answer.no_words =
      !trim(query.text).empty() && text::tokenize_stemmed(query.text, query.language).empty();
  answer.any_word = results.used_fallback;
  answer.index_behind = ATALAYA_TRY(index_behind());
  for (const auto& [name, counts] : results.facets) {
    for (const auto& [value, count] : counts) {
      answer.facets[name].emplace_back(value, static_cast<std::int64_t>(count));
    }
  }
  std::vector<std::string> ids;
  for (const auto& hit : results.hits) {
    ids.push_back(hit.id);
  }
  std::vector<CommitmentRow> rows;
  HeldTexts held;
  ATALAYA_TRY(state_->parts.database->read([&](store::Transaction& tx) -> Result<void> {
    rows = ATALAYA_TRY(detail::rows_of(tx, catalogue(), query.language, ids));
    held = ATALAYA_TRY(texts_held(tx, ids));
    return {};
  }));
  for (auto& hit : results.hits) {
    const auto row = std::ranges::find(rows, hit.id, &CommitmentRow::id);
    if (row == rows.end()) {
      continue;
    }
    SearchHit out;
    out.row = *row;
    out.score = hit.score;
    out.snippet = pieces_of(hit.snippet);
    tell_whose(out, query.language, held[hit.id]);
    answer.hits.push_back(std::move(out));
  }
  ATALAYA_TRY(add_text_hits(state_->parts, std::move(asked), answer));
  return answer;
}

}  // namespace atalaya::commitments
