#include "command_parts.hpp"

#include <cstdio>

#include <fmt/format.h>

namespace atalaya::app {

void add_node_option(CLI::App& command, std::filesystem::path& node) {
  command.add_option("--node", node, "The node's folder")->required();
}

void add_format_option(CLI::App& command, Output& output) {
  command
      .add_option_function<std::string>(
          "--format",
          [&output](const std::string& format) {
            output = format == "json" ? Output::json : Output::text;
          },
          "text (default) or json")
      ->check(CLI::IsMember({"text", "json"}));
}

void add_node_options(CLI::App& command, NodeOptions& options) {
  add_node_option(command, options.node);
  add_format_option(command, options.output);
}

void add_import_options(CLI::App& command, TableImport& options, const std::string& file_about,
                        const std::string& changes_about) {
  add_node_options(command, options);
  command.add_option("FILE", options.file, file_about)->required();
  command.add_flag("--dry-run", options.dry_run, "Only show what would change");
  command.add_flag("--accept-changes", options.accept_changes, changes_about);
}

Result<void> carry_out(const TableImport& options, OpenNode& node, bool has_news,
                       const std::function<Result<void>()>& apply) {
  if (options.dry_run) {
    fmt::print(stderr, "{}\n", say("cli.plan.dry_run"));
    return {};
  }
  ATALAYA_TRY(apply());
  if (has_news) {
    ATALAYA_TRY(node.ledger->checkpoint());
  }
  return {};
}

}  // namespace atalaya::app
