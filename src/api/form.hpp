#pragma once
// A browser's form, urlencoded or with files, in one shape.

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

/// At most 100 fields and files. Fails with invalid_argument (http.form.*, http.multipart.*).
[[nodiscard]] Result<Form> read_form(const http::Request& request);

}  // namespace atalaya::api
