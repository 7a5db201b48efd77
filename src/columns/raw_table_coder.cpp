#include "raw_table_coder.hpp"

#include <random>

namespace atalaya::columns {
namespace {

constexpr std::size_t kFirstEntries = 1024;
// Up to here, tables are filled to a quarter only: most columns have few texts, and all their rows
// are then found at the first look.
constexpr std::size_t kRoomyEntries = 65'536;

struct Seeds {
  std::uint64_t low = 0;
  std::uint64_t high = 0;
};

// Codes never depend on the seeds: they follow the order of first appearance.
const Seeds& seeds() {
  static const Seeds kSeeds = [] {
    std::random_device device;
    const auto word = [&] { return (std::uint64_t{device()} << 32U | device()) | 1U; };
    const std::uint64_t low = word();
    return Seeds{.low = low, .high = word()};
  }();
  return kSeeds;
}

}  // namespace

ColumnCoder::ColumnCoder()
    : seed_low_(seeds().low),
      seed_high_(seeds().high),
      table_(kFirstEntries),
      mask_(kFirstEntries - 1),
      shift_(64U - static_cast<unsigned>(std::bit_width(mask_))) {}

CoderKey ColumnCoder::long_key(const char* at, std::size_t size) const noexcept {
  CoderKey key{.low = size * seed_high_, .high = seed_low_};
  const auto take = [&](const char* from) {
    CoderKey word;
    short_words(from, 16, word.low, word.high);
    __extension__ using Wide = unsigned __int128;
    const Wide product =
        static_cast<Wide>(key.low ^ word.low ^ seed_low_) * ((key.high + word.high) ^ seed_high_);
    const auto mixed = static_cast<std::uint64_t>(product ^ (product >> 64U));
    key.high = (key.high ^ mixed) * 0x9E3779B97F4A7C15ULL;
    key.low = mixed;
  };
  for (std::size_t i = 0; i + 16 <= size; i += 16) {
    take(at + i);
  }
  take(at + size - 16);
  return key;
}

void ColumnCoder::code_fields(const FieldRun& run, std::uint64_t place,
                              std::span<std::uint32_t> codes) {
  const char* const data = run.data;
  const std::uint32_t* ends = run.ends;
  std::uint32_t* const to = codes.data();
  for (std::size_t row = 0; row < codes.size(); ++row, ends += run.step) {
    const std::uint32_t begin = ends[-1] + 1;  // ends[-1] may be 2^32 - 1
    std::uint32_t end = ends[0];
    end -= run.cr && end > begin && data[end - 1] == '\r' ? 1U : 0U;
    to[row] = code(data + begin, end - begin, place + row);
  }
}

std::uint32_t ColumnCoder::code_long(const char* at, std::size_t size, std::uint64_t place) {
  const CoderKey key = long_key(at, size);
  for (std::size_t i = place_of(key.low, key.high);; i = (i + 1) & mask_) {
    const Entry& entry = table_[i];
    if (entry.low == key.low && entry.high == key.high && entry.size == size &&
        texts_.text(entry.code) == std::string_view(at, size)) {
      return entry.code;
    }
    if (entry.size == kFree) {
      return insert(key, std::string_view(at, size), place);
    }
  }
}

std::uint32_t ColumnCoder::insert(CoderKey key, std::string_view text, std::uint64_t place) {
  const std::uint32_t code = texts_.append(text);
  places_.push_back(place);
  if (texts_.size() * (table_.size() < kRoomyEntries ? 4 : 2) > table_.size()) {
    grow();
  }
  std::size_t i = place_of(key.low, key.high);
  while (table_[i].size != kFree) {
    i = (i + 1) & mask_;
  }
  table_[i] = {.low = key.low,
               .high = key.high,
               .size = static_cast<std::uint32_t>(text.size()),
               .code = code};
  return code;
}

void ColumnCoder::grow() {
  std::vector<Entry> old(table_.size() * 4);
  old.swap(table_);
  mask_ = table_.size() - 1;
  shift_ = 64U - static_cast<unsigned>(std::bit_width(mask_));
  for (const Entry& entry : old) {
    if (entry.size == kFree) {
      continue;
    }
    std::size_t i = place_of(entry.low, entry.high);
    while (table_[i].size != kFree) {
      i = (i + 1) & mask_;
    }
    table_[i] = entry;
  }
}

Codes narrow(std::span<const std::uint32_t> codes, std::size_t distinct) {
  const auto as = [&]<class T>(std::vector<T> out) {
    out.resize(codes.size());
    for (std::size_t i = 0; i < codes.size(); ++i) {
      out[i] = static_cast<T>(codes[i]);
    }
    return Codes(std::move(out));
  };
  if (distinct <= 0x100) {
    return as(std::vector<std::uint8_t>());
  }
  if (distinct <= 0x10000) {
    return as(std::vector<std::uint16_t>());
  }
  return as(std::vector<std::uint32_t>());
}

}  // namespace atalaya::columns
