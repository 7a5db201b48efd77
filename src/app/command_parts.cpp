#include "command_parts.hpp"

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

}  // namespace atalaya::app
