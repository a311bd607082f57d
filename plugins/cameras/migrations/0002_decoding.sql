-- Where the stream is decoded: chosen by the box, in the vision worker, or in a process of its own.
ALTER TABLE cameras ADD COLUMN decoding TEXT NOT NULL DEFAULT 'auto' CHECK (decoding IN ('auto', 'addon', 'process'));
