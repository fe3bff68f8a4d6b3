// The canonical lines of the selected entries, many at a time.

import { canonicalBytes, changesOf } from "../canonical.js";
import { foundIn } from "./found.js";

/** @import { LogIndex } from "../../index.js" */
/** @import { LinesChunk } from "../../types.js" */
/** @import { Filter } from "./filter.js" */
/** @import { Form } from "./found.js" */
/** @import { LogEvents } from "./read-log.js" */
/** @import { NamedLog, Operands } from "./operands.js" */

const LINE_END = 10;

/**
 * Yields the canonical lines of the entries that match a filter, in the order of `foundIn`.
 *
 * @param {Operands | NamedLog[]} logs
 * @param {Filter} filter
 * @param {LogEvents} [events]
 * @param {(chunk: LinesChunk) => void} [onChunk] gets facts about lines before they are yielded
 * @returns {AsyncGenerator<Uint8Array, void, void>} whole lines, each with its line end
 */
export async function* linesOf(logs, filter, events = {}, onChunk = () => {}) {
  /** @param {LogIndex} index @param {Uint32Array} rows */
  const rows = (index, rows) => index.lines(rows, { onChunk });
  /** @type {Form<Uint8Array>} */
  const lines = {
    all: (log, { onDamage, onProgress }) =>
      log.lines({
        onDamage,
        onChunk(chunk) {
          onProgress({ bytes: /** @type {number} */ (chunk.end) });
          onChunk(chunk);
        },
      }),
    rows,
    async *each(...given) {
      for await (const chunk of rows(...given)) yield* eachLine(chunk);
    },
    held(entry) {
      onChunk({ lines: 1, changed: changesOf(entry) });
      return canonicalBytes(entry);
    },
  };
  for await (const { found } of foundIn(logs, filter, lines, events)) yield found;
}

/**
 * Yields each line of a chunk of whole lines.
 *
 * @param {Uint8Array} chunk
 * @returns {Generator<Uint8Array, void, void>} parts of the chunk's buffer
 */
export function* eachLine(chunk) {
  for (let at = 0; at < chunk.length; ) {
    const end = chunk.indexOf(LINE_END, at) + 1;
    yield chunk.subarray(at, end);
    at = end;
  }
}
