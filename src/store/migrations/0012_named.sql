-- Why: recitals, guidance and whole documents carry the instruments and institutions that they
-- name, as commitments do; the home page's numbers come from one index instead of from all clauses.
-- Data touched: a new table, filled when the desk opens; five counts on every commitment, computed
-- here (some 10 s at 300,000 commitments). Lock: the writer's, as long as that takes. Undone by:
-- restoring the backup taken before the upgrade.

-- What rules find in a text that is held, made anew whenever rules or catalogue change. `role` and
-- `ordinal` name a row of `paragraphs`; '' and 0 the document as a whole.
CREATE TABLE source_links (
  source TEXT NOT NULL REFERENCES source_documents(id),
  role TEXT NOT NULL,
  ordinal INTEGER NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('instrument', 'institution')),
  target TEXT NOT NULL,
  line INTEGER NOT NULL,             -- where it is named first
  printed_year INTEGER NOT NULL,     -- printed right behind its name, 0 = none
  PRIMARY KEY (source, role, ordinal, kind, target)
) STRICT;
CREATE INDEX source_links_target ON source_links(kind, target);

-- Of each commitment: its clauses that ask for something and those that declare, whether it has a
-- date, whether a citation was inferred from its place, whether none is printed anywhere.
ALTER TABLE commitments ADD COLUMN asking INTEGER NOT NULL DEFAULT 0;
ALTER TABLE commitments ADD COLUMN declaring INTEGER NOT NULL DEFAULT 0;
ALTER TABLE commitments ADD COLUMN dated INTEGER NOT NULL DEFAULT 0;
ALTER TABLE commitments ADD COLUMN citation_inferred INTEGER NOT NULL DEFAULT 0;
ALTER TABLE commitments ADD COLUMN citation_unprinted INTEGER NOT NULL DEFAULT 0;

UPDATE commitments SET
  asking = (SELECT COUNT(*) FROM clauses k WHERE k.commitment = commitments.id AND
    k.formulation <> 'declaratory'),
  declaring = (SELECT COUNT(*) FROM clauses k WHERE k.commitment = commitments.id AND
    k.formulation = 'declaratory'),
  dated = CASE WHEN EXISTS (SELECT 1 FROM dues d WHERE d.commitment = commitments.id AND
    d.soft = 0) THEN 1 ELSE 0 END,
  citation_inferred = CASE WHEN EXISTS (SELECT 1 FROM appearances a WHERE a.commitment =
    commitments.id AND a.citation_status = 'inferred') THEN 1 ELSE 0 END,
  citation_unprinted = CASE WHEN EXISTS (SELECT 1 FROM appearances a WHERE a.commitment =
    commitments.id AND a.citation_status IN ('from_child', 'from_sibling', 'inferred')) AND NOT
    EXISTS (SELECT 1 FROM appearances a WHERE a.commitment = commitments.id AND a.citation_status =
    'own') THEN 1 ELSE 0 END;

-- All that the numbers of the home page need, so that they are read from the index alone.
CREATE INDEX commitments_numbers ON commitments(gone_from, year, theme, document, meeting,
  actionable, held, asking, declaring, dated, citation_inferred, citation_unprinted);
