-- Vehicles are captured as well. A condition of a column cannot be changed, so the table is made anew.
CREATE TABLE captures_anew (
  moment INTEGER PRIMARY KEY NOT NULL,
  id TEXT NOT NULL UNIQUE,
  kind TEXT NOT NULL CHECK (kind IN ('face', 'body', 'vehicle')),
  channel INTEGER NOT NULL,
  camera_name TEXT NOT NULL,
  position TEXT NOT NULL,
  threshold INTEGER NOT NULL,
  time INTEGER NOT NULL,
  track_id INTEGER NOT NULL,
  quality INTEGER NOT NULL,
  box TEXT NOT NULL,
  box_in_crop TEXT NOT NULL,
  frame_width INTEGER NOT NULL,
  frame_height INTEGER NOT NULL,
  crop_path TEXT NOT NULL,
  frame_path TEXT NOT NULL,
  alive_type INTEGER NOT NULL CHECK (alive_type IN (0, 1, 2)),
  attributes TEXT NOT NULL,
  lib_id INTEGER,
  lib_name TEXT,
  lib_type INTEGER,
  image_id TEXT,
  similarity REAL,
  ranking INTEGER,
  described_by TEXT NOT NULL DEFAULT '[]',
  origin TEXT CHECK (origin IN ('demo')),
  image_path TEXT,
  enrolled_at INTEGER,
  person_name TEXT,
  person_gender TEXT,
  person_age TEXT,
  has_idcard INTEGER CHECK (has_idcard IN (0, 1)),
  has_address INTEGER CHECK (has_address IN (0, 1)),
  compared INTEGER NOT NULL DEFAULT 0 CHECK (compared IN (0, 1))
) STRICT;

-- The columns stand in the order in which they were added.
INSERT INTO captures_anew SELECT * FROM captures ORDER BY moment;
DROP TABLE captures;
ALTER TABLE captures_anew RENAME TO captures;

CREATE INDEX captures_by_moment ON captures (moment, quality);
CREATE INDEX captures_by_channel ON captures (channel, moment, quality);
CREATE INDEX captures_by_kind ON captures (kind, moment, quality, alive_type);
CREATE INDEX captures_by_kind_channel ON captures (kind, channel, moment, quality, alive_type);
CREATE INDEX captures_by_lib_name ON captures (kind, lib_name, moment, channel, alive_type, lib_type) WHERE lib_name IS NOT NULL;
CREATE INDEX captures_by_lib_type ON captures (kind, lib_type, moment, channel, alive_type) WHERE lib_type IS NOT NULL;
CREATE INDEX captures_by_origin ON captures (origin, moment) WHERE origin IS NOT NULL;
CREATE INDEX captures_alarms ON captures (moment, channel, lib_id, lib_type, alive_type, lib_name, similarity, threshold)
  WHERE similarity >= threshold;
CREATE INDEX captures_compared ON captures (moment) WHERE compared = 1;
CREATE INDEX captures_by_person ON captures (lib_id, image_id) WHERE image_id IS NOT NULL;
CREATE INDEX captures_by_track ON captures (channel, track_id, moment);
