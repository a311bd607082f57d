CREATE TABLE portrait_databases (
  lib_id INTEGER PRIMARY KEY NOT NULL,
  lib_name TEXT NOT NULL UNIQUE,
  -- 1: key personnel, 2: whitelist.
  lib_type INTEGER NOT NULL CHECK (lib_type IN (1, 2)),
  picture_no INTEGER NOT NULL DEFAULT 0,
  -- ms since 1970 UTC
  create_time INTEGER NOT NULL,
  update_time INTEGER NOT NULL
) STRICT;
