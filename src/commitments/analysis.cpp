// Clauses by rules.
//
// A text is cut into segments (sentences, semicolons, lists after a colon). In each the head verb
// is sought in the forms in which these documents commit: "Strengthen …", "To strengthen …",
// "Strengthening …", "We will strengthen …", "The OAS will …", after a lead-in ("Taking into
// account …, to promote …") where there is one. Further heads of the same form, joined by "and",
// open further clauses; a verb that only continues a list ("prevent, combat and eliminate") or a
// purpose ("measures to prevent and …") does not. Where no verb is found the clause states.

#include "atalaya/commitments/analysis.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <set>

#include "analysis_parts.hpp"
#include "analysis_verbs.hpp"

namespace atalaya::commitments {

namespace {

enum class HeadForm { imperative, infinitive, gerund, finite, dependent, nominal };

struct Head {
  std::size_t first = 0;  // word where the clause begins
  std::size_t verb = 0;   // word of the verb; == verb_end when there is none
  std::size_t verb_end = 0;
  HeadForm form = HeadForm::imperative;
  VerbType type = VerbType::undertake;
  std::string lemma;
  bool continues = false;  // its verb's force comes from the clause before
};

using WordSet = std::set<std::string, std::less<>>;

const WordSet& connectors() {
  static const WordSet kSet = {
      "and",   "or",      "also",    "moreover", "similarly", "accordingly", "furthermore",
      "further", "therefore", "thus", "hereby",   "likewise",  "finally",     "both",
      "we",    "y",       "e",       "o",        "asimismo",  "ademas",      "tambien",
      "igualmente", "por", "ello",   "bem",      "como",      "assim",       "alem",
      "disso", "tambem",  "et",      "ou",       "egalement", "aussi",       "en",
      "outre", "nous",    "nos",     "they",     "le",        "fully",       "fortement"};
  return kSet;
}

const WordSet& lead_ins() {
  static const WordSet kSet = {
      "in",      "with",     "as",      "within",  "on",       "under",   "by",     "through",
      "taking",  "bearing",  "given",   "while",   "because",  "for",     "to",     "recognizing",
      "recalling", "noting", "considering", "acknowledging", "during", "upon", "following",
      "con",     "en",       "de",      "dentro",  "teniendo", "tomando", "conforme", "a",
      "reconociendo", "considerando", "mediante", "segun", "com", "no", "na", "tendo", "levando",
      "reconhecendo", "dans", "avec", "compte", "tenant", "conformement", "reconnaissant",
      "considerant", "afin", "pour", "para", "sur", "sous", "au", "aux"};
  return kSet;
}

const WordSet& purpose_words() {
  static const WordSet kSet = {"to",   "para", "a",    "de",   "en",  "por", "al", "em",
                               "pour", "d",    "afin", "que",  "sem", "sin", "sans"};
  return kSet;
}

bool is_and(std::string_view key) {
  return key == "and" || key == "y" || key == "e" || key == "et" || key == "or";
}

/// Words after which a verb that is also a noun is a noun: "support for", "work of".
bool noun_follows(const std::vector<Word>& words, std::size_t at, std::size_t last) {
  static const WordSet kAfterNoun = {"of",  "for", "in",  "by",  "from", "and",    "or", "at",
                                     "is",  "are", "has", "was", "will", "should", "that"};
  return at + 1 >= last || kAfterNoun.contains(words[at + 1].key);
}

class ClauseFinder {
 public:
  ClauseFinder(std::string_view text, const std::vector<Word>& words, Language language)
      : text_(text), words_(words), language_(language) {}

  std::vector<Head> heads(const Segment& segment) const {
    std::vector<Head> found;
    found.push_back(first_head(segment));
    add_joined(segment, found);
    return found;
  }

 private:
  [[nodiscard]] const std::string& key(std::size_t i) const { return words_[i].key; }

  std::optional<Verb> verb_at(std::size_t i) const { return find_verb(key(i), language_); }

