// The command line: what can be asked, and how failures become words and exit codes.
#include <csignal>
#include <cstdio>
#include <exception>
#include <functional>
#include <iostream>
#include <memory>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <atalaya/figures/messages.hpp>

#include "command_parts.hpp"
#include "commands.hpp"
#include "commands_briefs.hpp"
#include "commands_followup.hpp"
#include "commands_participation.hpp"
#include "commands_registers.hpp"
#include "commands_rounds.hpp"
#include "commands_observatory.hpp"
#include "commands_user.hpp"
#include "usage.hpp"

namespace atalaya::app {
namespace {

constexpr std::string_view kVersion = "0.1.0";
constexpr std::string_view kRoleHelp =
    "reader, editor, focal_point, coder, expert, analyst, publisher, officer, auditor or "
    "administrator; focal_point@PAN writes for that state, focal_point@PAN.parliament for its "
    "parliament, focal_point@cicad for that institution, reader@PAN says where somebody comes "
    "from, "
    "the others take no territory; may repeat";

// docs/reference/exit-codes.md
int exit_code(ErrorCode code) {
  switch (code) {
    case ErrorCode::invalid_argument:
      return 3;
    case ErrorCode::not_found:
      return 4;
    case ErrorCode::conflict:
      return 5;
    case ErrorCode::unauthenticated:
    case ErrorCode::permission_denied:
      return 6;
    case ErrorCode::exhausted:
    case ErrorCode::unavailable:
    case ErrorCode::deadline_exceeded:
      return 7;
    case ErrorCode::data_loss:
      return 8;
    case ErrorCode::internal:
    case ErrorCode::unimplemented:
      return 1;
  }
  return 1;
}

// What CLI11 lets through and yet is no command: 2, as for a missing word.
constexpr std::string_view kUsage = "app.usage.";

int report(const Error& error) {
  const auto language = parse_language(terminal_language()).value_or(Language::en);
  const auto& messages = figures::Messages::embedded();
  if (messages.has(language, "error." + error.reason)) {
    fmt::print(stderr, "atalaya: {}\n", messages.error(language, error));
    if (!error.detail.empty()) {
      fmt::print(stderr, "         {}{}\n", messages.text(language, "cli.detail"), error.detail);
    }
  } else {
    fmt::print(stderr, "atalaya: {}\n", error.detail.empty() ? error.reason : error.detail);
  }
  fmt::print(stderr, "         [{}]\n", error.reason);
  return error.reason.starts_with(kUsage) ? 2 : exit_code(error.code);
}

// The command that was chosen, run after parsing.
using Chosen = std::function<Result<void>()>;

class CommandLine {
 public:
  CommandLine()
      : cli_("Atalaya watches whether what the states of the Americas committed to on public "
             "security comes true. One program, one folder for each node.") {
    cli_.require_subcommand(1);
    cli_.set_version_flag("--version", std::string(kVersion));
    cli_.get_formatter()->column_width(38);
    cli_.footer("Start with:\n"
                "  atalaya init mynode --name \"National observatory\" --country PAN\n"
                "  atalaya commitments import --node mynode FILE...\n"
                "  atalaya serve --node mynode\n"
                "Exit codes: 0 done, 2 wrong usage, 3 bad input, 4 not found, 5 conflict, 6 not "
                "allowed,\n7 try again later, 8 damaged data, 1 our fault. Every command that "
                "prints data takes --format json.");
    add_node_commands();
    add_commitments();
    observatory_ = std::make_unique<ObservatoryCommands>(
        cli_, [this](Chosen chosen) { chosen_ = std::move(chosen); });
    followup_ = std::make_unique<FollowupCommands>(
        cli_, [this](Chosen chosen) { chosen_ = std::move(chosen); });
    registers_ = std::make_unique<RegisterCommands>(
        cli_, [this](Chosen chosen) { chosen_ = std::move(chosen); });
    participation_ = std::make_unique<ParticipationCommands>(
        cli_, [this](Chosen chosen) { chosen_ = std::move(chosen); });
    rounds_ = std::make_unique<RoundCommands>(
        cli_, [this](Chosen chosen) { chosen_ = std::move(chosen); });
    briefs_ = std::make_unique<BriefCommands>(
        cli_, [this](Chosen chosen) { chosen_ = std::move(chosen); });
    add_ledger();
    add_user_commands();
    add_replace_flags(cli_);
    cli_.set_help_all_flag("--help-all", "Print the help of every command and exit");
    translate_help(cli_, parse_language(terminal_language()).value_or(Language::en));
  }

  CLI::App& cli() { return cli_; }

  [[nodiscard]] const Chosen& chosen() const { return chosen_; }

