#include "csv_scan.hpp"

#include <algorithm>
#include <bit>
#include <cstring>
#include <string_view>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace atalaya::columns {
namespace {

struct Masks {
  std::uint64_t structure = 0;
  std::uint64_t cr = 0;
  std::uint64_t lf = 0;
  std::uint64_t high = 0;
  std::uint64_t nul = 0;
};

#if defined(__SSE2__)

class Classes {
 public:
  Classes(char delimiter, char quote)
      : delimiter_(_mm_set1_epi8(delimiter)), quote_(_mm_set1_epi8(quote)) {}

  Masks of(const char* data) const {
    Masks masks;
    for (unsigned i = 0; i < 4; ++i) {
      const __m128i v = _mm_loadu_si128(reinterpret_cast<const __m128i*>(data + i * 16U));
      const __m128i lf = _mm_cmpeq_epi8(v, lf_);
      const __m128i split = _mm_or_si128(_mm_cmpeq_epi8(v, delimiter_), _mm_cmpeq_epi8(v, quote_));
      const unsigned shift = i * 16U;
      masks.structure |= bits(_mm_or_si128(split, lf)) << shift;
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

Scan scan_block(const char* data, std::size_t size, char delimiter, char quote,
                std::vector<std::uint32_t>& index) {
  const Classes classes(delimiter, quote == '\0' ? delimiter : quote);
  Scan scan;
  std::uint64_t high = 0;
  std::uint64_t nul = 0;
  std::size_t n = 0;
  for (std::size_t base = 0; base < size; base += 64) {
    if (index.size() < n + 64) {
      index.resize(std::max<std::size_t>(index.size() * 2, 65536));
    }
    Masks masks = classes.of(data + base);
    std::uint64_t structure = masks.structure;
    if (masks.cr != 0) {
      const std::uint64_t next_lf = (masks.lf >> 1U) | (data[base + 64] == '\n' ? 1ULL << 63U : 0U);
      structure |= masks.cr & ~next_lf;
    }
    if (size - base < 64) {
      const std::uint64_t inside = (std::uint64_t{1} << (size - base)) - 1;
      structure &= inside;
      masks.high &= inside;
      masks.nul &= inside;
    }
    high |= masks.high;
    nul |= masks.nul;
    std::uint32_t* out = index.data() + n;
    while (structure != 0) {
      *out++ = static_cast<std::uint32_t>(base) +
               static_cast<std::uint32_t>(std::countr_zero(structure));
      structure &= structure - 1;
    }
    n = static_cast<std::size_t>(out - index.data());
  }
  scan.positions = n;
  scan.any_high = high != 0;
  scan.any_nul = nul != 0;
  return scan;
}

std::size_t count_bytes(const char* data, std::size_t size, char byte) noexcept {
  std::size_t n = 0;
  std::size_t i = 0;
#if defined(__SSE2__)
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
    if (i + 8 <= size && (load(data + i) & kHigh) == 0) {
      i += 8;
      continue;
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
