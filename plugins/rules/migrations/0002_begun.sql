-- Actions that were begun a while ago: none is run twice for the same, whatever became of it.
CREATE TABLE rules_begun (
  -- Of the outbox.
  message TEXT NOT NULL,
  rule INTEGER NOT NULL,
  action TEXT NOT NULL,
  -- ms since 1970 UTC, of what was seen
  at INTEGER NOT NULL,
  PRIMARY KEY (message, rule, action)
) STRICT, WITHOUT ROWID;
