#pragma once

// Private to this module: libsodium is set up before any other call to it.

namespace atalaya::crypto {

/// Idempotent, any thread. Aborts when the machine has no source of randomness.
void ensure_sodium() noexcept;

}  // namespace atalaya::crypto
