CREATE TABLE exports (
  -- Below /ws/.
  path TEXT PRIMARY KEY NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('archive', 'file')),
  -- Bytes.
  size INTEGER NOT NULL,
  -- ms since 1970 UTC
  created INTEGER NOT NULL
) STRICT;

CREATE INDEX exports_by_age ON exports (created);
CREATE INDEX exports_by_kind ON exports (kind, created, size);

-- Who is in a file; it goes when one of them is erased.
CREATE TABLE export_shows (
  shows TEXT NOT NULL,
  path TEXT NOT NULL,
  PRIMARY KEY (shows, path)
) STRICT, WITHOUT ROWID;

CREATE INDEX export_shows_by_path ON export_shows (path);
