#include "node.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <system_error>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <atalaya/base/json.hpp>
#include <atalaya/base/text.hpp>
#include <atalaya/crypto/hash.hpp>
#include <atalaya/store/schema.hpp>

#include "followup_port.hpp"

namespace atalaya::app {
namespace fs = std::filesystem;
namespace {

constexpr std::int64_t kIndexChanges = 10000;
constexpr const char* kUnfinished = "init.unfinished";
constexpr const char* kMadeByInit[] = {
    "node.toml", "atalaya.db", "atalaya.db-wal", "atalaya.db-shm", "keys", "index", "facts"};

std::unexpected<Error> folder_error(const fs::path& folder, std::string_view what) {
  return fail(Error{ErrorCode::unavailable,
                    "app.node.folder",
                    fmt::format("{}: {}", folder.string(), what),
                    {{"folder", folder.string()}}});
}

// Removes what create_node() made, unless it is told that all went well.
class Undo {
 public:
  Undo(fs::path folder, bool made) : folder_(std::move(folder)), made_(made) {}
  Undo(const Undo&) = delete;
  Undo& operator=(const Undo&) = delete;

  ~Undo() {
    if (!keep_) {
      std::error_code ignored;
      for (const char* name : kMadeByInit) {
        fs::remove_all(folder_ / name, ignored);
      }
      fs::remove(folder_ / kUnfinished, ignored);
      if (made_) {
        fs::remove(folder_, ignored);
      }
    }
  }

  void keep() { keep_ = true; }

 private:
  fs::path folder_;
  bool made_;
  bool keep_ = false;
};

// A file that says "no node yet" for as long as init is at work: whoever finds it knows that init
// was killed, and that nothing in the folder was ever used. Held by flock(2), so that two do not
// work at once.
class InitMark {
 public:
  /// `again`: the mark of an init that was killed is there. Another process may hold it, or may
  /// have made its node and removed it in this moment: then nothing in the folder is anybody
  /// else's.
  static Result<std::unique_ptr<InitMark>> take(const fs::path& folder, bool again) {
    const fs::path file = folder / kUnfinished;
    const int fd = ::open(file.c_str(), O_RDWR | O_CLOEXEC | (again ? 0 : O_CREAT | O_EXCL), 0600);
    if (fd < 0 && errno != EEXIST && errno != ENOENT) {
      return folder_error(file, "cannot be written");
    }
    auto mark = std::unique_ptr<InitMark>(new InitMark(folder, fd));
    struct stat status{};
    if (fd < 0 || ::flock(fd, LOCK_EX | LOCK_NB) != 0 || ::fstat(fd, &status) != 0 ||
        status.st_nlink == 0) {
      return fail(Error{ErrorCode::conflict,
                        "app.init.running",
                        fmt::format("another atalaya init is making {}", folder.string()),
                        {{"folder", folder.string()}}});
    }
    ATALAYA_TRY(mark->sync_folder());
    return mark;
  }

  InitMark(const InitMark&) = delete;
  InitMark& operator=(const InitMark&) = delete;

  ~InitMark() {
    if (fd_ >= 0) {
      ::close(fd_);
    }
  }

  /// From here on the folder is a node.
  [[nodiscard]] Result<void> remove() const {
    if (::unlink((folder_ / kUnfinished).c_str()) != 0) {
      return folder_error(folder_ / kUnfinished, "cannot be removed");
    }
    return sync_folder();
  }

 private:
  InitMark(fs::path folder, int fd) : folder_(std::move(folder)), fd_(fd) {}

  [[nodiscard]] Result<void> sync_folder() const {
    const int fd = ::open(folder_.c_str(), O_RDONLY | O_CLOEXEC | O_DIRECTORY);
    const bool synced = fd >= 0 && ::fsync(fd) == 0;
    if (fd >= 0) {
      ::close(fd);
    }
    return synced ? Result<void>()
                  : Result<void>(folder_error(folder_, "cannot be brought to disk"));
  }

