// What a client is shown of entries: with --redact, none of the secrets in them that have a known
// shape.

import { decode, places } from "../../index.js";
import { canonicalBytes } from "../canonical.js";
import { Redacted } from "../selection/redacted.js";
import { RefusedCall } from "./refused-call.js";

/** @import { LogIndex } from "../../index.js" */
/** @import { Entry, PlacesOptions } from "../../types.js" */

/** A longer line is not decoded whole, and so secrets in it are not found. */
export const MOST_DECODED = 64 << 20;

/** The texts of entries that may be shown. */
export class ShownTexts {
  #redacted;

  /** @param {boolean} redact */
  constructor(redact) {
    this.#redacted = new Redacted({ redact });
  }

  /**
   * Returns the canonical line of an entry, without its line end.
   *
   * @param {LogIndex} index
   * @param {number} row
   * @returns {Promise<Uint8Array>}
   */
  async lineOf(index, row) {
    const bytes = await lineOf(index, row);
    if (!this.#redacted.isNeeded) return bytes;
    return canonicalBytes(await this.#entryOf(bytes)).subarray(0, -1);
  }

  /**
   * Returns the texts of a row, and where a text stands in its entry.
   *
   * @param {LogIndex} index
   * @param {number} row
   * @param {Record<string, unknown>} facts of the row
   * @param {string | undefined} text
   * @param {PlacesOptions} options
   * @returns {Promise<{ facts: Record<string, unknown>, found: Awaited<ReturnType<LogIndex["places"]>> | undefined } | null>}
   *   null when the text stands only in what is not shown
   */
  async matchOf(index, row, facts, text, options) {
    if (!this.#redacted.isNeeded)
      return {
        facts,
        found: text === undefined ? undefined : await index.places(row, text, options),
      };
    const shown = await this.factsOf(facts);
    if (text === undefined) return { facts: shown, found: undefined };
    const bytes = await lineOf(index, row);
    if (bytes.length > MOST_DECODED) return { facts: shown, found: undefined };
    const found = places(await this.#entryOf(bytes), text, options);
    // Otherwise, a secret could be found out by searching for its parts.
    return found.length === 0 ? null : { facts: shown, found };
  }

  /**
   * Returns facts of an entry without secrets in their texts.
   *
   * @param {Record<string, unknown>} facts
   */
  async factsOf(facts) {
    const shown = { ...facts };
    for (const [name, value] of Object.entries(facts))
      if (typeof value === "string")
        shown[name] = (await this.#redacted.entryOf({ message: value })).message;
    return shown;
  }

  /** @param {Uint8Array} bytes of a line */
  async #entryOf(bytes) {
    if (bytes.length > MOST_DECODED)
      throw new RefusedCall(
        `the entry has ${bytes.length} bytes, and entries of more than 64 MiB are not shown, because secrets in them are not looked for`,
      );
    return this.#redacted.entryOf(/** @type {Entry} */ (decode(bytes, { input: "raw" })));
  }
}

/**
 * Returns the canonical line of an entry, without its line end.
 *
 * @param {LogIndex} index
 * @param {number} row
 */
async function lineOf(index, row) {
  /** @type {Uint8Array[]} */
  const chunks = [];
  for await (const chunk of index.lines([row])) chunks.push(chunk);
  return (chunks.length === 1 ? chunks[0] : Buffer.concat(chunks)).subarray(0, -1);
}
