-- Which password the account had when its key was drawn; 0 is none: of the keys that stand here nobody knows it, and clients
-- have to ask for new ones.
ALTER TABLE push_keys ADD COLUMN password_version INTEGER NOT NULL DEFAULT 0;
