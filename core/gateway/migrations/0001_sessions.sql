CREATE TABLE sessions (
  -- SHA-256 of the session id: a stolen database opens no session.
  token_hash TEXT PRIMARY KEY,
  user_id INTEGER NOT NULL,
  password_version INTEGER NOT NULL,
  source TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  last_seen INTEGER NOT NULL
) STRICT;
