// What two readers find in the bytes of a log: the package, and one that parses line by line.

import { SessionLog } from "skill-log";

/**
 * What a reader finds.
 *
 * @typedef {object} Found
 * @property {string[]} entries the phase of each entry, in order
 * @property {number} refused lines that it could not read, or damaged lines
 */

/**
 * Reads as most programs do: it parses each line, and skips what does not parse.
 *
 * @param {Uint8Array} bytes
 * @returns {Found}
 */
export function readPlainly(bytes) {
  /** @type {Found} */
  const found = { entries: [], refused: 0 };
  for (const line of new TextDecoder().decode(bytes).split("\n")) {
    if (line === "") continue;
    try {
      found.entries.push(JSON.parse(line).phase);
    } catch {
      found.refused += 1;
    }
  }
  return found;
}

/**
 * Reads with the package.
 *
 * @param {Uint8Array} bytes
 * @returns {Promise<Found>}
 */
export async function readWithPackage(bytes) {
  /** @type {Found} */
  const found = { entries: [], refused: 0 };
  const log = await SessionLog.from(bytes);
  const onDamage = (/** @type {{ lines?: number }} */ { lines = 1 }) => (found.refused += lines);
  for await (const { phase = "" } of log.entries({ onDamage })) found.entries.push(phase);
  return found;
}
