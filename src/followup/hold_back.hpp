#pragma once
// Passages that are held back, found in whatever spelling they stand: capitals, accents, blanks,
// hyphens and the order of a name's words do not matter. Private to the module.

#include <string>
#include <string_view>

namespace atalaya::followup::detail {

/// Puts `mark` in the place of every spelling of `passage`; true where there was one. A passage as
/// it stands is found inside of words, too; other spellings only as whole words.
bool hold_back(std::string& text, std::string_view passage, std::string_view mark);

/// Whether `text` says `passage` in any spelling.
[[nodiscard]] bool says(std::string_view text, std::string_view passage);

/// The same of an address, whose escapes are read and which joins words to others.
[[nodiscard]] bool address_says(std::string_view url, std::string_view passage);

}  // namespace atalaya::followup::detail
