#include <atalaya/files/read.hpp>

#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <span>

#include <fmt/core.h>

#include <atalaya/base/text.hpp>
#include <atalaya/files/limits.hpp>

#include "readers.hpp"

namespace atalaya::files {
namespace {

constexpr std::size_t kSniffBytes = 4096;
constexpr std::size_t kMarkupBytes = 65536;  // in which a page has its second tag

Error too_large(std::string_view name, std::uint64_t bytes) {
  return Error{.code = ErrorCode::invalid_argument,
               .reason = "files.too_large",
               .detail = fmt::format("{} bytes; the limit is {}", bytes, kFileBytesMax),
               .params = {{"file", std::string(name)},
                          {"limit_mib", fmt::format("{}", kFileBytesMax >> 20U)}}};
}

std::string_view base_name(std::string_view path) {
  const std::size_t slash = path.find_last_of('/');
  return slash == std::string_view::npos ? path : path.substr(slash + 1);
}

std::string lower_ascii(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return out;
}

bool starts_with_any(std::string_view text, std::span<const std::string_view> tags) {
  return std::ranges::any_of(tags, [&](std::string_view tag) { return text.starts_with(tag); });
}

bool contains_any(std::string_view text, std::span<const std::string_view> tags) {
  return std::ranges::any_of(tags, [&](std::string_view tag) { return text.contains(tag); });
}

// Markup in the first bytes: a doctype, or a tag that only html has with another one that parts a
// text. Words in angle brackets alone are a text's own.
bool looks_like_html(std::string_view bytes) {
  const std::string head = lower_ascii(bytes.substr(0, kSniffBytes));
  std::string_view start = trim(head);
  if (start.starts_with("<?xml")) {
    const std::size_t end = start.find("?>");
    start = end == std::string_view::npos ? start : trim(start.substr(end + 2));
  }
  while (start.starts_with("<!--")) {
    const std::size_t end = start.find("-->");
    if (end == std::string_view::npos) {
      break;
    }
    start = trim(start.substr(end + 3));
  }
  if (!start.starts_with('<')) {
    return false;
  }
  constexpr std::string_view kWhole[] = {"<!doctype html", "<html", "<head>", "<body"};
  constexpr std::string_view kFirst[] = {"<div",    "<p>",   "<p ",   "<table",   "<ol",
                                         "<ul",     "<h1",   "<h2",   "<title",   "<meta",
                                         "<script", "<span", "<main", "<article", "<section"};
  constexpr std::string_view kParts[] = {"<div",  "<p>",   "<p ",      "<li",     "<td",
                                         "<br",   "</p>",  "</div>",   "</ol>",   "</ul>",
                                         "</h1>", "</h2>", "</table>", "</main>", "</article>"};
  const std::string markup = lower_ascii(bytes.substr(0, kMarkupBytes));
  const std::string_view rest = std::string_view(markup).substr(markup.find('<') + 1);
  return starts_with_any(start, kWhole) ||
         contains_any(head, std::span(kWhole).subspan(1)) ||  // behind a tag that nobody knows
         (starts_with_any(start, kFirst) && contains_any(rest, kParts));
}

struct Descriptor {
  int fd = -1;

  explicit Descriptor(int value) : fd(value) {}

  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  Descriptor(Descriptor&&) = delete;
  Descriptor& operator=(Descriptor&&) = delete;

