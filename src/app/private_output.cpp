#include "private_output.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <string>
#include <system_error>

#include <fmt/format.h>

namespace atalaya::app {
namespace {

std::unexpected<Error> failed(const std::filesystem::path& file, int number) {
  return fail(ErrorCode::unavailable, "app.private_output",
              fmt::format("{} could not be written: {}. Choose a folder that you may write to, "
                          "with room on the disk",
                          file.string(), std::generic_category().message(number)));
}

bool write_all(int fd, std::string_view text) {
  while (!text.empty()) {
    const auto n = ::write(fd, text.data(), text.size());
    if (n < 0 && errno == EINTR) {
      continue;
    }
    if (n <= 0) {
      return false;
    }
    text.remove_prefix(static_cast<std::size_t>(n));
  }
  return true;
}

}  // namespace

Result<void> write_private(const std::filesystem::path& file, std::string_view text) {
  std::error_code no_file;
  const auto there = std::filesystem::status(file, no_file);
  if (std::filesystem::exists(there) && !std::filesystem::is_regular_file(there)) {
    return failed(file, EEXIST);  // a secret goes into no device, pipe or folder
  }
  std::string name = file.string() + ".XXXXXX";
  // mkstemp makes the file with mode 0600 from its first instant.
  const int fd = ::mkstemp(name.data());
  if (fd < 0) {
    return failed(file, errno);
  }
  const bool written = write_all(fd, text) && ::fsync(fd) == 0;
  const int number = errno;
  ::close(fd);
  if (!written || ::rename(name.c_str(), file.c_str()) != 0) {
    const int reason = written ? errno : number;
    ::unlink(name.c_str());
    return failed(file, reason);
  }
  return {};
}

}  // namespace atalaya::app
