// atalaya user …
#include <termios.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <iostream>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <atalaya/api/serving.hpp>
#include <atalaya/base/text.hpp>
#include <atalaya/commitments/catalogue.hpp>
#include <atalaya/crypto/hash.hpp>
#include <atalaya/http/target.hpp>
#include <atalaya/identity/accounts.hpp>
#include <atalaya/identity/roles.hpp>

#include "commands_user.hpp"
#include "node.hpp"

namespace atalaya::app {
namespace {

// Who did it, in the log: not an account, but whoever may read the node's folder.
constexpr std::string_view kBy = "operator";

struct OpenAccounts {
  std::unique_ptr<OpenNode> node;
  std::unique_ptr<identity::Accounts> accounts;
};

Result<OpenAccounts> open_accounts(const NodeOptions& options) {
  OpenAccounts out;
  out.node = ATALAYA_TRY(open_node(options.node, WithIndex::no));
  out.accounts =
      identity::Accounts::create(*out.node->database, *out.node->ledger, out.node->clock);
  return out;
}

// Turns the terminal's echo off, and on again whatever happens.
class NoEcho {
 public:
  NoEcho() : changed_(::tcgetattr(STDIN_FILENO, &before_) == 0) {
    if (changed_) {
      termios silent = before_;
      silent.c_lflag &= ~static_cast<tcflag_t>(ECHO);
      changed_ = ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent) == 0;
    }
  }

  NoEcho(const NoEcho&) = delete;
  NoEcho& operator=(const NoEcho&) = delete;

  ~NoEcho() {
    if (changed_) {
      ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &before_);
    }
  }

 private:
  termios before_{};
  bool changed_;
};

Result<Secret> read_line() {
  std::string line;
  if (!std::getline(std::cin, line)) {
    return fail(ErrorCode::invalid_argument, "app.user.no_password",
                "no password came from standard input");
  }
  if (line.ends_with('\r')) {
    line.pop_back();
  }
  if (find_invalid_utf8(line)) {
    return fail(ErrorCode::invalid_argument, "app.user.password_encoding",
                "the password is not UTF-8, and browsers would send another one; set the "
                "terminal to UTF-8");
  }
  return Secret(std::move(line));
}

Result<Secret> ask() {
  const NoEcho silent;
  fmt::print(stderr, "Password: ");
  Secret first = ATALAYA_TRY(read_line());
  fmt::print(stderr, "\nOnce more: ");
  const Secret second = ATALAYA_TRY(read_line());
  fmt::print(stderr, "\n");
  // Unsafe reveal: two texts that one person typed are compared, in that person's process.
  if (!crypto::equal_constant_time(first.unsafe_reveal(), second.unsafe_reveal())) {
    return fail(ErrorCode::invalid_argument, "app.user.password_differs",
                "the two passwords differ; nothing was changed");
  }
  return first;
}

Result<Secret> new_password(const PasswordSource& source) {
  if (source.generate) {
    return generate_password();
  }
  if (source.from_stdin) {
    return read_line();
  }
  if (::isatty(STDIN_FILENO) == 0) {
    return fail(ErrorCode::invalid_argument, "app.user.password_source",
                "there is no terminal to ask for the password: add --password-stdin, or "
                "--generate to have one made and printed");
  }
  return ask();
}

// "editor" or "focal_point@PAN"; identity says which ones there are.
std::vector<identity::RoleGrant> grants_of(const std::vector<std::string>& roles) {
  std::vector<identity::RoleGrant> out;
  for (const std::string& role : roles) {
    const std::size_t at = role.find('@');
    out.push_back({role.substr(0, at), at == std::string::npos ? "" : role.substr(at + 1)});
  }
  return out;
}

// Whom an account speaks for is a country or an institution of the catalogue: under another name it
// would speak for nobody, and nobody would know.
Result<std::vector<identity::RoleGrant>> known_grants(const std::vector<std::string>& roles) {
  constexpr std::string_view kParliament = ".parliament";
  const auto catalogue = commitments::Catalogue::embedded();
  auto out = grants_of(roles);
  for (const identity::RoleGrant& grant : out) {
    std::string_view of = grant.territory;
    of.remove_suffix(of.ends_with(kParliament) ? kParliament.size() : 0);
    const bool country = of.size() == 3 && catalogue->find_country(of) != nullptr;
    const bool part = of.size() > 3 && of[2] == '-' && of[0] >= 'A' && of[0] <= 'Z';  // "PA-8"
    if (!of.empty() && !country && !part && catalogue->find_institution(of) == nullptr) {
      return fail(ErrorCode::invalid_argument, "identity.territory",
                  fmt::format("the catalogue has no country and no institution '{}'",
                              grant.territory.substr(0, 40)));
    }
  }
  return out;
}

std::string role_text(const identity::RoleGrant& grant) {
  return grant.role + (grant.territory.empty() ? "" : "@" + grant.territory);
}

// Grants from before the rule stand as they were given, and open nothing.
bool opens_nothing(const identity::RoleGrant& grant) {
  return !grant.territory.empty() && !identity::takes_territory(grant.role);
}

