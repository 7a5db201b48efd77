// States' reports in the store: the newest version of a record is what counts, and whoever writes
// the next one must have seen it.
#include <atalaya/followup/reports.hpp>

#include <algorithm>
#include <array>
#include <map>
#include <tuple>

#include <fmt/format.h>

#include <atalaya/base/csv.hpp>
#include <atalaya/base/text.hpp>
#include <atalaya/followup/coding.hpp>
#include <atalaya/identity/shown_names.hpp>

#include "checks.hpp"
#include "cube_rules.hpp"
#include "kept_kinds.hpp"
#include "record.hpp"
#include "said_values.hpp"
#include "table_rows.hpp"

namespace atalaya::followup {
namespace {

using detail::invalid;

constexpr std::size_t kSourcesMax = 50;
constexpr std::size_t kWhyMax = 1000;
constexpr std::string_view kNoCopy = "no copy: ";
constexpr std::string_view kColumns =
    "commitment, actor, version, as_of, value, actions, law, programme, budget, text, language, "
    "sources, reported_at, reported_by";

Result<Report> report_from(const store::Row& row) {
  Report out;
  out.commitment = row.text(0);
  out.actor = row.text(1);
  out.version = row.integer(2);
  out.as_of = row.text(3);
  out.value = row.text(4);
  out.actions = row.text(5);
  out.law = row.text(6);
  out.programme = row.text(7);
  out.budget = row.text(8);
  out.text = row.text(9);
  out.language = row.text(10);
  const json::value sources = ATALAYA_TRY(parse_json(row.text(11), "sources"));
  out.sources = ATALAYA_TRY(parse_sources(sources));
  out.reported_at = row.text(12);
  out.reported_by = row.text(13);
  return out;
}

Result<std::vector<Report>> read_reports(store::Transaction& tx, std::string_view where,
                                         store::Parameters parameters) {
  const auto rows = ATALAYA_TRY(tx.query(
      fmt::format("SELECT {} FROM followup_reports {}", kColumns, where), std::move(parameters)));
  const auto names = ATALAYA_TRY(identity::ShownNames::read(tx));
  std::vector<Report> out;
  out.reserve(rows.size());
  for (const auto& row : rows) {
    Report report = ATALAYA_TRY(report_from(row));
    report.reported_by = names.of(report.reported_by);
    out.push_back(std::move(report));
  }
  return out;
}

bool same_words(const Report& a, const Report& b) {
  return a.as_of == b.as_of && a.value == b.value && a.actions == b.actions && a.law == b.law &&
         a.programme == b.programme && a.budget == b.budget && a.text == b.text &&
         a.language == b.language && sources_text(a.sources) == sources_text(b.sources);
}

Result<void> check_writer(const Report& draft, const Writer& writer) {
  if (!writer.may_write_for(draft.actor)) {
    return fail(Error{ErrorCode::permission_denied,
                      "followup.not_yours",
                      "this account is not the focal point of that state",
                      {{"actor", draft.actor.substr(0, 80)}}});
  }
  return {};
}

// `held` is what the draft takes the place of, or null: what says the same was right when it was
// written, and only what is new is judged.
Result<void> check(const Parts& parts, detail::CellRules& rules, const Report& draft,
                   const Writer& writer, const Report* held) {
  ATALAYA_TRY(check_writer(draft, writer));
  const CivilDate day = ATALAYA_TRY(detail::check_day(parts, draft.as_of));
  ATALAYA_TRY(rules.check_counted(draft.commitment, draft.actor, day));
  ATALAYA_TRY(detail::check_text(draft.why, kWhyMax));
  const Scale* scale = parts.reference->find_scale("state_report");
  if (draft.value.empty()) {
    return invalid("value_missing");
  }
  if (scale == nullptr || scale->find(draft.value) == nullptr) {
    return detail::not_on_scale(scale, draft.value);
  }
  if (!parse_language(draft.language)) {
    return invalid("text", draft.language, "the language is none of en, es, pt, fr");
  }
  for (const auto text :
       {&Report::actions, &Report::law, &Report::programme, &Report::budget, &Report::text}) {
    if (held == nullptr || draft.*text != held->*text) {
      ATALAYA_TRY(detail::check_text(draft.*text));
    }
  }
  if (draft.sources.size() > kSourcesMax) {
    return invalid("sources", std::to_string(draft.sources.size()));
  }
  for (const SourceRef& source : draft.sources) {
    const bool same = held != nullptr && std::ranges::any_of(held->sources, [&](const auto& one) {
                        return sources_text({one}) == sources_text({source});
                      });
    if (!same) {
      ATALAYA_TRY(check_source(source));
    }
  }
  return {};
}

// One version more, in a running transaction. `seen` is the newest version its writer saw.
Result<std::int64_t> write_version(const Parts& parts, store::Transaction& tx, const Report& draft,
                                   std::string_view by) {
  const auto held = ATALAYA_TRY(tx.query(
      "SELECT version, value, reported_by FROM followup_reports WHERE commitment = $1 AND actor = "
      "$2 ORDER BY version DESC LIMIT 1",
      {draft.commitment, draft.actor}));
  const std::int64_t newest = held.empty() ? 0 : held.front().integer(0);
  if (newest != draft.version) {
    const auto names = ATALAYA_TRY(identity::ShownNames::read(tx));
    return fail(Error{ErrorCode::conflict,
                      "followup.report.changed",
                      "somebody else wrote this record in the meantime",
                      {{"by", held.empty() ? std::string() : names.of(held.front().text(2))},
                       {"version", std::to_string(newest)}}});
  }
  ATALAYA_TRY(detail::check_named_files(parts, tx, draft.sources, by));
  const std::string now = to_string(parts.clock->now());
  const std::string sources = canonical_json(sources_json(draft.sources));
  ATALAYA_TRY(tx.execute(
      fmt::format("INSERT INTO followup_reports({}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, "
                  "$10, $11, $12, $13, $14)",
                  kColumns),
      {draft.commitment, draft.actor, newest + 1, draft.as_of, draft.value, draft.actions,
       draft.law, draft.programme, draft.budget, draft.text, draft.language, sources, now,
       std::string(by)}));
  const detail::Leaf leaf{"followup.report",
                          fmt::format("report/{}/{}/{}", draft.commitment, draft.actor, newest + 1),
                          {{"as_of", draft.as_of},
                           {"value", draft.value},
                           {"actions", draft.actions},
                           {"law", draft.law},
                           {"programme", draft.programme},
                           {"budget", draft.budget},
                           {"text", draft.text},
                           {"language", draft.language},
                           {"sources", sources_json(draft.sources)},
                           {"why", draft.why},
                           {"by", by}}};
  detail::Change change;
  change.kind = "report";
  change.commitment = draft.commitment;
  change.actor = draft.actor;
  change.before = held.empty() ? std::string(kNotReported) : held.front().text(1);
  change.after = draft.value;
  change.why = draft.as_of;  // which day's word it is, then why it was written anew
  if (!trim(draft.why).empty()) {
    change.why += fmt::format(" {}", trim(draft.why));
  }
  change.by = by;
  ATALAYA_TRY(detail::record(parts, tx, leaf, {change}));
  return newest + 1;
}

constexpr std::string_view kCsvColumns[] = {"commitment", "actor",   "version",  "as_of",
                                            "value",      "actions", "law",      "programme",
                                            "budget",     "text",    "language", "sources"};

bool same_cell(const Report& a, const Report& b) {
  return a.commitment == b.commitment && a.actor == b.actor;
}

// What cells show: of a record's versions, oldest first, the last one of the latest day.
std::vector<Report> standing_of(const std::vector<Report>& history) {
  std::vector<Report> out;
  for (const Report& report : history) {
    if (out.empty() || !same_cell(out.back(), report)) {
      out.push_back(report);
    } else if (out.back().as_of <= report.as_of) {
      out.back() = report;
    }
  }
  return out;
}

// What rows of a file are compared with: what is held of their own day or, where nothing is, what
// stands. So the same file twice changes nothing, whichever days it speaks of.
class HeldReports {
 public:
  explicit HeldReports(const std::vector<Report>& history) {
    for (const Report& report : history) {
      of_day_[{report.commitment, report.actor, report.as_of}] = report;
    }
    for (Report& report : standing_of(history)) {
      std::array<std::string, 2> cell{report.commitment, report.actor};
      standing_.emplace(std::move(cell), std::move(report));
    }
  }

