#pragma once
// Reading the parts of a request that a stranger wrote. All functions are pure; any thread.

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <atalaya/base/result.hpp>
#include <atalaya/http/limits.hpp>
#include <atalaya/http/message.hpp>

namespace atalaya::http {

struct Target {
  std::string origin;  // "/a%20b?x=1", without the authority of an absolute form
  std::string path;    // "/a b"
  std::vector<std::string> segments;
  QueryParams query;
  std::string authority;  // of an absolute form, else empty
};

/// Origin form and absolute form (RFC 9112 section 3.2). Fails with invalid_argument:
/// http.target.form (neither form), .encoding (a bad %XX or not UTF-8), .control (NUL, control,
/// backslash), .dots ("." or ".." segment, plain or encoded), .empty_segment ("//"),
/// .encoded_slash (%2F in the path), .too_many_params.
[[nodiscard]] Result<Target> parse_target(std::string_view target, const Limits& limits);

/// application/x-www-form-urlencoded, as in a query or a form's body. Fails as above (.encoding,
/// .control for NUL, .too_many_params).
[[nodiscard]] Result<QueryParams> parse_form(std::string_view text, std::size_t params_max);

/// %XX to bytes; nothing when a % is not followed by two hexadecimal digits.
[[nodiscard]] std::optional<std::string> percent_decode(std::string_view text, bool plus_is_blank);
/// Everything but unreserved characters (RFC 3986 section 2.3) becomes %XX.
[[nodiscard]] std::string percent_encode(std::string_view text);

/// The first cookie of that name in a Cookie header; values are not decoded (RFC 6265 section 5.4).
[[nodiscard]] std::optional<std::string_view> cookie(std::string_view header,
                                                     std::string_view name) noexcept;

/// One part of multipart/form-data (RFC 7578). Views into the body that was parsed.
struct FormPart {
  std::string name;
  std::string file_name;  // last path component only; empty for a field
  std::string media_type;
  std::string_view bytes;
};

/// `content_type` is the header's value. At most `parts_max` parts. Fails with invalid_argument
/// (http.multipart.boundary, http.multipart.bad, http.multipart.too_many).
[[nodiscard]] Result<std::vector<FormPart>> parse_multipart(std::string_view content_type,
                                                            std::string_view body,
                                                            std::size_t parts_max);

}  // namespace atalaya::http
