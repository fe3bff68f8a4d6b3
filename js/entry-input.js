// Checks what append takes, and spells it as the JSON text that the core reads.
//
// One JSON.stringify a field, joined by hand, costs as much as one for the whole entry, and leaves no
// value to chance: JSON.stringify alone would drop functions and make null of NaN.

import { describe, SkillLogError } from "./errors.js";
import { RawJson } from "./raw-json.js";

/** @import { EntryInput } from "./types.js" */

const INT64_MAX = 2n ** 63n - 1n;
const INT64_MIN = -(2n ** 63n);

/**
 * @typedef {(value: any, field: string) => string} Spell gives a field's JSON text, or throws
 * @typedef {{ spell: Spell, required?: boolean }} Field
 */

/** @type {Record<string, Field>} */
const ATTEMPT = {
  attempt: { spell: integer, required: true },
  model: { spell: text, required: true },
  output_summary: { spell: text },
  runner_output: { spell: text },
  verified: { spell: boolean, required: true },
};

/** @type {Record<string, Field>} */
const ENTRY = {
  session_id: { spell: text, required: true },
  timestamp: { spell: timestamp },
  skill: { spell: text, required: true },
  phase: { spell: text },
  project_root: { spell: text },
  input: { spell: input },
  attempts: { spell: attempts },
  final_status: { spell: text, required: true },
  file_path: { spell: text },
  model_used: { spell: text },
  duration_ms: { spell: integer },
  message: { spell: text },
};

/**
 * Gives the JSON text of an entry, without `input` where that is raw, and the raw bytes.
 *
 * @param {EntryInput} entry
 * @param {string} [sessionId] the log's; taken where the entry names none
 * @returns {{ text: string, raw: Uint8Array | null }}
 */
export function entryText(entry, sessionId) {
  const given = object(entry, "entry", "entry", ENTRY);
  let members = "";
  if (sessionId !== undefined) {
    if (given.session_id !== undefined && given.session_id !== sessionId) {
      throw invalid("session_id", given.session_id, `the log's own, ${JSON.stringify(sessionId)}, or none`);
    }
    members = `,"session_id":${JSON.stringify(sessionId)}`;
  }
  if (given.timestamp === undefined) members += `,"timestamp":"${new Date().toISOString()}"`;
  const raw = RawJson.is(given.input) ? given.input.bytes : null;
  for (const name in ENTRY) {
    if (name === "session_id" && sessionId !== undefined) continue;
    if (name === "input" && raw) continue;
    members += member(given, name, ENTRY[name], "");
  }
  if (raw && !(raw instanceof Uint8Array && raw.length > 0)) {
    throw invalid("input.bytes", raw, "a Uint8Array that holds a JSON value");
  }
  return { text: `{${members.slice(1)}}`, raw };
}

/**
 * Gives the text of one member with a comma before it, or nothing where it is absent.
 *
 * @param {any} object
 * @param {string} name
 * @param {Field} field
 * @param {string} prefix of the field's full name
 */
function member(object, name, { spell, required }, prefix) {
  const value = object[name];
  if (value === undefined) {
    if (required) throw new SkillLogError("INVALID_ENTRY", `${prefix}${name}: missing, but required`, facts(`${prefix}${name}`, value, "a value"));
    return "";
  }
  const json = spell(value, `${prefix}${name}`);
  return json === "" ? "" : `,"${name}":${json}`;
}

/**
 * Checks that a value is an object whose properties the format knows.
 *
 * @param {any} value
 * @param {string} field
 * @param {string} noun
 * @param {Record<string, Field>} fields
 */
function object(value, field, noun, fields) {
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw invalid(field, value, "an object");
  for (const name of Object.keys(value)) {
    if (Object.hasOwn(fields, name)) continue;
    const plain = (/** @type {string} */ key) => key.replaceAll(/[^a-z]/gi, "").toLowerCase();
    const meant = Object.keys(fields).find((known) => plain(known) === plain(name));
    const full = field === "entry" ? name : `${field}.${name}`;
    const expected = meant ? `the property ${meant}` : `one of ${Object.keys(fields).join(", ")}`;
    const hint = meant ? `did you mean ${meant}?` : `known are ${Object.keys(fields).join(", ")}`;
    throw new SkillLogError("INVALID_ENTRY", `${full}: no property of an ${noun}; ${hint}`, facts(full, value[name], expected));
  }
  return value;
}

/** @type {Spell} */
function text(value, field) {
  if (typeof value !== "string") throw invalid(field, value, "a string");
  return JSON.stringify(value);
}

/** @type {Spell} */
function boolean(value, field) {
  if (typeof value !== "boolean") throw invalid(field, value, "true or false");
  return String(value);
}

/** @type {Spell} */
function integer(value, field) {
  if (Number.isSafeInteger(value)) return String(value);
  if (Number.isInteger(value)) value = BigInt(value);
  if (typeof value !== "bigint") throw invalid(field, value, "a whole number");
  if (value > INT64_MAX || value < INT64_MIN) throw invalid(field, value, "a whole number of 64 bits with a sign");
  return String(value);
}

/** @type {Spell} */
function timestamp(value, field) {
  if (value instanceof Date) {
    const time = value.getTime();
    // Years beyond four digits have no RFC 3339 form.
    if (Number.isNaN(time) || value.getUTCFullYear() < 0 || value.getUTCFullYear() > 9999) {
      throw invalid(field, value, "a valid Date from the year 0 to 9999");
    }
    return `"${value.toISOString()}"`;
  }
  if (typeof value !== "string") throw invalid(field, value, "a string with an RFC 3339 time, or a Date");
  return JSON.stringify(value);
}

/** @type {Spell} */
function attempts(value, field) {
  if (!Array.isArray(value)) throw invalid(field, value, "an array of objects");
  let elements = "";
  for (let index = 0; index < value.length; index += 1) {
    const name = `${field}[${index}]`;
    const attempt = object(value[index], name, "attempt", ATTEMPT);
    let members = "";
    for (const key in ATTEMPT) members += member(attempt, key, ATTEMPT[key], `${name}.`);
    elements += `,{${members.slice(1)}}`;
  }
  return `[${elements.slice(1)}]`;
}

/** @type {Spell} */
function input(value, field) {
  try {
    return JSON.stringify(value, refuseWhatJsonLacks) ?? "";
  } catch (error) {
    if (error instanceof Unfit) throw invalid(error.key === "" ? field : `${field}…${error.key}`, error.value, "what JSON can hold");
    const why = error instanceof RangeError ? "nested too deep" : error instanceof Error ? error.message.split("\n", 1)[0] : "not JSON";
    throw new SkillLogError("INVALID_ENTRY", `${field}: expected what JSON can hold: ${why}`, {
      ...facts(field, value, "what JSON can hold"),
      cause: error,
    });
  }
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
  switch (typeof value) {
    case "number":
      if (!Number.isFinite(value)) throw new Unfit(key, value);
      break;
    case "function":
    case "symbol":
    case "bigint":
      throw new Unfit(key, value);
    case "object":
      // What an invalid Date's own toJSON gives.
      if (value === null && this[key] instanceof Date) throw new Unfit(key, this[key]);
  }
  return value;
}

/**
 * @param {string} field
 * @param {unknown} got
 * @param {string} expected
 */
function facts(field, got, expected) {
  return { field, got: describe(got), expected };
}

/**
 * @param {string} field
 * @param {unknown} got
 * @param {string} expected
 */
function invalid(field, got, expected) {
  return new SkillLogError("INVALID_ENTRY", `${field}: expected ${expected}, got ${describe(got)}`, facts(field, got, expected));
}
