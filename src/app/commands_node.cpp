// atalaya init, doctor, backup, restore
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <system_error>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <atalaya/base/text.hpp>
#include <atalaya/files/read.hpp>
#include <atalaya/followup/participation_check.hpp>
#include <atalaya/ledger/rows.hpp>
#include <atalaya/ledger/verify.hpp>
#include <atalaya/store/schema.hpp>

#include "backup_file.hpp"
#include "commands.hpp"
#include "node.hpp"

namespace atalaya::app {
namespace fs = std::filesystem;

Result<void> run_init(const InitOptions& options) {
  Config config;
  config.name = options.name.empty() ? options.folder.filename().string() : options.name;
  config.country = options.country;
  std::ranges::transform(config.country, config.country.begin(), [](char c) {
    return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  });
  // docs/reference/node-toml.md: a node of a country is national, one of no country is regional.
  config.role = options.role;
  if (config.role.empty()) {
    config.role = config.country.empty() ? "regional" : "national";
  }
  config.store = options.store;
  config.language = options.language;
  config.listen = options.listen.empty() ? config.listen : options.listen;
  if (const auto good = check_config(config); !good) {
    // There is no node.toml yet: the options are what to change, and their names are its keys'.
    return fail(ErrorCode::invalid_argument, "app.option", "--" + good.error().detail);
  }
  ATALAYA_TRY(create_node(options.folder, config));
  const auto key =
      ATALAYA_TRY(ledger::NodeKey::load((options.folder / "keys" / "node.key").string()));
  if (options.output == Output::json) {
    print_json(json::object{{"folder", options.folder.string()},
                            {"name", config.name},
                            {"country", config.country},
                            {"role", config.role},
                            {"key", key.verifier().to_string()}});
    return {};
  }
  fmt::print(
      "Made the node \"{}\" in {}.\n\n"
      "Its public key, to hand out on paper (it proves what this node publishes):\n  {}\n\n"
      "Next:\n"
      "  atalaya commitments import --node {} FILE...   bring in official texts\n"
      "  atalaya user add --node {} NAME --role administrator\n"
      "  atalaya serve --node {}                        http://{}\n",
      config.name, options.folder.string(), key.verifier().to_string(), options.folder.string(),
      options.folder.string(), options.folder.string(), config.listen);
  return {};
}

namespace {

struct Check {
  std::string name, status, detail, advice;  // status: ok | warning | problem
  std::vector<std::string> findings;         // one by one, where `detail` shows the first few
};

class Doctor {
 public:
  explicit Doctor(fs::path folder) : folder_(std::move(folder)) {}

  std::vector<Check> run() {
    if (check_folder()) {
      check_store();
    }
    check_disk();
    return std::move(checks_);
  }

 private:
  void add(std::string name, bool good, std::string detail, std::string advice = {}) {
    checks_.push_back({std::move(name), good ? "ok" : "problem", std::move(detail),
                       good ? std::string() : std::move(advice), {}});
  }

  void warn(std::string name, std::string detail, std::string advice) {
    checks_.push_back({std::move(name), "warning", std::move(detail), std::move(advice), {}});
  }

  void warn_of_plain_facts() {
    const auto address = observatory::parse_cluster_address(config_.facts);
    const auto is_here = [](const std::string& server) {
      return server.starts_with("127.") || server.starts_with("[::1]") ||
             server.starts_with("localhost:");
    };
    if (address && !address->tls && !std::ranges::all_of(address->servers, is_here)) {
      warn(
          "facts", "user, password and facts travel to the cluster unencrypted",
          "write clickhouses:// in node.toml and give the servers an https_port, or make sure that "
          "nobody else reaches their network");
    }
  }

