-- The commitments desk: source documents as they came, their items, and what is read out of them.
-- Small (some thousand rows per site of mandates); no lock beyond creation; undone by restoring.

-- One row for every file that was ever imported; nothing is deleted or overwritten. A later
-- version of the same page (same page_key and language) points to the one that it follows.
CREATE TABLE source_documents (
  id TEXT PRIMARY KEY,               -- SHA-256 of the bytes, hex
  position INTEGER NOT NULL UNIQUE,  -- 1, 2, … in the order of import
  file_name TEXT NOT NULL,
  format TEXT NOT NULL,
  kind TEXT NOT NULL,
  page_key TEXT NOT NULL,
  language TEXT,
  standing TEXT NOT NULL CHECK (standing IN ('official', 'translation')),
  title TEXT NOT NULL,
  theme TEXT NOT NULL,
  meeting TEXT NOT NULL,
  document TEXT NOT NULL,
  follows TEXT REFERENCES source_documents(id),
  twin_of TEXT REFERENCES source_documents(id),
  shape TEXT NOT NULL,               -- hash of the items' levels and meetings: finds twins
  bytes BLOB NOT NULL,               -- as they came, zstd
  size INTEGER NOT NULL,
  lines TEXT NOT NULL,               -- as read, joined by line feeds
  summary TEXT NOT NULL,             -- what import printed, JSON
  imported_at TEXT NOT NULL,
  imported_by TEXT NOT NULL
) STRICT;
CREATE INDEX source_documents_page ON source_documents(page_key, language);
CREATE INDEX source_documents_shape ON source_documents(shape, kind);

-- One commitment, whether its text is held or only the catalogue's short title.
CREATE TABLE commitments (
  id TEXT PRIMARY KEY,
  meeting TEXT NOT NULL,
  document TEXT NOT NULL,
  year INTEGER NOT NULL,
  sort INTEGER NOT NULL,             -- order inside year: the first page's ordinal
  role TEXT NOT NULL,
  parent TEXT,                       -- the commitment whose sub-item this is
  theme TEXT NOT NULL,               -- the main one, '' when none was set
  actionable INTEGER NOT NULL,       -- 0: states something, asks for nothing
  held INTEGER NOT NULL              -- 1: an official text was imported
) STRICT;
CREATE INDEX commitments_order ON commitments(year, meeting, sort, id);
CREATE INDEX commitments_meeting ON commitments(meeting, sort);
CREATE INDEX commitments_document ON commitments(document, sort);
CREATE INDEX commitments_theme ON commitments(theme, year);

CREATE TABLE commitment_texts (
  commitment TEXT NOT NULL REFERENCES commitments(id),
  language TEXT NOT NULL,
  standing TEXT NOT NULL CHECK (standing IN ('official', 'translation')),
  text TEXT NOT NULL,
  source TEXT NOT NULL REFERENCES source_documents(id),
  PRIMARY KEY (commitment, language)
) STRICT;

-- Where a commitment stands, in each source document: many to many.
CREATE TABLE appearances (
  source TEXT NOT NULL REFERENCES source_documents(id),
  ordinal INTEGER NOT NULL,
  commitment TEXT NOT NULL REFERENCES commitments(id),
  level INTEGER NOT NULL,
  parent_ordinal INTEGER NOT NULL,   -- 0 at level 1
  role TEXT NOT NULL,
  label TEXT NOT NULL,
  block TEXT NOT NULL,
  line INTEGER NOT NULL,
  line_end INTEGER NOT NULL,
  text TEXT NOT NULL,                -- of this page, byte for byte
  citation_raw TEXT NOT NULL,
  citation_document TEXT NOT NULL,
  citation_place TEXT NOT NULL,
  citation_year INTEGER NOT NULL,    -- 0 when none is printed
  citation_status TEXT NOT NULL,
  effective_document TEXT NOT NULL,
  effective_place TEXT NOT NULL,
  effective_country TEXT NOT NULL,
  effective_year INTEGER NOT NULL,
  effective_meeting TEXT NOT NULL,
  PRIMARY KEY (source, ordinal)
) STRICT;
CREATE INDEX appearances_commitment ON appearances(commitment);

-- Recitals and guidance: held, shown and searchable, never counted as commitments.
CREATE TABLE paragraphs (
  source TEXT NOT NULL REFERENCES source_documents(id),
  role TEXT NOT NULL,
  ordinal INTEGER NOT NULL,
  label TEXT NOT NULL,
  block TEXT NOT NULL,
  line INTEGER NOT NULL,
  line_end INTEGER NOT NULL,
  text TEXT NOT NULL,
  notes TEXT NOT NULL,               -- marks of footnotes, blank separated
  PRIMARY KEY (source, role, ordinal)
) STRICT;

