-- The `over_time` of `skill-log stats --json`, in UTC: the entries of the view `entries` in up to 24
-- equal lengths of time, without gaps. `since` and `until` are seconds since 1970-01-01, because bars
-- may begin before the year 0: timestamp_seconds(since) is their time.
WITH split AS (
  SELECT
    timestamp,
    coalesce(nullif(regexp_extract(timestamp, '[+-][0-9]{2}:[0-9]{2}$', 0), ''), '+00:00') AS zone
  FROM entries
), dated AS (
  SELECT
    datediff(CAST(substr(timestamp, 1, 10) AS DATE), DATE '1970-01-01') * 86400L
      + CAST(substr(timestamp, 12, 2) AS BIGINT) * 3600
      + CAST(substr(timestamp, 15, 2) AS BIGINT) * 60
      + CAST(substr(timestamp, 18, 2) AS BIGINT)
      - CAST(substr(zone, 1, 1) || '1' AS BIGINT)
        * (CAST(substr(zone, 2, 2) AS BIGINT) * 3600 + CAST(substr(zone, 5, 2) AS BIGINT) * 60)
      AS seconds
  FROM split
), steps AS (
  -- The lengths that a bar may have: from a second to 1000 years of 365 days.
  SELECT explode(array(
    1L, 5L, 15L, 30L, 60L, 300L, 900L, 1800L, 3600L, 10800L, 21600L, 43200L, 86400L, 172800L,
    604800L, 1209600L, 2592000L, 7862400L, 31536000L, 315360000L, 3153600000L, 31536000000L
  )) AS step
), ends AS (
  SELECT min(seconds) AS first, max(seconds) AS last FROM dated HAVING count(*) > 0
), chosen AS (
  SELECT step, floor(first / step) AS first_bar, floor(last / step) AS last_bar
  FROM ends CROSS JOIN steps
  WHERE floor(last / step) - floor(first / step) < 24
  ORDER BY step
  LIMIT 1
), bars AS (
  SELECT step, explode(sequence(first_bar, last_bar)) AS bar FROM chosen
), counted AS (
  SELECT floor(seconds / step) AS bar, count(*) AS entries
  FROM dated CROSS JOIN chosen
  GROUP BY floor(seconds / step)
)
SELECT bar * step AS since, (bar + 1) * step AS until, coalesce(entries, 0) AS entries
FROM bars LEFT JOIN counted USING (bar)
ORDER BY since
