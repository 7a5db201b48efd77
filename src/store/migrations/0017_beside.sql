-- Why: search finds recitals, guidance and statements of position, too, which the index reads from
-- the change feed document by document; the feed named only commitments.
-- Data touched: one row of the feed for every document that is held, and its counter. Lock: the
-- writer's, for an instant. Undone by: restoring the backup taken before the upgrade.
INSERT INTO change_feed(position, kind, subject)
  SELECT c.value + (SELECT COUNT(*) FROM source_documents t WHERE t.position <= s.position),
    'source', s.id
  FROM source_documents s CROSS JOIN counters c WHERE c.name = 'change_feed';
UPDATE counters SET value = value + (SELECT COUNT(*) FROM source_documents)
  WHERE name = 'change_feed';
