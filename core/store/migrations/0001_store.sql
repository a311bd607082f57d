CREATE TABLE blobs (
  path TEXT NOT NULL PRIMARY KEY,
  size INTEGER NOT NULL,
  owner TEXT NOT NULL,
  area TEXT,
  picture INTEGER NOT NULL,
  created_at INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE doomed_blobs (
  path TEXT NOT NULL PRIMARY KEY
) WITHOUT ROWID;

CREATE TABLE blob_totals (
  owner TEXT NOT NULL PRIMARY KEY,
  files INTEGER NOT NULL,
  bytes INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TRIGGER blobs_count AFTER INSERT ON blobs BEGIN
  INSERT INTO blob_totals (owner, files, bytes) VALUES (new.owner, 1, new.size)
    ON CONFLICT (owner) DO UPDATE SET files = files + 1, bytes = bytes + new.size;
END;

CREATE TRIGGER blobs_uncount AFTER DELETE ON blobs BEGIN
  UPDATE blob_totals SET files = files - 1, bytes = bytes - old.size WHERE owner = old.owner;
END;

CREATE TABLE settings (
  key TEXT NOT NULL PRIMARY KEY,
  value TEXT NOT NULL,
  sealed INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE sequences (
  name TEXT NOT NULL PRIMARY KEY,
  next INTEGER NOT NULL
) WITHOUT ROWID;
