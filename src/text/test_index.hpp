#pragma once
// What the tests of the index share.

#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>

#include <atalaya/text/search.hpp>

namespace atalaya::text {

/// A new folder that goes away with this object; in memory where the system has such a place,
/// because every commit of an index waits for the disk.
class TemporaryDirectory {
 public:
  TemporaryDirectory() {
    const bool in_memory = std::filesystem::is_directory("/dev/shm");
    const std::filesystem::path parent =
        in_memory ? std::filesystem::path("/dev/shm") : std::filesystem::temp_directory_path();
    std::string name = (parent / "atalaya-text-XXXXXX").string();
    ATALAYA_CHECK(mkdtemp(name.data()) != nullptr);
    path_ = name;
  }

  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;

  ~TemporaryDirectory() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }

  [[nodiscard]] const std::filesystem::path& path() const noexcept { return path_; }

 private:
  std::filesystem::path path_;
};

inline std::unique_ptr<SearchIndex> open_index(const std::filesystem::path& dir) {
  auto index = SearchIndex::open(dir);
  ATALAYA_CHECK(index.has_value());
  return std::move(*index);
}

}  // namespace atalaya::text
