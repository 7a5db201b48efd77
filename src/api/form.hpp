#pragma once
// What browsers send from forms: application/x-www-form-urlencoded and multipart/form-data.

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <atalaya/base/result.hpp>
#include <atalaya/http/message.hpp>

namespace atalaya::api {

struct FormFile {
  std::string field, name;  // name: the last part of the path that the browser sent
  std::string bytes;
};

struct Form {
  std::vector<std::pair<std::string, std::string>> fields;
  std::vector<FormFile> files;

  /// The first value; "" when there is none.
  [[nodiscard]] std::string_view get(std::string_view name) const noexcept;
};

/// Reads the body by its Content-Type. At most 100 fields and files. Fails with invalid_argument
/// (api.form.bad) for any other type, a missing boundary, a part without its end, or text fields
/// that are not UTF-8. Source: WHATWG URL (urlencoded), RFC 7578 (multipart).
[[nodiscard]] Result<Form> read_form(const http::Request& request);
[[nodiscard]] Result<Form> read_form(std::string_view content_type, std::string_view body);

}  // namespace atalaya::api
