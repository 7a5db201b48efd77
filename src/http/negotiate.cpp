#include <atalaya/http/negotiate.hpp>

#include <algorithm>
#include <charconv>
#include <stdexcept>

#include <brotli/encode.h>
#include <fmt/format.h>
#include <zlib.h>

#include <atalaya/base/text.hpp>

#include "ascii.hpp"

namespace atalaya::http {
namespace {

// What a client may make us look at in one Accept header.
constexpr int kMembersMax = 50;

struct Weighted {
  std::string_view value;
  double weight = 1;
};

// One member of an Accept-* list: "br;q=0.5". A weight that is no number counts as zero.
Weighted read_member(std::string_view member) noexcept {
  Weighted result;
  result.value = trim_ows(take(member, ';'));
  while (!member.empty()) {
    std::string_view value = trim_ows(take(member, ';'));
    if (equal_ascii(trim_ows(take(value, '=')), "q")) {
      value = trim_ows(value);
      const auto [end, error] =
          std::from_chars(value.data(), value.data() + value.size(), result.weight);
      const bool good = error == std::errc{} && result.weight >= 0 && result.weight <= 1;
      result.weight = good ? result.weight : 0;
    }
  }
  return result;
}

// How closely a range covers a type: 3 the same, 2 "text/*", 1 "*/*", 0 not.
int closeness(std::string_view range, std::string_view offer) noexcept {
  if (equal_ascii(range, offer)) {
    return 3;
  }
  if (range == "*/*") {
    return 1;
  }
  const std::size_t slash = offer.find('/');
  return range.ends_with("/*") && equal_ascii(range.substr(0, range.size() - 2),
                                              offer.substr(0, slash))
             ? 2
             : 0;
}

double offer_weight(std::string_view accept, std::string_view offer) noexcept {
  int best = 0;
  double weight = 0;
  for (int n = 0; !accept.empty() && n < kMembersMax; ++n) {
    const Weighted member = read_member(take(accept, ','));
    const int close = closeness(member.value, offer);
    if (close > best) {
      best = close;
      weight = member.weight;
    }
  }
  return weight;
}

std::string_view without_form(std::string_view tag) noexcept {
  if (tag.starts_with("W/")) {
    tag.remove_prefix(2);
  }
  if (tag.ends_with('"')) {
    tag.remove_suffix(1);
  }
  for (const std::string_view mark : {"-br", "-gzip"}) {
    if (tag.ends_with(mark)) {
      tag.remove_suffix(mark.size());
    }
  }
  return tag;
}

}  // namespace

std::string_view to_string(Encoding encoding) noexcept {
  switch (encoding) {
    case Encoding::identity:
      return "identity";
    case Encoding::gzip:
      return "gzip";
    case Encoding::brotli:
      return "br";
  }
  return "identity";
}

Encoding choose_encoding(std::string_view accept) noexcept {
  double br = -1;
  double gz = -1;
  double any = 0;
  double identity = -1;
  for (int n = 0; !accept.empty() && n < kMembersMax; ++n) {
    const Weighted member = read_member(take(accept, ','));
    if (equal_ascii(member.value, "br")) {
      br = member.weight;
    } else if (equal_ascii(member.value, "gzip") || equal_ascii(member.value, "x-gzip")) {
      gz = member.weight;
    } else if (equal_ascii(member.value, "identity")) {
      identity = member.weight;
    } else if (member.value == "*") {
      any = member.weight;
    }
  }
  br = br < 0 ? any : br;
  gz = gz < 0 ? any : gz;
  // A client that weighs identity above both asks for it; one that is silent about it does not.
  if (br > 0 && br >= gz && br >= identity) {
    return Encoding::brotli;
  }
  return gz > 0 && gz >= identity ? Encoding::gzip : Encoding::identity;
}

std::optional<std::size_t> choose_media_type(std::string_view accept,
                                             std::span<const std::string_view> offers) {
  if (offers.empty()) {
    return std::nullopt;
  }
  if (trim_ows(accept).empty()) {
    return 0;
  }
  std::optional<std::size_t> best;
  double best_weight = 0;
  for (std::size_t i = 0; i < offers.size(); ++i) {
    const double weight = offer_weight(accept, offers[i]);
    if (weight > best_weight) {
      best = i;
      best_weight = weight;
    }
  }
  return best;
}

std::string media_type(std::string_view content_type) {
  return lower_ascii(trim_ows(take(content_type, ';')));
}

bool is_compressible(std::string_view content_type) {
  const std::string type = media_type(content_type);
  return type.starts_with("text/") || type.ends_with("json") || type.ends_with("xml") ||
         type.ends_with("+csv") || type == "image/svg+xml" || type == "application/javascript" ||
         type == "application/wasm" || type == "font/ttf" || type == "font/otf";
}

bool etag_matches(std::string_view if_none_match, std::string_view etag) {
  if (etag.empty()) {
    return false;
  }
  while (!if_none_match.empty()) {
    const std::string_view member = trim_ows(take(if_none_match, ','));
    if (member == "*" || (!member.empty() && without_form(member) == without_form(etag))) {
      return true;
    }
  }
  return false;
}

std::string etag_for(std::string_view etag, Encoding encoding) {
  if (encoding == Encoding::identity || !etag.ends_with('"')) {
    return std::string(etag);
  }
  return fmt::format("{}-{}\"", etag.substr(0, etag.size() - 1), to_string(encoding));
}

std::string etag_of(std::string_view bytes) {
  const std::vector<std::uint8_t> digest = sha256(bytes);
  return fmt::format("\"{}\"", to_hex(std::span(digest).first(16)));
}

std::string gzip(std::string_view bytes, int level) {
  z_stream stream{};
  // 16 added to the window asks zlib for a gzip wrapper.
  if (deflateInit2(&stream, level, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) != Z_OK) {
    throw std::bad_alloc();
  }
  std::string out(deflateBound(&stream, bytes.size()), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
  stream.avail_in = static_cast<uInt>(bytes.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  const int result = deflate(&stream, Z_FINISH);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  ATALAYA_CHECK(result == Z_STREAM_END);
  return out;
}

std::string brotli(std::string_view bytes, int quality) {
  std::size_t size = BrotliEncoderMaxCompressedSize(bytes.size());
  std::string out(size, '\0');
  const BROTLI_BOOL good = BrotliEncoderCompress(
      quality, BROTLI_DEFAULT_WINDOW, BROTLI_MODE_TEXT, bytes.size(),
      reinterpret_cast<const std::uint8_t*>(bytes.data()), &size,
      reinterpret_cast<std::uint8_t*>(out.data()));
  if (good == BROTLI_FALSE) {
    throw std::bad_alloc();
  }
  out.resize(size);
  return out;
}

}  // namespace atalaya::http
