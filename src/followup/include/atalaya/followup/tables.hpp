#pragma once
// The follow-up as files to take away: tables as CSV (RFC 4180, formulas defused), and all of them
// packed with a description of every column; and as a feed of changes.

#include <string>
#include <vector>

#include <atalaya/base/result.hpp>
#include <atalaya/followup/cube.hpp>
#include <atalaya/followup/deadlines.hpp>
#include <atalaya/followup/parts.hpp>

namespace atalaya::followup {

[[nodiscard]] std::string deadlines_csv(const std::vector<Deadline>& dates);
[[nodiscard]] std::string calendar_csv(const Calendar& calendar, Language language);
[[nodiscard]] std::string cells_csv(const Matrix& matrix, const Scale* scale);
/// Today's cells of all states, parliaments and institutions.
[[nodiscard]] Result<std::string> all_cells_csv(const Parts& parts);

struct PackageRequest {
  Language language = Language::en;
  std::string node_name;
  std::string origin;  // "https://node.example"; may be empty
};

/// A zip: datapackage.json (Data Package, with every column's meaning in the language asked for),
/// dictionary.csv with the same, and a CSV a table: cells, state-reports, treaty-events, deadlines,
/// report-calendar, changes, and one a register. The same store gives the same tables.
[[nodiscard]] Result<std::string> bulk_package(const Parts& parts, const PackageRequest& request);

struct ChangeFeedRequest {
  ChangeQuery query;  // its limit: entries of one document
  std::int64_t archive =
      0;              // 1, 2, …: the oldest entries and so on; 0: the newest, to subscribe to
  std::string title;  // of what is followed: "Panama", a theme, a commitment
  std::string path;   // of the page about it: "/follow-up/actors/PAN"
  std::string
      self;  // of the feed to subscribe to, without origin: "/api/v1/follow-up/feed?lang=en"
  Language language = Language::en;
  std::string node_name;
  std::string origin;
};

/// Atom (RFC 4287), newest first; with archives (RFC 5005, section 4) that lead through everything
/// that ever changed. A full archive holds the same entries for ever, and an entry says the same
/// for ever: commitments go by the titles that they had. Fails with not_found
/// (followup.feed.archive) for an archive that is not full yet.
[[nodiscard]] Result<std::string> change_feed(const Parts& parts, const ChangeFeedRequest& request);

}  // namespace atalaya::followup
