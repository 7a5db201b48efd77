#pragma once
// A file of an import beside what the desk holds: which commitment each item is, and what of the
// version before is gone. Private to the module.

#include <map>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <atalaya/commitments/import.hpp>
#include <atalaya/store/database.hpp>

#include "import_review.hpp"

namespace atalaya::commitments {

/// What is known of a commitment before this file: from the store, then from the files before it.
struct Known {
  std::string text;  // in `language`
  std::string language;
  bool listed = false;    // the catalogue or the store has a row for it
  bool reworded = false;  // it stands in other words too, because somebody said so
  std::set<std::pair<std::string, std::string>> pages;  // language, page key
};

struct Held {
  std::int64_t based_on = 0;
  std::map<std::string, Known, std::less<>> commitments;
  std::set<std::string, std::less<>> files;
  std::map<std::string, std::string, std::less<>> same_as;  // by the id of the new words
};

/// Adds the commitments that `ids` are other words of, as was said before, to `ids`.
[[nodiscard]] Result<void> look_up_wordings(store::Transaction& tx, std::vector<std::string>& ids,
                                            Held& held);
[[nodiscard]] Result<void> look_up(store::Transaction& tx, const std::vector<std::string>& ids,
                                   Held& held);

/// The newest page held of this name that the document is a version of. Pages of one name may be
/// different pages; what shares nothing with any of them follows none. A page that an older
/// program read as one of another kind comes first: its items are nobody's any more.
[[nodiscard]] Result<EarlierVersion> earlier_version(store::Transaction& tx, const FilePlan& plan,
                                                     const std::vector<std::string>& ids,
                                                     const Catalogue& catalogue);

/// `ids` are the eight-character names of the items; `joined` those that a page in another language
/// gives them, one per item, empty where it gives none.
void compare(FilePlan& plan, const EarlierVersion& earlier, const std::string& key, Held& held,
             const std::vector<std::string>& ids, const std::vector<std::string>& joined,
             const ImportOptions& options);

/// The bytes are held: nothing will change, and the counts say so, unless a newer version replaced
/// them or they are to be read again.
[[nodiscard]] Result<void> compare_known(store::Transaction& tx, FilePlan& plan,
                                         const ImportOptions& options);

/// Of a page that no version is held of: an item whose words the catalogue does not know is its
/// commitment of that place where the page is one of the catalogue's, both neighbours are the
/// catalogue's, and its words are like our summary. The own words' id leads to it, and a warning
/// says so. `ids` are the items' own. Call it after compare().
void take_catalogue_places(FilePlan& plan, std::span<const Entry> entries,
                           const std::vector<std::string>& ids, Held& held);

/// Tells, and lets somebody accept, that a newer version makes official texts of translations or
/// the reverse: nobody is to do so by forgetting an option.
[[nodiscard]] Result<void> compare_standing(store::Transaction& tx, FilePlan& plan);

/// Other pages that hold a commitment in their newest version.
struct Elsewhere {
  bool same_language = false, other_language = false;
};

using HeldElsewhere = std::map<std::string, Elsewhere, std::less<>>;
/// Of what this version lacks.
[[nodiscard]] Result<HeldElsewhere> held_elsewhere(store::Transaction& tx,
                                                   std::span<const FilePlan> before,
                                                   const FilePlan& plan);

/// An item in new words whose old words another page still has is not counted beside them: it stays
/// that commitment, unless somebody said that it is one of its own. Answers whether there is any.
bool keep_as_one(FilePlan& plan, const HeldElsewhere& elsewhere, Held& held,
                 const ImportOptions& options);

}  // namespace atalaya::commitments
