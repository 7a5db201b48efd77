#pragma once
// From lines to paragraphs with their markers: the first step of every kind of document.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <atalaya/files/read.hpp>

namespace atalaya::commitments::parsing {

enum class MarkerKind { none, bullet, number, decimal, letter, roman, question, check };

/// What stands before the text of a list item. A letter such as "i." has both readings; which one
/// holds is decided where the neighbours are known.
struct Marker {
  MarkerKind kind = MarkerKind::none;
  std::string label;             // "1.", "g.", "6.1", "12)"; empty for a bare bullet
  std::int32_t value = 0;        // 1 for "1.", "a.", "i."; 0 for a bullet
  std::int32_t roman_value = 0;  // 1 for "i.", 0 where it is no roman number
};

struct Paragraph {
  std::int32_t line = 0;
  std::int32_t line_end = 0;
  std::size_t first = 0;  // of the document's lines, the first and the last that it is made of
  std::size_t last = 0;
  std::int32_t indent = 0;  // columns before the marker, or before the text
  std::int32_t body = 0;    // column at which the text starts
  std::int32_t gap = 0;     // blank lines before it
  std::int32_t list = 0;    // the list of the file that it stands in (html), from 1; else 0
  Marker marker;
  bool heading = false;  // the file says so (html, docx)
  bool rule = false;     // a line of underscores or dashes
  bool running = false;  // a rule that is the heading or the number of a page
  std::string text;      // trimmed, without the marker; wrapped lines joined by one blank

  [[nodiscard]] bool marked() const noexcept { return marker.kind != MarkerKind::none; }
};

/// Blank lines become gaps. Hard-wrapped lines are joined where the file is wrapped at a width.
[[nodiscard]] std::vector<Paragraph> read_paragraphs(const files::TextDocument& document);

/// The marker at the start of a trimmed line and the bytes that it takes, blanks after it
/// included; nothing where there is none or where no text follows.
struct MarkerAt {
  Marker marker;
  std::size_t size = 0;
};

/// A number of more than three digits is a label only where it is `after` + 1, and `after`, the
/// number of the label before it, is 999 or more.
[[nodiscard]] std::optional<MarkerAt> find_marker(std::string_view trimmed, std::int32_t after = 0);

/// Number of code points.
[[nodiscard]] std::size_t length_of(std::string_view text) noexcept;
/// Ends like a sentence or a clause: one of . ; : ! ? or a closing quote after one of them.
[[nodiscard]] bool ends_clause(std::string_view text) noexcept;
/// Ends with an article, a preposition or a conjunction, which no title and no clause ends with.
[[nodiscard]] bool ends_with_joint(std::string_view text);
/// Starts with a lower-case letter.
[[nodiscard]] bool starts_lower(std::string_view text);
/// Starts with an upper-case letter.
[[nodiscard]] bool starts_upper(std::string_view text);
/// `needle` in `hay`, both folded, with no letter or digit beside it.
[[nodiscard]] std::size_t find_word(std::string_view hay, std::string_view needle);
[[nodiscard]] bool has_word(std::string_view hay, std::string_view needle);

}  // namespace atalaya::commitments::parsing
