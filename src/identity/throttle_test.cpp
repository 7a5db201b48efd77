// Goal: guessing becomes slow, and nobody can use that against somebody else. Method: properties
// over random schedules of guesses, beside examples with the numbers that the header states.
#include "throttle.hpp"

#include <gtest/gtest.h>

#include <rapidcheck/gtest.h>

#include <cmath>

#include <fmt/format.h>

namespace atalaya::identity {
namespace {

constexpr std::int64_t kMinute = 60'000;
constexpr std::int64_t kHour = 60 * kMinute;
constexpr Guesser kFriend{"ana", "203.0.113.7", "browser"};

bool guess(Throttle& throttle, const Guesser& guesser, std::int64_t now) {
  return throttle.begin(guesser, now).has_value();
}

std::int64_t wait_of(Throttle& throttle, const Guesser& guesser, std::int64_t now) {
  const auto charge = throttle.begin(guesser, now);
  if (charge) {
    throttle.take_back(*charge);
    return 0;
  }
  return charge.error();
}

TEST(Throttle, NetworksAreWhatOneHouseholdHasAllOf) {
  using detail::network_of;
  EXPECT_EQ(network_of("203.0.113.7"), network_of("203.0.113.200"));
  EXPECT_NE(network_of("203.0.113.7"), network_of("203.0.114.7"));
  EXPECT_EQ(network_of("203.0.113.7"), network_of("::ffff:203.0.113.9"));
  EXPECT_EQ(network_of("2001:db8:1:2::5"), network_of("2001:db8:1:2:aaaa:bbbb:cccc:dddd"));
  // Zeros within the first half are abbreviated; the rest must not make another network of it.
  EXPECT_EQ(network_of("2001:db8::1"), network_of("2001:db8::2"));
  EXPECT_EQ(network_of("2001:db8::1:2:3:4"), network_of("2001:db8:0:0:9:9:9:9"));
  EXPECT_EQ(network_of("2001:db8:0:0100::1"), network_of("2001:db8:0:01ff::1"));  // one /56
  EXPECT_NE(network_of("2001:db8:0:0100::1"), network_of("2001:db8:0:0200::1"));
  EXPECT_EQ(network_of("fe80::1%eth0"), network_of("fe80::1%eth1"));
  EXPECT_NE(network_of("unix"), network_of(""));
  EXPECT_NE(network_of("1.2.3.4.evil"), network_of("1.2.3.4"));
}

TEST(Throttle, AfterFiveWrongGuessesAPairWaitsTwiceAsLongEachTime) {
  Throttle throttle{ThrottleLimits{}};
  const Guesser attacker{"ana", "198.51.100.1", ""};
  for (int i = 0; i < 5; ++i) {
    EXPECT_TRUE(guess(throttle, attacker, 0)) << i;
  }
  std::int64_t now = 0;
  for (const std::int64_t seconds : {1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900}) {
    EXPECT_EQ(wait_of(throttle, attacker, now), seconds);
    EXPECT_FALSE(guess(throttle, attacker, now + seconds * 1000 - 1));
    now += seconds * 1000;
    EXPECT_TRUE(guess(throttle, attacker, now));
  }
  EXPECT_EQ(wait_of(throttle, {"ana", "192.0.2.1", ""}, now), 0) << "another network";
  EXPECT_EQ(wait_of(throttle, {"eva", "198.51.100.1", ""}, now), 0) << "another account";
  EXPECT_EQ(wait_of(throttle, attacker, now + kHour + 1), 0) << "forgotten after an hour";
}

TEST(Throttle, AHundredGuessesAtOneInstantAreNotMoreThanTheFreeOnes) {
  Throttle throttle{ThrottleLimits{}};
  int let_through = 0;
  for (int i = 0; i < 100; ++i) {
    let_through += guess(throttle, {"ana", "198.51.100.1", ""}, 0) ? 1 : 0;
  }
  EXPECT_EQ(let_through, 5);
}

TEST(Throttle, OneNetworkCannotSlowOtherStrangersDown) {
  Throttle throttle{ThrottleLimits{}};
  for (std::int64_t now = 0; now < 24 * kHour; now += 1000) {
    guess(throttle, {"ana", "198.51.100.1", ""}, now);
  }
  EXPECT_EQ(wait_of(throttle, {"ana", "192.0.2.1", ""}, 24 * kHour), 0);
}

TEST(Throttle, ManyNetworksDelayStrangersForAMinuteAtMost) {
  Throttle throttle{ThrottleLimits{}};
  int let_through = 0;
  for (int i = 0; i < 1000; ++i) {
    let_through += guess(throttle, {"ana", fmt::format("10.{}.{}.1", i / 250, i % 250), ""}, 0);
  }
  EXPECT_EQ(let_through, 50);
  const std::int64_t wait = wait_of(throttle, {"ana", "192.0.2.1", ""}, 0);
  EXPECT_GT(wait, 0);
  EXPECT_LE(wait, 60);
  EXPECT_EQ(wait_of(throttle, kFriend, 0), 0);
}

TEST(Throttle, WithoutAddressesStrangersShareTheAccountsCountOnly) {
  Throttle throttle{ThrottleLimits{}};
  for (int i = 0; i < 50; ++i) {
    EXPECT_TRUE(guess(throttle, {"ana", "", ""}, 0)) << i;
  }
  EXPECT_FALSE(guess(throttle, {"ana", "", ""}, 0));
  EXPECT_EQ(wait_of(throttle, kFriend, 0), 0);
}

TEST(Throttle, RightGuessesLeaveNothingBehind) {
  Throttle throttle{ThrottleLimits{}};
  for (int i = 0; i < 1000; ++i) {
    const auto charge = throttle.begin({"ana", "198.51.100.1", ""}, 0);
    ASSERT_TRUE(charge.has_value());
    throttle.take_back(*charge);
  }
}

TEST(Throttle, StaysWithinItsMemoryAndKeepsTheMostGuessedAccounts) {
  Throttle throttle{ThrottleLimits{}};
  const Guesser attacker{"ana", "198.51.100.1", ""};
  for (std::int64_t now = 0; now < 10 * kMinute; now += 1000) {
    guess(throttle, attacker, now);
  }
  ASSERT_GT(wait_of(throttle, attacker, 10 * kMinute), 0);
  for (int i = 0; i < 60'000; ++i) {  // two entries each
    guess(throttle, {fmt::format("nobody{}", i), "192.0.2.1", ""}, 10 * kMinute);
  }
  EXPECT_GT(wait_of(throttle, attacker, 10 * kMinute), 0);
}

// Whatever strangers do, from whatever network and at whatever time, even from the friend's own.
RC_GTEST_PROP(Throttle, NobodyDelaysAKnownBrowser, ()) {
  Throttle throttle{ThrottleLimits{}};
  const auto attacks = *rc::gen::container<std::vector<std::pair<int, int>>>(
      rc::gen::pair(rc::gen::inRange(0, 260), rc::gen::inRange(0, 20'000)));
  std::int64_t now = 0;
  for (const auto& [network, pause] : attacks) {
    now += pause;
    const std::string peer =
        network >= 250 ? std::string(kFriend.peer) : fmt::format("10.0.{}.1", network);
    for (int i = 0; i < 3; ++i) {
      guess(throttle, {"ana", peer, ""}, now);
    }
    RC_ASSERT(wait_of(throttle, kFriend, now) == 0);
  }
}

RC_GTEST_PROP(Throttle, WhoMistypesFourTimesIsNotDelayed, ()) {
  Throttle throttle{ThrottleLimits{}};
  const bool known = *rc::gen::arbitrary<bool>();
  const Guesser person{"ana", "203.0.113.7", known ? "browser" : ""};
  const auto others = *rc::gen::container<std::vector<int>>(rc::gen::inRange(0, 9));
  for (const int network : others) {  // fewer than fifty guesses: nine networks have five each
    guess(throttle, {"ana", fmt::format("10.0.{}.1", network), ""}, 0);
  }
  for (int i = 0; i < 4; ++i) {
    RC_ASSERT(guess(throttle, person, i));
  }
  const auto charge = throttle.begin(person, 4);
  RC_ASSERT(charge.has_value());
  throttle.take_back(*charge);
  throttle.forget(person);
  for (int i = 0; i < 4; ++i) {
    RC_ASSERT(guess(throttle, person, 5 + i));
  }
}

// However guesses are spread over an hour, one network gets no more than its free ones and those
// that the doubling waits leave room for: 1 + 2 + 4 + … s.
RC_GTEST_PROP(Throttle, AnHourOfGuessingIsBounded, ()) {
  Throttle throttle{ThrottleLimits{}};
  const auto pauses = *rc::gen::container<std::vector<int>>(500, rc::gen::inRange(0, 7'200));
  std::int64_t now = 0;
  int let_through = 0;
  for (const int pause : pauses) {
    now += pause;
    if (now > kHour) {
      break;
    }
    let_through += guess(throttle, {"ana", "198.51.100.1", ""}, now) ? 1 : 0;
  }
  const int doublings = static_cast<int>(std::log2(static_cast<double>(now) / 1000.0 + 1.0)) + 1;
  RC_ASSERT(let_through <= 5 + doublings + 3);
}

}  // namespace
}  // namespace atalaya::identity
