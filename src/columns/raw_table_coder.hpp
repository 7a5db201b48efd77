#pragma once
// Texts to codes, for one column and one thread.

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>
#include <vector>

#include <atalaya/columns/raw_table.hpp>

namespace atalaya::columns {

/// Open addressing, at most half full. A text of up to 16 bytes is its own key (two words, padded
/// with zeros, and its size), so that finding it touches one cache line and compares no memory;
/// a longer one is keyed by two hashes and then compared. The hashes are seeded once a process, so
/// that nobody can write a file whose texts collide.
class ColumnCoder {
 public:
  ColumnCoder();

  /// `at[0, 16)` must be readable whatever `size` is. `place` is stored for a text that is new.
  std::uint32_t code(const char* at, std::size_t size, std::uint64_t place) {
    if (size > 16) {
      return code_long(at, size, place);
    }
    // The two words stay in registers of their own: as one pair the compiler would pass them
    // through memory, with a stall for every field of the file.
    std::uint64_t low = 0;
    std::uint64_t high = 0;
    short_words(at, size, low, high);
    const Entry* entries = table_.data();
    for (std::size_t i = mix(low, high ^ size) & mask_;; i = (i + 1) & mask_) {
      const Entry& entry = entries[i];
      if (entry.low == low && entry.high == high && entry.size == size) {
        return entry.code;
      }
      if (entry.size == kFree) {
        return insert({.low = low, .high = high}, std::string_view(at, size), place);
      }
    }
  }

  [[nodiscard]] const Dictionary& texts() const noexcept { return texts_; }

  [[nodiscard]] std::uint64_t place(std::uint32_t code) const noexcept { return places_[code]; }

 private:
  static constexpr std::uint32_t kFree = 0xFFFFFFFF;

  struct Key {
    std::uint64_t low = 0;
    std::uint64_t high = 0;
  };

  struct Entry {
    std::uint64_t low = 0;
    std::uint64_t high = 0;
    std::uint32_t size = kFree;
    std::uint32_t code = 0;
  };

  static void short_words(const char* at, std::size_t size, std::uint64_t& low,
                          std::uint64_t& high) {
    std::memcpy(&low, at, 8);
    // Shifts by 64 are undefined, hence the branches and the two shifts.
    if (size < 8) {
      low = size == 0 ? 0 : low & (~std::uint64_t{0} >> (64 - 8 * size));
    } else {
      std::memcpy(&high, at + 8, 8);
      high &= ~(~std::uint64_t{0} << 4 * (size - 8) << 4 * (size - 8));
    }
  }

  [[nodiscard]] std::size_t mix(std::uint64_t low, std::uint64_t high) const noexcept {
    __extension__ using Wide = unsigned __int128;
    const Wide product = static_cast<Wide>(low ^ seed_low_) * (high ^ seed_high_);
    return static_cast<std::size_t>(product ^ (product >> 64U));
  }

  [[nodiscard]] Key long_key(const char* at, std::size_t size) const noexcept;
  std::uint32_t code_long(const char* at, std::size_t size, std::uint64_t place);
  std::uint32_t insert(Key key, std::string_view text, std::uint64_t place);
  void grow();

  std::uint64_t seed_low_;
  std::uint64_t seed_high_;
  std::vector<Entry> table_;
  std::size_t mask_ = 0;
  Dictionary texts_;
  std::vector<std::uint64_t> places_;
};

/// Codes as narrow as `distinct` allows.
[[nodiscard]] Codes narrow(std::span<const std::uint32_t> codes, std::size_t distinct);

}  // namespace atalaya::columns
