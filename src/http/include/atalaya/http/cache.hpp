#pragma once
// Answers that were made once and are sent many times: embedded assets and cached pages.

#include <cstddef>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include <atalaya/base/embedded.hpp>
#include <atalaya/base/result.hpp>
#include <atalaya/http/message.hpp>

namespace atalaya::http {

/// The files of the user interface. `prefix` is their address ("/assets"). Two addresses lead to
/// a file: "/assets/<version>/css/app.css" may be kept for a year, because <version> changes with
/// any file and relative references (fonts in a style sheet) inherit it; "/assets/css/app.css" is
/// asked for again each time. Immutable after construction; any thread.
class Assets {
 public:
  Assets(std::span<const EmbeddedFile> files, std::string_view prefix);
  ~Assets();
  Assets(const Assets&) = delete;
  Assets& operator=(const Assets&) = delete;

  /// The address to write into a page. ATALAYA_CHECKs that the file exists: a misspelt name is
  /// found by the first test that renders the page.
  [[nodiscard]] std::string url(std::string_view path) const;
  [[nodiscard]] bool has(std::string_view path) const noexcept;
  /// Answers a request below the prefix, precompressed; 404 fails with not_found
  /// (http.asset.missing).
  [[nodiscard]] Result<Response> serve(const Request& request) const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// Least-recently-used cache of whole answers with their compressed forms, made once. A key names
/// everything that the answer depends on: cache_key(). Any thread.
class ResponseCache {
 public:
  /// `bytes_max` bounds the bodies of all forms together; an answer above an eighth of it is not
  /// kept.
  explicit ResponseCache(std::size_t bytes_max);
  ~ResponseCache();
  ResponseCache(const ResponseCache&) = delete;
  ResponseCache& operator=(const ResponseCache&) = delete;

  /// The kept answer in the form that the request accepts, or what `make` returns, kept when it
  /// is a buffered 200 without Set-Cookie or `no-store`. `make` may run twice at once for one key.
  [[nodiscard]] Result<Response> get_or(std::string_view key, const Request& request,
                                        const std::function<Result<Response>()>& make);
  void clear();

  struct Stats {
    std::size_t hits = 0;
    std::size_t misses = 0;
    std::size_t bytes = 0;
    std::size_t entries = 0;
  };
  [[nodiscard]] Stats stats() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// `version` is whatever changes when the content does (a ledger size, a release number). The
/// query's parameters count in their order.
[[nodiscard]] std::string cache_key(const Request& request, std::string_view language,
                                    std::string_view version);

}  // namespace atalaya::http
