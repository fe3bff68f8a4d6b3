// Reads many logs into rows, in whatever thread this runs: each log is opened, read to its end, and
// closed.

import { hash, LogIndex, RowSender } from "../../dist/skill_log.js";
import { takeDamage } from "../reading/batches.js";
import { Ahead } from "../storage/ahead.js";
import { LONG_MARK_BYTES } from "../storage/file-mark.js";
import { isSameFile, STAMP_WORDS } from "../storage/stamps.js";
import { bytesAt, callCore, giveBack } from "../wasm/core.js";

/** @import { ThreadTurns } from "../storage/thread-turns.js" */
/** @import { LogTask, OpenLog, ScannedLog, TaskRows } from "../storage/storage.js" */

/** What became of a log of a task. */
export const LOG_STATUS = /** @type {const} */ ({
  read: 0,
  /** There is no such file any more. */
  gone: 1,
  /** The file was cut, or has other bytes where it was read before. */
  replaced: 2,
  /** A line has NULs that a writer may still replace. */
  unsettled: 3,
  /** The log cannot be read. Opening it in the thread that asks throws why. */
  failed: 4,
});

/** The length of a mark, and the hash of its bytes. */
export const MARK_WORDS = 2;

/** Numbers of a state: see `LogIndex.state` of the core. */
export const STATE_NUMBERS = 4;

const NEWLINE = 0x0a;

/** Bytes that are read at once. */
const CHUNK_BYTES = 1 << 20;

/** Bytes that are read beyond a part, where its last line goes on. */
const REST_BYTES = 1 << 16;

/** Reads the logs of tasks. A thread has one. */
export class LogScanner {
  #core = new LogIndex();
  #sender = new RowSender();
  /** @type {Promise<unknown>} the last task */
  #last = Promise.resolve();
  #open;
  #atOnce;
  #turns;
  #scratch = new Uint8Array(LONG_MARK_BYTES);
  /** The chunk of a part, or of a log that is slow to read. */
  #buffer = new Uint8Array(0);
  /**
   * The first chunks of parts, read before their turn.
   *
   * @type {WeakMap<ScannedLog, Promise<Uint8Array | null>>}
   */
  #first = new WeakMap();

  /**
   * @param {OpenLog} open
   * @param {number} atOnce how many logs are opened at once
   * @param {ThreadTurns} [turns] lets other work of this thread run
   */
  constructor(open, atOnce, turns) {
    this.#turns = turns;
    this.#open = open;
    this.#atOnce = atOnce;
  }

  /**
   * Reads the logs of a task, after those of the task before.
   *
   * @param {LogTask} task
   * @returns {Promise<TaskRows>}
   */
  scan(task) {
    const isAhead = this.#atOnce > 1;
    const open = isAhead && task.parts ? () => this.#openPart(task) : this.#open;
    const openings = new Ahead(task.refs, this.#atOnce, open);
    // The disk works on these logs while those of the task before are scanned.
    if (isAhead) openings.start();
    const scanning = this.#last.then(() => this.#scan(task, openings));
    this.#last = scanning.catch(() => {});
    return scanning;
  }

  /**
   * Opens the log of a part, and starts to read its first chunk. A browser reads several streams at
   * once faster than one.
   *
   * @param {LogTask} task
   */
  async #openPart({ refs: [ref], states: [position], stamps, parts }) {
    const log = await this.#open(ref);
    if (log?.chunk && parts && isSameFile(stamps, 0, log.stamp, 0)) {
      const reading = this.#chunk(log, startOf(position, parts[0]), parts[1]);
      // Whoever takes the chunk learns of it.
      reading.catch(() => {});
      this.#first.set(log, reading);
    }
    return log;
  }

