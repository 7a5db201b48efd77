#pragma once
// What the parts of Accounts share. Private to the module.

#include <atomic>
#include <map>
#include <string>

#include <atalaya/base/guarded.hpp>
#include <atalaya/identity/accounts.hpp>

#include "throttle.hpp"

namespace atalaya::identity {

inline constexpr std::int64_t kDayMs = 86'400'000;

/// A code has six digits, and only who knows the password gets to guess it: all strangers together
/// get some hundred guesses a day, which find a code in one of 3,000 days.
inline constexpr ThrottleLimits kCodeLimits{
    .free_pair = 5, .free_device = 10, .free_account = 20, .account_wait_ms_max = 15LL * 60 * 1000};

/// Between a right password and the code.
struct Ticket {
  std::string account;        // id
  std::string login;          // as in the password's throttle
  std::string password_hash;  // SHA-256 of the stored string: a new password ends the ticket
  std::string origin;         // network or browser, for the limit of tickets
  std::int64_t made_ms = 0;
  int tries = 0;
};

struct Accounts::State {
  State(store::Database& the_database, ledger::Ledger& the_ledger, const Clock& the_clock,
        AccountsOptions the_options)
      : database(the_database), ledger(the_ledger), clock(the_clock), options(the_options) {}

  store::Database& database;
  ledger::Ledger& ledger;
  const Clock& clock;
  AccountsOptions options;
  Guarded<std::string> dummy_hash;  // what an unknown name's password is checked against
  Throttle passwords{ThrottleLimits{}};
  Throttle codes{kCodeLimits};
  std::atomic<int> stranger_checks = 0;
  Guarded<std::map<std::string, Ticket>> tickets;  // by hash of the ticket

  [[nodiscard]] Result<void> log(store::Transaction& tx, std::string_view kind,
                                 std::string_view account_id, std::string_view by,
                                 std::string_view what = {}) const;
  /// Made at the first use, with the cost of real ones.
  [[nodiscard]] Result<std::string> get_dummy_hash();
  [[nodiscard]] std::string make_ticket(Ticket ticket);
};

namespace detail {

/// 32 random bytes in hex.
[[nodiscard]] std::string random_token();
[[nodiscard]] std::string token_id(std::string_view token);
/// Folded and trimmed, as names are stored.
[[nodiscard]] std::string login_name(std::string_view name);
/// Whether an account may be called so. Other names are nobody's and need no look into the store.
[[nodiscard]] bool is_login_name(std::string_view name) noexcept;
[[nodiscard]] Result<Account> read_account(store::Transaction& tx, std::string_view column,
                                           const std::string& value);
/// Whether pages may show an account by this name: it looks like no other account's, nor like what
/// the program calls its own readings. Empty is allowed.
[[nodiscard]] Result<void> check_display_name(store::Transaction& tx, std::string_view name,
                                              std::string_view own_id);
/// Browser sessions of the account, and with them whatever ran out.
[[nodiscard]] Result<void> end_sessions(store::Transaction& tx, const std::string& account);
[[nodiscard]] Result<void> revoke_tokens(store::Transaction& tx, const std::string& account);
[[nodiscard]] Result<void> remove_ended_sessions(store::Transaction& tx, std::int64_t now_ms);

}  // namespace detail
}  // namespace atalaya::identity
