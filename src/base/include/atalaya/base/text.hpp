#pragma once
// Small text helpers that every module needs. All strings are UTF-8.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <atalaya/base/result.hpp>

namespace atalaya {

/// The four languages of the Organization of American States; the wire value is the enumerator.
enum class Language { en, es, pt, fr };
inline constexpr Language kLanguages[] = {Language::en, Language::es, Language::pt, Language::fr};
[[nodiscard]] std::string_view to_string(Language language) noexcept;
[[nodiscard]] std::optional<Language> parse_language(std::string_view code) noexcept;
/// The first of the four that an Accept-Language header prefers; nothing where it names none.
[[nodiscard]] std::optional<Language> accept_language(std::string_view header);

/// Offset of the first byte that is not part of well-formed UTF-8 (RFC 3629); nothing if all is.
[[nodiscard]] std::optional<std::size_t> find_invalid_utf8(std::string_view bytes) noexcept;

/// Without leading and trailing white space, U+00A0 and U+FEFF included. A view into `text`.
[[nodiscard]] std::string_view trim(std::string_view text) noexcept;
/// Every run of white space (U+00A0 included) becomes one blank; trimmed.
[[nodiscard]] std::string squeeze(std::string_view text);
/// Case- and accent-folded (NFKD without marks, lower case) for comparing and searching:
/// "Convenção" and "CONVENCAO" fold to the same. Invalid UTF-8 becomes U+FFFD.
[[nodiscard]] std::string fold(std::string_view text);
[[nodiscard]] std::vector<std::string_view> split(std::string_view text, char separator);
[[nodiscard]] bool starts_with_folded(std::string_view text, std::string_view folded_prefix);

[[nodiscard]] std::string to_hex(std::span<const std::uint8_t> bytes);
[[nodiscard]] std::optional<std::vector<std::uint8_t>> from_hex(std::string_view text);
/// Standard alphabet, padded (RFC 4648 section 4).
[[nodiscard]] std::string to_base64(std::span<const std::uint8_t> bytes);
[[nodiscard]] std::optional<std::vector<std::uint8_t>> from_base64(std::string_view text);
/// Lower-case Crockford base 32 without padding: no i, l, o, u, so it can be read aloud.
[[nodiscard]] std::string to_base32(std::span<const std::uint8_t> bytes);
/// SHA-256 (FIPS 180-4); content addresses, not secrets.
[[nodiscard]] std::vector<std::uint8_t> sha256(std::string_view bytes);

[[nodiscard]] inline std::span<const std::uint8_t> as_bytes(std::string_view text) noexcept {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

[[nodiscard]] inline std::string_view as_text(std::span<const std::uint8_t> bytes) noexcept {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

}  // namespace atalaya
