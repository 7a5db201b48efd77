#include "commands_followup.hpp"

#include <algorithm>
#include <cstdio>

#include <fmt/format.h>

#include <atalaya/files/read.hpp>
#include <atalaya/followup/desk.hpp>
#include <atalaya/followup/reports.hpp>

#include "command_parts.hpp"
#include "node.hpp"

namespace atalaya::app {
namespace {

using followup::TreatyChange;
using followup::TreatyImportPlan;

struct TreatiesImportCli : TableImport {
  std::string instrument, snapshot, source, reason;
  bool accept_names = false;
};

struct TreatiesExportCli {
  std::filesystem::path node, out;
};

// An act and its date, and of two that stand side by side whatever else tells them apart.
std::string words(const followup::TreatyEvent& event,
                  const std::optional<followup::TreatyEvent>& other = {}) {
  using followup::TreatyEvent;
  std::string out = fmt::format("{} {}", to_string(event.act), event.date);
  if (other) {
    for (const auto& [name, field] : {std::pair{"effective", &TreatyEvent::effective},
                                      {"depositary", &TreatyEvent::depositary},
                                      {"source", &TreatyEvent::source},
                                      {"note", &TreatyEvent::note}}) {
      if (event.*field != (*other).*field) {
        out += fmt::format(", {} \"{}\"", name, without_controls(event.*field));
      }
    }
  }
  return out;
}

void print_plan(const TreatyImportPlan& plan) {
  fmt::print("{}\n", plan.file_name);
  if (plan.layout == "untc") {
    fmt::print(
        "  {}\n  {}\n",
        say("cli.treaties.list", {{"instrument", plan.instrument}, {"date", plan.snapshot}}),
        say("cli.treaties.outside", {{"rows", say_count("cli.rows", std::ssize(plan.outside))}}));
    for (const auto& name : plan.outside) {
      fmt::print("    {}\n", without_controls(name));
    }
    for (const auto& one : plan.resembling) {
      fmt::print("  {}\n", say("cli.treaties.resembles", {{"line", std::to_string(one.line)},
                                                          {"name", one.name},
                                                          {"state", one.state}}));
    }
  }
  const auto many = [&](TreatyChange change) { return fmt::format("{}", plan.count(change)); };
  fmt::print("  {}\n",
             say("cli.treaties.counts", {{"events", say_count("cli.events", std::ssize(plan.rows))},
                                         {"new", many(TreatyChange::added)},
                                         {"unchanged", many(TreatyChange::unchanged)},
                                         {"again", many(TreatyChange::read_again)},
                                         {"changed", many(TreatyChange::changed)},
                                         {"gone", many(TreatyChange::missing)},
                                         {"back", many(TreatyChange::retracted)}}));
  if (plan.taken_back() > 0) {
    fmt::print("  {}\n", say_count("cli.treaties.takes_back", plan.taken_back()));
  }
  for (const auto& row : plan.rows) {
    const std::string_view key = row.change == TreatyChange::changed     ? "cli.row.changed"
                                 : row.change == TreatyChange::missing   ? "cli.row.missing"
                                 : row.change == TreatyChange::retracted ? "cli.row.back"
                                                                         : "";
    if (!key.empty()) {
      const std::string what = fmt::format("{} {}", row.event.party, row.event.instrument);
      fmt::print("  {}\n", say(key, {{"line", std::to_string(row.line)},
                                     {"what", what},
                                     {"before", row.before ? words(*row.before, row.event) : ""},
                                     {"after", words(row.event, row.before)}}));
    }
  }
}

json::object plan_json(const TreatyImportPlan& plan) {
  json::array rows;
  for (const auto& row : plan.rows) {
    if (row.change == TreatyChange::unchanged) {
      continue;
    }
    rows.push_back(json::object{{"line", row.line},
                                {"change", to_string(row.change)},
                                {"party", row.event.party},
                                {"instrument", row.event.instrument},
                                {"event", words(row.event, row.before)},
                                {"before", row.before ? words(*row.before, row.event) : ""}});
  }
  json::array outside;
  for (const auto& name : plan.outside) {
    outside.emplace_back(name);
  }
  json::array resembling;
  for (const auto& one : plan.resembling) {
    resembling.push_back(
        json::object{{"line", one.line}, {"name", one.name}, {"state", one.state}});
  }
  return {{"file", plan.file_name},          {"layout", plan.layout},
          {"resembling", std::move(resembling)},
          {"instrument", plan.instrument},   {"snapshot", plan.snapshot},
          {"events", plan.rows.size()},      {"unchanged", plan.count(TreatyChange::unchanged)},
          {"taken_back", plan.taken_back()}, {"replaced", plan.replaced()},
          {"news", plan.has_news()},         {"changes", std::move(rows)},
          {"outside", std::move(outside)}};
}

Result<void> run_treaties_import(const TreatiesImportCli& options) {
  const std::string bytes = ATALAYA_TRY(files::read_file(options.file.string()));
  auto node = ATALAYA_TRY(open_node(options.node, WithIndex::no));
  const followup::Treaties treaties = node->followup->treaties();
  followup::TreatyImportOptions import;
  import.instrument = options.instrument;
  import.snapshot = options.snapshot;
  import.source = options.source;
  import.accept_changes = options.accept_changes;
  import.accept_names = options.accept_names;
  import.reason = options.reason;
  const auto plan = ATALAYA_TRY(treaties.plan(bytes, options.file.filename().string(), import));
  if (options.output == Output::text) {
    print_plan(plan);
  } else {
    print_json(plan_json(plan));
  }
  ATALAYA_TRY(
      carry_out(options, *node, plan.has_news(), [&] { return treaties.apply(plan, import); }));
  if (options.output == Output::text && !options.dry_run) {
    fmt::print("{}\n", say(plan.has_news() ? "cli.imported" : "cli.imported.nothing"));
  }
  return {};
}

Result<void> run_treaties_export(const TreatiesExportCli& options) {
  auto node = ATALAYA_TRY(open_node(options.node, WithIndex::no));
  const std::string csv = ATALAYA_TRY(node->followup->treaties().csv());
  return write_output(options.out, csv);
}

struct ReportsImportCli : TableImport {
  std::string country, by = "command line";
};

struct ReportsExportCli {
  std::filesystem::path node, out;
  std::string actor;
};

using followup::ReportChange;
using followup::ReportImportPlan;

void print_plan(const ReportImportPlan& plan) {
  const auto many = [&](ReportChange change) { return fmt::format("{}", plan.count(change)); };
  fmt::print("{}\n", say("cli.changes", {{"file", plan.file_name},
                                         {"new", many(ReportChange::added)},
                                         {"unchanged", many(ReportChange::unchanged)},
                                         {"changed", many(ReportChange::changed)}}));
  for (const auto& row : plan.rows) {
    if (row.change == ReportChange::changed) {
      fmt::print("  {}\n",
                 say("cli.row.changed",
                     {{"line", std::to_string(row.line)},
                      {"what", fmt::format("{} {}", row.report.commitment, row.report.actor)},
                      {"before", row.before},
                      {"after", row.report.value}}));
      for (const auto& [field, before, after] : followup::differences(row.held, row.report)) {
        fmt::print("    {}: \"{}\" → \"{}\"\n", without_controls(field), without_controls(before),
                   without_controls(after));
      }
    }
  }
}

json::object plan_json(const ReportImportPlan& plan) {
  json::array rows;
  for (const auto& row : plan.rows) {
    if (row.change != ReportChange::unchanged) {
      json::object fields;
      if (row.change == ReportChange::changed) {
        for (const auto& [field, before, after] : followup::differences(row.held, row.report)) {
          fields[field] = json::array{before, after};
        }
      }
      rows.push_back(
          json::object{{"line", row.line},
                       {"change", row.change == ReportChange::added ? "added" : "changed"},
                       {"commitment", row.report.commitment},
                       {"actor", row.report.actor},
                       {"value", row.report.value},
                       {"before", row.before},
                       {"fields", std::move(fields)}});
    }
  }
  return {{"file", plan.file_name},
          {"reports", plan.rows.size()},
          {"new", plan.count(ReportChange::added)},
          {"unchanged", plan.count(ReportChange::unchanged)},
          {"changed", plan.count(ReportChange::changed)},
          {"changes", std::move(rows)}};
}

Result<void> run_reports_import(const ReportsImportCli& options) {
  const std::string bytes = ATALAYA_TRY(files::read_file(options.file.string()));
  auto node = ATALAYA_TRY(open_node(options.node, WithIndex::no));
  const followup::Reports reports(node->followup->parts());
  const followup::Writer writer{
      options.by, {options.country, options.country + ".parliament"}, options.country.empty()};
  const auto plan = ATALAYA_TRY(reports.plan_csv(bytes, options.file.filename().string(), writer));
  if (options.output == Output::text) {
    print_plan(plan);
  } else {
    print_json(plan_json(plan));
  }
  const bool news = plan.count(ReportChange::unchanged) != std::ssize(plan.rows);
  return carry_out(options, *node, news,
                   [&] { return reports.apply(plan, writer, options.accept_changes); });
}

Result<void> run_reports_export(const ReportsExportCli& options) {
  auto node = ATALAYA_TRY(open_node(options.node, WithIndex::no));
  const std::string csv =
      ATALAYA_TRY(followup::Reports(node->followup->parts()).csv(options.actor));
  return write_output(options.out, csv);
}

}  // namespace

class FollowupCommands::State {
 public:
  State(CLI::App& root, Choose choose) : choose_(std::move(choose)) {
    add_treaties(root);
    add_reports(root);
  }

