-- The `bytes` of `skill-log stats --json`: those of the entries' lines, without line ends. Reads the
-- table or view `lines` of the same files:
-- CREATE VIEW lines AS SELECT line FROM file('entries.jsonl', LineAsString, 'line String')
SELECT sum(length(line)) AS bytes FROM lines
