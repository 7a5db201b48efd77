// Who sees what, and which step follows which. The two tables here are the only places that say so.
#include <algorithm>
#include <chrono>
#include <initializer_list>

#include <atalaya/base/text.hpp>
#include <atalaya/followup/round_rules.hpp>

#include "rounds_entries.hpp"

namespace atalaya::followup {
namespace {

struct StepRule {
  std::string_view step;
  std::initializer_list<RoundStage> from;
  bool state, subgroup, secretariat;  // whose step it is
  RoundStage to;                      // none: the stage stays
};

constexpr std::int64_t kInputDaysMax = 366;

using enum RoundStage;
constexpr StepRule kRules[] = {
    {"opened", {none}, false, false, true, answering},
    {"submitted", {answering}, true, false, false, review},
    {"returned", {review}, false, false, true, answering},
    {"civil_society_opened", {answering, review}, false, false, true, none},
    {"civil_society", {answering, review}, false, false, true, none},
    {"visit_consented", {answering, review}, true, false, false, none},
    {"visited", {review}, false, true, true, none},
    {"drafted", {review}, false, true, true, comment},
    {"commented", {comment}, true, false, false, plenary},
    {"lapsed", {comment}, false, false, true, plenary},
    {"adopted", {plenary}, false, false, true, adopted},
    {"consented", {adopted}, true, false, false, none},
    {"consent_withdrawn", {adopted}, true, false, false, none},
    {"published", {adopted}, false, false, true, published}};

const StepRule* rule_of(std::string_view step) {
  const auto* found = std::ranges::find(kRules, step, &StepRule::step);
  return found == std::end(kRules) ? nullptr : found;
}

bool took(const std::vector<Entry>& steps, std::string_view step) {
  return std::ranges::any_of(steps, [&](const Entry& one) { return one.value("step") == step; });
}

bool has_hat(const StepRule& rule, const RoundHats& hats) {
  return (rule.state && hats.state) || (rule.subgroup && hats.subgroup) ||
         (rule.secretariat && hats.secretariat);
}

// A review has one visit with one report: what was agreed to and took place is not offered again.
bool done_once(const std::vector<Entry>& steps, std::string_view step) {
  return (step == "visit_consented" || step == "visited") && took(steps, step);
}

// What has to be there before; "" where nothing is missing.
std::string_view needs(const std::vector<Entry>& steps, const StepRule& rule) {
  if (std::ranges::find(rule.from, stage_of(steps)) == rule.from.end()) {
    return to_string(*rule.from.begin());
  }
  // Nobody visits a state that did not agree to it, and nothing of it is published without its
  // word.
  if (rule.step == "visited" && !took(steps, "visit_consented")) {
    return "visit_consented";
  }
  if ((rule.step == "published" || rule.step == "consent_withdrawn") && !consented(steps)) {
    return "consented";
  }
  return {};
}

// Steps that answer each other, though they leave the stage as it is.
bool same_matter(std::string_view a, std::string_view b) {
  return std::ranges::any_of(
      std::initializer_list<std::string_view>{"civil_society", "visit", "consent"},
      [&](auto of) { return a.starts_with(of) && b.starts_with(of); });
}

// The step that one of this day would have to come after, or null. What leads to another stage
// comes after everything; what runs beside other steps of its stage comes after what it answers,
// and on a day on which the review stood in a stage in which it may be taken.
const Entry* comes_after(const std::vector<Entry>& steps, const StepRule& rule, CivilDate day) {
  const auto is_later = [&](const Entry& one) {
    const auto date = parse_civil_date(one.value("date"));
    return date && *date > day;
  };
  const Entry* last = nullptr;
  const Entry* next = nullptr;  // that led to a stage of the rule, later than the day
  bool open = false;            // at some time of the day
  for (const Entry& one : steps) {
    const bool later = is_later(one);
    if (later && (rule.to != none || same_matter(rule.step, one.value("step"))) &&
        (last == nullptr || one.value("date") >= last->value("date"))) {
      last = &one;
    }
    const StepRule* led = rule_of(one.value("step"));
    if (led == nullptr || led->to == none) {
      continue;
    }
    const bool fits = std::ranges::find(rule.from, led->to) != rule.from.end();
    if (!later) {
      open = fits || (open && one.value("date") == to_string(day));
    } else if (fits && next == nullptr) {
      next = &one;
    }
  }
  return last != nullptr || rule.to != none || open ? last : next;
}

std::int64_t day_number(CivilDate date) {
  const std::chrono::year_month_day day{std::chrono::year(date.year),
                                        std::chrono::month(static_cast<unsigned>(date.month)),
                                        std::chrono::day(static_cast<unsigned>(date.day))};
  return std::chrono::sys_days(day).time_since_epoch().count();
}

Result<void> check_date(const std::vector<Entry>& steps, const Entry& step, CivilDate today) {
  const auto day = parse_civil_date(step.value("date"));
  if (!day || *day > today) {
    return detail::wrong_field("date", step.value("date"), "date");
  }
  if (const Entry* before = comes_after(steps, *rule_of(step.value("step")), *day)) {
    return fail(Error{ErrorCode::conflict,
                      "followup.round.early",
                      "the step would come before one that it follows",
                      {{"step", std::string(step.value("step"))},
                       {"needs", std::string(before->value("step"))},
                       {"date", std::string(before->value("date"))}}});
  }
  if (step.value("step") == "lapsed") {
    const auto drafted = std::ranges::find_if(steps.rbegin(), steps.rend(), [](const Entry& one) {
      return one.value("step") == "drafted";
    });
    // The state could read it from the day on which it was recorded, whatever day was typed.
    const std::string from = std::max(std::string(drafted->value("date")), drafted->at.substr(0, 10));
    const auto begins = parse_civil_date(from);
    if (begins && day_number(*day) - day_number(*begins) < kCommentDays) {
      return fail(Error{ErrorCode::conflict,
                        "followup.round.window",
                        "the state may still comment",
                        {{"n", std::to_string(kCommentDays)}, {"date", from}}});
    }
  }
  return {};
}

// A window for input lasts at least the day on which it opens, and a year at most.
Result<void> check_until(const StepRule& rule, const Entry& step) {
  const std::string_view until = step.value("until");
  if (rule.step != "civil_society_opened") {
    return until.empty() ? Result<void>() : detail::wrong_field("until", until, "choice");
  }
  const auto from = parse_civil_date(step.value("date"));
  const auto to = parse_civil_date(until);
  if (!to || (from && (*to < *from || day_number(*to) - day_number(*from) > kInputDaysMax))) {
    return detail::wrong_field("until", until, "until");
  }
  return {};
}

}  // namespace

std::string_view to_string(RoundStage stage) noexcept {
  switch (stage) {
    case none:
      return "none";
    case answering:
      return "answering";
    case review:
      return "review";
    case comment:
      return "comment";
    case plenary:
      return "plenary";
    case adopted:
      return "adopted";
    case published:
      return "published";
  }
  return "none";
}

RoundHats hats_of(const RoundViewer& viewer, std::string_view country,
                  const std::vector<Entry>& reviewers) {
  RoundHats out;
  if (viewer.name.empty()) {
    return out;
  }
  out.state = std::ranges::find(viewer.states, country) != viewer.states.end();
  const bool own = out.state || std::ranges::find(viewer.own, country) != viewer.own.end();
  out.plenary = viewer.expert && !own && !viewer.own.empty();
  out.subgroup =
      out.plenary && std::ranges::any_of(reviewers, [&](const Entry& one) {
        // The state that the account named when it was assigned counts as well.
        const auto states = split(one.value("states"), ' ');
        return one.name == viewer.name && std::ranges::find(states, country) == states.end();
      });
  out.secretariat = viewer.secretariat && !own;
  const bool expert = viewer.expert && !viewer.own.empty();
  out.participant = !viewer.states.empty() || expert || viewer.secretariat;
  return out;
}

bool may_see(RoundPart part, RoundStage stage, const RoundHats& hats, bool with_answers) noexcept {
  const bool working = hats.state || hats.subgroup || hats.secretariat;
  switch (stage) {
    case none:
      return false;
    case answering:
      return part == RoundPart::answers
                 ? hats.state
                 : (part == RoundPart::steps || part == RoundPart::civil_society) && working;
    case review:
      return part == RoundPart::draft ? hats.subgroup || hats.secretariat
                                      : part != RoundPart::comments && working;
    case comment:
      return working;
    case plenary:
      return working || hats.plenary;
    case adopted:
      return working || hats.participant;
    case published:
      return part != RoundPart::answers || with_answers || hats.participant;
  }
  return false;
}

RoundStage stage_of(const std::vector<Entry>& steps) {
  RoundStage stage = none;
  for (const Entry& step : steps) {
    const StepRule* rule = rule_of(step.value("step"));
    if (rule != nullptr && rule->to != none) {
      stage = rule->to;
    }
  }
  return stage;
}

std::optional<InputWindow> input_window(const std::vector<Entry>& steps, CivilDate today) {
  const RoundStage stage = stage_of(steps);
  if (stage != answering && stage != review) {
    return std::nullopt;
  }
  const auto last = std::ranges::find_if(steps.rbegin(), steps.rend(), [](const Entry& one) {
    return one.value("step").starts_with("civil_society");
  });
  if (last == steps.rend() || last->value("step") != "civil_society_opened") {
    return std::nullopt;
  }
  const auto from = parse_civil_date(last->value("date"));
  const auto until = parse_civil_date(last->value("until"));
  if (!from || !until || today < *from || *until < today) {
    return std::nullopt;
  }
  return InputWindow{last->country, std::string(last->value("date")),
                     std::string(last->value("until"))};
}

bool consented(const std::vector<Entry>& steps) {
  bool out = false;
  for (const Entry& step : steps) {
    out = step.value("step") == "consented" || (out && step.value("step") != "consent_withdrawn");
  }
  return out;
}

bool answers_consented(const std::vector<Entry>& steps) {
  if (!consented(steps)) {
    return false;
  }
  const auto last = std::ranges::find_if(steps.rbegin(), steps.rend(), [](const Entry& one) {
    return one.value("step") == "consented";
  });
  return last->value("scope") == "answers";
}

bool may_step(const std::vector<Entry>& steps, std::string_view step, const RoundHats& hats) {
  const StepRule* rule = rule_of(step);
  return rule != nullptr && has_hat(*rule, hats) && !done_once(steps, step) &&
         needs(steps, *rule).empty();
}

Result<void> check_step(const std::vector<Entry>& steps, const Entry& step, const RoundHats& hats,
                        CivilDate today) {
  const StepRule* rule = rule_of(step.value("step"));
  if (rule == nullptr) {
    return detail::wrong_field("step", step.value("step"), "choice");
  }
  ATALAYA_TRY(detail::check_fields(step, {"step", "date", "note", "scope", "until", "language"}));
  const std::string_view scope = step.value("scope");
  if (rule->step == "consented" ? scope != "report" && scope != "answers" : !scope.empty()) {
    return detail::wrong_field("scope", scope, "choice");
  }
  ATALAYA_TRY(check_until(*rule, step));
  if (!has_hat(*rule, hats)) {
    return fail(Error{ErrorCode::permission_denied,
                      "followup.round.not_yours",
                      "this step is somebody else's",
                      {{"step", std::string(rule->step)}}});
  }
  if (done_once(steps, rule->step)) {
    return fail(Error{ErrorCode::conflict,
                      "followup.round.once",
                      "a review has one visit",
                      {{"step", std::string(rule->step)}}});
  }
  const std::string_view missing = needs(steps, *rule);
  if (!missing.empty()) {
    return fail(Error{ErrorCode::conflict,
                      "followup.round.order",
                      "this step does not follow the last one",
                      {{"step", std::string(rule->step)}, {"needs", std::string(missing)}}});
  }
  return check_date(steps, step, today);
}

}  // namespace atalaya::followup
