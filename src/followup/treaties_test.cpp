// Goal: a treaty's status is what its acts say, a file is taken over whole or not at all, and the
// same file twice changes nothing. Oracles: the counts that the United Nations Treaty Collection
// printed above its own lists in March 2015 (parties of UNTOC 179, UNCAC 171, ATT 41 are in the
// data's description), and statuses worked out by hand.
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "followup_fixture.hpp"

#include <rapidcheck/gtest.h>
#include <atalaya/followup/deadlines.hpp>

#include "treaties_rows.hpp"

namespace atalaya::followup {
namespace {

namespace fs = std::filesystem;

fs::path shared() {
  const char* set = std::getenv("ATALAYA_SHARED");  // NOLINT(concurrency-mt-unsafe)
  return set != nullptr ? fs::path(set) : fs::path(ATALAYA_SOURCE_DIR) / "../shared";
}

std::string read_file(const fs::path& path) {
  std::ostringstream out;
  out << std::ifstream(path, std::ios::binary).rdbuf();
  return out.str();
}

TreatyEvent act(TreatyAct kind, std::string date, std::string effective = {}) {
  TreatyEvent event;
  event.party = "PAN";
  event.instrument = "untoc";
  event.act = kind;
  event.date = std::move(date);
  event.effective = std::move(effective);
  event.read_on = "2026-01-05";
  return event;
}

/// Of a treaty that is in force from a day on, without a rule for later deposits.
EntryRule since(std::string day) {
  EntryRule rule;
  rule.in_force = std::move(day);
  return rule;
}

TreatyStatus status(const std::vector<TreatyEvent>& events, CivilDate day,
                    std::string in_force = "2003-09-29") {
  return derive_state(events, nullptr, since(std::move(in_force)), day).status;
}

EntryRule rule_of(std::string_view instrument) {
  static const auto catalogue = commitments::Catalogue::embedded();
  static const auto reference = Reference::embedded(*catalogue);
  return reference->entry_rule(*catalogue->find_instrument(instrument));
}

// As the lists of the United Nations, the OAS and others print them.
TEST(TreatyNamesTest, reads_every_spelling_and_asks_about_what_looks_like_a_state) {
  const auto catalogue = commitments::Catalogue::embedded();
  const std::pair<const char*, const char*> names[] = {
      {"Ecuador*", "ECU"},
      {"Paraguay [2]", "PRY"},
      {"Bahamas (The)", "BHS"},
      {"Mexico [1]", "MEX"},
      {"México (1)", "MEX"},
      {"Mexico a/", "MEX"},
      {"Grenada1/", "GRD"},
      {"Ecuador ¹", "ECU"},
      {"Bolivia, Plurinational State of", "BOL"},
      {"Venezuela, Bolivarian Republic of", "VEN"},
      {"Bahamas (Commonwealth of the)", "BHS"},
      {"St. Vincent and Grenadines", "VCT"},
      {"Antigua & Barbuda", "ATG"},
      {"Panama 3, 4", "PAN"},
      {"United States of America", "USA"},
      {"Dominica", "DMA"},
      {"Dominican Republic", "DOM"},
      {"Guinea", ""},
      {"Niger", ""},
      {"Netherlands (Aruba)", ""},
      {"China, Macao Special Administrative Region", ""},
      {"European Union", ""},
      {"Kingdom of Ecuador", "?ECU"},
      {"Venezuala", "?VEN"},
      {"Saint Vincent", "?VCT"}};
  for (const auto& [printed, expected] : names) {
    const auto* state = detail::state_named(*catalogue, printed);
    const auto* like = state == nullptr ? detail::state_resembled(*catalogue, printed) : nullptr;
    EXPECT_EQ(state != nullptr  ? state->id
              : like != nullptr ? "?" + like->id
                                : std::string(),
              expected)
        << printed;
  }
}

TEST(TreatyStateTest, follows_the_acts_day_by_day) {
  const std::vector<TreatyEvent> acts = {
      act(TreatyAct::signature, "2000-12-13"), act(TreatyAct::ratification, "2002-08-05"),
      act(TreatyAct::withdrawal, "2010-01-15", "2011-01-15"), act(TreatyAct::accession, "2015-06")};
  EXPECT_EQ(status(acts, {2000, 12, 12}), TreatyStatus::unknown);
  EXPECT_EQ(status(acts, {2000, 12, 13}), TreatyStatus::signed_only);
  EXPECT_EQ(status(acts, {2002, 8, 5}), TreatyStatus::consented);  // the treaty waits for others
  EXPECT_EQ(status(acts, {2003, 9, 28}), TreatyStatus::consented);
  EXPECT_EQ(status(acts, {2003, 9, 29}), TreatyStatus::party);
  EXPECT_EQ(status(acts, {2011, 1, 14}), TreatyStatus::party);  // notified, without effect yet
  EXPECT_EQ(status(acts, {2011, 1, 15}), TreatyStatus::withdrawn);
  EXPECT_EQ(status(acts, {2015, 6, 29}), TreatyStatus::withdrawn);  // some day of June
  EXPECT_EQ(status(acts, {2015, 6, 30}), TreatyStatus::party);
  // It was bound until the day of effect, which is not that of the notice.
  const TreatyState left = derive_state(acts, nullptr, since("2003-09-29"), {2011, 1, 15});
  EXPECT_EQ(left.since, "2010-01-15");
  EXPECT_EQ(left.effective, "2011-01-15");
}

TEST(TreatyStateTest, tells_unknown_from_no_action_and_both_from_leaving) {
  const TreatySnapshot list{"att", "2015-03-14", "list"};
  const EntryRule att = rule_of("att");
  EXPECT_EQ(derive_state({}, nullptr, att, {2015, 3, 14}).status, TreatyStatus::unknown);
  const auto none = derive_state({}, &list, att, {2015, 3, 14});
  EXPECT_EQ(none.status, TreatyStatus::no_action);
  EXPECT_FALSE(none.stale);
  EXPECT_TRUE(derive_state({}, &list, att, {2016, 3, 14}).stale);
  EXPECT_FALSE(derive_state({}, &list, att, {2016, 3, 13}).stale);  // 365 days
  // A signature that was taken back was never membership; leaving without any act is no act.
  EXPECT_EQ(
      status({act(TreatyAct::signature, "2013-09-25"), act(TreatyAct::withdrawal, "2019-07-18")},
             {2020, 1, 1}),
      TreatyStatus::signature_withdrawn);
  EXPECT_EQ(status({act(TreatyAct::accession, "2005-05-05")}, {2006, 1, 1}, ""),
            TreatyStatus::consented);  // a treaty that is not in force binds nobody
  EXPECT_EQ(status({act(TreatyAct::reservation, "2005-05-05")}, {2006, 1, 1}),
            TreatyStatus::unknown);
}

// By the treaties' own articles; where they, or an inexact date, leave more than one day, none.
TEST(TreatyStateTest, a_deposit_binds_from_the_day_that_the_treaty_says) {
  struct Case {
    const char* instrument;
    const char* deposit;
    const char* in_force;
  };

  const Case cases[] = {{"mine-ban", "1998-09-16", "1999-03-01"},
                        {"mine-ban", "1998-10-07", "1999-04-01"},
                        {"mine-ban", "1999-01-27", "1999-07-01"},
                        {"un-drugs-1988", "1990-08-20", "1990-11-18"},
                        {"untoc", "2002-08-05", "2003-09-29"},
                        {"untoc", "2003-09-29", "2003-10-29"},
                        {"terrorism-financing", "2002-03-28", "2002-04-27"},
                        {"uncac", "2005-12-05", "2006-01-04"},
                        {"ccw", "1983-07-21", "1984-01-21"},
                        {"ccw", "2003-08-31", "2004-02-29"},
                        {"att", "2014-09-25", "2014-12-24"},
                        {"att", "2014-12-15", ""},
                        {"att", "2015-03-19", "2015-06-17"},
                        {"budapest", "2018-06", "2018-10-01"},
                        {"ia-terrorism", "2005-11-15", "2005-12-15"},
                        {"cifta", "1998-01", "1998-07-01"},
                        {"cifta", "1999-09", ""},
                        {"oas-charter", "1967-11-15", "1967-11-15"}};
  for (const Case& one : cases) {
    const EntryRule rule = rule_of(one.instrument);
    const std::vector<TreatyEvent> acts = {act(TreatyAct::ratification, one.deposit)};
    const auto state = derive_state(acts, nullptr, rule, {2026, 1, 5});
    EXPECT_EQ(state.in_force, one.in_force) << one.instrument << " " << one.deposit;
    EXPECT_EQ(state.in_force_rule, state.in_force.empty() ? "" : rule.source);
    EXPECT_EQ(state.rule_read_in, state.in_force.empty() ? "" : rule.read_in);
    EXPECT_EQ(state.rule_read_on, state.in_force.empty() ? "" : rule.read_on);
    EXPECT_EQ(state.status, TreatyStatus::party);
  }
  // The rule speaks of deposits: what somebody recorded stands, and a successor deposits nothing.
  const EntryRule corruption = rule_of("ia-corruption");
  const std::vector<TreatyEvent> recorded = {act(TreatyAct::ratification, "2002-07-24"),
                                             act(TreatyAct::entry_into_force, "2002-08-24")};
  const auto before = derive_state(recorded, nullptr, corruption, {2002, 8, 23});
  EXPECT_EQ(before.status, TreatyStatus::consented);
  EXPECT_EQ(before.in_force, "2002-08-24");
  EXPECT_EQ(before.in_force_rule, "");
  const std::vector<TreatyEvent> heir = {act(TreatyAct::succession, "2006-10-23")};
  EXPECT_EQ(derive_state(heir, nullptr, rule_of("mine-ban"), {2007, 1, 1}).in_force, "");
  // A day recorded before it left is not that of joining again.
  const std::vector<TreatyEvent> again = {
      act(TreatyAct::ratification, "2002-07-24"), act(TreatyAct::entry_into_force, "2002-08-24"),
      act(TreatyAct::withdrawal, "2010-01-15"), act(TreatyAct::accession, "2015-06-01")};
  EXPECT_EQ(derive_state(again, nullptr, corruption, {2020, 1, 1}).in_force, "2015-07-01");
}

// Which rules nobody has read is known by name: another one is no oversight.
TEST(TreatyStateTest, every_rule_but_two_says_where_it_was_read) {
  std::vector<std::string> unread;
  for (const auto& treaty : commitments::Catalogue::embedded()->instruments()) {
    const EntryRule rule = rule_of(treaty.id.c_str());
    EXPECT_EQ(rule.read_in.contains("http"), !rule.read_on.empty()) << treaty.id;
    if (!rule.source.empty() && rule.read_in.empty()) {
      unread.push_back(treaty.id);
    }
  }
  EXPECT_EQ(unread, (std::vector<std::string>{"ia-arms-transparency", "oas-charter"}));
}

TEST(TreatyStateTest, nobody_is_party_before_its_own_day) {
  const auto catalogue = commitments::Catalogue::embedded();
  const auto reference = Reference::embedded(*catalogue);
  std::map<std::pair<std::string, std::string>, std::vector<TreatyEvent>> cells;
  for (const TreatyEvent& event : reference->treaty_events()) {
    cells[{event.instrument, event.party}].push_back(event);
  }
  int known = 0;
  for (const auto& [cell, events] : cells) {
    const auto* treaty = catalogue->find_instrument(cell.first);
    const EntryRule rule = reference->entry_rule(*treaty);
    EXPECT_FALSE(rule.source.empty()) << cell.first;
    const auto now = derive_state(events, nullptr, rule, {2026, 1, 5});
    const auto day = parse_civil_date(now.in_force);
    if (!day || now.status != TreatyStatus::party) {
      continue;
    }
    ++known;
    EXPECT_GE(now.in_force, treaty->in_force) << cell.first << " " << cell.second;
    EXPECT_EQ(derive_state(events, nullptr, rule, *day).status, TreatyStatus::party)
        << cell.first << " " << cell.second;
    EXPECT_NE(derive_state(events, nullptr, rule, plus_days(*day, -1)).status, TreatyStatus::party)
        << cell.first << " " << cell.second;
  }
  EXPECT_GT(known, 300);
}

// Whatever the acts: the status depends on their set, not on their order, and what happened later
// does not change an earlier day. An entry into force follows from the consent before it.
RC_GTEST_PROP(TreatyStateTest, order_and_future_do_not_matter, ()) {
  std::vector<TreatyEvent> acts;
  const int count = *rc::gen::inRange(0, 6);
  for (int i = 0; i < count; ++i) {
    acts.push_back(act(
        *rc::gen::elementOf(std::vector<TreatyAct>(std::begin(kTreatyActs), std::end(kTreatyActs))),
        fmt::format("{}-{:02}-{:02}", *rc::gen::inRange(2000, 2012), *rc::gen::inRange(1, 13),
                    2 * i + 1)));
  }
  const CivilDate day{*rc::gen::inRange(2000, 2012), 6, 15};
  const EntryRule rule = rule_of("untoc");
  const auto whole = derive_state(acts, nullptr, rule, day);
  // Of what comes later an entry into force is known before, unless the state leaves before it.
  auto past = acts;
  std::erase_if(past, [&](const TreatyEvent& one) {
    const bool leaves_before = std::ranges::any_of(acts, [&](const TreatyEvent& other) {
      return other.act == TreatyAct::withdrawal && must(last_day(other.date)) > day &&
             other.date < one.date;
    });
    return must(last_day(one.date)) > day &&
           (one.act != TreatyAct::entry_into_force || leaves_before);
  });
  std::ranges::reverse(past);
  const auto same = derive_state(past, nullptr, rule, day);
  RC_ASSERT(whole.status == same.status);
  RC_ASSERT(whole.since == same.since);
  RC_ASSERT(whole.in_force == same.in_force);
}

class TreatiesTest : public FollowupTest {
 protected:
  [[nodiscard]] Treaties treaties() const { return Treaties(parts_); }

