// Tables of the follow-up as CSV, and all of them in one package.
#include <atalaya/followup/tables.hpp>

#include <fmt/format.h>

#include <atalaya/base/csv.hpp>
#include <atalaya/base/embedded.hpp>
#include <atalaya/base/json.hpp>
#include <atalaya/files/write.hpp>
#include <atalaya/followup/checklists.hpp>
#include <atalaya/followup/coding.hpp>
#include <atalaya/followup/data_sources.hpp>
#include <atalaya/followup/participation.hpp>
#include <atalaya/followup/reference.hpp>
#include <atalaya/followup/registers.hpp>
#include <atalaya/followup/reports.hpp>
#include <atalaya/followup/rounds.hpp>
#include <atalaya/followup/treaties.hpp>

ATALAYA_EMBEDDED(followup_catalogue);

namespace atalaya::followup {
namespace {

constexpr std::int64_t kChangesMax = 100'000;

std::string line_of(std::initializer_list<std::string_view> fields) {
  std::string out;
  bool first = true;
  for (const std::string_view field : fields) {
    out += (first ? "" : ",") + csv_field(field);
    first = false;
  }
  return out + "\r\n";
}

std::string day_or_nothing(const std::optional<CivilDate>& day) {
  return day ? to_string(*day) : std::string();
}

std::string changes_csv(const std::vector<ChangeView>& changes) {
  std::string out = "position,leaf,at,by,kind,commitment,actor,instrument,before,after,why\r\n";
  for (const ChangeView& one : changes) {
    out +=
        line_of({std::to_string(one.position), std::to_string(one.leaf), one.at, one.by, one.kind,
                 one.commitment, one.actor, one.instrument, one.before, one.after, one.why});
  }
  return out;
}

std::string alternatives_csv(const std::vector<AlternativeReport>& reports) {
  std::string out =
      "node,id,kind,commitment,actor,as_of,language,title,text,sources,name,organisation,"
      "attribution,redacted,published_on\r\n";
  for (const AlternativeReport& one : reports) {
    out +=
        line_of({one.node, std::to_string(one.id), one.kind, one.commitment, one.actor, one.as_of,
                 one.language, one.title, one.text, sources_text(one.sources), one.name,
                 one.organisation, one.attribution, one.redacted ? "yes" : "no", one.published_on});
  }
  return out;
}

std::string assessments_csv(const std::vector<Coding>& codings) {
  std::string out =
      "node,coding,commitment,actor,scale,as_of,window_from,window_to,criteria_version,criteria,"
      "value,dissent,decided_by,decision,reply,reply_language,published_at,published_by\r\n";
  for (const Coding& one : codings) {
    out +=
        line_of({one.node, std::to_string(one.number), one.commitment, one.actor, one.scale,
                 one.as_of, one.window_from, one.window_to, std::to_string(one.criteria.version),
                 one.criteria.text, one.value, one.dissent ? "yes" : "no", one.decided_by,
                 one.decision, one.reply, one.reply_language, one.published_at, one.published_by});
  }
  return out;
}

std::string codes_csv(const std::vector<Coding>& codings) {
  std::string out =
      "node,coding,commitment,actor,scale,as_of,coder,value,reasons,provision,sources,interest,"
      "submitted_at\r\n";
  for (const Coding& coding : codings) {
    for (const Code& one : coding.codes) {
      out += line_of({coding.node, std::to_string(coding.number), coding.commitment, coding.actor,
                      coding.scale, coding.as_of, one.coder, one.value, one.reasons, one.provision,
                      sources_text(one.sources), one.interest, one.submitted_at});
    }
  }
  return out;
}

std::string participations_csv(const std::vector<Participation>& rows) {
  std::string out = "document,actor,kind,date,source,read_on,note,added_at,added_by\r\n";
  for (const Participation& one : rows) {
    out += line_of({one.document, one.actor, one.kind, one.date, one.source, one.read_on, one.note,
                    one.added_at, one.added_by});
  }
  return out;
}

std::string entries_csv(const std::vector<DataEntry>& entries) {
  std::string out =
      "id,commitment,actor,kind,date,title,url,file,source,read_on,note,added_at,added_by\r\n";
  for (const DataEntry& one : entries) {
    out +=
        line_of({std::to_string(one.id), one.commitment, one.actor, one.kind, one.date, one.title,
                 one.url, one.file, one.source, one.read_on, one.note, one.added_at, one.added_by});
  }
  return out;
}

std::string links_csv(const std::vector<IndicatorLink>& links) {
  std::string out = "id,commitment,indicator,kind,reason,name,added_at,added_by\r\n";
  for (const IndicatorLink& one : links) {
    out += line_of({std::to_string(one.id), one.commitment, one.indicator, one.kind, one.reason,
                    one.name, one.added_at, one.added_by});
  }
  return out;
}

// "results: worsened (2026-06-30; Node); fatf: PC (2025-12-31)".
std::string other_scales_text(const Cell& cell) {
  std::string out;
  for (const OtherAssessment& one : cell.other_scales) {
    out += fmt::format("{}{}: {} ({}{}{})", out.empty() ? "" : "; ", one.scale, one.value,
                       one.as_of, one.node.empty() ? "" : "; ", one.node);
  }
  return out;
}

struct Described {
  std::string name, title, csv;
  std::map<std::string, std::string, std::less<>> columns;  // meaning by name
};

// What the columns of the fixed tables mean: data, in the four languages.
std::map<std::string, std::string, std::less<>> meanings(std::string_view table,
                                                         Language language) {
  std::map<std::string, std::string, std::less<>> out;
  for (const EmbeddedFile& file : atalaya::embedded::followup_catalogue_all()) {
    if (file.path != "dictionary.json") {
      continue;
    }
    const auto value = parse_json(file.bytes, file.path);
    ATALAYA_CHECK(value.has_value() && value->is_object());
    for (const std::string_view part : {std::string_view("*"), table}) {
      if (const auto* columns = value->get_object().if_contains(part)) {
        for (const auto& column : columns->as_object()) {
          out[column.key()] = column.value().as_object().at(to_string(language)).as_string();
        }
      }
    }
  }
  return out;
}

std::vector<std::string> header_of(std::string_view csv) {
  std::vector<std::string> out;
  for (const std::string_view name : split(csv.substr(0, csv.find_first_of("\r\n")), ',')) {
    out.emplace_back(name);
  }
  return out;
}

// Of all rounds, what anybody may see.
Result<std::string> published_answers(const Parts& parts) {
  const Rounds rounds(parts);
  const auto all = ATALAYA_TRY(rounds.list());
  std::string out = "round,country,question,version,value,remark,sources,language\r\n";
  for (const Round& round : all) {
    const std::string csv = ATALAYA_TRY(rounds.csv(round, "", {}));
    out += csv.substr(csv.find('\n') + 1);
  }
  return out;
}

// What the three layers rest on. Of assessments what is published, as a reader sees it.
Result<std::vector<std::pair<std::string, std::string>>> layer_tables(const Parts& parts) {
  const auto codings = ATALAYA_TRY(CodingDesk(parts).list({}, {}, {}));
  const auto participations = ATALAYA_TRY(Cube(parts).participations({}, {}));
  const auto entries = ATALAYA_TRY(DataSources(parts).entries());
  const auto links = ATALAYA_TRY(DataSources(parts).links({}));
  return std::vector<std::pair<std::string, std::string>>{
      {"assessments", assessments_csv(codings)},
      {"assessment-codes", codes_csv(codings)},
      {"participations", participations_csv(participations)},
      {"data-entries", entries_csv(entries)},
      {"indicator-links", links_csv(links)}};
}

Result<std::vector<Described>> tables_of(const Parts& parts, Language language) {
  std::vector<Described> out;
  const auto add = [&](std::string_view name, std::string csv) {
    out.push_back({std::string(name), std::string(name), std::move(csv), meanings(name, language)});
  };
  std::string cells = ATALAYA_TRY(all_cells_csv(parts));
  add("cells", std::move(cells));
  std::string reports = ATALAYA_TRY(Reports(parts).csv(""));
  add("state-reports", std::move(reports));
  auto layers = ATALAYA_TRY(layer_tables(parts));
  for (auto& [name, csv] : layers) {
    add(name, std::move(csv));
  }
  std::string acts = ATALAYA_TRY(Treaties(parts).csv());
  add("treaty-events", std::move(acts));
  const auto dates = ATALAYA_TRY(
      Deadlines(parts).list({.as_of = parts.today(), .language = language, .actor = {}}));
  add("deadlines", deadlines_csv(dates));
  CalendarQuery owed;
  owed.as_of = parts.today();
  owed.from = {owed.as_of.year - 1, 1, 1};
  owed.to = {owed.as_of.year + 1, 12, 31};
  const auto calendar = ATALAYA_TRY(ReportCalendar(parts).calendar(owed));
  add("report-calendar", calendar_csv(calendar, language));
  const auto alternatives = ATALAYA_TRY(Submissions(parts).published({}, {}));
  add("alternative-reports", alternatives_csv(alternatives));
  std::string marks = ATALAYA_TRY(Checklists(parts).csv(""));
  add("checklist-marks", std::move(marks));
  std::string answers = ATALAYA_TRY(published_answers(parts));
  add("round-answers", std::move(answers));
  ChangeQuery changes;
  changes.limit = kChangesMax;
  const auto history = ATALAYA_TRY(Cube(parts).changes(changes));
  add("changes", changes_csv(history));
  for (const RegisterKind& kind : Registers::kinds()) {
    Described table{kind.id, kind.label.in(language), {}, meanings("registers", language)};
    table.csv = ATALAYA_TRY(Registers(parts).csv(kind.id));
    for (const RegisterField& field : kind.fields) {
      table.columns[field.id] = field.label.in(language);
    }
    out.push_back(std::move(table));
  }
  return out;
}

}  // namespace

std::string deadlines_csv(const std::vector<Deadline>& dates) {
  std::string out =
      "id,commitment,title,document,due,first,latest,printed,kind,state,outcome,date,new_due,"
      "successor,source,url,read_on,set_by,said_by\r\n";
  for (const Deadline& date : dates) {
    const DeadlineOutcome outcome = date.outcome.value_or(DeadlineOutcome());
    out += line_of({date.id, date.commitment, date.title, date.document, date.edtf,
                    day_or_nothing(date.days.first), day_or_nothing(date.days.last), date.printed,
                    date.kind, to_string(date.state), outcome.outcome, outcome.date,
                    outcome.new_due, outcome.successor, outcome.source, outcome.url,
                    outcome.read_on, date.set_by, date.said_by_state() ? "state" : ""});
  }
  return out;
}

std::string calendar_csv(const Calendar& calendar, Language language) {
  std::string out = "due,duty,title,instrument,country,period,state,received,access,said_by\r\n";
  for (const OwedReport& one : calendar.owed) {
    const ReportDuty* duty = calendar.find(one.duty);
    out += line_of({to_string(one.due), one.duty, duty->title.in(language), duty->instrument,
                    one.country, one.period, to_string(one.state), one.received, one.access,
                    one.said_by_state ? "state" : ""});
  }
  return out;
}

std::string cells_csv(const Matrix& matrix, const Scale* scale) {
  std::string out =
      "as_of,commitment,actor,applicability,state_report,state_report_as_of,scale,assessment,"
      "assessment_as_of,assessment_node,other_scales,g20,dissent,treaties,treaties_party,"
      "treaties_unknown,entries,measured\r\n";
  for (std::size_t i = 0; i < matrix.cells.size(); ++i) {
    const Cell& cell = matrix.cells[i];
    const auto g20 = scale == nullptr ? std::nullopt : derive_g20(*scale, cell.assessment);
    out += fmt::format(
        "{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{}\r\n", matrix.as_of,
        csv_field(matrix.commitments[i / matrix.actors.size()].row.id),
        csv_field(matrix.actors[i % matrix.actors.size()]), to_string(cell.applicability),
        shown_report(cell), cell.report_as_of, matrix.scale, csv_field(shown_assessment(cell)),
        cell.assessment_as_of, csv_field(cell.assessment_node), csv_field(other_scales_text(cell)),
        g20 ? std::to_string(*g20) : std::string(), cell.dissent ? "yes" : "no", cell.treaties,
        cell.treaties_party, cell.treaties_unknown, cell.entries, cell.measured ? "yes" : "no");
  }
  return out;
}

Result<std::string> all_cells_csv(const Parts& parts) {
  MatrixQuery query;
  query.as_of = parts.today();
  query.limit = 100'000;
  std::string out;
  for (const ActorKind kind : {ActorKind::state, ActorKind::parliament, ActorKind::institution}) {
    const auto all = ATALAYA_TRY(Cube(parts).over_all(kind, query));
    const Matrix matrix = ATALAYA_TRY(Cube(parts).matrix(all));
    const std::string csv = cells_csv(matrix, parts.reference->find_scale(query.scale));
    out += out.empty() ? csv : csv.substr(csv.find('\n') + 1);
  }
  return out;
}

Result<std::string> bulk_package(const Parts& parts, const PackageRequest& request) {
  const auto tables = ATALAYA_TRY(tables_of(parts, request.language));
  std::vector<std::pair<std::string, std::string>> entries;
  json::array resources;
  std::string dictionary = "table,column,meaning\r\n";
  for (const Described& table : tables) {
    json::array fields;
    for (const std::string& column : header_of(table.csv)) {
      const auto meaning = table.columns.find(column);
      const std::string words = meaning == table.columns.end() ? std::string() : meaning->second;
      fields.push_back(json::object{{"name", column}, {"type", "string"}, {"description", words}});
      dictionary += line_of({table.name, column, words});
    }
    resources.push_back(json::object{{"name", table.name},
                                     {"title", table.title},
                                     {"path", table.name + ".csv"},
                                     {"format", "csv"},
                                     {"mediatype", "text/csv"},
                                     {"encoding", "utf-8"},
                                     {"schema", json::object{{"fields", std::move(fields)}}}});
    entries.emplace_back(table.name + ".csv", table.csv);
  }
  entries.emplace_back("dictionary.csv", std::move(dictionary));
  json::object package{{"profile", "data-package"},
                       {"name", "atalaya-follow-up"},
                       {"title", request.node_name},
                       {"created", to_string(parts.today())}};
  if (!request.origin.empty()) {
    package["homepage"] = request.origin;
  }
  package["resources"] = std::move(resources);
  entries.insert(entries.begin(), {"datapackage.json", pretty_json(package)});
  return files::write_zip(entries);
}

}  // namespace atalaya::followup
