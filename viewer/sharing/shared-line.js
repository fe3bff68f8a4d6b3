// What goes out of an entry: its canonical line, without the fields that are left out, and with its
// secrets masked. Works on the strings that the line spells, so that numbers stay as they are.

import { findSecrets, maskFound } from "skill-log/secrets";

import { stringEnd } from "../entry/pretty-json.js";

/**
 * @typedef {object} Found a secret in an entry
 * @property {string} name of its family
 * @property {string} field the path of its string, such as `attempts[0].runner_output`
 * @property {string} text of the string
 * @property {number} start in the text
 * @property {number} end
 *
 * @typedef {object} Handling
 * @property {(family: string) => boolean} isMasked
 * @property {(field: string) => boolean} isLeftOut whether a field stays here: an entry's own, or
 *   `attempts.` and an attempt's
 * @property {(found: Found) => void} [onFound]
 * @property {(field: string, length: number) => void} [onField] how long each field is, in UTF-16 units
 */

/** The fields that an entry may lack; `attempts.…` are those of an attempt. */
export const OPTIONAL_FIELDS = [
  ...["phase", "project_root", "input", "attempts", "attempts.output_summary"],
  ...["attempts.runner_output", "file_path", "model_used", "duration_ms", "message"],
];

/** How deep a path is said. */
const DEEPEST = 12;

/**
 * Returns a line as it goes out.
 *
 * @param {string} line canonical, without its line end
 * @param {Handling} handling
 */
export function sharedLine(line, { isMasked, isLeftOut, onFound, onField }) {
  /** Where the text of the line was taken up to. */
  let taken = 0;
  let shared = "";
  /** @type {Level[]} */
  const levels = [];
  /** Where the comma or the bracket before the current member is. */
  let memberStart = 0;
  /** The depth of the member that is left out; 0: none is. */
  let leftDepth = 0;
  /** Where each field that is measured started, by depth. @type {number[]} */
  const starts = [];
  for (let at = 0; at < line.length; at += 1) {
    const level = levels.at(-1);
    switch (line[at]) {
      case "{":
        levels.push({ isArray: false, key: null, index: 0, name: null });
        memberStart = at;
        break;
      case "[":
        levels.push({ isArray: true, key: null, index: 0, name: nameOf(level, line, 0) });
        break;
      case "}":
      case "]":
      case ",": {
        if (!level) break;
        const isComma = line[at] === ",";
        const field = level.isArray ? null : fieldOf(levels);
        if (field !== null && level.key !== null) {
          onField?.(field, at - starts[levels.length]);
          if (leftDepth === levels.length) {
            leftDepth = 0;
            taken = at;
          }
        }
        if (!isComma) levels.pop();
        else if (level.isArray) level.index += 1;
        else {
          level.key = null;
          memberStart = at;
        }
        break;
      }
      case '"': {
        const end = stringEnd(line, at);
        const isKey = level !== undefined && !level.isArray && level.key === null;
        const raw = line.slice(at, end);
        if (isKey) {
          level.key = unquoted(raw);
          const field = fieldOf(levels);
          if (field !== null) {
            starts[levels.length] = at;
            if (leftDepth === 0 && isLeftOut(field)) {
              leftDepth = levels.length;
              shared += line.slice(taken, memberStart);
            }
          }
        } else if (level?.key && /^(?:name|key)$/i.test(level.key)) level.name = unquoted(raw);
        if (leftDepth === 0 && raw.length > 8) {
          const text = unquoted(raw);
          const name = isKey ? null : nameOf(level, line, end);
          const secrets = findSecrets(text, { name: name ?? undefined });
          for (const { name: family, start, end: secretEnd } of onFound ? secrets : [])
            onFound?.({ name: family, field: pathOf(levels, isKey), text, start, end: secretEnd });
          const masked = secrets.filter(({ name: family }) => isMasked(family));
          if (masked.length > 0) {
            shared += line.slice(taken, at) + quoted(maskFound(text, masked));
            taken = end;
          }
        }
        at = end - 1;
        break;
      }
    }
  }
  return shared + line.slice(taken);
}

/**
 * @typedef {object} Level an object or an array
 * @property {boolean} isArray
 * @property {string | null} key of the current member; null: none, or an array
 * @property {number} index of the current element
 * @property {string | null} name of an array's strings; of an object, what its member `name` or `key`
 *   holds
 */

/**
 * Returns what the string at a place is the value of: its member, or the member that its array is
 * in. A `value` is that of the `name` or `key` beside it.
 *
 * @param {Level | undefined} level
 * @param {string} line
 * @param {number} end of the value, where it is a string
 * @returns {string | null}
 */
function nameOf(level, line, end) {
  if (!level || level.isArray) return level?.name ?? null;
  if (level.key?.toLowerCase() !== "value") return level.key;
  const next = /,"(?:name|key)":"/iy;
  next.lastIndex = end;
  if (level.name !== null || !next.test(line)) return level.name ?? level.key;
  const start = next.lastIndex - 1;
  return unquoted(line.slice(start, stringEnd(line, start)));
}

/**
 * Returns the name of the entry's field whose member is the current one.
 *
 * @param {readonly Level[]} levels
 * @returns {string | null} null in `input`
 */
function fieldOf(levels) {
  if (levels.length === 1) return levels[0].key;
  const isAttempt = levels.length === 3 && levels[0].key === "attempts" && levels[1].isArray;
  return isAttempt ? `attempts.${levels[2].key}` : null;
}

/**
 * @param {readonly Level[]} levels
 * @param {boolean} isKey
 */
function pathOf(levels, isKey) {
  const named = isKey ? levels.slice(0, -1) : levels;
  const path = named
    .slice(0, DEEPEST)
    .map(({ isArray, key, index }) => (isArray ? `[${index}]` : `.${key?.slice(0, 60)}`))
    .join("");
  const rest = named.length > DEEPEST ? "…" : "";
  return `${isKey ? "a key of " : ""}${path.replace(/^\./, "")}${rest}`;
}

/** @param {string} raw */
function unquoted(raw) {
  return raw.includes("\\") ? /** @type {string} */ (JSON.parse(raw)) : raw.slice(1, -1);
}

/**
 * Returns a text as canonical lines spell it.
 *
 * @param {string} text
 */
function quoted(text) {
  return JSON.stringify(text).replace(
    /[<>&\u2028\u2029]/g,
    (found) => `\\u${found.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