 private:
  template <class Options>
  void run(CLI::App& command, Options& options, Result<void> (*function)(const Options&)) {
    command.callback([this, &options, function] {
      chosen_ = [&options, function] { return function(options); };
    });
  }

  void add_node_commands() {
    auto* init = cli_.add_subcommand("init", "Make a node in a new folder");
    init->add_option("DIR", init_.folder, "The new folder")->required();
    init->add_option("--name", init_.name, "What the node is called on every page");
    init->add_option("--country", init_.country, "ISO 3166-1 alpha-3, like PAN");
    init->add_option("--role", init_.role,
                     "national (default with --country), subnational, parliament, civil_society "
                     "or regional (default without)")
        ->check(CLI::IsMember(
            {"national", "subnational", "parliament", "civil_society", "regional"}));
    init->add_option("--store", init_.store, "postgresql://... instead of a file in the folder");
    init->add_option("--language", init_.language,
                     "of pages for readers who state none (default: the country's, else en)")
        ->check(CLI::IsMember({"en", "es", "pt", "fr"}));
    init->add_option("--listen", init_.listen, "ADDRESS:PORT (default 127.0.0.1:8420)");
    add_format_option(*init, init_.output);
    run(*init, init_, run_init);

    auto* serve = cli_.add_subcommand("serve", "Serve a node's pages and API until Ctrl-C");
    add_node_options(*serve, serve_);
    serve->add_option("--listen", serve_.listen, "ADDRESS:PORT instead of node.toml's");
    serve->add_flag("--demo-sign-ins", serve_.demo_sign_ins,
                    "Make fresh demo accounts and print them (never on a real node)");
    run(*serve, serve_, run_serve);

    auto* doctor = cli_.add_subcommand("doctor", "Check a node and say what to do");
    add_node_options(*doctor, doctor_);
    doctor->add_flag("--record-settings", doctor_.record_settings,
                     "Write name, country and role of node.toml to the log: a change is meant");
    run(*doctor, doctor_, run_doctor);

    auto* backup = cli_.add_subcommand("backup", "Write a whole node, while it runs, to one file");
    add_node_options(*backup, backup_);
    backup->add_option("FILE", backup_.file, "The new backup file")->required();
    run(*backup, backup_, run_backup);

    auto* restore = cli_.add_subcommand("restore", "Make a node from a backup");
    restore->add_option("FILE", restore_.file, "The backup")->required()->check(CLI::ExistingFile);
    restore->add_option("DIR", restore_.folder, "The new folder")->required();
    restore->add_option("--store", restore_.store, "sqlite or postgresql://..., when it changes");
    add_format_option(*restore, restore_.output);
    run(*restore, restore_, run_restore);
  }

  void add_commitments() {
    auto* desk = cli_.add_subcommand("commitments", "What was committed: import, search, export");
    desk->require_subcommand(1);
    auto* import = desk->add_subcommand(
        "import", "Read official documents (txt, html, docx, pdf); all of them or none");
    add_node_options(*import, import_);
    import->add_flag("--dry-run", import_.dry_run, "Show the plan and change nothing");
    import->add_flag("--translation", import_.translation,
                     "The texts are translations, not official versions");
    import->add_flag("--incomplete", import_.incomplete,
                     "Accept a file whose last item ends in the middle of a sentence");
    import->add_flag("--accept-changes", import_.accept_changes,
                     "Accept a file that differs much from the version or twin that is held");
    import->add_flag("--read-again", import_.read_again,
                     "Take the meeting and year that this version of the program reads in a file "
                     "that is held; old ids lead to the new ones");
    import
        ->add_option("--same", import_.same,
                     "OLD=NEW: the item that the plan shows as NEW is the held commitment OLD in "
                     "new words; may be repeated")
        ->expected(1)
        ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
    import
        ->add_option("--new", import_.apart,
                     "The item that the plan shows as NEW is a commitment of its own; may be "
                     "repeated")
        ->expected(1)
        ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
    import->add_option("--reason", import_.reason, "Why, for the log; with --same");
    import->add_option("FILE", import_.files, "Files to read")->required();
    run(*import, import_, run_import);

    auto* reread = desk->add_subcommand(
        "reread",
        "Read the clauses of held texts by the rules of this program; what persons set "
        "stays");
    add_node_options(*reread, reread_);
    reread->add_flag("--dry-run", reread_.dry_run, "Show what would change, clause by clause");
    run(*reread, reread_, run_reread);

    auto* theme = desk->add_subcommand(
        "theme",
        "Give a commitment, or all commitments of a held document, a theme; or take it away");
    add_node_options(*theme, theme_);
    auto* given = theme->add_option("--add", theme_.add, "The theme that is given, like education");
    theme->add_option("--remove", theme_.remove, "The theme that is taken away")->excludes(given);
    theme->add_option("--reason", theme_.reason, "Why, for the log")->required();
    theme->add_option("ID", theme_.id, "A commitment, or a held document: its id or file name")
        ->required();
    run(*theme, theme_, run_theme);

    auto* out = desk->add_subcommand("export", "Write everything: json, csv, jsonld or akn");
    add_node_option(*out, export_.node);
    out->add_option("--format", export_.format, "json (default), csv, jsonld or akn")
        ->check(CLI::IsMember({"json", "csv", "jsonld", "akn"}));
    out->add_option("--out", export_.out, "A file instead of standard output");
    run(*out, export_, run_export);

    auto* search = desk->add_subcommand("search", "Find commitments by words");
    add_node_options(*search, search_);
    search->add_option("--lang", search_.language, "en, es, pt or fr")
        ->check(CLI::IsMember({"en", "es", "pt", "fr"}));
    search->add_option("--limit", search_.limit, "At most so many")->check(CLI::Range(1, 100));
    search->add_option("QUERY", search_.query, "Words; \"in quotes\" a phrase; -word leaves out")
        ->required();
    run(*search, search_, run_search);

    auto* lineage = desk->add_subcommand("lineage", "Rank the likely antecedents of a commitment");
    add_node_options(*lineage, lineage_);
    lineage->add_option("--lang", lineage_.language, "of titles: en, es, pt or fr")
        ->check(CLI::IsMember({"en", "es", "pt", "fr"}));
    lineage->add_option("--limit", lineage_.limit, "At most so many")->check(CLI::Range(1, 100));
    lineage->add_option("ID", lineage_.id, "The commitment")->required();
    run(*lineage, lineage_, run_lineage);
  }

