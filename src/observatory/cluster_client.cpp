#include "cluster_client.hpp"

#include <algorithm>
#include <charconv>
#include <fstream>

#include <sys/stat.h>

#include <fmt/format.h>
#include <toml++/toml.h>

#include <atalaya/base/text.hpp>

namespace atalaya::observatory {
namespace {

constexpr std::size_t kServersMax = 64;

std::unexpected<Error> bad_address(std::string_view text, std::string_view what) {
  return fail(Error{ErrorCode::invalid_argument,
                    "observatory.facts.address",
                    fmt::format("facts = \"{}\": {}; write clickhouse://host:8123/database, or "
                                "several servers like clickhouse://a:8123,b:8123/database",
                                text, what),
                    {{"what", std::string(what)}}});
}

bool is_server(std::string_view text) {
  const auto colon = text.rfind(':');
  if (colon == std::string_view::npos || colon == 0) {
    return false;
  }
  const auto host = text.substr(0, colon);
  if (host.contains(':') && !(host.starts_with('[') && host.ends_with(']'))) {
    return false;  // an IPv6 address stands in brackets
  }
  unsigned port = 0;
  const auto digits = text.substr(colon + 1);
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
  return error == std::errc{} && end == digits.data() + digits.size() && port > 0 && port < 65536 &&
         std::ranges::all_of(
             host,
             [](char c) {
               return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                      c == '.' || c == '-' || c == '_' || c == '[' || c == ']' || c == ':';
             });
}

bool is_header_text(std::string_view text) {
  return text.size() <= 256 &&
         std::ranges::all_of(text, [](char c) { return c > 0x20 && c < 0x7F; });
}

std::unexpected<Error> bad_credentials(ErrorCode code, const std::filesystem::path& file,
                                       std::string_view what) {
  return fail(Error{code,
                    "observatory.facts.credentials",
                    fmt::format("facts_credentials: {}: {}", file.string(), what),
                    {{"file", file.filename().string()}}});
}

}  // namespace

Result<ClusterAddress> parse_cluster_address(std::string_view text) {
  ClusterAddress out;
  std::string_view rest = text;
  if (rest.starts_with("clickhouses://")) {
    out.tls = true;
    rest.remove_prefix(14);
  } else if (rest.starts_with("clickhouse://")) {
    rest.remove_prefix(13);
  } else {
    return bad_address(text, "it begins with neither clickhouse:// nor clickhouses://");
  }
  if (rest.contains('@')) {
    // Not repeated in the message: it may hold a password.
    return bad_address("...", "user and password belong into the file facts_credentials names");
  }
  const auto slash = rest.find('/');
  if (slash == std::string_view::npos) {
    return bad_address(text, "the database is missing");
  }
  for (const auto server : split(rest.substr(0, slash), ',')) {
    if (!is_server(server)) {
      return bad_address(text, fmt::format("\"{}\" is no host:port", server));
    }
    if (std::ranges::find(out.servers, server) != out.servers.end()) {
      return bad_address(text, fmt::format("\"{}\" stands there twice", server));
    }
    out.servers.emplace_back(server);
  }
  if (out.servers.size() > kServersMax) {
    return bad_address(text, fmt::format("at most {} servers", kServersMax));
  }
  rest.remove_prefix(slash + 1);
  const auto question = rest.find('?');
  out.database = rest.substr(0, question);
  if (!detail::cluster::is_name(out.database)) {
    return bad_address(text, "a database is named by a-z, 0-9 and _, a letter first");
  }
  if (question != std::string_view::npos) {
    const auto option = rest.substr(question + 1);
    if (!option.starts_with("cluster=") || !detail::cluster::is_name(option.substr(8))) {
      return bad_address(text, "after ? only cluster=name is known (a-z, 0-9 and _)");
    }
    out.cluster = option.substr(8);
  }
  return out;
}

Result<Credentials> read_credentials(const std::filesystem::path& file) {
  struct stat info{};
  if (::stat(file.c_str(), &info) != 0) {
    return bad_credentials(ErrorCode::not_found, file, "there is no such file");
  }
  if ((info.st_mode & 0077U) != 0) {
    return bad_credentials(
        ErrorCode::permission_denied, file,
        fmt::format("other users of this machine may read it; chmod 600 {}", file.string()));
  }
  try {
    const toml::table table = toml::parse_file(file.string());
    Credentials out;
    std::string password;
    for (const auto& [key, node] : table) {
      const auto value = node.value<std::string>();
      if ((key.str() != "user" && key.str() != "password") || !value || !is_header_text(*value)) {
        return bad_credentials(ErrorCode::invalid_argument, file,
                               "it holds two lines, user = \"...\" and password = \"...\", of "
                               "printable ASCII without blanks");
      }
      (key.str() == "user" ? out.user : password) = *value;
    }
    out.password = Secret(std::move(password));
    return out;
  } catch (const std::exception&) {
    // What the parser says would quote the line.
    return bad_credentials(ErrorCode::invalid_argument, file, "it is not valid TOML");
  }
}

namespace detail::cluster {
namespace {

constexpr std::chrono::milliseconds kShort{10'000};
constexpr std::chrono::milliseconds kLong{600'000};
constexpr std::size_t kAnswerBytesMax = std::size_t{1} << 30U;
constexpr std::size_t kMessageBytesMax = 300;

// Whole answers or none: what an operator's profile may cut silently is an error here, and the
// answer begins only when it is complete, so that an error late in it has a status of its own.
constexpr std::string_view kSettings =
    "/?wait_end_of_query=1&skip_unavailable_shards=0&max_query_size=268435456"
    "&read_overflow_mode=throw&group_by_overflow_mode=throw&result_overflow_mode=throw"
    "&timeout_overflow_mode=throw";

std::string percent_encoded(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    out += plain ? std::string(1, c) : fmt::format("%{:02X}", static_cast<unsigned char>(c));
  }
  return out;
}

// The number in "Code: 60, e.displayText() = ...".
int error_number(std::string_view body) {
  const auto at = body.find("Code: ");
  int number = 0;
  if (at != std::string_view::npos) {
    std::from_chars(body.data() + at + 6, body.data() + body.size(), number);
  }
  return number;
}

// The first line or so, printable.
std::string message_of(std::string_view body) {
  std::string out;
  for (const char c : body.substr(0, kMessageBytesMax)) {
    out += c < 0x20 || c > 0x7E ? ' ' : c;
  }
  return std::string(trim(out));
}

std::unexpected<Error> refused(const std::string& server, int status, std::string_view body) {
  const auto error = [&](ErrorCode code, std::string_view reason, std::string_view what) {
    return fail(Error{code,
                      fmt::format("observatory.facts.{}", reason),
                      fmt::format("ClickHouse at {}: {}", server, what),
                      {{"server", server}}});
  };
  const std::string said = message_of(body);
  switch (error_number(body)) {
    case 60:  // UNKNOWN_TABLE
    case 81:  // UNKNOWN_DATABASE
      return error(ErrorCode::not_found, "no_tables", said);
    case 192:  // UNKNOWN_USER
    case 193:  // WRONG_PASSWORD
    case 194:  // REQUIRED_PASSWORD
    case 195:  // IP_ADDRESS_NOT_ALLOWED
    case 291:  // DATABASE_ACCESS_DENIED
    case 497:  // ACCESS_DENIED
    case 516:  // AUTHENTICATION_FAILED
      return error(ErrorCode::permission_denied, "denied",
                   fmt::format("it does not let this user do that; see facts_credentials in "
                               "node.toml. It says: {}",
                               said));
    case 170:  // BAD_GET
    case 701:  // CLUSTER_DOESNT_EXIST
      return error(ErrorCode::unavailable, "no_cluster",
                   fmt::format("its settings name no such cluster under remote_servers; see "
                               "docs/operating/clickhouse.md. It says: {}",
                               said));
    case 32:   // ATTEMPT_TO_READ_AFTER_EOF
    case 159:  // TIMEOUT_EXCEEDED
    case 198:  // DNS_ERROR
    case 209:  // SOCKET_TIMEOUT
    case 210:  // NETWORK_ERROR
    case 279:  // ALL_CONNECTION_TRIES_FAILED
      return error(ErrorCode::unavailable, "unavailable",
                   fmt::format("it cannot reach another server of the cluster, so there is no "
                               "answer from all facts. It says: {}",
                               said));
    case 243:  // NOT_ENOUGH_SPACE
      return error(ErrorCode::exhausted, "full", fmt::format("its disk is full: {}", said));
    case 241:  // MEMORY_LIMIT_EXCEEDED
      return error(ErrorCode::exhausted, "memory",
                   fmt::format("its memory does not suffice; ask for fewer dimensions or raise "
                               "max_memory_usage there: {}",
                               said));
    default:
      return error(
          status == 401 || status == 403 ? ErrorCode::permission_denied : ErrorCode::unavailable,
          "refused", fmt::format("HTTP {}: {}", status, said));
  }
}

}  // namespace

Client::Client(ClusterOptions options) : options_(std::move(options)) {}

Result<std::string> Client::exchange(std::size_t server, std::string target, std::string body,
                                     Patience patience) const {
  const std::string& name = options_.address.servers[server];
  http::ClientRequest request;
  request.method = http::Method::post;
  request.url = fmt::format("{}://{}{}", options_.address.tls ? "https" : "http", name, target);
  request.body = std::move(body);
  if (!options_.user.empty()) {
    request.headers.set("X-ClickHouse-User", options_.user);
    // Revealed to be sent to the operator's own server, over TLS where the address says so.
    request.headers.set("X-ClickHouse-Key", options_.password.unsafe_reveal());
  }
  http::ClientOptions options;
  options.timeout = patience == Patience::short_ ? kShort : kLong;
  options.response_bytes_max = kAnswerBytesMax;
  options.ca_file = options_.ca_file;
  const auto response = http::fetch(request, options);
  if (!response) {
    const auto& error = response.error();
    if (error.code == ErrorCode::exhausted) {
      return fail(Error{ErrorCode::exhausted,
                        "observatory.facts.too_large",
                        fmt::format("{}; ask for fewer dimensions", error.detail),
                        {{"server", name}}});
    }
    const bool tls = error.code == ErrorCode::permission_denied;
    return fail(Error{tls ? ErrorCode::permission_denied : ErrorCode::unavailable,
                      tls ? "observatory.facts.denied" : "observatory.facts.unavailable",
                      fmt::format("ClickHouse does not answer: {}; start it, or correct facts in "
                                  "node.toml",
                                  error.detail),
                      {{"server", name}}});
  }
  if (response->status != 200) {
    return refused(name, response->status, response->text());
  }
  return std::string(response->text());
}

Result<std::string> Client::ask(std::size_t server, const Query& query, Patience patience) const {
  return exchange(server, std::string(kSettings), query.text(), patience);
}

Result<std::string> Client::ask_any(const Query& query) const {
  Result<std::string> out = fail(ErrorCode::internal, "observatory.facts.no_servers");
  for (std::size_t i = 0; i < servers(); ++i) {
    out = ask(i, query);
    if (out || out.error().reason != "observatory.facts.unavailable") {
      break;
    }
  }
  return out;
}

Result<void> Client::send(std::size_t server, const Query& query, std::string rows) const {
  const auto answer = ATALAYA_TRY(
      exchange(server, fmt::format("{}&query={}", kSettings, percent_encoded(query.text())),
               std::move(rows), Patience::long_));
  static_cast<void>(answer);
  return {};
}

}  // namespace detail::cluster
}  // namespace atalaya::observatory
