#pragma once
// What the readers of the single kinds of document share.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <atalaya/commitments/catalogue.hpp>
#include <atalaya/commitments/parse.hpp>
#include <atalaya/files/read.hpp>

#include "parse_citation.hpp"
#include "parse_lines.hpp"
#include "parse_notes.hpp"
#include "parse_tables.hpp"

namespace atalaya::commitments::parsing {

/// The lines of the document that a paragraph is made of.
struct Extent {
  std::size_t first = 0;
  std::size_t last = 0;
  bool heading = false;  // the file says so
};

struct Context {
  const files::TextDocument& document;
  const Catalogue& catalogue;
  CitationReader citations;
  std::vector<Paragraph> paragraphs;
  ParsedDocument result;
  std::vector<bool> unread{};  // by item: a citation that it prints is not understood
  std::int32_t year_read = 0;  // of a day of adoption whose month nothing tells from its day
  std::vector<Extent> extents{};  // of all paragraphs as they were read

  void warn(std::string_view reason, std::int32_t line, std::string_view detail = {}) {
    result.warnings.push_back({.reason = "commitments.parse." + std::string(reason),
                               .line = line,
                               .detail = std::string(detail)});
  }

  /// Whether the item with this index may be cited as its neighbours are.
  [[nodiscard]] bool may_infer(std::size_t i) const { return i >= unread.size() || !unread[i]; }

  /// Says what became of a paragraph. What nobody says it of is left and told: tell_left().
  void take(const Paragraph& p, LineUse use) {
    for (std::size_t i = p.first; i <= p.last && i < result.uses.size(); ++i) {
      result.uses[i] = result.uses[i] == LineUse::blank ? LineUse::blank : use;
    }
  }

  /// Of words of the document.
  void warn_of(std::string_view reason, std::int32_t line, std::string_view printed) {
    warn(reason, line, printed);
    result.warnings.back().printed = true;
  }
};

/// Opens the account of the document's lines: all that are not blank are left, but rules and what
/// is printed at the edge of each page.
void open_account(Context& context);
/// Takes the headings and the other cells of plans in tables, which are no paragraphs.
void take_rows(Context& context, const WrittenOut& tables);
/// Closes it: tells, in one warning, every paragraph that nobody took; short headings above the
/// first item and short lines below the last one that ask for nothing are of the page.
void tell_left(Context& context);

/// Whether a text reads like a commitment: it begins with a verb of action, behind a label
/// ("Prevention: Adopt …") or not, or says "shall". In any language where that of the text is not
/// known.
[[nodiscard]] bool reads_like_duty(std::string_view text, std::optional<Language> language);
/// Whether what a sentence says of who meets is all that it says: it does not go on with what is
/// agreed ("…, gathered in Lima, agree to end violence.").
[[nodiscard]] bool only_opens(std::string_view text);
/// The same of the verb at its start alone. "Support for victims" begins with none.
[[nodiscard]] bool begins_with_verb(std::string_view text,
                                    std::optional<Language> language = std::nullopt);
/// "Adopt laws" of "Prevention: Adopt laws"; the whole text where no label stands before it.
[[nodiscard]] std::string_view behind_label(std::string_view text);
/// "Read the commitment", "Watch the video": what a page tells its visitors, and no text its
/// States.
[[nodiscard]] bool tells_visitors(std::string_view text);
/// The start of a text, for a message; whole words.
[[nodiscard]] std::string first_words(std::string_view text);

/// Takes lists out of the paragraphs that do not belong to the text (menus, news, links beside and
/// below it) and names them in warnings; warns of those that may or may not belong to it
/// (list_doubtful). A list belongs to it where one of its items is cited, where it is led in by a
/// colon, or where it reads like the text and stands inside of it.
void leave_out_lists(Context& context);

/// Of a document without any marker: the paragraphs that end in semicolons behind a line that leads
/// to them ("Commit to:") become items, with a warning.
void mark_clauses(Context& context);

/// Warns of items that stand, uncited, below an item that is cited and announces none.
void warn_of_doubtful_items(Context& context);

/// Levels and parents of list items from their indentation, and, where two styles of label share
/// an indentation ("1." … "a." …), from the styles.
class Outline {
 public:
  struct Place {
    std::int32_t level = 1;
    std::int32_t parent_ordinal = 0;
  };

  Place put(const Paragraph& paragraph, std::int32_t ordinal);
  /// An item that lost its marker stands beside the items of its indentation, and beside those of
  /// the first level where it stands further left than they do.
  Place put_unmarked(const Paragraph& paragraph, std::int32_t ordinal);

  [[nodiscard]] bool empty() const noexcept { return open_.empty(); }

  [[nodiscard]] std::int32_t indent() const noexcept { return open_.back().indent; }

  [[nodiscard]] std::int32_t body() const noexcept { return open_.back().body; }

  [[nodiscard]] std::int32_t level() const noexcept {
    return static_cast<std::int32_t>(open_.size());
  }

  /// The item whose text starts at this column and that has open ones below it; 0 for none.
  [[nodiscard]] std::int32_t outer_at(std::int32_t column) const noexcept;
  /// Closes the items below an open one.
  void close_below(std::int32_t ordinal);

  void clear() { open_.clear(); }

 private:
  struct Open {
    std::int32_t indent = 0;
    std::int32_t body = 0;
    MarkerKind style = MarkerKind::none;
    std::int32_t value = 0;
    std::int32_t parts = 0;  // of a number: two in "2.1"
    std::int32_t ordinal = 0;
    bool ends_colon = false;
  };

