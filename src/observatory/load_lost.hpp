#pragma once
// What a reload would end: figures that count now, in months that it takes over, and of which it
// has nothing.

#include <set>
#include <vector>

#include "desk_state.hpp"

namespace atalaya::observatory::detail {

/// `held`: what counts now of the load's series. `months`: those that the load covers.
[[nodiscard]] Result<std::vector<LostFacts>> lost_facts(const Desk::State& state,
                                                        const Territories& territories,
                                                        const std::vector<Current>& held,
                                                        const Facts& facts,
                                                        const std::vector<std::string>& months);

/// conflict (observatory.load.lost), with what to write where only the time is at fault.
[[nodiscard]] std::unexpected<Error> refuse_lost(const std::vector<LostFacts>& lost,
                                                 const Mapping& mapping);

}  // namespace atalaya::observatory::detail
