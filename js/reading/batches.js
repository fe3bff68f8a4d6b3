// Reads the chunks of any storage through the core, forwards and backwards.

import { LogReader } from "../../dist/skill_log.js";
import { SkillLogError } from "../errors.js";
import { Patience } from "./patience.js";
import { chunksOf } from "../storage/chunks.js";
import { entriesOf } from "../entry/tape.js";
import { bytesAt, coreError, giveBack, startedModule } from "../wasm/core.js";

/** @import { Damage, Entry, Integers, LogRecord } from "../types.js" */
/** @import { DamagedLine, Source } from "../storage/storage.js" */

/**
 * @typedef {object} Reading
 * @property {number} from
 * @property {number} to
 * @property {boolean} strict
 * @property {"parsed" | "raw" | "none"} output
 * @property {Integers} [integers] absent where the output is `"none"`
 * @property {number} maxLineBytes
 * @property {boolean} [doubtful] whether to give doubtful entries as well
 * @property {AbortSignal} [signal]
 */

/**
 * What one chunk gave.
 *
 * @typedef {object} Batch
 * @property {Entry[]} entries empty where the output is `"none"`
 * @property {Float64Array} places offset, length, end and flags for each entry
 * @property {Iterable<DamagedLine>} damage to be taken before the next batch is asked for
 * @property {number} lines line ends read so far
 * @property {number} restOffset where the bytes start that no line end follows yet
 * @property {number} restLength
 * @property {number} pendingOffset where the bytes start that more may make an entry, at the end of the file
 * @property {number} pendingLength
 */

/** The flags of a record. `src/wasm/log_reader.rs` has the same list. */
export const RECOVERED = 1 << 0;
export const DOUBTFUL = 1 << 1;
export const FOREIGN = 1 << 2;

/** What a batch has without damage. @type {Iterable<DamagedLine>} */
export const NO_DAMAGE = [];

/**
 * Where reading begins: an offset, and the line ends before it; and before which place the entries of a damaged line were given
 * already.
 *
 * @typedef {{ offset: number, lines: number, given?: number }} Start
 */

/** Turns the chunks of a source, given one after the other, into batches. What no line end follows yet stays in it. */
export class BatchReader {
  #source;
  #from;
  #output;
  #integers;
  #reader;

  /**
   * @param {Source} source
   * @param {Pick<Reading, "from" | "strict" | "output" | "integers" | "maxLineBytes" | "doubtful">} reading
   * @param {Start} [start] where the first chunk begins, if that is behind `from`
   */
  constructor(
    source,
    { from, strict, output, integers, maxLineBytes, doubtful },
    { offset, lines, given = 0 } = { offset: from, lines: 0 },
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
    if (doubtful) this.#reader.with_doubtful();
    if (given > 0) this.#reader.skip_given(given);
    // Until it is known that nobody writes.
    this.settle(false);
  }

  /** Whether reading stopped before a line with NULs, because somebody may be writing it. */
  get isUnsettled() {
    return this.#reader.is_unsettled();
  }

  /**
   * Takes NULs for damage from now on, or no more: never where nobody can be writing.
   *
   * @param {boolean} isSettled
   */
  settle(isSettled) {
    this.#reader.settle(isSettled || !this.#source.modified);
  }

  /**
   * @param {Uint8Array} chunk
   * @param {boolean} isLast whether to read also what no line end follows
   * @returns {{ batch: Batch, refused?: SkillLogError }} `refused` says why reading stopped behind the batch
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
 * Reads forwards.
 *
 * @param {Source} source
 * @param {Reading} reading
 * @param {Patience} [patience] shared by the readings of one call
 * @returns {AsyncGenerator<Batch, void, void>}
 */
export async function* readBatches(
  source,
  { to, signal, ...reading },
  patience = new Patience(source),
) {
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
 * Adds to an error of the core where in the source it is.
 *
 * @param {Error} error
 * @param {Source} source
 * @param {number} from where reading began: lines are counted from there
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
  const entries = output === "none" ? [] : entriesOf(reader, places.length / 4, integers);
  const [restOffset, restLength, pendingOffset, pendingLength] = reader.rest();
  return {
    entries,
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
 * Gives the damaged lines of a chunk, a few at a time: a chunk may have as many as it has bytes.
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
      // Counted from where reading began.
      if (from > 0) delete line.line;
      yield line;
    }
  }
}