std::string role_list(const identity::Account& account) {
  std::string out;
  for (const auto& grant : account.roles) {
    out += (out.empty() ? "" : ", ") + role_text(grant) +
           (opens_nothing(grant) ? " (opens nothing: this role takes no territory)" : "");
  }
  return out.empty() ? "no roles" : out;
}

json::object account_json(const identity::Account& account) {
  json::array roles;
  for (const auto& grant : account.roles) {
    roles.emplace_back(role_text(grant));
  }
  return json::object{{"id", account.id},
                      {"name", account.name},
                      {"display_name", account.display_name},
                      {"organisation", account.organisation},
                      {"roles", std::move(roles)},
                      {"second_factor", account.second_factor},
                      {"disabled", account.disabled},
                      {"created_at", account.created_at}};
}

// `password`: shown only where this program made it.
void print_account(Output output, const identity::Account& account, std::string_view done,
                   const Secret* password) {
  if (output == Output::json) {
    json::object out = account_json(account);
    if (password != nullptr) {
      out["password"] = password->unsafe_reveal();  // the only time that it can be read
    }
    print_json(out);
    return;
  }
  fmt::print("{} {} ({}).\n", done, account.name, role_list(account));
  if (password != nullptr) {
    // The only time that it can be read.
    fmt::print("Password, shown only now: {}\n", password->unsafe_reveal());
  }
}

Result<void> set_disabled(const UserOptions& options, bool disabled) {
  const auto open = ATALAYA_TRY(open_accounts(options));
  ATALAYA_TRY(open.accounts->set_disabled(options.name, disabled, kBy));
  const auto account = ATALAYA_TRY(open.accounts->get(options.name));
  print_account(options.output, account, disabled ? "Disabled" : "Enabled", nullptr);
  return {};
}

}  // namespace

Secret generate_password() {
  std::array<std::uint8_t, 15> bytes{};
  crypto::random_bytes(bytes);
  const std::string text = to_base32(bytes);
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (i > 0 && i % 4 == 0) {
      out.push_back('-');
    }
    out.push_back(text[i]);
  }
  wipe(bytes.data(), bytes.size());
  return Secret(std::move(out));
}

Result<void> run_user_add(const UserAddOptions& options) {
  const auto open = ATALAYA_TRY(open_accounts(options));
  const Secret password = ATALAYA_TRY(new_password(options.password));
  auto grants = ATALAYA_TRY(known_grants(options.roles));
  const auto account = ATALAYA_TRY(open.accounts->add(
      {options.name, options.display_name, options.organisation, std::move(grants)}, password,
      kBy));
  print_account(options.output, account, "Added", options.password.generate ? &password : nullptr);
  return {};
}

Result<void> run_user_list(const NodeOptions& options) {
  const auto open = ATALAYA_TRY(open_accounts(options));
  const auto all = ATALAYA_TRY(open.accounts->list());
  if (options.output == Output::json) {
    json::array out;
    for (const auto& account : all) {
      out.push_back(account_json(account));
    }
    print_json(json::object{{"accounts", std::move(out)}});
    return {};
  }
  for (const auto& account : all) {
    fmt::print("{:<20} {:<40} {}{}{}\n", account.name, role_list(account),
               identity::shown_name(account) == account.display_name
                   ? account.display_name
                   : "(no name to show: atalaya user rename)",
               account.second_factor ? ", second factor" : "",
               account.disabled ? ", DISABLED" : "");
  }
  if (all.empty()) {
    fmt::print("No accounts yet: atalaya user add --node {} NAME --role administrator\n",
               options.node.string());
  }
  return {};
}

Result<void> run_user_roles(const UserRolesOptions& options) {
  const auto open = ATALAYA_TRY(open_accounts(options));
  const auto grants = ATALAYA_TRY(known_grants(options.roles));
  ATALAYA_TRY(open.accounts->set_roles(options.name, grants, kBy));
  const auto account = ATALAYA_TRY(open.accounts->get(options.name));
  print_account(options.output, account, "Set the roles of", nullptr);
  return {};
}

Result<void> run_user_rename(const UserRenameOptions& options) {
  const auto open = ATALAYA_TRY(open_accounts(options));
  ATALAYA_TRY(open.accounts->set_display_name(options.name, options.display_name, kBy));
  const auto account = ATALAYA_TRY(open.accounts->get(options.name));
  if (options.output == Output::json) {
    print_account(options.output, account, "Renamed", nullptr);
    return {};
  }
  fmt::print("{} signs as \"{}\" from now on; what was written before keeps its signature.\n",
             account.name, identity::shown_name(account));
  return {};
}

Result<void> run_user_password(const UserPasswordOptions& options) {
  const auto open = ATALAYA_TRY(open_accounts(options));
  const auto account = ATALAYA_TRY(open.accounts->get(options.name));
  const Secret password = ATALAYA_TRY(new_password(options.password));
  ATALAYA_TRY(open.accounts->set_password(options.name, password, kBy));
  print_account(options.output, account, "Set the password and ended the sessions and tokens of",
                options.password.generate ? &password : nullptr);
  return {};
}

