#pragma once
// What a form for everybody carries so that it can be told from one that nobody opened: when this
// node handed it out, for what, and that it was this node. Nothing about who asked for it.

#include <string>
#include <string_view>

#include <atalaya/base/result.hpp>
#include <atalaya/base/time.hpp>

namespace atalaya::api {

inline constexpr std::int64_t kFormMsMin = 3'000;                 // nobody reads and writes faster
inline constexpr std::int64_t kFormMsMax = 3LL * 60 * 60 * 1000;  // three hours

/// Signed with a key of this process: after a restart forms are handed out anew.
[[nodiscard]] std::string make_form_token(std::string_view subject, UtcTime now);
/// Fails with invalid_argument (followup.submission.form): too early, too late, another subject.
[[nodiscard]] Result<void> check_form_token(std::string_view token, std::string_view subject,
                                            UtcTime now);

}  // namespace atalaya::api
