#include <atalaya/http/cache.hpp>

#include <list>
#include <unordered_map>
#include <vector>

#include <fmt/format.h>

#include <atalaya/base/guarded.hpp>
#include <atalaya/http/limits.hpp>
#include <atalaya/http/negotiate.hpp>
#include <atalaya/http/target.hpp>

#include "ascii.hpp"

namespace atalaya::http {
namespace {

// Fills the headers of one encoded form; `etag` is the identity form's tag.
void set_form(Response& response, Encoding encoding, std::string_view etag) {
  response.headers.add_token("Vary", "Accept-Encoding");
  if (encoding != Encoding::identity) {
    response.headers.set("Content-Encoding", to_string(encoding));
  }
  response.headers.set("ETag", etag_for(etag, encoding));
}

struct Kept {
  Response head;  // status and headers; no body
  std::string etag;
  std::shared_ptr<const std::string> identity;
  std::shared_ptr<const std::string> gzip;    // null where compressing does not pay
  std::shared_ptr<const std::string> brotli;  // null where compressing does not pay

  [[nodiscard]] std::size_t bytes() const noexcept {
    return identity->size() + (gzip ? gzip->size() : 0) + (brotli ? brotli->size() : 0);
  }

  [[nodiscard]] Response in_form(const Request& request) const {
    Response response = head;
    const Encoding encoding = gzip ? choose_encoding(request.headers.get("Accept-Encoding"))
                                   : Encoding::identity;
    response.body = encoding == Encoding::brotli ? brotli
                    : encoding == Encoding::gzip ? gzip
                                                 : identity;
    if (gzip) {
      set_form(response, encoding, etag);
    }
    return response;
  }
};

std::shared_ptr<const Kept> keep(const Response& response) {
  auto kept = std::make_shared<Kept>();
  kept->head.status = response.status;
  kept->head.headers = response.headers;
  kept->identity = std::make_shared<const std::string>(response.text());
  const std::string_view given = response.headers.get("ETag");
  kept->etag = given.empty() ? etag_of(*kept->identity) : std::string(given);
  kept->head.headers.set("ETag", kept->etag);
  if (kept->identity->size() >= kCompressBytesMin &&
      is_compressible(response.headers.get("Content-Type"))) {
    kept->gzip = std::make_shared<const std::string>(gzip(*kept->identity, 6));
    kept->brotli = std::make_shared<const std::string>(brotli(*kept->identity, 5));
  }
  return kept;
}

bool may_keep(const Response& response) {
  return response.status == 200 && response.buffered() && !response.headers.has("Set-Cookie") &&
         !response.headers.has("Content-Encoding") &&
         !has_token(response.headers.get("Cache-Control"), "no-store");
}

struct Entry {
  std::string key;
  std::shared_ptr<const Kept> kept;
};

struct Shelf {
  std::list<Entry> entries;  // most recently used first
  std::unordered_map<std::string_view, std::list<Entry>::iterator> index;  // keys live in entries
  ResponseCache::Stats stats;

  std::shared_ptr<const Kept> find(std::string_view key) {
    const auto it = index.find(key);
    if (it == index.end()) {
      ++stats.misses;
      return nullptr;
    }
    ++stats.hits;
    entries.splice(entries.begin(), entries, it->second);
    return it->second->kept;
  }

  void drop(std::list<Entry>::iterator entry) {
    stats.bytes -= entry->kept->bytes() + entry->key.size();
    index.erase(entry->key);
    entries.erase(entry);
  }

  void put(std::string_view key, std::shared_ptr<const Kept> kept, std::size_t bytes_max) {
    if (const auto it = index.find(key); it != index.end()) {
      drop(it->second);
    }
    stats.bytes += kept->bytes() + key.size();
    entries.push_front(Entry{std::string(key), std::move(kept)});
    index.emplace(entries.front().key, entries.begin());
    while (stats.bytes > bytes_max) {
      drop(std::prev(entries.end()));
    }
  }
};

}  // namespace

struct ResponseCache::Impl {
  std::size_t bytes_max = 0;
  Guarded<Shelf> shelf;
};

ResponseCache::ResponseCache(std::size_t bytes_max) : impl_(std::make_unique<Impl>()) {
  impl_->bytes_max = bytes_max;
}

ResponseCache::~ResponseCache() = default;

Result<Response> ResponseCache::get_or(std::string_view key, const Request& request,
                                       const std::function<Result<Response>()>& make) {
  auto kept = impl_->shelf.with([&](Shelf& shelf) { return shelf.find(key); });
  if (kept) {
    return kept->in_form(request);
  }
  Response made = ATALAYA_TRY(make());
  if (!may_keep(made) || made.text().size() > impl_->bytes_max / 8) {
    return made;
  }
  kept = keep(made);
  impl_->shelf.with([&](Shelf& shelf) { shelf.put(key, kept, impl_->bytes_max); });
  return kept->in_form(request);
}

void ResponseCache::clear() {
  impl_->shelf.with([](Shelf& shelf) {
    shelf.index.clear();
    shelf.entries.clear();
    shelf.stats.bytes = 0;
  });
}

ResponseCache::Stats ResponseCache::stats() const {
  return impl_->shelf.with([](const Shelf& shelf) {
    Stats stats = shelf.stats;
    stats.entries = shelf.entries.size();
    return stats;
  });
}

std::string cache_key(const Request& request, std::string_view language,
                      std::string_view version) {
  std::string key = fmt::format("{}\n{}\n{}", language, version, request.path);
  for (const auto& [name, value] : request.query) {
    key += fmt::format("\n{}={}", percent_encode(name), percent_encode(value));
  }
  return key;
}

}  // namespace atalaya::http
