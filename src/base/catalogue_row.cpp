#include <atalaya/base/catalogue_row.hpp>

#include <algorithm>

#include <fmt/format.h>

#include <atalaya/base/text.hpp>

namespace atalaya {

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

const json::value* CatalogueRow::value(std::string_view key, bool required) {
  taken_.emplace(key);
  const auto* found = object_ == nullptr ? nullptr : object_->if_contains(key);
  if (found == nullptr && required) {
    complain(fmt::format("\"{}\" is missing", key));
  }
  return found;
}

std::string CatalogueRow::text(std::string_view key, bool required) {
  const auto* found = value(key, required);
  if (found == nullptr) {
    return {};
  }
  const auto* string = found->if_string();
  if (string == nullptr) {
    complain(fmt::format("\"{}\" is not a text", key));
    return {};
  }
  std::string result(*string);
  if (required && result.empty()) {
    complain(fmt::format("\"{}\" is empty", key));
  }
  if (trim(result) != result) {
    complain(fmt::format("\"{}\" has blanks around it", key));
  }
  return result;
}

bool CatalogueRow::flag(std::string_view key) {
  return value(key, true) != nullptr && flag(key, false);
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

std::vector<std::string> CatalogueRow::list(std::string_view key, bool required) {
  std::vector<std::string> result;
  const auto* found = value(key, required);
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

void CatalogueRow::finish() {
  if (object_ == nullptr) {
    return;
  }
  for (const auto& member : *object_) {
    if (!taken_.contains(std::string_view(member.key()))) {
      complain(fmt::format("nothing is known of \"{}\"", std::string_view(member.key())));
    }
  }
}

}  // namespace atalaya
