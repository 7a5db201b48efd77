// atalaya init, doctor, backup, restore
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <system_error>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <atalaya/base/text.hpp>
#include <atalaya/columns/segment.hpp>
#include <atalaya/figures/messages.hpp>
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

namespace {

// node.toml's error as one of the option that has its key's name.
Error option_of(const Error& error, const Config& config) {
  const auto key = std::ranges::find(error.params, "key", [](const auto& p) { return p.first; });
  const std::string name = key == error.params.end() ? std::string() : key->second;
  const auto [value, allowed] =
      name == "role"       ? std::pair(config.role,
                                       "national, subnational, parliament, civil_society, "
                                             "regional")
      : name == "country"  ? std::pair(config.country, "ISO 3166-1 (PAN, BRA, CAN …)")
      : name == "language" ? std::pair(config.language, "en, es, pt, fr")
      : name == "listen"   ? std::pair(config.listen, "ADDRESS:PORT (127.0.0.1:8420)")
      : name == "store"    ? std::pair(config.store, "postgresql://user@host/name")
                           : std::pair(config.name, "1 – 100");
  Error out = option_error("--" + name, value, allowed);
  out.detail = "--" + error.detail;
  return out;
}

}  // namespace

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
  config.language =
      options.language.empty() ? language_of_country(config.country) : options.language;
  config.listen = options.listen.empty() ? config.listen : options.listen;
  if (const auto good = check_config(config); !good) {
    // There is no node.toml yet: the options are what to change, and their names are its keys'.
    return fail(option_of(good.error(), config));
  }
  ATALAYA_TRY(create_node(options.folder, config));
  const auto key =
      ATALAYA_TRY(ledger::NodeKey::load((options.folder / "keys" / "node.key").string()));
  if (options.output == Output::json) {
    print_json(json::object{{"folder", options.folder.string()},
                            {"name", config.name},
                            {"country", config.country},
                            {"role", config.role},
                            {"language", config.language},
                            {"key", key.verifier().to_string()}});
    return {};
  }
  const std::string folder = options.folder.string();
  fmt::print(
      "{}\n\n{}\n  {}\n\n{}\n"
      "  atalaya commitments import --node {} FILE...   {}\n"
      "  atalaya user add --node {} NAME --role administrator\n"
      "  atalaya serve --node {}                        http://{}\n",
      say("cli.init.made", {{"name", config.name}, {"folder", folder}}), say("cli.init.key"),
      key.verifier().to_string(), say("cli.init.next"), folder, say("cli.init.import"), folder,
      folder, config.listen);
  return {};
}

namespace {

// What is said to programs, in English, and to the person at the terminal.
struct Said {
  Said() = default;
  Said(std::string text) : english(text), local(std::move(text)) {}  // NOLINT: a name, a number
  Said(const char* text) : Said(std::string(text)) {}                // NOLINT
  // An error's detail is for the operator; the message says what it is about.
  Said(const Error& error) : english(error.detail), local(error.detail) {  // NOLINT
    const auto language = parse_language(terminal_language()).value_or(Language::en);
    if (language != Language::en) {
      local = figures::Messages::embedded().error(language, error) +
              (error.detail.empty() ? std::string() : " [" + error.detail + "]");
    }
  }

  std::string english, local;
};

Said said(std::string_view key, const std::vector<std::pair<std::string, Said>>& params = {}) {
  std::vector<std::pair<std::string, std::string>> english;
  std::vector<std::pair<std::string, std::string>> local;
  for (const auto& [name, value] : params) {
    english.emplace_back(name, value.english);
    local.emplace_back(name, value.local);
  }
  Said out;
  out.english = figures::Messages::embedded().text_with(Language::en, key, english);
  out.local = say(key, local);
  return out;
}

Said said_count(std::string_view key, std::int64_t n) {
  Said out;
  out.english = figures::Messages::embedded().count(Language::en, key, n);
  out.local = say_count(key, n);
  return out;
}

struct Check {
  std::string name, status;  // status: ok | warning | problem
  Said detail, advice;
  std::vector<std::string> findings;  // one by one, where `detail` shows the first few
};

class Doctor {
 public:
  Doctor(fs::path folder, bool record_settings)
      : folder_(std::move(folder)), record_settings_(record_settings) {}

