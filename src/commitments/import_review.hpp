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

/// Words of a page that were set right keep most of themselves; below this word_likeness() nobody
/// would see one sentence in the other.
inline constexpr double kRewordedLikenessMin = 0.45;

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

/// An item where a page in another language has a commitment whose words it does not share.
struct DoubtfulPlace {
  std::size_t item = 0;
  std::string commitment, text;
  bool across = false;  // `text` is in that other language, else what this page held there
};

struct FollowedItems {
  std::vector<std::string> commitments;  // one per item; empty where its own words name it
  std::vector<DoubtfulPlace> doubtful = {};
};

/// The commitments that the items of a newer version are. The items of a page that was joined with
/// one in another language have that page's ids, so they are found by the words of the version
/// before, then by `twin` (what find_twin() finds of the newer version), then by like words. An
/// item of any other page is only ever one that `twin` has alone so far: both pages got it since.
/// A place alone joins nothing: the words must be like those held, or share words with those of the
/// twin. A twin of another page is cleared. Items with an id in `apart` are found by their own
/// words alone.
[[nodiscard]] Result<FollowedItems> follow_items(store::Transaction& tx,
                                                 const ParsedDocument& document,
                                                 const std::vector<std::string>& ids,
                                                 const std::vector<std::string>& apart,
                                                 const EarlierVersion& earlier, Twin& twin);

/// What joins `twin` for the first time: `joined` gets its commitments but for the items in `apart`,
/// and what the two pages do not have alike is told by warnings and doubtful places.
void join_first(FilePlan& plan, const Twin& twin, const std::vector<std::string>& ids,
                const std::vector<std::string>& apart, FollowedItems& joined);

/// Whether the document shares no item with what is held and none of its items reads like one: a
/// page that only has the same name, which takes nothing away. `ids` are its items' names.
[[nodiscard]] bool is_other_page(const ParsedDocument& document,
                                 const std::vector<std::string>& ids,
                                 const EarlierVersion& earlier);

/// Warns (commitments.import.many_changes) and asks for acceptance when an item of the version held
/// would be gone without like words in its place, when one would stand at another level, or when more
/// than two items and more than one in ten would be gone or reworded: most often a sign that a file was cut or that a
/// format lost the lists, not that the page changed. Needs what find_rewordings() finds.
/// `others_hold_gone`: other pages still hold items that this version lacks or rewords.
void review_changes(FilePlan& plan, const EarlierVersion& earlier, bool others_hold_gone);

/// Warns (commitments.import.twin_differs) and asks for acceptance when a page joins one in another
/// language for the first time and items of either were not joined (twin_missing, twin_alone, and
/// suggested rewordings): those of the file would count beside the others'.
void review_first_join(FilePlan& plan);

/// Whether the file was read in a way that a person must compare before anything of it is kept.
[[nodiscard]] bool is_doubt(const Warning& warning);

/// Puts items beside the words that the version held has in their place: those of the same
/// commitment, of what is new and what would be gone the pairs whose words are most alike, and the
/// doubtful places. `ids` are the names that the items' words alone give.
void find_rewordings(FilePlan& plan, const EarlierVersion& earlier,
                     const std::vector<std::string>& ids,
                     const std::vector<DoubtfulPlace>& doubtful,
                     const std::vector<std::string>& apart);

/// Fails with invalid_argument (commitments.import.same) where somebody said that an item is the
/// same as something, and no such item is new here, or no such commitment is held; likewise
/// (commitments.import.apart) where an item that is said to be a commitment of its own is not new.
[[nodiscard]] Result<void> check_same(store::Transaction& tx, const ImportPlan& plan,
                                      const ImportOptions& options);

/// Fails with conflict (commitments.import.changes), naming the first file that needs an acceptance
/// which the options do not give.
[[nodiscard]] Result<void> check_accepted(const ImportPlan& plan, const ImportOptions& options);

}  // namespace atalaya::commitments
