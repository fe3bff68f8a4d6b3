// An entry as somebody else's program gives it: a line of JSON, checked as strictly as an append, and not rounded.

import { isUtf8 } from "node:buffer";

import { decode, encode, RawJson } from "../../index.js";
import { Failure } from "../failures.js";

/** @import { SkillLogError } from "../../index.js" */
/** @import { EntryInput } from "../../types.js" */

/** Bytes that a line may have, given or written: no reader takes longer ones unless it is told to. */
export const MAX_LINE_BYTES = 256 * 1024 * 1024;

/**
 * Reads the entry that a line gives.
 *
 * What may be given is what `append` takes. JSON.parse gives it for that to be checked; it rounds, so `input` and the integers are those of
 * `decode`. Where the two differ:
 *
 * - `decode` takes names in any case, skips those it does not know, and null for a value that is absent: here they are refused.
 * - `decode` refuses integers that are not spelled as such (`1e3`, `1.0`), escapes in a timestamp, and what is nested 10,000 deep; so it is here.
 * - Of a name that is given twice, the last value counts: whole, where `decode` mixes the attempts of both.
 *
 * @param {Uint8Array} line without its line end
 * @param {string} sessionId of the log; taken where the line names none
 * @param {number} maxLineBytes
 * @returns {{ entry: EntryInput, bytes: Uint8Array }} `bytes`: its canonical line
 * @throws {Error} with a message that names the field
 */
export function inputEntry(line, sessionId, maxLineBytes) {
  if (!isUtf8(line)) throw new Failure("not UTF-8");
  const given = parsedJson(line);
  const entry = isObject(given)
    ? withExactNumbers({ session_id: sessionId, timestamp: new Date(), ...given }, line)
    : given;
  const bytes = encode(entry);
  if (entry.session_id !== sessionId) {
    throw new Failure(
      `session_id: expected the log's own, ${JSON.stringify(sessionId)}, or none, got the string ${JSON.stringify(entry.session_id)}`,
    );
  }
  if (bytes.length > maxLineBytes)
    throw new Failure(`the entry's line has ${bytes.length} bytes; ${maxLineBytes} are allowed`);
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
    // The package says where it is wrong, and says it the same in every engine.
    try {
      new RawJson(line);
    } catch (found) {
      throw withOffset(found);
    }
    throw error;
  }
}

/**
 * Puts what JSON.parse may have rounded in its place.
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
    // What append itself would refuse, it names better.
    encode(entry);
    throw withOffset(error);
  }
}

/** @param {unknown} error of the package, about a line */
function withOffset(error) {
  const { message, offset } = /** @type {SkillLogError} */ (error);
  return new Failure(`${message} (at byte ${offset} of the line)`, { cause: error });
}
