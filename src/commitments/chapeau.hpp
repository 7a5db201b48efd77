#pragma once
// Which item governs the next ones, as an import reads a document from its beginning. Private to
// the module.

#include <string>

#include <atalaya/commitments/parse.hpp>

namespace atalaya::commitments {

/// Asked for the items of one document in their order; keeps the text of the governing item.
class ChapeauWalk {
 public:
  /// `before` is the item in front of `item`, nullptr for the first. The text governs `item`, and
  /// is its own where it is a chapeau; empty where none governs.
  [[nodiscard]] const std::string& at(const ParsedItem& item, const ParsedItem* before) {
    if (item.level == 1) {
      if (item.role == ItemRole::chapeau) {
        text_ = item.text;
      } else if (before != nullptr &&
                 (before->level > 1 ||  // its own list ended
                  before->effective.document != item.effective.document)) {
        text_.clear();
      }
    }
    return text_;
  }

 private:
  std::string text_;
};

}  // namespace atalaya::commitments
