// Clauses by rules.
//
// A text is cut into segments (sentences, semicolons, lists after a colon) and each segment into
// clauses at its head verbs (analysis_heads.cpp). Where no verb is found, the segment belongs to
// the clause before it in its sentence; if there is none, it states something.

#include "atalaya/commitments/analysis.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <set>

#include <fmt/format.h>

#include "analysis_addressees.hpp"
#include "analysis_date_phrases.hpp"
#include "analysis_head_words.hpp"
#include "analysis_heads.hpp"
#include "analysis_parts.hpp"
#include "analysis_verb_reader.hpp"
#include "analysis_verbs.hpp"

namespace atalaya::commitments {

namespace {

/// After "to": a verb of the lexicon, or a word that cannot open the name of something.
bool may_be_verb(const Word& word) {
  static const std::set<std::string, std::less<>> kOpenNames = {
      "the",  "a",     "an",   "this",  "that",  "these", "those", "their",
      "our",  "its",   "all",  "any",   "which", "it",    "them",  "such",
      "each", "every", "both", "other", "whom",  "some",  "and",   "date"};
  return find_verb(word.key, Language::en) ||
         (!word.capital && !word.key.ends_with('s') && !kOpenNames.contains(word.key));
}

constexpr std::size_t kAddresseeReach = 60;  // words

/// Whether word `at` begins the infinitive of what is asked: "utilizar", "ne pas l’utiliser".
bool begins_infinitive(const std::vector<Word>& words, std::size_t at, std::size_t last,
                       Language language) {
  static const std::set<std::string, std::less<>> kBetween = {
      "no", "nao", "ne", "pas", "le", "la", "les", "l", "se", "s", "y", "en", "lui", "leur", "o"};
  constexpr std::size_t kBetweenMax = 3;
  for (std::size_t i = at; i < last && i <= at + kBetweenMax; ++i) {
    const auto verb = find_verb(words[i].key, language);
    if (looks_infinitive(words[i].key, language) || (verb && verb->form == VerbForm::base)) {
      return true;
    }
    if (!kBetween.contains(words[i].key)) {
      return false;
    }
  }
  return false;
}

/// Where the addressee of "request X to …" ends, and where what is asked of X begins.
struct AddresseeEnd {
  std::size_t end = 0;
  std::size_t asked = 0;
};

/// In English: at the infinitive, with its "not".
std::optional<AddresseeEnd> english_end(const std::vector<Word>& words, std::size_t at,
                                        std::size_t last) {
  for (std::size_t i = at + 1; i < std::min(last, at + kAddresseeReach); ++i) {
    const std::string& key = words[i].key;
    const std::size_t next = i + 1 < last && words[i + 1].key.ends_with("ly") ? i + 2 : i + 1;
    if (key == "submit") {
      return AddresseeEnd{i, i};
    }
    if (key == "to" && (next >= last || may_be_verb(words[next]) || words[next].key == "not")) {
      const bool negated = i > at + 1 && words[i - 1].key == "not";  // "not to publish"
      return negated ? AddresseeEnd{i - 1, i - 1} : AddresseeEnd{i, i + 1};
    }
  }
  return std::nullopt;
}

/// In the others: at the infinitive, with a preposition or without, or at the subordinate "que".
/// What a verb of the type `type` leads to with "de" is asked only where it takes "de".
std::optional<AddresseeEnd> romance_end(const std::vector<Word>& words, std::size_t at,
                                        std::size_t last, Language language, VerbType type) {
  static const std::set<std::string, std::less<>> kTo = {"a", "para", "pour"};
  static const std::set<std::string, std::less<>> kBeforeNouns = {
      "el", "la", "los", "las", "al",  "del", "o",  "os", "as", "ao", "do", "da",  "no",  "na", "y",
      "e",  "en", "em",  "le",  "les", "l",   "du", "au", "et", "a",  "de", "por", "con", "com"};
  // "charger X de", but "exhorter les autorités chargées de prévenir … à".
  const bool takes_de = language == Language::fr && type == VerbType::delegate;
  std::optional<AddresseeEnd> behind_de;
  for (std::size_t i = at + 1; i < std::min(last, at + kAddresseeReach); ++i) {
    const std::string& key = words[i].key;
    const bool de = key == "de" || key == "d";
    const bool opens = i + 1 == last;  // "a:", before a list
    const bool leads =
        (de || kTo.contains(key)) && (opens || begins_infinitive(words, i + 1, last, language));
    if (key == "que" || (leads && (!de || takes_de))) {
      return AddresseeEnd{i, i + 1};
    }
    if (leads && !behind_de) {
      behind_de = AddresseeEnd{i, i + 1};
    }
    // "Solicitar a la Secretaría publicar un informe".
    const auto verb = find_verb(key, language);
    if (!behind_de && verb && verb->form == VerbForm::base && !words[i].capital && i > at + 1 &&
        !kBeforeNouns.contains(words[i - 1].key)) {
      return AddresseeEnd{i, i};
    }
  }
  return behind_de;
}

class Builder {
 public:
  Builder(std::string_view text, const std::vector<Word>& words, const AnalysisContext& context,
          Analysis& analysis)
      : text_(text), words_(words), context_(context), analysis_(analysis) {}

