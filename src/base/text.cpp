#include <atalaya/base/text.hpp>

#include <array>
#include <charconv>
#include <span>

#include <openssl/evp.h>
#include <unicode/normalizer2.h>
#include <unicode/uchar.h>
#include <unicode/unistr.h>

namespace atalaya {
namespace {

constexpr std::string_view kBase64 =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::string_view kBase32 = "0123456789abcdefghjkmnpqrstvwxyz";

// White_Space of the Unicode character database.
bool is_white_space(char32_t c) noexcept {
  return c == U' ' || (c >= 0x09 && c <= 0x0D) || c == 0x85 || c == 0xA0 || c == 0x1680 ||
         (c >= 0x2000 && c <= 0x200A) || c == 0x2028 || c == 0x2029 || c == 0x202F ||
         c == 0x205F || c == 0x3000;
}

// What shows nothing at the edge of a text: zero-width spaces and joiners, byte order marks, and
// the marks that set the direction of writing.
bool is_invisible(char32_t c) noexcept {
  return (c >= 0x200B && c <= 0x200F) || (c >= 0x202A && c <= 0x202E) ||
         (c >= 0x2060 && c <= 0x2064) || (c >= 0x2066 && c <= 0x2069) || c == 0xFEFF ||
         c == 0x061C;
}

struct CodePoint {
  char32_t value = 0;
  std::size_t size = 0;  // 0 where there is none of up to three bytes
};

// None of the characters above takes four bytes.
CodePoint code_point_at(std::string_view text) noexcept {
  const auto byte = [&](std::size_t i) {
    return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U;
  };
  const auto tail = [&](std::size_t i) { return (byte(i) & 0xC0U) == 0x80U; };
  const unsigned first = byte(0);
  if (text.empty() || first < 0x80) {
    return {.value = first, .size = text.empty() ? 0U : 1U};
  }
  if (first < 0xE0) {
    return {.value = (first & 0x1FU) << 6U | (byte(1) & 0x3FU), .size = tail(1) ? 2U : 0U};
  }
  const bool whole = first < 0xF0 && tail(1) && tail(2);
  return {.value = (first & 0x0FU) << 12U | (byte(1) & 0x3FU) << 6U | (byte(2) & 0x3FU),
          .size = whole ? 3U : 0U};
}

CodePoint last_code_point(std::string_view text) noexcept {
  std::size_t begin = text.size();
  do {
    begin -= begin > 0 ? 1U : 0U;
  } while (begin > 0 && begin + 3 > text.size() &&
           (static_cast<unsigned char>(text[begin]) & 0xC0U) == 0x80U);
  const CodePoint last = code_point_at(text.substr(begin));
  return last.size == text.size() - begin ? last : CodePoint{};
}

// Length in bytes of a white-space character at the start of `text`, 0 if there is none.
std::size_t space_length(std::string_view text) noexcept {
  const CodePoint first = code_point_at(text);
  return is_white_space(first.value) || first.value == 0xFEFF ? first.size : 0;
}

bool is_at_edge(CodePoint c) noexcept {
  return c.size > 0 && (is_white_space(c.value) || is_invisible(c.value));
}

}  // namespace

std::string_view to_string(Language language) noexcept {
  switch (language) {
    case Language::en:
      return "en";
    case Language::es:
      return "es";
    case Language::pt:
      return "pt";
    case Language::fr:
      return "fr";
  }
  return "en";
}

std::optional<Language> parse_language(std::string_view code) noexcept {
  for (const Language language : kLanguages) {
    if (to_string(language) == code) {
      return language;
    }
  }
  return std::nullopt;
}

std::optional<Language> accept_language(std::string_view header) {
  std::optional<Language> best;
  double best_weight = 0;
  for (std::string_view part : split(header.substr(0, 500), ',')) {
    part = trim(part);
    double weight = 1;
    if (const auto at = part.find(";q="); at != std::string_view::npos) {
      const auto number = part.substr(at + 3);
      if (std::from_chars(number.data(), number.data() + number.size(), weight).ec != std::errc{}) {
        weight = 0;
      }
    }
    const auto language = parse_language(part.substr(0, 2));
    const bool whole = part.size() == 2 || (part.size() > 2 && (part[2] == '-' || part[2] == ';'));
    if (language && whole && weight > best_weight) {
      best = language;
      best_weight = weight;
    }
  }
  return best;
}

std::optional<std::size_t> find_invalid_utf8(std::string_view bytes) noexcept {
  std::size_t i = 0;
  const auto at = [&](std::size_t k) { return static_cast<unsigned char>(bytes[k]); };
  const auto tail = [&](std::size_t k) { return k < bytes.size() && (at(k) & 0xC0U) == 0x80U; };
  while (i < bytes.size()) {
    const unsigned char c = at(i);
    if (c < 0x80) {
      ++i;
    } else if (c >= 0xC2 && c <= 0xDF && tail(i + 1)) {
      i += 2;
    } else if (c >= 0xE0 && c <= 0xEF && tail(i + 1) && tail(i + 2) &&
               !(c == 0xE0 && at(i + 1) < 0xA0) && !(c == 0xED && at(i + 1) > 0x9F)) {
      i += 3;
    } else if (c >= 0xF0 && c <= 0xF4 && tail(i + 1) && tail(i + 2) && tail(i + 3) &&
               !(c == 0xF0 && at(i + 1) < 0x90) && !(c == 0xF4 && at(i + 1) > 0x8F)) {
      i += 4;
    } else {
      return i;
    }
  }
  return std::nullopt;
}

std::string_view trim(std::string_view text) noexcept {
  for (CodePoint c = code_point_at(text); is_at_edge(c); c = code_point_at(text)) {
    text.remove_prefix(c.size);
  }
  for (CodePoint c = last_code_point(text); is_at_edge(c); c = last_code_point(text)) {
    text.remove_suffix(c.size);
  }
  return text;
}

std::string squeeze(std::string_view text) {
  text = trim(text);
  std::string out;
  out.reserve(text.size());
  bool pending = false;
  while (!text.empty()) {
    if (const std::size_t n = space_length(text)) {
      pending = !out.empty();
      text.remove_prefix(n);
      continue;
    }
    if (pending) {
      out += ' ';
      pending = false;
    }
    out += text.front();
    text.remove_prefix(1);
  }
  return out;
}

namespace {

std::string fold_any(std::string_view text) {
  std::string out;
  UErrorCode status = U_ZERO_ERROR;
  const icu::Normalizer2* nfkd = icu::Normalizer2::getNFKDInstance(status);
  ATALAYA_CHECK(U_SUCCESS(status));
  const icu::UnicodeString decomposed = nfkd->normalize(
      icu::UnicodeString::fromUTF8(
          icu::StringPiece(text.data(), static_cast<std::int32_t>(text.size()))),
      status);
  icu::UnicodeString kept;
  for (std::int32_t i = 0; i < decomposed.length();) {
    const UChar32 c = decomposed.char32At(i);
    i += U16_LENGTH(c);
    if (u_charType(c) != U_NON_SPACING_MARK) {
      kept.append(u_foldCase(c, U_FOLD_CASE_DEFAULT));
    }
  }
  kept.toUTF8String(out);
  return out;
}

// Latin letters with their accents, and general punctuation: nearly all that is not ASCII in the
// languages of the Americas. None of them is a combining mark, so that a text of them can be folded
// character by character.
constexpr std::uint32_t kLatinEnd = 0x250;
constexpr std::uint32_t kPunctuationBegin = 0x2000;
constexpr std::uint32_t kPunctuationEnd = 0x2070;

const std::string& folded_character(std::uint32_t c) {
  static const auto kFolded = [] {
    std::vector<std::string> all(kLatinEnd + kPunctuationEnd - kPunctuationBegin);
    for (std::uint32_t i = 0; i < all.size(); ++i) {
      const std::uint32_t code = i < kLatinEnd ? i : i - kLatinEnd + kPunctuationBegin;
      std::string utf8;
      icu::UnicodeString(static_cast<UChar32>(code)).toUTF8String(utf8);
      all[i] = fold_any(utf8);
    }
    return all;
  }();
  return kFolded[c < kLatinEnd ? c : c - kPunctuationBegin + kLatinEnd];
}

}  // namespace

std::string fold(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  const auto byte = [&](std::size_t i) {
    return i < text.size() ? static_cast<unsigned char>(text[i]) : std::uint32_t{0};
  };
  for (std::size_t i = 0; i < text.size();) {
    const std::uint32_t first = byte(i);
    if (first < 0x80) {
      // Stretches of ASCII at once: nearly all of most texts, and folding is most of an analysis.
      std::size_t end = i + 1;
      while (end < text.size() && byte(end) < 0x80) {
        ++end;
      }
      const std::size_t begin = out.size();
      out.append(text, i, end - i);
      for (char& c : std::span(out).subspan(begin)) {
        c = static_cast<char>(c + (c >= 'A' && c <= 'Z' ? 'a' - 'A' : 0));
      }
      i = end;
      continue;
    }
    const bool two = first >= 0xC2 && first <= 0xC9 && (byte(i + 1) & 0xC0U) == 0x80;
    const bool three =
        first == 0xE2 && (byte(i + 1) & 0xC0U) == 0x80 && (byte(i + 2) & 0xC0U) == 0x80;
    std::uint32_t c = 0;
    if (two) {
      c = ((first & 0x1FU) << 6U) | (byte(i + 1) & 0x3FU);
    } else if (three) {
      c = ((first & 0x0FU) << 12U) | ((byte(i + 1) & 0x3FU) << 6U) | (byte(i + 2) & 0x3FU);
    }
    const bool in_table =
        (c >= 0x80 && c < kLatinEnd) || (c >= kPunctuationBegin && c < kPunctuationEnd);
    if (!in_table) {
      return fold_any(text);
    }
    out += folded_character(c);
    i += two ? 2 : 3;
  }
  return out;
}

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  while (true) {
    const auto at = text.find(separator);
    parts.push_back(text.substr(0, at));
    if (at == std::string_view::npos) {
      return parts;
    }
    text.remove_prefix(at + 1);
  }
}

