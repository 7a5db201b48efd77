#pragma once
// Views made by hand for the tests of the pages: every page once, with the invented texts of a
// catalogue id or two. No official text.

#include <string>
#include <utility>
#include <vector>

#include "pages.hpp"

namespace atalaya::api::examples {

/// What a stranger may have put into any text: markup, quotes, a script, an address that runs.
inline constexpr std::string_view kHostile =
    "\"'><script>alert(1)</script><img src=x onerror=alert(1)>&{x} javascript:alert(1)";

[[nodiscard]] PageContext context(Language language, std::string path);

/// Name and HTML of every page. With `hostile`, every text of every view is kHostile.
[[nodiscard]] std::vector<std::pair<std::string, std::string>> every_page(Language language,
                                                                          bool hostile);

/// Those of analysts and publishers; every_page() holds them too.
[[nodiscard]] std::vector<std::pair<std::string, std::string>> figure_desk_pages(Language language,
                                                                                 bool hostile);

/// The public pages of figures; every_page() holds them too.
[[nodiscard]] std::vector<std::pair<std::string, std::string>> figure_pages(Language language,
                                                                            bool hostile);

}  // namespace atalaya::api::examples