CREATE TABLE statements_of_position (
  source TEXT NOT NULL REFERENCES source_documents(id),
  ordinal INTEGER NOT NULL,
  actor TEXT NOT NULL,
  on_role TEXT NOT NULL,
  on_ordinal INTEGER NOT NULL,
  text TEXT NOT NULL,
  line INTEGER NOT NULL,
  PRIMARY KEY (source, ordinal)
) STRICT;

CREATE TABLE document_states (
  source TEXT NOT NULL REFERENCES source_documents(id),
  ordinal INTEGER NOT NULL,
  printed TEXT NOT NULL,
  country TEXT NOT NULL,
  line INTEGER NOT NULL,
  PRIMARY KEY (source, ordinal)
) STRICT;

CREATE TABLE document_treaties (
  source TEXT NOT NULL REFERENCES source_documents(id),
  ordinal INTEGER NOT NULL,
  printed TEXT NOT NULL,
  printed_year INTEGER NOT NULL,
  instrument TEXT NOT NULL,
  line INTEGER NOT NULL,
  PRIMARY KEY (source, ordinal)
) STRICT;

-- Themes, instruments and institutions of a commitment.
CREATE TABLE commitment_links (
  commitment TEXT NOT NULL REFERENCES commitments(id),
  kind TEXT NOT NULL CHECK (kind IN ('theme', 'instrument', 'institution')),
  target TEXT NOT NULL,
  position INTEGER NOT NULL,
  set_by TEXT NOT NULL,              -- 'catalogue', 'rule', or an account's name
  PRIMARY KEY (commitment, kind, target)
) STRICT;
CREATE INDEX commitment_links_target ON commitment_links(kind, target);

CREATE TABLE clauses (
  commitment TEXT NOT NULL REFERENCES commitments(id),
  ordinal INTEGER NOT NULL,
  span_begin INTEGER NOT NULL,       -- bytes in the text of `language`
  span_end INTEGER NOT NULL,
  language TEXT NOT NULL,
  verb TEXT NOT NULL,
  verb_printed TEXT NOT NULL,
  addressee TEXT NOT NULL,
  addressee_printed TEXT NOT NULL,
  deliverable TEXT NOT NULL,
  due TEXT NOT NULL,                 -- EDTF, '' = undated in the text held
  formulation TEXT NOT NULL CHECK (formulation IN ('firm', 'qualified', 'hortatory', 'declaratory')),
  qualifiers TEXT NOT NULL,          -- JSON array
  set_by TEXT NOT NULL,
  PRIMARY KEY (commitment, ordinal)
) STRICT;

CREATE TABLE dues (
  commitment TEXT NOT NULL REFERENCES commitments(id),
  ordinal INTEGER NOT NULL,
  edtf TEXT NOT NULL,
  kind TEXT NOT NULL,
  printed TEXT NOT NULL,
  soft INTEGER NOT NULL,
  set_by TEXT NOT NULL,
  PRIMARY KEY (commitment, ordinal)
) STRICT;

-- Our own titles and summaries where an editor changed the catalogue's; all versions stay.
CREATE TABLE titles (
  commitment TEXT NOT NULL REFERENCES commitments(id),
  language TEXT NOT NULL,
  version INTEGER NOT NULL,
  title TEXT NOT NULL,
  summary TEXT NOT NULL,
  set_by TEXT NOT NULL,
  set_at TEXT NOT NULL,
  reason TEXT NOT NULL,
  PRIMARY KEY (commitment, language, version)
) STRICT;

-- Antecedents: how a later text treats an earlier one. A person confirms; withdrawing keeps it.
CREATE TABLE antecedents (
  id INTEGER PRIMARY KEY,
  later TEXT NOT NULL REFERENCES commitments(id),
  earlier TEXT NOT NULL REFERENCES commitments(id),
  type TEXT NOT NULL CHECK (type IN
    ('restates', 'strengthens', 'weakens', 'fulfils', 'supersedes', 'reports_on')),
  reason TEXT NOT NULL,
  confirmed_by TEXT NOT NULL,
  confirmed_at TEXT NOT NULL,
  withdrawn_by TEXT,
  withdrawn_at TEXT,
  CHECK (later <> earlier)
) STRICT;
CREATE INDEX antecedents_later ON antecedents(later);
CREATE INDEX antecedents_earlier ON antecedents(earlier);

-- What the search index still has to read. Positions are gapless: they come from the counter.
CREATE TABLE change_feed (
  position INTEGER PRIMARY KEY,
  kind TEXT NOT NULL,
  subject TEXT NOT NULL
) STRICT;

CREATE TABLE counters (
  name TEXT PRIMARY KEY,
  value INTEGER NOT NULL
) STRICT;
INSERT INTO counters(name, value) VALUES ('change_feed', 0), ('source_documents', 0), ('antecedents', 0);
