#pragma once
// Whom commitments ask, and which treaties they name, for all of them at once: what a follow-up
// needs in order to say which states a cell exists for.

#include <map>
#include <string>
#include <vector>

#include <atalaya/base/result.hpp>
#include <atalaya/store/database.hpp>

namespace atalaya::commitments {

struct Asked {
  bool states = true;               // some clause that asks something asks the states
  std::vector<std::string> organs;  // institutions that clauses ask, sorted, each once
  std::vector<std::string> instruments;  // of any kind, in the order of their links
  std::vector<std::string> themes;       // in the order of their links
};

/// By commitment. One without clauses (no text is held) is not in `organs`' count and asks states.
/// A clause addressed to an institution asks the states too where its printed addressee names
/// states or governments. Declaratory clauses ask nobody, unless there are no others.
[[nodiscard]] Result<std::map<std::string, Asked, std::less<>>> asked_by_commitment(
    store::Transaction& tx);

}  // namespace atalaya::commitments
