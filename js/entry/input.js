// Checks an entry to append, and turns it into the texts of its fields, in the order of the core.
//
// The texts cross to the core in one string. That is faster than JSON.stringify of the entry, which
// the core would have to parse, and than one crossing for each field.

import { isBytes, timeOf } from "../builtins.js";
import { describe } from "../errors.js";
import { jsonOf, notJson } from "./input-json.js";
import { RawJson } from "./raw-json.js";
import { filteredRaw } from "./raw-strings.js";
import { invalid, Refusal, unreadable } from "./refusal.js";

/** @import { TextFilter } from "./text-path.js" */
/** @import { AttemptInput, EntryInput } from "../types.js" */

const INT64_MAX = 2n ** 63n - 1n;
const INT64_MIN = -(2n ** 63n);

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
 * The fields of an entry, as texts. Nothing of the caller's entry is read again.
 *
 * @typedef {object} EntryFields
 * @property {string[]} fields in the order of `entry_of` in src/wasm/fields.rs: eleven of the entry
 *   itself, then five for each attempt. An absent field is empty; so is `input` where it is raw
 * @property {Uint8Array | null} raw a copy of the bytes of `input`, where it is a `RawJson`
 */

/**
 * Checks an entry, and returns its fields. Reads each property, also of each attempt, once.
 *
 * @param {EntryInput} entry
 * @param {string} [sessionId] that of the log, for an entry without a session id
 * @param {TextFilter | null} [filter] changes every text but the session id and the timestamp
 * @returns {EntryFields}
 * @throws {SkillLogError} `INVALID_ENTRY`; what a getter, a Proxy or a `toJSON` throws is its
 *   `cause`
 */
export function entryFields(entry, sessionId, filter = null) {
  // The property that is being read, because a getter may throw.
  let name = "";
  let index = -1;
  try {
    checkNames(entry, ENTRY, "entry", -1);
    name = "session_id";
    const id = sessionIdText(entry.session_id, sessionId);
    name = "timestamp";
    const timestamp = timestampText(entry.timestamp);
    name = "skill";
    const skill = text(entry.skill, name, -1);
    name = "phase";
    const phase = optionalText(entry.phase, name, -1);
    name = "project_root";
    const projectRoot = optionalText(entry.project_root, name, -1);
    name = "input";
    const { input } = entry;
    const raw = RawJson.is(input) ? rawBytes(input, filter) : null;
    const json = raw || input === undefined ? "" : jsonOf(input, filter);
    name = "attempts";
    const { attempts } = entry;
    name = "final_status";
    const status = text(entry.final_status, name, -1);
    name = "file_path";
    const file = optionalText(entry.file_path, name, -1);
    name = "model_used";
    const model = optionalText(entry.model_used, name, -1);
    name = "duration_ms";
    const took = entry.duration_ms;
    const duration = took === undefined ? "" : integerText(took, name, -1);
    name = "message";
    const message = optionalText(entry.message, name, -1);
    const fields = [
      id,
      timestamp,
      skill,
      phase,
      projectRoot,
      json,
      status,
      file,
      model,
      duration,
      message,
    ];
    if (filter) filterFields(fields, filter);
    if (attempts === undefined) return { fields, raw };
    name = "attempts";
    if (!Array.isArray(attempts)) throw invalid(name, attempts, "an array of objects");
    const { length } = attempts;
    for (index = 0; index < length; index += 1) {
      name = "";
      /** @type {AttemptInput} */
      const attempt = attempts[index];
      checkNames(attempt, ATTEMPT, "attempt", index);
      name = "attempt";
      fields.push(integerText(attempt.attempt, name, index));
      name = "model";
      const own = text(attempt.model, name, index);
      name = "output_summary";
      const summary = optionalText(attempt.output_summary, name, index);
      name = "runner_output";
      const output = optionalText(attempt.runner_output, name, index);
      name = "verified";
      const verified = booleanText(attempt.verified, name, index);
      if (filter) {
        const path = `attempts[${index}]`;
        fields.push(filter.text(own, path, "model"));
        fields.push(filter.text(summary, path, "output_summary"));
        fields.push(filter.text(output, path, "runner_output"), verified);
      } else fields.push(own, summary, output, verified);
    }
    return { fields, raw };
  } catch (thrown) {
    const place =
      name === "" ? (index < 0 ? "entry" : `attempts[${index}]`) : fieldName(name, index);
    throw Refusal.errorOf(thrown) ?? unreadable(place, thrown).error;
  }
}

/** Each field of an entry that a filter changes, and its place. @type {[number, string][]} */
const FILTERED = [
  [2, "skill"],
  [3, "phase"],
  [4, "project_root"],
  [6, "final_status"],
  [7, "file_path"],
  [8, "model_used"],
  [10, "message"],
];

