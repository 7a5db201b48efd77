#pragma once
// Content negotiation and conditional requests (RFC 9110 sections 12 and 13). Pure; any thread.

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace atalaya::http {

enum class Encoding { identity, gzip, brotli };
[[nodiscard]] std::string_view to_string(Encoding encoding) noexcept;  // "identity", "gzip", "br"

/// The form to send for an Accept-Encoding header: brotli before gzip where both weigh the same,
/// identity where the header is empty.
[[nodiscard]] Encoding choose_encoding(std::string_view accept_encoding) noexcept;

/// Index of the offered media type that an Accept header likes best; the first offer for an empty
/// header; nothing when none is acceptable. Earlier offers win ties.
[[nodiscard]] std::optional<std::size_t> choose_media_type(
    std::string_view accept, std::span<const std::string_view> offers);

/// "text/html" of "Text/HTML; charset=utf-8": lower case, without parameters.
[[nodiscard]] std::string media_type(std::string_view content_type);

/// Whether a media type shrinks when compressed (text, JSON, XML, SVG).
[[nodiscard]] bool is_compressible(std::string_view content_type);

/// Weak comparison of an If-None-Match header with our tag. The mark of a compressed form
/// ("…-br", "…-gzip") is not part of the comparison.
[[nodiscard]] bool etag_matches(std::string_view if_none_match, std::string_view etag);
/// The tag of one encoded form: "\"abc\"" and gzip give "\"abc-gzip\"".
[[nodiscard]] std::string etag_for(std::string_view etag, Encoding encoding);
/// A strong tag for these bytes: 16 bytes of SHA-256 in hexadecimal, quoted.
[[nodiscard]] std::string etag_of(std::string_view bytes);

/// One-shot compression; level 1..9 and quality 0..11. Never fails on memory below the limits.
[[nodiscard]] std::string gzip(std::string_view bytes, int level = 5);
[[nodiscard]] std::string brotli(std::string_view bytes, int quality = 4);

}  // namespace atalaya::http