  /// The clause from `head` to word `last`; `joined_to` is the head before it in its segment, if
  /// any.
  void add(const Head& head, std::size_t last, const Head* joined_to) {
    Clause clause;
    clause.ordinal = static_cast<std::int32_t>(analysis_.clauses.size()) + 1;
    clause.span = span_of(head.first, last);
    clause.span.begin = opening(head.first);
    clause.addressee = context_.party;
    clause.lemma = head.lemma;
    clause.verb_type = head.type;
    std::size_t asked = head.verb_end;
    if (head.verb < head.verb_end) {
      clause.verb = {words_[head.verb].begin, words_[head.verb_end - 1].end};
    }
    if (head.continues && !analysis_.clauses.empty()) {
      const Clause& before = analysis_.clauses.back();
      clause.depends_on = before.depends_on != 0 ? before.depends_on : before.ordinal;
      clause.addressee = before.addressee;
      clause.addressee_id = before.addressee_id;
    } else if (asks_others(head.type)) {
      asked = is_passive(head) ? find_asked_subject(clause, head, last)
                               : find_addressee(clause, head.verb_end, last);
    } else {
      find_actor(clause, head, joined_to);
    }
    asked = std::min(asked, last);
    if (asked < last) {
      clause.deliverable = span_of(asked, last);
    }
    clause.qualifiers = qualifiers_in(words_, head.first, last);
    qualify_by_verb(clause);
    clause.formulation = formulate(clause);
    analysis_.clauses.push_back(std::move(clause));
  }

  /// Words without a verb of their own that go on from the clause before.
  void extend_last(std::size_t first, std::size_t last) {
    Clause& clause = analysis_.clauses.back();
    clause.span.end = span_of(first, last).end;
    clause.deliverable.end = clause.span.end;
    for (const Qualifier& qualifier : qualifiers_in(words_, first, last)) {
      clause.qualifiers.push_back(qualifier);
    }
    clause.formulation = formulate(clause);
  }

  /// "consider", "strive": verbs that limit by themselves.
  static void qualify_by_verb(Clause& clause) {
    const bool tries = clause.lemma == "strive" || clause.lemma == "seek" ||
                       clause.lemma == "endeavor" || clause.lemma == "try";
    if (clause.verb.begin == clause.verb.end || (!tries && clause.lemma != "consider")) {
      return;
    }
    const QualifierKind kind = tries ? QualifierKind::best_effort : QualifierKind::consider;
    if (std::ranges::find(clause.qualifiers, kind, &Qualifier::kind) == clause.qualifiers.end()) {
      clause.qualifiers.insert(clause.qualifiers.begin(), {kind, clause.verb});
    }
  }

  static Formulation formulate(const Clause& clause) {
    const auto has = [&](QualifierKind kind) {
      return std::ranges::find(clause.qualifiers, kind, &Qualifier::kind) !=
             clause.qualifiers.end();
    };
    if (clause.verb_type == VerbType::state) {
      return Formulation::declaratory;
    }
    if (clause.verb_type == VerbType::urge || clause.verb_type == VerbType::promote ||
        has(QualifierKind::consider)) {
      return Formulation::hortatory;
    }
    const bool limited = std::ranges::any_of(
        clause.qualifiers, [](const Qualifier& one) { return one.kind != QualifierKind::pace; });
    return limited ? Formulation::qualified : Formulation::firm;
  }

