// Ranking antecedents.
//
// The same promise seldom returns in the same words: later texts shorten, merge and rename. Words
// alone (TF-IDF cosine) therefore find the relative among the first ten in about two cases of
// three. The score adds what a reader also looks at, each between 0 and 1 and with one weight:
//
//   words      cosine of stems, rare ones counting more (TF-IDF, logarithmic counts)
//   joint      the same for the text and our own title and summary taken together
//   title      the same for title and summary alone: they say in few and constant words what
//              official texts say in many
//   pairs      the same for neighbouring stems ("alternative development")
//   passage    the best pair of sentences: long declarations hold many promises
//   subject    cosine of the field's subjects (lineage_subjects.cpp), which survive rewording and
//              translation
//   theme      themes that editors gave both, rare ones counting more
//   names      instruments and institutions both name, rare ones counting more
//
// Then time: a relative stands in another meeting, most often in the next or the one before; and
// each meeting usually holds one, so that a second candidate of the same meeting counts less. Of
// two that are alike the earlier one comes first, as a reader asks where a text comes from.
//
// Cost: candidates come from an inverted index of stems, rarest first and at most kPostingsMax
// postings, and from the lists of instruments; only the best kCandidatesMax are scored in full.
// The weights are round values on a plateau; what weights fitted without one meeting find for that
// meeting is in docs/methods/antecedents.md.

#include "atalaya/commitments/lineage.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <set>
#include <unordered_map>
#include <utility>

#include <atalaya/text/stem.hpp>

#include "analysis_parts.hpp"
#include "lineage_relation.hpp"
#include "lineage_subjects.hpp"

namespace atalaya::commitments {

namespace {

struct Weights {
  double words = 0.5;
  double joint = 1.5;
  double title = 1.0;
  double pairs = 0.5;
  double passage = 0.5;
  double subject = 0.5;
  double theme = 0.75;
  double instrument = 0.4;
  double institution = 0.1;
  double same_meeting = 0.25;      // factor
  double later = 0.9;              // factor of a candidate that is younger than the item
  double per_meeting = 0.1;        // damping for each meeting between the two
  double second_of_meeting = 0.9;  // factor for each better candidate of its meeting
  double chapeau = 0.3;            // count of a word of the governing text
};

constexpr Weights kWeights;
constexpr std::size_t kCandidatesMax = 400;
constexpr std::size_t kPostingsMax = 400'000;
constexpr std::uint32_t kBreak = 0xFFFFFFFFU;  // between the sentences of a sequence

using Vector = std::vector<std::pair<std::uint32_t, float>>;  // sorted by term, length 1

struct Strings {
  std::unordered_map<std::string, std::uint32_t> numbers;
  std::vector<std::string> names;

