// Builds entries from the core's tape. src/wasm/tape.rs defines its words.

import { RawJson } from "./raw-json.js";
import { asciiAt, bytesAt, textAt, wordsAt } from "../wasm/core.js";

/** @import { Attempt, Entry, Integers } from "../types.js" */

/**
 * An object of the core that has a tape. Returns where in the core's memory the tape's words, text
 * and raw bytes are.
 *
 * @typedef {{ words_at(): number, text_at(): number, raw_at(): number }} TapeHolder
 */

const PHASE = 1 << 0;
const PROJECT_ROOT = 1 << 1;
const INPUT = 1 << 2;
const ATTEMPTS = 1 << 3;
const FILE_PATH = 1 << 4;
const MODEL_USED = 1 << 5;
const DURATION_MS = 1 << 6;
const MESSAGE = 1 << 7;
const ASCII = 1 << 8;

const OUTPUT_SUMMARY = 1 << 0;
const RUNNER_OUTPUT = 1 << 1;
const VERIFIED = 1 << 2;

const LITERAL = 0;
const STRING = 1;
const NUMBER = 2;
const SMALL = 3;
const BEGIN = 4;
const END = 5;
const JSON_TEXT = 6;

const LITERALS = [null, false, true];

// The state of the builder. Nothing calls into the core meanwhile, so the views stay valid.
let words = new Uint32Array(0);
let at = 0;
let text = "";
let textStart = 0;
let raw = 0;
let isRounded = false;

/**
 * Builds the entries of a tape.
 *
 * @param {TapeHolder} holder
 * @param {number} count
 * @param {Integers} [integers]
 * @returns {Entry[]}
 */
export function entriesOf(holder, count, integers) {
  isRounded = integers === "number";
  words = wordsAt(holder.words_at());
  at = 0;
  let nextText = holder.text_at();
  raw = holder.raw_at();
  const entries = [];
  for (let index = 0; index < count; index += 1) {
    const members = words[at++];
    const length = words[at++];
    text = members & ASCII ? asciiAt(nextText, length) : textAt(nextText, length);
    textStart = 0;
    nextText += length;
    entries.push(entry(members));
  }
  text = "";
  return entries;
}

/** @param {number} members */
function entry(members) {
  /** @type {any} */
  const entry = {
    session_id: string(words[at++]),
    timestamp: string(words[at++]),
    skill: string(words[at++]),
  };
  if (members & PHASE) entry.phase = string(words[at++]);
  if (members & PROJECT_ROOT) entry.project_root = string(words[at++]);
  if (members & INPUT) entry.input = value();
  if (members & ATTEMPTS) entry.attempts = attempts();
  entry.final_status = string(words[at++]);
  if (members & FILE_PATH) entry.file_path = string(words[at++]);
  if (members & MODEL_USED) entry.model_used = string(words[at++]);
  if (members & DURATION_MS) entry.duration_ms = integer();
  if (members & MESSAGE) entry.message = string(words[at++]);
  return entry;
}

function attempts() {
  /** @type {Attempt[]} */
  const attempts = [];
  for (let left = words[at++]; left > 0; left -= 1) {
    const members = words[at++];
    /** @type {any} */
    const attempt = { attempt: integer(), model: string(words[at++]) };
    if (members & OUTPUT_SUMMARY) attempt.output_summary = string(words[at++]);
    if (members & RUNNER_OUTPUT) attempt.runner_output = string(words[at++]);
    attempt.verified = (members & VERIFIED) !== 0;
    attempts.push(attempt);
  }
  return attempts;
}

/** @param {number} length in UTF-16 units */
function string(length) {
  const start = textStart;
  textStart += length;
  return text.slice(start, textStart);
}

/** Builds an integer: a bigint beyond ±2^53, or a number that is rounded there. */
function integer() {
  const low = words[at++];
  const high = words[at++] | 0;
  // Only the addition rounds, so the sum is what JSON.parse returns.
  const number = high * 0x1_0000_0000 + low;
  return isRounded || Number.isSafeInteger(number) ? number : (BigInt(high) << 32n) | BigInt(low);
}

/** Builds a JSON value. Uses no recursion, because values are nested up to 9,999 deep. */
function value() {
  /** @type {any[]} */
  const outer = [];
  /** @type {any} */
  let container;
  /** @type {string | undefined} */
  let key;
  for (;;) {
    const word = words[at++];
    const number = word >>> 3;
    let built;
    switch (word & 7) {
      case STRING:
        built = string(number);
        if (container !== undefined && key === undefined && !Array.isArray(container)) {
          key = built;
          continue;
        }
        break;
      case LITERAL:
        built = LITERALS[number];
        break;
      case SMALL:
        built = number;
        break;
      case NUMBER:
        built = Number(string(number));
        break;
      case BEGIN:
        outer.push(container, key);
        container = number === 1 ? {} : [];
        key = undefined;
        continue;
      case END:
        built = container;
        key = outer.pop();
        container = outer.pop();
        break;
      case JSON_TEXT:
        built = JSON.parse(string(number));
        break;
      default: {
        const length = words[at++];
        built = RawJson.fromCheckedBytes(bytesAt(raw, length).slice());
        raw += length;
      }
    }
    if (container === undefined) return built;
    if (Array.isArray(container)) {
      container.push(built);
      continue;
    }
    const name = /** @type {string} */ (key);
    // An assignment would set the prototype. JSON.parse makes a member.
    if (name === "__proto__")
      Object.defineProperty(container, name, {
        value: built,
        writable: true,
        enumerable: true,
        configurable: true,
      });
    else container[name] = built;
    key = undefined;
  }
}
