#pragma once
// What was wrong with a command line, in the terminal's language, with the word that was meant.

#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include <atalaya/base/result.hpp>
#include <atalaya/base/text.hpp>

namespace atalaya::app {

/// One or more lines for standard error, without a last line feed. `arguments` are those after the
/// program's name; `error` is what parsing them with `program` threw.
[[nodiscard]] std::string usage_message(const CLI::App& program,
                                        const std::vector<std::string>& arguments,
                                        const CLI::ParseError& error, Language language);

/// Says all that `--help` prints in `language`: the message help.<English text> of each description.
void translate_help(CLI::App& program, Language language);

/// Gives every command that has --out the flag --replace.
void add_replace_flags(CLI::App& program);

/// After parsing: fails with conflict (app.output.exists) where --out names a file that is there
/// and --replace is not given. Pipes and devices are written into whatever stands in them.
[[nodiscard]] Result<void> check_outputs(const CLI::App& program);

}  // namespace atalaya::app