  std::uint32_t number(const std::string& name) {
    const auto [at, added] = numbers.try_emplace(name, static_cast<std::uint32_t>(names.size()));
    if (added) {
      names.push_back(name);
    }
    return at->second;
  }
};

double cosine(const Vector& a, const Vector& b) {
  double sum = 0;
  auto i = a.begin();
  auto k = b.begin();
  while (i != a.end() && k != b.end()) {
    if (i->first < k->first) {
      ++i;
    } else if (k->first < i->first) {
      ++k;
    } else {
      sum += double{i->second} * double{k->second};
      ++i;
      ++k;
    }
  }
  return sum;
}

void normalise(Vector& vector) {
  double sum = 0;
  for (const auto& [term, weight] : vector) {
    sum += double{weight} * double{weight};
  }
  if (sum <= 0) {
    return;
  }
  const auto factor = static_cast<float>(1.0 / std::sqrt(sum));
  for (auto& [term, weight] : vector) {
    weight *= factor;
  }
}

/// Terms with their counts become weights: (1 + ln count) * rarity. A term that only the governing
/// text holds has a count below 1, which counts as it is.
template <class Rarity>
Vector weigh(Vector terms, Rarity rarity) {
  std::ranges::sort(terms, {}, &Vector::value_type::first);
  Vector vector;
  vector.reserve(terms.size());
  for (std::size_t i = 0; i < terms.size();) {
    const std::uint32_t term = terms[i].first;
    double own = 0;
    double above = 0;
    for (; i < terms.size() && terms[i].first == term; ++i) {
      own += terms[i].second >= 1 ? 1 : 0;
      above = terms[i].second < 1 ? double{terms[i].second} : above;
    }
    const double weight = (own > 0 ? 1 + std::log(own) : above) * rarity(term);
    if (weight > 0) {
      vector.emplace_back(term, static_cast<float>(weight));
    }
  }
  normalise(vector);
  return vector;
}

using PairVector = std::vector<std::pair<std::uint64_t, double>>;  // sorted by pair, each once

double product(const PairVector& a, const PairVector& b) {
  double sum = 0;
  auto k = b.begin();
  for (const auto& [pair, weight] : a) {
    while (k != b.end() && k->first < pair) {
      ++k;
    }
    sum += k != b.end() && k->first == pair ? weight * k->second : 0.0;
  }
  return sum;
}

/// How many items hold a pair of stems, in fixed memory: too high now and then, never too low.
class PairCounts {
 public:
  void add(std::uint64_t pair) {
    std::uint16_t& count = cell(pair);
    count = count == 0xFFFF ? count : static_cast<std::uint16_t>(count + 1);
  }

  [[nodiscard]] double of(std::uint64_t pair) const {
    return static_cast<double>(counts_[index(pair)]);
  }

 private:
  static constexpr std::size_t kCells = std::size_t{1} << 22U;

  static std::size_t index(std::uint64_t pair) {
    std::uint64_t x = pair * 0x9E3779B97F4A7C15ULL;
    x ^= x >> 29U;
    return x % kCells;
  }

  std::uint16_t& cell(std::uint64_t pair) { return counts_[index(pair)]; }

  std::vector<std::uint16_t> counts_ = std::vector<std::uint16_t>(kCells);
};

std::uint64_t pair_of(std::uint32_t a, std::uint32_t b) {
  return (std::uint64_t{a} << 32U) | std::uint64_t{b};
}

struct Doc {
  std::string id;
  std::uint32_t meeting = 0;  // index into Impl::meetings
  std::int32_t year = 0;
  std::vector<std::uint32_t> sequence;  // stems in order, kBreak between sentences
  std::vector<std::uint32_t> context;   // stems of the chapeau
  std::vector<std::uint32_t> own;       // stems of our title, twice, and of our summary
  float pairs_length = 1;               // Euclidean length of its vector of pairs
  Vector subjects;
  std::vector<std::uint32_t> themes, instruments, institutions;  // sorted
  Wording wording;
};

struct Posting {
  std::uint32_t doc = 0;
  float weight = 0;
};

/// The parts of one score, already weighted.
struct Parts {
  double words = 0;     // those of the text, and with our title and summary
  double likeness = 0;  // cosine of the texts alone, not weighted
  double pairs = 0, passage = 0, subject = 0, theme = 0, instrument = 0, institution = 0;
  double factor = 1;

  [[nodiscard]] double sum() const {
    return words + pairs + passage + subject + theme + instrument + institution;
  }
};

struct Scored {
  std::uint32_t doc = 0;
  Parts parts;
  double score = 0;
};

}  // namespace

struct LineageIndex::Impl {
  std::vector<Doc> docs;
  std::unordered_map<std::string, std::uint32_t> by_id;
  Strings stems;                                                              // names: the stem
  std::array<std::unordered_map<std::string, std::uint32_t>, 4> known_words;  // while building
  std::vector<std::string> shown;          // a whole word for each stem, for reasons
  std::vector<std::uint32_t> holders;      // in how many items each stem stands
  std::vector<std::uint32_t> own_holders;  // in how many titles and summaries
  std::vector<std::uint32_t> all_holders;  // in how many items or their titles and summaries
  std::size_t titled = 0;                  // items with a title
  std::vector<std::vector<Posting>> postings;
  PairCounts pairs;
  std::vector<double> subject_rarity;
  Strings themes, instruments, institutions;
  std::vector<std::vector<std::uint32_t>> theme_docs, instrument_docs, institution_docs;
  std::vector<std::uint32_t> meeting_rank;  // meetings in order of time, same rank for same year

