-- Batches of pictures sent by message, until a day after their end.
CREATE TABLE portrait_batches (
  id TEXT PRIMARY KEY NOT NULL,
  lib_id INTEGER NOT NULL,
  -- As the client calls it.
  uuid TEXT NOT NULL,
  pictures INTEGER NOT NULL,
  -- ms since 1970 UTC
  began INTEGER NOT NULL,
  -- NULL: its list is still to be made.
  ended INTEGER,
  enrolled INTEGER NOT NULL DEFAULT 0,
  -- 1: the box ended before the batch did.
  interrupted INTEGER NOT NULL DEFAULT 0 CHECK (interrupted IN (0, 1)),
  -- Below /ws/, or empty.
  list_path TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE INDEX portrait_batches_by_time ON portrait_batches (began);

-- What became of each picture of a batch whose list is still to be made.
CREATE TABLE portrait_batch_pictures (
  batch TEXT NOT NULL,
  -- Its place in the batch.
  at INTEGER NOT NULL,
  -- Sealed: names of files are names of people.
  file TEXT NOT NULL,
  -- The row of portrait_images.
  image INTEGER,
  img_id TEXT NOT NULL DEFAULT '',
  -- NULL: nothing yet.
  code INTEGER,
  text TEXT NOT NULL DEFAULT '',
  PRIMARY KEY (batch, at)
) STRICT, WITHOUT ROWID;
