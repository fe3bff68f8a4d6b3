// Searches rows of many logs, in whatever thread this runs.

import { LogIndex, RowReader } from "../../dist/skill_log.js";
import { RowSearch } from "../indexing/row-search.js";
import { Ahead } from "../storage/ahead.js";
import { isSameFile, STAMP_WORDS } from "../storage/stamps.js";
import { bytesAt, callCore, giveBack } from "../wasm/core.js";

/** @import { ThreadTurns } from "../storage/thread-turns.js" */
/** @import { OpenLog, ScannedLog, SearchHits, SearchTask } from "../storage/storage.js" */

/**
 * Searches the rows of a task.
 *
 * @param {OpenLog} open
 * @param {number} atOnce how many logs are opened at once
 * @param {ThreadTurns | undefined} turns lets other work of this thread run
 * @param {SearchTask} task
 * @returns {Promise<SearchHits>}
 */
export async function searchLogs(open, atOnce, turns, { refs, stamps, rows, text, ignoreCase }) {
  const core = new LogIndex();
  const reader = new RowReader(undefined);
  const wanted = new RowSearch(text, ignoreCase);
  /** @type {number[]} */
  const hits = [];
  /** @type {Set<number>} */
  const changed = new Set();
  // Each log has a row, and the rows stand log by log.
  const openings = new Ahead(refs, atOnce, open);
  /** @type {ScannedLog | null} */
  let file = null;
  let opened = -1;
  try {
    refs.forEach(() => core.add_log());
    callCore(() => core.put_rows(rows, true, 0, refs.length));
    const count = core.length();
    for (let from = 0; from < count; ) {
      const [log, offset, length, to] = callCore(() => reader.stretch(core, from));
      if (log !== opened) {
        file?.close();
        file = null;
        opened = log;
        file = await openSame(openings, stamps, log);
      }
      if (file && file.size >= offset + length) {
        const space = () => bytesAt(reader.space(offset, length), length);
        // The core's memory may move while a read waits.
        const into = file.isSlow ? new Uint8Array(length) : callCore(space);
        const reading = file.read(offset, into);
        const read = typeof reading === "number" ? reading : await reading;
        if (file.isSlow) callCore(space).set(into);
        try {
          // A row whose entry is another now throws.
          if (read === length) hits.push(...callCore(() => wanted.hits(core, reader, from, to)));
          else changed.add(log);
        } catch {
          changed.add(log);
        }
      } else changed.add(log);
      from = to;
      if (turns?.areDue) await turns.letOthersRun();
    }
  } finally {
    file?.close();
    for (const opening of openings.rest()) closeLater(opening);
    wanted.free();
    for (const each of [core, reader]) giveBack(() => each.free());
  }
  return { hits: Uint32Array.from(hits), changed: [...changed] };
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
