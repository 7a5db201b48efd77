#pragma once
// The follow-up: what came of the commitments. It adds no copy of them: members, texts and words
// come from the commitments desk, figures from the observatory through a port (parts.hpp).
//
// Each part is a view over the same Parts; a new one (rounds, deadlines, briefs) is a class of its
// own header that takes `desk.parts()`.

#include <memory>

#include <atalaya/base/result.hpp>
#include <atalaya/followup/parts.hpp>
#include <atalaya/followup/treaties.hpp>

namespace atalaya::followup {

/// All members may be called by any thread.
class Desk {
 public:
  /// Brings the catalogue's treaty events into the store. The store must be migrated and the
  /// commitments desk open.
  [[nodiscard]] static Result<std::unique_ptr<Desk>> open(Parts parts);

  [[nodiscard]] const Parts& parts() const noexcept { return parts_; }

  [[nodiscard]] Treaties treaties() const { return Treaties(parts_); }

 private:
  explicit Desk(Parts parts) : parts_(std::move(parts)) {}

  Parts parts_;
};

}  // namespace atalaya::followup
