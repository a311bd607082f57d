CREATE TABLE web_push_subscriptions (
  id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
  user_id INTEGER NOT NULL,
  -- Address and keys of the browser: whoever knows them can push to it.
  sealed TEXT NOT NULL,
  endpoint_hash TEXT NOT NULL UNIQUE,
  name TEXT NOT NULL,
  language TEXT NOT NULL,
  -- 1: what is shown names the person.
  details INTEGER NOT NULL,
  -- JSON: which alarms, when, how often.
  rule TEXT NOT NULL,
  created_at INTEGER NOT NULL
) STRICT;

CREATE INDEX web_push_by_user ON web_push_subscriptions (user_id);