/**
 * @param {string[]} fields
 * @param {TextFilter} filter
 */
function filterFields(fields, filter) {
  for (const [at, name] of FILTERED)
    if (fields[at] !== "") fields[at] = filter.text(fields[at], "", name);
}

/**
 * Checks the fields of an entry that an index holds, and returns them. Reads each property once.
 *
 * @param {EntryInput} entry
 * @throws {SkillLogError} `INVALID_ENTRY`, as `entryFields`
 */
export function indexedFields(entry) {
  let name = "entry";
  try {
    if (typeof entry !== "object" || entry === null || Array.isArray(entry))
      throw invalid(name, entry, "an object");
    name = "skill";
    const skill = text(entry.skill, name, -1);
    name = "phase";
    const phase = optionalText(entry.phase, name, -1);
    name = "final_status";
    const status = text(entry.final_status, name, -1);
    name = "model_used";
    const model = optionalText(entry.model_used, name, -1);
    name = "timestamp";
    const timestamp = timestampText(entry.timestamp);
    name = "duration_ms";
    const took = entry.duration_ms;
    const duration = took === undefined ? 0n : clamped(took, name);
    name = "attempts";
    const { attempts = [] } = entry;
    if (!Array.isArray(attempts)) throw invalid(name, attempts, "an array of objects");
    const verified = attempts.at(-1)?.verified;
    if (attempts.length > 0) booleanText(verified, "verified", attempts.length - 1);
    return { skill, phase, status, model, timestamp, duration, verified };
  } catch (thrown) {
    throw Refusal.errorOf(thrown) ?? unreadable(name, thrown).error;
  }
}

/**
 * Returns the error for a timestamp that is no RFC 3339 time.
 *
 * @param {string} timestamp
 */
export function invalidTimestamp(timestamp) {
  return invalid("timestamp", timestamp, TIMESTAMP).error;
}

/**
 * Returns the error for what only the core can find wrong with an entry.
 *
 * @param {EntryFields} entry
 * @param {string | undefined} field
 * @param {string} reason
 */
export function refusedEntry({ fields, raw }, field, reason) {
  return field === "timestamp"
    ? invalidTimestamp(fields[1])
    : notJson(raw && RawJson.fromCheckedBytes(raw), reason).error;
}

/**
 * Refuses a value that is no object, and properties that the format does not have.
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
    throw new Refusal(field, `${field}: no property of an ${noun}; ${hint}`, {
      got: describe(object[name]),
      expected,
    });
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
  const time = timeOf(value);
  if (time === undefined) throw invalid("timestamp", value, TIMESTAMP);
  // A new Date, because the caller's may have methods of its own.
  const date = new Date(time);
  // Years beyond four digits have no RFC 3339 form; an invalid Date has no year.
  const year = date.getUTCFullYear();
  if (!(year >= 0 && year <= 9999))
    throw invalid("timestamp", date, "a valid Date from the year 0 to 9999");
  return date.toISOString();
}

/**
 * @param {any} value
 * @param {string} name
 * @param {number} index
 */
function text(value, name, index) {
  if (typeof value === "string") return value;
  throw value === undefined
    ? missing(name, index)
    : invalid(fieldName(name, index), value, "a string");
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
  if (exact > INT64_MAX || exact < INT64_MIN)
    throw invalid(fieldName(name, index), value, "a whole number of 64 bits with a sign");
  return String(exact);
}

/**
 * Returns a whole number as one of 64 bits with a sign. A number that was rounded may be just
 * beyond these, and becomes the nearest.
 *
 * @param {number | bigint} value
 * @param {string} name
 */
function clamped(value, name) {
  const exact = Number.isInteger(value) ? BigInt(value) : value;
  if (typeof exact !== "bigint") throw invalid(name, value, "a whole number");
  return exact > INT64_MAX ? INT64_MAX : exact < INT64_MIN ? INT64_MIN : exact;
}

/**
 * @param {any} value
 * @param {string} name
 * @param {number} index
 */
function booleanText(value, name, index) {
  if (typeof value === "boolean") return value ? "true" : "false";
  throw value === undefined
    ? missing(name, index)
    : invalid(fieldName(name, index), value, "true or false");
}

/**
 * @param {RawJson} raw
 * @param {TextFilter | null} filter
 */
function rawBytes({ bytes }, filter) {
  // The caller may have set another value.
  if (!isBytes(bytes) || bytes.length === 0)
    throw invalid("input.bytes", bytes, "a Uint8Array that holds a JSON value");
  // A copy, because a getter that is read later may change the bytes.
  const copy = new Uint8Array(bytes);
  return filter ? filteredRaw(copy, filter) : copy;
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
  return new Refusal(field, `${field}: missing, but required`, {
    got: "undefined",
    expected: "a value",
  });
}
