#include "kept_kinds.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include <atalaya/base/text.hpp>
#include <atalaya/followup/reports.hpp>

namespace atalaya::followup::detail {
namespace {

using namespace std::string_view_literals;

std::string extension_of(std::string_view name) {
  const auto dot = name.rfind('.');
  return dot == std::string_view::npos ? std::string() : fold(name.substr(dot + 1));
}

// Names of parts stand uncompressed in a zip.
std::string kind_of_zip(std::string_view bytes) {
  constexpr std::string_view kMime = "mimetypeapplication/vnd.oasis.opendocument.";
  constexpr std::size_t kNameAt = 30;  // of the first part
  if (bytes.contains("vbaProject.bin"sv) || bytes.contains("Basic/script-lc.xml"sv)) {
    return {};
  }
  if (bytes.size() > kNameAt && bytes.substr(kNameAt).starts_with(kMime)) {
    const std::string_view of = bytes.substr(kNameAt + kMime.size());
    return of.starts_with("text"sv) ? "odt" : of.starts_with("spreadsheet"sv) ? "ods" : "";
  }
  if (!bytes.contains("[Content_Types].xml"sv)) {
    return {};
  }
  return bytes.contains("word/document.xml"sv) ? "docx"
         : bytes.contains("xl/workbook.xml"sv) ? "xlsx"
                                               : "";
}

// Compound files hold installers and mails, too: the stream that makes it a document decides. Its
// name is UTF-16; "Macros" and "_VBA_PROJECT" hold programs.
std::string kind_of_compound(std::string_view bytes) {
  const auto holds = [&](std::string_view stream) {
    std::string wide;
    for (const char c : stream) {
      wide += c;
      wide += '\0';
    }
    return bytes.contains(wide);
  };
  if (holds("_VBA_PROJECT")) {
    return {};
  }
  return holds("WordDocument") ? "doc" : holds("Workbook") ? "xls" : "";
}

bool is_text(std::string_view bytes) {
  return std::ranges::none_of(bytes, [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte < 0x20 && c != '\t' && c != '\n' && c != '\r' && c != '\f';
  });
}

std::string kind_of_text(std::string_view extension, std::string_view bytes) {
  if (extension == "csv" || extension == "txt") {
    return std::string(extension);
  }
  const std::string_view words = trim(bytes.substr(bytes.starts_with("\xef\xbb\xbf"sv) ? 3 : 0));
  return words.starts_with('<') && (extension == "html" || extension == "htm") ? "html" : "";
}

}  // namespace

std::string kept_kind(std::string_view name, std::string_view bytes) {
  constexpr std::array kSignatures{std::pair{"%PDF-"sv, "pdf"sv},
                                   std::pair{"\x89PNG\r\n\x1a\n"sv, "png"sv},
                                   std::pair{"\xff\xd8\xff"sv, "jpg"sv}};
  for (const auto& [signature, kind] : kSignatures) {
    if (bytes.starts_with(signature)) {
      return std::string(kind);
    }
  }
  if (bytes.starts_with("PK\x03\x04"sv)) {
    return kind_of_zip(bytes);
  }
  if (bytes.starts_with("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"sv)) {
    return kind_of_compound(bytes);
  }
  return is_text(bytes) ? kind_of_text(extension_of(name), bytes) : std::string();
}

std::string kept_name(std::string_view name, std::string_view kind) {
  const std::string extension = extension_of(name);
  const bool says_so = extension == kind || (kind == "jpg" && extension == "jpeg") ||
                       (kind == "html" && extension == "htm");
  return says_so ? std::string(name) : fmt::format("{}.{}", name, kind);
}

}  // namespace atalaya::followup::detail
