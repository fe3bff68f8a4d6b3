import { Codec } from "../../dist/skill_log.js";
import { isBytes } from "../builtins.js";
import { entryFields, refusedEntry } from "./input.js";
import { invalidArgument, SkillLogError } from "../errors.js";
import {
  checkOptions,
  DECODE_OPTIONS,
  DEFAULT_MAX_LINE_BYTES,
  inputOption,
  integersOption,
} from "../options.js";
import { entriesOf } from "./tape.js";
import { bytesAt, coreError, isStopped, startedModule } from "../wasm/core.js";

/** @import { EntryFields } from "./input.js" */
/** @import { TextFilter } from "./text-path.js" */
/** @import { DecodeOptions, Entry, EntryInput, InputAs, InputOf, IntegerOf, Integers, PlainBytes } from "../types.js" */

/**
 * The longest text that is encoded into the core's memory directly, in UTF-16 units. A unit takes
 * at most 3 bytes there.
 */
const SHORT_TEXT = 1 << 16;

const encoder = new TextEncoder();

/** @type {Codec} made by the first call, and again by the call after a call that stopped */
let codec;

function makeCodec() {
  startedModule();
  return new Codec();
}

// Views of the codec's memory. They are kept, because making a view takes as long as using it.
let space = new Uint8Array(0);
let lengths = new Uint32Array(0);

/**
 * Makes the Error of what a call into the codec threw.
 *
 * @param {unknown} thrown
 * @param {string} [name] starts the message
 */
function codecError(thrown, name) {
  const error = coreError(thrown, { name });
  // A trap leaves the codec locked, and so does the end of the stack, which is an Error of the
  // language.
  if (isStopped(error) || !(error instanceof SkillLogError)) codec = /** @type {any} */ (undefined);
  return error;
}

/**
 * Writes text, and bytes after it, to the codec's space. Returns the length of the text in bytes.
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
  if (space.byteOffset !== at || space.length < room) space = bytesAt(at, room);
  const { written } = encoder.encodeInto(text, space);
  if (bytes) bytesAt(at + written, more).set(bytes);
  return written;
}

/**
 * Writes bytes to the codec's space, and returns their number.
 *
 * @param {Uint8Array} bytes
 */
function writeBytes(bytes) {
  const at = codec.space(bytes.length);
  if (space.byteOffset !== at || space.length < bytes.length) space = bytesAt(at, bytes.length);
  space.set(bytes);
  return bytes.length;
}

/**
 * Encodes entries as lines, one after the other, with a line end before the first.
 *
 * @param {readonly EntryInput[]} entries
 * @param {string} [sessionId] that of the log
 * @param {number} [maxLineBytes]
 * @param {boolean} [keepsRaw] whether to write a `RawJson` as it is spelled. Else its objects get
 *   the safe spelling, so that none can be taken for an entry
 * @param {((index: number) => TextFilter) | null} [filterOf] returns what changes the texts of an
 *   entry
 * @returns {Uint8Array} a view of the core's memory, valid until anything else is encoded or
 *   decoded. Its first byte is a line end, for a file that does not end in a line end; skip it
 *   otherwise
 */
export function encodeLines(
  entries,
  sessionId,
  maxLineBytes = DEFAULT_MAX_LINE_BYTES,
  keepsRaw = false,
  filterOf = null,
) {
  codec ??= makeCodec();
  let index = 0;
  /** @type {EntryFields[]} */
  const checked = [];
  try {
    // All before the first is encoded, because a getter or a toJSON may encode an entry too.
    for (; index < entries.length; index += 1)
      checked.push(entryFields(entries[index], sessionId, filterOf?.(index)));
    // Encoding such an entry may have stopped the codec.
    codec ??= makeCodec();
    codec.begin();
    let end = 1;
    for (index = 0; index < checked.length; index += 1) {
      const { fields, raw } = checked[index];
      const start = end;
      end = codec.encode(
        writeText(joinedTexts(fields, maxLineBytes), raw),
        writeLengths(fields),
        raw?.length ?? 0,
        keepsRaw,
      );
      if (end - start > maxLineBytes) throw tooLong(end - start, maxLineBytes);
    }
    return bytesAt(codec.output_at(), end);
  } catch (thrown) {
    const found = codecError(thrown);
    if (!(found instanceof SkillLogError)) throw found;
    // The core names the field alone.
    const isCores = found.code === "INVALID_ENTRY" && found.got === undefined;
    const error = isCores ? refusedEntry(checked[index], found.field, found.message) : found;
    if (entries.length > 1) error.index = index;
    throw error;
  }
}

