#pragma once
// Pages of the follow-up, each a pure function from what the desk said to HTML (see pages.hpp).

#include <string>
#include <vector>

#include <atalaya/followup/treaties.hpp>

#include "pages_parts.hpp"

namespace atalaya::api {

/// What a page about one treaty, or one state, shows of the acts: the derived statuses on a day,
/// and every act that they rest on.
struct TreatyActs {
  followup::TreatyMatrix matrix;  // one column, or one row
  std::vector<followup::TreatyEvent> events;
  std::string today;              // ISO; `matrix.as_of` may be another day
};

struct TreatyMatrixView {
  followup::TreatyMatrix matrix;
  std::string today;
};

[[nodiscard]] std::string render_treaty_matrix(const PageContext& context,
                                               const TreatyMatrixView& view);
/// The band of a treaty's page: states with their status, and the acts.
void write_treaty_states(Html& h, const PageContext& context, const TreatyActs& acts);
/// The band of a state's page: treaties with its status.
void write_country_treaties(Html& h, const PageContext& context, const TreatyActs& acts);

/// The choice of the language of a form's texts, its field "language"; empty `chosen`: the page's.
void write_language_choice(Html& h, const PageContext& context, std::string_view chosen,
                           std::string_view label = "registers.language");

/// "12 December 2000"; a month or a year alone as far as it is known; "–" for nothing.
[[nodiscard]] std::string shown_date(const PageContext& context, std::string_view date);

}  // namespace atalaya::api
