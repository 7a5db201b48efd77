#pragma once
// What a person must see before an import replaces the picture that the desk has of a page.

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include <atalaya/commitments/import.hpp>
#include <atalaya/store/database.hpp>

#include "twin.hpp"

namespace atalaya::commitments {

/// An item of the version that is held.
struct EarlierItem {
  std::string text;
  std::int32_t level = 1;
  std::int32_t ordinal = 0;
};

/// The same in the order of the page, where two items may be one commitment.
struct EarlierPlace {
  std::string commitment, text;
  std::string own;  // the id that its words alone would have
};

struct EarlierVersion {
  std::string id;
  std::string twin_of;  // the page in another language that gave its items their ids
  std::map<std::string, EarlierItem, std::less<>> items;  // by commitment
  std::vector<EarlierPlace> places;

  /// Whether the commitment stands there in these very words.
  [[nodiscard]] bool holds(const std::string& commitment, std::string_view text) const;
};

/// The commitments that the items of a newer version are, one per item; empty where its own words
/// name it. The items of a page that was joined with one in another language have that page's ids,
/// so they are found by the words of the version before, then by `twin` (what find_twin() finds of
/// the newer version), then by like words. An item of any other page is only ever one that `twin`
/// has alone so far: both pages got it since. A twin of another page is cleared.
[[nodiscard]] Result<std::vector<std::string>> follow_items(store::Transaction& tx,
                                                            const ParsedDocument& document,
                                                            const std::vector<std::string>& ids,
                                                            const EarlierVersion& earlier,
                                                            Twin& twin);

/// Whether the document shares no item with what is held and none of its items reads like one: a
/// page that only has the same name, which takes nothing away. `ids` are its items' names.
[[nodiscard]] bool is_other_page(const ParsedDocument& document,
                                 const std::vector<std::string>& ids,
                                 const EarlierVersion& earlier);

/// Warns (commitments.import.many_changes) and asks for acceptance when an item of the version held
/// would be gone without like words in its place, or when more than two items and more than one in
/// ten would be gone, reworded or at another level: most often a sign that a file was cut or that a
/// format lost the lists, not that the page changed. Needs what find_rewordings() finds.
/// `others_hold_gone`: pages in other languages still hold items that this version lacks or rewords.
void review_changes(FilePlan& plan, const EarlierVersion& earlier, bool others_hold_gone);

/// Puts items beside the words that the version held has in their place: those of the same
/// commitment, and of what is new and what would be gone the pairs whose words are most alike.
void find_rewordings(FilePlan& plan, const EarlierVersion& earlier);

/// Fails with invalid_argument (commitments.import.same) where somebody said that an item is the
/// same as something, and no such item is new here, or no such commitment is held.
[[nodiscard]] Result<void> check_same(store::Transaction& tx, const ImportPlan& plan,
                                      const ImportOptions& options);

/// Fails with conflict (commitments.import.changes), naming the first file that needs an acceptance
/// which the options do not give.
[[nodiscard]] Result<void> check_accepted(const ImportPlan& plan, const ImportOptions& options);

/// Warns (commitments.import.near_twin) and asks for acceptance when the document reads like
/// another language's version of a page that is held but was not joined with it, because an item or a level
/// is missing on one side: all its items would be taken for new commitments.
[[nodiscard]] Result<void> review_twin(store::Transaction& tx, FilePlan& plan);

}  // namespace atalaya::commitments
