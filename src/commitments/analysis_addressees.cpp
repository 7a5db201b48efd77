// Addressees by rules.
//
// Of those whom a phrase names, the first is addressed, with whom "and" or a comma joins to it:
// "member states and the OAS". A name behind "of" only says whose somebody is ("member states of
// the OAS"), and a phrase like "in cooperation with", "with the support of", "through" begins what
// is about others.

#include "analysis_addressees.hpp"

#include <algorithm>
#include <set>
#include <utility>

#include "analysis_parts.hpp"

namespace atalaya::commitments {
namespace {

using WordSet = std::set<std::string, std::less<>>;
using Words = std::vector<Word>;

struct NamedBody {
  AddresseeKind kind;
  PhraseList names;
};

const std::vector<NamedBody>& named_bodies() {
  static const std::vector<NamedBody> kBodies = {
      {AddresseeKind::states,
       {"member states",
        "oas member states",
        "states",
        "countries",
        "governments",
        "ministers",
        "ministries",
        "attorneys general",
        "heads of state",
        "heads of state and government",
        "chiefs of police",
        "estados",
        "estados miembros",
        "paises",
        "gobiernos",
        "ministros",
        "ministras y ministros",
        "ministerios",
        "jefes de estado",
        "jefas y jefes de estado",
        "estados membros",
        "governos",
        "ministras e ministros",
        "chefes de estado",
        "etats",
        "etats membres",
        "pays",
        "gouvernements",
        "ministres",
        "ministeres",
        "chefs d etat"}},
      {AddresseeKind::parliaments,
       {"parliaments", "parliamentarians", "parlamentos", "parlamentarios", "parlamentares",
        "parlements", "parlementaires", "national legislatures", "legislatures", "legislators",
        "congresos", "legisladores", "legislateurs", "poderes legislativos",
        "assemblees legislatives", "asambleas legislativas", "assembleias legislativas"}},
      {AddresseeKind::civil_society,
       {"civil society", "civil society organizations", "non governmental organizations",
        "sociedad civil", "organizaciones de la sociedad civil",
        "organizaciones no gubernamentales", "sociedade civil", "organizacoes da sociedade civil",
        "organizacoes nao governamentais", "societe civile", "organisations de la societe civile",
        "organisations non gouvernementales"}},
      {AddresseeKind::private_sector,
       {"private sector",
        "private sectors",
        "financial institutions",
        "business sectors",
        "business sector",
        "business community",
        "businesses",
        "companies",
        "private companies",
        "sector privado",
        "sectores privados",
        "sector empresarial",
        "instituciones financieras",
        "empresas",
        "empresas privadas",
        "setor privado",
        "setores privados",
        "setor empresarial",
        "instituicoes financeiras",
        "secteur prive",
        "secteurs prives",
        "institutions financieres",
        "entreprises",
        "entreprises privees"}},
      {AddresseeKind::citizens,
       {"citizens", "all citizens", "ciudadanos", "ciudadanas", "ciudadania", "cidadaos", "cidadas",
        "cidadania", "citoyens", "citoyennes"}},
      {AddresseeKind::international_community,
       {"international community", "international financial organizations", "donor community",
        "comunidad internacional", "comunidad donante", "comunidade internacional",
        "comunidade doadora", "communaute internationale", "communaute des donateurs"}}};
  return kBodies;
}

/// What begins words about others: those who help, are asked or are passed through.
const PhraseList& others_begin() {
  static const PhraseList kList = {"through",
                                   "by means of",
                                   "by way of",
                                   "via",
                                   "supported by",
                                   "assisted by",
                                   "at the request of",
                                   "a traves de",
                                   "a traves del",
                                   "por medio de",
                                   "por medio del",
                                   "por intermedio de",
                                   "por intermedio del",
                                   "por conducto de",
                                   "por conducto del",
                                   "mediante",
                                   "con apoyo de",
                                   "a solicitud de",
                                   "a pedido de",
                                   "atraves de",
                                   "atraves do",
                                   "atraves da",
                                   "por meio de",
                                   "por meio do",
                                   "por meio da",
                                   "por intermedio do",
                                   "por intermedio da",
                                   "com apoio de",
                                   "par l intermediaire de",
                                   "par l intermediaire du",
                                   "par l intermediaire des",
                                   "par le biais de",
                                   "par le biais du",
                                   "par le biais des",
                                   "par l entremise de",
                                   "par l entremise du",
                                   "au moyen de",
                                   "a travers",
                                   "a la demande de",
                                   "a la demande du",
                                   "a la demande des",
                                   "a la demande de l",
                                   "avec l appui technique de"};
  return kList;
}

const PhraseList& examples_begin() {
  static const PhraseList kList = {"such as",   "tales como", "tal como",
                                   "tais como", "tels que",   "telles que"};
  return kList;
}

/// "in close cooperation with", "con el apoyo técnico de": one of the first words, one of the
/// second and one of the third, with others between them.
bool helps_at(const Words& words, std::size_t at, std::size_t last) {
  static const WordSet kWith = {"in", "with", "under", "en",   "con", "bajo",
                                "em", "com",  "sob",   "avec", "sous"};
  static const WordSet kHelp = {
      "cooperation",   "collaboration", "consultation",  "consultations", "coordination",
      "partnership",   "conjunction",   "concert",       "alliance",      "association",
      "dialogue",      "liaison",       "support",       "assistance",    "help",
      "participation", "contribution",  "contributions", "involvement",   "advice",
      "guidance",      "backing",       "aid",           "auspices",      "leadership",
      "inputs",        "input",         "cooperacion",   "colaboracion",  "consulta",
      "consultas",     "coordinacion",  "alianza",       "asociacion",    "dialogo",
      "apoyo",         "asistencia",    "ayuda",         "participacion", "contribucion",
      "respaldo",      "asesoramiento", "asesoria",      "auspicio",      "auspicios",
      "liderazgo",     "aportes",       "cooperacao",    "colaboracao",   "consultoria",
      "coordenacao",   "parceria",      "alianca",       "associacao",    "apoio",
      "assistencia",   "ajuda",         "participacao",  "contribuicao",  "assessoria",
      "lideranca",     "articulacao",   "cooperation",   "concertation",  "partenariat",
      "appui",         "soutien",       "aide",          "concours",      "egide",
      "conseils",      "direction",     "orientacion",   "orientacao",    "framework",
      "marco",         "ambito",        "cadre",         "seno",          "context"};
  static const WordSet kOf = {"with", "of",  "from", "con",  "de",  "del", "com",
                              "do",   "da",  "dos",  "das",  "du",  "des", "d",
                              "avec", "par", "por",  "pelo", "pela"};
  constexpr std::size_t kBetween = 3;  // words: "with the full technical support of"
  if (!kWith.contains(words[at].key)) {
    return false;
  }
  constexpr std::size_t kBehind = 3;  // "con el apoyo técnico y financiero de"
  std::size_t help = at + 1;
  while (help < last && help <= at + 1 + kBetween && !kHelp.contains(words[help].key)) {
    ++help;
  }
  if (help >= last || !kHelp.contains(words[help].key)) {
    return false;
  }
  const std::size_t reach = std::min(last, help + 2 + kBehind);
  return std::any_of(words.begin() + static_cast<std::ptrdiff_t>(help + 1),
                     words.begin() + static_cast<std::ptrdiff_t>(std::max(help + 1, reach)),
                     [](const Word& word) { return kOf.contains(word.key); });
}

bool about_others(const Words& words, std::size_t at, std::size_t last) {
  return others_begin().match(words, at) > 0 || helps_at(words, at, last);
}

/// "By 2030, …", "En este contexto, …": what stands before a name and is set off by a comma.
bool leads_in(const Word& word) {
  static const WordSet kSet = {
      "in",        "by",    "within", "at",    "during", "before",   "after",   "under", "until",
      "following", "upon",  "with",   "when",  "where",  "en",       "durante", "antes", "dentro",
      "con",       "desde", "hasta",  "segun", "cuando", "conforme", "despues", "em",    "no",
      "na",        "neste", "nesta",  "ate",   "apos",   "com",      "quando",  "dans",  "avec",
      "pendant",   "lors",  "avant",  "apres", "d",      "sous",     "selon",   "au",    "como"};
  return kSet.contains(word.key);
}

/// Further ones before a subject: "To this end, …", "Compte tenu de …, …", "Accordingly, …".
bool leads_to_subject(const Word& word) {
  static const WordSet kSet = {
      "to",           "for",         "on",           "as",      "if",        "given",
      "taking",       "bearing",     "having",       "noting",  "para",      "por",
      "dado",         "dada",        "teniendo",     "tomando", "visto",     "vista",
      "tendo",        "levando",     "pour",         "compte",  "tenant",    "vu",
      "vue",          "afin",        "par",          "thus",    "therefore", "hence",
      "considering",  "pursuant",    "further",      "also",    "recalling", "recognizing",
      "considerando", "considerant", "acknowledging"};
  const std::string_view key = word.key;
  return kSet.contains(key) || (key.ends_with("ly") && key != "family" && key != "assembly") ||
         key.ends_with("mente");
}

bool is_determiner(std::string_view key) {
  static const std::set<std::string_view> kSet = {
      "the",    "all",    "american", "our",      "their", "its",    "other", "each",     "los",
      "las",    "el",     "la",       "al",       "a",     "sus",    "su",    "nuestros", "todos",
      "otros",  "o",      "os",       "as",       "ao",    "aos",    "seus",  "seu",      "nossos",
      "outros", "les",    "le",       "l",        "aux",   "au",     "leurs", "leur",     "nos",
      "tous",   "autres", "ses",      "nuestras", "todas", "toutes", "nossas"};
  return kSet.contains(key);
}

struct Candidate {
  std::size_t first = 0, last = 0;  // words
  AddresseeKind kind = AddresseeKind::organ;
  std::string id;  // of an institution
};

class Namer {
 public:
  Namer(std::string_view text, const Words& words, std::size_t first, std::size_t last,
        const Recogniser* recogniser)
      : text_(text), words_(words), first_(first), last_(last) {
    add_bodies();
    add_institutions(recogniser);
    std::ranges::sort(found_, {}, &Candidate::first);
  }

