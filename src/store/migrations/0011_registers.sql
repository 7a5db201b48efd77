-- Why: registers beside the commitments: what became of dates, periodic reports, authorities,
-- technical cooperation, practices, hearings, answers to key questions. Which fields a register has
-- is data of the catalogue, so one table holds them all.
-- Data touched: none, the table is new; no lock beyond creation. Undone by: restoring a backup.

-- Nothing is overwritten: of an id the newest version counts, unless it says removed.
CREATE TABLE followup_records (
  id INTEGER NOT NULL CHECK (id >= 1),
  version INTEGER NOT NULL CHECK (version >= 1),
  register TEXT NOT NULL,
  country TEXT NOT NULL,             -- ISO 3166-1 alpha-3; '' where it is about none
  instrument TEXT NOT NULL,
  commitment TEXT NOT NULL,
  theme TEXT NOT NULL,
  language TEXT NOT NULL,            -- of its free texts: en, es, pt, fr
  body TEXT NOT NULL,                -- JSON: field to value
  removed INTEGER NOT NULL CHECK (removed IN (0, 1)),
  newest INTEGER NOT NULL CHECK (newest IN (0, 1)),
  at TEXT NOT NULL,
  by_name TEXT NOT NULL,             -- account, 'catalogue' or 'command line'
  why TEXT NOT NULL,
  PRIMARY KEY (id, version)
) STRICT;
CREATE INDEX followup_records_register ON followup_records(register, newest, country);
CREATE INDEX followup_records_commitment ON followup_records(commitment, newest);
