#include "command_parts.hpp"

namespace atalaya::app {

void add_node_options(CLI::App& command, NodeOptions& options) {
  command.add_option("--node", options.node, "The node's folder")->required();
  command
      .add_option_function<std::string>(
          "--format",
          [&options](const std::string& format) {
            options.output = format == "json" ? Output::json : Output::text;
          },
          "text (default) or json")
      ->check(CLI::IsMember({"text", "json"}));
}

}  // namespace atalaya::app
