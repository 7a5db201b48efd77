-- Why: whoever submits an alternative report or a correction can attach files. People decide about
-- each file, too, before it shows; a file can be erased as the words can.
-- Data touched: none, the table is new; no lock beyond creation. Undone by: restoring a backup.

CREATE TABLE followup_submission_files (
  submission INTEGER NOT NULL REFERENCES followup_submissions(id),
  ordinal INTEGER NOT NULL CHECK (ordinal >= 1),
  name TEXT NOT NULL,                -- as the submitter's; readers never see it
  extension TEXT NOT NULL,           -- "pdf": the kind that its first bytes show
  size INTEGER NOT NULL CHECK (size >= 1),
  sha256 TEXT NOT NULL,
  bytes BLOB NOT NULL,
  published INTEGER NOT NULL CHECK (published IN (0, 1)),
  PRIMARY KEY (submission, ordinal)
) STRICT;
