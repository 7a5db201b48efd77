#include "csv_scan.hpp"

#include <algorithm>
#include <bit>
#include <cstring>
#include <string_view>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace atalaya::columns {
namespace {

// Of 64 bytes, a bit each.
struct Masks {
  std::uint64_t structure = 0;
  std::uint64_t delimiter = 0;
  std::uint64_t cr = 0;
  std::uint64_t lf = 0;
  std::uint64_t high = 0;
  std::uint64_t nul = 0;
};

#if defined(__x86_64__)

class Classes {
 public:
  Classes(char delimiter, char quote)
      : delimiter_(_mm_set1_epi8(delimiter)), quote_(_mm_set1_epi8(quote)) {}

  Masks of(const char* data) const {
    Masks masks;
    for (unsigned i = 0; i < 4; ++i) {
      const __m128i v = _mm_loadu_si128(reinterpret_cast<const __m128i*>(data + i * 16U));
      const __m128i lf = _mm_cmpeq_epi8(v, lf_);
      const __m128i delimiter = _mm_cmpeq_epi8(v, delimiter_);
      const __m128i split = _mm_or_si128(delimiter, _mm_cmpeq_epi8(v, quote_));
      const unsigned shift = i * 16U;
      masks.structure |= bits(_mm_or_si128(split, lf)) << shift;
      masks.delimiter |= bits(delimiter) << shift;
      masks.lf |= bits(lf) << shift;
      masks.cr |= bits(_mm_cmpeq_epi8(v, cr_)) << shift;
      masks.high |= bits(v) << shift;
      masks.nul |= bits(_mm_cmpeq_epi8(v, _mm_setzero_si128())) << shift;
    }
    return masks;
  }

 private:
  static std::uint64_t bits(__m128i v) {
    return static_cast<std::uint64_t>(static_cast<unsigned>(_mm_movemask_epi8(v)));
  }

  __m128i delimiter_;
  __m128i quote_;
  __m128i lf_ = _mm_set1_epi8('\n');
  __m128i cr_ = _mm_set1_epi8('\r');
};

#else

class Classes {
 public:
  Classes(char delimiter, char quote) : delimiter_(delimiter), quote_(quote) {}

  Masks of(const char* data) const {
    Masks masks;
    for (unsigned i = 0; i < 64; ++i) {
      const char c = data[i];
      const std::uint64_t bit = std::uint64_t{1} << i;
      masks.structure |= c == delimiter_ || c == quote_ || c == '\n' ? bit : 0;
      masks.delimiter |= c == delimiter_ ? bit : 0;
      masks.lf |= c == '\n' ? bit : 0;
      masks.cr |= c == '\r' ? bit : 0;
      masks.high |= static_cast<unsigned char>(c) >= 0x80 ? bit : 0;
      masks.nul |= c == '\0' ? bit : 0;
    }
    return masks;
  }

 private:
  char delimiter_;
  char quote_;
};

#endif

// Writes the set bits out as positions. It is inlined into loops for several kinds of processors
// and then uses their instructions, hence the attribute.
class Writer {
 public:
  Writer(const char* data, std::size_t size, ScanIndex& index)
      : data_(data), size_(size), index_(index) {
    // Room for a position on every byte: pages that are not used cost nothing but their zeros.
    for (std::vector<std::uint32_t>* list : {&index_.positions, &index_.breaks}) {
      if (list->size() < size + kSlack) {
        list->resize(size + kSlack);
      }
    }
    index_.positions[0] = 0xFFFFFFFF;
  }

  [[gnu::always_inline]] void take(std::size_t base, Masks masks) {
    std::uint64_t structure = masks.structure;
    if (masks.cr != 0) {
      const std::uint64_t next_lf =
          (masks.lf >> 1U) | (data_[base + 64] == '\n' ? 1ULL << 63U : 0U);
      structure |= masks.cr & ~next_lf;
    }
    if (size_ - base < 64) {
      const std::uint64_t inside = (std::uint64_t{1} << (size_ - base)) - 1;
      structure &= inside;
      masks.high &= inside;
      masks.nul &= inside;
    }
    high_ |= masks.high;
    nul_ |= masks.nul;
    std::uint32_t* out = index_.breaks.data() + breaks_;
    for (std::uint64_t left = structure & ~masks.delimiter; left != 0; left &= left - 1) {
      const std::uint64_t below = (left & (0 - left)) - 1;
      *out++ = static_cast<std::uint32_t>(positions_) +
               static_cast<std::uint32_t>(std::popcount(structure & below));
    }
    breaks_ = static_cast<std::size_t>(out - index_.breaks.data());
    write_positions(static_cast<std::uint32_t>(base), structure);
  }