 private:
  std::size_t find_addressee(Clause& clause, std::size_t at, std::size_t last) {
    const std::string& that = words_[std::min(at, words_.size() - 1)].key;
    if (at < last && (that == "that" || that == "que" || that == "qu")) {
      return find_named_after_that(clause, at, last);
    }
    const auto found = context_.language == Language::en
                           ? english_end(words_, at, last)
                           : romance_end(words_, at, last, context_.language, clause.verb_type);
    if (!found) {
      // "Encourage the development of …": nobody is named; the parties encourage.
      return at;
    }
    const auto [end, asked] = *found;
    const std::size_t who = before_condition(at, end);
    const auto known = addressed_in(text_, words_, at, who, Named::object, context_.recogniser);
    const Addressed named = known.value_or(own_words(text_, words_, at, who, Named::object));
    if (named.first >= named.last) {
      return at;
    }
    if (known) {
      clause.addressee = known->kind;
      clause.addressee_id = known->id;
    } else if (clause.verb_type == VerbType::delegate ||
               names_somebody(text_, words_, named.first, named.last, context_.language,
                              Named::object)) {
      clause.addressee = AddresseeKind::unnamed_body;
    } else {
      return at;
    }
    clause.addressee_span = span_of(named.first, named.last);
    return asked;
  }

  /// "the Secretariat, subject to available funds, to …": a condition names nobody. The word that
  /// it begins with, or `last`.
  [[nodiscard]] std::size_t before_condition(std::size_t first, std::size_t last) const {
    for (std::size_t i = first + 1; i < last; ++i) {
      const bool condition = head_words::conditions(context_.language).match(words_, i) > 0;
      if (comma_before(text_, words_, i) && condition) {
        return i;
      }
    }
    return last;
  }

  void address(Clause& clause, const Addressed& named) const {
    clause.addressee = named.kind;
    clause.addressee_id = named.id;
    clause.addressee_span = span_of(named.first, named.last);
  }

  /// "Request that the Council, with the help of the Office, adopt …": whoever is named first.
  std::size_t find_named_after_that(Clause& clause, std::size_t at, std::size_t last) {
    constexpr std::size_t kReach = 20;       // words
    constexpr std::size_t kDeterminers = 2;  // "all the"
    const auto wished = VerbReader(text_, words_, context_.language).wished_at(at, last);
    if (wished) {
      const auto named =
          actor_in(text_, words_, at + 1, wished->verb, context_.language, context_.recogniser);
      if (named) {
        address(clause, *named);
        return wished->verb;
      }
      return at;
    }
    const auto known = addressed_in(text_, words_, at + 1, std::min(last, at + kReach),
                                    Named::subject, context_.recogniser);
    if (known && known->name <= at + 1 + kDeterminers) {
      clause.addressee = known->kind;
      clause.addressee_id = known->id;
    }
    return at;
  }

  /// Words [first, last) with the brackets and quotation marks that close after them.
  [[nodiscard]] Span span_of(std::size_t first, std::size_t last) const {
    std::size_t end = words_[last - 1].end;
    for (const std::string_view closing : {"”", "’", "»", "\"", ")"}) {
      if (text_.substr(end).starts_with(closing)) {
        end += closing.size();
      }
    }
    return {words_[first].begin, static_cast<std::uint32_t>(end)};
  }

  /// Where the words from `first` on begin, with what opens right before them: a clause that
  /// begins with a quotation mark or "<" is quoted with it.
  [[nodiscard]] std::uint32_t opening(std::size_t first) const {
    std::size_t begin = words_[first].begin;
    const auto grow = [&](std::string_view mark) {
      if (!text_.substr(0, begin).ends_with(mark)) {
        return false;
      }
      begin -= mark.size();
      return true;
    };
    constexpr std::string_view kOpening[] = {"“", "‘", "«", "¿", "¡", "\"", "(", "<"};
    while (std::ranges::any_of(kOpening, grow)) {
    }
    // A mark that hangs on the word before closes that word's phrase.
    const bool free = begin == 0 || text_[begin - 1] == ' ' || text_[begin - 1] == '\n' ||
                      text_[begin - 1] == '\t';
    return free ? static_cast<std::uint32_t>(begin) : words_[first].begin;
  }

