#include "throttle.hpp"

#include <algorithm>

#include <atalaya/base/text.hpp>
#include <atalaya/crypto/hash.hpp>

namespace atalaya::identity {
namespace {

constexpr std::int64_t kFreePair = 5;       // wrong guesses before a pair waits
constexpr std::int64_t kFreeAccount = 50;   // before strangers to an account wait
constexpr std::int64_t kWaitMsMax = 15LL * 60 * 1000;
constexpr std::int64_t kForgetMs = 60LL * 60 * 1000;
constexpr std::size_t kEntriesMax = 100'000;

// The /24 of an IPv4 address, the /64 of an IPv6 one: what one attacker easily has all of.
std::string network_of(std::string_view peer) {
  if (peer.find('.') != std::string_view::npos) {
    return std::string(peer.substr(0, peer.rfind('.')));
  }
  std::size_t at = 0;
  for (int groups = 0; groups < 4 && at != std::string_view::npos; ++groups) {
    at = peer.find(':', at == 0 ? 0 : at + 1);
  }
  return std::string(peer.substr(0, at));
}

std::int64_t wait_ms(std::int64_t failures, std::int64_t free) {
  if (failures < free) {
    return 0;
  }
  const std::int64_t doublings = std::min<std::int64_t>(failures - free, 20);
  return std::min(kWaitMsMax, std::int64_t{1000} << doublings);
}

}  // namespace

Throttle::Throttle() { crypto::random_bytes(key_); }

std::string Throttle::pair_key(std::string_view account, std::string_view peer) const {
  const std::string text = "pair\n" + std::string(account) + "\n" + network_of(peer);
  return to_hex(crypto::hmac_sha256(key_, as_bytes(text)));
}

std::string Throttle::account_key(std::string_view account) const {
  const std::string text = "account\n" + std::string(account);
  return to_hex(crypto::hmac_sha256(key_, as_bytes(text)));
}

std::optional<std::int64_t> Throttle::wait_s(std::string_view account, std::string_view peer,
                                             bool friendly, std::int64_t now_ms) const {
  const std::string pair = pair_key(account, peer);
  const std::string whole = account_key(account);
  const std::int64_t until = counts_.with([&](const Table& counts) {
    std::int64_t latest = 0;
    if (const auto it = counts.find(pair); it != counts.end() && !friendly) {
      latest = it->second.last_ms + wait_ms(it->second.failures, kFreePair);
    }
    if (const auto it = counts.find(whole); it != counts.end() && !friendly) {
      latest = std::max(latest, it->second.last_ms + wait_ms(it->second.failures, kFreeAccount));
    }
    // A browser that signed in before gets twice the guesses of its own network, and no more.
    if (const auto it = counts.find(pair); it != counts.end() && friendly) {
      latest = it->second.last_ms + wait_ms(it->second.failures, 2 * kFreePair);
    }
    return latest;
  });
  if (until <= now_ms) {
    return std::nullopt;
  }
  return (until - now_ms + 999) / 1000;
}

void Throttle::add(Table& table, const std::string& key, std::int64_t now_ms) {
  Count& count = table[key];
  if (now_ms - count.last_ms > kForgetMs) {
    count.failures = 0;
  }
  ++count.failures;
  count.last_ms = now_ms;
}

void Throttle::failed(std::string_view account, std::string_view peer, std::int64_t now_ms) {
  const std::string pair = pair_key(account, peer);
  const std::string whole = account_key(account);
  counts_.with([&](Table& counts) {
    if (counts.size() >= kEntriesMax) {
      std::erase_if(counts, [&](const auto& entry) {
        return now_ms - entry.second.last_ms > kWaitMsMax || entry.second.failures < kFreePair;
      });
      if (counts.size() >= kEntriesMax) {
        counts.clear();
      }
    }
    add(counts, pair, now_ms);
    add(counts, whole, now_ms);
  });
}

void Throttle::succeeded(std::string_view account, std::string_view peer) {
  const std::string pair = pair_key(account, peer);
  counts_.with([&](Table& counts) { counts.erase(pair); });
}

}  // namespace atalaya::identity
