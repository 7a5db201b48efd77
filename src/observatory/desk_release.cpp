// Releases: tables frozen with all that they rest on.
#include <algorithm>

#include <fmt/format.h>

#include <atalaya/base/text.hpp>
#include <atalaya/observatory/quality_report.hpp>
#include <atalaya/observatory/rows.hpp>

#include "linkage_outcome.hpp"
#include "release_cells.hpp"
#include "release_protect.hpp"
#include "table_parts.hpp"

namespace atalaya::observatory {
namespace {

constexpr std::string_view kReleaseColumns =
    "SELECT id, name, plan, decision, policy, audit, submissions, synthetic, published_at, "
    "published_by FROM observatory_releases";

std::unexpected<Error> no_release(std::string_view id) {
  return fail(Error{ErrorCode::not_found,
                    "observatory.release.unknown",
                    fmt::format("there is no release \"{}\"", id),
                    {{"release", std::string(id)}}});
}

Result<json::object> object_of(const std::string& text) {
  const auto value = ATALAYA_TRY(parse_json(text, "observatory_releases"));
  if (!value.is_object()) {
    return fail(ErrorCode::data_loss, "observatory.stored", "a stored object is none");
  }
  return value.as_object();
}

Result<json::array> array_of(const std::string& text) {
  const auto value = ATALAYA_TRY(parse_json(text, "observatory_releases"));
  if (!value.is_array()) {
    return fail(ErrorCode::data_loss, "observatory.stored", "a stored list is none");
  }
  return value.as_array();
}

Result<Release> release_of(const store::Row& row) {
  Release r;
  r.id = row.text(0);
  auto name = read_words(row.text(1));
  r.name = std::move(name.text);
  r.names = std::move(name.by_language);
  r.plan = row.text(2);
  r.decision = ATALAYA_TRY(object_of(row.text(3)));
  r.policy = ATALAYA_TRY(object_of(row.text(4)));
  r.audit = ATALAYA_TRY(object_of(row.text(5)));
  r.submissions = ATALAYA_TRY(array_of(row.text(6)));
  for (auto& submission : r.submissions) {  // releases of versions that still wrote it
    if (auto* object = submission.if_object()) {
      object->erase("segment_sha256");
    }
  }
  r.synthetic = row.integer(7) != 0;
  r.published_at = row.text(8);
  r.published_by = row.text(9);
  return r;
}

Result<void> read_entries(const Indicators& indicators, store::Transaction& tx, Release& release) {
  const auto rows = ATALAYA_TRY(tx.query(
      "SELECT position, indicator, query, notes, segment, segment_sha256, cells, suppressed "
      "FROM observatory_release_tables WHERE release = $1 ORDER BY position",
      {release.id}));
  for (const auto& row : rows) {
    Release::Entry entry;
    entry.position = static_cast<std::int32_t>(row.integer(0));
    entry.indicator = row.text(1);
    entry.query = ATALAYA_TRY(object_of(row.text(2)));
    entry.notes = ATALAYA_TRY(array_of(row.text(3)));
    entry.segment = row.text(4);
    entry.segment_sha256 = row.text(5);
    entry.cells = row.integer(6);
    entry.suppressed = row.integer(7);
    release.tables.push_back(std::move(entry));
  }
  return detail::coarsen_release(indicators, release);
}

Result<std::vector<Release>> read_releases(const Indicators& indicators, store::Transaction& tx) {
  const auto rows = ATALAYA_TRY(tx.query(std::string(kReleaseColumns) + " ORDER BY position DESC"));
  std::vector<Release> out;
  for (const auto& row : rows) {
    auto release = ATALAYA_TRY(release_of(row));
    ATALAYA_TRY(read_entries(indicators, tx, release));
    out.push_back(std::move(release));
  }
  return out;
}

Result<Table> read_table(const Desk::State& state, const Release& release,
                         const Release::Entry& entry) {
  Table table;
  table.query = ATALAYA_TRY(detail::query_from_json(entry.query));
  table.query.release = release.id;
  table.by = table.query.by;
  table.indicator = state.parts.indicators->find(entry.indicator);
  if (table.indicator == nullptr) {
    return fail(Error{ErrorCode::not_found,
                      "observatory.indicator",
                      fmt::format("indicator {} of release {} is no longer in the catalogue",
                                  entry.indicator, release.id),
                      {{"indicator", entry.indicator}}});
  }
  table.release = release.id;
  table.released_at = release.published_at;
  table.synthetic = release.synthetic;
  for (const auto& note : entry.notes) {
    table.notes.emplace_back(note.as_string());
  }
  const auto text = [&](std::string_view key) {
    const auto* value = entry.query.if_contains(key);
    return value != nullptr && value->is_string() ? std::string(value->as_string()) : std::string();
  };
  table.population_source = text("population_source");
  table.population_title = text("population_title");
  if (const auto* titles = entry.query.if_contains("population_titles");
      titles != nullptr && titles->is_object()) {
    table.population_titles = titles->as_object();
  }
  const auto numbers = [&](std::string_view key, std::vector<std::int64_t>& out) {
    if (const auto* list = entry.query.if_contains(key); list != nullptr && list->is_array()) {
      for (const auto& id : list->as_array()) {
        out.push_back(id.to_number<std::int64_t>());
      }
    }
  };
  numbers("submissions", table.submissions);
  numbers("population_submissions", table.populations);
  if (const auto* breaks = entry.query.if_contains("breaks");
      breaks != nullptr && breaks->is_array()) {
    table.breaks = breaks->as_array();
  }
  if (const auto* quality = entry.query.if_contains("quality");
      quality != nullptr && quality->is_array()) {
    table.quality = detail::quality_from_json(quality->get_array());
  }
  if (const auto* elsewhere = entry.query.if_contains("elsewhere");
      elsewhere != nullptr && elsewhere->is_array()) {
    table.elsewhere = detail::elsewhere_from_json(elsewhere->get_array());
    for (const auto& one : table.elsewhere) {
      if (std::ranges::find(table.sources_left_out, one.source) == table.sources_left_out.end()) {
        table.sources_left_out.push_back(one.source);
      }
    }
  }
  if (const auto* rounded = entry.query.if_contains("rounded_to");
      rounded != nullptr && rounded->is_number()) {
    table.rounded_to = rounded->to_number<std::int64_t>();
  }
  ATALAYA_TRY(detail::read_release_cells(state, entry.segment, table));
  if (entry.rated_anew) {
    detail::fill_ratings(*state.parts.codelists, table);
  }
  return table;
}

// Without the hash of the facts: whoever holds the rest of a file could try the few values that a
// hidden cell can have until the hash is met. The submission's own leaf in the log holds it, salted.
json::array submissions_json(const std::vector<detail::Current>& submissions,
                             const std::vector<Table>& tables) {
  std::set<std::int64_t> ids;
  for (const auto& table : tables) {
    ids.insert(table.submissions.begin(), table.submissions.end());
    ids.insert(table.populations.begin(), table.populations.end());
  }
  json::array out;
  for (const auto& current : submissions) {
    const auto& s = current.submission;
    if (ids.contains(s.id)) {
      out.push_back(json::object{{"id", s.id},
                                 {"source", s.source},
                                 {"title", s.title},
                                 {"kind", s.kind},
                                 {"mapping", s.mapping},
                                 {"mapping_version", s.mapping_version},
                                 {"loaded_at", s.loaded_at}});
      if (!s.titles.empty()) {
        out.back().as_object()["titles"] = s.titles;
      }
    }
  }
  return out;
}

json::object entry_query(const Table& table, const std::vector<detail::Current>& submissions) {
  json::object out = detail::query_json(table.query);
  json::array sources;
  std::set<std::string> seen;
  json::array ids;
  for (const auto& current : submissions) {
    if (std::ranges::find(table.submissions, current.submission.id) == table.submissions.end()) {
      continue;
    }
    ids.push_back(current.submission.id);
    if (seen.insert(current.submission.source).second) {
      sources.push_back(json::string(current.submission.source));
    }
  }
  json::array populations;
  for (const auto id : table.populations) {
    populations.push_back(id);
  }
  out["sources"] = std::move(sources);
  out["submissions"] = std::move(ids);
  out["population_submissions"] = std::move(populations);
  out["population_source"] = table.population_source;
  out["population_title"] = table.population_title;
  if (!table.population_titles.empty()) {
    out["population_titles"] = table.population_titles;
  }
  out["breaks"] = table.breaks;
  out["quality"] = detail::quality_json(table.quality);
  out["rounded_to"] = table.rounded_to;
  if (!table.elsewhere.empty()) {
    out["elsewhere"] = detail::elsewhere_json(table.elsewhere);
  }
  return out;
}

// Everything that publishing needs, made on one snapshot.
struct Made {
  detail::ReleasePlan plan;
  std::vector<Table> tables;
  std::vector<detail::Current> submissions;
  detail::Protected result;
};

// Could readers take a hidden cell of this table for a zero? Earlier versions of the program said
// only how many zeros were hidden.
bool may_hide_zeros(const Release& release, std::size_t place) {
  const auto* tables = release.audit.if_contains("tables");
  if (tables == nullptr || !tables->is_array()) {
    return false;
  }
  return std::ranges::any_of(tables->get_array(), [&](const json::value& value) {
    const auto number = [&](std::string_view key) {
      const auto* entry = value.is_object() ? value.get_object().if_contains(key) : nullptr;
      return entry != nullptr && entry->is_number() ? entry->to_number<std::int64_t>() : -1;
    };
    const auto* said =
        value.is_object() ? value.get_object().if_contains("may_hide_zeros") : nullptr;
    return number("table") == static_cast<std::int64_t>(place) &&
           (number("zeros_hidden") > 0 || (said != nullptr && said->is_bool() && said->get_bool()));
  });
}

Result<std::vector<detail::PastTable>> past_tables(const Desk::State& state,
                                                   store::Transaction& tx) {
  const auto releases = ATALAYA_TRY(read_releases(*state.parts.indicators, tx));
  std::vector<detail::PastTable> out;
  for (const auto& release : releases) {
    const auto plan = detail::parse_release_plan(release.plan);
    for (const auto& entry : release.tables) {
      detail::PastTable past;
      past.release = release.id;
      past.table = ATALAYA_TRY(read_table(state, release, entry));
      past.query = past.table.query;
      detail::PlannedTable planned{past.query, std::nullopt, {}};
      const auto place = static_cast<std::size_t>(entry.position - 1);
      if (plan && place < plan->tables.size()) {
        planned.is_protected = plan->tables[place].is_protected;
      }
      past.open = detail::is_exempt(planned, *past.table.indicator);
      past.chosen = planned.is_protected.has_value();
      past.hides_zeros = may_hide_zeros(release, place);
      if (plan) {
        past.same_cases = plan->same_cases;
        past.different_cases = plan->different_cases;
      }
      if (const auto* sources = entry.query.if_contains("sources")) {
        for (const auto& source : sources->as_array()) {
          past.sources.insert(std::string(source.as_string()));
        }
      }
      out.push_back(std::move(past));
    }
  }
  return out;
}

// Ages and estimates say more of few people than a count does: only open tables may have them. Of
// amounts it is not known how many persons or firms stand behind a cell, so no rule can hide one.
Result<void> check_open(const detail::PlannedTable& planned, const Indicator& indicator) {
  const bool open =
      !planned.is_protected.value_or(detail::protected_by_default(planned.query, indicator));
  if (!open && indicator.kind == NumeratorKind::amount) {
    return fail(Error{ErrorCode::invalid_argument,
                      "observatory.release.plan",
                      fmt::format("{}: an amount cannot be protected, as nobody says who "
                                  "contributes to it: publish it with fewer dimensions, or with "
                                  "protect = false and the reason",
                                  indicator.id),
                      {{"line", "1"}, {"key", "protect"}, {"what", indicator.id}}});
  }
  const bool further = planned.query.rate.kind != RateKind::crude || !planned.query.shares.empty();
  if (open || !further) {
    return {};
  }
  return fail(Error{ErrorCode::invalid_argument,
                    "observatory.release.plan",
                    fmt::format("{}: rate and shares are for tables that are published as they "
                                "are; this one is protected, and they would tell of single persons",
                                indicator.id),
                    {{"line", "1"}, {"key", "rate"}, {"what", indicator.id}}});
}

bool asks_the_same(const Table& a, const Table& b) {
  return a.indicator->id == b.indicator->id && a.query.where == b.query.where &&
         std::ranges::equal(a.by, b.by, [](const TableDimension& x, const TableDimension& y) {
           return x.name == y.name && x.level == y.level;
         });
}

// An open table says where other sources count otherwise, by figures that readers have: those of
// this release and the newest of earlier ones. What was loaded and not released is nobody's.
void compare_released(const std::vector<detail::PastTable>& past, Made& made) {
  std::vector<std::set<std::string>> sources;
  for (const auto& table : made.tables) {
    sources.push_back(detail::sources_of(table, made.submissions));
  }
  const auto is_open = [&](std::size_t t) {
    return detail::is_exempt(made.plan.tables[t], *made.tables[t].indicator);
  };
  const auto are_others = [](const std::set<std::string>& a, const std::set<std::string>& b) {
    return std::ranges::none_of(a, [&](const std::string& name) { return b.contains(name); });
  };
  for (std::size_t t = 0; t < made.tables.size(); ++t) {
    auto& table = made.tables[t];
    if (!is_open(t) || table.indicator->denominator.kind == DenominatorKind::facts) {
      continue;
    }
    std::vector<const Table*> others;
    for (std::size_t u = 0; u < made.tables.size(); ++u) {
      if (is_open(u) && are_others(sources[t], sources[u]) &&
          asks_the_same(table, made.tables[u])) {
        others.push_back(&made.tables[u]);
      }
    }
    std::set<std::set<std::string>> seen;  // earlier releases stand newest first
    for (const auto& one : past) {
      if (are_others(sources[t], one.sources) && one.table.rounded_to == 0 &&
          asks_the_same(table, one.table) && seen.insert(one.sources).second) {
        others.push_back(&one.table);
      }
    }
    detail::compare_with_tables(others, table);
  }
}

Result<Made> make(const Desk::State& state, store::Transaction& tx, detail::ReleasePlan plan,
                  std::uint64_t seed) {
  Made out;
  out.plan = std::move(plan);
  const auto territories = ATALAYA_TRY(state.read_territories(tx));
  for (const auto& planned : out.plan.tables) {
    auto query = planned.query;
    query.draft = false;  // what only drafts know stays in drafts
    out.tables.push_back(ATALAYA_TRY(detail::draft_table(state, tx, query)));
    const auto& table = out.tables.back();
    if (table.cells.empty()) {
      return fail(Error{ErrorCode::invalid_argument,
                        "observatory.release.empty",
                        fmt::format("no facts are held for {} with this breakdown and choice; load "
                                    "them first or take the table out of the plan",
                                    planned.query.indicator),
                        {{"indicator", planned.query.indicator}}});
    }
    ATALAYA_TRY(check_open(planned, *table.indicator));
    const bool departs =
        planned.is_protected.has_value() &&
        *planned.is_protected != detail::protected_by_default(planned.query, *table.indicator);
    if (departs && trim(planned.reason).empty()) {
      return fail(Error{ErrorCode::invalid_argument,
                        "observatory.release.plan",
                        fmt::format("{}: protect = {} departs from the default; say why with "
                                    "reason = \"…\"",
                                    planned.query.indicator, *planned.is_protected),
                        {{"line", "1"}, {"key", "protect"}, {"what", planned.query.indicator}}});
    }
  }
  auto all = ATALAYA_TRY(detail::read_submissions(tx));
  out.submissions = detail::current(all, "facts", "");
  auto populations = detail::current(std::move(all), "population", "");
  const auto past = ATALAYA_TRY(past_tables(state, tx));
  compare_released(past, out);
  out.result = ATALAYA_TRY(detail::protect_tables(state, *territories, out.submissions, out.plan,
                                                  past, seed, out.tables));
  out.submissions.insert(out.submissions.end(), populations.begin(), populations.end());
  return out;
}

// Needed, and made, only where something is rounded.
Result<std::uint64_t> seed_for(const Desk::State& state, const detail::ReleasePlan& plan) {
  if (plan.rounding == 0) {
    return std::uint64_t{0};
  }
  return detail::rounding_seed(*state.parts.database);
}

Result<void> insert_release(store::Transaction& tx, const Made& made, std::string_view plan_text,
                            std::string_view by, const std::string& now,
                            const std::vector<detail::WrittenSegment>& segments) {
  const auto& plan = made.plan;
  const auto top =
      ATALAYA_TRY(tx.query_one("SELECT COALESCE(MAX(position), 0) FROM observatory_releases"));
  const bool synthetic = std::ranges::any_of(made.tables, &Table::synthetic);
  json::object decision{
      {"by", plan.decided_by}, {"reason", plan.reason}, {"changes", plan.changes}};
  if (!plan.reasons.empty()) {
    decision["reasons"] = plan.reasons;
  }
  ATALAYA_TRY(tx.execute(
      "INSERT INTO observatory_releases (id, position, name, plan, decision, policy, audit, "
      "submissions, synthetic, published_at, published_by) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, "
      "$9, $10, $11)",
      {plan.id, top.integer(0) + 1, stored_words(plan.name, plan.names), std::string(plan_text),
       json::serialize(decision), json::serialize(made.result.policy),
       json::serialize(made.result.audit),
       json::serialize(submissions_json(made.submissions, made.tables)),
       std::int64_t{synthetic ? 1 : 0}, now, std::string(by)}));
  for (std::size_t i = 0; i < made.tables.size(); ++i) {
    const auto& table = made.tables[i];
    json::array notes;
    for (const auto& note : table.notes) {
      notes.push_back(json::string(note));
    }
    const auto hidden = std::ranges::count(table.cells, CellStatus::suppressed, &Cell::status);
    ATALAYA_TRY(tx.execute(
        "INSERT INTO observatory_release_tables (release, position, indicator, query, notes, "
        "segment, segment_sha256, cells, suppressed) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        {plan.id, static_cast<std::int64_t>(i + 1), table.indicator->id,
         json::serialize(entry_query(table, made.submissions)), json::serialize(notes),
         segments[i].file, segments[i].sha256, static_cast<std::int64_t>(table.cells.size()),
         static_cast<std::int64_t>(hidden)}));
  }
  return {};
}

ledger::Event leaf_of(const Made& made, std::string_view plan_text, std::string_view by,
                      const std::vector<detail::WrittenSegment>& segments) {
  json::array tables;
  for (const auto& segment : segments) {
    tables.push_back(json::string(segment.sha256));
  }
  return {"observatory.release", fmt::format("release/{}", made.plan.id),
          canonical_json(
              json::object{{"name", made.plan.name},
                           {"decided_by", made.plan.decided_by},
                           {"published_by", std::string(by)},
                           {"plan_sha256", to_hex(sha256(plan_text))},
                           {"audit_sha256", to_hex(sha256(canonical_json(made.result.audit)))},
                           {"tables", std::move(tables)},
                           {"submissions", submissions_json(made.submissions, made.tables)}})};
}

void remove_files(const std::filesystem::path& folder,
                  const std::vector<detail::WrittenSegment>& segments) {
  for (const auto& segment : segments) {
    std::error_code error;
    std::filesystem::remove(folder / segment.file, error);
  }
}

// As it would stand in the store.
Release as_planned(const Made& made) {
  Release out;
  out.id = made.plan.id;
  out.policy = made.result.policy;
  out.audit = made.result.audit;
  out.submissions = submissions_json(made.submissions, made.tables);
  for (std::size_t i = 0; i < made.tables.size(); ++i) {
    Release::Entry entry;
    entry.position = static_cast<std::int32_t>(i + 1);
    entry.indicator = made.tables[i].indicator->id;
    entry.query = entry_query(made.tables[i], made.submissions);
    out.tables.push_back(std::move(entry));
  }
  return out;
}

// A list's released total less what an agreement shows of it is what the agreement hides.
Result<void> check_agreements(const Desk& desk, const Made& made) {
  std::set<detail::Told> told;
  for (const auto& table : made.tables) {
    for (const auto& source : detail::sources_of(table, made.submissions)) {
      told.emplace(source, table.indicator->id);
    }
  }
  auto hiding = ATALAYA_TRY(detail::agreements_hiding(desk, told));
  std::erase_if(hiding, [&](const std::string& id) {
    return std::ranges::find(made.plan.agreements_known, id) != made.plan.agreements_known.end();
  });
  if (hiding.empty()) {
    return {};
  }
  const std::string& agreement = hiding.front();
  return fail(Error{
      ErrorCode::conflict,
      "observatory.release.agreement",
      fmt::format("agreement {0} hides counts and was published; figures of a source of its lists "
                  "about the same kind of cases would let readers work them out. Leave these "
                  "tables or sources out of the plan; or, where the hidden counts may become "
                  "known, decide so by name: agreements_known = [\"{0}\"] under [decision], with "
                  "the reason. Before publishing such an agreement, write list_totals_known = true "
                  "under [agreement]",
                  agreement),
      {{"release", made.plan.id}, {"agreement", agreement}}});
}

}  // namespace

