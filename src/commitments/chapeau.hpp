#pragma once
// Which texts govern the next ones, as an import reads a document from its beginning. Private to
// the module.

#include <string>
#include <utility>
#include <vector>

#include <atalaya/base/text.hpp>
#include <atalaya/commitments/lead_in.hpp>
#include <atalaya/commitments/parse.hpp>

namespace atalaya::commitments {

/// A text that governs an item.
struct TextAbove {
  std::int32_t ordinal = 0;  // of the item that it is; 0: a lead-in, which is none
  std::string text;
};

/// Asked for the items of one document in their order; keeps the texts of the governing items.
class ChapeauWalk {
 public:
  /// `leads` are those of the document (leads_of()).
  explicit ChapeauWalk(std::vector<LeadIn> leads) : leads_(std::move(leads)) {}

  /// `before` is the item in front of `item`, nullptr for the first. The texts that govern `item`,
  /// the nearest first: those of the items above it that end in a colon, of the chapeau of its
  /// first level, and of the document's lead-ins. No item governs a chapeau of the first level.
  /// The other cells of its row are nearest.
  [[nodiscard]] std::vector<TextAbove> at(const ParsedItem& item, const ParsedItem* before) {
    if (item.level == 1) {
      const bool ended =
          before != nullptr && (before->level > 1 ||  // its own list ended
                                before->effective.document != item.effective.document);
      if (item.role == ItemRole::chapeau || ended) {
        open_.clear();
      }
    }
    while (!open_.empty() && open_.back().level > 1 && open_.back().level >= item.level) {
      open_.pop_back();
    }
    while (next_ < leads_.size() && leads_[next_].first <= item.ordinal) {
      governing_.push_back(next_++);
    }
    std::erase_if(governing_, [&](std::size_t i) { return leads_[i].last < item.ordinal; });
    std::vector<TextAbove> above;
    for (const std::size_t i : governing_) {
      if (leads_[i].text.starts_with("| ")) {
        above.push_back({0, leads_[i].text});
      }
    }
    for (auto one = open_.rbegin(); one != open_.rend(); ++one) {
      above.push_back(one->above);
    }
    for (const std::size_t i : governing_) {
      if (!leads_[i].text.starts_with("| ")) {
        above.push_back({0, leads_[i].text});
      }
    }
    if (item.level == 1 ? item.role == ItemRole::chapeau : trim(item.text).ends_with(':')) {
      open_.push_back({item.level, {item.ordinal, item.text}});
    }
    return above;
  }

 private:
  struct Open {
    std::int32_t level = 0;
    TextAbove above;
  };

  std::vector<LeadIn> leads_;           // by their first items
  std::size_t next_ = 0;                // the first that governs later items alone
  std::vector<std::size_t> governing_;  // of those before
  std::vector<Open> open_;  // outermost first
};

}  // namespace atalaya::commitments
