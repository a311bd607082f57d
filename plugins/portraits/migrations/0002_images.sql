-- Numbers of databases are never used a second time either: cameras and captures know them.
CREATE TABLE portrait_databases_new (
  lib_id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
  lib_name TEXT NOT NULL UNIQUE,
  -- 1: key personnel, 2: whitelist.
  lib_type INTEGER NOT NULL CHECK (lib_type IN (1, 2)),
  picture_no INTEGER NOT NULL DEFAULT 0,
  -- ms since 1970 UTC
  create_time INTEGER NOT NULL,
  update_time INTEGER NOT NULL,
  origin TEXT CHECK (origin IN ('demo')),
  -- 1: it is being deleted.
  leaving INTEGER NOT NULL DEFAULT 0 CHECK (leaving IN (0, 1))
) STRICT;
INSERT INTO portrait_databases_new (lib_id, lib_name, lib_type, picture_no, create_time, update_time)
  SELECT lib_id, lib_name, lib_type, picture_no, create_time, update_time FROM portrait_databases;
DROP TABLE portrait_databases;
ALTER TABLE portrait_databases_new RENAME TO portrait_databases;

CREATE TABLE portrait_images (
  -- AUTOINCREMENT: a number is never used a second time.
  id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
  lib_id INTEGER NOT NULL,
  img_id TEXT NOT NULL,
  img_path TEXT NOT NULL,
  person_name TEXT NOT NULL,
  person_gender TEXT NOT NULL CHECK (person_gender IN ('', '0', '1')),
  person_age TEXT NOT NULL,
  -- Sealed, or empty.
  person_idcard TEXT NOT NULL,
  person_addr TEXT NOT NULL,
  digest TEXT NOT NULL,
  quality INTEGER NOT NULL,
  -- ms since 1970 UTC
  create_time INTEGER NOT NULL,
  update_time INTEGER NOT NULL
) STRICT;

CREATE UNIQUE INDEX portrait_images_by_img_id ON portrait_images (lib_id, img_id);
CREATE UNIQUE INDEX portrait_images_by_digest ON portrait_images (lib_id, digest);
-- Lists are ordered by time of creation.
CREATE INDEX portrait_images_by_time ON portrait_images (lib_id, create_time, id);

CREATE TABLE portrait_embeddings (
  image INTEGER NOT NULL,
  model TEXT NOT NULL,
  -- Sealed 32-bit floats.
  vector BLOB NOT NULL,
  PRIMARY KEY (image, model)
) STRICT, WITHOUT ROWID;

-- Counts and gaps are found without passing over the vectors.
CREATE INDEX portrait_embeddings_by_model ON portrait_embeddings (model, image);

-- People who were erased, until everything else that shows them is gone as well.
CREATE TABLE portrait_erasures (
  lib_id INTEGER NOT NULL,
  img_id TEXT NOT NULL,
  -- ms since 1970 UTC
  erased_at INTEGER NOT NULL,
  PRIMARY KEY (lib_id, img_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX portrait_erasures_by_time ON portrait_erasures (erased_at);
