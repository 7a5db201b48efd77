#pragma once
// A text that its author wrote once, or once in each of several languages: titles of sources, names
// of releases, notes on breaks. Values only; any thread.

#include <string>
#include <string_view>

#include <atalaya/base/json.hpp>
#include <atalaya/base/text.hpp>

namespace atalaya::observatory {

struct Words {
  std::string text;          // English where there is any, else the first of es, pt, fr
  json::object by_language;  // {"es": "…", …}; empty where it was written once, for all
};

/// The words in a language; `otherwise` where it is not among them.
[[nodiscard]] std::string words_in(const json::object& by_language, Language language,
                                   std::string_view otherwise);

/// As one column keeps them: the text itself, or a JSON object where there are several.
[[nodiscard]] std::string stored_words(std::string_view text, const json::object& by_language);
/// Reads what stored_words() wrote; anything else is a text.
[[nodiscard]] Words read_words(std::string_view stored);

/// Of words by language, as they were written. Languages that are none of ours are not looked at.
[[nodiscard]] Words make_words(json::object by_language);

}  // namespace atalaya::observatory
