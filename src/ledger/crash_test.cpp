// Goal: a node that dies at any moment keeps every leaf that it had acknowledged, no half batch
// and no gap. Method: a child process appends in a loop and reports each acknowledged size through
// a pipe; it is killed with SIGKILL at a random moment; the log is opened again, verified and
// continued. Several rounds on one log.
#include <atalaya/ledger/ledger.hpp>

#include <chrono>
#include <random>
#include <thread>

#include <sys/wait.h>
#include <unistd.h>
#include <csignal>

#include <gtest/gtest.h>

#include "test_log.hpp"

namespace atalaya::ledger {
namespace {

using testing::events;
using testing::OpenLog;
using testing::TemporaryFolder;

constexpr int kRounds = 6;

[[noreturn]] void append_for_ever(const std::string& path, int report_to, unsigned seed) {
  OpenLog log(path);
  std::mt19937_64 random(seed);
  while (true) {
    const std::uint64_t count = 1 + random() % 200;
    const auto first = random() % 4 == 0 ? log.ledger->submit(testing::event(random() % 100))
                                         : log.append(events(0, count));
    if (!first || (random() % 5 == 0 && !log.ledger->checkpoint())) {
      ::_exit(1);
    }
    const std::uint64_t least = *first + 1;
    if (::write(report_to, &least, sizeof least) != sizeof least) {
      ::_exit(1);
    }
  }
}

TEST(Crash, KilledAtAnyMomentTheLogIsWholeAndGoesOn) {
  const TemporaryFolder folder;
  const std::string path = folder.file("a.db");
  std::mt19937_64 random(20261122);
  std::uint64_t before = 0;
  for (int round = 0; round < kRounds; ++round) {
    int ends[2];
    ASSERT_EQ(::pipe(ends), 0);
    const pid_t child = ::fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
      ::close(ends[0]);
      append_for_ever(path, ends[1], static_cast<unsigned>(round));
    }
    ::close(ends[1]);
    std::uint64_t acknowledged = 0;
    ASSERT_EQ(::read(ends[0], &acknowledged, sizeof acknowledged),
              static_cast<ssize_t>(sizeof acknowledged))
        << "the child reports its first append";
    std::this_thread::sleep_for(std::chrono::milliseconds(random() % 120));
    ::kill(child, SIGKILL);
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    EXPECT_TRUE(WIFSIGNALED(status)) << "it was appending until it was killed";
    std::uint64_t more = 0;
    while (::read(ends[0], &more, sizeof more) == static_cast<ssize_t>(sizeof more)) {
      acknowledged = std::max(acknowledged, more);
    }
    ::close(ends[0]);

    OpenLog log(path);
    const auto report = log.ledger->verify();
    ASSERT_TRUE(report.has_value()) << report.error().detail;
    EXPECT_TRUE(report->ok()) << report->problems.front().detail;
    EXPECT_GE(report->size, acknowledged);
    EXPECT_GT(report->size, before);
    before = report->size;
    EXPECT_EQ(log.append(events(0, 1)), before);
  }
}

}  // namespace
}  // namespace atalaya::ledger
