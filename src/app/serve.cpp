// atalaya serve: wires the parts of a node to the listener, and stops cleanly.
#include <pthread.h>
#include <csignal>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <map>
#include <mutex>
#include <thread>

#include <fmt/format.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <atalaya/api/serving.hpp>
#include <atalaya/base/text.hpp>
#include <atalaya/crypto/hash.hpp>
#include <atalaya/http/server.hpp>
#include <atalaya/identity/accounts.hpp>
#include <atalaya/store/serving_lock.hpp>

#include "commands.hpp"
#include "node.hpp"

namespace atalaya::app {
namespace {

constexpr std::int64_t kFollowChanges = 10000;
constexpr auto kFollowEvery = std::chrono::milliseconds(500);
constexpr int kFollowRestMax = 120;  // rounds between two tries of an index that fails: a minute
constexpr int kCheckpointEveryRounds = 20;  // ten seconds
constexpr auto kStopTimeout = std::chrono::milliseconds(4000);
constexpr std::size_t kCacheBytes = 64UL << 20U;

// Lets the search index follow the store, notices what other processes wrote, and signs the log
// now and then. Errors are logged once each time they begin; an index that fails is tried again
// ever more rarely.
class Follower {
 public:
  explicit Follower(OpenNode& node) : node_(node), thread_([this] { run(); }) {}

  Follower(const Follower&) = delete;
  Follower& operator=(const Follower&) = delete;

  ~Follower() {
    {
      const std::scoped_lock lock(mutex_);
      stopping_ = true;
    }
    wake_.notify_all();
    thread_.join();
  }

 private:
  void run() {
    int round = 0;
    while (!wait()) {
      note(node_.desk->notice_changes(), "reading the store");
      follow();
      if (round++ % kCheckpointEveryRounds == 0) {
        const auto signed_one = node_.ledger->checkpoint();
        note(signed_one ? Result<void>() : fail(signed_one.error()), "signing the log");
      }
    }
  }

  void follow() {
    if (resting_ > 0) {
      --resting_;
      return;
    }
    bool more = true;
    while (more && !stopping_) {
      const auto read = node_.desk->follow_index(kFollowChanges);
      more = read && *read > 0;
      note(read ? Result<void>() : fail(read.error()), "following with the search index");
      rest_ = read ? 0 : std::min(std::max(1, rest_ * 2), kFollowRestMax);
      resting_ = rest_;
    }
  }

  bool wait() {
    std::unique_lock lock(mutex_);
    wake_.wait_for(lock, kFollowEvery, [this] { return stopping_.load(); });
    return stopping_;
  }

  void note(const Result<void>& result, std::string_view doing) {
    const std::string now = result ? std::string() : result.error().reason;
    std::string& last = last_errors_[doing];
    if (!now.empty() && now != last) {
      spdlog::error("{}: {} [{}]", doing, result.error().detail, now);
    }
    last = now;
  }

  OpenNode& node_;
  std::atomic<bool> stopping_{false};
  std::mutex mutex_;
  std::condition_variable wake_;
  std::map<std::string_view, std::string> last_errors_;  // by what was being done
  int rest_ = 0;     // rounds that the index was left alone after its last failure
  int resting_ = 0;  // what is left of them
  std::thread thread_;
};

struct DemoPerson {
  const char* name;
  const char* role;
  std::string country;  // for which alone; empty: for all
};

// A focal point speaks for one state: the node's own, or Panama where the node is nobody's.
Result<void> print_demo_sign_ins(identity::Accounts& accounts, const std::string& country,
                                 Output output) {
  const DemoPerson people[] = {{"demo-editor", "editor", {}},
                               {"demo-analyst", "analyst", {}},
                               {"demo-publisher", "publisher", {}},
                               {"demo-focal", "focal_point", country.empty() ? "PAN" : country},
                               {"demo-coder-a", "coder", {}},
                               {"demo-coder-b", "coder", {}},
                               {"demo-expert", "expert", {}},
                               {"demo-admin", "administrator", {}}};
  json::array rows;
  for (const auto& [name, role, territory] : people) {
    std::array<std::uint8_t, 10> bytes{};
    crypto::random_bytes(bytes);
    const std::string password = to_base32(bytes);
    Result<void> made;
    if (accounts.get(name)) {
      made = accounts.set_password(name, Secret(password), "demo");
    } else {
      identity::NewAccount account;
      account.name = name;
      account.display_name = "Demo " + std::string(name).substr(std::string_view(name).find('-') + 1);
      account.roles = {{role, territory}};
      auto added = accounts.add(account, Secret(password), "demo");
      made = added ? Result<void>() : fail(std::move(added).error());
    }
    if (!made) {
      return made;
    }
    if (output == Output::text) {
      fmt::print("  sign in as {:<14} password {}   ({}{}{})\n", name, password, role,
                 territory.empty() ? "" : " of ", territory);
    }
    rows.push_back(json::object{{"name", name}, {"password", password}, {"role", role}});
  }
  if (output == Output::json) {
    print_json(json::object{{"sign_ins", std::move(rows)}});
  }
  return {};
}

// Signals go to sigwait() here and nowhere else: every thread started later inherits the mask.
sigset_t block_signals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  return signals;
}

// What stands before addresses in citations and canonical links. Without a name of the operator's
// it is the address that is listened on, where that is one; else links are relative, for the name
// by which a reader calls the node is anybody's invention. Empty: api decides by the reader.
std::string origin_of(const Config& config, const Listen& listen) {
  const bool tls = !config.tls_certificate.empty();
  if (!config.host_names.empty()) {
    const bool secure = tls || !config.trusted_proxy.empty();
    return fmt::format("{}://{}", secure ? "https" : "http", config.host_names.front());
  }
  const bool every = listen.address == "0.0.0.0" || listen.address == "::";
  const bool loopback = listen.address.starts_with("127.") || listen.address == "::1";
  if (every || loopback || !config.trusted_proxy.empty()) {
    return {};
  }
  return fmt::format("{}://{}:{}", tls ? "https" : "http",
                     listen.address.find(':') == std::string::npos
                         ? listen.address
                         : fmt::format("[{}]", listen.address),
                     listen.port);
}

api::Serving serving_of(OpenNode& node, identity::Accounts& accounts, const Listen& listen) {
  api::Serving serving;
  serving.node.name = node.config.name;
  serving.node.country = node.config.country;
  serving.node.role = node.config.role;
  serving.node.origin = origin_of(node.config, listen);
  serving.node.desk = node.desk.get();
  serving.node.observatory = node.observatory.get();
  serving.node.followup = node.followup.get();
  serving.node.accounts = &accounts;
  serving.node.ledger = node.ledger.get();
  serving.node.clock = &node.clock;
  serving.node.cache = std::make_shared<http::ResponseCache>(kCacheBytes);
  serving.language = parse_language(node.config.language).value_or(Language::en);
  serving.database = node.database.get();
  serving.metrics_open = node.config.metrics == "open";
  serving.error_log = [](std::string_view request_id, const Error& error) {
    spdlog::error("request {}: {} [{}]", request_id, error.detail, error.reason);
  };
  serving.audit_log = [](std::string_view event, std::string_view account,
                         std::string_view request_id) {
    spdlog::info("request {}: {} by account {}", request_id, event, account);
  };
  return serving;
}

}  // namespace

