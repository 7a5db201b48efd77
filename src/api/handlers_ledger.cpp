// The public log: what an outsider needs to check this node without trusting it.
#include <atalaya/base/text.hpp>

#include "route_parts.hpp"
#include "router_json.hpp"
#include "routes.hpp"

namespace atalaya::api {
namespace {

struct LogKey {
  std::string name, key;
};
BOOST_DESCRIBE_STRUCT(LogKey, (), (name, key))

Result<http::Response> get_key(const Call&, Node& node) {
  const auto& key = node.ledger->verifier();
  return json_response(LogKey{key.name(), key.to_string()});
}

// The newest checkpoint that was signed; reading never signs, so that readers cost no writes.
Result<http::Response> get_checkpoint(const Call&, Node& node) {
  const auto checkpoint = ATALAYA_TRY(node.ledger->find_last_checkpoint());
  if (!checkpoint) {
    return fail(ErrorCode::not_found, "ledger.no_checkpoint", "nothing was signed yet");
  }
  return http::respond(200, "text/plain", checkpoint->note);
}

Result<http::Response> get_inclusion(const Call& call, Node& node) {
  const auto leaf = static_cast<std::uint64_t>(call.integer("leaf"));
  const auto last = ATALAYA_TRY(node.ledger->find_last_checkpoint());
  if (!last || leaf >= last->size) {
    return fail(ErrorCode::not_found, "ledger.no_leaf",
                "the newest checkpoint does not cover a leaf of this number");
  }
  // When somebody signed in, or lost a second factor, is nobody's business but the auditors'; that
  // it stands in the log shows by its hash.
  const bool may_read = call.caller.roles.meets({Role::auditor, Role::administrator});
  std::string proof = ATALAYA_TRY(node.ledger->prove_inclusion(
      leaf, may_read ? ledger::Reveal::leaf : ledger::Reveal::public_part));
  auto response = http::respond(200, "text/plain", std::move(proof));
  if (may_read) {
    response.headers.set("Cache-Control", "private, no-store");
  }
  return response;
}

Result<http::Response> get_consistency(const Call& call, Node& node) {
  const auto from = static_cast<std::uint64_t>(call.integer("from"));
  const auto last = ATALAYA_TRY(node.ledger->find_last_checkpoint());
  if (!last) {
    return fail(ErrorCode::not_found, "ledger.no_checkpoint", "nothing was signed yet");
  }
  const auto to = call.has("to") ? static_cast<std::uint64_t>(call.integer("to")) : last->size;
  std::string proof = ATALAYA_TRY(node.ledger->prove_consistency(from, to));
  return http::respond(200, "text/plain", std::move(proof));
}

// Lines of text, as the tools of transparency logs read them.
Route log_route(std::string_view path, std::string_view name, std::string_view summary,
                Handler handler, std::initializer_list<Param> params = {}) {
  Route route = with_query(data_route(path, name, summary, {}, handler), params);
  route.answers = {{.status = 200, .about = summary, .media_type = "text/plain"}};
  return route;
}

Param leaf_param(std::string_view name, std::string_view about, bool required) {
  return {.name = name,
          .type = ParamType::integer,
          .about = about,
          .required = required,
          .min = 0,
          .max = std::int64_t{1} << 53};
}

}  // namespace

std::vector<Route> ledger_routes() {
  Route key = data_route("/api/v1/ledger/key", "get_ledger_key",
                         "The node's public key; compare it with one you got on paper",
                         schema_of<LogKey>(), &get_key);
  key.answers.front().about = "The key";
  return {std::move(key),
          log_route("/api/v1/ledger/checkpoint", "get_ledger_checkpoint",
                    "The newest signed checkpoint (C2SP tlog-checkpoint)", &get_checkpoint),
          log_route("/api/v1/ledger/inclusion", "get_ledger_inclusion",
                    "A proof that a leaf is in the log; of accounts' leaves the hash alone, but to auditors",
                    &get_inclusion,
                    {leaf_param("leaf", "The leaf's number, from 0", true)}),
          log_route("/api/v1/ledger/consistency", "get_ledger_consistency",
                    "A proof that the log only grew between two checkpoints", &get_consistency,
                    {leaf_param("from", "Size of the older checkpoint", true),
                     leaf_param("to", "Size of the newer one; the newest where absent", false)})};
}

}  // namespace atalaya::api
