#include <atalaya/base/secret.hpp>

#include <openssl/crypto.h>

namespace atalaya {

void wipe(void* memory, std::size_t size) noexcept { OPENSSL_cleanse(memory, size); }

Secret::Secret(Secret&& other) noexcept : value_(other.value_) {
  // Copied, then wiped: a moved-from short string would keep its bytes in place.
  wipe(other.value_.data(), other.value_.size());
  other.value_.clear();
}

Secret& Secret::operator=(Secret&& other) noexcept {
  if (this != &other) {
    wipe(value_.data(), value_.size());
    value_ = other.value_;
    wipe(other.value_.data(), other.value_.size());
    other.value_.clear();
  }
  return *this;
}

Secret::~Secret() { wipe(value_.data(), value_.size()); }

}  // namespace atalaya
