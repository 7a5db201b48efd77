// Head verbs by rules.
//
// In each segment the head verb is sought in the forms in which these documents commit:
// "Strengthen …", "To strengthen …", "Strengthening …", "We will strengthen …", "The OAS will …",
// after a lead-in ("Taking into account …, to promote …") where there is one. Further heads of the
// same form, joined by "and", open further clauses; a verb that only continues a list ("prevent,
// combat and eliminate") or a purpose ("measures to prevent and …") does not.

#include "analysis_heads.hpp"

#include <algorithm>
#include <optional>

#include "analysis_addressees.hpp"
#include "analysis_head_words.hpp"
#include "analysis_imperative.hpp"
#include "analysis_verb_reader.hpp"

namespace atalaya::commitments {

namespace {

using head_words::connectors;
using head_words::lead_ins;
using head_words::nobodies;
using head_words::purpose_words;
using head_words::speakers;
using head_words::WordSet;

bool is_and(std::string_view key) {
  return key == "and" || key == "y" || key == "e" || key == "et" || key == "or";
}

class ClauseFinder : private VerbReader {
 public:
  ClauseFinder(std::string_view text, const std::vector<Word>& words, Language language)
      : VerbReader(text, words, language) {}

  std::vector<Head> heads(const Segment& segment) const {
    std::vector<Head> found;
    found.push_back(first_head(segment));
    add_joined(segment, found);
    for (Head& head : found) {
      complete(head, segment.last);
    }
    return found;
  }

