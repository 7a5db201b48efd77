#pragma once

#include <string>
#include <string_view>
#include <utility>

namespace atalaya {

/// Overwrites memory in a way that the compiler may not drop.
void wipe(void* memory, std::size_t size) noexcept;

/// A password, key or token: cannot be logged, copied, compared with == or serialised, and wipes
/// itself. Moving wipes the source.
class Secret {
 public:
  Secret() = default;
  explicit Secret(std::string value) : value_(std::move(value)) {}
  Secret(const Secret&) = delete;
  Secret& operator=(const Secret&) = delete;
  Secret(Secret&& other) noexcept;
  Secret& operator=(Secret&& other) noexcept;
  ~Secret();

  /// The bytes; say at each call why they are needed. The view lives as long as this object.
  [[nodiscard]] std::string_view unsafe_reveal() const noexcept { return value_; }

  [[nodiscard]] bool empty() const noexcept { return value_.empty(); }

 private:
  std::string value_;
};

}  // namespace atalaya
