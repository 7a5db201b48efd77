#pragma once
// What was wrong with a command line, in the terminal's language, with the word that was meant.

#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include <atalaya/base/text.hpp>

namespace atalaya::app {

/// One or more lines for standard error, without a last line feed. `arguments` are those after the
/// program's name; `error` is what parsing them with `program` threw.
[[nodiscard]] std::string usage_message(const CLI::App& program,
                                        const std::vector<std::string>& arguments,
                                        const CLI::ParseError& error, Language language);

}  // namespace atalaya::app