bool starts_with_folded(std::string_view text, std::string_view folded_prefix) {
  // Folding shortens text at most threefold in the scripts that we meet.
  return fold(text.substr(0, folded_prefix.size() * 4)).starts_with(folded_prefix);
}

std::string to_hex(std::span<const std::uint8_t> bytes) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string out;
  out.reserve(bytes.size() * 2);
  for (const std::uint8_t byte : bytes) {
    out += digits[byte >> 4U];
    out += digits[byte & 0xFU];
  }
  return out;
}

std::optional<std::vector<std::uint8_t>> from_hex(std::string_view text) {
  if (text.size() % 2 != 0) {
    return std::nullopt;
  }
  std::vector<std::uint8_t> out(text.size() / 2);
  for (std::size_t i = 0; i < out.size(); ++i) {
    const char* first = text.data() + 2 * i;
    const auto [end, error] = std::from_chars(first, first + 2, out[i], 16);
    if (error != std::errc{} || end != first + 2) {
      return std::nullopt;
    }
  }
  return out;
}

std::string to_base64(std::span<const std::uint8_t> bytes) {
  std::string out;
  out.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    std::uint32_t group = std::uint32_t{bytes[i]} << 16U;
    group |= i + 1 < bytes.size() ? std::uint32_t{bytes[i + 1]} << 8U : 0U;
    group |= i + 2 < bytes.size() ? std::uint32_t{bytes[i + 2]} : 0U;
    out += kBase64[group >> 18U];
    out += kBase64[(group >> 12U) & 63U];
    out += i + 1 < bytes.size() ? kBase64[(group >> 6U) & 63U] : '=';
    out += i + 2 < bytes.size() ? kBase64[group & 63U] : '=';
  }
  return out;
}

