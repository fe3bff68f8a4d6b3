// Groups logs, or rows of logs, for the tasks of threads.

/** The most logs, and about the most bytes, of a group: a thread takes some milliseconds for it. */
const GROUP_LOGS = 128;
export const GROUP_BYTES = 2 << 20;

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

/**
 * Rows that a thread searches.
 *
 * @typedef {{ from: number, to: number, logs: number[], starts: number[] }} SearchGroup `from` and
 *   `to` are positions in the list of rows, and so are `starts`, where the rows of each log start
 */

/**
 * Groups rows to search.
 *
 * @param {Uint32Array} list rows, log by log
 * @param {Float64Array} ends for each row its log, and the end of its entry
 */
export function searchGroupsOf(list, ends) {
  /** @type {SearchGroup[]} */
  const groups = [];
  /** @type {SearchGroup | undefined} */
  let group;
  let bytes = 0;
  let before = 0;
  for (let at = 0; at < list.length; at += 1) {
    const log = ends[2 * at];
    const end = ends[2 * at + 1];
    const isNewLog = group?.logs.at(-1) !== log;
    if (!group || bytes > GROUP_BYTES || (isNewLog && group.logs.length === GROUP_LOGS)) {
      group = { from: at, to: at, logs: [], starts: [] };
      groups.push(group);
      bytes = 0;
    }
    if (group.logs.at(-1) !== log) {
      group.logs.push(log);
      group.starts.push(at);
    }
    bytes += isNewLog ? end : end - before;
    before = end;
    group.to = at + 1;
  }
  return groups;
}
