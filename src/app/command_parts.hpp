#pragma once
// What every group of commands shares: the options that all have, and how one is chosen.

#include <filesystem>
#include <functional>
#include <string>

#include <CLI/CLI.hpp>

#include <atalaya/base/result.hpp>

#include "commands.hpp"

namespace atalaya::app {

using ChooseCommand = std::function<void(std::function<Result<void>()>)>;

/// Adds --node, which must be given; what it is kept in outlives the parsing, here and below.
void add_node_option(CLI::App& command, std::filesystem::path& node);
/// Adds --format, text or json.
void add_format_option(CLI::App& command, Output& output);
/// Adds both.
void add_node_options(CLI::App& command, NodeOptions& options);

/// When `command` is parsed, `choose` is told to run `function` with `options`.
template <class Options>
void on_chosen(CLI::App& command, const ChooseCommand& choose, Options& options,
               Result<void> (*function)(const Options&)) {
  command.callback([&choose, &options, function] {
    choose([&options, function] { return function(options); });
  });
}

}  // namespace atalaya::app
