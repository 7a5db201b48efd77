-- Why: what came of the commitments: treaty events, who is bound by which document, States' reports,
-- assessments, data and sources, and the history of each of their values.
-- Data touched: none, all tables are new; one row in counters. No lock beyond creation. Undone by:
-- restoring a backup.
--
-- Nothing is overwritten: a row that stops counting gets superseded_at, so that every view can be
-- asked for as it was known on a day. Dates are ISO: a day, a month or a year, as far as known.

-- Every change that readers may see, in order; positions are gapless and lead to the log's leaf.
CREATE TABLE followup_changes (
  position INTEGER PRIMARY KEY CHECK (position >= 1),
  leaf INTEGER NOT NULL,             -- index in the ledger
  at TEXT NOT NULL,
  by_name TEXT NOT NULL,             -- account, 'catalogue' or 'command line'
  kind TEXT NOT NULL,                -- treaty_event, report, assessment, …
  commitment TEXT NOT NULL,          -- '' where it is about none
  actor TEXT NOT NULL,               -- ISO 3166-1 alpha-3, <ISO>.parliament or an institution
  instrument TEXT NOT NULL,
  before_value TEXT NOT NULL,        -- '' where there was none
  after_value TEXT NOT NULL,
  why TEXT NOT NULL
) STRICT;
CREATE INDEX followup_changes_cell ON followup_changes(commitment, actor);
CREATE INDEX followup_changes_actor ON followup_changes(actor, instrument);
CREATE INDEX followup_changes_instrument ON followup_changes(instrument);

-- One file of treaty events, as it came in.
CREATE TABLE followup_treaty_imports (
  id INTEGER PRIMARY KEY CHECK (id >= 1),
  file_name TEXT NOT NULL,
  sha256 TEXT NOT NULL,
  layout TEXT NOT NULL CHECK (layout IN ('atalaya', 'untc', 'catalogue')),
  instrument TEXT NOT NULL,          -- of a list of participants; '' in our own layout
  snapshot TEXT NOT NULL,            -- the day on which such a list was right; '' in our own
  source TEXT NOT NULL,
  imported_at TEXT NOT NULL,
  imported_by TEXT NOT NULL
) STRICT;
CREATE INDEX followup_treaty_imports_instrument ON followup_treaty_imports(instrument, snapshot);
CREATE INDEX followup_treaty_imports_sha256 ON followup_treaty_imports(sha256);

CREATE TABLE followup_treaty_events (
  id INTEGER PRIMARY KEY CHECK (id >= 1),
  party TEXT NOT NULL,               -- ISO 3166-1 alpha-3
  instrument TEXT NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('signature', 'ratification', 'accession', 'acceptance',
    'approval', 'succession', 'reservation', 'objection', 'withdrawal', 'entry_into_force')),
  date TEXT NOT NULL,
  effective TEXT NOT NULL,           -- when it takes effect for this party, '' = not recorded
  depositary TEXT NOT NULL,
  source TEXT NOT NULL,
  read_on TEXT NOT NULL,             -- the day on which somebody read it in the source
  note TEXT NOT NULL,
  import INTEGER NOT NULL REFERENCES followup_treaty_imports(id),
  added_at TEXT NOT NULL,
  added_by TEXT NOT NULL,
  superseded_at TEXT,
  superseded_by TEXT                 -- who said so
) STRICT;
CREATE INDEX followup_treaty_events_cell ON followup_treaty_events(instrument, party);
CREATE INDEX followup_treaty_events_party ON followup_treaty_events(party);
CREATE INDEX followup_treaty_events_import ON followup_treaty_events(import);

-- What an actor did about a document, where the node's people know more than the catalogue.
CREATE TABLE followup_participations (
  id INTEGER PRIMARY KEY CHECK (id >= 1),
  document TEXT NOT NULL,
  actor TEXT NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('took_part', 'adopted', 'joined_later',
    'statement_of_position', 'left', 'absent')),
  date TEXT NOT NULL,
  source TEXT NOT NULL,
  read_on TEXT NOT NULL,
  note TEXT NOT NULL,                -- of a statement: the paragraph that it stands on
  added_at TEXT NOT NULL,
  added_by TEXT NOT NULL,
  superseded_at TEXT,
  superseded_by TEXT
) STRICT;
CREATE INDEX followup_participations_document ON followup_participations(document, actor);

-- Files that a report or an assessment rests on: uploads, and pages as they stood when cited.
CREATE TABLE followup_files (
  sha256 TEXT PRIMARY KEY,
  name TEXT NOT NULL,
  media_type TEXT NOT NULL,
  url TEXT NOT NULL,                 -- '' for an upload
  size INTEGER NOT NULL,
  bytes BLOB NOT NULL,
  added_at TEXT NOT NULL,
  added_by TEXT NOT NULL
) STRICT;

-- States' reports, written by their focal points; every version stays.
CREATE TABLE followup_reports (
  commitment TEXT NOT NULL,
  actor TEXT NOT NULL,
  version INTEGER NOT NULL CHECK (version >= 1),
  as_of TEXT NOT NULL,               -- the day that it speaks of
  value TEXT NOT NULL,               -- of the scale state_report
  actions TEXT NOT NULL,
  law TEXT NOT NULL,
  programme TEXT NOT NULL,
  budget TEXT NOT NULL,
  text TEXT NOT NULL,
  language TEXT NOT NULL,
  sources TEXT NOT NULL,             -- JSON: {title, url, file}
  reported_at TEXT NOT NULL,
  reported_by TEXT NOT NULL,
  PRIMARY KEY (commitment, actor, version)
) STRICT;
CREATE INDEX followup_reports_actor ON followup_reports(actor, commitment, version);

