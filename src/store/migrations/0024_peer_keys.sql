-- Why: a neighbour's packages were counted by the name in its key. After it had changed its key under
-- the same name its new packages, numbered from 1 again, were refused as older ones.
-- Data touched: trusted nodes, their packages and records are copied, row by row; what was said of a
-- key name is said of the key that had the name last. Lock: the writer's, for an instant. Undone by:
-- restoring the backup taken before the upgrade. The tables have new names because rows have new keys,
-- and the log records rows by table and key.

-- A node is its key. Of one key name and of one name at most one key is trusted (peers.cpp).
CREATE TABLE followup_nodes (
  verifier_key TEXT PRIMARY KEY,
  key_name TEXT NOT NULL,            -- the name in the key; the node's own name for itself
  name TEXT NOT NULL,                -- how this node's pages call it
  added_at TEXT NOT NULL,
  added_by TEXT NOT NULL,
  removed_at TEXT,                   -- trust ended; what it sent no longer shows
  removed_by TEXT
) STRICT;
INSERT INTO followup_nodes(verifier_key, key_name, name, added_at, added_by, removed_at, removed_by)
  SELECT verifier_key, key_name, name, added_at, added_by, removed_at, removed_by FROM followup_peers;

-- Of packages that came before this table some may be signed by an earlier key of that name.
CREATE TABLE followup_node_packages (
  peer TEXT NOT NULL REFERENCES followup_nodes(verifier_key),
  number INTEGER NOT NULL CHECK (number >= 1),
  manifest TEXT NOT NULL,            -- canonical JSON, as the peer's log commits to it
  checkpoint TEXT NOT NULL,          -- the peer's log that it rests on
  imported_at TEXT NOT NULL,
  imported_by TEXT NOT NULL,
  PRIMARY KEY (peer, number)
) STRICT;
INSERT INTO followup_node_packages(peer, number, manifest, checkpoint, imported_at, imported_by)
  SELECT p.verifier_key, k.number, k.manifest, k.checkpoint, k.imported_at, k.imported_by
  FROM followup_packages k JOIN followup_peers p ON p.key_name = k.peer;

-- What packages brought: of a record the newest version counts, until a later package leaves it out.
-- What is written there the program checks (packages_import.cpp).
CREATE TABLE followup_node_records (
  id INTEGER PRIMARY KEY CHECK (id >= 1),
  peer TEXT NOT NULL REFERENCES followup_nodes(verifier_key),
  record TEXT NOT NULL,              -- the peer's own id: "coding/12", "submission/7"
  kind TEXT NOT NULL,                -- assessment | alternative_report
  leaf INTEGER NOT NULL,             -- of the peer's log
  number INTEGER NOT NULL,           -- of the package that brought it
  commitment TEXT NOT NULL,
  actor TEXT NOT NULL,
  as_of TEXT NOT NULL,
  scale TEXT NOT NULL,               -- of an assessment
  value TEXT NOT NULL,
  dissent INTEGER NOT NULL,          -- 0 | 1
  body TEXT NOT NULL,                -- canonical JSON, as the peer's log commits to it
  imported_at TEXT NOT NULL,
  superseded_at TEXT,                -- by a newer package or the end of trust
  FOREIGN KEY (peer, number) REFERENCES followup_node_packages(peer, number)
) STRICT;
INSERT INTO followup_node_records(id, peer, record, kind, leaf, number, commitment, actor,
  as_of, scale, value, dissent, body, imported_at, superseded_at)
  SELECT r.id, p.verifier_key, r.record, r.kind, r.leaf, r.number, r.commitment, r.actor, r.as_of,
    r.scale, r.value, r.dissent, r.body, r.imported_at, r.superseded_at
  FROM followup_peer_records r JOIN followup_peers p ON p.key_name = r.peer;

DROP TABLE followup_peer_records;
DROP TABLE followup_packages;
DROP TABLE followup_peers;
CREATE INDEX followup_node_records_cell ON followup_node_records(commitment, actor, kind);
CREATE INDEX followup_node_records_peer ON followup_node_records(peer, record);
CREATE INDEX followup_node_records_package ON followup_node_records(peer, number);
