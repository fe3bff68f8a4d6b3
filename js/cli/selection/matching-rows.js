// Yields the matching rows of a log while the search goes on.

/** @import { LogIndex } from "../../index.js" */
/** @import { Filter } from "./filter.js" */

/**
 * Yields the rows that match a filter, some at a time. Only their numbers are held in memory.
 *
 * @param {LogIndex} index
 * @param {Filter} filter with a text to find
 * @param {(part: number) => void} onProgress gets the searched part of the log, from 0 to 1
 * @returns {AsyncGenerator<Uint32Array, void, void>}
 */
export async function* matchingRows(index, filter, onProgress) {
  /** @type {Uint32Array[]} */
  const found = [];
  const stop = new AbortController();
  let isDone = false;
  let wake = () => {};
  const search = filter.rows(index, {
    signal: stop.signal,
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
  // The loop below awaits `done`, and throws its error.
  done.catch(() => {});
  try {
    while (!isDone || found.length > 0) {
      const next = found.shift();
      if (next) yield next;
      else await new Promise((resolve) => (wake = () => resolve(undefined)));
    }
    await done;
  } finally {
    stop.abort();
    await done.catch(() => {});
  }
}
