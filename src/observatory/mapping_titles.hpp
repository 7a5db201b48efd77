#pragma once
// What titles of columns look like. Pure.

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace atalaya::observatory {

[[nodiscard]] bool is_digits(std::string_view text);
/// Digits with marks, "<5", "5-9"; also the empty text.
[[nodiscard]] bool is_amount(std::string_view text);
/// 1900 to 2099.
[[nodiscard]] bool is_year(std::string_view text);
/// "2023" of "2023p", "2023 (r)" and "2023*".
[[nodiscard]] std::string_view without_mark(std::string_view name);
/// "Homicides " of "Homicides 2021"; empty where no year follows something.
[[nodiscard]] std::string stem_of(std::string_view name);
/// Whether a title was empty or stood before: readers then make a name ("column_3", "2021_2").
[[nodiscard]] bool is_unclear(const std::vector<std::string>& header, std::size_t place);
[[nodiscard]] bool has_unclear(const std::vector<std::string>& header);

}  // namespace atalaya::observatory
