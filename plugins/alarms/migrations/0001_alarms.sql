CREATE TABLE alarms (
  -- In the order they came, which is the order of the list. A number is never given twice: it is also a page's cursor.
  id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
  -- What its plugin calls it: 'key-person'
  kind TEXT NOT NULL,
  source TEXT NOT NULL,
  -- The camera as it was at that moment; it may be changed or deleted since.
  channel INTEGER NOT NULL,
  camera_name TEXT NOT NULL,
  -- ms since 1970 UTC
  time INTEGER NOT NULL,
  title TEXT NOT NULL,
  -- JSON list of {path, label}: files of whoever raised it
  pictures TEXT NOT NULL,
  -- The capture behind it, with which it goes.
  capture_id TEXT,
  -- JSON object of texts and numbers
  facts TEXT NOT NULL,
  origin TEXT CHECK (origin IN ('demo')),
  state TEXT NOT NULL CHECK (state IN ('open', 'acknowledged')),
  acknowledged_by TEXT,
  acknowledged_at INTEGER,
  note TEXT,
  CHECK ((state = 'open') = (acknowledged_at IS NULL))
) STRICT;

CREATE INDEX alarms_by_state ON alarms (state, id, time);
CREATE INDEX alarms_by_time ON alarms (time, state);
CREATE INDEX alarms_by_capture ON alarms (capture_id) WHERE capture_id IS NOT NULL;
CREATE INDEX alarms_by_origin ON alarms (origin, id) WHERE origin IS NOT NULL;

-- Whom an alarm shows: it goes when one of them is erased.
CREATE TABLE alarm_shows (
  alarm INTEGER NOT NULL REFERENCES alarms (id) ON DELETE CASCADE,
  key TEXT NOT NULL,
  PRIMARY KEY (key, alarm)
) STRICT, WITHOUT ROWID;

CREATE INDEX alarm_shows_by_alarm ON alarm_shows (alarm);
