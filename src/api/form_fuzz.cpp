#include "form.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view body(reinterpret_cast<const char*>(data), size);
  static_cast<void>(atalaya::api::read_form("application/x-www-form-urlencoded", body));
  static_cast<void>(atalaya::api::read_form("multipart/form-data; boundary=x", body));
  const auto line = body.find('\n');
  if (line != std::string_view::npos) {
    static_cast<void>(atalaya::api::read_form(body.substr(0, line), body.substr(line + 1)));
  }
  return 0;
}
