-- The `over_time` of `skill-log stats --json`, in UTC: the entries of the table or view `entries` in
-- up to 24 equal lengths of time, without gaps. `since` and `until` are seconds since 1970-01-01,
-- because no date of ClickHouse is before 1900: toDateTime64(since, 0, 'UTC') is their time.
WITH dated AS (
  WITH
    toInt64(substring(timestamp, 1, 4)) AS y,
    toInt64(substring(timestamp, 6, 2)) AS m,
    toInt64(substring(timestamp, 9, 2)) AS d,
    -- Years that start in March, so that a leap day is the last one.
    y + 400 - (m <= 2) AS march,
    march * 365 + intDiv(march, 4) - intDiv(march, 100) + intDiv(march, 400)
      + intDiv(153 * ((m + 9) % 12) + 2, 5) + d - 1 - 719468 - 146097 AS days,
    extract(timestamp, '[+-]\\d\\d:\\d\\d$') AS zone,
    if(zone = '', 0, toInt64(concat(substring(zone, 1, 1), '1'))
      * (toInt64(substring(zone, 2, 2)) * 3600 + toInt64(substring(zone, 5, 2)) * 60)) AS offset
  SELECT
    days * 86400 + toInt64(substring(timestamp, 12, 2)) * 3600
      + toInt64(substring(timestamp, 15, 2)) * 60
      + toInt64(substring(timestamp, 18, 2)) - offset AS seconds
  FROM entries
), bounds AS (
  SELECT
    -- The lengths that a bar may have: from a second to 1000 years of 365 days.
    arrayJoin([
      1, 5, 15, 30, 60, 300, 900, 1800, 3600, 10800, 21600, 43200, 86400, 172800, 604800, 1209600,
      2592000, 7862400, 31536000, 315360000, 3153600000, 31536000000
    ]) AS length,
    toInt64(length) AS step,
    toInt64(floor(first / step)) AS first_bar,
    toInt64(floor(last / step)) AS last_bar
  FROM (SELECT min(seconds) AS first, max(seconds) AS last FROM dated HAVING count() > 0)
), chosen AS (
  SELECT step, first_bar, last_bar FROM bounds WHERE last_bar - first_bar < 24 ORDER BY step LIMIT 1
), bars AS (
  SELECT step, arrayJoin(range(first_bar, last_bar + 1)) AS bar FROM chosen
), counted AS (
  SELECT toInt64(floor(seconds / step)) AS bar, count() AS entries
  FROM dated CROSS JOIN chosen
  GROUP BY bar
)
SELECT
  bars.bar * step AS since,
  (bars.bar + 1) * step AS until,
  toInt64(counted.entries) AS entries
FROM bars LEFT JOIN counted ON bars.bar = counted.bar
ORDER BY since
