#include "lineage_relation.hpp"

#include <algorithm>

#include "analysis_parts.hpp"
#include "analysis_verbs.hpp"

namespace atalaya::commitments {

namespace {

const PhraseList& done_words() {
  static const PhraseList kList = {"creation and implementation",
                                   "completion of",
                                   "held in",
                                   "held on",
                                   "approved at",
                                   "work accomplished",
                                   "work initiated",
                                   "established within",
                                   "as a result of",
                                   "was held",
                                   "approved by",
                                   "start of",
                                   "celebrada en",
                                   "creacion e implementacion",
                                   "realizada em",
                                   "conclusion de",
                                   "criacao e implementacao",
                                   "tenue a",
                                   "achevement de"};
  return kList;
}

const PhraseList& report_words() {
  static const PhraseList kList = {"progress report",        "evaluate implementation",
                                   "follow up on this",      "latest evaluation",
                                   "results of the",         "work accomplished",
                                   "informe de avance",      "informe sobre el progreso",
                                   "relatorio de progresso", "rapport d activite",
                                   "rapport interimaire"};
  return kList;
}

std::uint8_t firmness_of(const std::vector<Word>& words, Language language) {
  constexpr std::size_t kReach = 14;
  for (std::size_t i = 0; i < std::min(words.size(), kReach); ++i) {
    const auto verb = find_verb(words[i].key, language);
    if (!verb || verb->form == VerbForm::participle || (verb->noun_like && i > 3)) {
      continue;
    }
    if (verb->type == VerbType::state) {
      return 0;
    }
    const bool soft = verb->type == VerbType::promote || verb->type == VerbType::urge ||
                      verb->lemma == "consider";
    return soft ? 1 : 2;
  }
  return 1;
}

}  // namespace

Wording wording_of(std::string_view /*text*/, const std::vector<Word>& words, Language language) {
  Wording wording;
  wording.firmness = firmness_of(words, language);
  for (std::size_t i = 0; i < words.size(); ++i) {
    const std::string& key = words[i].key;
    wording.hurried = wording.hurried || match_soft(words, i) > 0;
    wording.dated =
        wording.dated || (key.size() == 4 && (key.starts_with("19") || key.starts_with("20")));
    wording.done = wording.done || done_words().match(words, i) > 0;
    wording.reports = wording.reports || report_words().match(words, i) > 0;
    const auto verb = i < 12 ? find_verb(key, language) : std::nullopt;
    if (verb && verb->form == VerbForm::base) {
      const bool event = verb->lemma == "hold" || verb->lemma == "convene" || key == "culminate";
      wording.singular = wording.singular || event;
      wording.calls = wording.calls || event || verb->lemma == "develop" ||
                      verb->lemma == "formulate" || verb->lemma == "establish" ||
                      verb->lemma == "create";
    }
  }
  return wording;
}

Relation relation_of(const RelationEnd& later, const RelationEnd& earlier, double likeness) {
  constexpr double kNear = 0.6;
  const auto lacks = [](const RelationEnd& end, const RelationEnd& other) {
    return std::ranges::any_of(other.instruments, [&](std::uint32_t id) {
      return !std::ranges::binary_search(end.instruments, id);
    });
  };
  if (later.wording.reports) {
    return {RelationType::reports_on, "later_reports"};
  }
  if (earlier.wording.calls && later.wording.done && !later.wording.singular) {
    return {RelationType::fulfils, "later_names_it_done"};
  }
  if (earlier.wording.singular && later.wording.singular) {
    return {RelationType::supersedes, "called_again"};
  }
  if (likeness >= kNear) {
    return {RelationType::restates, "wording_near"};
  }
  const bool dropped = lacks(later, earlier);
  const bool added = lacks(earlier, later);
  if (dropped && !added) {
    return {RelationType::weakens, "treaty_dropped"};
  }
  if (added && !dropped) {
    return {RelationType::strengthens, "treaty_added"};
  }
  if (later.wording.hurried && !earlier.wording.hurried) {
    return {RelationType::strengthens, "urgency_added"};
  }
  if (earlier.wording.firmness == 2 && later.wording.firmness < 2) {
    return {later.wording.firmness == 1 ? RelationType::weakens : RelationType::restates,
            later.wording.firmness == 1 ? "softer_verb" : "states_again"};
  }
  return {RelationType::restates, "same_subject"};
}

}  // namespace atalaya::commitments
