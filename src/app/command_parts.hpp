#pragma once
// What every group of commands shares: the options that all have, and how one is chosen.

#include <functional>
#include <string>

#include <CLI/CLI.hpp>

#include <atalaya/base/result.hpp>

#include "commands.hpp"

namespace atalaya::app {

using ChooseCommand = std::function<void(std::function<Result<void>()>)>;

/// Adds --node and --format; `options` outlives the parsing.
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