  std::vector<Check> run() {
    // Without its settings a node's store is where a node without special ones has it.
    if (check_folder() || fs::exists(folder_ / "atalaya.db")) {
      check_store();
    } else {
      check_files();
    }
    check_disk();
    return std::move(checks_);
  }

 private:
  void add(std::string name, bool good, Said detail, Said advice = {}) {
    checks_.push_back({std::move(name), good ? "ok" : "problem", std::move(detail),
                       good ? Said() : std::move(advice), {}});
  }

  void warn(std::string name, Said detail, Said advice) {
    checks_.push_back({std::move(name), "warning", std::move(detail), std::move(advice), {}});
  }

  void warn_of_plain_facts() {
    const auto address = observatory::parse_cluster_address(config_.facts);
    const auto is_here = [](const std::string& server) {
      return server.starts_with("127.") || server.starts_with("[::1]") ||
             server.starts_with("localhost:");
    };
    if (address && !address->tls && !std::ranges::all_of(address->servers, is_here)) {
      warn("facts", said("doctor.facts.plain"), said("doctor.facts.plain.do"));
    }
  }

  bool check_folder() {
    auto config = read_node_config(folder_);
    add("configuration", config.has_value(),
        config ? Said(fmt::format("\"{}\", {} {}", config->name, config->role, config->country))
               : Said(config.error()),
        said("doctor.configuration.do"));
    const auto key = ledger::NodeKey::load((folder_ / "keys" / "node.key").string());
    if (config) {
      config_ = *config;
      warn_of_plain_facts();
      if (config_.host_names.empty() && config_.is_public()) {
        warn("address", said("doctor.address"), said("doctor.address.do"));
      }
    }
    struct stat info{};
    if (::stat(folder_.c_str(), &info) == 0 && (info.st_mode & 0077U) != 0) {
      warn("folder", said("doctor.folder"), fmt::format("chmod 700 {}", folder_.string()));
    }
    add("key", key.has_value(), key ? Said(key->verifier().to_string()) : Said(key.error()),
        !key && key.error().reason == "ledger.key.mode" ? Said() : said("doctor.key.do"));
    return config.has_value();
  }

  void check_store() {
    const std::string address = store_address(folder_, config_);
    if (config_.store.empty() && !fs::exists(address)) {
      add("store", false, said("doctor.store.missing"), said("doctor.store.missing.do"));
      check_files();
      return;
    }
    auto database = open_store(folder_, config_);
    if (!database) {
      const bool none = database.error().reason == "app.node.no_store";
      add("store", false, database.error(),
          said(none ? "doctor.store.missing.do" : "doctor.store.open.do"));
      check_files();
      return;
    }
    const auto health = (*database)->check();
    const bool sound = health && health->integrity == "ok";
    add("store", sound,
        health ? Said(fmt::format("{}, {} MB, {}", health->engine_version,
                                  health->size_bytes / 1'000'000, health->integrity))
               : Said(health.error()),
        said("doctor.store.do"));
    check_tables(**database);
    database->reset();
    auto node = open_node(folder_, WithIndex::if_free);
    if (!node) {
      add("node", false, node.error(), said("doctor.node.do"));
      check_without_node(address);
      return;
    }
    check_ledger((*node)->ledger->verify());
    check_settings(**node);
    check_index(**node);
    check_texts(**node);
    check_rows(node->get());
    check_participation(**node);
    check_facts(**node);
    check_commitments(**node);
  }

  // What can be said of a store that makes no node: its log, its rows, and the files beside it.
  void check_without_node(const std::string& address) {
    auto database = store::Database::open(address);
    const auto key = ledger::NodeKey::load((folder_ / "keys" / "node.key").string());
    if (database && key) {
      check_ledger(ledger::verify_log(**database, key->verifier()));
    }
    if (rows_before_.recorded) {
      check_rows(nullptr);
    }
    check_files();
  }

