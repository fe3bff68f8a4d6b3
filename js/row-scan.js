// Reads a file for an index that is in another thread.

import { LogIndex as Core } from "../dist/skill_log.js";
import { asking, takeDamage } from "./log-reader.js";
import { chunksOf } from "./storage/source.js";
import { bytesAt, giveBack } from "./wasm.js";

/** @import { DamagedLine } from "./log-reader.js" */
/** @import { Source } from "./storage/source.js" */

/**
 * What a chunk of the file gave: rows, for the core of the index; damaged lines; and offset and length of the bytes so far that are no
 * line yet.
 *
 * @typedef {{ rows: Uint8Array<ArrayBuffer>, damage: DamagedLine[], rest: [number, number], isLast: boolean }} RowBatch
 */

export class RowScan {
  #source;
  #core = new Core();
  #chunks;

  /**
   * @param {Source} source
   * @param {readonly number[]} state of the index, as its core tells it
   * @param {number} maxLineBytes
   */
  constructor(source, [position, lines, isProvisional], maxLineBytes) {
    this.#source = source;
    this.#core.resume(position, lines, isProvisional === 1);
    this.#core.begin(maxLineBytes);
    this.#chunks = chunksOf(source, position, Infinity);
  }

  /** @returns {Promise<RowBatch | null>} null behind the end of the file */
  async next() {
    const { value: chunk } = await this.#chunks.next();
    if (!chunk) return null;
    const core = this.#core;
    const { bytes, isLast } = chunk;
    const rows = asking(this.#source, () => {
      bytesAt(core.space(bytes.length), bytes.length).set(bytes);
      core.read(isLast);
      return /** @type {Uint8Array<ArrayBuffer>} */ (core.take_rows());
    });
    const [offset, length] = core.rest();
    return { rows, damage: [...takeDamage(core, 0)], rest: [offset, length], isLast };
  }

  /** Gives back what is held. */
  async end() {
    // A read that goes on may take as long as a network does.
    this.#source.cancel?.();
    await this.#chunks.return();
    await this.#source.close();
    giveBack(() => this.#core.free());
  }
}
