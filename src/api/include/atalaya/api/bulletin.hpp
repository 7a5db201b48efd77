#pragma once
// A country's bulletin: its released figures as one file that needs nothing else, to be printed,
// sent and kept. Released figures only, so it may be given to anybody.

#include <string>

#include <atalaya/base/result.hpp>
#include <atalaya/base/text.hpp>
#include <atalaya/base/time.hpp>
#include <atalaya/commitments/catalogue.hpp>
#include <atalaya/observatory/desk.hpp>

namespace atalaya::api {

struct BulletinRequest {
  const observatory::Desk* observatory = nullptr;
  const commitments::Catalogue* catalogue = nullptr;
  std::string node_name, country;  // country: ISO 3166-1 alpha-3
  Language language = Language::en;
  std::string period;  // figures up to the end of it; empty: all
  std::string origin;  // "https://node.example", for links; empty: none are written
  UtcTime now;
};

/// A whole HTML document with its style within. Fails with not_found (observatory.bulletin.country:
/// no such country; observatory.bulletin.none: nothing released of it up to that period) and
/// invalid_argument (observatory.bulletin.period).
[[nodiscard]] Result<std::string> bulletin_document(const BulletinRequest& request);

}  // namespace atalaya::api
