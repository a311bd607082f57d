-- An id may be given again while something of who had it is left: the path of the picture, never used twice, tells them
-- apart. In notes from before it is empty.
CREATE TABLE portrait_erasures_new (
  lib_id INTEGER NOT NULL,
  img_id TEXT NOT NULL,
  img_path TEXT NOT NULL,
  -- ms since 1970 UTC
  erased_at INTEGER NOT NULL,
  taken_from TEXT NOT NULL DEFAULT '',
  PRIMARY KEY (lib_id, img_id, img_path)
) STRICT, WITHOUT ROWID;
INSERT INTO portrait_erasures_new (lib_id, img_id, img_path, erased_at, taken_from)
  SELECT lib_id, img_id, '', erased_at, taken_from FROM portrait_erasures;
DROP TABLE portrait_erasures;
ALTER TABLE portrait_erasures_new RENAME TO portrait_erasures;
CREATE INDEX portrait_erasures_by_time ON portrait_erasures (erased_at);
