#include "commands_rounds.hpp"

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include <atalaya/files/read.hpp>
#include <atalaya/followup/checklists.hpp>
#include <atalaya/followup/desk.hpp>
#include <atalaya/followup/round_report.hpp>
#include <atalaya/followup/rounds.hpp>

#include "command_parts.hpp"
#include "commands.hpp"
#include "node.hpp"

namespace atalaya::app {
namespace {

using followup::Checklists;
using followup::EntryImportPlan;
using followup::RecordChange;
using followup::Rounds;

constexpr std::string_view kBy = "command line";

struct ListCli : NodeOptions {};

struct ExportCli {
  std::filesystem::path node, out;
  std::string id;
};

struct ImportCli : TableImport {
  std::string round, country;
};

struct ReportCli {
  std::filesystem::path node, out;
  std::string id, language = "en", paper = "a4";
};

struct FormCli : NodeOptions {
  std::filesystem::path file;
};

void print_plan(const EntryImportPlan& plan) {
  const auto many = [&](RecordChange change) { return fmt::format("{}", plan.count(change)); };
  fmt::print("{}\n", say("cli.changes", {{"file", plan.file_name},
                                         {"new", many(RecordChange::added)},
                                         {"unchanged", many(RecordChange::unchanged)},
                                         {"changed", many(RecordChange::changed)}}));
  for (const auto& row : plan.rows) {
    if (row.change != RecordChange::changed) {
      continue;
    }
    for (const auto& [field, kept, now] : followup::differences(*row.before, row.entry)) {
      fmt::print("  {}\n",
                 say("cli.row.kept",
                     {{"line", std::to_string(row.line)},
                      {"row", fmt::format("{} {}", row.entry.country, row.entry.name)},
                      {"field", field},
                      {"before", kept},
                      {"after", now}}));
    }
  }
}

json::object plan_json(const EntryImportPlan& plan) {
  json::array rows;
  for (const auto& row : plan.rows) {
    if (row.change == RecordChange::unchanged) {
      continue;
    }
    json::array fields;
    if (row.before) {
      for (const auto& [field, kept, now] : followup::differences(*row.before, row.entry)) {
        fields.push_back(json::object{{"field", field}, {"kept", kept}, {"file", now}});
      }
    }
    rows.push_back(json::object{{"line", row.line},
                                {"change", row.before ? "changed" : "added"},
                                {"country", row.entry.country},
                                {"name", row.entry.name},
                                {"fields", std::move(fields)}});
  }
  return {{"file", plan.file_name},
          {"added", plan.count(RecordChange::added)},
          {"unchanged", plan.count(RecordChange::unchanged)},
          {"changed", plan.count(RecordChange::changed)},
          {"rows", std::move(rows)}};
}

/// Shows the plan, and applies it unless it is a dry run.
Result<void> show_and_carry_out(const ImportCli& options, OpenNode& node,
                                const EntryImportPlan& plan,
                                const std::function<Result<void>()>& apply) {
  if (options.output == Output::text) {
    print_plan(plan);
  } else {
    print_json(plan_json(plan));
  }
  return carry_out(options, node,
                   plan.count(RecordChange::unchanged) != std::ssize(plan.rows), apply);
}

Result<void> list_rounds(const ListCli& options) {
  auto node = ATALAYA_TRY(open_node(options.node, WithIndex::no));
  const Rounds rounds(node->followup->parts());
  const auto all = ATALAYA_TRY(rounds.list());
  const auto forms = ATALAYA_TRY(rounds.questionnaires());
  json::array out, questionnaires;
  for (const auto& round : all) {
    const auto report = ATALAYA_TRY(rounds.report(round));
    if (options.output == Output::text) {
      fmt::print("{:<20} {:<20} {:>3} published  {}\n", round.id, round.form.id,
                 report.published.size(), round.title);
    }
    out.push_back(json::object{{"id", round.id},
                               {"title", round.title},
                               {"questionnaire", round.form.id},
                               {"published", report.published.size()}});
  }
  for (const auto& form : forms) {
    if (options.output == Output::text) {
      fmt::print("questionnaire {:<20} version {}, {} questions\n", form.id, form.version,
                 form.questions.size());
    }
    questionnaires.push_back(json::object{
        {"id", form.id}, {"version", form.version}, {"questions", form.questions.size()}});
  }
  if (options.output == Output::json) {
    print_json(
        json::object{{"rounds", std::move(out)}, {"questionnaires", std::move(questionnaires)}});
  }
  return {};
}

// Who can read the node's folder can read everything in it; a file that leaves by the ordinary way
// still holds only what is published.
Result<void> export_round(const ExportCli& options) {
  auto node = ATALAYA_TRY(open_node(options.node, WithIndex::no));
  const Rounds rounds(node->followup->parts());
  const auto round = ATALAYA_TRY(rounds.get(options.id));
  const std::string csv = ATALAYA_TRY(rounds.csv(round, "", {}));
  return write_output(options.out, csv);
}

Result<void> write_report(const ReportCli& options) {
  const std::string kind = options.out.extension().string();
  if (kind != ".pdf" && kind != ".docx" && kind != ".html") {
    return fail(option_error("--out", options.out.string(), "FILE.html, FILE.pdf, FILE.docx"));
  }
  auto node = ATALAYA_TRY(open_node(options.node, WithIndex::no));
  followup::RoundReportRequest request;
  request.round = options.id;
  request.language = parse_language(options.language).value_or(Language::en);
  request.size = options.paper == "letter" ? figures::PaperSize::letter : figures::PaperSize::a4;
  request.node_name = node->config.name;
  const auto paper = ATALAYA_TRY(followup::compose_round_report(node->followup->parts(), request));
  const auto bytes = kind == ".pdf"    ? figures::paper_pdf(paper)
                     : kind == ".docx" ? figures::paper_docx(paper)
                                       : Result<std::string>(figures::paper_html_file(paper));
  return bytes ? write_output(options.out, *bytes) : Result<void>(fail(bytes.error()));
}

Result<void> import_answers(const ImportCli& options) {
  const std::string bytes = ATALAYA_TRY(files::read_file(options.file.string()));
  auto node = ATALAYA_TRY(open_node(options.node, WithIndex::no));
  const Rounds rounds(node->followup->parts());
  const auto round = ATALAYA_TRY(rounds.get(options.round));
  const followup::RoundViewer state{
      std::string(kBy), {options.country}, {options.country}, false, false};
  const auto plan = ATALAYA_TRY(
      rounds.plan(round, options.country, bytes, options.file.filename().string(), state));
  return show_and_carry_out(options, *node, plan, [&] {
    return rounds.apply(round, options.country, plan, state, options.accept_changes);
  });
}

Result<void> add_questionnaire(const FormCli& options) {
  const std::string bytes = ATALAYA_TRY(files::read_file(options.file.string()));
  auto node = ATALAYA_TRY(open_node(options.node, WithIndex::no));
  const auto form = ATALAYA_TRY(Rounds(node->followup->parts()).add_questionnaire(bytes, kBy));
  ATALAYA_TRY(node->ledger->checkpoint());
  if (options.output == Output::text) {
    fmt::print("{} version {}: {} questions\n", form.id, form.version, form.questions.size());
  } else {
    print_json(json::object{{"id", form.id}, {"version", form.version}});
  }
  return {};
}

Result<void> list_checklists(const ListCli& options) {
  auto node = ATALAYA_TRY(open_node(options.node, WithIndex::no));
  json::array out;
  for (const auto& checklist : Checklists::all()) {
    const auto matrix = ATALAYA_TRY(Checklists(node->followup->parts()).matrix(checklist.id));
    if (options.output == Output::text) {
      fmt::print("{:<26} {:>3} articles, {:>5} marks  {}\n", checklist.id, checklist.items.size(),
                 matrix.values.size(), checklist.label.in(Language::en));
    }
    out.push_back(json::object{{"id", checklist.id},
                               {"title", checklist.label.in(Language::en)},
                               {"articles", checklist.items.size()},
                               {"marks", matrix.values.size()}});
  }
  if (options.output == Output::json) {
    print_json(out);
  }
  return {};
}

Result<void> export_checklist(const ExportCli& options) {
  auto node = ATALAYA_TRY(open_node(options.node, WithIndex::no));
  const std::string csv = ATALAYA_TRY(Checklists(node->followup->parts()).csv(options.id));
  return write_output(options.out, csv);
}

Result<void> import_checklists(const ImportCli& options) {
  const std::string bytes = ATALAYA_TRY(files::read_file(options.file.string()));
  auto node = ATALAYA_TRY(open_node(options.node, WithIndex::no));
  const Checklists checklists(node->followup->parts());
  const followup::ChecklistCoder coder{.name = std::string(kBy), .own = {}, .names_coders = true};
  const auto plan = ATALAYA_TRY(checklists.plan(bytes, options.file.filename().string(), coder));
  return show_and_carry_out(options, *node, plan, [&] {
    return checklists.apply(plan, coder, options.accept_changes);
  });
}

}  // namespace

class RoundCommands::State {
 public:
  State(CLI::App& root, Choose choose) : choose_(std::move(choose)) {
    add_rounds(root);
    add_checklists(root);
  }

