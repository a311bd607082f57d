CREATE TABLE greeter_greetings (
  id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
  time INTEGER NOT NULL,
  name TEXT NOT NULL
) STRICT;

CREATE INDEX greeter_greetings_time ON greeter_greetings (time);
