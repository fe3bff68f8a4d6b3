// Reads the chunks of any source through the core, in batches.

import { LogReader } from "../../dist/skill_log.js";
import { SkillLogError } from "../errors.js";
import { Patience } from "./patience.js";
import { chunksOf } from "../storage/chunks.js";
import { entriesOf } from "../entry/tape.js";
import { takeLines } from "../entry/lines.js";
import { bytesAt, coreError, giveBack, startedModule } from "../wasm/core.js";

/** @import { Damage, Entry, Integers, LogRecord } from "../types.js" */
/** @import { DamagedLine, Source } from "../storage/storage.js" */
/** @import { Lines } from "../entry/lines.js" */

/**
 * What to read, and how.
 *
 * @typedef {object} Reading
 * @property {number} from where to start, in bytes
 * @property {number} to where to stop, in bytes
 * @property {boolean} strict
 * @property {"parsed" | "raw" | "lines" | "none"} output
 * @property {Integers} [integers] absent where the output has no entries
 * @property {number} maxLineBytes
 * @property {boolean} [doubtful] whether to return doubtful entries too
 * @property {AbortSignal} [signal]
 */

/**
 * A batch: what one chunk yields.
 *
 * @typedef {object} Batch
 * @property {Entry[]} entries empty where the output is `"none"` or `"lines"`
 * @property {Lines} [written] where the output is `"lines"`
 * @property {Float64Array} places offset, length, end and flags of each entry, unless the output is
 *   `"lines"`
 * @property {Iterable<DamagedLine>} damage must be iterated before the next batch is asked for
 * @property {number} lines the line ends read so far
 * @property {number} restOffset where the bytes start that have no line end after them yet
 * @property {number} restLength
 * @property {number} pendingOffset where the pending bytes start
 * @property {number} pendingLength
 */

/** The flags of a record. `src/wasm/log_reader.rs` has the same list. */
export const RECOVERED = 1 << 0;
export const DOUBTFUL = 1 << 1;
export const FOREIGN = 1 << 2;

/** The damage of a batch that has none. @type {Iterable<DamagedLine>} */
export const NO_DAMAGE = [];

/**
 * Where reading starts: an offset, and the line ends before it. Entries of a damaged line that
 * start before `returnedTo` were returned already.
 *
 * @typedef {{ offset: number, lines: number, returnedTo?: number }} Start
 */

/**
 * Turns the chunks of a source, one after the other, into batches. Holds the bytes that have no
 * line end after them yet.
 */
export class BatchReader {
  #source;
  #from;
  #output;
  #integers;
  #reader;

