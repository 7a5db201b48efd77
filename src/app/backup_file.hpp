#pragma once
// The backup container (docs/formats/backup.md): one file that holds a whole node.

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include <atalaya/base/result.hpp>

namespace atalaya::app {

struct BackupPart {
  std::string name;             // path inside the node's folder
  std::filesystem::path file;   // where its bytes are
};

/// Writes the container beside `target` and renames it when it is whole and synced, mode 0600 (it
/// holds the node's key). Fails with conflict (app.backup.exists) when `target` exists, and
/// unavailable (app.backup.write). Constant memory.
[[nodiscard]] Result<void> write_backup(const std::filesystem::path& target,
                                        const std::vector<BackupPart>& parts);

/// Unpacks into the empty folder `into`. Fails with invalid_argument (app.backup.malformed) when
/// it is no backup of this format, data_loss (app.backup.damaged) when a checksum or length is
/// wrong; then `into` is to be thrown away.
[[nodiscard]] Result<std::vector<std::string>> read_backup(const std::filesystem::path& source,
                                                           const std::filesystem::path& into);

}  // namespace atalaya::app
