#pragma once
// What a handler gets and what it answers.

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include <atalaya/base/result.hpp>

namespace atalaya::http {

/// `other` is any token that is none of these (TRACE, PROPFIND, …): no route accepts it.
enum class Method { get, head, post, put, patch, del, options, other };
[[nodiscard]] std::string_view to_string(Method method) noexcept;  // "GET"; "" for other
[[nodiscard]] Method parse_method(std::string_view token) noexcept;
/// GET, HEAD and OPTIONS (RFC 9110 section 9.2.1).
[[nodiscard]] bool is_safe(Method method) noexcept;

struct Header {
  std::string name;
  std::string value;
};

/// Header fields in their order. Names compare without case (RFC 9110 section 5.1).
class Headers {
 public:
  Headers() = default;
  Headers(std::initializer_list<Header> fields) : fields_(fields) {}

  /// The first field of that name; "" where there is none.
  [[nodiscard]] std::string_view get(std::string_view name) const noexcept;
  [[nodiscard]] bool has(std::string_view name) const noexcept;
  [[nodiscard]] std::size_t count(std::string_view name) const noexcept;
  /// Replaces every field of that name. CR, LF and NUL in a value become blanks.
  void set(std::string_view name, std::string_view value);
  void set_default(std::string_view name, std::string_view value);
  void add(std::string_view name, std::string_view value);
  void remove(std::string_view name);
  /// Adds a member to a comma-separated field (Vary) unless it is there.
  void add_token(std::string_view name, std::string_view token);

  [[nodiscard]] auto begin() const noexcept { return fields_.begin(); }

  [[nodiscard]] auto end() const noexcept { return fields_.end(); }

  [[nodiscard]] std::size_t size() const noexcept { return fields_.size(); }

 private:
  std::vector<Header> fields_;
};

using QueryParams = std::vector<std::pair<std::string, std::string>>;

/// A request that passed every check of the protocol: nothing in it needs decoding again.
struct Request {
  Method method = Method::get;
  std::string method_name;  // as sent
  std::string target;       // as sent, origin form: "/en/search?q=policia"
  std::string path;         // decoded: UTF-8, no NUL or control, no "." or ".." segment, no "//"
  std::vector<std::string> segments;  // decoded parts of the path: {"en", "search"}
  QueryParams query;                  // decoded, in order; '+' is a blank
  Headers headers;
  std::string body;
  /// Empty unless Options::keep_peer_address; never in a log.
  std::string peer;
  std::string request_id;  // 13 characters, random, ours
  bool secure = false;     // over TLS, here or (by X-Forwarded-Proto) at the trusted proxy

  /// The first query parameter of that name.
  [[nodiscard]] std::optional<std::string_view> query_value(std::string_view name) const noexcept;
};

/// A body made piece by piece, on a worker, while it is sent. `next` appends to the empty `out`
/// and returns false when nothing follows (`out` may still hold the last piece). An error cuts the
/// connection, so that the client sees a broken answer and not a short one.
struct Stream {
  std::function<Result<bool>(std::string& out)> next;
  std::optional<std::uint64_t> size = {};  // sent as Content-Length; otherwise chunked
};

/// A string_view must point at bytes that live as long as the program (embedded files).
using Body = std::variant<std::string, std::shared_ptr<const std::string>, std::string_view, Stream>;

struct Response {
  int status = 200;
  Headers headers = {};
  Body body = {};

  /// The bytes of a buffered body; "" for a stream. Valid while the response is not changed.
  [[nodiscard]] std::string_view text() const noexcept;
  [[nodiscard]] bool buffered() const noexcept { return !std::holds_alternative<Stream>(body); }
};

/// `media_type` goes to Content-Type; text types get "; charset=utf-8".
[[nodiscard]] Response respond(int status, std::string_view media_type, std::string body);
/// 303 (after a form) or 302, 307, 308. `location` is a path of this node.
[[nodiscard]] Response redirect(int status, std::string_view location);
/// RFC 9457 in English, for refusals that no route saw.
[[nodiscard]] Response plain_problem(int status, std::string_view reason, std::string_view detail,
                                     std::string_view request_id);
/// Streams a file in pieces of 64 kB. Fails with not_found (http.file.missing).
[[nodiscard]] Result<Response> file_response(const std::filesystem::path& path,
                                             std::string_view media_type);
/// "Not Found" for 404; "Unknown" for a status that is not registered.
[[nodiscard]] std::string_view status_phrase(int status) noexcept;
/// For the extension of a path: "text/css" for "a/b.css"; "application/octet-stream" otherwise.
[[nodiscard]] std::string_view media_type_of(std::string_view path) noexcept;

}  // namespace atalaya::http
