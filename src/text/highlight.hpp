#pragma once

#include <functional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <atalaya/text/search.hpp>
#include <atalaya/text/stem.hpp>

namespace atalaya::text {

/// The words to mark: those whose stem or alternative is in `stems`, or that start with `prefix`.
struct MarkedWords {
  std::set<std::string, std::less<>> stems;
  std::string prefix;  // folded; empty: none

  void add(const Token& token);
  [[nodiscard]] bool contains(const Token& token) const;
};

[[nodiscard]] std::vector<Piece> mark(std::string_view text, const MarkedWords& words,
                                      Language language);

/// The stretch of `summary` or `body`, about kSnippetBytes long, that shows most of the words.
[[nodiscard]] std::vector<Piece> snippet(std::string_view summary, std::string_view body,
                                         const MarkedWords& words, Language language);

}  // namespace atalaya::text
