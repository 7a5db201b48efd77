#include <atalaya/observatory/words.hpp>

#include <array>

namespace atalaya::observatory {

std::string words_in(const json::object& by_language, Language language,
                     std::string_view otherwise) {
  const auto* value = by_language.if_contains(to_string(language));
  const auto* text = value == nullptr ? nullptr : value->if_string();
  return text == nullptr ? std::string(otherwise) : std::string(*text);
}

std::string stored_words(std::string_view text, const json::object& by_language) {
  return by_language.empty() ? std::string(text) : json::serialize(by_language);
}

Words read_words(std::string_view stored) {
  if (stored.starts_with("{\"")) {
    auto value = parse_json(stored, "words");
    if (value && value->is_object()) {
      return make_words(std::move(value->get_object()));
    }
  }
  return {std::string(stored), {}};
}

Words make_words(json::object by_language) {
  Words out;
  for (const Language language : {Language::en, Language::es, Language::pt, Language::fr}) {
    if (out.text.empty()) {
      out.text = words_in(by_language, language, "");
    }
  }
  out.by_language = std::move(by_language);
  return out;
}

}  // namespace atalaya::observatory
