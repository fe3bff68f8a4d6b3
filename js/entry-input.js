// Checks what append takes, and takes it apart: into the texts of an entry's fields, in the order in which the
// core takes them. They cross in one string. That is faster than one JSON.stringify of the entry, which the
// core would have to parse again, and than a crossing for each field.

import { isBytes, isDate, unboxed } from "./brands.js";
import { describe, SkillLogError } from "./errors.js";
import { RawJson } from "./raw-json.js";

/** @import { AttemptInput, EntryInput } from "./types.js" */

const INT64_MAX = 2n ** 63n - 1n;
const INT64_MIN = -(2n ** 63n);

/** Deeper values are left to the engine, which has a limit of its own. */
const PLAIN_DEPTH = 1000;

const ENTRY = new Set([
  "session_id",
  "timestamp",
  "skill",
  "phase",
  "project_root",
  "input",
  "attempts",
  "final_status",
  "file_path",
  "model_used",
  "duration_ms",
  "message",
]);

const ATTEMPT = new Set(["attempt", "model", "output_summary", "runner_output", "verified"]);

/**
 * Gives the texts of an entry's fields, in the order of `entry_of` in src/wasm.rs: eleven of the entry itself, then
 * five for each attempt. What is absent is empty; so is `input` where it is raw.
 *
 * @param {EntryInput} entry
 * @param {string} [sessionId] the log's; taken where the entry names none
 * @returns {{ fields: string[], raw: Uint8Array | null, isPlain: boolean }} `isPlain` where the engine alone has spelled
 *   `input`, and not too deep: there is nothing in it to be checked
 */
export function entryFields(entry, sessionId) {
  checkNames(entry, ENTRY, "entry", -1);
  const { attempts, duration_ms, input } = entry;
  const raw = RawJson.is(input) ? rawBytes(input) : null;
  const isPlain = raw === null && isPlainInput(input);
  const fields = [
    sessionIdText(entry.session_id, sessionId),
    timestampText(entry.timestamp),
    text(entry.skill, "skill", -1),
    optionalText(entry.phase, "phase", -1),
    optionalText(entry.project_root, "project_root", -1),
    raw || input === undefined ? "" : inputText(input, isPlain),
    text(entry.final_status, "final_status", -1),
    optionalText(entry.file_path, "file_path", -1),
    optionalText(entry.model_used, "model_used", -1),
    duration_ms === undefined ? "" : integerText(duration_ms, "duration_ms", -1),
    optionalText(entry.message, "message", -1),
  ];
  if (attempts === undefined) return { fields, raw, isPlain };
  if (!Array.isArray(attempts)) throw invalid("attempts", attempts, "an array of objects");
  for (let index = 0; index < attempts.length; index += 1) {
    /** @type {AttemptInput} */
    const attempt = attempts[index];
    checkNames(attempt, ATTEMPT, "attempt", index);
    fields.push(
      integerText(attempt.attempt, "attempt", index),
      text(attempt.model, "model", index),
      optionalText(attempt.output_summary, "output_summary", index),
      optionalText(attempt.runner_output, "runner_output", index),
      booleanText(attempt.verified, "verified", index),
    );
  }
  return { fields, raw, isPlain };
}

/**
 * Makes an error of what the core found wrong with an entry, the little that only it can tell.
 *
 * @param {EntryInput} entry
 * @param {string | undefined} field
 * @param {string} reason
 */
export function refusedEntry(entry, field, reason) {
  if (field === "timestamp") return invalid("timestamp", entry.timestamp, TIMESTAMP);
  return notJson(entry.input, reason);
}

/**
 * Refuses what is no object, and properties that the format does not know.
 *
 * @param {any} object
 * @param {Set<string>} known
 * @param {string} noun
 * @param {number} index of the attempt; -1 for the entry
 */
function checkNames(object, known, noun, index) {
  if (typeof object !== "object" || object === null || Array.isArray(object)) {
    throw invalid(index < 0 ? noun : `attempts[${index}]`, object, "an object");
  }
  for (const name of Object.keys(object)) {
    if (known.has(name)) continue;
    const letters = (/** @type {string} */ key) => key.replaceAll(/[^a-z]/gi, "").toLowerCase();
    const names = [...known];
    const meant = names.find((each) => letters(each) === letters(name));
    const hint = meant ? `did you mean ${meant}?` : `known are ${names.join(", ")}`;
    const expected = meant ? `the property ${meant}` : `one of ${names.join(", ")}`;
    const field = fieldName(name, index);
    throw new SkillLogError("INVALID_ENTRY", `${field}: no property of an ${noun}; ${hint}`, facts(field, object[name], expected));
  }
}

/**
 * @param {any} value
 * @param {string | undefined} sessionId
 */
function sessionIdText(value, sessionId) {
  if (sessionId === undefined) return text(value, "session_id", -1);
  if (value === undefined || value === sessionId) return sessionId;
  throw invalid("session_id", value, `the log's own, ${JSON.stringify(sessionId)}, or none`);
}

const TIMESTAMP = "a string with an RFC 3339 time, or a Date";

/** @param {any} value */
function timestampText(value) {
  if (typeof value === "string") return value;
  if (value === undefined) return new Date().toISOString();
  if (!isDate(value)) throw invalid("timestamp", value, TIMESTAMP);
  // Years beyond four digits have no RFC 3339 form; an invalid Date has no year.
  const year = value.getUTCFullYear();
  if (!(year >= 0 && year <= 9999)) throw invalid("timestamp", value, "a valid Date from the year 0 to 9999");
  return value.toISOString();
}

