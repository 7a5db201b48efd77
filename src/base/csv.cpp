#include <atalaya/base/csv.hpp>

namespace atalaya {

std::string csv_field(std::string_view text) {
  constexpr std::string_view kFormula = "=+-@\t\r";
  // The text's own apostrophes before such a sign get one more: readers take one away.
  const std::size_t sign = text.find_first_not_of('\'');
  const bool formula = sign != std::string_view::npos && kFormula.contains(text[sign]);
  if (!formula && text.find_first_of(",\"\r\n") == std::string_view::npos) {
    return std::string(text);
  }
  std::string out = formula ? "\"'" : "\"";
  for (const char c : text) {
    if (c == '"') {
      out += '"';
    }
    out += c;
  }
  return out + '"';
}

}  // namespace atalaya
