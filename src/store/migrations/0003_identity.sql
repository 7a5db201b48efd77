-- Accounts, organisations, roles, sessions and API tokens. Small; no lock beyond creation; undone
-- by restoring. Tokens are kept as hashes: who reads the store cannot sign in with what it holds.
CREATE TABLE organisations (
  id TEXT PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  created_at TEXT NOT NULL
) STRICT;

CREATE TABLE accounts (
  id TEXT PRIMARY KEY,             -- random, so that leaves of the log name no person
  name TEXT NOT NULL UNIQUE,       -- to sign in with: folded, lower case
  display_name TEXT NOT NULL,
  organisation TEXT REFERENCES organisations(id),
  password TEXT NOT NULL,          -- Argon2id string
  totp_key BLOB,                   -- NULL: no second factor
  totp_step INTEGER NOT NULL,      -- last step used: a code works once
  disabled INTEGER NOT NULL,
  created_at TEXT NOT NULL,
  password_set_at TEXT NOT NULL
) STRICT;

-- territory '' = everywhere, else ISO 3166-1 or -2
CREATE TABLE account_roles (
  account TEXT NOT NULL REFERENCES accounts(id),
  role TEXT NOT NULL,
  territory TEXT NOT NULL,
  PRIMARY KEY (account, role, territory)
) STRICT;

CREATE TABLE sessions (
  id TEXT PRIMARY KEY,             -- SHA-256 of the cookie's token, hex
  account TEXT NOT NULL REFERENCES accounts(id),
  created_ms INTEGER NOT NULL,
  seen_ms INTEGER NOT NULL,
  second_factor INTEGER NOT NULL
) STRICT;
CREATE INDEX sessions_account ON sessions(account);

CREATE TABLE api_tokens (
  id TEXT PRIMARY KEY,             -- SHA-256 of the token, hex
  account TEXT NOT NULL REFERENCES accounts(id),
  name TEXT NOT NULL,
  scopes TEXT NOT NULL,            -- blank separated
  created_ms INTEGER NOT NULL,
  expires_ms INTEGER NOT NULL,
  revoked INTEGER NOT NULL
) STRICT;
CREATE INDEX api_tokens_account ON api_tokens(account);
