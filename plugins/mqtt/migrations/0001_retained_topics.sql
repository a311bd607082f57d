-- Topics under which a broker keeps something of this box.
CREATE TABLE mqtt_retained_topics (
  broker TEXT NOT NULL,
  topic TEXT NOT NULL,
  components TEXT NOT NULL,
  PRIMARY KEY (broker, topic)
) STRICT;
