#pragma once
// atalaya user …: accounts from the command line, by whoever may read the node's folder.

#include <cstdint>
#include <string>
#include <vector>

#include <atalaya/base/secret.hpp>

#include "commands.hpp"

namespace atalaya::app {

/// Where a new password comes from. Neither flag: asked for twice on the terminal.
struct PasswordSource {
  bool from_stdin = false;  // the first line of standard input
  bool generate = false;    // made here and printed once
};

struct UserAddOptions : NodeOptions {
  std::string name, display_name, organisation;
  std::vector<std::string> roles;  // ROLE or ROLE@TERRITORY
  PasswordSource password;
};

struct UserOptions : NodeOptions {
  std::string name;
};

struct UserRolesOptions : UserOptions {
  std::vector<std::string> roles;  // all of them; none: the account may do nothing
};

struct UserRenameOptions : UserOptions {
  std::string display_name;
};

struct UserPasswordOptions : UserOptions {
  PasswordSource password;
};

struct SecondFactorOptions : UserOptions {
  bool remove = false;
};

struct TokenOptions : UserOptions {
  std::string token_name;
  std::vector<std::string> scopes;
  std::int64_t days = 90;
};

struct RevokeOptions : NodeOptions {
  std::string id;
};

Result<void> run_user_add(const UserAddOptions& options);
Result<void> run_user_list(const NodeOptions& options);
Result<void> run_user_roles(const UserRolesOptions& options);
Result<void> run_user_rename(const UserRenameOptions& options);
Result<void> run_user_password(const UserPasswordOptions& options);
Result<void> run_user_disable(const UserOptions& options);
Result<void> run_user_enable(const UserOptions& options);
Result<void> run_user_second_factor(const SecondFactorOptions& options);
Result<void> run_user_token(const TokenOptions& options);
Result<void> run_user_tokens(const UserOptions& options);
Result<void> run_user_revoke(const RevokeOptions& options);

/// 24 characters in groups of four, 120 random bits, easy to read aloud.
[[nodiscard]] Secret generate_password();

}  // namespace atalaya::app
