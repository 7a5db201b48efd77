-- Why: of a clause that a person set the rule's reading was lost, so that a misread date could be
-- neither replaced nor withdrawn, and of two editors the first one's work was overwritten. Every
-- decision about a clause is kept, as those about titles and links are. And the buckets of the form
-- for alternative reports kept the millisecond at which the last one came: they are in memory now.
-- Data touched: one row for each clause that a person set, one for each date of such a clause; the
-- columns are empty on all other rows. Lock: the writer's, for an instant. Undone by: restoring the
-- backup taken before the upgrade.

-- Version 0 is what rules read in the text that is shown; the newest is what counts.
CREATE TABLE clause_versions (
  commitment TEXT NOT NULL REFERENCES commitments(id),
  ordinal INTEGER NOT NULL,
  version INTEGER NOT NULL CHECK (version >= 0),
  decision TEXT NOT NULL CHECK (decision IN ('read', 'set', 'back')),
  verb TEXT NOT NULL,
  addressee TEXT NOT NULL,
  deliverable TEXT NOT NULL,
  due TEXT NOT NULL,
  formulation TEXT NOT NULL,
  qualifiers TEXT NOT NULL,          -- JSON array
  due_latest TEXT NOT NULL DEFAULT '',
  due_event TEXT NOT NULL DEFAULT '',
  reason TEXT NOT NULL,              -- '' of what rules read, and of decisions before this table
  set_by TEXT NOT NULL,
  set_at TEXT NOT NULL,
  PRIMARY KEY (commitment, ordinal, version)
) STRICT;

INSERT INTO clause_versions(commitment, ordinal, version, decision, verb, addressee, deliverable,
  due, formulation, qualifiers, reason, set_by, set_at)
  SELECT commitment, ordinal, 1, 'set', verb, addressee, deliverable, due, formulation, qualifiers,
    '', set_by, '' FROM clauses WHERE set_by <> 'rule';

-- Who replaced or withdrew a date that rules read, '' = nobody, and then it counts nowhere; of a
-- date that a person set of a clause (numbered 1000 and the clause), the number of the replaced one.
ALTER TABLE dues ADD COLUMN withdrawn_by TEXT NOT NULL DEFAULT '';
ALTER TABLE dues ADD COLUMN replaces INTEGER NOT NULL DEFAULT 0;

INSERT INTO dues(commitment, ordinal, edtf, kind, printed, soft, set_by, latest, event)
  SELECT k.commitment, 1000 + k.ordinal, k.due,
    CASE WHEN substr(k.due, 1, 2) = 'R/' THEN 'recurring' ELSE 'deadline' END, '', 0, k.set_by, '', ''
  FROM clauses k WHERE k.set_by <> 'rule' AND k.due <> '' AND NOT EXISTS (SELECT 1 FROM dues d
    WHERE d.commitment = k.commitment AND d.edtf = k.due) AND NOT EXISTS (SELECT 1 FROM clauses e
    WHERE e.commitment = k.commitment AND e.due = k.due AND e.set_by <> 'rule' AND
    e.ordinal < k.ordinal);

DROP TABLE followup_form_rates;
