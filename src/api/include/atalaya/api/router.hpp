#pragma once
// The one table of routes. Dispatcher (dispatcher.hpp) serves it; OpenAPI, metrics and the sweep of
// every route against every role are generated from it. Adding a route is one entry:
//
//   Result<http::Response> get_commitment(const Call& call, Node& node) {
//     auto view = ATALAYA_TRY(node.commitments->get(call.text("id")));
//     return json_response(call, view);                      // router_json.hpp
//   }
//   std::vector<Route> commitment_routes() {
//     return {{.method = http::Method::get,
//              .path = "/api/v1/commitments/{id}",
//              .name = "get_commitment",
//              .summary = "One commitment with its clauses and appearances",
//              .params = {{.name = "id", .type = ParamType::id, .about = "Its identifier"},
//                         {.name = "as_of", .type = ParamType::date, .about = "State at the end of"}},
//              .answers = {{.status = 200, .about = "The commitment",
//                           .schema = schema_of<CommitmentView>()}},
//              .handler = &get_commitment}};
//   }
//
// Problem answers (400, 401, 403, 404, 413, 415, 429, 500, 503) are documented by themselves;
// `problems` adds others that the handler gives (409).

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <atalaya/base/result.hpp>
#include <atalaya/base/text.hpp>
#include <atalaya/base/time.hpp>
#include <atalaya/http/message.hpp>

namespace atalaya::api {

struct Node;  // node.hpp: what the desks and the store of this node are reached by
struct Route;
class Dispatcher;
class SchemaBook;

/// `identity` spells them the same. No role includes another: an administrator of the system is
/// not an editor of texts unless both are given.
enum class Role {
  reader, editor, focal_point, coder, expert, analyst, publisher, officer, auditor, administrator
};
inline constexpr Role kRoles[] = {Role::reader,  Role::editor,    Role::focal_point, Role::coder,
                                  Role::expert,  Role::analyst,   Role::publisher,   Role::officer,
                                  Role::auditor, Role::administrator};
[[nodiscard]] std::string_view to_string(Role role) noexcept;
[[nodiscard]] std::optional<Role> parse_role(std::string_view name) noexcept;

/// A set of roles. kAnyone holds the caller without an account, too.
class RoleSet {
 public:
  constexpr RoleSet() = default;
  constexpr RoleSet(std::initializer_list<Role> roles) {
    for (const Role role : roles) {
      add(role);
    }
  }
  constexpr void add(Role role) { bits_ |= 1U << static_cast<unsigned>(role); }
  [[nodiscard]] constexpr bool has(Role role) const {
    return ((bits_ >> static_cast<unsigned>(role)) & 1U) != 0;
  }
  [[nodiscard]] constexpr bool meets(RoleSet other) const { return (bits_ & other.bits_) != 0; }
  [[nodiscard]] constexpr bool empty() const { return bits_ == 0; }
  [[nodiscard]] constexpr bool anyone() const { return (bits_ >> 31U) != 0; }
  static constexpr RoleSet everyone() {
    RoleSet all;
    all.bits_ = ~0U;
    return all;
  }

 private:
  std::uint32_t bits_ = 0;
};
inline constexpr RoleSet kAnyone = RoleSet::everyone();
inline constexpr RoleSet kSignedIn = {Role::reader,  Role::editor,  Role::focal_point, Role::coder,
                                      Role::expert,  Role::analyst, Role::publisher,   Role::officer,
                                      Role::auditor, Role::administrator};

/// Who asks, as the authenticator found out.
struct Caller {
  std::string account;  // empty: nobody signed in
  std::string name = {};
  RoleSet roles = {};
  std::string organisation = {};
  bool by_cookie = false;              // a browser session: writes need a CSRF token
  bool by_token = false;               // an API token: `scopes` bounds it
  std::vector<std::string> scopes = {};
  std::string session = {};            // what the CSRF check is bound to; never logged
};

/// Each class has its own token bucket per account or peer (Dispatcher's options set the rates).
enum class RateClass { none, page, read, search, write, sign_in, export_data };

/// What a client sees when it goes wrong, and what unknown query parameters mean: `api` answers
/// problem+json and refuses them; `page` and `file` answer an error page and ignore them, because
/// other sites append their own to links.
enum class Kind { api, page, file };

enum class ParamType {
  text,     // any characters but controls; min..max characters, max 200 where 0
  id,       // [A-Za-z0-9][A-Za-z0-9._~:-]{0,119}
  integer,  // min..max
  flag,     // true | false
  date,     // 2026-11-22
  choice,   // one of `values`
  cursor,   // what next_cursor() made
  rest,     // last in the path: everything that follows, "css/app.css"
};

/// A parameter of the path, if the pattern names it, or of the query.
struct Param {
  std::string_view name;
  ParamType type = ParamType::text;
  std::string_view about = {};
  bool required = false;  // in a path it always is
  bool repeats = false;   // ?theme=a&theme=b
  std::int64_t min = 0;
  std::int64_t max = 0;
  std::vector<std::string_view> values = {};
  std::string_view fallback = {};  // the value when it is absent
};

/// JSON Schema of a described type: schema_of<T>() in router_json.hpp.
struct SchemaRef {
  std::string_view name = {};
  void (*add_to)(SchemaBook& book) = nullptr;
};

struct Answer {
  int status = 200;
  std::string_view about = {};
  SchemaRef schema = {};                               // for JSON
  std::string_view media_type = "application/json";  // "" where there is no body
};

/// What a handler gets: checked, decoded, decided. Views live as long as the call.
struct Call {
  const http::Request& request;
  const Route& route;
  const Dispatcher& dispatcher;
  Language language = Language::en;
  Caller caller = {};
  std::vector<std::pair<std::string_view, std::string>> params = {};

  [[nodiscard]] bool has(std::string_view name) const noexcept;
  /// The (first) value or the fallback; "" when absent. ATALAYA_CHECKs that the route has it.
  [[nodiscard]] std::string_view text(std::string_view name) const;
  [[nodiscard]] std::vector<std::string_view> all(std::string_view name) const;
  [[nodiscard]] std::int64_t integer(std::string_view name) const;  // 0 when absent
  [[nodiscard]] bool flag(std::string_view name) const;             // false when absent
  [[nodiscard]] std::optional<CivilDate> date(std::string_view name) const;
};

/// Must be quick to read, one desk call long, and may throw nothing on purpose.
using Handler = Result<http::Response> (*)(const Call& call, Node& node);

struct Route {
  http::Method method = http::Method::get;  // a GET route answers HEAD, too
  std::string_view path;  // "/{lang}/commitments/{id}"; {lang} matches the four languages only
  std::string_view name;  // unique, snake_case: OpenAPI's operationId, the label in metrics
  std::string_view summary = {};
  Kind kind = Kind::api;
  RoleSet roles = kAnyone;
  std::string_view scope = {};  // an API token needs it ("commitments:write"); "" = none may
  RateClass rate = RateClass::read;
  std::size_t body_bytes_max = 0;  // 0: a body is refused (413)
  std::string_view event = {};     // audited when the handler succeeded; "" = not
  bool cross_origin = false;       // open data: any site's scripts may read it
  bool check_csrf = true;          // false only where no session can exist yet (sign-in)
  std::vector<Param> params = {};
  SchemaRef request = {};          // JSON body; or other media types:
  std::vector<std::string_view> consumes = {};
  std::vector<Answer> answers = {};
  std::vector<int> problems = {};  // statuses beyond those that every route may give
  Handler handler = nullptr;
};

}  // namespace atalaya::api
