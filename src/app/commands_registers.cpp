#include "commands_registers.hpp"

#include <fmt/format.h>

#include <atalaya/files/read.hpp>
#include <atalaya/followup/desk.hpp>
#include <atalaya/followup/registers.hpp>

#include "command_parts.hpp"
#include "node.hpp"

namespace atalaya::app {
namespace {

using followup::RecordChange;
using followup::RegisterImportPlan;
using followup::RegisterRecord;
using followup::Registers;

struct ListCli : NodeOptions {};

struct ExportCli {
  std::filesystem::path node, out;
  std::string kind;
};

struct ImportCli : TableImport {
  std::string kind;
};

std::string_view words(RecordChange change) {
  switch (change) {
    case RecordChange::added:
      return "added";
    case RecordChange::unchanged:
      return "unchanged";
    case RecordChange::changed:
      return "changed";
  }
  return "";
}

// The fields of a changed row that differ: name, kept, file.
std::vector<std::array<std::string, 3>> differences(const RegisterRecord& before,
                                                    const RegisterRecord& after) {
  std::vector<std::array<std::string, 3>> out;
  const auto look = [&](const RegisterRecord& from) {
    for (const auto& [field, value] : from.values) {
      const std::string kept(before.value(field));
      const std::string now(after.value(field));
      const bool seen = std::ranges::any_of(out, [&](const auto& one) { return one[0] == field; });
      if (kept != now && !seen) {
        out.push_back({field, kept, now});
      }
    }
  };
  look(before);
  look(after);
  return out;
}

void print_plan(const RegisterImportPlan& plan) {
  const auto many = [&](RecordChange change) { return fmt::format("{}", plan.count(change)); };
  fmt::print("{}\n", say("cli.changes", {{"file", plan.file_name},
                                         {"new", many(RecordChange::added)},
                                         {"unchanged", many(RecordChange::unchanged)},
                                         {"changed", many(RecordChange::changed)}}));
  for (const auto& row : plan.rows) {
    if (row.change != RecordChange::changed) {
      continue;
    }
    for (const auto& [field, kept, now] : differences(*row.before, row.record)) {
      fmt::print("  {}\n", say("cli.row.kept", {{"line", std::to_string(row.line)},
                                                {"row", fmt::format("{}", row.record.id)},
                                                {"field", field},
                                                {"before", kept},
                                                {"after", now}}));
    }
  }
}

json::object plan_json(const RegisterImportPlan& plan) {
  json::array rows;
  for (const auto& row : plan.rows) {
    if (row.change == RecordChange::unchanged) {
      continue;
    }
    json::array fields;
    if (row.before) {
      for (const auto& [field, kept, now] : differences(*row.before, row.record)) {
        fields.push_back(json::object{{"field", field}, {"kept", kept}, {"file", now}});
      }
    }
    rows.push_back(json::object{{"line", row.line},
                                {"change", words(row.change)},
                                {"id", row.record.id},
                                {"fields", std::move(fields)}});
  }
  return {{"file", plan.file_name},
          {"register", plan.kind},
          {"added", plan.count(RecordChange::added)},
          {"unchanged", plan.count(RecordChange::unchanged)},
          {"changed", plan.count(RecordChange::changed)},
          {"rows", std::move(rows)}};
}

Result<void> run_list(const ListCli& options) {
  auto node = ATALAYA_TRY(open_node(options.node, WithIndex::no));
  const Registers registers(node->followup->parts());
  json::array out;
  for (const auto& kind : Registers::kinds()) {
    const auto rows = ATALAYA_TRY(registers.list({.kind = kind.id}));
    if (options.output == Output::text) {
      fmt::print("{:<20} {:>6}  {}\n", kind.id, rows.size(), kind.label.in(Language::en));
    }
    json::array fields;
    for (const auto& field : kind.fields) {
      fields.push_back(json::object{{"id", field.id}, {"required", field.required}});
    }
    out.push_back(json::object{{"id", kind.id},
                               {"title", kind.label.in(Language::en)},
                               {"rows", rows.size()},
                               {"fields", std::move(fields)}});
  }
  if (options.output == Output::json) {
    print_json(out);
  }
  return {};
}

Result<void> run_export(const ExportCli& options) {
  auto node = ATALAYA_TRY(open_node(options.node, WithIndex::no));
  const std::string csv = ATALAYA_TRY(Registers(node->followup->parts()).csv(options.kind));
  return write_output(options.out, csv);
}

Result<void> run_import(const ImportCli& options) {
  const std::string bytes = ATALAYA_TRY(files::read_file(options.file.string()));
  auto node = ATALAYA_TRY(open_node(options.node, WithIndex::no));
  const Registers registers(node->followup->parts());
  const auto plan =
      ATALAYA_TRY(registers.plan(options.kind, bytes, options.file.filename().string()));
  if (options.output == Output::text) {
    print_plan(plan);
  } else {
    print_json(plan_json(plan));
  }
  return carry_out(
      options, *node, plan.count(RecordChange::unchanged) != std::ssize(plan.rows),
      [&] { return registers.apply(plan, "command line", options.accept_changes); });
}

}  // namespace

class RegisterCommands::State {
 public:
  State(CLI::App& root, Choose choose) : choose_(std::move(choose)) {
    auto* registers = root.add_subcommand(
        "registers", "Dates kept, periodic reports, authorities, cooperation, practices, hearings");
    registers->require_subcommand(1);
    auto* list = registers->add_subcommand("list", "Which registers there are");
    add_node_options(*list, list_);
    run(*list, list_, run_list);
    auto* write = registers->add_subcommand("export", "Write one register as csv");
    add_node_option(*write, export_.node);
    write->add_option("--out", export_.out, "A file instead of the terminal");
    write->add_option("REGISTER", export_.kind, "As `registers list` names it")->required();
    run(*write, export_, run_export);
    auto* import = registers->add_subcommand(
        "import", "Take over a csv of one register: all of it or nothing, twice without a change");
    import->add_option("REGISTER", import_.kind, "As `registers list` names it")->required();
    add_import_options(*import, import_, "With the columns that `registers export` writes",
                       "Change rows that are kept, after looking at the differences");
    run(*import, import_, run_import);
  }

 private:
  template <class Options>
  void run(CLI::App& command, Options& options, Result<void> (*function)(const Options&)) {
    on_chosen(command, choose_, options, function);
  }

  Choose choose_;
  ListCli list_;
  ExportCli export_;
  ImportCli import_;
};

RegisterCommands::RegisterCommands(CLI::App& root, Choose choose)
    : state_(std::make_unique<State>(root, std::move(choose))) {}

RegisterCommands::~RegisterCommands() = default;

}  // namespace atalaya::app
