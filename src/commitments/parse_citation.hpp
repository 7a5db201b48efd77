#pragma once
// The citation that a mandate prints at its end, and what it stands for in the catalogue.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <atalaya/commitments/catalogue.hpp>
#include <atalaya/commitments/parse.hpp>

namespace atalaya::commitments::parsing {

struct FoundCitation {
  Citation citation;      // raw, document, place and year as printed; status own
  std::string_view body;  // the text before it, trimmed
  std::string_view tail;  // the words behind it that lead to a list: ":", ", including:"
  bool lost_parenthesis = false;
};

/// Reads citations by the catalogue's names, which it folds once. Borrows the catalogue.
class CitationReader {
 public:
  explicit CitationReader(const Catalogue& catalogue);

  /// The last parenthesis group of `text` when it ends in a year at the end of the text and reads
  /// like a citation ("(Convention of Belém do Pará, 1994)" does not). Tolerates a lost opening
  /// or closing parenthesis, blanks inside, and a missing or doubled end mark; the number of a
  /// paragraph behind the year, words that end in a colon behind the group, and a dash in place of
  /// the parentheses. `body` and `tail` borrow `text`.
  [[nodiscard]] std::optional<FoundCitation> find(std::string_view text) const;

  /// Of a text without a citation that find() reads: a group in parentheses or behind a dash that
  /// names an adopted text or a Summit and a year; empty where there is none. Borrows `text`.
  [[nodiscard]] std::string_view find_unread(std::string_view text) const;

  /// The meeting that a heading names, by its number ("VII Summit of the Americas"), its place and
  /// year, or the place of a Summit in the name of a text ("Plan of Action of Santiago"), with the
  /// text as far as it is named. Only meetings of the catalogue; none where the heading is about a
  /// text ("Follow-up to the Declaration of Santiago").
  [[nodiscard]] std::optional<Citation> in_heading(std::string_view text) const;

  /// Whether a heading names some adopted text or meeting by its year or place, as in_heading()
  /// finds it or not: what stands below it is not what the heading above it speaks of.
  [[nodiscard]] bool speaks_of_text(std::string_view text) const;

  /// First the meeting by year, number and place, then the document by its cited names and its
  /// form; a text of that form without a name here is the one cited by the bare name of the form. A
  /// Summit that the catalogue does not know gets the id that it would have ("summit-2026").
  [[nodiscard]] Effective resolve(const Citation& citation) const;

  /// Whether the place that is printed is where another meeting was, not the one of the year:
  /// "(Plan of Action, Santiago, 2001)".
  [[nodiscard]] bool place_contradicts(const Citation& citation) const;

  /// Whether more than one text is cited where `found` was: of several only one counts.
  [[nodiscard]] bool cites_several(const FoundCitation& found) const;

 private:
  struct Name {
    std::string folded;
    const Document* document = nullptr;
  };

  struct Alias {
    std::string folded;
    const Meeting* meeting = nullptr;
    bool numbered = false;  // it names the meeting itself, not where it was
  };

  [[nodiscard]] const Alias* longest_alias(std::string_view folded, std::int32_t year) const;
  [[nodiscard]] bool is_about_text(std::string_view folded) const;
  [[nodiscard]] bool is_place_and_date(std::string_view folded, const Alias& place) const;

  [[nodiscard]] std::optional<FoundCitation> find_at_end(std::string_view text) const;
  [[nodiscard]] std::optional<FoundCitation> find_behind_dash(std::string_view text,
                                                              std::string_view head) const;
  [[nodiscard]] bool reads_like_citation(std::string_view inner) const;
  [[nodiscard]] bool names_text(std::string_view inner) const;
  [[nodiscard]] std::optional<std::size_t> find_lost_start(std::string_view text) const;
  void split_names(std::string_view names, Citation& citation) const;
  [[nodiscard]] const Meeting* find_meeting(const Citation& citation,
                                            std::string_view folded) const;
  [[nodiscard]] const Document* find_document(const Meeting& meeting,
                                              std::string_view folded) const;

  const Catalogue* catalogue_;
  std::vector<Name> names_;
  std::vector<Alias> aliases_;
};

/// Folded, with typographic apostrophes and quotes as plain ones and blanks squeezed.
[[nodiscard]] std::string plain(std::string_view text);

/// The printed stretch of `text` that equals `folded_phrase` when folded, on word boundaries.
[[nodiscard]] std::string_view find_printed(std::string_view text, std::string_view folded_phrase);

}  // namespace atalaya::commitments::parsing
