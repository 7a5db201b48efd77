#pragma once
// Reading JSON that came from outside, with an error that says where.

#include <string>
#include <string_view>

#include <boost/json.hpp>

#include <atalaya/base/result.hpp>

namespace atalaya {

namespace json = boost::json;

/// Depth at most 32. Fails with invalid_argument (base.json.bad), naming `what`, line and column.
[[nodiscard]] Result<json::value> parse_json(std::string_view text, std::string_view what);

/// Keys sorted by bytes, no blanks, strings as they are: one spelling per value, for hashing.
/// Numbers must be integers (RFC 8785's hard case is avoided by not storing fractions in leaves).
[[nodiscard]] std::string canonical_json(const json::value& value);

/// Indented by two blanks, keys in their order: for people and for diffs. Ends in a newline.
[[nodiscard]] std::string pretty_json(const json::value& value);

}  // namespace atalaya
