// Canonical lines, many at a time: bytes go in and come out, and no entry becomes an object.

import { readBatches } from "./batches.js";
import { bytesAt, numbersAt } from "../wasm/core.js";

/** @import { LinesProgress, PlainBytes } from "../types.js" */
/** @import { DamagedLine, Source } from "../storage/storage.js" */
/** @import { Reading } from "./batches.js" */

/**
 * Lines from the core, and how many of them were changed so that every JSON parser reads them.
 *
 * @typedef {{ bytes: PlainBytes, lines: number, end: number, changed: LinesProgress["changed"] }}
 *   Lines
 */

/**
 * Copies lines out of the core.
 *
 * @param {{ lines_at(): number }} holder an object of the core
 * @returns {Lines}
 */
export function takeLines(holder) {
  const [at, length, lines, timestamps, invalidUtf8, loneSurrogates, end] = numbersAt(
    holder.lines_at(),
    7,
  );
  const changed = { timestamps, invalidUtf8, loneSurrogates };
  return { bytes: bytesAt(at, length).slice(), lines, end, changed };
}

/** Adds up what `onProgress` reports of lines. */
export class LinesSum {
  #onProgress;
  #lines = 0;
  #changed = { timestamps: 0, invalidUtf8: 0, loneSurrogates: 0 };

  /** @param {((progress: LinesProgress) => void) | undefined} onProgress */
  constructor(onProgress) {
    this.#onProgress = onProgress;
  }

  /**
   * Adds lines.
   *
   * @param {Lines} lines
   * @param {{ end?: number }} place where the last of them ends, if that is reported
   */
  add({ lines, changed }, place) {
    this.#lines += lines;
    this.#changed.timestamps += changed.timestamps;
    this.#changed.invalidUtf8 += changed.invalidUtf8;
    this.#changed.loneSurrogates += changed.loneSurrogates;
    this.#onProgress?.({ lines: this.#lines, ...place, changed: { ...this.#changed } });
  }
}

/**
 * Yields the canonical lines of the entries that start in a range, in the order of the file, as
 * many at a time as a chunk of the file has.
 *
 * @param {Source} source
 * @param {Reading} reading with the output `"lines"`
 * @param {(damage: DamagedLine) => void} onDamage
 * @param {((progress: LinesProgress) => void) | undefined} onProgress
 * @returns {AsyncGenerator<PlainBytes, void, void>}
 */
export async function* linesForwards(source, reading, onDamage, onProgress) {
  const sum = new LinesSum(onProgress);
  for await (const { written, damage } of readBatches(source, reading)) {
    for (const each of damage) if (each.offset < reading.to) onDamage(each);
    if (!written || written.lines === 0) continue;
    sum.add(written, { end: written.end });
    yield written.bytes;
  }
}
