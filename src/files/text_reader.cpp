#include <algorithm>
#include <array>
#include <utility>

#include <fmt/core.h>

#include <atalaya/base/text.hpp>
#include <atalaya/files/limits.hpp>

#include "readers.hpp"

namespace atalaya::files {
namespace {

// 0x80 to 0x9F of Windows-1252 (WHATWG Encoding Standard, index windows-1252); the five holes
// become the C1 controls of the same number.
constexpr std::array<char32_t, 32> kHighControls = {
    0x20AC, 0x0081, 0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160,
    0x2039, 0x0152, 0x008D, 0x017D, 0x008F, 0x0090, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022,
    0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0x009D, 0x017E, 0x0178};

void append_utf8(std::string& out, char32_t c) {
  const auto byte = [&](char32_t value) {
    out += static_cast<char>(static_cast<unsigned char>(value));
  };
  if (c < 0x80) {
    byte(c);
  } else if (c < 0x800) {
    byte(0xC0U | (c >> 6U));
    byte(0x80U | (c & 0x3FU));
  } else if (c < 0x10000) {
    byte(0xE0U | (c >> 12U));
    byte(0x80U | ((c >> 6U) & 0x3FU));
    byte(0x80U | (c & 0x3FU));
  } else {
    byte(0xF0U | (c >> 18U));
    byte(0x80U | ((c >> 12U) & 0x3FU));
    byte(0x80U | ((c >> 6U) & 0x3FU));
    byte(0x80U | (c & 0x3FU));
  }
}

struct Position {
  std::size_t line = 1;
  std::size_t column = 1;
};

Position position_of(std::string_view bytes, std::size_t offset) {
  Position at;
  for (std::size_t i = 0; i < offset; ++i) {
    const bool line_end =
        bytes[i] == '\n' || (bytes[i] == '\r' && !bytes.substr(i + 1).starts_with('\n'));
    if (line_end) {
      ++at.line;
      at.column = 1;
    } else if ((static_cast<unsigned char>(bytes[i]) & 0xC0U) != 0x80U && bytes[i] != '\r') {
      ++at.column;
    }
  }
  return at;
}

// The first bytes of a character at the very end, and nothing else.
bool is_cut_character(std::string_view rest) {
  const auto first = static_cast<unsigned char>(rest.front());
  const std::size_t length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : first >= 0xC2 ? 2 : 0;
  return rest.size() < length && first < 0xF5 &&
         std::all_of(
             rest.begin() + 1, rest.end(),
             [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U; });
}

bool is_binary_control(char c) noexcept {
  const auto byte = static_cast<unsigned char>(c);
  return byte == 0 || byte == 0x7F ||
         (byte < 0x20 && c != '\t' && c != '\n' && c != '\r' && c != '\f' && c != '\v' &&
          byte != 0x1B);
}

// The character set that the page declares for itself, in its <?xml or a <meta of its first bytes,
// lower case: other elements name those of scripts and of what a form sends.
std::string declared_charset(std::string_view bytes) {
  constexpr std::size_t kDeclarationBytes = 4096;
  const std::string head = fold(bytes.substr(0, kDeclarationBytes));
  for (std::size_t open = head.find('<'); open != std::string::npos;
       open = head.find('<', open + 1)) {
    const std::string_view tag =
        std::string_view(head).substr(open, std::min(head.find('>', open), head.size()) - open);
    const std::string_view key = tag.starts_with("<meta")   ? "charset="
                                 : tag.starts_with("<?xml") ? "encoding="
                                                            : "";
    std::size_t at = key.empty() ? std::string_view::npos : tag.find(key);
    if (at == std::string_view::npos) {
      continue;
    }
    at += key.size();
    while (at < tag.size() && (tag[at] == '"' || tag[at] == '\'' || tag[at] == ' ')) {
      ++at;
    }
    return std::string(tag.substr(at, tag.find_first_of("\"' >;/?", at) - at));
  }
  return {};
}

}  // namespace

Error file_error(std::string_view what, std::string_view name, std::string_view detail) {
  return Error{.code = ErrorCode::invalid_argument,
               .reason = fmt::format("files.{}", what),
               .detail = fmt::format("{}: {}", name, detail),
               .params = {{"file", std::string(name)}}};
}

Result<void> check_text(std::string_view bytes, std::string_view name) {
  // A few stray controls are typing; NUL, or more than one in a hundred, is no text.
  const bool nul = bytes.find('\0') != std::string_view::npos;
  const auto controls = std::count_if(bytes.begin(), bytes.end(), is_binary_control);
  if (nul || static_cast<std::size_t>(controls) * 100 > bytes.size()) {
    return fail(file_error("binary", name,
                           "this is not a text, html, docx or pdf file; save the document in one "
                           "of these formats and import that"));
  }
  if (const auto offset = find_invalid_utf8(bytes)) {
    const Position at = position_of(bytes, *offset);
    if (is_cut_character(bytes.substr(*offset))) {
      return fail(file_error("truncated", name,
                             fmt::format("line {}: the file ends inside a character; copy or "
                                         "download it again",
                                         at.line))
                      .with("line", fmt::format("{}", at.line)));
    }
    return fail(file_error("not_utf8", name,
                           fmt::format("line {}, column {}: not UTF-8; open the file in an editor "
                                       "and save it as UTF-8",
                                       at.line, at.column))
                    .with("line", fmt::format("{}", at.line))
                    .with("column", fmt::format("{}", at.column)));
  }
  return {};
}

std::string decode_windows_1252(std::string_view bytes) {
  std::string out;
  out.reserve(bytes.size() + bytes.size() / 8);
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    append_utf8(out, byte >= 0x80 && byte < 0xA0 ? kHighControls[byte - 0x80U] : char32_t{byte});
  }
  return out;
}