  bool check_folder() {
    auto config = read_config(folder_ / "node.toml");
    if (!config) {
      add("configuration", false, config.error().detail,
          "mend node.toml, or restore the node from a backup");
      return false;
    }
    config_ = *std::move(config);
    add("configuration", true,
        fmt::format("\"{}\", {} {}", config_.name, config_.role, config_.country));
    struct stat info{};
    if (::stat(folder_.c_str(), &info) == 0 && (info.st_mode & 0077U) != 0) {
      warn("folder", "other users of this machine may read the node's folder",
           fmt::format("chmod 700 {}", folder_.string()));
    }
    warn_of_plain_facts();
    if (config_.host_names.empty() && config_.is_public()) {
      warn("address", "no host_names: citations take whatever name a reader called the node by",
           "name the node's public address in node.toml: host_names = [\"node.example\"]");
    }
    const auto key = ledger::NodeKey::load((folder_ / "keys" / "node.key").string());
    add("key", key.has_value(), key ? key->verifier().to_string() : key.error().detail,
        "restore keys/node.key from a backup; without it nothing can be signed");
    return true;
  }

  void check_store() {
    const std::string address = store_address(folder_, config_);
    if (config_.store.empty() && !fs::exists(address)) {
      add("store", false, "atalaya.db is not in the folder", "restore the node from a backup");
      return;
    }
    auto database = store::Database::open(address);
    if (!database) {
      add("store", false, database.error().detail, "start the database, or restore a backup");
      return;
    }
    const auto health = (*database)->check();
    const bool sound = health && health->integrity == "ok";
    add("store", sound,
        health ? fmt::format("{}, {} MB, {}", health->engine_version,
                             health->size_bytes / 1'000'000, health->integrity)
               : health.error().detail,
        "stop the node, keep a copy of its folder, restore the last backup");
    check_tables(**database);
    database->reset();
    auto node = open_node(folder_, WithIndex::if_free);
    if (!node) {
      add("node", false, node.error().detail, "see the message; the store was not changed");
      return;
    }
    check_ledger(**node);
    check_index(**node);
    check_texts(**node);
    check_rows(**node);
    check_participation(**node);
    check_facts(**node);
    const auto overview = (*node)->desk->overview();
    add("commitments", overview.has_value(),
        overview ? fmt::format("{}, {} with official text, {}",
                               counted(overview->commitments, "commitment", "commitments"),
                               overview->held, counted(overview->sources, "document", "documents"))
                 : overview.error().detail,
        "see the message");
    if (overview && overview->sources == 0) {
      warn("documents", "no official document was imported yet",
           fmt::format("atalaya commitments import --node {} FILE...", folder_.string()));
    }
  }

  void check_ledger(OpenNode& node) {
    const auto report = node.ledger->verify();
    if (!report) {
      add("ledger", false, report.error().detail, "atalaya ledger verify");
      return;
    }
    add("ledger", report->ok(),
        report->ok() ? fmt::format("{} leaves verify, {} newer than the last checkpoint",
                                   report->size, report->leaves_unsigned)
                     : report->problems.front().detail,
        "stop the node, keep a copy of its folder, and compare with a backup: atalaya ledger "
        "verify");
  }

  // The log proves what was imported; this compares it with what the pages would show.
  void check_texts(OpenNode& node) {
    const auto check = node.desk->check_against_log();
    const bool good = check && check->problems.empty();
    std::string found = "every imported text and file is the one that the log records";
    if (check && !check->problems.empty()) {
      found = first_of(check->problems, check->problems.size());
    }
    add("texts", good, check ? found : check.error().detail,
        "stop the node, keep a copy of its folder, and restore the last backup that doctor calls "
        "ok");
  }

  // Before the node is opened, which upgrades the store and writes settings of its own anew.
  void check_tables(const store::Database& database) {
    constexpr std::string_view kAdvice =
        "somebody changed the store without this program. Stop the node, keep a copy of its "
        "folder, and restore the last backup that doctor calls ok";
    const auto migrations = store::program_migrations();
    if (!migrations) {
      add("tables", false, migrations.error().detail, "install the program again");
      return;
    }
    const auto found = store::compare_schema(database, *migrations);
    const bool good = found && found->empty();
    add("tables", good,
        good    ? std::string("tables, columns and indexes are those that the program made")
        : found ? first_of(*found, found->size())
                : found.error().detail,
        std::string(kAdvice));
    if (found) {
      checks_.back().findings = *found;
    }
    auto rows = ledger::check_rows(database, *migrations);
    if (!rows) {
      add("rows", false, rows.error().detail, std::string(kAdvice));
    } else if (rows->recorded) {
      rows_before_ = *std::move(rows);
    }
  }

