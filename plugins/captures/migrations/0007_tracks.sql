-- What else was captured of somebody while the same track went on: it goes when they are erased.
CREATE INDEX captures_by_track ON captures (channel, track_id, moment);
