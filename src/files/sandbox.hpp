#pragma once
// The walls around a child process that reads what strangers send.

#include <cstddef>

namespace atalaya::files {

/// The one descriptor that a sandboxed process keeps.
inline constexpr int kSandboxPipe = 3;

struct SandboxLimits {
  std::size_t memory_bytes = 0;  // of address space, what the process has mapped already included
  int cpu_seconds = 0;
};

/// For a freshly forked child, for good: moves `pipe` to kSandboxPipe and closes every other
/// descriptor; no new one can be opened, so no file and no socket; no new process or program; the
/// child dies with its parent. False where the walls do not stand: then read nothing.
/// Under the address and thread sanitizers there is no memory limit: they reserve terabytes.
[[nodiscard]] bool enter_sandbox(int pipe, const SandboxLimits& limits);

}  // namespace atalaya::files
