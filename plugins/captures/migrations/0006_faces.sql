-- Faces of captures as numbers, where the settings want them kept for search by photo.
CREATE TABLE captures_faces (
  -- Of the capture, which takes it along when it goes.
  moment INTEGER PRIMARY KEY NOT NULL,
  -- The model that made the numbers.
  model TEXT NOT NULL,
  -- Sealed 32-bit floats.
  vector BLOB NOT NULL
) STRICT;
