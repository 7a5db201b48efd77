#pragma once
// Who may do what on this node: accounts with roles and territories, passwords (Argon2id), a second
// factor (TOTP), browser sessions and API tokens. All members may be called by any thread.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <atalaya/base/result.hpp>
#include <atalaya/base/secret.hpp>
#include <atalaya/base/time.hpp>
#include <atalaya/crypto/password.hpp>
#include <atalaya/ledger/ledger.hpp>
#include <atalaya/store/database.hpp>

namespace atalaya::identity {

/// Spelled as api::Role. No role includes another.
inline constexpr std::string_view kRoles[] = {"reader",  "editor",       "focal_point", "coder",
                                              "expert",  "analyst",      "publisher",   "officer",
                                              "auditor", "administrator"};

inline constexpr std::size_t kPasswordCharactersMin = 12;
inline constexpr std::size_t kShownCharactersMax = 120;
inline constexpr std::int64_t kSessionIdleMs = 60LL * 60 * 1000;   // an hour unused
inline constexpr std::int64_t kSessionMs = 12LL * 60 * 60 * 1000;  // half a day in all
inline constexpr std::int64_t kTicketMs = 5LL * 60 * 1000;         // password to code
inline constexpr std::int64_t kTokenDaysMax = 400;

struct RoleGrant {
  std::string role;
  // "" = everywhere; else ISO 3166-1 alpha-3 or 3166-2; of a focal point also "PAN.parliament" or an
  // institution, "cicad"
  std::string territory;
  auto operator<=>(const RoleGrant&) const = default;
};

struct Account {
  std::string id;
  std::string name;
  std::string display_name;
  std::string organisation;  // name, "" = none
  std::vector<RoleGrant> roles;
  bool second_factor = false;
  bool disabled = false;
  std::string created_at;
};

/// Of what stands for a person without a name of his or her own; no name can start like this.
inline constexpr std::string_view kUnnamedPrefix = "account/";

/// How the account's work is signed on pages, in exports and in the log's payloads: its display
/// name; without one (or with one that older programs let through and that names a rule, or is the
/// name to sign in with), "account/" and eight digits of its id, which pages put into words.
[[nodiscard]] std::string shown_name(const Account& account);

struct NewAccount {
  std::string name;  // 2 to 40 of a-z 0-9 . _ -
  std::string display_name;  // may be empty, see shown_name()
  std::string organisation;
  std::vector<RoleGrant> roles;
};

/// What a sign-in needs to tell a friend from a stranger, none of it stored: the peer's network is
/// kept for minutes in memory, hashed under a key of this process.
struct SignInFrom {
  std::string peer;    // address, may be empty
  std::string device;  // the device cookie of earlier good sign-ins, may be empty
};

struct SignedIn {
  Secret session;       // cookie value
  std::string device;   // device cookie value: knows this browser again, see sign_in()
  std::string account;  // id
};

/// Either a session, or a ticket to bring together with the second factor's code.
struct SignInStep {
  std::optional<SignedIn> done;
  std::string ticket;
};

struct SessionCaller {
  Account account;
  std::string session;  // id, for the CSRF check; not the cookie
  bool second_factor = false;
};

struct TokenCaller {
  Account account;
  std::vector<std::string> scopes;
};

struct TokenInfo {
  std::string id, name;
  std::vector<std::string> scopes;
  std::string expires_at;
  bool revoked = false;
};

struct AccountsOptions {
  crypto::PasswordCost cost = crypto::kPasswordCost;
  /// Passwords of strangers that are checked at the same time; more must come back in a second.
  /// Less than the server's workers, so that guessing cannot stop the pages.
  int stranger_checks_max = 3;
};

class Accounts {
 public:
  [[nodiscard]] static std::unique_ptr<Accounts> create(store::Database& database,
                                                        ledger::Ledger& ledger, const Clock& clock,
                                                        AccountsOptions options = {});
  ~Accounts();