  // Needs neither settings nor store. The index is left alone: to open a damaged one empties it.
  void check_files() {
    std::error_code error;
    std::int64_t files = 0;
    std::vector<std::string> problems;
    for (fs::directory_iterator entry(folder_ / "facts", error), end; !error && entry != end;
         entry.increment(error)) {
      if (entry->path().extension() != ".seg") {
        continue;
      }
      ++files;
      const auto segment = columns::Segment::open(entry->path().string());
      const auto sound = segment ? segment->verify() : Result<void>(fail(segment.error()));
      if (!sound) {
        problems.push_back(fmt::format("{}: {}", entry->path().filename().string(),
                                       sound.error().detail));
      }
    }
    if (files > 0) {
      add("facts", problems.empty(),
          problems.empty() ? said("doctor.facts.files", {{"files", said_count("cli.files", files)}})
                           : first_of(problems, problems.size()),
          said("doctor.restore"));
    }
  }

  void check_commitments(OpenNode& node) {
    const auto overview = node.desk->overview();
    if (!overview) {
      add("commitments", false, overview.error(), said("doctor.see"));
      return;
    }
    add("commitments", true,
        said("doctor.commitments",
             {{"commitments", said_count("cli.commitments", overview->commitments)},
              {"held", std::to_string(overview->held)},
              {"documents", said_count("cli.documents", overview->sources)}}));
    if (overview->sources == 0) {
      warn("documents", said("doctor.documents"),
           fmt::format("atalaya commitments import --node {} FILE...", folder_.string()));
    }
    const auto readings = node.desk->held_readings();
    if (!readings) {
      add("readings", false, readings.error(), said("doctor.see"));
    } else if (readings->earlier > 0) {
      warn("readings",
           said("doctor.readings", {{"earlier", std::to_string(readings->earlier)},
                                    {"held", std::to_string(readings->held)}}),
           fmt::format("atalaya commitments reread --node {} --dry-run", folder_.string()));
    }
  }

  void check_ledger(const Result<ledger::VerifyReport>& report) {
    if (!report) {
      add("ledger", false, report.error(), "atalaya ledger verify");
      return;
    }
    add("ledger", report->ok(),
        report->ok() ? said("doctor.ledger", {{"size", std::to_string(report->size)},
                                              {"newer", std::to_string(report->leaves_unsigned)}})
                     : Said(report->problems.front().detail),
        said("doctor.ledger.do"));
  }

  // Others know the node by what its log says of it; node.toml is a file that anybody may edit who
  // reaches the folder.
  void check_settings(OpenNode& node) {
    if (record_settings_) {
      const auto recorded = node.database->write(
          [&](store::Transaction& tx) { return record_settings(node, tx, "node.settings"); });
      if (!recorded) {
        add("settings", false, recorded.error(), said("doctor.see"));
        return;
      }
    }
    const auto logged = recorded_settings(node);
    if (!logged) {
      add("settings", false, logged.error(), said("doctor.ledger.do"));
      return;
    }
    if (!*logged) {
      return;  // erased: nothing to compare with
    }
    const auto words = [](const Config& config) {
      return fmt::format("\"{}\", {} {}", config.name, config.role, config.country);
    };
    const std::string now = words(node.config);
    const std::string then = words(**logged);
    add("settings", now == then,
        now == then ? said("doctor.settings")
                    : said("doctor.settings.changed", {{"now", now}, {"logged", then}}),
        said("doctor.settings.do", {{"node", folder_.string()}}));
  }

  // The log proves what was imported; this compares it with what the pages would show.
  void check_texts(OpenNode& node) {
    const auto check = node.desk->check_against_log();
    const bool good = check && check->problems.empty();
    add("texts", good,
        good    ? said("doctor.texts")
        : check ? first_of(check->problems, check->problems.size())
                : Said(check.error()),
        said("doctor.texts.do"));
  }

