#pragma once
// One reader for each format; read_document() chooses.

#include <string>
#include <string_view>

#include <atalaya/base/result.hpp>
#include <atalaya/files/read.hpp>

namespace atalaya::files {

/// `text` is UTF-8. Line ends are LF, CRLF or CR.
[[nodiscard]] Result<TextDocument> read_text(std::string_view text, std::string_view name);
[[nodiscard]] Result<TextDocument> read_html(std::string_view bytes, std::string_view name);
[[nodiscard]] Result<TextDocument> read_docx(std::string_view bytes, std::string_view name);
[[nodiscard]] Result<TextDocument> read_pdf(std::string_view bytes, std::string_view name);

/// invalid_argument "files.<what>" with param file.
[[nodiscard]] Error file_error(std::string_view what, std::string_view name,
                               std::string_view detail);
/// Fails with files.not_utf8, params line and column (both from 1, column in characters), where
/// `bytes` are not UTF-8, and with files.binary where they hold NUL or other control characters
/// that no text has.
[[nodiscard]] Result<void> check_text(std::string_view bytes, std::string_view name);
/// UTF-16 with a byte order mark as UTF-8; fails with files.malformed on unpaired surrogates.
[[nodiscard]] Result<std::string> decode_utf16(std::string_view bytes, std::string_view name);
/// Windows-1252 (of which Latin-1 is read as a part, as browsers do) as UTF-8.
[[nodiscard]] std::string decode_windows_1252(std::string_view bytes);
/// An html page as UTF-8 without a byte order mark, by the character set that it declares; adds the
/// warning files.charset_differs to `document` where it is another. Fails as check_text does.
[[nodiscard]] Result<std::string> decode_page(std::string_view bytes, std::string_view name,
                                              TextDocument& document);

}  // namespace atalaya::files
