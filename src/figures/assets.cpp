#include <atalaya/figures/assets.hpp>

#include <map>
#include <memory>
#include <string>
#include <vector>

#include <atalaya/base/embedded.hpp>
#include <atalaya/base/result.hpp>
#include <atalaya/base/text.hpp>

ATALAYA_EMBEDDED(assets);

namespace atalaya::figures {
namespace {

constexpr std::size_t kHashDigits = 8;

std::string_view content_type_of(std::string_view extension) {
  if (extension == ".css") {
    return "text/css; charset=utf-8";
  }
  if (extension == ".js") {
    return "text/javascript; charset=utf-8";
  }
  if (extension == ".svg") {
    return "image/svg+xml";
  }
  return extension == ".woff2" ? "font/woff2" : "application/octet-stream";
}

struct Table {
  std::vector<std::unique_ptr<std::string>> texts;  // what the views of the assets point to
  std::map<std::string_view, Asset> by_url;
  std::map<std::string_view, std::string_view> url_by_name;

  std::string_view keep(std::string text) {
    return *texts.emplace_back(std::make_unique<std::string>(std::move(text)));
  }
};

const Table& table() {
  static const Table all = [] {
    Table built;
    for (const auto& file : embedded::assets_all()) {
      const auto name = file.path.substr(file.path.rfind('/') + 1);
      const auto dot = name.rfind('.');
      const std::string hash = to_hex(sha256(file.bytes));
      Asset asset;
      asset.url = built.keep(std::string("/assets/")
                                 .append(name.substr(0, dot))
                                 .append(".")
                                 .append(hash, 0, kHashDigits)
                                 .append(name.substr(dot)));
      asset.content_type = content_type_of(name.substr(dot));
      asset.etag = built.keep("\"" + hash.substr(0, 32) + "\"");
      asset.bytes = file.bytes;
      if (asset.content_type != "font/woff2") {
        asset.gzip = file.gzip;
        asset.brotli = file.brotli;
      }
      built.url_by_name.emplace(name, asset.url);
      built.by_url.emplace(asset.url, asset);
    }
    return built;
  }();
  return all;
}

}  // namespace

std::string_view asset_url(std::string_view name) {
  const auto& urls = table().url_by_name;
  const auto it = urls.find(name);
  ATALAYA_CHECK(it != urls.end());
  return it->second;
}

const Asset* find_asset(std::string_view path) {
  const auto& assets = table().by_url;
  const auto it = assets.find(path);
  return it == assets.end() ? nullptr : &it->second;
}

}  // namespace atalaya::figures
