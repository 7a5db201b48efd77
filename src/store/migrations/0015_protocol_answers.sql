-- Why: criteria of the Bogotá Protocol that no file shows (definition, validation, methods) are
-- answered by people, with who, when and why. Data touched: none. Lock: the writer's, for a moment.
-- Undone by: restoring the backup taken before the upgrade.

-- Answers are added and never changed: the newest of a source, country and criterion counts.
CREATE TABLE observatory_protocol_answers (
  id INTEGER PRIMARY KEY,
  source TEXT NOT NULL,
  country TEXT NOT NULL,
  criterion TEXT NOT NULL,           -- catalogue/observatory/bogota_protocol.json
  value INTEGER NOT NULL,            -- thousandths of the criterion's unit; yes 1000, no 0
  reason TEXT NOT NULL,
  answered_by TEXT NOT NULL,         -- the person or office that knows
  answered_on TEXT NOT NULL,         -- day
  recorded_by TEXT NOT NULL,
  recorded_at TEXT NOT NULL
) STRICT;
CREATE INDEX observatory_protocol_answers_source
  ON observatory_protocol_answers(source, country, criterion);
