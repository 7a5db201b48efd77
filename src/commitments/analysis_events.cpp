// Dates that are others' own: what a body will do, and when a conference is.
//
// "Welcome that the Committee will adopt its directive in 2026" asks nothing of anybody by 2026,
// nor does "support the Congress on Crime Prevention, Salvador, from April 12 to 19, 2010". What
// the parties will do themselves, what they charge a body with, and what is to be done at a
// conference keeps its date as a deadline.

#include <algorithm>
#include <array>

#include "analysis_parts.hpp"
#include "analysis_verbs.hpp"

namespace atalaya::commitments {
namespace {

using Words = std::vector<Word>;

template <std::size_t N>
bool is_one_of(const Word& word, const std::array<std::string_view, N>& keys) {
  return std::ranges::find(keys, word.key) != keys.end();
}

// Between the words of one name.
constexpr std::array<std::string_view, 22> kInNames = {
    "of", "the", "on",  "for", "and", "de", "del", "la",  "las", "los", "el",
    "da", "do",  "das", "dos", "e",   "y",  "du",  "des", "les", "le",  "sur"};
// Between the name of an event and its date.
constexpr std::array<std::string_view, 24> kBeforeDates = {
    "in",   "at",  "from",    "to",     "en",     "em",     "na",      "no",
    "a",    "au",  "aux",     "l",      "d",      "et",     "sobre",   "para",
    "with", "con", "against", "contra", "contre", "during", "durante", "pendant"};
constexpr std::array<std::string_view, 18> kParties = {
    "we",        "governments",   "states", "countries", "ministers", "heads",
    "gobiernos", "estados",       "paises", "ministros", "jefes",     "governos",
    "chefes",    "gouvernements", "etats",  "ministres", "chefs",     "nous"};
constexpr std::array<std::string_view, 9> kOfs = {"of",  "de",  "del", "da", "do",
                                                  "das", "dos", "des", "du"};
constexpr std::array<std::string_view, 3> kFor = {"for", "para", "pour"};
constexpr std::array<std::string_view, 6> kWho = {"which", "that", "who", "que", "qui", "il"};
constexpr std::array<std::string_view, 12> kWhile = {"as",    "when",    "while",  "since",
                                                     "where", "because", "cuando", "mientras",
                                                     "quand", "lorsque", "quando", "enquanto"};
constexpr std::array<std::string_view, 26> kEvents = {
    "conference", "congress",    "summit",   "meeting", "session", "assembly",   "forum",
    "symposium",  "conferencia", "congreso", "cumbre",  "reunion", "sesion",     "asamblea",
    "foro",       "congresso",   "cupula",   "reuniao", "sessao",  "assembleia", "congres",
    "sommet",     "assemblee",   "games",    "juegos",  "jogos"};
// What stands before an event at which, or before which, the parties are to act.
constexpr std::array<std::string_view, 22> kAtOrBefore = {
    "at",      "in", "during", "en",     "durante", "na",    "no",      "lors",
    "pendant", "a",  "au",     "before", "antes",   "avant", "advance", "ahead",
    "to",      "by", "until",  "hasta",  "ate",     "previo"};

bool is_future(std::string_view text, const Word& word, Language language) {
  const std::string_view printed = text.substr(word.begin, word.end - word.begin);
  switch (language) {
    case Language::en:
      return word.key == "will" || word.key == "shall";
    case Language::es:
      return printed.ends_with("rá") || printed.ends_with("rán");
    case Language::pt:
      return printed.ends_with("rá") || printed.ends_with("rão");
    case Language::fr:
      return word.key.size() > 3 && (word.key.ends_with("ra") || word.key.ends_with("ront"));
  }
  return false;
}

// The first word of the name that ends before word `end`.
std::size_t name_before(const Words& words, std::size_t first, std::size_t end) {
  std::size_t begin = end;
  while (begin > first && (words[begin - 1].capital || is_one_of(words[begin - 1], kInNames))) {
    --begin;
  }
  return begin;
}

struct Reader {
  std::string_view text;
  const Words& words;
  const Segment& segment;
  const AnalysisContext& context;

  // "the governments", but not "the Conference of States Parties".
  [[nodiscard]] bool are_parties(std::size_t first, std::size_t last) const {
    for (std::size_t i = first; i < last; ++i) {
      if (is_one_of(words[i], kParties) && (i == first || !is_one_of(words[i - 1], kOfs))) {
        return true;
      }
    }
    return false;
  }

