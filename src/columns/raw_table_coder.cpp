#include "raw_table_coder.hpp"

#include <random>

namespace atalaya::columns {
namespace {

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
    : seed_low_(seeds().low), seed_high_(seeds().high), table_(256), mask_(255) {}

ColumnCoder::Key ColumnCoder::long_key(const char* at, std::size_t size) const noexcept {
  Key key{.low = size * seed_high_, .high = seed_low_};
  const auto take = [&](const char* from) {
    Key word;
    short_words(from, 16, word.low, word.high);
    const std::uint64_t mixed = mix(key.low ^ word.low, key.high + word.high);
    key.high = (key.high ^ mixed) * 0x9E3779B97F4A7C15ULL;
    key.low = mixed;
  };
  for (std::size_t i = 0; i + 16 <= size; i += 16) {
    take(at + i);
  }
  take(at + size - 16);
  return key;
}

std::uint32_t ColumnCoder::code_long(const char* at, std::size_t size, std::uint64_t place) {
  const Key key = long_key(at, size);
  for (std::size_t i = mix(key.low, key.high ^ size) & mask_;; i = (i + 1) & mask_) {
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

std::uint32_t ColumnCoder::insert(Key key, std::string_view text, std::uint64_t place) {
  const std::uint32_t code = texts_.append(text);
  places_.push_back(place);
  if (texts_.size() * 2 > table_.size()) {
    grow();
  }
  std::size_t i = mix(key.low, key.high ^ text.size()) & mask_;
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
  for (const Entry& entry : old) {
    if (entry.size == kFree) {
      continue;
    }
    std::size_t i = mix(entry.low, entry.high ^ entry.size) & mask_;
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
