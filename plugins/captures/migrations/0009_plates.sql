-- The number plate of a vehicle: what was read ('' where that was not sure), how surely, where in the crop, and its picture.
ALTER TABLE captures ADD COLUMN plate_text TEXT;
ALTER TABLE captures ADD COLUMN plate_score REAL;
ALTER TABLE captures ADD COLUMN plate_box TEXT;
ALTER TABLE captures ADD COLUMN plate_path TEXT;

-- A search for a part of a plate reads all plates, and nothing but this.
CREATE INDEX captures_plates ON captures (moment, plate_text, channel, quality) WHERE plate_text <> '';