 private:
  template <class Options>
  void run(CLI::App& command, Options& options, Result<void> (*function)(const Options&)) {
    on_chosen(command, choose_, options, function);
  }

  void add_treaties(CLI::App& root) {
    auto* treaties = root.add_subcommand("treaties", "What states did about treaties, and when");
    treaties->require_subcommand(1);
    auto* import = treaties->add_subcommand(
        "import",
        "Take over a file of treaty events: all of it or nothing, twice without a change");
    add_import_options(
        *import, import_, "csv or xlsx (docs/reference/treaty-events.md)",
        "Replace or take back events that are held, after looking at the difference");
    import->add_option(
        "--instrument", import_.instrument,
        "Of a list of participants (UN Treaty Collection): which treaty, like untoc");
    import->add_option("--snapshot", import_.snapshot,
                       "Of such a list: the day on which it was right, like 2026-11-22");
    import->add_option("--source", import_.source, "Of such a list: where it was read");
    import->add_flag("--accept-names", import_.accept_names,
                     "Read names that look like a state's as nobody's, after looking at them");
    import->add_option("--reason", import_.reason,
                       "Why acts that are held are taken back; needed where a file does so");
    run(*import, import_, run_treaties_import);
    auto* write = treaties->add_subcommand("export", "Write every event as csv");
    add_node_option(*write, export_.node);
    write->add_option("--out", export_.out, "A file instead of the terminal");
    run(*write, export_, run_treaties_export);
  }

