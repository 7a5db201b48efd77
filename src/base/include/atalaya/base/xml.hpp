#pragma once
// The one way of text into XML 1.0 and HTML.

#include <string>
#include <string_view>

namespace atalaya {

/// Appends `text` for the content of elements and for quoted attribute values alike: `&`, `<`, `>`,
/// `"`, `'` as character references. What XML 1.0 forbids (control characters but tab and line
/// ends, U+FFFE, U+FFFF, bytes that are no UTF-8) becomes U+FFFD, so the result is always
/// well-formed.
void append_xml(std::string& out, std::string_view text);
[[nodiscard]] std::string xml(std::string_view text);

}  // namespace atalaya
