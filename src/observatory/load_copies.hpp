#pragma once
// Files of a source that hold the same figures: packed, saved in another form, or one within
// another.

#include <cstdint>
#include <string>
#include <vector>

#include "desk_state.hpp"

namespace atalaya::observatory::detail {

/// `ends` is Mapper::fact_ends().
[[nodiscard]] std::vector<FileContent> contents_of(const Facts& facts,
                                                   const std::vector<std::string>& files,
                                                   const std::vector<std::uint64_t>& ends);

/// As a submission's report keeps them ("contents"), and back; without the entry none.
[[nodiscard]] json::array contents_json(const std::vector<FileContent>& contents);
[[nodiscard]] std::vector<FileContent> contents_from(const json::object& report);

/// Files of one load among each other, row by row. What cannot overlap, because the files have no
/// code of some dimension in common, costs nothing.
[[nodiscard]] std::vector<Overlap> overlaps_within(const Facts& facts,
                                                   const std::vector<FileContent>& contents,
                                                   const std::vector<std::uint64_t>& ends);

/// Against submissions that go on counting beside the load, in months that their `replaced` does
/// not hold: whole months, and whole files under other periods.
[[nodiscard]] std::vector<Overlap> overlaps_beside(const std::vector<FileContent>& contents,
                                                   const std::vector<Current>& beside);

/// A finding of the report for each overlap, so that it is kept with the submission.
void note_overlaps(const std::vector<Overlap>& overlaps, LoadReport& report);

/// Refuses what is a file of its own in another; a mere part is a warning.
[[nodiscard]] Result<void> check_overlaps(const std::vector<Overlap>& overlaps);

}  // namespace atalaya::observatory::detail