 private:
  Head make(std::size_t first, std::size_t at, const Verb& verb, HeadForm form,
            std::size_t last) const {
    Head head;
    head.first = head.subject = first;
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
    if (const auto idiom = find_idiom(head.lemma, words_, head.verb_end, last)) {
      head.lemma = idiom->lemma;
      head.type = idiom->type;
      head.verb_end += idiom->words;
    } else if (head.lemma == "give" && key(head.verb_end + 1) == "support" &&
               head.verb_end + 1 < last) {  // "give full support"
      head.lemma = "support";
      head.type = VerbType::promote;
      head.verb_end += 2;
    } else if (head.lemma == "congratulate" && head.verb > 0 && is_reflexive(head.verb - 1)) {
      head.lemma = "welcome";
    } else if (head.verb_end < last && (head.lemma == "continue" || head.lemma == "seek")) {
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

  std::size_t skip_connectors(std::size_t at, std::size_t last) const {
    const auto connects = [&](std::size_t i) {
      // "O poder judiciário": an article makes a noun of the infinitive.
      const bool article = (language_ == Language::pt && key(i) == "o" && i + 1 < last) ||
                           (language_ == Language::fr && key(i) == "le");
      const bool por = language_ == Language::pt && key(i) == "por" && is_accented(i);
      const bool place = key(i) == "en" && key(i + 1) != "outre";  // "En este contexto, …"
      return connectors().contains(key(i)) && !article && !por && !place;
    };
    while (at + 1 < last && (connects(at) || is_adverb(at))) {
      ++at;
    }
    return at;
  }

  /// What "shall not deport" asks is not to deport; what is printed of the verb begins where the
  /// negation does, at word `from`: "Ningún Estado deportará" says the opposite of "deportará".
  static void negate(Head& head, std::size_t from) {
    head.lemma = "not " + head.lemma;
    head.verb = std::min(head.verb, from);
  }

  /// A head that begins exactly at word `at` (after connectors).
  std::optional<Head> head_at(std::size_t first, std::size_t last) const {
    const std::size_t at = skip_connectors(first, last);
    const std::size_t plain = skip_negation(at);
    auto head = positive_head_at(first, plain, last);
    if (!head && plain != at) {
      head = make(first, plain, *bare_at(plain), HeadForm::imperative, last);
    }
    if (head && plain != at) {
      negate(*head, at);
    }
    return head;
  }

  std::optional<Head> positive_head_at(std::size_t first, std::size_t at, std::size_t last) const {
    if (is_modal(at + 1)) {
      return std::nullopt;  // "States shall …": who is to do it
    }
    const bool front = first == 0 || !comma_before(text_, words_, first);
    const auto after_to = front ? bare_at(at + 1) : base_at(at + 1);
    if (at + 1 < last && key(at) == "to" && after_to) {
      return make(first, at + 1, *after_to, HeadForm::infinitive, last);
    }
    if (const auto asks = impersonal_at(at, last)) {
      Head head = make(first, *asks, *find_asking_singular(key(*asks), language_),
                       HeadForm::imperative, last);
      head.verb = at;
      while (head.verb_end + 1 < last &&
             (is_adverb(head.verb_end) || connectors().contains(key(head.verb_end)))) {
        ++head.verb_end;
      }
      return head;
    }
    if (is_reflexive(at) && at + 1 < last && base_at(at + 1)) {
      return make(first, at + 1, *base_at(at + 1), HeadForm::imperative, last);
    }
    if (language_ != Language::en && at + 1 < last && (key(at) == "a" || key(at) == "de")) {
      const std::size_t plain = skip_negation(at + 1);  // "De ne pas …"
      if (const auto base = base_at(plain)) {
        Head head = make(first, plain, *base, HeadForm::infinitive, last);
        if (plain != at + 1) {
          negate(head, at + 1);
        }
        return head;
      }
    }
    const auto verb = verb_at(at);
    if (const auto base = base_at(at)) {
      return make(first, at, *base, HeadForm::imperative, last);
    }
    if (verb && (verb->form == VerbForm::gerund || verb->form == VerbForm::third) &&
        !lead_ins(language_).contains(key(at)) &&
        !(verb->noun_like && verb->lemma != "call" && noun_follows(words_, at, last))) {
      return make(first, at, *verb, HeadForm::gerund, last);
    }
    return std::nullopt;
  }

  /// "The Secretariat is requested to …", "Les États sont invités à …".
  std::optional<Head> asked_head(std::size_t first, std::size_t last) const {
    const std::size_t reach = std::min(last, first + 60);
    for (std::size_t i = first; i + 1 < reach && !is_modal(i); ++i) {
      const auto asked = asked_at(i, last);
      const bool passing =
          asked && i > first &&
          (subordinates(i - 1) || relative_before(first, i) || said_in_passing(first, i));
      if (asked && !passing) {
        Head head = make(first, asked->end - 1, asked->what, HeadForm::finite, last);
        head.verb = i;
        return head;
      }
    }
    return std::nullopt;
  }

  /// "That States adopt …", "Que les États adoptent …": under a chapeau that agrees on it.
  std::optional<Head> wished_head(std::size_t first, std::size_t last) const {
    const std::size_t at = skip_connectors(first, last);
    if (key(at) != "that" && key(at) != "que" && key(at) != "qu") {
      return std::nullopt;
    }
    if (const auto wished = wished_at(at, last)) {
      return make(first, wished->verb, wished->what, HeadForm::finite, last);
    }
    // "Que los Estados adoptarán …": what a chapeau declares, no clause beside another.
    auto head = words_[at].capital ? finite_head(at + 1, last) : std::nullopt;
    if (head) {
      head->first = first;
    }
    return head;
  }

  /// "Su compromiso de fortalecer …", "Their decision not to deport …": under a chapeau that
  /// declares it, what is promised is what follows.
  std::optional<Head> promised_head(std::size_t first, std::size_t last) const {
    static const WordSet kPromises = {
        "commitment", "decision",      "determination", "intention", "resolve",    "will",
        "compromiso", "determinacion", "intencion",     "voluntad",  "resolucion", "compromisso",
        "decisao",    "determinacao",  "intencao",      "vontade",   "engagement", "volonte"};
    static const WordSet kWhose = {
        "the", "their", "our", "its",   "el",    "la", "su", "sus",  "nuestro", "nuestra", "o",
        "a",   "seu",   "sua", "nosso", "nossa", "le", "l",  "leur", "notre",   "son",     "sa"};
    constexpr std::size_t kAdjectives = 2;
    constexpr std::size_t kReach = 8;  // words: "El compromiso de los Estados Partes de …"
    std::size_t at = skip_connectors(first, last);
    const bool whose = at < last && kWhose.contains(key(at));
    at += whose ? 1U : 0U;
    std::size_t noun = at;
    while (whose && noun < last && noun < at + kAdjectives && !kPromises.contains(key(noun))) {
      ++noun;
    }
    if (!whose && key(at) == "will") {
      return std::nullopt;
    }
    if (noun + 2 >= last || !kPromises.contains(key(noun))) {
      return std::nullopt;
    }
    for (std::size_t i = noun + 1; i + 1 < std::min(last, noun + kReach); ++i) {
      const bool joint = key(i) == "to" || key(i) == "de" || key(i) == "d" || key(i) == "a" ||
                         key(i) == "em" || key(i) == "en";
      const bool negated = i > noun + 1 && key(i) == "to" && key(i - 1) == "not";
      const std::size_t verb = skip_negation(i + 1);
      const auto base = joint && verb < last ? bare_at(verb) : std::nullopt;
      if (base) {
        Head head = make(first, verb, *base, HeadForm::infinitive, last);
        if (negated || verb != i + 1) {
          negate(head, negated ? i - 1 : i + 1);
        }
        return head;
      }
    }
    return std::nullopt;
  }

  /// "we will …", "they reaffirm …", "the OAS shall …", "the authorities commit to …".
  std::optional<Head> finite_head(std::size_t first, std::size_t last) const {
    if (auto head = asked_head(first, last)) {
      return head;
    }
    if (auto head = wished_head(first, last)) {
      return head;
    }
    const std::size_t reach = std::min(last, first + 60);
    for (std::size_t i = first; i + 1 < last; ++i) {
      if (i >= reach && !comma_before(text_, words_, i)) {
        continue;  // far off only what opens the main clause: "Recognizing …, we intend to …"
      }
      const bool turned = i > first && is_modal(i - 1);  // "at no time shall we …"
      const bool speaker = key(i) == "we" || key(i) == "they" || key(i) == "nous";
      if (speaker && !turned && (i == first || !subordinates(i - 1))) {
        if (auto head = after_subject(first, i + 1, last)) {
          return head;
        }
      }
    }
    for (std::size_t i = first; i + 1 < reach; ++i) {
      if (is_modal(i) && !relative_before(first, i)) {
        return modal_head(first, i, last);
      }
    }
    for (std::size_t i = first; language_ != Language::en && i < reach; ++i) {
      const auto future = future_at(i, last);
      if (future && !said_in_passing(first, i)) {
        return future_head(first, i, *future, last);
      }
    }
    return std::nullopt;
  }

  /// Whether nobody is to do it, by the words behind the last comma before the verb, or by how the
  /// clause begins: "In no case, States …", "No State, whatever its laws, …".
  std::optional<std::size_t> nobody_before(std::size_t first, std::size_t verb) const {
    std::size_t part = verb;
    std::size_t commas = 0;
    for (std::size_t i = verb; i > first; --i) {
      const bool comma = comma_before(text_, words_, i);
      part = comma && commas == 0 ? i : part;
      commas += comma ? 1U : 0U;
    }
    const std::size_t start = skip_connectors(first, verb);
    const auto near = nobody_in(commas == 0 ? start : skip_connectors(part, verb), verb);
    const auto opening = near ? near : nobody_in(start, std::min(verb, start + 2));
    bool listed = false;  // "No State, organ or body …"
    for (std::size_t i = part; i < verb; ++i) {
      const bool plain = key(i) == "or" || key(i) == "nor" || key(i) == "ou" || key(i) == "ni";
      listed = listed || plain || (language_ == Language::es && key(i) == "o");
    }
    const bool subject = opening && (*opening > start || commas % 2 == 0 || listed);
    return near || subject ? opening : std::nullopt;
  }

  /// What belongs to the verb as printed: "no aceptan", "comprometemo-nos".
  void complete(Head& head, std::size_t last) const {
    static const WordSet kClitics = {"se", "nos", "lo", "la", "los", "las", "o", "a", "os", "as"};
    if (head.verb >= head.verb_end) {
      return;
    }
    const auto negation = not_before(head.first, head.verb);
    if (negation && !head.lemma.starts_with("not ")) {
      skip_not(head, last);
      head.verb = *negation;
    }
    if (negation && !head.lemma.starts_with("not ") && !is_only(head.verb_end)) {
      negate(head, *negation);
    }
    const std::size_t next = head.verb_end;
    if (language_ == Language::pt && next + 1 < last && kClitics.contains(key(next)) &&
        text_.substr(words_[next - 1].end, words_[next].begin - words_[next - 1].end) == "-") {
      ++head.verb_end;
    }
  }

  Head future_head(std::size_t first, std::size_t at, const Future& future,
                   std::size_t last) const {
    std::optional<std::size_t> negated = nobody_before(first, at);
    if (!negated) {
      negated = not_before(first, at);
    }
    if (!negated && future.negated) {
      negated = at;
    }
    const bool disclaims = negated && is_disclaimer(*negated, at);
    Head head = make(first, future.verb, future.what, HeadForm::finite, last);
    if (future.what.lemma.empty()) {
      const std::string infinitive = infinitive_of_future(text_, words_[future.verb], language_);
      head.lemma = infinitive.empty() ? key(future.verb) : infinitive;
    }
    head.verb = at;
    if (future.verb == at) {
      skip_not(head, last);
      predict(head, at);
    }
    head.type = disclaims ? VerbType::state : head.type;
    if (negated && !is_only(head.verb_end)) {
      negate(head, *negated);
    }
    return head;
  }

  /// "Future generations will inherit …" says what comes: nobody is there who could be asked. `at`
  /// is the word behind the subject.
  void predict(Head& head, std::size_t at) const {
    constexpr std::size_t kReach = 3;  // words in which the subject names itself
    for (std::size_t k = head.first; k < at && k < head.first + kReach; ++k) {
      if (nobodies().contains(key(k))) {
        head.type = VerbType::state;
        return;
      }
      if (speakers().contains(key(k))) {
        return;  // "governments, parliaments and the world"
      }
    }
  }

  /// "ne construiront pas de …": the second half of the negation is none of what is asked.
  void skip_not(Head& head, std::size_t last) const {
    const std::string& next = key(head.verb_end);
    const bool half = next == "pas" || next == "plus" || next == "jamais";
    head.verb_end += language_ == Language::fr && half && head.verb_end + 1 < last ? 1 : 0;
    const bool neither = key(head.verb_end) == "non" && key(head.verb_end + 1) == "plus";
    head.verb_end += language_ == Language::fr && neither && head.verb_end + 2 < last ? 2 : 0;
  }

  std::optional<Head> after_subject(std::size_t first, std::size_t at, std::size_t last) const {
    const std::size_t begin = at;
    while (at + 1 < last && at < begin + 4 &&
           (key(at) == "will" || key(at) == "shall" || key(at) == "should" ||
            connectors().contains(key(at)) || is_adverb(at) || key(at) == "hereby")) {
      ++at;
    }
    const auto here = verb_at(at);
    const bool inserted = !here || here->form == VerbForm::gerund;
    if (at > begin && inserted) {
      at = after_insertion(at, last);  // "we will, using all legal means, combat"
    }
    if (key(at) == "are" || key(at) == "sommes") {
      Head head = make(first, at, Verb{"be", VerbType::state, false, VerbForm::base},
                       HeadForm::finite, last);
      const bool resolved =
          at + 1 < last &&
          (key(at + 1) == "committed" || key(at + 1) == "determined" || key(at + 1) == "resolved");
      if (resolved) {
        head.type = VerbType::undertake;
        head.lemma = key(at + 1) == "committed" ? "commit" : "resolve";
        head.verb_end = at + 2;
      }
      return head;
    }
    const auto known = verb_at(at);
    const auto verb = known || language_ != Language::en ? known : find_front_verb(key(at));
    return verb ? std::optional(make(first, at, *verb, HeadForm::finite, last)) : std::nullopt;
  }

  Head modal_head(std::size_t first, std::size_t modal, std::size_t last) const {
    std::optional<std::size_t> negated = nobody_before(first, modal);
    const bool only = modal > first + 1 && key(modal - 2) == "not" && key(modal - 1) == "only";
    const bool disclaims = negated && is_disclaimer(*negated, modal);
    const auto [at, denied] = after_modal(modal, negated || only, last);
    negated = !negated && denied ? std::optional(modal) : negated;
    const auto participle = key(at - 1) == "be" ? find_participle(key(at)) : std::nullopt;
    const auto known = participle ? participle : verb_at(at);
    const auto verb = known ? known : find_front_verb(key(at));
    Head head = make(first, at, verb.value_or(Verb{{}, VerbType::undertake, false, VerbForm::base}),
                     HeadForm::finite, last);
    head.verb = modal;
    if (key(modal) == "will" && key(modal + 1) != "be") {
      predict(head, modal);
    }
    head.type = disclaims ? VerbType::state : head.type;
    if (negated) {
      negate(head, *negated);
    }
    return head;
  }

  /// Behind a lead-in: "In this context, develop …", "Unless otherwise agreed, States shall …".
  std::optional<Head> after_lead_in(const Segment& segment) const {
    const std::size_t at = skip_connectors(segment.first, segment.last);
    const auto verb = verb_at(at);
    const bool condition = opens_condition(at);
    const bool says = verb && verb->type == VerbType::state && verb->form == VerbForm::gerund;
    const std::size_t comma = next_comma(at + 1, segment.last);
    if (condition ? comma == segment.last : !says && !opens_lead_in(at)) {
      return std::nullopt;
    }
    // "Noting that crime will grow, States will …": their own verbs ask nothing.
    const std::size_t from = (condition || says) && comma < segment.last ? comma : segment.first;
    auto asked = asked_behind(segment, comma);
    auto said = finite_head(from, segment.last);
    said = said ? said : governments_head(segment, from);
    // "Where appropriate, publish what States will need", "Noting that States will need help".
    const bool earlier = says || (said && asked && asked->verb < said->verb);
    auto head = said && !(earlier && said_in_passing(from, said->verb)) ? said : asked;
    if (head) {
      head->first = segment.first;
    }
    return head;
  }

  /// What is to be done, behind the comma before word `at` or a later one.
  std::optional<Head> asked_behind(const Segment& segment, std::size_t at) const {
    for (std::size_t i = at; i < segment.last; i = next_comma(i + 1, segment.last)) {
      auto head = head_at(i, segment.last);
      const auto front = head ? std::nullopt : front_imperative(segment, i);
      if (front) {
        head = make(i, i, *front, HeadForm::imperative, segment.last);
      }
      const bool good = head && head->form != HeadForm::gerund &&
                        !(is_and(key(i)) && !purpose_words().contains(key(i + 1))) &&
                        (front || !noun_follows(words_, skip_negation(head->verb), segment.last));
      if (good) {
        return head;
      }
    }
    return std::nullopt;
  }

  /// "By 2030, hire 100 judges": a word that is a verb wherever a clause begins.
  std::optional<Verb> front_imperative(const Segment& segment, std::size_t at) const {
    return language_ == Language::en && !is_modal(at + 1)
               ? plain_imperative(text_, words_, segment, at)
               : std::nullopt;
  }

  /// "In this context, governments note …".
  std::optional<Head> governments_head(const Segment& segment, std::size_t from) const {
    const std::size_t reach = std::min(segment.last, from + 20);
    for (std::size_t i = from; i + 1 < reach; ++i) {
      const bool opens = i == from || comma_before(text_, words_, i);
      if (opens && speakers().contains(key(i)) && speaks(i + 1)) {
        return make(from, i + 1, *verb_at(i + 1), HeadForm::finite, segment.last);
      }
    }
    return std::nullopt;
  }

  /// A verb of the plural in the present.
  bool speaks(std::size_t at) const {
    const auto verb = verb_at(at);
    return verb && (verb->form == VerbForm::base || verb->form == VerbForm::first ||
                    (language_ != Language::en && verb->form == VerbForm::third));
  }

  /// "The Member States agree to …", "Los Estados se comprometen a …": what they say or promise,
  /// not what they are used to do.
  std::optional<Head> speakers_head(const Segment& segment) const {
    static const WordSet kBefore = {"the",   "all",  "member", "our",    "los",
                                    "todos", "las",  "os",     "as",     "les",
                                    "nos",   "tous", "oas",    "nossos", "nuestros"};
    static const WordSet kBehind = {"miembros", "membros", "membres", "parte", "partes", "parties",
                                    "se",       "s",       "hereby",  "also",  "tambien"};
    std::size_t at = segment.first;
    while (at + 2 < segment.last && kBefore.contains(key(at))) {
      ++at;
    }
    if (!speakers().contains(key(at))) {
      return std::nullopt;
    }
    for (++at; at + 1 < segment.last && (kBehind.contains(key(at)) || is_adverb(at)); ++at) {
    }
    if (at >= segment.last || comma_before(text_, words_, at) || !(speaks(at) || refrains(at))) {
      return std::nullopt;
    }
    Head head = make(segment.first, at, refrains(at) ? *find_front_verb(key(at)) : *verb_at(at),
                     HeadForm::finite, segment.last);
    const bool said = head.type != VerbType::undertake || promises(head.lemma) || prescribes(head);
    return said ? std::optional(std::move(head)) : std::nullopt;
  }

  bool refrains(std::size_t at) const { return key(at) == "refrain" || key(at) == "abstain"; }

  /// What texts of law say in the present tense: "States refrain from …".
  bool prescribes(const Head& head) const {
    return refrains(head.verb) || head.lemma == "refrain" || head.lemma == "ensure";
  }

  static bool promises(std::string_view lemma) {
    return lemma == "commit" || lemma == "agree" || lemma == "undertake" || lemma == "resolve" ||
           lemma == "decide" || lemma == "pledge" || lemma == "intend";
  }

  Head first_head(const Segment& segment) const {
    if (auto head = labelled_head(segment)) {
      return *head;
    }
    const std::size_t at = skip_connectors(segment.first, segment.last);
    const bool infinitive = key(at) == "to" && bare_at(at + 1);  // not "To the extent possible"
    if (auto head = after_lead_in(segment);
        head && (!infinitive || head->form == HeadForm::finite)) {
      const bool later_we = infinitive && head_at(segment.first, segment.last) &&
                            !comma_before_subject(segment, head->verb);
      if (!later_we) {
        return *head;
      }
    }
    if (auto head = head_at(segment.first, segment.last)) {
      return *head;
    }
    if (auto head = promised_head(segment.first, segment.last)) {
      return *head;
    }
    if (const auto verb =
            commands(segment) ? plain_imperative(text_, words_, segment, at) : std::nullopt) {
      return make(segment.first, at, *verb, HeadForm::imperative, segment.last);
    }
    if (auto head = speakers_head(segment)) {
      return *head;
    }
    if (auto head = finite_head(segment.first, segment.last)) {
      return *head;
    }
    if (auto head = third_person(segment)) {
      return *head;
    }
    if (const auto verb = commands(segment) && segment.first == 0
                              ? only_imperative(text_, words_, segment, at)
                              : std::nullopt) {
      return make(segment.first, at, *verb, HeadForm::imperative, segment.last);
    }
    Head none;
    none.first = segment.first;
    none.verb = none.verb_end = segment.first;
    none.form = HeadForm::nominal;
    none.type = VerbType::state;
    return none;
  }

  /// "Support: UNODC shall …": the label asks nothing, unless it says who agrees or asks.
  std::optional<Head> labelled_head(const Segment& segment) const {
    Segment rest = segment;
    rest.first = behind_label(text_, words_, segment.first, segment.last);
    for (std::size_t i = segment.first; i < rest.first; ++i) {
      const auto verb = verb_at(i);
      if (verb && (asks_others(verb->type) || promises(verb->lemma))) {
        return std::nullopt;
      }
    }
    if (rest.first == segment.first) {
      return std::nullopt;
    }
    auto head = finite_head(rest.first, rest.last);
    const bool names = key(segment.first + 1) == "up" || !head_at(segment.first, segment.last);
    if (!head && names) {  // "Prevention: Adopt …", not "Strengthen prevention: Adopt …"
      head = first_head(rest);
    }
    if (!head || head->form == HeadForm::nominal || head->form == HeadForm::gerund) {
      return std::nullopt;
    }
    head->first = segment.first;
    return head;
  }

  /// Whether the segment may begin with an English imperative: nobody is named who does it.
  bool commands(const Segment& segment) const {
    const std::size_t at = skip_connectors(segment.first, segment.last);
    const bool named = at > segment.first && (key(at - 1) == "we" || key(at - 1) == "they");
    return language_ == Language::en && !named && !is_modal(at + 1);
  }

  /// Whether somebody before `verb` follows a comma and opens the main clause of the segment.
  bool comma_before_subject(const Segment& segment, std::size_t verb) const {
    bool found = is_modal(verb) && opens_main_clause(text_, words_, segment.first, verb);
    for (std::size_t i = verb; i > segment.first && verb - i < 6; --i) {
      found = found || ((key(i) == "we" || key(i) == "nous") && comma_before(text_, words_, i));
    }
    return found;
  }

  /// "The responsible authorities commit to …", "governments note …".
  std::optional<Head> third_person(const Segment& segment) const {
    const std::size_t reach = std::min(segment.last, segment.first + 14);
    for (std::size_t i = segment.first + 1; i < reach; ++i) {
      const auto verb = verb_at(i);
      const std::string& before = key(i - 1);
      if (!verb || verb->noun_like != (verb->lemma == "note") || before == "to" ||
          before == "that" || before == "which" || before == "que") {
        continue;
      }
      const bool finite = verb->form == VerbForm::base || verb->form == VerbForm::third ||
                          verb->form == VerbForm::first;
      const bool passing = language_ != Language::en && said_in_passing(segment.first, i);
      if (finite && !passing &&
          (verb->type != VerbType::undertake ||
           (promises(verb->lemma) && verb->lemma != "pledge"))) {
        return make(segment.first, i, *verb, HeadForm::finite, segment.last);
      }
    }
    return std::nullopt;
  }

  struct Open {
    bool infinitive = false;  // a "to …" or "para …" stands open since the last head
    bool relative = false;    // or a "that …"
    std::size_t at = 0;
  };

  Open open_purpose(const Head& head, std::size_t at) const {
    Open open;
    for (std::size_t i = head.verb_end; i + 1 < at; ++i) {
      if (purpose_words().contains(key(i)) && base_at(i + 1)) {
        open = {true, open.relative, i};
      }
      const bool that = (key(i) == "that" && key(i - 1) != "so") || key(i) == "which" ||
                        key(i) == "who" ||
                        (language_ != Language::en && (key(i) == "que" || key(i) == "qui"));
      if (that && i > head.verb_end) {
        open = {true, true, i};
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
  std::optional<Head> joined_at(const Segment& segment, const Head& before, std::size_t i) const {
    constexpr std::size_t kWordsApart = 3;
    if (before.form == HeadForm::nominal || i < before.verb_end + kWordsApart ||
        i + 1 >= segment.last) {
      return std::nullopt;
    }
    const bool comma = comma_before(text_, words_, i);
    const auto verb = verb_at(i);
    if (comma && as_well_as_to(i, segment.last)) {
      return joined_infinitive(segment, before, i, i + 3, comma, open_purpose(before, i));
    }
    if (key(i) == "while" && verb_at(i + 1) && verb_at(i + 1)->form == VerbForm::gerund) {
      Head head = make(i, i + 1, *verb_at(i + 1), HeadForm::dependent, segment.last);
      head.continues = true;
      head.type = before.type;
      return head;
    }
    if (comma && verb && verb->form == VerbForm::gerund && asks_others(verb->type)) {
      return make(i, i, *verb, HeadForm::gerund, segment.last);
    }
    if (is_and(key(i)) || comma) {
      if (auto head = joined_subject(segment, i)) {
        return head;
      }
      return after_and(segment, before, i, comma);
    }
    if (as_well_as_to(i, segment.last)) {
      return joined_infinitive(segment, before, i, i + 3, comma, open_purpose(before, i));
    }
    return std::nullopt;
  }

  /// A verb just before ", and <verb>": the list goes on. "States" is none, though "state" is.
  bool lists_verbs(std::size_t i) const {
    const auto verb = verb_at(i);
    return verb && verb->form != VerbForm::third;
  }

  /// "as well as to <verb>".
  bool as_well_as_to(std::size_t i, std::size_t last) const {
    return i + 4 < last && key(i) == "as" && key(i + 1) == "well" && key(i + 2) == "as" &&
           key(i + 3) == "to" && base_at(i + 4);
  }

  /// "and, in this regard, we reaffirm …": the speakers begin anew.
  std::optional<Head> joined_subject(const Segment& segment, std::size_t i) const {
    constexpr std::size_t kWordsBetween = 4;
    if (!is_and(key(i))) {
      return std::nullopt;
    }
    for (std::size_t k = i + 1; k + 1 < segment.last && k <= i + 1 + kWordsBetween; ++k) {
      if (key(k) == "we" || key(k) == "nous") {
        return subordinates(k - 1) ? std::nullopt : after_subject(i, k + 1, segment.last);
      }
    }
    return std::nullopt;
  }

  std::optional<Head> after_and(const Segment& segment, const Head& before, std::size_t i,
                                bool comma) const {
    const std::size_t at = skip_connectors(i, segment.last);
    if (at + 1 >= segment.last || lists_verbs(i - 1)) {
      return std::nullopt;  // "combat, and eliminate": the list goes on
    }
    const Open open = open_purpose(before, i);
    if (key(at) == "to" && base_at(at + 1)) {
      // After a plain comma "to …" is a purpose, not a further act.
      return is_and(key(i)) ? joined_infinitive(segment, before, i, at, comma, open) : std::nullopt;
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
    if (plain_comma &&
        (open.infinitive || !(list_closes(segment, at) || has_object(segment, *base, at)))) {
      return std::nullopt;
    }
    if (open.infinitive && !comma && !asks_others(base->type) && base->lemma != "consider") {
      return std::nullopt;
    }
    return make(i, at, *base, before.form, segment.last);
  }

  std::optional<Verb> base_or_third(std::size_t at) const {
    const auto verb = verb_at(at);
    if (language_ == Language::en && verb && verb->form == VerbForm::third && !verb->noun_like) {
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

  /// "…, enhance the quality of …": a verb beyond doubt.
  bool has_object(const Segment& segment, const Verb& verb, std::size_t at) const {
    static const WordSet kArticles = {"the", "a", "an", "their", "our", "its"};
    return language_ == Language::en && !verb.noun_like && at + 1 < segment.last &&
           kArticles.contains(key(at + 1));
  }

  bool noun_reading(const Segment& segment, const Verb& verb, std::size_t at) const {
    if (noun_follows(words_, at, segment.last)) {
      return true;
    }
    const bool pair = at + 2 < segment.last && is_and(key(at + 1)) && !verb.noun_like;
    if (pair || (!verb.noun_like && comma_before(text_, words_, at + 1))) {
      return false;  // "and develop and strengthen", "and implement, where necessary,"
    }
    static const WordSet kDeterminers = {
        "the",          "a",       "an",    "their", "our",  "its",      "all",           "to",
        "on",           "those",   "these", "this",  "with", "together", "international", "efforts",
        "individually", "actions", "up",    "out"};
    return verb.noun_like && language_ == Language::en && !kDeterminers.contains(key(at + 1)) &&
           !words_[at + 1].capital;
  }

  /// ", and to <verb>": a further clause where the head itself is a "to", or asks others to.
  std::optional<Head> joined_infinitive(const Segment& segment, const Head& before, std::size_t i,
                                        std::size_t at, bool comma, const Open& open) const {
    constexpr std::size_t kFar = 8;
    if (lists_verbs(i - 1) || (open.relative && !asks_others(before.type))) {
      return std::nullopt;
    }
    Head head = make(i, at + 1, *base_at(at + 1), HeadForm::infinitive, segment.last);
    if (asks_others(before.type) || before.continues) {
      head.continues = true;
      head.type = before.type;
      head.form = HeadForm::dependent;
      return open.infinitive && (comma || i - open.at >= kFar) ? std::optional(head) : std::nullopt;
    }
    const bool takes_to = before.form == HeadForm::infinitive || before.lemma == "commit" ||
                          before.lemma == "agree" || before.lemma == "resolve" ||
                          before.lemma == "decide" || before.lemma == "pledge";
    const bool own_to = open.at == before.verb_end;  // "commit to build … and to maintain"
    if (!open.infinitive || (takes_to && (own_to || comma || i - open.at >= kFar))) {
      return head;
    }
    return std::nullopt;
  }
};

}  // namespace

std::vector<Head> heads_of(std::string_view text, const std::vector<Word>& words,
                           const Segment& segment, Language language) {
  return ClauseFinder(text, words, language).heads(segment);
}

}  // namespace atalaya::commitments
