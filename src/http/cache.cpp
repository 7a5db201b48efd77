#include <atalaya/http/cache.hpp>

#include <algorithm>
#include <list>
#include <unordered_map>
#include <vector>

#include <fmt/format.h>

#include <atalaya/base/guarded.hpp>
#include <atalaya/base/text.hpp>
#include <atalaya/http/limits.hpp>
#include <atalaya/http/negotiate.hpp>
#include <atalaya/http/target.hpp>

#include "ascii.hpp"

namespace atalaya::http {
namespace {

constexpr std::string_view kImmutable = "public, max-age=31536000, immutable";

// Fills the headers of one encoded form; `etag` is the identity form's tag.
void set_form(Response& response, Encoding encoding, std::string_view etag) {
  response.headers.add_token("Vary", "Accept-Encoding");
  if (encoding != Encoding::identity) {
    response.headers.set("Content-Encoding", to_string(encoding));
  }
  response.headers.set("ETag", etag_for(etag, encoding));
}

}  // namespace

struct Assets::Impl {
  struct Asset {
    const EmbeddedFile* file;
    std::string etag;
    std::string_view media_type;
  };
  std::vector<EmbeddedFile> files;  // sorted by path
  std::vector<Asset> assets;        // in the same order
  std::string prefix;
  std::string version;  // first 10 digits of the hash of all files

  [[nodiscard]] const Asset* find(std::string_view path) const noexcept {
    const auto it = std::ranges::lower_bound(
        assets, path, {}, [](const Asset& asset) { return asset.file->path; });
    return it != assets.end() && it->file->path == path ? &*it : nullptr;
  }
};

Assets::Assets(std::span<const EmbeddedFile> files, std::string_view prefix)
    : impl_(std::make_unique<Impl>()) {
  impl_->files.assign(files.begin(), files.end());
  std::ranges::sort(impl_->files, {}, &EmbeddedFile::path);
  impl_->prefix = prefix;
  std::string all;
  for (const EmbeddedFile& file : impl_->files) {
    const std::string etag = etag_of(file.bytes);
    all += fmt::format("{}\n{}\n", file.path, etag);
    impl_->assets.push_back(Impl::Asset{&file, etag, media_type_of(file.path)});
  }
  impl_->version = to_hex(sha256(all)).substr(0, 10);
}

Assets::~Assets() = default;

std::string Assets::url(std::string_view path) const {
  ATALAYA_CHECK(has(path));
  return fmt::format("{}/{}/{}", impl_->prefix, impl_->version, path);
}

bool Assets::has(std::string_view path) const noexcept {
  return impl_->find(path) != nullptr;
}

Result<Response> Assets::serve(const Request& request) const {
  std::string_view path = request.path;
  if (!path.starts_with(impl_->prefix)) {
    return fail(ErrorCode::not_found, "http.asset.missing", request.path);
  }
  path.remove_prefix(impl_->prefix.size());
  path.remove_prefix(path.starts_with('/') ? 1 : 0);
  bool immutable = false;
  if (path.starts_with(impl_->version) && path.substr(impl_->version.size()).starts_with('/')) {
    path.remove_prefix(impl_->version.size() + 1);
    immutable = true;
  }
  const Impl::Asset* asset = impl_->find(path);
  if (asset == nullptr) {
    return fail(ErrorCode::not_found, "http.asset.missing", path);
  }
  const EmbeddedFile& file = *asset->file;
  Response response = respond(200, asset->media_type, {});
  response.headers.set("Cache-Control", immutable ? kImmutable : "no-cache");
  Encoding encoding = choose_encoding(request.headers.get("Accept-Encoding"));
  // Fonts and pictures are compressed already: their forms are larger than they are.
  const std::string_view form = encoding == Encoding::brotli ? file.brotli
                                : encoding == Encoding::gzip ? file.gzip
                                                             : std::string_view();
  if (form.empty() || form.size() >= file.bytes.size()) {
    encoding = Encoding::identity;
  }
  response.body = encoding == Encoding::identity ? file.bytes : form;
  if (is_compressible(asset->media_type)) {
    set_form(response, encoding, asset->etag);
  } else {
    response.headers.set("ETag", asset->etag);
  }
  return response;
}

namespace {

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
