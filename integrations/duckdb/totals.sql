-- What `skill-log stats --json` says of all entries: one row, from the relation `entries`.
WITH split AS (
  SELECT *,
    coalesce(nullif(regexp_extract(timestamp, '[+-]\d\d:\d\d$'), ''), '+00:00') AS zone,
    rpad(regexp_extract(timestamp, '\.(\d+)', 1), 9, '0') AS nanos
  FROM entries
), dated AS (
  SELECT *,
    (CAST(substr(timestamp, 1, 10) AS DATE) - DATE '1970-01-01') * 86400
      + CAST(substr(timestamp, 12, 2) AS BIGINT) * 3600
      + CAST(substr(timestamp, 15, 2) AS BIGINT) * 60
      + CAST(substr(timestamp, 18, 2) AS BIGINT)
      - CAST(substr(zone, 1, 1) || '1' AS BIGINT)
        * (CAST(substr(zone, 2, 2) AS BIGINT) * 3600 + CAST(substr(zone, 5, 2) AS BIGINT) * 60)
      AS seconds
  FROM split
)
SELECT
  count(DISTINCT session_id) AS sessions,
  count(*) AS entries,
  arg_min(timestamp, (seconds, nanos)) AS first,
  arg_max(timestamp, (seconds, nanos)) AS last
FROM dated;