  [[nodiscard]] double rarity(std::size_t holding) const {
    return holding == 0 ? 0
                        : std::log(static_cast<double>(docs.size()) / static_cast<double>(holding));
  }

  [[nodiscard]] double pair_rarity(std::uint64_t pair) const {
    return std::log(static_cast<double>(docs.size()) / std::max(1.0, pairs.of(pair)));
  }

  std::uint32_t stem_of(const std::string& key, Language language);
  std::vector<std::uint32_t> read(std::string_view text, Language language,
                                  const std::vector<Word>& words);
  void add(const LineageItem& item, std::map<std::string, std::uint32_t>& meeting_numbers);
  void finish(const std::vector<std::pair<std::int32_t, std::string>>& meetings,
              const std::map<std::string, std::uint32_t>& meeting_numbers);
  void count(const Doc& doc);
  [[nodiscard]] Vector words_of_doc(const Doc& doc) const;
  [[nodiscard]] Vector title_of_doc(const Doc& doc) const;
  [[nodiscard]] Vector joint_of_doc(const Doc& doc) const;
  [[nodiscard]] Vector weigh_span(const std::uint32_t* begin, const std::uint32_t* end) const;
  [[nodiscard]] PairVector pairs_of_doc(const Doc& doc) const;
  [[nodiscard]] double shared(const std::vector<std::uint32_t>& a,
                              const std::vector<std::uint32_t>& b,
                              const std::vector<std::vector<std::uint32_t>>& holders_of) const;
  [[nodiscard]] std::vector<std::uint32_t> candidates(std::uint32_t query,
                                                      const Vector& words) const;
  [[nodiscard]] std::vector<Scored> score(std::uint32_t query) const;
  void diversify(std::vector<Scored>& scored) const;
  [[nodiscard]] std::string common_words(const Vector& a, const Vector& b) const;
  [[nodiscard]] Candidate explain(std::uint32_t query, const Scored& one,
                                  const Vector& words) const;
};

namespace {

/// Stems of a text's words in order, with breaks between sentences; stop words and numbers of one
/// digit left out.
std::vector<std::uint32_t> numbers_of(const std::set<std::string>& names, Strings& strings) {
  std::vector<std::uint32_t> numbers;
  for (const std::string& name : names) {
    numbers.push_back(strings.number(name));
  }
  std::ranges::sort(numbers);
  return numbers;
}

std::set<std::string> set_of(const std::vector<std::string>& names) {
  return {names.begin(), names.end()};
}

void hold(std::vector<std::vector<std::uint32_t>>& lists, const std::vector<std::uint32_t>& ids,
          std::uint32_t doc) {
  for (const std::uint32_t id : ids) {
    if (lists.size() <= id) {
      lists.resize(id + 1);
    }
    lists[id].push_back(doc);
  }
}

}  // namespace

std::vector<std::uint32_t> LineageIndex::Impl::read(std::string_view text, Language language,
                                                    const std::vector<Word>& words) {
  std::vector<std::uint32_t> sequence;
  for (const Segment& segment : segments_of(text, words)) {
    if (!sequence.empty() && sequence.back() != kBreak) {
      sequence.push_back(kBreak);
    }
    for (std::size_t i = segment.first; i < segment.last; ++i) {
      const std::uint32_t stem = stem_of(words[i].key, language);
      if (stem != kBreak) {
        sequence.push_back(stem);
      }
    }
  }
  return sequence;
}

/// kBreak for words that tell nothing.
std::uint32_t LineageIndex::Impl::stem_of(const std::string& key, Language language) {
  auto& known = known_words[static_cast<std::size_t>(language)];
  const auto [at, added] = known.try_emplace(key, kBreak);
  if (added && key.size() > 1 && !text::is_stop_word(key, language)) {
    at->second = stems.number(text::stem_word(key, language));
    if (at->second == shown.size()) {
      shown.push_back(key);
    }
  }
  return at->second;
}

void LineageIndex::Impl::add(const LineageItem& item,
                             std::map<std::string, std::uint32_t>& meeting_numbers) {
  const auto number = static_cast<std::uint32_t>(docs.size());
  Doc doc;
  doc.id = item.id;
  doc.year = item.year;
  doc.meeting =
      meeting_numbers.try_emplace(item.meeting, static_cast<std::uint32_t>(meeting_numbers.size()))
          .first->second;
  std::vector<Word> words = words_of(item.text);
  doc.sequence = read(item.text, item.language, words);
  doc.wording = wording_of(item.text, words, item.language);
  const std::vector<Word> above = words_of(item.chapeau);
  doc.context = read(item.chapeau, item.language, above);
  for (const std::string& own : {item.title, item.title, item.summary}) {
    const auto read_own = read(own, item.title_language, words_of(own));
    std::ranges::copy_if(read_own, std::back_inserter(doc.own),
                         [](std::uint32_t stem) { return stem != kBreak; });
  }
  const std::vector<Word> own_words = words_of(item.title + ". " + item.summary);
  words.insert(words.end(), own_words.begin(), own_words.end());
  for (const auto& [subject, count] : subjects_of(words)) {
    doc.subjects.emplace_back(subject, count);
  }
  doc.themes = numbers_of(set_of(item.themes), themes);
  doc.instruments = numbers_of(set_of(item.instruments), instruments);
  doc.institutions = numbers_of(set_of(item.institutions), institutions);
  hold(theme_docs, doc.themes, number);
  hold(instrument_docs, doc.instruments, number);
  hold(institution_docs, doc.institutions, number);
  count(doc);
  by_id.try_emplace(doc.id, number);
  docs.push_back(std::move(doc));
}

void LineageIndex::Impl::count(const Doc& doc) {
  const auto count_each = [&](std::vector<std::uint32_t> held, std::vector<std::uint32_t>& counts) {
    std::ranges::sort(held);
    const auto again = std::ranges::unique(held);
    held.erase(again.begin(), again.end());
    counts.resize(stems.names.size());
    for (const std::uint32_t stem : held) {
      if (stem != kBreak) {
        ++counts[stem];
      }
    }
  };
  std::vector<std::uint32_t> held = doc.sequence;
  held.insert(held.end(), doc.context.begin(), doc.context.end());
  count_each(held, holders);
  held.insert(held.end(), doc.own.begin(), doc.own.end());
  count_each(std::move(held), all_holders);
  count_each(doc.own, own_holders);
  titled += doc.own.empty() ? 0U : 1U;
  std::vector<std::uint64_t> held_pairs;
  for (std::size_t i = 1; i < doc.sequence.size(); ++i) {
    if (doc.sequence[i] != kBreak && doc.sequence[i - 1] != kBreak) {
      held_pairs.push_back(pair_of(doc.sequence[i - 1], doc.sequence[i]));
    }
  }
  std::ranges::sort(held_pairs);
  const auto repeated = std::ranges::unique(held_pairs);
  for (auto pair = held_pairs.begin(); pair != repeated.begin(); ++pair) {
    pairs.add(*pair);
  }
  subject_rarity.resize(subject_count());
  for (const auto& [subject, times] : doc.subjects) {
    subject_rarity[subject] += 1;
  }
}

namespace {

void add_terms(Vector& terms, const std::vector<std::uint32_t>& stems, double count) {
  for (const std::uint32_t stem : stems) {
    if (stem != kBreak) {
      terms.emplace_back(stem, static_cast<float>(count));
    }
  }
}

}  // namespace

Vector LineageIndex::Impl::words_of_doc(const Doc& doc) const {
  Vector terms;
  terms.reserve(doc.sequence.size() + doc.context.size());
  add_terms(terms, doc.sequence, 1);
  add_terms(terms, doc.context, kWeights.chapeau);
  return weigh(std::move(terms), [&](std::uint32_t stem) { return rarity(holders[stem]); });
}

Vector LineageIndex::Impl::title_of_doc(const Doc& doc) const {
  Vector terms;
  add_terms(terms, doc.own, 1);
  return weigh(std::move(terms), [&](std::uint32_t stem) {
    return std::log(static_cast<double>(titled) / static_cast<double>(own_holders[stem]));
  });
}

Vector LineageIndex::Impl::joint_of_doc(const Doc& doc) const {
  Vector terms;
  add_terms(terms, doc.sequence, 1);
  add_terms(terms, doc.own, 1);
  add_terms(terms, doc.context, kWeights.chapeau);
  return weigh(std::move(terms), [&](std::uint32_t stem) { return rarity(all_holders[stem]); });
}

Vector LineageIndex::Impl::weigh_span(const std::uint32_t* begin, const std::uint32_t* end) const {
  Vector terms;
  terms.reserve(static_cast<std::size_t>(end - begin));
  for (const std::uint32_t* stem = begin; stem != end; ++stem) {
    terms.emplace_back(*stem, 1.0F);
  }
  return weigh(std::move(terms), [&](std::uint32_t stem) { return rarity(holders[stem]); });
}

PairVector LineageIndex::Impl::pairs_of_doc(const Doc& doc) const {
  PairVector pairs_held;
  pairs_held.reserve(doc.sequence.size());
  for (std::size_t i = 1; i < doc.sequence.size(); ++i) {
    if (doc.sequence[i] != kBreak && doc.sequence[i - 1] != kBreak) {
      const std::uint64_t pair = pair_of(doc.sequence[i - 1], doc.sequence[i]);
      pairs_held.emplace_back(pair, pair_rarity(pair));
    }
  }
  std::ranges::sort(pairs_held);
  const auto repeated = std::ranges::unique(pairs_held);
  pairs_held.erase(repeated.begin(), repeated.end());
  return pairs_held;
}

void LineageIndex::Impl::finish(const std::vector<std::pair<std::int32_t, std::string>>& meetings,
                                const std::map<std::string, std::uint32_t>& meeting_numbers) {
  meeting_rank.resize(meeting_numbers.size());
  std::uint32_t rank = 0;
  for (std::size_t i = 0; i < meetings.size(); ++i) {
    rank += i > 0 && meetings[i].first != meetings[i - 1].first ? 1U : 0U;
    meeting_rank[meeting_numbers.at(meetings[i].second)] = rank;
  }
  for (double& count : subject_rarity) {
    count = rarity(static_cast<std::size_t>(count));
  }
  postings.resize(stems.names.size());
  for (std::uint32_t number = 0; number < docs.size(); ++number) {
    Doc& doc = docs[number];
    for (const auto& [stem, weight] : words_of_doc(doc)) {
      postings[stem].push_back({number, weight});
    }
    for (auto& [subject, count] : doc.subjects) {
      count = static_cast<float>((1 + std::log(double{count})) * subject_rarity[subject]);
    }
    normalise(doc.subjects);
    double length = 0;
    for (const auto& [pair, weight] : pairs_of_doc(doc)) {
      length += weight * weight;
    }
    doc.pairs_length = static_cast<float>(length > 0 ? std::sqrt(length) : 1.0);
  }
  stems.numbers = {};
  known_words = {};
}

/// Rarity of what both hold, against the rarity of all that each holds; 0…1.
double LineageIndex::Impl::shared(const std::vector<std::uint32_t>& a,
                                  const std::vector<std::uint32_t>& b,
                                  const std::vector<std::vector<std::uint32_t>>& holders_of) const {
  const auto weight = [&](std::uint32_t id) {
    return holders_of[id].size() > 1 ? rarity(holders_of[id].size()) : 0.0;
  };
  double both = 0;
  double of_a = 0;
  double of_b = 0;
  for (const std::uint32_t id : a) {
    of_a += weight(id);
    both += std::ranges::binary_search(b, id) ? weight(id) : 0.0;
  }
  for (const std::uint32_t id : b) {
    of_b += weight(id);
  }
  return both > 0 ? both / std::sqrt(of_a * of_b) : 0.0;
}

std::vector<std::uint32_t> LineageIndex::Impl::candidates(std::uint32_t query,
                                                          const Vector& words) const {
  if (docs.size() <= kCandidatesMax) {
    std::vector<std::uint32_t> all(docs.size());
    for (std::uint32_t i = 0; i < all.size(); ++i) {
      all[i] = i;
    }
    return all;
  }
  Vector rarest = words;
  std::ranges::sort(rarest, [&](const auto& a, const auto& b) {
    return std::pair(holders[a.first], a.first) < std::pair(holders[b.first], b.first);
  });
  std::vector<float> sums(docs.size());
  std::vector<std::uint32_t> touched;
  std::size_t visited = 0;
  for (const auto& [stem, weight] : rarest) {
    if (visited + postings[stem].size() > kPostingsMax && !touched.empty()) {
      break;
    }
    visited += postings[stem].size();
    for (const Posting& posting : postings[stem]) {
      if (sums[posting.doc] == 0) {
        touched.push_back(posting.doc);
      }
      const bool same = docs[posting.doc].meeting == docs[query].meeting;
      sums[posting.doc] +=
          weight * posting.weight * (same ? static_cast<float>(kWeights.same_meeting) : 1.0F);
    }
  }
  for (const std::uint32_t id : docs[query].instruments) {
    const std::size_t some = std::min(instrument_docs[id].size(), kCandidatesMax);
    for (std::size_t i = 0; i < some; ++i) {
      const std::uint32_t doc = instrument_docs[id][i];
      if (sums[doc] == 0) {
        touched.push_back(doc);
      }
      sums[doc] += static_cast<float>(kWeights.instrument);
    }
  }
  if (touched.size() > kCandidatesMax) {
    std::ranges::nth_element(touched, touched.begin() + std::ptrdiff_t{kCandidatesMax},
                             [&](std::uint32_t a, std::uint32_t b) {
                               return std::pair(-sums[a], a) < std::pair(-sums[b], b);
                             });
    touched.resize(kCandidatesMax);
  }
  return touched;
}

namespace {

/// Calls `use` with each sentence of a sequence that has at least three stems.
template <class Use>
void each_sentence(const std::vector<std::uint32_t>& sequence, Use use) {
  constexpr std::ptrdiff_t kWordsMin = 3;
  const std::uint32_t* at = sequence.data();
  const std::uint32_t* const last = at + sequence.size();
  while (at != last) {
    const std::uint32_t* const end = std::find(at, last, kBreak);
    if (end - at >= kWordsMin) {
      use(at, end);
    }
    at = end == last ? last : end + 1;
  }
}

}  // namespace

std::vector<Scored> LineageIndex::Impl::score(std::uint32_t query) const {
  const Doc& from = docs[query];
  const Vector words = words_of_doc(from);
  const Vector title = title_of_doc(from);
  const Vector joint = joint_of_doc(from);
  const PairVector from_pairs = pairs_of_doc(from);
  std::vector<Vector> passages;
  each_sentence(from.sequence, [&](const std::uint32_t* begin, const std::uint32_t* end) {
    passages.push_back(weigh_span(begin, end));
  });
  std::vector<Scored> scored;
  for (const std::uint32_t number : candidates(query, words)) {
    const Doc& to = docs[number];
    if (number == query) {
      continue;
    }
    Scored one;
    one.doc = number;
    one.parts.likeness = cosine(words, words_of_doc(to));
    const double both =
        from.own.empty() && to.own.empty() ? one.parts.likeness : cosine(joint, joint_of_doc(to));
    const double titles = title.empty() || to.own.empty() ? 0 : cosine(title, title_of_doc(to));
    one.parts.words =
        kWeights.words * one.parts.likeness + kWeights.joint * both + kWeights.title * titles;
    one.parts.pairs = kWeights.pairs * product(from_pairs, pairs_of_doc(to)) /
                      (double{from.pairs_length} * double{to.pairs_length});
    double best = 0;
    each_sentence(to.sequence, [&](const std::uint32_t* begin, const std::uint32_t* end) {
      const Vector passage = weigh_span(begin, end);
      for (const Vector& own : passages) {
        best = std::max(best, cosine(own, passage));
      }
    });
    one.parts.passage = kWeights.passage * best;
    one.parts.subject = kWeights.subject * cosine(from.subjects, to.subjects);
    one.parts.theme = kWeights.theme * shared(from.themes, to.themes, theme_docs);
    one.parts.instrument =
        kWeights.instrument * shared(from.instruments, to.instruments, instrument_docs);
    one.parts.institution =
        kWeights.institution * shared(from.institutions, to.institutions, institution_docs);
    const double a = meeting_rank[from.meeting];
    const double b = meeting_rank[to.meeting];
    const double between = std::max(0.0, std::abs(a - b) - 1);
    one.parts.factor = from.meeting == to.meeting ? kWeights.same_meeting
                                                  : 1 / (1 + kWeights.per_meeting * between);
    one.parts.factor *= b > a ? kWeights.later : 1.0;
    one.score = one.parts.sum() * one.parts.factor;
    if (one.score > 0) {
      scored.push_back(one);
    }
  }
  diversify(scored);
  return scored;
}

/// Sorts, lowering each candidate for every better one of its meeting.
void LineageIndex::Impl::diversify(std::vector<Scored>& scored) const {
  constexpr double kLeast = 0.3;
  const auto better = [&](const Scored& a, const Scored& b) {
    return a.score != b.score ? a.score > b.score : docs[a.doc].id < docs[b.doc].id;
  };
  std::ranges::sort(scored, better);
  std::unordered_map<std::uint32_t, int> seen;
  for (Scored& one : scored) {
    const int before = seen[docs[one.doc].meeting]++;
    one.score *= std::max(kLeast, std::pow(kWeights.second_of_meeting, before));
  }
  std::ranges::sort(scored, better);
}

/// The heaviest words that both hold, "a, b, c".
std::string LineageIndex::Impl::common_words(const Vector& a, const Vector& b) const {
  std::vector<std::pair<double, std::uint32_t>> common;
  for (const auto& [stem, weight] : a) {
    const auto at = std::ranges::lower_bound(b, stem, {}, &Vector::value_type::first);
    if (at != b.end() && at->first == stem) {
      common.emplace_back(-double{weight} * double{at->second}, stem);
    }
  }
  std::ranges::sort(common);
  constexpr std::size_t kWordsShown = 5;
  std::string list;
  for (std::size_t i = 0; i < std::min(common.size(), kWordsShown); ++i) {
    list += (list.empty() ? "" : ", ") + shown[common[i].second];
  }
  return list;
}

Candidate LineageIndex::Impl::explain(std::uint32_t query, const Scored& one,
                                      const Vector& words) const {
  const Doc& from = docs[query];
  const Doc& to = docs[one.doc];
  Candidate candidate;
  candidate.id = to.id;
  constexpr double kAll = kWeights.words + kWeights.joint + kWeights.title + kWeights.pairs +
                          kWeights.passage + kWeights.subject + kWeights.theme +
                          kWeights.instrument + kWeights.institution;
  candidate.score = one.score / kAll;
  const double whole = std::max(one.parts.sum(), 1e-9);
  const auto add = [&](ReasonKind kind, std::string detail, double part) {
    candidate.reasons.push_back({kind, std::move(detail), part / whole});
  };

  std::string list = common_words(words, words_of_doc(to));
  if (list.empty()) {  // two languages: our own titles meet
    list = common_words(joint_of_doc(from), joint_of_doc(to));
  }
  if (!list.empty()) {
    add(ReasonKind::wording, std::move(list),
        one.parts.words + one.parts.pairs + one.parts.passage + one.parts.subject);
  }
  const auto add_shared = [&](ReasonKind kind, const std::vector<std::uint32_t>& a,
                              const std::vector<std::uint32_t>& b, const Strings& names,
                              double part) {
    std::vector<std::uint32_t> both;
    std::ranges::set_intersection(a, b, std::back_inserter(both));
    for (const std::uint32_t id : both) {
      add(kind, names.names[id], part / static_cast<double>(both.size()));
    }
  };
  add_shared(ReasonKind::instrument, from.instruments, to.instruments, instruments,
             one.parts.instrument);
  add_shared(ReasonKind::institution, from.institutions, to.institutions, institutions,
             one.parts.institution);
  add_shared(ReasonKind::theme, from.themes, to.themes, themes, one.parts.theme);
  std::ranges::stable_sort(candidate.reasons, std::ranges::greater{}, &Reason::weight);
  const std::uint32_t a = meeting_rank[from.meeting];
  const std::uint32_t b = meeting_rank[to.meeting];
  const std::uint32_t apart = a > b ? a - b : b - a;
  add(ReasonKind::time,
      from.meeting == to.meeting ? "same_meeting"
      : apart <= 1               ? "next_meeting"
                                 : "later_meeting",
      0);

  candidate.candidate_is_earlier = to.year < from.year;
  const bool from_later = from.year >= to.year;
  const Doc& later = from_later ? from : to;
  const Doc& earlier = from_later ? to : from;
  const Relation relation = relation_of(
      {later.wording, later.instruments, later.sequence.size()},
      {earlier.wording, earlier.instruments, earlier.sequence.size()}, one.parts.likeness);
  candidate.suggested = relation.type;
  candidate.suggested_because = relation.because;
  return candidate;
}

std::string_view to_string(RelationType value) noexcept {
  constexpr std::array<std::string_view, 6> kNames = {"restates", "strengthens", "weakens",
                                                      "fulfils",  "supersedes",  "reports_on"};
  return kNames[static_cast<std::size_t>(value)];
}

std::string_view to_string(ReasonKind value) noexcept {
  constexpr std::array<std::string_view, 5> kNames = {"wording", "instrument", "institution",
                                                      "theme", "time"};
  return kNames[static_cast<std::size_t>(value)];
}

LineageIndex LineageIndex::build(std::vector<LineageItem> items) {
  auto impl = std::make_unique<Impl>();
  std::map<std::string, std::uint32_t> meeting_numbers;
  std::map<std::string, std::int32_t> meeting_years;
  impl->docs.reserve(items.size());
  for (LineageItem& item : items) {
    const auto [at, added] = meeting_years.try_emplace(item.meeting, item.year);
    at->second = added ? item.year : std::max(at->second, item.year);
    impl->add(item, meeting_numbers);
    item = LineageItem{};  // the texts go as they are read, so that both never stand in memory
  }
  std::vector<std::pair<std::int32_t, std::string>> meetings;
  for (const auto& [meeting, year] : meeting_years) {
    meetings.emplace_back(year, meeting);
  }
  std::ranges::sort(meetings);
  impl->finish(meetings, meeting_numbers);
  return LineageIndex(std::move(impl));
}

LineageIndex::LineageIndex(std::unique_ptr<const Impl> impl) : impl_(std::move(impl)) {}

LineageIndex::LineageIndex(LineageIndex&&) noexcept = default;
LineageIndex& LineageIndex::operator=(LineageIndex&&) noexcept = default;
LineageIndex::~LineageIndex() = default;

std::size_t LineageIndex::size() const noexcept {
  return impl_->docs.size();
}

std::vector<Candidate> LineageIndex::rank(std::string_view id, std::size_t limit) const {
  const auto at = impl_->by_id.find(std::string(id));
  if (at == impl_->by_id.end()) {
    return {};
  }
  const std::vector<Scored> scored = impl_->score(at->second);
  const Vector words = impl_->words_of_doc(impl_->docs[at->second]);
  std::vector<Candidate> ranked;
  for (const Scored& one : scored) {
    if (ranked.size() == limit) {
      break;
    }
    ranked.push_back(impl_->explain(at->second, one, words));
  }
  return ranked;
}

}  // namespace atalaya::commitments
