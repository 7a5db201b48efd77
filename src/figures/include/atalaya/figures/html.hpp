#pragma once
// A writer of HTML and SVG that cannot be talked into saying something else: every text and every
// attribute value is escaped, names are literals checked while compiling, addresses that would
// run a script are replaced, and an unbalanced document is a failed check instead of a broken page.
//
//   Html h;
//   h.open("p", {{"class", "lead"}}).text(title).close();
//   h.element("a", {{"href", url}}, "More");
//
// Not for use by two threads at once. All strings are UTF-8.

#include <cstddef>
#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace atalaya::figures {

/// The name of an element or attribute: a literal of letters, digits, '-', ':' that starts with a
/// letter. `style` and `on…` are refused: the pages' Content-Security-Policy would refuse them too.
class Name {
 public:
  // NOLINTNEXTLINE(google-explicit-constructor): literals convert, and only literals can.
  consteval Name(const char* literal) : text_(literal) {
    if (!valid(text_)) {
      not_an_html_name();
    }
  }

  [[nodiscard]] constexpr std::string_view view() const noexcept { return text_; }

 private:
  static constexpr bool letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

  static constexpr bool valid(std::string_view name) {
    if (name.empty() || !letter(name.front()) || name == "style" || name == "script" ||
        name.starts_with("on")) {
      return false;
    }
    for (const char c : name) {
      if (!letter(c) && !(c >= '0' && c <= '9') && c != '-' && c != ':') {
        return false;
      }
    }
    return true;
  }

  static void not_an_html_name();  // not constexpr: naming it stops the compilation

  std::string_view text_;
};

/// An attribute, borrowed for the call it is passed to. Without a value it is written when
/// `present` (`hidden`); with `present` false it is not written at all.
struct Attribute {
  Name name;
  std::optional<std::string_view> value = std::nullopt;
  bool present = true;
};

/// `{"aria-current", "page"}` only where the condition holds.
[[nodiscard]] constexpr Attribute attribute_if(bool condition, Name name,
                                               std::optional<std::string_view> value = {}) {
  return {name, value, condition};
}

using Attributes = std::initializer_list<Attribute>;

/// `&`, `<`, `>`, `"`, `'` as character references; control characters that XML forbids become
/// U+FFFD. For text and for quoted attribute values alike.
[[nodiscard]] std::string escape(std::string_view text);

/// The text with U+202A to U+202E and U+2066 to U+2069 written out ("[U+202E]"): they turn the
/// reading round, and what stands around them too. Html writes all text of elements so.
[[nodiscard]] std::string without_turns(std::string_view text);

/// The address itself if a reader may be sent there: relative, http, https or mailto. Anything
/// else (javascript:, data:, vbscript:, with blanks or control characters before it) becomes "#".
[[nodiscard]] std::string_view safe_url(std::string_view url) noexcept;

/// One segment or value of an address, percent-encoded (RFC 3986 unreserved characters stay).
[[nodiscard]] std::string url_encode(std::string_view text);

class Html {
 public:
  Html();

  Html& open(Name tag, Attributes attributes = {});
  Html& open(Name tag, std::span<const Attribute> attributes);
  /// Closes the innermost open element; a failed check when none is open.
  Html& close();
  /// The same, and a failed check unless its name is `tag`.
  Html& close(Name tag);
  Html& text(std::string_view text);
  /// `<tag …>text</tag>`
  Html& element(Name tag, Attributes attributes, std::string_view text);
  Html& element(Name tag, std::string_view text);
  /// An element without content: `<br>`, `<input …>`, in SVG `<path …/>`.
  Html& empty(Name tag, Attributes attributes = {});
  /// Another writer's balanced fragment.
  Html& append(const Html& fragment);
  /// Bytes as they are. Unsafe: only for the doctype and for files that are part of the program
  /// (drawn marks); never for anything that came from outside or from a translator.
  Html& unsafe_raw(std::string_view trusted);

  [[nodiscard]] bool balanced() const noexcept { return open_.empty(); }

  [[nodiscard]] bool is_empty() const noexcept { return out_.empty(); }

  [[nodiscard]] std::size_t size() const noexcept { return out_.size(); }

  void reserve(std::size_t bytes) { out_.reserve(bytes); }

  /// What was written. A failed check unless it is balanced.
  [[nodiscard]] const std::string& view() const;
  [[nodiscard]] std::string take();

 private:
  void write_start(std::string_view tag, std::span<const Attribute> attributes);

  std::string out_;
  std::vector<std::string_view> open_;  // names of literals, so they outlive the writer
};

}  // namespace atalaya::figures
