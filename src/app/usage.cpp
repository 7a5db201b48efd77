// CLI11 says in English that something is missing before it says what is mistyped. So the arguments
// are walked once more along the commands: the first word that no command or option has is named,
// with the nearest one that there is; only where all words are known does the error's kind speak.
#include "usage.hpp"

#include <algorithm>
#include <filesystem>
#include <numeric>
#include <optional>
#include <string_view>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <atalaya/figures/messages.hpp>

namespace atalaya::app {
namespace {

constexpr std::size_t kSuggestionsMax = 3;

// Levenshtein's distance, where two neighbours that changed places count as one change.
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::vector<std::size_t>> rows(a.size() + 1, std::vector<std::size_t>(b.size() + 1));
  std::iota(rows[0].begin(), rows[0].end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    rows[i][0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      rows[i][j] = std::min({rows[i - 1][j] + 1, rows[i][j - 1] + 1,
                             rows[i - 1][j - 1] + (a[i - 1] == b[j - 1] ? 0U : 1U)});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
        rows[i][j] = std::min(rows[i][j], rows[i - 2][j - 2] + 1);
      }
    }
  }
  return rows[a.size()][b.size()];
}

struct Candidate {
  std::string word;   // what is compared
  std::string shown;  // "commitments import" for a command of a group
};

// Those that differ in a third of the letters at most, nearest first.
std::vector<std::string> nearest(std::string_view typed, const std::vector<Candidate>& candidates) {
  std::vector<std::pair<std::size_t, std::string>> ranked;
  if (typed.size() > 60) {
    return {};
  }
  for (const Candidate& candidate : candidates) {
    const std::size_t away = distance(typed, candidate.word);
    const bool begins = typed.size() >= 3 && candidate.word.starts_with(typed);
    if (begins || away <= std::max<std::size_t>(1, std::max(typed.size(), candidate.word.size()) / 3)) {
      ranked.emplace_back(begins ? std::min<std::size_t>(away, 1) : away, candidate.shown);
    }
  }
  std::ranges::sort(ranked);
  std::vector<std::string> out;
  for (auto& [away, shown] : ranked) {
    if (out.size() < kSuggestionsMax && std::ranges::find(out, shown) == out.end()) {
      out.push_back(std::move(shown));
    }
  }
  return out;
}

std::vector<const CLI::App*> commands_of(const CLI::App& app) {
  return app.get_subcommands([](const CLI::App*) { return true; });
}

// "atalaya commitments import"
std::string path_of(const CLI::App& app) {
  return app.get_parent() == nullptr ? std::string("atalaya")
                                     : path_of(*app.get_parent()) + " " + app.get_name();
}

void add_commands(const CLI::App& app, const std::string& prefix, std::vector<Candidate>& out) {
  for (const CLI::App* command : commands_of(app)) {
    out.push_back({command->get_name(), prefix + command->get_name()});
    add_commands(*command, prefix + command->get_name() + " ", out);
  }
}

class Usage {
 public:
  Usage(const CLI::App& program, Language language) : at_(&program), language_(language) {}

  std::string message(const std::vector<std::string>& arguments, const CLI::ParseError& error) {
    std::string what = walk(arguments);
    if (what.empty()) {
      what = of_kind(error);
    }
    return fmt::format("atalaya: {}\n         {}", what,
                       say("usage.help", {{"command", path_of(*at_) + " --help"}}));
  }

 private:
  using Params = std::vector<std::pair<std::string, std::string>>;

  std::string say(std::string_view key, const Params& params = {}) const {
    return figures::Messages::embedded().text_with(language_, key, params);
  }

  std::string with_nearest(std::string out, std::string_view typed,
                           const std::vector<Candidate>& candidates) const {
    const auto found = nearest(typed, candidates);
    if (!found.empty()) {
      out += " " + say("usage.nearest", {{"words", fmt::format("{}", fmt::join(found, ", "))}});
    }
    return out;
  }

  // Names the first unknown word; empty when there is none. Leaves `at_` at the command reached.
  std::string walk(const std::vector<std::string>& arguments) {
    for (std::size_t i = 0; i < arguments.size(); ++i) {
      const std::string& word = arguments[i];
      if (word == "--") {
        return {};
      }
      if (word.size() > 1 && word.starts_with('-')) {
        const std::string name = word.substr(0, word.find('='));
        const CLI::Option* option = at_->get_option_no_throw(name);
        if (option == nullptr) {
          return unknown_option(name);
        }
        i += option->get_items_expected_min() > 0 && name.size() == word.size() ? 1U : 0U;
        continue;
      }
      const auto commands = commands_of(*at_);
      if (commands.empty()) {
        continue;
      }
      const auto command = std::ranges::find(commands, word, [](const CLI::App* app) {
        return app->get_name();
      });
      if (command == commands.end()) {
        return unknown_command(word);
      }
      at_ = *command;
    }
    return {};
  }

  std::string unknown_option(const std::string& name) const {
    std::vector<Candidate> candidates;
    for (const CLI::Option* option : at_->get_options()) {
      for (const auto& known : option->get_lnames()) {
        candidates.push_back({"--" + known, "--" + known});
      }
    }
    return with_nearest(say("usage.option", {{"command", path_of(*at_)}, {"word", name}}), name,
                        candidates);
  }

  std::string unknown_command(const std::string& word) const {
    std::vector<Candidate> candidates;
    add_commands(*at_, path_of(*at_) + " ", candidates);
    return with_nearest(say("usage.command", {{"command", path_of(*at_)}, {"word", word}}), word,
                        candidates);
  }