  fs::path folder_;
  int fd_;
};

Result<void> write_private(const fs::path& file, const std::string& text) {
  const int fd = ::open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (fd < 0) {
    return folder_error(file, "cannot be written");
  }
  const bool written = ::write(fd, text.data(), text.size()) == static_cast<ssize_t>(text.size()) &&
                       ::fsync(fd) == 0;
  if (::close(fd) != 0 || !written) {
    return folder_error(file, "cannot be written; is the disk full?");
  }
  return {};
}

// Nothing is asked of the cluster yet: a node whose cluster is down still serves its releases.
Result<std::shared_ptr<observatory::FactStore>> open_facts(const OpenNode& node) {
  observatory::ClusterOptions options;
  options.address = ATALAYA_TRY(observatory::parse_cluster_address(node.config.facts));
  if (!node.config.facts_credentials.empty()) {
    auto credentials = ATALAYA_TRY(
        observatory::read_credentials(node.folder / node.config.facts_credentials));
    options.user = std::move(credentials.user);
    options.password = std::move(credentials.password);
  }
  if (!node.config.facts_ca.empty()) {
    options.ca_file = (node.folder / node.config.facts_ca).string();
  }
  // Nodes may share a database; each removes leftovers of its own alone.
  const auto key = crypto::sha256(node.ledger->verifier().to_string());
  std::memcpy(&options.node, key.data(), sizeof(options.node));
  options.clock = &node.clock;
  return observatory::cluster_facts(std::move(options), node.folder / "facts");
}

std::unexpected<Error> no_store(const fs::path& folder, const Config& config) {
  const std::string place =
      config.store.empty() ? (folder / "atalaya.db").string() : std::string("node.toml: store");
  return fail(Error{ErrorCode::data_loss,
                    "app.node.no_store",
                    fmt::format("{} holds no store of this node; put the last backup back with: "
                                "atalaya restore FILE NEW_FOLDER",
                                place),
                    {{"place", place}}});
}

Result<void> open_parts(OpenNode& node, WithIndex with_index) {
  const auto migrations = ATALAYA_TRY(store::program_migrations());
  node.migrations = ATALAYA_TRY(node.store->migrate(migrations));
  auto key = ATALAYA_TRY(ledger::NodeKey::load((node.folder / "keys" / "node.key").string()));
  node.ledger = ATALAYA_TRY(ledger::Ledger::open(*node.store, std::move(key), node.clock));
  ATALAYA_TRY(node.ledger->find_last_checkpoint());  // another node's store is not written to
  node.database =
      ATALAYA_TRY(ledger::RecordedDatabase::open(*node.store, *node.ledger, migrations));
  if (with_index != WithIndex::no) {
    auto index = text::SearchIndex::open(node.folder / "index");
    if (index) {
      node.index = *std::move(index);
    } else if (with_index == WithIndex::yes) {
      return fail(std::move(index).error());
    }
  }
  commitments::DeskParts parts;
  parts.database = node.database.get();
  parts.ledger = node.ledger.get();
  parts.catalogue = commitments::Catalogue::embedded();
  parts.index = node.index.get();
  parts.clock = &node.clock;
  node.desk = ATALAYA_TRY(commitments::Desk::open(parts));
  observatory::DeskParts figures;
  figures.database = node.database.get();
  figures.ledger = node.ledger.get();
  figures.clock = &node.clock;
  figures.folder = node.folder / "facts";
  figures.country = node.config.country;
  if (!node.config.facts.empty()) {
    figures.facts = ATALAYA_TRY(open_facts(node));
  }
  node.observatory = ATALAYA_TRY(observatory::Desk::open(std::move(figures)));
  ATALAYA_TRY(node.observatory->load_catalogue());
  followup::Parts followup;
  followup.database = node.database.get();
  followup.ledger = node.ledger.get();
  followup.commitments = node.desk.get();
  followup.clock = &node.clock;
  followup.indicators = indicator_port(*node.observatory);
  node.followup = ATALAYA_TRY(followup::Desk::open(std::move(followup)));
  return {};
}

}  // namespace

std::string store_address(const fs::path& folder, const Config& config) {
  return config.store.empty() ? (folder / "atalaya.db").string() : config.store;
}

namespace {

// What an init that was killed left in the folder: nobody used any of it.
void clear_unfinished(const fs::path& folder) {
  std::error_code ignored;
  for (const char* name : kMadeByInit) {
    fs::remove_all(folder / name, ignored);
  }
}

Result<void> make_key(const fs::path& folder, const Config& config) {
  std::error_code error;
  fs::create_directory(folder / "keys", error);
  fs::permissions(folder / "keys", fs::perms::owner_all, error);
  if (error) {
    return folder_error(folder, error.message());
  }
  const std::string name = ATALAYA_TRY(ledger::key_name_from(config.name));
  ATALAYA_TRY(ledger::NodeKey::generate((folder / "keys" / "node.key").string(), name));
  return {};
}

}  // namespace

Result<void> check_free_store(const store::Database& database) {
  const auto migrations = ATALAYA_TRY(store::program_migrations());
  std::vector<std::string> others;
  bool holds_node = false;
  ATALAYA_TRY(database.read([&](store::Transaction& tx) -> Result<void> {
    others.clear();
    const auto tables = ATALAYA_TRY(store::read_schema(tx, database.engine()));
    if (tables.empty()) {
      return {};
    }
    const auto ours = ATALAYA_TRY(store::schema_made_by(migrations));
    for (const auto& table : tables) {
      if (std::ranges::find(ours, table.name, &store::TableSchema::name) == ours.end()) {
        others.push_back(table.name);
      }
    }
    if (others.empty()) {
      // An init that was killed leaves tables with no node in them, and those may be used.
      const auto made =
          ATALAYA_TRY(tx.query("SELECT leaf_index FROM ledger_leaves WHERE kind = $1 LIMIT 1",
                               {std::string("node.created")}));
      holds_node = !made.empty();
    }
    return {};
  }));
  if (!others.empty()) {
    const std::string names = fmt::format(
        "{}", fmt::join(others.begin(),
                        others.begin() +
                            static_cast<std::ptrdiff_t>(std::min<std::size_t>(others.size(), 5)),
                        ", "));
    return fail(Error{ErrorCode::conflict,
                      "app.store.taken",
                      fmt::format("the database of --store holds tables of something else ({}); "
                                  "nothing was written to it. Give an empty database, or an empty "
                                  "schema of it",
                                  names),
                      {{"tables", names}}});
  }
  if (holds_node) {
    return fail(
        Error{ErrorCode::conflict,
              "app.store.node",
              "the database of --store holds a node already, and nothing was written to it. "
              "Serve that node from the folder that has its key, or give an empty database",
              {}});
  }
  return {};
}

Result<void> create_node(const fs::path& folder, const Config& config) {
  ATALAYA_TRY(check_config(config));
  std::error_code error;
  const bool again = fs::exists(folder / kUnfinished, error);
  if (fs::exists(folder, error) && !again &&
      !(fs::is_directory(folder, error) && fs::is_empty(folder, error))) {
    return fail(Error{ErrorCode::conflict,
                      "app.init.exists",
                      fmt::format("{} exists and is not an empty folder; choose another name, or "
                                  "serve the node that is there",
                                  folder.string()),
                      {{"folder", folder.string()}}});
  }
  const bool made = fs::create_directories(folder, error);
  if (error) {
    return folder_error(folder, error.message());
  }
  fs::permissions(folder, fs::perms::owner_all, error);
  const auto mark = ATALAYA_TRY(InitMark::take(folder, again));
  Undo undo(folder, made);
  if (again) {
    clear_unfinished(folder);
  }
  auto node = std::make_unique<OpenNode>();
  node->folder = folder;
  node->config = config;
  node->store = ATALAYA_TRY(store::Database::open(store_address(folder, config)));
  ATALAYA_TRY(check_free_store(*node->store));
  ATALAYA_TRY(write_private(folder / "node.toml", write_config(config)));
  ATALAYA_TRY(make_key(folder, config));
  ATALAYA_TRY(open_parts(*node, WithIndex::yes));
  ATALAYA_TRY(node->database->write([&](store::Transaction& tx) -> Result<void> {
    return record_settings(*node, tx, "node.created");
  }));
  ATALAYA_TRY(catch_up(*node));
  ATALAYA_TRY(node->ledger->checkpoint());
  ATALAYA_TRY(mark->remove());
  undo.keep();
  return {};
}

Result<void> record_settings(OpenNode& node, store::Transaction& tx, std::string_view kind) {
  const ledger::Event event{
      std::string(kind), node.ledger->verifier().name(),
      canonical_json(json::object{{"name", node.config.name},
                                  {"country", node.config.country},
                                  {"role", node.config.role},
                                  {"key", node.ledger->verifier().to_string()}})};
  ATALAYA_TRY(node.ledger->append(tx, {&event, 1}));
  return {};
}

Result<std::optional<Config>> recorded_settings(OpenNode& node) {
  constexpr std::uint64_t kEntries = 1000;
  std::optional<Config> out;
  ATALAYA_TRY(node.store->read([&](store::Transaction& tx) -> Result<void> {
    out.reset();
    const auto entries =
        ATALAYA_TRY(node.ledger->entries_of(tx, node.ledger->verifier().name(), kEntries));
    for (const auto& entry : entries) {
      if (entry.leaf.kind != "node.created" && entry.leaf.kind != "node.settings") {
        continue;
      }
      const auto payload = ATALAYA_TRY(node.ledger->find_payload(tx, entry.index));
      if (!payload) {
        continue;
      }
      const auto said = ATALAYA_TRY(parse_json(payload->bytes, "the leaf of the settings"));
      const auto text = [&](std::string_view key) {
        const auto* value = said.is_object() ? said.get_object().if_contains(key) : nullptr;
        return value != nullptr && value->is_string() ? std::string(value->get_string())
                                                      : std::string();
      };
      Config config;
      config.name = text("name");
      config.country = text("country");
      config.role = text("role");
      out = std::move(config);
    }
    return {};
  }));
  return out;
}

Result<Config> read_node_config(const fs::path& folder) {
  std::error_code error;
  if (fs::exists(folder / kUnfinished, error)) {
    return fail(
        Error{ErrorCode::not_found,
              "app.init.unfinished",
              fmt::format("atalaya init of {} was interrupted, or is still at work; there is "
                          "no node in it yet. Run init again as before: it goes on from "
                          "there",
                          folder.string()),
              {{"folder", folder.string()}}});
  }
  if (!fs::exists(folder / "node.toml", error)) {
    return fail(Error{ErrorCode::not_found,
                      "app.node.missing",
                      fmt::format("{} holds no node (no node.toml there); make one with: atalaya "
                                  "init {}",
                                  folder.string(), folder.string()),
                      {{"folder", folder.string()}}});
  }
  return read_config(folder / "node.toml");
}

// A store that is gone must not be made anew beside the old key: the node would sign a second
// history under the same name, and whoever asks would be told that nothing was ever there.
Result<std::unique_ptr<store::Database>> open_store(const fs::path& folder, const Config& config) {
  if (config.store.empty()) {
    std::error_code error;
    const auto size = fs::file_size(folder / "atalaya.db", error);
    if (error || (size == 0 && !fs::exists(folder / "atalaya.db-wal", error))) {
      return no_store(folder, config);
    }
  }
  auto database = ATALAYA_TRY(store::Database::open(store_address(folder, config)));
  bool found = false;
  ATALAYA_TRY(database->read([&](store::Transaction& tx) -> Result<void> {
    const auto tables = ATALAYA_TRY(store::read_schema(tx, database->engine()));
    found = std::ranges::find(tables, "ledger_head", &store::TableSchema::name) != tables.end();
    return {};
  }));
  if (!found) {  // tables of others are no store
    return no_store(folder, config);
  }
  return database;
}

Result<std::unique_ptr<OpenNode>> open_node(const fs::path& folder, WithIndex with_index) {
  auto node = std::make_unique<OpenNode>();
  node->folder = folder;
  node->config = ATALAYA_TRY(read_node_config(folder));
  node->store = ATALAYA_TRY(open_store(folder, node->config));
  bool empty = false;
  ATALAYA_TRY(node->store->read([&](store::Transaction& tx) -> Result<void> {
    const auto head = ATALAYA_TRY(tx.query("SELECT size FROM ledger_head", {}));
    empty = head.empty() || head.front().integer(0) == 0;
    return {};
  }));
  if (empty) {  // init writes the first leaf: a log without any was emptied
    return no_store(folder, node->config);
  }
  ATALAYA_TRY(open_parts(*node, with_index));
  return node;
}

Result<void> catch_up(OpenNode& node) {
  if (node.index == nullptr) {
    return {};
  }
  while (true) {
    const std::int64_t read = ATALAYA_TRY(node.desk->follow_index(kIndexChanges));
    if (read == 0) {
      return {};
    }
  }
}

}  // namespace atalaya::app
