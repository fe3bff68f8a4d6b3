// The text of an answer: one JSON object with a list, within a number of bytes.

import { cutText } from "./cut-text.js";
import { jsonText } from "../json-text.js";

/** @import { Damage } from "../../types.js" */

/** The bytes that are kept free for what an answer says after its list. */
const REST_BYTES = 6 << 10;

/** The most logs that cannot be read, and places of damage, that an answer names. */
const MOST_NAMED = 3;
const MOST_PLACES = 8;

/** The most UTF-16 units of a name there, and of a reason. */
const MOST_NAME = 100;
const MOST_REASON = 160;

/** An answer that is made. */
export class Answer {
  #most;
  #limit;
  #bytes = 0;
  #head;
  #name;
  /** @type {string[]} */
  #items = [];

  /**
   * @param {string} name of the list
   * @param {Record<string, unknown>} head what stands before the list
   * @param {{ max_bytes: number, limit: number }} size
   */
  constructor(name, head, { max_bytes, limit }) {
    this.#name = name;
    this.#head = jsonText(head).slice(1, -1);
    this.#most = max_bytes;
    this.#limit = limit;
    this.#bytes = Buffer.byteLength(this.#head) + name.length + 16;
  }

  /** How many items the list has. */
  get length() {
    return this.#items.length;
  }

  /** Whether the list has as many items as were wanted. */
  get isFull() {
    return this.#items.length >= this.#limit;
  }

  /** The bytes that an item may have. */
  get room() {
    return this.#most - REST_BYTES - this.#bytes;
  }

  /**
   * Adds an item, if there is room for it.
   *
   * @param {string} json
   * @returns {boolean} whether it was added
   */
  add(json) {
    // And the comma and the line end before it.
    const bytes = Buffer.byteLength(json) + 2;
    if (this.isFull || bytes > this.room) return false;
    this.#items.push(json);
    this.#bytes += bytes;
    return true;
  }

  /**
   * Returns the text.
   *
   * @param {Record<string, unknown>} rest what stands after the list; a member that is undefined is
   *   left out
   */
  text(rest) {
    const before = this.#head === "" ? "" : `${this.#head},\n`;
    const list = this.#items.length === 0 ? "[]" : `[\n${this.#items.join(",\n")}\n]`;
    const after = jsonText(rest).slice(1, -1);
    return `{${before}${JSON.stringify(this.#name)}:${list}${after === "" ? "" : `,\n${after}`}}`;
  }
}

/**
 * Returns the first of what is to be named, and how many more there are.
 *
 * @template T
 * @template Named
 * @param {readonly T[]} all
 * @param {number} most
 * @param {(each: T) => Named} name
 */
function firstOf(all, most, name) {
  if (all.length === 0) return undefined;
  const more = all.length - most;
  return { first: all.slice(0, most).map(name), ...(more > 0 && { more }) };
}

/**
 * Names damage.
 *
 * @param {readonly Damage[]} damage of one log
 */
export function damagedPlaces(damage) {
  return firstOf(damage, MOST_PLACES, ({ reason, doubtful, session: _, ...facts }) => ({
    ...facts,
    reason: reasonText(reason),
    doubtful_entries: doubtful?.length,
  }));
}

/**
 * Returns why something could not be read.
 *
 * @param {unknown} error or a reason
 */
export function reasonText(error) {
  return cutText(error instanceof Error ? error.message : String(error), MOST_REASON);
}

/**
 * Names what could not be read.
 *
 * @param {Iterable<[name: string, error: unknown]>} failures
 */
export function unreadable(failures) {
  return firstOf([...failures], MOST_NAMED, ([name, error]) => ({
    name: cutText(name, MOST_NAME),
    reason: reasonText(error),
  }));
}
