-- Messages end by the thousand, and a foreign key looked for what refers to each of them, one by one: two thirds of
-- what an ending cost. Whoever removes messages removes what belongs to them within the same job (core/outbox/rows.ts).

CREATE TABLE outbox_deliveries_new (
  destination TEXT NOT NULL REFERENCES outbox_destinations (id) ON DELETE CASCADE,
  seq INTEGER NOT NULL,
  PRIMARY KEY (destination, seq)
) WITHOUT ROWID;

INSERT INTO outbox_deliveries_new (destination, seq) SELECT destination, seq FROM outbox_deliveries;
DROP TABLE outbox_deliveries;
ALTER TABLE outbox_deliveries_new RENAME TO outbox_deliveries;

CREATE INDEX outbox_deliveries_seq ON outbox_deliveries (seq);

CREATE TRIGGER outbox_deliveries_count AFTER INSERT ON outbox_deliveries BEGIN
  UPDATE outbox_destinations SET waiting = waiting + 1 WHERE id = new.destination;
END;

CREATE TRIGGER outbox_deliveries_uncount AFTER DELETE ON outbox_deliveries BEGIN
  UPDATE outbox_destinations SET waiting = waiting - 1 WHERE id = old.destination;
END;

CREATE TABLE outbox_shows_new (
  seq INTEGER NOT NULL,
  key TEXT NOT NULL,
  PRIMARY KEY (seq, key)
) WITHOUT ROWID;

INSERT INTO outbox_shows_new (seq, key) SELECT seq, key FROM outbox_shows;
DROP TABLE outbox_shows;
ALTER TABLE outbox_shows_new RENAME TO outbox_shows;

CREATE INDEX outbox_shows_key ON outbox_shows (key);
