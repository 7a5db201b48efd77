// Goal: a register keeps what people wrote, whole or not at all, and nobody's change is lost.
#include <algorithm>
#include <set>

#include "followup_fixture.hpp"

#include <atalaya/followup/registers.hpp>

namespace atalaya::followup {
namespace {

class RegistersTest : public FollowupTest {
 protected:
  RegisterRecord authority(std::string country, std::string name) {
    RegisterRecord record;
    record.kind = "authorities";
    record.language = "es";
    record.values = {{"country", std::move(country)}, {"name", std::move(name)},
                     {"role", "central_authority"},   {"instrument", "untoc"},
                     {"source", "synthetic"},         {"read_on", "2026-11-01"}};
    record.by = "Ana";
    return record;
  }

  Registers registers() { return Registers(parts_); }
};

INSTANTIATE_TEST_SUITE_P(engines, RegistersTest,
                         testing::Values(store::Engine::sqlite, store::Engine::postgresql),
                         engine_name);

TEST_P(RegistersTest, keeps_versions_and_refuses_the_slower_writer) {
  const auto first = must(registers().save(authority("PAN", "Oficina sintética")));
  EXPECT_EQ(first.version, 1);
  RegisterRecord mine = first;
  mine.values["phone"] = "+507 000";
  mine.why = "números nuevos";
  mine.by = "Berta";
  const auto second = must(registers().save(mine));
  EXPECT_EQ(second.version, 2);
  RegisterRecord theirs = first;  // made from version 1, too
  theirs.values["email"] = "oficina@example.org";
  theirs.why = "correo";
  EXPECT_EQ(reason_of(registers().save(theirs)), "followup.register.changed");
  const auto versions = must(registers().versions("authorities", first.id));
  ASSERT_EQ(versions.size(), 2U);
  EXPECT_EQ(versions[0].by, "Berta");
  EXPECT_EQ(versions[1].values, first.values);
}

// Whoever answers for a state may keep rows of every register that is by country; hearings are a
// parliament's, which asks the government.
TEST_P(RegistersTest, what_a_state_records_says_so) {
  for (const RegisterKind& kind : Registers::kinds()) {
    EXPECT_EQ(kind.find("said_by") != nullptr, has_country(kind) && kind.id != "hearings")
        << kind.id;
  }
  RegisterRecord row = authority("PAN", "Oficina sintética");
  row.by_itself = true;
  const RegisterRecord said = must(registers().save(row));
  EXPECT_EQ(said.value("said_by"), "state");
  // A file that changes it repeats no word of the state: the same words again still are.
  const auto file = [&](std::string_view name, std::string_view said_by) {
    return registers().plan(
        "authorities",
        fmt::format("id,version,language,country,name,role,instrument,source,read_on,said_by\n"
                    "{},1,es,PAN,{},central_authority,untoc,synthetic,2026-11-01,{}\n",
                    said.id, name, said_by),
        "authorities.csv");
  };
  EXPECT_EQ(must(file("Oficina sintética", "state")).count(RecordChange::unchanged), 1);
  EXPECT_EQ(reason_of(file("Otra oficina", "state")), "followup.register.not_the_state");
  EXPECT_EQ(must(file("Otra oficina", "")).count(RecordChange::changed), 1);
}

// As ui/locales/fr.json is set (src/figures/messages_test.cpp).
TEST_P(RegistersTest, labels_are_set_as_french_is_set) {
  for (const RegisterKind& kind : Registers::kinds()) {
    std::vector<std::string> labels = {kind.label.in(Language::fr), kind.about.in(Language::fr)};
    for (const RegisterField& field : kind.fields) {
      labels.push_back(field.label.in(Language::fr));
      for (const auto& choice : field.choices) {
        labels.push_back(choice.label.in(Language::fr));
      }
    }
    for (const std::string& label : labels) {
      EXPECT_EQ(label.find('\''), std::string::npos) << label;
      EXPECT_EQ(label.find(" ;"), std::string::npos) << label;
    }
  }
}

TEST_P(RegistersTest, writes_nothing_where_nothing_changed) {
  const auto first = must(registers().save(authority("PAN", "Oficina sintética")));
  const auto before = log_size();
  RegisterRecord again = first;
  again.why = "sin cambio";
  again.values["name"] = "  Oficina sintética ";
  EXPECT_EQ(must(registers().save(again)).version, 1);
  EXPECT_EQ(log_size(), before);
}

TEST_P(RegistersTest, names_the_field_and_the_rule) {
  struct Case {
    std::string field, value, rule;
  };

  const std::vector<Case> cases = {{"country", "XXX", "country"},        {"role", "king", "choice"},
                                   {"read_on", "2026-02-30", "date"},    {"email", "a@b", "email"},
                                   {"url", "javascript:1", "url"},       {"name", "", "required"},
                                   {"instrument", "nato", "instrument"}, {"name", "a\nb", "line"},
                                   {"shoe_size", "44", "unknown"}};
  const auto before = log_size();
  for (const Case& one : cases) {
    RegisterRecord record = authority("PAN", "x");
    record.values[one.field] = one.value;
    const auto saved = registers().save(record);
    ASSERT_FALSE(saved) << one.field;
    EXPECT_EQ(saved.error().reason, "followup.register.field");
    EXPECT_EQ(saved.error().params[0].second, one.field);
    EXPECT_EQ(saved.error().params[2].second, one.rule) << one.field;
  }
  RegisterRecord record = authority("PAN", "x");
  record.language = "de";
  EXPECT_EQ(reason_of(registers().save(record)), "followup.register.language");
  EXPECT_EQ(log_size(), before);
  EXPECT_TRUE(must(registers().list({})).empty());
}

// A date cannot have been kept before the commitment was made, nor tomorrow, nor one that it lacks.
TEST_P(RegistersTest, refuses_outcomes_that_cannot_be) {
  const std::map<std::string, std::string, std::less<>> right = {
      {"commitment", "mispa-2008-cf2nw2ys"},
      {"which", "2"},
      {"outcome", "done"},
      {"date", "2010-12"},
      {"source", "synthetic"}};
  RegisterRecord row;
  row.kind = "deadline_outcomes";
  row.language = "en";
  row.by = "Ana";
  const auto with = [&](std::string_view field, std::string value) {
    row.values = right;
    row.values[std::string(field)] = std::move(value);
    return reason_of(registers().save(row));
  };
  must(parts_.database->write([&](store::Transaction& tx) -> Result<void> {
    ATALAYA_TRY(tx.execute(
        "INSERT INTO dues(commitment, ordinal, edtf, kind, printed, soft, set_by, latest, event) "
        "VALUES ('mispa-2008-cf2nw2ys', 2, '2010', 'deadline', 'synthetic', 0, 'rule', '', '')"));
    return {};
  }));
  const auto before = log_size();
  EXPECT_EQ(with("date", "1990-01-01"), "followup.register.before_adoption");
  EXPECT_EQ(with("date", "2031-01-01"), "followup.register.future");
  EXPECT_EQ(with("which", "77"), "followup.register.no_such_date");
  EXPECT_EQ(with("which", "1001"), "followup.register.no_such_date");
  EXPECT_EQ(with("successor", "mispa-2008-cf2nw2ys"), "followup.register.itself");
  EXPECT_EQ(with("outcome", "postponed"), "followup.register.field") << "to which day?";
  const auto file = registers().plan("deadline_outcomes",
                                     "language,commitment,which,outcome,date,source\n"
                                     "en,mispa-2008-cf2nw2ys,2,done,2010-12,synthetic\n"
                                     "en,mispa-2008-cf2nw2ys,77,done,2010-12,synthetic\n",
                                     "o.csv");
  ASSERT_EQ(reason_of(file), "followup.register.no_such_date");
  EXPECT_TRUE(
      std::ranges::find(file.error().params, std::pair<std::string, std::string>("line", "3")) !=
      file.error().params.end());
  row.values = right;
  row.values["outcome"] = "postponed";
  row.values["new_due"] = "2010-06";  // due in 2010
  EXPECT_EQ(reason_of(registers().save(row)), "followup.register.not_later");
  EXPECT_EQ(with("actor", "PAN.parliament"), "followup.register.not_asked");
  EXPECT_EQ(log_size(), before);
  EXPECT_EQ(with("date", "2010-12"), "ok");
  // Two of them would contradict each other; what a state says itself stands beside.
  EXPECT_EQ(with("date", "2011"), "followup.register.again");
  EXPECT_EQ(with("actor", "PAN"), "ok");
  const std::string two = "language,commitment,actor,which,outcome,date,source\n"
                          "en,mispa-2008-cf2nw2ys,COL,2,done,2010-12,synthetic\n"
                          "en,mispa-2008-cf2nw2ys,COL,2,done,2012-12,synthetic\n";
  EXPECT_EQ(reason_of(registers().plan("deadline_outcomes", two, "o.csv")),
            "followup.register.twice");
}

// What one field says must be possible beside what another says.
TEST_P(RegistersTest, refuses_fields_that_contradict_each_other) {
  const std::map<std::string, std::map<std::string, std::string, std::less<>>> right = {
      {"cooperation",
       {{"title", "synthetic"}, {"stage", "project"}, {"begins", "2024-05"}, {"ends", "2024"}}},
      {"hearings", {{"question", "synthetic"}, {"date", "2026-05-01"}}},
      {"practices",
       {{"title", "synthetic"},
        {"theme", "firearms"},
        {"summary", "synthetic"},
        {"strength", "none"}}},
      {"reports_received",
       {{"title", "synthetic"}, {"instrument", "att"}, {"period", "2024"},
        {"received", "2024-12"}, {"access", "public"}}}};
  const auto with = [&](const std::string& kind,
                        const std::vector<std::pair<std::string, std::string>>& changes) {
    RegisterRecord row;
    row.kind = kind;
    row.language = "en";
    row.by = "Ana";
    row.values = right.at(kind);
    row.values["country"] = "PAN";
    row.values["source"] = "synthetic";
    for (const auto& [field, value] : changes) {
      row.values[field] = value;
    }
    return reason_of(registers().save(row));
  };
  const std::string order = "followup.register.order", field = "followup.register.field";
  EXPECT_EQ(with("cooperation", {{"ends", "2023"}}), order);
  EXPECT_EQ(with("cooperation", {{"amount", "5"}}), field);
  EXPECT_EQ(with("cooperation", {{"amount", "-5"}, {"currency", "USD"}}), field);
  EXPECT_EQ(with("cooperation", {{"amount", "5"}, {"currency", "ZZZ"}}), field);
  EXPECT_EQ(with("cooperation", {{"amount", "5"}, {"currency", "PAB"}}), "ok");
  EXPECT_EQ(with("hearings", {{"date", "2027-05-01"}}), "followup.register.future");
  EXPECT_EQ(with("hearings", {{"due", "2026-04-30"}, {"undertaking", "synthetic"}}), order);
  EXPECT_EQ(with("hearings", {{"due", "2026-06-30"}}), field);
  EXPECT_EQ(with("practices", {{"since", "2030"}}), "followup.register.future");
  EXPECT_EQ(with("reports_received", {{"received", "2019-03-01"}}), order);
  EXPECT_EQ(with("reports_received", {{"duty", "nonsense"}}), "followup.register.no_such_duty");
  EXPECT_EQ(with("reports_received", {}), "ok");
  EXPECT_EQ(with("reports_received", {{"title", "again"}, {"received", "2025-06-30"}}),
            "followup.register.again");
}

TEST_P(RegistersTest, filters_by_what_a_row_is_about) {
  must(registers().save(authority("PAN", "uno")));
  must(registers().save(authority("COL", "dos")));
  EXPECT_EQ(must(registers().list({.kind = "authorities", .country = "PAN"})).size(), 1U);
  EXPECT_EQ(must(registers().list({.instrument = "untoc"})).size(), 2U);
  EXPECT_TRUE(must(registers().list({.kind = "practices"})).empty());
}

TEST_P(RegistersTest, a_removed_row_stays_in_its_history) {
  const auto row = must(registers().save(authority("PAN", "uno")));
  EXPECT_EQ(reason_of(registers().remove("authorities", row.id, 1, "Ana", " ")),
            "followup.reason_short");
  EXPECT_EQ(reason_of(registers().remove("authorities", row.id, 1, "Ana", "cerró")),
            "followup.reason_short");
  must(registers().remove("authorities", row.id, 1, "Ana", "La oficina cerró en 2025."));
  EXPECT_TRUE(must(registers().list({})).empty());
  EXPECT_EQ(must(registers().versions("authorities", row.id)).size(), 2U);
  EXPECT_EQ(reason_of(registers().remove("authorities", row.id, 2, "Ana", "La oficina cerró otra vez.")),
            "followup.register.no_row");
}

TEST_P(RegistersTest, its_own_file_changes_nothing_and_the_same_file_twice_neither) {
  must(registers().save(authority("PAN", "=1+1, \"uno\"")));
  must(registers().save(authority("COL", "dos")));
  const std::string csv = must(registers().csv("authorities"));
  const auto same = must(registers().plan("authorities", csv, "a.csv"));
  EXPECT_EQ(same.count(RecordChange::unchanged), 2);
  const std::string fresh =
      "language,name,country,role,source,read_on\nes,tres,MEX,observatory,synthetic,2026-11-02\n";
  must(registers().apply(must(registers().plan("authorities", fresh, "b.csv")), "Ana", false));
  const auto size = log_size();
  const auto again = must(registers().plan("authorities", fresh, "b.csv"));
  EXPECT_EQ(again.count(RecordChange::unchanged), 1);
  must(registers().apply(again, "Ana", false));
  EXPECT_EQ(log_size(), size);
  // A column whose name is mistyped would be lost without a word.
  std::string odd = fresh;
  odd.replace(odd.find("language,"), 9, "language,phonne,").insert(odd.find("es,"), "es,");
  const auto refused = registers().plan("authorities", odd, "c.csv");
  ASSERT_EQ(reason_of(refused), "followup.columns.unknown");
  EXPECT_EQ(refused.error().params.at(2).second, "phonne");
  RegisterRecord login = authority("PAN", "cuatro");
  login.values["source"] = "synthetic, https://ana:clave@example.org/a";
  const auto open = registers().save(login);
  ASSERT_EQ(reason_of(open), "followup.login");
  EXPECT_EQ(open.error().params.front().second, "example.org") << "never the password";
}

// Rules become stricter with an upgrade: what was right when it was written comes back by its file,
// what is new is judged by the rules of today.
TEST_P(RegistersTest, a_file_of_what_is_held_is_never_refused) {
  must(registers().save(authority("PAN", "una oficina")));
  must(parts_.database->write([&](store::Transaction& tx) -> Result<void> {
    ATALAYA_TRY(tx.execute("UPDATE followup_records SET body = replace(body, 'una ', $1)",
                           {std::string("una \u202E")}));
    return {};
  }));
  std::string csv = must(registers().csv("authorities"));
  EXPECT_EQ(must(registers().plan("authorities", csv, "a.csv")).count(RecordChange::unchanged), 1);
  csv.replace(csv.find("central_authority"), 17, "observatory");
  EXPECT_EQ(must(registers().plan("authorities", csv, "a.csv")).count(RecordChange::changed), 1);
  csv.replace(csv.find("una "), 4, "otra ");
  EXPECT_EQ(reason_of(registers().plan("authorities", csv, "a.csv")), "followup.text.direction");
  EXPECT_EQ(reason_of(registers().save(authority("PAN", "una \u2066oficina"))),
            "followup.text.direction");
  // What was fine then stays editable in the form and by the API, too.
  RegisterRecord held = must(registers().list({.kind = "authorities"})).front();
  held.values["phone"] = "+507 000";
  held.why = "un número nuevo";
  held = must(registers().save(held));
  held.values["name"] = "otra \u202Eoficina";
  EXPECT_EQ(reason_of(registers().save(held)), "followup.text.direction");
  RegisterRecord address = authority("COL", "dos");
  address.values["url"] = "HTTPS://example.org/a";
  EXPECT_EQ(reason_of(registers().save(address)), "ok");
}

TEST_P(RegistersTest, a_changed_file_shows_the_difference_and_waits) {
  must(registers().save(authority("PAN", "uno")));
  std::string csv = must(registers().csv("authorities"));
  csv.replace(csv.find("uno"), 3, "one");
  const auto plan = must(registers().plan("authorities", csv, "a.csv"));
  ASSERT_EQ(plan.count(RecordChange::changed), 1);
  EXPECT_EQ(plan.rows[0].before->value("name"), "uno");
  EXPECT_EQ(reason_of(registers().apply(plan, "Ana", false)), "followup.register.changes");
  EXPECT_EQ(must(registers().list({}))[0].value("name"), "uno");
  must(registers().apply(plan, "Ana", true));
  EXPECT_EQ(must(registers().list({}))[0].value("name"), "one");
  // The same file again says what is kept; another one, from the older version too, does not.
  const auto again = must(registers().plan("authorities", csv, "a.csv"));
  EXPECT_EQ(again.count(RecordChange::unchanged), 1);
  csv.replace(csv.find(",one,"), 5, ",two,");
  EXPECT_EQ(reason_of(registers().plan("authorities", csv, "a.csv")), "followup.register.changed");
}

TEST_P(RegistersTest, one_bad_row_of_many_stops_the_file_and_is_named) {
  std::string csv = "language,name,country,role,source,read_on\n";
  for (int i = 0; i < 500; ++i) {
    csv += fmt::format("es,oficina {},{},observatory,synthetic,2026-11-02\n", i,
                       i == 321 ? "ZZZ" : "MEX");
  }
  const auto plan = registers().plan("authorities", csv, "a.csv");
  ASSERT_FALSE(plan);
  EXPECT_EQ(plan.error().reason, "followup.register.field");
  const std::vector<std::pair<std::string, std::string>> wanted = {{"field", "country"},
                                                                   {"value", "ZZZ"},
                                                                   {"rule", "country"},
                                                                   {"file", "a.csv"},
                                                                   {"line", "323"}};
  EXPECT_EQ(plan.error().params, wanted);
  EXPECT_TRUE(must(registers().list({})).empty());
}

TEST_P(RegistersTest, every_failing_write_leaves_nothing) {
  for (std::int64_t n = 1;; ++n) {
    const auto before = log_size();
    faulty_->fail_at(n);
    const auto saved = registers().save(authority("PAN", "uno"));
    const auto steps = faulty_->steps();
    faulty_->fail_at(0);
    if (steps < n) {
      must(saved);
      break;
    }
    EXPECT_EQ(reason_of(saved), "store.disk_full");
    EXPECT_TRUE(must(registers().list({})).empty()) << n;
    EXPECT_EQ(log_size(), before) << n;
  }
  EXPECT_EQ(must(registers().list({})).size(), 1U);
}

TEST(RegisterKindsTest, every_kind_can_be_kept_and_read) {
  std::set<std::string> ids;
  for (const RegisterKind& kind : Registers::kinds()) {
    EXPECT_TRUE(ids.insert(kind.id).second);
    EXPECT_NE(kind.find(kind.heading), nullptr);
    EXPECT_NE(kind.find("source"), nullptr) << "a row without a source: " << kind.id;
    for (const RegisterField& field : kind.fields) {
      for (const Language language : kLanguages) {
        EXPECT_FALSE(field.label.in(language).empty()) << kind.id << '.' << field.id;
      }
    }
  }
  EXPECT_EQ(ids.size(), 8U);
}

}  // namespace
}  // namespace atalaya::followup