  // Whether the verb at `at` only says something: "welcome", "take note".
  [[nodiscard]] bool says(const Verb& verb, std::size_t at) const {
    constexpr std::array<std::string_view, 6> kTaken = {"note", "nota", "acte",
                                                        "into", "en",   "em"};
    return verb.type == VerbType::state || (verb.lemma == "take" && at + 1 < segment.last &&
                                            is_one_of(words[at + 1], kTaken));
  }

  // Whether somebody else will do it: the subject of the word of the future at `at` is named, is
  // none of the parties, and nobody charges it. A body of the catalogue that the text says will do
  // something is charged, unless it is said in passing.
  [[nodiscard]] bool others_will(std::size_t at) const {
    std::size_t end = at;
    bool in_passing = false;
    while (end > segment.first && (is_one_of(words[end - 1], kWho) || words[end - 1].key == "se")) {
      --end;
      in_passing = in_passing || words[end].key != "se";
    }
    if (end == segment.first || !words[end - 1].capital) {
      return false;
    }
    const std::size_t begin = name_before(words, segment.first, end);
    if (are_parties(begin, end)) {
      return false;
    }
    const auto is_while = [&](std::size_t back) {  // an article may stand between
      return begin >= segment.first + back && is_one_of(words[begin - back], kWhile);
    };
    if (in_passing || is_while(1) || is_while(2)) {
      return true;
    }
    for (std::size_t i = segment.first; i < begin; ++i) {
      if (const auto verb = find_verb(words[i].key, context.language)) {
        return says(*verb, i);
      }
    }
    const auto first_verb = find_verb(words[begin].key, context.language);
    if (first_verb && begin + 1 < end) {
      return says(*first_verb, begin);  // "Note the Committee will …"
    }
    const std::string_view name =
        text.substr(words[begin].begin, words[end - 1].end - words[begin].begin);
    return context.recogniser == nullptr || context.recogniser->institutions(name).empty();
  }

  // Of the words between that of the future and the date the last ones may stand behind a comma.
  [[nodiscard]] bool reaches(std::size_t from, std::size_t date) const {
    for (std::size_t i = date; i > from; --i) {
      if (comma_before(text, words, i)) {
        return std::all_of(words.begin() + static_cast<std::ptrdiff_t>(i),
                           words.begin() + static_cast<std::ptrdiff_t>(date), [](const Word& word) {
                             return is_one_of(word, kBeforeDates) || is_one_of(word, kInNames);
                           });
      }
    }
    return true;
  }

  // Whether the event named at `at` is prepared, welcomed or noted rather than held or founded, and
  // nothing is to be done at it or before it.
  [[nodiscard]] bool only_names(std::size_t at) const {
    const std::size_t begin = name_before(words, segment.first, at);
    if (begin > segment.first && is_one_of(words[begin - 1], kAtOrBefore)) {
      return false;
    }
    for (std::size_t i = begin > segment.first ? begin - 1 : begin; i < at; ++i) {
      if (is_one_of(words[i], kFor)) {
        return true;
      }
    }
    for (std::size_t i = at; i-- > segment.first;) {
      const auto verb = find_verb(words[i].key, context.language);
      if (verb && (!words[i].capital || i == segment.first)) {
        return says(*verb, i) || verb->type == VerbType::promote;
      }
    }
    return true;
  }

  [[nodiscard]] bool dates_an_event(std::size_t date) const {
    constexpr std::size_t kReach = 20;
    std::size_t at = date;
    while (at > segment.first && date - at < kReach) {
      const Word& word = words[--at];
      if (word.capital && is_one_of(word, kEvents)) {
        return only_names(at);
      }
      const bool number = word.key.front() >= '0' && word.key.front() <= '9';
      if (!word.capital && !number && !is_one_of(word, kInNames) &&
          !is_one_of(word, kBeforeDates)) {
        return false;
      }
    }
    return false;
  }
};

}  // namespace

bool others_will_do(std::string_view text, const std::vector<Word>& words, const Segment& segment,
                    std::size_t date, const AnalysisContext& context) {
  const Reader reader{text, words, segment, context};
  for (std::size_t at = date; at-- > segment.first;) {
    if (is_future(text, words[at], context.language)) {
      return reader.reaches(at, date) && reader.others_will(at);
    }
  }
  return false;
}

bool is_event_of_others(std::string_view text, const std::vector<Word>& words,
                        const Segment& segment, std::size_t date, const AnalysisContext& context) {
  const Reader reader{text, words, segment, context};
  return others_will_do(text, words, segment, date, context) || reader.dates_an_event(date);
}

}  // namespace atalaya::commitments
