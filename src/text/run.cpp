#include "run.hpp"

#include <algorithm>
#include <cmath>
#include <optional>

#include <unicode/uchar.h>

#include "document.hpp"
#include "highlight.hpp"
#include "query.hpp"
#include "stop_words.hpp"
#include "synonyms.hpp"

// How a query is answered.
//
// 1. Each word is looked up by its stems. A word that no text has is replaced by the nearest word
//    that some text has (edit distance 1 or 2), and the answer says so.
//    A name of the field finds its other names, too (synonyms.hpp), at half its weight.
// 2. The documents that have all words, ranked by BM25, come first. When fewer than kEnoughMatches
//    have them, those with any of the (six rarest) words follow. This order is not only better to
//    read: facets visit every match, and a query for any of its words matches a large part of the
//    index.
// 3. Of a text in another language this index has the names alone. When fewer than kEnoughMatches
//    are found, or no text has a word, the indexes of the other languages are asked as well, each
//    with its own stems; what they find stands after what was found here and before 2's rest.
// 4. Facets are counted by a spy on the match, which adds up the small codes that each document
//    carries, for the first kFacetMatchesMax matches.

namespace atalaya::text {
namespace {

constexpr std::size_t kEnoughMatches = 5;
constexpr Xapian::doccount kElsewhereMax = 100;  // a language
constexpr double kElsewhereWeight = 1e-3;        // far below a word's
constexpr Xapian::termcount kFallbackWordsMax = 6;
constexpr Xapian::doccount kExactMatches = 1'000;
constexpr double kExactIdWeight = 10;
constexpr double kBoostWeight = 2;
constexpr double kSynonymWeight = 0.5;
constexpr Xapian::termcount kSynonymSlack = 2;  // words inside: "tráfico ilícito de drogas"
constexpr std::size_t kPrefixScanMax = 400;
constexpr std::size_t kPrefixWordsMax = 24;
constexpr std::size_t kPrefixCharactersMin = 2;
// One letter of four is a quarter of the word: "paz" or "arma" would become whatever is near.
constexpr std::size_t kCorrectedCharactersMin = 5;
constexpr std::size_t kTwoErrorsCharactersMin = 6;

class FacetSpy final : public Xapian::MatchSpy {
 public:
  void operator()(const Xapian::Document& document, double) override {
    if (seen_ >= kFacetMatchesMax) {
      capped_ = true;
      return;
    }
    ++seen_;
    const std::string packed = document.get_value(kFacetSlot);
    for (std::string_view rest = packed; !rest.empty();) {
      const std::uint64_t code = take_varint(rest);
      if (code >= counts_.size()) {
        counts_.resize(std::max<std::size_t>(code + 1, 64));
      }
      ++counts_[code];
    }
  }

  void clear() noexcept {
    counts_.clear();
    seen_ = 0;
    capped_ = false;
  }

  [[nodiscard]] bool capped() const noexcept { return capped_; }

  [[nodiscard]] FacetCounts counts(std::string_view name, const std::vector<Facet>& codes) const {
    FacetCounts out;
    for (std::size_t code = 0; code < std::min(counts_.size(), codes.size()); ++code) {
      if (counts_[code] != 0 && codes[code].first == name) {
        out.emplace_back(codes[code].second, counts_[code]);
      }
    }
    std::ranges::sort(out, [](const auto& a, const auto& b) {
      return a.second != b.second ? a.second > b.second : a.first < b.first;
    });
    return out;
  }

