#pragma once
// For tests: the items of the source documents, taken apart by a few lines that share nothing with
// the product's parser, and tied to their ids by the catalogue. The documents lie outside the
// repository (ATALAYA_SHARED, else ../shared beside it); tests skip where they are absent.

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <regex>
#include <string>
#include <string_view>
#include <vector>

#include <atalaya/base/text.hpp>
#include <atalaya/commitments/catalogue.hpp>

namespace atalaya::commitments::test {

struct SourceItem {
  std::string page;  // security | public_policies | mispa | pns
  std::int32_t ordinal = 0;
  std::int32_t year = 0;
  std::string text;
};

inline std::string source_bytes(std::string_view prefix) {
  const char* const set = std::getenv("ATALAYA_SHARED");  // NOLINT(concurrency-mt-unsafe)
  const std::filesystem::path shared =
      set != nullptr ? std::filesystem::path(set)
                     : std::filesystem::path(ATALAYA_SOURCE_DIR) / ".." / "shared";
  std::error_code none;
  for (const auto& entry : std::filesystem::directory_iterator(shared / "documents", none)) {
    if (entry.path().filename().string().starts_with(prefix)) {
      std::ifstream file(entry.path(), std::ios::binary);
      return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
    }
  }
  return {};
}

/// Cuts the citation off the end of an item and returns its year; 0 when there is none.
inline std::int32_t cut_citation(std::string& body) {
  static const std::regex kCitation(
      "\\(?\\s*(Inter-American Action|Regional Agenda|Action Plan|Lima Commitment|Migration, Init|"
      "Security, Init|Citizen Security and|Declaration|Plan of Action)[^()]*?,?\\s*"
      "([0-9]{4})\\s*\\)\\s*\\.?\\s*$");
  std::smatch match;
  if (!std::regex_search(body, match, kCitation)) {
    return 0;
  }
  const std::int32_t year = std::stoi(match[2].str());
  body = std::string(
      trim(std::string_view(body).substr(0, static_cast<std::size_t>(match.position(0)))));
  return year;
}

/// The items of a Summit page (prefix "001" or "003"); years inherited as the tests need them.
inline std::vector<SourceItem> summit_items(std::string_view prefix, std::string_view page) {
  static const std::regex kLine("^(    |  )(1\\. |\xE2\x80\xA2 )?(.*)$");
  static const std::regex kLabel("^([0-9]+\\.[0-9]+|[a-z]\\.)\\s+");
  std::vector<SourceItem> items;
  const std::string bytes = source_bytes(prefix);
  for (const std::string_view line : split(bytes, '\n')) {
    std::cmatch match;
    if (!std::regex_match(line.begin(), line.end(), match, kLine) ||
        (match[1].length() == 2 && !match[2].matched)) {
      continue;
    }
    std::string body(trim(match[3].str()));
    if (match[2].str().starts_with("\xE2")) {
      body = std::regex_replace(body, kLabel, "", std::regex_constants::format_first_only);
    }
    const std::int32_t year = cut_citation(body);
    if (body.find_first_not_of(" _") == std::string::npos) {
      continue;
    }
    items.push_back({std::string(page), static_cast<std::int32_t>(items.size()) + 1, year, body});
  }
  return items;
}

/// Numbered paragraphs: "7) …" (prefix "004") or "3. …" (prefix "000").
inline std::vector<SourceItem> numbered_items(std::string_view prefix, std::string_view page,
                                              char mark, std::int32_t year) {
  std::vector<SourceItem> items;
  const std::string bytes = source_bytes(prefix);
  for (const std::string_view line : split(bytes, '\n')) {
    const std::size_t digits = line.find_first_not_of("0123456789");
    if (digits == 0 || digits == std::string_view::npos || digits > 2 || line[digits] != mark) {
      continue;
    }
    items.push_back({std::string(page), std::stoi(std::string(line.substr(0, digits))), year,
                     std::string(trim(line.substr(digits + 1)))});
  }
  return items;
}

/// Every item of the four documents; empty where they are absent. The catalogue gives the year.
inline std::vector<SourceItem> source_items(const Catalogue& catalogue) {
  std::vector<SourceItem> all = summit_items("001", "security");
  for (auto& item : summit_items("003", "public_policies")) {
    all.push_back(std::move(item));
  }
  for (auto& item : numbered_items("004", "mispa", ')', 2008)) {
    all.push_back(std::move(item));
  }
  for (auto& item : numbered_items("000", "pns", '.', 2025)) {
    all.push_back(std::move(item));
  }
  for (SourceItem& item : all) {
    for (const Entry& entry : catalogue.entries()) {
      const bool here = std::ranges::any_of(entry.stands_on, [&](const auto& place) {
        return place.first == item.page && place.second == item.ordinal;
      });
      item.year = here ? entry.year : item.year;
    }
  }
  return all;
}

}  // namespace atalaya::commitments::test