  // Whatever a table holds, the log has said when it was written: docs/formats/ledger.md.
  void check_rows(OpenNode& node) {
    Result<ledger::RowsReport> report = rows_before_;
    if (rows_before_.problem_count == 0 &&
        (!rows_before_.recorded || !node.migrations.applied_now.empty())) {
      const auto migrations = store::program_migrations();
      report = migrations ? ledger::check_rows(*node.store, *migrations)
                          : Result<ledger::RowsReport>(fail(migrations.error()));
    }
    if (!report || report->problem_count > 0) {
      add("rows", false,
          report ? first_of(report->problems, report->problem_count) : report.error().detail,
          "somebody changed the store without this program. Stop the node, keep a copy of its "
          "folder, and restore the last backup that doctor calls ok");
      checks_.back().findings = report ? report->problems : std::vector<std::string>{};
      return;
    }
    std::string found = fmt::format(
        "{} of {} are as the log records", counted(static_cast<std::int64_t>(report->rows), "row", "rows"),
        counted(static_cast<std::int64_t>(report->tables), "table", "tables"));
    if (report->rows_found > 0) {
      found += fmt::format("; {} of them were written by an older version and are recorded as an "
                           "upgrade found them",
                           report->rows_found);
    }
    if (report->rows_partly > 0) {
      found += fmt::format("; {} of them are vouched for only partly (columns that are newer than "
                           "their record, or a record that was erased)",
                           report->rows_partly);
    }
    add("rows", true, found);
  }

  // Words that can be erased are in no digest of rows; each has a leaf of its own.
  void check_participation(OpenNode& node) {
    const auto problems = followup::check_submissions(node.followup->parts());
    const bool good = problems && problems->empty();
    add("submissions", good,
        good       ? std::string("what was submitted and published is as the log records")
        : problems ? first_of(*problems, problems->size())
                   : problems.error().detail,
        "somebody changed the store without this program. Stop the node, keep a copy of its "
        "folder, and restore the last backup that doctor calls ok");
  }

  static std::string first_of(const std::vector<std::string>& problems, std::size_t count) {
    constexpr std::size_t kShownMax = 5;
    const std::size_t shown = std::min(problems.size(), kShownMax);
    return fmt::format("{}{}",
                       fmt::join(problems.begin(),
                                 problems.begin() + static_cast<std::ptrdiff_t>(shown), "; "),
                       count > shown ? fmt::format("; and {} more", count - shown) : std::string());
  }

  void check_facts(OpenNode& node) {
    const auto problems = node.observatory->check();
    const bool good = problems && problems->empty();
    add("facts", good,
        good       ? std::string("all facts are as they were written")
        : problems ? fmt::format("{} ({} in all)", problems->front(), problems->size())
                   : problems.error().detail,
        node.config.facts.empty() ? "restore the last backup that doctor calls ok"
                                  : "see docs/operating/clickhouse.md; where facts are lost, "
                                    "restore the last backup that doctor calls ok");
  }

  void check_index(OpenNode& node) {
    if (node.index == nullptr) {
      warn("search index", "is being written by a running server", "nothing to do");
      return;
    }
    const auto behind = node.desk->index_behind();
    const bool good = behind && *behind == 0;
    if (good) {
      add("search index", true, "is up to date");
    } else {
      warn("search index",
           behind ? fmt::format("is {} changes behind", *behind) : behind.error().detail,
           "it catches up by itself while the node is served");
    }
  }

  void check_disk() {
    std::error_code error;
    const auto space = fs::space(folder_, error);
    if (!error) {
      const auto free_mb = space.available / 1'000'000;
      if (free_mb < 1000) {
        warn("disk", fmt::format("{} MB free", free_mb), "make room before the next backup");
      } else {
        add("disk", true, fmt::format("{} MB free", free_mb));
      }
    }
  }

