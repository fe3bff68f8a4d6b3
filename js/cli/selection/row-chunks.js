// Divides rows into chunks that are read at once.

/** @import { LogIndex } from "../../index.js" */

/** The bytes of entries that are read at once. */
const CHUNK_BYTES = 1 << 20;

/**
 * Yields the rows in chunks, each of about a megabyte of entries.
 *
 * @param {LogIndex} index
 * @param {Uint32Array} rows
 */
export function* rowChunks(index, rows) {
  if (rows.length === 0) return;
  const lengths = index.column("length", rows);
  for (let from = 0, to = 0; from < rows.length; from = to) {
    for (let bytes = 0; to < rows.length && bytes < CHUNK_BYTES; to += 1) bytes += lengths[to];
    yield rows.subarray(from, to);
  }
}
