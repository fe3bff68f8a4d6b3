-- The tables of `skill-log stats`: a row for each session, UTC day, skill, phase, status and model
-- of the relation `entries`. Percentiles are by nearest rank, over durations that are not 0.
WITH split AS (
  SELECT *, coalesce(nullif(regexp_extract(timestamp, '[+-]\d\d:\d\d$'), ''), '+00:00') AS zone
  FROM entries
), measured AS (
  SELECT *,
    CAST(floor((
      (CAST(substr(timestamp, 1, 10) AS DATE) - DATE '1970-01-01') * 1440
        + CAST(substr(timestamp, 12, 2) AS BIGINT) * 60
        + CAST(substr(timestamp, 15, 2) AS BIGINT)
        - CAST(substr(zone, 1, 1) || '1' AS BIGINT)
          * (CAST(substr(zone, 2, 2) AS BIGINT) * 60 + CAST(substr(zone, 5, 2) AS BIGINT))
    ) / 1440) AS INTEGER) AS days,
    nullif(duration_ms, 0) AS took,
    coalesce(len(attempts), 0) AS tries,
    attempts[1].verified AS first_verified,
    attempts[-1].verified AS last_verified
  FROM split
), named AS (
  SELECT
    unnest([
      {'kind': 'session', 'name': session_id},
      {'kind': 'day', 'name': strftime(DATE '1970-01-01' + days, '%Y-%m-%d')},
      {'kind': 'skill', 'name': skill},
      {'kind': 'phase', 'name': phase},
      {'kind': 'status', 'name': final_status},
      {'kind': 'model', 'name': model_used}
    ], recursive := true),
    took, tries, first_verified, last_verified
  FROM measured
)
SELECT
  kind,
  name,
  count(*) AS entries,
  sum(tries) / count(*) AS attempts_mean,
  max(tries) AS attempts_max,
  count(*) FILTER (last_verified) / nullif(count(*) FILTER (tries > 0), 0) AS verified_rate,
  count(*) FILTER (first_verified) / nullif(count(*) FILTER (tries > 0), 0) AS first_try_rate,
  list_sort(list(took) FILTER (took IS NOT NULL))[(count(took) * 50 + 99) // 100] AS p50,
  list_sort(list(took) FILTER (took IS NOT NULL))[(count(took) * 95 + 99) // 100] AS p95,
  max(took) AS max
FROM named
WHERE name <> '' OR kind IN ('skill', 'status')
GROUP BY kind, name
ORDER BY kind, entries DESC, name;
