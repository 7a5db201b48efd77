#pragma once
// List numbers of a docx: what Word computes from numbering.xml and styles.xml when it shows a
// paragraph. Source: ECMA-376 part 1, sections 17.9 (numbering) and 17.7 (styles).

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "blocks.hpp"

namespace atalaya::files {

inline constexpr std::size_t kDocxLevels = 9;

struct NumberLevel {
  std::int32_t start = 1;
  std::string format = "decimal";  // numFmt
  std::string text;                // lvlText: "%1.", "(%2)"
};

struct Numbering {
  std::map<std::string, std::array<NumberLevel, kDocxLevels>> abstracts;
  std::map<std::string, std::string> abstract_of;  // numId → abstractNumId
  std::map<std::string, std::map<std::size_t, std::int32_t>> start_overrides;  // of a numId
};

struct ParagraphStyle {
  std::string name;  // lower case: "list number 2", "heading 1"
  std::string based_on;
  std::string num_id;
  std::optional<std::size_t> level;
  bool heading = false;
  std::optional<bool> hidden;  // of text; absent: as the style that it is based on says
};

/// Which list and level a paragraph stands in; num_id empty or "0" where it stands in none.
struct ListPlace {
  std::string num_id;
  std::size_t level = 0;
  std::int32_t depth = 1;  // 1 is the outermost
};

class Counters {
 public:
  explicit Counters(const Numbering& numbering) : numbering_(&numbering) {}

  /// The marker of the next paragraph at this place: "1.", "(b)", "•"; empty where the level
  /// shows none.
  [[nodiscard]] std::string next(const ListPlace& place);

 private:
  const Numbering* numbering_;
  std::map<std::string, std::array<std::int32_t, kDocxLevels>> values_;  // by abstract list
  std::map<std::string, bool> started_;                                  // by numId
};

/// Through the chain of styles that it is based on.
[[nodiscard]] ListPlace place_of(const std::map<std::string, ParagraphStyle>& styles,
                                 const std::string& style, const std::string& num_id,
                                 std::optional<std::size_t> level);
/// Whether the style, or the nearest one that it is based on and that says so, hides its text.
[[nodiscard]] bool is_hidden_style(const std::map<std::string, ParagraphStyle>& styles,
                                   const std::string& style);
[[nodiscard]] bool is_heading_style(const std::map<std::string, ParagraphStyle>& styles,
                                    const std::string& style);

}  // namespace atalaya::files
