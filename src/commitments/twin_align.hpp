#pragma once
// Items of two pages beside each other. Pure.

#include <string>
#include <utility>
#include <vector>

#include "twin.hpp"

namespace atalaya::commitments {

// Measured on our own summaries in four languages (docs/guides/import.md): what a translation's
// closeness_of() is at least in 85 of 100 cases and a stranger's in one of a thousand, and what a
// person may be shown as likely.
inline constexpr double kWeakCloseness = 0.3;
inline constexpr double kSeenCloseness = 0.2;

// Two pages are versions of each other where so much of the shorter one is joined, in pairs that
// are on the average so alike, and so much more than others.
inline constexpr double kMatchedMin = 0.7;
inline constexpr double kMeanLikenessMin = 0.15;
inline constexpr double kOthersRatioMin = 1.6;
inline constexpr std::size_t kItemsMin = 3;  // fewer agree by chance

inline constexpr std::size_t kNone = static_cast<std::size_t>(-1);

/// Items of one page, ready to be compared.
struct Side {
  std::vector<Features> words;
  std::vector<std::pair<std::int32_t, std::string>> places;  // level, meeting
  std::vector<std::size_t> lengths;                          // of the texts, in bytes

  void add(const TwinItem& item);

  [[nodiscard]] std::size_t size() const { return words.size(); }
};

struct Alignment {
  std::vector<std::size_t> held_of;  // per item; kNone where it stands alone
  std::size_t matched = 0;
  double likeness = 0;  // mean of the pairs
  double others = 0;    // mean of the pairs that were compared and not taken
};

/// The pairs in the order of both pages whose likeness above that of strangers is the largest: an
/// item may be missing on either side, and of two that changed places the likelier pair is kept.
[[nodiscard]] Alignment align(const Side& held, const Side& items);

[[nodiscard]] Side side_of(const ParsedDocument& document);

/// One item beside one that is held.
struct Pair {
  double closeness = 0;
  std::size_t item = 0, held = 0;
};

/// Each item once, each held one once, the closest first.
void keep_closest(std::vector<Pair>& pairs);

/// The two pages beside each other; `twin` is what could be joined, with all that is odd.
struct Comparison {
  Twin twin;
  std::size_t joined = 0;
  bool strong = false;    // enough is joined that the page must be a version of the other
  bool complete = false;  // nothing is odd, missing or alone
};

/// `items` are the document's; `known` is what some of them are already.
[[nodiscard]] Comparison compare(const TwinPage& page, const std::vector<TwinItem>& held,
                                 const ParsedDocument& document, const Side& items,
                                 const KnownItems& known, bool same_document);

/// Whether one text may be the other's translation by its length.
[[nodiscard]] bool fits_in_length(std::size_t a, std::size_t b);

/// Whether the pair reads more alike than either does with what stands around the other.
[[nodiscard]] bool stands_out(const Side& held, std::size_t h, const Side& items, std::size_t i);

}  // namespace atalaya::commitments
