// Accounts and their roles. Every change is one transaction with its leaf in the log; the leaf's
// subject is the account's random id, so the public log names no person.
#include <atalaya/identity/accounts.hpp>

#include <algorithm>

#include <fmt/format.h>

#include <atalaya/base/json.hpp>
#include <atalaya/base/text.hpp>
#include <atalaya/crypto/hash.hpp>
#include <atalaya/identity/roles.hpp>

#include "state.hpp"

namespace atalaya::identity {
namespace detail {

std::string random_token() {
  std::array<std::uint8_t, 32> bytes{};
  crypto::random_bytes(bytes);
  return to_hex(bytes);
}

std::string token_id(std::string_view token) {
  return to_hex(crypto::sha256(token));
}

// What is longer than any name by far is not folded to its end.
std::string login_name(std::string_view name) {
  return fold(trim(name.substr(0, 400)));
}

bool is_login_name(std::string_view name) noexcept {
  const bool known = std::ranges::all_of(name, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-';
  });
  return known && name.size() >= 2 && name.size() <= 40;
}

Result<Account> read_account(store::Transaction& tx, std::string_view column,
                             const std::string& value) {
  ATALAYA_CHECK(column == "id" || column == "name");
  const auto no_account = fail(ErrorCode::not_found, "identity.not_found",
                               "no account has this name; see: atalaya user list");
  if (column == "name" && !is_login_name(value)) {
    return no_account;
  }
  const auto rows = ATALAYA_TRY(tx.query(
      fmt::format("SELECT a.id, a.name, a.display_name, o.name, a.totp_key IS NOT NULL, "
                  "a.disabled, a.created_at FROM accounts a LEFT JOIN organisations o ON o.id = "
                  "a.organisation WHERE a.{} = $1",
                  column),
      {value}));
  if (rows.empty()) {
    return no_account;
  }
  const auto& row = rows.front();
  Account out;
  out.id = row.text(0);
  out.name = row.text(1);
  out.display_name = row.text(2);
  out.organisation = row.text_or_empty(3);
  out.second_factor = row.integer(4) != 0;
  out.disabled = row.integer(5) != 0;
  out.created_at = row.text(6);
  const auto roles = ATALAYA_TRY(
      tx.query("SELECT role, territory FROM account_roles WHERE account = $1 ORDER BY role, "
               "territory",
               {out.id}));
  for (const auto& role : roles) {
    out.roles.push_back({role.text(0), role.text(1)});
  }
  return out;
}

Result<void> end_sessions(store::Transaction& tx, const std::string& account) {
  ATALAYA_TRY(tx.execute("DELETE FROM sessions WHERE account = $1", {account}));
  return {};
}

Result<void> revoke_tokens(store::Transaction& tx, const std::string& account) {
  ATALAYA_TRY(tx.execute("UPDATE api_tokens SET revoked = 1 WHERE account = $1", {account}));
  return {};
}

}  // namespace detail

