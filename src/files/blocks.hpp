#pragma once
// Paragraphs of html, docx and pdf in the shape of the plain-text pages: one line for each, an
// empty line between two, list items indented two blanks a level with their marker before them.

#include <cstdint>
#include <string>
#include <string_view>

#include <atalaya/base/result.hpp>
#include <atalaya/files/read.hpp>

namespace atalaya::files {

// Of tables; what stands beyond keeps its lines, but not its place.
inline constexpr std::size_t kCellsMax = 300'000;
inline constexpr std::int32_t kColumnsOfTableMax = 200;
inline constexpr std::int32_t kSpanMax = 1'000;

struct Block {
  std::string text;         // without indentation and marker
  std::string marker;       // "1.", "•", "(a)"; empty for a paragraph
  std::int32_t indent = 0;  // blanks
  std::int32_t line = 0;    // of the source; 0: number the lines of the result
  std::int32_t list = 0;  // the outermost list that it stands in, from 1; 0 for none
  bool heading = false;
  bool link = false;           // an item that is nothing but a link
  bool follows_break = false;  // stands directly under the block before (html <br>)
};

class BlockWriter {
 public:
  explicit BlockWriter(TextDocument& document) : document_(&document) {}

  /// Blocks of white space only become a second empty line: a wider gap.
  void write(const Block& block);
  /// A line of underscores.
  void write_rule(std::int32_t line);

  /// The lines so far.
  [[nodiscard]] std::size_t size() const noexcept { return document_->lines.size(); }

  /// True once the document has more lines than the limit; what comes after is dropped.
  [[nodiscard]] bool overflowed() const noexcept { return overflowed_; }

  /// invalid_argument files.too_large.
  [[nodiscard]] Error overflow_error() const;

 private:
  void push(std::string text, std::int32_t line, bool heading, std::int32_t list = 0,
            bool link = false);

  TextDocument* document_;
  bool overflowed_ = false;
};

/// "3", "c", "C", "iii", "III"; numbers that a style cannot write are written as digits.
enum class LabelStyle { decimal, lower_letter, upper_letter, lower_roman, upper_roman };
[[nodiscard]] std::string list_label(std::int32_t number, LabelStyle style);

/// Whether a text starts with a label of its own and a blank: "6.1 Adopt", "12)", "(b)", "g.".
/// Capital letters are initials of names as often as labels and do not count.
[[nodiscard]] bool starts_with_label(std::string_view text) noexcept;

/// No entry of a menu: long enough, and ends as a clause does.
[[nodiscard]] bool is_sentence(std::string_view text) noexcept;

/// Digits as superscript characters; other text unchanged.
[[nodiscard]] std::string superscript(std::string_view text);

}  // namespace atalaya::files
