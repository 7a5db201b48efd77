#pragma once
// Errors as RFC 9457 problem details, in four languages.

#include <string>
#include <string_view>

#include <atalaya/api/dispatcher.hpp>

namespace atalaya::api {

/// The status for an error's code (docs/developer-notes.md has the table).
[[nodiscard]] int status_of(ErrorCode code) noexcept;
/// "Not found", "No encontrado", …; the phrase of the standard for statuses that no user meets.
[[nodiscard]] std::string_view title_of(int status, Language language) noexcept;
/// The message for a reason of `api` or `http` itself; "" for others. `{name}` stays as it is.
[[nodiscard]] std::string_view builtin_message(std::string_view reason, Language language) noexcept;
/// What can be said about a status when nothing is known about the reason.
[[nodiscard]] std::string_view generic_message(int status, Language language) noexcept;
/// Replaces each "{name}" that `params` has.
[[nodiscard]] std::string fill_placeholders(std::string_view text, const MessageParams& params);
/// application/problem+json with `no-store`; Retry-After for 429 and 503 (as long as the parameter
/// `minutes`, which the message tells), WWW-Authenticate for 401.
[[nodiscard]] http::Response problem_response(const Problem& problem);
/// The same as text, where no error page was given.
[[nodiscard]] http::Response problem_text(const Problem& problem);

}  // namespace atalaya::api
