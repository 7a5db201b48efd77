#pragma once
// What of a release anybody may read. That figures of two sources are equal tells what the one
// hides and the other shows, whether or not they count the same cases: neither the doubt nor the
// decision about it is told. Pure; any thread.

#include <string>
#include <string_view>

#include <atalaya/base/json.hpp>

namespace atalaya::observatory {

/// The plan as its publisher wrote it. Of one that has [[different_cases]] the rest, written anew:
/// its comments may speak of them, too. Empty where `plan` is no TOML.
[[nodiscard]] std::string public_plan(std::string_view plan);

/// The rules of a release's policy, each once: how many groups there were would tell whether two
/// sources were taken for one.
[[nodiscard]] json::object public_policy(const json::object& policy);

}  // namespace atalaya::observatory
