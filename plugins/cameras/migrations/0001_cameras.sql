CREATE TABLE cameras (
  channel INTEGER PRIMARY KEY NOT NULL CHECK (channel BETWEEN 1 AND 32),
  camera_mode TEXT NOT NULL,
  protocol TEXT NOT NULL,
  name TEXT NOT NULL,
  -- The whole address is sealed: user and password are part of it.
  sealed_url TEXT NOT NULL,
  transport TEXT NOT NULL,
  position TEXT NOT NULL,
  description TEXT NOT NULL,
  threshold INTEGER NOT NULL,
  snap_mode INTEGER NOT NULL,
  facesize_min INTEGER NOT NULL,
  facesize_max INTEGER NOT NULL,
  tasks TEXT NOT NULL,
  -- NULL: chosen by the box.
  frame_interval INTEGER,
  -- NULL: the whole picture.
  roi TEXT,
  lib_ids TEXT NOT NULL,
  vehicle_lib_ids TEXT NOT NULL,
  behaviour TEXT NOT NULL,
  -- What the stream was last seen to be.
  stream_width INTEGER,
  stream_height INTEGER,
  stream_fps REAL
) STRICT;
