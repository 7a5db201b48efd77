#include "highlight.hpp"

#include <algorithm>
#include <span>

#include "query.hpp"
#include "utf8.hpp"

namespace atalaya::text {
namespace {

// A snippet is sought in this much of a text; further down nobody reads for a search result.
constexpr std::size_t kSnippetSearchBytes = 1 << 15;
// How far back a snippet may begin to start with a sentence.
constexpr std::size_t kSentenceBytes = 70;

// The words asked for that are looked at; a text that is full of them needs no longer search.
constexpr std::size_t kSnippetHitsMax = 400;

struct Window {
  std::size_t begin = 0;
  std::size_t end = 0;
  std::size_t score = 0;
};

std::vector<Piece> pieces_of(std::string_view text, std::span<const Token> tokens,
                             const MarkedWords& words) {
  std::vector<Piece> pieces;
  std::size_t done = 0;
  for (const Token& token : tokens) {
    if (!words.contains(token)) {
      continue;
    }
    if (token.begin > done) {
      pieces.push_back({std::string(text.substr(done, token.begin - done)), false});
    }
    pieces.push_back({std::string(text.substr(token.begin, token.end - token.begin)), true});
    done = token.end;
  }
  if (done < text.size()) {
    pieces.push_back({std::string(text.substr(done)), false});
  }
  return pieces;
}

// The start of the sentence that holds `at`, if it lies close before; else `at`.
std::size_t sentence_start(std::string_view text, std::size_t at) {
  const std::size_t stop = at > kSentenceBytes ? at - kSentenceBytes : 0;
  for (std::size_t i = at; i > stop; --i) {
    if (i >= 2 && text[i - 1] == ' ' &&
        (text[i - 2] == '.' || text[i - 2] == ';' || text[i - 2] == ':')) {
      return i;
    }
  }
  return stop == 0 ? 0 : at;
}

// Stretches the span of the words shown to about kSnippetBytes, on the bounds of words.
Window with_context(std::string_view text, std::span<const Token> tokens, Window core) {
  const std::size_t span = core.end - core.begin;
  const std::size_t room = kSnippetBytes > span ? kSnippetBytes - span : 0;
  std::size_t begin = core.begin > room / 3 ? core.begin - room / 3 : 0;
  const auto first = std::ranges::lower_bound(tokens, begin, {}, &Token::begin);
  begin = begin == 0 || first == tokens.end() ? 0 : std::min(first->begin, core.begin);
  begin = sentence_start(text, begin);
  std::size_t end = std::max(core.end, begin + kSnippetBytes);
  if (end >= text.size()) {
    return {begin, text.size(), core.score};
  }
  const auto after = std::ranges::upper_bound(tokens, end, {}, &Token::end);
  end = after == tokens.begin() ? utf8_floor(text, end) : std::prev(after)->end;
  return {begin, std::max(end, core.end), core.score};
}

// Each word asked for counts much once and little when repeated.
Window best_window(std::span<const Token> tokens, const MarkedWords& words) {
  std::vector<const Token*> hits;
  for (const Token& token : tokens) {
    if (hits.size() < kSnippetHitsMax && words.contains(token)) {
      hits.push_back(&token);
    }
  }
  Window best;
  for (std::size_t i = 0; i < hits.size(); ++i) {
    std::set<std::string_view> distinct;
    std::size_t k = i;
    while (k < hits.size() && hits[k]->end - hits[i]->begin <= kSnippetBytes * 3 / 4) {
      distinct.insert(hits[k]->stem);
      ++k;
    }
    const std::size_t score = distinct.size() * 20 + std::min<std::size_t>(k - i, 19);
    if (k > i && score > best.score) {
      best = {hits[i]->begin, hits[k - 1]->end, score};
    }
  }
  return best;
}

struct Candidate {
  std::string text;
  std::vector<Token> tokens;
  Window window;
};

Candidate candidate(std::string_view raw, const MarkedWords& words, Language language) {
  Candidate out;
  out.text = squeeze(raw.substr(0, utf8_floor(raw, kSnippetSearchBytes)));
  out.tokens = tokenize_stemmed(out.text, language);
  out.window = best_window(out.tokens, words);
  return out;
}

}  // namespace

void MarkedWords::add(const Token& token) {
  if (token.stop) {
    return;
  }
  stems.insert(token.stem);
  if (!token.alternative.empty()) {
    stems.insert(token.alternative);
  }
}

bool MarkedWords::contains(const Token& token) const {
  if (token.stop) {
    return false;
  }
  return stems.contains(token.stem) ||
         (!token.alternative.empty() && stems.contains(token.alternative)) ||
         (!prefix.empty() && token.word.starts_with(prefix));
}

std::vector<Piece> mark(std::string_view text, const MarkedWords& words, Language language) {
  return pieces_of(text, tokenize_stemmed(text, language), words);
}

std::vector<Piece> snippet(std::string_view summary, std::string_view body,
                           const MarkedWords& words, Language language) {
  Candidate chosen = candidate(summary, words, language);
  if (chosen.text.empty() || !body.empty()) {
    Candidate other = candidate(body, words, language);
    if (chosen.text.empty() || other.window.score > chosen.window.score) {
      chosen = std::move(other);
    }
  }
  const std::string_view text = chosen.text;
  const Window window = with_context(text, chosen.tokens, chosen.window);
  std::vector<Token> inside;
  for (const Token& token : chosen.tokens) {
    if (token.begin >= window.begin && token.end <= window.end) {
      inside.push_back(token);
      inside.back().begin -= window.begin;
      inside.back().end -= window.begin;
    }
  }
  auto pieces = pieces_of(text.substr(window.begin, window.end - window.begin), inside, words);
  if (window.begin > 0) {
    pieces.insert(pieces.begin(), Piece{"… ", false});
  }
  if (window.end < text.size()) {
    pieces.push_back({" …", false});
  }
  return pieces;
}

std::vector<Piece> highlight(std::string_view text, std::string_view query, Language language) {
  MarkedWords words;
  for (const QueryClause& clause : parse_query(query, language).clauses) {
    if (!clause.negated) {
      for (const Token& token : clause.tokens) {
        words.add(token);
      }
    }
  }
  return mark(text, words, language);
}

}  // namespace atalaya::text
