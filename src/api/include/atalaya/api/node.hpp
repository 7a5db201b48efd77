#pragma once
// What handlers reach: the parts of one node, wired by `app`.

#include <memory>
#include <string>

#include <atalaya/base/time.hpp>
#include <atalaya/commitments/desk.hpp>
#include <atalaya/followup/desk.hpp>
#include <atalaya/http/cache.hpp>
#include <atalaya/identity/accounts.hpp>
#include <atalaya/ledger/ledger.hpp>
#include <atalaya/observatory/desk.hpp>

namespace atalaya::api {

class PendingImports;
class Places;

/// All pointers are set and outlive the dispatcher, but `index` of the desk may be absent.
struct Node {
  std::string name;
  std::string country, role;
  std::string origin;  // "https://node.example" where the operator named one; else empty
  commitments::Desk* desk = nullptr;
  observatory::Desk* observatory = nullptr;
  followup::Desk* followup = nullptr;
  identity::Accounts* accounts = nullptr;
  ledger::Ledger* ledger = nullptr;
  const Clock* clock = nullptr;
  std::shared_ptr<http::ResponseCache> cache;       // of public pages, keyed by the desk's version
  std::shared_ptr<PendingImports> pending_imports;  // plans that an editor is looking at
  std::shared_ptr<const Places> places;  // what the search finds by name; made by create_dispatcher()
};

}  // namespace atalaya::api
