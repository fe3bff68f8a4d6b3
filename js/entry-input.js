// Checks what append takes, and spells it as the JSON text that the core reads.
//
// One JSON.stringify of the whole entry is the fastest way there is, but it drops functions, makes null of
// NaN and calls toJSON. So each value is looked at first; those that are not plainly what the format holds
// are spelled one by one, or refused, and given to the core as members of their own.

import { describe, SkillLogError } from "./errors.js";
import { RawJson } from "./raw-json.js";

/** @import { EntryInput } from "./types.js" */

const INT64_MAX = 2n ** 63n - 1n;
const INT64_MIN = -(2n ** 63n);

/** Deeper values are left to the engine, which has a limit of its own and finds cycles. */
const PLAIN_DEPTH = 50;

/**
 * @typedef {object} Field
 * @property {(value: any) => boolean} isPlain whether JSON.stringify spells the value as the format does
 * @property {(value: any, name: string) => string} spell gives the JSON text of any other value, or throws
 * @property {boolean} [required]
 */

/** @typedef {{ noun: string, fields: Map<string, Field>, required: number }} Shape */

const text = { isPlain: (/** @type {any} */ value) => typeof value === "string", spell: refuse("a string") };
const boolean = { isPlain: (/** @type {any} */ value) => typeof value === "boolean", spell: refuse("true or false") };
const integer = { isPlain: Number.isSafeInteger, spell: spellInteger };

const ATTEMPT = shape("attempt", {
  attempt: { ...integer, required: true },
  model: { ...text, required: true },
  output_summary: text,
  runner_output: text,
  verified: { ...boolean, required: true },
});

const ENTRY = shape("entry", {
  // Required of encode alone: see entryText.
  session_id: text,
  timestamp: { ...text, spell: spellTimestamp },
  skill: { ...text, required: true },
  phase: text,
  project_root: text,
  input: { isPlain: (value) => isPlainJson(value, PLAIN_DEPTH), spell: spellInput },
  attempts: { isPlain: areAttemptsPlain, spell: spellAttempts },
  final_status: { ...text, required: true },
  file_path: text,
  model_used: text,
  duration_ms: integer,
  message: text,
});

/**
 * @param {string} noun
 * @param {Record<string, Field>} fields
 * @returns {Shape}
 */
function shape(noun, fields) {
  return { noun, fields: new Map(Object.entries(fields)), required: Object.values(fields).filter((field) => field.required).length };
}

/**
 * Gives the JSON text of an entry, without `input` where that is raw, and the raw bytes.
 *
 * @param {EntryInput} entry
 * @param {string} [sessionId] the log's; taken where the entry names none
 * @returns {{ text: string, raw: Uint8Array | null }}
 */
export function entryText(entry, sessionId) {
  if (!isObject(entry)) throw invalid("entry", entry, "an object");
  let members = "";
  if (entry.session_id === undefined) {
    if (sessionId === undefined) throw missing("session_id");
    members = `,"session_id":${JSON.stringify(sessionId)}`;
  } else if (sessionId !== undefined && entry.session_id !== sessionId) {
    throw invalid("session_id", entry.session_id, `the log's own, ${JSON.stringify(sessionId)}, or none`);
  }
  if (entry.timestamp === undefined) members += `,"timestamp":"${new Date().toISOString()}"`;
  const raw = RawJson.is(entry.input) ? entry.input.bytes : null;
  if (raw === null) return { text: spellObject(entry, ENTRY, "", members), raw };
  if (!(raw instanceof Uint8Array && raw.length > 0)) throw invalid("input.bytes", raw, "a Uint8Array that holds a JSON value");
  return { text: spellObject({ ...entry, input: undefined }, ENTRY, "", members), raw };
}

/**
 * Gives the JSON text of an object of a known shape.
 *
 * @param {any} object
 * @param {Shape} shape
 * @param {string} prefix of its fields' full names
 * @param {string} members to begin with, each with a comma before it
 */
function spellObject(object, shape, prefix, members) {
  let plain = object;
  let required = 0;
  for (const name of Object.keys(object)) {
    const field = shape.fields.get(name);
    if (!field) throw unknown(name, object[name], shape, prefix);
    const value = object[name];
    if (value === undefined) continue;
    if (field.required) required += 1;
    if (field.isPlain(value)) continue;
    const json = field.spell(value, prefix + name);
    if (json !== "") members += `,"${name}":${json}`;
    plain = { ...plain, [name]: undefined };
  }
  if (required < shape.required) {
    for (const [name, field] of shape.fields) {
      if (field.required && (!Object.hasOwn(object, name) || object[name] === undefined)) throw missing(prefix + name);
    }
  }
  if (typeof plain.toJSON === "function") plain = { ...plain };
  const json = JSON.stringify(plain);
  if (members === "") return json;
  return json === "{}" ? `{${members.slice(1)}}` : `{${members.slice(1)},${json.slice(1)}`;
}

