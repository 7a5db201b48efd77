-- Why: a coding that nobody can finish (a coder left, or was named by mistake) kept its cell from
-- being assessed again for ever. Whoever runs codings can withdraw it, with a reason that stays.
-- Data touched: none, the table is new; no lock beyond creation. Undone by: restoring a backup.

CREATE TABLE followup_coding_withdrawals (
  coding INTEGER PRIMARY KEY REFERENCES followup_codings(id),
  reason TEXT NOT NULL,
  withdrawn_at TEXT NOT NULL,
  withdrawn_by TEXT NOT NULL
) STRICT;
