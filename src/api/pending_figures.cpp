#include "pending_figures.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdlib>

#include <fmt/format.h>

#include <atalaya/base/text.hpp>
#include <atalaya/crypto/hash.hpp>

namespace atalaya::api {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kUploadsMax = 4;
constexpr std::int64_t kUploadMs = 30LL * 60 * 1000;
constexpr std::size_t kNameBytesMax = 120;
constexpr std::size_t kExtensionBytesMax = 16;
constexpr std::string_view kPrefix = "atalaya-figures-";

// What a process left that was killed: nothing of an upload is used after half an hour.
void remove_stale(const fs::path& place) {
  std::error_code error;
  const auto oldest = fs::file_time_type::clock::now() - std::chrono::hours(2);
  for (fs::directory_iterator it(place, error), end; !error && it != end; it.increment(error)) {
    struct stat info{};
    if (!it->path().filename().string().starts_with(kPrefix) ||
        ::lstat(it->path().c_str(), &info) != 0 || !S_ISDIR(info.st_mode) ||
        info.st_uid != ::geteuid()) {
      continue;
    }
    std::error_code ignored;
    if (fs::last_write_time(it->path(), ignored) < oldest && !ignored) {
      fs::remove_all(it->path(), ignored);
    }
  }
}

std::string cut(std::string text, std::size_t bytes_max) {
  if (text.size() <= bytes_max) {
    return text;
  }
  std::size_t end = bytes_max;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) {
    --end;
  }
  text.resize(end);
  return text;
}

}  // namespace

std::string safe_file_name(std::string_view sent) {
  if (const auto slash = sent.find_last_of("/\\"); slash != std::string_view::npos) {
    sent.remove_prefix(slash + 1);
  }
  const bool text = !find_invalid_utf8(sent);
  std::string name;
  for (const char c : sent) {
    const auto byte = static_cast<unsigned char>(c);
    const bool kept = byte >= 0x80U ? text : byte >= 0x20U && byte != 0x7FU && c != ':' && c != '*';
    name += kept ? c : '_';
  }
  name.erase(0, std::min(name.find_first_not_of(". "), name.size()));
  while (!name.empty() && (name.back() == '.' || name.back() == ' ')) {
    name.pop_back();
  }
  const auto point = name.rfind('.');
  const bool has_extension =
      point != std::string::npos && point > 0 && name.size() - point <= kExtensionBytesMax;
  const std::string extension = has_extension ? name.substr(point) : std::string();
  name = cut(name.substr(0, name.size() - extension.size()), kNameBytesMax - extension.size()) +
         extension;
  return name.empty() ? "file" : name;
}

Result<std::shared_ptr<UploadFolder>> UploadFolder::create() {
  std::error_code error;
  const fs::path place = fs::temp_directory_path(error);
  std::string name = (place / (std::string(kPrefix) + "XXXXXX")).string();
  if (!error) {
    remove_stale(place);
  }
  if (error || ::mkdtemp(name.data()) == nullptr) {
    return fail(ErrorCode::unavailable, "figdesk.upload.folder",
                fmt::format("no private folder could be made in {}", place.string()));
  }
  return std::shared_ptr<UploadFolder>(new UploadFolder(name));
}

UploadFolder::~UploadFolder() {
  std::error_code ignored;
  fs::remove_all(path_, ignored);
}

Result<void> UploadFolder::add(std::string_view name, std::string_view bytes) {
  const std::string safe = safe_file_name(name);
  fs::path path = path_ / safe;
  for (int n = 2; std::ranges::find(files_, path) != files_.end(); ++n) {
    const auto point = safe.rfind('.');
    const std::size_t stem = point == std::string::npos || point == 0 ? safe.size() : point;
    path = path_ / fmt::format("{}-{}{}", safe.substr(0, stem), n, safe.substr(stem));
  }
  const auto refuse = [&] {
    std::error_code ignored;
    fs::remove(path, ignored);
    return fail(ErrorCode::unavailable, "figdesk.upload.write",
                fmt::format("{} could not be written; the disk may be full", path.string()));
  };
  const int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
  if (fd < 0) {
    return refuse();
  }
  std::size_t done = 0;
  while (done < bytes.size()) {
    const auto n = ::write(fd, bytes.data() + done, bytes.size() - done);
    if (n < 0 && errno == EINTR) {
      continue;
    }
    if (n <= 0) {
      ::close(fd);
      return refuse();
    }
    done += static_cast<std::size_t>(n);
  }
  if (::close(fd) != 0) {
    return refuse();
  }
  files_.push_back(std::move(path));
  bytes_ += bytes.size();
  return {};
}

std::string PendingFigures::keep(Kept upload, std::int64_t now_ms) {
  std::array<std::uint8_t, 16> random{};
  crypto::random_bytes(random);
  std::string token = to_hex(random);
  upload.kept_ms = now_ms;
  uploads_.with([&](std::map<std::string, Kept>& uploads) {
    std::erase_if(uploads, [&](const auto& entry) {
      return now_ms - entry.second.kept_ms > kUploadMs || entry.second.account == upload.account;
    });
    while (uploads.size() >= kUploadsMax) {
      uploads.erase(std::ranges::min_element(
          uploads, {}, [](const auto& entry) { return entry.second.kept_ms; }));
    }
    uploads.emplace(token, std::move(upload));
  });
  return token;
}

PendingFigures::Kept PendingFigures::find(const std::string& token, const std::string& account,
                                          std::int64_t now_ms) {
  return uploads_.with([&](std::map<std::string, Kept>& uploads) -> Kept {
    std::erase_if(uploads,
                  [&](const auto& entry) { return now_ms - entry.second.kept_ms > kUploadMs; });
    const auto it = uploads.find(token);
    return it == uploads.end() || it->second.account != account ? Kept{} : it->second;
  });
}

void PendingFigures::forget(const std::string& token, const std::string& account) {
  uploads_.with([&](std::map<std::string, Kept>& uploads) {
    const auto it = uploads.find(token);
    if (it != uploads.end() && it->second.account == account) {
      uploads.erase(it);
    }
  });
}

}  // namespace atalaya::api
