CREATE TABLE mail_recipients (
  id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
  address TEXT NOT NULL UNIQUE COLLATE NOCASE,
  -- Alarms and changes of accounts, 0 or 1.
  alarms INTEGER NOT NULL,
  accounts INTEGER NOT NULL,
  -- JSON: which alarms, when, how often.
  rule TEXT NOT NULL,
  enabled INTEGER NOT NULL,
  created_at INTEGER NOT NULL
) STRICT;
