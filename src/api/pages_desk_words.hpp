#pragma once
// Editors' pages about words and links: old and new words side by side, what is the same
// commitment, instruments and institutions. Private to the module.

#include <string>
#include <vector>

#include "pages_parts.hpp"

namespace atalaya::api {

/// The words of both, side by side, with del and ins around what differs.
void write_old_words(Html& h, const PageContext& context, std::string_view before,
                     std::string_view after);
void write_new_words(Html& h, const PageContext& context, std::string_view before,
                     std::string_view after);

/// The reworded items of one file; where a person must say whether it is the same commitment, a
/// box to tick that belongs to the form of id "apply-import".
void write_rewordings(Html& h, const PageContext& context, const ImportFile& file);

/// What a person should look at, in the page's language; words of the document are not in it.
std::string warning_text(const PageContext& context, const commitments::Warning& warning);

/// Why the ranking proposed a link, in words.
std::string reason_of(const PageContext& context, const std::pair<std::string, std::string>& reason);

/// On a commitment's page: its earlier words, oldest first, each beside what followed; nothing
/// where it has one wording in each language.
void write_wording_history(Html& h, const PageContext& context,
                           const commitments::CommitmentView& view);

struct WordingPageView {
  commitments::CommitmentView commitment;
  std::vector<commitments::CommitmentView> candidates;  // the nearest of the same meeting
  std::optional<Error> error;
};

[[nodiscard]] std::string render_wording(const PageContext& context, const WordingPageView& view);

struct LinksPageView {
  commitments::CommitmentView commitment;
  std::vector<commitments::LinkDecision> history;  // oldest first
  std::optional<Error> error;
};

[[nodiscard]] std::string render_links(const PageContext& context, const LinksPageView& view);

/// The theme of all commitments of a document at once.
struct SourceThemesView {
  commitments::SourceView source;
  std::optional<commitments::LinkedPage> changed;  // what was done just now
  std::optional<Error> error;
};

[[nodiscard]] std::string render_source_themes(const PageContext& context,
                                               const SourceThemesView& view);

}  // namespace atalaya::api
