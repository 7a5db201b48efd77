#pragma once
// Parts of an OOXML container, inflated under limits.

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include <atalaya/base/result.hpp>
#include <atalaya/files/limits.hpp>

struct zip;

namespace atalaya::files {

/// What all parts of one container may grow to; the defaults are those of documents.
struct ZipLimits {
  std::uint64_t inflated_bytes_max = kInflatedBytesMax;
  std::uint64_t ratio_max = kInflateRatioMax;
};

class ZipParts {
 public:
  /// Borrows `bytes` and `name`. Fails with files.truncated where the directory at the end is
  /// missing, files.malformed, files.encrypted, or files.bomb on too many entries.
  [[nodiscard]] static Result<ZipParts> open(std::string_view bytes, std::string_view name,
                                             ZipLimits limits = {});

  [[nodiscard]] bool has(const std::string& part) const;
  /// Hands the inflated part to `take` in pieces until it returns false. Fails with
  /// files.malformed where the part is missing or damaged, files.encrypted, and files.bomb where
  /// it inflates beyond the ratio or all parts together beyond the limit.
  [[nodiscard]] Result<void> stream(const std::string& part,
                                    const std::function<bool(std::string_view)>& take);

 private:
  struct Close {
    void operator()(zip* archive) const noexcept;
  };

  ZipParts(zip* archive, std::string_view name, ZipLimits limits)
      : archive_(archive), name_(name), limits_(limits) {}

  std::unique_ptr<zip, Close> archive_;
  std::string name_;
  ZipLimits limits_;
  std::uint64_t inflated_bytes_ = 0;
};

}  // namespace atalaya::files
