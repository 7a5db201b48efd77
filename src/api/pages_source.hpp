#pragma once
// The page of an imported file that may not be the newest version of itself.

#include <cstdint>
#include <string>

#include "pages.hpp"

namespace atalaya::api {

/// render_source() with the id of the newest version of the file that is held; empty where it is
/// that itself.
[[nodiscard]] std::string render_source(const PageContext& context,
                                        const commitments::SourceDetail& detail, std::int32_t from,
                                        const std::string& newest);

}  // namespace atalaya::api
