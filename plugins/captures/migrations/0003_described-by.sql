-- Ids of the models that said what is known of a capture's looks and liveness, as a JSON list.
ALTER TABLE captures ADD COLUMN described_by TEXT NOT NULL DEFAULT '[]';
