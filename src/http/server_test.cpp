// The server against raw sockets: what the protocol demands, every limit, and stopping. Limits
// are set to fractions of a second, so that no test waits for a default.

#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <future>
#include <latch>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atalaya/http/client.hpp>
#include <atalaya/http/server.hpp>

#include "loopback.hpp"

namespace atalaya::http {
namespace {

using std::chrono::milliseconds;
using ::testing::AllOf;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

Response echo(const Request& request) {
  if (request.path == "/throw") {
    throw std::runtime_error("secret detail");
  }
  if (request.path == "/big") {
    return respond(200, "application/octet-stream", std::string(8'000'000, 'x'));
  }
  if (request.path == "/slow") {
    std::this_thread::sleep_for(milliseconds(300));
  }
  if (request.path == "/stream") {
    Response response = respond(200, "text/plain", {});
    response.body = Stream{[n = 0](std::string& out) mutable -> Result<bool> {
                             out = "piece " + std::to_string(n++) + "\n";
                             return n < 3;
                           },
                           std::nullopt};
    return response;
  }
  return respond(200, "text/plain",
                 request.method_name + " " + request.path + " " + std::to_string(request.body.size()));
}

Options fast() {
  Options options;
  options.limits.header_timeout = milliseconds(300);
  options.limits.keep_alive_timeout = milliseconds(300);
  options.limits.body_grace = milliseconds(300);
  options.limits.body_rate_bytes_min = 1000;
  options.limits.write_grace = milliseconds(300);
  options.limits.write_rate_bytes_min = 1'000'000;
  options.limits.linger_timeout = milliseconds(200);
  options.limits.stop_timeout = milliseconds(2'000);
  return options;
}

std::string exchange(Server& server, std::string_view text) {
  RawClient client(server.port());
  client.send(text);
  std::string answer = client.read_all();
  EXPECT_TRUE(client.closed());
  return answer;
}

TEST(Server, AnswersAndSetsEverySecurityHeader) {
  RunningServer server(fast(), echo);
  const std::string answer =
      exchange(*server, "GET /a%20b?x=1 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 200 OK\r\n"));
  EXPECT_THAT(answer, EndsWith("\r\n\r\nGET /a b 0"));
  for (const char* header :
       {"Content-Security-Policy: default-src 'none';", "X-Content-Type-Options: nosniff",
        "Referrer-Policy: same-origin", "Permissions-Policy: ", "Cross-Origin-Opener-Policy: ",
        "Cross-Origin-Resource-Policy: ", "X-Request-Id: ", "Date: ", "ETag: \"",
        "Content-Length: 10\r\n", "Connection: close"}) {
    EXPECT_THAT(answer, HasSubstr(header));
  }
  EXPECT_THAT(answer, Not(HasSubstr("Server:")));
}

TEST(Server, KeepsConnectionsAndAnswersPipelinedRequestsInOrder) {
  RunningServer server(fast(), echo);
  RawClient client(server->port());
  client.send(
      "GET /1 HTTP/1.1\r\nHost: a\r\n\r\n"
      "POST /2 HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc"
      "POST /3 HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
      "2\r\nab\r\n3\r\ncde\r\n0\r\nTrailer: ignored\r\n\r\n"
      "GET /4 HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_THAT(client.read_one(), EndsWith("GET /1 0"));
  EXPECT_THAT(client.read_one(), EndsWith("POST /2 3"));
  EXPECT_THAT(client.read_one(), EndsWith("POST /3 5"));
  EXPECT_THAT(client.read_one(), EndsWith("GET /4 0"));
  EXPECT_EQ("", client.read_all());  // idle time over: closed without a word
  EXPECT_TRUE(client.closed());
}

TEST(Server, HeadHasTheLengthButNoBody) {
  RunningServer server(fast(), echo);
  RawClient client(server->port());
  client.send("HEAD /x HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_THAT(client.read_one(true), AllOf(HasSubstr("Content-Length: 9\r\n"), EndsWith("\r\n\r\n")));
  client.send("GET /x HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_THAT(client.read_one(), EndsWith("GET /x 0"));
}

TEST(Server, NotModifiedForAKnownTag) {
  RunningServer server(fast(), echo);
  RawClient client(server->port());
  client.send("GET /x HTTP/1.1\r\nHost: a\r\n\r\n");
  const std::string first = client.read_one();
  const std::size_t at = first.find("ETag: ") + 6;
  const std::string tag = first.substr(at, first.find('\r', at) - at);
  client.send("GET /x HTTP/1.1\r\nHost: a\r\nIf-None-Match: \"q\", W/" + tag + "\r\n\r\n");
  const std::string second = client.read_one();
  EXPECT_THAT(second, AllOf(StartsWith("HTTP/1.1 304 Not Modified\r\n"), HasSubstr("ETag: " + tag),
                            Not(HasSubstr("Content-Length")), EndsWith("\r\n\r\n")));
  client.send("GET /x HTTP/1.1\r\nHost: a\r\nIf-None-Match: \"other\"\r\n\r\n");
  EXPECT_THAT(client.read_one(), StartsWith("HTTP/1.1 200"));
}

TEST(Server, HandlerThatThrowsGivesAProblemWithoutItsText) {
  RunningServer server(fast(), echo);
  RawClient client(server->port());
  client.send("GET /throw HTTP/1.1\r\nHost: a\r\n\r\n");
  const std::string answer = client.read_one();
  EXPECT_THAT(answer, AllOf(StartsWith("HTTP/1.1 500 "), HasSubstr("application/problem+json"),
                            HasSubstr("\"request_id\":\""), HasSubstr("http.handler.threw"),
                            Not(HasSubstr("secret"))));
  client.send("GET /x HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_THAT(client.read_one(), StartsWith("HTTP/1.1 200"));
}

TEST(Server, StreamsInChunksAndUntilCloseForOldClients) {
  RunningServer server(fast(), echo);
  const std::string answer =
      exchange(*server, "GET /stream HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
  EXPECT_THAT(answer, HasSubstr("Transfer-Encoding: chunked"));
  EXPECT_THAT(answer, EndsWith("8\r\npiece 0\n\r\n8\r\npiece 1\n\r\n8\r\npiece 2\n\r\n0\r\n\r\n"));
  EXPECT_THAT(exchange(*server, "GET /stream HTTP/1.0\r\n\r\n"),
              AllOf(Not(HasSubstr("chunked")), EndsWith("\r\n\r\npiece 0\npiece 1\npiece 2\n")));
}

struct Bad {
  const char* name;
  std::string request;
  const char* status;
  const char* reason;
};

class Refuses : public ::testing::TestWithParam<Bad> {};

TEST_P(Refuses, AndCloses) {
  Options options = fast();
  options.host_names = {"a", "localhost"};
  std::atomic<int> handled = 0;
  RunningServer server(options, [&](const Request& request) {
    ++handled;
    return echo(request);
  });
  RawClient client(server->port());
  // What follows would be a second request if the first were read to a different end.
  client.send(GetParam().request + "GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n");
  const std::string answer = client.read_all();
  EXPECT_TRUE(client.closed());
  EXPECT_THAT(answer, StartsWith(std::string("HTTP/1.1 ") + GetParam().status));
  EXPECT_THAT(answer, AllOf(HasSubstr(GetParam().reason), HasSubstr("Connection: close"),
                            HasSubstr("default-src 'none'"), Not(HasSubstr("smuggled"))));
  EXPECT_EQ(0, handled);
}

std::string get(std::string_view target, std::string_view more = "") {
  return "GET " + std::string(target) + " HTTP/1.1\r\nHost: a\r\n" + std::string(more) + "\r\n";
}

std::string post(std::string_view fields, std::string_view body) {
  return "POST /p HTTP/1.1\r\nHost: a\r\n" + std::string(fields) + "\r\n" + std::string(body);
}

std::string many_headers() {
  std::string text;
  for (int i = 0; i < 80; ++i) {
    text += "X-" + std::to_string(i) + ": v\r\n";
  }
  return text;
}

INSTANTIATE_TEST_SUITE_P(
    Server, Refuses,
    ::testing::Values(
        Bad{"two_lengths", post("Content-Length: 3\r\nContent-Length: 4\r\n", "abc"), "400",
            "http.framing"},
        Bad{"same_length_twice", post("Content-Length: 3\r\nContent-Length: 3\r\n", "abc"), "400",
            "http.framing.ambiguous"},
        Bad{"length_list", post("Content-Length: 3, 3\r\n", "abc"), "400", "http.framing.length"},
        Bad{"length_sign", post("Content-Length: +3\r\n", "abc"), "400", "http."},
        Bad{"length_hex", post("Content-Length: 0x3\r\n", "abc"), "400", "http."},
        Bad{"length_minus", post("Content-Length: -1\r\n", "abc"), "400", "http."},
        Bad{"length_huge", post("Content-Length: 99999999999999999999\r\n", "abc"), "400", "http."},
        Bad{"cl_te", post("Content-Length: 3\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n"),
            "400", "http.framing.ambiguous"},
        Bad{"te_cl", post("Transfer-Encoding: chunked\r\nContent-Length: 3\r\n", "0\r\n\r\n"),
            "400", "http.framing.ambiguous"},
        Bad{"te_twice", post("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n",
                             "0\r\n\r\n"),
            "400", "http.framing.ambiguous"},
        Bad{"te_unknown", post("Transfer-Encoding: gzip\r\n", ""), "501", "http.framing.coding"},
        Bad{"te_list", post("Transfer-Encoding: gzip, chunked\r\n", "0\r\n\r\n"), "501",
            "http.framing.coding"},
        Bad{"te_not_last", post("Transfer-Encoding: chunked, identity\r\n", "0\r\n\r\n"), "501",
            "http.framing.coding"},
        Bad{"te_odd_space", post("Transfer-Encoding : chunked\r\n", "0\r\n\r\n"), "400", "http."},
        Bad{"te_10", "POST /p HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", "400",
            "http.framing.ambiguous"},
        Bad{"chunk_bad", post("Transfer-Encoding: chunked\r\n", "zz\r\nab\r\n0\r\n\r\n"), "400",
            "http.malformed"},
        Bad{"chunk_huge", post("Transfer-Encoding: chunked\r\n", "FFFFFFFFFFFFFFFFF\r\nab\r\n"),
            "400", "http.malformed"},
        Bad{"chunk_over_limit", post("Transfer-Encoding: chunked\r\n", "FFFFFFF\r\nab\r\n"), "413",
            "http.body.too_big"},
        Bad{"body_over_limit", post("Content-Length: 99999999\r\n", ""), "413",
            "http.body.too_big"},
        Bad{"no_host", "GET / HTTP/1.1\r\n\r\n", "400", "http.host"},
        Bad{"two_hosts", get("/", "Host: a\r\n"), "400", "http.host"},
        Bad{"other_host", "GET / HTTP/1.1\r\nHost: evil.example:80\r\n\r\n", "421",
            "http.host.unknown"},
        Bad{"host_differs", get("http://localhost/"), "400", "http.host"},
        Bad{"version_2", "GET / HTTP/2.0\r\nHost: a\r\n\r\n", "505", "http.version"},
        Bad{"version_09", "GET / HTTP/0.9\r\nHost: a\r\n\r\n", "505", "http.version"},
        Bad{"no_version", "GET /\r\n\r\n", "400", "http.malformed"},
        Bad{"garbage", "\x16\x03\x01 hello\r\n\r\n", "400", "http.malformed"},
        Bad{"ctl_in_header", get("/", "X: a\x01z\r\n"), "400", "http.malformed"},
        Bad{"space_in_name", get("/", "X Y: a\r\n"), "400", "http.malformed"},
        Bad{"percent", get("/a%2"), "400", "http.target.encoding"},
        Bad{"percent_letters", get("/a%zz"), "400", "http.target.encoding"},
        Bad{"not_utf8", get("/a%ff"), "400", "http.target.encoding"},
        Bad{"overlong", get("/%c0%af"), "400", "http.target.encoding"},
        Bad{"nul", get("/a%00b"), "400", "http.target.control"},
        Bad{"newline", get("/a%0ab"), "400", "http.target.control"},
        Bad{"backslash", get("/a%5cb"), "400", "http.target.control"},
        Bad{"dots", get("/a/../b"), "400", "http.target.dots"},
        Bad{"dots_encoded", get("/a/%2e%2E/b"), "400", "http.target.dots"},
        Bad{"dot_end", get("/a/."), "400", "http.target.dots"},
        Bad{"slash_encoded", get("/a%2fb"), "400", "http.target.encoded_slash"},
        Bad{"double_slash", get("//a"), "400", "http.target.empty_segment"},
        Bad{"query_nul", get("/a?x=%00"), "400", "http.target.control"},
        Bad{"query_percent", get("/a?x=%"), "400", "http.target.encoding"},
        Bad{"asterisk", "OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n", "400", "http.target.form"},
        Bad{"authority", "CONNECT a:80 HTTP/1.1\r\nHost: a\r\n\r\n", "400", "http.target.form"},
        Bad{"ftp", get("ftp://a/x"), "400", "http.target.form"},
        Bad{"userinfo", get("http://me@a/x"), "400", "http.target.form"},
        Bad{"expect", get("/", "Expect: the-unexpected\r\n"), "417", "http.expect"},
        Bad{"target_long", get("/" + std::string(9'000, 'a')), "414", "http.target.too_long"},
        Bad{"header_long", get("/", "X: " + std::string(20'000, 'a') + "\r\n"), "431",
            "http.header.too_big"},
        Bad{"header_many", get("/", many_headers()), "431", "http.header.too_many"}),
    [](const auto& bad) { return std::string(bad.param.name); });

TEST(Server, AcceptsAbsoluteFormForItsOwnName) {
  RunningServer server(fast(), echo);
  RawClient client(server->port());
  client.send("GET http://a/x?y=1 HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_THAT(client.read_one(), EndsWith("GET /x 0"));
}

TEST(Server, BodyLimitIsDecidedByRouteBeforeTheBodyIsRead) {
  Options options = fast();
  options.body_limit = [](const Request& head) -> std::size_t {
    return head.path == "/upload" && head.method == Method::put ? 2'000'000 : 10;
  };
  RunningServer server(options, echo);
  RawClient client(server->port());
  client.send("POST /upload HTTP/1.1\r\nHost: a\r\nContent-Length: 11\r\n\r\n");
  EXPECT_THAT(client.read_all(), StartsWith("HTTP/1.1 413"));  // no byte of the body was sent
  RawClient other(server->port());
  other.send("PUT /upload HTTP/1.1\r\nHost: a\r\nContent-Length: 1500000\r\n\r\n" +
             std::string(1'500'000, 'b'));
  EXPECT_THAT(other.read_one(), EndsWith("PUT /upload 1500000"));
}

TEST(Server, ContinuesWhenTheClientAsks) {
  RunningServer server(fast(), echo);
  RawClient client(server->port());
  client.send("POST /p HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n");
  EXPECT_EQ("HTTP/1.1 100 Continue\r\n\r\n", client.read_one());
  client.send("ab");
  EXPECT_THAT(client.read_one(), EndsWith("POST /p 2"));
  RawClient big(server->port());
  big.send("POST /p HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999\r\nExpect: 100-continue\r\n\r\n");
  EXPECT_THAT(big.read_all(), StartsWith("HTTP/1.1 413"));
}

TEST(Server, SlowHeaderEndsWith408) {
  RunningServer server(fast(), echo);
  RawClient client(server->port());
  std::string answer;
  // Each byte comes well within any timeout between two bytes; all together are too slow.
  for (const char c : std::string_view("GET / HTTP/1.1\r\nHost: a\r\n")) {
    client.send(std::string(1, c));
    answer = client.read_all(milliseconds(50));
    if (!answer.empty()) {
      break;
    }
  }
  EXPECT_THAT(answer, AllOf(StartsWith("HTTP/1.1 408"), HasSubstr("http.header.timeout")));
  EXPECT_EQ(1U, server->stats().timeouts);
}

TEST(Server, SlowBodyEndsWith408ButASteadyOnePasses) {
  RunningServer server(fast(), echo);
  RawClient slow(server->port());
  slow.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\n");
  std::string answer;
  for (int i = 0; i < 40 && answer.empty(); ++i) {
    slow.send("x");
    answer = slow.read_all(milliseconds(25));
  }
  EXPECT_THAT(answer, AllOf(StartsWith("HTTP/1.1 408"), HasSubstr("http.body.timeout")));

  RawClient steady(server->port());
  steady.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\n");
  for (int i = 0; i < 10; ++i) {
    steady.send(std::string(100, 'x'));
    std::this_thread::sleep_for(milliseconds(50));
  }
  EXPECT_THAT(steady.read_one(), EndsWith("POST / 1000"));
}

TEST(Server, SlowReaderIsCutOff) {
  RunningServer server(fast(), echo);
  RawClient client(server->port(), 4096);
  client.send("GET /big HTTP/1.1\r\nHost: a\r\n\r\n");
  for (int i = 0; i < 200 && server->stats().timeouts == 0; ++i) {
    std::this_thread::sleep_for(milliseconds(20));
  }
  EXPECT_EQ(1U, server->stats().timeouts);
  EXPECT_LT(client.read_all().size(), 8'000'000U);
}

TEST(Server, QuickReaderGetsAllOfABigAnswer) {
  RunningServer server(fast(), echo);
  RawClient client(server->port());
  client.send("GET /big HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
  EXPECT_GT(client.read_all().size(), 8'000'000U);
}

TEST(Server, RefusesConnectionsOverTheLimitPerPeerAndInAll) {
  for (const bool in_all : {true, false}) {
    Options options = fast();
    options.limits.header_timeout = std::chrono::seconds(5);
    (in_all ? options.limits.connections_max : options.limits.connections_per_peer_max) = 3;
    RunningServer server(options, echo);
    RawClient one(server->port());
    RawClient two(server->port());
    auto three = std::make_unique<RawClient>(server->port());
    for (RawClient* client : {&one, &two, three.get()}) {
      client->send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
      EXPECT_THAT(client->read_one(), StartsWith("HTTP/1.1 200"));
    }
    RawClient four(server->port());
    EXPECT_THAT(four.read_all(), AllOf(StartsWith("HTTP/1.1 503"), HasSubstr("Retry-After")));
    EXPECT_EQ(1U, server->stats().connections_refused);
    three.reset();
    for (int i = 0; i < 200 && server->stats().connections_open > 2; ++i) {
      std::this_thread::sleep_for(milliseconds(5));
    }
    RawClient five(server->port());
    five.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    EXPECT_THAT(five.read_one(), StartsWith("HTTP/1.1 200"));
  }
}

TEST(Server, TrustedProxyNamesTheClient) {
  Options options = fast();
  options.trusted_proxy = "127.0.0.1";
  options.limits.connections_per_peer_max = 1;
  RunningServer server(options, [](const Request& request) {
    return respond(200, "text/plain", request.peer + (request.secure ? " tls" : " plain"));
  });
  RawClient one(server->port());
  RawClient two(server->port());
  for (RawClient* client : {&one, &two}) {
    client->send(
        "GET / HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: 203.0.113.9, 2001:db8::7\r\n"
        "X-Forwarded-Proto: https\r\n\r\n");
    EXPECT_THAT(client->read_one(), EndsWith("2001:db8::7 tls"));
    // A proxy that adds a field of its own behind those of the client.
    client->send(
        "GET / HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: 198.51.100.1\r\nX-Forwarded-Proto: https\r\n"
        "x-forwarded-for: ::ffff:203.0.113.9\r\nX-Forwarded-Proto: http\r\n\r\n");
    EXPECT_THAT(client->read_one(), EndsWith("203.0.113.9 plain"));
  }
}

TEST(Server, StrangersCannotNameThemselvesAndThePeerCanBeLeftOut) {
  for (const bool keep : {true, false}) {
    Options options = fast();
    options.keep_peer_address = keep;
    RunningServer server(options, [](const Request& request) {
      return respond(200, "text/plain", "[" + request.peer + "]");
    });
    RawClient client(server->port());
    client.send("GET / HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: 203.0.113.9\r\n\r\n");
    EXPECT_THAT(client.read_one(), EndsWith(keep ? "[127.0.0.1]" : "[]"));
  }
}

TEST(Server, FullQueueIsAnswered503WithRetryAfter) {
  Options options = fast();
  options.worker_threads = 1;
  options.limits.queue_length_max = 1;
  std::latch release(1);
  std::atomic<int> entered = 0;
  RunningServer server(options, [&](const Request& request) {
    ++entered;
    release.wait();
    return echo(request);
  });
  RawClient working(server->port());
  working.send("GET /1 HTTP/1.1\r\nHost: a\r\n\r\n");
  while (entered == 0) {
    std::this_thread::yield();
  }
  RawClient waiting(server->port());
  waiting.send("GET /2 HTTP/1.1\r\nHost: a\r\n\r\n");
  while (server->stats().queue_length == 0) {
    std::this_thread::yield();
  }
  RawClient refused(server->port());
  refused.send("GET /3 HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_THAT(refused.read_one(), AllOf(StartsWith("HTTP/1.1 503"), HasSubstr("Retry-After: "),
                                        HasSubstr("http.queue.full")));
  release.count_down();
  EXPECT_THAT(working.read_one(), EndsWith("GET /1 0"));
  EXPECT_THAT(waiting.read_one(), EndsWith("GET /2 0"));
  EXPECT_EQ(1U, server->stats().queue_refused);
}

TEST(Server, RequestThatWaitedTooLongIsNotWorkedOn) {
  Options options = fast();
  options.worker_threads = 1;
  options.limits.queue_wait_max = milliseconds(50);
  RunningServer server(options, echo);
  RawClient slow(server->port());
  slow.send("GET /slow HTTP/1.1\r\nHost: a\r\n\r\n");
  while (server->stats().requests_in_flight == 0) {
    std::this_thread::yield();
  }
  RawClient late(server->port());
  late.send("GET /late HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_THAT(late.read_one(), AllOf(StartsWith("HTTP/1.1 503"), HasSubstr("http.queue.waited")));
  EXPECT_THAT(slow.read_one(), EndsWith("GET /slow 0"));
}

TEST(Server, BodiesOfAllConnectionsTogetherAreBounded) {
  Options options = fast();
  options.limits.body_bytes_total_max = 100'000;
  options.limits.body_grace = std::chrono::seconds(5);
  RunningServer server(options, echo);
  RawClient first(server->port());
  first.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 90001\r\n\r\n" +
             std::string(90'000, 'x'));
  std::this_thread::sleep_for(milliseconds(100));
  RawClient second(server->port());
  second.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 20000\r\n\r\n" +
              std::string(20'000, 'x'));
  EXPECT_THAT(second.read_all(), AllOf(StartsWith("HTTP/1.1 503"), HasSubstr("http.body.busy")));
  first.send("x");
  EXPECT_THAT(first.read_one(), EndsWith("POST / 90001"));
  RawClient third(server->port());
  third.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 90000\r\n\r\n" +
             std::string(90'000, 'x'));
  EXPECT_THAT(third.read_one(), EndsWith("POST / 90000"));  // the count went back
}

// Who may not send a large body is told so after the header, and nothing of it is kept.
TEST(Server, LargeBodyIsNotReadFromWhoMayNotSendIt) {
  Options options = fast();
  options.body_limit = [](const Request& head) {
    return head.path == "/large" ? std::size_t{90'000'000} : std::size_t{100'000};
  };
  std::atomic<int> asked = 0;
  options.before_body = [&](const Request& head) -> std::optional<Response> {
    ++asked;
    if (head.headers.has("Cookie")) {
      return std::nullopt;
    }
    return respond(401, "text/plain", "sign in first");
  };
  RunningServer server(options, echo);
  const std::string head = "POST /large HTTP/1.1\r\nHost: a\r\n";
  RawClient stranger(server->port());
  stranger.send(head + "Content-Length: 80000000\r\nExpect: 100-continue\r\n\r\n");
  EXPECT_THAT(stranger.read_all(), AllOf(StartsWith("HTTP/1.1 401"), EndsWith("sign in first"),
                                         HasSubstr("Connection: close")));
  RawClient chunked(server->port());
  chunked.send(head + "Transfer-Encoding: chunked\r\n\r\n5\r\nabcde\r\n");
  EXPECT_THAT(chunked.read_all(), StartsWith("HTTP/1.1 401"));
  RawClient known(server->port());
  known.send(head + "Cookie: s=1\r\nContent-Length: 400000\r\n\r\n" + std::string(400'000, 'x'));
  EXPECT_THAT(known.read_one(), EndsWith("POST /large 400000"));
  EXPECT_EQ(3, asked);
  RawClient small(server->port());
  small.send("POST /small HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nabcde");
  EXPECT_THAT(small.read_one(), EndsWith("POST /small 5"));
  EXPECT_EQ(3, asked);
}

TEST(Server, ConnectionEndsAfterItsLastAllowedRequest) {
  Options options = fast();
  options.limits.requests_per_connection_max = 2;
  RunningServer server(options, echo);
  RawClient client(server->port());
  client.send(get("/1") + get("/2") + get("/3"));
  const std::string answer = client.read_all();
  EXPECT_THAT(answer, AllOf(HasSubstr("GET /2 0"), Not(HasSubstr("GET /3")),
                            HasSubstr("Connection: close")));
}

TEST(Server, TwoHundredConnectionsAtOnce) {
  Options options = fast();
  options.io_threads = 2;
  options.limits.connections_per_peer_max = 300;
  options.limits.header_timeout = std::chrono::seconds(10);
  options.limits.keep_alive_timeout = std::chrono::seconds(10);
  RunningServer server(options, echo);
  std::vector<std::unique_ptr<RawClient>> clients;
  for (int i = 0; i < 200; ++i) {
    clients.push_back(std::make_unique<RawClient>(server->port()));
  }
  for (int round = 0; round < 5; ++round) {
    for (auto& client : clients) {
      client->send(get("/x"));
    }
    for (auto& client : clients) {
      EXPECT_THAT(client->read_one(), EndsWith("GET /x 0"));
    }
  }
  EXPECT_EQ(200U, server->stats().connections_open);
  EXPECT_EQ(1000U, server->stats().requests);
}

TEST(Server, StopFinishesWhatIsInFlightAndIsBounded) {
  Options options = fast();
  options.io_threads = 2;
  options.limits.keep_alive_timeout = std::chrono::seconds(30);
  options.limits.header_timeout = std::chrono::seconds(30);
  RunningServer server(options, echo);
  RawClient idle(server->port());
  idle.send(get("/x"));
  EXPECT_THAT(idle.read_one(), EndsWith("GET /x 0"));
  // An answer may be read before the server has counted it as done.
  while (server->stats().requests_in_flight != 0) {
    std::this_thread::yield();
  }
  RawClient half(server->port());
  half.send("GET / HTTP/1.1\r\n");
  RawClient slow(server->port());
  slow.send(get("/slow"));
  while (server->stats().requests_in_flight == 0) {
    std::this_thread::yield();
  }
  const auto start = std::chrono::steady_clock::now();
  auto stopped = std::async(std::launch::async, [&] { server.stop(); });
  EXPECT_THAT(slow.read_all(), AllOf(StartsWith("HTTP/1.1 200"), HasSubstr("Connection: close"),
                                     EndsWith("GET /slow 0")));
  EXPECT_EQ("", idle.read_all());
  stopped.get();
  // The half-sent request holds the server for stop_timeout, not for its own time limit.
  const auto took = std::chrono::steady_clock::now() - start;
  EXPECT_LT(took, std::chrono::seconds(4));
}

TEST(Server, StopUnderLoadLosesNoAnsweredRequest) {
  Options options = fast();
  options.io_threads = 2;
  std::atomic<int> handled = 0;
  std::atomic<int> answered = 0;
  RunningServer server(options, [&](const Request& request) {
    Response response = echo(request);
    ++handled;
    return response;
  });
  std::vector<std::thread> threads;
  for (int t = 0; t < 8; ++t) {
    threads.emplace_back([&] {
      RawClient client(server->port());
      while (client.send(get("/x")) && client.read_one().ends_with("GET /x 0")) {
        ++answered;
      }
    });
  }
  std::this_thread::sleep_for(milliseconds(200));
  server.stop();
  for (std::thread& thread : threads) {
    thread.join();
  }
  EXPECT_GT(answered, 100);
  EXPECT_EQ(handled, answered);
}

TEST(Server, StopBeforeRunAndBadAddress) {
  Options options = fast();
  auto server = Server::create(options, echo);
  ASSERT_TRUE(server);
  (*server)->stop();
  (*server)->run();
  options.address = "not an address";
  EXPECT_EQ("http.address", Server::create(options, echo).error().reason);
  options.address = "127.0.0.1";
  options.port = (*server)->port();
  Options same = fast();
  auto first = Server::create(same, echo);
  same.port = (*first)->port();
  EXPECT_EQ("http.listen", Server::create(same, echo).error().reason);
}

// A key and certificate for 127.0.0.1, made by OpenSSL's own program.
class Tls : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string name = std::filesystem::temp_directory_path() / "atalaya-tls-XXXXXX";
    ASSERT_NE(nullptr, mkdtemp(name.data()));
    folder_ = name;
    const std::string command =
        "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=x "
        "-addext subjectAltName=IP:127.0.0.1 -keyout " + key() + " -out " + certificate() +
        " 2>/dev/null";
    if (std::system(command.c_str()) != 0) {  // NOLINT(concurrency-mt-unsafe)
      GTEST_SKIP() << "the program openssl is not installed";
    }
  }

  void TearDown() override { std::filesystem::remove_all(folder_); }

  [[nodiscard]] std::string key() const { return folder_ / "key.pem"; }

  [[nodiscard]] std::string certificate() const { return folder_ / "certificate.pem"; }

  std::filesystem::path folder_;
};

TEST_F(Tls, ServesAndTrustsOnlyWhatItIsTold) {
  Options options = fast();
  options.limits.tls_handshake_timeout = milliseconds(200);
  options.tls = TlsFiles{certificate(), key()};
  RunningServer server(options, echo);
  const std::string url = "https://127.0.0.1:" + std::to_string(server->port()) + "/big";
  ClientOptions trusting;
  trusting.ca_file = certificate();
  trusting.response_bytes_max = 10'000'000;
  const auto got = fetch({.url = url}, trusting);
  ASSERT_TRUE(got) << got.error().detail;
  EXPECT_EQ(8'000'000U, got->text().size());
  EXPECT_EQ("max-age=31536000", got->headers.get("Strict-Transport-Security"));
  EXPECT_EQ("http.client.tls", fetch({.url = url}).error().reason);
  const std::string other_name = "https://localhost:" + std::to_string(server->port()) + "/";
  EXPECT_EQ("http.client.tls", fetch({.url = other_name}, trusting).error().reason);
  RawClient silent(server->port());
  EXPECT_EQ("", silent.read_all());
  EXPECT_TRUE(silent.closed());
  RawClient plain(server->port());
  plain.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_THAT(plain.read_all(), Not(HasSubstr("200 OK")));
  EXPECT_GE(server->stats().timeouts, 1U);
}

TEST_F(Tls, MissingFilesAreNamed) {
  Options options = fast();
  options.tls = TlsFiles{"/nowhere/c.pem", key()};
  const auto server = Server::create(options, echo);
  ASSERT_FALSE(server);
  EXPECT_EQ("http.tls", server.error().reason);
  EXPECT_THAT(server.error().detail, HasSubstr("/nowhere/c.pem"));
}

TEST(Client, ReadsWritesAndKeepsItsLimits) {
  RunningServer server(fast(), echo);
  const std::string base = "http://127.0.0.1:" + std::to_string(server->port());
  auto got = fetch({.url = base + "/a%20b?x=1"});
  ASSERT_TRUE(got) << got.error().detail;
  EXPECT_EQ(200, got->status);
  EXPECT_EQ("GET /a b 0", got->text());
  auto posted = fetch({.method = Method::post, .url = base + "/p", .body = std::string(1000, 'x')});
  ASSERT_TRUE(posted);
  EXPECT_EQ("POST /p 1000", posted->text());
  auto head = fetch({.method = Method::head, .url = base + "/p"});
  ASSERT_TRUE(head);
  EXPECT_EQ("", head->text());
  auto chunked = fetch({.url = base + "/stream"});
  ASSERT_TRUE(chunked);
  EXPECT_EQ("piece 0\npiece 1\npiece 2\n", chunked->text());
  EXPECT_EQ("http.client.too_big", fetch({.url = base + "/big"}).error().reason);
  EXPECT_EQ("http.client.timeout",
            fetch({.url = base + "/slow"}, {.timeout = milliseconds(50)}).error().reason);
  EXPECT_EQ("http.client.url", fetch({.url = "ftp://x/"}).error().reason);
  EXPECT_EQ("http.client.url", fetch({.url = "http://a b/"}).error().reason);
  server.stop();
  EXPECT_EQ("http.client.connect", fetch({.url = base}).error().reason);
}

}  // namespace
}  // namespace atalaya::http
