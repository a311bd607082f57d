-- The person a face was recognised as, as the database told it then.
ALTER TABLE captures ADD COLUMN image_path TEXT;
-- ms since 1970 UTC
ALTER TABLE captures ADD COLUMN enrolled_at INTEGER;
ALTER TABLE captures ADD COLUMN person_name TEXT;
ALTER TABLE captures ADD COLUMN person_gender TEXT;
ALTER TABLE captures ADD COLUMN person_age TEXT;
ALTER TABLE captures ADD COLUMN has_idcard INTEGER CHECK (has_idcard IN (0, 1));
ALTER TABLE captures ADD COLUMN has_address INTEGER CHECK (has_address IN (0, 1));
-- Without a comparison nobody knows whether a face is a stranger's.
ALTER TABLE captures ADD COLUMN compared INTEGER NOT NULL DEFAULT 0 CHECK (compared IN (0, 1));
UPDATE captures SET compared = 1 WHERE lib_type IS NOT NULL AND kind = 'face';

-- Alarms of faces: pages and counts of them read this alone, whatever they filter by. Its condition is looked at again
-- for each, so what it is about stands in it as well.
CREATE INDEX captures_alarms ON captures (moment, channel, lib_id, lib_type, alive_type, lib_name, similarity, threshold)
  WHERE similarity >= threshold;
-- With the one before, who is a stranger can be counted.
CREATE INDEX captures_compared ON captures (moment) WHERE compared = 1;
-- Whoever is erased from a database.
CREATE INDEX captures_by_person ON captures (lib_id, image_id) WHERE image_id IS NOT NULL;