  [[nodiscard]] Scan finish() {
    index_.breaks[breaks_] = 0xFFFFFFFF;
    return {.positions = positions_, .any_high = high_ != 0, .any_nul = nul_ != 0};
  }

 private:
  static constexpr std::size_t kSlack = 72;

  // Eight at a time, whether there are so many or not: a loop that ends with the last bit would
  // end at another turn for every 64 bytes, which no processor foresees.
  [[gnu::always_inline]] void write_positions(std::uint32_t base, std::uint64_t structure) {
    std::uint32_t* out = index_.positions.data() + positions_;
    const auto count = static_cast<unsigned>(std::popcount(structure));
    for (unsigned done = 0; done < count; done += 8) {
#pragma GCC unroll 8
      for (unsigned i = 0; i < 8; ++i) {
        out[done + i] = base + static_cast<std::uint32_t>(std::countr_zero(structure));
        structure &= structure - 1;
      }
    }
    positions_ += count;
  }

  const char* data_;
  std::size_t size_;
  ScanIndex& index_;
  std::size_t positions_ = 1;
  std::size_t breaks_ = 0;
  std::uint64_t high_ = 0;
  std::uint64_t nul_ = 0;
};

#if defined(__x86_64__)

bool has_avx2() {
  static const bool kHas = __builtin_cpu_supports("avx2") != 0 &&
                           __builtin_cpu_supports("bmi") != 0 &&
                           __builtin_cpu_supports("popcnt") != 0;
  return kHas;
}

[[gnu::target("avx2,bmi,popcnt")]] inline std::uint64_t bits(__m256i low, __m256i high) {
  return static_cast<std::uint64_t>(static_cast<unsigned>(_mm256_movemask_epi8(low))) |
         static_cast<std::uint64_t>(static_cast<unsigned>(_mm256_movemask_epi8(high))) << 32U;
}

[[gnu::target("avx2,bmi,popcnt")]] Scan scan_avx2(const char* data, std::size_t size,
                                                  char delimiter, char quote, ScanIndex& index) {
  const __m256i delimiters = _mm256_set1_epi8(delimiter);
  const __m256i quotes = _mm256_set1_epi8(quote);
  const __m256i lfs = _mm256_set1_epi8('\n');
  const __m256i crs = _mm256_set1_epi8('\r');
  Writer writer(data, size, index);
  for (std::size_t base = 0; base < size; base += 64) {
    const __m256i a = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(data + base));
    const __m256i b = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(data + base + 32));
    Masks masks;
    masks.delimiter = bits(_mm256_cmpeq_epi8(a, delimiters), _mm256_cmpeq_epi8(b, delimiters));
    masks.lf = bits(_mm256_cmpeq_epi8(a, lfs), _mm256_cmpeq_epi8(b, lfs));
    masks.cr = bits(_mm256_cmpeq_epi8(a, crs), _mm256_cmpeq_epi8(b, crs));
    masks.structure = masks.delimiter | masks.lf |
                      bits(_mm256_cmpeq_epi8(a, quotes), _mm256_cmpeq_epi8(b, quotes));
    masks.high = bits(a, b);
    masks.nul = bits(_mm256_cmpeq_epi8(a, _mm256_setzero_si256()),
                     _mm256_cmpeq_epi8(b, _mm256_setzero_si256()));
    writer.take(base, masks);
  }
  return writer.finish();
}

#endif

std::uint64_t load(const char* at) {
  std::uint64_t word = 0;
  std::memcpy(&word, at, sizeof word);
  return word;
}

bool continues(unsigned char c) noexcept {
  return (c & 0xC0U) == 0x80U;
}

