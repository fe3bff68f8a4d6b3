-- The tables of `skill-log stats`: a row for each session, UTC day, skill, phase, status and model
-- of the table or view `entries`. Percentiles are by nearest rank, over durations that are not 0.
-- Days are counted by arithmetic, because no date of ClickHouse is before 1900.
WITH measured AS (
  WITH
    toInt64(substring(timestamp, 1, 4)) AS y,
    toInt64(substring(timestamp, 6, 2)) AS m,
    toInt64(substring(timestamp, 9, 2)) AS d,
    -- Years that start in March, so that a leap day is the last one.
    y + 400 - (m <= 2) AS march,
    march * 365 + intDiv(march, 4) - intDiv(march, 100) + intDiv(march, 400)
      + intDiv(153 * ((m + 9) % 12) + 2, 5) + d - 1 AS local_days,
    extract(timestamp, '[+-]\\d\\d:\\d\\d$') AS zone,
    if(zone = '', 0, toInt64(concat(substring(zone, 1, 1), '1'))
      * (toInt64(substring(zone, 2, 2)) * 60 + toInt64(substring(zone, 5, 2)))) AS offset,
    intDiv(
      local_days * 1440 + toInt64(substring(timestamp, 12, 2)) * 60
        + toInt64(substring(timestamp, 15, 2)) - offset,
      1440
    ) AS days,
    -- And back, in UTC: eras have 400 years and 146097 days.
    days % 146097 AS era_day,
    intDiv(era_day - intDiv(era_day, 1460) + intDiv(era_day, 36524) - intDiv(era_day, 146096), 365)
      AS era_year,
    era_day - (365 * era_year + intDiv(era_year, 4) - intDiv(era_year, 100)) AS year_day,
    intDiv(5 * year_day + 2, 153) AS march_month,
    year_day - intDiv(153 * march_month + 2, 5) + 1 AS utc_day,
    (march_month + 2) % 12 + 1 AS utc_month,
    era_year + intDiv(days, 146097) * 400 - 400 + (utc_month <= 2) AS utc_year
  SELECT
    [
      ('session', session_id),
      ('day', concat(leftPad(toString(utc_year), 4, '0'), '-', leftPad(toString(utc_month), 2, '0'),
        '-', leftPad(toString(utc_day), 2, '0'))),
      ('skill', skill),
      ('phase', phase),
      ('status', final_status),
      ('model', model_used)
    ] AS names,
    duration_ms,
    attempts.verified AS verified
  FROM entries
), grouped AS (
  SELECT
    arrayJoin(names) AS pair,
    pair.1 AS kind,
    pair.2 AS name,
    count() AS entries,
    sum(length(verified)) AS attempts,
    max(length(verified)) AS attempts_max,
    countIf(notEmpty(verified)) AS tried,
    countIf(verified[-1]) AS last_verified,
    countIf(verified[1]) AS first_verified,
    arraySort(groupArrayIf(duration_ms, duration_ms != 0)) AS durations
  FROM measured
  GROUP BY pair
  HAVING name != '' OR kind IN ('skill', 'status')
)
SELECT
  kind,
  name,
  entries,
  attempts / entries AS attempts_mean,
  attempts_max,
  if(tried = 0, NULL, last_verified / tried) AS verified_rate,
  if(tried = 0, NULL, first_verified / tried) AS first_try_rate,
  if(empty(durations), NULL, durations[intDiv(length(durations) * 50 + 99, 100)]) AS p50,
  if(empty(durations), NULL, durations[intDiv(length(durations) * 95 + 99, 100)]) AS p95,
  if(empty(durations), NULL, durations[-1]) AS max
FROM grouped
ORDER BY kind, entries DESC, name
