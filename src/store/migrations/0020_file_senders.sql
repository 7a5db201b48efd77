-- Why: the same bytes are kept once, under the name of who sent them first; whoever sent them later
-- could not open the own file, and nothing told who may name a file that is not public yet.
-- Data touched: none, the table is new (of files held before, followup_files.added_by is the sender);
-- no lock beyond creation. Undone by: restoring a backup.

CREATE TABLE followup_file_senders (
  sha256 TEXT NOT NULL REFERENCES followup_files(sha256),
  sender TEXT NOT NULL,
  sent_at TEXT NOT NULL,
  PRIMARY KEY (sha256, sender)
) STRICT;
