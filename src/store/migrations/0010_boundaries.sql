-- Why: shapes of territories for maps, which operators bring.
-- Data touched: none, the table is new; no lock beyond creation. Undone by: restoring a backup.

-- Nothing is overwritten: of a country and level the newest row counts.
CREATE TABLE observatory_boundaries (
  id INTEGER PRIMARY KEY CHECK (id >= 1),     -- 1, 2, … in the order of loading
  country TEXT NOT NULL,                      -- ISO 3166-1 alpha-3, or AMERICAS
  level TEXT NOT NULL CHECK (level IN ('country', 'admin1', 'admin2')),
  file TEXT NOT NULL,
  file_sha256 TEXT NOT NULL,
  source TEXT NOT NULL,                       -- as the operator states it
  licence TEXT NOT NULL,
  shapes INTEGER NOT NULL,
  body TEXT NOT NULL,                         -- JSON: docs/formats/boundaries.md
  loaded_at TEXT NOT NULL,
  loaded_by TEXT NOT NULL
) STRICT;
CREATE INDEX observatory_boundaries_place ON observatory_boundaries(country, level, id);
