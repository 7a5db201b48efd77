#pragma once
// Which items govern the next ones, as an import reads a document from its beginning. Private to
// the module.

#include <string>
#include <utility>
#include <vector>

#include <atalaya/base/text.hpp>
#include <atalaya/commitments/parse.hpp>

namespace atalaya::commitments {

/// Asked for the items of one document in their order; keeps the texts of the governing items.
class ChapeauWalk {
 public:
  /// `before` is the item in front of `item`, nullptr for the first. The texts that govern `item`,
  /// the nearest first: those of the items above it that end in a colon, and of the chapeau of its
  /// first level. None governs a chapeau of the first level.
  [[nodiscard]] std::vector<std::string> at(const ParsedItem& item, const ParsedItem* before) {
    if (item.level == 1) {
      const bool ended =
          before != nullptr && (before->level > 1 ||  // its own list ended
                                before->effective.document != item.effective.document);
      if (item.role == ItemRole::chapeau || ended) {
        open_.clear();
      }
    }
    while (!open_.empty() && open_.back().first > 1 && open_.back().first >= item.level) {
      open_.pop_back();
    }
    std::vector<std::string> above;
    for (auto one = open_.rbegin(); one != open_.rend(); ++one) {
      above.push_back(one->second);
    }
    if (item.level == 1 ? item.role == ItemRole::chapeau : trim(item.text).ends_with(':')) {
      open_.emplace_back(item.level, item.text);
    }
    return above;
  }

 private:
  std::vector<std::pair<std::int32_t, std::string>> open_;  // level and text, outermost first
};

}  // namespace atalaya::commitments
