#include "codelists_row.hpp"

#include <fmt/format.h>

#include <atalaya/base/embedded.hpp>

ATALAYA_EMBEDDED(observatory_catalogue);

namespace atalaya::observatory {

Names NamedRow::names(std::string_view key) {
  Names result;
  const auto* found = value(key);
  if (found != nullptr && found->is_string()) {
    result.texts.fill(std::string(found->get_string()));
  }
  const auto* object = found == nullptr ? nullptr : found->if_object();
  if (object != nullptr) {
    for (const auto& member : *object) {
      const auto language = parse_language(member.key());
      const auto* string = member.value().if_string();
      if (!language || string == nullptr) {
        complain(fmt::format("\"{}\" has an unknown language or no text", key));
        return result;
      }
      result.texts[static_cast<std::size_t>(*language)] = std::string(*string);
    }
  }
  for (const Language language : kLanguages) {
    const std::string& text = result.in(language);
    if (text.empty() || trim(text) != text) {
      complain(fmt::format("\"{}\" has no words in {}, or blanks around them", key,
                           to_string(language)));
    }
  }
  return result;
}

Result<json::array> read_rows(const CatalogueFiles& files, std::string_view file,
                              std::string_view reason) {
  const auto it = files.find(file);
  if (it == files.end()) {
    return json::array{};
  }
  auto value = parse_json(it->second, fmt::format("catalogue/{}", file));
  if (!value) {
    return fail(std::move(value).error());
  }
  if (!value->is_array()) {
    return fail(ErrorCode::invalid_argument, reason,
                fmt::format("catalogue/{}: not a list of rows", file));
  }
  return std::move(value->get_array());
}

CatalogueFiles embedded_catalogue() {
  CatalogueFiles files;
  for (const auto& file : embedded::observatory_catalogue_all()) {
    files.emplace(file.path, file.bytes);
  }
  return files;
}

}  // namespace atalaya::observatory
