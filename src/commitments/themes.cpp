#include <algorithm>

#include <atalaya/commitments/themes.hpp>

namespace atalaya::commitments {
namespace {

bool contains(std::span<const std::string> ids, std::string_view id) {
  return std::ranges::find(ids, id) != ids.end();
}

}  // namespace

bool holds_all(const Catalogue& catalogue, std::string_view theme) {
  const Theme* known = catalogue.find_theme(theme);
  return known != nullptr && known->broader.empty() &&
         with_narrower(catalogue, {std::string(theme)}).size() == catalogue.themes().size();
}

std::vector<std::string> with_narrower(const Catalogue& catalogue,
                                       std::vector<std::string> themes) {
  for (std::size_t i = 0; i < themes.size(); ++i) {
    for (const Theme& theme : catalogue.themes()) {
      if (theme.broader == themes[i] && !contains(themes, theme.id)) {
        themes.push_back(theme.id);
      }
    }
  }
  return themes;
}

std::vector<std::string> with_broader(const Catalogue& catalogue, std::vector<std::string> named) {
  for (std::size_t i = 0; i < named.size(); ++i) {
    const Theme* theme = catalogue.find_theme(named[i]);
    if (theme != nullptr && !theme->broader.empty() && !contains(named, theme->broader)) {
      named.push_back(theme->broader);
    }
  }
  for (const Theme& theme : catalogue.themes()) {
    if (theme.broader.empty() && !contains(named, theme.id) && holds_all(catalogue, theme.id)) {
      named.push_back(theme.id);
    }
  }
  return named;
}

bool stands_under(const Catalogue& catalogue, std::string_view theme,
                  std::span<const std::string> named) {
  for (const std::string& id : named) {
    for (const Theme* at = catalogue.find_theme(id); at != nullptr;
         at = catalogue.find_theme(at->broader)) {
      if (at->id == theme) {
        return true;
      }
    }
  }
  return theme.empty() || holds_all(catalogue, theme);
}

}  // namespace atalaya::commitments