// Bytes of the well-formed UTF-8 character of several bytes at `at`, or 0 (RFC 3629).
std::size_t utf8_length(const unsigned char* at, std::size_t left) noexcept {
  const unsigned char first = at[0];
  if (first >= 0xC2 && first <= 0xDF) {
    return left >= 2 && continues(at[1]) ? 2 : 0;
  }
  if (first >= 0xE0 && first <= 0xEF) {
    const bool good = left >= 3 && continues(at[1]) && continues(at[2]) &&
                      !(first == 0xE0 && at[1] < 0xA0) && !(first == 0xED && at[1] > 0x9F);
    return good ? 3 : 0;
  }
  if (first >= 0xF0 && first <= 0xF4) {
    const bool good = left >= 4 && continues(at[1]) && continues(at[2]) && continues(at[3]) &&
                      !(first == 0xF0 && at[1] < 0x90) && !(first == 0xF4 && at[1] > 0x8F);
    return good ? 4 : 0;
  }
  return 0;
}

}  // namespace

Scan scan_block(const char* data, std::size_t size, char delimiter, char quote, ScanIndex& index) {
  const char quote_or_delimiter = quote == '\0' ? delimiter : quote;
#if defined(__x86_64__)
  if (has_avx2()) {
    return scan_avx2(data, size, delimiter, quote_or_delimiter, index);
  }
#endif
  return scan_portable(data, size, delimiter, quote_or_delimiter, index);
}

Scan scan_portable(const char* data, std::size_t size, char delimiter, char quote,
                   ScanIndex& index) {
  const Classes classes(delimiter, quote);
  Writer writer(data, size, index);
  for (std::size_t base = 0; base < size; base += 64) {
    writer.take(base, classes.of(data + base));
  }
  return writer.finish();
}

std::size_t count_bytes(const char* data, std::size_t size, char byte) noexcept {
  std::size_t n = 0;
  std::size_t i = 0;
#if defined(__x86_64__)
  // Sixteen counters of a byte each, added up before one can overflow.
  const __m128i wanted = _mm_set1_epi8(byte);
  while (i + 16 <= size) {
    __m128i counts = _mm_setzero_si128();
    for (unsigned turn = 0; turn < 255 && i + 16 <= size; ++turn, i += 16) {
      const __m128i v = _mm_loadu_si128(reinterpret_cast<const __m128i*>(data + i));
      counts = _mm_sub_epi8(counts, _mm_cmpeq_epi8(v, wanted));
    }
    const __m128i sums = _mm_sad_epu8(counts, _mm_setzero_si128());
    n += static_cast<std::size_t>(_mm_cvtsi128_si64(sums)) +
         static_cast<std::size_t>(_mm_cvtsi128_si64(_mm_unpackhi_epi64(sums, sums)));
  }
#endif
  for (; i < size; ++i) {
    n += data[i] == byte ? 1U : 0U;
  }
  return n;
}

HighBytes count_high_bytes(const char* data, std::size_t size) noexcept {
  constexpr std::uint64_t kHigh = 0x8080808080808080ULL;
  HighBytes seen;
  std::size_t i = 0;
  while (i < size) {
    if (i + 32 <= size &&
        ((load(data + i) | load(data + i + 8) | load(data + i + 16) | load(data + i + 24)) &
         kHigh) == 0) {
      i += 32;
      continue;
    }
    if (i + 8 <= size) {
      const std::uint64_t high = load(data + i) & kHigh;
      if (high == 0) {
        i += 8;
        continue;
      }
      if constexpr (std::endian::native == std::endian::little) {
        i += static_cast<std::size_t>(std::countr_zero(high)) / 8;
      }
    }
    const auto* at = reinterpret_cast<const unsigned char*>(data + i);
    if (*at < 0x80) {
      ++i;
      continue;
    }
    const std::size_t length = utf8_length(at, size - i);
    if (length == 0) {
      seen.first_other = seen.other++ == 0 ? i : seen.first_other;
      ++i;
    } else {
      seen.first_utf8 = seen.utf8++ == 0 ? i : seen.first_utf8;
      i += length;
    }
  }
  return seen;
}

}  // namespace atalaya::columns
