// English, Spanish, Portuguese and French official texts share all numbers, many acronyms and
// names, and most of their content words' beginnings (cooper-, secur-, democr-, terror-); the
// commonest words that differ are in a list. docs/guides/import.md has the numbers.
#include "twin_words.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <iterator>
#include <map>
#include <set>
#include <utility>

namespace atalaya::commitments {
namespace {

constexpr std::size_t kBeginningBytes = 5;

// One notion a line, as words and beginnings of words begin without accents. A word of three
// letters or less counts alone or with an s. Written down before anything was measured with it.
constexpr std::string_view kNotions =
    "state estad etat\nright derec direi droit\nlaw ley leyes lei leis loi lois legal\n"
    "women mujer mulhe femme\nhealth salud saude sante\nhelp ayud ajud aide aider assis\n"
    "countr pais paise pays\nagains contra contre\ncrime crimi delit delin\ndrug droga drogu\n"
    "weapon guns firear arms arma armas armes\ntrade comer comme\nwork trab trava labor labour "
    "labora\n"
    "safe secur segur\npeople person pesso indiv\nchild nino nina ninez crian enfan infan\n"
    "young youth joven juven jovem jeun\njudge juez juec juiz juize juge\n"
    "leader mandat dirig lider\nstrengthen fortal refor renfo\ntrain capac forma\n"
    "report infor rappo relat denun\ngather reuni recop\ndata datos dados donne\n"
    "financ finan\nschool escue escol ecole\nborder front\nmoney dinero dinhe argen laund lavad "
    "blanc\nnetwork redes rede resea\ntraffic trata trafi\nsummit cumbr cupul somme\n"
    "year anos ans annee annua\nfirst prime premi\nnew nuev novo novas nouv\noas oea\n"
    "share compar parta interc\nsocial soci\ngovernment gober gover gouv\nprotect prote\n"
    "prevent preve\nensure garan asseg assur\nimprove mejor melho amelio\n"
    "develop desar desen devel\npoverty pobre pauvr\nvictim victi vitim\nbody bodies organ\n"
    "make hacer fazer faire\nencourage alent incen encour\nsupport apoy appui soute\n"
    "world mundo mond global\nminister minis\nmeeting reuni\ncorrupt corru\n"
    "offence delit infra\nprison carce penit priso\ndigital digit numer\nhuman humai\n"
    "environment ambien enviro\ndisaster desas catast\nregion regio hemis\npolice polic\n"
    "prosecutor fisca procu\nbank banco banc banqu\nfight lucha luta lutte comba\n"
    "build constr cons\nprogram progr\naccess acces\ninformation infor\neducation educa\n"
    "community comun commu\nfamily famil\nland tierra terra terre\ncitizen ciuda cidad citoy\n"
    "local municip\nnational nacio nation\nuse usar usage utili\nneed neces besoi\n"
    "agree acuer acord accor\nfollow segui suivi\n"
    "gender gener genre\nmeasure medid mesur\nrecover recup recou\n"
    "asset activos bienes ativos bens avoir\nofficial funcion fonction\nresource recurs ressou\n"
    "risk riesg risco risqu\nwitness testig testem temoi\nincrease aument accroi augment\n"
    "reduce reduc redui\nestabl etabl\nknowledge conoc conhec connai\nexchange troca echan\n"
    "goal objetiv meta objectif\neffort esfue esfor\ninvest enquet inquir\n"
    "threat amenaz ameac menac\nopen abiert abert ouvert\nday dias dia jour\n"
    "month meses mois\ncity cities ciudad cidade ville\nharm dano domma\nlives vida vidas vie\n"
    "trust confianz confianc\nfree libert liberd\npeace paz paix\nwar guerr\n"
    "force fuerz forca\nvehic veicu\ncourt tribun corte\ngood buenas boas bonne\n"
    "practi pract prati\n";
constexpr std::size_t kNotionBytesMax = 11;
constexpr std::size_t kBeginningOfNotionMin = 4;

// The notions' words letter by letter; built once.
class NotionTree {
 public:
  NotionTree() : nodes_(1) {
    std::uint32_t line = 0;
    std::size_t node = 0;
    for (const char c : kNotions) {
      if (c == ' ' || c == '\n') {
        nodes_[node].notions.push_back(line);
        node = 0;
        line += c == '\n' ? 1U : 0U;
        continue;
      }
      std::uint16_t& next = nodes_[node].next.at(static_cast<std::size_t>(c - 'a'));
      const std::size_t known = next;
      node = known != 0 ? known : nodes_.size();
      next = static_cast<std::uint16_t>(node);
      if (known == 0) {
        nodes_.emplace_back();  // moves what `next` refers to
      }
    }
  }