-- The written rule of coding for one commitment and scale; '' = for all commitments.
CREATE TABLE followup_criteria (
  commitment TEXT NOT NULL,
  scale TEXT NOT NULL,
  version INTEGER NOT NULL CHECK (version >= 1),
  text TEXT NOT NULL,
  set_at TEXT NOT NULL,
  set_by TEXT NOT NULL,
  PRIMARY KEY (commitment, scale, version)
) STRICT;

-- One cell to be assessed on one scale by two coders who do not see each other's value.
CREATE TABLE followup_codings (
  id INTEGER PRIMARY KEY CHECK (id >= 1),
  commitment TEXT NOT NULL,
  actor TEXT NOT NULL,
  scale TEXT NOT NULL,
  criteria_commitment TEXT NOT NULL,
  criteria_version INTEGER NOT NULL,
  as_of TEXT NOT NULL,               -- the day that the assessment speaks of
  window_from TEXT NOT NULL,         -- what happened in these days counts
  window_to TEXT NOT NULL,
  coder_a TEXT NOT NULL,             -- names of accounts
  coder_b TEXT NOT NULL,
  stage TEXT NOT NULL CHECK (stage IN ('coding', 'adjudication', 'reply', 'published')),
  value TEXT NOT NULL,               -- what stands: agreed or adjudicated; '' before
  reply_until TEXT NOT NULL,         -- '' before both have submitted
  node TEXT NOT NULL,                -- the node whose coders these are; '' = this one
  opened_at TEXT NOT NULL,
  opened_by TEXT NOT NULL,
  published_at TEXT,
  published_by TEXT,
  CHECK (coder_a <> coder_b),
  FOREIGN KEY (criteria_commitment, scale, criteria_version)
    REFERENCES followup_criteria(commitment, scale, version)
) STRICT;
CREATE INDEX followup_codings_cell ON followup_codings(commitment, actor, stage);
CREATE INDEX followup_codings_actor ON followup_codings(actor, stage);
CREATE INDEX followup_codings_stage ON followup_codings(stage);
CREATE INDEX followup_codings_criteria
  ON followup_codings(criteria_commitment, scale, criteria_version);

CREATE TABLE followup_codes (
  coding INTEGER NOT NULL REFERENCES followup_codings(id),
  coder TEXT NOT NULL,
  value TEXT NOT NULL,
  reasons TEXT NOT NULL,
  provision TEXT NOT NULL,           -- quoted, where the scale asks for it
  sources TEXT NOT NULL,             -- JSON: {title, url, file}
  interest TEXT NOT NULL,            -- statement of conflicts of interest
  submitted_at TEXT NOT NULL,
  PRIMARY KEY (coding, coder)
) STRICT;

-- Where two coders differ, a third person decides and says why; both values stay.
CREATE TABLE followup_adjudications (
  coding INTEGER PRIMARY KEY REFERENCES followup_codings(id),
  value TEXT NOT NULL,
  reasons TEXT NOT NULL,
  decided_at TEXT NOT NULL,
  decided_by TEXT NOT NULL
) STRICT;

CREATE TABLE followup_replies (
  coding INTEGER PRIMARY KEY REFERENCES followup_codings(id),
  text TEXT NOT NULL,
  language TEXT NOT NULL,
  replied_at TEXT NOT NULL,
  replied_by TEXT NOT NULL
) STRICT;

-- Which indicator says something about which commitment, and who stands for that.
CREATE TABLE followup_indicator_links (
  id INTEGER PRIMARY KEY CHECK (id >= 1),
  commitment TEXT NOT NULL,
  indicator TEXT NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('measures_implementation', 'context')),
  reason TEXT NOT NULL,
  name TEXT NOT NULL,
  added_at TEXT NOT NULL,
  added_by TEXT NOT NULL,
  superseded_at TEXT,
  superseded_by TEXT
) STRICT;
CREATE INDEX followup_indicator_links_commitment ON followup_indicator_links(commitment);

-- Data and sources that are no indicator and no treaty event: a law, a document, another figure.
CREATE TABLE followup_data_entries (
  id INTEGER PRIMARY KEY CHECK (id >= 1),
  commitment TEXT NOT NULL,
  actor TEXT NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('law', 'document', 'figure')),
  date TEXT NOT NULL,
  title TEXT NOT NULL,
  url TEXT NOT NULL,
  file TEXT REFERENCES followup_files(sha256),
  source TEXT NOT NULL,
  read_on TEXT NOT NULL,
  note TEXT NOT NULL,
  added_at TEXT NOT NULL,
  added_by TEXT NOT NULL,
  superseded_at TEXT,
  superseded_by TEXT
) STRICT;
CREATE INDEX followup_data_entries_cell ON followup_data_entries(commitment, actor);
CREATE INDEX followup_data_entries_actor ON followup_data_entries(actor);
CREATE INDEX followup_data_entries_file ON followup_data_entries(file);

INSERT INTO counters(name, value) VALUES ('followup', 0), ('followup_ids', 0);
