// Targets, forms, cookies and multipart: what is accepted, what is refused and why, and that
// encoding and decoding are each other's reverse. server_test.cpp has the refusals on the wire.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <atalaya/base/text.hpp>
#include <atalaya/http/target.hpp>

namespace atalaya::http {
namespace {

using ::testing::ElementsAre;
using ::testing::Pair;

TEST(Target, DecodesPathAndQuery) {
  const auto target = parse_target("/es/b%C3%BAsqueda/?q=polic%C3%ADa+y&vac&=x&a=b=c", Limits{});
  ASSERT_TRUE(target);
  EXPECT_EQ("/es/búsqueda/", target->path);
  EXPECT_THAT(target->segments, ElementsAre("es", "búsqueda"));
  EXPECT_THAT(target->query, ElementsAre(Pair("q", "policía y"), Pair("vac", ""), Pair("", "x"),
                                         Pair("a", "b=c")));
  EXPECT_EQ("/", parse_target("/", Limits{})->path);
  EXPECT_TRUE(parse_target("/", Limits{})->segments.empty());
  const auto absolute = parse_target("HTTPS://node.example:8420?x=1", Limits{});
  ASSERT_TRUE(absolute);
  EXPECT_EQ("/?x=1", absolute->origin);
  EXPECT_EQ("/", absolute->path);
  EXPECT_EQ("node.example:8420", absolute->authority);
  EXPECT_EQ("/a.b/..c", parse_target("/a.b/..c", Limits{})->path);
}

TEST(Target, BoundsTheNumberOfParameters) {
  std::string target = "/?";
  for (int i = 0; i < 65; ++i) {
    target += "a=1&";
  }
  EXPECT_EQ("http.target.too_many_params", parse_target(target, Limits{}).error().reason);
}

RC_GTEST_PROP(Target, PercentCodingIsReversible, (const std::string& bytes)) {
  RC_ASSERT(percent_decode(percent_encode(bytes), false) == bytes);
  RC_ASSERT(percent_decode(percent_encode(bytes), true) == bytes);
}

RC_GTEST_PROP(Target, AnyTextSurvivesAQuery, ()) {
  const auto text = *rc::gen::map(rc::gen::container<std::string>(rc::gen::inRange<char>(1, 127)),
                                  [](std::string s) { return s + "ñ€"; });
  const auto target =
      parse_target("/?" + percent_encode(text) + "=" + percent_encode(text), Limits{});
  RC_ASSERT(target.has_value());
  RC_ASSERT(target->query.size() == 1U);
  RC_ASSERT(target->query.front().first == text);
  RC_ASSERT(target->query.front().second == text);
}

TEST(Cookie, FindsTheFirstOfThatNameOnly) {
  EXPECT_EQ("1", cookie("a=1; b=2; a=3", "a"));
  EXPECT_EQ("2", cookie("aa=1;  b=2", "b"));
  EXPECT_EQ("", cookie("a=", "a"));
  EXPECT_EQ("x=y", cookie("a=x=y", "a"));
  EXPECT_EQ(std::nullopt, cookie("ba=1; a", "a"));
  EXPECT_EQ(std::nullopt, cookie("", "a"));
}

TEST(Multipart, ReadsFieldsAndFiles) {
  const std::string body =
      "preamble\r\n--B x\r\nContent-Disposition: form-data; name=\"csrf\"\r\n\r\ntoken\r\n"
      "--B x\r\ncontent-disposition: form-data; name=file; filename=\"C:\\\\tmp\\\\ñ.txt\"\r\n"
      "Content-Type: text/plain\r\n\r\nline\r\n--B not a boundary\r\n--B x--\r\nepilogue";
  const auto parts = parse_multipart("multipart/form-data; boundary=\"B x\"", body, 10);
  ASSERT_TRUE(parts) << parts.error().detail;
  ASSERT_EQ(2U, parts->size());
  EXPECT_EQ("csrf", parts->at(0).name);
  EXPECT_EQ("token", parts->at(0).bytes);
  EXPECT_EQ("ñ.txt", parts->at(1).file_name);
  EXPECT_EQ("text/plain", parts->at(1).media_type);
  EXPECT_EQ("line\r\n--B not a boundary", parts->at(1).bytes);
}

TEST(Multipart, RefusesWhatIsCutOrTooMuch) {
  const std::string part = "--B\r\nContent-Disposition: form-data; name=a\r\n\r\n1\r\n";
  const std::string type = "multipart/form-data; boundary=B";
  EXPECT_TRUE(parse_multipart(type, part + "--B--", 2));
  EXPECT_EQ("http.multipart.too_many",
            parse_multipart(type, part + part + part + "--B--", 2).error().reason);
  EXPECT_EQ("http.multipart.boundary",
            parse_multipart("multipart/form-data", part, 2).error().reason);
  EXPECT_EQ("http.multipart.bad", parse_multipart(type, part, 2).error().reason);
  EXPECT_EQ("http.multipart.bad", parse_multipart(type, "", 2).error().reason);
  EXPECT_EQ("http.multipart.bad",
            parse_multipart(type, "--B\r\nX: y\r\n\r\n1\r\n--B--", 2).error().reason);
  const std::string whole = part + "--B--\r\n";
  for (std::size_t n = 0; n + 4 < whole.size(); ++n) {
    EXPECT_FALSE(parse_multipart(type, whole.substr(0, n), 2)) << n;
  }
}

}  // namespace
}  // namespace atalaya::http