/**
 * Tells whether an object has the members that its shape asks for, and JSON.stringify spells it as it is.
 *
 * @param {any} object
 * @param {Shape} shape
 */
function isPlainObject(object, shape) {
  if (!isObject(object) || typeof object.toJSON === "function") return false;
  let required = 0;
  for (const name of Object.keys(object)) {
    const field = shape.fields.get(name);
    if (!field?.isPlain(object[name])) return false;
    if (field.required) required += 1;
  }
  return required === shape.required;
}

/** @param {any} value */
function areAttemptsPlain(value) {
  if (!Array.isArray(value)) return false;
  for (let index = 0; index < value.length; index += 1) if (!isPlainObject(value[index], ATTEMPT)) return false;
  return true;
}

/**
 * @param {any} value
 * @param {string} name
 */
function spellAttempts(value, name) {
  if (!Array.isArray(value)) throw invalid(name, value, "an array of objects");
  const elements = Array.from(value, (element, index) => {
    const full = `${name}[${index}]`;
    if (!isObject(element)) throw invalid(full, element, "an object");
    return spellObject(element, ATTEMPT, `${full}.`, "");
  });
  return `[${elements}]`;
}

/**
 * Tells whether a value is made of plain objects, arrays, strings, booleans, null and finite numbers alone.
 *
 * @param {any} value
 * @param {number} depth
 */
function isPlainJson(value, depth) {
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
  if (depth === 0 || typeof value.toJSON === "function") return false;
  if (Array.isArray(value)) {
    for (let index = 0; index < value.length; index += 1) if (!isPlainJson(value[index], depth - 1)) return false;
    return true;
  }
  for (const key of Object.keys(value)) if (!isPlainJson(value[key], depth - 1)) return false;
  return true;
}

/**
 * @param {any} value
 * @param {string} name
 */
function spellInput(value, name) {
  try {
    return JSON.stringify(value, refuseWhatJsonLacks) ?? "";
  } catch (error) {
    if (error instanceof Unfit) throw invalid(error.key === "" ? name : `${name}…${error.key}`, error.value, "what JSON can hold");
    const why = error instanceof RangeError ? "nested too deep" : error instanceof Error ? error.message.split("\n", 1)[0] : "not JSON";
    throw new SkillLogError("INVALID_ENTRY", `${name}: expected what JSON can hold: ${why}`, {
      ...facts(name, value, "what JSON can hold"),
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
 * @param {any} value
 * @param {string} name
 */
function spellInteger(value, name) {
  if (Number.isInteger(value)) value = BigInt(value);
  if (typeof value !== "bigint") throw invalid(name, value, "a whole number");
  if (value > INT64_MAX || value < INT64_MIN) throw invalid(name, value, "a whole number of 64 bits with a sign");
  return String(value);
}

/**
 * @param {any} value
 * @param {string} name
 */
function spellTimestamp(value, name) {
  if (!(value instanceof Date)) throw invalid(name, value, "a string with an RFC 3339 time, or a Date");
  // Years beyond four digits have no RFC 3339 form.
  const year = value.getUTCFullYear();
  if (!(year >= 0 && year <= 9999)) throw invalid(name, value, "a valid Date from the year 0 to 9999");
  return `"${value.toISOString()}"`;
}

/**
 * @param {string} expected
 * @returns {(value: any, name: string) => never}
 */
function refuse(expected) {
  return (value, name) => {
    throw invalid(name, value, expected);
  };
}

/**
 * @param {any} value
 * @returns {boolean}
 */
function isObject(value) {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/**
 * @param {string} name
 * @param {unknown} value
 * @param {Shape} shape
 * @param {string} prefix
 */
function unknown(name, value, { noun, fields }, prefix) {
  const letters = (/** @type {string} */ key) => key.replaceAll(/[^a-z]/gi, "").toLowerCase();
  const known = [...fields.keys()];
  const meant = known.find((each) => letters(each) === letters(name));
  const hint = meant ? `did you mean ${meant}?` : `known are ${known.join(", ")}`;
  const expected = meant ? `the property ${meant}` : `one of ${known.join(", ")}`;
  return new SkillLogError("INVALID_ENTRY", `${prefix}${name}: no property of an ${noun}; ${hint}`, facts(prefix + name, value, expected));
}

/** @param {string} name */
function missing(name) {
  return new SkillLogError("INVALID_ENTRY", `${name}: missing, but required`, facts(name, undefined, "a value"));
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