  [[nodiscard]] bool names_states() const {
    return std::ranges::any_of(found_, [&](const Candidate& one) {
      return one.kind == AddresseeKind::states && !is_complement(one.first);
    });
  }

  [[nodiscard]] std::optional<Addressed> name(Named named) const {
    auto head = std::ranges::find_if(
        found_, [&](const Candidate& one) { return !is_complement(one.first); });
    if (head == found_.end()) {
      head = std::ranges::find_if(found_, [&](const Candidate& one) {
        return named == Named::object || is_office(one.first);
      });
    }
    if (head == found_.end()) {
      return std::nullopt;
    }
    Addressed out{head->kind, head->id, first_, last_, head->first};
    for (auto one = head + 1; one != found_.end(); ++one) {
      if (!is_joined(one->first)) {
        continue;
      }
      const bool organ = out.kind == AddresseeKind::organ && one->kind == AddresseeKind::states;
      const bool states = out.kind == AddresseeKind::states && !one->id.empty();
      if (organ || states) {
        out.kind = AddresseeKind::states_and_organ;
        out.id = organ ? out.id : one->id;
      }
    }
    return out;
  }

 private:
  void add_bodies() {
    for (std::size_t i = first_; i < last_; ++i) {
      for (const NamedBody& body : named_bodies()) {
        const std::size_t count = body.names.match(words_, i);
        if (count > 0 && i + count <= last_ && !is_united(words_, i + count - 1)) {
          found_.push_back({i, i + count, body.kind, {}});
          i += count - 1;
          break;
        }
      }
    }
  }

