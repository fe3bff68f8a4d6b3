import { Codec } from "../dist/skill_log.js";
import { entryText } from "./entry-input.js";
import { invalidArgument, SkillLogError } from "./errors.js";
import { DEFAULT_MAX_LINE_BYTES, inputOption } from "./options.js";
import { RawJson } from "./raw-json.js";
import { bytesAt, coreError, textAt } from "./wasm.js";

/** @import { DecodeOptions, Entry, EntryInput } from "./types.js" */

/** Text up to this length is encoded straight into the core's memory, with room for the worst case. */
const SHORT_TEXT = 1 << 16;

const encoder = new TextEncoder();

let codec = new Codec();

/**
 * Calls into the codec, and makes real errors of what it throws.
 *
 * @template T
 * @param {() => T} call
 * @param {(reason: string) => string} [sentence]
 * @returns {T}
 */
function attempt(call, sentence) {
  try {
    return call();
  } catch (thrown) {
    // A trap leaves the codec locked.
    if (thrown instanceof WebAssembly.RuntimeError) codec = new Codec();
    throw coreError(thrown, sentence);
  }
}

/**
 * Writes text, and bytes behind it, to the codec's space and gives the text's length in bytes.
 *
 * @param {string} text
 * @param {Uint8Array | null} [bytes]
 */
function writeText(text, bytes) {
  const more = bytes?.length ?? 0;
  if (text.length > SHORT_TEXT) {
    const encoded = encoder.encode(text);
    const at = codec.space(encoded.length + more);
    bytesAt(at, encoded.length).set(encoded);
    if (bytes) bytesAt(at + encoded.length, more).set(bytes);
    return encoded.length;
  }
  const room = text.length * 3;
  const at = codec.space(room + more);
  const { written } = encoder.encodeInto(text, bytesAt(at, room));
  if (bytes) bytesAt(at + written, more).set(bytes);
  return written;
}

/**
 * Encodes entries as lines, one behind the other, after a line end of their own.
 *
 * @param {readonly EntryInput[]} entries
 * @param {string} [sessionId] the log's
 * @param {number} [maxLineBytes]
 * @returns {Uint8Array} a view of the core's memory: to be used before anything else is encoded or decoded.
 *   Its first byte is a line end, for a file that does not end in one; skip it otherwise
 */
export function encodeLines(entries, sessionId, maxLineBytes = DEFAULT_MAX_LINE_BYTES) {
  return attempt(
    () => {
      codec.begin();
      let end = 1;
      for (const entry of entries) {
        const { text, raw } = entryText(entry, sessionId);
        const start = end;
        end = codec.encode(writeText(text, raw), raw?.length ?? 0);
        if (end - start > maxLineBytes) {
          const length = end - start;
          throw new SkillLogError("LINE_TOO_LONG", `the entry's line has ${length} bytes; ${maxLineBytes} are allowed`, {
            length,
            limit: maxLineBytes,
          });
        }
      }
      return bytesAt(codec.output_at(), end);
    },
    (reason) => `the entry cannot be encoded: ${reason}`,
  );
}

/**
 * Encodes one entry: the bytes that the Go original writes, line end included.
 *
 * @example
 * encode({ session_id: "s-1", skill: "tdd", final_status: "pass" });
 *
 * @param {EntryInput} entry with its `session_id`; without a `timestamp` it is now
 * @returns {Uint8Array} one canonical line
 * @throws {SkillLogError} `INVALID_ENTRY`, with the `field`, what it `got` and what was `expected`
 */
export function encode(entry) {
  const line = encodeLines([entry]).slice(1);
  codec.release();
  return line;
}

/**
 * Decodes one line, exactly as leniently as the Go original.
 *
 * Integers beyond ±2^53 in `duration_ms` and `attempt` are bigints. Numbers in `input` are rounded as
 * `JSON.parse` does, unless `input` is read raw.
 *
 * @param {Uint8Array | string} line with or without its line end
 * @param {DecodeOptions} [options]
 * @returns {Entry}
 * @throws {SkillLogError} `INVALID_LINE`, with the `reason` and the `offset` in the line, in bytes
 */
export function decode(line, options) {
  const raw = inputOption(options) === "raw";
  const sentence = (/** @type {string} */ reason) => `not an entry: ${reason}`;
  return attempt(() => {
    let length;
    if (typeof line === "string") {
      length = writeText(line);
    } else if (line instanceof Uint8Array) {
      length = line.length;
      bytesAt(codec.space(length), length).set(line);
    } else {
      throw invalidArgument("line", line, "a Uint8Array or a string");
    }
    const textLength = codec.decode(length, raw);
    const entry = JSON.parse(textAt(codec.output_at(), textLength));
    if (codec.integers_count() > 0) restoreIntegers([entry], codec.integers());
    const at = codec.raw_at();
    if (at !== 0) entry.input = RawJson.checked(bytesAt(at, codec.raw_length()).slice());
    if (length > SHORT_TEXT) codec.release();
    return entry;
  }, sentence);
}

/**
 * Checks that bytes are one JSON value.
 *
 * @param {Uint8Array} bytes
 */
export function checkJson(bytes) {
  attempt(
    () => {
      bytesAt(codec.space(bytes.length), bytes.length).set(bytes);
      codec.check(bytes.length);
    },
    (reason) => `not a JSON value: ${reason}`,
  );
}

/**
 * Puts integers that a number cannot hold in the place of the rounded ones.
 *
 * @param {Entry[]} entries
 * @param {BigInt64Array} integers the entry, the attempt or -1, and the integer itself, again and again
 */
export function restoreIntegers(entries, integers) {
  for (let at = 0; at < integers.length; at += 3) {
    const entry = entries[Number(integers[at])];
    const attempt = entry.attempts?.[Number(integers[at + 1])];
    if (attempt) attempt.attempt = integers[at + 2];
    else entry.duration_ms = integers[at + 2];
  }
}

