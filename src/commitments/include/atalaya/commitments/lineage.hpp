#pragma once
// Antecedents: which commitments of other meetings are the nearest relatives of one. The ranking
// proposes and says why; a person decides (commitments.md, 2.2 point 1). Deterministic.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <atalaya/base/text.hpp>

namespace atalaya::commitments {

struct LineageItem {
  std::string id;
  std::string text;
  Language language = Language::en;
  std::int32_t year = 0;
  std::string meeting;                    // "summit-1998"
  std::vector<std::string> themes;        // ids
  std::vector<std::string> instruments;   // ids, as found or as edited
  std::vector<std::string> institutions;  // ids
  std::string chapeau;                    // text of the governing item; counts a little
  std::string title, summary;             // our own words, where there are any
  Language title_language = Language::en;
};

enum class RelationType { restates, strengthens, weakens, fulfils, supersedes, reports_on };
[[nodiscard]] std::string_view to_string(RelationType value) noexcept;

enum class ReasonKind {
  wording,      // the words both use; detail lists them
  instrument,   // both name a treaty or text; detail is its id
  institution,  // detail is its id
  theme,        // detail is its id
  time,         // detail "next_meeting", "later_meeting" or "same_meeting"
};
[[nodiscard]] std::string_view to_string(ReasonKind value) noexcept;

struct Reason {
  ReasonKind kind = ReasonKind::wording;
  std::string detail;
  double weight = 0;  // share of the score, at most 1
};

struct Candidate {
  std::string id;
  double score = 0;                                 // 0…1, comparable within one ranking only
  RelationType suggested = RelationType::restates;  // of the later text towards the earlier one
  std::string suggested_because;      // stable key: "wording_near", "treaty_dropped", …
  bool candidate_is_earlier = false;  // antecedent; otherwise a successor (or of the same year)
  std::vector<Reason> reasons;        // heaviest first
};

/// Built once from all held commitments, then immutable; any thread may rank.
/// Memory: about 1.5 kB an item of 80 words. Build: about 50 microseconds an item.
class LineageIndex {
 public:
  [[nodiscard]] static LineageIndex build(std::vector<LineageItem> items);
  LineageIndex(const LineageIndex&) = delete;
  LineageIndex& operator=(const LineageIndex&) = delete;
  LineageIndex(LineageIndex&&) noexcept;
  LineageIndex& operator=(LineageIndex&&) noexcept;
  ~LineageIndex();

  /// The nearest relatives of `id`, best first, at most `limit`; empty when the id is unknown.
  /// Never the item itself. Cost: the postings of the item's words, capped, so that a ranking
  /// among 300,000 items stays under 50 ms.
  [[nodiscard]] std::vector<Candidate> rank(std::string_view id, std::size_t limit) const;

  [[nodiscard]] std::size_t size() const noexcept;

 private:
  struct Impl;
  explicit LineageIndex(std::unique_ptr<const Impl> impl);
  std::unique_ptr<const Impl> impl_;
};

}  // namespace atalaya::commitments