  /// The names that lie in no other one: "OAS member states" and "the Council of the OAS" are one
  /// each.
  void add_institutions(const Recogniser* recogniser) {
    if (recogniser == nullptr || first_ >= last_) {
      return;
    }
    const std::size_t begin = words_[first_].begin;
    const std::string_view part = text_.substr(begin, words_[last_ - 1].end - begin);
    for (const Mention& mention : recogniser->institutions(part)) {
      Candidate one;
      one.id = mention.id;
      one.first = first_;
      while (one.first < last_ && words_[one.first].end <= begin + mention.span.begin) {
        ++one.first;
      }
      one.last = one.first;
      while (one.last < last_ && words_[one.last].begin < begin + mention.span.end) {
        ++one.last;
      }
      const auto holds = [](const Candidate& a, const Candidate& b) {
        return a.first <= b.first && a.last >= b.last;
      };
      if (std::ranges::any_of(found_, [&](const auto& other) { return holds(other, one); })) {
        continue;
      }
      std::erase_if(found_, [&](const auto& other) { return holds(one, other); });
      found_.push_back(std::move(one));
    }
  }

  [[nodiscard]] std::size_t before_determiners(std::size_t at) const {
    while (at > first_ && is_determiner(words_[at - 1].key) && !comma_before(text_, words_, at)) {
      --at;
    }
    return at;
  }

