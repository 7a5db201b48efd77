#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <memory>
#include <new>
#include <optional>

#include <fcntl.h>
#include <iconv.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fmt/core.h>
#include <poppler-document.h>
#include <poppler-global.h>
#include <poppler-page.h>

#include <atalaya/base/text.hpp>
#include <atalaya/files/limits.hpp>

#include "pdf_words.hpp"
#include "readers.hpp"
#include "sandbox.hpp"

// A pdf reader is a large program that strangers may aim at. It runs in a forked child that has
// nothing to take: every descriptor but the pipe is closed and no new one can be opened, which
// excludes files and sockets alike; it cannot start programs; it has a gigabyte and half a minute.
// What it writes is read as hostile: sizes are checked and the text must be UTF-8.
//
// The parent may have threads. The child touches only memory allocation (which glibc makes safe
// across fork) and poppler, which no thread of the parent uses.

namespace atalaya::files {
namespace {

enum ChildExit : int { kDone = 0, kLocked = 10, kDamaged = 11, kTooMuch = 12, kNoSandbox = 13 };

constexpr std::size_t kWordBytesMax = 4096;

// One word on the wire, followed by `size` bytes of text.
struct WordHeader {
  std::int32_t page;
  std::uint32_t size;
  double left, top, right, bottom, font_size;
  std::uint32_t space_after;
  std::uint32_t kind;  // kWord, kTitle, kEnd
};

constexpr std::uint32_t kWord = 1;
constexpr std::uint32_t kTitle = 2;
constexpr std::uint32_t kEnd = 3;

[[noreturn]] void leave(ChildExit code) {
  ::_exit(code);
}

bool write_all(const void* data, std::size_t size) {
  const char* at = static_cast<const char*>(data);
  while (size > 0) {
    const ssize_t put = ::write(kSandboxPipe, at, size);
    if (put < 0 && errno == EINTR) {
      continue;
    }
    if (put <= 0) {
      return false;
    }
    at += put;
    size -= static_cast<std::size_t>(put);
  }
  return true;
}

std::string to_utf8(const poppler::ustring& text) {
  const poppler::byte_array bytes = text.to_utf8();
  return std::string(bytes.data(), bytes.size());
}

bool write_record(WordHeader header, std::string_view text, std::size_t& written) {
  text = text.substr(0, kWordBytesMax);
  header.size = static_cast<std::uint32_t>(text.size());
  written += sizeof header + text.size();
  return written <= kPdfChildOutputBytesMax && write_all(&header, sizeof header) &&
         write_all(text.data(), text.size());
}

ChildExit write_words(poppler::document& pdf) {
  std::size_t written = 0;
  WordHeader header = {};
  header.kind = kTitle;
  if (!write_record(header, to_utf8(pdf.info_key("Title")), written)) {
    return kTooMuch;
  }
  if (pdf.pages() > kPdfPagesMax) {
    return kTooMuch;
  }
  for (int i = 0; i < pdf.pages(); ++i) {
    const std::unique_ptr<poppler::page> page(pdf.create_page(i));
    if (page == nullptr) {
      return kDamaged;
    }
    for (const poppler::text_box& box : page->text_list(poppler::page::text_list_include_font)) {
      const poppler::rectf place = box.bbox();
      header = {.page = i,
                .size = 0,
                .left = place.left(),
                .top = place.top(),
                .right = place.right(),
                .bottom = place.bottom(),
                .font_size = box.has_font_info() ? box.get_font_size() : 0,
                .space_after = box.has_space_after() ? 1U : 0U,
                .kind = kWord};
      if (!write_record(header, to_utf8(box.text()), written)) {
        return kTooMuch;
      }
    }
  }
  header = {};
  header.kind = kEnd;
  return write_record(header, {}, written) ? kDone : kTooMuch;
}

// poppler converts every word by iconv, which loads its tables from files when it is first asked.
// They are never closed, so that they stay loaded.
void load_conversions() {
  static_cast<void>(::iconv_open("UTF-16", "UTF-8"));
  static_cast<void>(::iconv_open("UTF-8", "UTF-16"));
}

[[noreturn]] void run_child(int pipe, std::string_view bytes, std::size_t parent_memory_bytes,
                            int cpu_seconds) {
  load_conversions();
  const SandboxLimits limits{.memory_bytes = parent_memory_bytes + kPdfChildMemoryBytesMax,
                             .cpu_seconds = cpu_seconds};
  if (!enter_sandbox(pipe, limits)) {
    leave(kNoSandbox);
  }
  try {
    poppler::set_debug_error_function([](const std::string&, void*) {}, nullptr);
    const std::unique_ptr<poppler::document> pdf(
        poppler::document::load_from_raw_data(bytes.data(), static_cast<int>(bytes.size())));
    if (pdf == nullptr) {
      leave(kDamaged);
    }
    if (pdf->is_locked()) {
      leave(kLocked);
    }
    leave(write_words(*pdf));
  } catch (const std::bad_alloc&) {
    leave(kTooMuch);
  } catch (...) {
    leave(kDamaged);
  }
}

std::size_t mapped_bytes() {
  // Without <fstream>: the first number of statm is the size in pages.
  std::size_t pages = 0;
  if (std::FILE* file = std::fopen("/proc/self/statm", "re")) {
    if (std::fscanf(file, "%zu", &pages) != 1) {
      pages = 0;
    }
    std::fclose(file);
  }
  const long page_bytes = ::sysconf(_SC_PAGESIZE);
  return pages * static_cast<std::size_t>(page_bytes > 0 ? page_bytes : 4096);
}

// Reads the pipe to its end; nothing on a time-out or on too much output.
std::optional<std::string> drain(int pipe, int wall_seconds) {
  using Clock = std::chrono::steady_clock;
  const auto deadline = Clock::now() + std::chrono::seconds(wall_seconds);
  std::string out;
  std::array<char, 65536> piece;
  while (true) {
    const auto left =
        std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now());
    pollfd waiting = {.fd = pipe, .events = POLLIN, .revents = 0};
    const int ready = left.count() <= 0 ? 0 : ::poll(&waiting, 1, static_cast<int>(left.count()));
    if (ready < 0 && errno == EINTR) {
      continue;
    }
    if (ready <= 0) {
      return std::nullopt;
    }
    const ssize_t got = ::read(pipe, piece.data(), piece.size());
    if (got < 0 && errno == EINTR) {
      continue;
    }
    if (got <= 0) {
      return out;
    }
    out.append(piece.data(), static_cast<std::size_t>(got));
    if (out.size() > kPdfChildOutputBytesMax + kWordBytesMax) {
      return std::nullopt;
    }
  }
}

// Nothing where a record does not fit or the end mark is missing.
std::optional<PdfText> decode(std::string_view bytes) {
  PdfText text;
  while (bytes.size() >= sizeof(WordHeader)) {
    WordHeader header;
    std::memcpy(&header, bytes.data(), sizeof header);
    bytes.remove_prefix(sizeof header);
    if (header.kind == kEnd) {
      return text;
    }
    if (header.size > kWordBytesMax || header.size > bytes.size() || header.page < 0 ||
        header.page > kPdfPagesMax) {
      return std::nullopt;
    }
    const std::string_view word = bytes.substr(0, header.size);
    bytes.remove_prefix(header.size);
    if (find_invalid_utf8(word)) {
      continue;
    }
    if (header.kind == kTitle) {
      text.title = squeeze(word);
      continue;
    }
    const auto finite = [](double value) { return value > -1e6 && value < 1e6; };
    if (!finite(header.left) || !finite(header.top) || !finite(header.right) ||
        !finite(header.bottom) || !finite(header.font_size)) {
      continue;
    }
    text.words.push_back({.page = header.page,
                          .left = header.left,
                          .top = header.top,
                          .right = header.right,
                          .bottom = header.bottom,
                          .size = header.font_size,
                          .space_after = header.space_after != 0,
                          .text = std::string(word)});
  }
  return std::nullopt;
}

}  // namespace