  /// A verb in the form of a command or infinitive at word `i`.
  std::optional<Verb> base_at(std::size_t i) const {
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

  Head make(std::size_t first, std::size_t at, const Verb& verb, HeadForm form,
            std::size_t last) const {
    Head head;
    head.first = first;
    head.verb = at;
    head.verb_end = at + 1;
    head.form = form;
    head.type = verb.type;
    head.lemma = verb.lemma.empty() ? key(at) : std::string(verb.lemma);
    settle(head, last);
    return head;
  }

  /// Verbs whose meaning lies in what follows: "take note", "call upon", "continue to promote".
  void settle(Head& head, std::size_t last) const {
    const std::size_t next = head.verb_end;
    if (next >= last) {
      return;
    }
    const std::string& after = key(next);
    const bool note = (head.lemma == "take" && after == "note") ||
                      (head.lemma == "take" && after == "nota") ||
                      (head.lemma == "take" && after == "acte") ||
                      (head.lemma == "pay" && after == "tribute");
    if (note) {
      head.type = VerbType::state;
      head.lemma = head.lemma == "pay" ? "pay tribute" : "take note";
      head.verb_end = next + 1;
    } else if (head.lemma == "call" && (after == "upon" || after == "on" || after == "for")) {
      head.verb_end = next + 1;
      head.type = after == "for" ? VerbType::promote : VerbType::urge;
    } else if (head.lemma == "carry" && after == "out") {
      head.verb_end = next + 1;
    } else if (head.lemma == "step" && after == "up") {
      head.verb_end = next + 1;
    } else if (head.lemma == "follow" && after == "up") {
      head.verb_end = next + 1;
    } else if (head.lemma == "look" && after == "forward") {
      head.verb_end = next + 1;
    } else if (head.lemma == "continue" || head.lemma == "seek") {
      continue_verb(head, last);
    }
  }

  /// "continue to promote", "continue promoting": as firm as the second verb.
  void continue_verb(Head& head, std::size_t last) const {
    std::size_t next = head.verb_end;
    if (next < last && purpose_words().contains(key(next))) {
      ++next;
    }
    if (next >= last) {
      return;
    }
    const auto verb = verb_at(next);
    if (verb && (verb->form == VerbForm::base || verb->form == VerbForm::gerund) &&
        (verb->type == VerbType::promote || verb->type == VerbType::urge)) {
      head.type = verb->type;
      head.lemma = verb->lemma;
      head.verb_end = next + 1;
    }
  }

  static bool is_adverb(std::string_view word) {
    return word.size() > 4 && (word.ends_with("ly") || word.ends_with("mente") ||
                               word.ends_with("ment"));
  }

  std::size_t skip_connectors(std::size_t at, std::size_t last) const {
    while (at + 1 < last && (connectors().contains(key(at)) || is_adverb(key(at)))) {
      ++at;
    }
    return at;
  }

  /// A head that begins exactly at word `at` (after connectors).
  std::optional<Head> head_at(std::size_t first, std::size_t last) const {
    const std::size_t at = skip_connectors(first, last);
    if (at + 1 < last && key(at) == "to" && base_at(at + 1)) {
      return make(first, at + 1, *base_at(at + 1), HeadForm::infinitive, last);
    }
    if (language_ != Language::en && at + 1 < last && (key(at) == "a" || key(at) == "de") &&
        base_at(at + 1)) {
      return make(first, at + 1, *base_at(at + 1), HeadForm::infinitive, last);
    }
    const auto verb = verb_at(at);
    if (const auto base = base_at(at)) {
      return make(first, at, *base, HeadForm::imperative, last);
    }
    if (verb && (verb->form == VerbForm::gerund || verb->form == VerbForm::third) &&
        !lead_ins().contains(key(at))) {
      return make(first, at, *verb, HeadForm::gerund, last);
    }
    return std::nullopt;
  }

  /// "we will …", "they reaffirm …", "the OAS shall …", "the authorities commit to …".
  std::optional<Head> finite_head(std::size_t first, std::size_t last) const {
    const std::size_t reach = std::min(last, first + 60);
    for (std::size_t i = first; i + 1 < reach; ++i) {
      const bool speaker = key(i) == "we" || key(i) == "they" || key(i) == "nous";
      if (speaker && (i == first || !subordinates(i - 1))) {
        if (auto head = after_subject(first, i + 1, last)) {
          return head;
        }
      }
    }
    for (std::size_t i = first; i + 1 < reach; ++i) {
      if ((key(i) == "will" || key(i) == "shall" || key(i) == "should" || key(i) == "must") &&
          !relative_before(first, i)) {
        return modal_head(first, i, last);
      }
    }
    return std::nullopt;
  }

  bool subordinates(std::size_t i) const {
    return key(i) == "that" || key(i) == "which" || key(i) == "as" || key(i) == "if";
  }

  /// Whether the modal belongs to "that will …", "which will …".
  bool relative_before(std::size_t first, std::size_t modal) const {
    return modal > first && (key(modal - 1) == "that" || key(modal - 1) == "which" ||
                             key(modal - 1) == "who");
  }

  std::optional<Head> after_subject(std::size_t first, std::size_t at, std::size_t last) const {
    const std::size_t begin = at;
    while (at + 1 < last && at < begin + 4 &&
           (key(at) == "will" || key(at) == "shall" || key(at) == "should" ||
            connectors().contains(key(at)) || is_adverb(key(at)) || key(at) == "hereby")) {
      ++at;
    }
    if (key(at) == "are" || key(at) == "sommes") {
      Head head = make(first, at, Verb{"be", VerbType::state, false, VerbForm::base},
                       HeadForm::finite, last);
      const bool resolved = at + 1 < last && (key(at + 1) == "committed" ||
                                              key(at + 1) == "determined" ||
                                              key(at + 1) == "resolved");
      if (resolved) {
        head.type = VerbType::undertake;
        head.lemma = key(at + 1) == "committed" ? "commit" : "resolve";
        head.verb_end = at + 2;
      }
      return head;
    }
    const auto verb = verb_at(at);
    if (!verb) {
      return std::nullopt;
    }
    return make(first, at, *verb, HeadForm::finite, last);
  }

  Head modal_head(std::size_t first, std::size_t modal, std::size_t last) const {
    std::size_t at = modal + 1;
    while (at + 1 < last && (key(at) == "be" || is_adverb(key(at)) || key(at) == "also")) {
      ++at;
    }
    const auto verb = verb_at(at);
    Head head = make(first, at,
                     verb.value_or(Verb{{}, VerbType::undertake, false, VerbForm::base}),
                     HeadForm::finite, last);
    head.verb = modal;
    return head;
  }

  /// Commas after a lead-in: "In this context, develop …".
  std::optional<Head> after_lead_in(const Segment& segment) const {
    const std::size_t at = skip_connectors(segment.first, segment.last);
    const auto verb = verb_at(at);
    const bool opens = lead_ins().contains(key(at)) ||
                       (verb && verb->type == VerbType::state && verb->form == VerbForm::gerund);
    if (!opens) {
      return std::nullopt;
    }
    if (auto head = finite_head(segment.first, segment.last)) {
      return head;
    }
    for (std::size_t i = at + 1; i < segment.last; ++i) {
      if (!comma_before(text_, words_, i)) {
        continue;
      }
      auto head = head_at(i, segment.last);
      const bool good = head && head->form != HeadForm::gerund &&
                        !(is_and(key(i)) && !purpose_words().contains(key(i + 1))) &&
                        !noun_follows(words_, head->verb, segment.last);
      if (good) {
        head->first = segment.first;
        return head;
      }
    }
    return std::nullopt;
  }

  Head first_head(const Segment& segment) const {
    const std::size_t at = skip_connectors(segment.first, segment.last);
    const bool infinitive = key(at) == "to";
    if (auto head = after_lead_in(segment); head && (!infinitive || head->form == HeadForm::finite)) {
      const bool later_we = infinitive && head_at(segment.first, segment.last) &&
                            !comma_before_subject(segment, head->verb);
      if (!later_we) {
        return *head;
      }
    }
    if (auto head = head_at(segment.first, segment.last)) {
      return *head;
    }
    if (auto head = finite_head(segment.first, segment.last)) {
      return *head;
    }
    if (auto head = third_person(segment)) {
      return *head;
    }
    Head none;
    none.first = segment.first;
    none.verb = none.verb_end = segment.first;
    none.form = HeadForm::nominal;
    none.type = VerbType::state;
    return none;
  }

  /// Whether "we" before `verb` follows a comma and opens the main clause of the segment.
  bool comma_before_subject(const Segment& segment, std::size_t verb) const {
    for (std::size_t i = verb; i > segment.first && verb - i < 6; --i) {
      if ((key(i) == "we" || key(i) == "they") && comma_before(text_, words_, i)) {
        return true;
      }
    }
    return false;
  }

  /// "The responsible authorities commit to …", "governments note …".
  std::optional<Head> third_person(const Segment& segment) const {
    const std::size_t reach = std::min(segment.last, segment.first + 14);
    for (std::size_t i = segment.first + 1; i < reach; ++i) {
      const auto verb = verb_at(i);
      if (!verb || verb->noun_like != (verb->lemma == "note")) {
        continue;
      }
      const bool speaks = verb->form == VerbForm::base || verb->form == VerbForm::third ||
                          verb->form == VerbForm::first;
      if (speaks && (verb->type != VerbType::undertake || verb->lemma == "commit" ||
                     verb->lemma == "agree" || verb->lemma == "undertake" ||
                     verb->lemma == "resolve" || verb->lemma == "decide")) {
        return make(segment.first, i, *verb, HeadForm::finite, segment.last);
      }
    }
    return std::nullopt;
  }

  struct Open {
    bool infinitive = false;  // a "to …" or "para …" stands open since the last head
    std::size_t at = 0;
  };

  Open open_purpose(const Head& head, std::size_t at) const {
    Open open;
    for (std::size_t i = head.verb_end; i + 1 < at; ++i) {
      if (purpose_words().contains(key(i)) && base_at(i + 1)) {
        open = {true, i};
      }
    }
    return open;
  }

  static bool asks_others(VerbType type) {
    return type == VerbType::urge || type == VerbType::delegate;
  }

  void add_joined(const Segment& segment, std::vector<Head>& found) const {
    for (std::size_t i = found.front().verb_end + 1; i < segment.last; ++i) {
      if (auto head = joined_at(segment, found.back(), i)) {
        found.push_back(std::move(*head));
        i = found.back().verb_end;
      }
    }
  }

  /// A further head that begins at word `i`, in the manner of the one before it.
  std::optional<Head> joined_at(const Segment& segment, const Head& before,
                                std::size_t i) const {
    constexpr std::size_t kWordsApart = 3;
    if (before.form == HeadForm::nominal || i < before.verb_end + kWordsApart ||
        i + 1 >= segment.last) {
      return std::nullopt;
    }
    const bool comma = comma_before(text_, words_, i);
    const auto verb = verb_at(i);
    if (key(i) == "while" && verb_at(i + 1) && verb_at(i + 1)->form == VerbForm::gerund) {
      Head head = make(i, i + 1, *verb_at(i + 1), HeadForm::dependent, segment.last);
      head.continues = true;
      head.type = before.type;
      return head;
    }
    if (comma && verb && verb->form == VerbForm::gerund && asks_others(verb->type)) {
      return make(i, i, *verb, HeadForm::gerund, segment.last);
    }
    if (!is_and(key(i)) && !comma) {
      return std::nullopt;
    }
    return after_and(segment, before, i, comma);
  }

  std::optional<Head> after_and(const Segment& segment, const Head& before, std::size_t i,
                                bool comma) const {
    const std::size_t at = skip_connectors(i, segment.last);
    if (at + 1 >= segment.last || verb_at(i - 1)) {
      return std::nullopt;  // "combat, and eliminate": the list goes on
    }
    const Open open = open_purpose(before, i);
    if (key(at) == "to" && base_at(at + 1)) {
      return joined_infinitive(segment, before, i, at, comma, open);
    }
    if (before.form == HeadForm::gerund) {
      const auto verb = verb_at(at);
      if (verb && verb->form == VerbForm::gerund && is_and(key(i)) && comma) {
        return make(i, at, *verb, HeadForm::gerund, segment.last);
      }
      return std::nullopt;
    }
    if (key(at) == "will" && base_at(at + 1) && is_and(key(i))) {
      return make(i, at + 1, *base_at(at + 1), HeadForm::finite, segment.last);
    }
    const auto base = base_or_third(at);
    if (!base || noun_reading(segment, *base, at)) {
      return std::nullopt;
    }
    const bool plain_comma = !is_and(key(i));
    if (plain_comma && (open.infinitive || !list_closes(segment, at))) {
      return std::nullopt;
    }
    if (open.infinitive && !comma && !asks_others(base->type) && base->lemma != "consider") {
      return std::nullopt;
    }
    return make(i, at, *base, before.form, segment.last);
  }

  std::optional<Verb> base_or_third(std::size_t at) const {
    const auto verb = verb_at(at);
    if (verb && verb->form == VerbForm::third && !verb->noun_like) {
      return verb;
    }
    return base_at(at);
  }

  /// After a plain comma a verb opens a clause only where an ", and <verb>" follows.
  bool list_closes(const Segment& segment, std::size_t at) const {
    for (std::size_t k = at + 2; k + 1 < segment.last; ++k) {
      if (is_and(key(k)) && base_at(k + 1)) {
        return true;
      }
    }
    return false;
  }

  bool noun_reading(const Segment& segment, const Verb& verb, std::size_t at) const {
    if (noun_follows(words_, at, segment.last) || comma_before(text_, words_, at + 1)) {
      return true;
    }
    static const WordSet kDeterminers = {"the", "a",    "an",    "their", "our",  "its",  "all",
                                         "to",  "on",   "those", "these", "this", "with", "together",
                                         "international", "efforts", "individually", "actions"};
    return verb.noun_like && language_ == Language::en &&
           !kDeterminers.contains(key(at + 1)) && !words_[at + 1].capital;
  }

  /// ", and to <verb>": a further clause where the head itself is a "to", or asks others to.
  std::optional<Head> joined_infinitive(const Segment& segment, const Head& before,
                                        std::size_t i, std::size_t at, bool comma,
                                        const Open& open) const {
    constexpr std::size_t kFar = 8;
    if (verb_at(i - 1)) {
      return std::nullopt;
    }
    Head head = make(i, at + 1, *base_at(at + 1), HeadForm::infinitive, segment.last);
    if (asks_others(before.type) || before.continues) {
      head.continues = true;
      head.type = before.type;
      head.form = HeadForm::dependent;
      return open.infinitive && (comma || i - open.at >= kFar) ? std::optional(head)
                                                               : std::nullopt;
    }
    const bool takes_to = before.form == HeadForm::infinitive || before.lemma == "commit" ||
                          before.lemma == "agree" || before.lemma == "resolve" ||
                          before.lemma == "decide" || before.lemma == "pledge";
    if (!open.infinitive || (takes_to && (comma || i - open.at >= kFar))) {
      return head;
    }
    return std::nullopt;
  }

  std::string_view text_;
  const std::vector<Word>& words_;
  Language language_;
};

struct NamedBody {
  AddresseeKind kind;
  PhraseList names;
};

const std::vector<NamedBody>& named_bodies() {
  static const std::vector<NamedBody> kBodies = {
      {AddresseeKind::states,
       {"member states", "oas member states", "states", "all states", "countries",
        "all countries", "governments", "those states", "estados", "los estados",
        "estados miembros", "paises", "los paises", "gobiernos", "os estados",
        "estados membros", "governos", "etats", "les etats", "etats membres", "pays",
        "gouvernements"}},
      {AddresseeKind::parliaments,
       {"parliaments", "parliamentarians", "parlamentos", "parlamentarios", "parlements",
        "parlementaires", "national legislatures", "congresos"}},
      {AddresseeKind::civil_society,
       {"civil society", "sociedad civil", "sociedade civil", "societe civile"}},
      {AddresseeKind::private_sector,
       {"private sector", "financial institutions", "business sectors", "sector privado",
        "instituciones financieras", "setor privado", "instituicoes financeiras",
        "secteur prive", "institutions financieres"}},
      {AddresseeKind::citizens,
       {"citizens", "all citizens", "ciudadanos", "ciudadania", "cidadaos", "citoyens"}},
      {AddresseeKind::international_community,
       {"international community", "international financial organizations",
        "comunidad internacional", "comunidade internacional", "communaute internationale"}}};
  return kBodies;
}

/// Where the addressee of "request X to …" ends: at the infinitive, or at the subordinate "that".
std::size_t addressee_end(const std::vector<Word>& words, std::size_t at, std::size_t last) {
  constexpr std::size_t kReach = 40;
  const std::size_t reach = std::min(last, at + kReach);
  for (std::size_t i = at; i < reach; ++i) {
    const std::string& key = words[i].key;
    const bool verb_next =
        i + 1 < last && (find_verb(words[i + 1].key, Language::en) || words[i + 1].key == "be");
    if (i > at && ((key == "to" && verb_next) || key == "que" || key == "submit")) {
      return i;
    }
    if (i > at && (key == "a" || key == "para" || key == "de") && i + 1 < last &&
        (looks_infinitive(words[i + 1].key, Language::es) ||
         looks_infinitive(words[i + 1].key, Language::fr))) {
      return i;
    }
  }
  return reach;
}

class Builder {
 public:
  Builder(std::string_view text, const std::vector<Word>& words, const AnalysisContext& context,
          Analysis& analysis)
      : text_(text), words_(words), context_(context), analysis_(analysis) {}