Result<void> run_user_disable(const UserOptions& options) {
  return set_disabled(options, true);
}

Result<void> run_user_enable(const UserOptions& options) {
  return set_disabled(options, false);
}

Result<void> run_user_second_factor(const SecondFactorOptions& options) {
  const auto open = ATALAYA_TRY(open_accounts(options));
  if (options.remove) {
    ATALAYA_TRY(open.accounts->remove_second_factor(options.name, kBy));
    const auto account = ATALAYA_TRY(open.accounts->get(options.name));
    print_account(options.output, account, "Removed the second factor of", nullptr);
    return {};
  }
  const Secret key = ATALAYA_TRY(open.accounts->set_second_factor(options.name, kBy));
  const auto account = ATALAYA_TRY(open.accounts->get(options.name));
  // The only time that the key can be read: an authenticator app must have it.
  const std::string issuer = http::percent_encode(open.node->config.name);
  const std::string uri =
      fmt::format("otpauth://totp/{}:{}?secret={}&issuer={}", issuer,
                  http::percent_encode(account.name), key.unsafe_reveal(), issuer);
  if (options.output == Output::json) {
    json::object out = account_json(account);
    out["key"] = key.unsafe_reveal();
    out["uri"] = uri;
    print_json(out);
    return {};
  }
  fmt::print(
      "{} must bring a code of six digits at each sign-in from now on.\n"
      "Key for the authenticator app, shown only now: {}\n{}\n",
      account.name, key.unsafe_reveal(), uri);
  return {};
}

Result<void> run_user_token(const TokenOptions& options) {
  // A scope that no route asks for would make a token that looks right and opens nothing.
  const std::vector<std::string> known = api::token_scopes();
  for (const std::string& scope : options.scopes) {
    if (std::ranges::find(known, scope) == known.end()) {
      return fail(Error{ErrorCode::invalid_argument,
                        "app.user.scope",
                        fmt::format("--scope: \"{}\" is no scope of this program; the scopes are {}",
                                    scope, fmt::join(known, ", ")),
                        {{"scope", scope}}});
    }
  }
  const auto open = ATALAYA_TRY(open_accounts(options));
  const auto account = ATALAYA_TRY(open.accounts->get(options.name));
  const std::vector<std::string> usable = api::token_scopes(account.roles);
  for (const std::string& scope : options.scopes) {
    if (std::ranges::find(usable, scope) == usable.end()) {
      const std::string scopes = fmt::format("{}", fmt::join(usable, ", "));
      return fail(Error{ErrorCode::invalid_argument,
                        "app.user.scope_roles",
                        fmt::format("--scope: no role of {} may use \"{}\"; its scopes are {}",
                                    options.name, scope, scopes),
                        {{"scope", scope}, {"scopes", scopes}}});
    }
  }
  const Secret token = ATALAYA_TRY(open.accounts->add_token(options.name, options.token_name,
                                                            options.scopes, options.days, kBy));
  // The only time that it can be read.
  if (options.output == Output::json) {
    print_json(json::object{{"account", options.name},
                            {"name", options.token_name},
                            {"days", options.days},
                            {"token", token.unsafe_reveal()}});
    return {};
  }
  fmt::print(
      "Token, shown only now, for {} days:\n{}\n"
      "Send it as a header: Authorization: Bearer TOKEN\n",
      options.days, token.unsafe_reveal());
  return {};
}

Result<void> run_user_tokens(const UserOptions& options) {
  const auto open = ATALAYA_TRY(open_accounts(options));
  const auto tokens = ATALAYA_TRY(open.accounts->tokens(options.name));
  if (options.output == Output::json) {
    json::array out;
    for (const auto& token : tokens) {
      json::array scopes;
      for (const std::string& scope : token.scopes) {
        scopes.emplace_back(scope);
      }
      out.push_back(json::object{{"id", token.id},
                                 {"name", token.name},
                                 {"scopes", std::move(scopes)},
                                 {"expires_at", token.expires_at},
                                 {"revoked", token.revoked}});
    }
    print_json(json::object{{"tokens", std::move(out)}});
    return {};
  }
  for (const auto& token : tokens) {
    std::string scopes;
    for (const std::string& scope : token.scopes) {
      scopes += " " + scope;
    }
    fmt::print("{}\n  {}, until {}{},{}\n", token.id, token.name, token.expires_at,
               token.revoked ? ", REVOKED" : "", scopes);
  }
  if (tokens.empty()) {
    fmt::print("No tokens.\n");
  }
  return {};
}

Result<void> run_user_revoke(const RevokeOptions& options) {
  const auto open = ATALAYA_TRY(open_accounts(options));
  ATALAYA_TRY(open.accounts->revoke_token(options.id, kBy));
  if (options.output == Output::json) {
    print_json(json::object{{"id", options.id}, {"revoked", true}});
  } else {
    fmt::print("Revoked the token {}.\n", options.id);
  }
  return {};
}

}  // namespace atalaya::app
