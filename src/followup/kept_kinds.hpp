#pragma once
// Which files are kept beside evidence: documents, tables and pictures, told by what their bytes
// show and not by their names. Private to the module.

#include <string>
#include <string_view>

namespace atalaya::followup::detail {

/// One of kKeptFileKinds, or "" where it is none of them: a program, an archive, a document with
/// macros. `name` tells a table from a text and a page, which are characters all.
[[nodiscard]] std::string kept_kind(std::string_view name, std::string_view bytes);
/// The name with its kind behind it where it says another one or none: "law.exe" that is a pdf is
/// kept as "law.exe.pdf".
[[nodiscard]] std::string kept_name(std::string_view name, std::string_view kind);

}  // namespace atalaya::followup::detail
