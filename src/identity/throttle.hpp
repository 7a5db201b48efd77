#pragma once
// Slows guessing down without giving an attacker a way to lock somebody out. In memory only.

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include <atalaya/base/guarded.hpp>

namespace atalaya::identity {

/// Two counts of wrong guesses: one for each (account, network) pair, which throttles that pair
/// alone; one for each account over all strange networks, which throttles strangers only: a browser
/// with a device cookie of that account passes it. Both fade by themselves.
class Throttle {
 public:
  Throttle();

  /// Seconds to wait before the next guess, or nothing. `friendly`: the device cookie is good.
  [[nodiscard]] std::optional<std::int64_t> wait_s(std::string_view account,
                                                   std::string_view peer, bool friendly,
                                                   std::int64_t now_ms) const;
  void failed(std::string_view account, std::string_view peer, std::int64_t now_ms);
  void succeeded(std::string_view account, std::string_view peer);

 private:
  struct Count {
    std::int64_t failures = 0;
    std::int64_t last_ms = 0;
  };
  using Table = std::map<std::string, Count>;

  [[nodiscard]] std::string pair_key(std::string_view account, std::string_view peer) const;
  [[nodiscard]] std::string account_key(std::string_view account) const;
  static void add(Table& table, const std::string& key, std::int64_t now_ms);

  std::array<std::uint8_t, 32> key_{};
  Guarded<Table> counts_;
};

}  // namespace atalaya::identity
