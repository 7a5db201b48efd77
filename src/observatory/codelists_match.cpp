#include "codelists_match.hpp"

#include <algorithm>
#include <array>
#include <span>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include <atalaya/base/text.hpp>
#include <atalaya/observatory/codelists.hpp>

namespace atalaya::observatory {
namespace {

using NameWords = std::vector<std::string>;

constexpr double kScoreExact = 1.0, kScoreFolded = 0.98, kScoreAlias = 0.95, kScoreNational = 0.95;
constexpr double kScoreDistance1 = 0.85, kScoreDistance2 = 0.7;
constexpr std::size_t kLettersForDistance1 = 5, kLettersForDistance2 = 9;

/// NameWords for a kind of territory, before its name (with what joins them) or after it.
constexpr std::string_view kKindsBefore[] = {
    "departamento", "depto",   "dpto",        "dep",    "provincia", "prov",  "estado",  "edo",
    "region",       "comarca", "departement", "parish", "regiao",    "state", "province"};
constexpr std::string_view kJoins[] = {"de", "del", "do", "da", "of", "la", "d"};
constexpr std::string_view kKindsAfter[] = {"department", "province", "parish", "district",
                                            "region",     "state",    "county", "territory"};

bool is_among(std::span<const std::string_view> words, std::string_view word) {
  return std::ranges::find(words, word) != words.end();
}

bool is_word_byte(char byte) {
  return (byte >= 'a' && byte <= 'z') || (byte >= '0' && byte <= '9') ||
         static_cast<unsigned char>(byte) >= 0x80;
}

std::string without_brackets(std::string_view text) {
  std::string result;
  int depth = 0;
  for (const char letter : text) {
    if (letter == '(' || letter == '[') {
      ++depth;
    } else if ((letter == ')' || letter == ']') && depth > 0) {
      --depth;
      result += ' ';
    } else if (depth == 0) {
      result += letter;
    }
  }
  return trim(result).empty() ? std::string(text) : result;
}

NameWords split_words(std::string_view folded) {
  NameWords words;
  std::string word;
  for (std::size_t at = 0; at <= folded.size(); ++at) {
    // U+2010 to U+203F: dashes and curved quotation marks part words too.
    const bool mark = at + 2 < folded.size() && folded.substr(at, 2) == "\xE2\x80";
    if (at < folded.size() && !mark && is_word_byte(folded[at])) {
      word += folded[at];
      continue;
    }
    if (mark) {
      at += 2;
    }
    if (!word.empty()) {
      words.push_back(std::exchange(word, {}));
    }
  }
  return words;
}

/// "d c" → "dc": initials are written with and without points.
NameWords join_initials(const NameWords& words) {
  NameWords result;
  bool was_initial = false;
  for (const auto& word : words) {
    const bool initial = word.size() == 1;
    if (initial && was_initial) {
      result.back() += word;
    } else {
      result.push_back(word);
    }
    was_initial = initial;
  }
  return result;
}

void drop_kinds(NameWords& words) {
  if (words.size() > 1 && is_among(kKindsBefore, words.front())) {
    std::size_t drop = 1;
    while (drop + 1 < words.size() && is_among(kJoins, words[drop])) {
      ++drop;
    }
    words.erase(words.begin(), words.begin() + static_cast<std::ptrdiff_t>(drop));
  }
  if (words.size() > 1 && is_among(kKindsAfter, words.back())) {
    words.pop_back();
  }
}

}  // namespace

std::string match_key(std::string_view text, bool is_territory) {
  NameWords words = join_initials(split_words(fold(without_brackets(text))));
  for (auto& word : words) {
    if (word == "st" || word == "ste") {
      word = "saint";
    } else if (word == "sto") {
      word = "santo";
    } else if (word == "sta") {
      word = "santa";
    }
  }
  if (is_territory) {
    drop_kinds(words);
  }
  return fmt::format("{}", fmt::join(words, " "));
}

std::size_t spelling_distance(std::string_view a, std::string_view b, std::size_t most) {
  const std::size_t gap = a.size() > b.size() ? a.size() - b.size() : b.size() - a.size();
  if (gap > most) {
    return most + 1;
  }
  std::vector<std::size_t> before2(b.size() + 1), before(b.size() + 1), row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) {
    before[j] = j;
  }
  for (std::size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t change = a[i - 1] == b[j - 1] ? 0 : 1;
      row[j] = std::min({before[j] + 1, row[j - 1] + 1, before[j - 1] + change});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
        row[j] = std::min(row[j], before2[j - 2] + 1);
      }
    }
    std::swap(before2, before);
    std::swap(before, row);
  }
  return std::min(before[b.size()], most + 1);
}