Result<PdfText> extract_pdf(std::string_view bytes, std::string_view name, PdfLimits limits) {
  std::array<int, 2> ends = {-1, -1};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) {
    return fail(ErrorCode::unavailable, "files.no_child", std::strerror(errno));
  }
  const std::size_t memory = mapped_bytes();
  const pid_t child = ::fork();
  if (child < 0) {
    const std::string why = std::strerror(errno);
    ::close(ends[0]);
    ::close(ends[1]);
    return fail(ErrorCode::unavailable, "files.no_child", why);
  }
  if (child == 0) {
    run_child(ends[1], bytes, memory, limits.cpu_seconds);
  }
  ::close(ends[1]);
  const std::optional<std::string> output = drain(ends[0], limits.wall_seconds);
  ::close(ends[0]);
  if (!output) {
    ::kill(child, SIGKILL);
  }
  int status = 0;
  pid_t waited = 0;
  do {
    waited = ::waitpid(child, &status, 0);
  } while (waited < 0 && errno == EINTR);
  const bool known = waited == child;
  const int code = known && WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  const int signal = known && WIFSIGNALED(status) ? WTERMSIG(status) : 0;
  if (code == kLocked) {
    return fail(file_error("encrypted", name,
                           "the pdf is locked by a password; save it without one and import that"));
  }
  if (!output || code == kTooMuch || signal == SIGXCPU || signal == SIGKILL) {
    return fail(file_error("bomb", name,
                           "the pdf needs more time, memory or room than any document; print it to "
                           "a new pdf or save it as text"));
  }
  if (code == kNoSandbox) {
    return fail(ErrorCode::unavailable, "files.no_child",
                "the child process could not be closed in");
  }
  if (code == kDone || !known) {
    if (auto text = decode(*output)) {
      return *std::move(text);
    }
  }
  return fail(file_error("malformed", name,
                         signal != 0 ? fmt::format("the pdf crashed its reader (signal {})", signal)
                                     : std::string("damaged pdf; open it in a viewer and print it "
                                                   "to a new one")));
}

}  // namespace atalaya::files
