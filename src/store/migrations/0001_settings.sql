-- Why: what the operator sets while the node runs and every restart must find again.
-- Data touched: none; a new table. Lock: the writer's, for an instant. Undone by: restoring a backup.
CREATE TABLE settings (
  key TEXT PRIMARY KEY,
  value TEXT NOT NULL
) STRICT;
