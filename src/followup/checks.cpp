#include "checks.hpp"

#include <fmt/format.h>

#include <atalaya/base/text.hpp>

namespace atalaya::followup::detail {

std::unexpected<Error> invalid(std::string_view reason, std::string_view value,
                               std::string_view detail) {
  return fail(Error{ErrorCode::invalid_argument,
                    fmt::format("followup.{}", reason),
                    std::string(detail),
                    {{"value", std::string(value.substr(0, 80))}}});
}

std::unexpected<Error> missing(std::string_view reason, std::string_view id) {
  return fail(Error{ErrorCode::not_found,
                    fmt::format("followup.{}", reason),
                    "the follow-up knows nothing of this name",
                    {{"id", std::string(id.substr(0, 80))}}});
}

Result<void> check_text(std::string_view text, std::size_t bytes_max) {
  if (text.size() > bytes_max || find_invalid_utf8(text) || text.contains('\0')) {
    return invalid("text", std::to_string(bytes_max), "a text is too long or not UTF-8");
  }
  return {};
}

Result<CivilDate> check_day(const Parts& parts, std::string_view text) {
  const auto day = parse_civil_date(text);
  if (!day) {
    return invalid("date", text);
  }
  if (*day > parts.today()) {
    return invalid("future", text);
  }
  return *day;
}

}  // namespace atalaya::followup::detail