 private:
  static void import_options(CLI::App& command, ImportCli& options) {
    add_import_options(command, options, "With the columns that export writes",
                       "Change what is kept, after looking at the differences");
  }

  void add_rounds(CLI::App& root) {
    auto* rounds = root.add_subcommand(
        "rounds", "Evaluation rounds: questionnaires, answers of states, published reports");
    rounds->require_subcommand(1);
    auto* list = rounds->add_subcommand("list", "Which rounds and questionnaires there are");
    add_node_options(*list, list_);
    on_chosen(*list, choose_, list_, list_rounds);
    auto* write = rounds->add_subcommand("export", "Write the published answers of a round as csv");
    add_node_option(*write, export_.node);
    write->add_option("--out", export_.out, "A file instead of the terminal");
    write->add_option("ROUND", export_.id, "As `rounds list` names it")->required();
    on_chosen(*write, choose_, export_, export_round);
    auto* report = rounds->add_subcommand(
        "report", "Write the hemispheric report of a round as html, pdf or docx");
    add_node_option(*report, report_.node);
    report->add_option("ROUND", report_.id, "As `rounds list` names it")->required();
    report->add_option("--lang", report_.language, "en (default), es, pt or fr")
        ->check(CLI::IsMember({"en", "es", "pt", "fr"}));
    report->add_option("--paper", report_.paper, "a4 (default) or letter")
        ->check(CLI::IsMember({"a4", "letter"}));
    report->add_option("--out", report_.out, "FILE.html, FILE.pdf or FILE.docx")->required();
    on_chosen(*report, choose_, report_, write_report);
    auto* import = rounds->add_subcommand(
        "import", "Take over a state's answers: all or none, twice without a change");
    import->add_option("ROUND", import_.round, "As `rounds list` names it")->required();
    import->add_option("--country", import_.country, "Whose answers: PAN")->required();
    import_options(*import, import_);
    on_chosen(*import, choose_, import_, import_answers);
    auto* add = rounds->add_subcommand("questionnaire", "Add the next version of a questionnaire");
    add_node_options(*add, form_);
    add->add_option("FILE", form_.file, "JSON, as docs/reference/rounds.md says")->required();
    on_chosen(*add, choose_, form_, add_questionnaire);
  }

