#pragma once
// What every document for paper is written with. Private to the module.

#include <string>
#include <string_view>
#include <vector>

#include <atalaya/figures/messages.hpp>
#include <atalaya/figures/paper.hpp>
#include <atalaya/followup/brief.hpp>
#include <atalaya/followup/cube.hpp>
#include <atalaya/followup/parts.hpp>

namespace atalaya::followup::detail {

class PaperWriter {
 public:
  PaperWriter(const Parts& parts, Language language, std::string origin)
      : parts_(parts), language_(language), origin_(std::move(origin)) {}

  [[nodiscard]] std::string say(std::string_view key, figures::Messages::Params params = {}) const;
  [[nodiscard]] std::string count(std::string_view key, std::int64_t n,
                                  figures::Messages::Params params = {}) const;
  [[nodiscard]] std::string number(std::int64_t value) const;
  [[nodiscard]] std::string theme_name(std::string_view id) const;
  /// The short name of an instrument where it has one.
  [[nodiscard]] std::string instrument_name(std::string_view id) const;
  [[nodiscard]] std::string shown_date(std::string_view date) const;
  /// A value of a scale; "not reported" and the like too.
  [[nodiscard]] std::string value_name(std::string_view scale, std::string_view value) const;
  /// "Implementation: limited *; Results: worsened (…)", with the scale of each value and a star
  /// where its coders differed; "Not assessed" where it is on none. `scale` is the cell's own.
  [[nodiscard]] std::string assessment_words(std::string_view scale, const Cell& cell) const;
  /// "In progress. As of 30 June 2026"; the words alone where there is no day.
  [[nodiscard]] std::string dated(const std::string& words, std::string_view as_of) const;
  /// Side by side, as the paper's language sets semicolons.
  [[nodiscard]] std::string apart(const std::vector<std::string>& words) const;

  /// "" where nobody knows under which name readers reach the node.
  [[nodiscard]] std::string address(std::string_view path) const;
  [[nodiscard]] figures::PaperText linked(std::string words, std::string_view path) const;
  /// The same where the reader has to get there: without a name of the node the path is written.
  [[nodiscard]] figures::PaperText located(std::string words, std::string_view path) const;
  /// A source as somebody wrote it: addresses in it become links by their host's name. `language`
  /// as of spoken().
  [[nodiscard]] figures::PaperText sourced(std::string_view source,
                                           std::string_view language) const;

  [[nodiscard]] static figures::PaperText plain(std::string words) {
    return {{.text = std::move(words)}};
  }

  /// Words in another language than the paper's say so: with a mark that is read, and with one for
  /// programs. `language` is "" where nobody said.
  [[nodiscard]] figures::PaperText spoken(std::string words, std::string_view language) const;
  /// "Label: text" as the paper's language sets the colon.
  [[nodiscard]] std::string labelled(std::string_view label, std::string_view text) const;
  /// The same with a strong label before a text of its own.
  [[nodiscard]] figures::PaperText labelled(std::string_view label, figures::PaperText text) const;

  /// " Of these, 2 on other nodes: …", after a count of assessments; "" where none is.
  [[nodiscard]] std::string elsewhere(const Counts& counts) const;

  void heading(std::string_view key, std::string_view id);
  void paragraph(std::string words, figures::PaperStyle style = figures::PaperStyle::normal);
  void paragraph(figures::PaperText text, figures::PaperStyle style);

  void add(figures::PaperBlock block) { paper_.blocks.push_back(std::move(block)); }

  /// "And 12 more", which leads to the whole list; nothing where there are no more.
  void more(std::size_t left_out, std::string_view path);

  [[nodiscard]] figures::Paper& paper() noexcept { return paper_; }

  [[nodiscard]] const Parts& parts() const noexcept { return parts_; }

  [[nodiscard]] Language language() const noexcept { return language_; }

 private:
  const Parts& parts_;
  Language language_;
  std::string origin_;
  figures::Paper paper_;
};

/// What a brief found missing, of which its last section makes questions.
struct Gaps {
  std::vector<std::string> treaties, left_treaties, unknown_treaties, figures;  // names
  std::int64_t unreported = 0, lapsed = 0;
};

/// The section of figures: a table, a chart of the first one across the states, what is missing.
[[nodiscard]] Result<void> add_figures(PaperWriter& to, const std::string& country,
                                       const std::string& theme, Gaps& gaps);

/// What would answer a key question (catalogue/followup/brief.json): on which themes it is asked
/// besides its own, the indicators that bear on it, who would know the rest.
struct QuestionNeeds {
  std::vector<std::string> themes, indicators;
  std::string source;
};

[[nodiscard]] QuestionNeeds needs_of(std::string_view question, Language language);
/// Which indicators a brief holds, in order: data (catalogue/followup/brief.json).
[[nodiscard]] std::vector<std::string> wanted_figures(const Parts& parts, std::string_view theme);

/// Whether an instrument belongs to a theme, besides those that its commitments name: data too.
[[nodiscard]] bool is_of_theme(const commitments::Catalogue& catalogue, std::string_view instrument,
                               std::string_view theme);

/// Of a theme: the offices that answer for it.
[[nodiscard]] Result<void> add_authorities(PaperWriter& to, const std::string& country,
                                           const std::string& theme,
                                           const std::vector<std::string>& instruments);

/// Status, deciding act, entry into force for the state and source of each of these treaties.
[[nodiscard]] Result<void> add_treaties(PaperWriter& to, const std::string& country,
                                        const std::vector<std::string>& instruments, Gaps& gaps);

/// Rows of the register, then what the guide for parliamentarians tells.
[[nodiscard]] Result<void> add_practices(PaperWriter& to, const std::string& theme);

/// The key questions with their answers or with what is missing, those that the brief's own gaps
/// raise, and what was asked in hearings. `commitments` are the brief's.
[[nodiscard]] Result<void> add_questions(PaperWriter& to, const std::string& country,
                                         const std::string& theme,
                                         const std::vector<std::string>& commitments,
                                         const Gaps& gaps);

/// A cell whose assessments a paper prints, and how its row is called there.
struct AssessedCell {
  figures::PaperText name;
  std::string commitment, actor;
  const Cell* cell = nullptr;
};

/// Of each assessment of these cells: by how many coders of which node, by which criteria, where
/// they differed, where to read it all, and what the state replied. `scale` as of the cells.
[[nodiscard]] Result<void> add_assessments(PaperWriter& to, std::string_view scale,
                                           const std::vector<AssessedCell>& cells);

/// Whether what coders found in the country's laws stands beside what treaties ask of them.
enum class Marks { left_out, shown };
/// Of a theme: what its treaties ask of laws.
[[nodiscard]] Result<void> add_articles(PaperWriter& to, const std::string& country,
                                        const std::vector<std::string>& instruments, Marks marks);

}  // namespace atalaya::followup::detail
