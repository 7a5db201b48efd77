// Negotiation by the examples of RFC 9110, and compressed forms read back by zlib and brotli.

#include <brotli/decode.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>
#include <zlib.h>

#include <atalaya/http/cache.hpp>
#include <atalaya/http/limits.hpp>
#include <atalaya/http/negotiate.hpp>

#include "finish.hpp"
#include "head.hpp"

namespace atalaya::http {
namespace {

std::string gunzip(std::string_view bytes) {
  z_stream stream{};
  EXPECT_EQ(Z_OK, inflateInit2(&stream, 15 + 16));
  std::string in(bytes);
  std::string out(4'000'000, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(in.data());
  stream.avail_in = static_cast<uInt>(in.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  EXPECT_EQ(Z_STREAM_END, inflate(&stream, Z_FINISH));
  out.resize(stream.total_out);
  inflateEnd(&stream);
  return out;
}

std::string unbrotli(std::string_view bytes) {
  std::string out(4'000'000, '\0');
  std::size_t size = out.size();
  EXPECT_EQ(BROTLI_DECODER_RESULT_SUCCESS,
            BrotliDecoderDecompress(bytes.size(),
                                    reinterpret_cast<const std::uint8_t*>(bytes.data()), &size,
                                    reinterpret_cast<std::uint8_t*>(out.data())));
  out.resize(size);
  return out;
}

TEST(Negotiate, ChoosesEncodings) {
  EXPECT_EQ(Encoding::identity, choose_encoding(""));
  EXPECT_EQ(Encoding::brotli, choose_encoding("gzip, deflate, br"));
  EXPECT_EQ(Encoding::brotli, choose_encoding("gzip, deflate, br, zstd"));
  EXPECT_EQ(Encoding::gzip, choose_encoding("compress, gzip"));
  EXPECT_EQ(Encoding::gzip, choose_encoding("gzip;q=1.0, br;q=0.5"));
  EXPECT_EQ(Encoding::gzip, choose_encoding("gzip;q=1.0, identity; q=0.5, *;q=0"));
  EXPECT_EQ(Encoding::brotli, choose_encoding("*"));
  EXPECT_EQ(Encoding::identity, choose_encoding("identity"));
  EXPECT_EQ(Encoding::identity, choose_encoding("identity, gzip;q=0.5"));
  EXPECT_EQ(Encoding::identity, choose_encoding("br;q=0, gzip;q=0"));
  EXPECT_EQ(Encoding::identity, choose_encoding("br;q=oops"));
}

TEST(Negotiate, ChoosesMediaTypesAsInRfc9110Section12_5_1) {
  const std::string_view offers[] = {"text/html", "application/json", "text/plain"};
  EXPECT_EQ(0U, choose_media_type("", offers));
  EXPECT_EQ(1U, choose_media_type("application/json", offers));
  EXPECT_EQ(0U, choose_media_type("*/*", offers));
  EXPECT_EQ(2U, choose_media_type("text/*;q=0.3, text/plain;q=0.7, text/plain;format=flowed",
                                  std::span(offers).subspan(0)));
  EXPECT_EQ(1U, choose_media_type("text/*;q=0.3, */*;q=0.5", offers));
  EXPECT_EQ(std::nullopt, choose_media_type("image/png", offers));
  EXPECT_EQ(1U, choose_media_type("text/*;q=0, application/*", offers));
}

TEST(Negotiate, ComparesTagsWeaklyAndWithoutTheMarkOfTheForm) {
  EXPECT_TRUE(etag_matches("\"a\"", "\"a\""));
  EXPECT_TRUE(etag_matches("W/\"a\"", "\"a\""));
  EXPECT_TRUE(etag_matches("\"x\", \"a-br\"", "\"a\""));
  EXPECT_TRUE(etag_matches("\"a-gzip\"", "\"a-br\""));
  EXPECT_TRUE(etag_matches("*", "\"a\""));
  EXPECT_FALSE(etag_matches("\"b\"", "\"a\""));
  EXPECT_FALSE(etag_matches("*", ""));
  EXPECT_EQ("\"a-br\"", etag_for("\"a\"", Encoding::brotli));
}

RC_GTEST_PROP(Negotiate, CompressedFormsReadBack, (const std::string& seed)) {
  std::string text;
  for (int i = 0; i < 50; ++i) {
    text += seed + std::to_string(i);
  }
  RC_ASSERT(gunzip(gzip(text)) == text);
  RC_ASSERT(unbrotli(brotli(text)) == text);
}

Request asking(std::string_view encodings) {
  Request request;
  request.path = "/x";
  request.headers.add("Accept-Encoding", encodings);
  return request;
}

TEST(Finish, CompressesTextAboveTheThresholdAndNothingElse) {
  const std::string page(kCompressBytesMin, 'a');
  Response response = respond(200, "text/html", page);
  finish(asking("br"), response);
  EXPECT_EQ("br", response.headers.get("Content-Encoding"));
  EXPECT_EQ("Accept-Encoding", response.headers.get("Vary"));
  EXPECT_TRUE(response.headers.get("ETag").ends_with("-br\""));
  EXPECT_EQ(page, unbrotli(response.text()));

  Response plain = respond(200, "text/html", page);
  finish(asking(""), plain);
  EXPECT_FALSE(plain.headers.has("Content-Encoding"));
  EXPECT_EQ("Accept-Encoding", plain.headers.get("Vary"));

  Response small = respond(200, "text/html", page.substr(1));
  Response picture = respond(200, "image/png", page);
  Response secret = respond(200, "text/html", page);
  secret.headers.add("Cache-Control", "private, no-store");
  for (Response* other : {&small, &picture, &secret}) {
    finish(asking("br, gzip"), *other);
    EXPECT_FALSE(other->headers.has("Content-Encoding"));
  }
  EXPECT_FALSE(secret.headers.has("ETag"));
}

TEST(Finish, KeepsAPolicyThatTheHandlerSet) {
  Response response = respond(200, "text/html", "x");
  response.headers.add("Content-Security-Policy", "default-src 'none'");
  finish(Request{}, response);
  EXPECT_EQ(1U, response.headers.count("Content-Security-Policy"));
  EXPECT_EQ("default-src 'none'", response.headers.get("Content-Security-Policy"));
  EXPECT_FALSE(response.headers.has("Strict-Transport-Security"));
}

TEST(Headers, ValuesCannotStartFieldsOfTheirOwn) {
  Response response = redirect(303, "/x\r\nSet-Cookie: a=b");
  const std::string text = head_text(response, "id", HeadOptions{});
  EXPECT_EQ(std::string::npos, text.find("\r\nSet-Cookie"));
}

TEST(HttpDate, IsTheExampleOfRfc9110Section5_6_7) {
  EXPECT_EQ("Sun, 06 Nov 1994 08:49:37 GMT", http_date(UtcTime{784'111'777'000}));
  EXPECT_EQ("Thu, 01 Jan 1970 00:00:00 GMT", http_date(UtcTime{0}));
}

// --- The cache ----------------------------------------------------------------------------------

TEST(ResponseCache, KeepsFormsAndForgetsTheOldest) {
  ResponseCache cache(100'000);
  int made = 0;
  const auto page = [&](const std::string& key, std::string_view encodings) {
    return cache.get_or(key, asking(encodings), [&]() -> Result<Response> {
      ++made;
      return respond(200, "text/html", key + std::string(9'000, 'x'));
    });
  };
  EXPECT_EQ("a" + std::string(9'000, 'x'), page("a", "")->text());
  EXPECT_EQ("a" + std::string(9'000, 'x'), gunzip(page("a", "gzip")->text()));
  EXPECT_EQ("a" + std::string(9'000, 'x'), unbrotli(page("a", "br")->text()));
  EXPECT_EQ(page("a", "")->headers.get("ETag"), page("a", "")->headers.get("ETag"));
  EXPECT_EQ(1, made);
  for (int i = 0; i < 20; ++i) {
    static_cast<void>(page("k" + std::to_string(i), ""));
    static_cast<void>(page("a", ""));  // used again and again, so it stays
  }
  EXPECT_EQ(21, made);
  EXPECT_LE(cache.stats().bytes, 100'000U);
  static_cast<void>(page("k0", ""));
  EXPECT_EQ(22, made);
  cache.clear();
  EXPECT_EQ(0U, cache.stats().bytes);
  static_cast<void>(page("a", ""));
  EXPECT_EQ(23, made);
}

TEST(ResponseCache, DoesNotKeepErrorsCookiesSecretsOrGiants) {
  ResponseCache cache(10'000);
  int made = 0;
  const auto twice = [&](Response response) {
    for (int i = 0; i < 2; ++i) {
      static_cast<void>(cache.get_or("k", asking(""), [&]() -> Result<Response> {
        ++made;
        return response;
      }));
    }
  };
  Response cookie = respond(200, "text/html", "x");
  cookie.headers.add("Set-Cookie", "a=b");
  Response secret = respond(200, "text/html", "x");
  secret.headers.add("Cache-Control", "no-store");
  twice(cookie);
  twice(secret);
  twice(respond(404, "text/html", "x"));
  twice(respond(200, "text/html", std::string(2'000, 'x')));
  EXPECT_EQ(8, made);
  EXPECT_EQ(0U, cache.stats().entries);
}

TEST(CacheKey, SeparatesWhatDiffers) {
  Request one;
  one.path = "/a";
  one.query = {{"b", "c&d=e"}};
  Request two = one;
  two.query = {{"b", "c"}, {"d", "e"}};
  EXPECT_NE(cache_key(one, "en", "1"), cache_key(two, "en", "1"));
  EXPECT_NE(cache_key(one, "en", "1"), cache_key(one, "pt", "1"));
  EXPECT_NE(cache_key(one, "en", "1"), cache_key(one, "en", "2"));
}

}  // namespace
}  // namespace atalaya::http
