#include "synonyms.hpp"

#include <array>

namespace atalaya::text {
namespace {

std::vector<SynonymGroup> groups_of(Language language) {
  std::vector<SynonymGroup> out;
  for (const SynonymLine& line : kSynonymLines) {
    if (line.language != language) {
      continue;
    }
    SynonymGroup group;
    for (const std::string_view name : split(line.names, '|')) {
      group.push_back(tokenize_stemmed(name, language));
    }
    out.push_back(std::move(group));
  }
  return out;
}

}  // namespace

std::span<const SynonymGroup> synonyms(Language language) {
  static const std::array<std::vector<SynonymGroup>, 4> kAll = {
      groups_of(Language::en), groups_of(Language::es), groups_of(Language::pt),
      groups_of(Language::fr)};
  return kAll[static_cast<std::size_t>(language)];
}

bool is_same_word(const Token& a, const Token& b) {
  const auto meets = [&](const std::string& term) {
    return !term.empty() && (term == b.stem || term == b.alternative);
  };
  return meets(a.stem) || meets(a.alternative);
}

}  // namespace atalaya::text