std::optional<std::vector<std::uint8_t>> from_base64(std::string_view text) {
  if (text.size() % 4 != 0) {
    return std::nullopt;
  }
  std::vector<std::uint8_t> out;
  out.reserve(text.size() / 4 * 3);
  for (std::size_t i = 0; i < text.size(); i += 4) {
    std::uint32_t group = 0;
    int padding = 0;
    for (std::size_t k = 0; k < 4; ++k) {
      const char c = text[i + k];
      if (c == '=' && i + 4 == text.size() && k >= 2) {
        ++padding;
        group <<= 6U;
        continue;
      }
      const auto value = kBase64.find(c);
      if (value == std::string_view::npos || padding > 0) {
        return std::nullopt;
      }
      group = (group << 6U) | static_cast<std::uint32_t>(value);
    }
    // Bits that padding cuts off must be zero, so that each value has one spelling.
    if ((padding == 1 && (group & 0xFFU) != 0) || (padding == 2 && (group & 0xFFFFU) != 0)) {
      return std::nullopt;
    }
    out.push_back(static_cast<std::uint8_t>(group >> 16U));
    if (padding < 2) {
      out.push_back(static_cast<std::uint8_t>((group >> 8U) & 0xFFU));
    }
    if (padding < 1) {
      out.push_back(static_cast<std::uint8_t>(group & 0xFFU));
    }
  }
  return out;
}

std::string to_base32(std::span<const std::uint8_t> bytes) {
  std::string out;
  std::uint32_t buffer = 0;
  unsigned bits = 0;
  for (const std::uint8_t byte : bytes) {
    buffer = (buffer << 8U) | byte;
    bits += 8;
    while (bits >= 5) {
      out += kBase32[(buffer >> (bits - 5)) & 31U];
      bits -= 5;
    }
  }
  if (bits > 0) {
    out += kBase32[(buffer << (5 - bits)) & 31U];
  }
  return out;
}

std::vector<std::uint8_t> sha256(std::string_view bytes) {
  std::vector<std::uint8_t> digest(32);
  unsigned length = 0;
  ATALAYA_CHECK(EVP_Digest(bytes.data(), bytes.size(), digest.data(), &length, EVP_sha256(),
                           nullptr) == 1);
  return digest;
}

}  // namespace atalaya