/**
 * Writes the lengths of an entry's fields for the core, in UTF-16 units. Returns the number of
 * fields.
 *
 * @param {string[]} fields
 */
function writeLengths(fields) {
  const at = codec.lengths(fields.length);
  if (lengths.byteOffset !== at || lengths.length < fields.length)
    lengths = new Uint32Array(bytesAt(at, 0).buffer, at, fields.length);
  for (let index = 0; index < fields.length; index += 1) lengths[index] = fields[index].length;
  return fields.length;
}

/**
 * Joins the texts of an entry's fields. Throws `LINE_TOO_LONG` when no string can hold them all.
 *
 * @param {string[]} fields
 * @param {number} limit
 */
function joinedTexts(fields, limit) {
  try {
    return fields.join("\0");
  } catch {
    throw tooLong(
      fields.reduce((sum, { length }) => sum + length, 0),
      limit,
    );
  }
}

/**
 * @param {number} length
 * @param {number} limit
 */
function tooLong(length, limit) {
  return new SkillLogError(
    "LINE_TOO_LONG",
    `the entry's line has ${length} bytes; ${limit} are allowed`,
    { length, limit },
  );
}

/**
 * Encodes one entry as the Go original does, with its line end.
 *
 * In an `input` that is no `RawJson`, a first key `session_id` is spelled `session\u005fid`. A lone
 * surrogate becomes U+FFFD.
 *
 * @example
 * encode({ session_id: "s-1", skill: "tdd", final_status: "pass" });
 *
 * @param {EntryInput} entry with its `session_id`; without a `timestamp` it is now
 * @returns {PlainBytes} one canonical line
 * @throws {SkillLogError} `INVALID_ENTRY`, with the `field`, what it `got` and what was `expected`
 */
export function encode(entry) {
  const line = encodeLines([entry], undefined, undefined, true).slice(1);
  try {
    codec.release();
    return line;
  } catch (thrown) {
    throw codecError(thrown);
  }
}

/**
 * Decodes one line. Accepts what the Go original accepts, and refuses what it refuses.
 *
 * Integers beyond ±2^53 in `duration_ms` and `attempt` are bigints, unless `integers` is
 * `"number"`. Numbers in `input` are rounded as `JSON.parse` rounds them, unless `input` is
 * `"raw"`.
 *
 * @template [Input=any]
 * @template {string} [Status=string]
 * @template {InputAs} [As=InputAs]
 * @template {Integers} [I=Integers]
 * @param {Uint8Array | string} line with or without its line end
 * @param {DecodeOptions<As, I>} [options]
 * @returns {Entry<InputOf<As, Input>, Status, IntegerOf<I>>}
 * @throws {SkillLogError} `INVALID_LINE`, with the `reason` and the `offset` in the line, in bytes
 */
export function decode(line, options) {
  const raw = inputOption(checkOptions(options, DECODE_OPTIONS)) === "raw";
  const integers = integersOption(options);
  if (typeof line !== "string" && !isBytes(line))
    throw invalidArgument("line", line, "a Uint8Array or a string");
  codec ??= makeCodec();
  try {
    const length = typeof line === "string" ? writeText(line) : writeBytes(line);
    codec.decode(length, raw);
    const [entry] = entriesOf(codec, 1, integers);
    if (length > SHORT_TEXT) codec.release();
    return /** @type {any} */ (entry);
  } catch (thrown) {
    throw codecError(thrown, "not an entry");
  }
}
