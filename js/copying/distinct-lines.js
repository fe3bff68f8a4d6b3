// The canonical lines of an index in the order of time, each once.

import { LINE_END } from "../line-end.js";

/** @import { LogIndex } from "../indexing/log-index.js" */
/** @import { PlainBytes } from "../types.js" */

/**
 * Yields the lines of an index by time. Lines that are the same have the same time, so only those of
 * one millisecond are in memory.
 *
 * @param {LogIndex<any, any>} index
 * @param {{ entries: number, repeated: number }} counts gets the lines, and those that are left out
 * @param {AbortSignal | undefined} signal
 * @returns {AsyncGenerator<PlainBytes, void, void>} chunks of whole lines
 */
export async function* distinctLines(index, counts, signal) {
  const rows = index.sort({ by: "timestamp" });
  const times = index.column("timestamp", rows);
  const decoder = new TextDecoder();
  /** The lines of the last time. @type {Set<string>} */
  const lines = new Set();
  let at = 0;
  for await (const chunk of index.lines(rows, { signal })) {
    // Kept lines move to the front of the chunk.
    let kept = 0;
    for (let start = 0; start < chunk.length; at += 1) {
      const end = chunk.indexOf(LINE_END, start) + 1;
      if (at > 0 && !Object.is(times[at], times[at - 1])) lines.clear();
      const line = decoder.decode(chunk.subarray(start, end));
      if (lines.has(line)) counts.repeated += 1;
      else {
        lines.add(line);
        counts.entries += 1;
        chunk.copyWithin(kept, start, end);
        kept += end - start;
      }
      start = end;
    }
    if (kept > 0) yield chunk.subarray(0, kept);
  }
}
