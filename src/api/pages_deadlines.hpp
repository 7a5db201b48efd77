#pragma once
// Pages of dates and of periodic reports; pure functions (see pages.hpp).

#include <optional>
#include <string>
#include <vector>

#include <atalaya/followup/deadlines.hpp>

#include "pages_followup.hpp"

namespace atalaya::api {

struct DeadlinesView {
  std::vector<followup::Deadline> dates;        // of `actor`, of every state of a date
  std::vector<followup::PendingDates> pending;  // of everybody; empty where one actor was asked for
  std::string actor, as_of;
  std::optional<followup::DeadlineState> state;  // shown alone
};

[[nodiscard]] std::string render_deadlines(const PageContext& context, const DeadlinesView& view);

struct ReportCalendarView {
  followup::Calendar calendar;
  std::string country, duty, as_of;
  std::int32_t year = 0;
};

[[nodiscard]] std::string render_report_calendar(const PageContext& context,
                                                 const ReportCalendarView& view);

/// "met early", "passed, nothing recorded".
[[nodiscard]] std::string deadline_state_name(Language language, followup::DeadlineState state);

}  // namespace atalaya::api