  void add_ledger() {
    auto* log = cli_.add_subcommand("ledger", "The log that nobody can rewrite unseen");
    log->require_subcommand(1);
    auto* verify = log->add_subcommand("verify", "Recompute the whole log and compare");
    add_node_options(*verify, verify_);
    verify->add_option("--checkpoint", verify_.checkpoints,
                       "Checkpoint files kept elsewhere: the log must contain them");
    run(*verify, verify_, run_verify);

    auto* checkpoint = log->add_subcommand("checkpoint", "Sign the log as it is now");
    add_node_options(*checkpoint, checkpoint_);
    checkpoint->add_option("--out", checkpoint_.out, "A file instead of standard output");
    run(*checkpoint, checkpoint_, run_checkpoint);

    auto* prove = log->add_subcommand("prove", "Write a proof file");
    add_node_options(*prove, prove_);
    prove->add_option("--leaf", prove_.leaf, "That this leaf is in the log");
    prove->add_flag("--payload", prove_.reveal, "With the leaf's content");
    prove->add_option("--from", prove_.from, "That the log only grew since it had this size");
    prove->add_option("--to", prove_.to, "until this size (default: now)");
    prove->add_option("--out", prove_.out, "A file instead of standard output");
    run(*prove, prove_, run_prove);

    auto* check = log->add_subcommand("check-proof", "Check a proof file; needs no node");
    check->add_option("FILE", check_.proof, "The proof")->required()->check(CLI::ExistingFile);
    check->add_option("--key", check_.key, "The node's public key, or a file with it")->required();
    check->add_option("--checkpoint", check_.checkpoint, "A checkpoint that you kept");
    add_format_option(*check, check_.output);
    run(*check, check_, run_check_proof);

    auto* key = log->add_subcommand("key", "Print the node's public key");
    add_node_options(*key, key_);
    run(*key, key_, run_key);
  }

  void password(CLI::App& command, PasswordSource& source) {
    auto* from = command.add_flag("--password-stdin", source.from_stdin,
                                  "Read the password from standard input, one line");
    command.add_flag("--generate", source.generate, "Make a password and print it once")
        ->excludes(from);
  }

  void user(CLI::App& command, UserOptions& options) {
    add_node_options(command, options);
    command.add_option("NAME", options.name, "The account")->required();
  }

