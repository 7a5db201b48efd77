#pragma once
// Texts to codes, for one column and one thread.

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>
#include <vector>

#include <atalaya/columns/raw_table.hpp>

namespace atalaya::columns {

/// Up to sixteen bytes of a text as two words, or what stands for a longer one.
struct CoderKey {
  std::uint64_t low = 0;
  std::uint64_t high = 0;
};

/// The first so many bytes, up to sixteen, of two words. Tables, because sizes change from field to
/// field and a branch on them is foreseen too seldom.
template <std::size_t kWord>
inline constexpr auto kCoderMasks = [] {
  std::array<std::uint64_t, 17> masks{};
  for (std::size_t size = 0; size < masks.size(); ++size) {
    std::array<unsigned char, 16> bytes{};
    std::fill_n(bytes.begin(), size, static_cast<unsigned char>(0xFF));
    masks[size] = std::bit_cast<std::array<std::uint64_t, 2>>(bytes)[kWord];
  }
  return masks;
}();

/// Fields of consecutive rows, none of them quoted: each begins behind ends[k - 1] and ends before
/// ends[k], k in steps.
struct FieldRun {
  const char* data = nullptr;
  const std::uint32_t* ends = nullptr;
  std::size_t step = 0;
  bool cr = false;  // a CR at a field's end is no part of it
};

/// Open addressing, at most half full, a small one a quarter. A text of up to 16 bytes is its own
/// key (two words, padded with zeros, and its size), so that finding it touches one cache line and
/// compares no memory; a longer one is keyed by two hashes and then compared. The hashes are seeded
/// once a process, so that nobody can write a file whose texts collide.
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
    for (std::size_t i = place_of(low, high);; i = (i + 1) & mask_) {
      const Entry& entry = entries[i];
      if (entry.low == low && entry.high == high && entry.size == size) {
        return entry.code;
      }
      if (entry.size == kFree) {
        return insert({.low = low, .high = high}, std::string_view(at, size), place);
      }
    }
  }

  /// Codes of codes.size() fields; the first has `place`, the second the next one, and so on.
  void code_fields(const FieldRun& run, std::uint64_t place, std::span<std::uint32_t> codes);

  [[nodiscard]] const Dictionary& texts() const noexcept { return texts_; }

  [[nodiscard]] std::uint64_t place(std::uint32_t code) const noexcept { return places_[code]; }

 private:
  static constexpr std::uint32_t kFree = 0xFFFFFFFF;

  struct Entry {
    std::uint64_t low = 0;
    std::uint64_t high = 0;
    std::uint32_t size = kFree;
    std::uint32_t code = 0;
  };

  static void short_words(const char* at, std::size_t size, std::uint64_t& low,
                          std::uint64_t& high) {
    std::memcpy(&low, at, 8);
    std::memcpy(&high, at + 8, 8);
    low &= kCoderMasks<0>.data()[size];
    high &= kCoderMasks<1>.data()[size];
  }

  // Multiplying by odd numbers that nobody knows and taking the top bits: of two texts, one chance
  // in about as many as the table is long to meet (Dietzfelbinger et al. 1997).
  [[nodiscard]] std::size_t place_of(std::uint64_t low, std::uint64_t high) const noexcept {
    return (low * seed_low_ + high * seed_high_) >> shift_;
  }

  [[nodiscard]] CoderKey long_key(const char* at, std::size_t size) const noexcept;
  std::uint32_t code_long(const char* at, std::size_t size, std::uint64_t place);
  std::uint32_t insert(CoderKey key, std::string_view text, std::uint64_t place);
  void grow();

  std::uint64_t seed_low_;
  std::uint64_t seed_high_;
  std::vector<Entry> table_;
  std::size_t mask_ = 0;
  unsigned shift_ = 0;  // of 64 bits, to a place in the table
  Dictionary texts_;
  std::vector<std::uint64_t> places_;
};

/// Codes as narrow as `distinct` allows.
[[nodiscard]] Codes narrow(std::span<const std::uint32_t> codes, std::size_t distinct);

}  // namespace atalaya::columns
