-- Why: a corrected re-issue says a commitment in new words, and an editor says so; editors add and
-- remove links; clauses keep what the rules read besides the words.
-- Data touched: new columns, empty on all rows, and two empty tables. Lock: the writer's, for an
-- instant. Undone by: restoring the backup taken before the upgrade.

-- `later` is the id that the new words would have had alone. Its row stays, holds nothing and is
-- counted no more; its appearances, clauses and links are those of `commitment`.
CREATE TABLE wordings (
  later TEXT PRIMARY KEY REFERENCES commitments(id),
  commitment TEXT NOT NULL REFERENCES commitments(id),
  reason TEXT NOT NULL,
  said_by TEXT NOT NULL,
  said_at TEXT NOT NULL,
  CHECK (later <> commitment)
) STRICT;
CREATE INDEX wordings_commitment ON wordings(commitment);

-- What a person decided about a link; the newest version holds against rules and catalogue.
CREATE TABLE link_decisions (
  commitment TEXT NOT NULL REFERENCES commitments(id),
  kind TEXT NOT NULL CHECK (kind IN ('instrument', 'institution')),
  target TEXT NOT NULL,
  version INTEGER NOT NULL,
  decision TEXT NOT NULL CHECK (decision IN ('add', 'remove')),
  reason TEXT NOT NULL,
  set_by TEXT NOT NULL,
  set_at TEXT NOT NULL,
  PRIMARY KEY (commitment, kind, target, version)
) STRICT;

-- The clause whose verb and addressee this one continues, 0 = none; whether its verb stands in the
-- governing item; the day on which it is at the latest due and the event it waits for, '' = none.
ALTER TABLE clauses ADD COLUMN depends_on INTEGER NOT NULL DEFAULT 0;
ALTER TABLE clauses ADD COLUMN verb_from_chapeau INTEGER NOT NULL DEFAULT 0;
ALTER TABLE clauses ADD COLUMN due_latest TEXT NOT NULL DEFAULT '';
ALTER TABLE clauses ADD COLUMN due_event TEXT NOT NULL DEFAULT '';
ALTER TABLE dues ADD COLUMN latest TEXT NOT NULL DEFAULT '';
ALTER TABLE dues ADD COLUMN event TEXT NOT NULL DEFAULT '';

-- Why the ranking proposed a confirmed antecedent: JSON array of {kind, detail}, '' = a person found it.
ALTER TABLE antecedents ADD COLUMN suggested_because TEXT NOT NULL DEFAULT '';
