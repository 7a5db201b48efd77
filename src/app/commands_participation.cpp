#include "commands_participation.hpp"

#include <algorithm>
#include <cstdio>
#include <set>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include <atalaya/base/text.hpp>
#include <atalaya/files/read.hpp>
#include <atalaya/followup/desk.hpp>
#include <atalaya/followup/packages.hpp>

#include "command_parts.hpp"
#include "node.hpp"

namespace atalaya::app {
namespace {

using followup::PackageChange;
using followup::PackageImportPlan;
using followup::PackageImportRow;
using followup::Packages;
using followup::Peers;
using followup::RecordKind;

struct PeersAddCli : NodeOptions {
  std::string name, key;
};

struct PeersListCli : NodeOptions {};

struct PeersRemoveCli : NodeOptions {
  std::string name;
};

struct ExportCli {
  std::filesystem::path node, out;
  std::string what = "assessments,alternative-reports";
};

struct ImportCli : NodeOptions {
  std::filesystem::path file;
  bool dry_run = false;
};

Result<void> run_add(const PeersAddCli& options) {
  auto node = ATALAYA_TRY(open_node(options.node, WithIndex::no));
  ATALAYA_TRY(Peers(node->followup->parts())
                  .add(options.name, options.key, "command line", node->config.name));
  ATALAYA_TRY(node->ledger->checkpoint());
  if (options.output == Output::text) {
    fmt::print("Packages of \"{}\" are taken in from now on: atalaya followup import-package\n",
               options.name);
  }
  return {};
}

Result<void> run_list(const PeersListCli& options) {
  auto node = ATALAYA_TRY(open_node(options.node, WithIndex::no));
  const auto peers = ATALAYA_TRY(Peers(node->followup->parts()).list());
  json::array out;
  for (const auto& peer : peers) {
    if (options.output == Output::text) {
      fmt::print("{}{}\n  {}\n  newest package {}, {}\n", peer.name,
                 peer.removed_at.empty() ? "" : " (no longer trusted)", peer.verifier_key,
                 peer.newest, counted(peer.records, "record shows", "records show"));
    }
    out.push_back(json::object{{"name", peer.name},
                               {"key", peer.verifier_key},
                               {"trusted", peer.removed_at.empty()},
                               {"newest_package", peer.newest},
                               {"records", peer.records}});
  }
  if (options.output == Output::json) {
    print_json(out);
  } else if (peers.empty()) {
    fmt::print(
        "No node is trusted. Ask the other institution for its key (atalaya ledger key), "
        "compare it by\ntelephone, then: atalaya peers add --node DIR NAME KEY\n");
  }
  return {};
}

Result<void> run_remove(const PeersRemoveCli& options) {
  auto node = ATALAYA_TRY(open_node(options.node, WithIndex::no));
  ATALAYA_TRY(Peers(node->followup->parts()).remove(options.name, "command line"));
  ATALAYA_TRY(node->ledger->checkpoint());
  if (options.output == Output::text) {
    fmt::print("\"{}\" is no longer trusted; nothing that it sent shows.\n", options.name);
  }
  return {};
}

Result<std::set<RecordKind>> kinds_of(std::string_view what) {
  std::set<RecordKind> out;
  for (const std::string_view name : split(what, ',')) {
    if (trim(name) == "assessments") {
      out.insert(RecordKind::assessment);
    } else if (trim(name) == "alternative-reports") {
      out.insert(RecordKind::alternative_report);
    } else {
      return fail(option_error("--what", trim(name), "assessments, alternative-reports"));
    }
  }
  return out;
}

Result<void> run_export(const ExportCli& options) {
  const auto what = ATALAYA_TRY(kinds_of(options.what));
  auto node = ATALAYA_TRY(open_node(options.node, WithIndex::no));
  const std::string bytes =
      ATALAYA_TRY(Packages(node->followup->parts()).write(node->config.name, what));
  return write_output(options.out, bytes);
}

void print_plan(const PackageImportPlan& plan) {
  fmt::print("{}, package {} ({} signed it, and every proof holds)\n", plan.peer.name,
             plan.package.number, plan.peer.key_name);
  if (plan.continuity == "not_shown") {
    fmt::print(
        "  The package does not show that its log continues the one of package {}: too many "
        "packages lie\n  between. Ask the other institution for a consistency proof.\n",
        plan.based_on);
  }
  // What is withdrawn is no record of the package: it is in it no more.
  fmt::print("  {}: {} new, {} changed, {} unchanged; {} withdrawn\n",
             counted(std::ssize(plan.package.records), "record", "records"),
             plan.count(PackageChange::added), plan.count(PackageChange::changed),
             plan.count(PackageChange::unchanged), plan.count(PackageChange::withdrawn));
  const auto names = std::ranges::count_if(plan.rows, &PackageImportRow::names_only);
  if (names > 0) {
    fmt::print("  {} of the changed differ in nothing but the names of their people\n", names);
  }
  for (const auto& row : plan.rows) {
    if (row.change == PackageChange::unchanged || row.names_only) {
      continue;
    }
    fmt::print("  {:<9} {} {} {}: \"{}\" -> \"{}\"{}\n", to_string(row.change),
               to_string(row.record.kind), row.commitment, row.actor, without_controls(row.before),
               without_controls(row.after),
               row.commitment_here ? "" : " (this node does not hold the commitment)");
  }
}

json::object plan_json(const PackageImportPlan& plan) {
  json::array rows;
  for (const auto& row : plan.rows) {
    rows.push_back(json::object{{"record", row.record.id},
                                {"kind", to_string(row.record.kind)},
                                {"change", to_string(row.change)},
                                {"commitment", row.commitment},
                                {"actor", row.actor},
                                {"before", row.before},
                                {"after", row.after},
                                {"names_only", row.names_only},
                                {"commitment_here", row.commitment_here}});
  }
  return {{"peer", plan.peer.name},  {"number", plan.package.number},
          {"held", plan.based_on},   {"continuity", plan.continuity},
          {"news", plan.has_news()}, {"records", std::move(rows)}};
}

Result<void> run_import(const ImportCli& options) {
  const std::string bytes = ATALAYA_TRY(files::read_file(options.file.string()));
  auto node = ATALAYA_TRY(open_node(options.node, WithIndex::no));
  const Packages packages(node->followup->parts());
  const auto plan = ATALAYA_TRY(packages.plan(bytes));
  if (options.output == Output::text) {
    print_plan(plan);
  } else {
    print_json(plan_json(plan));
  }
  if (options.dry_run) {
    fmt::print(stderr, "Dry run: nothing was changed.\n");
    return {};
  }
  ATALAYA_TRY(packages.apply(plan, "command line"));
  if (plan.has_news()) {
    ATALAYA_TRY(node->ledger->checkpoint());
  }
  if (options.output == Output::text) {
    fmt::print("{}\n",
               plan.has_news() ? "Taken in." : "All of it is held already: nothing changed.");
  }
  return {};
}

}  // namespace

class ParticipationCommands::State {
 public:
  State(CLI::App& root, Choose choose) : choose_(std::move(choose)) {
    add_peers(root);
    add_packages(root);
  }

