-- Why: what the observatory holds beside its segment files: mappings, submissions, releases.
-- Data touched: none, all tables are new; no lock beyond creation. Undone by: restoring a backup.

-- Every version of every mapping that was ever used, as it was written.
CREATE TABLE observatory_mappings (
  id TEXT NOT NULL,
  version INTEGER NOT NULL CHECK (version >= 1),
  sha256 TEXT NOT NULL,
  text TEXT NOT NULL,
  added_at TEXT NOT NULL,
  added_by TEXT NOT NULL,
  PRIMARY KEY (id, version)
) STRICT;

-- One load of one source's files. Nothing is overwritten: where two submissions of the same source
-- and mapping cover the same days, the later one counts from the moment it was loaded.
CREATE TABLE observatory_submissions (
  id INTEGER PRIMARY KEY CHECK (id >= 1),     -- 1, 2, … in the order of loading
  source TEXT NOT NULL,
  source_kind TEXT NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('facts', 'population')),
  country TEXT NOT NULL,                      -- ISO 3166-1 alpha-3, '' where the file says it
  title TEXT NOT NULL,
  mapping TEXT NOT NULL,
  mapping_version INTEGER NOT NULL,
  phase TEXT NOT NULL,
  synthetic INTEGER NOT NULL,
  content TEXT NOT NULL,                      -- SHA-256 over mapping and files: the same load again
  files TEXT NOT NULL,                        -- JSON: name, bytes, sha256 of each
  breaks TEXT NOT NULL,                       -- JSON: period, what changed in the method
  months TEXT NOT NULL,                       -- JSON: the months that its facts speak of
  period_from TEXT NOT NULL,                  -- first day
  period_to TEXT NOT NULL,                    -- day after the last
  report TEXT NOT NULL,                       -- JSON: rows and totals, accounted for
  segment TEXT NOT NULL,                      -- file in facts/; '' when it was erased by law
  segment_sha256 TEXT NOT NULL,
  segment_rows INTEGER NOT NULL,
  follows INTEGER REFERENCES observatory_submissions(id),
  loaded_at TEXT NOT NULL,
  loaded_by TEXT NOT NULL,
  FOREIGN KEY (mapping, mapping_version) REFERENCES observatory_mappings(id, version)
) STRICT;
CREATE INDEX observatory_submissions_source ON observatory_submissions(source, mapping, id);
CREATE INDEX observatory_submissions_follows ON observatory_submissions(follows);
CREATE INDEX observatory_submissions_mapping ON observatory_submissions(mapping, mapping_version);

-- What was not taken as it stood; `rows` counts every row that shows it.
CREATE TABLE observatory_findings (
  submission INTEGER NOT NULL REFERENCES observatory_submissions(id),
  position INTEGER NOT NULL,
  severity TEXT NOT NULL CHECK (severity IN ('warning', 'rejection')),
  file TEXT NOT NULL,
  column_name TEXT NOT NULL,
  value TEXT NOT NULL,
  reason TEXT NOT NULL,
  detail TEXT NOT NULL,
  first_line INTEGER NOT NULL,
  rows INTEGER NOT NULL,
  PRIMARY KEY (submission, position)
) STRICT;

-- The first rejected rows of a submission by line; the report has the number of all.
CREATE TABLE observatory_rejects (
  submission INTEGER NOT NULL,
  position INTEGER NOT NULL,
  file TEXT NOT NULL,
  line INTEGER NOT NULL,
  finding INTEGER NOT NULL,
  PRIMARY KEY (submission, position),
  FOREIGN KEY (submission, finding) REFERENCES observatory_findings(submission, position)
) STRICT;
CREATE INDEX observatory_rejects_finding ON observatory_rejects(submission, finding);

-- Territories below the catalogue's, as files have named them.
CREATE TABLE observatory_territories (
  code TEXT PRIMARY KEY,
  level TEXT NOT NULL,
  parent TEXT NOT NULL,
  name TEXT NOT NULL,
  submission INTEGER NOT NULL REFERENCES observatory_submissions(id)
) STRICT;
CREATE INDEX observatory_territories_parent ON observatory_territories(parent);
CREATE INDEX observatory_territories_submission ON observatory_territories(submission);

-- A frozen publication. Never changed; a later release may follow it.
CREATE TABLE observatory_releases (
  id TEXT PRIMARY KEY,
  position INTEGER NOT NULL UNIQUE,
  name TEXT NOT NULL,
  plan TEXT NOT NULL,                         -- as written
  decision TEXT NOT NULL,                     -- JSON: who decided what, and why
  policy TEXT NOT NULL,                       -- JSON
  audit TEXT NOT NULL,                        -- JSON: per table, what a reader can derive
  submissions TEXT NOT NULL,                  -- JSON: every submission that a figure rests on
  synthetic INTEGER NOT NULL,
  published_at TEXT NOT NULL,
  published_by TEXT NOT NULL
) STRICT;

CREATE TABLE observatory_release_tables (
  release TEXT NOT NULL REFERENCES observatory_releases(id),
  position INTEGER NOT NULL,
  indicator TEXT NOT NULL,
  query TEXT NOT NULL,                        -- JSON: by, where, source, population
  notes TEXT NOT NULL,                        -- JSON
  segment TEXT NOT NULL,                      -- file in facts/
  segment_sha256 TEXT NOT NULL,
  cells INTEGER NOT NULL,
  suppressed INTEGER NOT NULL,
  PRIMARY KEY (release, position)
) STRICT;
CREATE INDEX observatory_release_tables_indicator ON observatory_release_tables(indicator, release);
