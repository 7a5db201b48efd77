#pragma once
// The frame that every page stands in: head, header with languages, navigation and search, and
// footer. Complete without scripts; at 320 px, in print and in forced colours too. Pages need
// nothing that the Content-Security-Policy of http (finish.cpp) would refuse.

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <atalaya/base/text.hpp>
#include <atalaya/figures/html.hpp>

namespace atalaya::figures {

struct Crumb {
  std::string label;
  std::string path;  // without language; empty for the page itself
};

struct PageFrame {
  Language language = Language::en;
  /// The address without its language, with its query: "/commitments?theme=drugs"; "/" is home.
  std::string path = "/";
  std::string title;        // without the program's name
  std::string description;  // one sentence for search engines; empty = none
  /// The link of the navigation that is current, by its id in page.cpp: commitments | themes |
  /// treaties | meetings | countries | figures | "" for none.
  std::string nav;
  std::string node_name;
  std::string origin;            // "https://node.example", for canonical addresses; may be empty
  std::string as_of;             // EDTF date of the newest change; empty = not shown
  std::int64_t log_size = -1;    // leaves of the public log; -1 = not shown
  std::string log_root;          // hexadecimal; its first 16 digits are shown
  std::vector<Crumb> crumbs;     // from the first level below home
  std::string search;            // the query that the search field shows
  bool search_in_header = true;  // home has a search of its own
  bool indexed = true;           // false: robots may not keep the page
  std::string account;           // the name of who is signed in; empty = nobody
};

/// "/es/commitments/x" for (es, "/commitments/x"); "/es/" for home.
[[nodiscard]] std::string localised(Language language, std::string_view path);

/// A whole document. `body` is what stands inside <main>: bands made by Html, with one h1.
[[nodiscard]] std::string page(const PageFrame& frame, const Html& body);

/// The mark of the watchtower, drawn in the current colour; decoration, hidden from readers.
[[nodiscard]] const Html& mark();

}  // namespace atalaya::figures
