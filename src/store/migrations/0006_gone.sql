-- Why: a corrected re-issue of a document says something in other words; what it no longer holds
-- stays readable, but is counted no more.
-- Data touched: a new column, empty on all rows. Lock: the writer's, for an instant. Undone by:
-- restoring the backup taken before the upgrade.
--
-- The newest source document that no longer holds the commitment, where no current one does.
ALTER TABLE commitments ADD COLUMN gone_from TEXT NOT NULL DEFAULT '';