  // Before the node is opened, which upgrades the store and writes settings of its own anew.
  void check_tables(const store::Database& database) {
    const auto migrations = store::program_migrations();
    if (!migrations) {
      add("tables", false, migrations.error(), said("doctor.install"));
      return;
    }
    const auto found = store::compare_schema(database, *migrations);
    const bool good = found && found->empty();
    add("tables", good,
        good    ? said("doctor.tables")
        : found ? first_of(*found, found->size())
                : Said(found.error()),
        said("doctor.changed"));
    if (found) {
      checks_.back().findings = *found;
    }
    auto rows = ledger::check_rows(database, *migrations);
    if (!rows) {
      add("rows", false, rows.error(), said("doctor.changed"));
    } else if (rows->recorded) {
      rows_before_ = *std::move(rows);
    }
  }

  // Whatever a table holds, the log has said when it was written: docs/formats/ledger.md. Without a
  // node only what was read before it failed to open counts.
  void check_rows(OpenNode* node) {
    Result<ledger::RowsReport> report = rows_before_;
    if (node != nullptr && rows_before_.problem_count == 0 &&
        (!rows_before_.recorded || !node->migrations.applied_now.empty())) {
      const auto migrations = store::program_migrations();
      report = migrations ? ledger::check_rows(*node->store, *migrations)
                          : Result<ledger::RowsReport>(fail(migrations.error()));
    }
    if (!report || report->problem_count > 0) {
      add("rows", false,
          report ? first_of(report->problems, report->problem_count) : Said(report.error()),
          said("doctor.changed"));
      checks_.back().findings = report ? report->problems : std::vector<std::string>{};
      return;
    }
    Said found =
        said("doctor.rows",
             {{"rows", said_count("cli.rows", static_cast<std::int64_t>(report->rows))},
              {"tables", said_count("cli.tables", static_cast<std::int64_t>(report->tables))}});
    const auto further = [&](std::string_view key, std::uint64_t count) {
      if (count > 0) {
        const Said more = said(key, {{"n", std::to_string(count)}});
        found.english += "; " + more.english;
        found.local += "; " + more.local;
      }
    };
    further("doctor.rows.found", report->rows_found);
    further("doctor.rows.partly", report->rows_partly);
    add("rows", true, std::move(found));
  }

  // Words that can be erased are in no digest of rows; each has a leaf of its own.
  void check_participation(OpenNode& node) {
    const auto problems = followup::check_submissions(node.followup->parts());
    const bool good = problems && problems->empty();
    add("submissions", good,
        good       ? said("doctor.submissions")
        : problems ? first_of(*problems, problems->size())
                   : Said(problems.error()),
        said("doctor.changed"));
  }

  static Said first_of(const std::vector<std::string>& problems, std::size_t count) {
    constexpr std::size_t kShownMax = 5;
    const std::size_t shown = std::min(problems.size(), kShownMax);
    Said out(fmt::format("{}", fmt::join(problems.begin(),
                                         problems.begin() + static_cast<std::ptrdiff_t>(shown),
                                         "; ")));
    if (count > shown) {
      const Said more = said("doctor.more", {{"n", std::to_string(count - shown)}});
      out.english += "; " + more.english;
      out.local += "; " + more.local;
    }
    return out;
  }

  // In the folder, not in a cluster: there check() looks itself.
  void check_further_files(OpenNode& node) {
    const auto used = node.observatory->files_in_use();
    if (!used || !node.config.facts.empty()) {
      return;
    }
    std::error_code error;
    std::vector<std::string> further;
    for (fs::directory_iterator entry(folder_ / "facts", error), end; !error && entry != end;
         entry.increment(error)) {
      std::string name = entry->path().filename().string();
      if (std::ranges::find(*used, name) == used->end()) {
        further.push_back("facts/" + std::move(name));
      }
    }
    if (!further.empty()) {
      std::ranges::sort(further);
      const Said names = first_of(further, further.size());
      warn("facts", said("doctor.facts.further", {{"files", names}}),
           said("doctor.facts.further.do"));
    }
  }

