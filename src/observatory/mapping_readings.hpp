#pragma once
// What the distinct values of a file mean, one dimension at a time.

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include <atalaya/observatory/mapping.hpp>

namespace atalaya::observatory {

enum class Verdict : std::uint8_t { accept, warn, reject, skip };

struct Reading {
  Verdict verdict = Verdict::accept;
  std::string code;    // of accept and warn
  std::string value;   // what the file says, for messages
  std::string reason;  // of the others
  std::string detail;
};

/// The countries of whose people a text speaks: a name or code of the country, or a demonym in one
/// of four languages, whatever its gender; never by likeness. "Dominican" is of two.
[[nodiscard]] std::set<std::string> nationalities_of(std::string_view text,
                                                     const Territories& territories);

/// Reads values of one dimension. The texts given to read() are in the order of columns().
class DimensionReader {
 public:
  DimensionReader(const DimensionMapping& dimension, const Territories& territories,
                  std::string_view country,
                  std::map<std::string, NewTerritory, std::less<>>& enrolled);

  /// Every column that decides: alternatives of each.
  [[nodiscard]] const std::vector<std::vector<std::string>>& columns() const { return columns_; }
  [[nodiscard]] Reading read(const std::vector<std::string_view>& texts) const;

 private:
  [[nodiscard]] std::string_view text_of(std::size_t place,
                                         const std::vector<std::string_view>& texts) const;
  [[nodiscard]] Reading by_value(const std::string& value) const;
  [[nodiscard]] Reading by_list(const std::string& value) const;
  [[nodiscard]] std::optional<Reading> by_nationality(const std::string& value) const;
  [[nodiscard]] Reading by_age(const std::string& value) const;
  [[nodiscard]] Reading territory(const std::string& value,
                                  const std::vector<std::string_view>& texts) const;
  [[nodiscard]] Reading territory_by_name(const std::string& value,
                                          const std::vector<std::string_view>& texts) const;
  [[nodiscard]] Reading enroll(const std::string& code,
                               const std::vector<std::string_view>& texts) const;
  [[nodiscard]] Reading code_or_verdict(const std::string& code, const std::string& value,
                                        std::string_view reason, std::string_view detail) const;
  [[nodiscard]] Reading written(const std::string& code, const std::string& value,
                                std::string_view reason, std::string_view detail,
                                const std::vector<std::string_view>& texts) const;
  [[nodiscard]] std::string shaped(const std::string& value) const;

  const DimensionMapping& dimension_;
  const Territories& territories_;
  std::string country_;
  std::map<std::string, NewTerritory, std::less<>>& enrolled_;
  std::vector<std::vector<std::string>> columns_;
  std::size_t own_ = 0;  // the first columns are the dimension's own
  std::size_t within_ = SIZE_MAX, name_ = SIZE_MAX, parent_ = SIZE_MAX;
  std::unordered_map<std::string, std::size_t> rule_columns_;
  std::unordered_map<std::string, std::string> exact_, folded_;
};

}  // namespace atalaya::observatory
