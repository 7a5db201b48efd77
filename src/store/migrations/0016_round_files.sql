-- Why: files inside a state's review (beside an answer, a visit's report, an input of civil society).
-- They have the audience of the part that they belong to, so they stand apart from followup_files,
-- whose hashes are public. Which review a file belongs to is an entry of followup_entries.
-- Data touched: none, the table is new; no lock beyond creation. Undone by: restoring a backup.

CREATE TABLE followup_round_files (
  sha256 TEXT PRIMARY KEY,
  size INTEGER NOT NULL CHECK (size >= 1),
  bytes BLOB NOT NULL,
  added_at TEXT NOT NULL
) STRICT;
