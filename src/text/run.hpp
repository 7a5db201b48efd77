#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "shard.hpp"

namespace atalaya::text {

/// What the indexes of the other languages know. Answers nothing where one of them fails: its own
/// searches report that.
class Elsewhere {
 public:
  Elsewhere() = default;
  Elsewhere(const Elsewhere&) = delete;
  Elsewhere& operator=(const Elsewhere&) = delete;
  virtual ~Elsewhere() = default;

  [[nodiscard]] virtual bool knows(std::string_view word) const = 0;
  /// Ids of documents whose own text answers the query in its own language, the best first.
  [[nodiscard]] virtual std::vector<std::string> find(const SearchQuery& query) const = 0;
  /// The body of a document that is held in another language; empty when there is none.
  [[nodiscard]] virtual std::string body_of(const std::string& id) const = 0;
};

/// Answers one query from the index of its language. Throws Xapian::DatabaseError.
[[nodiscard]] SearchResults run_search(Reader& reader, const SearchQuery& query,
                                       const Elsewhere& elsewhere);

/// The same for the index of another `language`, as Elsewhere has it. Throw Xapian::DatabaseError.
[[nodiscard]] bool knows_word(const Reader& reader, std::string_view word, Language language);
[[nodiscard]] std::vector<std::string> find_own(Reader& reader, const SearchQuery& query,
                                                Language language);
[[nodiscard]] std::string own_body(const Reader& reader, const std::string& id);

}  // namespace atalaya::text
