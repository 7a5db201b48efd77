#include <atalaya/text/stem.hpp>

#include <algorithm>
#include <array>
#include <span>
#include <unordered_map>
#include <utility>

#include <unicode/normalizer2.h>
#include <unicode/uchar.h>
#include <unicode/unistr.h>
#include <xapian.h>

#include "stop_words.hpp"
#include "utf8.hpp"
#include "words.hpp"

// How two spellings become one term.
//
// The Snowball stemmers (by Xapian) want accents: "informaciones" and "información" both lose their
// ending, "informacion" does not. People type without accents. So each word has two stems: that of
// the word as written, folded afterwards, and that of the folded word. A text is indexed under both
// and a query asks for both, so that they meet as soon as either side is written correctly. Where
// the two are not the same, another form of the word may have but the first ("cooperar"): the index
// knows with which accents its texts write a word, and a query asks for the stems of those too.
//
// A few rules come before and after Snowball, where it leaves apart what a reader takes for one
// word: Portuguese and Spanish plurals (convenção, convenções), British and American spelling,
// irregular plurals, and -ic/-icking (traffic, trafficking).

namespace atalaya::text {
namespace {

// Words remembered per language and thread: twice this many, in two generations. When the young
// one is full it becomes the old one, and what is asked for again moves back, so that the frequent
// words are never computed anew.
constexpr std::size_t kGenerationWordsMax = 10'000;
constexpr std::size_t kRememberedWordBytesMax = 48;

struct Stems {
  std::string word;
  std::string stem;
  std::string alternative;
  std::string accented;
  bool stop = false;
};

const char* stemmer_name(Language language) noexcept {
  switch (language) {
    case Language::en:
      return "english";
    case Language::es:
      return "spanish";
    case Language::pt:
      return "portuguese";
    case Language::fr:
      return "french";
  }
  return "none";
}

bool is_ascii(std::string_view text) noexcept {
  return std::ranges::all_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

// Lower case in composed form, accents kept: what the stemmers expect.
std::string lower_composed(std::string_view word) {
  if (is_ascii(word)) {
    return fold(word);
  }
  UErrorCode status = U_ZERO_ERROR;
  const icu::Normalizer2* nfkc = icu::Normalizer2::getNFKCInstance(status);
  ATALAYA_CHECK(U_SUCCESS(status));
  icu::UnicodeString wide =
      nfkc->normalize(icu::UnicodeString::fromUTF8(
                          icu::StringPiece(word.data(), static_cast<std::int32_t>(word.size()))),
                      status);
  // Simple case mappings: one character for one, independent of place and of the locale.
  icu::UnicodeString lowered;
  for (std::int32_t i = 0; i < wide.length();) {
    const UChar32 c = wide.char32At(i);
    i += U16_LENGTH(c);
    lowered.append(u_tolower(c));
  }
  std::string out;
  lowered.toUTF8String(out);
  return out;
}

// Soft hyphens and zero-width joiners are left in words by PDF and web pages.
bool is_ignorable(UChar32 c) noexcept {
  return c == 0xAD || (c >= 0x200B && c <= 0x200D);
}

std::string without_ignorable(std::string_view word) {
  std::string out;
  for (std::size_t i = 0; i < word.size(); ++i) {
    const auto rest = word.substr(i);
    if (rest.starts_with("\xC2\xAD")) {
      i += 1;
    } else if (rest.starts_with("\xE2\x80\x8B") || rest.starts_with("\xE2\x80\x8C") ||
               rest.starts_with("\xE2\x80\x8D")) {
      i += 2;
    } else {
      out += word[i];
    }
  }
  return out;
}

void cut_to(std::string& text, std::size_t bytes_max) {
  text.resize(utf8_floor(text, bytes_max));
}

using Pair = std::pair<std::string_view, std::string_view>;

bool replace_first_ending(std::string& word, std::size_t before_min,
                          std::span<const Pair> endings) {
  for (const auto& [from, to] : endings) {
    if (word.size() >= before_min + from.size() && word.ends_with(from)) {
      word.replace(word.size() - from.size(), from.size(), to);
      return true;
    }
  }
  return false;
}

bool replace_whole(std::string& word, std::span<const Pair> sorted) {
  const auto it = std::ranges::lower_bound(sorted, std::string_view(word), {}, &Pair::first);
  if (it == sorted.end() || it->first != word) {
    return false;
  }
  word = it->second;
  return true;
}

// One spelling for British and American English and for irregular plurals. -ize becomes -ise and
// not the reverse, because Snowball cuts -ize off: "organization" would meet "organ".
void unify_english(std::string& word) {
  static constexpr auto kWords = std::to_array<Pair>({
      {"analysis", "analyses"},
      {"centre", "center"},
      {"centres", "centers"},
      {"children", "child"},
      {"defence", "defense"},
      {"licence", "license"},
      {"licences", "licenses"},
      {"men", "man"},
      {"offence", "offense"},
      {"offences", "offenses"},
      {"programme", "program"},
      {"programmes", "programs"},
      {"women", "woman"},
  });
  static constexpr auto kEndings = std::to_array<Pair>({
      {"our", "or"},
      {"ours", "ors"},
      {"ize", "ise"},
      {"ized", "ised"},
      {"izes", "ises"},
      {"izing", "ising"},
      {"izer", "iser"},
      {"izers", "isers"},
      {"ization", "isation"},
      {"izations", "isations"},
      {"izational", "isational"},
      {"yze", "yse"},
      {"yzed", "ysed"},
      {"yzing", "ysing"},
  });
  if (!replace_whole(word, kWords)) {
    replace_first_ending(word, 3, kEndings);
  }
}

// traffick(ing) -> traffic; words of one syllable (brick) stay.
void unify_english_stem(std::string& stem) {
  if (stem.size() >= 6 && stem.ends_with("ick")) {
    stem.pop_back();
  }
}

// Snowball leaves the plural of short words (arma, armas), and takes a noun on -er or -ar for a
// verb (mujer, militar). Accents that an ending always has are put back where they were not typed,
// so that most words need no second term.
void unify_spanish(std::string& word) {
  static constexpr auto kEndings = std::to_array<Pair>(
      {{"as", "a"}, {"os", "o"}, {"eres", "er"}, {"ares", "ar"}, {"enes", "en"}});
  static constexpr auto kAccents = std::to_array<Pair>({{"ion", "ión"}});
  replace_first_ending(word, 2, kEndings);
  replace_first_ending(word, 2, kAccents);
}

void unify_portuguese(std::string& word) {
  static constexpr auto kWords = std::to_array<Pair>({{"alema", "alemão"},
                                                      {"alemas", "alemão"},
                                                      {"campea", "campeão"},
                                                      {"campeas", "campeão"},
                                                      {"cidada", "cidadão"},
                                                      {"cidadas", "cidadão"},
                                                      {"civis", "civil"},
                                                      {"crista", "cristão"},
                                                      {"cristas", "cristão"},
                                                      {"fuzis", "fuzil"},
                                                      {"irma", "irmão"},
                                                      {"irmas", "irmão"},
                                                      {"leis", "lei"},
                                                      {"orfa", "órfão"},
                                                      {"orfas", "órfão"}});
  // Short words are other words (pais, seis, mães), hence the two lengths. The feminine of a noun
  // on -ão (cidadã) is the same word; without its accent it looks like a participle (dada).
  static constexpr auto kLong = std::to_array<Pair>({
      {"ões", "ão"},
      {"ães", "ão"},
      {"ãs", "ão"},
      {"ã", "ão"},
      {"coes", "ção"},
      {"oes", "ão"},
      {"aes", "ão"},
      {"ais", "al"},
      {"éis", "el"},
      {"eis", "el"},
      {"óis", "ol"},
      {"ois", "ol"},
      {"ares", "ar"},
  });
  static constexpr auto kShort = std::to_array<Pair>({
      {"éns", "em"},
      {"ens", "em"},
      {"ins", "im"},
      {"ons", "om"},
      {"uns", "um"},
      {"as", "a"},
      {"os", "o"},
  });
  static constexpr auto kAccents = std::to_array<Pair>({
      {"cao", "ção"},
      {"ao", "ão"},
      {"encia", "ência"},
      {"ancia", "ância"},
      {"avel", "ável"},
      {"ivel", "ível"},
  });
  if (!replace_whole(word, kWords) && !replace_first_ending(word, 2, kLong)) {
    replace_first_ending(word, 1, kShort);
  }
  replace_first_ending(word, 2, kAccents);
}

void unify_french(std::string& word) {
  static constexpr auto kAccents =
      std::to_array<Pair>({{"iere", "ière"}, {"ieres", "ières"}, {"ee", "ée"}, {"ees", "ées"}});
  replace_first_ending(word, 2, kAccents);
}

class Stemmer {
 public:
  explicit Stemmer(Language language) : language_(language), snowball_(stemmer_name(language)) {}

  const Stems& stems(std::string_view raw) {
    if (const auto it = young_.find(raw); it != young_.end()) {
      return it->second;
    }
    if (raw.size() > kRememberedWordBytesMax) {
      uncommon_ = compute(raw);
      return uncommon_;
    }
    if (young_.size() >= kGenerationWordsMax) {
      old_ = std::move(young_);
      young_.clear();
    }
    if (const auto it = old_.find(raw); it != old_.end()) {
      return young_.insert(old_.extract(it)).position->second;
    }
    return young_.emplace(std::string(raw), compute(raw)).first->second;
  }

 private:
  struct Hash {
    using is_transparent = void;

    std::size_t operator()(std::string_view text) const noexcept {
      return std::hash<std::string_view>{}(text);
    }
  };

  std::string stem_of(std::string word) {
    switch (language_) {
      case Language::en: {
        unify_english(word);
        // Snowball makes "univers" of it, as of "universal".
        if (word.starts_with("universit")) {
          return "universit";
        }
        std::string stem = snowball_(word);
        unify_english_stem(stem);
        return stem;
      }
      case Language::pt:
        unify_portuguese(word);
        break;
      case Language::es:
        unify_spanish(word);
        break;
      case Language::fr:
        unify_french(word);
        break;
    }
    return snowball_(word);
  }

  Stems compute(std::string_view raw) {
    const std::string clean = without_ignorable(raw);
    Stems out;
    out.word = fold(clean);
    cut_to(out.word, kWordBytesMax);
    out.stop = is_folded_stop_word(out.word, language_);
    std::string lowered = lower_composed(clean);
    cut_to(lowered, kWordBytesMax);
    out.accented = lowered == out.word ? std::string() : lowered;
    out.stem = fold(stem_of(std::move(lowered)));
    out.alternative = fold(stem_of(out.word));
    // A stemmer may leave nothing of a word, and folding may lengthen it.
    cut_to(out.stem, kWordBytesMax);
    cut_to(out.alternative, kWordBytesMax);
    if (out.stem.empty()) {
      out.stem = out.word;
    }
    if (out.alternative == out.stem) {
      out.alternative.clear();
    }
    return out;
  }

  Language language_;
  Xapian::Stem snowball_;  // holds the word it works on: one per thread
  std::unordered_map<std::string, Stems, Hash, std::equal_to<>> young_;
  std::unordered_map<std::string, Stems, Hash, std::equal_to<>> old_;
  Stems uncommon_;
};

Stemmer& stemmer(Language language) {
  thread_local std::array<Stemmer, 4> stemmers{Stemmer(Language::en), Stemmer(Language::es),
                                               Stemmer(Language::pt), Stemmer(Language::fr)};
  return stemmers[static_cast<std::size_t>(language)];
}

enum class CharacterKind { word, mark, other };

CharacterKind kind_of(UChar32 c) noexcept {
  if (c < 0x80) {
    const bool word = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    return word ? CharacterKind::word : CharacterKind::other;
  }
  if (u_isalnum(c) != 0) {
    return CharacterKind::word;
  }
  const auto type = u_charType(c);
  const bool mark =
      type == U_NON_SPACING_MARK || type == U_COMBINING_SPACING_MARK || is_ignorable(c);
  return mark ? CharacterKind::mark : CharacterKind::other;
}

// Finds the next word at or after `from`: {begin, end}, begin == end when there is none.
std::pair<std::size_t, std::size_t> next_word(std::string_view text, std::size_t from) noexcept {
  const std::size_t size = text.size();
  std::size_t begin = size;
  std::size_t i = from;
  while (i < size) {
    const std::size_t start = i;
    const UChar32 c = decode_utf8(text, i);
    const CharacterKind kind = c < 0 ? CharacterKind::other : kind_of(c);
    if (begin == size) {
      if (kind == CharacterKind::word) {
        begin = start;
      }
    } else if (kind == CharacterKind::other) {
      return {begin, start};
    }
  }
  return {begin, size};
}

}  // namespace

std::vector<WordSpan> find_words(std::string_view text) {
  std::vector<WordSpan> words;
  words.reserve(text.size() / 6 + 1);
  for (std::size_t i = 0;;) {
    const auto [begin, end] = next_word(text, i);
    if (begin == end) {
      return words;
    }
    words.push_back({begin, end});
    i = end;
  }
}

std::vector<Token> tokenize_stemmed(std::string_view text, Language language) {
  std::vector<Token> tokens;
  tokens.reserve(text.size() / 6 + 1);
  Stemmer& stem = stemmer(language);
  for (std::size_t i = 0;;) {
    const auto [begin, end] = next_word(text, i);
    if (begin == end) {
      return tokens;
    }
    const Stems& known = stem.stems(text.substr(begin, end - begin));
    if (!known.word.empty()) {
      tokens.push_back(
          {known.word, known.stem, known.alternative, begin, end, known.stop, known.accented});
    }
    i = end;
  }
}

std::string stem_word(std::string_view word, Language language) {
  return stemmer(language).stems(word).stem;
}

bool is_stop_word(std::string_view word, Language language) {
  return is_folded_stop_word(fold(word), language);
}

}  // namespace atalaya::text
