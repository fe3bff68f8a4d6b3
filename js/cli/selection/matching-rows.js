// What a search finds in a log, as it finds it.

/** @import { LogIndex } from "../../index.js" */
/** @import { Filter } from "./filter.js" */

/**
 * Gives the rows that meet a filter, some at a time, while the search for more goes on. No more of them is held than their numbers.
 *
 * @param {LogIndex} index
 * @param {Filter} filter that looks for a text
 * @param {(part: number) => void} onProgress is told what part of the log was searched
 * @returns {AsyncGenerator<Uint32Array, void, void>}
 */
export async function* matchingRows(index, filter, onProgress) {
  /** @type {Uint32Array[]} */
  const found = [];
  const ended = new AbortController();
  let isDone = false;
  let wake = () => {};
  const search = filter.rows(index, {
    signal: ended.signal,
    onProgress({ rows, total, hits }) {
      onProgress(rows / total);
      if (hits.length > 0) found.push(hits);
      wake();
    },
  });
  const done = search
    .then(() => {})
    .finally(() => {
      isDone = true;
      wake();
    });
  // Thrown below.
  done.catch(() => {});
  try {
    while (!isDone || found.length > 0) {
      const next = found.shift();
      if (next) yield next;
      else await new Promise((resolve) => (wake = () => resolve(undefined)));
    }
    await done;
  } finally {
    ended.abort();
    await done.catch(() => {});
  }
}
