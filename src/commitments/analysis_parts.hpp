#pragma once
// What the rules of analysis share: phrases, segments of a text, qualifiers.

#include <bitset>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <atalaya/commitments/analysis.hpp>

#include "analysis_words.hpp"

namespace atalaya::commitments {

/// Folded phrases, each cut into words, for word-by-word comparison.
class PhraseList {
 public:
  PhraseList(std::initializer_list<std::string_view> phrases);

  /// Number of words of the longest phrase that stands at `at`; 0 when none does.
  [[nodiscard]] std::size_t match(const std::vector<Word>& words, std::size_t at) const;

 private:
  // Most words begin no phrase: their first letter and length tell nearly all of them.
  static std::size_t start_of(std::string_view word) {
    return (static_cast<unsigned char>(word.front()) * 32U + word.size()) % 1024U;
  }

  std::vector<std::vector<std::string>> phrases_;  // sorted by first word
  std::bitset<1024> starts_;
};

/// A stretch between full stops, semicolons, or colons that open a list; words as [first, last).
struct Segment {
  Span span;
  std::size_t first = 0;
  std::size_t last = 0;
  bool after_colon = false;  // governed by the segment before
  bool new_sentence = true;
};

[[nodiscard]] std::vector<Segment> segments_of(std::string_view text,
                                               const std::vector<Word>& words);

/// Behind "Follow-up: ", a label of a few words in front of words [first, last); `first` where
/// there is none.
[[nodiscard]] std::size_t behind_label(std::string_view text, const std::vector<Word>& words,
                                       std::size_t first, std::size_t last);

/// Words after which a verb that is also a noun is a noun: "support for", "work of".
[[nodiscard]] bool noun_follows(const std::vector<Word>& words, std::size_t at, std::size_t last);

/// Whether a comma (or dash) stands between word `at - 1` and word `at`.
[[nodiscard]] bool comma_before(std::string_view text, const std::vector<Word>& words,
                                std::size_t at);

/// The limiting phrases among words [first, last), in order.
[[nodiscard]] std::vector<Qualifier> qualifiers_in(const std::vector<Word>& words,
                                                   std::size_t first, std::size_t last);

/// "as soon as possible", "rapid ratification": number of words at `at`, 0 when none.
[[nodiscard]] std::size_t match_soft(const std::vector<Word>& words, std::size_t at);

/// Whether the words before the date at word `date` say in the future tense what somebody other than
/// the parties does, who is not charged with it: "the Committee will hold its meeting in 2026".
[[nodiscard]] bool others_will_do(std::string_view text, const std::vector<Word>& words,
                                  const Segment& segment, std::size_t date,
                                  const AnalysisContext& context);

/// Whether the date that begins at word `date` says when others do something, or when a conference
/// is, so that nobody is asked to do anything by it.
[[nodiscard]] bool is_event_of_others(std::string_view text, const std::vector<Word>& words,
                                      const Segment& segment, std::size_t date,
                                      const AnalysisContext& context);

/// The dates of a text that is already cut up.
[[nodiscard]] std::vector<Due> dues_of(std::string_view text, const std::vector<Word>& words,
                                       const std::vector<Segment>& segments,
                                       const AnalysisContext& context);

}  // namespace atalaya::commitments
