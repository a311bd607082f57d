CREATE TABLE captures (
  -- time * 1000, plus a number that tells captures of one millisecond apart: the order of all lists.
  moment INTEGER PRIMARY KEY NOT NULL,
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

-- Pages and counts read these alone: moment keeps them in the order of the lists, what follows it is filtered by.
CREATE INDEX captures_by_moment ON captures (moment, quality);
CREATE INDEX captures_by_channel ON captures (channel, moment, quality);
CREATE INDEX captures_by_kind ON captures (kind, moment, quality, alive_type);
CREATE INDEX captures_by_kind_channel ON captures (kind, channel, moment, quality, alive_type);
CREATE INDEX captures_by_lib_name ON captures (lib_name, moment) WHERE lib_name IS NOT NULL;
CREATE INDEX captures_by_lib_type ON captures (lib_type, moment) WHERE lib_type IS NOT NULL;
