#pragma once
// The table of routes, checked once and ready to be searched.

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <atalaya/api/router.hpp>

namespace atalaya::api {

struct Segment {
  enum class Type { literal, param, rest };
  Type type = Type::literal;
  std::string_view text;  // of the literal, or the parameter's name
};

/// The parts of a pattern; a trailing slash is not one of them. Fails with invalid_argument
/// (api.table).
[[nodiscard]] Result<std::vector<Segment>> parse_pattern(std::string_view pattern);

struct Match {
  const Route* route = nullptr;  // null: nothing has this path with this method
  std::size_t index = 0;
  std::vector<std::pair<std::string_view, std::string>> path_params;
  std::string allow;      // methods of all routes with this path; "" when there is none
  bool api = false;       // whether the path looks like the API's
  bool slash = false;     // the path differs from the pattern in its last slash
};

class RouteTable {
 public:
  [[nodiscard]] static Result<RouteTable> create(std::vector<Route> routes);
  [[nodiscard]] Match match(const http::Request& request) const;
  [[nodiscard]] const std::vector<Route>& routes() const noexcept { return routes_; }

 private:
  struct Compiled {
    std::size_t index = 0;
    std::vector<Segment> segments;
    bool slash = false;
  };
  std::vector<Route> routes_;
  std::vector<Compiled> compiled_;  // the more literal pattern first
};

}  // namespace atalaya::api