  // Null where nothing is held of the cell.
  [[nodiscard]] const Report* find(const Report& row) const {
    const auto of_day = of_day_.find({row.commitment, row.actor, row.as_of});
    if (of_day != of_day_.end()) {
      return &of_day->second;
    }
    const auto standing = standing_.find({row.commitment, row.actor});
    return standing == standing_.end() ? nullptr : &standing->second;
  }

 private:
  std::map<std::array<std::string, 3>, Report> of_day_;
  std::map<std::array<std::string, 2>, Report> standing_;
};

Error at_line(Error error, std::string_view file, std::uint64_t line) {
  return std::move(error).with("file", file).with("line", std::to_string(line));
}

// What comes back of a report that went through a file: cells lose the blanks around them.
Report as_read(Report report) {
  for (const auto text :
       {&Report::actions, &Report::law, &Report::programme, &Report::budget, &Report::text}) {
    report.*text = std::string(trim(report.*text));
  }
  report.sources = read_sources_text(sources_text(report.sources));
  return report;
}

Result<Report> row_report(const detail::TableRows& table, std::size_t row) {
  const auto text = [&](std::string_view name) { return table.text(row, table.column(name)); };
  Report out;
  out.commitment = text("commitment");
  out.actor = text("actor");
  const std::string version = text("version");
  for (const char digit : version) {
    if (digit < '0' || digit > '9' || version.size() > 9) {
      return invalid("version", version);
    }
    out.version = 10 * out.version + (digit - '0');
  }
  out.as_of = text("as_of");
  out.value = text("value");
  out.actions = text("actions");
  out.law = text("law");
  out.programme = text("programme");
  out.budget = text("budget");
  out.text = text("text");
  out.language = text("language").empty() ? "en" : text("language");
  out.why = text("why");
  out.sources = read_sources_text(text("sources"));
  return out;
}

// Whether something that everybody may read names this file: not an entry that was taken back. The
// hash is one that is held, so nobody makes the store look for made-up ones.
Result<bool> is_public(store::Transaction& tx, const std::string& hash) {
  for (const char* sql :
       {"SELECT 1 FROM followup_data_entries WHERE file = $1 AND superseded_at IS NULL LIMIT 1",
        "SELECT 1 FROM followup_reports WHERE sources LIKE '%' || $1 || '%' LIMIT 1"}) {
    const auto rows = ATALAYA_TRY(tx.query(sql, {hash}));
    if (!rows.empty()) {
      return true;
    }
  }
  return false;
}

Result<bool> sent_by(store::Transaction& tx, const std::string& hash, std::string_view name) {
  if (name.empty()) {
    return false;
  }
  const auto rows = ATALAYA_TRY(
      tx.query("SELECT 1 FROM followup_files WHERE sha256 = $1 AND added_by = $2 UNION ALL SELECT 1 "
               "FROM followup_file_senders WHERE sha256 = $1 AND sender = $2",
               {hash, std::string(name)}));
  return !rows.empty();
}

// The leaf's subject is public for ever. The file's own hash there would tell whoever holds the file
// that it was handed in, long before anybody may know; the hash stands in the payload.
std::string fresh_name() {
  std::array<std::uint8_t, 16> bytes{};
  crypto::random_bytes(bytes);
  return to_hex(bytes);
}

}  // namespace

bool Writer::may_write_for(std::string_view actor) const {
  return everywhere || std::ranges::find(countries, actor) != countries.end();
}

json::array sources_json(const std::vector<SourceRef>& sources) {
  json::array out;
  for (const SourceRef& source : sources) {
    out.push_back(
        json::object{{"title", source.title}, {"url", source.url}, {"file", source.file}});
    if (!source.no_copy.empty()) {
      out.back().get_object()["no_copy"] = source.no_copy;
    }
  }
  return out;
}

Result<std::vector<SourceRef>> parse_sources(const json::value& value) {
  std::vector<SourceRef> out;
  if (!value.is_array() || value.get_array().size() > kSourcesMax) {
    return invalid("sources");
  }
  for (const json::value& entry : value.get_array()) {
    if (!entry.is_object()) {
      return invalid("sources");
    }
    SourceRef source;
    const std::pair<std::string_view, std::string*> fields[] = {
        {"title", &source.title},
        {"url", &source.url},
        {"file", &source.file},
        {"no_copy", &source.no_copy}};
    for (const auto& [name, field] : fields) {
      const auto* text = entry.get_object().if_contains(name);
      if (text != nullptr && text->is_string()) {
        *field = std::string(text->get_string());
        ATALAYA_TRY(detail::check_size(*field, detail::kFieldCharactersMax));
      }
    }
    out.push_back(std::move(source));
  }
  return out;
}

std::string sources_text(const std::vector<SourceRef>& sources) {
  std::string out;
  for (const SourceRef& source : sources) {
    out += out.empty() ? "" : "\n";
    out += source.title;
    if (!source.url.empty()) {
      out += fmt::format("{}<{}>", source.title.empty() ? "" : " ", source.url);
    }
    if (!source.file.empty()) {
      out += fmt::format(" [{}]", source.file);
    } else if (!source.no_copy.empty()) {
      out += fmt::format(" [{}{}]", kNoCopy, source.no_copy);
    }
  }
  return out;
}

Result<void> check_source(const SourceRef& source) {
  ATALAYA_TRY(detail::check_text(source.title));
  ATALAYA_TRY(detail::check_text(source.no_copy, 1000));
  if (source.no_copy.find_first_of("[]\r\n") != std::string::npos) {
    return invalid("sources", source.no_copy);
  }
  ATALAYA_TRY(detail::check_text(source.url));
  ATALAYA_TRY(detail::check_no_login(source.url));
  const bool address = source.url.empty() || detail::opens(source.url);
  const bool hash = source.file.empty() || (source.file.size() == 64 && from_hex(source.file));
  if (!address || !hash) {
    return invalid("sources", address ? source.file : source.url);
  }
  return {};
}

std::vector<SourceRef> read_sources_text(std::string_view text) {
  std::vector<SourceRef> out;
  for (std::string_view line : split(text, '\n')) {
    line = trim(line);
    if (line.empty()) {
      continue;
    }
    SourceRef source;
    if (line.ends_with(']') && line.rfind('[') != std::string_view::npos) {
      const std::size_t begin = line.rfind('[');
      const std::string_view inside = line.substr(begin + 1, line.size() - begin - 2);
      const bool reason = inside.starts_with(kNoCopy);
      (reason ? source.no_copy : source.file) =
          reason ? trim(inside.substr(kNoCopy.size())) : inside;
      line = trim(line.substr(0, begin));
    }
    if (line.ends_with('>') && line.rfind('<') != std::string_view::npos) {
      const std::size_t begin = line.rfind('<');
      source.url = detail::without_blanks(trim(line.substr(begin + 1, line.size() - begin - 2)));
      line = trim(line.substr(0, begin));
    } else if (detail::names_web(line)) {
      source.url = line;
      line = {};
    }
    source.title = line;
    out.push_back(std::move(source));
  }
  return out;
}

Result<std::vector<SourceRef>> parse_sources_text(std::string_view text) {
  ATALAYA_TRY(detail::check_text(text));
  auto out = read_sources_text(text);
  if (out.size() > kSourcesMax) {
    return invalid("sources", std::to_string(out.size()));
  }
  for (const SourceRef& source : out) {
    ATALAYA_TRY(check_source(source));
  }
  return out;
}

std::vector<std::array<std::string, 3>> differences(const Report& held, const Report& now) {
  std::vector<std::array<std::string, 3>> out;
  const std::string sources[] = {sources_text(held.sources), sources_text(now.sources)};
  const std::tuple<const char*, const std::string*, const std::string*> fields[] = {
      {"as_of", &held.as_of, &now.as_of},
      {"value", &held.value, &now.value},
      {"actions", &held.actions, &now.actions},
      {"law", &held.law, &now.law},
      {"programme", &held.programme, &now.programme},
      {"budget", &held.budget, &now.budget},
      {"text", &held.text, &now.text},
      {"language", &held.language, &now.language},
      {"sources", &sources[0], &sources[1]}};
  for (const auto& [name, before, after] : fields) {
    if (*before != *after) {
      out.push_back({name, *before, *after});
    }
  }
  return out;
}

std::int64_t ReportImportPlan::count(ReportChange change) const {
  return std::ranges::count(rows, change, &ReportImportRow::change);
}

Result<std::vector<Report>> Reports::versions(std::string_view commitment,
                                              std::string_view actor) const {
  std::vector<Report> out;
  ATALAYA_TRY(parts_.database->read([&](store::Transaction& tx) -> Result<void> {
    out = ATALAYA_TRY(read_reports(tx, "WHERE commitment = $1 AND actor = $2 ORDER BY version DESC",
                                   {std::string(commitment), std::string(actor)}));
    return {};
  }));
  return out;
}

Result<std::vector<Report>> Reports::standing(std::string_view actor) const {
  const auto versions = ATALAYA_TRY(history({}, actor));
  return standing_of(versions);
}

Result<std::vector<Report>> Reports::history(std::string_view commitment,
                                             std::string_view actor) const {
  std::vector<Report> out;
  ATALAYA_TRY(parts_.database->read([&](store::Transaction& tx) -> Result<void> {
    std::string where;
    store::Parameters parameters;
    for (const auto& [column, value] : {std::pair("commitment", commitment), {"actor", actor}}) {
      if (!value.empty()) {
        parameters.emplace_back(std::string(value));
        where += fmt::format("{} {} = ${} ", parameters.size() == 1 ? "WHERE" : "AND", column,
                             parameters.size());
      }
    }
    out = ATALAYA_TRY(
        read_reports(tx, where + "ORDER BY commitment, actor, version", std::move(parameters)));
    for (std::size_t i = out.size(); i-- > 0;) {
      const bool last = i + 1 == out.size() || !same_cell(out[i], out[i + 1]);
      out[i].newest = last ? out[i].version : out[i + 1].newest;
    }
    return {};
  }));
  return out;
}

Result<void> Reports::check_asked(std::string_view commitment, std::string_view actor) const {
  auto rules = ATALAYA_TRY(detail::CellRules::load(parts_));
  return rules.check_counted(commitment, actor, parts_.today());
}

Result<std::int64_t> Reports::submit(const Report& draft, const Writer& writer) const {
  auto rules = ATALAYA_TRY(detail::CellRules::load(parts_));
  ATALAYA_TRY(check_writer(draft, writer));
  const auto before = ATALAYA_TRY(versions(draft.commitment, draft.actor));
  const auto held = before.empty() ? std::nullopt : std::optional(as_read(before.front()));
  ATALAYA_TRY(check(parts_, rules, draft, writer, held ? &*held : nullptr));
  // What is held of its day already is no news, by whichever way it comes.
  const auto of_day = std::ranges::find(before, draft.as_of, &Report::as_of);
  if (of_day != before.end() && same_words(as_read(*of_day), as_read(draft))) {
    return before.front().version;
  }
  std::int64_t version = 0;
  ATALAYA_TRY(parts_.database->write([&](store::Transaction& tx) -> Result<void> {
    version = ATALAYA_TRY(write_version(parts_, tx, draft, writer.name));
    return {};
  }));
  ATALAYA_TRY(detail::noticed(parts_));
  return version;
}

Result<std::string> Reports::csv(std::string_view actor) const {
  const auto reports = ATALAYA_TRY(standing(actor));
  return csv(reports);
}

std::string Reports::csv(const std::vector<Report>& reports) {
  std::string out;
  for (const std::string_view column : kCsvColumns) {
    out += fmt::format("{}{}", out.empty() ? "" : ",", column);
  }
  out += "\r\n";
  for (const Report& report : reports) {
    const std::string version = std::to_string(report.newest);
    const std::string sources = sources_text(report.sources);
    std::string line;
    for (const std::string* field : {&report.commitment, &report.actor, &version, &report.as_of,
                                     &report.value, &report.actions, &report.law, &report.programme,
                                     &report.budget, &report.text, &report.language, &sources}) {
      line += (line.empty() ? "" : ",") + csv_field(*field);
    }
    out += line + "\r\n";
  }
  return out;
}

Result<ReportImportPlan> Reports::plan_csv(std::string_view bytes, std::string_view file_name,
                                           const Writer& writer) const {
  const auto table = ATALAYA_TRY(detail::TableRows::read(bytes, file_name));
  for (const std::string_view column : {"commitment", "actor", "as_of", "value"}) {
    if (table.column(column) < 0) {
      return fail(at_line(invalid("columns", column).error(), file_name, 1));
    }
  }
  std::vector<std::string_view> known(std::begin(kCsvColumns), std::end(kCsvColumns));
  known.push_back("why");
  ATALAYA_TRY(detail::check_columns(table, file_name, known));
  ReportImportPlan plan;
  plan.file_name = file_name;
  plan.sha256 = to_hex(sha256(bytes));
  auto rules = ATALAYA_TRY(detail::CellRules::load(parts_));
  const Scale* scale = parts_.reference->find_scale("state_report");
  const auto versions = ATALAYA_TRY(history({}, {}));
  const HeldReports held(versions);
  std::map<std::pair<std::string, std::string>, std::uint64_t> seen;
  for (std::size_t i = 0; i < table.size(); ++i) {
    const std::uint64_t line = table.line(i);
    auto report = row_report(table, i);
    if (!report) {
      return fail(at_line(std::move(report).error(), file_name, line));
    }
    if (scale != nullptr) {
      report->value = detail::meant(report->value, detail::choices_of(*scale));
    }
    const auto [twice, fresh] = seen.try_emplace({report->commitment, report->actor}, line);
    if (!fresh) {
      return fail(
          at_line(invalid("twice", std::to_string(twice->second)).error(), file_name, line));
    }
    const Report* before = held.find(*report);
    // A row that says what is held was right when it was written, whatever was recorded since of
    // who takes part and however strict the rules became.
    const auto now = before == nullptr ? std::nullopt : std::optional(as_read(*before));
    const bool same = now && same_words(*report, *now);
    const auto checked = same ? check_writer(*report, writer)
                              : check(parts_, rules, *report, writer, now ? &*now : nullptr);
    if (!checked) {
      return fail(at_line(checked.error(), file_name, line));
    }
    ReportImportRow row{line, ReportChange::added, *std::move(report), {}, {}};
    if (before != nullptr) {
      row.before = before->value;
      row.held = *now;
      row.change = same ? ReportChange::unchanged : ReportChange::changed;
      if (row.change == ReportChange::changed && table.text(i, table.column("version")).empty()) {
        return fail(at_line(Error{ErrorCode::invalid_argument,
                                  "followup.report.version_missing",
                                  "the row does not say which version it was made from",
                                  {{"version", std::to_string(before->newest)},
                                   {"actor", row.report.actor}}},
                            file_name, line));
      }
      if (row.change == ReportChange::changed && row.report.version != before->newest) {
        return fail(at_line(Error{ErrorCode::conflict,
                                  "followup.report.changed",
                                  "the record was written after this file was exported",
                                  {{"by", before->reported_by},
                                   {"version", std::to_string(before->newest)}}},
                            file_name, line));
      }
      row.report.version = before->newest;
    } else {
      row.report.version = 0;
    }
    plan.rows.push_back(std::move(row));
  }
  return plan;
}

Result<void> Reports::apply(const ReportImportPlan& plan, const Writer& writer,
                            bool accept_changes) const {
  if (plan.count(ReportChange::unchanged) == std::ssize(plan.rows)) {
    return {};
  }
  if (plan.count(ReportChange::changed) > 0 && !accept_changes) {
    return fail(Error{
        ErrorCode::conflict,
        "followup.reports.changes",
        "records that are held would change; nothing was changed",
        {{"file", plan.file_name}, {"n", std::to_string(plan.count(ReportChange::changed))}}});
  }
  ATALAYA_TRY(parts_.database->write([&](store::Transaction& tx) -> Result<void> {
    for (const ReportImportRow& row : plan.rows) {
      if (row.change == ReportChange::unchanged) {
        continue;
      }
      const auto written = write_version(parts_, tx, row.report, writer.name);
      if (!written) {
        return fail(at_line(written.error(), plan.file_name, row.line));
      }
    }
    return {};
  }));
  return detail::noticed(parts_);
}

Result<std::string> Reports::keep_file(std::string_view name, std::string_view media_type,
                                       std::string_view url, std::string_view bytes,
                                       std::string_view by) const {
  if (bytes.empty() || bytes.size() > kKeptFileBytesMax) {
    return invalid("file.size", std::to_string(bytes.size()), "1 byte to 5 MiB");
  }
  ATALAYA_TRY(detail::check_text(name, 300));
  ATALAYA_TRY(detail::check_text(url, 2000));
  const std::string kind = detail::kept_kind(name, bytes);
  if (kind.empty()) {
    return invalid("file.kind", name);
  }
  const std::string kept_as = detail::kept_name(name, kind);
  const std::string hash = to_hex(sha256(bytes));
  ATALAYA_TRY(parts_.database->write([&](store::Transaction& tx) -> Result<void> {
    const auto held =
        ATALAYA_TRY(tx.query("SELECT 1 FROM followup_files WHERE sha256 = $1", {hash}));
    if (!held.empty()) {
      const bool known = ATALAYA_TRY(sent_by(tx, hash, by));
      if (!known) {
        ATALAYA_TRY(tx.execute(
            "INSERT INTO followup_file_senders(sha256, sender, sent_at) VALUES ($1, $2, $3)",
            {hash, std::string(by), to_string(parts_.clock->now())}));
      }
      return {};
    }
    ATALAYA_TRY(tx.execute(
        "INSERT INTO followup_files(sha256, name, media_type, url, size, bytes, added_at, "
        "added_by) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        {hash, kept_as, std::string(media_type.substr(0, 100)), std::string(url),
         static_cast<std::int64_t>(bytes.size()), store::Blob(bytes.begin(), bytes.end()),
         to_string(parts_.clock->now()), std::string(by)}));
    return detail::record(parts_, tx,
                          {"followup.file",
                           fmt::format("file/{}", fresh_name()),
                           {{"sha256", hash}, {"name", kept_as}, {"url", url}, {"by", by}}},
                          {});
  }));
  return hash;
}

