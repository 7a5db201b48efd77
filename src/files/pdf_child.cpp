#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstddef>
#include <cstdio>
#include <cstring>
#include <memory>
#include <new>
#include <optional>

#include <fcntl.h>
#include <iconv.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
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
constexpr int kPipe = 3;  // the one descriptor of the child

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
    const ssize_t put = ::write(kPipe, at, size);
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

void limit(decltype(RLIMIT_AS) resource, rlim_t value) {
  rlimit both = {};
  both.rlim_cur = value;
  both.rlim_max = value;
  ::setrlimit(resource, &both);
}

// Kept as a second wall behind the missing descriptors: the calls that reach beyond the process.
// A kernel without seccomp runs without it.
void forbid_calls() {
#if defined(__x86_64__) || defined(__aarch64__)
#if defined(__x86_64__)
  constexpr std::uint32_t kArch = AUDIT_ARCH_X86_64;
#else
  constexpr std::uint32_t kArch = AUDIT_ARCH_AARCH64;
#endif
  constexpr std::array<long, 14> kForbidden = {
      SYS_socket,    SYS_socketpair,       SYS_connect,  SYS_bind,   SYS_listen,   SYS_accept4,
      SYS_sendto,    SYS_execve,           SYS_execveat, SYS_ptrace, SYS_unlinkat, SYS_mkdirat,
      SYS_renameat2, SYS_process_vm_writev};
  constexpr std::size_t kCount = kForbidden.size();
  std::array<sock_filter, kCount + 6> program = {};
  std::size_t n = 0;
  const auto put = [&](std::uint32_t code, std::uint32_t k, std::uint32_t yes, std::uint32_t no) {
    program[n++] = {.code = static_cast<std::uint16_t>(code),
                    .jt = static_cast<std::uint8_t>(yes),
                    .jf = static_cast<std::uint8_t>(no),
                    .k = k};
  };
  put(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, arch), 0, 0);
  put(BPF_JMP | BPF_JEQ | BPF_K, kArch, 1, 0);
  put(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS, 0, 0);
  put(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr), 0, 0);
  for (std::size_t i = 0; i < kCount; ++i) {
    const auto to_refusal = static_cast<std::uint32_t>(kCount - i);
    put(BPF_JMP | BPF_JEQ | BPF_K, static_cast<std::uint32_t>(kForbidden[i]), to_refusal, 0);
  }
  put(BPF_RET | BPF_K, SECCOMP_RET_ALLOW, 0, 0);
  put(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | static_cast<std::uint32_t>(EPERM), 0, 0);
  sock_fprog filter = {};
  filter.len = static_cast<unsigned short>(n);
  filter.filter = program.data();
  ::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter, 0, 0);
#endif
}

void enter_sandbox(int pipe, std::size_t parent_memory_bytes, int cpu_seconds) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
  ::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
  for (const int signal : {SIGTERM, SIGINT, SIGHUP, SIGPIPE, SIGXCPU, SIGSEGV, SIGABRT, SIGBUS}) {
    ::signal(signal, SIG_DFL);
  }
  if (pipe != kPipe && ::dup2(pipe, kPipe) != kPipe) {
    leave(kNoSandbox);
  }
  ::close(0);
  ::close(1);
  ::close(2);
  if (::syscall(SYS_close_range, kPipe + 1, ~0U, 0) != 0) {
    for (int fd = kPipe + 1; fd < 65536; ++fd) {
      ::close(fd);
    }
  }
  limit(RLIMIT_NOFILE, 0);
  limit(RLIMIT_NPROC, 0);
  limit(RLIMIT_CORE, 0);
  limit(RLIMIT_FSIZE, 0);
  limit(RLIMIT_CPU, static_cast<rlim_t>(cpu_seconds));
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
  // A forked child starts with all that the parent has mapped: the limit is for what it adds.
  // (The sanitizers reserve terabytes for themselves.)
  limit(RLIMIT_AS, parent_memory_bytes + kPdfChildMemoryBytesMax);
#else
  static_cast<void>(parent_memory_bytes);
#endif
  if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0) {
    forbid_calls();
  }
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
  enter_sandbox(pipe, parent_memory_bytes, cpu_seconds);
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
