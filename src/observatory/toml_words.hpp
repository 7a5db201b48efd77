#pragma once
// Words in a mapping or a plan: a text, or texts by language.

#include <optional>
#include <string>

#include <toml++/toml.h>

#include <atalaya/observatory/words.hpp>

namespace atalaya::observatory::detail {

inline constexpr const char* kWriteWords =
    "write a text in quotes, or one for each language: { es = \"…\", en = \"…\", pt = \"…\", "
    "fr = \"…\" }";

/// Nothing where it is neither, or where a language is none of es, en, pt, fr.
inline std::optional<Words> words_of(const toml::node& node) {
  if (const auto text = node.value<std::string>(); node.is_string() && text) {
    return Words{*text, {}};
  }
  const auto* table = node.as_table();
  if (table == nullptr || table->empty()) {
    return std::nullopt;
  }
  json::object texts;
  for (const auto& [language, value] : *table) {
    const auto text = value.value<std::string>();
    if (!parse_language(language.str()) || !value.is_string() || !text || text->empty()) {
      return std::nullopt;
    }
    texts[language.str()] = *text;
  }
  return make_words(std::move(texts));
}

}  // namespace atalaya::observatory::detail
