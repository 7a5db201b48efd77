#pragma once
// A file that an older version of the program imported and this one reads otherwise. Its items keep
// their words; another meeting or year gives them other ids, and the old ones lead there. Private
// to the module.

#include <atalaya/commitments/import.hpp>
#include <atalaya/store/database.hpp>

namespace atalaya::commitments {

/// Of a file that is held and current: warns where this program cuts it into other items
/// (commitments.import.cut_otherwise) or reads another meeting or year of its items
/// (commitments.import.read_otherwise); the latter becomes the plan where ImportOptions::read_again
/// asks for it.
[[nodiscard]] Result<void> compare_reading(store::Transaction& tx, FilePlan& plan,
                                           const ImportOptions& options);

/// The newest version of a page that an older version of the program read as one of another kind,
/// as a guide that was read as promises, and that this one reads as the page of `plan`: its bytes,
/// read now, have that name and share a text with it. Its id, empty where there is none.
[[nodiscard]] Result<std::string> misread_page(store::Transaction& tx, const FilePlan& plan,
                                               const Catalogue& catalogue);
/// Gives the versions that the file follows the name that this program gives their page.
[[nodiscard]] Result<void> rename_page(store::Transaction& tx, const FilePlan& plan);

/// Writes a plan that compare_reading() made, with its leaves.
[[nodiscard]] Result<void> write_reread(store::Transaction& tx, const DeskParts& parts,
                                        const FilePlan& plan, const ImportOptions& options);

}  // namespace atalaya::commitments
