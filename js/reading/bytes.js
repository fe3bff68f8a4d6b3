// The bytes of a file as they are, such as those of a damaged line.

import { SkillLogError } from "../errors.js";
import { chunksOf, endOf } from "../storage/chunks.js";

/** @import { PlainBytes } from "../types.js" */
/** @import { Source } from "../storage/storage.js" */

/** The most bytes that are returned: they are in memory at once. */
const MOST_BYTES = 64 << 20;

/**
 * Returns the bytes of a range of a source; those before its end where it is shorter.
 *
 * @param {Source} source
 * @param {number} from
 * @param {number} to
 * @param {AbortSignal} [signal]
 * @returns {Promise<PlainBytes>}
 * @throws {SkillLogError} `INVALID_ARGUMENT` when the range has more than 64 MiB
 */
export async function bytesOf(source, from, to, signal) {
  const length = Math.max(0, Math.min(to, await endOf(source, to)) - from);
  if (length > MOST_BYTES)
    throw new SkillLogError(
      "INVALID_ARGUMENT",
      `options.to: expected at most ${MOST_BYTES} bytes at once, got ${length}: read them in parts`,
    );
  const bytes = new Uint8Array(length);
  let count = 0;
  if (length > 0)
    for await (const chunk of chunksOf(source, from, from + length, signal)) {
      const some = chunk.bytes.subarray(0, length - count);
      bytes.set(some, count);
      count += some.length;
      if (count === length) break;
    }
  return count < length ? bytes.slice(0, count) : bytes;
}
