#pragma once
// Pages that are kept for readers without an account until something changes.

#include <functional>
#include <string>
#include <string_view>

#include <atalaya/api/node.hpp>
#include <atalaya/api/router.hpp>

#include "pages.hpp"

namespace atalaya::api {

using RenderPage = std::function<Result<std::string>(const PageContext&)>;

using MakeAnswer = std::function<Result<http::Response>(const PageContext&)>;

/// Makes, or answers what was made for the same address, language, reader's name for this node and
/// `version`. Whoever is signed in gets an answer of their own, which nothing stores.
[[nodiscard]] Result<http::Response> kept_answer(const Call& call, Node& node,
                                                 std::string_view version, const MakeAnswer& make);
/// The same of a page.
[[nodiscard]] Result<http::Response> kept_page(const Call& call, Node& node,
                                               std::string_view version, const RenderPage& render);
/// The version of what the commitments desk and the follow-up show; days pass by themselves.
[[nodiscard]] std::string followup_version(const Node& node);

}  // namespace atalaya::api