Result<ReleasePreview> Desk::preview_release(std::string_view plan) const {
  ReleasePreview out;
  Release planned;
  Made made;
  const auto parsed = ATALAYA_TRY(detail::parse_release_plan(plan));
  const auto seed = ATALAYA_TRY(seed_for(*state_, parsed));
  ATALAYA_TRY(state_->parts.database->read([&](store::Transaction& tx) -> Result<void> {
    made = ATALAYA_TRY(make(*state_, tx, parsed, seed));
    return {};
  }));
  ATALAYA_TRY(check_agreements(*this, made));
  planned = as_planned(made);
  out.safe = made.result.safe;
  out.audit = std::move(made.result.audit);
  out.tables = std::move(made.tables);
  const auto places = ATALAYA_TRY(territories());
  for (auto& table : out.tables) {
    name_rows(*places, table);
  }
  const auto older = ATALAYA_TRY(releases());
  out.changes = ATALAYA_TRY(detail::changes_against(*this, older, planned, &out.tables));
  return out;
}

Result<Release> Desk::publish_release(std::string_view plan, std::string_view by) {
  Made made;
  const auto parsed = ATALAYA_TRY(detail::parse_release_plan(plan));
  const auto seed = ATALAYA_TRY(seed_for(*state_, parsed));
  ATALAYA_TRY(state_->parts.database->read([&](store::Transaction& tx) -> Result<void> {
    made = ATALAYA_TRY(make(*state_, tx, parsed, seed));
    const auto known =
        ATALAYA_TRY(tx.query("SELECT 1 FROM observatory_releases WHERE id = $1", {made.plan.id}));
    if (!known.empty()) {
      return fail(Error{ErrorCode::conflict,
                        "observatory.release.exists",
                        fmt::format("release {} was published already and never changes; choose "
                                    "another id",
                                    made.plan.id),
                        {{"release", made.plan.id}}});
    }
    return {};
  }));
  if (!made.result.safe) {
    const auto leaks = made.result.audit.at("leaks_in_all").as_int64();
    return fail(Error{ErrorCode::conflict,
                      "observatory.release.unsafe",
                      fmt::format("the audit found {} cells that a reader could work out; nothing "
                                  "was published. Look at them with --dry-run, and publish coarser "
                                  "tables or fewer",
                                  leaks),
                      {{"release", made.plan.id}, {"leaks", std::to_string(leaks)}}});
  }
  ATALAYA_TRY(check_agreements(*this, made));
  if (!made.plan.agreements_known.empty()) {
    made.result.audit["agreements_known"] = json::value_from(made.plan.agreements_known);
  }
  made.result.audit["data_quality"] = ATALAYA_TRY(freeze_quality(*this, made.tables));
  std::error_code error;
  std::filesystem::create_directories(state_->parts.folder, error);
  std::vector<detail::WrittenSegment> segments;
  for (const auto& table : made.tables) {
    auto written = detail::write_release_cells(state_->parts.folder, table, made.plan.id);
    if (!written) {
      remove_files(state_->parts.folder, segments);
      return fail(std::move(written).error());
    }
    segments.push_back(*std::move(written));
  }
  const std::string now = to_string(state_->parts.clock->now());
  auto named = state_->parts.database->write([&](store::Transaction& tx) -> Result<void> {
    ATALAYA_TRY(insert_release(tx, made, plan, by, now, segments));
    const ledger::Event leaf = leaf_of(made, plan, by, segments);
    ATALAYA_TRY(state_->parts.ledger->append(tx, {&leaf, 1}));
    return {};
  });
  if (!named) {
    if (named.error().code != ErrorCode::deadline_exceeded) {
      remove_files(state_->parts.folder, segments);
    }
    return fail(std::move(named).error());
  }
  return release(made.plan.id);
}

