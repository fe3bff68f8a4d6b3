// Groups logs, or rows of logs, for the tasks of threads.

/** The most logs, and about the most bytes, of a group: a thread takes some milliseconds for it. */
const GROUP_LOGS = 128;
export const GROUP_BYTES = 2 << 20;

/**
 * The fewest bytes for which other threads are started to index or to search: a thread takes 15 to
 * 30 ms to start.
 */
export const THREADED_BYTES = 24 << 20;

/**
 * Groups logs, in their order. A log with more bytes than a group has one of its own.
 *
 * @template Log
 * @param {Log[]} logs
 * @param {(log: Log) => number} bytesOf returns the bytes of a log to read
 */
export function groupsOf(logs, bytesOf) {
  /** @type {Log[][]} */
  const groups = [];
  let bytes = Infinity;
  for (const log of logs) {
    const more = bytesOf(log);
    if (bytes + more > GROUP_BYTES || groups[groups.length - 1].length === GROUP_LOGS) {
      groups.push([]);
      bytes = 0;
    }
    groups[groups.length - 1].push(log);
    bytes += more;
  }
  return groups;
}

/** The longest log whose lines are searched as a whole. */
export const WHOLE_BYTES = 1 << 19;

/**
 * Rows that a thread searches.
 *
 * @typedef {object} SearchGroup
 * @property {Uint32Array} rows
 * @property {Float64Array} places for each row its log, and the end of its entry
 * @property {number[]} logs
 * @property {number[]} starts the position among the rows of the first row of each log
 * @property {number[]} ends where the last row of each log ends, in bytes
 */

/**
 * Groups rows to search.
 *
 * @param {Uint32Array} list rows, log by log, in the order of their files
 * @param {Float64Array} places for each row its log, and the end of its entry
 * @param {number} [most] about how many bytes a group has
 * @param {number} [first] about how many bytes the first group has
 * @returns {SearchGroup[]}
 */
export function searchGroupsOf(list, places, most = GROUP_BYTES, first = most) {
  /** @type {(Pick<SearchGroup, "logs" | "starts" | "ends"> & { from: number })[]} */
  const groups = [];
  let bytes = Infinity;
  let log = -1;
  let end = 0;
  for (let at = 0; at < list.length; at += 1) {
    const isNewLog = places[2 * at] !== log;
    const last = groups[groups.length - 1];
    const isLarge = bytes > (groups.length > 1 ? most : first);
    const isFull = isLarge || (isNewLog && last.logs.length === GROUP_LOGS);
    const group = isFull ? { from: at, logs: [], starts: [], ends: [] } : last;
    if (isFull) {
      groups.push(group);
      bytes = 0;
    }
    if (isNewLog) {
      log = places[2 * at];
      end = 0;
    }
    if (isNewLog || isFull) {
      group.logs.push(log);
      group.starts.push(at - group.from);
    }
    bytes += places[2 * at + 1] - end;
    end = places[2 * at + 1];
    group.ends[group.logs.length - 1] = end;
  }
  return groups.map(({ from, logs, starts, ends }, at) => {
    const to = groups[at + 1]?.from ?? list.length;
    const own = places.subarray(2 * from, 2 * to);
    return { rows: list.subarray(from, to), places: own, logs, starts, ends };
  });
}

/**
 * Returns the rows of some logs of a group.
 *
 * @param {SearchGroup} group
 * @param {number[]} some positions of logs
 */
export function rowsOf({ rows, starts }, some) {
  return Uint32Array.from(some.flatMap((at) => [...rows.subarray(starts[at], starts[at + 1])]));
}

/**
 * Tells whether all logs of a group are short, so that they can be read as a whole.
 *
 * @param {SearchGroup} group
 */
export function areShort({ ends }) {
  return ends.every((end) => end <= WHOLE_BYTES);
}

/**
 * Returns the rows of a group whose entries end on lines.
 *
 * @param {SearchGroup} group
 * @param {number[]} lines the position of the log, the start and the end of each, in their order
 * @returns {number[]}
 */
export function rowsOnLines({ rows, places, starts }, lines) {
  /** @type {number[]} */
  const found = [];
  let row = 0;
  for (let at = 0; at < lines.length; at += 3) {
    const to = starts[lines[at] + 1] ?? rows.length;
    row = Math.max(row, starts[lines[at]]);
    while (row < to && places[2 * row + 1] <= lines[at + 1]) row += 1;
    if (row < to && places[2 * row + 1] <= lines[at + 2]) found.push(rows[row]);
  }
  return found;
}