  void add_checklists(CLI::App& root) {
    auto* checklists = root.add_subcommand(
        "checklists", "Legislation by article of treaties and model laws, with the quoted words");
    checklists->require_subcommand(1);
    auto* list = checklists->add_subcommand("list", "Which checklists there are");
    add_node_options(*list, checklist_list_);
    on_chosen(*list, choose_, checklist_list_, list_checklists);
    auto* write = checklists->add_subcommand("export", "Write the marks as csv");
    add_node_option(*write, checklist_export_.node);
    write->add_option("--out", checklist_export_.out, "A file instead of the terminal");
    write->add_option("CHECKLIST", checklist_export_.id, "As `checklists list` names it; or all");
    on_chosen(*write, choose_, checklist_export_, export_checklist);
    auto* import = checklists->add_subcommand(
        "import", "Take over a csv of marks: all of it or nothing, twice without a change");
    import_options(*import, checklist_import_);
    on_chosen(*import, choose_, checklist_import_, import_checklists);
  }

  Choose choose_;
  ListCli list_, checklist_list_;
  ExportCli export_, checklist_export_;
  ImportCli import_, checklist_import_;
  FormCli form_;
  ReportCli report_;
};

RoundCommands::RoundCommands(CLI::App& root, Choose choose)
    : state_(std::make_unique<State>(root, std::move(choose))) {}

RoundCommands::~RoundCommands() = default;

}  // namespace atalaya::app