  std::string of_kind(const CLI::ParseError& error) const {
    const auto is = [&](CLI::ExitCodes kind) {
      return error.get_exit_code() == static_cast<int>(kind);
    };
    if (is(CLI::ExitCodes::RequiredError)) {
      return missing();
    }
    if (is(CLI::ExitCodes::ExcludesError) || is(CLI::ExitCodes::RequiresError)) {
      return say("usage.together", {{"words", error.what()}});
    }
    // "--limit: Value 0 not in range [1 - 100]", "Could not convert: --limit = abc"
    for (const CLI::Option* option : at_->get_options()) {
      const std::string shown = option->get_name();
      const std::string_view what = error.what();
      if (!what.starts_with(shown + ":") && !what.contains(": " + shown + " ")) {
        continue;
      }
      const auto given = option->results();
      if (given.empty() || is(CLI::ExitCodes::ArgumentMismatch)) {
        return say("usage.value_missing", {{"option", shown}});
      }
      return say("usage.value", {{"option", shown},
                                 {"value", fmt::format("{}", fmt::join(given, " "))}}) +
             allowed(what);
    }
    if (is(CLI::ExitCodes::ExtrasError)) {
      // "The following argument was not expected: y"
      const std::string what = error.what();
      const std::size_t colon = what.find(": ");
      return say("usage.extra",
                 {{"words", colon == std::string::npos ? what : what.substr(colon + 2)}});
    }
    return say("usage.other", {{"words", error.what()}});
  }

  // "{en,es}", "[1 - 100]" or "range 1 to 100" at the end of CLI11's sentence.
  std::string allowed(std::string_view what) const {
    for (const auto& [open, close] : {std::pair('{', '}'), std::pair('[', ']')}) {
      const auto begin = what.rfind(open);
      const auto end = what.rfind(close);
      if (begin != std::string_view::npos && end != std::string_view::npos && begin < end) {
        std::string values(what.substr(begin + 1, end - begin - 1));
        for (std::size_t at = 0; (at = values.find(',', at)) != std::string::npos; at += 2) {
          values.replace(at, 1, ", ");
        }
        return " " + say("usage.allowed", {{"words", values}});
      }
    }
    constexpr std::string_view kRange = " range ";
    if (const auto at = what.find(kRange); at != std::string_view::npos) {
      std::string values(what.substr(at + kRange.size()));
      if (const auto to = values.find(" to "); to != std::string::npos) {
        values.replace(to, 4, " – ");
      }
      return " " + say("usage.allowed", {{"words", values}});
    }
    return what.contains("does not exist") ? " " + say("usage.no_file") : std::string();
  }

  std::string missing() const {
    if (!commands_of(*at_).empty()) {
      std::vector<std::string> names;
      for (const CLI::App* command : commands_of(*at_)) {
        names.push_back(command->get_name());
      }
      return say("usage.which", {{"command", path_of(*at_)},
                                 {"words", fmt::format("{}", fmt::join(names, ", "))}});
    }
    std::vector<std::string> names;
    for (const CLI::Option* option : at_->get_options()) {
      if (option->get_required() && option->count() == 0) {
        names.push_back(option->get_name());
      }
    }
    return say("usage.missing", {{"command", path_of(*at_)},
                                 {"words", fmt::format("{}", fmt::join(names, ", "))}});
  }

  const CLI::App* at_;
  Language language_;
};

}  // namespace

std::string usage_message(const CLI::App& program, const std::vector<std::string>& arguments,
                          const CLI::ParseError& error, Language language) {
  return Usage(program, language).message(arguments, error);
}

namespace {

std::string in_language(const std::string& english, Language language) {
  const auto& messages = figures::Messages::embedded();
  const std::string key = "help." + english;
  return messages.has(language, key) ? messages.text(language, key) : english;
}

std::vector<CLI::App*> commands_of(CLI::App& app) {
  return app.get_subcommands([](CLI::App*) { return true; });
}

void translate(CLI::App& app, Language language) {
  app.description(in_language(app.get_description(), language));
  for (CLI::Option* option : app.get_options()) {
    option->description(in_language(option->get_description(), language));
    option->group(in_language(option->get_group(), language));
  }
  for (CLI::App* command : commands_of(app)) {
    translate(*command, language);
    command->group(in_language(command->get_group(), language));
  }
}

}  // namespace

void translate_help(CLI::App& program, Language language) {
  for (const char* label :
       {"Usage", "OPTIONS", "SUBCOMMAND", "Positionals", "REQUIRED", "Excludes"}) {
    program.get_formatter()->label(label, in_language(label, language));
  }
  program.footer(in_language(program.get_footer(), language));
  translate(program, language);
}

void add_replace_flags(CLI::App& program) {
  const std::string about = "Replace an older file of that name";
  for (CLI::App* command : commands_of(program)) {
    if (command->get_option_no_throw("--out") != nullptr) {
      command->add_flag("--replace", about);
    }
    add_replace_flags(*command);
  }
}

Result<void> check_outputs(const CLI::App& program) {
  for (const CLI::App* command : program.get_subcommands()) {
    ATALAYA_TRY(check_outputs(*command));
    const CLI::Option* out = command->get_option_no_throw("--out");
    if (out == nullptr || out->count() == 0 || command->count("--replace") > 0) {
      continue;
    }
    std::error_code error;
    const auto file = out->as<std::string>();
    if (file != "-" && std::filesystem::is_regular_file(file, error)) {
      return fail(Error{ErrorCode::conflict,
                        "app.output.exists",
                        fmt::format("{} is there already; give another name, or add --replace",
                                    file),
                        {{"file", file}}});
    }
  }
  return {};
}

}  // namespace atalaya::app
