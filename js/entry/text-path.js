// Where a text is in an entry: `message`, `attempts[0].runner_output`, `input.env.PATH`.

/**
 * Changes the texts of an entry before they are encoded. A path is given in two parts, because most
 * texts stay as they are, and need none.
 *
 * @typedef {object} TextFilter
 * @property {(text: string, outer: string, key: string | number) => string} text returns what is
 *   written instead of a text
 * @property {(keys: string[], path: string) => string[]} keys returns what is written instead of the
 *   keys of an object: as many, and no two of them the same
 */

/** The most UTF-16 units of a path that another part is added to. */
const LONGEST_PATH = 400;

/** The most UTF-16 units of a key in a path. */
const LONGEST_KEY = 100;

/** The most parts of paths that are kept. */
const PARTS = 1_000;

/** Earlier keys, because entries have few different ones, as parts of a path. @type {Map<string, string>} */
const parts = new Map();

/**
 * Returns the path of a value. Ends it with `…` where it is long, so that a value which is nested
 * deep has no long path at each level.
 *
 * @param {string} outer the path of the object or array around the value; empty for a field
 * @param {string | number} key
 */
export function pathOf(outer, key) {
  if (outer === "") return String(key);
  if (outer.length > LONGEST_PATH) return outer.endsWith("…") ? outer : `${outer}…`;
  return outer + (typeof key === "number" ? `[${key}]` : partOf(key));
}

/** @param {string} key */
function partOf(key) {
  const known = parts.get(key);
  if (known !== undefined) return known;
  if (key.length > LONGEST_KEY) return partOf(`${key.slice(0, LONGEST_KEY - 1)}…`);
  const part = /^[\p{L}_$][\p{L}\p{N}_$\u2026-]*$/u.test(key)
    ? `.${key}`
    : `[${JSON.stringify(key)}]`;
  if (parts.size === PARTS) parts.clear();
  parts.set(key, part);
  return part;
}
