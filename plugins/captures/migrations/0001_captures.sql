CREATE TABLE captures (
  -- Order of arrival; makes the order of rows of one moment certain.
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  id TEXT NOT NULL UNIQUE,
  kind TEXT NOT NULL CHECK (kind IN ('face', 'body')),
  -- The camera as it was at that moment; it may be changed or deleted since.
  channel INTEGER NOT NULL,
  camera_name TEXT NOT NULL,
  position TEXT NOT NULL,
  threshold INTEGER NOT NULL,
  -- ms since 1970 UTC
  time INTEGER NOT NULL,
  track_id INTEGER NOT NULL,
  quality INTEGER NOT NULL,
  -- [left, top, right, bottom] as JSON, pixels
  box TEXT NOT NULL,
  box_in_crop TEXT NOT NULL,
  frame_width INTEGER NOT NULL,
  frame_height INTEGER NOT NULL,
  crop_path TEXT NOT NULL,
  frame_path TEXT NOT NULL,
  alive_type INTEGER NOT NULL CHECK (alive_type IN (0, 1, 2)),
  -- JSON object of texts
  attributes TEXT NOT NULL,
  -- What a comparison with the portrait databases found; all NULL where none was made.
  lib_id INTEGER,
  lib_name TEXT,
  lib_type INTEGER,
  image_id TEXT,
  similarity REAL,
  ranking INTEGER
) STRICT;

-- Each index ends with seq by itself, the table's row number: so pages and counts read an index alone.
CREATE INDEX captures_by_time ON captures (time, quality);
CREATE INDEX captures_by_channel ON captures (channel, time, quality);
CREATE INDEX captures_by_kind ON captures (kind, time, quality);
CREATE INDEX captures_by_kind_channel ON captures (kind, channel, time, quality);
CREATE INDEX captures_by_lib_name ON captures (lib_name, time, quality) WHERE lib_name IS NOT NULL;
CREATE INDEX captures_by_lib_type ON captures (lib_type, time, quality) WHERE lib_type IS NOT NULL;
