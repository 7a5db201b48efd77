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
  ChangeQuery query;  // its limit too
  std::string title;  // of what is followed: "Panama", a theme, a commitment
  std::string path;   // of the page about it: "/follow-up/actors/PAN"
  std::string self;   // of the feed, without origin
  Language language = Language::en;
  std::string node_name;
  std::string origin;
};

/// Atom (RFC 4287), newest first.
[[nodiscard]] Result<std::string> change_feed(const Parts& parts, const ChangeFeedRequest& request);

}  // namespace atalaya::followup
