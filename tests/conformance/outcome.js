// What the package makes of a line or of a file, in the form in which Go's outcome is compared with it.

import { decode, encode, read, SkillLogError } from "skill-log";

/** @import { Entry } from "skill-log" */

/**
 * Decodes a line and encodes it again: `out` is the line without its newline, or `step` is the half that failed, in Go's
 * name for it. What should never happen is thrown.
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
 * The half that a recorded error of Go's comes from.
 *
 * @param {string} error
 */
export function stepOf(error) {
  return error.startsWith("json: error calling MarshalJSON") ? "marshal" : "unmarshal";
}

/**
 * Reads a session as the original does. An entry is `null` where it cannot be encoded. `code` is empty without an error;
 * with one, `entries` are those that the error holds.
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
 * The code that stands for an error of the original's `Read`.
 *
 * @param {string} error
 */
export function codeOf(error) {
  if (error === "") return "";
  if (error === "bufio.Scanner: token too long") return "LINE_TOO_LONG";
  if (error.startsWith("parse entry: ")) return "INVALID_LINE";
  throw new Error(`Read has no such error: ${error}`);
}

/** @param {Entry} entry */
function encoded(entry) {
  const line = Buffer.from(encode(entry));
  if (line.indexOf("\n") !== line.length - 1)
    throw new Error(`not one line: ${line.toString("base64")}`);
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
 * @param {unknown} error
 * @param {string} code the only one it may have
 */
function refusal(error, code) {
  if (error instanceof SkillLogError && error.code === code) return error.message;
  throw error;
}
