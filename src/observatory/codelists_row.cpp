#include "codelists_row.hpp"

#include <algorithm>

#include <fmt/format.h>

#include <atalaya/base/embedded.hpp>

ATALAYA_EMBEDDED(observatory_catalogue);

namespace atalaya::observatory {

CatalogueRow::CatalogueRow(std::string_view file, std::size_t number, const json::value& value)
    : file_(file), number_(number), object_(value.if_object()) {
  if (object_ == nullptr) {
    complain("is not an object");
    return;
  }
  if (const auto* id = object_->if_contains("id"); id != nullptr && id->is_string()) {
    id_ = std::string(id->get_string());
  }
}

void CatalogueRow::complain(std::string_view what) {
  if (problem_.empty()) {
    problem_ = fmt::format("catalogue/{}: row {}{}: {}", file_, number_,
                           id_.empty() ? "" : " (" + id_ + ")", what);
  }
}

const json::value* CatalogueRow::value(std::string_view key) {
  taken_.emplace_back(key);
  return object_ == nullptr ? nullptr : object_->if_contains(key);
}

std::string CatalogueRow::text(std::string_view key, bool required) {
  const auto* found = value(key);
  const auto* string = found == nullptr ? nullptr : found->if_string();
  if (string == nullptr || (required && string->empty())) {
    if (required || found != nullptr) {
      complain(fmt::format("\"{}\" is missing or not a text", key));
    }
    return {};
  }
  std::string result(*string);
  if (trim(result) != result) {
    complain(fmt::format("\"{}\" has blanks around it", key));
  }
  return result;
}

std::int64_t CatalogueRow::number(std::string_view key, std::int64_t otherwise) {
  const auto* found = value(key);
  if (found == nullptr) {
    return otherwise;
  }
  if (!found->is_int64()) {
    complain(fmt::format("\"{}\" is not a whole number", key));
    return otherwise;
  }
  return found->get_int64();
}

bool CatalogueRow::flag(std::string_view key, bool otherwise) {
  const auto* found = value(key);
  if (found == nullptr) {
    return otherwise;
  }
  if (!found->is_bool()) {
    complain(fmt::format("\"{}\" is neither true nor false", key));
    return otherwise;
  }
  return found->get_bool();
}

std::vector<std::string> CatalogueRow::list(std::string_view key) {
  std::vector<std::string> result;
  const auto* found = value(key);
  if (found == nullptr) {
    return result;
  }
  const auto* array = found->if_array();
  if (array == nullptr) {
    complain(fmt::format("\"{}\" is not a list", key));
    return result;
  }
  for (const auto& element : *array) {
    const auto* string = element.if_string();
    if (string == nullptr || string->empty()) {
      complain(fmt::format("\"{}\" holds something that is no text", key));
      return result;
    }
    result.emplace_back(*string);
    if (std::ranges::count(result, result.back()) > 1) {
      complain(fmt::format("\"{}\" names \"{}\" twice", key, result.back()));
    }
  }
  return result;
}

Names CatalogueRow::names(std::string_view key) {
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

void CatalogueRow::finish() {
  if (object_ == nullptr) {
    return;
  }
  for (const auto& member : *object_) {
    if (std::ranges::find(taken_, std::string_view(member.key())) == taken_.end()) {
      complain(fmt::format("unknown key \"{}\"", std::string_view(member.key())));
    }
  }
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
