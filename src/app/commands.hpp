#pragma once
// What the command line can ask for. Each command prints its answer to standard output, what it
// is doing to standard error, and answers success or the error that main() turns into words and
// an exit code.

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <atalaya/base/json.hpp>
#include <atalaya/base/result.hpp>

namespace atalaya::app {

enum class Output { text, json };

struct InitOptions {
  std::filesystem::path folder;
  std::string name, country, role, store, language, listen;
  Output output = Output::text;
};

struct NodeOptions {
  std::filesystem::path node;
  Output output = Output::text;
};

struct ServeOptions : NodeOptions {
  std::string listen;         // overrides node.toml
  bool demo_sign_ins = false;  // make fresh accounts and print them
};

struct BackupOptions : NodeOptions {
  std::filesystem::path file;
};

struct RestoreOptions {
  std::filesystem::path file, folder;
  std::string store;  // another address than the backup's node.toml has
  Output output = Output::text;
};

struct ImportOptionsCli : NodeOptions {
  std::vector<std::string> files;
  bool dry_run = false;
  bool translation = false;
  bool incomplete = false;
  bool accept_changes = false;
  bool read_again = false;
  std::vector<std::string> same;  // "OLD=NEW"
  std::vector<std::string> apart;
  std::string reason;
};

struct RereadCliOptions : NodeOptions {
  bool dry_run = false;
};

struct ThemeOptions : NodeOptions {
  std::string add, remove;  // a theme of the catalogue; one of the two
  std::string id;           // of a commitment, or of a document; or that one's file name
  std::string reason;
};

struct ExportOptions : NodeOptions {
  std::string format = "json";
  std::filesystem::path out;
};

struct DoctorOptions : NodeOptions {
  bool record_settings = false;  // name, country and role of node.toml are meant
};

struct SearchOptions : NodeOptions {
  std::string language;  // empty: the terminal's
  std::int32_t limit = 20;
  std::string query;
};

struct LineageOptions : NodeOptions {
  std::string language;  // empty: the terminal's
  std::int32_t limit = 10;
  std::string id;
};

struct VerifyCliOptions : NodeOptions {
  std::vector<std::string> checkpoints;
};

struct CheckpointOptions : NodeOptions {
  std::filesystem::path out;
};

struct ProveOptions : NodeOptions {
  std::optional<std::uint64_t> leaf, from, to;
  bool reveal = false;
  std::filesystem::path out;
};

struct CheckProofOptions {
  std::filesystem::path proof;
  std::string key;  // the verifier key, or a file that holds it
  std::filesystem::path checkpoint;
  Output output = Output::text;
};

Result<void> run_init(const InitOptions& options);
Result<void> run_serve(const ServeOptions& options);
Result<void> run_doctor(const DoctorOptions& options);
Result<void> run_backup(const BackupOptions& options);
Result<void> run_restore(const RestoreOptions& options);
Result<void> run_import(const ImportOptionsCli& options);
Result<void> run_reread(const RereadCliOptions& options);
Result<void> run_theme(const ThemeOptions& options);
Result<void> run_export(const ExportOptions& options);
Result<void> run_search(const SearchOptions& options);
Result<void> run_lineage(const LineageOptions& options);
Result<void> run_verify(const VerifyCliOptions& options);
Result<void> run_checkpoint(const CheckpointOptions& options);
Result<void> run_prove(const ProveOptions& options);
Result<void> run_check_proof(const CheckProofOptions& options);
Result<void> run_key(const NodeOptions& options);

/// The whole program; answers its exit code (docs/reference/exit-codes.md).
int command_line(int argc, char** argv);

/// Writes to the file, or to standard output where it is empty or "-". A file appears whole or
/// not at all.
Result<void> write_output(const std::filesystem::path& out, const std::string& text);
/// The same, in parts as `produce` makes them; standard output may have got some when it fails.
using OutputSink = std::function<Result<void>(std::string_view)>;
Result<void> write_output(const std::filesystem::path& out,
                          const std::function<Result<void>(const OutputSink&)>& produce);
/// Values come from files of others: what would move the cursor, colour the line or turn its
/// direction is written out, "\x1B" for an escape. say() does it to its parameters.
[[nodiscard]] std::string without_controls(std::string_view text);
/// A message of ui/locales in the terminal's language; say_count() its plural form for n.
[[nodiscard]] std::string say(std::string_view key,
                              const std::vector<std::pair<std::string, std::string>>& params = {});
[[nodiscard]] std::string say_count(std::string_view key, std::int64_t n);
/// "1 commitment", "2 commitments"
[[nodiscard]] std::string counted(std::int64_t n, std::string_view one, std::string_view many);
/// JSON for programs, as one document.
void print_json(const json::value& value);
/// The language of the first of ATALAYA_LANG, LC_ALL, LC_MESSAGES and LANG that is set; English
/// where it is none of the four.
[[nodiscard]] std::string terminal_language();

}  // namespace atalaya::app