  fs::path folder_;
  Config config_;
  std::vector<Check> checks_;
  ledger::RowsReport rows_before_;  // as the node was found; not recorded: an older version's
};

}  // namespace

Result<void> run_doctor(const NodeOptions& options) {
  std::error_code error;
  if (!fs::exists(options.node / "node.toml", error) && !fs::exists(options.node / "keys", error)) {
    // No damaged node, but none at all: what every other command says of such a folder.
    ATALAYA_TRY(read_node_config(options.node));
  }
  const auto checks = Doctor(options.node).run();
  const auto problems = std::ranges::count(checks, "problem", &Check::status);
  if (options.output == Output::json) {
    json::array rows;
    for (const auto& check : checks) {
      rows.push_back(json::object{{"check", check.name},
                                  {"status", check.status},
                                  {"detail", check.detail},
                                  {"advice", check.advice},
                                  {"findings", json::value_from(check.findings)}});
    }
    print_json(json::object{{"ok", problems == 0}, {"checks", std::move(rows)}});
  } else {
    for (const auto& check : checks) {
      fmt::print("{:<8} {:<14} {}\n", check.status, check.name, check.detail);
      if (!check.advice.empty()) {
        fmt::print("{:<23} do: {}\n", "", check.advice);
      }
    }
  }
  if (problems > 0) {
    return fail(Error{ErrorCode::data_loss,
                      "app.doctor.problems",
                      counted(problems, "problem", "problems") + " found",
                      {}});
  }
  return {};
}

namespace {

// What a backup of this name left behind when it was killed.
void remove_leftovers(const fs::path& file) {
  std::error_code error;
  const fs::path folder = file.has_parent_path() ? file.parent_path() : fs::path(".");
  const std::string prefix = file.filename().string() + ".store.partial";
  for (const auto& entry : fs::directory_iterator(folder, error)) {
    if (entry.path().filename().string().starts_with(prefix)) {
      fs::remove(entry.path(), error);
    }
  }
  fs::remove_all(file.string() + ".facts.partial", error);
}

// Facts of a cluster become segment files in `folder`, so that a backup needs no cluster.
Result<void> add_facts(OpenNode& node, const std::vector<std::string>& names,
                       const fs::path& folder, std::vector<BackupPart>& parts) {
  for (const auto& name : names) {
    const auto file = ATALAYA_TRY(node.observatory->facts_file(name, folder));
    parts.push_back({"facts/" + name, file});
  }
  return {};
}

// A restored node keeps its facts in its folder: were it to write to the cluster of the node that
// it is a copy of, each would remove what the other has loaded since.
Result<void> leave_cluster(const fs::path& file, Config& config) {
  const std::string text = ATALAYA_TRY(files::read_file(file.string()));
  std::string out;
  for (const auto line : split(text, '\n')) {
    const bool is_address =
        trim(line).starts_with("facts") && trim(trim(line).substr(5)).starts_with('=');
    out += (is_address ? "# restored from a backup, facts in this folder: " : "");
    out += line;
    out += '\n';
  }
  out.pop_back();
  config.facts.clear();
  return write_output(file, out);
}

}  // namespace

Result<void> run_backup(const BackupOptions& options) {
  auto node = ATALAYA_TRY(open_node(options.node, WithIndex::no));
  ATALAYA_TRY(node->ledger->checkpoint());
  const fs::path copy = options.file.string() + ".store.partial";
  const fs::path exported = options.file.string() + ".facts.partial";
  std::error_code error;
  remove_leftovers(options.file);
  auto result = node->database->backup_to(copy.string());
  if (result) {
    std::vector<BackupPart> parts = {{"node.toml", node->folder / "node.toml"},
                                     {"keys/node.key", node->folder / "keys" / "node.key"},
                                     {"store.db", copy}};
    // Segments never change, so that naming them after the store was copied is enough.
    const auto facts = node->observatory->files_in_use();
    if (facts) {
      result = add_facts(*node, *facts, exported, parts);
      if (result) {
        result = write_backup(options.file, parts);
      }
    } else {
      result = fail(facts.error());
    }
  }
  fs::remove(copy, error);
  fs::remove_all(exported, error);
  if (!result) {
    return result;
  }
  const auto size = static_cast<std::int64_t>(fs::file_size(options.file, error));
  if (options.output == Output::json) {
    print_json(json::object{{"file", options.file.string()}, {"bytes", size}});
  } else {
    fmt::print("Wrote {} ({} kB). It holds the node's private key: keep it as you keep the node.\n",
               options.file.string(), size / 1000);
  }
  return {};
}

namespace {

Result<void> restore_into(const RestoreOptions& options, const fs::path& folder) {
  ATALAYA_TRY(read_backup(options.file, folder));
  Config config = ATALAYA_TRY(read_config(folder / "node.toml"));
  const fs::path copy = folder / "store.db";
  if (!options.store.empty()) {
    config.store = options.store == "sqlite" ? std::string() : options.store;
    ATALAYA_TRY(write_output(folder / "node.toml", write_config(config)));
  }
  if (!config.facts.empty()) {
    ATALAYA_TRY(leave_cluster(folder / "node.toml", config));
  }
  auto database = ATALAYA_TRY(store::Database::open(store_address(folder, config)));
  const auto migrations = ATALAYA_TRY(store::program_migrations());
  ATALAYA_TRY(database->migrate(migrations));
  ATALAYA_TRY(database->restore_from(copy.string()));
  std::error_code error;
  fs::remove(copy, error);
  const auto key = ATALAYA_TRY(ledger::NodeKey::load((folder / "keys" / "node.key").string()));
  const auto report = ATALAYA_TRY(ledger::verify_log(*database, key.verifier()));
  if (!report.ok()) {
    return fail(Error{ErrorCode::data_loss,
                      "app.restore.ledger",
                      "the restored log does not verify: " + report.problems.front().detail,
                      {}});
  }
  return {};
}

}  // namespace

Result<void> run_restore(const RestoreOptions& options) {
  std::error_code error;
  if (fs::exists(options.folder, error)) {
    return fail(Error{ErrorCode::conflict,
                      "app.restore.exists",
                      fmt::format("{} exists; restore into a new folder", options.folder.string()),
                      {{"folder", options.folder.string()}}});
  }
  // Everything happens in a folder beside; the node appears under its name when it is whole.
  const fs::path partial = options.folder.string() + ".partial";
  fs::remove_all(partial, error);
  fs::create_directories(partial, error);
  if (error) {
    return fail(Error{ErrorCode::unavailable,
                      "app.restore.write",
                      fmt::format("{} could not be made: {}", partial.string(), error.message()),
                      {{"file", partial.string()}}});
  }
  fs::permissions(partial, fs::perms::owner_all, error);
  auto result = restore_into(options, partial);
  if (result) {
    fs::rename(partial, options.folder, error);
    if (error) {
      result = fail(ErrorCode::unavailable, "app.restore.rename", error.message());
    }
  }
  if (!result) {
    fs::remove_all(partial, error);
    return result;
  }
  auto node = ATALAYA_TRY(open_node(options.folder, WithIndex::yes));
  ATALAYA_TRY(catch_up(*node));
  const auto overview = ATALAYA_TRY(node->desk->overview());
  const auto leaves = ATALAYA_TRY(node->ledger->size());
  if (options.output == Output::json) {
    print_json(json::object{{"folder", options.folder.string()},
                            {"commitments", overview.commitments},
                            {"ledger_size", leaves}});
  } else {
    fmt::print("Restored {}: {}, a log of {} that verifies.\n", options.folder.string(),
               counted(overview.commitments, "commitment", "commitments"),
               counted(static_cast<std::int64_t>(leaves), "leaf", "leaves"));
  }
  return {};
}

}  // namespace atalaya::app
