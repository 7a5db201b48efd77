#pragma once
// What the time and the place of a load's facts say beside what else they and their source hold:
// figures that would count twice, and coverage that they contradict.

#include <set>
#include <string>
#include <vector>

#include "desk_state.hpp"

namespace atalaya::observatory::detail {

/// As a submission's report keeps them: "spans", the periods of facts that are longer than a month,
/// and "without_facts", those of `months` that the file covers without a fact.
void note_time(const Facts& facts, const std::vector<std::string>& months, json::object& report);

/// Figures of periods, offences and places that hold others of the same codes, like a year's row
/// beside those of its months: an overlap where they amount to totals. What is less, or no sum of
/// parts, are other cases.
[[nodiscard]] std::vector<Overlap> totals_beside_parts(const Territories& territories,
                                                       const std::vector<NewTerritory>& joining,
                                                       const Facts& facts, const Mapping& mapping,
                                                       const std::vector<std::string>& files,
                                                       const std::vector<std::uint64_t>& ends);

/// A finding for each offence whose figures are larger than those of its parts together, as a total
/// is of which the file leaves parts out: they are counted as further cases.
void note_larger_offences(const Territories& territories, const std::vector<NewTerritory>& joining,
                          const Facts& facts, const Mapping& mapping,
                          const std::vector<std::uint64_t>& ends, LoadReport& report);

/// Other series of the source that count the same unit and offence in the same months and places,
/// so that tables would add them up. `beside` as overlaps_beside() takes it; `joining`: places that
/// the load brings along.
[[nodiscard]] Result<std::vector<Overlap>> counted_beside(const Desk::State& state,
                                                          const Territories& territories,
                                                          const std::vector<NewTerritory>& joining,
                                                          const Facts& facts,
                                                          const std::vector<std::string>& files,
                                                          const std::vector<Current>& beside);

/// One source has one population: fails with conflict (observatory.load.population_beside) where
/// `beside`, other series of the source, give people of the same places and years, unless their sex
/// or ages tell them apart.
[[nodiscard]] Result<void> check_population(const Desk::State& state,
                                            const Territories& territories,
                                            const std::vector<NewTerritory>& joining,
                                            const Facts& facts, const std::vector<Current>& beside);

/// Fails with invalid_argument (observatory.load.covers) where facts lie outside what the mapping
/// says that its source covers.
[[nodiscard]] Result<void> check_covers(const Territories& territories,
                                        const std::vector<NewTerritory>& joining,
                                        const Mapping& mapping, const Facts& facts);

/// A finding that names what `held`, the series of the load, covered without a fact and the load,
/// which has all its months with facts, does not.
void note_less_covered(const std::vector<Current>& held, LoadReport& report);

}  // namespace atalaya::observatory::detail
