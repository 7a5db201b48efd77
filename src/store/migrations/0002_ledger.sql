-- Why: the append-only log of everything that others rely on (docs/formats/ledger.md).
-- Data touched: none, all tables are new. Locks: none that anybody waits for.
-- Undone by: restoring the backup taken before the upgrade; a log is never dropped.
--
-- One row (id 1). Appending locks it first, so that leaf indexes have no gaps. `frontier` holds
-- the roots of the complete subtrees that make up the tree, largest first, 32 bytes each.
CREATE TABLE ledger_head (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  size INTEGER NOT NULL CHECK (size >= 0),
  root BLOB NOT NULL,
  frontier BLOB NOT NULL
) STRICT;

-- `leaf` is what is hashed; `kind` and `subject` repeat two of its fields for look-ups and are
-- compared with it by `ledger verify`.
CREATE TABLE ledger_leaves (
  leaf_index INTEGER PRIMARY KEY CHECK (leaf_index >= 0),
  leaf_hash BLOB NOT NULL CHECK (length(leaf_hash) = 32),
  kind TEXT NOT NULL,
  subject TEXT NOT NULL,
  leaf BLOB NOT NULL
) STRICT;

CREATE INDEX ledger_leaves_by_subject ON ledger_leaves (subject, leaf_index);

-- Roots of complete subtrees of 2^level leaves, for level 4, 8, 12 …; those between are computed
-- from at most 16 rows. `node_index` counts from the left within a level.
CREATE TABLE ledger_nodes (
  level INTEGER NOT NULL,
  node_index INTEGER NOT NULL,
  hash BLOB NOT NULL CHECK (length(hash) = 32),
  PRIMARY KEY (level, node_index)
) STRICT;

-- What a leaf's commitment hides. Erasing deletes the row; the leaf stays.
CREATE TABLE ledger_payloads (
  leaf_index INTEGER PRIMARY KEY REFERENCES ledger_leaves (leaf_index),
  salt BLOB NOT NULL CHECK (length(salt) = 32),
  payload BLOB NOT NULL
) STRICT;

-- Every checkpoint that was ever signed, verbatim.
CREATE TABLE ledger_checkpoints (
  size INTEGER PRIMARY KEY CHECK (size >= 0),
  note TEXT NOT NULL
) STRICT;
