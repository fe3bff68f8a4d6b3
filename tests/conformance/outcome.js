// Returns the package's outcome for a line or a file in a form that can be compared with Go's.

import { decode, encode, read, SkillLogError } from "skill-log";

/** @import { Entry } from "skill-log" */

/**
 * Decodes a line and encodes it again. Returns the new line without its line end as `out`, or Go's
 * name for the step that failed. Throws any other error.
 *
 * @param {Uint8Array} line
 * @returns {{ out: Buffer } | { step: "unmarshal" | "marshal", error: string }}
 */
export function canonicalize(line) {
  let entry;
  try {
    entry = decode(line, { input: "raw" });
  } catch (error) {
    return { step: "unmarshal", error: refusal(error, "INVALID_LINE") };
  }
  try {
    return { out: encoded(entry) };
  } catch (error) {
    return { step: "marshal", error: refusal(error, "INVALID_ENTRY") };
  }
}

/**
 * Returns the step that a recorded error of Go comes from.
 *
 * @param {string} error
 */
export function stepOf(error) {
  return error.startsWith("json: error calling MarshalJSON") ? "marshal" : "unmarshal";
}

/**
 * Reads a session strictly, as the Go original does. An entry that cannot be encoded is `null`.
 * `code` is empty without an error. With an error, `entries` are the entries that the error holds.
 *
 * @param {string} dir
 * @param {string} id
 * @returns {Promise<{ entries: (Buffer | null)[], code: string, error?: SkillLogError }>}
 */
export async function strictRead(dir, id) {
  try {
    const entries = await read(dir, id, { strict: true, input: "raw" });
    return { entries: entries.map(encodedOrNull), code: "" };
  } catch (error) {
    if (!(error instanceof SkillLogError)) throw error;
    return { entries: (error.entries ?? []).map(encodedOrNull), code: error.code, error };
  }
}

/**
 * Returns the package's code for an error of the Go original's `Read`.
 *
 * @param {string} error
 */
export function codeOf(error) {
  if (error === "") return "";
  if (error === "bufio.Scanner: token too long") return "LINE_TOO_LONG";
  if (error.startsWith("parse entry: ")) return "INVALID_LINE";
  throw new Error(`not an error of the Go original's Read: ${error}`);
}

/** @param {Entry} entry */
function encoded(entry) {
  const line = Buffer.from(encode(entry));
  if (line.indexOf("\n") !== line.length - 1)
    throw new Error(`encode wrote more or less than one line: ${line.toString("base64")}`);
  return line.subarray(0, -1);
}

/** @param {Entry} entry */
function encodedOrNull(entry) {
  try {
    return encoded(entry);
  } catch (error) {
    refusal(error, "INVALID_ENTRY");
    return null;
  }
}

/**
 * Returns the message of an expected error, and throws any other.
 *
 * @param {unknown} error
 * @param {string} code the only code it may have
 */
function refusal(error, code) {
  if (error instanceof SkillLogError && error.code === code) return error.message;
  throw error;
}
