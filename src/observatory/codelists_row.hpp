#pragma once
// Reading one row of a catalogue file of the observatory.

#include <map>
#include <string>
#include <string_view>

#include <atalaya/base/catalogue_row.hpp>
#include <atalaya/base/json.hpp>
#include <atalaya/observatory/codelists.hpp>

namespace atalaya::observatory {

using CatalogueFiles = std::map<std::string, std::string, std::less<>>;

/// A row with names.
class NamedRow : public CatalogueRow {
 public:
  using CatalogueRow::CatalogueRow;

  /// An object with words in each of the four languages, or one text that is the same in all.
  Names names(std::string_view key);
};

/// The rows of a file that is a list. An absent file has none. Fails with `reason`.
[[nodiscard]] Result<json::array> read_rows(const CatalogueFiles& files, std::string_view file,
                                            std::string_view reason);

/// The catalogue that is part of the program.
[[nodiscard]] CatalogueFiles embedded_catalogue();

}  // namespace atalaya::observatory
