CREATE TABLE users (
  -- AUTOINCREMENT: the number of a deleted account is never given to another one.
  id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
  -- NOCASE: "admin" and "Admin" would be mistaken for one another.
  name TEXT NOT NULL COLLATE NOCASE UNIQUE,
  role TEXT NOT NULL,
  -- scrypt with its parameters; see password-hash.ts
  password_hash TEXT NOT NULL,
  -- Grows with every change of the password; sessions opened under an older one have ended.
  password_version INTEGER NOT NULL,
  must_change_password INTEGER NOT NULL,
  is_authed INTEGER NOT NULL,
  image_right INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  last_login_at INTEGER
) STRICT;

CREATE UNIQUE INDEX users_one_super_admin ON users (role) WHERE role = 'super-admin';

-- What was done with `npm run users` beside the running box, until the box has taken note of it.
CREATE TABLE users_console_acts (
  id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
  time INTEGER NOT NULL,
  user_id INTEGER NOT NULL,
  user_name TEXT NOT NULL
) STRICT;
