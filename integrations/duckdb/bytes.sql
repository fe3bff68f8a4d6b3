-- The `bytes` of `skill-log stats --json`: those of the entries' lines, without line ends. Reads the
-- relation `lines` of the same files: CREATE VIEW lines AS FROM read_ndjson_objects('entries.jsonl').
SELECT CAST(coalesce(sum(strlen(json)), 0) AS BIGINT) AS bytes FROM lines;
