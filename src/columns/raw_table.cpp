#include <atalaya/columns/raw_table.hpp>

namespace atalaya::columns {

std::size_t size(const Codes& codes) noexcept {
  return std::visit([](const auto& values) { return values.size(); }, codes);
}

std::uint32_t at(const Codes& codes, std::size_t row) noexcept {
  return std::visit([row](const auto& values) { return std::uint32_t{values[row]}; }, codes);
}

std::uint32_t Dictionary::append(std::string_view text) {
  bytes_.insert(bytes_.end(), text.begin(), text.end());
  offsets_.push_back(bytes_.size());
  return static_cast<std::uint32_t>(offsets_.size() - 2);
}

}  // namespace atalaya::columns
