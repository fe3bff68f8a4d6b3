// Canonical lines, many at a time: bytes go in and come out, and no entry becomes an object.

import { readBatches } from "./batches.js";

/** @import { LinesChunk, PlainBytes } from "../types.js" */
/** @import { DamagedLine, Source } from "../storage/storage.js" */
/** @import { Reading } from "./batches.js" */

/**
 * Yields the canonical lines of the entries that start in a range, in the order of the file, as
 * many at a time as a chunk of the file has.
 *
 * @param {Source} source
 * @param {Reading} reading with the output `"lines"`
 * @param {(damage: DamagedLine) => void} onDamage
 * @param {((chunk: LinesChunk) => void) | undefined} onChunk
 * @returns {AsyncGenerator<PlainBytes, void, void>}
 */
export async function* linesForwards(source, reading, onDamage, onChunk) {
  for await (const { written, damage } of readBatches(source, reading)) {
    for (const each of damage) if (each.offset < reading.to) onDamage(each);
    if (!written || written.facts.lines === 0) continue;
    onChunk?.(written.facts);
    yield written.bytes;
  }
}