  /**
   * @param {LogTask} task
   * @param {Ahead<any, ReturnType<OpenLog>>} openings
   */
  async #scan(task, openings) {
    const { refs, states, parts } = task;
    const count = refs.length;
    /** @type {TaskRows} */
    const found = {
      rows: new Uint8Array(0),
      statuses: new Uint8Array(count),
      rests: new Float64Array(4 * count),
      marks: new BigInt64Array(MARK_WORDS * count),
      damage: [],
    };
    for (let at = 0; at < count; at += 1) {
      const start = STATE_NUMBERS * at;
      if (!parts) {
        const [position, lines, provisional] = [
          states[start],
          states[start + 1],
          states[start + 2],
        ];
        this.#sender.add_log(this.#core, position, lines, provisional, states[start + 3]);
      }
      try {
        const opening = openings.next();
        // Awaiting what is no promise takes as long as reading a small log.
        const opened = opening && "then" in opening ? await opening : opening;
        if (!opened) {
          found.statuses[at] = LOG_STATUS.gone;
          continue;
        }
        try {
          const reading = parts
            ? this.#readPart(opened, at, task, parts, found)
            : this.#read(opened, at, task, found);
          found.statuses[at] = await reading;
        } finally {
          opened.close();
        }
      } catch {
        found.statuses[at] = LOG_STATUS.failed;
      }
      if (this.#turns?.areDue) await this.#turns.letOthersRun();
    }
    found.rows = callCore(() => this.#sender.take_rows(this.#core));
    giveBack(() => this.#core.free());
    giveBack(() => this.#sender.free());
    this.#core = new LogIndex();
    this.#sender = new RowSender();
    return found;
  }

  /**
   * Reads a log, up to the size that it had when it was found.
   *
   * @param {ScannedLog} log
   * @param {number} at its position in the task
   * @param {LogTask} task
   * @param {TaskRows} found
   * @returns {Promise<number>} the status
   */
  async #read(log, at, { states, sizes, marks, maxLineBytes }, found) {
    const core = this.#core;
    const position = states[STATE_NUMBERS * at];
    const size = sizes[at];
    const mark = MARK_WORDS * at;
    if (position > 0) {
      if (size < position) return LOG_STATUS.replaced;
      const hashed = await this.#hash(log, position, Number(marks[mark]));
      if (hashed !== marks[mark + 1]) return LOG_STATUS.replaced;
    }
    core.begin(at, maxLineBytes, false);
    for (let offset = position, isLast = false; !isLast; ) {
      const wanted = Math.min(size - offset, CHUNK_BYTES);
      const space = () =>
        bytesAt(
          callCore(() => core.space(wanted)),
          wanted,
        );
      // The core's memory may move while a read waits.
      const into = log.isSlow ? this.#bufferOf(wanted) : space();
      const reading = wanted > 0 ? log.read(offset, into) : 0;
      const count = typeof reading === "number" ? reading : await reading;
      // The file may have been cut since it was found.
      if (count < wanted) return LOG_STATUS.replaced;
      if (log.isSlow) space().set(into);
      offset += count;
      isLast = offset >= size;
      callCore(() => core.read(isLast));
      this.#takeDamage(at, found);
      if (core.is_unsettled()) return LOG_STATUS.unsettled;
    }
    found.rests.set(core.rest(), 4 * at);
    const end = core.position(at);
    const length = Math.min(end, LONG_MARK_BYTES);
    found.marks[mark] = BigInt(length);
    found.marks[mark + 1] =
      core.mark_length() === length
        ? BigInt.asIntN(64, core.mark_hash())
        : await this.#hash(log, end, length);
    return LOG_STATUS.read;
  }

  /**
   * Reads the lines that start in a part of a log.
   *
   * @param {ScannedLog} log
   * @param {number} at its position in the task
   * @param {LogTask} task
   * @param {Float64Array} parts
   * @param {TaskRows} found its rests are where the lines start and end; NaN where none starts
   * @returns {Promise<number>} the status
   */
  async #readPart(log, at, { states, stamps, maxLineBytes }, parts, found) {
    if (!isSameFile(stamps, STAMP_WORDS * at, log.stamp, 0)) return LOG_STATUS.replaced;
    const [position, , , number] = states.subarray(STATE_NUMBERS * at);
    const from = parts[2 * at];
    const to = parts[2 * at + 1];
    const core = this.#core;
    found.rests.fill(NaN, 4 * at, 4 * at + 2);
    const begin = (/** @type {number} */ start) => {
      this.#sender.add_log(core, start, 0, 0, number);
      if (!Number.isNaN(start)) core.begin(at, maxLineBytes, false);
      return start;
    };
    let start = from === position ? begin(from) : NaN;
    let offset = startOf(position, from);
    let reading = this.#first.get(log);
    // A line that starts before a part's end may go on beyond it.
    for (let last = to; offset < log.size && offset < last; ) {
      const isWithin = !log.isSlow && !Number.isNaN(start) && offset < to;
      if (isWithin) {
        const wanted = Math.min(to - offset, CHUNK_BYTES);
        const into = bytesAt(
          callCore(() => core.space(wanted)),
          wanted,
        );
        // Not awaited: the core's memory may move meanwhile.
        if (/** @type {number} */ (log.read(offset, into)) < wanted) return LOG_STATUS.replaced;
        offset += wanted;
        const isEnd = offset === to && into[wanted - 1] === NEWLINE;
        callCore(() => core.read(false));
        this.#takeDamage(at, found);
        if (core.is_unsettled() || isEnd) break;
        if (offset === to) last = to + 1;
        continue;
      }
      const bytes = await (reading ?? this.#chunk(log, offset, to));
      reading = undefined;
      if (!bytes) return LOG_STATUS.replaced;
      let first = 0;
      if (Number.isNaN(start)) {
        first = bytes.indexOf(NEWLINE) + 1;
        if (offset + first >= to) break;
        if (first > 0) start = begin(offset + first);
      }
      const end = bytes.indexOf(NEWLINE, Math.max(first, to - 1 - offset)) + 1;
      const isEnd = offset + bytes.length >= to && end > 0;
      offset += bytes.length;
      if (Number.isNaN(start)) continue;
      const some = bytes.subarray(first, isEnd ? end : bytes.length);
      callCore(() => {
        bytesAt(core.space(some.length), some.length).set(some);
        core.read(false);
      });
      this.#takeDamage(at, found);
      if (core.is_unsettled() || isEnd) break;
      if (offset >= to) last = offset + 1;
    }
    if (Number.isNaN(start)) {
      begin(NaN);
      return LOG_STATUS.read;
    }
    const end = core.position(at);
    found.rests[4 * at] = start;
    found.rests[4 * at + 1] = end;
    const tail = new Uint8Array(Math.min(end, LONG_MARK_BYTES));
    if ((await log.read(end - tail.length, tail)) < tail.length) return LOG_STATUS.replaced;
    found.tail = tail;
    return core.is_unsettled() ? LOG_STATUS.unsettled : LOG_STATUS.read;
  }

  /**
   * Reads a chunk.
   *
   * @param {ScannedLog} log
   * @param {number} offset
   * @param {number} to where the part ends. The chunk may go on beyond it, as its last line does
   * @returns {Promise<Uint8Array | null>} lasts until the next one; null when the file was cut
   */
  async #chunk(log, offset, to) {
    const end = Math.min(log.size, Math.max(offset, to) + REST_BYTES);
    if (log.chunk) return log.chunk(offset, Math.min(end - offset, CHUNK_BYTES), end);
    // Only where lines start and end: the other bytes are read without a copy.
    const wanted = Math.min(end - offset, REST_BYTES);
    const bytes = this.#bufferOf(wanted);
    return (await log.read(offset, bytes)) < wanted ? null : bytes;
  }

  /** @param {number} length at most that of a chunk */
  #bufferOf(length) {
    if (this.#buffer.length < length) this.#buffer = new Uint8Array(CHUNK_BYTES);
    return this.#buffer.subarray(0, length);
  }

  /**
   * Takes the damage of a chunk.
   *
   * @param {number} at
   * @param {TaskRows} found
   */
  #takeDamage(at, found) {
    if (this.#core.damage_count() === 0) return;
    const damage = [...takeDamage(this.#core, 0)];
    const last = found.damage.at(-1);
    if (last?.[0] === at) for (const each of damage) last[1].push(each);
    else found.damage.push([at, damage]);
  }

  /**
   * Returns the hash of the last bytes before an offset.
   *
   * @param {ScannedLog} log
   * @param {number} end
   * @param {number} length
   */
  async #hash(log, end, length) {
    const bytes = this.#scratch.subarray(0, length);
    const count = await log.read(end - length, bytes);
    return BigInt.asIntN(64, hash(bytes.subarray(0, count)));
  }
}

/**
 * Returns where a part is read from: the byte before it says whether a line starts with it.
 *
 * @param {number} position where the log is read from
 * @param {number} from where the part starts
 */
function startOf(position, from) {
  return from === position ? from : from - 1;
}
