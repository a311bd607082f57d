CREATE TABLE blob_pins (
  path TEXT NOT NULL PRIMARY KEY,
  pins INTEGER NOT NULL,
  held INTEGER
) WITHOUT ROWID;

CREATE INDEX blob_pins_held ON blob_pins (path) WHERE held IS NOT NULL;

CREATE TABLE outbox_destinations (
  id TEXT NOT NULL PRIMARY KEY,
  name TEXT NOT NULL,
  keep INTEGER NOT NULL,
  waiting INTEGER NOT NULL,
  delivered INTEGER NOT NULL,
  dead INTEGER NOT NULL,
  last_delivered INTEGER
) WITHOUT ROWID;

CREATE TABLE outbox_messages (
  seq INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
  added_at INTEGER NOT NULL,
  bytes INTEGER NOT NULL,
  pictures TEXT NOT NULL,
  content TEXT NOT NULL
);

CREATE TABLE outbox_deliveries (
  destination TEXT NOT NULL REFERENCES outbox_destinations (id) ON DELETE CASCADE,
  seq INTEGER NOT NULL REFERENCES outbox_messages (seq) ON DELETE CASCADE,
  PRIMARY KEY (destination, seq)
) WITHOUT ROWID;

CREATE INDEX outbox_deliveries_seq ON outbox_deliveries (seq);

CREATE TABLE outbox_shows (
  key TEXT NOT NULL,
  seq INTEGER NOT NULL REFERENCES outbox_messages (seq) ON DELETE CASCADE,
  PRIMARY KEY (key, seq)
) WITHOUT ROWID;

CREATE INDEX outbox_shows_seq ON outbox_shows (seq);

CREATE TABLE outbox_dead (
  number INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
  destination TEXT NOT NULL REFERENCES outbox_destinations (id) ON DELETE CASCADE,
  message TEXT NOT NULL,
  topic TEXT NOT NULL,
  time INTEGER NOT NULL,
  ended_at INTEGER NOT NULL,
  reason TEXT NOT NULL,
  shows TEXT NOT NULL
);

CREATE INDEX outbox_dead_destination ON outbox_dead (destination, number);

CREATE TABLE outbox_totals (
  id INTEGER PRIMARY KEY NOT NULL,
  messages INTEGER NOT NULL,
  bytes INTEGER NOT NULL
);

INSERT INTO outbox_totals VALUES (1, 0, 0);

CREATE TRIGGER outbox_deliveries_count AFTER INSERT ON outbox_deliveries BEGIN
  UPDATE outbox_destinations SET waiting = waiting + 1 WHERE id = new.destination;
END;

CREATE TRIGGER outbox_deliveries_uncount AFTER DELETE ON outbox_deliveries BEGIN
  UPDATE outbox_destinations SET waiting = waiting - 1 WHERE id = old.destination;
END;

CREATE TRIGGER outbox_messages_count AFTER INSERT ON outbox_messages BEGIN
  UPDATE outbox_totals SET messages = messages + 1, bytes = bytes + new.bytes;
END;

CREATE TRIGGER outbox_messages_uncount AFTER DELETE ON outbox_messages BEGIN
  UPDATE outbox_totals SET messages = messages - 1, bytes = bytes - old.bytes;
END;
