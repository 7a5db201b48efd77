// Subjects by rules.
//
// The subject of a clause names who is to act, known or not: the parties, a body of the catalogue,
// or somebody of whom only the printed words are known ("the Working Group", "private banks"). It
// names nobody where it is a thing ("these measures shall …"), a pronoun, or those whom the clause
// protects ("victims shall have access to …"): then the parties are asked.

#include <algorithm>
#include <iterator>
#include <set>

#include "analysis_addressees.hpp"
#include "analysis_parts.hpp"

namespace atalaya::commitments {
namespace {

using WordSet = std::set<std::string_view>;
using Words = std::vector<Word>;

bool ends_with_any(std::string_view key, std::initializer_list<std::string_view> endings) {
  return std::ranges::any_of(endings, [&](auto ending) { return key.ends_with(ending); });
}

/// What stands before a noun, and pronouns that stand for one.
const WordSet& before_nouns() {
  static const WordSet kSet = {
      "a",           "ademas",      "ainsi",      "all",         "also",        "ambas",
      "ambos",       "an",          "and",        "any",         "anyone",      "as",
      "asimismo",    "aucun",       "aucune",     "autre",       "autres",      "both",
      "cada",        "ce",          "ceci",       "cela",        "ces",         "cet",
      "cette",       "chacun",      "chacune",    "chaque",      "d",           "dernier",
      "derniere",    "dernieres",   "derniers",   "des",         "deux",        "dicha",
      "dichas",      "dicho",       "dichos",     "diferentes",  "differentes", "differents",
      "distintas",   "distintos",   "divers",     "diversas",    "diverses",    "diversos",
      "dos",         "du",          "e",          "each",        "el",          "ela",
      "elas",        "ele",         "eles",       "ellas",       "elle",        "elles",
      "ello",        "ellos",       "en",         "esa",         "esas",        "ese",
      "eso",         "esos",        "essa",       "essas",       "esse",        "esses",
      "esta",        "estas",       "este",       "estes",       "esto",        "estos",
      "et",          "every",       "everyone",   "following",   "former",      "further",
      "futura",      "futuras",     "futures",    "futuro",      "futuros",     "futurs",
      "he",          "her",         "his",        "however",     "i",           "il",
      "ils",         "isso",        "isto",       "it",          "its",         "l",
      "la",          "las",         "last",       "latter",      "le",          "les",
      "leur",        "leurs",       "lo",         "los",         "mesma",       "mesmo",
      "misma",       "mismas",      "mismo",      "mismos",      "moreover",    "n",
      "nada",        "nadie",       "nao",        "ne",          "neither",     "nem",
      "nenhum",      "nenhuma",     "ni",         "ninguem",     "ningun",      "ninguna",
      "ninguno",     "no",          "nobody",     "none",        "nor",         "nos",
      "nosotros",    "nossa",       "nossas",     "nosso",       "nossos",      "not",
      "nothing",     "notre",       "nous",       "nouveau",     "nouveaux",    "nouvelle",
      "nouvelles",   "nova",        "novas",      "novo",        "novos",       "nuestra",
      "nuestras",    "nuestro",     "nuestros",   "nueva",       "nuevas",      "nuevo",
      "nuevos",      "nul",         "nulle",      "o",           "on",          "one",
      "only",        "or",          "os",         "other",       "others",      "otra",
      "otras",       "otro",        "otros",      "ou",          "our",         "outra",
      "outras",      "outro",       "outros",     "personne",    "present",     "presente",
      "presentes",   "presents",    "principais", "principales", "propias",     "propios",
      "qu",          "que",         "quem",       "qui",         "quien",       "quienes",
      "respectivas", "respectivos", "rien",       "s",           "sa",          "se",
      "ses",         "seu",         "seus",       "she",         "some",        "someone",
      "son",         "su",          "sua",        "suas",        "such",        "sus",
      "tambem",      "tambien",     "that",       "the",         "their",       "them",
      "there",       "therefore",   "these",      "they",        "this",        "those",
      "three",       "toda",        "todas",      "todo",        "todos",       "tous",
      "tout",        "toute",       "toutes",     "tres",        "trois",       "two",
      "um",          "uma",         "umas",       "un",          "una",         "unas",
      "une",         "unos",        "uns",        "votre",       "we",          "what",
      "which",       "who",         "y",          "you"};
  return kSet;
}

/// One of the parties, or all of them.
bool is_party(std::string_view key) {
  static const WordSet kSet = {
      "authorities", "autoridades",  "autorites",     "countries",   "country",     "dirigeants",
      "estado",      "estados",      "etat",          "etats",       "firmantes",   "gobierno",
      "gobiernos",   "gouvernement", "gouvernements", "government",  "governments", "governo",
      "governos",    "leaders",      "lideres",       "mandatarios", "minister",    "ministers",
      "ministra",    "ministras",    "ministre",      "ministres",   "ministro",    "ministros",
      "nacion",      "naciones",     "nacoes",        "nation",      "nations",     "pais",
      "paises",      "parte",        "partes",        "partie",      "parties",     "party",
      "pays",        "presidents",   "signataires",   "signatarios", "signatories", "state",
      "states"};
  return kSet.contains(key);
}

/// What is named like a body though it is none: documents and meetings.
bool is_document_or_meeting(std::string_view key) {
  static const WordSet kSet = {
      "accord",        "accords",     "acordo",       "acordos",      "act",         "acto",
      "acts",          "acuerdo",     "acuerdos",     "agenda",       "agendas",     "agreement",
      "agreements",    "annee",       "annees",       "annex",        "ano",         "anos",
      "article",       "articles",    "articulo",     "artigo",       "atelier",     "ateliers",
      "campagne",      "campagnes",   "campaign",     "campaigns",    "campana",     "campanas",
      "carta",         "charte",      "charter",      "clause",       "clauses",     "clausula",
      "clausulas",     "code",        "codes",        "codigo",       "commitment",  "commitments",
      "compromiso",    "compromisos", "compromisso",  "compromissos", "conference",  "conferences",
      "conferencia",   "convencao",   "convencion",   "convention",   "conventions", "cumbre",
      "cumbres",       "cupula",      "day",          "days",         "decennie",    "declaracao",
      "declaracion",   "declaration", "declarations", "dia",          "disposicao",  "disposicion",
      "disposiciones", "disposicoes", "disposition",  "dispositions", "document",    "documento",
      "documentos",    "documents",   "engagement",   "engagements",  "estrategia",  "estrategias",
      "goal",          "goals",       "guideline",    "guidelines",   "informe",     "informes",
      "iniciativa",    "iniciativas", "initiative",   "initiatives",  "journee",     "law",
      "laws",          "lei",         "leis",         "ley",          "leyes",       "loi",
      "lois",          "meeting",     "meetings",     "meta",         "metas",       "norma",
      "normas",        "norme",       "normes",       "objectif",     "objectifs",   "objective",
      "objectives",    "objetivo",    "objetivos",    "oficina",      "oficinas",    "plan",
      "planes",        "plano",       "planos",       "plans",        "principe",    "principes",
      "principio",     "principios",  "principle",    "principles",   "proceso",     "procesos",
      "process",       "processes",   "processo",     "processos",    "processus",   "program",
      "programa",      "programas",   "programme",    "programmes",   "programs",    "project",
      "projects",      "projet",      "projeto",      "projetos",     "projets",     "protocol",
      "protocole",     "protocolo",   "protocols",    "provision",    "provisions",  "proyecto",
      "proyectos",     "rapport",     "rapports",     "regla",        "reglamento",  "reglas",
      "regle",         "regles",      "regra",        "regras",       "relatorio",   "relatorios",
      "report",        "reports",     "resolution",   "resolutions",  "reuniao",     "reunioes",
      "reunion",       "reuniones",   "reunions",     "rule",         "rules",       "seance",
      "semaine",       "semana",      "sesion",       "sessao",       "session",     "sessions",
      "sommet",        "sommets",     "standard",     "standards",    "strategie",   "strategies",
      "strategy",      "summit",      "summits",      "taller",       "talleres",    "text",
      "texte",         "texto",       "texts",        "traite",       "traites",     "tratado",
      "tratados",      "treaties",    "treaty",       "week",         "workshop",    "workshops",
      "year",          "years"};
  return kSet.contains(key);
}

/// Nouns that are no abstract ones though they end like them.
bool is_body_by_ending(std::string_view key) {
  static constexpr std::string_view kParts[] = {
      "organiza",      "organisation", "institu",     "commission",   "comision",    "comissao",
      "delega",        "associa",      "asocia",      "federa",       "confedera",   "fundacion",
      "fundacao",      "fondation",    "foundation",  "administra",   "corpora",     "direccion",
      "direcao",       "direction",    "universi",    "communi",      "comuni",      "communaute",
      "authorit",      "autorid",      "autorit",     "entid",        "entit",       "agenc",
      "presiden",      "department",   "departament", "departement",  "comite",      "municipal",
      "parliament",    "parlement",    "parlament",   "ciudad",       "cidade",      "city",
      "cities",        "collectivit",  "socie",       "facult",       "estableci",   "estabeleci",
      "etablissement", "prefect",      "prefeit",     "ayuntamiento", "regiment",    "mission",
      "mision",        "missao",       "audien",      "judicatur",    "magistratur", "procuradur",
      "contralor",     "gerenc",       "intenden"};
  return std::ranges::any_of(kParts, [&](auto part) { return key.starts_with(part); });
}

/// What cannot act: named for what is done, or for what somebody has.
bool is_thing(std::string_view key) {
  static const WordSet kSet = {
      "acces",      "acceso",     "access",     "acesso",       "action",       "actions",
      "activities", "activity",   "aide",       "aim",          "aims",         "analise",
      "analisis",   "analysis",   "apoio",      "apoyo",        "approach",     "approaches",
      "appui",      "arma",       "armas",      "armes",        "attention",    "ayuda",
      "besoins",    "budget",     "cadre",      "challenge",    "challenges",   "chiffres",
      "cifras",     "cost",       "costs",      "crime",        "crimen",       "crimes",
      "dado",       "dados",      "data",       "date",         "dato",         "datos",
      "deadline",   "debate",     "decision",   "delai",        "delito",       "delitos",
      "derecho",    "derechos",   "dialog",     "dialogo",      "dialogue",     "direito",
      "direitos",   "donnees",    "droga",      "drogas",       "droit",        "droits",
      "drug",       "drugs",      "effort",     "efforts",      "emphasis",     "esforco",
      "esforcos",   "esfuerzo",   "esfuerzos",  "estadisticas", "estatisticas", "estudio",
      "estudios",   "estudo",     "estudos",    "etude",        "etudes",       "event",
      "events",     "fecha",      "figure",     "figures",      "firearm",      "firearms",
      "focus",      "framework",  "frameworks", "help",         "homicides",    "homicidio",
      "homicidios", "issue",      "issues",     "list",         "lista",        "liste",
      "mandate",    "marco",      "marcos",     "matter",       "matters",      "measure",
      "measures",   "mecanisme",  "mecanismes", "mecanismo",    "mecanismos",   "mechanism",
      "mechanisms", "medida",     "medidas",    "mesure",       "mesures",      "moyens",
      "name",       "need",       "needs",      "number",       "numero",       "numeros",
      "orcamento",  "outcome",    "outcomes",   "paz",          "peace",        "plazo",
      "plazos",     "policies",   "policy",     "politica",     "politicas",    "politique",
      "politiques", "prazo",      "prazos",     "presupuesto",  "priority",     "progress",
      "purpose",    "recurso",    "recursos",   "register",     "registre",     "registro",
      "research",   "resource",   "resources",  "ressources",   "rest",         "result",
      "resultado",  "resultados", "resultat",   "resultats",    "results",      "review",
      "riesgo",     "riesgos",    "right",      "rights",       "risco",        "riscos",
      "risque",     "risques",    "sistema",    "sistemas",     "statistics",   "statistiques",
      "step",       "steps",      "studies",    "study",        "support",      "system",
      "systeme",    "systemes",   "systems",    "tema",         "temas",        "threat",
      "threats",    "trabajo",    "trabajos",   "trabalho",     "trabalhos",    "trade",
      "training",   "travail",    "travaux",    "use",          "uso",          "weapon",
      "weapons",    "work",       "works"};
  static const WordSet kProtected = {
      "adolescentes", "adolescents", "boys",       "child",       "children",  "crianca",
      "criancas",     "detainees",   "detenidos",  "detenus",     "enfant",    "enfants",
      "familias",     "families",    "familles",   "femme",       "femmes",    "generaciones",
      "generations",  "geracoes",    "girls",      "hombres",     "homens",    "hommes",
      "individuals",  "inmates",     "jeunes",     "jeunesse",    "jovenes",   "jovens",
      "juventud",     "juventude",   "men",        "menores",     "migrantes", "migrants",
      "mineurs",      "minors",      "mujer",      "mujeres",     "mulher",    "mulheres",
      "nina",         "ninas",       "nino",       "ninos",       "people",    "peoples",
      "person",       "persona",     "personas",   "personnes",   "persons",   "pessoa",
      "pessoas",      "peuples",     "poblacion",  "poblaciones", "populacao", "populacoes",
      "population",   "populations", "povos",      "presos",      "prisoners", "pueblos",
      "reclusos",     "refugees",    "refugiados", "refugies",    "temoins",   "testemunhas",
      "testigos",     "victim",      "victima",    "victimas",    "victime",   "victimes",
      "victims",      "vitima",      "vitimas",    "witnesses",   "woman",     "women",
      "youth"};
  const bool ending = ends_with_any(
      key, {"tion",   "tions",  "sion",  "sions",  "ment",    "ments", "ity",    "ities", "ness",
            "ance",   "ances",  "ence",  "ences",  "ism",     "ship",  "ships",  "cion",  "ciones",
            "siones", "dad",    "dades", "miento", "mientos", "mento", "mentos", "encia", "encias",
            "ancia",  "ancias", "ismo",  "ismos",  "ura",     "uras",  "cao",    "coes",  "sao",
            "soes",   "dade",   "agem",  "agens",  "ite",     "ites",  "isme",   "ing",   "ings"});
  return kSet.contains(key) || kProtected.contains(key) || (ending && !is_body_by_ending(key));
}

/// Where a noun's own words end: "the group | on firearms", "the banks | that".
bool ends_noun(std::string_view key) {
  static const WordSet kSet = {
      "across", "against",     "among", "and",   "are",    "as",    "at",   "between", "by",
      "can",    "contained",   "could", "did",   "do",     "does",  "for",  "from",    "given",
      "had",    "has",         "have",  "held",  "how",    "i",     "if",   "in",      "including",
      "is",     "it",          "made",  "may",   "might",  "must",  "of",   "on",      "or",
      "out",    "responsible", "set",   "shall", "should", "taken", "that", "they",    "through",
      "to",     "under",       "up",    "via",   "was",    "we",    "were", "what",    "when",
      "where",  "which",       "who",   "whose", "why",    "will",  "with", "within",  "without"};
  return kSet.contains(key);
}

bool opens_phrase(const Word& word, Language language) {
  static const WordSet kSet = {"a",      "after", "antes", "apos",  "apres",  "as",      "at",
                               "ate",    "au",    "avant", "avec",  "before", "between", "by",
                               "com",    "con",   "d",     "dans",  "dentro", "desde",   "durante",
                               "during", "em",    "en",    "entre", "from",   "hasta",   "in",
                               "na",     "no",    "on",    "over",  "para",   "pendant", "segun",
                               "sobre",  "sous",  "tras",  "under", "until",  "within"};
  // "A más tardar", "À la fin"; "A Secretaria" has an article.
  const bool a = language == Language::es || word.end - word.begin > word.key.size();
  return kSet.contains(word.key) && (word.key != "a" || a);
}

bool is_preposition(std::string_view key) {
  static const WordSet kSet = {
      "a",     "after", "apos", "apres", "at", "ate",   "avant",   "avec",   "before", "between",
      "by",    "com",   "con",  "dans",  "de", "desde", "durante", "during", "em",     "en",
      "entre", "for",   "from", "hasta", "in", "of",    "on",      "over",   "par",    "para",
      "por",   "pour",  "sous", "sur",   "to", "tras",  "under",   "until",  "with"};
  return kSet.contains(key);
}

bool is_article(std::string_view key) {
  static const WordSet kSet = {"a",  "as",  "cada", "chaque", "each", "el", "every", "l",
                               "la", "las", "le",   "les",    "los",  "o",  "os",    "the"};
  return kSet.contains(key);
}

bool is_year(std::string_view key) {
  return key.size() == 4 && key.find_first_not_of("0123456789") == std::string_view::npos;
}

/// Between a subject and its verb: "se reunirá", "also", "expressly".
bool goes_with_verb(std::string_view key) {
  static const WordSet kSet = {
      "also",   "aussi",   "debe",  "deben",   "debera", "deberan", "deve",   "devem",
      "devera", "deverao", "devra", "devront", "doit",   "doivent", "hereby", "le",
      "les",    "lo",      "must",  "n",       "nao",    "ne",      "no",     "nos",
      "s",      "se",      "shall", "should",  "tambem", "tambien", "will"};
  return kSet.contains(key) ||
         (key.ends_with("ly") && !key.ends_with("family") && !key.ends_with("assembly")) ||
         key.ends_with("mente");
}

/// "In 2028 the Chair": where the subject begins behind words of time or place that no comma sets
/// apart; `last` where none is seen.
std::size_t behind_opening(const Words& words, std::size_t first, std::size_t last,
                           Language language) {
  const auto number = [&](std::size_t i) {
    return i < last && words[i].key.find_first_not_of("0123456789") == std::string::npos;
  };
  if (first >= last ||
      !(opens_phrase(words[first], language) || number(first) || number(first + 1))) {
    return first;
  }
  for (std::size_t i = last; i-- > first + 2;) {
    const bool article = is_article(words[i].key) && !is_preposition(words[i - 1].key);
    if (article || is_year(words[i - 1].key)) {
      return i;
    }
  }
  return last;
}

/// The word that says what words [first, last) are about; `last` where none does.
std::size_t noun_in(std::string_view text, const Words& words, std::size_t first, std::size_t last,
                    Language language) {
  while (first < last && before_nouns().contains(words[first].key)) {
    ++first;
  }
  if (language != Language::en || first >= last || ends_noun(words[first].key)) {
    return first >= last || ends_noun(words[first].key) ? last : first;
  }
  std::size_t noun = first;
  while (noun + 1 < last && !ends_noun(words[noun + 1].key) && !is_year(words[noun + 1].key) &&
         !comma_before(text, words, noun + 1) && !words[noun + 1].key.ends_with("ed") &&
         !words[noun + 1].key.ends_with("ly")) {
    ++noun;
  }
  return noun;
}

/// "…, findings and data, the Secretariat": behind the commas of a lead-in that goes on, where an
/// article opens the last part and what stands before names nobody.
std::size_t behind_things(std::string_view text, const Words& words, std::size_t first,
                          std::size_t last, Language language) {
  std::size_t part = last;
  while (part > first && (part == last || !comma_before(text, words, part))) {
    --part;
  }
  const bool behind = part > first && is_article(words[part].key) &&
                      (last >= words.size() || !comma_before(text, words, last));
  return behind && !names_somebody(text, words, first, part, language, Named::subject) ? part
                                                                                       : first;
}

}  // namespace

bool is_united(const std::vector<Word>& words, std::size_t at) {
  const auto key = [&](std::size_t i) {
    return i < words.size() ? std::string_view(words[i].key) : std::string_view();
  };
  return (key(at) == "states" && at > 0 && key(at - 1) == "united") ||
         ((key(at) == "estados" || key(at) == "etats") &&
          (key(at + 1) == "unidos" || key(at + 1) == "unis"));
}

bool names_somebody(std::string_view text, const std::vector<Word>& words, std::size_t first,
                    std::size_t last, Language language, Named named) {
  static const WordSet kBodies = {"banks",      "bodies",     "committee",   "committees",
                                  "entities",   "group",      "groups",      "sectors",
                                  "organismos", "organismes", "institutions"};
  const std::size_t noun = noun_in(text, words, first, last, language);
  if (noun >= last) {
    return false;
  }
  const std::string& key = words[noun].key;
  const bool letters = key.size() > 1 && key.find_first_of("0123456789") == std::string::npos;
  const bool name = noun > 0 && words[noun].capital;
  const bool described = language != Language::en && !words[noun].capital && noun + 1 < last &&
                         is_document_or_meeting(words[noun + 1].key);  // "la primera reunión"
  if (!letters || described || is_document_or_meeting(key) || (!name && is_thing(key))) {
    return false;
  }
  // "Encourage good practices to reduce crime" asks nobody by these words.
  return named == Named::subject || words[noun].capital || kBodies.contains(key) ||
         is_body_by_ending(key);
}

bool opens_main_clause(std::string_view text, const std::vector<Word>& words, std::size_t first,
                       std::size_t verb) {
  static const WordSet kInside = {"and",  "how",     "if",    "or",  "that",
                                  "when", "whether", "which", "who", "whose"};
  std::size_t begin = verb;
  while (begin > first && !comma_before(text, words, begin)) {
    --begin;
  }
  const auto word = [&](std::size_t i) { return words.begin() + static_cast<std::ptrdiff_t>(i); };
  return begin > first && begin < verb && words[begin].key != "and" && words[begin].key != "or" &&
         std::none_of(
             word(begin), word(verb),
             [](const Word& one) { return one.key != "and" && kInside.contains(one.key); }) &&
         std::none_of(
             word(first), word(begin), [](const Word& one) { return one.key == "that"; }) &&
         actor_in(text, words, begin, verb, Language::en, nullptr).has_value();
}

std::optional<Addressed> actor_in(std::string_view text, const std::vector<Word>& words,
                                  std::size_t first, std::size_t last, Language language,
                                  const Recogniser* recogniser) {
  first = behind_label(text, words, first, last);
  static const WordSet kConnect = {"ademas",     "ainsi",     "also",    "and",     "asimismo",
                                   "e",          "egalement", "et",      "further", "furthermore",
                                   "igualmente", "moreover",  "not",     "only",    "qu",
                                   "que",        "tambem",    "tambien", "that",    "y"};
  constexpr std::size_t kWordsMax = 12;  // more are hardly a subject
  if (const auto known = addressed_in(text, words, first, last, Named::subject, recogniser)) {
    return known->last - known->first <= kWordsMax ? known : std::nullopt;
  }
  Addressed out = own_words(text, words, first, last, Named::subject);
  while (out.first < out.last && kConnect.contains(words[out.first].key)) {
    ++out.first;
  }
  while (out.first < out.last && goes_with_verb(words[out.last - 1].key)) {
    --out.last;
  }
  for (std::size_t i = out.first; i < out.last; ++i) {  // "O mais tardar em 2028, a Secretaria …"
    const bool dated = std::any_of(words.begin() + static_cast<std::ptrdiff_t>(out.first),
                                   words.begin() + static_cast<std::ptrdiff_t>(i),
                                   [](const Word& word) { return is_year(word.key); });
    out.first = dated && comma_before(text, words, i) ? i : out.first;
  }
  out.first = behind_opening(words, out.first, out.last, language);
  out.first = behind_things(text, words, out.first, out.last, language);
  const std::size_t noun = noun_in(text, words, out.first, out.last, language);
  if (noun >= out.last || out.last - out.first > kWordsMax) {
    return std::nullopt;
  }
  out.name = noun;
  // "each State Party", but "the Government of Haiti"
  const bool of_one = noun + 2 < out.last && words[noun + 2].capital && !words[noun + 2].upper;
  if (is_party(words[noun].key) && !of_one && !is_united(words, noun)) {
    return out;
  }
  if (!names_somebody(text, words, out.first, out.last, language, Named::subject)) {
    return std::nullopt;
  }
  out.kind = AddresseeKind::unnamed_body;
  return out;
}

}  // namespace atalaya::commitments
