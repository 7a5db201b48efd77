#pragma once
// Reading one row of a catalogue: a JSON file of the program that is a list of objects.

#include <cstddef>
#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <atalaya/base/json.hpp>

namespace atalaya {

/// Remembers the first thing that is wrong with a row, so that a reader can be written as a plain
/// list of fields and the error still names file, row and field. What is asked for after that is
/// empty. Holds no copy of the value: that outlives the row. One thread.
class CatalogueRow {
 public:
  /// `number` counts from 1.
  CatalogueRow(std::string_view file, std::size_t number, const json::value& value);

  void complain(std::string_view what);

  [[nodiscard]] bool ok() const noexcept { return problem_.empty(); }

  [[nodiscard]] const std::string& problem() const noexcept { return problem_; }

  /// Any value; null where the key is absent.
  const json::value* value(std::string_view key, bool required = false);
  /// Without blanks around it; empty only where it is optional.
  std::string text(std::string_view key, bool required = true);
  /// The key is required.
  bool flag(std::string_view key);
  bool flag(std::string_view key, bool otherwise);
  std::int64_t number(std::string_view key, std::int64_t otherwise);
  /// Texts that are not empty, none of them twice.
  std::vector<std::string> list(std::string_view key, bool required = false);
  /// To be called when all fields were read: a key that nobody asked for is a mistyped one.
  void finish();

 private:
  std::string file_, id_, problem_;
  std::size_t number_;
  const json::object* object_;
  std::set<std::string, std::less<>> taken_;
};

}  // namespace atalaya
