// Goal: the child that reads a pdf really has no file, no socket, no program and no memory beyond
// its limit. Each test forks a child, shuts it in and lets it try; the exit code says what it got.
#include "sandbox.hpp"

#include <cerrno>
#include <cstdlib>
#include <functional>

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <gtest/gtest.h>

namespace atalaya::files {
namespace {

constexpr std::size_t kPlenty = std::size_t{1} << 46U;
constexpr int kShutIn = 42;

// The exit code of a sandboxed child that runs `attempt`, or minus the signal that ended it.
int run(const std::function<bool()>& attempt,
        SandboxLimits limits = {.memory_bytes = kPlenty, .cpu_seconds = 5}) {
  int ends[2] = {-1, -1};
  EXPECT_EQ(::pipe(ends), 0);
  const pid_t child = ::fork();
  if (child == 0) {
    if (!enter_sandbox(ends[1], limits)) {
      ::_exit(1);
    }
    ::_exit(attempt() ? 2 : kShutIn);
  }
  ::close(ends[0]);
  ::close(ends[1]);
  int status = 0;
  EXPECT_EQ(::waitpid(child, &status, 0), child);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

TEST(Sandbox, NoSocket) {
  EXPECT_EQ(run([] { return ::socket(AF_INET, SOCK_STREAM, 0) >= 0; }), kShutIn);
  EXPECT_EQ(run([] { return ::socket(AF_UNIX, SOCK_STREAM, 0) >= 0; }), kShutIn);
  int ends[2];
  EXPECT_EQ(run([&] { return ::socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0; }), kShutIn);
}

TEST(Sandbox, NoFile) {
  EXPECT_EQ(run([] { return ::open("/etc/hostname", O_RDONLY) >= 0; }), kShutIn);
  EXPECT_EQ(run([] { return ::open("/tmp/atalaya_sandbox", O_CREAT | O_WRONLY, 0600) >= 0; }),
            kShutIn);
  EXPECT_EQ(run([] { return ::dup(kSandboxPipe) >= 0; }), kShutIn);
}

TEST(Sandbox, NothingInheritedButThePipe) {
  EXPECT_EQ(run([] {
              for (int fd = 0; fd < 1024; ++fd) {
                if (fd != kSandboxPipe && ::fcntl(fd, F_GETFD) >= 0) {
                  return true;
                }
              }
              return ::fcntl(kSandboxPipe, F_GETFD) < 0;
            }),
            kShutIn);
}

TEST(Sandbox, NoProgram) {
  EXPECT_EQ(run([] {
              char program[] = "/bin/true";
              char* arguments[] = {program, nullptr};
              char* environment[] = {nullptr};
              ::execve(program, arguments, environment);
              return errno != EPERM;
            }),
            kShutIn);
}

TEST(Sandbox, TimeEnds) {
  volatile unsigned spin = 0;
  EXPECT_LT(run(
                [&] {
                  while (true) {
                    spin = spin + 1;
                  }
                  return true;
                },
                {.memory_bytes = kPlenty, .cpu_seconds = 1}),
            0);
}

#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
TEST(Sandbox, MemoryEnds) {
  EXPECT_EQ(run(
                [] {
                  return ::mmap(nullptr, std::size_t{8} << 30U, PROT_READ | PROT_WRITE,
                                MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) != MAP_FAILED;
                },
                {.memory_bytes = std::size_t{4} << 30U, .cpu_seconds = 5}),
            kShutIn);
}
#endif

}  // namespace
}  // namespace atalaya::files
