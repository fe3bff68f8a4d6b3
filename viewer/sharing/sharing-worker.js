// The worker of sharing: looks at lines, and writes them as they go out.

import { markdownOf } from "./markdown.js";
import { sharedLine } from "./shared-line.js";

/** @import { Handling } from "./shared-line.js" */

/**
 * @typedef {"html" | "jsonl" | "markdown"} Format
 *
 * @typedef {object} Place of a secret
 * @property {number} at which of the shown entries it is, from 0
 * @property {string} field
 * @property {string} before the secret
 * @property {string} secret
 * @property {string} after the secret
 *
 * @typedef {object} Seen
 * @property {Map<string, { count: number, places: Place[] }>} families of secrets
 * @property {Map<string, { count: number, length: number }>} fields how many entries or attempts have
 *   each, and how long they are together in UTF-16 units
 */

/** How many places of a family are kept. */
const MOST_PLACES = 100;

/** How much of the text around a secret is kept, and of the secret, in UTF-16 units. */
const AROUND = 60;
const MOST_SECRET = 2000;

/** How many bytes are made to characters at a time: a function has so many arguments. */
const PIECE = 0x6000;

const decoder = new TextDecoder();
const encoder = new TextEncoder();

/** @type {Seen} */
const seen = { families: new Map(), fields: new Map() };
let count = 0;
/** How many secrets of each family were masked. @type {Record<string, number>} */
const masked = {};
/** What is not a group of three bytes yet. */
let rest = new Uint8Array();

const WORK = {
  /** @param {{ lines: Uint8Array }} given whole lines */
  look({ lines }) {
    for (const line of linesOf(lines)) {
      sharedLine(line, {
        isMasked: () => false,
        isLeftOut: () => false,
        onFound({ name, field, text, start, end }) {
          const family = seen.families.get(name) ?? { count: 0, places: [] };
          seen.families.set(name, family);
          family.count += 1;
          if (family.places.length >= MOST_PLACES) return;
          family.places.push({
            at: count,
            field,
            before: text.slice(Math.max(0, start - AROUND), start),
            secret: text.slice(start, Math.min(end, start + MOST_SECRET)),
            after: text.slice(end, end + AROUND),
          });
        },
        onField(name, length) {
          const field = seen.fields.get(name) ?? { count: 0, length: 0 };
          seen.fields.set(name, field);
          field.count += 1;
          field.length += length;
        },
      });
      count += 1;
    }
    return count;
  },

  seen: () => seen,

  /**
   * @param {{ lines: Uint8Array, format: Format, unmasked: string[], leftOut: string[] }} given
   * @returns {Uint8Array} as the format has them
   */
  write({ lines, format, unmasked, leftOut }) {
    /** @type {Handling} */
    const handling = {
      isMasked: (family) => !unmasked.includes(family),
      isLeftOut: (field) => leftOut.includes(field),
      onFound({ name }) {
        if (!unmasked.includes(name)) masked[name] = (masked[name] ?? 0) + 1;
      },
    };
    let text = "";
    for (const line of linesOf(lines)) {
      count += 1;
      const shared = sharedLine(line, handling);
      text += format === "markdown" ? markdownOf(shared, count) : `${shared}\n`;
    }
    const bytes = encoder.encode(text);
    return format === "html" ? base64(bytes, false) : bytes;
  },

  masked: () => masked,

  /** Returns the rest of what `write` returned as base64. */
  end: () => base64(new Uint8Array(), true),
};

/** @param {Uint8Array} lines */
function linesOf(lines) {
  return decoder.decode(lines).split("\n").filter(Boolean);
}

/**
 * Returns base64. Keeps what is no whole group for the next call.
 *
 * @param {Uint8Array} bytes
 * @param {boolean} isEnd
 */
function base64(bytes, isEnd) {
  const all = new Uint8Array(rest.length + bytes.length);
  all.set(rest);
  all.set(bytes, rest.length);
  const end = isEnd ? all.length : all.length - (all.length % 3);
  rest = all.slice(end);
  let text = "";
  for (let at = 0; at < end; at += PIECE)
    text += btoa(String.fromCharCode(...all.subarray(at, Math.min(at + PIECE, end))));
  return encoder.encode(text);
}

addEventListener("message", ({ data: { name, given } }) => {
  try {
    const work = /** @type {(given: any) => unknown} */ (
      WORK[/** @type {keyof typeof WORK} */ (name)]
    );
    postMessage({ result: work(given) });
  } catch (error) {
    postMessage({ failure: String(error instanceof Error ? error.message : error) });
  }
});
