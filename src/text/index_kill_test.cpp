// Goal: whatever happens to the files, the index opens, tells honestly how far it is, and catches
// up. Method: a child process that applies a feed is killed at random moments; files are cut,
// flipped and replaced; two processes compete; readers search while a writer rewrites everything.
#include <atalaya/text/search.hpp>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <csignal>
#include <fstream>
#include <random>
#include <thread>

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include "test_index.hpp"

#ifdef __SANITIZE_ADDRESS__
// Xapian 1.4.22 deletes a table through its base in Database::check(), with the wrong size.
extern "C" const char* __asan_default_options();

extern "C" const char* __asan_default_options() {
  return "new_delete_type_mismatch=0";
}
#endif

namespace atalaya::text {
namespace {

constexpr std::int64_t kFeedLength = 400;
constexpr std::int64_t kStep = 8;

// The feed: change n (1…) writes item n % 97 in one language, and now and then removes one.
SearchChange change_of(std::int64_t number) {
  const std::string id = "item-" + std::to_string(number % 97);
  if (number % 11 == 0) {
    return SearchRemoval{id, std::nullopt};
  }
  SearchDocument document;
  document.id = id;
  document.kind = "item";
  document.language = kLanguages[number % 4];
  document.title = "Number " + std::to_string(number);
  document.body = "common word" + std::to_string(number % 13);
  document.facets = {{"year", std::to_string(1994 + number % 30)}};
  return document;
}

Result<void> feed(SearchIndex& index, std::int64_t until) {
  for (std::int64_t at = index.position(); at < until; at += kStep) {
    std::vector<SearchChange> batch;
    for (std::int64_t n = at + 1; n <= std::min(at + kStep, until); ++n) {
      batch.push_back(change_of(n));
    }
    ATALAYA_TRY(index.apply(batch, std::min(at + kStep, until)));
  }
  return {};
}

// Everything that can be asked of an index, as one text.
std::string contents(const SearchIndex& index) {
  std::map<std::string, std::string> lines;
  for (const Language language : kLanguages) {
    SearchQuery query;
    query.text = "common";
    query.language = language;
    query.limit = kHitsMax;
    query.facets = {"year"};
    const auto results = index.search(query);
    ATALAYA_CHECK(results.has_value());
    for (const SearchHit& hit : results->hits) {
      lines[std::string(to_string(language)) + " " + hit.id] = hit.plain_title;
    }
    for (const auto& [value, count] : results->facets.at("year")) {
      lines[std::string(to_string(language)) + " year " + value] = std::to_string(count);
    }
  }
  std::string out;
  for (const auto& [key, value] : lines) {
    out.append(key).append(": ").append(value).append("\n");
  }
  return out;
}

std::string expected_contents() {
  static const std::string expected = [] {
    const TemporaryDirectory dir;
    const auto index = open_index(dir.path());
    ATALAYA_CHECK(feed(*index, kFeedLength).has_value());
    return contents(*index);
  }();
  return expected;
}

// A child that writes the feed for ever, starting over at its end.
pid_t start_writer(const std::filesystem::path& dir) {
  const pid_t child = fork();
  ATALAYA_CHECK(child >= 0);
  if (child == 0) {
    auto index = SearchIndex::open(dir);
    while (index && feed(**index, kFeedLength)) {
      if (!(*index)->apply({}, 0)) {
        break;
      }
    }
    _exit(1);
  }
  return child;
}

TEST(IndexKill, CatchesUpAfterKill) {
  const std::string expected = expected_contents();
  std::mt19937 random(7);
  const TemporaryDirectory dir;
  std::int64_t seen = 0;
  for (int round = 0; round < 15; ++round) {
    const pid_t child = start_writer(dir.path());
    std::this_thread::sleep_for(std::chrono::milliseconds(20 + random() % 60));
    ASSERT_EQ(kill(child, SIGKILL), 0);
    int status = 0;
    ASSERT_EQ(waitpid(child, &status, 0), child);
    ASSERT_TRUE(WIFSIGNALED(status)) << "the writer gave up by itself";

    const auto index = open_index(dir.path());
    ASSERT_TRUE(index->verify().has_value());
    const std::int64_t position = index->position();
    ASSERT_GE(position, 0);
    ASSERT_LE(position, kFeedLength);
    seen = std::max(seen, position);
    ASSERT_TRUE(feed(*index, kFeedLength).has_value());
    ASSERT_EQ(index->position(), kFeedLength);
    ASSERT_EQ(contents(*index), expected) << "round " << round << ", killed at " << position;
    ASSERT_TRUE(index->apply({}, 0).has_value());
  }
  EXPECT_GT(seen, 0) << "the writer never got anywhere; the test shows nothing";
}

TEST(IndexKill, PositionIsNeverAheadOfTheContents) {
  // An index that stands at position p has every change up to p, in every language.
  std::mt19937 random(11);
  for (int round = 0; round < 10; ++round) {
    const TemporaryDirectory dir;
    const pid_t child = start_writer(dir.path());
    std::this_thread::sleep_for(std::chrono::milliseconds(15 + random() % 30));
    ASSERT_EQ(kill(child, SIGKILL), 0);
    ASSERT_EQ(waitpid(child, nullptr, 0), child);
    const auto index = open_index(dir.path());
    const std::int64_t position = index->position();
    if (position == 0 || position + kStep >= 97) {
      continue;  // later changes, the batch that was killed too, may have overwritten the earlier
    }
    for (std::int64_t n = 1; n <= position; ++n) {
      if (const SearchChange change = change_of(n);
          const auto* document = std::get_if<SearchDocument>(&change)) {
        SearchQuery query;
        query.text = document->id;
        query.language = document->language;
        const auto results = index->search(query);
        ASSERT_TRUE(results.has_value());
        ASSERT_FALSE(results->hits.empty()) << document->id << " at position " << position;
      }
    }
  }
}

void damage(const std::filesystem::path& dir, int how, std::mt19937& random) {
  std::vector<std::filesystem::path> tables;
  for (const auto& entry : std::filesystem::directory_iterator(dir)) {
    if (entry.path().extension() == ".glass" && entry.file_size() > 0) {
      tables.push_back(entry.path());
    }
  }
  std::ranges::sort(tables);
  const auto& table = tables[random() % tables.size()];
  switch (how) {
    case 0:
      std::filesystem::resize_file(table, std::filesystem::file_size(table) / 2);
      break;
    case 1:
      std::filesystem::remove(dir / "iamglass");
      break;
    case 2:
      std::ofstream(dir / "iamglass", std::ios::trunc) << "no index";
      break;
    case 3:
      std::filesystem::remove_all(dir);
      std::ofstream(dir, std::ios::trunc) << "a file where a folder was";
      break;
    case 4:
      std::filesystem::remove(dir / "postlist.glass");
      break;
    default: {
      std::fstream file(table, std::ios::in | std::ios::out | std::ios::binary);
      for (std::uintmax_t at = 0; at < std::filesystem::file_size(table); at += 97) {
        file.seekp(static_cast<std::streamoff>(at));
        file.put(static_cast<char>(random()));
      }
    }
  }
}

TEST(IndexKill, DamageIsNoticedAndHealed) {
  const std::string expected = expected_contents();
  std::mt19937 random(13);
  for (int round = 0; round < 18; ++round) {
    const int how = round % 6;
    const TemporaryDirectory dir;
    {
      const auto index = open_index(dir.path());
      ASSERT_TRUE(feed(*index, kFeedLength).has_value());
    }
    damage(dir.path() / to_string(kLanguages[random() % 4]), how, random);
    const auto index = open_index(dir.path());
    if (how != 5) {
      ASSERT_EQ(index->position(), 0) << "damage " << how;
    } else {
      // Flipped bytes show when they are read: verify() finds them, the next apply() empties.
      const bool whole = index->verify().has_value();
      if (whole) {
        // Untouched where it matters, or emptied already when it was opened.
        ASSERT_TRUE(index->position() == kFeedLength || index->position() == 0);
      } else {
        const auto refused = index->apply({}, kFeedLength);
        ASSERT_FALSE(refused.has_value());
        ASSERT_EQ(refused.error().reason, "text.index.damaged");
        ASSERT_EQ(index->position(), 0);
      }
    }
    ASSERT_TRUE(feed(*index, kFeedLength).has_value());
    ASSERT_EQ(contents(*index), expected) << "damage " << how;
  }
}

TEST(IndexKill, OnlyOneProcessWritesAndOthersRead) {
  const TemporaryDirectory dir;
  const auto index = open_index(dir.path());
  ASSERT_TRUE(feed(*index, kFeedLength).has_value());
  const pid_t child = fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    // A program of its own, so that it holds none of the parent's locks.
    execl("/proc/self/exe", "atalaya_text_test", "--gtest_filter=IndexKill.SecondProcess",
          "--gtest_brief=1", ("--dir=" + dir.path().string()).c_str(), nullptr);
    _exit(99);
  }
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

// Run by the test above in a second process, which finds the folder among its arguments; does
// nothing when there is none.
TEST(IndexKill, SecondProcess) {
  std::ifstream arguments("/proc/self/cmdline", std::ios::binary);
  std::string argument;
  std::string dir;
  while (std::getline(arguments, argument, '\0')) {
    if (argument.starts_with("--dir=")) {
      dir = argument.substr(6);
    }
  }
  if (dir.empty()) {
    return;
  }
  const auto index = open_index(dir);
  EXPECT_EQ(index->position(), kFeedLength);
  EXPECT_EQ(contents(*index), expected_contents());
  const auto refused = index->apply({}, 1);
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().code, ErrorCode::unavailable);
  EXPECT_EQ(refused.error().reason, "text.index.locked");
}

TEST(IndexKill, ReadersNeverFailWhileAWriterWorks) {
  const TemporaryDirectory dir;
  const auto index = open_index(dir.path());
  ASSERT_TRUE(feed(*index, kFeedLength).has_value());
  std::atomic<bool> done = false;
  std::atomic<int> searches = 0;
  std::atomic<int> failures = 0;
  {
    std::vector<std::jthread> readers;
    for (int i = 0; i < 3; ++i) {
      readers.emplace_back([&, i] {
        SearchQuery query;
        query.text = "common";
        query.language = kLanguages[i];
        query.facets = {"year"};
        while (!done) {
          const auto results = index->search(query);
          failures += results.has_value() ? 0 : 1;
          ++searches;
        }
      });
    }
    for (int i = 0; i < 5; ++i) {
      EXPECT_TRUE(index->apply({}, 0).has_value());
      EXPECT_TRUE(feed(*index, kFeedLength).has_value());
    }
    done = true;
  }
  EXPECT_EQ(failures, 0);
  EXPECT_GT(searches, 10);
  EXPECT_EQ(contents(*index), expected_contents());
}

TEST(IndexKill, ResetWhileReadingEmptiesAndRefills) {
  const TemporaryDirectory dir;
  const auto index = open_index(dir.path());
  std::atomic<bool> done = false;
  std::atomic<int> failures = 0;
  {
    const std::jthread reader([&] {
      SearchQuery query;
      query.text = "common";
      query.facets = {"year"};
      while (!done) {
        failures += index->search(query).has_value() ? 0 : 1;
      }
    });
    for (int i = 0; i < 5; ++i) {
      EXPECT_TRUE(feed(*index, kFeedLength).has_value());
      EXPECT_EQ(index->position(), kFeedLength);
      EXPECT_TRUE(index->reset().has_value());
      EXPECT_EQ(index->position(), 0);
      EXPECT_EQ(index->size(Language::en), 0U);
    }
    done = true;
  }
  EXPECT_EQ(failures, 0);
  ASSERT_TRUE(feed(*index, kFeedLength).has_value());
  EXPECT_EQ(contents(*index), expected_contents());
}

}  // namespace
}  // namespace atalaya::text