  void add_reports(CLI::App& root) {
    auto* reports = root.add_subcommand("reports", "States' reports on commitments, as files");
    reports->require_subcommand(1);
    auto* import = reports->add_subcommand(
        "import", "Take over a file of reports: all of it or nothing, twice without a change");
    add_import_options(*import, reports_import_, "csv or xlsx, as reports export writes it",
                       "Write new versions of reports that are held");
    import->add_option("--country", reports_import_.country, "Only this state may stand in it");
    import->add_option("--by", reports_import_.by, "Who reports");
    run(*import, reports_import_, run_reports_import);
    auto* write = reports->add_subcommand("export", "Write of every report what pages show: the "
                                                     "version that speaks of the latest day");
    add_node_option(*write, reports_export_.node);
    write->add_option("--actor", reports_export_.actor, "Only this state, like PAN");
    write->add_option("--out", reports_export_.out, "A file instead of the terminal");
    run(*write, reports_export_, run_reports_export);
  }

  Choose choose_;
  ReportsImportCli reports_import_;
  ReportsExportCli reports_export_;
  TreatiesImportCli import_;
  TreatiesExportCli export_;
};

FollowupCommands::FollowupCommands(CLI::App& root, Choose choose)
    : state_(std::make_unique<State>(root, std::move(choose))) {}

FollowupCommands::~FollowupCommands() = default;

}  // namespace atalaya::app
