// Search: how the index follows the store, and what it answers.
#include <algorithm>
#include <map>
#include <set>

#include <fmt/format.h>

#include <atalaya/text/clip.hpp>

#include "desk_state.hpp"

namespace atalaya::commitments {
namespace {

constexpr std::size_t kReadChunk = 500;
constexpr std::string_view kFacetNames[] = {"year",        "meeting",    "document",   "theme",
                                            "institution", "instrument", "formulation", "role"};

struct Gathered {
  std::map<std::string, std::vector<std::pair<std::string, std::string>>, std::less<>> texts;
  std::map<std::string, std::vector<std::pair<std::string, std::string>>, std::less<>> facets;
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
    out.facets[row.text(0)].emplace_back(row.text(1), row.text(2));
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
    // What is searched may be less than what is held, but no text may keep the others out.
    text::clip(document);
    changes.emplace_back(std::move(document));
  }
}

// Where documents disappeared (a restored store), the index must forget them too.
Result<std::int64_t> feed_end(store::Transaction& tx) {
  const auto row =
      ATALAYA_TRY(tx.query_one("SELECT value FROM counters WHERE name = 'change_feed'"));
  return row.integer(0);
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
  std::int64_t read = 0;
  std::int64_t position = 0;
  bool ahead = false;
  std::vector<text::SearchChange> changes;
  ATALAYA_TRY(state_->parts.database->read([&](store::Transaction& tx) -> Result<void> {
    changes.clear();
    const std::int64_t end = ATALAYA_TRY(feed_end(tx));
    position = index->position();
    ahead = position > end;
    if (ahead || position == end) {
      return {};
    }
    const auto rows = ATALAYA_TRY(
        tx.query("SELECT position, subject FROM change_feed WHERE position > $1 ORDER BY position "
                 "LIMIT $2",
                 {position, changes_max}));
    std::set<std::string> subjects;
    for (const auto& row : rows) {
      subjects.insert(row.text(1));
      position = row.integer(0);
    }
    read = static_cast<std::int64_t>(rows.size());
    const std::vector<std::string> ids(subjects.begin(), subjects.end());
    for (std::size_t at = 0; at < ids.size(); at += kReadChunk) {
      const std::vector<std::string> chunk(
          ids.begin() + static_cast<std::ptrdiff_t>(at),
          ids.begin() + static_cast<std::ptrdiff_t>(std::min(at + kReadChunk, ids.size())));
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
        add_documents(detail::row_from(row, 0), catalogue(), gathered, changes);
      }
      for (const auto& id : chunk) {
        if (!current.contains(id)) {
          changes.emplace_back(text::SearchRemoval{id, std::nullopt});
        }
      }
    }
    return {};
  }));
  if (ahead) {
    ATALAYA_TRY(index->reset());
    return 1;
  }
  if (read > 0) {
    ATALAYA_TRY(index->apply(changes, position));
  }
  return read;
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

// A snippet is cut from our summary or from the official text, as the index was given them: the
// text in the language asked for, else in the first that is held (add_documents).
std::string language_of_snippet(const SearchHit& hit, Language asked,
                                const std::vector<std::string>& held_in) {
  std::string shown;
  for (const auto& [text, match] : hit.snippet) {
    shown += text == "… " || text == " …" ? std::string() : text;
  }
  if (squeeze(hit.row.summary).contains(shown)) {
    return hit.row.title_language;
  }
  const bool own = std::ranges::find(held_in, to_string(asked)) != held_in.end();
  return own || held_in.empty() ? std::string() : held_in.front();
}

using Languages = std::map<std::string, std::vector<std::string>, std::less<>>;

Result<Languages> languages_held(store::Transaction& tx, const std::vector<std::string>& ids) {
  Languages held;
  if (ids.empty()) {
    return held;
  }
  detail::Where where;
  where.add("commitment IN (" + where.list(ids) + ")");
  const auto rows =
      ATALAYA_TRY(tx.query("SELECT commitment, language FROM commitment_texts" + where.sql() +
                               " ORDER BY language",
                           where.parameters()));
  for (const auto& row : rows) {
    held[row.text(0)].push_back(row.text(1));
  }
  return held;
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
  Languages held;
  ATALAYA_TRY(state_->parts.database->read([&](store::Transaction& tx) -> Result<void> {
    rows = ATALAYA_TRY(detail::rows_of(tx, catalogue(), query.language, ids));
    held = ATALAYA_TRY(languages_held(tx, ids));
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
    for (auto& piece : hit.snippet) {
      out.snippet.emplace_back(std::move(piece.text), piece.hit);
    }
    out.snippet_language = language_of_snippet(out, query.language, held[hit.id]);
    answer.hits.push_back(std::move(out));
  }
  return answer;
}

}  // namespace atalaya::commitments
