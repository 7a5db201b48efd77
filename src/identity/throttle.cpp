#include "throttle.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <span>

#include <atalaya/base/text.hpp>
#include <atalaya/crypto/hash.hpp>

namespace atalaya::identity {
namespace {

constexpr std::int64_t kWaitMsMax = 15LL * 60 * 1000;
constexpr std::int64_t kForgetMs = 60LL * 60 * 1000;
constexpr std::size_t kEntriesMax = 100'000;

std::int64_t wait_ms(std::int64_t failures, std::int64_t free, std::int64_t wait_ms_max) {
  if (failures < free) {
    return 0;
  }
  const std::int64_t doublings = std::min<std::int64_t>(failures - free, 20);
  return std::min(wait_ms_max, std::int64_t{1000} << doublings);
}

}  // namespace

namespace detail {

std::string network_of(std::string_view peer) {
  const std::string address(peer.substr(0, peer.find('%')));  // without an interface's name
  std::array<std::uint8_t, 16> bytes{};
  if (::inet_pton(AF_INET, address.c_str(), bytes.data()) == 1) {
    return "4:" + to_hex(std::span(bytes).first(3));
  }
  if (::inet_pton(AF_INET6, address.c_str(), bytes.data()) != 1) {
    return "?:" + address;
  }
  constexpr std::array<std::uint8_t, 12> kMapped{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};
  if (std::ranges::equal(std::span(bytes).first(12), kMapped)) {
    return "4:" + to_hex(std::span(bytes).subspan(12, 3));
  }
  return "6:" + to_hex(std::span(bytes).first(7));
}

}  // namespace detail

Throttle::Throttle(ThrottleLimits limits) : limits_(limits) {
  crypto::random_bytes(key_);
}

std::string Throttle::keyed(std::string_view kind, std::string_view account,
                            std::string_view what) const {
  std::string text(kind);
  text.append("\n").append(account).append("\n").append(what);
  return to_hex(crypto::hmac_sha256(key_, as_bytes(text)));
}

std::string Throttle::own_key(const Guesser& guesser) const {
  if (!guesser.device.empty()) {
    return keyed("device", guesser.account, guesser.device);
  }
  // Where addresses are not kept, all strangers share the account's count alone.
  return guesser.peer.empty() ? std::string()
                              : keyed("pair", guesser.account, detail::network_of(guesser.peer));
}

std::expected<Throttle::Charge, std::int64_t> Throttle::begin(const Guesser& guesser,
                                                              std::int64_t now_ms) {
  const bool known = !guesser.device.empty();
  Charge charge{own_key(guesser), known ? std::string() : keyed("account", guesser.account, "")};
  return counts_.with([&](Table& counts) -> std::expected<Charge, std::int64_t> {
    if (counts.size() + 2 > kEntriesMax) {
      make_room(counts, now_ms);
    }
    const auto count_of = [&](const std::string& key) {
      const auto it = counts.find(key);
      return it == counts.end() || now_ms - it->second.last_ms > kForgetMs ? Count{0, now_ms}
                                                                           : it->second;
    };
    const Count own = count_of(charge.own);
    const Count whole = count_of(charge.whole);
    const std::int64_t free_own = known ? limits_.free_device : limits_.free_pair;
    const std::int64_t until = std::max(
        own.last_ms + wait_ms(own.failures, free_own, kWaitMsMax),
        whole.last_ms + wait_ms(whole.failures, limits_.free_account, limits_.account_wait_ms_max));
    if (until > now_ms) {
      return std::unexpected((until - now_ms + 999) / 1000);
    }
    // One network must not be able to slow all strangers down by guessing for a night.
    if (!charge.own.empty() && own.failures >= limits_.free_pair) {
      charge.whole.clear();
    }
    if (!charge.own.empty()) {
      counts[charge.own] = {own.failures + 1, now_ms};
    }
    if (!charge.whole.empty()) {
      counts[charge.whole] = {whole.failures + 1, now_ms};
    }
    return charge;
  });
}

void Throttle::take_back(const Charge& charge) {
  counts_.with([&](Table& counts) {
    for (const std::string& key : {charge.own, charge.whole}) {
      const auto it = counts.find(key);
      if (it != counts.end() && --it->second.failures <= 0) {
        counts.erase(it);
      }
    }
  });
}

void Throttle::forget(const Guesser& guesser) {
  const std::string own = own_key(guesser);
  const std::string whole =
      guesser.device.empty() ? keyed("account", guesser.account, "") : std::string();
  counts_.with([&](Table& counts) {
    const auto it = counts.find(own);
    if (it == counts.end()) {
      return;
    }
    const auto all = counts.find(whole);
    if (all != counts.end()) {
      all->second.failures -= std::min(it->second.failures, limits_.free_pair);
      if (all->second.failures <= 0) {
        counts.erase(all);
      }
    }
    counts.erase(it);
  });
}

// Faded counts go first, then the smallest: whoever fills the table does not free the accounts
// that are guessed at most.
void Throttle::make_room(Table& table, std::int64_t now_ms) {
  std::erase_if(table,
                [&](const auto& entry) { return now_ms - entry.second.last_ms > kForgetMs; });
  for (std::int64_t least = 2; table.size() + 2 > kEntriesMax; least *= 2) {
    std::erase_if(table, [&](const auto& entry) { return entry.second.failures < least; });
  }
}

}  // namespace atalaya::identity