  /// `by` of this and the others: who did it, for the log: an account's id or "operator".
  /// Fails with invalid_argument (identity.name, .display_name, .display_name_reserved,
  /// .password_short, .password_common, .role, .territory), conflict (identity.exists,
  /// .display_name_taken: another account's name looks like it).
  [[nodiscard]] Result<Account> add(const NewAccount& account, const Secret& password,
                                    std::string_view by);
  [[nodiscard]] Result<std::vector<Account>> list() const;
  /// Fails with not_found (identity.not_found).
  [[nodiscard]] Result<Account> get(std::string_view name) const;
  /// What was written before keeps the name that it was signed with.
  [[nodiscard]] Result<void> set_display_name(std::string_view name, std::string_view display_name,
                                              std::string_view by);
  /// Ends every session and revokes every token of the account.
  [[nodiscard]] Result<void> set_password(std::string_view name, const Secret& password,
                                          std::string_view by);
  /// In force at once. Fails with conflict (identity.last_administrator).
  [[nodiscard]] Result<void> set_roles(std::string_view name, const std::vector<RoleGrant>& roles,
                                       std::string_view by);
  /// Either way ends sessions and revokes tokens. Fails with conflict
  /// (identity.last_administrator).
  [[nodiscard]] Result<void> set_disabled(std::string_view name, bool disabled,
                                          std::string_view by);
  /// A fresh second-factor key, in force at once; answers it as authenticator apps take it. This
  /// and removing it end the account's sessions.
  [[nodiscard]] Result<Secret> set_second_factor(std::string_view name, std::string_view by);
  [[nodiscard]] Result<void> remove_second_factor(std::string_view name, std::string_view by);

  /// The same answer in the same time for an unknown name, a wrong password and a disabled
  /// account: unauthenticated (identity.sign_in). Too many wrong guesses: exhausted
  /// (identity.throttled, param seconds). The fifth from one network at one account makes that
  /// pair wait 1 s, 2 s … 15 min; fifty at one account make all strangers to it wait up to 1 min
  /// between guesses; a browser with a device cookie of the account has its own ten, which nobody
  /// else can use up. A password stored at another cost is hashed anew after a good sign-in.
  [[nodiscard]] Result<SignInStep> sign_in(std::string_view name, const Secret& password,
                                           const SignInFrom& from);
  /// Fails with unauthenticated (identity.code); the ticket dies after five codes, five minutes or
  /// a change of the password. Wrong codes are throttled apart from passwords and over all tickets:
  /// exhausted (identity.throttled), which leaves the ticket as it was. Blanks in `code` are
  /// ignored; a code works once.
  [[nodiscard]] Result<SignedIn> second_step(std::string_view ticket, std::string_view code,
                                             const SignInFrom& from);
  /// Which browser this is, where its device cookie comes from a good sign-in whose password still
  /// holds; "" for strangers. One read of the store for each account in the cookie, no hashing.
  [[nodiscard]] Result<std::string> known_browser(std::string_view device_cookie) const;
  [[nodiscard]] Result<void> sign_out(std::string_view session_cookie);
  /// Nothing when the session ended, is unknown, or its account is disabled.
  [[nodiscard]] Result<std::optional<SessionCaller>> find_session(std::string_view session_cookie);

  /// The token that the forms of a session carry. Pure.
  [[nodiscard]] std::string csrf_token(std::string_view session) const;
  [[nodiscard]] bool csrf_valid(std::string_view session, std::string_view token) const;

  /// The token's text, shown once. `scopes` like "commitments:write"; days in [1, 400].
  /// Fails with invalid_argument (identity.token), not_found (identity.not_found).
  [[nodiscard]] Result<Secret> add_token(std::string_view name, std::string_view token_name,
                                         const std::vector<std::string>& scopes, std::int64_t days,
                                         std::string_view by);
  [[nodiscard]] Result<std::vector<TokenInfo>> tokens(std::string_view name) const;
  /// Fails with not_found (identity.token.not_found).
  [[nodiscard]] Result<void> revoke_token(std::string_view id, std::string_view by);
  [[nodiscard]] Result<std::optional<TokenCaller>> find_token(std::string_view token) const;

 private:
  struct State;
  explicit Accounts(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace atalaya::identity
