#pragma once
// What the tables of routes are put together from. A route says its path, name, handler and who may;
// what follows from being a page, a form, open data or a write is said here once, and so is what each
// {name} in a path stands for.

#include <cstddef>
#include <initializer_list>
#include <string_view>
#include <vector>

#include <atalaya/api/router.hpp>

namespace atalaya::api {

/// A page to read.
[[nodiscard]] Route page_route(std::string_view path, std::string_view name, Handler handler,
                               RoleSet roles = kAnyone);

/// What a page's form sends: at most `bytes_max`, audited under the route's name, answered with a
/// way to go on (303) or a conflict (409).
[[nodiscard]] Route form_route(std::string_view path, std::string_view name, Handler handler,
                               RoleSet roles, std::size_t bytes_max);
/// The same form with files.
[[nodiscard]] Route with_files(Route form, std::size_t bytes_max);
/// A form that is answered with a page instead.
[[nodiscard]] Route shows_page(Route form);

/// JSON that everybody may read, other sites' scripts too.
[[nodiscard]] Route data_route(std::string_view path, std::string_view name,
                               std::string_view summary, SchemaRef schema, Handler handler);
/// The same as CSV on demand: adds ?format=json|csv and an answer.
[[nodiscard]] Route or_csv(Route data, std::string_view about = "The same as CSV");
/// Adds parameters of the query.
[[nodiscard]] Route with_query(Route route, std::initializer_list<Param> params);

/// JSON that changes something: the given route with what all of them share filled in (the rate, the
/// audited event, 409 and the parameters of the path).
[[nodiscard]] Route write_route(Route route);

}  // namespace atalaya::api
