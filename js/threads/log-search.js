// Searches rows of many logs, in whatever thread this runs.

import { LogIndex, RowReader } from "../../dist/skill_log.js";
import { RowSearch } from "../indexing/row-search.js";
import { Ahead } from "../storage/ahead.js";
import { freeBuffer } from "../storage/chunks.js";
import { isSameFile, isSameVersion, STAMP_WORDS } from "../storage/stamps.js";
import { bytesAt, callCore, giveBack } from "../wasm/core.js";

/** @import { ThreadTurns } from "../storage/thread-turns.js" */
/** @import { OpenLog, ScannedLog, SearchHits, SearchTask } from "../storage/storage.js" */

/**
 * Searches the rows of a task; or the lines of its logs, if the task has no rows.
 *
 * @param {OpenLog} open
 * @param {number} atOnce how many logs are opened at once
 * @param {ThreadTurns | undefined} turns lets other work of this thread run
 * @param {SearchTask} task
 * @returns {Promise<SearchHits>}
 */
export async function searchLogs(open, atOnce, turns, { refs, stamps, rows, text, ignoreCase }) {
  const reader = new RowReader(undefined);
  const wanted = new RowSearch(text, ignoreCase);
  // Each log has a row, and the rows stand log by log.
  const openings = new Ahead(refs, atOnce, open);
  const logs = { openings, stamps, turns, reader, wanted };
  try {
    return rows instanceof Float64Array
      ? await searchLines(logs, rows)
      : await searchRows(logs, refs, rows);
  } finally {
    for (const opening of openings.rest()) closeLater(opening);
    wanted.free();
    giveBack(() => reader.free());
  }
}

/**
 * What a task is done with.
 *
 * @typedef {object} Searched
 * @property {Ahead<unknown, ReturnType<OpenLog>>} openings
 * @property {BigInt64Array} stamps
 * @property {ThreadTurns | undefined} turns
 * @property {RowReader} reader
 * @property {RowSearch} wanted
 */

/**
 * @param {Searched} logs
 * @param {unknown[]} refs
 * @param {Uint8Array} rows
 * @returns {Promise<SearchHits>}
 */
async function searchRows({ openings, stamps, turns, reader, wanted }, refs, rows) {
  const core = new LogIndex();
  /** @type {number[]} */
  const hits = [];
  /** @type {Set<number>} */
  const changed = new Set();
  /** @type {ScannedLog | null} */
  let file = null;
  let opened = -1;
  try {
    refs.forEach(() => core.add_log());
    callCore(() => core.put_rows(rows, true, 0, refs.length));
    const count = core.length();
    const ends = endsOf(core, count);
    for (let from = 0; from < count; ) {
      const [log, offset, length, to] = callCore(() => reader.stretch(core, from));
      if (log !== opened) {
        file?.close();
        file = null;
        opened = log;
        file = await openSame(openings, stamps, log);
      }
      const reading = file && readInto(reader, file, offset, length, ends.get(log) ?? 0);
      try {
        // A row whose entry is another now throws.
        if (typeof reading === "boolean" ? reading : await reading)
          for (const hit of callCore(() => wanted.hits(core, reader, from, to))) hits.push(hit);
        else changed.add(log);
      } catch {
        changed.add(log);
      }
      from = to;
      if (turns?.areDue) await turns.letOthersRun();
    }
  } finally {
    file?.close();
    giveBack(() => core.free());
  }
  return { hits: Uint32Array.from(hits), lines: [], unclear: [], changed: [...changed] };
}

/**
 * Returns where the last row of each log ends.
 *
 * @param {LogIndex} core
 * @param {number} count how many rows it has
 * @returns {Map<number, number>}
 */
function endsOf(core, count) {
  const rows = new Uint32Array(count);
  for (let row = 0; row < count; row += 1) rows[row] = row;
  const places = callCore(() => core.row_ends(rows));
  /** @type {Map<number, number>} */
  const ends = new Map();
  for (let at = 0; at < places.length; at += 2) ends.set(places[at], places[at + 1]);
  for (const used of [rows, places]) freeBuffer(used);
  return ends;
}

/**
 * Searches the lines of logs that are as they were indexed, without their rows.
 *
 * @param {Searched} logs
 * @param {Float64Array} ends for each log the end of its last row
 * @returns {Promise<SearchHits>}
 */
async function searchLines({ openings, stamps, turns, reader, wanted }, ends) {
  /** @type {SearchHits} */
  const found = { hits: new Uint32Array(0), lines: [], unclear: [], changed: [] };
  for (let log = 0; log < ends.length; log += 1) {
    const file = await openSame(openings, stamps, log);
    try {
      const reading = file && readInto(reader, file, 0, ends[log], ends[log]);
      if (!file || !(typeof reading === "boolean" ? reading : await reading)) {
        found.changed.push(log);
        continue;
      }
      // The rows of another version of the file may be elsewhere.
      const isSame = isSameVersion(stamps, STAMP_WORDS * log, file.stamp, 0);
      const lines = isSame ? callCore(() => wanted.linesIn(reader)) : undefined;
      if (!lines) found.unclear.push(log);
      else
        for (let at = 0; at < lines.length; at += 2)
          found.lines.push(log, lines[at], lines[at + 1]);
    } catch {
      found.unclear.push(log);
    } finally {
      file?.close();
    }
    if (turns?.areDue) await turns.letOthersRun();
  }
  return found;
}

/**
 * Reads a stretch of a log for a reader.
 *
 * @param {RowReader} reader
 * @param {ScannedLog} file
 * @param {number} offset
 * @param {number} length
 * @param {number} to where the stretches end that follow
 * @returns {boolean | Promise<boolean>} whether the file has it
 */
function readInto(reader, file, offset, length, to) {
  if (file.size < offset + length) return false;
  const space = () => bytesAt(reader.space(offset, length), length);
  if (!file.isSlow) {
    const reading = file.read(offset, callCore(space));
    return typeof reading === "number"
      ? reading === length
      : reading.then((count) => count === length);
  }
  if (file.chunk)
    return file.chunk(offset, length, to).then((bytes) => {
      if (bytes) callCore(space).set(bytes);
      return bytes !== null;
    });
  // The core's memory may move while a read waits.
  const into = new Uint8Array(length);
  return Promise.resolve(file.read(offset, into)).then((count) => {
    callCore(space).set(into);
    return count === length;
  });
}

/**
 * Opens a log, if its file is the one that was indexed.
 *
 * @param {Ahead<unknown, ReturnType<OpenLog>>} openings
 * @param {BigInt64Array} stamps
 * @param {number} log
 */
async function openSame(openings, stamps, log) {
  try {
    const opening = openings.next();
    const file = opening && "then" in opening ? await opening : opening;
    if (!file) return null;
    if (isSameFile(stamps, STAMP_WORDS * log, file.stamp, 0)) return file;
    file.close();
  } catch {
    // The thread that asks opens it again, and throws why.
  }
  return null;
}

/**
 * Closes a log that nobody reads.
 *
 * @param {ReturnType<OpenLog>} opening
 */
function closeLater(opening) {
  Promise.resolve(opening).then(
    (file) => file?.close(),
    () => {},
  );
}