  void add_user_commands() {
    auto* users = cli_.add_subcommand("user", "Accounts: who may sign in, and as what");
    users->require_subcommand(1);
    auto* add = users->add_subcommand("add", "Make an account; asks for the password");
    add_node_options(*add, user_add_);
    add->add_option("NAME", user_add_.name, "2 to 40 of a-z 0-9 . _ -")->required();
    add->add_option("--display-name", user_add_.display_name, "As pages show it");
    add->add_option("--organisation", user_add_.organisation, "Whom the person works for");
    add->add_option("--role", user_add_.roles, std::string(kRoleHelp));
    password(*add, user_add_.password);
    run(*add, user_add_, run_user_add);

    auto* list = users->add_subcommand("list", "All accounts with their roles");
    add_node_options(*list, user_list_);
    run(*list, user_list_, run_user_list);

    auto* roles = users->add_subcommand("roles", "Set all roles of an account");
    user(*roles, user_roles_);
    roles->add_option("--role", user_roles_.roles, std::string(kRoleHelp));
    run(*roles, user_roles_, run_user_roles);

    auto* rename = users->add_subcommand("rename", "Set the name that pages show");
    user(*rename, user_rename_);
    rename->add_option("--display-name", user_rename_.display_name, "As pages show it")->required();
    run(*rename, user_rename_, run_user_rename);

    auto* secret = users->add_subcommand("password", "Set a password; ends sessions and tokens");
    user(*secret, user_password_);
    password(*secret, user_password_.password);
    run(*secret, user_password_, run_user_password);

    auto* disable = users->add_subcommand("disable", "Let an account in no more");
    user(*disable, user_disable_);
    run(*disable, user_disable_, run_user_disable);
    auto* enable = users->add_subcommand("enable", "Let a disabled account in again");
    user(*enable, user_enable_);
    run(*enable, user_enable_, run_user_enable);

    auto* factor = users->add_subcommand(
        "second-factor", "Print a fresh key for an authenticator app; ends sessions");
    user(*factor, user_factor_);
    factor->add_flag("--remove", user_factor_.remove, "The password alone is enough again");
    run(*factor, user_factor_, run_user_second_factor);
    add_token_commands(*users);
  }

  void add_token_commands(CLI::App& users) {
    auto* token = users.add_subcommand("token", "Print a fresh API token for programs");
    user(*token, user_token_);
    token->add_option("--token-name", user_token_.token_name, "What it is for")->required();
    token->add_option("--scope", user_token_.scopes, "Like commitments:write; may repeat; a wrong one lists all of them")
        ->required();
    token->add_option("--days", user_token_.days, "1 to 400 (default 90)");
    run(*token, user_token_, run_user_token);

    auto* tokens = users.add_subcommand("tokens", "The API tokens of an account");
    user(*tokens, user_tokens_);
    run(*tokens, user_tokens_, run_user_tokens);

    auto* revoke = users.add_subcommand("revoke", "End an API token");
    add_node_options(*revoke, user_revoke_);
    revoke->add_option("ID", user_revoke_.id, "As `user tokens` prints it")->required();
    run(*revoke, user_revoke_, run_user_revoke);
  }

  CLI::App cli_;
  Chosen chosen_;
  std::unique_ptr<ObservatoryCommands> observatory_;
  std::unique_ptr<FollowupCommands> followup_;
  std::unique_ptr<RegisterCommands> registers_;
  std::unique_ptr<ParticipationCommands> participation_;
  std::unique_ptr<RoundCommands> rounds_;
  std::unique_ptr<BriefCommands> briefs_;
  InitOptions init_;
  ServeOptions serve_;
  DoctorOptions doctor_;
  BackupOptions backup_;
  RestoreOptions restore_;
  ImportOptionsCli import_;
  RereadCliOptions reread_;
  ThemeOptions theme_;
  ExportOptions export_;
  SearchOptions search_;
  LineageOptions lineage_;
  VerifyCliOptions verify_;
  CheckpointOptions checkpoint_;
  ProveOptions prove_;
  CheckProofOptions check_;
  NodeOptions key_;
  UserAddOptions user_add_;
  NodeOptions user_list_;
  UserRolesOptions user_roles_;
  UserRenameOptions user_rename_;
  UserPasswordOptions user_password_;
  UserOptions user_disable_, user_enable_, user_tokens_;
  SecondFactorOptions user_factor_;
  TokenOptions user_token_;
  RevokeOptions user_revoke_;
};

}  // namespace

int command_line(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_IGN);
  CommandLine line;
  try {
    line.cli().parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() == 0) {
      return line.cli().exit(error);  // --help and --version
    }
    const auto language = parse_language(terminal_language()).value_or(Language::en);
    const std::vector<std::string> arguments(argv + 1, argv + argc);
    fmt::print(stderr, "{}\n", usage_message(line.cli(), arguments, error, language));
    return 2;
  }
  const Result<void> outputs = check_outputs(line.cli());
  const Result<void> result = outputs ? line.chosen()() : outputs;
  std::fflush(stdout);
  return result ? 0 : report(result.error());
}

}  // namespace atalaya::app