  /// `body`: from which word on the text is its own (after a bracketed chapeau).
  void add(const Head& head, std::size_t last) {
    Clause clause;
    clause.ordinal = static_cast<std::int32_t>(analysis_.clauses.size()) + 1;
    clause.span = {words_[head.first].begin, words_[last - 1].end};
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
    } else if (head.type == VerbType::urge || head.type == VerbType::delegate) {
      asked = find_addressee(clause, head.verb_end, last);
    } else {
      find_actor(clause, head);
    }
    asked = std::min(asked, last);
    if (asked < last) {
      clause.deliverable = {words_[asked].begin, words_[last - 1].end};
    }
    clause.qualifiers = qualifiers_in(words_, head.first, last);
    if (clause.lemma == "consider" && clause.verb.end > clause.verb.begin) {
      const bool held = std::ranges::any_of(clause.qualifiers, [](const Qualifier& one) {
        return one.kind == QualifierKind::consider;
      });
      if (!held) {
        clause.qualifiers.insert(clause.qualifiers.begin(),
                                 {QualifierKind::consider, clause.verb});
      }
    }
    clause.formulation = formulate(clause);
    analysis_.clauses.push_back(std::move(clause));
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
    const bool limited = std::ranges::any_of(clause.qualifiers, [](const Qualifier& one) {
      return one.kind != QualifierKind::pace;
    });
    return limited ? Formulation::qualified : Formulation::firm;
  }

