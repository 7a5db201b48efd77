#include "sandbox.hpp"

#include <array>
#include <cerrno>
#include <csignal>
#include <cstddef>
#include <cstdint>

#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace atalaya::files {
namespace {

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

}  // namespace

bool enter_sandbox(int pipe, const SandboxLimits& limits) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
  ::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
  for (const int signal : {SIGTERM, SIGINT, SIGHUP, SIGPIPE, SIGXCPU, SIGSEGV, SIGABRT, SIGBUS}) {
    ::signal(signal, SIG_DFL);
  }
  if (pipe != kSandboxPipe && ::dup2(pipe, kSandboxPipe) != kSandboxPipe) {
    return false;
  }
  ::close(0);
  ::close(1);
  ::close(2);
  if (::syscall(SYS_close_range, kSandboxPipe + 1, ~0U, 0) != 0) {
    for (int fd = kSandboxPipe + 1; fd < 65536; ++fd) {
      ::close(fd);
    }
  }
  limit(RLIMIT_NOFILE, 0);
  limit(RLIMIT_NPROC, 0);
  limit(RLIMIT_CORE, 0);
  limit(RLIMIT_FSIZE, 0);
  limit(RLIMIT_CPU, static_cast<rlim_t>(limits.cpu_seconds));
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
  // A forked child starts with all that the parent has mapped: the limit is for what it adds.
  // (The sanitizers reserve terabytes for themselves.)
  limit(RLIMIT_AS, limits.memory_bytes);
#endif
  if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0) {
    forbid_calls();
  }
  // What the promise stands on: without it nothing hostile is read.
  rlimit files = {};
  return ::getrlimit(RLIMIT_NOFILE, &files) == 0 && files.rlim_max == 0;
}

}  // namespace atalaya::files
