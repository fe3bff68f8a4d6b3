// Reads the chunks of any storage through the core, forwards and backwards.

import { LogReader } from "../dist/skill_log.js";
import { SkillLogError } from "./errors.js";
import { chunksOf } from "./storage/source.js";
import { entriesOf } from "./tape.js";
import { bytesAt, coreError, giveBack, startedModule } from "./wasm.js";

/** @import { Source } from "./storage/source.js" */
/** @import { Damage, Entry, LogRecord } from "./types.js" */

/**
 * @typedef {object} Reading
 * @property {number} from
 * @property {number} to
 * @property {boolean} strict
 * @property {"parsed" | "raw" | "none"} output
 * @property {number} maxLineBytes
 * @property {AbortSignal} [signal]
 */

/**
 * A damaged line, with what the core knows of its bytes.
 *
 * @typedef {Omit<Damage, "recovered"> & { whole: [number, number][], damaged: [number, number][] }} DamagedLine
 */

/**
 * What one chunk gave.
 *
 * @typedef {object} Batch
 * @property {Entry[]} entries empty where the output is `"none"`
 * @property {Float64Array} places offset, length, end, and 1 where it was recovered, for each entry
 * @property {Iterable<DamagedLine>} damage to be taken before the next batch is asked for
 * @property {number} lines line ends read so far
 * @property {number} restOffset where the bytes start that no line end follows yet
 * @property {number} restLength
 */

/** How far back a reading backwards looks for a line start at a time. */
const STRETCH_BYTES = 1 << 18;

/** Turns the chunks of a source, given one after the other, into batches. What no line end follows yet stays in it. */
export class BatchReader {
  #source;
  #from;
  #output;
  #reader;

  /**
   * @param {Source} source
   * @param {Pick<Reading, "from" | "strict" | "output" | "maxLineBytes">} reading
   */
  constructor(source, { from, strict, output, maxLineBytes }) {
    startedModule();
    this.#source = source;
    this.#from = from;
    this.#output = output;
    this.#reader = new LogReader(from, maxLineBytes, strict, output !== "none", output === "raw");
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
      refused = refusal(thrown, this.#source, this.#from);
      if (refused.code === "OUT_OF_MEMORY") throw refused;
    }
    return { batch: takeBatch(this.#reader, this.#output, this.#from), refused };
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
 * @returns {AsyncGenerator<Batch, void, void>}
 */
export async function* readBatches(source, { to, signal, ...reading }) {
  const reader = new BatchReader(source, reading);
  try {
    for await (const { bytes, isLast } of chunksOf(source, reading.from, to, signal)) {
      const { batch, refused } = reader.read(bytes, isLast);
      yield batch;
      if (refused) throw refused;
      if (batch.restOffset >= to) return;
    }
  } finally {
    reader.free();
  }
}

/**
 * @param {unknown} thrown
 * @param {Source} source
 * @param {number} from
 */
function refusal(thrown, source, from) {
  const error = coreError(thrown, (reason) => `${source.name}: ${reason}`);
  if (!(error instanceof SkillLogError)) throw error;
  if (error.offset !== undefined) {
    const line = from === 0 ? `line ${error.line}, ` : "";
    error.message = `${source.name}, ${line}byte ${error.offset}: ${error.reason}`;
    if (from > 0) delete error.line;
  }
  if (source.path !== undefined) error.path = source.path;
  return error;
}

/**
 * Makes errors of what the core throws. Nobody else's: the reason of an abort may be any value.
 *
 * @template T
 * @param {Source} source
 * @param {() => T} call
 */
export function asking(source, call) {
  try {
    return call();
  } catch (thrown) {
    const error = coreError(thrown, (reason) => `${source.name}: ${reason}`);
    if (error instanceof SkillLogError && source.path !== undefined) error.path = source.path;
    throw error;
  }
}

/**
 * @param {LogReader} reader
 * @param {Reading["output"]} output
 * @param {number} from
 * @returns {Batch}
 */
function takeBatch(reader, output, from) {
  const places = reader.places();
  const entries = output === "none" ? [] : entriesOf(reader, places.length / 4);
  const [restOffset, restLength] = reader.rest();
  return {
    entries,
    places,
    damage: reader.damage_count() === 0 ? [] : takeDamage(reader, from),
    lines: reader.lines(),
    restOffset,
    restLength,
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

/**
 * Gives the entries of a batch with their places, but those that start at `to` or later.
 *
 * @param {Batch} batch
 * @param {number} to
 * @returns {LogRecord[]}
 */
export function recordsOf({ entries, places }, to) {
  /** @type {LogRecord[]} */
  const records = [];
  for (const entry of entries) {
    const at = records.length * 4;
    if (places[at] >= to) break;
    records.push({ entry, offset: places[at], length: places[at + 1], end: places[at + 2], recovered: places[at + 3] === 1 });
  }
  return records;
}

/**
 * Gives the records that start in a range, a batch at a time, in the order of the file.
 *
 * @param {Source} source
 * @param {Reading} reading
 * @param {(damage: DamagedLine) => void} onDamage
 */
export async function* recordsForwards(source, reading, onDamage) {
  for await (const batch of readBatches(source, reading)) {
    for (const each of batch.damage) if (each.offset < reading.to) onDamage(each);
    yield recordsOf(batch, reading.to);
  }
}

/**
 * Gives the records that start in a range, a batch at a time, the last one first.
 *
 * Goes from line start to line start, a stretch at a time, and reads each forwards.
 *
 * @param {Source} source
 * @param {Reading} reading
 * @param {(damage: DamagedLine) => void} onDamage
 */
export async function* recordsBackwards(source, reading, onDamage) {
  let to = Math.min(reading.to, await source.size());
  while (to > reading.from) {
    const from = await lineStart(source, reading.from, to, reading.signal);
    const records = [];
    /** @type {DamagedLine[]} */
    const damage = [];
    const stretch = { ...reading, from, to };
    for await (const batch of recordsForwards(source, stretch, (each) => damage.push(each))) for (const each of batch) records.push(each);
    for (const each of damage.reverse()) {
      if (from > 0 || to < reading.to) delete each.line;
      onDamage(each);
    }
    yield records.reverse();
    to = from;
  }
}

/**
 * Finds a line start before `to`, about a stretch away from it; further away where the line is longer.
 *
 * @param {Source} source
 * @param {number} from the first one that is asked for, taken for a line start
 * @param {number} to
 * @param {AbortSignal} [signal]
 */
async function lineStart(source, from, to, signal) {
  const stretch = new Uint8Array(Math.min(STRETCH_BYTES, to - from));
  for (let end = to; end > from; ) {
    signal?.throwIfAborted();
    const start = Math.max(from, end - STRETCH_BYTES);
    const chunk = stretch.subarray(0, await source.read(start, stretch.subarray(0, end - start)));
    const isNext = end === to;
    if (isNext && start === from) return from;
    // In the stretch next to `to`, as early a line as it has, but none that begins at `to`; further away, the start of the line.
    const at = isNext ? chunk.subarray(0, -1).indexOf(0x0a) : chunk.lastIndexOf(0x0a);
    if (at >= 0) return start + at + 1;
    end = start;
  }
  return from;
}
