-- Pictures are counted for themselves: thousands of cut faces shall not push out a list. A condition of a column cannot be
-- changed, so the table is made anew.
CREATE TABLE exports_anew (
  -- Below /ws/.
  path TEXT PRIMARY KEY NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('archive', 'file', 'picture')),
  -- Bytes.
  size INTEGER NOT NULL,
  -- ms since 1970 UTC
  created INTEGER NOT NULL
) STRICT;

INSERT INTO exports_anew SELECT path, kind, size, created FROM exports;
-- Of files so far, pictures are those that the store serves as such.
UPDATE exports_anew SET kind = 'picture'
  WHERE kind = 'file' AND path IN (SELECT path FROM blobs WHERE picture = 1);
DROP TABLE exports;
ALTER TABLE exports_anew RENAME TO exports;

CREATE INDEX exports_by_age ON exports (created);
CREATE INDEX exports_by_kind ON exports (kind, created, size);
