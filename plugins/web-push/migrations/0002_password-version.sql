-- Which password the account had when it subscribed the browser; 0 is none: of the browsers that stand here nobody knows
-- it, and they have to be subscribed again.
ALTER TABLE web_push_subscriptions ADD COLUMN password_version INTEGER NOT NULL DEFAULT 0;
