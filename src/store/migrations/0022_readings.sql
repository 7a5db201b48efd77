-- Why: clauses, dates and what they say were read by the rules of the program that imported a text,
-- and nothing said so when a newer program reads the same words otherwise.
-- Data touched: one number on every commitment. Lock: the writer's, for an instant (the rows are
-- recorded in the log anew at the next start). Undone by: restoring the backup taken before the
-- upgrade.

-- The rules (kReadingRules) that read the clauses which are held; 0: those of a program before this
-- column, and where no text is held.
ALTER TABLE commitments ADD COLUMN reading INTEGER NOT NULL DEFAULT 0;
