#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <string>

#include <fcntl.h>
#include <unistd.h>

#include <fmt/format.h>

#include <atalaya/base/result.hpp>

#include "transfer.hpp"

namespace atalaya::store {

namespace {

std::unexpected<Error> failed(std::string_view what, const std::string& path) {
  const int reason = errno;
  const bool full = reason == ENOSPC || reason == EDQUOT;
  return fail(full ? ErrorCode::exhausted : ErrorCode::unavailable,
              full ? "store.disk_full" : "store.io",
              fmt::format("cannot {} {}: {}", what, path, std::strerror(reason)));
}

Result<void> sync_path(const std::string& path, int flags) {
  const int file = ::open(path.c_str(), flags | O_CLOEXEC);
  if (file < 0) {
    return failed("open", path);
  }
  const int code = ::fsync(file);
  Result<void> result;
  if (code != 0) {
    result = failed("sync", path);
  }
  ::close(file);
  return result;
}

/// The name must not exist: link() refuses what exists, where rename() would replace it. File
/// systems without hard links (FAT sticks) get the check and the rename.
Result<void> take_name(const std::string& temporary, const std::string& path) {
  if (::link(temporary.c_str(), path.c_str()) == 0) {
    ::unlink(temporary.c_str());
    return {};
  }
  const bool linkless = errno == EPERM || errno == EOPNOTSUPP || errno == EMLINK;
  if (linkless && ::access(path.c_str(), F_OK) != 0 &&
      ::rename(temporary.c_str(), path.c_str()) == 0) {
    return {};
  }
  return failed("name", path);
}

/// Removes a half-made file and what SQLite may have put beside it.
struct Remover {
  std::string path;

  ~Remover() {
    for (const char* suffix : {"", "-journal", "-wal", "-shm"}) {
      ::unlink((path + suffix).c_str());
    }
  }
};

}  // namespace

Result<void> make_file_at_once(const std::string& path,
                               const std::function<Result<void>(const std::string&)>& fill) {
  if (::access(path.c_str(), F_OK) == 0) {
    return fail(ErrorCode::conflict, "store.backup_exists",
                fmt::format("{} exists already: name another file", path));
  }
  std::string temporary = path + ".part-XXXXXX";
  const int file = ::mkostemp(temporary.data(), O_CLOEXEC);  // mode 0600
  if (file < 0) {
    return failed("make", temporary);
  }
  ::close(file);
  const Remover remover{temporary};
  ATALAYA_TRY(fill(temporary));
  ATALAYA_TRY(sync_path(temporary, O_RDONLY));
  ATALAYA_TRY(take_name(temporary, path));
  const std::string folder = std::filesystem::path(path).parent_path().string();
  return sync_path(folder.empty() ? "." : folder, O_RDONLY | O_DIRECTORY);
}

}  // namespace atalaya::store
