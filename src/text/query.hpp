#pragma once
// The plain language of queries: words, "phrases", -without. Everything is a query.

#include <string>
#include <string_view>
#include <vector>

#include <atalaya/text/stem.hpp>

namespace atalaya::text {

/// What stands between two blanks, or in quotes.
struct QueryClause {
  bool phrase = false;
  bool negated = false;
  std::vector<Token> tokens;  // offsets into ParsedQuery::text; never empty
  std::string id;             // the words as they stand, for an exact id; empty for phrases
};

struct ParsedQuery {
  std::string text;  // cut to kQueryBytesMax, well-formed, without control characters
  std::vector<QueryClause> clauses;
  bool ends_in_word = false;  // the last clause is a word that may go on
};

[[nodiscard]] ParsedQuery parse_query(std::string_view text, Language language);

}  // namespace atalaya::text
