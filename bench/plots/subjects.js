// What the plots show.

/** @import { Subject } from "./draw.js" */

const whole = (/** @type {number} */ size) => size.toLocaleString("en");

/** @type {Subject} */
export const timeAgainstSize = {
  title: "Time to read a log, against its size",
  axis: "size of the log, MB",
  base: 4,
  format: (size) => (size < 10 ? size.toFixed(1) : size.toFixed(0)),
};

/** @type {Subject} */
export const timeAgainstSessions = {
  title: "Time to ask all sessions, against their number",
  axis: "sessions of 2 KB and 10 entries",
  base: 10,
  format: whole,
};

/** @type {Subject} */
export const timeAgainstExported = {
  title: "Time to export a log and to count over the export, against its size",
  axis: "size of the log, GB",
  base: 2,
  format: whole,
};

/** @type {Subject} */
export const timeAgainstExportedSessions = {
  title: "Time to export sessions and to count over the export, against their number",
  axis: "sessions of 2 KB and 10 entries",
  base: 10,
  format: whole,
};

/** @type {Subject} */
export const timeAgainstRuns = {
  title: "Time of an export that finds nothing new, against the number of earlier runs",
  axis: "earlier runs, which each found entries in 5 sessions",
  base: 10,
  format: whole,
};
