-- People of the demo whom somebody erased: they stay away until the demo site is removed.
CREATE TABLE portrait_absentees (
  origin TEXT NOT NULL CHECK (origin IN ('demo')),
  -- 1: key personnel, 2: whitelist.
  lib_type INTEGER NOT NULL CHECK (lib_type IN (1, 2)),
  img_id TEXT NOT NULL,
  PRIMARY KEY (origin, lib_type, img_id)
) STRICT, WITHOUT ROWID;
