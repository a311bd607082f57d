-- The stored picture of a capture that somebody was enrolled from, '' for any other: it shows them, and goes with them.
ALTER TABLE portrait_images ADD COLUMN taken_from TEXT NOT NULL DEFAULT '';
ALTER TABLE portrait_erasures ADD COLUMN taken_from TEXT NOT NULL DEFAULT '';
