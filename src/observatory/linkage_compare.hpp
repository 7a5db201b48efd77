#pragma once
// The fields of a job, prepared so that a comparison touches no allocator: every distinct value is
// folded, split and given a number once.

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include <atalaya/observatory/linkage.hpp>

namespace atalaya::observatory::detail {

inline constexpr std::uint32_t kNoValue = std::numeric_limits<std::uint32_t>::max();

struct LinkValue {
  std::string text;                // folded, squeezed; words of names without particles
  std::vector<std::string> words;  // of names
  double number = 0;               // FieldKind::number
  double rows = 0;                 // in both tables
  /// FieldKind::date where the text is one: year, month, day as digits "19800417"; else the text.
  bool is_date = false;
};

struct LinkField {
  FieldSpec spec;
  std::vector<LinkValue> values;
  std::vector<std::uint32_t> a, b;  // number of the value by row, or kNoValue; b empty: within a
  double rows = 0;                  // with a value, in both tables

  [[nodiscard]] std::size_t levels() const noexcept;
  /// Level of two values (or kMissingLevel, or the level for missing).
  [[nodiscard]] std::int8_t compare(std::uint32_t x, std::uint32_t y) const noexcept;
  /// What agreement on this value says beyond agreement on any.
  [[nodiscard]] double rarity_bits(const FieldModel& model, std::uint32_t value) const noexcept;
  /// The text that a blocking key takes from a value; empty: no key.
  [[nodiscard]] std::string key(std::uint32_t value, KeyPart part) const;
};

[[nodiscard]] LinkField prepare_field(const FieldSpec& spec, const std::vector<std::string>& a,
                                      const std::vector<std::string>* b);

}  // namespace atalaya::observatory::detail