  /// Behind "of": somebody else's.
  [[nodiscard]] bool is_complement(std::size_t at) const {
    static const WordSet kOf = {"of",  "de", "del", "da",  "do",     "das", "dos",
                                "des", "du", "d",   "for", "within", "from"};
    const std::size_t begin = before_determiners(at);
    return begin > first_ && kOf.contains(words_[begin - 1].key);
  }

  /// "The Chair of …": the name of an office before "of".
  [[nodiscard]] bool is_office(std::size_t at) const {
    const std::size_t begin = before_determiners(at);
    return begin > first_ + 2 && words_[begin - 2].capital;
  }

  [[nodiscard]] bool is_joined(std::size_t at) const {
    static const WordSet kAnd = {"and", "y", "e", "et", "or", "o", "ou", "as", "como", "que"};
    const std::size_t begin = before_determiners(at);
    return begin > first_ &&
           (kAnd.contains(words_[begin - 1].key) || comma_before(text_, words_, begin) ||
            (kAnd.contains(words_[begin].key) && begin < at));
  }

  std::string_view text_;
  const Words& words_;
  std::size_t first_, last_;
  std::vector<Candidate> found_;
};

}  // namespace

Addressed own_words(std::string_view text, const std::vector<Word>& words, std::size_t first,
                    std::size_t last, Named named) {
  static const WordSet kAnd = {"and", "y", "e", "et"};
  const auto next_part = [&](std::size_t at) {
    do {
      ++at;
    } while (at < last && !comma_before(text, words, at));
    return at;
  };
  // "In cooperation with A, B and C, States …": the list goes on to its "and", where more follows.
  const auto end_of_list = [&](std::size_t at) {
    for (std::size_t part = at; part < last; part = next_part(part)) {
      const std::size_t end = next_part(part);
      const bool closes = std::any_of(words.begin() + static_cast<std::ptrdiff_t>(part),
                                      words.begin() + static_cast<std::ptrdiff_t>(end),
                                      [](const Word& word) { return kAnd.contains(word.key); });
      if (closes) {
        return end < last && !about_others(words, end, last) ? end : at;
      }
    }
    return at;
  };
  Addressed out;
  out.first = first;
  out.last = last;
  while (out.first < last) {
    const bool others = about_others(words, out.first, last);
    const std::size_t next = next_part(out.first);
    // "À la prochaine réunion, …"; behind a verb "à" leads to whom it addresses.
    const Word& word = words[out.first];
    const bool at =
        named == Named::subject && word.key == "a" && word.end - word.begin > word.key.size();
    const bool to_subject = named == Named::subject && leads_to_subject(word);
    if (!others && (next >= last || !(at || leads_in(word) || to_subject))) {
      break;
    }
    // What a comma closes right before the verb is said in passing and no subject.
    const bool passing = last < words.size() && comma_before(text, words, last);
    out.first = others || (to_subject && !passing) ? end_of_list(next) : next;
  }
  for (std::size_t i = out.first + 1; i < out.last; ++i) {
    if (about_others(words, i, last)) {
      out.last = i;
    }
  }
  static const WordSet kOpen = {"a", "para", "and", "y", "e", "et", "ce", "in", "order"};
  while (out.last > out.first + 1 && kOpen.contains(words[out.last - 1].key)) {
    --out.last;
  }
  return out;
}

std::optional<Addressed> addressed_in(std::string_view text, const std::vector<Word>& words,
                                      std::size_t first, std::size_t last, Named named,
                                      const Recogniser* recogniser) {
  const Addressed own = own_words(text, words, first, last, named);
  std::size_t examples = own.first;
  while (examples < own.last && examples_begin().match(words, examples) == 0) {
    ++examples;
  }
  auto found = Namer(text, words, own.first, examples, recogniser).name(named);
  if (found) {
    found->last = own.last;
  }
  return found;
}

bool names_states(std::string_view printed) {
  const std::vector<Word> words = words_of(printed);
  const Addressed own = own_words(printed, words, 0, words.size(), Named::object);
  return Namer(printed, words, own.first, own.last, nullptr).names_states();
}

}  // namespace atalaya::commitments
