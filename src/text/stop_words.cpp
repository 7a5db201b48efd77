#include "stop_words.hpp"

#include <algorithm>
#include <array>

// Own lists of function words. "us" (the United States) and "or" in French (gold) are left out on
// purpose: people search for them.

namespace atalaya::text {
namespace {

constexpr auto kEnglish = std::to_array<std::string_view>({
    "a",          "about",   "above",   "after",    "again",     "against", "all",    "also",
    "although",   "am",      "among",   "an",       "and",       "another", "any",    "are",
    "as",         "at",      "be",      "because",  "been",      "before",  "being",  "below",
    "between",    "both",    "but",     "by",       "can",       "could",   "did",    "do",
    "does",       "doing",   "down",    "during",   "each",      "either",  "few",    "for",
    "from",       "further", "had",     "has",      "have",      "having",  "he",     "her",
    "here",       "hers",    "herself", "him",      "himself",   "his",     "how",    "however",
    "i",          "if",      "in",      "into",     "is",        "it",      "its",    "itself",
    "just",       "me",      "more",    "moreover", "most",      "my",      "myself", "neither",
    "no",         "nor",     "not",     "of",       "off",       "on",      "once",   "only",
    "or",         "other",   "our",     "ours",     "ourselves", "out",     "over",   "own",
    "per",        "s",       "same",    "shall",    "she",       "should",  "so",     "some",
    "such",       "t",       "than",    "that",     "the",       "their",   "theirs", "them",
    "themselves", "then",    "there",   "thereby",  "therefore", "these",   "they",   "this",
    "those",      "through", "thus",    "to",       "too",       "under",   "until",  "up",
    "upon",       "very",    "via",     "was",      "we",        "were",    "what",   "when",
    "where",      "whereas", "whether", "which",    "while",     "who",     "whom",   "whose",
    "why",        "will",    "with",    "within",   "without",   "would",   "yet",    "you",
    "your",       "yours",
});
static_assert(std::ranges::is_sorted(kEnglish));

constexpr auto kSpanish = std::to_array<std::string_view>({
    "a",        "al",      "algo",     "alguna",   "algunas",  "alguno", "algunos",   "ante",
    "antes",    "aquel",   "aquella",  "aquellas", "aquellos", "asi",    "aun",       "aunque",
    "cada",     "como",    "con",      "contra",   "cual",     "cuales", "cualquier", "cuando",
    "cuya",     "cuyas",   "cuyo",     "cuyos",    "de",       "del",    "desde",     "donde",
    "dos",      "durante", "e",        "el",       "ella",     "ellas",  "ellos",     "en",
    "entre",    "era",     "eran",     "es",       "esa",      "esas",   "ese",       "eso",
    "esos",     "esta",    "estan",    "estas",    "este",     "esto",   "estos",     "fue",
    "fueron",   "ha",      "haber",    "habia",    "han",      "hasta",  "hay",       "incluso",
    "la",       "las",     "le",       "les",      "lo",       "los",    "mas",       "me",
    "mediante", "mi",      "mientras", "mis",      "muy",      "ni",     "no",        "nos",
    "nosotros", "nuestra", "nuestras", "nuestro",  "nuestros", "o",      "os",        "otra",
    "otras",    "otro",    "otros",    "para",     "pero",     "por",    "porque",    "pues",
    "que",      "quien",   "quienes",  "sea",      "sean",     "segun",  "ser",       "si",
    "sido",     "sin",     "sino",     "sobre",    "son",      "su",     "sus",       "tal",
    "tales",    "tambien", "tan",      "tanto",    "te",       "tiene",  "tienen",    "toda",
    "todas",    "todo",    "todos",    "tras",     "tu",       "tus",    "u",         "un",
    "una",      "unas",    "uno",      "unos",     "y",        "ya",     "yo",
});
static_assert(std::ranges::is_sorted(kSpanish));

constexpr auto kPortuguese = std::to_array<std::string_view>({
    "a",        "ainda",  "alem",   "algum",    "alguma",  "algumas", "alguns",  "ante",  "antes",
    "ao",       "aos",    "apos",   "aquela",   "aquelas", "aquele",  "aqueles", "as",    "assim",
    "ate",      "cada",   "com",    "como",     "contra",  "cuja",    "cujas",   "cujo",  "cujos",
    "da",       "das",    "de",     "dela",     "delas",   "dele",    "deles",   "desde", "dessa",
    "dessas",   "desse",  "desses", "desta",    "destas",  "deste",   "destes",  "do",    "dos",
    "durante",  "e",      "ela",    "elas",     "ele",     "eles",    "em",      "entre", "era",
    "eram",     "essa",   "essas",  "esse",     "esses",   "esta",    "estao",   "estas", "este",
    "estes",    "eu",     "foi",    "foram",    "ha",      "isso",    "isto",    "ja",    "lhe",
    "lhes",     "mais",   "mas",    "mediante", "mesmo",   "meu",     "meus",    "minha", "minhas",
    "muito",    "na",     "nao",    "nas",      "nem",     "nessa",   "nesse",   "nesta", "neste",
    "no",       "nos",    "nossa",  "nossas",   "nosso",   "nossos",  "num",     "numa",  "o",
    "onde",     "os",     "ou",     "outra",    "outras",  "outro",   "outros",  "para",  "pela",
    "pelas",    "pelo",   "pelos",  "perante",  "pois",    "por",     "porque",  "quais", "qual",
    "qualquer", "quando", "que",    "quem",     "sao",     "se",      "seja",    "sejam", "sem",
    "sendo",    "ser",    "seu",    "seus",     "sido",    "sob",     "sobre",   "sua",   "suas",
    "tais",     "tal",    "tambem", "tanto",    "tem",     "tendo",   "toda",    "todas", "todo",
    "todos",    "um",     "uma",    "umas",     "uns",     "voce",
});
static_assert(std::ranges::is_sorted(kPortuguese));

constexpr auto kFrench = std::to_array<std::string_view>({
    "a",       "afin",    "ai",         "ainsi",    "alors",  "apres",  "au",       "aucun",
    "aucune",  "aussi",   "autre",      "autres",   "aux",    "avait",  "avant",    "avec",
    "avoir",   "c",       "car",        "ce",       "ceci",   "cela",   "celle",    "celles",
    "celui",   "ces",     "cet",        "cette",    "ceux",   "chaque", "ci",       "comme",
    "contre",  "d",       "dans",       "de",       "depuis", "des",    "donc",     "dont",
    "du",      "elle",    "elles",      "en",       "encore", "entre",  "est",      "et",
    "etaient", "etait",   "etant",      "ete",      "etre",   "eu",     "eux",      "fait",
    "il",      "ils",     "j",          "je",       "l",      "la",     "laquelle", "le",
    "lequel",  "les",     "lesquelles", "lesquels", "leur",   "leurs",  "lors",     "lorsque",
    "lui",     "m",       "ma",         "mais",     "me",     "meme",   "memes",    "mes",
    "moi",     "mon",     "n",          "ne",       "ni",     "non",    "nos",      "notre",
    "nous",    "on",      "ont",        "ou",       "par",    "parmi",  "pas",      "pendant",
    "plus",    "pour",    "pourquoi",   "puis",     "qu",     "quand",  "que",      "quel",
    "quelle",  "quelles", "quels",      "qui",      "quoi",   "s",      "sa",       "sans",
    "se",      "selon",   "sera",       "ses",      "si",     "soient", "soit",     "son",
    "sont",    "sous",    "sur",        "t",        "ta",     "tant",   "te",       "tel",
    "telle",   "telles",  "tels",       "tes",      "toi",    "ton",    "tous",     "tout",
    "toute",   "toutes",  "tres",       "tu",       "un",     "une",    "vers",     "via",
    "voici",   "vos",     "votre",      "vous",     "y",
});
static_assert(std::ranges::is_sorted(kFrench));

}  // namespace

std::span<const std::string_view> stop_words(Language language) noexcept {
  switch (language) {
    case Language::en:
      return kEnglish;
    case Language::es:
      return kSpanish;
    case Language::pt:
      return kPortuguese;
    case Language::fr:
      return kFrench;
  }
  return {};
}

bool is_folded_stop_word(std::string_view folded, Language language) noexcept {
  return std::ranges::binary_search(stop_words(language), folded);
}

}  // namespace atalaya::text
