#pragma once
// Writing CSV. One rule for every file that leaves a node.

#include <string>
#include <string_view>

namespace atalaya {

/// One field by RFC 4180. Text of files may be anybody's: a field that a spreadsheet would run as a
/// formula (it begins with = + - @, a tab or a return) gets a leading apostrophe and quotes.
[[nodiscard]] std::string csv_field(std::string_view text);

}  // namespace atalaya