  /**
   * @param {Source} source
   * @param {Omit<Reading, "to" | "signal"> & { to?: number }} reading
   * @param {Start} [start] where the first chunk starts, if that is after `from`
   */
  constructor(
    source,
    { from, to = Infinity, strict, output, integers, maxLineBytes, doubtful },
    { offset, lines, returnedTo = 0 } = { offset: from, lines: 0 },
  ) {
    startedModule();
    this.#source = source;
    this.#from = from;
    this.#output = output;
    this.#integers = integers;
    this.#reader = new LogReader(
      offset,
      lines,
      maxLineBytes,
      strict,
      output !== "none",
      output === "raw",
    );
    if (output === "lines") this.#reader.with_lines(to);
    if (doubtful) this.#reader.with_doubtful();
    if (returnedTo > 0) this.#reader.skip_recovered(returnedTo);
    // Another process may be writing.
    this.settle(false);
  }

  /** Whether reading stopped before a line with NULs, because another process may be writing it. */
  get isUnsettled() {
    return this.#reader.is_unsettled();
  }

  /**
   * Decides whether NULs are damage from now on. In a source that cannot change they always are.
   *
   * @param {boolean} isSettled
   */
  settle(isSettled) {
    this.#reader.settle(isSettled || !this.#source.modified);
  }

  /**
   * Reads a chunk.
   *
   * @param {Uint8Array} chunk
   * @param {boolean} isLast whether to judge the bytes after the last line end too
   * @returns {{ batch: Batch, refused?: SkillLogError }} `refused` says why reading stopped after
   *   the batch
   */
  read(chunk, isLast) {
    let refused;
    try {
      bytesAt(this.#reader.space(chunk.length), chunk.length).set(chunk);
      this.#reader.read(isLast);
    } catch (thrown) {
      refused = located(coreError(thrown, this.#source), this.#source, this.#from);
      if (refused.code === "OUT_OF_MEMORY") throw refused;
    }
    const batch = takeBatch(this.#reader, this.#output, this.#integers, this.#from);
    return { batch, refused };
  }

  free() {
    giveBack(() => this.#reader.free());
  }
}

/**
 * Reads a range of a source, a batch for each chunk. Waits before a line with NULs that another
 * process may be writing.
 *
 * @param {Source} source
 * @param {Reading} reading
 * @param {Patience} [patience] shared by the readings of one call
 * @returns {AsyncGenerator<Batch, void, void>}
 */
export async function* readBatches(
  source,
  { signal, ...reading },
  patience = new Patience(source),
) {
  const { to } = reading;
  /** @type {Start | null} */
  let start = { offset: reading.from, lines: 0 };
  while (start) {
    const reader = new BatchReader(source, reading, start);
    const chunks = chunksOf(source, start.offset, to, signal);
    start = null;
    try {
      for await (const { bytes: chunk, isLast } of chunks) {
        for (let bytes = chunk; ; bytes = NOTHING) {
          const { batch, refused } = reader.read(bytes, isLast);
          yield batch;
          if (refused) throw refused;
          if (batch.restOffset >= to) return;
          if (!reader.isUnsettled) break;
          if (!(await patience.isOver())) {
            start = { offset: batch.restOffset, lines: batch.lines };
            break;
          }
          reader.settle(true);
        }
        if (start) break;
      }
    } finally {
      reader.free();
    }
    if (start) await patience.wait(signal);
  }
}

const NOTHING = new Uint8Array(0);

/**
 * Adds to an error of the core where in the source it occurred.
 *
 * @param {Error} error
 * @param {Source} source
 * @param {number} from where reading started: the core counts lines from there
 */
function located(error, source, from) {
  if (!(error instanceof SkillLogError)) throw error;
  if (error.offset !== undefined) {
    const line = from === 0 && error.line !== undefined ? `line ${error.line}, ` : "";
    error.message = `${source.name}, ${line}byte ${error.offset}: ${error.reason}`;
    if (from > 0) delete error.line;
  }
  return error;
}

/**
 * @param {LogReader} reader
 * @param {Reading["output"]} output
 * @param {Reading["integers"]} integers
 * @param {number} from
 * @returns {Batch}
 */
function takeBatch(reader, output, integers, from) {
  const places = reader.places();
  const hasEntries = output === "parsed" || output === "raw";
  const [restOffset, restLength, pendingOffset, pendingLength] = reader.rest();
  return {
    entries: hasEntries ? entriesOf(reader, places.length / 4, integers) : [],
    ...(output === "lines" && { written: takeLines(reader) }),
    places,
    damage: reader.damage_count() === 0 ? NO_DAMAGE : takeDamage(reader, from),
    lines: reader.lines(),
    restOffset,
    restLength,
    pendingOffset,
    pendingLength,
  };
}

/**
 * Yields the damaged lines of a chunk. Takes a few at a time from the core, because a chunk may
 * have half as many as bytes.
 *
 * @param {{ damage_count(): number, damage(from: number, to: number): any }} reader
 * @param {number} from
 * @returns {Generator<DamagedLine, void, void>}
 */
export function* takeDamage(reader, from) {
  const few = 256;
  const count = reader.damage_count();
  for (let at = 0; at < count; at += few) {
    for (const line of reader.damage(at, Math.min(at + few, count))) {
      // The core counts from where reading started.
      if (from > 0) delete line.line;
      yield line;
    }
  }
}