  /// Those of the longest beginning of `word` that is one; a short one must be the whole word.
  [[nodiscard]] const std::vector<std::uint32_t>& of(std::string_view word) const {
    std::size_t node = 0;
    std::size_t found = 0;
    for (std::size_t at = 0; at < std::min(word.size(), kNotionBytesMax); ++at) {
      if (word[at] < 'a' || word[at] > 'z') {
        break;
      }
      node = nodes_[node].next.at(static_cast<std::size_t>(word[at] - 'a'));
      if (node == 0) {
        break;
      }
      const std::size_t size = at + 1;
      const bool whole = size == word.size() || (size + 1 == word.size() && word.back() == 's');
      if (!nodes_[node].notions.empty() && size > 1 && (whole || size >= kBeginningOfNotionMin)) {
        found = node;
      }
    }
    return nodes_[found].notions;
  }

 private:
  struct Node {
    std::array<std::uint16_t, 26> next{};
    std::vector<std::uint32_t> notions;
  };

  std::vector<Node> nodes_;
};

// FNV-1a; two of some ten thousand features share a hash now and then, and nothing hangs on one.
std::uint32_t hash_of(std::string_view word) {
  std::uint32_t hash = 2166136261U;
  for (const char c : word) {
    hash = (hash ^ static_cast<unsigned char>(c)) * 16777619U;
  }
  return hash;
}

void add_feature(std::string_view word, Features& out) {
  static const NotionTree kTree;
  if (word.front() >= '0' && word.front() <= '9') {
    out.push_back(hash_of(word));
    return;
  }
  const auto& notions = kTree.of(word);
  for (const std::uint32_t notion : notions) {
    out.push_back((notion + 1) * 2654435761U);
  }
  if (notions.empty() && word.size() >= kBeginningBytes) {
    out.push_back(hash_of(word.substr(0, kBeginningBytes)));
  }
}

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

// Bytes of a mark that is no letter: quotes, dashes and what else stands between U+0080 and U+00BF
// or between U+2000 and U+203F.
std::size_t mark_at(std::string_view text) {
  return text.starts_with("\xE2\x80") ? 3 : text.starts_with("\xC2") ? 2 : 0;
}

template <typename Take>
void each_word(std::string_view folded, const Take& take) {
  enum Byte : char { kOther, kOfWord, kPerhaps };  // kPerhaps: begins a mark or a letter

  static const auto kBytes = [] {
    std::array<Byte, 256> all{};
    for (std::size_t c = 0; c < all.size(); ++c) {
      const char byte = static_cast<char>(c);
      all[c] = c >= 0x80                           ? c == 0xE2 || c == 0xC2 ? kPerhaps : kOfWord
               : is_letter(byte) || is_digit(byte) ? kOfWord
                                                   : kOther;
    }
    return all;
  }();
  const auto is_of_word = [&](std::size_t at) {
    const Byte byte = kBytes[static_cast<unsigned char>(folded[at])];
    return byte == kOfWord || (byte == kPerhaps && mark_at(folded.substr(at)) == 0);
  };
  for (std::size_t at = 0; at < folded.size();) {
    const std::size_t begin = at;
    while (at < folded.size() && is_of_word(at)) {
      ++at;
    }
    if (at > begin) {
      take(folded.substr(begin, at - begin));
    } else {
      at += std::max<std::size_t>(1, mark_at(folded.substr(at)));
    }
  }
}

using Span = std::span<const std::uint32_t>;

std::size_t shared_features(Span a, Span b) {
  std::size_t shared = 0;
  for (auto x = a.begin(), y = b.begin(); x != a.end() && y != b.end();) {
    const bool same = *x == *y;
    const bool less = *x < *y;
    shared += same ? 1U : 0U;
    x += same || less ? 1 : 0;
    y += same || !less ? 1 : 0;
  }
  return shared;
}

}  // namespace

Features features(std::string_view text) {
  Features out;
  out.reserve(text.size() / 8 + 4);
  const std::string folded = fold(text);
  each_word(folded, [&](std::string_view word) { add_feature(word, out); });
  std::ranges::sort(out);
  const auto rest = std::ranges::unique(out);
  out.erase(rest.begin(), rest.end());
  return out;
}

double likeness_of(Span a, Span b) {
  return a.empty() || b.empty() ? 0
                                : static_cast<double>(shared_features(a, b)) /
                                      static_cast<double>(std::min(a.size(), b.size()));
}

double closeness_of(Span a, Span b) {
  return a.empty() || b.empty() ? 0
                                : static_cast<double>(shared_features(a, b)) /
                                      std::sqrt(static_cast<double>(a.size() * b.size()));
}

namespace {

struct Lexicon {
  std::map<std::string_view, std::string_view> numbers;  // of words; "one" is an article, too
  std::set<std::string_view> negators;
  std::set<std::string_view> idle;  // what follows a negator that negates nothing, by beginnings
  std::set<std::string_view> soft;  // words that may stand for a negation, by beginnings
};

const Lexicon& lexicon(Language language) {
  static const Lexicon kEnglish{
      {{"two", "2"},      {"three", "3"},   {"four", "4"},    {"five", "5"},   {"six", "6"},
       {"seven", "7"},    {"eight", "8"},   {"nine", "9"},    {"ten", "10"},   {"twelve", "12"},
       {"fifteen", "15"}, {"twenty", "20"}, {"thirty", "30"}, {"fifty", "50"}, {"hundred", "100"},
       {"second", "2"},   {"third", "3"},   {"fourth", "4"},  {"fifth", "5"},  {"sixth", "6"},
       {"seventh", "7"},  {"eighth", "8"},  {"ninth", "9"},   {"tenth", "10"}, {"thirds", "3"},
       {"quarter", "4"}},
      {"no", "not", "never", "nor", "neither", "cannot", "none", "nobody", "nothing"},
      {"later", "more", "less", "fewer", "only"},
      {"without", "outside", "nowhere", "lack", "absence", "fail", "prevent", "refrain", "avoid",
       "unless", "except", "limit", "deny", "denie"}};
  static const Lexicon kSpanish{
      {{"dos", "2"},     {"tres", "3"},    {"cuatro", "4"},   {"cinco", "5"},      {"seis", "6"},
       {"siete", "7"},   {"ocho", "8"},    {"nueve", "9"},    {"diez", "10"},      {"doce", "12"},
       {"quince", "15"}, {"veinte", "20"}, {"treinta", "30"}, {"cincuenta", "50"}, {"cien", "100"},
       {"segunda", "2"}, {"segundo", "2"}, {"tercer", "3"},   {"tercera", "3"},    {"tercero", "3"},
       {"tercio", "3"},  {"tercios", "3"}, {"cuarta", "4"},   {"cuarto", "4"},     {"quinta", "5"},
       {"quinto", "5"},  {"sexta", "6"},   {"sexto", "6"},    {"septima", "7"},    {"septimo", "7"},
       {"octava", "8"},  {"octavo", "8"},  {"novena", "9"},   {"noveno", "9"},     {"decima", "10"},
       {"decimo", "10"}},
      {"no", "ni", "nunca", "jamas", "ningun", "ninguna", "ninguno", "nadie", "nada", "tampoco"},
      {"guber", "estat", "obsta", "solo", "solam", "formal", "prolif", "discriminac", "violen",
       "interv", "repet", "devol", "tradi", "renov", "letal", "agres", "miemb", "mas", "menos"},
      {"sin", "fuera", "falta", "carec", "ausencia", "impid", "impedi", "absten", "absteng",
       "evita", "salvo", "except", "limit", "deneg", "niegu"}};
  static const Lexicon kPortuguese{
      {{"dois", "2"},   {"duas", "2"},    {"tres", "3"},    {"quatro", "4"},   {"cinco", "5"},
       {"seis", "6"},   {"sete", "7"},    {"oito", "8"},    {"nove", "9"},     {"dez", "10"},
       {"doze", "12"},  {"quinze", "15"}, {"vinte", "20"},  {"trinta", "30"},  {"cinquenta", "50"},
       {"cem", "100"},  {"segunda", "2"}, {"segundo", "2"}, {"terceira", "3"}, {"terceiro", "3"},
       {"terco", "3"},  {"tercos", "3"},  {"quarta", "4"},  {"quarto", "4"},   {"quinta", "5"},
       {"quinto", "5"}, {"sexta", "6"},   {"sexto", "6"},   {"setima", "7"},   {"setimo", "7"},
       {"oitava", "8"}, {"oitavo", "8"},  {"nona", "9"},    {"nono", "9"},     {"decima", "10"},
       {"decimo", "10"}},
      {"nao", "nem", "nunca", "jamais", "nenhum", "nenhuma", "ninguem", "nada", "tampouco"},
      {"gover", "estat", "obsta", "somen", "apena", "formal", "prolif", "discriminac", "violen",
       "interv", "repet", "devol", "tradi", "renov", "letal", "agres", "membr", "mais", "menos"},
      {"sem", "fora", "falta", "carec", "ausencia", "imped", "impec", "abste", "evita", "salvo",
       "excet", "limit", "negar", "negue"}};
  static const Lexicon kFrench{
      {{"deux", "2"},       {"trois", "3"},     {"quatre", "4"},   {"cinq", "5"},
       {"six", "6"},        {"sept", "7"},      {"huit", "8"},     {"dix", "10"},
       {"douze", "12"},     {"quinze", "15"},   {"vingt", "20"},   {"trente", "30"},
       {"cinquante", "50"}, {"deuxieme", "2"},  {"seconde", "2"},  {"troisieme", "3"},
       {"tiers", "3"},      {"quatrieme", "4"}, {"quart", "4"},    {"cinquieme", "5"},
       {"sixieme", "6"},    {"septieme", "7"},  {"huitieme", "8"}, {"neuvieme", "9"},
       {"dixieme", "10"}},
      {"ne", "n", "ni", "jamais", "aucun", "aucune", "nul", "nulle"},
      {"seule"},
      {"sans", "hors", "dehors", "manqu", "absence", "empech", "absten", "evite", "sauf", "limit",
       "refus"}};
  switch (language) {
    case Language::es:
      return kSpanish;
    case Language::pt:
      return kPortuguese;
    case Language::fr:
      return kFrench;
    case Language::en:
      break;
  }
  return kEnglish;
}

struct Said {
  std::set<std::string> digits;   // numbers in digits
  std::set<std::string> spelled;  // number words, ordinals, roman numerals
  std::string negator;            // the first that negates something
  std::size_t soft = 0;           // words that may stand for one
};

// "1,000", "1.000" and "1 000" are one number, "1.5" and "1,5" another.
void read_digits(std::string_view text, Said& said) {
  for (std::size_t at = 0; at < text.size();) {
    if (!is_digit(text[at])) {
      ++at;
      continue;
    }
    const bool glued = at > 0 && is_letter(text[at - 1]);
    std::string number;
    while (at < text.size()) {
      std::size_t end = at;
      while (end < text.size() && is_digit(text[end])) {
        ++end;
      }
      number += text.substr(at, end - at);
      at = end;
      const auto digit_at = [&](std::size_t k) { return k < text.size() && is_digit(text[k]); };
      const std::size_t mark = text.substr(at).starts_with("\xC2\xA0") ? 2 : 1;
      const bool separated =
          at < text.size() && (text[at] == ',' || text[at] == '.' || text[at] == ' ' || mark == 2);
      const std::size_t next = at + mark;
      const bool thousands = separated && digit_at(next) && digit_at(next + 1) &&
                             digit_at(next + 2) && !digit_at(next + 3) && number.size() <= 9 &&
                             (text[at] != ' ' || number.size() <= 3);
      const bool fraction = !thousands && separated && text[at] != ' ' && mark == 1 &&
                            digit_at(next) && number.find(',') == std::string::npos;
      if (!thousands && !fraction) {
        break;
      }
      number += fraction ? "," : "";
      at = next;
    }
    number.erase(0, std::min(number.find_first_not_of('0'), number.size() - 1));
    // "21st", "3ª", "2e" are ordinals; "G20" and "COVID19" are names.
    const bool ordinal =
        at < text.size() && (is_letter(text[at]) || text.substr(at).starts_with("\xC2\xAA") ||
                             text.substr(at).starts_with("\xC2\xBA"));
    if (!glued && (ordinal || number == "1")) {
      said.spelled.insert(number);
    } else if (!glued) {
      said.digits.insert(number);
    }
  }
}

// Above one; nothing for what is none.
std::string roman(std::string_view word) {
  static constexpr std::pair<char, int> kValues[] = {{'I', 1}, {'V', 5}, {'X', 10}};
  int sum = 0;
  int before = 0;
  for (std::size_t at = word.size(); at-- > 0;) {
    const auto value = std::ranges::find(kValues, word[at], &std::pair<char, int>::first);
    if (value == std::end(kValues)) {
      return {};
    }
    sum += value->second < before ? -value->second : value->second;
    before = std::max(before, value->second);
  }
  return sum > 1 && word.size() > 1 ? std::to_string(sum) : std::string();
}

// "Ne" alone often negates nothing ("avant qu'il ne parte"), and "né" folds to it.
bool negates_in_french(const std::vector<std::string_view>& words, std::size_t at) {
  static const std::set<std::string_view> kWith{"pas",   "plus",     "jamais",   "aucun", "aucune",
                                                "rien",  "nul",      "nulle",    "ni",    "point",
                                                "guere", "personne", "quiconque"};
  constexpr std::size_t kReach = 8;
  if (words[at] != "ne" && words[at] != "n") {
    return true;
  }
  for (std::size_t next = at + 1; next < std::min(words.size(), at + 1 + kReach); ++next) {
    if (kWith.contains(words[next])) {
      return true;
    }
  }
  return false;
}

Said read(std::string_view text, Language language) {
  Said said;
  read_digits(text, said);
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t begin = at;
    while (at < text.size() && text[at] >= 'A' && text[at] <= 'Z') {
      ++at;
    }
    const bool alone = (begin == 0 || !is_letter(text[begin - 1])) &&
                       (at == text.size() || !is_letter(text[at]) || text[at] == 'e');
    if (alone && at > begin) {
      said.spelled.insert(roman(text.substr(begin, at - begin)));
    }
    at += at == begin ? 1U : 0U;
  }
  said.spelled.erase("");
  const Lexicon& known = lexicon(language);
  const std::string folded = fold(text);
  std::vector<std::string_view> words;
  each_word(folded, [&](std::string_view word) { words.push_back(word); });
  for (std::size_t at = 0; at < words.size(); ++at) {
    if (const auto number = known.numbers.find(words[at]); number != known.numbers.end()) {
      said.spelled.insert(std::string(number->second));
    }
    const std::string_view next = at + 1 < words.size() ? words[at + 1] : std::string_view();
    const std::string_view last = at > 0 ? words[at - 1] : std::string_view();
    const bool alternative = last == "or" || last == "o" || last == "ou";  // "whether or not"
    said.soft += std::ranges::any_of(known.soft,
                                     [&](std::string_view start) {
                                       return start.size() <= 4 ? words[at] == start
                                                                : words[at].starts_with(start);
                                     })
                     ? 1U
                     : 0U;
    const bool idle = next == "so" || std::ranges::any_of(known.idle, [&](std::string_view start) {
                        return next.starts_with(start);
                      });
    // "Spend no more on arms" may be a negation elsewhere; "no more than 10" is none.
    const bool than = at + 2 < words.size() && words[at + 2] == "than";
    said.soft += language == Language::en && words[at] == "no" && next == "more" && !than ? 1U : 0U;
    if (said.negator.empty() && known.negators.contains(words[at]) && !idle && !alternative &&
        (language != Language::fr || negates_in_french(words, at))) {
      said.negator = words[at];
    }
  }
  return said;
}

void list(std::string& out, std::string_view one) {
  out += out.empty() ? "" : ", ";
  out += one;
}

}  // namespace

