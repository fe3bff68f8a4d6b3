// The indexes of a server: that of all its logs, and those of the few logs that a client wants, which
// it does not have wait for all.

import { SkillLogError } from "../errors.js";
import { ServedIndex } from "./served-index.js";

/** @import { ManyLogs } from "../sessions/many-logs.js" */

/** The most indexes of a few logs, and the most rows of them all. The last one may have more. */
const MOST_PARTS = 32;
const MOST_ROWS = 2_000_000;

/**
 * The index of a few logs.
 *
 * @typedef {object} Part
 * @property {string} key what the ids are, in any order
 * @property {ServedIndex} index
 * @property {number} users how many answers use it
 */

export class ServedIndexes {
  #make;
  #whole;
  /** By name, those that were used last at the end. @type {Map<string, Part>} */
  #parts = new Map();

  /**
   * @param {(ids: ReadonlySet<string> | undefined, onFailure: (error: unknown, id: string) => void)
   *   => ManyLogs} logs makes the logs of an index
   */
  constructor(logs) {
    this.#make = (/** @type {ReadonlySet<string> | undefined} */ ids) =>
      new ServedIndex((onFailure) => logs(ids, onFailure), crypto.randomUUID());
    this.#whole = this.#make(undefined);
  }

  /**
   * Returns what opens a log of an index; undefined where none has it.
   *
   * @param {string} id
   */
  refOf(id) {
    let ref = this.#whole.refOf(id);
    for (const { index } of this.#parts.values()) ref ??= index.refOf(id);
    return ref;
  }

  /**
   * Refreshes an index, and yields what changed since a client asked: see `ServedIndex.changes`. A
   * few logs have an index of their own, unless the client has one of all logs.
   *
   * @param {string | null} after
   * @param {ReadonlySet<string> | undefined} ids
   * @param {AbortSignal} signal
   * @returns {AsyncGenerator<Uint8Array, void, void>}
   */
  async *changes(after, ids, signal) {
    const isOfAll = after !== null && this.#whole.revisionOf(after) !== null;
    if (!ids || isOfAll) yield* this.#whole.changes(after, ids, signal);
    else yield* this.#using(this.#partOf(ids), ({ index }) => index.changes(after, ids, signal));
  }

  /**
   * Searches the index that a cursor is of: see `ServedIndex.search`.
   *
   * @param {string | RegExp} text
   * @param {boolean} ignoreCase
   * @param {{ after: string, logs?: readonly number[] }} where
   * @param {AbortSignal} signal
   * @returns {AsyncGenerator<Uint8Array, void, void>}
   */
  async *search(text, ignoreCase, where, signal) {
    const { after } = where;
    if (this.#whole.revisionOf(after) !== null) {
      yield* this.#whole.search(text, ignoreCase, where, signal);
      return;
    }
    const part = [...this.#parts.values()].find(({ index }) => index.revisionOf(after) !== null);
    if (!part) throw new SkillLogError("REPLACED", "the server has no such index");
    yield* this.#using(part, ({ index }) => index.search(text, ignoreCase, where, signal));
  }

  /**
   * Returns the index of a few logs.
   *
   * @param {ReadonlySet<string>} ids
   */
  #partOf(ids) {
    const key = JSON.stringify([...ids].sort());
    return this.#parts.get(key) ?? { key, index: this.#make(ids), users: 0 };
  }

  /**
   * Keeps an index while an answer uses it, and afterwards while there is room.
   *
   * @param {Part} part
   * @param {(part: Part) => AsyncGenerator<Uint8Array, void, void>} answer
   */
  async *#using(part, answer) {
    part.users += 1;
    this.#parts.delete(part.key);
    this.#parts.set(part.key, part);
    try {
      yield* answer(part);
    } finally {
      part.users -= 1;
      this.#closeOld();
    }
  }

  #closeOld() {
    const parts = [...this.#parts.values()];
    let rows = parts.reduce((sum, { index }) => sum + index.length, 0);
    for (const { key, index, users } of parts.slice(0, -1)) {
      if (this.#parts.size <= MOST_PARTS && rows <= MOST_ROWS) break;
      if (users > 0) continue;
      rows -= index.length;
      this.#parts.delete(key);
      void index.close();
    }
  }

  /** Frees the indexes after what runs has ended. */
  async close() {
    const parts = [...this.#parts.values()];
    this.#parts.clear();
    await Promise.all(
      [this.#whole, ...parts.map(({ index }) => index)].map((each) => each.close()),
    );
  }
}
