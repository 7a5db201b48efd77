#pragma once
// For tests of the cube and of what is written into it: three commitments of 1998, one of ministers,
// one parliamentary priority, and reports made up (synthetic).

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <atalaya/followup/cube.hpp>
#include <atalaya/followup/reports.hpp>

#include "followup_fixture.hpp"

namespace atalaya::followup {

inline constexpr CivilDate kToday{2026, 11, 22};

class CubeTest : public FollowupTest {
 protected:
  void SetUp() override {
    FollowupTest::SetUp();
    if (testing::Test::IsSkipped()) {
      return;
    }
    for (const Member& member : must(cube().members(Language::en))) {
      if (member.row.document == "summit-1998-plan" && member.row.actionable && plan_.size() < 3) {
        plan_.push_back(member.row.id);
      }
      if (member.row.meeting == "mispa-2008" && member.row.actionable && mispa_.empty()) {
        mispa_ = member.row.id;
      }
      if (member.parliamentary && priority_.empty()) {
        priority_ = member.row.id;
      }
    }
    ASSERT_EQ(plan_.size(), 3U);
  }

  [[nodiscard]] Cube cube() const { return Cube(parts_); }

  [[nodiscard]] Reports reports() const { return Reports(parts_); }

  [[nodiscard]] Applicability applies(const std::string& commitment, std::string_view actor,
                                      CivilDate day = kToday) const {
    return must(cube().cell(commitment, actor, day, "implementation")).applicability;
  }

  [[nodiscard]] Report draft(const std::string& commitment, std::string actor,
                             std::string value = "planned", std::int64_t version = 0) const {
    Report out;
    out.commitment = commitment;
    out.actor = std::move(actor);
    out.value = std::move(value);
    out.version = version;
    out.as_of = "2026-01-31";
    out.actions = "synthetic";
    return out;
  }

  std::vector<std::string> plan_;
  std::string mispa_, priority_;
  Writer panama_{"ana", {"PAN"}, false};
  Writer all_{"all", {}, true};
};

}  // namespace atalaya::followup
