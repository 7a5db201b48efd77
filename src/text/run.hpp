#pragma once

#include "shard.hpp"

namespace atalaya::text {

/// Answers one query from one language's index. Throws Xapian::DatabaseError.
[[nodiscard]] SearchResults run_search(Reader& reader, const SearchQuery& query);

}  // namespace atalaya::text