Disagreement disagreement(std::string_view here, Language here_in, std::string_view there,
                          Language there_in) {
  Disagreement out;
  const Said a = read(here, here_in);
  const Said b = read(there, there_in);
  const auto without = [](const std::set<std::string>& some, const Said& other) {
    std::set<std::string> left;
    std::ranges::copy_if(some, std::inserter(left, left.end()), [&](const std::string& number) {
      return !other.digits.contains(number) && !other.spelled.contains(number);
    });
    return left;
  };
  const auto digits_here = without(a.digits, b);
  const auto digits_there = without(b.digits, a);
  const auto spelled_here = without(a.spelled, b);
  const auto spelled_there = without(b.spelled, a);
  const bool both = !spelled_here.empty() && !spelled_there.empty();
  const auto tell = [&](const auto& digits, const auto& spelled, bool other, std::string& to) {
    for (const std::string& number : digits) {
      list(to, number);
    }
    for (const std::string& number : spelled) {
      if (both || other) {
        list(to, number);
      }
    }
  };
  tell(digits_here, spelled_here, !digits_there.empty(), out.here);
  tell(digits_there, spelled_there, !digits_here.empty(), out.there);
  // What one language negates another may say with a word of its own, which the first has not.
  const bool other_word = a.negator.empty() ? a.soft > b.soft : b.soft > a.soft;
  if (a.negator.empty() != b.negator.empty() && !other_word) {
    list(a.negator.empty() ? out.there : out.here, a.negator.empty() ? b.negator : a.negator);
  }
  return out;
}

}  // namespace atalaya::commitments