namespace {

// The passwords that every list of breaches starts with, at our least length or longer.
constexpr std::string_view kCommon[] = {
    "123456789012",  "1234567890123", "password1234", "passwordpassword", "qwertyuiop12",
    "administrator", "contrasena123", "senhasenha12", "atalayaatalaya",   "qwerty123456",
    "111111111111",  "000000000000",  "abcdefghijkl", "letmeinletmein",   "iloveyou1234"};

// Characters, not bytes: six letters of another script are not twelve.
std::size_t characters(std::string_view text) {
  return static_cast<std::size_t>(std::ranges::count_if(
      text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

Result<void> check_password(const Secret& password, std::string_view name) {
  // Unsafe reveal: length and likeness are checked here, nothing is kept.
  const std::string_view text = password.unsafe_reveal();
  if (characters(text) < kPasswordCharactersMin || text.size() > crypto::kPasswordBytesMax) {
    return fail(Error{ErrorCode::invalid_argument,
                      "identity.password_short",
                      "a password of 12 characters or more, 1024 bytes at most, is needed",
                      {{"least", std::to_string(kPasswordCharactersMin)}}});
  }
  const std::string folded = fold(text);
  const bool one_letter =
      folded.empty() || folded.find_first_not_of(folded.front()) == std::string::npos;
  const bool named = name.size() >= 4 && folded.find(name) != std::string::npos;
  if (one_letter || named || std::ranges::find(kCommon, folded) != std::end(kCommon)) {
    return fail(ErrorCode::invalid_argument, "identity.password_common",
                "the password holds the account's name or is one that everybody tries");
  }
  return {};
}

bool is_institution_id(std::string_view id) {
  return id.size() >= 2 && id.size() <= 60 && id.front() >= 'a' && id.front() <= 'z' &&
         std::ranges::all_of(id, [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
         });
}

Result<void> check_roles(const std::vector<RoleGrant>& roles) {
  for (const RoleGrant& grant : roles) {
    if (std::ranges::find(kRoles, grant.role) == std::end(kRoles)) {
      return fail(Error{ErrorCode::invalid_argument,
                        "identity.role",
                        fmt::format("there is no role '{}'", grant.role.substr(0, 40)),
                        {{"role", grant.role.substr(0, 40)}}});
    }
    if (!grant.territory.empty() && !takes_territory(grant.role)) {
      return fail(Error{ErrorCode::invalid_argument,
                        "identity.role_territory",
                        fmt::format("'{}' is a role of the whole node and takes no territory: write "
                                    "--role {}; where somebody comes from is said by --role "
                                    "reader@{} besides",
                                    grant.role, grant.role, grant.territory.substr(0, 7)),
                        {{"role", grant.role}, {"territory", grant.territory.substr(0, 7)}}});
    }
    // The role reports in somebody's name: without one it would open pages and write nothing.
    if (grant.role == "focal_point" && grant.territory.empty()) {
      return fail(ErrorCode::invalid_argument, "identity.role_whose",
                  "a focal point speaks for somebody: write --role focal_point@PAN for a state, "
                  "focal_point@PAN.parliament for its parliament, focal_point@cicad for an "
                  "institution");
    }
    // A parliament is not its government: whoever writes for it is named for it.
    constexpr std::string_view kParliament = ".parliament";
    std::string t = grant.territory;
    if (grant.role == "focal_point" && t.size() == 3 + kParliament.size() &&
        t.ends_with(kParliament)) {
      t.resize(3);
    }
    // An institution goes by its name in the catalogue; who names it there looks whether it is one.
    if (grant.role == "focal_point" && is_institution_id(t)) {
      continue;
    }
    const bool upper = std::ranges::all_of(
        t, [](char c) { return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-'; });
    if (!t.empty() && (!upper || t.size() < 2 || t.size() > 7)) {
      return fail(ErrorCode::invalid_argument, "identity.territory",
                  "a territory is an ISO 3166 code, like PAN or PA-8; a focal point may also be of "
                  "PAN.parliament or of an institution, like cicad");
    }
  }
  return {};
}

Result<void> check_name(std::string_view name) {
  if (!detail::is_login_name(name)) {
    return fail(ErrorCode::invalid_argument, "identity.name",
                "a name has 2 to 40 of the characters a-z 0-9 . _ -");
  }
  return {};
}

// What is shown on pages and in terminals.
Result<void> check_shown(std::string_view text) {
  const bool control = std::ranges::any_of(
      text, [](char c) { return static_cast<unsigned char>(c) < 0x20U || c == '\x7F'; });
  if (control || find_invalid_utf8(text) || characters(text) > kShownCharactersMax) {
    return fail(Error{ErrorCode::invalid_argument,
                      "identity.display_name",
                      "the names of a person and an organisation are UTF-8 text of at most 120 "
                      "characters on one line",
                      {{"most", std::to_string(kShownCharactersMax)}}});
  }
  return {};
}

Result<void> write_roles(store::Transaction& tx, const std::string& account,
                         const std::vector<RoleGrant>& roles) {
  std::vector<store::Parameters> rows;
  for (const RoleGrant& grant : roles) {
    rows.push_back({account, grant.role, grant.territory});
  }
  ATALAYA_TRY(tx.execute("DELETE FROM account_roles WHERE account = $1", {account}));
  ATALAYA_TRY(tx.execute_many(
      "INSERT INTO account_roles(account, role, territory) VALUES ($1, $2, $3) ON CONFLICT "
      "(account, role, territory) DO NOTHING",
      rows));
  return {};
}

std::string describe(const std::vector<RoleGrant>& roles) {
  std::string out;
  for (const RoleGrant& grant : roles) {
    out += (out.empty() ? "" : " ") + grant.role +
           (grant.territory.empty() ? std::string() : "@" + grant.territory);
  }
  return out;
}

Result<bool> has_administrator(store::Transaction& tx) {
  const auto row = ATALAYA_TRY(tx.query_one(
      "SELECT COUNT(*) FROM account_roles r JOIN accounts a ON a.id = r.account WHERE r.role = "
      "'administrator' AND r.territory = '' AND a.disabled = 0"));
  return row.integer(0) > 0;
}

// A node must keep somebody who can let others in, once it has one.
Result<void> keep_an_administrator(store::Transaction& tx, bool had_one) {
  const bool has_one = ATALAYA_TRY(has_administrator(tx));
  if (had_one && !has_one) {
    return fail(ErrorCode::conflict, "identity.last_administrator",
                "this would leave the node without an administrator; make another account one "
                "first");
  }
  return {};
}

Result<std::string> organisation_id(store::Transaction& tx, const std::string& name,
                                    const std::string& now) {
  const auto row = ATALAYA_TRY(
      tx.query_one("INSERT INTO organisations(id, name, created_at) VALUES ($1, $2, $3) ON "
                   "CONFLICT (name) DO UPDATE SET name = $2 RETURNING id",
                   {detail::random_token().substr(0, 16), name, now}));
  return row.text(0);
}

}  // namespace

Result<void> Accounts::State::log(store::Transaction& tx, std::string_view kind,
                                  std::string_view account_id, std::string_view by,
                                  std::string_view what) const {
  const ledger::Event event{std::string(kind), "account/" + std::string(account_id),
                            canonical_json(json::object{{"by", by}, {"what", what}})};
  ATALAYA_TRY(ledger.append(tx, {&event, 1}));
  return {};
}

Accounts::Accounts(std::unique_ptr<State> state) : state_(std::move(state)) {}

Accounts::~Accounts() = default;

std::unique_ptr<Accounts> Accounts::create(store::Database& database, ledger::Ledger& ledger,
                                           const Clock& clock, AccountsOptions options) {
  return std::unique_ptr<Accounts>(
      new Accounts(std::make_unique<State>(database, ledger, clock, options)));
}

Result<Account> Accounts::add(const NewAccount& account, const Secret& password,
                              std::string_view by) {
  const std::string name = detail::login_name(account.name);
  ATALAYA_TRY(check_name(name));
  ATALAYA_TRY(check_shown(account.display_name));
  ATALAYA_TRY(check_shown(account.organisation));
  ATALAYA_TRY(check_password(password, name));
  ATALAYA_TRY(check_roles(account.roles));
  const std::string hash = ATALAYA_TRY(crypto::hash_password(password, state_->options.cost));
  const std::string id = detail::random_token().substr(0, 16);
  const std::string now = to_string(state_->clock.now());
  const std::string shown(trim(account.display_name));
  ATALAYA_TRY(state_->database.write([&](store::Transaction& tx) -> Result<void> {
    const auto taken = ATALAYA_TRY(tx.query("SELECT 1 FROM accounts WHERE name = $1", {name}));
    if (!taken.empty()) {
      return fail(Error{ErrorCode::conflict,
                        "identity.exists",
                        "there is an account of that name",
                        {{"name", name}}});
    }
    ATALAYA_TRY(detail::check_display_name(tx, shown, id));
    store::Value organisation;
    if (!trim(account.organisation).empty()) {
      organisation = ATALAYA_TRY(organisation_id(tx, std::string(trim(account.organisation)), now));
    }
    ATALAYA_TRY(tx.execute(
        "INSERT INTO accounts(id, name, display_name, organisation, password, totp_step, disabled, "
        "created_at, password_set_at) VALUES ($1, $2, $3, $4, $5, 0, 0, $6, $6)",
        {id, name, shown, organisation, hash, now}));
    ATALAYA_TRY(write_roles(tx, id, account.roles));
    return state_->log(tx, "identity.account.added", id, by, describe(account.roles));
  }));
  return get(name);
}

Result<std::vector<Account>> Accounts::list() const {
  std::vector<Account> out;
  ATALAYA_TRY(state_->database.read([&](store::Transaction& tx) -> Result<void> {
    out.clear();
    const auto rows = ATALAYA_TRY(tx.query("SELECT id FROM accounts ORDER BY name"));
    for (const auto& row : rows) {
      Account account = ATALAYA_TRY(detail::read_account(tx, "id", row.text(0)));
      out.push_back(std::move(account));
    }
    return {};
  }));
  return out;
}

Result<Account> Accounts::get(std::string_view name) const {
  Account out;
  ATALAYA_TRY(state_->database.read([&](store::Transaction& tx) -> Result<void> {
    out = ATALAYA_TRY(detail::read_account(tx, "name", detail::login_name(name)));
    return {};
  }));
  return out;
}

Result<void> Accounts::set_display_name(std::string_view name, std::string_view display_name,
                                        std::string_view by) {
  ATALAYA_TRY(check_shown(display_name));
  const std::string shown(trim(display_name));
  return state_->database.write([&](store::Transaction& tx) -> Result<void> {
    const Account account = ATALAYA_TRY(detail::read_account(tx, "name", detail::login_name(name)));
    ATALAYA_TRY(detail::check_display_name(tx, shown, account.id));
    ATALAYA_TRY(tx.execute("UPDATE accounts SET display_name = $1 WHERE id = $2",
                           {shown, account.id}));
    return state_->log(tx, "identity.account.renamed", account.id, by);
  });
}

Result<void> Accounts::set_password(std::string_view name, const Secret& password,
                                    std::string_view by) {
  ATALAYA_TRY(check_password(password, detail::login_name(name)));
  const std::string hash = ATALAYA_TRY(crypto::hash_password(password, state_->options.cost));
  return state_->database.write([&](store::Transaction& tx) -> Result<void> {
    const Account account = ATALAYA_TRY(detail::read_account(tx, "name", detail::login_name(name)));
    ATALAYA_TRY(tx.execute("UPDATE accounts SET password = $1, password_set_at = $2 WHERE id = $3",
                           {hash, to_string(state_->clock.now()), account.id}));
    ATALAYA_TRY(detail::end_sessions(tx, account.id));
    ATALAYA_TRY(detail::revoke_tokens(tx, account.id));
    return state_->log(tx, "identity.password.set", account.id, by);
  });
}

Result<void> Accounts::set_roles(std::string_view name, const std::vector<RoleGrant>& roles,
                                 std::string_view by) {
  ATALAYA_TRY(check_roles(roles));
  return state_->database.write([&](store::Transaction& tx) -> Result<void> {
    const Account account = ATALAYA_TRY(detail::read_account(tx, "name", detail::login_name(name)));
    const bool before = ATALAYA_TRY(has_administrator(tx));
    ATALAYA_TRY(write_roles(tx, account.id, roles));
    ATALAYA_TRY(keep_an_administrator(tx, before));
    return state_->log(tx, "identity.roles.set", account.id, by, describe(roles));
  });
}

Result<void> Accounts::set_disabled(std::string_view name, bool disabled, std::string_view by) {
  return state_->database.write([&](store::Transaction& tx) -> Result<void> {
    const Account account = ATALAYA_TRY(detail::read_account(tx, "name", detail::login_name(name)));
    const bool before = ATALAYA_TRY(has_administrator(tx));
    ATALAYA_TRY(tx.execute("UPDATE accounts SET disabled = $1 WHERE id = $2",
                           {std::int64_t{disabled ? 1 : 0}, account.id}));
    ATALAYA_TRY(keep_an_administrator(tx, before));
    ATALAYA_TRY(detail::end_sessions(tx, account.id));
    ATALAYA_TRY(detail::revoke_tokens(tx, account.id));
    return state_->log(tx, disabled ? "identity.account.disabled" : "identity.account.enabled",
                       account.id, by);
  });
}

Result<Secret> Accounts::set_second_factor(std::string_view name, std::string_view by) {
  const Secret key = crypto::generate_totp_key();
  // Unsafe reveal: the key is stored, as every verifier of one-time codes must.
  const std::string_view bytes = key.unsafe_reveal();
  const store::Blob stored(bytes.begin(), bytes.end());
  ATALAYA_TRY(state_->database.write([&](store::Transaction& tx) -> Result<void> {
    const Account account = ATALAYA_TRY(detail::read_account(tx, "name", detail::login_name(name)));
    ATALAYA_TRY(tx.execute("UPDATE accounts SET totp_key = $1, totp_step = 0 WHERE id = $2",
                           {stored, account.id}));
    // Who signed in by the password alone must bring the code as well.
    ATALAYA_TRY(detail::end_sessions(tx, account.id));
    return state_->log(tx, "identity.second_factor.set", account.id, by);
  }));
  return crypto::totp_key_text(key);
}

Result<void> Accounts::remove_second_factor(std::string_view name, std::string_view by) {
  return state_->database.write([&](store::Transaction& tx) -> Result<void> {
    const Account account = ATALAYA_TRY(detail::read_account(tx, "name", detail::login_name(name)));
    ATALAYA_TRY(tx.execute("UPDATE accounts SET totp_key = NULL WHERE id = $1", {account.id}));
    // The device was lost, perhaps stolen: a session that it opened ends.
    ATALAYA_TRY(detail::end_sessions(tx, account.id));
    return state_->log(tx, "identity.second_factor.removed", account.id, by);
  });
}

}  // namespace atalaya::identity
