-- Why: people decide about themes of a commitment as they do about instruments and institutions,
-- and the table of those decisions refused themes.
-- Data touched: decisions about links are copied into a table without that check, row by row as
-- they are. Lock: the writer's, for an instant. Undone by: restoring the backup taken before the
-- upgrade. What is written there the program checks (desk_links.cpp).

CREATE TABLE link_decisions_wider (
  commitment TEXT NOT NULL REFERENCES commitments(id),
  kind TEXT NOT NULL,                -- theme | instrument | institution
  target TEXT NOT NULL,
  version INTEGER NOT NULL,
  decision TEXT NOT NULL,            -- add | remove
  reason TEXT NOT NULL,
  set_by TEXT NOT NULL,
  set_at TEXT NOT NULL,
  PRIMARY KEY (commitment, kind, target, version)
) STRICT;
INSERT INTO link_decisions_wider(commitment, kind, target, version, decision, reason, set_by, set_at)
  SELECT commitment, kind, target, version, decision, reason, set_by, set_at FROM link_decisions;
DROP TABLE link_decisions;
ALTER TABLE link_decisions_wider RENAME TO link_decisions;
