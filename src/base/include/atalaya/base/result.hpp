#pragma once
// Errors as values: every function that can fail by design returns Result<T>.

#include <expected>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace atalaya {

/// What the caller should do next; the wire value is the enumerator's name. Only `api` maps these
/// to HTTP and only `app` to exit codes (docs/developer-notes.md).
enum class ErrorCode {
  invalid_argument,   // the input is wrong: change it (400)
  unauthenticated,    // sign in (401)
  permission_denied,  // not yours (403)
  not_found,          // no such thing (404)
  conflict,           // somebody was faster, or the state forbids it: look again (409)
  exhausted,          // a limit was reached: less, or later (429)
  internal,           // our fault (500)
  data_loss,          // stored bytes are damaged: call the operator (500)
  unimplemented,      // not in this version (501)
  unavailable,        // try again later (503)
  deadline_exceeded,  // the outcome is unknown (504)
};

[[nodiscard]] std::string_view to_string(ErrorCode code) noexcept;

/// `reason` is a stable dotted key (`commitments.import.not_utf8`) that API, tests and the message
/// catalogues use; `params` fill the placeholders of its message and may be shown to the caller;
/// `detail` is for the operator and never leaves the machine through the API.
struct Error {
  ErrorCode code = ErrorCode::internal;
  std::string reason;
  std::string detail;
  std::vector<std::pair<std::string, std::string>> params;

  /// The same error with "what: " put before its detail.
  [[nodiscard]] Error in(std::string_view what) &&;
  /// The same error with one more message parameter.
  [[nodiscard]] Error with(std::string_view name, std::string_view value) &&;
};

template <class T>
using Result = std::expected<T, Error>;

/// `return fail(ErrorCode::not_found, "commitments.not_found", "no commitment sum-1998-k3");`
[[nodiscard]] std::unexpected<Error> fail(ErrorCode code, std::string_view reason,
                                          std::string_view detail = {});
[[nodiscard]] std::unexpected<Error> fail(Error error);

/// Aborts with the text and place. For states that no input can reach; never for outside bytes.
[[noreturn]] void check_failed(const char* expression, const char* file, int line) noexcept;

}  // namespace atalaya

// Propagates an error, yields the value. Only as a statement of its own or as the whole
// initialiser of one local: never nested, inside braces or in a coroutine (g++ 12.2 leaks the
// earlier members of an aggregate).
#define ATALAYA_TRY_CAT2(a, b) a##b
#define ATALAYA_TRY_CAT(a, b) ATALAYA_TRY_CAT2(a, b)
#define ATALAYA_TRY_AS(name, ...)                        \
  __extension__({                                        \
    auto name = (__VA_ARGS__);                           \
    if (!name.has_value()) {                             \
      return std::unexpected(std::move(name).error());   \
    }                                                    \
    std::move(name).value();                             \
  })
#define ATALAYA_TRY(...) ATALAYA_TRY_AS(ATALAYA_TRY_CAT(atalaya_try_, __COUNTER__), __VA_ARGS__)

#define ATALAYA_CHECK(expression) \
  ((expression) ? static_cast<void>(0) : ::atalaya::check_failed(#expression, __FILE__, __LINE__))
