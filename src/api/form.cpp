#include "form.hpp"

#include <algorithm>

#include <atalaya/http/negotiate.hpp>
#include <atalaya/http/target.hpp>

namespace atalaya::api {
namespace {

constexpr std::size_t kPartsMax = 100;

}  // namespace

std::string_view Form::get(std::string_view name) const noexcept {
  const auto it = std::ranges::find(fields, name, &std::pair<std::string, std::string>::first);
  return it == fields.end() ? std::string_view() : std::string_view(it->second);
}

Result<Form> read_form(const http::Request& request) {
  const std::string_view content_type = request.headers.get("Content-Type");
  Form form;
  if (http::media_type(content_type) != "multipart/form-data") {
    form.fields = ATALAYA_TRY(http::parse_form(request.body, kPartsMax));
    return form;
  }
  const auto parts = ATALAYA_TRY(http::parse_multipart(content_type, request.body, kPartsMax));
  for (const http::FormPart& part : parts) {
    if (!part.file_name.empty()) {
      form.files.push_back({part.name, part.file_name, std::string(part.bytes)});
    } else {
      form.fields.emplace_back(part.name, part.bytes);
    }
  }
  return form;
}

}  // namespace atalaya::api