  /// "The Secretariat is requested to …"; nobody before the verb: "It is requested that …".
  std::size_t find_asked_subject(Clause& clause, const Head& head, std::size_t last) {
    static const std::set<std::string, std::less<>> kTo = {"to", "a", "de", "d", "para", "que"};
    const auto named =
        actor_in(text_, words_, head.subject, head.verb, context_.language, context_.recogniser);
    if (!named) {
      return find_addressee(clause, head.verb_end, last);
    }
    address(clause, *named);
    const bool to = head.verb_end < last && kTo.contains(words_[head.verb_end].key);
    return head.verb_end + (to ? 1U : 0U);
  }

  /// "The OAS will …": a subject other than the parties; one that is not printed again ("and will
  /// …") is that of the clause before.
  void find_actor(Clause& clause, const Head& head, const Head* joined_to) {
    if (head.form != HeadForm::finite) {
      return;
    }
    const bool speaks =
        std::any_of(words_.begin() + static_cast<std::ptrdiff_t>(head.subject),
                    words_.begin() + static_cast<std::ptrdiff_t>(head.verb), [](const Word& word) {
                      return word.key == "we" || word.key == "they" || word.key == "nous";
                    });
    if (speaks || is_passive(head)) {
      return;
    }
    const auto named = actor_in(text_, words_, head.subject, end_of_subject(head),
                                context_.language, context_.recogniser);
    // What somebody says or is used to do charges nobody: "experts emphasize", "poverty fosters".
    const auto verb = find_verb(words_[head.verb].key, context_.language);
    const bool told = head.type == VerbType::state ||
                      (head.type == VerbType::promote && verb && verb->form == VerbForm::third);
    const bool unknown = named && named->kind == AddresseeKind::unnamed_body;
    if (named && named->kind != AddresseeKind::states && !(unknown && told)) {
      address(clause, *named);  // States are the parties themselves, named or not
    } else if (!named && joined_to != nullptr && joined_to->form == HeadForm::finite &&
               !asks_others(joined_to->type)) {
      const Clause& last = analysis_.clauses.back();
      clause.addressee = last.addressee;
      clause.addressee_id = last.addressee_id;
      clause.addressee_span = last.addressee_span;
    }
  }

  /// "No bank shall …" is the subject though it is printed as part of what is not to be done.
  [[nodiscard]] std::size_t end_of_subject(const Head& head) const {
    static const std::set<std::string, std::less<>> kNo = {
        "no", "ningun", "ninguna", "nenhum", "nenhuma", "aucun", "aucune", "nul", "nulle"};
    const bool no = kNo.contains(words_[head.verb].key) &&
                    (words_[head.verb].key != "no" || context_.language == Language::en);
    return no && head.verb + 1 < head.verb_end ? head.verb_end - 1 : head.verb;
  }

  static bool asks_others(VerbType type) {
    return type == VerbType::urge || type == VerbType::delegate;
  }

  /// "The Office will be supported": by the parties. Not "will be responsible for".
  [[nodiscard]] bool is_passive(const Head& head) const {
    static const std::set<std::string, std::less<>> kBe = {
        "be",  "ser",  "sera", "seran", "serao", "etre",  "seront",
        "sea", "sean", "seja", "sejam", "soit",  "soient"};
    static const std::set<std::string, std::less<>> kIs = {
        "is", "are", "es",    "son",  "esta",  "estan", "queda", "quedan",
        "e",  "sao", "estao", "fica", "ficam", "est",   "sont"};
    const auto any = [&](const auto& set, std::size_t first, std::size_t last) {
      return std::any_of(words_.begin() + static_cast<std::ptrdiff_t>(first),
                         words_.begin() + static_cast<std::ptrdiff_t>(std::max(first, last)),
                         [&](const Word& word) { return set.contains(word.key); });
    };
    const VerbReader reader(text_, words_, context_.language);
    const std::size_t end = head.verb_end;
    const bool role = reader.is_role(end - 1) || reader.is_role(end) || reader.is_role(end + 1);
    if (!asks_others(head.type)) {
      return any(kBe, head.verb, end) && !role;
    }
    return any(kBe, head.verb, end) || (head.verb < end && any(kIs, head.verb, head.verb + 1));
  }

