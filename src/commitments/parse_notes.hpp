#pragma once
// Footnotes and what stands in them: statements of position, lists of states, lists of treaties.

#include <cstdint>
#include <functional>
#include <map>
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
  std::string mark;  // in plain digits: "1"; or "*", "**"
  std::string text;
  std::int32_t line = 0;
};

/// "[1]. Forum of …", "¹ Antigua and Barbuda, …".
[[nodiscard]] std::optional<Footnote> read_footnote(const Paragraph& paragraph);

/// "1 The Government of …", "* The Government of …": read as a list item or a paragraph, these are
/// notes only where the document says so. `printed` is the line as it stands in the file.
[[nodiscard]] std::optional<Footnote> read_plain_footnote(const Paragraph& paragraph,
                                                          std::string_view printed);

/// The one or two digits or stars right after an end mark at the end of the text ("terrorism;1");
/// empty where there are none.
[[nodiscard]] std::string_view plain_mark_at_end(std::string_view text);

/// Whether the note speaks for a State's government or delegation about its position.
[[nodiscard]] bool speaks_for_state(const Footnote& footnote, const Catalogue& catalogue);

/// "The Delegation of Nicaragua …", "El Gobierno de …": whose first words are one State's
/// government or delegation.
[[nodiscard]] bool begins_with_state(std::string_view text, const Catalogue& catalogue);

/// "Trinidad and Tobago is unable to join consensus …": whose subject is a State and whose verb
/// takes a position. Of a note: an item may begin so too.
[[nodiscard]] bool states_position(std::string_view text, const Catalogue& catalogue);

/// "FOOTNOTES", "Notas al pie": below it stand notes, to the end of the text.
[[nodiscard]] bool heads_notes(const Paragraph& paragraph);

/// The number of the paragraph that a position is taken on ("its reservation to paragraph 3"); 0
/// where it names none, or one of a preamble or of another text.
[[nodiscard]] std::int32_t paragraph_named(std::string_view text);

/// "N." of "12.", "(N)" of "(3)", "N.N" of "6.1": how a list prints its labels.
[[nodiscard]] std::string label_shape(const Marker& marker);

/// A note may be wrapped before a number: "… (MISPA-14/08 corr. / 1) (August …". Asked of each
/// paragraph in the order of the text, tells which marked ones go on with the note above them.
class NoteLines {
 public:
  /// `typed`: the paragraph is a note by its own mark.
  [[nodiscard]] bool goes_on(const Paragraph& paragraph, bool typed,
                             std::optional<Language> language);

 private:
  std::map<std::string, std::int32_t, std::less<>> counted_;  // the last label of each style
  bool open_ = false;                                         // a note stands right above
  bool ended_ = false;                                        // that ends a sentence
};

using NoteMarks = std::set<std::string, std::less<>>;

/// Adds the marks of notes that a text may call: superscripts and "[3]" anywhere in it, "(3)" where
/// a sentence or the text ends behind it, a plain mark at its end.
void add_called_marks(std::string_view text, NoteMarks& marks);

/// Takes the note marks at the end of the item's text away and lists these and the ones inside the
/// text in its notes. A plain digit or a star is a mark only right after an end mark, and only
/// where a footnote with that mark exists ("meeting;1") or nothing else ends so.
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
