#pragma once
// What every group of commands shares: the options that all have, and how one is chosen.

#include <filesystem>
#include <functional>
#include <string>

#include <CLI/CLI.hpp>

#include <atalaya/base/result.hpp>

#include "commands.hpp"
#include "node.hpp"

namespace atalaya::app {

using ChooseCommand = std::function<void(std::function<Result<void>()>)>;

/// Adds --node, which must be given; what it is kept in outlives the parsing, here and below.
void add_node_option(CLI::App& command, std::filesystem::path& node);
/// Adds --format, text or json.
void add_format_option(CLI::App& command, Output& output);
/// Adds both.
void add_node_options(CLI::App& command, NodeOptions& options);

/// What an import of a table takes.
struct TableImport : NodeOptions {
  std::filesystem::path file;
  bool dry_run = false, accept_changes = false;
};
/// Adds all of it; the texts say what the file is and what a change means.
void add_import_options(CLI::App& command, TableImport& options, const std::string& file_about,
                        const std::string& changes_about);
/// After the plan was shown: applies it, with a checkpoint of the log if it has news, or says that
/// it was a dry run.
[[nodiscard]] Result<void> carry_out(const TableImport& options, OpenNode& node, bool has_news,
                                     const std::function<Result<void>()>& apply);

/// When `command` is parsed, `choose` is told to run `function` with `options`.
template <class Options>
void on_chosen(CLI::App& command, const ChooseCommand& choose, Options& options,
               Result<void> (*function)(const Options&)) {
  command.callback([&choose, &options, function] {
    choose([&options, function] { return function(options); });
  });
}

}  // namespace atalaya::app
