#pragma once
// Footnotes and what stands in them: statements of position, lists of states, lists of treaties.

#include <cstdint>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <atalaya/commitments/catalogue.hpp>
#include <atalaya/commitments/parse.hpp>

#include "parse_lines.hpp"

namespace atalaya::commitments::parsing {

struct Footnote {
  std::string mark;  // in plain digits: "1"
  std::string text;
  std::int32_t line = 0;
};

/// "[1]. Forum of …", "¹ Antigua and Barbuda, …".
[[nodiscard]] std::optional<Footnote> read_footnote(const Paragraph& paragraph);

using NoteMarks = std::set<std::string, std::less<>>;

/// Takes the note marks at the end of the item's text away and lists these and the ones inside the
/// text in its notes. A plain digit is a mark only right after an end mark and only where a
/// footnote of that number exists ("meeting;1").
void take_note_marks(ParsedItem& item, const NoteMarks& defined);

/// The footnote when it states the position of one state ("The Government of Ecuador reserves …").
[[nodiscard]] std::optional<StatementOfPosition> read_statement(const Footnote& footnote,
                                                                const Catalogue& catalogue);

/// The states of a comma list; empty unless most parts of five or more are known countries.
[[nodiscard]] std::vector<NamedState> read_states(std::string_view text, std::int32_t line,
                                                  const Catalogue& catalogue);

/// The treaties of a list "name (year), name (year)"; empty where no name says that it is one.
[[nodiscard]] std::vector<NamedTreaty> read_treaties(std::string_view text, std::int32_t line,
                                                     const Catalogue& catalogue);

}  // namespace atalaya::commitments::parsing
