-- Whose camera it was of: NULL is one of the box, 'demo' a scene of the demo site, which is removed as a whole.
ALTER TABLE captures ADD COLUMN origin TEXT CHECK (origin IN ('demo'));
CREATE INDEX captures_by_origin ON captures (origin, moment) WHERE origin IS NOT NULL;
