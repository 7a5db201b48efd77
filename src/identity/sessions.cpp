// Browser sessions. The store holds hashes: who reads it cannot take a session over.
#include <atalaya/base/text.hpp>
#include <atalaya/crypto/hash.hpp>

#include "state.hpp"

namespace atalaya::identity {
namespace detail {

Result<void> remove_ended_sessions(store::Transaction& tx, std::int64_t now_ms) {
  ATALAYA_TRY(tx.execute("DELETE FROM sessions WHERE created_ms < $1 OR seen_ms < $2",
                         {now_ms - kSessionMs, now_ms - kSessionIdleMs}));
  return {};
}

}  // namespace detail

Result<void> Accounts::sign_out(std::string_view session_cookie) {
  return state_->database.write([&](store::Transaction& tx) -> Result<void> {
    ATALAYA_TRY(
        tx.execute("DELETE FROM sessions WHERE id = $1", {detail::token_id(session_cookie)}));
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
    // A full disk must not sign everybody out: the session only counts as unused for longer.
    static_cast<void>(state_->database.write([&](store::Transaction& tx) -> Result<void> {
      ATALAYA_TRY(tx.execute("UPDATE sessions SET seen_ms = $1 WHERE id = $2", {now, id}));
      return detail::remove_ended_sessions(tx, now);
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

}  // namespace atalaya::identity
