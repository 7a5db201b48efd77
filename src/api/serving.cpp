#include <atalaya/api/serving.hpp>

#include <charconv>

#include <fmt/format.h>

#include <atalaya/figures/messages.hpp>
#include <atalaya/http/target.hpp>

#include "handlers_identity.hpp"
#include "pending_imports.hpp"
#include "routes.hpp"
#include "search_places.hpp"

namespace atalaya::api {
namespace {

// A page for a problem on a page route; who is not signed in is sent to sign in and back.
http::Response error_page(Node& node, const Problem& problem, const http::Request& request) {
  const std::string& target = request.target;
  if (problem.status == 401 && http::is_safe(request.method)) {
    return http::redirect(303, fmt::format("/{}/sign-in?next={}", to_string(problem.language),
                                           http::percent_encode(target)));
  }
  PageContext context = public_context(problem.language, request, node);
  const bool localised = target.size() >= 3 && parse_language(target.substr(1, 2)) &&
                         (target.size() == 3 || target[3] == '/');
  // The other languages of an address that cannot be read would be no better.
  if (!localised || request.path.empty() || !http::is_safe(request.method)) {
    context.path = "/";
  }
  ErrorView view;
  view.status = problem.status;
  view.reason = problem.reason;
  view.message = problem.detail;
  view.request_id = problem.request_id;
  for (const auto& [name, value] : problem.params) {
    if (name == "bytes_max") {
      std::from_chars(value.data(), value.data() + value.size(), view.bytes_max);
    }
  }
  auto response = html_response(problem.status, render_error(context, view));
  response.headers.set("Cache-Control", "no-store");
  return response;
}

std::vector<Gauge> gauges_of(const Node& node) {
  std::vector<Gauge> out;
  if (const auto size = node.ledger->size()) {
    out.push_back(
        {"atalaya_ledger_leaves", "Leaves of the public log", static_cast<double>(*size)});
  }
  if (const auto overview = node.desk->overview()) {
    out.push_back({"atalaya_commitments", "Commitments held or known",
                   static_cast<double>(overview->commitments)});
    out.push_back(
        {"atalaya_source_documents", "Imported documents", static_cast<double>(overview->sources)});
  }
  if (const auto behind = node.desk->index_behind()) {
    out.push_back({"atalaya_index_behind", "Changes that the search index has not read",
                   static_cast<double>(*behind)});
  }
  return out;
}

}  // namespace

Result<std::unique_ptr<Dispatcher>> create_dispatcher(Serving& serving) {
  Node& node = serving.node;
  if (node.pending_imports == nullptr) {
    node.pending_imports = std::make_shared<PendingImports>();
  }
  if (node.places == nullptr) {
    node.places =
        std::make_shared<const Places>(node.desk->catalogue(), node.observatory->indicators());
  }
  DispatcherOptions options;
  options.language = serving.language;
  options.ports.authenticate = authenticate(*node.accounts);
  options.ports.known_browser = known_browser(*node.accounts);
  options.ports.csrf_valid = csrf_valid(*node.accounts);
  options.ports.message = [](Language language, std::string_view reason,
                             const MessageParams& params) {
    const auto& messages = figures::Messages::embedded();
    if (!messages.has(language, "error." + std::string(reason))) {
      return std::string();
    }
    Error error;
    error.reason = reason;
    error.params = params;
    return messages.error(language, error);
  };
  options.ports.error_page = [&node](const Problem& problem, const http::Request& request) {
    return error_page(node, problem, request);
  };
  options.ports.error_log = serving.error_log;
  if (serving.audit_log) {
    options.ports.audit = [&serving](const AuditEvent& event) -> Result<void> {
      serving.audit_log(event.event, event.call.caller.account, event.call.request.request_id);
      return {};
    };
  }
  options.ports.health = [&serving]() -> Result<void> {
    return serving.database->read([](store::Transaction& tx) -> Result<void> {
      ATALAYA_TRY(tx.query("SELECT 1"));
      return {};
    });
  };
  options.ports.gauges = [&node] { return gauges_of(node); };
  const auto metrics = serving.metrics_open ? MetricsAccess::open : MetricsAccess::token;
  return Dispatcher::create(all_routes(metrics), node, std::move(options));
}

}  // namespace atalaya::api
