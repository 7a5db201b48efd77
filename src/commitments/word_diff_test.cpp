// Goal: what a reviewer sees of two wordings is exactly the two wordings, and no more is marked than
// differs. Method: joining the parts again on random texts (property), the length of the longest
// common subsequence by another algorithm (recursion with a memo), and cases read by eye.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <map>

#include <atalaya/commitments/word_diff.hpp>

namespace atalaya::commitments {
namespace {

using Kind = DiffPart::Kind;

std::string joined(const std::vector<DiffPart>& parts, Kind kind) {
  std::string out;
  for (const auto& part : parts) {
    out += part.kind == Kind::same || part.kind == kind ? part.text : std::string();
  }
  return out;
}

std::string text_of(const std::vector<std::uint8_t>& words) {
  std::string out;
  for (const std::uint8_t word : words) {
    out += std::string(1, static_cast<char>('a' + word % 4)) + (word % 7 == 0 ? "  " : " ");
  }
  return out;
}

std::size_t common(const std::string& a, const std::string& b, std::size_t i, std::size_t j,
                   std::map<std::pair<std::size_t, std::size_t>, std::size_t>& memo) {
  if (i >= a.size() || j >= b.size()) {
    return 0;
  }
  const auto known = memo.find({i, j});
  if (known != memo.end()) {
    return known->second;
  }
  const std::size_t best =
      a[i] == b[j] ? 1 + common(a, b, i + 1, j + 1, memo)
                   : std::max(common(a, b, i + 1, j, memo), common(a, b, i, j + 1, memo));
  memo[{i, j}] = best;
  return best;
}

RC_GTEST_PROP(WordDiff, PartsMakeBothTexts, ()) {
  const auto a = text_of(*rc::gen::arbitrary<std::vector<std::uint8_t>>());
  const auto b = text_of(*rc::gen::arbitrary<std::vector<std::uint8_t>>());
  const auto parts = word_diff(a, b);
  RC_ASSERT(joined(parts, Kind::removed) == a);
  RC_ASSERT(joined(parts, Kind::added) == b);
}

RC_GTEST_PROP(WordDiff, MarksAsLittleAsPossible, ()) {
  const auto letters = rc::gen::container<std::string>(rc::gen::elementOf(std::string("abc")));
  const std::string a = *letters;
  const std::string b = *letters;
  std::string words_a;
  std::string words_b;
  for (const char c : a) {
    words_a += std::string(1, c) + " ";
  }
  for (const char c : b) {
    words_b += std::string(1, c) + " ";
  }
  std::size_t same = 0;
  for (const auto& part : word_diff(words_a, words_b)) {
    same += part.kind == Kind::same ? part.text.size() / 2 : 0;
  }
  std::map<std::pair<std::size_t, std::size_t>, std::size_t> memo;
  RC_ASSERT(same == common(a, b, 0, 0, memo));
}

TEST(WordDiff, ReadsAsAPersonWouldMarkIt) {
  const auto parts = word_diff("Promote the exchange of lists by 2006.",
                               "Promote the prompt exchange of registers by 2006.");
  ASSERT_EQ(parts.size(), 6U);
  EXPECT_EQ(parts[1].text, "prompt ");
  EXPECT_EQ(parts[1].kind, Kind::added);
  EXPECT_EQ(parts[3].text, "lists ");
  EXPECT_EQ(parts[3].kind, Kind::removed);
  EXPECT_EQ(parts[4].text, "registers ");
}

TEST(WordDiff, TextsOfAnySizeEnd) {
  std::string a;
  std::string b;
  for (int i = 0; i < 5000; ++i) {
    a += "a" + std::to_string(i) + " ";
    b += "b" + std::to_string(i) + " ";
  }
  EXPECT_EQ(word_diff(a, b).size(), 2U);
  EXPECT_TRUE(word_diff("", "").empty());
}

TEST(WordLikeness, CountsWordsNotAccents) {
  EXPECT_DOUBLE_EQ(word_likeness("Cooperación policial", "cooperacion, POLICIAL."), 1.0);
  EXPECT_DOUBLE_EQ(word_likeness("one two", "three four"), 0.0);
  EXPECT_DOUBLE_EQ(word_likeness("one two", "two three"), 0.5);
  EXPECT_DOUBLE_EQ(word_likeness("", ""), 0.0);
}

}  // namespace
}  // namespace atalaya::commitments
