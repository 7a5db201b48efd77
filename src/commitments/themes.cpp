#include <algorithm>
#include <array>
#include <iterator>

#include <fmt/format.h>

#include <atalaya/commitments/themes.hpp>

namespace atalaya::commitments {
namespace {

bool contains(std::span<const std::string> ids, std::string_view id) {
  return std::ranges::find(ids, id) != ids.end();
}

// Other names that pages print for themes of the catalogue, folded.
constexpr std::array<std::pair<std::string_view, std::string_view>, 12> kOtherNames = {
    {{"labor", "labour"},
     {"employment", "labour"},
     {"empleo", "labour"},
     {"emprego", "labour"},
     {"emploi", "labour"},
     {"gender", "gender_equality"},
     {"genero", "gender_equality"},
     {"genre", "gender_equality"},
     {"natural disasters", "disasters"},
     {"desastres naturales", "disasters"},
     {"desastres naturais", "disasters"},
     {"catastrophes naturelles", "disasters"}}};

const Theme* theme_called(const Catalogue& catalogue, std::string_view folded) {
  if (const auto other = std::ranges::find(kOtherNames, folded,
                                           &std::pair<std::string_view, std::string_view>::first);
      other != kOtherNames.end()) {
    return catalogue.find_theme(other->second);
  }
  for (const Theme& theme : catalogue.themes()) {
    for (const Language language : kLanguages) {
      if (fold(theme.label.in(language)) == folded) {
        return &theme;
      }
    }
  }
  return nullptr;
}

// What parts a title, the widest first: a name may itself have a comma or an "and".
constexpr std::string_view kParting[][7] = {
    {":", ";", "|", "/", " - ", "–", "—"}, {","}, {" and ", " y ", " e ", " et ", " & "}};

// `folded` stands between blanks.
void add_named(const Catalogue& catalogue, const std::string& folded, std::size_t depth,
               std::vector<std::string>& out) {
  if (const Theme* theme = theme_called(catalogue, trim(folded))) {
    if (!contains(out, theme->id)) {
      out.push_back(theme->id);
    }
    return;
  }
  if (depth == std::size(kParting)) {
    return;
  }
  std::size_t begin = 0;
  for (std::size_t at = 0; at < folded.size(); ++at) {
    for (const std::string_view mark : kParting[depth]) {
      if (!mark.empty() && std::string_view(folded).substr(at).starts_with(mark)) {
        add_named(catalogue, fmt::format(" {} ", trim(folded.substr(begin, at - begin))), depth + 1,
                  out);
        at += mark.size() - 1;
        begin = at + (mark.back() == ' ' ? 0 : 1);
        break;
      }
    }
  }
  add_named(catalogue, fmt::format(" {} ", trim(folded.substr(begin))), depth + 1, out);
}

}  // namespace

bool is_subject(const Catalogue& catalogue, std::string_view theme) {
  return !catalogue.themes().empty() && catalogue.themes().front().id == theme;
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
  return theme.empty();
}

bool concerns(const Catalogue& catalogue, std::string_view theme,
              std::span<const std::string> named) {
  return is_subject(catalogue, theme) || stands_under(catalogue, theme, named);
}

std::vector<std::string> themes_named(const Catalogue& catalogue, std::string_view title) {
  constexpr std::size_t kBytesMax = 500;  // what is longer is no title
  std::vector<std::string> out;
  if (title.size() > kBytesMax) {
    return out;
  }
  add_named(catalogue, " " + fold(squeeze(title)) + " ", 0, out);
  const std::vector<std::string> all = out;
  std::erase_if(out, [&](const std::string& theme) {
    return std::ranges::any_of(all, [&](const std::string& other) {
      return other != theme && stands_under(catalogue, theme, {&other, 1});
    });
  });
  return out;
}

}  // namespace atalaya::commitments