const NameMatch* NameMatches::sure() const noexcept {
  if (candidates.empty() || (candidates.size() > 1 && candidates[1].score >= candidates[0].score)) {
    return nullptr;
  }
  return candidates.data();
}

namespace {

void add(std::vector<NameMatch>& matches, const Code& code, double score, std::string_view reason) {
  const auto it = std::ranges::find(matches, &code, &NameMatch::code);
  if (it == matches.end()) {
    matches.push_back({&code, score, std::string(reason)});
  } else if (it->score < score) {
    it->score = score;
    it->reason = reason;
  }
}

/// "05", "5" and "05.0" are the same national code to a spreadsheet.
bool is_same_number(std::string_view text, std::string_view national) {
  const auto bare = [](std::string_view digits) {
    while (digits.size() > 1 && digits.front() == '0') {
      digits.remove_prefix(1);
    }
    return digits;
  };
  return !national.empty() &&
         std::ranges::all_of(text, [](char letter) { return letter >= '0' && letter <= '9'; }) &&
         bare(text) == bare(national);
}

bool is_asked_for(const Code& code, const NameQuery& query) {
  return (query.level == 0 || code.level == query.level) &&
         (query.country.empty() || code.country == query.country);
}

}  // namespace

NameMatches Codelist::match_name(std::string_view text, const NameQuery& query) const {
  NameMatches result;
  const std::string printed = squeeze(text);
  const std::string key = match_key(printed, dimension_ == "territory");
  if (printed.empty()) {
    return result;
  }
  auto& matches = result.candidates;
  for (const auto& code : codes_) {
    if (!is_asked_for(code, query)) {
      continue;
    }
    if (code.id == printed ||
        std::ranges::find(code.name.texts, printed) != code.name.texts.end()) {
      add(matches, code, kScoreExact, "exact");
    } else if (!query.country.empty() && is_same_number(printed, code.national)) {
      add(matches, code, kScoreNational, "national code");
    }
  }
  for (const auto& written : written_) {
    const Code& code = codes_[written.code];
    if (!key.empty() && written.key == key && is_asked_for(code, query)) {
      add(matches, code, written.is_alias ? kScoreAlias : kScoreFolded,
          written.is_alias ? "alias" : "folded");
    }
  }
  if (matches.empty() && key.size() >= kLettersForDistance1) {
    const std::size_t most = key.size() >= kLettersForDistance2 ? 2 : 1;
    for (const auto& written : written_) {
      const Code& code = codes_[written.code];
      // A short alias ("Valle") one letter away says too little.
      if (written.key.size() < kLettersForDistance1 || !is_asked_for(code, query)) {
        continue;
      }
      const std::size_t distance = spelling_distance(key, written.key, most);
      if (distance <= most) {
        add(matches, code, distance == 1 ? kScoreDistance1 : kScoreDistance2,
            distance == 1 ? "spelling distance 1" : "spelling distance 2");
      }
    }
  }
  std::ranges::stable_sort(matches, std::greater{}, &NameMatch::score);
  return result;
}

}  // namespace atalaya::observatory
