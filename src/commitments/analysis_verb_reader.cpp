#include "analysis_verb_reader.hpp"

#include <algorithm>
#include <iterator>
#include <set>

#include "analysis_head_words.hpp"
#include "analysis_imperative.hpp"
#include "analysis_parts.hpp"

namespace atalaya::commitments {

namespace {

using WordSet = std::set<std::string, std::less<>>;

}  // namespace

const std::string& VerbReader::key(std::size_t i) const {
  static const std::string nothing;
  return i < words_.size() ? words_[i].key : nothing;
}

std::optional<Verb> VerbReader::verb_at(std::size_t i) const {
  if (language_ == Language::en && key(i) == "states") {
    return std::nullopt;  // those that act, not what somebody states
  }
  // Without its accent it would be a preposition.
  const bool por = language_ == Language::pt && key(i) == "por" && is_accented(i);
  return find_verb(por ? std::string_view("pôr") : key(i), language_);
}

bool VerbReader::is_accented(std::size_t i) const {
  return words_[i].end - words_[i].begin > words_[i].key.size();
}

std::optional<Verb> VerbReader::base_at(std::size_t i) const {
  const auto verb = verb_at(i);
  if (verb && (verb->form == VerbForm::base ||
               (language_ != Language::en && verb->form == VerbForm::first))) {
    return verb;
  }
  if (!verb && looks_infinitive(key(i), language_)) {
    return Verb{{}, VerbType::undertake, false, VerbForm::base};
  }
  return std::nullopt;
}

bool VerbReader::is_modal(std::size_t i) const {
  const bool noun = key(i) == "will" && key(i + 1) == "of";  // "the will of the people"
  return (key(i) == "will" && !noun) || key(i) == "shall" || key(i) == "should" || key(i) == "must";
}

bool VerbReader::subordinates(std::size_t i) const {
  return key(i) == "that" || key(i) == "which" || key(i) == "as" || key(i) == "if";
}

bool VerbReader::relative_before(std::size_t first, std::size_t modal) const {
  return modal > first &&
         (key(modal - 1) == "that" || key(modal - 1) == "which" || key(modal - 1) == "who");
}

bool VerbReader::said_in_passing(std::size_t first, std::size_t i) const {
  static const WordSet kRelative = {"que",   "qui", "qu",   "cual",   "cuales", "qual",
                                    "quais", "si",  "se",   "cuando", "quando", "that",
                                    "which", "who", "whom", "if",     "when",   "lorsque"};
  constexpr std::size_t kReach = 4;  // words
  for (std::size_t k = i; k > first && i - k < kReach && !comma_before(text_, words_, k); --k) {
    // Right before the verb "se" is a pronoun.
    if (kRelative.contains(key(k - 1)) && !(key(k - 1) == "se" && k == i)) {
      return true;
    }
  }
  return false;
}

bool VerbReader::opens_lead_in(std::size_t at) const {
  const bool negation = key(at) == "no" && language_ != Language::pt;
  return (head_words::lead_ins(language_).contains(key(at)) && !negation) || opens_limit(at);
}

bool VerbReader::opens_condition(std::size_t at) const {
  const bool pronoun = key(at) == "se" && (verb_at(at + 1) || impersonal_at(at, words_.size()));
  return at < words_.size() && !pronoun && head_words::conditions(language_).match(words_, at) > 0;
}

std::size_t VerbReader::next_comma(std::size_t at, std::size_t last) const {
  while (at < last && !comma_before(text_, words_, at)) {
    ++at;
  }
  return std::min(at, last);
}

bool VerbReader::is_adverb(std::size_t at) const {
  const std::string_view word = key(at);
  const std::string_view ending = language_ == Language::en   ? "ly"
                                  : language_ == Language::fr ? "ment"
                                                              : "mente";
  const bool ends = word.size() > ending.size() + 2 && word.ends_with(ending);
  return ends && !verb_at(at) && !(language_ == Language::en && find_front_verb(word));  // "comply"
}

std::size_t VerbReader::skip_negation(std::size_t at) const {
  struct Phrase {
    Language language;
    std::string_view first, second;
  };

  static constexpr Phrase kPhrases[] = {
      {Language::en, "do", "not"},   {Language::en, "no", "longer"},
      {Language::en, "not", ""},     {Language::en, "never", ""},
      {Language::es, "ya", "no"},    {Language::es, "no", ""},
      {Language::es, "nunca", ""},   {Language::es, "jamas", ""},
      {Language::es, "tampoco", ""}, {Language::pt, "tampouco", ""},
      {Language::pt, "nao", "mais"}, {Language::pt, "ja", "nao"},
      {Language::pt, "nao", ""},     {Language::pt, "nunca", ""},
      {Language::pt, "jamais", ""},  {Language::fr, "ne", "pas"},
      {Language::fr, "ne", "plus"},  {Language::fr, "ne", "jamais"},
      {Language::fr, "ne", "point"}, {Language::fr, "ne", ""},
      {Language::fr, "n", ""}};
  const auto* const phrase = std::ranges::find_if(kPhrases, [&](const Phrase& one) {
    return one.language == language_ && one.first == key(at) &&
           (one.second.empty() || one.second == key(at + 1));
  });
  if (phrase == std::end(kPhrases)) {
    return at;
  }
  static const WordSet kAgain = {"again", "mas", "mais", "jamais"};
  std::size_t next = at + (phrase->second.empty() ? 1 : 2);
  next += kAgain.contains(key(next)) ? 1U : 0U;
  next += key(next) == "non" && key(next + 1) == "plus" ? 2U : 0U;
  const bool particle = (language_ == Language::en && key(next) == "to") || is_reflexive(next);
  return bare_at(particle ? next + 1 : next) ? next : at;
}

std::optional<std::size_t> VerbReader::nobody_in(std::size_t first, std::size_t verb) const {
  static const WordSet kEnglish = {"no", "neither", "nobody", "none", "nor", "never", "nothing"};
  static const WordSet kOthers = {"ningun",  "ninguna", "ninguno", "nadie",    "nenhum", "nenhuma",
                                  "ninguem", "aucun",   "aucune",  "personne", "nul",    "nulle",
                                  "ni",      "nem",     "nada",    "rien",     "nunca",  "jamas",
                                  "jamais",  "tampoco", "tampouco"};
  static const WordSet kNever = {"in",   "under", "at", "on",  "en",
                                 "bajo", "de",    "em", "sob", "sous"};
  // "At no time", but "at no cost".
  static const WordSet kCases = {"case",  "cases", "circumstance", "circumstances", "time",
                                 "event", "way",   "condition",    "conditions",    "account"};
  static const WordSet kBounds = {"later", "sooner", "earlier", "more", "less", "fewer"};
  const WordSet& denials = language_ == Language::en ? kEnglish : kOthers;
  for (std::size_t k = first; k < verb; ++k) {
    const bool opens = k == first || (kNever.contains(key(k - 1)) &&
                                      (language_ != Language::en || kCases.contains(key(k + 1))));
    if (opens && denials.contains(key(k)) && !kBounds.contains(key(k + 1))) {
      return k;
    }
  }
  return std::nullopt;
}

std::optional<std::size_t> VerbReader::not_before(std::size_t first, std::size_t at) const {
  static const WordSet kSpanish = {"no", "nunca", "jamas", "tampoco"};
  static const WordSet kPortuguese = {"nao", "nunca", "jamais", "tampouco"};
  static const WordSet kFrench = {"ne", "n"};
  static const WordSet kPronouns = {"se", "s",  "nos", "lo", "la", "los", "las", "le",  "o",
                                    "os", "as", "l",   "y",  "en", "les", "lui", "mais"};
  const WordSet& denials = language_ == Language::es   ? kSpanish
                           : language_ == Language::pt ? kPortuguese
                                                       : kFrench;
  for (std::size_t k = at; k > first && at - k < 2 && language_ != Language::en; --k) {
    if (denials.contains(key(k - 1))) {
      const bool longer = k > first + 1 && (key(k - 2) == "ya" || key(k - 2) == "ja");
      return longer ? k - 2 : k - 1;  // "ya no"
    }
    if (!kPronouns.contains(key(k - 1))) {
      break;
    }
  }
  return std::nullopt;
}

bool VerbReader::is_disclaimer(std::size_t nobody, std::size_t verb) const {
  static const WordSet kNothing = {"nothing", "nada", "rien"};
  static const WordSet kProvisions = {
      "provision", "provisions", "clause",     "clauses",     "disposicion", "disposiciones",
      "clausula",  "clausulas",  "disposicao", "disposicoes", "disposition", "dispositions"};
  static const WordSet kTexts = {
      "declaration", "declaracion", "declaracao",   "plan",        "plano",      "agreement",
      "acuerdo",     "acordo",      "accord",       "convention",  "convencion", "convencao",
      "treaty",      "tratado",     "traite",       "protocol",    "protocolo",  "protocole",
      "resolution",  "resolucion",  "resolucao",    "document",    "documento",  "text",
      "texto",       "texte",       "article",      "articulo",    "artigo",     "paragraph",
      "parrafo",     "paragrafo",   "paragraphe",   "section",     "seccion",    "secao",
      "commitments", "compromisos", "compromissos", "engagements", "mandates",   "mandatos",
      "mandats",     "instrument",  "instrumento",  "herein",      "dispuesto",  "disposto",
      "previsto",    "contenido",   "contido",      "present",     "presente"};
  // In words: "nothing that is contained in the present Declaration", "none of the provisions".
  constexpr std::size_t kReach = 8;
  constexpr std::size_t kNear = 3;
  for (std::size_t k = nobody + 1; k < std::min(verb, nobody + kReach); ++k) {
    if (kNothing.contains(key(nobody)) ? kTexts.contains(key(k)) || kProvisions.contains(key(k))
                                       : k <= nobody + kNear && kProvisions.contains(key(k))) {
      return true;
    }
  }
  return false;
}

bool VerbReader::opens_limit(std::size_t at) const {
  static const WordSet kBounds = {"later", "sooner", "earlier", "more", "less", "fewer", "longer"};
  return ((key(at) == "no" || key(at) == "not") && kBounds.contains(key(at + 1)) &&
          key(at + 2) == "than") ||
         (key(at + 1) == "mais" && key(at + 2) == "tardar");
}

VerbReader::AfterModal VerbReader::after_modal(std::size_t modal, bool turned,
                                               std::size_t last) const {
  static const PhraseList kNever = {"under no circumstances",
                                    "under no circumstance",
                                    "in no case",
                                    "in no way",
                                    "at no time",
                                    "in no event"};
  static const WordSet kBetween = {"be", "also", "not", "never", "neither", "only", "just"};
  AfterModal out{turned ? behind_subject(modal, last) : modal + 1};
  std::size_t& at = out.verb;
  const auto no_longer = [&] { return key(at) == "no" && key(at + 1) == "longer"; };
  while (at + 1 < last && !opens_limit(at) &&
         (kBetween.contains(key(at)) || is_adverb(at) || no_longer())) {
    const bool only = key(at + 1) == "only" || key(at + 1) == "just" || key(at + 1) == "merely";
    out.negated = out.negated || key(at) == "never" || key(at) == "neither" || no_longer() ||
                  (key(at) == "not" && !only);
    at += no_longer() && at + 2 < last ? 2U : 1U;
  }
  const std::size_t never = kNever.match(words_, at);
  out.negated = out.negated || never > 0;
  at = at + 1 + never < last ? at + never : at;
  at = opens_limit(at) && !comma_before(text_, words_, at) ? after_limit(at, last)
                                                           : after_insertion(at, last);
  at += key(at) == "be" && at + 1 < last ? 1U : 0U;
  return out;
}

std::size_t VerbReader::behind_subject(std::size_t modal, std::size_t last) const {
  static const WordSet kDenials = {"neither",       "nor",        "never", "again", "longer",
                                   "only",          "whatsoever", "case",  "cases", "circumstance",
                                   "circumstances", "time",       "event", "way",   "condition",
                                   "conditions",    "account"};
  static const WordSet kBeforeNouns = {"the", "a",  "an", "any",  "their", "our",
                                       "its", "of", "to", "in",   "under", "with",
                                       "for", "on", "by", "from", "or",    "and"};
  const auto own = bare_at(modal + 1);
  if (modal == 0 || !kDenials.contains(key(modal - 1)) || (own && !own->noun_like) ||
      key(modal + 1) == "be" || is_adverb(modal + 1)) {
    return modal + 1;
  }
  constexpr std::size_t kSubjectMax = 10;  // words
  for (std::size_t k = modal + 2; k < std::min(last, modal + kSubjectMax); ++k) {
    const bool noun = words_[k].capital || kBeforeNouns.contains(key(k - 1));
    if (key(k) == "be" || (!noun && bare_at(k))) {
      return k;
    }
  }
  return modal + 1;
}

std::size_t VerbReader::after_limit(std::size_t at, std::size_t last) const {
  constexpr std::size_t kLimit = 3;      // words: "no later than"
  constexpr std::size_t kWordsMax = 12;  // behind them
  for (std::size_t i = at + kLimit; i < std::min(last, at + kLimit + kWordsMax); ++i) {
    const auto known = base_at(i);
    if ((known && !known->noun_like) || (comma_before(text_, words_, i) && bare_at(i))) {
      return i;
    }
  }
  return at;
}

bool VerbReader::is_only(std::size_t at) const {
  return language_ == Language::fr &&
         (key(at) == "que" || key(at) == "qu" || key(at) == "seulement" || key(at) == "uniquement");
}

bool VerbReader::is_reflexive(std::size_t at) const {
  return language_ == Language::fr && (key(at) == "s" || key(at) == "se" ||
                                       (at > 0 && key(at) == "nous" && key(at - 1) == "nous"));
}

std::optional<Verb> VerbReader::bare_at(std::size_t i) const {
  const auto base = base_at(i);
  if (base || language_ != Language::en || i >= words_.size()) {
    return base;
  }
  const auto front = words_[i].capital ? std::nullopt : find_front_verb(key(i));
  const Verb unknown{{}, VerbType::undertake, false, VerbForm::base};
  return front || !may_be_bare_verb(words_[i]) ? front : std::optional(unknown);
}

std::optional<VerbReader::Future> VerbReader::future_at(std::size_t i, std::size_t last) const {
  static const WordSet kMust = {
      "debe",      "deben",    "debemos",   "debera", "deberan", "deberemos", "deberian",
      "vamos",     "van",      "deve",      "devem",  "devemos", "devera",    "deverao",
      "deveremos", "deveriam", "vao",       "doit",   "doivent", "devons",    "devra",
      "devront",   "devrons",  "devraient", "allons", "vont"};
  static const WordSet kBe = {"ser", "sera", "seran", "serao", "etre", "seront"};
  Future out;
  out.verb = i;
  if (kMust.contains(key(i))) {
    out.negated = skip_between(out.verb, last);
    const bool passive = kBe.contains(key(out.verb));
    out.verb += passive ? 1U : 0U;
    const auto base = passive ? participle_at(out.verb) : base_at(out.verb);
    if (!base || out.verb >= last) {
      return std::nullopt;
    }
    out.what = *base;
    return out;
  }
  if (kBe.contains(key(i)) && key(i) != "ser" && key(i) != "etre" && is_future(i)) {
    out.negated = skip_between(out.verb, last);
    if (const auto participle = participle_at(out.verb); participle && out.verb < last) {
      out.what = *participle;
      return out;
    }
    out.verb = i;
    if (is_role(i + 1) || is_role(i + 2)) {
      out.what = {"be", VerbType::undertake, false, VerbForm::base};
      return out;
    }
  }
  const std::string infinitive = infinitive_of_future(text_, words_[i], language_);
  if (infinitive.empty()) {
    return std::nullopt;
  }
  const Verb unknown{{}, VerbType::undertake, false, VerbForm::base};
  out.what = find_verb(infinitive, language_).value_or(unknown);
  return out;
}

std::optional<VerbReader::Asked> VerbReader::asked_at(std::size_t i, std::size_t last) const {
  static const WordSet kEnglish = {"is", "are"};
  static const WordSet kSpanish = {"es", "son", "esta", "estan", "queda", "quedan"};
  static const WordSet kPortuguese = {"sao", "esta", "estao", "fica", "ficam"};
  static const WordSet kFrench = {"est", "sont"};
  static const WordSet kBetween = {"also",  "hereby", "further", "therefore", "tambien",   "tambem",
                                   "aussi", "en",     "outre",   "ademas",    "instamment"};
  const bool is = language_ == Language::en   ? kEnglish.contains(key(i))
                  : language_ == Language::es ? kSpanish.contains(key(i))
                  : language_ == Language::fr
                      ? kFrench.contains(key(i))
                      : kPortuguese.contains(key(i)) || (key(i) == "e" && is_accented(i));
  std::size_t at = i + 1;
  while (is && at + 1 < last && (is_adverb(at) || kBetween.contains(key(at)))) {
    ++at;
  }
  if (!is || at >= last) {
    return std::nullopt;
  }
  auto verb = language_ == Language::en ? verb_at(at) : participle_at(at);
  if (language_ == Language::en && key(at) == "asked") {
    verb = find_front_verb("ask");
  } else if (language_ == Language::en && verb && verb->form != VerbForm::participle) {
    verb.reset();
  }
  const bool asks = verb && (verb->type == VerbType::urge || verb->type == VerbType::delegate);
  return asks ? std::optional(Asked{at + 1, *verb}) : std::nullopt;
}

std::optional<std::size_t> VerbReader::impersonal_at(std::size_t i, std::size_t last) const {
  if (language_ == Language::pt && i + 2 < last && key(i + 1) == "se" &&
      find_asking_singular(key(i), language_)) {
    return i;
  }
  if (key(i) != "se" || (language_ != Language::es && language_ != Language::pt)) {
    return std::nullopt;
  }
  const std::size_t at = i + (key(i + 1) == "le" || key(i + 1) == "les" ? 2U : 1U);
  return at + 1 < last && find_asking_singular(key(at), language_) ? std::optional(at)
                                                                   : std::nullopt;
}

bool VerbReader::is_role(std::size_t i) const {
  static const WordSet kRoles = {"host",        "responsible", "sede",         "anfitrion",
                                 "anfitriona",  "anfitriao",   "anfitria",     "siege",
                                 "hote",        "responsable", "responsables", "responsavel",
                                 "responsaveis"};
  return kRoles.contains(key(i));
}

std::optional<VerbReader::Future> VerbReader::wished_at(std::size_t i, std::size_t last) const {
  static const WordSet kBe = {"sea", "sean", "seja", "sejam", "soit", "soient"};
  // Behind these the same word is a noun: "que el informe …", "que l'aide …".
  static const WordSet kBeforeNouns = {
      "the",  "a",    "an",    "of",   "and",   "to",   "for",   "in",     "on",   "by",   "with",
      "el",   "la",   "los",   "las",  "un",    "una",  "de",    "del",    "al",   "su",   "sus",
      "este", "esta", "cada",  "todo", "toda",  "por",  "con",   "en",     "y",    "e",    "o",
      "os",   "as",   "um",    "uma",  "do",    "da",   "dos",   "das",    "ao",   "este", "essa",
      "cada", "com",  "em",    "le",   "les",   "l",    "des",   "du",     "d",    "ce",   "cette",
      "ces",  "une",  "son",   "sa",   "ses",   "leur", "leurs", "chaque", "au",   "aux",  "par",
      "pour", "et",   "notre", "nos",  "their", "our",  "its",   "each",   "every"};
  constexpr std::size_t kReach = 25;  // words
  for (std::size_t k = i + 2; k < std::min(last, i + kReach); ++k) {
    const bool pronoun = key(k - 1) == "la" || key(k - 1) == "le" || key(k - 1) == "les";
    if (kBeforeNouns.contains(key(k - 1)) && !(pronoun && key(k - 2) == "ne")) {
      continue;
    }
    if (kBe.contains(key(k)) && k + 1 < last) {
      if (const auto participle = participle_at(k + 1)) {
        return Future{k + 1, *participle};
      }
    }
    const bool front = language_ == Language::en && !base_at(k);
    const auto verb = language_ != Language::en ? find_subjunctive(key(k), language_)
                      : front                   ? find_front_verb(key(k))
                                                : base_at(k);
    const bool noun = language_ == Language::en && verb &&
                      (words_[k].capital || (verb->noun_like && key(k - 1) != "states"));
    if (verb && !noun) {
      return Future{k, *verb};
    }
  }
  return std::nullopt;
}

bool VerbReader::is_future(std::size_t i) const {
  return !infinitive_of_future(text_, words_[i], language_).empty() || key(i) == "sera";
}

bool VerbReader::skip_between(std::size_t& at, std::size_t last) const {
  static const WordSet kNot = {"pas", "jamais", "plus", "no", "nao", "nunca"};
  static const WordSet kBetween = {"a",     "de", "se", "s",    "tambien", "tambem",
                                   "aussi", "en", "y",  "todo", "ainsi",   "non"};
  bool negated = false;
  const std::size_t reach = std::min(last, at + 5);
  const auto denies = [&] {
    return kNot.contains(key(at)) && !(language_ == Language::pt && key(at) == "no");
  };
  for (++at; at + 1 < reach && !comma_before(text_, words_, at) &&
             (denies() || kBetween.contains(key(at)) || is_adverb(at));
       ++at) {
    negated = negated || denies();
  }
  at = after_insertion(at, last);
  return negated;
}

std::size_t VerbReader::after_insertion(std::size_t at, std::size_t last) const {
  constexpr std::size_t kWordsMax = 16;
  static const WordSet kBe = {"be", "ser", "etre"};
  if (at >= last || !comma_before(text_, words_, at)) {
    return at;
  }
  std::size_t closed = at;
  const std::size_t reach = std::min(last, at + kWordsMax);
  for (std::size_t i = at + 1; i < reach; ++i) {
    if (!comma_before(text_, words_, i)) {
      continue;
    }
    std::size_t next = i;
    while (next + 1 < last && is_adverb(next)) {
      ++next;
    }
    const auto verb = verb_at(next);
    if (kBe.contains(key(next)) || bare_at(next) || (verb && verb->form != VerbForm::gerund)) {
      return next;
    }
    closed = closed == at ? i : closed;  // "…, and without delay, ratify": a second insertion
  }
  return closed;
}

std::optional<Verb> VerbReader::participle_at(std::size_t at) const {
  std::string word = key(at);
  const auto cut = [&](std::string_view ending) {
    const bool ends = word.size() > ending.size() + 2 && word.ends_with(ending);
    word.resize(word.size() - (ends ? ending.size() : 0));
    return ends;
  };
  cut("s");
  if (const auto known = find_verb(word, language_); known && known->form == VerbForm::participle) {
    return known;
  }
  if (language_ == Language::fr) {
    if (word.ends_with("ee")) {
      cut("e");
    }
    const auto er = word.ends_with('e') ? find_verb(word + "r", language_) : std::nullopt;
    if (word.ends_with("ie")) {
      cut("e");
    }
    return er ? er : find_verb(word + "r", language_);
  }
  if (cut("ado") || cut("ada")) {
    return find_verb(word + "ar", language_);
  }
  if (!cut("ido") && !cut("ida")) {
    return std::nullopt;
  }
  const auto er = find_verb(word + "er", language_);
  return er ? er : find_verb(word + "ir", language_);
}

}  // namespace atalaya::commitments
