-- The `bytes` of `skill-log stats --json`: those of the entries' lines, without line ends. Reads the
-- view `lines` of the same files:
-- spark.read.option("lineSep", "\n").text("entries.jsonl").createOrReplaceTempView("lines")
SELECT coalesce(sum(octet_length(value)), 0) AS bytes FROM lines
