// What every storage needs to make a log of given bytes.

import { SkillLogError } from "../errors.js";

/**
 * Makes the error of a new log whose name is taken.
 *
 * @param {string} path
 */
export function logExists(path) {
  return new SkillLogError("EXISTS", `${path}: there is a log already, which stays`, { path });
}

/** The bytes of a new log. Tells errors of whoever gives them from those of the storage. */
export class GivenChunks {
  #chunks;
  /** @type {{ error: unknown } | null} */
  #failure = null;

  /** @param {AsyncIterable<Uint8Array>} chunks */
  constructor(chunks) {
    this.#chunks = chunks;
  }

  async *[Symbol.asyncIterator]() {
    try {
      yield* this.#chunks;
    } catch (error) {
      this.#failure = { error };
      throw error;
    }
  }

  /** Whether the chunks could not be given because of an error. @param {unknown} error */
  threw(error) {
    return this.#failure?.error === error;
  }
}
