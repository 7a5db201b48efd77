#pragma once
// The words of an office file, in whatever order: to be searched, not to be read as a document.

#include <cstddef>
#include <string>
#include <string_view>

#include <atalaya/base/result.hpp>

namespace atalaya::files {

/// Of an OpenDocument file (odt, ods): text, notes, comments, headers, properties. Of an OOXML file
/// (docx, xlsx): only what its readers leave out: the properties (who wrote it and changed it
/// last), and a docx's comments, notes, headers and footers. One line a paragraph, cells of a table
/// parted by commas; ends soon after `bytes_max`. Fails as read_document() does of a docx.
[[nodiscard]] Result<std::string> office_words(std::string_view bytes, std::string_view name,
                                               std::size_t bytes_max);

}  // namespace atalaya::files
