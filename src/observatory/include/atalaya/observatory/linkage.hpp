#pragma once
// Which records of two files (police and forensic, say) are about the same case: probabilistic
// linkage after Fellegi and Sunter (J Am Stat Assoc 1969;64:1183-210). Fields are compared by
// levels; each level's weight in bits is log2(m / u), the chance of it among true pairs over that
// among others; weights are learned from the files themselves, without known answers. A person
// decides what lies between match and non-match. Personal data: results are for those entitled.
// Pure; Linker may be used by one thread at a time and starts its own. docs/methods/linkage.md.

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <atalaya/base/result.hpp>

namespace atalaya::observatory {

inline constexpr std::size_t kLinkFieldsMax = 16;
inline constexpr std::int8_t kMissingLevel = -1;

/// How two values of a field are compared. All comparisons are blind to case and accents.
enum class FieldKind {
  text,        // differ, similar, nearly the same, same (Jaro-Winkler from 0.85 and 0.92)
  given_name,  // as text; after nearly the same: one of several names in common, or an initial
  surname,     // as given_name, for double surnames: one of the two missing, or their order changed
  identifier,  // differ, one slip (letter wrong, missing, doubled or two swapped), same
  date,        // differ, two of three parts the same, one slip or day and month swapped, same
  sex,         // differ, same; `_U` is missing
  territory,   // differ, same first-level subdivision (COL_05… or 05…), same
  number       // differ, within three, within one, same
};
/// Names of the levels, lowest first: the index is the level.
[[nodiscard]] std::span<const std::string_view> level_names(FieldKind kind) noexcept;

enum class MissingValue {
  ignored,    // says nothing: weight zero
  own_level,  // a level of its own, above all others
};

struct FieldSpec {
  std::string id;
  FieldKind kind = FieldKind::text;
  /// Agreement on a rare value weighs more than on a frequent one.
  bool term_frequency = false;
  MissingValue missing = MissingValue::ignored;
};

struct FieldModel {
  std::vector<double> m, u;  // per level; each sums to one
};

struct LinkModel {
  double prior = 0;  // chance that two records drawn at random are a true pair
  std::vector<FieldModel> fields;
};

/// A comparison vector and how many pairs show it. `extra_bits` holds what a model without term
/// frequencies does not know.
struct LinkPattern {
  std::array<std::int8_t, kLinkFieldsMax> levels{};
  double extra_bits = 0;
  double pairs = 0;
};

struct EmOptions {
  int steps_max = 200;
  double change_max = 1e-5;  // of any probability, to stop
  bool fix_u = false;
  bool fix_prior = false;
};

/// Weight of a pattern in bits, without the prior. Levels beyond the fields are ignored.
[[nodiscard]] double pattern_bits(const LinkModel& model, const LinkPattern& pattern);
/// Chance of being a true pair.
[[nodiscard]] double match_probability(double prior, double bits) noexcept;

/// Expectation-maximisation from `start`. Fails with invalid_argument
/// (observatory.linkage.bad_model) where shapes do not fit or there are no pairs.
[[nodiscard]] Result<LinkModel> estimate_model(std::span<const LinkPattern> patterns,
                                               LinkModel start, const EmOptions& options = {});

/// What two records must share to be compared at all. `phonetic` spells by sound (Spanish,
/// Portuguese, English); `first_name` and `last_name` are the first and last word.
enum class KeyPart { whole, start_3, phonetic, first_name, last_name, year, month, day };

struct BlockingPass {
  std::string id;
  std::vector<std::pair<std::size_t, KeyPart>> parts;  // field index and what of it
};

struct LinkOptions {
  double match_probability_min = 0.95;
  double review_probability_min = 0.20;  // from here to match: clerical review
  bool one_to_one = false;               // each record in at most one pair, best first
  /// A block with more pairs is left out, counted in the report: its key says too little.
  std::uint64_t block_pairs_max = 2'000'000;
  std::uint64_t training_pairs_max = 1'000'000;  // per pass
  std::uint64_t seed = 1;
  unsigned threads = 0;  // 0: one per processor, at most four
};

/// Values by field, then by row; "" is missing. All fields have the same number of rows.
using LinkTable = std::vector<std::vector<std::string>>;

struct LinkJob {
  std::vector<FieldSpec> fields;  // 1 … kLinkFieldsMax
  LinkTable a;
  std::optional<LinkTable> b;  // absent: duplicates within `a`
  std::vector<BlockingPass> passes;
  LinkOptions options;
};

enum class LinkDecision { match, review };

struct LinkedPair {
  std::uint32_t a = 0;  // row; within one table a < b
  std::uint32_t b = 0;
  double bits = 0;         // all fields, without the prior
  double probability = 0;  // with it
  LinkDecision decision = LinkDecision::review;
  std::array<std::int8_t, kLinkFieldsMax> levels{};
};

struct PassReport {
  std::string id;
  std::uint64_t pairs = 0;  // compared in this pass and in none before
  std::uint64_t blocks_left_out = 0;
  std::uint64_t pairs_left_out = 0;
};

struct LinkReport {
  LinkModel model;
  std::vector<LinkedPair> pairs;  // matches and review, best first
  std::vector<PassReport> passes;
  std::uint64_t pairs_compared = 0;
  std::uint64_t pairs_displaced = 0;  // lost to a better pair of one of their records
};

/// One line of an explanation; the bits of all lines and the prior's add up to the score.
struct FieldWeight {
  std::string field;
  std::string_view level;  // name, or "missing"
  double bits = 0;
  double rarity_bits = 0;  // what the frequency of the shared value adds; within `bits`
};

class Linker {
 public:
  /// Fails with invalid_argument (observatory.linkage.bad_job) saying what does not fit.
  [[nodiscard]] static Result<Linker> create(LinkJob job);
  Linker(Linker&&) noexcept;
  Linker& operator=(Linker&&) noexcept;
  ~Linker();

  /// Learns the weights, compares, decides. The same job gives the same report.
  [[nodiscard]] Result<LinkReport> run();
  /// Why a pair of the last report has its score.
  [[nodiscard]] std::vector<FieldWeight> explain(const LinkedPair& pair) const;

 private:
  struct State;
  explicit Linker(std::unique_ptr<State> state) noexcept;
  std::unique_ptr<State> state_;
};

/// Number of the group of each of `rows` records of one table, by chains of matches; groups are
/// numbered from 0 in order of their first record.
[[nodiscard]] std::vector<std::uint32_t> link_groups(std::size_t rows,
                                                     std::span<const LinkedPair> pairs);

}  // namespace atalaya::observatory
