CREATE TABLE push_keys (
  user_id INTEGER PRIMARY KEY NOT NULL,
  sealed_key TEXT NOT NULL,
  -- Keyed hash, to find the user of a key.
  key_hash TEXT NOT NULL UNIQUE,
  -- ms since 1970 UTC
  created_at INTEGER NOT NULL
) STRICT;