 private:
  template <class Options>
  void run(CLI::App& command, Options& options, Result<void> (*function)(const Options&)) {
    on_chosen(command, choose_, options, function);
  }

  void add_peers(CLI::App& root) {
    auto* peers =
        root.add_subcommand("peers", "Other institutions' nodes whose packages are taken in");
    peers->require_subcommand(1);
    auto* add = peers->add_subcommand("add", "Trust a node's key from now on");
    add_node_options(*add, add_);
    add->add_option("NAME", add_.name, "How this node's pages call it")->required();
    add->add_option("KEY", add_.key, "Its verifier key (atalaya ledger key), compared by telephone")
        ->required();
    run(*add, add_, run_add);
    auto* list = peers->add_subcommand("list", "Which nodes are trusted");
    add_node_options(*list, list_);
    run(*list, list_, run_list);
    auto* remove = peers->add_subcommand("remove", "End the trust: what it sent no longer shows");
    add_node_options(*remove, remove_);
    remove->add_option("NAME", remove_.name, "As `peers list` names it")->required();
    run(*remove, remove_, run_remove);
  }

  void add_packages(CLI::App& root) {
    auto* followup =
        root.add_subcommand("followup", "Assessments and alternative reports between nodes");
    followup->require_subcommand(1);
    auto* write = followup->add_subcommand(
        "export-package", "Write published records with proofs, for another institution's node");
    add_node_option(*write, export_.node);
    write->add_option("--what", export_.what,
                      "assessments, alternative-reports, or both with a comma (default)");
    write->add_option("--out", export_.out, "A file instead of the terminal");
    run(*write, export_, run_export);
    auto* import = followup->add_subcommand(
        "import-package",
        "Check and take in a package of a trusted node: all of it or nothing, twice without a "
        "change");
    add_node_options(*import, import_);
    import->add_option("FILE", import_.file, "As `followup export-package` writes it")->required();
    import->add_flag("--dry-run", import_.dry_run, "Only show what would change");
    run(*import, import_, run_import);
  }

  Choose choose_;
  PeersAddCli add_;
  PeersListCli list_;
  PeersRemoveCli remove_;
  ExportCli export_;
  ImportCli import_;
};

ParticipationCommands::ParticipationCommands(CLI::App& root, Choose choose)
    : state_(std::make_unique<State>(root, std::move(choose))) {}

ParticipationCommands::~ParticipationCommands() = default;

}  // namespace atalaya::app
