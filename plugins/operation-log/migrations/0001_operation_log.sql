CREATE TABLE operation_log (
  -- In the order of writing; AUTOINCREMENT, so that a cursor never meets a number again.
  id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
  time INTEGER NOT NULL,
  user_name TEXT NOT NULL,
  role TEXT NOT NULL,
  module TEXT NOT NULL,
  item TEXT NOT NULL,
  detail TEXT NOT NULL,
  source TEXT NOT NULL,
  -- 0, or the code of the refusal.
  result INTEGER NOT NULL
) STRICT;

CREATE INDEX operation_log_time ON operation_log (time);
