// A page joins another one in the language that it is held in first: then both are expressions of
// one work, and of several such pages of one language the first. A page that shares less than half
// of the shorter one's items was joined item by item, and is a work of its own.
#include "akoma_ntoso_works.hpp"

#include <algorithm>
#include <set>

namespace atalaya::commitments {

AknWorks::AknWorks(const Desk& desk, std::span<const SourceView> sources)
    : desk_(desk), sources_(sources) {
  for (std::size_t i = 0; i < sources.size(); ++i) {
    places_.emplace(sources[i].id, i);
  }
}

// The place of a page's first version; of documents in the order of import a version only ever
// follows an earlier one.
std::size_t AknWorks::first_version(std::size_t at) const {
  for (auto before = places_.find(sources_[at].follows);
       before != places_.end() && before->second < at;
       before = places_.find(sources_[at].follows)) {
    at = before->second;
  }
  return at;
}

// The first version of the page that it joined; itself where it joined none.
std::size_t AknWorks::joined_with(std::size_t first) const {
  const auto twin = places_.find(sources_[first].twin_of);
  return twin == places_.end() || twin->second >= first ? first : first_version(twin->second);
}

std::size_t AknWorks::end_of_chain(std::size_t at) const {
  for (std::size_t next = joined_with(at); next != at; next = joined_with(at)) {
    at = next;
  }
  return at;
}

Result<bool> AknWorks::shares_half(std::size_t one, std::size_t other) const {
  const SourceDetail own = ATALAYA_TRY(desk_.get_source(sources_[one].id));
  const SourceDetail theirs = ATALAYA_TRY(desk_.get_source(sources_[other].id));
  std::set<std::string_view> ids;
  for (const auto& [item, id] : theirs.items) {
    ids.insert(id);
  }
  const auto common =
      std::ranges::count_if(own.items, [&](const auto& item) { return ids.contains(item.second); });
  return 2 * common >= std::ssize(own.items) || 2 * common >= std::ssize(theirs.items);
}

Result<bool> AknWorks::is_expression(std::size_t first, std::size_t root) {
  const SourceView& page = sources_[first];
  if (page.kind != sources_[root].kind || page.language == sources_[root].language) {
    return false;
  }
  for (std::size_t i = root + 1; i < first; ++i) {
    const bool rival = sources_[i].language == page.language && first_version(i) == i &&
                       end_of_chain(i) == end_of_chain(first);
    if (!rival) {
      continue;
    }
    const std::size_t theirs = ATALAYA_TRY(root_of(i));
    if (theirs == root) {
      return false;
    }
  }
  return shares_half(first, places_.find(page.twin_of)->second);
}

Result<std::size_t> AknWorks::root_of(std::size_t first) {
  if (const auto known = roots_.find(first); known != roots_.end()) {
    return known->second;
  }
  std::size_t root = first;
  if (const std::size_t twin = joined_with(first); twin != first) {
    const std::size_t theirs = ATALAYA_TRY(root_of(twin));
    const bool joins = ATALAYA_TRY(is_expression(first, theirs));
    root = joins ? theirs : first;
  }
  roots_.emplace(first, root);
  return root;
}

// The work that was held first keeps the short address for ever. What tells another one apart is
// the digest of its first version's bytes.
Result<AknWork> AknWorks::work_of(std::size_t root) {
  if (const auto known = works_.find(root); known != works_.end()) {
    return known->second;
  }
  const SourceView& page = sources_[root];
  const SourceDetail own = ATALAYA_TRY(desk_.get_source(page.id));
  AknWork out = akn_work(desk_.catalogue(), own);
  for (std::size_t i = 0; i < root; ++i) {
    const bool alike = sources_[i].kind == page.kind && first_version(i) == i &&
                       akn_name(sources_[i]) == akn_name(page);
    if (!alike) {
      continue;
    }
    const std::size_t theirs = ATALAYA_TRY(root_of(i));
    if (theirs != i) {
      continue;
    }
    const SourceDetail other = ATALAYA_TRY(desk_.get_source(sources_[i].id));
    if (akn_work(desk_.catalogue(), other).uri == out.uri) {
      out.uri += "-" + page.id.substr(0, 8);
      break;
    }
  }
  works_.emplace(root, out);
  return out;
}

Result<AknSource> AknWorks::source(std::string_view id) {
  AknSource out;
  out.detail = ATALAYA_TRY(desk_.get_source(id));
  const auto at = places_.find(id);
  if (at == places_.end()) {  // imported since the list was read
    out.work = akn_work(desk_.catalogue(), out.detail);
    return out;
  }
  const std::size_t root = ATALAYA_TRY(root_of(first_version(at->second)));
  out.work = ATALAYA_TRY(work_of(root));
  return out;
}

}  // namespace atalaya::commitments
