#pragma once
// Where the words of a text are, without looking at what they mean. Private to the module.

#include <cstddef>
#include <string_view>
#include <vector>

namespace atalaya::text {

/// Bytes [begin, end) of a text, on character bounds.
struct WordSpan {
  std::size_t begin = 0;
  std::size_t end = 0;
};

/// The words that tokenize_stemmed() finds, in their order.
[[nodiscard]] std::vector<WordSpan> find_words(std::string_view text);

}  // namespace atalaya::text