Result<std::string> decode_utf16(std::string_view bytes, std::string_view name) {
  const bool little = bytes.starts_with("\xFF\xFE");
  if (bytes.size() % 2 != 0) {
    return fail(file_error("truncated", name, "UTF-16 text ends in the middle of a character"));
  }
  std::string out;
  out.reserve(bytes.size());
  const auto unit = [&](std::size_t i) {
    const auto a = static_cast<unsigned char>(bytes[i]);
    const auto b = static_cast<unsigned char>(bytes[i + 1]);
    return little ? static_cast<char32_t>(b) << 8U | a : static_cast<char32_t>(a) << 8U | b;
  };
  for (std::size_t i = 2; i + 1 < bytes.size(); i += 2) {
    char32_t c = unit(i);
    if (c >= 0xD800 && c < 0xE000) {
      const bool pair =
          c < 0xDC00 && i + 3 < bytes.size() && unit(i + 2) >= 0xDC00 && unit(i + 2) < 0xE000;
      if (!pair) {
        return fail(file_error("malformed", name,
                               fmt::format("UTF-16 text with half a character at byte {}", i)));
      }
      c = 0x10000 + ((c - 0xD800) << 10U) + (unit(i + 2) - 0xDC00);
      i += 2;
    }
    append_utf8(out, c);
  }
  return out;
}

Result<std::string> decode_page(std::string_view bytes, std::string_view name,
                                TextDocument& document) {
  const std::string charset = declared_charset(bytes);
  constexpr std::array<std::string_view, 10> kLatin = {
      "windows-1252", "cp1252", "x-cp1252", "iso-8859-1", "iso8859-1",
      "iso_8859-1",   "latin1", "l1",       "us-ascii",   "ascii"};
  const bool latin = std::find(kLatin.begin(), kLatin.end(), charset) != kLatin.end();
  const bool utf8 = !find_invalid_utf8(bytes).has_value();
  if (!latin || utf8) {
    ATALAYA_TRY(check_text(bytes, name));
    if (latin && std::any_of(bytes.begin(), bytes.end(),
                             [](char c) { return static_cast<unsigned char>(c) >= 0x80; })) {
      document.warnings.emplace_back("files.charset_differs");
    }
    return std::string(bytes.starts_with("\xEF\xBB\xBF") ? bytes.substr(3) : bytes);
  }
  std::string decoded = decode_windows_1252(bytes);
  ATALAYA_TRY(check_text(decoded, name));
  return decoded;
}

Result<TextDocument> read_text(std::string_view text, std::string_view name) {
  TextDocument document;
  document.format = Format::txt;
  document.name = std::string(name);
  if (text.starts_with("\xEF\xBB\xBF")) {
    text.remove_prefix(3);
  }
  std::int32_t number = 0;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find_first_of("\r\n"), text.size());
    ++number;
    if (document.lines.size() >= kLinesMax) {
      return fail(Error{.code = ErrorCode::invalid_argument,
                        .reason = "files.too_large",
                        .detail = fmt::format("more than {} lines", kLinesMax),
                        .params = {{"file", std::string(name)}}});
    }
    document.lines.push_back(
        {.text = std::string(text.substr(0, end)), .number = number, .heading = false});
    const bool crlf = text.substr(end).starts_with("\r\n");
    text.remove_prefix(std::min(text.size(), end + (crlf ? 2 : 1)));
  }
  return document;
}

}  // namespace atalaya::files
