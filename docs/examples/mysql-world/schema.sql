-- One row for each run: its state and its log, and how many events that log has.
CREATE TABLE IF NOT EXISTS runs (run_id VARCHAR(64) PRIMARY KEY, events INT NOT NULL, state LONGBLOB NOT NULL);
-- Tokens of live hooks: the key is what keeps two hooks from having one.
CREATE TABLE IF NOT EXISTS tokens (
  token VARCHAR(255) PRIMARY KEY, run_id VARCHAR(64) NOT NULL, hook_id VARCHAR(128) NOT NULL, INDEX (run_id)
);
