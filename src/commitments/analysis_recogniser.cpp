// Instruments and institutions by phrase.
//
// All phrases are sorted under their first word; at each word of a text the phrases that begin with
// it are compared word by word. There are about a thousand phrases and seldom more than a dozen
// under one word, so that this costs less than cutting the text into words does.

#include <algorithm>
#include <string>
#include <unordered_map>

#include <atalaya/commitments/analysis.hpp>

#include "analysis_words.hpp"

namespace atalaya::commitments {

namespace {

struct Phrase {
  std::vector<std::string> words;
  std::size_t owner = 0;
};

struct StringHash : std::hash<std::string_view> {
  using is_transparent = void;
};

using Phrases = std::unordered_map<std::string, std::vector<Phrase>, StringHash, std::equal_to<>>;

struct Found {
  std::size_t owner = 0;
  std::size_t first = 0;  // words, [first, last)
  std::size_t last = 0;
  Span span;
  bool acronym = false;
};

/// The phrases of one list of rows (instruments or institutions).
struct Patterns {
  std::vector<std::string> ids;
  Phrases folded;
  Phrases acronyms;

  template <class Row>
  explicit Patterns(std::span<const Row> rows) {
    for (const Row& row : rows) {
      const std::size_t owner = ids.size();
      ids.push_back(row.id);
      for (const std::string& pattern : row.patterns) {
        add(pattern, owner);
      }
    }
  }

  void add(std::string_view pattern, std::size_t owner) {
    const bool acronym = pattern.starts_with('=');
    Phrase phrase;
    phrase.owner = owner;
    if (acronym) {
      pattern.remove_prefix(1);
      for (const Word& word : bare_words_of(pattern)) {
        phrase.words.emplace_back(pattern.substr(word.begin, word.end - word.begin));
      }
    } else {
      for (Word& word : words_of(pattern)) {
        phrase.words.push_back(std::move(word.key));
      }
    }
    if (!phrase.words.empty()) {
      auto& list = acronym ? acronyms : folded;
      list[phrase.words.front()].push_back(std::move(phrase));
    }
  }
};

void find_folded(const Patterns& patterns, const std::vector<Word>& words,
                 std::vector<Found>& found) {
  for (std::size_t i = 0; i < words.size(); ++i) {
    const auto at = patterns.folded.find(words[i].key);
    if (at == patterns.folded.end()) {
      continue;
    }
    for (const Phrase& phrase : at->second) {
      if (i + phrase.words.size() > words.size() ||
          !std::equal(phrase.words.begin(), phrase.words.end(), words.begin() + std::ptrdiff_t(i),
                      [](const std::string& a, const Word& b) { return a == b.key; })) {
        continue;
      }
      const std::size_t last = i + phrase.words.size();
      found.push_back({phrase.owner, i, last, {words[i].begin, words[last - 1].end}, false});
    }
  }
}

void find_acronyms(const Patterns& patterns, std::string_view text, const std::vector<Word>& words,
                   std::vector<Found>& found) {
  const auto printed = [&](std::size_t i) {
    return text.substr(words[i].begin, words[i].end - words[i].begin);
  };
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (!words[i].capital) {
      continue;
    }
    const auto at = patterns.acronyms.find(printed(i));
    if (at == patterns.acronyms.end()) {
      continue;
    }
    for (const Phrase& phrase : at->second) {
      bool same = i + phrase.words.size() <= words.size();
      for (std::size_t k = 0; same && k < phrase.words.size(); ++k) {
        same = phrase.words[k] == printed(i + k);
      }
      if (same) {
        const std::size_t last = i + phrase.words.size();
        found.push_back({phrase.owner, i, last, {words[i].begin, words[last - 1].end}, true});
      }
    }
  }
}

std::vector<Mention> mentions_of(const Patterns& patterns, std::vector<Found> found) {
  std::ranges::sort(found, [](const Found& a, const Found& b) {
    return std::tie(a.span.begin, a.span.end, a.owner) <
           std::tie(b.span.begin, b.span.end, b.owner);
  });
  std::vector<Mention> mentions;
  for (const Found& one : found) {
    const Mention mention{patterns.ids[one.owner], one.span};
    if (mentions.empty() || mentions.back().id != mention.id ||
        mentions.back().span != mention.span) {
      mentions.push_back(mention);
    }
  }
  return mentions;
}

std::vector<Found> find_all(const Patterns& patterns, std::string_view text) {
  std::vector<Found> found;
  std::vector<Word> words = bare_words_of(text);
  find_acronyms(patterns, text, words, found);
  find_folded(patterns, words_of(text, std::move(words)), found);
  return found;
}

}  // namespace

struct Recogniser::Impl {
  Patterns instruments;
  Patterns institutions;
};

Recogniser::Recogniser(std::span<const Instrument> instruments,
                       std::span<const Institution> institutions)
    : impl_(std::make_unique<const Impl>(
          Impl{.instruments = Patterns(instruments), .institutions = Patterns(institutions)})) {}

Recogniser::Recogniser(const Catalogue& catalogue)
    : Recogniser(std::span<const Instrument>(catalogue.instruments()),
                 std::span<const Institution>(catalogue.institutions())) {}

Recogniser::Recogniser(Recogniser&&) noexcept = default;
Recogniser& Recogniser::operator=(Recogniser&&) noexcept = default;
Recogniser::~Recogniser() = default;

std::vector<Mention> Recogniser::instruments(std::string_view text) const {
  std::vector<Found> found = find_all(impl_->instruments, text);
  // A shorter name inside a longer one of another instrument is part of it ("protocol to the
  // convention …"); an acronym inside still names its own ("CIFTA and its model legislation").
  // In order of begin, longest first, the name that reaches furthest so far is the only one that
  // can hold the next, so that a whole document costs no more than its length.
  std::ranges::sort(found, [](const Found& a, const Found& b) {
    return std::tie(a.span.begin, b.span.end) < std::tie(b.span.begin, a.span.end);
  });
  std::vector<Found> kept;
  Span furthest;
  for (const Found& one : found) {
    const bool inside =
        furthest.end > one.span.end ||
        (furthest.end == one.span.end && furthest.begin < one.span.begin);
    if (one.acronym || !inside) {
      kept.push_back(one);
    }
    if (one.span.end > furthest.end) {
      furthest = one.span;
    }
  }
  return mentions_of(impl_->instruments, std::move(kept));
}

std::vector<Mention> Recogniser::institutions(std::string_view text) const {
  return mentions_of(impl_->institutions, find_all(impl_->institutions, text));
}

std::vector<std::string> distinct_ids(const std::vector<Mention>& mentions) {
  std::vector<std::string> ids;
  for (const Mention& mention : mentions) {
    if (std::ranges::find(ids, mention.id) == ids.end()) {
      ids.push_back(mention.id);
    }
  }
  return ids;
}

}  // namespace atalaya::commitments
