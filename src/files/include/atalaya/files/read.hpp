#pragma once
// Outside files to lines of text, with limits that no file can talk its way around.

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include <atalaya/base/result.hpp>

namespace atalaya::files {

enum class Format { txt, html, docx, pdf };
[[nodiscard]] std::string_view to_string(Format format) noexcept;

/// Limits named in limits.hpp: 64 MiB a file, 256 MiB inflated, 1 M lines, ratio 200.
///
/// One line of the document. For txt: the file's line. For html, docx, pdf: a block (paragraph,
/// list item, heading, rule) rendered in the shape that the plain-text pages have: list items of
/// depth n are indented 2·n blanks and carry their marker ("1. ", "• g. "), rules are
/// underscores. So one parser reads all formats.
struct Line {
  std::string text;         // with its indentation, no line end
  std::int32_t number = 0;  // txt: line of the file; html: line of the start tag (of the text with
                            // the warning files.lines_of_text); docx, pdf: of the text
  bool heading = false;     // html h1 to h6, docx heading and title styles
  std::int32_t list = 0;    // html: the outermost list that it stands in, from 1; else 0
  bool link = false;        // html: a list item that is nothing but a link: an entry of a menu
};

/// A cell of a table (html, docx), where it begins. Cells that span rows or columns count in the
/// places of all of them.
struct Cell {
  std::int32_t table = 0;  // from 1, in the order in which the tables begin
  std::int32_t row = 0;    // from 1
  std::int32_t column = 0;
  std::int32_t rows = 1;
  std::int32_t columns = 1;
  std::size_t first = 0;  // of TextDocument::lines, [first, end)
  std::size_t end = 0;
  bool nests = false;  // another table stands in it
};

struct TextDocument {
  Format format = Format::txt;
  std::string name;               // the file's base name, for messages
  std::string title;              // html <title>, docx/pdf title property, or empty
  std::string declared_language;  // html lang, docx language; or empty
  std::vector<Line> lines;
  std::vector<Cell> cells;  // of all tables; at most kCellsMax
  // files.charset_differs, files.lines_of_text, files.side_by_side (text in columns that may be a
  // table: a person should compare), files.drawn_bullets (indented texts without a marker: it may
  // be drawn), files.hidden_text (sentences that the page hides: left out)
  std::vector<std::string> warnings;
  std::map<std::string, std::int32_t> warning_pages;  // of a pdf: where a warning is true first
};

/// Recognises the format by content (magic bytes), not by name. Scripts, styles, comments and
/// hidden elements of html are dropped. pdf is read in a child process with memory and CPU limits
/// and no network; a crash there is an error here.
/// Fails with invalid_argument: files.empty, files.binary, files.not_utf8 (params line, column),
/// files.encrypted, files.truncated, files.malformed, files.bomb, files.too_large.
/// Every error carries params file and, where there is one, line.
[[nodiscard]] Result<TextDocument> read_document(std::string_view bytes, std::string_view name);

/// The whole file. Fails with not_found (files.not_found), permission_denied (files.unreadable)
/// or invalid_argument (files.too_large) before reading more than the limit.
[[nodiscard]] Result<std::string> read_file(const std::string& path);

}  // namespace atalaya::files
