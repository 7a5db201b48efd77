#include <atalaya/commitments/parse.hpp>

#include <unicode/uchar.h>
#include <unicode/unistr.h>

#include <atalaya/base/text.hpp>

namespace atalaya::commitments {

std::string commitment_id(std::string_view meeting, std::string_view text, std::size_t characters) {
  const std::string folded = fold(text);
  const icu::UnicodeString letters = icu::UnicodeString::fromUTF8(
      icu::StringPiece(folded.data(), static_cast<std::int32_t>(folded.size())));
  icu::UnicodeString kept;
  for (std::int32_t i = 0; i < letters.length();) {
    const UChar32 c = letters.char32At(i);
    i += U16_LENGTH(c);
    if ((U_MASK(u_charType(c)) & (U_GC_L_MASK | U_GC_N_MASK)) != 0) {
      kept.append(c);
    }
  }
  std::string hashed(meeting);
  hashed += '\n';
  kept.toUTF8String(hashed);
  const std::string name = to_base32(sha256(hashed));
  return std::string(meeting) + "-" + name.substr(0, characters);
}

}  // namespace atalaya::commitments
