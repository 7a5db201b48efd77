#include <atalaya/base/result.hpp>

#include <cstdio>
#include <cstdlib>

namespace atalaya {

std::string_view to_string(ErrorCode code) noexcept {
  switch (code) {
    case ErrorCode::invalid_argument:
      return "invalid_argument";
    case ErrorCode::unauthenticated:
      return "unauthenticated";
    case ErrorCode::permission_denied:
      return "permission_denied";
    case ErrorCode::not_found:
      return "not_found";
    case ErrorCode::conflict:
      return "conflict";
    case ErrorCode::exhausted:
      return "exhausted";
    case ErrorCode::internal:
      return "internal";
    case ErrorCode::data_loss:
      return "data_loss";
    case ErrorCode::unimplemented:
      return "unimplemented";
    case ErrorCode::unavailable:
      return "unavailable";
    case ErrorCode::deadline_exceeded:
      return "deadline_exceeded";
  }
  return "internal";
}

Error Error::in(std::string_view what) && {
  detail = detail.empty() ? std::string(what) : std::string(what) + ": " + detail;
  return std::move(*this);
}

Error Error::with(std::string_view name, std::string_view value) && {
  params.emplace_back(name, value);
  return std::move(*this);
}

std::unexpected<Error> fail(ErrorCode code, std::string_view reason, std::string_view detail) {
  return std::unexpected(Error{code, std::string(reason), std::string(detail), {}});
}

std::unexpected<Error> fail(Error error) { return std::unexpected(std::move(error)); }

void check_failed(const char* expression, const char* file, int line) noexcept {
  std::fprintf(stderr, "atalaya: internal check failed: %s (%s:%d)\n", expression, file, line);
  std::abort();
}

}  // namespace atalaya
