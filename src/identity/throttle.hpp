#pragma once
// Slows guessing down without giving an attacker a way to lock somebody out. In memory only.

#include <array>
#include <cstdint>
#include <expected>
#include <map>
#include <string>
#include <string_view>

#include <atalaya/base/guarded.hpp>

namespace atalaya::identity {

/// Wrong guesses that cost nothing, and how long strangers may have to wait.
struct ThrottleLimits {
  std::int64_t free_pair = 5;      // of one network at one account
  std::int64_t free_device = 10;   // of one browser that signed in to the account before
  std::int64_t free_account = 50;  // of all strange networks together
  std::int64_t account_wait_ms_max = 60'000;
};

/// Who guesses. `device` names a browser whose device cookie is good; empty: a stranger.
struct Guesser {
  std::string_view account;
  std::string_view peer;
  std::string_view device;
};

/// Three counts of wrong guesses, which fade by themselves:
/// - of each (account, network) pair; it delays strangers from that network only;
/// - of each account over all networks, to which one network adds no more than its free guesses;
///   it delays strangers only, and never for long;
/// - of each known browser, which nobody else can add to: whatever strangers do, from whatever
///   network, a person with a known browser is not delayed.
class Throttle {
 public:
  explicit Throttle(ThrottleLimits limits);

  /// What begin() counted: keys of the table, "" for none.
  struct Charge {
    std::string own, whole;
  };

  /// Counts a wrong guess in advance, so that a hundred guesses at the same instant count as a
  /// hundred; take_back() what turns out right. Fails with the seconds to wait; then nothing is
  /// counted.
  [[nodiscard]] std::expected<Charge, std::int64_t> begin(const Guesser& guesser,
                                                          std::int64_t now_ms);
  /// The guess was right, or could not be checked.
  void take_back(const Charge& charge);
  /// The guesser has signed in: the mistakes of its network or browser are forgotten, also in the
  /// account's count.
  void forget(const Guesser& guesser);

 private:
  struct Count {
    std::int64_t failures = 0;
    std::int64_t last_ms = 0;
  };

  using Table = std::map<std::string, Count>;

  [[nodiscard]] std::string own_key(const Guesser& guesser) const;
  [[nodiscard]] std::string keyed(std::string_view kind, std::string_view account,
                                  std::string_view what) const;
  static void make_room(Table& table, std::int64_t now_ms);

  ThrottleLimits limits_;
  std::array<std::uint8_t, 32> key_{};
  Guarded<Table> counts_;
};

namespace detail {

/// The /24 of an IPv4 address (also of one mapped into IPv6), the /56 of an IPv6 address: what one
/// household or office has all of (RFC 6177). Anything else is its own network.
[[nodiscard]] std::string network_of(std::string_view peer);

}  // namespace detail
}  // namespace atalaya::identity
