// The bytes of a log, up to where its entries end.

import { SkillLogError } from "../errors.js";
import { LINE_END } from "../line-end.js";
import { readingOptions } from "../options.js";
import { recordsBackwards } from "../reading/records.js";
import { chunksOf, endOf } from "../storage/chunks.js";

/** @import { Source } from "../storage/storage.js" */

/** How many bytes are read at a time to find the last line end. */
const RANGE_BYTES = 1 << 16;

/**
 * Returns where the last entry or the last line of a log ends, whichever is later. What follows is no
 * entry, or not yet.
 *
 * @param {Source} source
 * @param {AbortSignal | undefined} signal
 */
export async function endOfEntries(source, signal) {
  const size = await endOf(source);
  const lineEnd = await lastLineEnd(source, size, signal);
  const reading = { ...readingOptions({ signal }), from: lineEnd, to: size };
  let end = lineEnd;
  for await (const records of recordsBackwards(source, reading, () => {}))
    for (const record of records) end = Math.max(end, record.end);
  return end;
}

/**
 * Returns the offset after the last line end; 0 where there is none.
 *
 * @param {Source} source
 * @param {number} size
 * @param {AbortSignal | undefined} signal
 */
async function lastLineEnd(source, size, signal) {
  const buffer = new Uint8Array(RANGE_BYTES);
  for (let to = size; to > 0; ) {
    signal?.throwIfAborted();
    const from = Math.max(0, to - RANGE_BYTES);
    const count = await source.read(from, buffer.subarray(0, to - from));
    const at = buffer.subarray(0, count).lastIndexOf(LINE_END);
    if (at >= 0) return from + at + 1;
    to = from;
  }
  return 0;
}

/**
 * Yields the bytes before an offset.
 *
 * @param {Source} source
 * @param {number} end
 * @param {AbortSignal | undefined} signal
 * @throws {SkillLogError} `REPLACED` when there are fewer now
 */
export async function* bytesBefore(source, end, signal) {
  let left = end;
  if (left > 0)
    for await (const { bytes } of chunksOf(source, 0, end, signal)) {
      const some = bytes.subarray(0, left);
      left -= some.length;
      yield some;
      if (left === 0) return;
    }
  if (left > 0)
    throw new SkillLogError("REPLACED", `${source.name}: the log became shorter meanwhile`, {
      ...(source.path !== undefined && { path: source.path }),
    });
}
