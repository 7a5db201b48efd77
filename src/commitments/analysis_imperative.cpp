// English has no ending for its infinitive: what begins an item may be a verb ("Ban drugs"), a noun
// ("Drug policy") or both ("Screen"). Closed classes of words and the endings of nouns and
// adjectives rule out most of what is none; what follows the word decides for the rest.

#include "analysis_imperative.hpp"

#include <algorithm>
#include <array>
#include <set>
#include <string>

#include "analysis_head_words.hpp"
#include "parse_dates.hpp"

namespace atalaya::commitments {
namespace {

using WordSet = std::set<std::string_view>;

// Words that never are verbs in front of an item: articles, pronouns, prepositions, conjunctions,
// adverbs without an ending, numbers.
const WordSet& closed_words() {
  static const WordSet kSet = {
      "the",      "a",          "an",      "this",   "that",      "these",      "those",
      "our",      "their",      "its",     "his",    "her",       "your",       "my",
      "it",       "he",         "she",     "we",     "they",      "you",        "i",
      "us",       "them",       "who",     "which",  "what",      "whose",      "all",
      "any",      "both",       "each",    "every",  "either",    "neither",    "no",
      "none",     "not",        "never",   "some",   "such",      "same",       "many",
      "much",     "more",       "most",    "few",    "fewer",     "several",    "other",
      "others",   "another",    "only",    "half",   "twice",     "once",       "in",
      "on",       "at",         "by",      "of",     "to",        "from",       "for",
      "with",     "within",     "without", "as",     "under",     "over",       "upon",
      "into",     "onto",       "through", "toward", "between",   "among",      "amid",
      "across",   "against",    "along",   "around", "about",     "above",      "below",
      "before",   "after",      "behind",  "beyond", "beside",    "despite",    "during",
      "except",   "inside",     "outside", "near",   "off",       "out",        "past",
      "per",      "than",       "since",   "until",  "till",      "unlike",     "like",
      "via",      "versus",     "and",     "or",     "but",       "nor",        "if",
      "though",   "unless",     "while",   "when",   "where",     "whereas",    "because",
      "so",       "yet",        "then",    "there",  "here",      "hence",      "how",
      "why",      "now",        "also",    "too",    "again",     "always",     "often",
      "soon",     "still",      "even",    "ever",   "far",       "fast",       "quite",
      "rather",   "very",       "well",    "today",  "two",       "three",      "four",
      "five",     "six",        "seven",   "eight",  "nine",      "ten",        "hundred",
      "first",    "second",     "third",   "date",   "be",        "is",         "are",
      "was",      "were",       "has",     "have",   "had",       "will",       "shall",
      "should",   "would",      "may",     "might",  "can",       "could",      "must",
      "do",       "does",       "did",     "been",   "otherwise", "whether",    "although",
      "however",  "instead",    "given",   "plus",   "minus",     "throughout", "alongside",
      "amongst",  "underneath", "whilst",  "lest",   "albeit",    "wherever",   "whenever",
      "whatever", "whoever",    "prior"};
  return kSet;
}

// Nouns and adjectives without an ending of their own with which items and headings of this field
// begin. None of them is used as a command there.
const WordSet& front_nouns() {
  static const WordSet kSet = {"access",
                               "action",
                               "adult",
                               "age",
                               "agenda",
                               "arm",
                               "armed",
                               "asset",
                               "aware",
                               "best",
                               "better",
                               "big",
                               "broadband",
                               "body",
                               "border",
                               "case",
                               "chapter",
                               "child",
                               "children",
                               "citizen",
                               "city",
                               "civil",
                               "climate",
                               "coast",
                               "committee",
                               "common",
                               "community",
                               "complex",
                               "computer",
                               "conduct",
                               "congress",
                               "council",
                               "country",
                               "court",
                               "crime",
                               "culture",
                               "custody",
                               "cyber",
                               "cybercrime",
                               "cybersecurity",
                               "data",
                               "death",
                               "debt",
                               "democracy",
                               "dialog",
                               "dialogue",
                               "disaster",
                               "domestic",
                               "drug",
                               "early",
                               "economy",
                               "energy",
                               "equal",
                               "evidence",
                               "family",
                               "female",
                               "final",
                               "firearm",
                               "food",
                               "force",
                               "foreign",
                               "free",
                               "gang",
                               "gender",
                               "girl",
                               "global",
                               "good",
                               "great",
                               "gun",
                               "hate",
                               "health",
                               "high",
                               "home",
                               "homicide",
                               "human",
                               "human-rights",
                               "hemisphere",
                               "illegal",
                               "illicit",
                               "indigenous",
                               "infrastructure",
                               "internet",
                               "joint",
                               "judge",
                               "judiciary",
                               "jury",
                               "justice",
                               "juvenile",
                               "key",
                               "labor",
                               "labour",
                               "language",
                               "large",
                               "law",
                               "legal",
                               "life",
                               "local",
                               "long",
                               "male",
                               "man",
                               "media",
                               "member",
                               "men",
                               "middle",
                               "migrant",
                               "minor",
                               "mindful",
                               "money",
                               "multidimensional",
                               "mutual",
                               "nation",
                               "new",
                               "non",
                               "officer",
                               "official",
                               "old",
                               "online",
                               "open",
                               "organized",
                               "part",
                               "peace",
                               "people",
                               "person",
                               "police",
                               "poor",
                               "poverty",
                               "power",
                               "prison",
                               "private",
                               "proud",
                               "public",
                               "race",
                               "racism",
                               "refugee",
                               "region",
                               "right",
                               "road",
                               "role",
                               "rule",
                               "rural",
                               "safe",
                               "school",
                               "secret",
                               "sector",
                               "sex",
                               "short",
                               "small",
                               "society",
                               "soldier",
                               "special",
                               "state",
                               "strong",
                               "summit",
                               "system",
                               "technology",
                               "teen",
                               "territory",
                               "terror",
                               "theory",
                               "threat",
                               "trade",
                               "transnational",
                               "treaty",
                               "trust",
                               "urban",
                               "victim",
                               "violence",
                               "vision",
                               "war",
                               "water",
                               "weapon",
                               "welfare",
                               "woman",
                               "women",
                               "work",
                               "world",
                               "young",
                               "youth",
                               "article",
                               "annex",
                               "section",
                               "part",
                               "plan",
                               "theme",
                               "agriculture",
                               "architecture",
                               "corruption",
                               "cruel",
                               "environment",
                               "future",
                               "impunity",
                               "literature",
                               "nature",
                               "structure",
                               "torture",
                               "piracy",
                               "privacy",
                               "kidnap",
                               "narcotic",
                               "homeland",
                               "sea",
                               "land",
                               "air",
                               "maritime",
                               "customs",
                               "income",
                               "infant",
                               "inmate",
                               "mother",
                               "father",
                               "parent",
                               "peasant",
                               "policy",
                               "product",
                               "progress",
                               "reason",
                               "respect",
                               "risk",
                               "root",
                               "science",
                               "sport",
                               "storm",
                               "student",
                               "subject",
                               "teacher",
                               "time",
                               "town",
                               "tourist",
                               "unity",
                               "use",
                               "village",
                               "voter",
                               "week",
                               "year",
                               "zone"};
  return kSet;
}

constexpr std::array<std::string_view, 39> kNotVerbEndings = {
    "tion",  "sion", "ness", "ity",  "ety", "ance", "ence", "ancy", "ency",   "acy",
    "ism",   "ship", "hood", "dom",  "ing", "ly",   "ous",  "ful",  "less",   "ible",
    "ical",  "ic",   "tive", "sive", "ary", "ory",  "ist",  "logy", "graphy", "nomy",
    "cracy", "ment", "rial", "nal",  "ual", "cial", "ral",  "bal",  "gal"};

bool has_ending_of_another_class(std::string_view key) {
  const bool plural = key.ends_with('s') && !key.ends_with("ss") && !key.ends_with("us");
  const bool past = key.ends_with("ed") && !key.ends_with("eed");
  const bool able = key.ends_with("able") && key != "enable" && key != "disable";
  return plural || past || able || std::ranges::any_of(kNotVerbEndings, [&](std::string_view end) {
           return key.size() > end.size() + 1 && key.ends_with(end);
         });
}

bool is_word_of_letters(const Word& word) {
  return word.key.size() > 1 &&
         std::ranges::all_of(word.key, [](char c) { return c < '0' || c > '9'; });
}

/// What only an object begins with: "the plan", "100 judges", "no fees", "our laws".
bool begins_object(const Word& word) {
  static const WordSet kObjects = {
      "the",  "a",     "an",    "our",   "their",   "its", "this",     "these", "those",
      "all",  "any",   "each",  "every", "both",    "no",  "such",     "them",  "more",
      "many", "two",   "three", "four",  "five",    "six", "seven",    "eight", "nine",
      "ten",  "fewer", "less",  "other", "another", "it",  "whatever", "some"};
  const bool number = word.key.front() >= '0' && word.key.front() <= '9';
  return number || kObjects.contains(word.key);
}

/// No noun or adjective stands right before one: "police the borders".
bool is_article(const Word& word) {
  static const WordSet kArticles = {"the", "a",    "an",    "our",  "their",
                                    "its", "this", "these", "those"};
  return kArticles.contains(word.key);
}

/// Whether some word says that the segment has a subject and a verb in the present, past or future.
bool has_finite_verb(std::string_view text, const std::vector<Word>& words, const Segment& segment,
                     std::size_t at) {
  static const WordSet kFinite = {
      "is",         "are",         "was",       "were",      "has",      "had",      "will",
      "shall",      "should",      "would",     "may",       "might",    "can",      "could",
      "must",       "does",        "did",       "remains",   "requires", "means",    "constitutes",
      "represents", "undermines",  "threatens", "affects",   "plays",    "needs",    "deserves",
      "demands",    "depends",     "brings",    "exists",    "poses",    "causes",   "harms",
      "weakens",    "becomes",     "makes",     "takes",     "gives",    "helps",    "leads",
      "serves",     "goes",        "fuels",     "generates", "breeds",   "stems",    "transcends",
      "continues",  "contributes", "knows",     "hinders",   "erodes",   "destroys", "endangers"};
  static const WordSet kRelative = {"that", "which", "who", "where", "when", "as", "if", "whose"};
  for (std::size_t i = at + 1; i < segment.last; ++i) {
    if (kRelative.contains(words[i].key)) {
      return false;  // what follows is said of something else
    }
    if (kFinite.contains(words[i].key)) {
      return true;
    }
    // "Crime harms the poor": a word of the third person before its object.
    const bool third = i <= at + 2 && words[i].key.ends_with('s') &&
                       !words[i].key.ends_with("ss") && i + 1 < segment.last &&
                       begins_object(words[i + 1]) && !comma_before(text, words, i + 1);
    if (third) {
      return true;
    }
  }
  return false;
}

/// What stands behind a noun rather than behind a verb: "exchange of", "policy for".
bool follows_nouns(std::string_view key) {
  static const WordSet kSet = {"of",      "for",  "in",    "by",  "at", "on", "among",
                               "between", "that", "which", "who", "as", "is", "are"};
  return kSet.contains(key);
}

/// Whether only a blank stands before word `at`: "Figure 1: …", "[Source](…)" are no sentences.
bool follows_directly(std::string_view text, const std::vector<Word>& words, std::size_t at) {
  const std::string_view gap = text.substr(words[at - 1].end, words[at].begin - words[at - 1].end);
  return gap.find_first_not_of(" \n\t%$\"") == std::string_view::npos;
}

/// "Refrain, until 2028, from …": the word behind what is set apart between word `at` and what
/// follows it; at + 1 where nothing is.
std::size_t behind_insertion(std::string_view text, const std::vector<Word>& words,
                             const Segment& segment, std::size_t at) {
  constexpr std::size_t kWordsMax = 16;
  const std::size_t next = at + 1;
  if (next >= segment.last || !comma_before(text, words, next)) {
    return next;
  }
  const bool opens = head_words::lead_ins(Language::en).contains(words[next].key) ||
                     head_words::conditions(Language::en).match(words, next) > 0 ||
                     words[next].key.ends_with("ly");
  for (std::size_t i = next + 1; opens && i < std::min(segment.last, next + kWordsMax); ++i) {
    if (comma_before(text, words, i)) {
      return i;
    }
  }
  return next;
}

/// What never commands, wherever it stands.
bool is_no_verb(const Word& word) {
  return !is_word_of_letters(word) || word.upper || closed_words().contains(word.key) ||
         front_nouns().contains(word.key) || has_ending_of_another_class(word.key) ||
         parsing::month_number(word.key) != 0;
}

/// What is no command even where an article follows: "Raising the …", "Reports the …".
bool is_never_before_article(const Word& word) {
  const bool other_form =
      word.key.ends_with("ing") || (word.key.ends_with("ed") && !word.key.ends_with("eed")) ||
      word.key.ends_with("ly") || (word.key.ends_with('s') && !word.key.ends_with("ss"));
  return !is_word_of_letters(word) || word.upper || closed_words().contains(word.key) ||
         other_form || parsing::month_number(word.key) != 0;
}

constexpr Verb kUnknown{{}, VerbType::undertake, false, VerbForm::base};

}  // namespace

bool may_be_bare_verb(const Word& word) {
  return is_word_of_letters(word) && !word.capital && !closed_words().contains(word.key) &&
         !front_nouns().contains(word.key) &&
         (find_front_verb(word.key) || !has_ending_of_another_class(word.key));
}

std::optional<Verb> plain_imperative(std::string_view text, const std::vector<Word>& words,
                                     const Segment& segment, std::size_t at) {
  const std::size_t next = behind_insertion(text, words, segment, at);
  if (next >= segment.last || (next == at + 1 && !follows_directly(text, words, next))) {
    return std::nullopt;
  }
  const Word& word = words[at];
  const auto known = find_front_verb(word.key);
  if (known && !known->noun_like) {
    return known;
  }
  const bool ends = next + 1 >= segment.last || !follows_directly(text, words, next + 1);
  const bool noun = known || front_nouns().contains(word.key);
  const bool apart = known && next > at + 1 && !find_verb(words[next].key, Language::en) &&
                     !find_front_verb(words[next].key);  // "End, by 2030, impunity"
  const bool verb = apart                        ? true
                    : is_article(words[next])    ? !is_never_before_article(word)
                    : begins_object(words[next]) ? !noun && !is_no_verb(word)
                                                 : false;
  return verb && !ends ? std::optional(known.value_or(kUnknown)) : std::nullopt;
}

std::optional<Verb> only_imperative(std::string_view text, const std::vector<Word>& words,
                                    const Segment& segment, std::size_t at) {
  constexpr std::size_t kWordsLeast = 3;  // fewer are a heading's
  if (segment.last - segment.first < kWordsLeast || at + 1 >= segment.last ||
      !follows_directly(text, words, at + 1)) {
    return std::nullopt;
  }
  const Word& word = words[at];
  const std::string& next = words[at + 1].key;
  const bool name = words[at + 1].capital;  // "Latin America", "Next Steps"
  const bool never =
      name || is_no_verb(word) || follows_nouns(next) || begins_object(words[at + 1]);
  const bool joined = next == "and" || next == "or";
  const bool pair =
      joined && at + 2 < segment.last &&
      (find_front_verb(words[at + 2].key) || find_verb(words[at + 2].key, Language::en));
  if (never || (joined && !pair) || has_finite_verb(text, words, segment, at)) {
    return std::nullopt;
  }
  return find_front_verb(word.key).value_or(kUnknown);
}

}  // namespace atalaya::commitments
