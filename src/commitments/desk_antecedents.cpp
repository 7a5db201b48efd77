// Antecedents: which commitments the ranking reads, all of them or a shortlist.
#include "desk_antecedents.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <span>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <atalaya/text/stem.hpp>

namespace atalaya::commitments {
namespace detail {
namespace {

using Items = std::map<std::string, LineageItem, std::less<>>;

constexpr std::size_t kReadChunk = 500;
constexpr std::size_t kWordsAsked = 24;
constexpr std::size_t kWordsAtATime = 6;

// Texts in their first official language, English before the others: the ranking compares words.
// Titles and summaries always in English, so that texts in different languages meet there.
Result<void> read_texts(store::Transaction& tx, const Catalogue& catalogue, const Where& where,
                        Items& items) {
  const auto rows = ATALAYA_TRY(
      tx.query("SELECT c.id, c.year, c.meeting, t.language, t.text, p.text FROM commitments c LEFT "
               "JOIN commitment_texts t ON t.commitment = c.id LEFT JOIN commitment_texts p ON "
               "p.commitment = c.parent AND p.language = t.language" +
                   where.sql() + " ORDER BY c.id, t.language",
               where.parameters()));
  for (const auto& row : rows) {
    LineageItem& item = items[row.text(0)];
    if (!item.id.empty()) {
      continue;
    }
    item.id = row.text(0);
    item.year = static_cast<std::int32_t>(row.integer(1));
    item.meeting = row.text(2);
    item.language = parse_language(row.text_or_empty(3)).value_or(Language::en);
    item.text = row.text_or_empty(4);
    item.chapeau = row.text_or_empty(5);
    if (const Entry* entry = catalogue.find_entry(item.id); entry != nullptr) {
      item.title = entry->title.in(Language::en);
      item.summary = entry->summary.in(Language::en);
      if (item.text.empty()) {
        item.text = item.title + ". " + item.summary;
      }
    }
  }
  return {};
}

Result<void> read_titles_and_links(store::Transaction& tx, const Where& where, Items& items) {
  Where english = where;
  english.add("language = 'en'");
  const auto titles = ATALAYA_TRY(tx.query("SELECT c.commitment, c.title, c.summary FROM titles c" +
                                               english.sql() + " ORDER BY c.commitment, c.version",
                                           english.parameters()));
  for (const auto& row : titles) {
    if (const auto it = items.find(row.text(0)); it != items.end()) {
      it->second.title = row.text(1);
      it->second.summary = row.text(2);
    }
  }
  const auto links =
      ATALAYA_TRY(tx.query("SELECT c.commitment, c.kind, c.target FROM commitment_links c" +
                               where.sql() + " ORDER BY c.commitment, c.kind, c.position",
                           where.parameters()));
  for (const auto& row : links) {
    const auto it = items.find(row.text(0));
    if (it == items.end()) {
      continue;
    }
    auto& list = row.text(1) == "theme"        ? it->second.themes
                 : row.text(1) == "instrument" ? it->second.instruments
                                               : it->second.institutions;
    list.push_back(row.text(2));
  }
  return {};
}

std::vector<LineageItem> listed(Items items) {
  std::vector<LineageItem> out;
  out.reserve(items.size());
  for (auto& [id, item] : items) {
    out.push_back(std::move(item));
  }
  return out;
}

Result<Items> read_some(store::Transaction& tx, const Catalogue& catalogue,
                        const std::set<std::string>& ids) {
  Items items;
  std::vector<std::string> chunk;
  for (auto at = ids.begin(); at != ids.end();) {
    chunk.clear();
    for (; at != ids.end() && chunk.size() < kReadChunk; ++at) {
      chunk.push_back(*at);
    }
    Where texts;
    texts.add("c.id IN (" + texts.list(chunk) + ")");
    ATALAYA_TRY(read_texts(tx, catalogue, texts, items));
    Where others;
    others.add("c.commitment IN (" + others.list(chunk) + ")");
    ATALAYA_TRY(read_titles_and_links(tx, others, items));
  }
  return items;
}

// Words of the title first, then the longer ones: rare words are long more often than not.
std::vector<std::string> words_to_ask(const LineageItem& item) {
  std::vector<std::string> words;
  std::set<std::string> asked;
  const auto add = [&](std::vector<text::Token> tokens) {
    std::ranges::stable_sort(tokens, std::ranges::greater{},
                             [](const text::Token& token) { return token.word.size(); });
    for (const text::Token& token : tokens) {
      if (!token.stop && words.size() < kWordsAsked && asked.insert(token.stem).second) {
        words.push_back(token.word);
      }
    }
  };
  if (item.language == item.title_language) {
    add(text::tokenize_stemmed(item.title, item.title_language));
  }
  add(text::tokenize_stemmed(item.text, item.language));
  return words;
}

// The search wants all words and falls back on any of six, so the words are asked six at a time;
// each time once everywhere and once among those that share a theme, which words alone miss.
Result<void> find_by_words(const text::SearchIndex& index, const LineageItem& item,
                           std::size_t hits, std::set<std::string>& ids) {
  text::SearchQuery query;
  query.language = item.language;
  query.limit = hits;
  const std::vector<std::string> words = words_to_ask(item);
  for (std::size_t i = 0; i < words.size(); i += kWordsAtATime) {
    const auto last = std::min(words.size(), i + kWordsAtATime);
    query.text = fmt::format("{}", fmt::join(std::span(words).subspan(i, last - i), " "));
    query.filters = {{"kind", "commitment"}};
    for (const bool with_theme : {false, true}) {
      for (std::size_t k = 0; with_theme && k < item.themes.size(); ++k) {
        query.filters.emplace_back("theme", item.themes[k]);
      }
      const auto found = ATALAYA_TRY(index.search(query));
      for (const text::SearchHit& hit : found.hits) {
        ids.insert(hit.id);
      }
    }
  }
  return {};
}

// Ids end in letters that come from a hash: those with certain endings are a sample.
Result<void> find_by_chance(store::Transaction& tx, std::int64_t about,
                            std::set<std::string>& ids) {
  constexpr std::string_view kLetters = "0123456789abcdefghjkmnpqrstvwxyz";
  const auto count = ATALAYA_TRY(tx.query_one("SELECT COUNT(*) FROM commitments"));
  const auto pairs = static_cast<std::int64_t>(kLetters.size() * kLetters.size());
  const std::int64_t endings =
      std::min(pairs, 1 + about * pairs / std::max<std::int64_t>(1, count.integer(0)));
  std::vector<std::string> chosen;
  for (std::size_t i = 0; std::ssize(chosen) < endings; ++i) {
    chosen.push_back({kLetters[i % kLetters.size()], kLetters[i / kLetters.size()]});
  }
  Where where;
  where.add("substr(id, length(id) - 1) IN (" + where.list(chosen) + ")");
  const auto rows = ATALAYA_TRY(tx.query(
      fmt::format("SELECT id FROM commitments{} ORDER BY id LIMIT {}", where.sql(), 2 * about),
      where.parameters()));
  for (const auto& row : rows) {
    ids.insert(row.text(0));
  }
  return {};
}

}  // namespace

Result<std::vector<LineageItem>> lineage_items(store::Transaction& tx, const Catalogue& catalogue) {
  Items items;
  ATALAYA_TRY(read_texts(tx, catalogue, {}, items));
  ATALAYA_TRY(read_titles_and_links(tx, {}, items));
  return listed(std::move(items));
}

Result<std::vector<LineageItem>> lineage_shortlist(store::Transaction& tx,
                                                   const Catalogue& catalogue,
                                                   const text::SearchIndex& index,
                                                   std::string_view id, ShortlistSize size) {
  std::set<std::string> ids{std::string(id)};
  const Items asked = ATALAYA_TRY(read_some(tx, catalogue, ids));
  if (asked.empty()) {
    return std::vector<LineageItem>{};
  }
  ATALAYA_TRY(find_by_words(index, asked.begin()->second, size.each_search, ids));
  const auto same_treaty = ATALAYA_TRY(
      tx.query(fmt::format("SELECT DISTINCT o.commitment FROM commitment_links a JOIN "
                           "commitment_links o ON o.kind = a.kind AND o.target = a.target WHERE "
                           "a.commitment = $1 AND a.kind = 'instrument' ORDER BY o.commitment "
                           "LIMIT {}",
                           size.by_treaty),
               {std::string(id)}));
  for (const auto& row : same_treaty) {
    ids.insert(row.text(0));
  }
  ATALAYA_TRY(find_by_chance(tx, size.by_chance, ids));
  Items found = ATALAYA_TRY(read_some(tx, catalogue, ids));
  return listed(std::move(found));
}

}  // namespace detail

Result<std::vector<CandidateView>> Desk::candidates(std::string_view id, Language language,
                                                    std::int32_t limit) const {
  const std::int64_t version = state_->version.load();
  auto index = state_->lineage.with([&](const CachedLineage& cached) {
    return cached.version == version ? cached.index : nullptr;
  });
  bool whole = true;
  std::vector<CandidateView> out;
  ATALAYA_TRY(state_->parts.database->read([&](store::Transaction& tx) -> Result<void> {
    out.clear();
    const auto known =
        ATALAYA_TRY(tx.query("SELECT 1 FROM commitments WHERE id = $1", {std::string(id)}));
    if (known.empty()) {
      return fail(Error{ErrorCode::not_found,
                        "commitments.not_found",
                        "no commitment has this id",
                        {{"id", std::string(id.substr(0, 60))}}});
    }
    if (index == nullptr) {
      const auto count = ATALAYA_TRY(tx.query_one("SELECT COUNT(*) FROM commitments"));
      whole = state_->parts.index == nullptr || count.integer(0) <= detail::kRankAllMax;
      auto items =
          ATALAYA_TRY(whole ? detail::lineage_items(tx, catalogue())
                            : detail::lineage_shortlist(tx, catalogue(), *state_->parts.index, id));
      index = std::make_shared<const LineageIndex>(LineageIndex::build(std::move(items)));
    }
    const auto ranked = index->rank(id, static_cast<std::size_t>(std::max(1, limit)));
    std::vector<std::string> ids;
    for (const auto& candidate : ranked) {
      ids.push_back(candidate.id);
    }
    auto rows = ATALAYA_TRY(detail::rows_of(tx, catalogue(), language, ids));
    for (const auto& candidate : ranked) {
      const auto row = std::ranges::find(rows, candidate.id, &CommitmentRow::id);
      if (row == rows.end()) {
        continue;
      }
      CandidateView view;
      view.row = *row;
      view.score = candidate.score;
      view.suggested_type = to_string(candidate.suggested);
      for (const auto& reason : candidate.reasons) {
        view.reasons.emplace_back(to_string(reason.kind), reason.detail);
      }
      out.push_back(std::move(view));
    }
    return {};
  }));
  // A shortlist answers one question only, but what it said is kept for whoever confirms.
  state_->lineage.with([&](CachedLineage& cached) { cached = {whole ? version : -1, index}; });
  return out;
}

}  // namespace atalaya::commitments