  /// Who is addressed between words [first, last); false when nobody known is named.
  bool name_addressee(Clause& clause, std::size_t first, std::size_t last) const {
    std::optional<AddresseeKind> kind;
    for (std::size_t i = first; i < last && !kind; ++i) {
      for (const NamedBody& body : named_bodies()) {
        const std::size_t count = body.names.match(words_, i);
        if (count > 0 && i + count <= last) {
          kind = body.kind;
          break;
        }
      }
    }
    const std::string id = organ_in(first, last);
    if (!kind && id.empty()) {
      return false;
    }
    clause.addressee_id = id;
    if (id.empty()) {
      clause.addressee = *kind;
    } else {
      clause.addressee =
          kind == AddresseeKind::states ? AddresseeKind::states_and_organ : AddresseeKind::organ;
    }
    return true;
  }

  /// The most specific institution named (the longest name) between words [first, last).
  std::string organ_in(std::size_t first, std::size_t last) const {
    if (context_.recogniser == nullptr || first >= last) {
      return {};
    }
    const std::size_t begin = words_[first].begin;
    const std::string_view part = text_.substr(begin, words_[last - 1].end - begin);
    std::string id;
    std::uint32_t longest = 0;
    for (const Mention& mention : context_.recogniser->institutions(part)) {
      if (mention.span.end - mention.span.begin > longest) {
        longest = mention.span.end - mention.span.begin;
        id = mention.id;
      }
    }
    return id;
  }

