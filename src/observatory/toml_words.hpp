#pragma once
// Words in a mapping or a plan: a text, or texts by language.

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>

#include <toml++/toml.h>

#include <atalaya/observatory/words.hpp>

namespace atalaya::observatory::detail {

inline constexpr const char* kWriteWords =
    "write a text in quotes, or one for each language: { es = \"…\", en = \"…\", pt = \"…\", "
    "fr = \"…\" }";

inline constexpr const char* kUnseen =
    "holds a character that cannot be seen or that turns the direction of reading (a control "
    "character, U+202A to U+202E, U+2066 to U+2069): write the text anew";

/// Whether a text is not what it looks like: "evil" can be made to read as "live". Line ends and
/// tabs are none.
inline bool has_unseen(std::string_view text) {
  for (std::size_t at = 0; at < text.size(); ++at) {
    const auto byte = [&](std::size_t i) {
      return at + i < text.size() ? static_cast<unsigned char>(text[at + i]) : 0U;
    };
    const bool control = byte(0) < 0x20 && !std::string_view("\t\n\r").contains(text[at]);
    const bool c1 = byte(0) == 0xC2 && byte(1) < 0xA0;
    const bool turns =
        byte(0) == 0xE2 && ((byte(1) == 0x80 && byte(2) >= 0xAA && byte(2) <= 0xAE) ||
                            (byte(1) == 0x81 && byte(2) >= 0xA6 && byte(2) <= 0xA9));
    if (control || byte(0) == 0x7F || c1 || turns) {
      return true;
    }
  }
  return false;
}

inline bool has_unseen(const Words& words) {
  return has_unseen(words.text) || std::ranges::any_of(words.by_language, [](const auto& entry) {
           return entry.value().is_string() &&
                  has_unseen(std::string_view(entry.value().get_string()));
         });
}

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