Result<Reports::KeptFile> Reports::file(std::string_view hash, const Viewer& reader) const {
  KeptFile out;
  ATALAYA_TRY(parts_.database->read([&](store::Transaction& tx) -> Result<void> {
    const auto rows = ATALAYA_TRY(
        tx.query("SELECT name, media_type, url, added_at, bytes FROM followup_files WHERE sha256 = $1",
                 {std::string(hash)}));
    if (rows.empty()) {
      return detail::missing("file", hash);
    }
    const bool own = ATALAYA_TRY(sent_by(tx, std::string(hash), reader.name));
    if (!own) {
      const bool open = ATALAYA_TRY(is_public(tx, std::string(hash)));
      const bool coded = ATALAYA_TRY(CodingDesk(parts_).shows_file(tx, hash, reader));
      if (!open && !coded) {
        return detail::missing("file", hash);
      }
    }
    const store::Blob& bytes = rows.front().blob(4);
    out = {rows.front().text(0), rows.front().text(1), rows.front().text(2), rows.front().text(3),
           std::string(bytes.begin(), bytes.end())};
    return {};
  }));
  return out;
}

}  // namespace atalaya::followup

namespace atalaya::followup::detail {

Result<void> check_named_files(const Parts& parts, store::Transaction& tx,
                               const std::vector<SourceRef>& sources, std::string_view by) {
  for (const SourceRef& source : sources) {
    if (source.file.empty()) {
      continue;
    }
    const bool own = ATALAYA_TRY(sent_by(tx, source.file, by));
    const bool open = ATALAYA_TRY(is_public(tx, source.file));
    const bool coded = ATALAYA_TRY(CodingDesk(parts).shows_file(tx, source.file, {}));
    if (!own && !open && !coded) {
      return invalid("file_unknown", source.file.substr(0, 16));
    }
  }
  return {};
}

}  // namespace atalaya::followup::detail
