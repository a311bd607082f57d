-- A camera may be switched off: nothing is taken from it then.
ALTER TABLE cameras ADD COLUMN enabled INTEGER NOT NULL DEFAULT 1 CHECK (enabled IN (0, 1));
