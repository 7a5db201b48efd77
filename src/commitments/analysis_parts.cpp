#include "analysis_parts.hpp"

#include <algorithm>
#include <set>

#include "analysis_verbs.hpp"

namespace atalaya::commitments {

namespace {

const PhraseList& as_appropriate() {
  static const PhraseList kList = {"as appropriate",
                                   "where appropriate",
                                   "wherever appropriate",
                                   "when appropriate",
                                   "if appropriate",
                                   "as necessary",
                                   "where necessary",
                                   "if necessary",
                                   "as needed",
                                   "as the case may be",
                                   "if required",
                                   "as required",
                                   "where applicable",
                                   "as applicable",
                                   "when applicable",
                                   "if applicable",
                                   "whenever appropriate",
                                   "whenever necessary",
                                   "wherever necessary",
                                   "if needed",
                                   "where needed",
                                   "when needed",
                                   "as relevant",
                                   "where relevant",
                                   "as deemed appropriate",
                                   "if need be",
                                   "when necessary",
                                   "segun corresponda",
                                   "segun proceda",
                                   "cuando corresponda",
                                   "cuando proceda",
                                   "si procede",
                                   "de ser necesario",
                                   "cuando sea necesario",
                                   "segun sea necesario",
                                   "segun sea el caso",
                                   "segun el caso",
                                   "cuando sea apropiado",
                                   "segun sea apropiado",
                                   "de ser el caso",
                                   "en su caso",
                                   "cuando sea aplicable",
                                   "si fuera necesario",
                                   "si es necesario",
                                   "si corresponde",
                                   "de corresponder",
                                   "cuando sea pertinente",
                                   "cuando fuere necesario",
                                   "siempre que sea necesario",
                                   "donde corresponda",
                                   "segun sea pertinente",
                                   "conforme apropriado",
                                   "quando apropriado",
                                   "conforme o caso",
                                   "se necessario",
                                   "quando necessario",
                                   "conforme necessario",
                                   "quando cabivel",
                                   "conforme cabivel",
                                   "quando pertinente",
                                   "se for o caso",
                                   "quando aplicavel",
                                   "quando couber",
                                   "quando for necessario",
                                   "quando for apropriado",
                                   "quando for o caso",
                                   "se apropriado",
                                   "se for necessario",
                                   "caso necessario",
                                   "sempre que necessario",
                                   "sempre que apropriado",
                                   "onde apropriado",
                                   "selon qu il conviendra",
                                   "le cas echeant",
                                   "s il y a lieu",
                                   "selon le cas",
                                   "au besoin",
                                   "si necessaire",
                                   "selon les besoins",
                                   "lorsque cela est approprie",
                                   "s il convient",
                                   "selon qu il convient",
                                   "en tant que de besoin",
                                   "lorsqu il y a lieu",
                                   "lorsqu il convient",
                                   "lorsque cela est necessaire",
                                   "lorsque necessaire",
                                   "si besoin est",
                                   "en cas de besoin",
                                   "chaque fois que necessaire"};
  return kList;
}

const PhraseList& where_possible() {
  static const PhraseList kList = {"where possible",
                                   "wherever possible",
                                   "if possible",
                                   "when possible",
                                   "where feasible",
                                   "when feasible",
                                   "to the extent possible",
                                   "as far as possible",
                                   "to the greatest extent possible",
                                   "to the maximum extent possible",
                                   "to the fullest extent possible",
                                   "to the extent feasible",
                                   "insofar as possible",
                                   "as far as practicable",
                                   "where practicable",
                                   "whenever possible",
                                   "wherever feasible",
                                   "within available resources",
                                   "within existing resources",
                                   "within their means",
                                   "subject to available resources",
                                   "subject to available funds",
                                   "subject to the availability of funds",
                                   "subject to the availability of resources",
                                   "subject to the availability of financial resources",
                                   "en la medida de lo posible",
                                   "de ser posible",
                                   "cuando sea posible",
                                   "si es posible",
                                   "siempre que sea posible",
                                   "cuando ello sea posible",
                                   "cuando sea factible",
                                   "en lo posible",
                                   "en la mayor medida posible",
                                   "con sujecion a la disponibilidad de recursos",
                                   "sujeto a la disponibilidad de recursos",
                                   "sujeto a la disponibilidad de fondos",
                                   "dentro de sus posibilidades",
                                   "dentro de los recursos existentes",
                                   "en la medida de sus posibilidades",
                                   "dentro de los recursos disponibles",
                                   "na medida do possivel",
                                   "se possivel",
                                   "quando possivel",
                                   "sempre que possivel",
                                   "na maior medida possivel",
                                   "tanto quanto possivel",
                                   "quando viavel",
                                   "sujeito a disponibilidade de recursos",
                                   "sujeito a disponibilidade de fundos",
                                   "na medida de suas possibilidades",
                                   "dentro dos recursos existentes",
                                   "dentro dos recursos disponiveis",
                                   "dans la mesure du possible",
                                   "si possible",
                                   "lorsque cela est possible",
                                   "autant que possible",
                                   "dans toute la mesure du possible",
                                   "chaque fois que possible",
                                   "chaque fois que cela est possible",
                                   "sous reserve de la disponibilite des ressources",
                                   "sous reserve de la disponibilite de fonds",
                                   "sous reserve de la disponibilite des fonds",
                                   "dans la limite des ressources disponibles",
                                   "dans la limite des ressources existantes",
                                   "dans les limites des ressources disponibles"};
  return kList;
}

const PhraseList& voluntary() {
  static const PhraseList kList = {"voluntary",           "voluntarily",     "on a voluntary basis",
                                   "voluntario",          "voluntaria",      "voluntarios",
                                   "voluntarias",         "voluntariamente", "de manera voluntaria",
                                   "de forma voluntaria", "volontaire",      "volontaires",
                                   "volontairement"};
  return kList;
}

const PhraseList& best_effort() {
  static const PhraseList kList = {"make every effort",
                                   "make our best efforts",
                                   "hacer todo lo posible",
                                   "haremos todo lo posible",
                                   "esforzarse por",
                                   "nos esforzaremos",
                                   "envidar esforcos",
                                   "envidaremos esforcos",
                                   "esforcar se",
                                   "s efforcer",
                                   "nous efforcerons",
                                   "tout mettre en oeuvre",
                                   "mettrons tout en oeuvre"};
  return kList;
}

const PhraseList& consider_doing() {
  static const PhraseList kList = {"considerar la posibilidad",
                                   "consideren la posibilidad",
                                   "considerar a possibilidade",
                                   "considerem a possibilidade",
                                   "envisager de",
                                   "envisagent de",
                                   "etudier la possibilite"};
  return kList;
}

const PhraseList& limiting_openings() {
  static const PhraseList kList = {"in accordance with",
                                   "in conformity with",
                                   "consistent with",
                                   "subject to",
                                   "within the framework of",
                                   "in keeping with",
                                   "in line with",
                                   "in consonance with",
                                   "in a manner consistent with",
                                   "pursuant to",
                                   "under",
                                   "within, as applicable, the framework of",
                                   "in compliance with",
                                   "de acuerdo con",
                                   "de conformidad con",
                                   "conforme a",
                                   "en el marco de",
                                   "con arreglo a",
                                   "segun",
                                   "con sujecion a",
                                   "conforme",
                                   "en consonancia con",
                                   "de acordo com",
                                   "em conformidade com",
                                   "no ambito de",
                                   "nos termos de",
                                   "no marco de",
                                   "em consonancia com",
                                   "nos termos da",
                                   "conformement a",
                                   "conformement aux",
                                   "conformement au",
                                   "dans le cadre de",
                                   "dans le cadre du",
                                   "dans le cadre des",
                                   "dans le respect de",
                                   "dans le respect des",
                                   "en conformite avec",
                                   "sous reserve de"};
  return kList;
}

/// "Where domestic law so permits": the law stands right behind them, or is none of the condition.
const PhraseList& conditions_of_law() {
  static const PhraseList kList = {"unless",
                                   "where",
                                   "if",
                                   "when",
                                   "as permitted by",
                                   "as provided by",
                                   "as provided for",
                                   "to the extent",
                                   "without prejudice to",
                                   "provided that",
                                   "except where",
                                   "salvo",
                                   "salvo que",
                                   "a menos que",
                                   "a no ser que",
                                   "excepto",
                                   "cuando",
                                   "si",
                                   "siempre que",
                                   "en la medida en",
                                   "sin perjuicio",
                                   "a nao ser que",
                                   "exceto",
                                   "quando",
                                   "se o",
                                   "se a",
                                   "sempre que",
                                   "na medida em",
                                   "sem prejuizo",
                                   "caso",
                                   "sauf",
                                   "sauf si",
                                   "a moins que",
                                   "si",
                                   "lorsque",
                                   "quand",
                                   "dans la mesure",
                                   "sans prejudice",
                                   "subject to",
                                   "com sujeicao a",
                                   "sujeito a",
                                   "sujeto a",
                                   "sous reserve"};
  return kList;
}

const PhraseList& domestic_law() {
  static const PhraseList kList = {"domestic law",
                                   "domestic laws",
                                   "domestic legislation",
                                   "national law",
                                   "national laws",
                                   "national legislation",
                                   "national legislations",
                                   "internal legislation",
                                   "internal law",
                                   "national legal system",
                                   "national legal systems",
                                   "domestic legal system",
                                   "legal frameworks",
                                   "legal framework",
                                   "constitutional requirements",
                                   "legal and administrative systems",
                                   "national constitutional",
                                   "respective legislation",
                                   "legislacion interna",
                                   "legislaciones internas",
                                   "legislacion nacional",
                                   "legislaciones nacionales",
                                   "derecho interno",
                                   "leyes nacionales",
                                   "leyes internas",
                                   "ordenamiento juridico",
                                   "ordenamientos juridicos",
                                   "marcos juridicos",
                                   "marco juridico",
                                   "respectivas legislaciones",
                                   "legislacao interna",
                                   "legislacao nacional",
                                   "legislacoes nacionais",
                                   "direito interno",
                                   "leis nacionais",
                                   "leis internas",
                                   "ordenamento juridico",
                                   "respectivas legislacoes",
                                   "marco legal",
                                   "legislacoes internas",
                                   "legislation nationale",
                                   "legislations nationales",
                                   "legislation interne",
                                   "droit interne",
                                   "lois nationales",
                                   "lois internes",
                                   "ordre juridique interne",
                                   "cadre juridique",
                                   "cadres juridiques"};
  return kList;
}

const PhraseList& circumstances() {
  static const PhraseList kList = {
      "situation of each country", "situation of each state",  "national contexts",
      "national circumstances",    "national context",         "national priorities",
      "realities of each country", "situacion de cada pais",   "circunstancias nacionales",
      "contextos nacionales",      "contexto nacional",        "realidades nacionales",
      "realidad de cada pais",     "situacao de cada pais",    "circunstancias nacionais",
      "contextos nacionais",       "realidade de cada pais",   "situation de chaque pays",
      "contextes nationaux",       "circonstances nationales", "contexte national"};
  return kList;
}

const PhraseList& pace_of() {
  static const PhraseList kList = {"as soon as possible",
                                   "as quickly as possible",
                                   "as rapidly as possible",
                                   "urgently",
                                   "without delay",
                                   "as a matter of urgency",
                                   "at the earliest",
                                   "without further delay",
                                   "lo antes posible",
                                   "a la brevedad",
                                   "cuanto antes",
                                   "con urgencia",
                                   "urgentemente",
                                   "sin demora",
                                   "tan pronto como sea posible",
                                   "lo mas pronto posible",
                                   "con la mayor brevedad",
                                   "o mais breve possivel",
                                   "o mais rapidamente possivel",
                                   "o quanto antes",
                                   "quanto antes",
                                   "com urgencia",
                                   "sem demora",
                                   "o mais cedo possivel",
                                   "com a maior brevidade",
                                   "assim que possivel",
                                   "tao logo quanto possivel",
                                   "des que possible",
                                   "le plus tot possible",
                                   "dans les meilleurs delais",
                                   "d urgence",
                                   "sans delai",
                                   "sans tarder",
                                   "le plus rapidement possible",
                                   "a bref delai"};
  return kList;
}

/// "En cas d’urgence" hurries nothing, nor do "services d’urgence": only behind a verb does it.
std::size_t pace_at(const std::vector<Word>& words, std::size_t at) {
  const bool in_case = at > 0 && (words[at - 1].key == "cas" || words[at - 1].key == "caso");
  const bool of_thing =
      at > 0 && words[at].key == "d" && !find_verb(words[at - 1].key, Language::fr);
  return in_case || of_thing ? 0 : pace_of().match(words, at);
}

/// "rapid", when it hurries an act of law and does not describe something else.
const PhraseList& hurried_act() {
  static const PhraseList kList = {
      "rapid ratification",      "rapid entry into force", "rapid adoption",
      "rapid implementation",    "rapid application",      "prompt ratification",
      "prompt entry into force", "prompt adoption",        "prompt implementation",
      "prompt application",      "early ratification",     "speedy ratification",
      "pronta ratificacion",     "rapida ratificacion",    "pronta entrada en vigor",
      "rapida entrada en vigor", "pronta aplicacion",      "pronta adopcion",
      "rapida ratificacao",      "pronta ratificacao",     "rapida entrada em vigor",
      "ratification rapide",     "prompte ratification",   "entree en vigueur rapide",
      "rapide ratification"};
  return kList;
}

std::size_t limited_by_law(const std::vector<Word>& words, std::size_t at, std::size_t last,
                           QualifierKind& kind) {
  constexpr std::size_t kReach = 14;  // words between "in accordance with" and what limits
  constexpr std::size_t kNear = 6;    // "unless otherwise provided by their respective"
  const std::size_t limits = limiting_openings().match(words, at);
  const std::size_t condition = limits > 0 ? 0 : conditions_of_law().match(words, at);
  const std::size_t opening = std::max(limits, condition);
  if (opening == 0) {
    return 0;
  }
  const std::size_t end = std::min(last, at + opening + (limits > 0 ? kReach : kNear + 1));
  for (std::size_t i = at + opening; i < end; ++i) {
    if (const std::size_t law = domestic_law().match(words, i); law > 0) {
      kind = QualifierKind::domestic_law;
      return i + law - at;
    }
    if (const std::size_t place = circumstances().match(words, i); place > 0) {
      kind = QualifierKind::circumstances;
      return i + place - at;
    }
    if (limiting_openings().match(words, i) > 1) {
      return 0;  // the later opening is the nearer one
    }
  }
  return 0;
}

std::size_t match_qualifier(const std::vector<Word>& words, std::size_t at, std::size_t last,
                            QualifierKind& kind) {
  struct Simple {
    const PhraseList& list;
    QualifierKind kind;
  };

  const Simple simple[] = {{as_appropriate(), QualifierKind::as_appropriate},
                           {where_possible(), QualifierKind::where_possible},
                           {voluntary(), QualifierKind::voluntary},
                           {best_effort(), QualifierKind::best_effort},
                           {consider_doing(), QualifierKind::consider},
                           {hurried_act(), QualifierKind::pace}};
  for (const Simple& one : simple) {
    if (const std::size_t count = one.list.match(words, at); count > 0) {
      kind = one.kind;
      return count;
    }
  }
  if (const std::size_t count = pace_at(words, at); count > 0) {
    kind = QualifierKind::pace;
    return count;
  }
  if ((words[at].key == "consider" || words[at].key == "considering") && at + 1 < last &&
      words[at + 1].key.ends_with("ing")) {
    kind = QualifierKind::consider;
    return 2;
  }
  return limited_by_law(words, at, last, kind);
}

bool is_upper_or_quote(std::string_view text, std::size_t at) {
  return (text[at] >= 'A' && text[at] <= 'Z') || text[at] == '[' ||
         text.substr(at).starts_with("\xE2\x80\x9C") ||
         static_cast<unsigned char>(text[at]) == 0xC3;
}

/// Whether the full stop at `at` ends a sentence: not in "U.S." nor inside a number.
bool ends_sentence(std::string_view text, std::size_t at) {
  std::size_t next = at + 1;
  while (next < text.size() && (text[next] == ' ' || text[next] == '\n')) {
    ++next;
  }
  if (next == at + 1 || next >= text.size() || !is_upper_or_quote(text, next)) {
    return false;
  }
  const bool initial = at >= 2 && (text[at - 2] == '.' || text[at - 2] == ' ');
  return !initial;
}

}  // namespace

PhraseList::PhraseList(std::initializer_list<std::string_view> phrases) {
  for (const std::string_view phrase : phrases) {
    std::vector<std::string> keys;
    for (Word& word : words_of(phrase)) {
      keys.push_back(std::move(word.key));
    }
    starts_.set(start_of(keys.front()));
    phrases_.push_back(std::move(keys));
  }
  std::ranges::sort(phrases_);
}

std::size_t PhraseList::match(const std::vector<Word>& words, std::size_t at) const {
  if (!starts_.test(start_of(words[at].key))) {
    return 0;
  }
  const auto first = std::ranges::lower_bound(
      phrases_, words[at].key, {},
      [](const std::vector<std::string>& phrase) -> const std::string& { return phrase.front(); });
  std::size_t longest = 0;
  for (auto it = first; it != phrases_.end() && it->front() == words[at].key; ++it) {
    const bool same =
        at + it->size() <= words.size() &&
        std::equal(it->begin(), it->end(), words.begin() + static_cast<std::ptrdiff_t>(at),
                   [](const std::string& a, const Word& b) { return a == b.key; });
    if (same) {
      longest = std::max(longest, it->size());
    }
  }
  return longest;
}

std::vector<Segment> segments_of(std::string_view text, const std::vector<Word>& words) {
  std::vector<Segment> segments;
  int depth = 0;
  std::size_t begin = 0;
  bool colon = false;
  bool sentence = true;
  std::size_t word = 0;
  const auto close = [&](std::size_t end, bool next_colon, bool next_sentence) {
    Segment segment;
    segment.span = {static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(end)};
    segment.first = word;
    while (word < words.size() && words[word].begin < end) {
      ++word;
    }
    segment.last = word;
    segment.after_colon = colon;
    segment.new_sentence = sentence;
    if (segment.last > segment.first) {
      segments.push_back(segment);
    }
    begin = end;
    colon = next_colon;
    sentence = next_sentence;
  };
  for (std::size_t at = 0; at < text.size(); ++at) {
    const char c = text[at];
    depth += c == '(' ? 1 : c == ')' && depth > 0 ? -1 : 0;
    if (depth > 0) {
      continue;
    }
    if (c == ';') {
      close(at + 1, colon, false);
    } else if (c == ':' && at + 1 < text.size() && text[at + 1] == ' ' && at + 2 < text.size() &&
               !is_upper_or_quote(text, at + 2)) {
      close(at + 1, true, false);
    } else if ((c == '.' || c == '?' || c == '!') && ends_sentence(text, at)) {
      close(at + 1, false, true);
    }
  }
  close(text.size(), false, true);
  return segments;
}

std::size_t behind_label(std::string_view text, const std::vector<Word>& words, std::size_t first,
                         std::size_t last) {
  constexpr std::size_t kWordsMax = 6;
  for (std::size_t i = first + 1; i < last && i <= first + kWordsMax; ++i) {
    const std::size_t end = words[i - 1].end;
    const std::string_view gap = text.substr(end, words[i].begin - end);
    const std::size_t colon = gap.find(':');
    if (colon != std::string_view::npos && colon + 1 < gap.size()) {
      return i;
    }
    if (gap.find(',') != std::string_view::npos) {
      break;
    }
  }
  return first;
}

bool noun_follows(const std::vector<Word>& words, std::size_t at, std::size_t last) {
  static const std::set<std::string_view> kAfterNoun = {
      "of", "for", "in", "by", "from", "at", "is", "are", "has", "was", "will", "should", "that"};
  return at + 1 >= last || kAfterNoun.contains(words[at + 1].key);
}

bool comma_before(std::string_view text, const std::vector<Word>& words, std::size_t at) {
  if (at == 0) {
    return false;
  }
  const std::string_view gap = text.substr(words[at - 1].end, words[at].begin - words[at - 1].end);
  return gap.find(',') != std::string_view::npos;
}

std::vector<Qualifier> qualifiers_in(const std::vector<Word>& words, std::size_t first,
                                     std::size_t last) {
  std::vector<Qualifier> found;
  std::size_t i = first;
  while (i < last) {
    QualifierKind kind = QualifierKind::as_appropriate;
    const std::size_t count = match_qualifier(words, i, last, kind);
    if (count == 0) {
      ++i;
      continue;
    }
    const std::size_t end = std::min(i + count, last);
    found.push_back({kind, {words[i].begin, words[end - 1].end}});
    i = end;
  }
  return found;
}

std::size_t match_soft(const std::vector<Word>& words, std::size_t at) {
  return std::max(pace_at(words, at), hurried_act().match(words, at));
}

}  // namespace atalaya::commitments
