// Reads an entry from a line of JSON that another program wrote: as strict as `append`, and without
// rounding.

import { isUtf8 } from "node:buffer";

import { decode, encode, RawJson } from "../../index.js";
import { Failure } from "../failures.js";

/** @import { SkillLogError } from "../../index.js" */
/** @import { EntryInput } from "../../types.js" */
/** @import { Redacted } from "../selection/redacted.js" */

/** The most bytes of a line, read or written: no reader accepts longer lines by default. */
export const MAX_LINE_BYTES = 256 * 1024 * 1024;

/**
 * Reads the entry of a line. Accepts what `append` accepts.
 *
 * JSON.parse reads the line, and `encode` checks the result. JSON.parse rounds numbers, so `input`
 * and the integers come from `decode`. Where the two differ:
 *
 * - `decode` accepts names in any case, unknown names, and null for an absent value. This refuses
 *   them.
 * - `decode` refuses integers like `1e3` and `1.0`, escapes in a timestamp, and values nested
 *   10,000 deep. So does this.
 * - When a name occurs twice, the last value counts as a whole; `decode` mixes the attempts of
 *   both.
 *
 * @param {Uint8Array} line without its line end
 * @param {string} sessionId the id of the log; used when the line has no session_id
 * @param {number} maxLineBytes
 * @param {Redacted} redacted
 * @returns {Promise<{ entry: EntryInput, bytes: Uint8Array }>} `bytes`: the canonical line of the
 *   entry, in which secrets are replaced
 * @throws {Error} with a message that names the field
 */
export async function inputEntry(line, sessionId, maxLineBytes, redacted) {
  if (!isUtf8(line)) throw new Failure("the line is not UTF-8");
  const value = parsedJson(line);
  const entry = isObject(value)
    ? await redacted.entryOf(
        withExactNumbers({ session_id: sessionId, timestamp: new Date(), ...value }, line),
      )
    : value;
  const bytes = encode(entry);
  if (entry.session_id !== sessionId) {
    throw new Failure(
      `session_id: expected ${JSON.stringify(sessionId)}, the id of this log, or no session_id; got ${JSON.stringify(entry.session_id)}`,
    );
  }
  if (bytes.length > maxLineBytes)
    throw new Failure(
      `the line of the entry would have ${bytes.length} bytes, and the limit is ${maxLineBytes} (--max-line-bytes)`,
    );
  return { entry, bytes };
}

/** @param {any} value */
function isObject(value) {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/**
 * @param {Uint8Array} line
 * @returns {any}
 */
function parsedJson(line) {
  try {
    return JSON.parse(Buffer.from(line.buffer, line.byteOffset, line.length).toString());
  } catch (error) {
    // The package says where the JSON is wrong, in the same words with every engine.
    try {
      new RawJson(line);
    } catch (cause) {
      throw withOffset(cause);
    }
    throw error;
  }
}

/**
 * Replaces what JSON.parse may have rounded by its exact value.
 *
 * @param {any} entry
 * @param {Uint8Array} line
 */
function withExactNumbers(entry, line) {
  const decoded = decodedLine(entry, line);
  if (Object.hasOwn(entry, "input")) entry.input = decoded.input;
  if (typeof entry.duration_ms === "number") entry.duration_ms = decoded.duration_ms ?? 0;
  decoded.attempts?.forEach(({ attempt }, index) => {
    const own = entry.attempts?.[index];
    if (typeof own?.attempt === "number") own.attempt = attempt;
  });
  return entry;
}

/**
 * @param {any} entry
 * @param {Uint8Array} line
 */
function decodedLine(entry, line) {
  try {
    return decode(line, { input: "raw" });
  } catch (error) {
    // When `encode` refuses the entry too, its message is better: it names the field.
    encode(entry);
    throw withOffset(error);
  }
}

/** @param {unknown} error of the package, about a line */
function withOffset(error) {
  const { message, offset } = /** @type {SkillLogError} */ (error);
  return new Failure(`${message} (at byte ${offset} of the line)`, { cause: error });
}
