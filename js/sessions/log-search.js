// Searches rows of many logs, in whatever thread this runs.

import { LogIndex, RowReader } from "../../dist/skill_log.js";
import { RowSearch } from "../indexing/row-search.js";
import { isSameFile, STAMP_WORDS } from "../storage/stamps.js";
import { bytesAt, callCore, giveBack } from "../wasm/core.js";

/** @import { OpenLog, ScannedLog, SearchHits, SearchTask } from "../storage/storage.js" */

/**
 * Searches the rows of a task.
 *
 * @param {OpenLog} open
 * @param {SearchTask} task
 * @returns {Promise<SearchHits>}
 */
export async function searchLogs(open, { refs, stamps, rows, text, ignoreCase }) {
  const core = new LogIndex();
  const reader = new RowReader(undefined);
  const wanted = new RowSearch(text, ignoreCase);
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
    for (let from = 0; from < count; ) {
      const [log, offset, length, to] = callCore(() => reader.stretch(core, from));
      if (log !== opened) {
        file?.close();
        file = null;
        opened = log;
        file = await openSame(open, refs[log], stamps, log);
      }
      if (file && file.size >= offset + length) {
        const space = callCore(() => reader.space(offset, length));
        const reading = file.read(offset, bytesAt(space, length));
        const read = typeof reading === "number" ? reading : await reading;
        try {
          // A row whose entry is another now throws.
          if (read === length) hits.push(...callCore(() => wanted.hits(core, reader, from, to)));
          else changed.add(log);
        } catch {
          changed.add(log);
        }
      } else changed.add(log);
      from = to;
    }
  } finally {
    file?.close();
    wanted.free();
    for (const each of [core, reader]) giveBack(() => each.free());
  }
  return { hits: Uint32Array.from(hits), changed: [...changed] };
}

/**
 * Opens a log, if its file is the one that was indexed.
 *
 * @param {OpenLog} open
 * @param {unknown} ref
 * @param {BigInt64Array} stamps
 * @param {number} log
 */
async function openSame(open, ref, stamps, log) {
  try {
    const opening = open(ref);
    const file = opening && "then" in opening ? await opening : opening;
    if (!file || isSameFile(stamps, STAMP_WORDS * log, file.stamp, 0)) return file;
    file.close();
  } catch {
    // The thread that asks opens it again, and throws why.
  }
  return null;
}
