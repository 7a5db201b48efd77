#pragma once
// A node's folder: made by init, opened by every other command.

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <atalaya/base/result.hpp>
#include <atalaya/base/time.hpp>
#include <atalaya/commitments/desk.hpp>
#include <atalaya/followup/desk.hpp>
#include <atalaya/ledger/ledger.hpp>
#include <atalaya/ledger/rows.hpp>
#include <atalaya/observatory/desk.hpp>
#include <atalaya/store/database.hpp>
#include <atalaya/text/search.hpp>

#include "config.hpp"

namespace atalaya::app {

/// The parts of an open node, in the order in which they need one another.
struct OpenNode {
  std::filesystem::path folder;
  Config config;
  SystemClock clock;
  std::unique_ptr<store::Database> store;
  store::MigrationState migrations;
  std::unique_ptr<ledger::Ledger> ledger;
  std::unique_ptr<ledger::RecordedDatabase> database;  // around `store`: what all parts write to
  std::unique_ptr<text::SearchIndex> index;
  std::unique_ptr<commitments::Desk> desk;
  std::unique_ptr<observatory::Desk> observatory;
  std::unique_ptr<followup::Desk> followup;
};

enum class WithIndex { no, yes, if_free };

/// Makes the folder with configuration, key, store and first ledger leaf; on failure nothing is
/// left behind in it. Killed, it can be run again, and the folder says so until then. Fails with
/// conflict (app.init.exists) when the folder holds a node or is not empty, conflict
/// (app.init.running) while another process makes it, as check_free_store() and as the parts do.
[[nodiscard]] Result<void> create_node(const std::filesystem::path& folder, const Config& config);

/// Whether init or restore may fill the store: no tables, or those that an init left which was
/// killed. Fails with conflict (app.store.taken: tables of something else; app.store.node).
[[nodiscard]] Result<void> check_free_store(const store::Database& database);

/// Writes a leaf of this kind that holds name, country, role and key.
[[nodiscard]] Result<void> record_settings(OpenNode& node, store::Transaction& tx,
                                           std::string_view kind);
/// Name, country and role as the newest leaf of that sort has them (node.created, node.settings);
/// nothing where it was erased.
[[nodiscard]] Result<std::optional<Config>> recorded_settings(OpenNode& node);

/// The configuration alone. Fails as open_node() does where there is no node, and with not_found
/// (app.init.unfinished) where init was killed.
[[nodiscard]] Result<Config> read_node_config(const std::filesystem::path& folder);

/// The store of a node that was made before; never makes one. Fails with data_loss
/// (app.node.no_store) where its file or the table of its log is not there, and as the store does.
[[nodiscard]] Result<std::unique_ptr<store::Database>> open_store(
    const std::filesystem::path& folder, const Config& config);

/// Opens a node; migrates its store. Fails with not_found (app.node.missing) where the folder
/// holds no node.toml, invalid_argument (app.config.bad, with line), as open_store() (also
/// where the log is empty) and as the parts do.
[[nodiscard]] Result<std::unique_ptr<OpenNode>> open_node(const std::filesystem::path& folder,
                                                          WithIndex with_index);

/// Lets the search index read everything that it has not read yet.
[[nodiscard]] Result<void> catch_up(OpenNode& node);

[[nodiscard]] std::string store_address(const std::filesystem::path& folder, const Config& config);

}  // namespace atalaya::app
