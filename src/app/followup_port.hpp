#pragma once
// What the follow-up asks of the observatory: the newest published figure of one country.

#include <memory>

#include <atalaya/followup/parts.hpp>
#include <atalaya/observatory/desk.hpp>

namespace atalaya::app {

/// `desk` must outlive the port.
[[nodiscard]] std::shared_ptr<const followup::IndicatorPort> indicator_port(
    const observatory::Desk& desk);

}  // namespace atalaya::app