  Result<TreatyImportPlan> import(const std::string& csv, TreatyImportOptions options = {}) {
    auto plan = treaties().plan(csv, "events.csv", options);
    if (plan) {
      const auto done = treaties().apply(*plan, options);
      if (!done) {
        return fail(done.error());
      }
    }
    return plan;
  }

  std::string refusal(const std::string& rows) {
    const auto plan = treaties().plan(std::string(kHead) + rows, "events.csv", {});
    return plan ? "ok"
                : plan.error().reason.substr(std::string_view("followup.treaties.").size()) + "@" +
                      plan.error().params[1].second;
  }

  TreatyStatus status_of(std::string_view party, std::string_view instrument, CivilDate day) {
    const auto matrix = must(treaties().matrix(day, party, instrument));
    ATALAYA_CHECK(matrix.cells.size() == 1);
    return matrix.cells.front().status;
  }

  static constexpr std::string_view kHead =
      "party,instrument,kind,date,effective,depositary,source,read_on,note\n";
};

TEST_P(TreatiesTest, same_file_twice_changes_nothing_and_a_changed_one_asks) {
  const std::string csv =
      std::string(kHead) +
      "PAN,att,signature,2013-06-03,,,synthetic,2026-11-01,\n"
      "PAN,att,ratification,2014-02-11,2014-12-24,un,synthetic,2026-11-01,\"a, b\"\n";
  const auto first = must(import(csv));
  EXPECT_EQ(first.count(TreatyChange::added), 2);
  EXPECT_EQ(status_of("PAN", "att", {2014, 12, 24}), TreatyStatus::party);
  const auto size = log_size();
  EXPECT_FALSE(must(import(csv)).has_news());
  EXPECT_EQ(log_size(), size);
  // Our own export is the same file to us.
  EXPECT_FALSE(must(import(must(treaties().csv()))).has_news());
  EXPECT_EQ(log_size(), size);
  std::string other = csv;
  other.replace(other.find("2014-02-11"), 10, "2014-03-11");
  const auto refused = import(other);
  EXPECT_EQ(reason_of(refused), "followup.treaties.changes");
  EXPECT_EQ(log_size(), size);
  const auto plan = must(treaties().plan(other, "events.csv", {}));
  EXPECT_EQ(plan.count(TreatyChange::changed), 1);
  EXPECT_EQ(plan.rows[1].before->date, "2014-02-11");
  TreatyImportOptions accept;
  accept.accept_changes = true;
  must(import(other, accept));
  const auto held = must(treaties().events("PAN", "att"));
  ASSERT_EQ(held.size(), 2U);
  EXPECT_EQ(held[1].date, "2014-03-11");
  EXPECT_EQ(must(treaties().events("PAN", "att", true)).size(), 3U);  // nothing is forgotten
  // Read again later, it stands unchanged but for the day on which it was read.
  std::string later = other;
  later.replace(later.rfind("2026-11-01"), 10, "2026-11-20");
  EXPECT_EQ(must(import(later)).count(TreatyChange::read_again), 1);
}

// The rules hold over what is held afterwards, so that the node's own export is always a good file.
TEST_P(TreatiesTest, what_others_rest_on_is_taken_back_with_them_or_not_at_all) {
  const std::string head =
      "party,instrument,kind,date,effective,depositary,source,read_on,note,retract\n";
  const auto row = [](std::string_view act, std::string_view date, std::string_view retract) {
    return fmt::format("ARG,att,{},{},,,synthetic,2026-11-01,,{}\n", act, date, retract);
  };
  must(import(head + row("signature", "2013-06-03", "") + row("ratification", "2014-09-25", "") +
              row("withdrawal", "2020-01-01", "")));
  TreatyImportOptions accept;
  accept.accept_changes = true;
  accept.reason = "synthetic: read in the wrong line";
  const auto size = log_size();
  const std::string back =
      row("signature", "2013-06-03", "yes") + row("ratification", "2014-09-25", "yes");
  const auto refused = import(head + back, accept);
  ASSERT_EQ(reason_of(refused), "followup.treaties.orphan");
  EXPECT_EQ(refused.error().params[1].second, "2");
  EXPECT_EQ(log_size(), size);
  // The signature alone may go: the withdrawal rests on the ratification.
  must(import(head + row("signature", "2013-06-03", "yes"), accept));
  must(import(head + row("ratification", "2014-09-25", "yes") +
                  row("withdrawal", "2020-01-01", "yes"),
              accept));
  EXPECT_TRUE(must(treaties().events("ARG", "att")).empty());
  EXPECT_FALSE(must(import(must(treaties().csv()))).has_news());
}

// Rules become stricter with an upgrade: what was right when it was written comes back by its file.
TEST_P(TreatiesTest, a_file_of_what_is_held_is_never_refused) {
  const std::string head = "party,instrument,kind,date,effective,depositary,source,read_on,note\n";
  must(import(head + "ARG,att,ratification,2014-09-25,,,synthetic,2026-11-01,\n"
                     "ARG,att,withdrawal,2020-01-01,,,synthetic,2026-11-01,\n"));
  must(parts_.database->write([&](store::Transaction& tx) -> Result<void> {
    ATALAYA_TRY(tx.execute(
        "UPDATE followup_treaty_events SET source = 'https://me:word@example.org/a', date = "
        "'2010-01-01' WHERE instrument = 'att' AND party = 'ARG'",
        {}));
    return {};
  }));
  const std::string csv = must(treaties().csv());
  EXPECT_FALSE(must(import(csv)).has_news());
  std::string changed = csv;
  changed.replace(changed.find("me:word"), 7, "me:else");
  EXPECT_EQ(reason_of(treaties().plan(changed, "events.csv", {})),
            "followup.treaties.before_opened");
}

TEST_P(TreatiesTest, wrong_rows_name_line_and_rule_and_change_nothing) {
  const auto size = log_size();
  const std::string good = "PAN,untoc,signature,2000-12-13,,,s,2026-11-01,\n";
  EXPECT_EQ(refusal(good + "PAN,untoc,ratification,2000-12-11,,,s,2026-11-01,\n"),
            "before_opened@3");
  EXPECT_EQ(refusal("PAN,untoc,ratification,1999,,,s,2026-11-01,\n"), "before_opened@2");
  EXPECT_EQ(refusal("PAN,untoc,ratified,2004-08-18,,,s,2026-11-01,\n"), "kind@2");
  EXPECT_EQ(refusal("PNA,untoc,ratification,2004-08-18,,,s,2026-11-01,\n"), "party@2");
  EXPECT_EQ(refusal("PAN,democratic-charter,signature,2004-08-18,,,s,2026-11-01,\n"),
            "instrument@2");
  EXPECT_EQ(refusal("PAN,untoc,ratification,18/08/2004,,,s,2026-11-01,\n"), "date@2");
  EXPECT_EQ(refusal("PAN,untoc,ratification,2004-08-18,,,,2026-11-01,\n"), "source@2");
  EXPECT_EQ(refusal("PAN,untoc,ratification,2004-08-18,,,s,2026-11-23,\n"), "read_on@2");
  EXPECT_EQ(refusal("PAN,untoc,ratification,2004-08-18,,,s,2004-08-17,\n"), "future@2");
  EXPECT_EQ(refusal(good + good), "twice@3");
  EXPECT_EQ(refusal(good + "PAN,untoc,entry_into_force,2003-09-29,,,s,2026-11-01,\n"),
            "no_consent@3");
  EXPECT_EQ(refusal("PAN,untoc,withdrawal,2010-09-29,,,s,2026-11-01,\n"), "leaves_nothing@2");
  const std::string left = "PAN,untoc,ratification,2004-08-18,,,s,2026-11-01,\n"
                           "PAN,untoc,withdrawal,2010-01-01,2011-01-01,,s,2026-11-01,\n";
  EXPECT_EQ(refusal("PAN,untoc,ratification,2004-08-18,2004-08-17,,s,2026-11-01,\n"),
            "effective_before@2");
  EXPECT_EQ(refusal(left + "PAN,untoc,withdrawal,2015-01-01,,,s,2026-11-01,\n"),
            "after_leaving@4");
  EXPECT_EQ(refusal(left + "PAN,untoc,objection,2015-01-01,,,s,2026-11-01,\n"),
            "after_leaving@4");
  const std::string notice = left + "PAN,untoc,objection,2010-06-01,,,s,2026-11-01,\n";
  must(treaties().plan(std::string(kHead) + notice, "f", {}));
  must(treaties().plan(std::string(kHead) + left +
                           "PAN,untoc,accession,2014-01-01,,,s,2026-11-01,\n"
                           "PAN,untoc,withdrawal,2015-01-01,,,s,2026-11-01,\n",
                       "f", {}));
  EXPECT_EQ(reason_of(treaties().plan("party,instrument,kind,date,source,read_on,retract\n"
                                      "PAN,untoc,signature,2000-12-14,s,2026-11-01,yes\n",
                                      "f", {})),
            "followup.treaties.not_held");
  EXPECT_EQ(reason_of(treaties().plan("party,instrument\nPAN,untoc\n", "f", {})),
            "followup.treaties.columns");
  EXPECT_EQ(refusal("PAN,untoc,ratification,2004-08-18,,,https://me:word@example.org/a,2026-11-01,"
                    "\n"),
            "login@2");
  // What takes acts back is understood in four languages, or refused: never passed over.
  constexpr const char* kTaken = "followup.treaties.not_held";  // it would take back
  for (const auto& [word, said] : {std::pair("yes", kTaken), {"SÍ", kTaken},
                                   {"sim", kTaken},          {"oui", kTaken},
                                   {"1", kTaken},            {"TRUE", kTaken},
                                   {"", "added"},            {"não", "added"},
                                   {"no", "added"},          {"0", "added"},
                                   {"maybe", "followup.treaties.retract"}}) {
    const auto plan = treaties().plan(
        fmt::format("party,instrument,kind,date,source,read_on,retract\n"
                    "PAN,untoc,signature,2000-12-13,s,2026-11-01,{}\n",
                    word),
        "f", {});
    EXPECT_EQ(!plan                                  ? plan.error().reason
              : plan->rows.front().change == TreatyChange::added ? "added"
                                                     : "retracted",
              said)
        << word;
  }
  EXPECT_EQ(reason_of(treaties().plan("party,instrument,kind,date,source,read_on,retrakt\n", "f",
                                      {})),
            "followup.columns.unknown");
  // One bad row of 5,000.
  std::string many;
  for (int i = 0; i < 4999; ++i) {
    many += fmt::format("PAN,untoc,objection,{}-01-{:02},,,s,2026-11-01,{}\n", 2001 + (i % 20),
                        1 + (i % 28), i);
    if (i == 139) {
      break;  // 140 different days are all there are
    }
  }
  EXPECT_EQ(refusal(many + "PAN,untoc,objection,2001-13-01,,,s,2026-11-01,\n"), "date@142");
  EXPECT_EQ(log_size(), size);
}

TEST_P(TreatiesTest, no_failing_write_leaves_half_an_import) {
  const std::string csv = std::string(kHead) + "PAN,att,signature,2013-06-03,,,s,2026-11-01,\n" +
                          "PAN,att,ratification,2014-02-11,,,s,2026-11-01,\n";
  const auto size = log_size();
  for (std::int64_t n = 1;; ++n) {
    const auto plan = must(treaties().plan(csv, "events.csv", {}));
    faulty_->fail_at(n);
    const auto done = treaties().apply(plan, {});
    const auto steps = faulty_->steps();
    faulty_->fail_at(0);
    if (steps < n) {
      must(done);
      break;
    }
    EXPECT_EQ(reason_of(done), "store.disk_full") << n;
    EXPECT_TRUE(must(treaties().events("PAN", "att")).empty()) << n;
    EXPECT_EQ(log_size(), size) << n;
  }
  EXPECT_EQ(must(treaties().events("PAN", "att")).size(), 2U);
}

TEST_P(TreatiesTest, reads_lists_of_participants) {
  if (!fs::exists(shared() / "data/treaties-untc-2015")) {
    GTEST_SKIP() << "no data/treaties-untc-2015: set ATALAYA_SHARED to what holds it";
  }

  struct List {
    const char *file, *instrument;
    std::int64_t participants, parties;  // rows of the file; parties in the description
  };

  for (const List& list :
       {List{"18-12.csv", "untoc", 185, 179}, List{"18-14.csv", "uncac", 178, 171},
        List{"26-8.csv", "att", 118, 41 + 22}}) {
    const std::string bytes = read_file(shared() / "data/treaties-untc-2015" / list.file);
    TreatyImportOptions options;
    options.instrument = list.instrument;
    EXPECT_EQ(reason_of(treaties().plan(bytes, list.file, options)), "followup.treaties.snapshot");
    options.snapshot = "2015-03-14";
    const auto plan = must(treaties().plan(bytes, list.file, options));
    // Whoever is not of the Americas is named, not lost: every row is one or the other.
    std::set<std::string> inside;
    for (const auto& row : plan.rows) {
      inside.insert(row.event.party);
    }
    EXPECT_EQ(static_cast<std::int64_t>(inside.size() + plan.outside.size()), list.participants);
    options.accept_changes = true;
    must(treaties().apply(plan, options));
    const auto size = log_size();
    const auto again = must(treaties().plan(bytes, list.file, options));
    EXPECT_TRUE(again.known);
    EXPECT_FALSE(again.has_news());
    must(treaties().apply(again, options));
    EXPECT_EQ(log_size(), size);
  }
  // Looked up in the printed lists by hand.
  EXPECT_EQ(status_of("DMA", "untoc", {2015, 3, 14}), TreatyStatus::party);
  EXPECT_EQ(must(treaties().events("DMA", "untoc")).front().act, TreatyAct::accession);
  EXPECT_EQ(status_of("BRB", "untoc", {2014, 11, 10}), TreatyStatus::signed_only);
  EXPECT_EQ(status_of("CUB", "att", {2015, 3, 14}), TreatyStatus::no_action);
  EXPECT_EQ(status_of("CUB", "cifta", {2015, 3, 14}), TreatyStatus::unknown);
  EXPECT_EQ(status_of("BOL", "untoc", {2015, 3, 14}), TreatyStatus::party);
}

TEST_P(TreatiesTest, a_newer_list_shows_what_is_gone) {
  const std::string list =
      "Participant,Signature,\"Ratification, Acceptance(A), Approval(AA), Accession(a)\"\n"
      "Panama,3 Jun 2013,11 Feb 2014\nUruguay,3 Jun 2013,25 Sep 2014\nFrance,3 Jun 2013,2 Apr "
      "2014\n";
  TreatyImportOptions options;
  options.instrument = "att";
  options.snapshot = "2015-03-14";
  options.accept_changes = true;
  const auto first = must(import(list, options));
  EXPECT_EQ(first.outside, std::vector<std::string>{"France"});
  // A state that is written so that nobody reads it would count as one that did nothing.
  std::string odd = list;
  odd.replace(odd.find("Uruguay"), 7, "Urugay");
  TreatyImportOptions again = options;
  again.accept_changes = false;
  again.instrument = "untoc";
  again.snapshot = "2015-01-01";
  const auto asked = must(treaties().plan(odd, "events.csv", again));
  ASSERT_EQ(asked.resembling.size(), 1U);
  EXPECT_EQ(asked.resembling.front().state, "URY");
  EXPECT_EQ(asked.resembling.front().line, 3U);
  // To take acts back and to read a name as nobody's are two decisions; neither covers the other.
  again.accept_changes = true;
  EXPECT_EQ(reason_of(import(odd, again)), "followup.treaties.resembles");
  again.instrument = "att";
  again.snapshot = "2016-01-01";
  again.reason = "synthetic: the list is the depositary's own";
  again.accept_changes = false;
  again.accept_names = true;
  EXPECT_EQ(reason_of(import(odd, again)), "followup.treaties.changes");
  EXPECT_EQ(status_of("URY", "att", {2016, 1, 1}), TreatyStatus::party);
  options.snapshot = "2016-03-14";
  options.accept_changes = false;
  const std::string shorter = list.substr(0, list.find("Uruguay"));
  EXPECT_EQ(reason_of(import(shorter, options)), "followup.treaties.changes");
  const auto plan = must(treaties().plan(shorter, "events.csv", options));
  EXPECT_EQ(plan.count(TreatyChange::missing), 2);
  EXPECT_EQ(plan.count(TreatyChange::read_again), 2);
  EXPECT_EQ(status_of("URY", "att", {2016, 3, 14}), TreatyStatus::party);
  EXPECT_EQ(plan.taken_back(), 2);
  options.accept_changes = true;
  const auto size = log_size();
  for (const std::string_view reason : {"", "   \n  ", "too short"}) {
    options.reason = reason;
    EXPECT_EQ(reason_of(import(shorter, options)), "followup.treaties.reason");
    EXPECT_EQ(log_size(), size);
  }
  options.reason = " The list of 2016 is the depositary's own. ";
  must(import(shorter, options));
  ChangeQuery query;
  query.actor = "URY";
  const auto changes = must(Cube(parts_).changes(query));
  ASSERT_GE(changes.size(), 2U);
  for (const auto& change : changes) {
    if (change.kind == "treaty_event.missing") {
      EXPECT_EQ(change.why, "The list of 2016 is the depositary's own.");
    }
  }
  EXPECT_EQ(std::ranges::count(changes, "treaty_event.missing", &ChangeView::kind), 2);
  EXPECT_EQ(status_of("URY", "att", {2016, 3, 14}), TreatyStatus::no_action);
  EXPECT_EQ(status_of("PAN", "att", {2016, 3, 14}), TreatyStatus::party);
}

TEST_P(TreatiesTest, the_catalogue_enters_once_and_never_overrules_a_node) {
  const auto& shipped = parts_.reference->treaty_events();
  must(treaties().sync_catalogue());
  const auto size = log_size();
  EXPECT_EQ(must(treaties().events({}, {})).size(), shipped.size());
  must(treaties().sync_catalogue());
  EXPECT_EQ(log_size(), size);
  for (const TreatyEvent& event : shipped) {
    EXPECT_FALSE(event.source.empty());
    EXPECT_TRUE(parse_civil_date(event.read_on).has_value());
  }
  // Exporting what the program ships and importing it again is no news, so its rows keep every
  // rule that a file must keep.
  EXPECT_FALSE(must(import(must(treaties().csv()))).has_news());
}

INSTANTIATE_TEST_SUITE_P(Engines, TreatiesTest,
                         testing::Values(store::Engine::sqlite, store::Engine::postgresql),
                         engine_name);

}  // namespace
}  // namespace atalaya::followup