  void check_facts(OpenNode& node) {
    check_further_files(node);
    const auto problems = node.observatory->check();
    const bool good = problems && problems->empty();
    add("facts", good,
        good       ? said("doctor.facts")
        : problems ? said("doctor.facts.found", {{"first", problems->front()},
                                                 {"n", std::to_string(problems->size())}})
                   : Said(problems.error()),
        said(node.config.facts.empty() ? "doctor.restore" : "doctor.facts.cluster.do"));
  }

  void check_index(OpenNode& node) {
    if (node.index == nullptr) {
      warn("search index", said("doctor.index.written"), said("doctor.index.written.do"));
      return;
    }
    const auto behind = node.desk->index_behind();
    if (behind && *behind == 0) {
      add("search index", true, said("doctor.index"));
    } else {
      warn("search index",
           behind ? said("doctor.index.behind", {{"n", std::to_string(*behind)}})
                  : Said(behind.error()),
           said("doctor.index.behind.do"));
    }
  }

  void check_disk() {
    std::error_code error;
    const auto space = fs::space(folder_, error);
    if (!error) {
      const auto free_mb = space.available / 1'000'000;
      const Said free = said("doctor.disk", {{"n", std::to_string(free_mb)}});
      if (free_mb < 1000) {
        warn("disk", free, said("doctor.disk.do"));
      } else {
        add("disk", true, free);
      }
    }
  }

  fs::path folder_;
  bool record_settings_;
  Config config_;
  std::vector<Check> checks_;
  ledger::RowsReport rows_before_;  // as the node was found; not recorded: an older version's
};

}  // namespace

Result<void> run_doctor(const DoctorOptions& options) {
  std::error_code error;
  const auto config = read_node_config(options.node);
  const bool nothing =
      !fs::exists(options.node / "node.toml", error) && !fs::exists(options.node / "keys", error);
  if (!config && (nothing || config.error().reason == "app.init.unfinished")) {
    // No damaged node, but none at all: what every other command says of such a folder.
    return fail(config.error());
  }
  const auto checks = Doctor(options.node, options.record_settings).run();
  const auto problems = std::ranges::count(checks, "problem", &Check::status);
  if (options.output == Output::json) {
    json::array rows;
    for (const auto& check : checks) {
      rows.push_back(json::object{{"check", check.name},
                                  {"status", check.status},
                                  {"detail", check.detail.english},
                                  {"advice", check.advice.english},
                                  {"findings", json::value_from(check.findings)}});
    }
    print_json(json::object{{"ok", problems == 0}, {"checks", std::move(rows)}});
  } else {
    for (const auto& check : checks) {
      std::string key = "doctor.check." + check.name;
      std::ranges::replace(key, ' ', '_');
      fmt::print("{:<8} {:<14} {}\n", say("doctor.status." + check.status), say(key),
                 check.detail.local);
      if (!check.advice.local.empty()) {
        fmt::print("{:<23} {} {}\n", "", say("doctor.do"), check.advice.local);
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
  if (options.file == "-") {
    return fail(ErrorCode::invalid_argument, "app.backup.file",
                "a backup holds the node's private key and goes into a file, not to the output: "
                "give a file name, like node.backup (./- for a file of that name)");
  }
  auto node = ATALAYA_TRY(open_node(options.node, WithIndex::no));
  ATALAYA_TRY(node->ledger->checkpoint());
  if (std::error_code none; !fs::is_directory(fs::absolute(options.file).parent_path(), none)) {
    return fail(Error{
        ErrorCode::invalid_argument,
        "app.backup.folder",
        fmt::format("there is no folder {}", fs::absolute(options.file).parent_path().string()),
        {{"folder", fs::absolute(options.file).parent_path().string()}}});
  }
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
    fmt::print("{}\n", say("cli.backup", {{"file", options.file.string()},
                                          {"n", std::to_string(size / 1000)}}));
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
  ATALAYA_TRY(check_free_store(*database));
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
    fmt::print("{}\n",
               say("cli.restore",
                   {{"folder", options.folder.string()},
                    {"commitments", say_count("cli.commitments", overview.commitments)},
                    {"leaves", say_count("cli.leaves", static_cast<std::int64_t>(leaves))}}));
  }
  return {};
}

}  // namespace atalaya::app