  ~Descriptor() {
    if (fd >= 0) {
      ::close(fd);
    }
  }
};

}  // namespace

std::string_view to_string(Format format) noexcept {
  switch (format) {
    case Format::txt:
      return "txt";
    case Format::html:
      return "html";
    case Format::docx:
      return "docx";
    case Format::pdf:
      return "pdf";
  }
  return "txt";
}

Result<TextDocument> read_document(std::string_view bytes, std::string_view path) {
  const std::string_view name = base_name(path);
  if (bytes.size() > kFileBytesMax) {
    return fail(too_large(name, bytes.size()));
  }
  if (trim(bytes).empty()) {
    return fail(file_error("empty", name, "the file holds no text"));
  }
  if (bytes.starts_with("PK\x03\x04") || bytes.starts_with("PK\x05\x06")) {
    // Names of parts stand uncompressed in the archive, in its local headers and its directory.
    if (!bytes.contains("word/") &&
        (bytes.contains("xl/workbook") || bytes.contains("opendocument.spreadsheet"))) {
      return fail(file_error("table", name,
                             "a table, not a document of commitments; figures are loaded with "
                             "`atalaya observatory load`"));
    }
    if (!bytes.contains("word/") && bytes.contains("opendocument.text")) {
      return fail(file_error(
          "binary", name, "an OpenDocument text (.odt); save it as docx or pdf and import that"));
    }
    return read_docx(bytes, name);
  }
  if (bytes.starts_with("{\\rtf")) {
    return fail(
        file_error("binary", name, "an RTF document; save it as docx or pdf and import that"));
  }
  if (const std::string lower = lower_ascii(name);
      lower.ends_with(".csv") || lower.ends_with(".tsv")) {
    return fail(file_error("table", name,
                           "a table, not a document of commitments; figures are loaded with "
                           "`atalaya observatory load`"));
  }
  // Readers of pdf accept the mark anywhere in the first kilobyte (ISO 32000-1, annex H.3).
  if (bytes.substr(0, 1024).find("%PDF-") != std::string_view::npos) {
    return read_pdf(bytes, name);
  }
  if (bytes.starts_with("\xD0\xCF\x11\xE0")) {
    // A docx with a password is a compound file that holds a stream of this name.
    constexpr std::string_view kPackage("E\0n\0c\0r\0y\0p\0t\0e\0d\0P\0a\0c\0k\0", 26);
    if (bytes.find(kPackage) != std::string_view::npos) {
      return fail(file_error("encrypted", name,
                             "the document is locked by a password; save it without one and "
                             "import that"));
    }
    return fail(file_error("binary", name,
                           "an old Word document (.doc) or a locked one; save it as docx or pdf "
                           "and import that"));
  }
  std::string decoded;
  if (bytes.starts_with("\xFF\xFE") || bytes.starts_with("\xFE\xFF")) {
    decoded = ATALAYA_TRY(decode_utf16(bytes, name));
    bytes = decoded;
    if (trim(bytes).empty()) {
      return fail(file_error("empty", name, "the file holds no text"));
    }
  }
  if (looks_like_html(bytes)) {
    return read_html(bytes, name);
  }
  ATALAYA_TRY(check_text(bytes, name));
  return read_text(bytes, name);
}

Result<std::string> read_file(const std::string& path) {
  const auto params = std::vector<std::pair<std::string, std::string>>{{"file", path}};
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (file.fd < 0) {
    const int error = errno;
    const bool missing = error == ENOENT || error == ENOTDIR;
    return fail(Error{.code = missing ? ErrorCode::not_found : ErrorCode::permission_denied,
                      .reason = missing ? "files.not_found" : "files.unreadable",
                      .detail = fmt::format("{}: {}", path, std::strerror(error)),
                      .params = params});
  }
  struct stat status = {};
  if (::fstat(file.fd, &status) != 0 || !S_ISREG(status.st_mode)) {
    return fail(Error{.code = ErrorCode::permission_denied,
                      .reason = "files.unreadable",
                      .detail = path + ": not a regular file",
                      .params = params});
  }
  if (static_cast<std::uint64_t>(status.st_size) > kFileBytesMax) {
    return fail(too_large(path, static_cast<std::uint64_t>(status.st_size)));
  }
  // The file may grow while it is read: the limit holds on what arrives.
  std::string bytes(static_cast<std::size_t>(status.st_size) + 1, '\0');
  std::size_t size = 0;
  while (true) {
    const ssize_t got = ::read(file.fd, bytes.data() + size, bytes.size() - size);
    if (got < 0 && errno == EINTR) {
      continue;
    }
    if (got < 0) {
      return fail(Error{.code = ErrorCode::permission_denied,
                        .reason = "files.unreadable",
                        .detail = fmt::format("{}: {}", path, std::strerror(errno)),
                        .params = params});
    }
    if (got == 0) {
      break;
    }
    size += static_cast<std::size_t>(got);
    if (size > kFileBytesMax) {
      return fail(too_large(path, size));
    }
    if (size == bytes.size()) {
      bytes.resize(bytes.size() * 2);
    }
  }
  bytes.resize(size);
  return bytes;
}

}  // namespace atalaya::files
