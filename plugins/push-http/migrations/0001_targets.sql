CREATE TABLE push_targets (
  -- AUTOINCREMENT: what waits for a deleted receiver must never go to another one.
  id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
  name TEXT NOT NULL,
  url TEXT NOT NULL,
  -- Empty where the receiver asks for none.
  sealed_key TEXT NOT NULL,
  trust TEXT NOT NULL,
  fingerprint TEXT,
  kinds TEXT NOT NULL,
  recognised_only INTEGER NOT NULL,
  channels TEXT NOT NULL,
  demo INTEGER NOT NULL,
  enabled INTEGER NOT NULL,
  -- The one that clients know (1298, 1299).
  wire INTEGER NOT NULL,
  created_at INTEGER NOT NULL
) STRICT;

CREATE UNIQUE INDEX push_targets_one_wire ON push_targets (wire) WHERE wire = 1;