 private:
  std::vector<std::size_t> counts_;
  std::size_t seen_ = 0;
  bool capped_ = false;
};

std::size_t characters(std::string_view text) noexcept {
  return static_cast<std::size_t>(std::ranges::count_if(
      text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

bool has_digit(std::string_view text) noexcept {
  return std::ranges::any_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

class Search {
 public:
  Search(Reader& reader, const SearchQuery& query, const Elsewhere* elsewhere)
      : database_(reader.database),
        codes_(reader.facets),
        query_(query),
        elsewhere_(elsewhere),
        parsed_(parse_query(query.text, query.language)),
        limit_(static_cast<Xapian::doccount>(std::clamp<std::size_t>(query.limit, 1, kHitsMax))),
        offset_(static_cast<Xapian::doccount>(std::min(query.offset, kHitOffsetMax))) {}

  SearchResults run() {
    correct();
    build();
    if (all_.empty() && only_stop_words()) {
      out_.only_stop_words = true;
      count_facets(Xapian::Query::MatchNothing, nullptr);
      return std::move(out_);
    }
    Xapian::Query all = positive(Xapian::Query::OP_AND);
    FacetSpy spy;
    Xapian::MSet first = match(filtered(all), offset_, limit_, wants_facets() ? &spy : nullptr);
    if (first.get_matches_estimated() < kEnoughMatches && !all_.empty()) {
      if (const Xapian::Query others = found_elsewhere(); !others.empty()) {
        all = Xapian::Query(Xapian::Query::OP_OR, all, others);
        spy.clear();
        first = match(filtered(all), offset_, limit_, wants_facets() ? &spy : nullptr);
      }
    }
    const std::size_t matches_all = first.get_matches_estimated();
    if (query_.every_word || any_.size() < 2 || matches_all >= kEnoughMatches) {
      set_total(first, 0);
      add_hits(first, true);
      count_facets(all, &spy);
      return std::move(out_);
    }
    fall_back(all, matches_all);
    return std::move(out_);
  }

  // `asked` is the language of the person, whose function words do not count either.
  std::vector<std::string> run_own(Language asked) {
    for (QueryClause& clause : parsed_.clauses) {
      for (Token& token : clause.tokens) {
        token.stop = token.stop || is_folded_stop_word(token.word, asked);
      }
    }
    build();
    std::vector<std::string> ids;
    if (all_.empty()) {
      return ids;
    }
    const Xapian::Query own(Xapian::Query::OP_FILTER, positive(Xapian::Query::OP_AND),
                            Xapian::Query(kOwnBodyTerm));
    const Xapian::MSet found = match(filtered(own), 0, kElsewhereMax, nullptr);
    for (auto it = found.begin(); it != found.end(); ++it) {
      ids.push_back(decode_stored(it.get_document()).id);
    }
    return ids;
  }

 private:
  [[nodiscard]] bool wants_facets() const noexcept { return !query_.facets.empty(); }

  // --- words ------------------------------------------------------------------------------

  [[nodiscard]] bool known(const Token& token) const {
    return database_.term_exists(token.stem) ||
           (!token.alternative.empty() && database_.term_exists(token.alternative));
  }

  // As texts write a word: with each of the accents that it has in them.
  [[nodiscard]] std::vector<std::string> written(const std::string& folded) const {
    return {database_.synonyms_begin(folded), database_.synonyms_end(folded)};
  }

  // What a word is looked for under. Asked for without its accents it finds what it does with them.
  [[nodiscard]] std::vector<std::string> terms_of(const Token& token) const {
    std::vector<std::string> terms = {token.stem};
    const auto add = [&](const std::string& term) {
      if (!term.empty() && std::ranges::find(terms, term) == terms.end()) {
        terms.push_back(term);
      }
    };
    add(token.alternative);
    for (const std::string& word : written(token.word)) {
      add(stem_word(word, query_.language));
    }
    return terms;
  }

  void mark_word(const Token& token) {
    if (!token.stop) {
      const auto terms = terms_of(token);
      marked_.stems.insert(terms.begin(), terms.end());
    }
  }

  // The nearest word of the index to a word that it has not.
  [[nodiscard]] std::optional<Token> nearest(const Token& token) const {
    const std::size_t length = characters(token.word);
    if (length < kCorrectedCharactersMin || has_digit(token.word)) {
      return std::nullopt;
    }
    const unsigned distance = length < kTwoErrorsCharactersMin ? 1 : 2;
    const std::string word = database_.get_spelling_suggestion(token.word, distance);
    if (word.empty()) {
      return std::nullopt;
    }
    const auto forms = written(word);
    auto tokens = tokenize_stemmed(forms.empty() ? word : forms.front(), query_.language);
    if (tokens.size() != 1 || !known(tokens.front())) {
      return std::nullopt;
    }
    return std::move(tokens.front());
  }

  [[nodiscard]] bool is_unfinished(const QueryClause& clause, const Token& token) const {
    return query_.prefix_last && parsed_.ends_in_word && &clause == &parsed_.clauses.back() &&
           &token == &clause.tokens.back();
  }

  void correct() {
    std::string corrected;
    std::size_t done = 0;
    for (QueryClause& clause : parsed_.clauses) {
      if (clause.negated ||
          (!clause.id.empty() && database_.term_exists(exact_id_term(clause.id)))) {
        continue;
      }
      for (Token& token : clause.tokens) {
        if (token.stop || is_unfinished(clause, token) || known(token) || has_synonyms(token) ||
            (elsewhere_ != nullptr && elsewhere_->knows(token.word))) {
          continue;
        }
        if (auto better = nearest(token)) {
          corrected.append(parsed_.text, done, token.begin - done)
              .append(better->accented.empty() ? better->word : better->accented);
          done = token.end;
          better->begin = token.begin;
          better->end = token.end;
          token = std::move(*better);
        }
      }
    }
    if (done != 0) {
      out_.corrected = corrected.append(parsed_.text, done);
    }
  }

  // "ciberdelito" is no slip of the pen where texts have its other names.
  [[nodiscard]] bool has_synonyms(const Token& token) const {
    const auto all_known = [&](const SynonymName& name) {
      return std::ranges::all_of(name, [&](const Token& word) { return word.stop || known(word); });
    };
    return std::ranges::any_of(synonyms(query_.language), [&](const SynonymGroup& group) {
      const auto is_token = [&](const SynonymName& name) {
        return name.size() == 1 && is_same_word(name.front(), token);
      };
      return std::ranges::any_of(group, is_token) && std::ranges::any_of(group, all_known);
    });
  }

  // --- queries ----------------------------------------------------------------------------

  // The spellings of one word rank as one. (Not OP_MAX: it crashes in Xapian 1.4.22 below AND_NOT,
  // as a random search over 20,000 queries shows.)
  [[nodiscard]] Xapian::Query word_query(const Token& token) const {
    const auto terms = terms_of(token);
    return terms.size() == 1 ? Xapian::Query(terms.front())
                             : Xapian::Query(Xapian::Query::OP_SYNONYM, terms.begin(), terms.end());
  }

  [[nodiscard]] Xapian::Query phrase_query(const QueryClause& clause) const {
    std::vector<Xapian::Query> words;
    std::size_t first = clause.tokens.size();
    std::size_t last = 0;
    for (std::size_t i = 0; i < clause.tokens.size(); ++i) {
      const Token& token = clause.tokens[i];
      if (token.stop) {
        continue;
      }
      first = std::min(first, i);
      last = i;
      const auto terms = terms_of(token);
      words.emplace_back(Xapian::Query::OP_OR, terms.begin(), terms.end());
    }
    if (words.size() < 2) {
      return words.empty() ? Xapian::Query() : words.front();
    }
    return {Xapian::Query::OP_PHRASE, words.begin(), words.end(),
            static_cast<Xapian::termcount>(last - first + 1)};
  }

  // The unfinished last word: the commonest words that start with it.
  [[nodiscard]] Xapian::Query prefix_query(const Token& token) {
    std::vector<std::pair<Xapian::doccount, std::string>> words;
    auto it = database_.spellings_begin();
    const auto end = database_.spellings_end();
    it.skip_to(token.word);
    for (std::size_t i = 0; i < kPrefixScanMax && it != end; ++i, ++it) {
      std::string word = *it;
      if (!word.starts_with(token.word)) {
        break;
      }
      words.emplace_back(it.get_termfreq(), std::move(word));
    }
    std::ranges::sort(words, std::greater<>{});
    words.resize(std::min(words.size(), kPrefixWordsMax));
    std::vector<Xapian::Query> terms;
    if (!token.stop) {
      terms.push_back(word_query(token));
      mark_word(token);
    }
    for (const auto& [frequency, word] : words) {
      terms.emplace_back(stem_word(word, query_.language));
    }
    marked_.prefix = token.word;
    return {Xapian::Query::OP_SYNONYM, terms.begin(), terms.end()};
  }

  [[nodiscard]] Xapian::Query token_query(const QueryClause& clause, const Token& token) {
    if (is_unfinished(clause, token) && characters(token.word) >= kPrefixCharactersMin) {
      return prefix_query(token);
    }
    if (token.stop) {
      return {};
    }
    mark_word(token);
    return word_query(token);
  }

  // How many clauses from `at` on say `name` in words without quotes; 0 where they do not.
  [[nodiscard]] std::size_t clauses_of(std::size_t at, const SynonymName& name) const {
    auto word = name.begin();
    const auto skip_stops = [&] {
      word = std::find_if(word, name.end(), [](const Token& one) { return !one.stop; });
    };
    skip_stops();
    for (std::size_t i = at; i < parsed_.clauses.size() && word != name.end(); ++i) {
      const QueryClause& clause = parsed_.clauses[i];
      for (const Token& token : clause.tokens) {
        const bool same = word != name.end() && is_same_word(*word, token);
        const bool quoted = clause.id.empty();
        if (quoted || clause.negated || !(same || (token.stop && i > at))) {
          return 0;
        }
        word += same ? 1 : 0;
        skip_stops();
      }
      if (word == name.end()) {
        return i - at + 1;
      }
    }
    return 0;
  }

  struct Synonyms {
    std::size_t clauses = 1;  // that say the name
    Xapian::Query others;     // empty where there are none
  };

  // The other names of what the clauses from `at` on name; of several names the longest.
  [[nodiscard]] Synonyms synonyms_at(std::size_t at) {
    Synonyms out;
    const SynonymGroup* found = nullptr;
    const SynonymName* said = nullptr;
    for (const SynonymGroup& group : synonyms(query_.language)) {
      for (const SynonymName& name : group) {
        const std::size_t clauses = clauses_of(at, name);
        if (clauses >= out.clauses && (said == nullptr || clauses > out.clauses)) {
          out.clauses = clauses;
          found = &group;
          said = &name;
        }
      }
    }
    std::vector<Xapian::Query> others;
    for (std::size_t i = 0; found != nullptr && i < found->size(); ++i) {
      const SynonymName& name = (*found)[i];
      if (&name != said) {
        others.push_back(name_query(name));
        std::ranges::for_each(name, [&](const Token& token) { mark_word(token); });
      }
    }
    if (!others.empty()) {
      const Xapian::Query any(Xapian::Query::OP_OR, others.begin(), others.end());
      out.others = Xapian::Query(Xapian::Query::OP_SCALE_WEIGHT, any, kSynonymWeight);
    }
    return out;
  }

  [[nodiscard]] Xapian::Query name_query(const SynonymName& name) const {
    std::vector<Xapian::Query> words;
    for (const Token& token : name) {
      if (!token.stop) {
        const auto terms = terms_of(token);
        words.emplace_back(Xapian::Query::OP_OR, terms.begin(), terms.end());
      }
    }
    return words.size() == 1
               ? words.front()
               : Xapian::Query(Xapian::Query::OP_PHRASE, words.begin(), words.end(),
                               static_cast<Xapian::termcount>(name.size()) + kSynonymSlack);
  }

  // One clause that must hold; empty where it asks for nothing.
  [[nodiscard]] Xapian::Query clause_query(const QueryClause& clause) {
    std::vector<Xapian::Query> parts;
    if (clause.phrase) {
      for (const Token& token : clause.tokens) {
        mark_word(token);
      }
      parts.push_back(phrase_query(clause));
    } else {
      for (const Token& token : clause.tokens) {
        parts.push_back(token_query(clause, token));
      }
    }
    std::erase_if(parts, [](const Xapian::Query& part) { return part.empty(); });
    any_.insert(any_.end(), parts.begin(), parts.end());
    Xapian::Query whole(Xapian::Query::OP_AND, parts.begin(), parts.end());
    if (const std::string id = exact_id_term(clause.id);
        !clause.id.empty() && database_.term_exists(id)) {
      const Xapian::Query exact(Xapian::Query::OP_SCALE_WEIGHT, Xapian::Query(id), kExactIdWeight);
      whole = whole.empty() ? exact : Xapian::Query(Xapian::Query::OP_OR, exact, whole);
      any_.push_back(exact);
    }
    return whole;
  }

  // Fills all_ (clauses that must hold), any_ (what the fallback looks for) and not_.
  void build() {
    for (std::size_t i = 0; i < parsed_.clauses.size();) {
      if (parsed_.clauses[i].negated) {
        add_negated(parsed_.clauses[i++]);
        continue;
      }
      const Synonyms same = synonyms_at(i);
      std::vector<Xapian::Query> wholes;
      for (const std::size_t end = i + same.clauses; i < end; ++i) {
        wholes.push_back(clause_query(parsed_.clauses[i]));
      }
      std::erase_if(wholes, [](const Xapian::Query& whole) { return whole.empty(); });
      if (same.others.empty()) {
        all_.insert(all_.end(), wholes.begin(), wholes.end());
        continue;
      }
      const Xapian::Query whole(Xapian::Query::OP_AND, wholes.begin(), wholes.end());
      all_.emplace_back(Xapian::Query::OP_OR, whole, same.others);
      any_.push_back(same.others);
    }
  }

  void add_negated(const QueryClause& clause) {
    Xapian::Query without = phrase_query(clause);
    if (const std::string id = exact_id_term(clause.id);
        !clause.id.empty() && database_.term_exists(id)) {
      without = Xapian::Query(Xapian::Query::OP_OR, without, Xapian::Query(id));
    }
    if (!without.empty()) {
      not_.push_back(without);
    }
  }

  // "de la" asks for nothing that is indexed, unlike an empty query, which asks for everything.
  [[nodiscard]] bool only_stop_words() const {
    return std::ranges::any_of(parsed_.clauses,
                               [](const QueryClause& clause) { return !clause.negated; });
  }

  [[nodiscard]] Xapian::Query positive(Xapian::Query::op op) const {
    if (all_.empty()) {
      return Xapian::Query::MatchAll;
    }
    if (op == Xapian::Query::OP_AND) {
      return {op, all_.begin(), all_.end()};
    }
    // The words that tell most; what has all words has these.
    return any_.size() > kFallbackWordsMax
               ? Xapian::Query(Xapian::Query::OP_ELITE_SET, any_.begin(), any_.end(),
                               kFallbackWordsMax)
               : Xapian::Query(op, any_.begin(), any_.end());
  }

  // With the words to leave out, the filters (but those of `except`) and the boost.
  [[nodiscard]] Xapian::Query filtered(Xapian::Query query, std::string_view except = {}) const {
    if (!not_.empty()) {
      query = Xapian::Query(Xapian::Query::OP_AND_NOT, query,
                            Xapian::Query(Xapian::Query::OP_OR, not_.begin(), not_.end()));
    }
    std::map<std::string_view, std::vector<Xapian::Query>> by_name;
    for (const auto& [name, value] : query_.filters) {
      // A value too long to be a term is in no document.
      constexpr std::size_t kTermBytesMax = 245;
      std::string term = facet_term(name, value);
      const bool possible = term.size() <= kTermBytesMax && !term.contains('\0');
      by_name[name].push_back(possible ? Xapian::Query(term) : Xapian::Query::MatchNothing);
    }
    for (const auto& [name, values] : by_name) {
      if (name != except) {
        query = Xapian::Query(Xapian::Query::OP_FILTER, query,
                              Xapian::Query(Xapian::Query::OP_OR, values.begin(), values.end()));
      }
    }
    return query;
  }

  Xapian::MSet match(Xapian::Query query, Xapian::doccount from, Xapian::doccount count,
                     FacetSpy* spy) {
    if (count != 0 && database_.get_value_freq(kBoostSlot) != 0) {
      boost_ = std::make_unique<Xapian::ValueWeightPostingSource>(kBoostSlot);
      query = Xapian::Query(
          Xapian::Query::OP_AND_MAYBE, query,
          Xapian::Query(Xapian::Query::OP_SCALE_WEIGHT, Xapian::Query(boost_.get()), kBoostWeight));
    }
    Xapian::Enquire enquire(database_);
    enquire.set_query(query);
    if (spy != nullptr) {
      enquire.add_matchspy(spy);
    }
    const auto at_least =
        spy != nullptr ? static_cast<Xapian::doccount>(kFacetMatchesMax) + 1 : kExactMatches + 1;
    return enquire.get_mset(from, count, at_least);
  }

  // What the other languages' own texts answer, as documents of this index, in their order.
  [[nodiscard]] Xapian::Query found_elsewhere() const {
    if (elsewhere_ == nullptr) {
      return {};
    }
    SearchQuery asked = query_;
    asked.text = out_.corrected.empty() ? query_.text : out_.corrected;
    std::vector<Xapian::Query> documents;
    for (const std::string& id : elsewhere_->find(asked)) {
      documents.emplace_back(Xapian::Query::OP_SCALE_WEIGHT, Xapian::Query(exact_id_term(id)),
                             kElsewhereWeight / static_cast<double>(documents.size() + 1));
    }
    return {Xapian::Query::OP_OR, documents.begin(), documents.end()};
  }

  // --- answers ----------------------------------------------------------------------------

  // Fewer than kEnoughMatches have all words: they come first, then those with any word.
  void fall_back(const Xapian::Query& all, std::size_t matches_all) {
    const Xapian::Query any(Xapian::Query::OP_OR, positive(Xapian::Query::OP_OR), all);
    const Xapian::MSet best =
        match(filtered(all), 0, static_cast<Xapian::doccount>(kEnoughMatches), nullptr);
    const auto before = static_cast<Xapian::doccount>(matches_all);
    const Xapian::doccount skip = offset_ > before ? offset_ - before : 0;
    const Xapian::doccount own = before > offset_ ? std::min(before - offset_, limit_) : 0;
    const Xapian::Query rest(Xapian::Query::OP_AND_NOT, any, all);
    const Xapian::MSet others = match(filtered(rest), skip, limit_ - own, nullptr);
    out_.used_fallback = others.get_matches_estimated() != 0;
    set_total(others, before);
    for (Xapian::doccount i = 0; i < own && offset_ + i < best.size(); ++i) {
      add_hit(best[offset_ + i], true);
    }
    add_hits(others, false);
    if (wants_facets()) {
      FacetSpy spy;
      match(filtered(any), 0, 0, &spy);
      count_facets(any, &spy);
    }
  }

  void set_total(const Xapian::MSet& found, Xapian::doccount before) {
    out_.total = before + found.get_matches_estimated();
    out_.total_exact = found.get_matches_lower_bound() == found.get_matches_upper_bound();
  }

  void add_hits(const Xapian::MSet& found, bool matched_all) {
    for (auto it = found.begin(); it != found.end(); ++it) {
      add_hit(it, matched_all);
    }
  }

  void add_hit(const Xapian::MSetIterator& it, bool matched_all) {
    StoredDocument stored = decode_stored(it.get_document());
    if (stored.body_elsewhere && elsewhere_ != nullptr) {
      stored.body = elsewhere_->body_of(stored.id);
    }
    SearchHit hit;
    hit.score = it.get_weight();
    hit.title = mark(stored.title, marked_, query_.language);
    hit.snippet = snippet(stored.summary, stored.body, marked_, query_.language);
    hit.id = std::move(stored.id);
    hit.kind = std::move(stored.kind);
    hit.plain_title = std::move(stored.title);
    hit.extra = std::move(stored.extra);
    hit.matched_all = matched_all;
    out_.hits.push_back(std::move(hit));
  }

  // `spy` has seen the matches under all filters. A facet that is filtered itself is counted by a
  // match of its own, without its filter.
  void count_facets(const Xapian::Query& words, const FacetSpy* spy) {
    for (const std::string& name : query_.facets) {
      const bool own_filter = std::ranges::any_of(
          query_.filters, [&](const Facet& filter) { return filter.first == name; });
      FacetSpy own;
      if (own_filter && spy != nullptr) {
        match(filtered(words, name), 0, 0, &own);
      }
      const FacetSpy& counted = own_filter || spy == nullptr ? own : *spy;
      out_.facets[name] = counted.counts(name, codes_);
      out_.facets_capped = out_.facets_capped || counted.capped();
    }
  }

  const Xapian::Database& database_;
  const std::vector<Facet>& codes_;
  const SearchQuery& query_;
  const Elsewhere* elsewhere_;  // none where this search is asked for by another language's
  ParsedQuery parsed_;
  Xapian::doccount limit_;
  Xapian::doccount offset_;
  SearchResults out_;
  MarkedWords marked_;
  std::vector<Xapian::Query> all_;
  std::vector<Xapian::Query> any_;
  std::vector<Xapian::Query> not_;
  std::unique_ptr<Xapian::ValueWeightPostingSource> boost_;
};

}  // namespace

SearchResults run_search(Reader& reader, const SearchQuery& query, const Elsewhere& elsewhere) {
  return Search(reader, query, &elsewhere).run();
}

bool knows_word(const Reader& reader, std::string_view word, Language language) {
  return std::ranges::any_of(tokenize_stemmed(word, language), [&](const Token& token) {
    return !token.stop &&
           (reader.database.term_exists(token.stem) ||
            (!token.alternative.empty() && reader.database.term_exists(token.alternative)));
  });
}

std::vector<std::string> find_own(Reader& reader, const SearchQuery& query, Language language) {
  SearchQuery own = query;
  own.language = language;
  return Search(reader, own, nullptr).run_own(query.language);
}

std::string own_body(const Reader& reader, const std::string& id) {
  const std::string term = unique_term(id);
  const auto posting = reader.database.postlist_begin(term);
  if (posting == reader.database.postlist_end(term)) {
    return {};
  }
  return decode_stored(reader.database.get_document(*posting)).body;
}

}  // namespace atalaya::text
