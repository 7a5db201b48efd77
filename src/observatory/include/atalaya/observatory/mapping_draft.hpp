#pragma once
// A first mapping for a file that nobody has described yet.

#include <string>
#include <string_view>

#include <atalaya/base/result.hpp>
#include <atalaya/base/text.hpp>
#include <atalaya/columns/raw_table.hpp>
#include <atalaya/observatory/territories.hpp>

namespace atalaya::observatory {

/// Reads the beginning of a file for draft_mapping(): of a workbook, where `sheet` is empty, the
/// first sheet that holds a fair part of its data and not its cover; two rows of titles are joined.
/// Fails as columns::read_table() does.
[[nodiscard]] Result<columns::RawTable> read_for_draft(const std::string& path,
                                                       const std::string& sheet);

/// A mapping (docs/guides/mapping.md) with a comment in `language` on every guess.
[[nodiscard]] std::string draft_mapping(const columns::RawTable& table, std::string_view country,
                                        const Territories& territories,
                                        Language language = Language::en);

}  // namespace atalaya::observatory
