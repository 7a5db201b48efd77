#include <algorithm>
#include <cstdint>
#include <cstring>
#include <optional>

#include "workbooks.hpp"

// The compound file of [MS-CFB]: sectors in chains, named by a directory. Every offset is checked
// against the file, and no chain is followed for more steps than the file has sectors.

namespace atalaya::files {
namespace {

constexpr std::uint32_t kEndOfChain = 0xFFFFFFFE;
constexpr std::size_t kHeaderBytes = 512;
constexpr std::size_t kEntryBytes = 128;

std::uint32_t u32_at(std::string_view bytes, std::size_t at) {
  std::uint32_t value = 0;
  if (at + 4 <= bytes.size()) {
    for (unsigned i = 0; i < 4; ++i) {
      value |= std::uint32_t{static_cast<unsigned char>(bytes[at + i])} << (8U * i);
    }
  }
  return value;
}

class Container {
 public:
  explicit Container(std::string_view bytes) : bytes_(bytes) {
    const std::uint32_t shift = u32_at(bytes, 30) & 0xFFFFU;
    sector_bytes_ = shift == 12 ? 4096 : 512;
    sectors_ = bytes.size() / sector_bytes_;
    read_fat();
    const std::string directory = chain(u32_at(bytes, 48));
    for (std::size_t at = 0; at + kEntryBytes <= directory.size(); at += kEntryBytes) {
      entries_.push_back(directory.substr(at, kEntryBytes));
    }
  }

  [[nodiscard]] std::string stream(std::string_view wanted) const {
    for (const std::string& entry : entries_) {
      if (entry[66] != 2 || name_of(entry) != wanted) {
        continue;
      }
      const std::uint32_t start = u32_at(entry, 116);
      const std::size_t size = u32_at(entry, 120);
      std::string data = size < u32_at(bytes_, 56) ? mini_chain(start, size) : chain(start);
      if (data.size() < size) {
        return {};
      }
      data.resize(size);
      return data;
    }
    return {};
  }

 private:
  static std::string name_of(const std::string& entry) {
    std::string name;
    for (std::size_t i = 0; i + 1 < 64 && entry[i] != '\0'; i += 2) {
      name += entry[i];
    }
    return name;
  }

  [[nodiscard]] std::string_view sector(std::uint32_t number) const {
    const std::size_t at = (std::size_t{number} + 1) * sector_bytes_;
    return at < bytes_.size() ? bytes_.substr(at, sector_bytes_) : std::string_view();
  }

  void add_fat_sector(std::uint32_t number) {
    const std::string_view part = sector(number);
    for (std::size_t i = 0; i + 4 <= part.size(); i += 4) {
      fat_.push_back(u32_at(part, i));
    }
  }

  void read_fat() {
    std::size_t left = std::min<std::size_t>(u32_at(bytes_, 44), sectors_ + 1);
    for (std::size_t i = 0; i < 109 && left > 0; ++i, --left) {
      add_fat_sector(u32_at(bytes_, 76 + 4 * i));
    }
    std::uint32_t more = u32_at(bytes_, 68);
    for (std::size_t steps = 0; left > 0 && steps < sectors_; ++steps) {
      const std::string_view part = sector(more);
      if (part.size() < sector_bytes_) {
        return;
      }
      for (std::size_t i = 0; i + 8 <= part.size() && left > 0; i += 4, --left) {
        add_fat_sector(u32_at(part, i));
      }
      more = u32_at(part, sector_bytes_ - 4);
    }
  }

  [[nodiscard]] std::string chain(std::uint32_t number) const {
    std::string data;
    for (std::size_t steps = 0; number < kEndOfChain && steps <= sectors_; ++steps) {
      const std::string_view part = sector(number);
      if (part.empty()) {
        break;
      }
      data += part;
      number = number < fat_.size() ? fat_[number] : kEndOfChain;
    }
    return data;
  }

  [[nodiscard]] std::string mini_chain(std::uint32_t number, std::size_t size) const {
    constexpr std::size_t kMiniBytes = 64;
    if (entries_.empty()) {
      return {};
    }
    const std::string room = chain(u32_at(entries_[0], 116));
    const std::string table = chain(u32_at(bytes_, 60));
    std::string data;
    while (number < kEndOfChain && data.size() < size) {
      const std::size_t at = std::size_t{number} * kMiniBytes;
      if (at >= room.size()) {
        break;
      }
      data += room.substr(at, kMiniBytes);
      const std::size_t next = std::size_t{number} * 4;
      number = next + 4 <= table.size() ? u32_at(table, next) : kEndOfChain;
    }
    return data;
  }

  std::string_view bytes_;
  std::size_t sector_bytes_ = 512;
  std::size_t sectors_ = 0;
  std::vector<std::uint32_t> fat_;
  std::vector<std::string> entries_;
};

}  // namespace

std::string read_compound_stream(std::string_view bytes, std::string_view stream) {
  if (bytes.size() < kHeaderBytes) {
    return {};
  }
  return Container(bytes).stream(stream);
}

}  // namespace atalaya::files