Result<void> run_serve(const ServeOptions& options) {
  const sigset_t signals = block_signals();
  spdlog::set_default_logger(spdlog::stderr_logger_mt("atalaya"));
  const Config config = ATALAYA_TRY(read_node_config(options.node));
  // Of the store, and before anything is opened: two servers would both sign and follow.
  const auto alone = ATALAYA_TRY(store::lock_for_serving(store_address(options.node, config)));
  auto node = ATALAYA_TRY(open_node(options.node, WithIndex::yes));
  const bool given = !options.listen.empty();
  const Listen listen = ATALAYA_TRY(
      parse_listen(given ? options.listen : node->config.listen, given ? "--listen" : "listen"));
  auto accounts = identity::Accounts::create(*node->database, *node->ledger, node->clock);
  api::Serving serving = serving_of(*node, *accounts, listen);
  auto dispatcher = ATALAYA_TRY(api::create_dispatcher(serving));

  http::Options http;
  http.address = listen.address;
  http.port = listen.port;
  http.worker_threads = std::max(4U, 2 * std::thread::hardware_concurrency());
  http.limits.stop_timeout = kStopTimeout;
  http.trusted_proxy = node->config.trusted_proxy;
  for (const std::string& name : node->config.host_names) {
    http.host_names.push_back(host_of(name));
  }
  if (!node->config.tls_certificate.empty()) {
    http.tls = http::TlsFiles{node->config.tls_certificate, node->config.tls_private_key};
  }
  api::Dispatcher& routes = *dispatcher;
  http.body_limit = [&routes](const http::Request& head) { return routes.body_limit(head); };
  http.before_body = [&routes](const http::Request& head) { return routes.before_body(head); };
  http.refuse = [&routes](int status, std::string_view reason, const http::Request& head) {
    return routes.refuse(status, reason, head);
  };
  auto server = ATALAYA_TRY(http::Server::create(
      std::move(http), [&routes](const http::Request& request) { return routes.handle(request); }));

  const bool tls = !node->config.tls_certificate.empty();
  fmt::print("{} serves {}://{}:{}\n", node->config.name, tls ? "https" : "http", listen.address,
             server->port());
  if (options.demo_sign_ins) {
    ATALAYA_TRY(print_demo_sign_ins(*accounts, node->config.country, options.output));
  }
  if (serving.node.origin.empty() && node->config.is_public()) {
    fmt::print(
        "Links in citations, feeds and files are relative. For whole addresses set host_names in "
        "node.toml.\n");
  }
  fmt::print("Ctrl-C stops it.\n");
  std::fflush(stdout);

  const Follower follower(*node);
  std::atomic<bool> done = false;
  std::thread waiter([&] {
    int signal = 0;
    while (sigwait(&signals, &signal) != 0) {
    }
    if (!done) {
      fmt::print("\nStopping after the requests in flight.\n");
    }
    server->stop();
  });
  server->run();
  done = true;
  pthread_kill(waiter.native_handle(), SIGTERM);
  waiter.join();
  return {};
}

}  // namespace atalaya::app
