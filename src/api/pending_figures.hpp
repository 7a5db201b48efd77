#pragma once
// Files of figures that an analyst is looking at before they are loaded. They hold what a source
// sent, perhaps about single persons: in a private folder, bounded, short-lived, for the account
// that sent them only.

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <atalaya/base/guarded.hpp>
#include <atalaya/base/result.hpp>

#include "form.hpp"

namespace atalaya::api {

/// A folder that goes with the last who holds it. Any thread.
class UploadFolder {
 public:
  /// Mode 0700, in the system's place for temporary files. Fails with unavailable
  /// (figdesk.upload.folder).
  [[nodiscard]] static Result<std::shared_ptr<UploadFolder>> create();
  UploadFolder(const UploadFolder&) = delete;
  UploadFolder& operator=(const UploadFolder&) = delete;
  ~UploadFolder();

  /// Writes one file under a name made from what the browser sent (safe_file_name()), made
  /// distinct. Fails with unavailable (figdesk.upload.write).
  [[nodiscard]] Result<void> add(std::string_view name, std::string_view bytes);

  [[nodiscard]] const std::filesystem::path& path() const noexcept { return path_; }

  [[nodiscard]] const std::vector<std::filesystem::path>& files() const noexcept { return files_; }

  [[nodiscard]] std::uint64_t bytes() const noexcept { return bytes_; }

 private:
  explicit UploadFolder(std::filesystem::path path) : path_(std::move(path)) {}

  std::filesystem::path path_;
  std::vector<std::filesystem::path> files_;
  std::uint64_t bytes_ = 0;
};

/// One path component that is no hidden file and no other folder: without separators, control
/// characters and leading points, valid UTF-8, at most 120 bytes with its extension kept.
[[nodiscard]] std::string safe_file_name(std::string_view sent);

class PendingFigures {
 public:
  struct Kept {
    std::shared_ptr<UploadFolder> folder;
    std::string source, country, mapping;
    std::string account;
    std::int64_t kept_ms = 0;
  };

  /// Keeps an upload for half an hour and answers its token. One per account and four in all: the
  /// account's earlier one, then the oldest, make room.
  [[nodiscard]] std::string keep(Kept upload, std::int64_t now_ms);
  /// The upload, to the account that made it; `folder` is null where there is none.
  [[nodiscard]] Kept find(const std::string& token, const std::string& account,
                          std::int64_t now_ms);
  void forget(const std::string& token, const std::string& account);

 private:
  Guarded<std::map<std::string, Kept>> uploads_;
};

}  // namespace atalaya::api
