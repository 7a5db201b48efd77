#pragma once
#include <atalaya/text/search.hpp>

namespace atalaya::text {

/// Makes a document one that SearchIndex::apply() takes, so that no single text can stop the index:
/// texts end at the first byte that is not UTF-8 and where kIndexedBytesMax is reached (title
/// first, then summary, then body), facets out of bounds are left out. The id, kind and boost are
/// not changed: the caller answers for them.
void clip(SearchDocument& document);

}  // namespace atalaya::text
