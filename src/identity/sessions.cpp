// Signing in, browser sessions and API tokens.
#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <atalaya/base/text.hpp>
#include <atalaya/crypto/hash.hpp>

#include "state.hpp"

namespace atalaya::identity {
namespace {

constexpr std::size_t kTicketsMax = 10'000;
constexpr int kWrongCodesMax = 5;
constexpr std::int64_t kDayMs = 86'400'000;
constexpr std::string_view kTokenPrefix = "atalaya_";

struct Credentials {
  std::string id, password;
  std::optional<Secret> totp_key;
  std::int64_t totp_step = 0;
  bool disabled = false;
};

Result<std::optional<Credentials>> read_credentials(store::Transaction& tx, std::string_view column,
                                                    const std::string& value) {
  ATALAYA_CHECK(column == "id" || column == "name");
  const auto rows = ATALAYA_TRY(tx.query(
      fmt::format("SELECT id, password, totp_key, totp_step, disabled FROM accounts WHERE {} = $1",
                  column),
      {value}));
  if (rows.empty()) {
    return std::optional<Credentials>();
  }
  const auto& row = rows.front();
  Credentials out;
  out.id = row.text(0);
  out.password = row.text(1);
  if (!row.is_null(2)) {
    out.totp_key.emplace(std::string(row.blob(2).begin(), row.blob(2).end()));
  }
  out.totp_step = row.integer(3);
  out.disabled = row.integer(4) != 0;
  return std::optional<Credentials>(std::move(out));
}

std::unexpected<Error> refused() {
  return fail(ErrorCode::unauthenticated, "identity.sign_in",
              "the name or the password is wrong");
}

std::unexpected<Error> throttled(std::int64_t seconds) {
  return fail(Error{ErrorCode::exhausted,
                    "identity.throttled",
                    "too many wrong guesses",
                    {{"seconds", std::to_string(seconds)}}});
}

// A browser that signed in to this account before carries "<account id>.<mac>". The mac's key is
// derived from the stored password hash, so that a new password makes strangers of all browsers.
std::string device_cookie(const Credentials& credentials) {
  const std::string text = "device\n" + credentials.id;
  return credentials.id + "." +
         to_hex(crypto::hmac_sha256(as_bytes(credentials.password), as_bytes(text)));
}

}  // namespace

Result<SignInStep> Accounts::sign_in(std::string_view name, const Secret& password,
                                     const SignInFrom& from) {
  const std::string login = detail::login_name(name.substr(0, 200));
  const std::int64_t now = state_->clock.now().ms;
  std::optional<Credentials> credentials;
  ATALAYA_TRY(state_->database.read([&](store::Transaction& tx) -> Result<void> {
    credentials = ATALAYA_TRY(read_credentials(tx, "name", login));
    return {};
  }));
  const bool friendly =
      credentials && crypto::equal_constant_time(std::string_view(device_cookie(*credentials)),
                                                 std::string_view(from.device));
  if (const auto wait = state_->throttle.wait_s(login, from.peer, friendly, now)) {
    return throttled(*wait);
  }
  const std::string& stored = credentials ? credentials->password : state_->dummy_hash;
  const bool right = ATALAYA_TRY(crypto::verify_password(stored, password));
  if (!right || !credentials || credentials->disabled) {
    state_->throttle.failed(login, from.peer, now);
    return refused();
  }
  SignInStep step;
  if (credentials->totp_key) {
    step.ticket = detail::random_token();
    state_->tickets.with([&](std::map<std::string, Ticket>& tickets) {
      std::erase_if(tickets, [&](const auto& entry) {
        return now - entry.second.made_ms > kTicketMs;
      });
      if (tickets.size() >= kTicketsMax) {
        tickets.clear();
      }
      tickets[detail::token_id(step.ticket)] = {credentials->id, now, 0};
    });
    return step;
  }
  state_->throttle.succeeded(login, from.peer);
  const std::string token = detail::random_token();
  ATALAYA_TRY(state_->database.write([&](store::Transaction& tx) -> Result<void> {
    ATALAYA_TRY(tx.execute(
        "INSERT INTO sessions(id, account, created_ms, seen_ms, second_factor) VALUES ($1, $2, $3, "
        "$3, 0)",
        {detail::token_id(token), credentials->id, now}));
    return state_->log(tx, "identity.signed_in", credentials->id, "self");
  }));
  step.done.emplace(SignedIn{Secret(token), device_cookie(*credentials), credentials->id});
  return step;
}

Result<SignedIn> Accounts::second_step(std::string_view ticket, std::string_view code,
                                       const SignInFrom& from) {
  const std::string key = detail::token_id(ticket);
  const std::int64_t now = state_->clock.now().ms;
  const auto account = state_->tickets.with(
      [&](std::map<std::string, Ticket>& tickets) -> std::optional<std::string> {
        const auto it = tickets.find(key);
        if (it == tickets.end()) {
          return std::nullopt;
        }
        if (now - it->second.made_ms > kTicketMs || ++it->second.wrong_codes > kWrongCodesMax) {
          tickets.erase(it);
          return std::nullopt;
        }
        return it->second.account;
      });
  const auto wrong = fail(ErrorCode::unauthenticated, "identity.code",
                          "the code is wrong or too old; sign in again if it keeps failing");
  if (!account) {
    return wrong;
  }
  const std::string token = detail::random_token();
  std::string device;
  ATALAYA_TRY(state_->database.write([&](store::Transaction& tx) -> Result<void> {
    const auto credentials = ATALAYA_TRY(read_credentials(tx, "id", *account));
    if (!credentials || credentials->disabled || !credentials->totp_key) {
      return wrong;
    }
    const auto step = crypto::find_totp_step(*credentials->totp_key, code, UtcTime{now});
    if (!step || *step <= credentials->totp_step) {
      return wrong;
    }
    // The step is written in the transaction that makes the session: a code works once, also when
    // two requests bring it at the same time.
    const auto used = ATALAYA_TRY(
        tx.execute("UPDATE accounts SET totp_step = $1 WHERE id = $2 AND totp_step < $1",
                   {*step, *account}));
    if (used != 1) {
      return wrong;
    }
    ATALAYA_TRY(tx.execute(
        "INSERT INTO sessions(id, account, created_ms, seen_ms, second_factor) VALUES ($1, $2, $3, "
        "$3, 1)",
        {detail::token_id(token), *account, now}));
    device = device_cookie(*credentials);
    return state_->log(tx, "identity.signed_in", *account, "self", "second factor");
  }));
  state_->tickets.with([&](std::map<std::string, Ticket>& tickets) { tickets.erase(key); });
  static_cast<void>(from);
  return SignedIn{Secret(token), device, *account};
}

Result<void> Accounts::sign_out(std::string_view session_cookie) {
  return state_->database.write([&](store::Transaction& tx) -> Result<void> {
    ATALAYA_TRY(tx.execute("DELETE FROM sessions WHERE id = $1",
                           {detail::token_id(session_cookie)}));
    return {};
  });
}

Result<std::optional<SessionCaller>> Accounts::find_session(std::string_view session_cookie) {
  std::optional<SessionCaller> out;
  if (session_cookie.size() != 64) {
    return out;
  }
  const std::string id = detail::token_id(session_cookie);
  const std::int64_t now = state_->clock.now().ms;
  bool touch = false;
  ATALAYA_TRY(state_->database.read([&](store::Transaction& tx) -> Result<void> {
    out.reset();
    const auto rows = ATALAYA_TRY(tx.query(
        "SELECT account, created_ms, seen_ms, second_factor FROM sessions WHERE id = $1", {id}));
    if (rows.empty() || now - rows.front().integer(1) > kSessionMs ||
        now - rows.front().integer(2) > kSessionIdleMs) {
      return {};
    }
    Account account = ATALAYA_TRY(detail::read_account(tx, "id", rows.front().text(0)));
    if (account.disabled) {
      return {};
    }
    touch = now - rows.front().integer(2) > kSessionIdleMs / 10;
    out.emplace(SessionCaller{std::move(account), id, rows.front().integer(3) != 0});
    return {};
  }));
  if (touch) {
    ATALAYA_TRY(state_->database.write([&](store::Transaction& tx) -> Result<void> {
      ATALAYA_TRY(tx.execute("UPDATE sessions SET seen_ms = $1 WHERE id = $2", {now, id}));
      ATALAYA_TRY(tx.execute("DELETE FROM sessions WHERE created_ms < $1 OR seen_ms < $2",
                             {now - kSessionMs, now - kSessionIdleMs}));
      return {};
    }));
  }
  return out;
}

std::string Accounts::csrf_token(std::string_view session) const {
  // The session's id is the hash of a secret that only cookie and client hold; a token made from
  // it must not let anybody who reads the page compute the id, so it is hashed once more.
  return to_hex(crypto::sha256("csrf\n" + std::string(session)));
}

bool Accounts::csrf_valid(std::string_view session, std::string_view token) const {
  return !session.empty() &&
         crypto::equal_constant_time(std::string_view(csrf_token(session)), token);
}

Result<Secret> Accounts::add_token(std::string_view name, std::string_view token_name,
                                   const std::vector<std::string>& scopes, std::int64_t days,
                                   std::string_view by) {
  const bool good_scopes = std::ranges::all_of(scopes, [](const std::string& scope) {
    return !scope.empty() && scope.size() <= 60 &&
           scope.find_first_not_of("abcdefghijklmnopqrstuvwxyz_:") == std::string::npos;
  });
  if (!good_scopes || scopes.empty() || days < 1 || days > kTokenDaysMax ||
      trim(token_name).empty() || token_name.size() > 100) {
    return fail(ErrorCode::invalid_argument, "identity.token",
                "a token needs a name, at least one scope like commitments:write, and 1 to 400 "
                "days");
  }
  const std::string token = std::string(kTokenPrefix) + detail::random_token();
  const std::int64_t now = state_->clock.now().ms;
  ATALAYA_TRY(state_->database.write([&](store::Transaction& tx) -> Result<void> {
    const Account account =
        ATALAYA_TRY(detail::read_account(tx, "name", detail::login_name(name)));
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
    const Account account =
        ATALAYA_TRY(detail::read_account(tx, "name", detail::login_name(name)));
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
    const auto rows = ATALAYA_TRY(
        tx.query("UPDATE api_tokens SET revoked = 1 WHERE id = $1 RETURNING account",
                 {std::string(id)}));
    if (rows.empty()) {
      return fail(ErrorCode::not_found, "identity.token.not_found", "no such token");
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
