CREATE TABLE rules (
  -- Never given twice: what waits for a receiver belongs to the rule of that number.
  id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
  name TEXT NOT NULL,
  enabled INTEGER NOT NULL CHECK (enabled IN (0, 1)),
  -- JSON: what has to happen, where, who and when.
  "when" TEXT NOT NULL,
  -- JSON: what is done then, with the names it had when the rule was saved.
  "steps" TEXT NOT NULL,
  created_at INTEGER NOT NULL
) STRICT;

-- When a rule fired last, for each camera: it keeps quiet for a while after that, also over a restart.
CREATE TABLE rules_firings (
  rule INTEGER NOT NULL REFERENCES rules (id) ON DELETE CASCADE,
  channel INTEGER NOT NULL,
  -- ms since 1970 UTC, of what was seen
  at INTEGER NOT NULL,
  PRIMARY KEY (rule, channel)
) STRICT, WITHOUT ROWID;
