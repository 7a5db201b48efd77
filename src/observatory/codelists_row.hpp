#pragma once
// Reading one row of a catalogue file of the observatory.

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <atalaya/base/json.hpp>
#include <atalaya/observatory/codelists.hpp>

namespace atalaya::observatory {

using CatalogueFiles = std::map<std::string, std::string, std::less<>>;

/// Remembers the first thing that is wrong with the row, so that a reader can be written as a plain
/// list of fields and the error still names file, row and field.
class CatalogueRow {
 public:
  CatalogueRow(std::string_view file, std::size_t number, const json::value& value);

  void complain(std::string_view what);

  [[nodiscard]] bool ok() const noexcept { return problem_.empty(); }

  [[nodiscard]] const std::string& problem() const noexcept { return problem_; }

  std::string text(std::string_view key, bool required = true);
  std::int64_t number(std::string_view key, std::int64_t otherwise);
  bool flag(std::string_view key, bool otherwise);
  /// A list of texts; empty where the key is absent.
  std::vector<std::string> list(std::string_view key);
  /// An object with words in each of the four languages, or one text that is the same in all.
  Names names(std::string_view key);
  /// Any value; null where the key is absent.
  const json::value* value(std::string_view key);
  /// Complains about keys that nothing asked for: a mistyped key would be lost in silence.
  void finish();

 private:
  std::string file_, id_, problem_;
  std::size_t number_ = 0;
  const json::object* object_ = nullptr;
  std::vector<std::string> taken_;
};

/// The rows of a file that is a list. An absent file has none. Fails with `reason`.
[[nodiscard]] Result<json::array> read_rows(const CatalogueFiles& files, std::string_view file,
                                            std::string_view reason);

/// The catalogue that is part of the program.
[[nodiscard]] CatalogueFiles embedded_catalogue();

}  // namespace atalaya::observatory
