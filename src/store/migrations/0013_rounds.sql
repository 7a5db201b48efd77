-- Why: evaluation rounds (questionnaires, answers, drafts, comments, dated steps) and legislation
-- checklists. What a questionnaire asks and which articles a checklist has is data of the catalogue,
-- and all of it is a record of one kind about one state with versions, so one table holds them.
-- Data touched: none, the table is new; no lock beyond creation. Undone by: restoring a backup.

-- Nothing is overwritten: of an id the newest version counts, unless it says removed. Area, container,
-- country, kind and name together have one id.
CREATE TABLE followup_entries (
  id INTEGER NOT NULL CHECK (id >= 1),
  version INTEGER NOT NULL CHECK (version >= 1),
  area TEXT NOT NULL CHECK (area IN ('questionnaire', 'round', 'review', 'checklist')),
  container TEXT NOT NULL,           -- id of the questionnaire, the round or the checklist
  country TEXT NOT NULL,             -- ISO 3166-1 alpha-3; '' where it is about none
  kind TEXT NOT NULL,                -- step, answer, conclusion, comment, value, reply, …
  name TEXT NOT NULL,                -- the question, the article, the number
  body TEXT NOT NULL,                -- JSON: field to value
  removed INTEGER NOT NULL CHECK (removed IN (0, 1)),
  newest INTEGER NOT NULL CHECK (newest IN (0, 1)),
  at TEXT NOT NULL,
  by_name TEXT NOT NULL,             -- account, 'catalogue' or 'command line'
  why TEXT NOT NULL,
  PRIMARY KEY (id, version)
) STRICT;
CREATE INDEX followup_entries_place ON followup_entries(area, container, country, newest);
CREATE INDEX followup_entries_country ON followup_entries(country, area, newest);
