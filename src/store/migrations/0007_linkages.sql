-- Why: files of several sources are compared case by case. The node keeps what came out in counts,
-- never a name, a case number or a row of those files: case lists are written outside of it.
-- Data touched: none, the table is new; no lock beyond creation. Undone by: restoring a backup.
CREATE TABLE observatory_linkages (
  id INTEGER PRIMARY KEY CHECK (id >= 1),     -- 1, 2, … in the order of linking
  linkage TEXT NOT NULL,                      -- of the plan: homicides-2023
  title TEXT NOT NULL,
  country TEXT NOT NULL,                      -- ISO 3166-1 alpha-3, '' where the plan names none
  synthetic INTEGER NOT NULL,
  plan TEXT NOT NULL,                         -- as written
  lists TEXT NOT NULL,                        -- JSON: id, title, source, rows, sha256 of each file
  result TEXT NOT NULL,                       -- JSON: counts, weights, passes; for analysts
  agreement TEXT NOT NULL,                    -- JSON after disclosure control: may be published
  made_at TEXT NOT NULL,
  made_by TEXT NOT NULL,
  published INTEGER NOT NULL                  -- 1: the agreement may be read by anybody
) STRICT;
CREATE INDEX observatory_linkages_linkage ON observatory_linkages(linkage, id);
