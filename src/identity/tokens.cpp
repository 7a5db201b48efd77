// API tokens: random, kept as hashes, bounded in scope and time.
#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <atalaya/base/text.hpp>
#include <atalaya/crypto/hash.hpp>

#include "state.hpp"

namespace atalaya::identity {
namespace {

constexpr std::size_t kScopesMax = 50;
constexpr std::string_view kTokenPrefix = "atalaya_";

}  // namespace

Result<Secret> Accounts::add_token(std::string_view name, std::string_view token_name,
                                   const std::vector<std::string>& scopes, std::int64_t days,
                                   std::string_view by) {
  const bool good_name =
      !trim(token_name).empty() && token_name.size() <= 100 && !find_invalid_utf8(token_name) &&
      std::ranges::none_of(
          token_name, [](char c) { return static_cast<unsigned char>(c) < 0x20U || c == '\x7F'; });
  const bool good_scopes = std::ranges::all_of(scopes, [](const std::string& scope) {
    return !scope.empty() && scope.size() <= 60 &&
           scope.find_first_not_of("abcdefghijklmnopqrstuvwxyz_:") == std::string::npos;
  });
  if (!good_scopes || scopes.empty() || days < 1 || days > kTokenDaysMax ||
      scopes.size() > kScopesMax || !good_name) {
    return fail(ErrorCode::invalid_argument, "identity.token",
                "a token needs a name, at least one scope like commitments:write, and 1 to 400 "
                "days");
  }
  const std::string token = std::string(kTokenPrefix) + detail::random_token();
  const std::int64_t now = state_->clock.now().ms;
  ATALAYA_TRY(state_->database.write([&](store::Transaction& tx) -> Result<void> {
    const Account account = ATALAYA_TRY(detail::read_account(tx, "name", detail::login_name(name)));
    // What ended long ago is of no use to anybody; the log keeps that it was.
    ATALAYA_TRY(tx.execute("DELETE FROM api_tokens WHERE account = $1 AND expires_ms < $2",
                           {account.id, now - kTokenDaysMax * kDayMs}));
    ATALAYA_TRY(tx.execute(
        "INSERT INTO api_tokens(id, account, name, scopes, created_ms, expires_ms, revoked) VALUES "
        "($1, $2, $3, $4, $5, $6, 0)",
        {detail::token_id(token), account.id, std::string(trim(token_name)),
         fmt::format("{}", fmt::join(scopes, " ")), now, now + days * kDayMs}));
    return state_->log(tx, "identity.token.added", account.id, by,
                       fmt::format("{}", fmt::join(scopes, " ")));
  }));
  return Secret(token);
}

Result<std::vector<TokenInfo>> Accounts::tokens(std::string_view name) const {
  std::vector<TokenInfo> out;
  ATALAYA_TRY(state_->database.read([&](store::Transaction& tx) -> Result<void> {
    out.clear();
    const Account account = ATALAYA_TRY(detail::read_account(tx, "name", detail::login_name(name)));
    const auto rows = ATALAYA_TRY(
        tx.query("SELECT id, name, scopes, expires_ms, revoked FROM api_tokens WHERE account = $1 "
                 "ORDER BY created_ms",
                 {account.id}));
    for (const auto& row : rows) {
      TokenInfo info;
      info.id = row.text(0);
      info.name = row.text(1);
      for (const auto scope : split(row.text(2), ' ')) {
        info.scopes.emplace_back(scope);
      }
      info.expires_at = to_string(UtcTime{row.integer(3)});
      info.revoked = row.integer(4) != 0;
      out.push_back(std::move(info));
    }
    return {};
  }));
  return out;
}

Result<void> Accounts::revoke_token(std::string_view id, std::string_view by) {
  return state_->database.write([&](store::Transaction& tx) -> Result<void> {
    const auto rows = ATALAYA_TRY(tx.query(
        "UPDATE api_tokens SET revoked = 1 WHERE id = $1 RETURNING account", {std::string(id)}));
    if (rows.empty()) {
      return fail(ErrorCode::not_found, "identity.token.not_found",
                  "no token has this id; see: atalaya user tokens NAME");
    }
    return state_->log(tx, "identity.token.revoked", rows.front().text(0), by);
  });
}

Result<std::optional<TokenCaller>> Accounts::find_token(std::string_view token) const {
  std::optional<TokenCaller> out;
  if (!token.starts_with(kTokenPrefix) || token.size() != kTokenPrefix.size() + 64) {
    return out;
  }
  const std::int64_t now = state_->clock.now().ms;
  ATALAYA_TRY(state_->database.read([&](store::Transaction& tx) -> Result<void> {
    out.reset();
    const auto rows = ATALAYA_TRY(
        tx.query("SELECT account, scopes FROM api_tokens WHERE id = $1 AND revoked = 0 AND "
                 "expires_ms > $2",
                 {detail::token_id(token), now}));
    if (rows.empty()) {
      return {};
    }
    Account account = ATALAYA_TRY(detail::read_account(tx, "id", rows.front().text(0)));
    if (account.disabled) {
      return {};
    }
    TokenCaller caller{std::move(account), {}};
    for (const auto scope : split(rows.front().text(1), ' ')) {
      caller.scopes.emplace_back(scope);
    }
    out.emplace(std::move(caller));
    return {};
  }));
  return out;
}

}  // namespace atalaya::identity