  [[nodiscard]] bool nests(const Open& above, const Paragraph& paragraph, MarkerKind style) const;
  Place push(const Paragraph& paragraph, MarkerKind style, std::int32_t value,
             std::int32_t ordinal);

  std::vector<Open> open_;
};

/// The meeting of the catalogue that a text is of, by what its own opening says.
struct OwnMeeting {
  const Meeting* meeting = nullptr;
  bool in_series = false;  // the text says that its meeting is one of the series
  bool guessed = false;    // neither its number nor its day says which one it is
};

/// Of a text whose folded opening (what stands above its recitals and items) this is; `year` is
/// that of its adoption, 0 where it prints none. A number, year or day that is not the meeting's,
/// or another group of States that is named before the series, rules a meeting out.
[[nodiscard]] OwnMeeting find_own_meeting(const Context& context, std::string_view opening,
                                          std::string_view series, std::int32_t year);

/// The text of the catalogue that a document is by its own title, in any language, which stands in
/// the paragraphs from `first` to `last`; or the Summit alone at which its Heads of State speak.
struct OwnText {
  const Meeting* meeting = nullptr;
  const Document* document = nullptr;
  std::size_t first = 0;
  std::size_t last = 0;
};

/// Of a text whose folded opening this is and that was adopted in `year`, 0 where it prints none.
[[nodiscard]] OwnText find_own_text(const Context& context, std::string_view opening,
                                    std::int32_t year);
[[nodiscard]] bool heads_of_state_speak(std::string_view opening);
/// Gives the items of a page of mandates that cite nothing the text that the page is by its title.
void take_own_text(Context& context);

/// A new item at the paragraph, its text not yet cleaned of citation and note marks.
[[nodiscard]] ParsedItem make_item(Context& context, const Paragraph& paragraph,
                                   std::int32_t ordinal, Outline::Place place,
                                   LineUse use = LineUse::item);
void append_text(Context& context, ParsedItem& item, const Paragraph& paragraph,
                 LineUse use = LineUse::item);

/// A heading that names a meeting of the catalogue ("II Summit of the Americas, Santiago, 1998").
[[nodiscard]] bool cites_in_heading(const Context& context, const Paragraph& p);

/// Where the reach of the headings above ends: a line with a heading that names a text, whether or
/// not it counts. `closed` where an item below is cited from another meeting than it names.
struct Reach {
  std::int32_t line = 0;
  bool closed = false;
};

/// "Access to information", as a title reads: it ends no clause and breaks off behind no joint.
[[nodiscard]] bool reads_like_title(std::string_view text);
/// "Strengthen institutions" asks for something, "Strengthening institutions" names it.
[[nodiscard]] bool starts_with_verb(std::string_view text, Language language);

/// By paragraph: "I. Access to information", "B. Follow-up", the heading of a section. Labels in
/// capitals are those of sections where they count from one, most name something, at least half of
/// these ask for nothing, and two or more stand above a list of another style.
[[nodiscard]] std::vector<bool> find_lettered_headings(const std::vector<Paragraph>& paragraphs,
                                                       Language language);

/// Gives the items below such headings their meeting and text, where they print none themselves.
/// Answers where each heading's reach begins, in the order of the lines.
std::vector<Reach> take_headings(Context& context);

/// Citations out of the texts, inherited and inferred ones, what they resolve to, chapeau roles.
void take_citations(Context& context);
/// Items with children and items that end like the start of a list become chapeaus.
void mark_chapeaus(std::vector<ParsedItem>& items);

/// Takes the marks of notes from the texts, and gives each note that states a State's position to
/// the last paragraph above it that calls it; warns of marks without note and notes without mark.
void hang_statements(Context& context, const std::vector<Footnote>& footnotes,
                     const NoteMarks& defined);

/// Warns where nothing but the marks before the items says which stands below which: none is
/// indented, and the marks are of several kinds or begin again after a colon.
void warn_if_levels_guessed(Context& context);

/// Says how many entries of menus (list items that are nothing but a link) are in no item.
void warn_of_links(Context& context);

/// Warns, once, where texts of a pdf end as entries of a list do, or run together like them, and
/// show no bullet: it may be drawn.
void warn_of_lost_bullets(Context& context);

/// Warns of numbers that a list passes over, and of those that stand behind later ones, as where
/// columns of a page were read in the wrong order.
void warn_of_order(Context& context);

/// Warns where the document ends inside a sentence, as a file that was cut does.
void warn_if_cut(Context& context);

/// "Recalling …", "Conscientes de …": a ground for what is agreed, in four languages.
[[nodiscard]] bool starts_as_recital(const Paragraph& p);

void parse_summit(Context& context);
/// Ministers' commitments, parliamentary priorities and unknown documents.
void parse_numbered(Context& context);
void parse_primer(Context& context);

/// Whether the document guides its readers, and promises nothing: its title says so ("A Primer
/// for …"), or it asks key questions, gives next steps and good practices, in four languages.
[[nodiscard]] bool is_guidance(const Context& context);
/// Asks its reader something, and so is no commitment.
[[nodiscard]] bool is_question(std::string_view text);
/// "We, parliamentarians …", "Los Ministros …, reunidos en Lima, acuerdan:": who speaks so
/// promises.
[[nodiscard]] bool promises(const Paragraph& p);
/// "agree:", "deciden:": words that lead to what is promised. Of folded text.
[[nodiscard]] bool leads_to_operatives(std::string_view folded);

/// A short line that ends no sentence, or one that the file calls a heading.
[[nodiscard]] bool is_heading(const Paragraph& paragraph);

}  // namespace atalaya::commitments::parsing
