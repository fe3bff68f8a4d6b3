-- The tables of `skill-log stats`: a row for each session, UTC day, skill, phase, status and model
-- of the view `entries`. Percentiles are by nearest rank, over durations that are not 0.
WITH split AS (
  SELECT *,
    coalesce(nullif(regexp_extract(timestamp, '[+-][0-9]{2}:[0-9]{2}$', 0), ''), '+00:00') AS zone
  FROM entries
), measured AS (
  SELECT *,
    CAST(floor((
      datediff(CAST(substr(timestamp, 1, 10) AS DATE), DATE '1970-01-01') * 1440L
        + CAST(substr(timestamp, 12, 2) AS BIGINT) * 60
        + CAST(substr(timestamp, 15, 2) AS BIGINT)
        - CAST(substr(zone, 1, 1) || '1' AS BIGINT)
          * (CAST(substr(zone, 2, 2) AS BIGINT) * 60 + CAST(substr(zone, 5, 2) AS BIGINT))
    ) / 1440) AS INT) AS days,
    nullif(duration_ms, 0) AS took,
    greatest(coalesce(cardinality(attempts), 0), 0) AS tries,
    try_element_at(attempts, 1).verified AS first_verified,
    try_element_at(attempts, -1).verified AS last_verified
  FROM split
), named AS (
  SELECT named.kind, named.name, took, tries, first_verified, last_verified
  FROM measured
  LATERAL VIEW inline(array(
    struct('session' AS kind, session_id AS name),
    struct('day' AS kind, CAST(date_add(DATE '1970-01-01', days) AS STRING) AS name),
    struct('skill' AS kind, skill AS name),
    struct('phase' AS kind, phase AS name),
    struct('status' AS kind, final_status AS name),
    struct('model' AS kind, model_used AS name)
  )) named
), grouped AS (
  SELECT
    kind,
    name,
    count(*) AS entries,
    sum(tries) AS attempts,
    max(tries) AS attempts_max,
    count_if(tries > 0) AS tried,
    count_if(last_verified) AS verified,
    count_if(first_verified) AS first_try,
    array_sort(collect_list(took)) AS durations
  FROM named
  WHERE name <> '' OR kind IN ('skill', 'status')
  GROUP BY kind, name
)
SELECT
  kind,
  name,
  entries,
  attempts / entries AS attempts_mean,
  attempts_max,
  verified / nullif(tried, 0) AS verified_rate,
  first_try / nullif(tried, 0) AS first_try_rate,
  get(durations, CAST((size(durations) * 50L + 99) DIV 100 AS INT) - 1) AS p50,
  get(durations, CAST((size(durations) * 95L + 99) DIV 100 AS INT) - 1) AS p95,
  get(durations, size(durations) - 1) AS max
FROM grouped
ORDER BY kind, entries DESC, name
