// Goal: the agreement of coders is Krippendorff's alpha. Oracle: the worked examples printed in
// K. Krippendorff, "Computing Krippendorff's Alpha-Reliability" (2011), sections A to D.
#include <gtest/gtest.h>

#include <cmath>
#include <string_view>
#include <vector>

#include <rapidcheck/gtest.h>

#include <atalaya/followup/agreement.hpp>

namespace atalaya::followup {
namespace {

// One text a coder, one character a unit; '.' = gave no value.
std::vector<CodedUnit> units(const std::vector<std::string_view>& coders) {
  std::vector<CodedUnit> out(coders.front().size());
  for (const std::string_view coder : coders) {
    for (std::size_t i = 0; i < coder.size(); ++i) {
      if (coder[i] != '.') {
        out[i].push_back(coder[i]);
      }
    }
  }
  return out;
}

double alpha(const std::vector<CodedUnit>& coded, DataLevel level) {
  return krippendorff_alpha(coded, level).alpha.value_or(-9);
}

TEST(AgreementTest, printed_examples) {
  EXPECT_NEAR(alpha(units({"0100000010", "1110010000"}), DataLevel::nominal), 0.095, 0.0005);
  EXPECT_NEAR(alpha(units({"aabbdcccedda", "babbbccceddd"}), DataLevel::nominal), 0.692, 0.0005);
  const auto four = units({"123321412...", "1233224125.3", ".3332342251.", "12332441251."});
  EXPECT_NEAR(alpha(four, DataLevel::nominal), 0.743, 0.0005);
  EXPECT_NEAR(alpha(four, DataLevel::ordinal), 0.815, 0.0005);
  EXPECT_NEAR(alpha(four, DataLevel::interval), 0.849, 0.0005);
  EXPECT_EQ(krippendorff_alpha(four, DataLevel::nominal).units, 11);  // one has a single value
  EXPECT_EQ(krippendorff_alpha(four, DataLevel::nominal).values, 40);
}

TEST(AgreementTest, nothing_to_compare_is_no_number) {
  EXPECT_FALSE(krippendorff_alpha({}, DataLevel::nominal).alpha.has_value());
  EXPECT_FALSE(krippendorff_alpha(units({"12", ".."}), DataLevel::nominal).alpha.has_value());
  EXPECT_FALSE(krippendorff_alpha(units({"33", "33"}), DataLevel::ordinal).alpha.has_value());
}

RC_GTEST_PROP(AgreementTest, never_above_one_and_one_where_all_agree, ()) {
  std::vector<CodedUnit> coded;
  std::vector<CodedUnit> same;
  const int count = *rc::gen::inRange(2, 30);
  for (int i = 0; i < count; ++i) {
    const int a = *rc::gen::inRange(0, 4);
    coded.push_back({a, *rc::gen::inRange(0, 4)});
    same.push_back({a, a});
  }
  for (const DataLevel level : {DataLevel::nominal, DataLevel::ordinal, DataLevel::interval}) {
    const auto found = krippendorff_alpha(coded, level).alpha;
    RC_ASSERT(found.value_or(0) <= 1.0 + 1e-12);
    const auto perfect = krippendorff_alpha(same, level).alpha;
    RC_ASSERT(std::abs(perfect.value_or(1) - 1.0) < 1e-12);  // none: all gave one value
  }
}

}  // namespace
}  // namespace atalaya::followup
