#pragma once
// What the analysts' pages share.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "pages_parts.hpp"

namespace atalaya::api {

/// A frame below the figures' desk; `parent` empty: the page is that desk itself.
Shell figure_shell(const PageContext& context, std::string title, const std::string& parent);

/// What went wrong in the page's language; below it, for errors about what the person wrote, the
/// exact place in English, as on the command line.
void write_figure_error(Html& h, const PageContext& context, const std::optional<Error>& error);

/// "1 January 2011 to 31 December 2024"; `to` is the day after the last. A dash where one is empty.
std::string period_text(const PageContext& context, const std::string& from,
                        const std::string& to);

/// The head of a table; `numbers` are the columns whose cells stand at the right.
void write_heads(Html& h, const std::vector<std::string>& heads,
                 const std::vector<std::size_t>& numbers);

/// A drawn mark, a sentence in bold and one of detail: status is never colour alone.
void write_verdict(Html& h, bool good, std::string_view verdict, std::string_view detail);

}  // namespace atalaya::api
