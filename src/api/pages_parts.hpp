#pragma once
// What several pages share: words, names of the catalogue, rows, pagers, forms.

#include <algorithm>
#include <cstdint>
#include <initializer_list>
#include <ranges>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <atalaya/figures/html.hpp>
#include <atalaya/figures/messages.hpp>
#include <atalaya/figures/page.hpp>

#include "pages.hpp"

namespace atalaya::api {

using figures::Attribute;
using figures::attribute_if;
using figures::Html;

/// The messages in the page's language.
class Say {
 public:
  explicit Say(const PageContext& context) : language_(context.language) {}

  std::string operator()(std::string_view key, figures::Messages::Params params = {}) const {
    return figures::Messages::embedded().text(language_, key, params);
  }

  std::string count(std::string_view key, std::int64_t n,
                    figures::Messages::Params params = {}) const {
    return figures::Messages::embedded().count(language_, key, n, params);
  }

  /// "role" and "chapeau" give role.chapeau; a value without a message is shown as it is.
  std::string value(std::string_view group, std::string_view value) const;

 private:
  Language language_;
};

template <class Range, class Value>
bool contains(const Range& range, const Value& value) {
  return std::ranges::find(range, value) != std::ranges::end(range);
}

/// "/es/commitments/x"
std::string link(const PageContext& context, std::string_view path);

// Names in the page's language; the id itself where the catalogue does not know it.
std::string theme_name(const PageContext& context, std::string_view id);
/// A meeting that the catalogue does not know: "other", "other-2003".
/// One that the catalogue does not know ("other-2021", "mispa-2031"): what is held says what it is.
bool is_other_meeting(const commitments::Catalogue& catalogue, std::string_view id);
std::string meeting_name(const PageContext& context, std::string_view id);
std::string meeting_city(const PageContext& context, std::string_view id);
std::string meeting_dates(const PageContext& context, std::string_view id);
std::string document_name(const PageContext& context, std::string_view id);
std::string instrument_name(const PageContext& context, std::string_view id);
std::string instrument_short(const PageContext& context, std::string_view id);
std::string institution_name(const PageContext& context, std::string_view id);
std::string country_name(const PageContext& context, std::string_view id);
/// "Panama: text", with the blank that French sets before a colon.
std::string labelled(const PageContext& context, std::string_view label, std::string_view text);
/// The theme below the root that `id` belongs to, or itself.
std::string main_theme(const PageContext& context, std::string_view id);

/// "Follow-up and Implementation: Mandates · SECURITY": pages of one site share their title. The
/// file's name where there is none.
std::string source_name(std::string_view title, std::string_view theme, std::string_view file);

/// ": ", in French with a blank before it, too.
[[nodiscard]] std::string_view colon(const PageContext& context);
/// "Official text, in Spanish", "Translation, in Spanish: not official text"; `language` may be
/// empty, and `standing` is official, translation or summary (our words).
[[nodiscard]] std::string whose_text(const PageContext& context, std::string_view standing,
                                     std::string_view language);

/// The title; without one, the beginning of the official text in quotation marks.
std::string row_title(const PageContext& context, const commitments::CommitmentRow& row);
/// "[citation inferred]" where the place of a commitment is not printed with it; else nothing.
std::string citation_mark(const PageContext& context, const commitments::CommitmentRow& row);
/// "Plan of Action of Santiago · Santiago, 1998", and the mark where there is one
std::string row_place(const PageContext& context, const commitments::CommitmentRow& row);

/// brief: place and title; title: where every row has the same place.
enum class RowDetail { full, brief, title };
void write_rows(Html& h, const PageContext& context,
                const std::vector<commitments::CommitmentRow>& rows, RowDetail detail);

/// Opens a band with its wrap; close both with close_band().
void open_band(Html& h, std::initializer_list<Attribute> attributes = {});
void close_band(Html& h);

struct Head {
  std::string eyebrow, title, lead;
  std::string title_language = {};  // where it is not the page's
};

/// The first band with the h1.
void write_head(Html& h, const Head& head);

/// `path_of(page)` gives the address of a page, without language.
template <class PathOf>
void write_pager(Html& h, const PageContext& context, std::int64_t pages, std::int32_t current,
                 PathOf&& path_of);
void write_pager_links(Html& h, const PageContext& context,
                       const std::vector<std::pair<std::int32_t, std::string>>& pages,
                       std::int32_t current);
/// Which pages a pager names: first, last, and two around the current one; 0 stands for a gap.
std::vector<std::int32_t> pager_pages(std::int64_t pages, std::int32_t current);

/// A list of links with a number at the right. A value of 0 is left out.
struct Pair {
  std::string label, path;
  std::int64_t value = 0;
  std::string id = {};
};

/// Meetings that the catalogue does not know, with the lists of their commitments.
std::vector<Pair> other_meetings(const PageContext& context,
                                 const std::vector<commitments::CountedTarget>& counts);

void write_pairs(Html& h, const PageContext& context, const std::vector<Pair>& pairs);

/// dt and dd; nothing when the value is empty.
void write_fact(Html& h, std::string_view label, std::string_view value);

/// The same for where a row of the catalogue comes from, which is written in English.
void write_source(Html& h, const PageContext& context, std::string_view label,
                  std::string_view source);

void write_error_summary(Html& h, const PageContext& context, const std::optional<Error>& error);
void write_csrf(Html& h, const PageContext& context);

/// The one search box of a page that has none in its header, with examples below it.
void write_big_search(Html& h, const PageContext& context, std::string_view value);
/// Where to begin: the lists of everything that this node holds.
void write_starts(Html& h, const PageContext& context);

/// Who did something, as pages say it: an account's name, or words for the program's own names
/// ("catalogue", "command line").
std::string who_name(const PageContext& context, std::string_view who);
/// "Ana Editora, 14 November 2025"; `when` is an instant as the store writes it.
std::string who_and_when(const PageContext& context, std::string_view who, std::string_view when);

/// The address of a line of an imported file, without language. A long file is shown in windows
/// of kSourceLines lines; "?from=" may be any line of the window.
inline constexpr std::int32_t kSourceLines = 400;
std::string source_line(std::string_view source, std::int32_t line, std::int32_t lines);

/// Why a year printed beside an instrument is not that of its adoption; empty where it is.
std::string year_note(const PageContext& context, std::string_view instrument,
                      std::int32_t printed);

std::int32_t count_of(const std::vector<commitments::CountedTarget>& counts, std::string_view id);
/// Whether the node counts a commitment of the text, or the catalogue has one. Some texts are in
/// the catalogue only so that pages of other themes are read.
bool has_commitments(const PageContext& context, const commitments::Document& document,
                     const std::vector<commitments::CountedTarget>& counts);

struct Shell {
  std::string title, description, nav;
  std::vector<figures::Crumb> crumbs;
  std::string search;
  bool search_in_header = true;
  bool indexed = true;
};

std::string shell(const PageContext& context, Shell shell, const Html& body);

template <class PathOf>
void write_pager(Html& h, const PageContext& context, std::int64_t pages, std::int32_t current,
                 PathOf&& path_of) {
  std::vector<std::pair<std::int32_t, std::string>> links;
  for (const std::int32_t page : pager_pages(pages, current)) {
    links.emplace_back(page, page == 0 ? std::string() : path_of(page));
  }
  write_pager_links(h, context, links, current);
}

}  // namespace atalaya::api
