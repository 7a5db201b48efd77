#pragma once
// Which held pages are one work in Akoma Ntoso: the versions of a page, and the pages in other
// languages that were joined with it, one to a language.

#include <map>
#include <span>
#include <string>
#include <string_view>

#include "akoma_ntoso.hpp"

namespace atalaya::commitments {

/// Remembers what it learned. Not for two threads.
class AknWorks {
 public:
  /// `sources` as Desk::sources() answers them; both live as long as this.
  AknWorks(const Desk& desk, std::span<const SourceView> sources);

  /// The page with its work. Fails as the store does.
  [[nodiscard]] Result<AknSource> source(std::string_view id);

 private:
  [[nodiscard]] std::size_t first_version(std::size_t at) const;
  [[nodiscard]] std::size_t joined_with(std::size_t first) const;
  [[nodiscard]] std::size_t end_of_chain(std::size_t at) const;
  [[nodiscard]] Result<bool> shares_half(std::size_t one, std::size_t other) const;
  [[nodiscard]] Result<bool> is_expression(std::size_t first, std::size_t root);
  [[nodiscard]] Result<std::size_t> root_of(std::size_t first);
  [[nodiscard]] Result<AknWork> work_of(std::size_t root);

  const Desk& desk_;
  std::span<const SourceView> sources_;
  std::map<std::string_view, std::size_t, std::less<>> places_;
  std::map<std::size_t, std::size_t> roots_;  // of first versions
  std::map<std::size_t, AknWork> works_;      // of roots
};

}  // namespace atalaya::commitments
