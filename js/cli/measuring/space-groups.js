// Divides the bytes of logs: by session, day, skill or field, and what belongs to none of them.

/** @import { LogIndex } from "../../index.js" */
/** @import { LineFields } from "./line-fields.js" */

/** The bytes of a group. `count`: entries, or values of a field. @typedef {{ name: string, count: number, bytes: number }} Space */

/**
 * The bytes of logs, all of them.
 *
 * @typedef {object} SpaceReport
 * @property {Space[]} groups
 * @property {number} structure braces, commas and blanks in lines, where fields are counted; else 0
 * @property {number} lineEnds line ends, and blank lines
 * @property {number} damage without the entries that were recovered
 * @property {number} pending
 * @property {number} bytes the sum of all
 */

const DAY = 86_400_000;

/** The bytes of lines that are read at once. */
const CHUNK_BYTES = 1 << 22;

/**
 * Returns the bytes of days or skills.
 *
 * @param {LogIndex} index
 * @param {"day" | "skill"} by
 * @returns {Space[]} days in their order, in UTC; the largest skills first
 */
export function groupsOf(index, by) {
  const lengths = index.column("length");
  const { codes, names } = by === "day" ? daysOf(index) : skillsOf(index);
  const groups = names.map((name) => ({ name, count: 0, bytes: 0 }));
  for (let row = 0; row < lengths.length; row += 1) {
    const group = groups[codes[row]];
    group.count += 1;
    group.bytes += lengths[row];
  }
  return by === "day" ? groups : largestFirst(groups);
}

/** @param {LogIndex} index */
function skillsOf(index) {
  const { codes, texts } = index.column("skill");
  return { codes, names: texts };
}

/** @param {LogIndex} index */
function daysOf(index) {
  const days = index.column("timestamp").map((time) => Math.floor(time / DAY));
  const sorted = [...new Set(days)].sort((a, b) => a - b);
  const codeOf = new Map(sorted.map((day, code) => [day, code]));
  return {
    codes: Uint32Array.from(days, (day) => Number(codeOf.get(day))),
    names: sorted.map((day) => new Date(day * DAY).toISOString().split("T")[0]),
  };
}

/**
 * Sorts groups in place.
 *
 * @template {{ name: string, bytes: number }} T
 * @param {T[]} groups
 */
export function largestFirst(groups) {
  return groups.sort((a, b) => b.bytes - a.bytes || (a.name < b.name ? -1 : 1));
}

/**
 * Returns what belongs to no entry.
 *
 * @param {LogIndex} index
 */
export function restOf(index) {
  const lengths = index.column("length");
  const recovered = index.column("recovered");
  let [entries, inDamage] = [0, 0];
  for (let row = 0; row < lengths.length; row += 1) {
    entries += lengths[row];
    if (recovered[row] === 1) inDamage += lengths[row];
  }
  let [bytes, pending] = [0, 0];
  for (const each of index.logs()) {
    bytes += each.bytes;
    pending += each.pending?.length ?? 0;
  }
  const damage = index.damage.reduce((sum, { length }) => sum + length, 0) - inDamage;
  return { lineEnds: bytes - entries - damage - pending, damage, pending, bytes };
}

/**
 * Counts the bytes of fields in the lines of a log.
 *
 * @param {LogIndex} index
 * @param {Uint32Array} rows those of the log, in its order
 * @param {(offset: number, length: number) => Buffer} read
 * @param {LineFields} fields
 * @param {(bytes: number) => Promise<void>} onBytes
 */
export async function addFields(index, rows, read, fields, onBytes) {
  const offsets = index.column("offset", rows);
  const lengths = index.column("length", rows);
  for (let first = 0, next = 0; first < rows.length; first = next) {
    const start = offsets[first];
    let end = start;
    while (
      next < rows.length &&
      (next === first || offsets[next] + lengths[next] - start <= CHUNK_BYTES)
    ) {
      end = offsets[next] + lengths[next];
      next += 1;
    }
    const bytes = read(start, end - start);
    for (let row = first; row < next; row += 1)
      fields.add(bytes, offsets[row] - start, offsets[row] - start + lengths[row]);
    await onBytes(bytes.length);
  }
}
