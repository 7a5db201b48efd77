#include <atalaya/observatory/desk.hpp>

#include <algorithm>
#include <iterator>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <atalaya/base/text.hpp>
#include <atalaya/observatory/rows.hpp>

#include "mapping_checks.hpp"
#include "table_parts.hpp"

namespace atalaya::observatory {
namespace {

constexpr std::string_view kSubmissionColumns =
    "SELECT id, source, source_kind, kind, country, title, mapping, mapping_version, phase, "
    "synthetic, files, breaks, months, period_from, period_to, report, segment, segment_sha256, "
    "segment_rows, follows, loaded_at, loaded_by FROM observatory_submissions";

std::unexpected<Error> no_submission(std::int64_t id) {
  return fail(Error{ErrorCode::not_found,
                    "observatory.submission",
                    fmt::format("there is no submission {}", id),
                    {{"submission", std::to_string(id)}}});
}

Result<json::array> array_of(const std::string& text) {
  const auto value = ATALAYA_TRY(parse_json(text, "observatory_submissions"));
  if (!value.is_array()) {
    return fail(ErrorCode::data_loss, "observatory.stored", "a stored list is none");
  }
  return value.as_array();
}

// Submissions of earlier versions name the months of their facts alone. What is missing between two
// of them for less than a year is a gap in the cases, not in what was sent.
std::vector<std::string> without_gaps(const std::vector<std::string>& months) {
  constexpr std::size_t kLong = 12;
  std::vector<std::string> out;
  for (const auto& code : months) {
    std::vector<std::string> between;
    const auto end = parse_period(code);
    auto month = out.empty() ? end : parse_period(out.back());
    while (month && end && month->begin < end->begin && between.size() <= kLong) {
      month = next_period(*month);
      between.push_back(period_code(*month));
    }
    if (!between.empty() && between.size() <= kLong) {
      out.insert(out.end(), between.begin(), between.end());
    } else {
      out.push_back(code);
    }
  }
  return out;
}

double counted(const json::object& report, std::string_view key) {
  const auto* value = report.if_contains(key);
  return value != nullptr && value->is_number() ? value->to_number<double>() : 0;
}

Result<Submission> submission_of(const store::Row& row) {
  Submission s;
  s.id = row.integer(0);
  s.source = row.text(1);
  s.source_kind = row.text(2);
  s.kind = row.text(3);
  s.country = row.text(4);
  auto title = read_words(row.text(5));
  s.title = std::move(title.text);
  s.titles = std::move(title.by_language);
  if (s.title.empty()) {
    s.title = s.source;  // pages name where a figure is from
  }
  s.mapping = row.text(6);
  s.mapping_version = static_cast<std::int32_t>(row.integer(7));
  s.phase = row.text(8);
  s.synthetic = row.integer(9) != 0;
  s.files = ATALAYA_TRY(array_of(row.text(10)));
  s.breaks = ATALAYA_TRY(array_of(row.text(11)));
  const auto months = ATALAYA_TRY(array_of(row.text(12)));
  for (const auto& month : months) {
    s.months.emplace_back(month.as_string());
  }
  s.period_from = row.text(13);
  s.period_to = row.text(14);
  const auto report = ATALAYA_TRY(parse_json(row.text(15), "observatory_submissions"));
  s.report = report.is_object() ? report.as_object() : json::object();
  if (!s.report.contains("covers") && counted(s.report, "rejected") == 0 &&
      counted(s.report, "empty_values") == 0) {
    s.months = without_gaps(s.months);
  }
  s.segment = row.text(16);
  s.segment_sha256 = row.text(17);
  s.segment_rows = row.integer(18);
  s.follows = row.integer_if(19);
  s.loaded_at = row.text(20);
  s.loaded_by = row.text(21);
  return s;
}

}  // namespace

namespace detail {

Result<std::vector<Submission>> read_submissions(store::Transaction& tx) {
  const auto rows = ATALAYA_TRY(tx.query(std::string(kSubmissionColumns) + " ORDER BY id"));
  std::vector<Submission> out;
  for (const auto& row : rows) {
    out.push_back(ATALAYA_TRY(submission_of(row)));
  }
  return out;
}

std::string first_month(std::string_view code) {
  const auto period = parse_period(code);
  return period ? period_code(months_of(*period).front()) : std::string();
}

bool is_replaced(const std::set<std::string>& months, std::string_view code) {
  const auto period = months.empty() ? std::nullopt : parse_period(code);
  return period && std::ranges::any_of(months_of(*period), [&](const Period& month) {
           return months.contains(period_code(month));
         });
}

bool is_after(std::string_view moment, std::string_view as_of) {
  if (as_of.size() <= 10) {
    return !as_of.empty() && moment.substr(0, 10) > as_of;
  }
  const auto at = parse_utc_time(moment);
  const auto then = parse_utc_time(as_of);
  return at && then && *at > *then;
}

namespace {

std::vector<std::string> texts_of(const json::object& report, std::string_view key) {
  std::vector<std::string> out;
  const auto* list = report.if_contains(key);
  if (list != nullptr && list->is_array()) {
    for (const auto& text : list->get_array()) {
      out.emplace_back(text.as_string());
    }
  }
  return out;
}

// What later submissions of a series speak of.
struct Later {
  std::set<std::string> months;                 // any of them
  std::vector<std::vector<std::string>> loads;  // each of them, ascending
};

// Which months of a submission do not count any more.
std::set<std::string> replaced_of(const Submission& submission, const Later& later) {
  std::set<std::string> out;
  const auto take = [&](const std::string& month) {
    if (std::ranges::binary_search(submission.months, month)) {
      out.insert(month);
    }
  };
  for (const auto& month : submission.months) {
    if (later.months.contains(month)) {
      out.insert(month);
    }
  }
  // A figure of a longer period cannot be counted in part: it ends with the first of its months.
  for (const auto& span : texts_of(submission.report, "spans")) {
    if (is_replaced(later.months, span)) {
      for (const Period& month : months_of(*parse_period(span))) {
        take(period_code(month));
      }
    }
  }
  // Who sends all facts again says anew which months without one the source covers.
  const auto with_facts = months_with_facts(submission);
  const bool again = !with_facts.empty() && std::ranges::includes(out, with_facts) &&
                     std::ranges::any_of(later.loads, [&](const auto& months) {
                       return std::ranges::includes(months, with_facts);
                     });
  if (again) {
    out.insert(submission.months.begin(), submission.months.end());
  }
  return out;
}

}  // namespace

std::vector<std::string> months_with_facts(const Submission& submission) {
  std::vector<std::string> out;
  if (submission.report.contains("without_facts")) {
    std::ranges::set_difference(submission.months, texts_of(submission.report, "without_facts"),
                                std::back_inserter(out));
  }
  return out;
}

std::vector<Current> current(std::vector<Submission> all, std::string_view kind,
                             std::string_view as_of) {
  std::vector<Current> out;
  std::map<std::string, Later> later;  // by series
  for (auto at = all.rbegin(); at != all.rend(); ++at) {
    if (at->kind != kind || at->segment.empty() || is_after(at->loaded_at, as_of)) {
      continue;
    }
    auto& own = later[fmt::format("{}\n{}\n{}", at->source, at->mapping, at->country)];
    Current current;
    current.replaced = replaced_of(*at, own);
    own.months.insert(at->months.begin(), at->months.end());
    own.loads.push_back(at->months);
    if (current.replaced.size() < at->months.size()) {
      current.submission = std::move(*at);
      out.push_back(std::move(current));
    }
  }
  std::ranges::reverse(out);
  return out;
}

json::object query_json(const TableQuery& query) {
  json::array by;
  for (const auto& dimension : query.by) {
    by.push_back(json::object{{"dimension", dimension.name}, {"level", dimension.level}});
  }
  json::array where;
  for (const auto& [name, codes] : query.where) {
    json::array list;
    for (const auto& code : codes) {
      list.push_back(json::string(code));
    }
    where.push_back(json::object{{"dimension", name}, {"codes", std::move(list)}});
  }
  json::object out{{"indicator", query.indicator},   {"by", std::move(by)},
                   {"where", std::move(where)},      {"source", query.source},
                   {"population", query.population}, {"as_of", query.as_of},
                   {"rate", rate_text(query.rate)},  {"shares", shares_json(query.shares)}};
  json::array partly;
  for (const auto& one : query.partly_sent) {
    partly.push_back(json::object{{"territory", one.territory},
                                  {"source", one.source},
                                  {"period", one.period},
                                  {"months", one.months}});
  }
  if (!partly.empty()) {
    out["partly_sent"] = std::move(partly);
  }
  return out;
}

Result<TableQuery> query_from_json(const json::object& object) {
  try {
    TableQuery query;
    query.indicator = json::value_to<std::string>(object.at("indicator"));
    for (const auto& entry : object.at("by").as_array()) {
      query.by.push_back({json::value_to<std::string>(entry.at("dimension")),
                          json::value_to<std::string>(entry.at("level"))});
    }
    for (const auto& entry : object.at("where").as_array()) {
      query.where.emplace_back(json::value_to<std::string>(entry.at("dimension")),
                               json::value_to<std::vector<std::string>>(entry.at("codes")));
    }
    query.source = json::value_to<std::string>(object.at("source"));
    query.population = json::value_to<std::string>(object.at("population"));
    query.as_of = json::value_to<std::string>(object.at("as_of"));
    // Releases of earlier versions have neither.
    if (const auto* rate = object.if_contains("rate"); rate != nullptr && rate->is_string()) {
      query.rate = ATALAYA_TRY(parse_rate(rate->get_string()));
    }
    if (const auto* shares = object.if_contains("shares");
        shares != nullptr && shares->is_array()) {
      query.shares = ATALAYA_TRY(shares_from_json(shares->get_array()));
    }
    if (const auto* partly = object.if_contains("partly_sent"); partly != nullptr) {
      for (const auto& one : partly->as_array()) {
        query.partly_sent.push_back({json::value_to<std::string>(one.at("territory")),
                                     json::value_to<std::string>(one.at("source")),
                                     json::value_to<std::string>(one.at("period")),
                                     json::value_to<std::string>(one.at("months"))});
      }
    }
    return query;
  } catch (const std::exception& error) {
    return fail(ErrorCode::data_loss, "observatory.stored", error.what());
  }
}

Result<TableQuery> query_with_sources(const json::object& entry) {
  auto query = ATALAYA_TRY(query_from_json(entry));
  const auto* sources = entry.if_contains("sources");
  const bool is_named =
      !query.source.empty() ||
      std::ranges::find(query.by, "source", &TableDimension::name) != query.by.end();
  if (is_named || sources == nullptr || !sources->is_array()) {
    return query;
  }
  std::set<std::string> names;
  for (const auto& source : sources->get_array()) {
    names.emplace(source.as_string());
  }
  query.source = fmt::format("{}", fmt::join(names, "@"));
  return query;
}

}  // namespace detail

std::string_view to_string(CellStatus status) noexcept {
  switch (status) {
    case CellStatus::normal:
      return "normal";
    case CellStatus::provisional:
      return "provisional";
    case CellStatus::estimated:
      return "estimated";
    case CellStatus::masked:
      return "masked";
    case CellStatus::incomplete:
      return "incomplete";
    case CellStatus::unstable:
      return "unstable";
    case CellStatus::suppressed:
      return "suppressed";
    case CellStatus::no_denominator:
      return "no_denominator";
    case CellStatus::part_of_period:
      return "part_of_period";
  }
  return "normal";
}

Result<std::unique_ptr<Desk>> Desk::open(DeskParts parts) {
  auto state = std::make_unique<State>();
  if (parts.codelists == nullptr) {
    parts.codelists = Codelists::embedded();
  }
  if (parts.indicators == nullptr) {
    parts.indicators = Indicators::embedded();
  }
  if (parts.facts == nullptr) {
    parts.facts = segment_facts(parts.folder);
  }
  state->parts = std::move(parts);
  return std::unique_ptr<Desk>(new Desk(std::move(state)));
}

Desk::Desk(std::unique_ptr<State> state) : state_(std::move(state)) {}

Desk::~Desk() = default;

const Indicators& Desk::indicators() const noexcept {
  return *state_->parts.indicators;
}

const Codelists& Desk::codelists() const noexcept {
  return *state_->parts.codelists;
}

const DeskParts& Desk::parts() const noexcept {
  return state_->parts;
}

Result<std::shared_ptr<const Territories>> Desk::State::read_territories(
    store::Transaction& tx) const {
  const auto count = ATALAYA_TRY(tx.query_one("SELECT COUNT(*) FROM observatory_territories"));
  {
    const std::lock_guard lock(mutex);
    if (territories != nullptr && territories_as_of == count.integer(0)) {
      return territories;
    }
  }
  const auto rows = ATALAYA_TRY(
      tx.query("SELECT code, level, parent, name FROM observatory_territories ORDER BY code"));
  std::vector<LocalTerritory> local;
  for (const auto& row : rows) {
    local.push_back({row.text(0), row.text(1), row.text(2), row.text(3)});
  }
  auto made = std::make_shared<const Territories>(parts.codelists, std::move(local));
  const std::lock_guard lock(mutex);
  territories = made;
  territories_as_of = count.integer(0);
  return made;
}

Result<std::shared_ptr<const Territories>> Desk::territories() const {
  std::shared_ptr<const Territories> out;
  ATALAYA_TRY(state_->parts.database->read([&](store::Transaction& tx) -> Result<void> {
    out = ATALAYA_TRY(state_->read_territories(tx));
    return {};
  }));
  return out;
}

Result<std::vector<Submission>> Desk::submissions() const {
  std::vector<Submission> out;
  ATALAYA_TRY(state_->parts.database->read([&](store::Transaction& tx) -> Result<void> {
    out = ATALAYA_TRY(detail::read_submissions(tx));
    return {};
  }));
  return out;
}

Result<Submission> Desk::submission(std::int64_t id) const {
  Submission out;
  ATALAYA_TRY(state_->parts.database->read([&](store::Transaction& tx) -> Result<void> {
    const auto rows =
        ATALAYA_TRY(tx.query(std::string(kSubmissionColumns) + " WHERE id = $1", {id}));
    if (rows.empty()) {
      return no_submission(id);
    }
    out = ATALAYA_TRY(submission_of(rows[0]));
    return {};
  }));
  return out;
}

Result<std::vector<Finding>> Desk::findings(std::int64_t submission) const {
  std::vector<Finding> out;
  ATALAYA_TRY(state_->parts.database->read([&](store::Transaction& tx) -> Result<void> {
    const auto rows = ATALAYA_TRY(
        tx.query("SELECT severity, file, column_name, value, reason, detail, first_line, rows FROM "
                 "observatory_findings WHERE submission = $1 AND rows > 0 ORDER BY position",
                 {submission}));
    for (const auto& row : rows) {
      Finding f;
      f.severity = row.text(0) == "warning" ? Severity::warning : Severity::rejection;
      f.file = row.text(1);
      f.column = row.text(2);
      f.value = row.text(3);
      f.reason = row.text(4);
      f.detail = row.text(5);
      f.first_line = static_cast<std::uint64_t>(row.integer(6));
      f.rows = static_cast<std::uint64_t>(row.integer(7));
      out.push_back(std::move(f));
    }
    return {};
  }));
  return out;
}

Result<std::vector<Desk::Reject>> Desk::rejects(std::int64_t submission, std::int64_t limit,
                                                std::int64_t offset) const {
  std::vector<Reject> out;
  ATALAYA_TRY(state_->parts.database->read([&](store::Transaction& tx) -> Result<void> {
    const auto rows = ATALAYA_TRY(tx.query(
        "SELECT r.file, f.column_name, f.value, f.reason, f.detail, r.line FROM "
        "observatory_rejects "
        "AS r JOIN observatory_findings AS f ON f.submission = r.submission AND f.position = "
        "r.finding WHERE r.submission = $1 ORDER BY r.position LIMIT $2 OFFSET $3",
        {submission, limit, offset}));
    for (const auto& row : rows) {
      out.push_back({row.text(0), row.text(1), row.text(2), row.text(3), row.text(4),
                     static_cast<std::uint64_t>(row.integer(5))});
    }
    return {};
  }));
  return out;
}

Result<std::string> Desk::mapping_text(std::string_view id, std::int32_t version) const {
  std::string out;
  ATALAYA_TRY(state_->parts.database->read([&](store::Transaction& tx) -> Result<void> {
    const auto rows =
        ATALAYA_TRY(tx.query("SELECT text FROM observatory_mappings WHERE id = $1 AND version = $2",
                             {std::string(id), std::int64_t{version}}));
    if (rows.empty()) {
      return fail(Error{ErrorCode::not_found,
                        "observatory.mapping.none",
                        fmt::format("there is no version {} of mapping {}", version, id),
                        {{"mapping", std::string(id)}, {"version", std::to_string(version)}}});
    }
    out = rows[0].text(0);
    return {};
  }));
  return out;
}

Result<void> Desk::erase(std::int64_t submission, std::string_view reason, std::string_view by) {
  if (trim(reason).empty()) {
    return fail(Error{ErrorCode::invalid_argument,
                      "observatory.erase.reason",
                      "say by which law or decision the facts are destroyed",
                      {}});
  }
  std::string file;
  ATALAYA_TRY(state_->parts.database->write([&](store::Transaction& tx) -> Result<void> {
    const auto rows = ATALAYA_TRY(tx.query(
        "SELECT segment, report FROM observatory_submissions WHERE id = $1", {submission}));
    if (rows.empty()) {
      return no_submission(submission);
    }
    file = rows[0].text(0);
    // Sums over few facts could be worked out again by trying.
    json::value report = ATALAYA_TRY(parse_json(rows[0].text(1), "observatory_submissions"));
    if (report.is_object()) {
      report.as_object().erase("contents");
    }
    ATALAYA_TRY(
        tx.execute("UPDATE observatory_submissions SET segment = '', segment_rows = 0, "
                   "report = $2 WHERE id = $1",
                   {submission, json::serialize(report)}));
    ATALAYA_TRY(tx.execute("DELETE FROM observatory_rejects WHERE submission = $1", {submission}));
    ATALAYA_TRY(tx.execute("DELETE FROM observatory_findings WHERE submission = $1", {submission}));
    const ledger::Event leaf{
        "observatory.erasure", fmt::format("submission/{}", submission),
        canonical_json(json::object{{"reason", std::string(reason)}, {"by", std::string(by)}})};
    ATALAYA_TRY(state_->parts.ledger->append(tx, {&leaf, 1}));
    return {};
  }));
  // Nothing counts the facts any more; check() destroys them later should this fail.
  return file.empty() ? Result<void>() : state_->parts.facts->destroy(file);
}

Result<std::vector<std::string>> Desk::files_in_use() const {
  std::vector<std::string> out;
  ATALAYA_TRY(state_->parts.database->read([&](store::Transaction& tx) -> Result<void> {
    const auto rows = ATALAYA_TRY(
        tx.query("SELECT segment FROM observatory_submissions WHERE segment <> '' UNION ALL SELECT "
                 "segment FROM observatory_release_tables ORDER BY 1"));
    for (const auto& row : rows) {
      out.push_back(row.text(0));
    }
    return {};
  }));
  return out;
}

Result<std::filesystem::path> Desk::facts_file(const std::string& name,
                                               const std::filesystem::path& folder) const {
  std::string sha256;
  ATALAYA_TRY(state_->parts.database->read([&](store::Transaction& tx) -> Result<void> {
    const auto rows = ATALAYA_TRY(
        tx.query("SELECT segment_sha256 FROM observatory_submissions WHERE segment = $1 UNION ALL "
                 "SELECT segment_sha256 FROM observatory_release_tables WHERE segment = $1",
                 {name}));
    sha256 = rows.empty() ? std::string() : rows[0].text(0);
    return {};
  }));
  const auto file = ATALAYA_TRY(state_->parts.facts->segment_file(name, folder));
  const std::string sum = ATALAYA_TRY(detail::file_sha256(file));
  if (sum != sha256) {
    return fail(Error{ErrorCode::data_loss,
                      "observatory.facts.mismatch",
                      fmt::format("facts/{} is not what was written; run: atalaya doctor", name),
                      {{"what", name}}});
  }
  return file;
}

Result<std::int64_t> Desk::move_facts(FactStore::Place to) {
  const auto all = ATALAYA_TRY(submissions());
  std::int64_t moved = 0;
  for (const auto& s : all) {
    if (!s.segment.empty()) {
      const bool is_new = ATALAYA_TRY(state_->parts.facts->move(s.segment, to));
      moved += is_new ? 1 : 0;
    }
  }
  return moved;
}

Result<std::vector<std::string>> Desk::check() const {
  std::map<std::string, std::string> expected;
  ATALAYA_TRY(state_->parts.database->read([&](store::Transaction& tx) -> Result<void> {
    const auto rows = ATALAYA_TRY(
        tx.query("SELECT segment, segment_sha256 FROM observatory_submissions WHERE segment <> '' "
                 "UNION ALL SELECT segment, segment_sha256 FROM observatory_release_tables"));
    for (const auto& row : rows) {
      expected.emplace(row.text(0), row.text(1));
    }
    return {};
  }));
  return state_->parts.facts->check(expected);
}

Result<Table> Desk::table(const TableQuery& query) const {
  const TableQuery plain = in_plain_codes(query);
  ATALAYA_TRY(detail::check_query(*state_, plain));
  if (!query.draft) {
    return detail::released_table(*this, query);
  }
  Table out;
  ATALAYA_TRY(state_->parts.database->read([&](store::Transaction& tx) -> Result<void> {
    out = ATALAYA_TRY(detail::draft_table(*state_, tx, plain));
    const auto territories = ATALAYA_TRY(state_->read_territories(tx));
    name_rows(*territories, out);
    ATALAYA_TRY(keep_rests_asked(*territories, query, out));
    out.query.where = query.where;
    return {};
  }));
  return out;
}

Result<std::vector<TableDimension>> parse_by(std::string_view text) {
  std::vector<TableDimension> out;
  for (const auto part : split(text, ',')) {
    const auto trimmed = trim(part);
    if (trimmed.empty()) {
      continue;
    }
    const auto colon = trimmed.find(':');
    TableDimension dimension;
    dimension.name = std::string(trimmed.substr(0, colon));
    if (colon != std::string_view::npos) {
      dimension.level = std::string(trimmed.substr(colon + 1));
    }
    out.push_back(std::move(dimension));
  }
  return out;
}

Result<std::vector<std::pair<std::string, std::vector<std::string>>>> parse_where(
    std::string_view text) {
  std::vector<std::pair<std::string, std::vector<std::string>>> out;
  for (const auto part : split(text, ',')) {
    const auto trimmed = trim(part);
    if (trimmed.empty()) {
      continue;
    }
    const auto equals = trimmed.find('=');
    if (equals == std::string_view::npos || equals == 0 || equals + 1 == trimmed.size()) {
      return fail(
          Error{ErrorCode::invalid_argument,
                "observatory.query.where",
                fmt::format("\"{}\": write dimension=code, like period=2023 or sex=F|M", trimmed),
                {{"what", std::string(trimmed)}}});
    }
    const std::string name(trim(trimmed.substr(0, equals)));
    auto at = std::ranges::find(out, name, [](const auto& w) { return w.first; });
    if (at == out.end()) {
      out.emplace_back(name, std::vector<std::string>{});
      at = std::prev(out.end());
    }
    for (const auto code : split(trimmed.substr(equals + 1), '|')) {
      at->second.emplace_back(trim(code));
    }
  }
  return out;
}

}  // namespace atalaya::observatory
