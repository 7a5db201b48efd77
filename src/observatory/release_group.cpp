#include "release_group.hpp"

namespace atalaya::observatory::detail {

std::map<std::vector<std::string>, std::vector<std::uint32_t>> Group::rows(
    const std::vector<std::uint32_t>& levels, const Shape& shape) const {
  std::vector<std::size_t> places;
  for (const auto& dimension : shape.by) {
    places.push_back(place(shape, dimension.name));
  }
  std::map<std::vector<std::uint32_t>, std::vector<std::uint32_t>> by_group;
  std::vector<std::uint32_t> groups(places.size());
  for (std::size_t row = 0; row < plan.base.value.size(); ++row) {
    if (!holds(levels, row)) {
      continue;
    }
    for (std::size_t i = 0; i < places.size(); ++i) {
      const std::size_t d = places[i];
      groups[i] = group_of(d, levels[d], plan.base.codes[d][row]);
    }
    by_group[groups].push_back(static_cast<std::uint32_t>(row));
  }
  std::map<std::vector<std::string>, std::vector<std::uint32_t>> out;
  for (const auto& [group, members] : by_group) {
    std::vector<std::string> codes;
    for (std::size_t i = 0; i < places.size(); ++i) {
      codes.push_back(labels_[places[i]][levels[places[i]]][group[i]]);
    }
    auto& all = out[std::move(codes)];
    all.insert(all.end(), members.begin(), members.end());
    std::ranges::sort(all);  // codes of one name may be several
  }
  return out;
}

Result<void> Group::leave_out_unseen() {
  if (!plan.past.empty()) {
    return {};
  }
  std::vector<std::vector<std::uint32_t>> seen;
  for (const auto& shape : shapes_) {
    seen.push_back(ATALAYA_TRY(levels(shape)));
  }
  std::size_t kept = 0;
  for (std::size_t row = 0; row < plan.base.value.size(); ++row) {
    if (std::ranges::any_of(seen, [&](const auto& levels) { return holds(levels, row); })) {
      for (auto& codes : plan.base.codes) {
        codes[kept] = codes[row];
      }
      plan.base.value[kept++] = plan.base.value[row];
    }
  }
  for (auto& codes : plan.base.codes) {
    codes.resize(kept);
  }
  plan.base.value.resize(kept);
  return {};
}

}  // namespace atalaya::observatory::detail
