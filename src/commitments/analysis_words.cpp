#include "analysis_words.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include <atalaya/base/text.hpp>

namespace atalaya::commitments {

namespace {

constexpr std::array<std::pair<std::string_view, std::string_view>, 14> kSpellings = {{
    {"defence", "defense"},
    {"labour", "labor"},
    {"programme", "program"},
    {"programmes", "programs"},
    {"centre", "center"},
    {"centres", "centers"},
    {"behaviour", "behavior"},
    {"neighbour", "neighbor"},
    {"neighbours", "neighbors"},
    {"licence", "license"},
    {"offence", "offense"},
    {"offences", "offenses"},
    {"favour", "favor"},
    {"honour", "honor"},
}};

/// Words in -ise that never had a z.
constexpr std::array<std::string_view, 14> kTrueIse = {
    "exerc", "otherw", "enterpr", "compr",  "prom",  "prem",    "franch",
    "prec",  "superv", "surpr",   "expert", "adver", "comprom", "likew"};

constexpr std::array<std::pair<std::string_view, std::string_view>, 6> kIse = {{
    {"isations", "izations"},
    {"isation", "ization"},
    {"ising", "izing"},
    {"ised", "ized"},
    {"ises", "izes"},
    {"ise", "ize"},
}};

bool is_letter_byte(unsigned char byte) {
  return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
         (byte >= '0' && byte <= '9');
}

/// Length of the character at `at` if it is a letter outside ASCII, else 0. Typographic signs
/// (U+2000 to U+2BFF), superscripts and the signs of Latin-1 below U+00C0 are no letters.
std::size_t wide_letter(std::string_view text, std::size_t at) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char lead = byte(at);
  if (lead < 0xC3) {
    return 0;
  }
  const std::size_t length = lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
  if (at + length > text.size()) {
    return 0;
  }
  if (lead == 0xE2 && byte(at + 1) < 0xB0) {
    return 0;
  }
  if (lead == 0xC3 && (byte(at + 1) == 0x97 || byte(at + 1) == 0xB7)) {
    return 0;  // multiplication and division signs
  }
  return length;
}

bool is_capital(std::string_view word) {
  const auto lead = static_cast<unsigned char>(word.front());
  if (lead == 0xC3 && word.size() > 1) {
    const auto next = static_cast<unsigned char>(word[1]);
    return next >= 0x80 && next <= 0x9E;  // U+00C0 to U+00DE
  }
  return lead >= 'A' && lead <= 'Z';
}

Word make_word(std::string_view text, std::size_t begin, std::size_t end) {
  Word word;
  word.begin = static_cast<std::uint32_t>(begin);
  word.end = static_cast<std::uint32_t>(end);
  const std::string_view printed = text.substr(begin, end - begin);
  word.capital = is_capital(printed);
  const bool ascii =
      std::ranges::all_of(printed, [](char c) { return static_cast<unsigned char>(c) < 0x80; });
  if (ascii) {
    bool upper = printed.size() > 1;
    word.key.reserve(printed.size());
    for (const char c : printed) {
      upper = upper && c >= 'A' && c <= 'Z';
      word.key.push_back(c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c);
    }
    word.upper = upper;
  } else {
    word.key = fold(printed);
  }
  return word;
}

std::vector<Word> scan(std::string_view text) {
  std::vector<Word> words;
  words.reserve(text.size() / 6 + 1);
  std::size_t at = 0;
  while (at < text.size()) {
    const std::size_t begin = at;
    while (at < text.size()) {
      if (is_letter_byte(static_cast<unsigned char>(text[at]))) {
        ++at;
        continue;
      }
      const std::size_t wide = wide_letter(text, at);
      if (wide == 0) {
        break;
      }
      at += wide;
    }
    if (at > begin) {
      words.push_back(make_word(text, begin, at));
    } else {
      ++at;
    }
  }
  return words;
}

/// Whether `prefix` and the next word are one word written apart; `gap` is what stands between.
bool joins(std::string_view prefix, std::string_view next, std::string_view gap) {
  const bool hyphen = gap == "-" || gap == "- ";
  if (prefix == "inter") {
    return (hyphen || gap == " ") &&
           (next.starts_with("american") || next.starts_with("americain"));
  }
  if (prefix == "cyber" || prefix == "counter") {
    return hyphen || (gap == " " && prefix == "cyber");
  }
  return hyphen && (prefix == "anti" || prefix == "multi" || prefix == "non" || prefix == "sub" ||
                    prefix == "co");
}

/// "abster-se-ão": Portuguese writes a pronoun inside its future; the verb is one word without it.
/// `pronoun` stands right before `ending`.
bool encloses(std::string_view text, const Word& verb, const Word& pronoun, const Word& ending) {
  static constexpr std::array<std::string_view, 10> kPronouns = {"se", "nos", "lhe", "lhes", "o",
                                                                 "a",  "os",  "as",  "me",   "vos"};
  static constexpr std::array<std::string_view, 3> kPlain = {"emos", "ia", "iam"};
  const bool glued = text[ending.begin - 1] == '-' && ending.begin - pronoun.end == 1 &&
                     pronoun.begin - verb.end == 1 && text[verb.end] == '-';
  if (!glued || std::ranges::find(kPronouns, pronoun.key) == kPronouns.end()) {
    return false;
  }
  const bool accented = ending.end - ending.begin > ending.key.size() &&
                        (ending.key == "a" || ending.key == "ao" || ending.key == "iamos");
  return accented || std::ranges::find(kPlain, ending.key) != kPlain.end();
}

}  // namespace

std::string canonical_word(std::string folded) {
  if (const std::size_t at = folded.find("œ"); at != std::string::npos) {
    folded.replace(at, std::string_view("œ").size(), "oe");  // "œuvre"
  }
  for (const auto& [from, to] : kSpellings) {
    if (folded == from) {
      return std::string(to);
    }
  }
  for (const auto& [from, to] : kIse) {
    if (folded.size() < from.size() + 4 || !folded.ends_with(from)) {
      continue;
    }
    const std::string_view stem = std::string_view(folded).substr(0, folded.size() - from.size());
    if (std::ranges::find(kTrueIse, stem) == kTrueIse.end()) {
      folded.replace(folded.size() - from.size(), from.size(), to);
    }
    break;
  }
  return folded;
}

std::vector<Word> bare_words_of(std::string_view text) {
  return scan(text);
}

std::vector<Word> words_of(std::string_view text) {
  return words_of(text, scan(text));
}

std::vector<Word> words_of(std::string_view text, std::vector<Word> words) {
  std::size_t kept = 0;
  for (std::size_t i = 0; i < words.size(); ++i) {
    words[i].key = canonical_word(std::move(words[i].key));
    if (kept > 0) {
      Word& last = words[kept - 1];
      const std::string_view gap = text.substr(last.end, words[i].begin - last.end);
      if (joins(last.key, words[i].key, gap)) {
        last.key += words[i].key;
        last.end = words[i].end;
        last.upper = false;
        continue;
      }
      if (kept > 1 && encloses(text, words[kept - 2], last, words[i])) {
        Word& verb = words[kept - 2];
        verb.key += words[i].key;
        verb.end = words[i].end;
        --kept;
        continue;
      }
    }
    if (kept != i) {
      words[kept] = std::move(words[i]);
    }
    ++kept;
  }
  words.resize(kept);
  return words;
}

}  // namespace atalaya::commitments