  std::string_view text_;
  const std::vector<Word>& words_;
  const AnalysisContext& context_;
  Analysis& analysis_;
};

/// "[Entrust the OAS, …, to:] Follow up on …": bytes of the bracketed part, 0 when there is none.
std::size_t bracketed(std::string_view text) {
  if (!text.starts_with('[')) {
    return 0;
  }
  const std::size_t end = text.find(']');
  return end == std::string_view::npos || end > 400 ? 0 : end + 1;
}

/// What a governing text passes on, of its own or of the texts that govern it.
struct Governing {
  std::optional<Clause> clause;  // its last verb and whom that addresses
  bool charges = false;          // whom it addresses has to do whatever follows
  bool set = false;              // a person said whom it addresses
  bool complete = false;         // "agree to the following:": what follows may be sentences
  std::optional<Due> due;        // holds for every item; `above` has its words
};

/// Also says what the texts above pass on.
Analysis read(std::string_view text, const AnalysisContext& context, Governing& above);

/// Whether a person's clause is the one that governs, which may be read with one more behind it.
bool is_governing(const SetClause& set, const Clause& clause) {
  return set.ordinal == clause.ordinal || (set.last && set.ordinal < clause.ordinal);
}

/// Verb and addressee as persons set them.
void apply_set(const std::vector<SetClause>& set, Governing& out) {
  for (const SetClause& one : set) {
    if (!out.clause || !is_governing(one, *out.clause)) {
      continue;
    }
    out.clause->lemma = one.verb.value_or(out.clause->lemma);
    if (one.addressee) {
      out.set = true;
      out.clause->addressee = AddresseeKind::organ;
      out.clause->addressee_id = *one.addressee;
      for (int kind = 0; kind <= static_cast<int>(AddresseeKind::unnamed_body); ++kind) {
        if (to_string(static_cast<AddresseeKind>(kind)) == *one.addressee) {
          out.clause->addressee = static_cast<AddresseeKind>(kind);
          out.clause->addressee_id.clear();
        }
      }
    }
  }
}

/// The date that a person set, or that there is none; nothing where rules say it.
std::optional<std::optional<Due>> date_set(const std::vector<SetClause>& set,
                                           const std::optional<Clause>& clause) {
  for (const SetClause& one : set) {
    if (!one.due || (clause && clause->due >= 0 && !is_governing(one, *clause))) {
      continue;
    }
    if (one.due->empty() || one.due->starts_with("R/")) {
      return std::optional<Due>();
    }
    Due due;
    due.kind = one.due->starts_with('P') ? DueKind::period : DueKind::deadline;
    due.edtf = *one.due;
    return due;
  }
  return std::nullopt;
}

/// Of a text that ends in a colon: the date of the clause that governs, or its only one. A day of
/// the text's own year that bounds nothing is the one on which those who speak meet.
std::optional<Due> passed_on(const Analysis& analysis, const std::optional<Clause>& clause,
                             std::string_view chapeau, std::int32_t year) {
  const auto binds_items = [&](const Due& due) {
    constexpr std::size_t kDaySize = 10;
    const bool meets =
        due.edtf.size() == kDaySize && due.edtf.starts_with(fmt::format("{:04}-", year));
    return !due.edtf.empty() && !meets &&
           (due.kind == DueKind::deadline || due.kind == DueKind::period);
  };
  const auto of = [&](std::int32_t index) -> std::optional<Due> {
    Due due = analysis.dues[static_cast<std::size_t>(index)];
    if (!binds_items(due)) {
      return std::nullopt;
    }
    due.above = std::string(due.printed(chapeau));
    due.span = {};
    return due;
  };
  if (!trim(chapeau).ends_with(':')) {
    return std::nullopt;
  }
  if (clause && clause->due >= 0) {
    std::optional<Due> found = of(clause->due);
    for (std::size_t i = 0; i < analysis.dues.size() && !found; ++i) {
      const std::uint32_t at = analysis.dues[i].span.begin;
      if (at >= clause->span.begin && at < clause->span.end) {
        found = of(static_cast<std::int32_t>(i));
      }
    }
    return found;
  }
  return analysis.dues.size() == 1 ? of(0) : std::nullopt;
}

/// "… agree to the following:", "… agree:" end a sentence; "… agree to:" goes on in the items.
bool is_complete(std::string_view chapeau, const std::optional<Clause>& clause) {
  static const std::set<std::string, std::less<>> kFollowing = {
      "following", "siguiente", "siguientes", "seguinte", "seguintes", "suit", "suivants"};
  const std::vector<Word> words = words_of(chapeau);
  return !words.empty() && (kFollowing.contains(words.back().key) ||
                            (clause && clause->verb.begin == words.back().begin));
}

/// Whether a clause in which no verb is known says something of its own: it opens with whom it is
/// about or with what stands before a subject, and not with what is to be done.
bool says_itself(const std::vector<Word>& words, const Clause& clause) {
  static const std::set<std::string, std::less<>> kOpenings = {
      "the",          "a",         "an",      "this",   "these",
      "it",           "there",     "we",      "they",   "nothing",
      "no",           "none",      "nobody",  "not",    "since",
      "in",           "on",        "from",    "after",  "all",
      "each",         "every",     "any",     "states", "parties",
      "governments",  "el",        "la",      "los",    "las",
      "un",           "una",       "nada",    "nadie",  "ningun",
      "ninguna",      "ni",        "se",      "este",   "esta",
      "desde",        "en",        "todo",    "todos",  "toda",
      "todas",        "cada",      "estados", "partes", "o",
      "os",           "as",        "um",      "uma",    "nenhum",
      "nenhuma",      "ninguem",   "nao",     "em",     "todos",
      "governos",     "gobiernos", "le",      "les",    "l",
      "une",          "rien",      "nul",     "nulle",  "aucun",
      "aucune",       "il",        "ils",     "ce",     "cette",
      "ces",          "depuis",    "dans",    "tout",   "toute",
      "tous",         "toutes",    "chaque",  "etats",  "nous",
      "gouvernements"};
  const auto first = std::ranges::find_if(
      words, [&](const Word& word) { return word.begin >= clause.span.begin; });
  return first != words.end() && kOpenings.contains(first->key);
}

Governing governing(const GoverningText& chapeau, const AnalysisContext& above) {
  std::string_view bare = chapeau.text;
  while (!bare.empty() && (bare.back() == ':' || bare.back() == ' ')) {
    bare.remove_suffix(1);
  }
  const std::map<Language, std::string_view> kDo = {{Language::en, " to do"},
                                                    {Language::es, " a hacer"},
                                                    {Language::pt, " a fazer"},
                                                    {Language::fr, " à faire"}};
  // So that the list behind the colon has a verb.
  Governing outer;
  Governing out;
  const Analysis analysis = read(std::string(bare).append(kDo.at(above.language)), above, outer);
  out.charges = outer.charges;
  out.set = outer.set;
  for (auto it = analysis.clauses.rbegin(); it != analysis.clauses.rend(); ++it) {
    const bool verb = it->verb.end > it->verb.begin || it->verb_from_chapeau;
    if (verb && it->verb_type != VerbType::state) {
      out.clause = *it;
      break;
    }
  }
  if (out.clause) {
    // "We instruct our Ministers, with the help of the Office, to:" asks them whatever follows.
    const bool named = out.clause->addressee_span.begin < out.clause->addressee_span.end;
    const bool asks =
        out.clause->verb_type == VerbType::delegate || out.clause->verb_type == VerbType::urge;
    out.charges = (out.charges || named) && asks;
    out.set = out.set && !named;
  }
  apply_set(chapeau.set, out);
  const auto date = date_set(chapeau.set, out.clause);
  out.due = date && trim(chapeau.text).ends_with(':')
                ? *date
                : passed_on(analysis, out.clause, chapeau.text, above.year);
  out.complete = is_complete(chapeau.text, out.clause);
  return out;
}

/// "[Entrust the OAS, …, to:]" before the words that it governs.
Governing bracketed_above(std::string_view bracket, const AnalysisContext& context) {
  AnalysisContext alone = context;
  alone.above = {};
  Governing out = governing({std::string(bracket)}, alone);
  out.charges = out.clause && (out.clause->verb_type == VerbType::delegate ||
                               out.clause->verb_type == VerbType::urge);
  return out;
}

/// A chapeau's own addressee and verb where the clause has none of its own.
void inherit(Analysis& analysis, const std::vector<Word>& words, const Governing& governing) {
  const Clause& above = *governing.clause;
  const bool charges = governing.charges;
  for (Clause& clause : analysis.clauses) {
    const bool verbless = clause.verb.begin == clause.verb.end;
    if (verbless && governing.complete && says_itself(words, clause)) {
      continue;
    }
    if (verbless) {
      clause.lemma = above.lemma;
      clause.verb_type = above.verb_type;
      clause.verb_from_chapeau = true;
      clause.deliverable = clause.span;
    }
    if ((verbless || charges || governing.set) &&
        clause.addressee_span.begin == clause.addressee_span.end) {
      clause.addressee = above.addressee;
      clause.addressee_id = above.addressee_id;
    }
    if (charges && clause.verb_type != VerbType::state) {
      clause.verb_type = above.verb_type;
    }
    clause.formulation = Builder::formulate(clause);
  }
}

/// A chapeau's date where the text has none of its own.
void inherit_due(Analysis& analysis, const Due& due) {
  const bool dated =
      std::ranges::any_of(analysis.dues, [](const Due& own) { return own.kind != DueKind::soft; });
  if (dated) {
    return;
  }
  const auto index = static_cast<std::int32_t>(analysis.dues.size());
  bool any = false;
  for (Clause& clause : analysis.clauses) {
    if (clause.formulation != Formulation::declaratory) {
      clause.due = index;
      any = true;
    }
  }
  if (any) {
    analysis.dues.push_back(due);
  }
}

void add_segment(std::string_view text, const std::vector<Word>& words, const Segment& segment,
                 Language language, Builder& builder, Analysis& analysis) {
  const bool only_and = segment.last - segment.first == 1 && words[segment.first].key == "and";
  if (segment.first >= segment.last || only_and) {
    return;
  }
  std::vector<Head> heads = heads_of(text, words, segment, language);
  const bool goes_on = !segment.new_sentence && !analysis.clauses.empty();
  if (goes_on && heads.front().form == HeadForm::nominal) {
    builder.extend_last(segment.first, segment.last);
    return;
  }
  const bool listed = segment.after_colon && goes_on &&
                      (analysis.clauses.back().verb_type == VerbType::urge ||
                       analysis.clauses.back().verb_type == VerbType::delegate);
  for (std::size_t i = 0; i < heads.size(); ++i) {
    if (listed) {
      heads[i].continues = true;
      heads[i].type = analysis.clauses.back().verb_type;
    }
    builder.add(heads[i], i + 1 < heads.size() ? heads[i + 1].first : segment.last,
                i > 0 ? &heads[i - 1] : nullptr);
  }
}

/// What is only said asks nothing by a date that is over with the text's own year, or regretted;
/// nor does "not … before 2030" or "refrain until 2030 …", with which nobody is late, nor what a
/// text says it does not do. Offers to host keep their date.
void drop_dues(Analysis& analysis, const std::vector<Word>& words, std::int32_t year) {
  const auto asks = [&](const Due& due, const Clause& clause) {
    const auto any = [&](const PhraseList& list, std::uint32_t begin, std::uint32_t end) {
      for (std::size_t i = 0; i < words.size(); ++i) {
        if (words[i].begin >= begin && words[i].begin < end && list.match(words, i) > 0) {
          return true;
        }
      }
      return false;
    };
    const bool refrains = clause.lemma == "refrain" || clause.lemma == "abstain";
    if (clause.lemma.starts_with("not ") || refrains) {
      static const PhraseList kUntil = {"until", "hasta", "ate", "jusqu"};
      const bool first = !refrains && any(before_words(), due.span.begin, due.span.begin + 1);
      const bool until =
          due.span.begin > clause.verb.begin && any(kUntil, due.span.begin, due.span.begin + 1);
      return clause.formulation != Formulation::declaratory && !first && !until;
    }
    const bool over = (!due.latest.empty() && due.latest <= fmt::format("{}-12-31", year)) ||
                      clause.lemma == "regret";
    return clause.formulation != Formulation::declaratory || !over ||
           any(holding_words(), clause.span.begin, due.span.begin);
  };
  std::erase_if(analysis.dues, [&](const Due& due) {
    return due.kind == DueKind::deadline &&
           std::ranges::any_of(analysis.clauses, [&](const Clause& clause) {
             return due.span.begin >= clause.span.begin && due.span.begin < clause.span.end &&
                    !asks(due, clause);
           });
  });
}

void attach_dues(Analysis& analysis) {
  for (std::size_t i = 0; i < analysis.dues.size(); ++i) {
    for (Clause& clause : analysis.clauses) {
      const Due& due = analysis.dues[i];
      const bool inside = due.span.begin >= clause.span.begin && due.span.begin < clause.span.end;
      const bool better =
          clause.due < 0 ||
          (!due.edtf.empty() && analysis.dues[static_cast<std::size_t>(clause.due)].edtf.empty());
      if (inside && better) {
        clause.due = static_cast<std::int32_t>(i);  // a date rather than "as soon as possible"
      }
    }
  }
}

Analysis read(std::string_view text, const AnalysisContext& context, Governing& above) {
  Analysis analysis;
  const std::vector<Word> words = words_of(text);
  std::vector<Segment> segments = segments_of(text, words);
  analysis.dues = dues_of(text, words, segments, context);
  analysis.chapeau = trim(text).ends_with(':');
  const std::size_t bracket = bracketed(text);
  Builder builder(text, words, context, analysis);
  for (Segment segment : segments) {
    while (segment.first < segment.last && words[segment.first].begin < bracket) {
      ++segment.first;
    }
    add_segment(text, words, segment, context.language, builder, analysis);
  }
  if (bracket > 0) {
    above = bracketed_above(text.substr(1, bracket - 2), context);
  } else if (!context.above.empty()) {
    AnalysisContext outer = context;
    outer.above = context.above.subspan(1);
    above = governing(context.above.front(), outer);
  }
  if (above.clause) {
    inherit(analysis, words, above);
  }
  drop_dues(analysis, words, context.year);
  attach_dues(analysis);
  if (above.due) {
    inherit_due(analysis, *above.due);
  }
  analysis.actionable = std::ranges::any_of(analysis.clauses, [](const Clause& clause) {
    return clause.formulation != Formulation::declaratory;
  });
  return analysis;
}

}  // namespace

std::string_view to_string(VerbType value) noexcept {
  constexpr std::array<std::string_view, 5> kNames = {"undertake", "promote", "delegate", "urge",
                                                      "state"};
  return kNames[static_cast<std::size_t>(value)];
}

std::string_view to_string(Formulation value) noexcept {
  constexpr std::array<std::string_view, 4> kNames = {"firm", "qualified", "hortatory",
                                                      "declaratory"};
  return kNames[static_cast<std::size_t>(value)];
}

std::string_view to_string(QualifierKind value) noexcept {
  constexpr std::array<std::string_view, 8> kNames = {
      "as_appropriate", "domestic_law",  "where_possible", "voluntary",
      "consider",       "circumstances", "best_effort",    "pace"};
  return kNames[static_cast<std::size_t>(value)];
}

std::string_view to_string(DueKind value) noexcept {
  constexpr std::array<std::string_view, 8> kNames = {
      "deadline", "reporting_duty", "recurring",   "scheduled_event",
      "relative", "period",         "conditional", "soft"};
  return kNames[static_cast<std::size_t>(value)];
}

std::string_view to_string(AddresseeKind value) noexcept {
  constexpr std::array<std::string_view, 9> kNames = {
      "states",         "organ",    "states_and_organ",        "parliaments", "civil_society",
      "private_sector", "citizens", "international_community", "unnamed_body"};
  return kNames[static_cast<std::size_t>(value)];
}

Analysis analyse(std::string_view text, const AnalysisContext& context) {
  Governing above;
  return read(text, context, above);
}

}  // namespace atalaya::commitments
