#pragma once
// ClickHouse's RowBinary: integers little-endian, a text with its length before it (LEB128). Bytes
// are carried as they are: nothing in them can be taken for anything else.

#include <array>
#include <bit>
#include <concepts>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

#include <atalaya/base/result.hpp>

namespace atalaya::observatory::detail::cluster {

static_assert(std::endian::native == std::endian::little, "RowBinary is little-endian");

class RowWriter {
 public:
  template <class Number>
    requires std::integral<Number>
  void number(Number value) {
    const auto bytes = std::bit_cast<std::array<char, sizeof(Number)>>(value);
    bytes_.append(bytes.data(), bytes.size());
  }

  void text(std::string_view value) {
    std::size_t length = value.size();
    while (length >= 0x80) {
      bytes_ += static_cast<char>((length & 0x7FU) | 0x80U);
      length >>= 7U;
    }
    bytes_ += static_cast<char>(length);
    bytes_ += value;
  }

  [[nodiscard]] const std::string& bytes() const noexcept { return bytes_; }

  [[nodiscard]] std::string take() { return std::exchange(bytes_, {}); }

 private:
  std::string bytes_;
};

/// Reads an answer, which may be anything: after the first thing that does not fit, good() is
/// false and every value is zero or empty.
class RowReader {
 public:
  explicit RowReader(std::string_view bytes) : bytes_(bytes) {}

  template <class Number>
    requires std::is_arithmetic_v<Number>
  Number number() {
    std::array<char, sizeof(Number)> raw{};
    if (bytes_.size() < raw.size()) {
      return stop<Number>();
    }
    std::memcpy(raw.data(), bytes_.data(), raw.size());
    bytes_.remove_prefix(raw.size());
    return std::bit_cast<Number>(raw);
  }

  std::string_view text() {
    std::uint64_t length = 0;
    for (unsigned shift = 0;; shift += 7) {
      if (bytes_.empty() || shift > 56) {
        return stop<std::string_view>();
      }
      const auto byte = static_cast<std::uint8_t>(bytes_.front());
      bytes_.remove_prefix(1);
      length |= std::uint64_t{byte & 0x7FU} << shift;
      if ((byte & 0x80U) == 0) {
        break;
      }
    }
    if (length > bytes_.size()) {
      return stop<std::string_view>();
    }
    const auto out = bytes_.substr(0, length);
    bytes_.remove_prefix(length);
    return out;
  }

  /// False at the end of the answer, and after an error.
  [[nodiscard]] bool more() const noexcept { return good_ && !bytes_.empty(); }

  [[nodiscard]] bool good() const noexcept { return good_; }

 private:
  template <class Value>
  Value stop() {
    good_ = false;
    bytes_ = {};
    return Value{};
  }

  std::string_view bytes_;
  bool good_ = true;
};

/// The SQL function intHash64: MurmurHash3's finaliser, seeded. ClickHouse computes the same sum
/// over its rows, so that what it holds is compared with what was sent without sending it back.
/// Source: ClickHouse, src/Functions/FunctionsHashing.h; the same from 18.16 on.
[[nodiscard]] constexpr std::uint64_t int_hash(std::uint64_t x) noexcept {
  x ^= 0x4CF2D2BAAE6DA887ULL;
  x = (x ^ (x >> 33U)) * 0xff51afd7ed558ccdULL;
  x = (x ^ (x >> 33U)) * 0xc4ceb9fe1a85ec53ULL;
  return x ^ (x >> 33U);
}

}  // namespace atalaya::observatory::detail::cluster