Result<std::vector<Release>> Desk::releases() const {
  std::vector<Release> out;
  ATALAYA_TRY(state_->parts.database->read([&](store::Transaction& tx) -> Result<void> {
    out = ATALAYA_TRY(read_releases(*state_->parts.indicators, tx));
    return {};
  }));
  return out;
}

Result<Release> Desk::release(std::string_view id) const {
  Release out;
  ATALAYA_TRY(state_->parts.database->read([&](store::Transaction& tx) -> Result<void> {
    const auto rows =
        ATALAYA_TRY(tx.query(std::string(kReleaseColumns) + " WHERE id = $1", {std::string(id)}));
    if (rows.empty()) {
      return no_release(id);
    }
    out = ATALAYA_TRY(release_of(rows[0]));
    return read_entries(*state_->parts.indicators, tx, out);
  }));
  return out;
}

Result<Table> Desk::release_table(std::string_view id, std::int32_t position) const {
  const Release found = ATALAYA_TRY(release(id));
  const auto at = std::ranges::find(found.tables, position, &Release::Entry::position);
  if (at == found.tables.end()) {
    return fail(Error{ErrorCode::not_found,
                      "observatory.release.table",
                      fmt::format("release {} has no table {}", id, position),
                      {{"release", std::string(id)}, {"table", std::to_string(position)}}});
  }
  auto table = ATALAYA_TRY(read_table(*state_, found, *at));
  name_rows(*ATALAYA_TRY(territories()), table);
  return table;
}

}  // namespace atalaya::observatory
