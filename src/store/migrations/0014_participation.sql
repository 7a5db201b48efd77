-- Why: alternative reports and corrections that anybody may submit, and records that join from
-- another institution's node by signed package.
-- Data touched: none, all tables are new; no lock beyond creation. Undone by: restoring a backup.
--
-- What a submitter wrote can be erased (the log keeps only a salted hash of it); what was decided,
-- and why, stays. Of a submission the day is kept and no time, and nothing about the browser.

CREATE TABLE followup_submissions (
  id INTEGER PRIMARY KEY CHECK (id >= 1),
  kind TEXT NOT NULL CHECK (kind IN ('alternative_report', 'correction')),
  commitment TEXT NOT NULL,
  actor TEXT NOT NULL,               -- '' for a correction of the commitment itself
  as_of TEXT NOT NULL,               -- the day that it speaks of
  language TEXT NOT NULL,
  title TEXT NOT NULL,               -- as submitted; '' once erased, as text, sources and contact
  text TEXT NOT NULL,
  sources TEXT NOT NULL,             -- JSON: {title, url, file}
  name TEXT NOT NULL,                -- public: a name or a pseudonym
  organisation TEXT NOT NULL,        -- public: as the submitter calls it, or the one that vouches
  attribution TEXT NOT NULL CHECK (attribution IN ('named', 'vouched')),
  contact TEXT NOT NULL,             -- never public
  findings TEXT NOT NULL,            -- JSON: what looks like a person's name, number or address
  stage TEXT NOT NULL CHECK (stage IN ('vouching', 'received', 'held', 'published', 'refused',
    'appealed', 'withdrawn')),
  received_on TEXT NOT NULL,
  receipt TEXT NOT NULL UNIQUE,      -- SHA-256 of the code that the submitter keeps
  form TEXT NOT NULL UNIQUE,         -- of the form that was sent: the same one counts once
  leaf INTEGER NOT NULL,             -- of the log: what was submitted
  published_title TEXT NOT NULL,     -- with what is held back marked; '' unless published
  published_text TEXT NOT NULL,
  published_sources TEXT NOT NULL,
  redacted INTEGER NOT NULL CHECK (redacted IN (0, 1)),
  published_on TEXT NOT NULL,
  published_leaf INTEGER NOT NULL,   -- of the log: what is public; -1 where nothing is
  erased INTEGER NOT NULL CHECK (erased IN (0, 1))
) STRICT;
CREATE INDEX followup_submissions_cell ON followup_submissions(commitment, actor, stage);
CREATE INDEX followup_submissions_stage ON followup_submissions(stage, id);

-- Every step of moderation, in order; the reasons of a refusal are public.
CREATE TABLE followup_submission_steps (
  submission INTEGER NOT NULL REFERENCES followup_submissions(id),
  ordinal INTEGER NOT NULL CHECK (ordinal >= 1),
  step TEXT NOT NULL CHECK (step IN ('vouch', 'not_vouched', 'publish', 'hold', 'refuse', 'appeal',
    'withdraw', 'erase')),
  reason TEXT NOT NULL,              -- of the short list; '' where none is asked
  text TEXT NOT NULL,
  by_name TEXT NOT NULL,             -- account; 'submitter'
  at TEXT NOT NULL,                  -- day
  PRIMARY KEY (submission, ordinal)
) STRICT;

-- A pseudonym that an organisation vouches for: whoever has the code writes under it, once.
CREATE TABLE followup_vouchers (
  id INTEGER PRIMARY KEY CHECK (id >= 1),
  code TEXT NOT NULL UNIQUE,         -- SHA-256
  organisation TEXT NOT NULL,
  pseudonym TEXT NOT NULL,
  issued_on TEXT NOT NULL,
  issued_by TEXT NOT NULL,
  expires_on TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('open', 'used', 'revoked'))
) STRICT;
CREATE INDEX followup_vouchers_organisation ON followup_vouchers(organisation, id);

-- Token buckets of the form: one for the node, one for each commitment. They know no sender.
CREATE TABLE followup_form_rates (
  name TEXT PRIMARY KEY,
  tokens_milli INTEGER NOT NULL,
  at_ms INTEGER NOT NULL
) STRICT;

-- Nodes of other institutions whose packages are taken in.
CREATE TABLE followup_peers (
  key_name TEXT PRIMARY KEY,         -- of the verifier key; the node's own name for itself
  verifier_key TEXT NOT NULL,
  name TEXT NOT NULL UNIQUE,         -- how this node's pages call it
  added_at TEXT NOT NULL,
  added_by TEXT NOT NULL,
  removed_at TEXT,                   -- trust ended; what it sent no longer shows
  removed_by TEXT
) STRICT;

CREATE TABLE followup_packages (
  peer TEXT NOT NULL REFERENCES followup_peers(key_name),
  number INTEGER NOT NULL CHECK (number >= 1),
  manifest TEXT NOT NULL,            -- canonical JSON, as the peer's log commits to it
  checkpoint TEXT NOT NULL,          -- the peer's log that it rests on
  imported_at TEXT NOT NULL,
  imported_by TEXT NOT NULL,
  PRIMARY KEY (peer, number)
) STRICT;

-- What packages brought: of a record the newest version counts, until a later package leaves it out.
CREATE TABLE followup_peer_records (
  id INTEGER PRIMARY KEY CHECK (id >= 1),
  peer TEXT NOT NULL REFERENCES followup_peers(key_name),
  record TEXT NOT NULL,              -- the peer's own id: "coding/12", "submission/7"
  kind TEXT NOT NULL CHECK (kind IN ('assessment', 'alternative_report')),
  leaf INTEGER NOT NULL,             -- of the peer's log
  number INTEGER NOT NULL,           -- of the package that brought it
  commitment TEXT NOT NULL,
  actor TEXT NOT NULL,
  as_of TEXT NOT NULL,
  scale TEXT NOT NULL,               -- of an assessment
  value TEXT NOT NULL,
  dissent INTEGER NOT NULL CHECK (dissent IN (0, 1)),
  body TEXT NOT NULL,                -- canonical JSON, as the peer's log commits to it
  imported_at TEXT NOT NULL,
  superseded_at TEXT,                -- by a newer package or the end of trust
  FOREIGN KEY (peer, number) REFERENCES followup_packages(peer, number)
) STRICT;
CREATE INDEX followup_peer_records_cell ON followup_peer_records(commitment, actor, kind);
CREATE INDEX followup_peer_records_peer ON followup_peer_records(peer, record);
CREATE INDEX followup_peer_records_package ON followup_peer_records(peer, number);
