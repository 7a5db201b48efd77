#include <atalaya/observatory/territories.hpp>

#include <algorithm>

#include <fmt/format.h>

#include <atalaya/base/text.hpp>
#include <atalaya/observatory/rows.hpp>

namespace atalaya::observatory {
namespace {

// What spellings of one name have in common: letters and digits, folded, without what stands in
// brackets ("Cali (CT)").
std::string key_of(std::string_view text) {
  std::string without;
  int depth = 0;
  for (const char c : text) {
    depth += c == '(' ? 1 : 0;
    if (depth == 0) {
      without += c;
    }
    depth -= c == ')' && depth > 0 ? 1 : 0;
  }
  std::string out;
  for (const char c : fold(without.empty() ? text : std::string_view(without))) {
    const auto byte = static_cast<unsigned char>(c);
    if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || byte >= 0x80) {
      out += c;
    }
  }
  return out;
}

// Levenshtein's distance of two short names, cut off above `limit`.
std::size_t distance(std::string_view a, std::string_view b, std::size_t limit) {
  if (a.size() > b.size()) {
    std::swap(a, b);
  }
  if (b.size() - a.size() > limit) {
    return limit + 1;
  }
  std::vector<std::size_t> row(a.size() + 1);
  for (std::size_t i = 0; i <= a.size(); ++i) {
    row[i] = i;
  }
  for (std::size_t j = 1; j <= b.size(); ++j) {
    std::size_t diagonal = row[0];
    row[0] = j;
    for (std::size_t i = 1; i <= a.size(); ++i) {
      const std::size_t up = row[i];
      row[i] = std::min({row[i] + 1, row[i - 1] + 1, diagonal + (a[i - 1] == b[j - 1] ? 0U : 1U)});
      diagonal = up;
    }
  }
  return row[a.size()];
}

std::int32_t depth_of(std::string_view level) {
  return level == "country" ? 1 : level == "admin1" ? 2 : level == "admin2" ? 3 : 4;
}

}  // namespace

Territories::Territories(std::shared_ptr<const Codelists> lists, std::vector<LocalTerritory> local)
    : lists_(std::move(lists)), local_(std::move(local)) {
  for (std::size_t i = 0; i < local_.size(); ++i) {
    by_code_.emplace(local_[i].code, i);
    by_name_[key_of(local_[i].name)].push_back(i);
    by_parent_[local_[i].parent].push_back(i);
  }
}

bool Territories::knows(std::string_view code) const {
  return by_code_.contains(std::string(code)) || lists_->find("territory")->find(code) != nullptr;
}

std::string Territories::parent(std::string_view code) const {
  const auto found = by_code_.find(std::string(code));
  if (found != by_code_.end()) {
    return local_[found->second].parent;
  }
  return lists_->parent("territory", code);
}

std::string Territories::level(std::string_view code) const {
  const auto found = by_code_.find(std::string(code));
  if (found != by_code_.end()) {
    return local_[found->second].level;
  }
  const auto* list = lists_->find("territory");
  const auto* listed = list->find(code);
  return listed == nullptr ? "" : list->levels()[static_cast<std::size_t>(listed->level - 1)];
}

std::string Territories::ancestor(std::string_view code, std::string_view wanted) const {
  const auto whole = rest_of(code);
  std::string at(whole.empty() ? code.substr(0, code.find(kAddedMark)) : whole);
  while (!at.empty()) {
    const std::string here = level(at);
    if (here == wanted) {
      return at;
    }
    if (here.empty() || depth_of(here) < depth_of(wanted)) {
      return "";
    }
    at = parent(at);
  }
  return "";
}

bool Territories::is_within(std::string_view code, std::string_view outer) const {
  if (is_composed(code) && rest_of(code).empty()) {
    return std::ranges::all_of(added_codes(code),
                               [&](std::string_view one) { return is_within(one, outer); });
  }
  std::string at(code);
  while (!at.empty()) {
    if (at == outer) {
      return true;
    }
    at = parent(at);
  }
  return false;
}

std::string Territories::name(std::string_view code, Language language) const {
  if (is_composed(code)) {
    return composed_name(code, language, [&](std::string_view one) { return name(one, language); });
  }
  const auto found = by_code_.find(std::string(code));
  return found != by_code_.end() ? local_[found->second].name
                                 : lists_->label("territory", code, language);
}

std::vector<std::string> Territories::children(std::string_view code) const {
  std::vector<std::string> out;
  for (const auto* child : lists_->find("territory")->children(code)) {
    out.push_back(child->id);
  }
  if (const auto found = by_parent_.find(std::string(code)); found != by_parent_.end()) {
    for (const std::size_t i : found->second) {
      out.push_back(local_[i].code);
    }
  }
  std::ranges::sort(out);
  return out;
}

TerritoryMatch Territories::match(std::string_view text, std::string_view within,
                                  std::string_view wanted) const {
  if (wanted == "country" || wanted == "admin1") {
    NameQuery query;
    query.country = wanted == "admin1" ? lists_->country_of(within) : "";
    query.level = depth_of(wanted);
    const NameMatches matches = lists_->find("territory")->match_name(text, query);
    if (const auto* sure = matches.sure()) {
      return {sure->code->id, sure->reason, sure->score < 0.99};
    }
    return {"", matches.candidates.empty() ? "no such name" : "more than one such name", false};
  }
  const std::string key = key_of(text);
  const auto fits = [&](std::size_t i) {
    return local_[i].level == wanted && (within.empty() || is_within(local_[i].code, within));
  };
  if (const auto found = by_name_.find(key); found != by_name_.end()) {
    std::string only;
    for (const std::size_t i : found->second) {
      if (fits(i)) {
        if (!only.empty() && only != local_[i].code) {
          return {"", "more than one such name", false};
        }
        only = local_[i].code;
      }
    }
    if (!only.empty()) {
      return {only, "folded", false};
    }
  }
  // A district that is a first-level subdivision of its own is often written under the one around
  // it: Bogotá, D.C. (CT) under Cundinamarca.
  if (const auto found = by_name_.find(key); found != by_name_.end() && found->second.size() == 1) {
    const auto& only = local_[found->second.front()];
    const std::string outer = ancestor(only.code, "admin1");
    if (only.level == wanted && !outer.empty() && key_of(name(outer, Language::es)) == key &&
        lists_->country_of(only.code) == lists_->country_of(within)) {
      return {only.code, fmt::format("stands in {} and not in {}", outer, within), true};
    }
  }
  // Files shorten and misspell names; one near name within the parent is taken, and reported.
  const std::size_t limit = key.size() >= 9 ? 2 : key.size() >= 5 ? 1 : 0;
  std::size_t best = limit + 1;
  std::string code;
  for (std::size_t i = 0; i < local_.size() && limit > 0; ++i) {
    if (!fits(i)) {
      continue;
    }
    const std::size_t d = distance(key, key_of(local_[i].name), limit);
    if (d < best) {
      best = d;
      code = local_[i].code;
    } else if (d == best && d <= limit) {
      code.clear();
    }
  }
  if (code.empty()) {
    return {"", best <= limit ? "more than one name is near" : "no such name", false};
  }
  return {code, fmt::format("spelling distance {}", best), true};
}

}  // namespace atalaya::observatory
