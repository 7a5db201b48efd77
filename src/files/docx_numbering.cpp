#include "docx_numbering.hpp"

#include <algorithm>

#include <fmt/core.h>

namespace atalaya::files {
namespace {

constexpr int kStyleChainMax = 20;

std::string format_number(std::int32_t number, std::string_view format) {
  if (format == "lowerLetter") {
    return list_label(number, LabelStyle::lower_letter);
  }
  if (format == "upperLetter") {
    return list_label(number, LabelStyle::upper_letter);
  }
  if (format == "lowerRoman") {
    return list_label(number, LabelStyle::lower_roman);
  }
  if (format == "upperRoman") {
    return list_label(number, LabelStyle::upper_roman);
  }
  if (format == "decimalZero") {
    return fmt::format("{:02}", number);
  }
  if (format == "none") {
    return {};
  }
  return fmt::format("{}", number);
}

const ParagraphStyle* find_style(const std::map<std::string, ParagraphStyle>& styles,
                                 const std::string& id) {
  const auto at = styles.find(id);
  return at == styles.end() ? nullptr : &at->second;
}

}  // namespace

std::string Counters::next(const ListPlace& place) {
  const auto abstract_id = numbering_->abstract_of.find(place.num_id);
  if (abstract_id == numbering_->abstract_of.end()) {
    return {};
  }
  const auto abstract = numbering_->abstracts.find(abstract_id->second);
  if (abstract == numbering_->abstracts.end() || place.level >= kDocxLevels) {
    return {};
  }
  const auto& levels = abstract->second;
  if (levels[place.level].format == "bullet") {
    return "•";
  }
  auto [values, fresh] = values_.try_emplace(abstract->first);
  if (fresh) {
    for (std::size_t i = 0; i < kDocxLevels; ++i) {
      values->second[i] = levels[i].start - 1;
    }
  }
  if (!started_[place.num_id]) {
    started_[place.num_id] = true;
    const auto overrides = numbering_->start_overrides.find(place.num_id);
    if (overrides != numbering_->start_overrides.end()) {
      for (const auto& [level, start] : overrides->second) {
        values->second[level] = start - 1;
      }
    }
  }
  ++values->second[place.level];
  for (std::size_t i = place.level + 1; i < kDocxLevels; ++i) {
    values->second[i] = levels[i].start - 1;
  }
  std::string marker;
  const std::string& text = levels[place.level].text;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool slot =
        text[i] == '%' && i + 1 < text.size() && text[i + 1] >= '1' && text[i + 1] <= '9';
    if (!slot) {
      marker += text[i];
      continue;
    }
    const auto level = static_cast<std::size_t>(text[++i] - '1');
    // An outer level that has not been counted yet shows its first number.
    const std::int32_t value = std::max(values->second[level], levels[level].start);
    marker += format_number(value, levels[level].format);
  }
  return marker;
}

ListPlace place_of(const std::map<std::string, ParagraphStyle>& styles, const std::string& style,
                   const std::string& num_id, std::optional<std::size_t> level) {
  ListPlace place;
  place.num_id = num_id;
  std::string name;
  std::string id = style;
  for (int i = 0; i < kStyleChainMax && !id.empty(); ++i) {
    const ParagraphStyle* found = find_style(styles, id);
    if (found == nullptr) {
      break;
    }
    if (name.empty()) {
      name = found->name;
    }
    if (place.num_id.empty()) {
      place.num_id = found->num_id;
    }
    if (!level) {
      level = found->level;
    }
    id = found->based_on;
  }
  place.level = std::min(level.value_or(0), kDocxLevels - 1);
  place.depth = static_cast<std::int32_t>(place.level) + 1;
  // Word's styles "List Number 2" and "List Bullet 3" are lists of their own whose depth only
  // their name and their indentation tell.
  if (place.level == 0 && name.starts_with("list ") && !name.empty() && name.back() >= '2' &&
      name.back() <= '9') {
    place.depth = name.back() - '0';
  }
  return place;
}

bool is_hidden_style(const std::map<std::string, ParagraphStyle>& styles,
                     const std::string& style) {
  const ParagraphStyle* found = find_style(styles, style);
  for (int i = 0; i < kStyleChainMax && found != nullptr; ++i) {
    if (found->hidden) {
      return *found->hidden;
    }
    found = find_style(styles, found->based_on);
  }
  return false;
}

bool is_heading_style(const std::map<std::string, ParagraphStyle>& styles,
                      const std::string& style) {
  std::string id = style;
  for (int i = 0; i < kStyleChainMax && !id.empty(); ++i) {
    const ParagraphStyle* found = find_style(styles, id);
    if (found == nullptr) {
      return false;
    }
    if (found->heading) {
      return true;
    }
    id = found->based_on;
  }
  return false;
}

}  // namespace atalaya::files
