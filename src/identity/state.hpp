#pragma once
// What the parts of Accounts share. Private to the module.

#include <array>
#include <map>
#include <string>

#include <atalaya/base/guarded.hpp>
#include <atalaya/identity/accounts.hpp>

#include "throttle.hpp"

namespace atalaya::identity {

struct Ticket {
  std::string account;  // id
  std::int64_t made_ms = 0;
  int wrong_codes = 0;
};

struct Accounts::State {
  State(store::Database& the_database, ledger::Ledger& the_ledger, const Clock& the_clock,
        AccountsOptions the_options)
      : database(the_database), ledger(the_ledger), clock(the_clock), options(the_options) {}

  store::Database& database;
  ledger::Ledger& ledger;
  const Clock& clock;
  AccountsOptions options;
  std::string dummy_hash;  // what an unknown name's password is checked against
  Throttle throttle;
  Guarded<std::map<std::string, Ticket>> tickets;  // by hash of the ticket

  [[nodiscard]] Result<void> log(store::Transaction& tx, std::string_view kind,
                                 std::string_view account_id, std::string_view by,
                                 std::string_view what = {}) const;
};

namespace detail {

/// 32 random bytes in hex.
[[nodiscard]] std::string random_token();
[[nodiscard]] std::string token_id(std::string_view token);
/// Folded and trimmed, as names are stored.
[[nodiscard]] std::string login_name(std::string_view name);
[[nodiscard]] Result<Account> read_account(store::Transaction& tx, std::string_view column,
                                           const std::string& value);
[[nodiscard]] Result<void> end_sessions(store::Transaction& tx, const std::string& account);

}  // namespace detail
}  // namespace atalaya::identity
