#include "node.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <fstream>
#include <system_error>

#include <fmt/format.h>

#include <atalaya/base/json.hpp>
#include <atalaya/base/text.hpp>
#include <atalaya/crypto/hash.hpp>
#include <atalaya/store/schema.hpp>

#include "followup_port.hpp"

namespace atalaya::app {
namespace fs = std::filesystem;
namespace {

constexpr std::int64_t kIndexChanges = 10000;

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
      for (const char* name : {"node.toml", "atalaya.db", "atalaya.db-wal", "atalaya.db-shm",
                               "keys", "index", "facts"}) {
        fs::remove_all(folder_ / name, ignored);
      }
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

Result<void> create_node(const fs::path& folder, const Config& config) {
  ATALAYA_TRY(check_config(config));
  std::error_code error;
  if (fs::exists(folder, error) && !(fs::is_directory(folder, error) && fs::is_empty(folder, error))) {
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
  Undo undo(folder, made);
  fs::permissions(folder, fs::perms::owner_all, error);
  fs::create_directory(folder / "keys", error);
  fs::permissions(folder / "keys", fs::perms::owner_all, error);
  if (error) {
    return folder_error(folder, error.message());
  }
  ATALAYA_TRY(write_private(folder / "node.toml", write_config(config)));
  const std::string key_name = ATALAYA_TRY(ledger::key_name_from(config.name));
  ATALAYA_TRY(ledger::NodeKey::generate((folder / "keys" / "node.key").string(), key_name));
  auto node = std::make_unique<OpenNode>();
  node->folder = folder;
  node->config = config;
  node->store = ATALAYA_TRY(store::Database::open(store_address(folder, config)));
  ATALAYA_TRY(open_parts(*node, WithIndex::yes));
  ATALAYA_TRY(node->database->write([&](store::Transaction& tx) -> Result<void> {
    const ledger::Event event{
        "node.created", node->ledger->verifier().name(),
        canonical_json(json::object{{"name", config.name},
                                    {"country", config.country},
                                    {"role", config.role},
                                    {"key", node->ledger->verifier().to_string()}})};
    ATALAYA_TRY(node->ledger->append(tx, {&event, 1}));
    return {};
  }));
  ATALAYA_TRY(catch_up(*node));
  ATALAYA_TRY(node->ledger->checkpoint());
  undo.keep();
  return {};
}

Result<Config> read_node_config(const fs::path& folder) {
  std::error_code error;
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
