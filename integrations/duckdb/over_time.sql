-- The `over_time` of `skill-log stats --json`, in UTC: the entries of the relation `entries` in up to
-- 24 equal lengths of time, without gaps. `since` and `until` are seconds since 1970-01-01, because
-- bars may begin before the year 0: to_timestamp(since) is their time.
WITH split AS (
  SELECT
    timestamp,
    coalesce(nullif(regexp_extract(timestamp, '[+-]\d\d:\d\d$'), ''), '+00:00') AS zone
  FROM entries
), dated AS (
  SELECT
    (CAST(substr(timestamp, 1, 10) AS DATE) - DATE '1970-01-01') * 86400
      + CAST(substr(timestamp, 12, 2) AS BIGINT) * 3600
      + CAST(substr(timestamp, 15, 2) AS BIGINT) * 60
      + CAST(substr(timestamp, 18, 2) AS BIGINT)
      - CAST(substr(zone, 1, 1) || '1' AS BIGINT)
        * (CAST(substr(zone, 2, 2) AS BIGINT) * 3600 + CAST(substr(zone, 5, 2) AS BIGINT) * 60)
      AS seconds
  FROM split
), steps AS (
  -- The lengths that a bar may have: from a second to 1000 years of 365 days.
  SELECT unnest([
    1, 5, 15, 30, 60, 300, 900, 1800, 3600, 10800, 21600, 43200, 86400, 172800, 604800, 1209600,
    2592000, 7862400, 31536000, 315360000, 3153600000, 31536000000
  ]) AS step
), bounds AS (
  SELECT
    step,
    CAST(floor(min(seconds) / step) AS BIGINT) AS first_bar,
    CAST(floor(max(seconds) / step) AS BIGINT) AS last_bar
  FROM dated, steps
  GROUP BY step
), chosen AS (
  SELECT * FROM bounds WHERE last_bar - first_bar < 24 ORDER BY step LIMIT 1
), bars AS (
  SELECT step, unnest(range(first_bar, last_bar + 1)) AS bar FROM chosen
), counted AS (
  SELECT CAST(floor(seconds / step) AS BIGINT) AS bar, count(*) AS entries
  FROM dated, chosen
  GROUP BY bar
)
SELECT bar * step AS since, (bar + 1) * step AS until, coalesce(entries, 0) AS entries
FROM bars LEFT JOIN counted USING (bar)
ORDER BY since;
