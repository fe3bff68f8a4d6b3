-- What `skill-log stats --json` says of all entries: one row, from the table or view `entries`.
-- Days are counted by arithmetic, because no date of ClickHouse is before 1900.
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
    * (toInt64(substring(zone, 2, 2)) * 3600 + toInt64(substring(zone, 5, 2)) * 60)) AS offset,
  days * 86400 + toInt64(substring(timestamp, 12, 2)) * 3600
    + toInt64(substring(timestamp, 15, 2)) * 60
    + toInt64(substring(timestamp, 18, 2)) - offset AS seconds,
  rightPad(extract(timestamp, '[.](\\d+)'), 9, '0') AS nanos
SELECT
  uniqExact(session_id) AS sessions,
  count() AS entries,
  argMin(timestamp, (seconds, nanos)) AS first,
  argMax(timestamp, (seconds, nanos)) AS last
FROM entries