/**
 * @param {any} value
 * @param {string} name
 * @param {number} index
 */
function text(value, name, index) {
  if (typeof value === "string") return value;
  throw value === undefined ? missing(name, index) : invalid(fieldName(name, index), value, "a string");
}

/**
 * @param {any} value
 * @param {string} name
 * @param {number} index
 */
function optionalText(value, name, index) {
  return value === undefined ? "" : text(value, name, index);
}

/**
 * @param {any} value
 * @param {string} name
 * @param {number} index
 */
function integerText(value, name, index) {
  if (Number.isSafeInteger(value)) return String(value);
  if (value === undefined) throw missing(name, index);
  const exact = Number.isInteger(value) ? BigInt(value) : value;
  if (typeof exact !== "bigint") throw invalid(fieldName(name, index), value, "a whole number");
  if (exact > INT64_MAX || exact < INT64_MIN) throw invalid(fieldName(name, index), value, "a whole number of 64 bits with a sign");
  return String(exact);
}

/**
 * @param {any} value
 * @param {string} name
 * @param {number} index
 */
function booleanText(value, name, index) {
  if (typeof value === "boolean") return value ? "true" : "false";
  throw value === undefined ? missing(name, index) : invalid(fieldName(name, index), value, "true or false");
}

/** @param {RawJson} raw */
function rawBytes({ bytes }) {
  // Somebody may have set another value.
  if (!isBytes(bytes) || bytes.length === 0) throw invalid("input.bytes", bytes, "a Uint8Array that holds a JSON value");
  return bytes;
}

/**
 * Tells whether JSON.stringify spells a value without a look at each part, which takes half as long again.
 *
 * @param {unknown} value
 */
function isPlainInput(value) {
  try {
    return isPlainJson(value, []);
  } catch {
    // A getter threw: so it will again, where it is reported.
    return false;
  }
}

/**
 * @param {unknown} value
 * @param {boolean} isPlain
 * @returns {string}
 */
function inputText(value, isPlain) {
  try {
    if (isPlain) return JSON.stringify(value);
    return JSON.stringify(value, refuseWhatJsonLacks) ?? "";
  } catch (error) {
    if (error instanceof Unfit) throw invalid(error.key === "" ? "input" : `input…${error.key}`, error.value, "what JSON can hold");
    const reason = error instanceof RangeError ? (error.message.includes("string length") ? "longer than a string can be" : "nested too deep") : error instanceof Error ? error.message.split("\n", 1)[0] : "not JSON";
    throw notJson(value, reason, error);
  }
}

/**
 * Tells whether a value is made of plain objects, arrays, strings, booleans, null and finite numbers alone, and is
 * nowhere a part of itself.
 *
 * @param {any} value
 * @param {object[]} around the objects and arrays it is a part of
 */
function isPlainJson(value, around) {
  switch (typeof value) {
    case "string":
    case "boolean":
      return true;
    case "number":
      return Number.isFinite(value);
    case "object":
      break;
    default:
      return false;
  }
  if (value === null) return true;
  if (around.length === PLAIN_DEPTH || around.includes(value) || typeof value.toJSON === "function") return false;
  around.push(value);
  if (Array.isArray(value)) {
    for (let index = 0; index < value.length; index += 1) if (!isPlainJson(value[index], around)) return false;
  } else {
    const prototype = Object.getPrototypeOf(value);
    if (prototype !== Object.prototype && prototype !== null) return false;
    for (const key of Object.keys(value)) if (!isPlainJson(value[key], around)) return false;
  }
  around.pop();
  return true;
}

/** A value that JSON.stringify would drop or turn into null. */
class Unfit extends Error {
  /**
   * @param {string} key
   * @param {unknown} value
   */
  constructor(key, value) {
    super();
    this.key = key;
    this.value = value;
  }
}

/**
 * @this {any}
 * @param {string} key
 * @param {unknown} value
 */
function refuseWhatJsonLacks(key, value) {
  const plain = unboxed(value);
  switch (typeof plain) {
    case "number":
      if (!Number.isFinite(plain)) throw new Unfit(key, plain);
      break;
    case "function":
    case "symbol":
    case "bigint":
      throw new Unfit(key, plain);
    case "object":
      // What an invalid Date's own toJSON gives.
      if (value === null && isDate(this[key])) throw new Unfit(key, this[key]);
  }
  return value;
}

/**
 * @param {string} name
 * @param {number} index
 */
function fieldName(name, index) {
  return index < 0 ? name : `attempts[${index}].${name}`;
}

/**
 * @param {string} name
 * @param {number} index
 */
function missing(name, index) {
  const field = fieldName(name, index);
  return new SkillLogError("INVALID_ENTRY", `${field}: missing, but required`, facts(field, undefined, "a value"));
}

/**
 * @param {unknown} input
 * @param {string} reason
 * @param {unknown} [cause]
 */
function notJson(input, reason, cause) {
  const expected = "what JSON can hold";
  return new SkillLogError("INVALID_ENTRY", `input: expected ${expected}: ${reason}`, { ...facts("input", input, expected), cause });
}

/**
 * @param {string} field
 * @param {unknown} got
 * @param {string} expected
 */
function invalid(field, got, expected) {
  return new SkillLogError("INVALID_ENTRY", `${field}: expected ${expected}, got ${describe(got)}`, facts(field, got, expected));
}

/**
 * @param {string} field
 * @param {unknown} got
 * @param {string} expected
 */
function facts(field, got, expected) {
  return { field, got: describe(got), expected };
}