 private:
  std::size_t find_addressee(Clause& clause, std::size_t at, std::size_t last) {
    const std::size_t end = addressee_end(words_, at, last);
    if (end >= std::min(last, at + 40)) {
      // "Encourage the development of …": nobody is named; the parties encourage.
      return at;
    }
    if (name_addressee(clause, at, end)) {
      clause.addressee_span = {words_[at].begin, words_[end - 1].end};
      return words_[end].key == "submit" ? end : end + 1;
    }
    const bool body = end - at <= 12 && words_[at].key == "the";
    if (body || clause.verb_type == VerbType::delegate) {
      clause.addressee = AddresseeKind::unnamed_body;
      clause.addressee_span = {words_[at].begin, words_[end - 1].end};
      return words_[end].key == "submit" ? end : end + 1;
    }
    return at;
  }

  /// "The OAS will …": a subject other than the parties.
  void find_actor(Clause& clause, const Head& head) {
    if (head.form != HeadForm::finite || head.verb <= head.first) {
      return;
    }
    const std::size_t first = head.first;
    const bool speaks = std::any_of(
        words_.begin() + static_cast<std::ptrdiff_t>(first),
        words_.begin() + static_cast<std::ptrdiff_t>(head.verb), [](const Word& word) {
          return word.key == "we" || word.key == "they" || word.key == "nous";
        });
    if (!speaks && head.verb - first <= 12) {
      const std::string id = organ_in(first, head.verb);
      if (!id.empty()) {
        clause.addressee = AddresseeKind::organ;
        clause.addressee_id = id;
        clause.addressee_span = {words_[first].begin, words_[head.verb - 1].end};
      }
    }
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

/// What a governing text passes on: its last verb and whom that addresses.
std::optional<Clause> governing(std::string_view chapeau, const AnalysisContext& context) {
  AnalysisContext plain = context;
  plain.chapeau = {};
  const std::string closed = std::string(chapeau) + " do";  // so that "to:" has a verb to lead to
  const Analysis analysis = analyse(closed, plain);
  for (auto it = analysis.clauses.rbegin(); it != analysis.clauses.rend(); ++it) {
    if (it->verb.end > it->verb.begin && it->verb_type != VerbType::state) {
      return *it;
    }
  }
  return std::nullopt;
}

/// A chapeau's own addressee and verb where the clause has none of its own.
void inherit(Analysis& analysis, std::string_view chapeau, bool bracket,
             const AnalysisContext& context, const Builder& builder) {
  if (chapeau.empty()) {
    return;
  }
  const std::optional<Clause> above = governing(chapeau, context);
  if (!above) {
    return;
  }
  const bool charges = above->verb_type == VerbType::delegate || above->verb_type == VerbType::urge;
  for (Clause& clause : analysis.clauses) {
    const bool verbless = clause.verb.begin == clause.verb.end;
    if (verbless) {
      clause.lemma = above->lemma;
      clause.verb_type = above->verb_type;
      clause.verb_from_chapeau = true;
      clause.deliverable = clause.span;
    }
    if ((verbless || (bracket && charges)) && clause.addressee_span.begin == clause.addressee_span.end) {
      clause.addressee = above->addressee;
      clause.addressee_id = above->addressee_id;
    }
    if (bracket && charges && clause.verb_type == VerbType::undertake) {
      clause.verb_type = above->verb_type;
    }
    clause.formulation = builder.formulate(clause);
  }
}

void attach_dues(Analysis& analysis) {
  for (std::size_t i = 0; i < analysis.dues.size(); ++i) {
    for (Clause& clause : analysis.clauses) {
      const Span due = analysis.dues[i].span;
      if (due.begin >= clause.span.begin && due.begin < clause.span.end && clause.due < 0) {
        clause.due = static_cast<std::int32_t>(i);
      }
    }
  }
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
  Analysis analysis;
  const std::vector<Word> words = words_of(text);
  std::vector<Segment> segments = segments_of(text, words);
  analysis.dues = dues_of(text, words, segments, context);
  analysis.chapeau = trim(text).ends_with(':');
  const std::size_t bracket = bracketed(text);
  const ClauseFinder finder(text, words, context.language);
  Builder builder(text, words, context, analysis);
  for (Segment segment : segments) {
    while (segment.first < segment.last && words[segment.first].begin < bracket) {
      ++segment.first;
    }
    if (segment.first == segment.last) {
      continue;
    }
    const std::vector<Head> heads = finder.heads(segment);
    for (std::size_t i = 0; i < heads.size(); ++i) {
      builder.add(heads[i], i + 1 < heads.size() ? heads[i + 1].first : segment.last);
    }
  }
  const bool has_bracket = bracket > 0;
  inherit(analysis,
          has_bracket ? text.substr(1, bracket - 2) : context.chapeau, has_bracket, context,
          builder);
  attach_dues(analysis);
  analysis.actionable = std::ranges::any_of(analysis.clauses, [](const Clause& clause) {
    return clause.formulation != Formulation::declaratory;
  });
  return analysis;
}

}  // namespace atalaya::commitments
