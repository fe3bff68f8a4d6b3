// Reads a long log in parts, in several threads.

import { LOG_STATUS, MARK_WORDS } from "./log-scanner.js";
import { ScanThreads } from "./scan-threads.js";
import { keepSpare } from "../storage/spare-buffers.js";

/** @import { LogIndex } from "../../dist/skill_log.js" */
/** @import { PlainBytes } from "../types.js" */
/** @import { LogTask, RowBatch, ScanAccess, Source } from "../storage/storage.js" */

/**
 * What a thread reads at once: at least so many bytes, and of a very long log more, because each part
 * opens the file.
 */
const PART_BYTES = 8 << 20;
const PARTS = 64;

/**
 * A log that is read in parts.
 *
 * @typedef {object} LogInParts
 * @property {ScanThreads} threads
 * @property {any} ref what opens it in any thread
 * @property {ArrayLike<bigint>} stamp that of its file: see `ScannedLog.stamp`
 * @property {number} [least] the bytes of a part, at least. Default: 8 MiB
 */

/**
 * Returns how a log is read in parts; null where this thread reads it, or what its source leaves that to.
 *
 * @typedef {(source: Source, bytes: number) => LogInParts | null} InParts
 *   `bytes`: how many are to be read
 */

/**
 * The fewest bytes for which other threads work: one takes 15 to 30 ms to start, and this thread reads
 * so many in some 50 ms.
 */
const THREADED_BYTES = 64 << 20;

/** The threads of all logs that are opened by themselves, by their number. @type {Map<number, ScanThreads>} */
const shared = /* @__PURE__ */ new Map();

/**
 * Returns how a log that is opened by itself is read.
 *
 * @param {ScanAccess | null} access
 * @param {number} count how many threads read, this one included
 * @returns {InParts}
 */
export function longInParts(access, count) {
  return ({ ref, stamp }, bytes) => {
    if (!access || !ref || !stamp || bytes < THREADED_BYTES) return null;
    const threads = shared.get(count) ?? new ScanThreads(access, count);
    shared.set(count, threads);
    return threads.areMany ? { threads, ref, stamp } : null;
  };
}

/**
 * Reads the complete lines of a log from where it was read to, in its order. Stops before a line with
 * NULs, because a writer may be filling it, and where the file is another now.
 *
 * @param {LogInParts} parts
 * @param {LogIndex} core gets the rows of each batch before the next one is asked for
 * @param {number} log its number
 * @param {number} size the bytes of its file
 * @param {number} maxLineBytes
 * @param {AbortSignal | undefined} signal
 * @returns {AsyncGenerator<RowBatch, void, void>}
 */
export async function* scanParts(parts, core, log, size, maxLineBytes, signal) {
  const { threads, ref, stamp, least = PART_BYTES } = parts;
  const task = {
    refs: [ref],
    states: core.state(log),
    sizes: Float64Array.of(size),
    stamps: BigInt64Array.from(stamp),
    marks: new BigInt64Array(MARK_WORDS),
    maxLineBytes,
  };
  const tasks = tasksOf(task, least);
  for await (const found of threads.run("scan", tasks, true, signal)) {
    const [status] = found.statuses;
    const [from, end] = found.rests;
    // A line that started before goes on to the end of this part.
    if (status === LOG_STATUS.read && Number.isNaN(from)) continue;
    const isUnsettled = status === LOG_STATUS.unsettled;
    const isNext = status === LOG_STATUS.read || isUnsettled;
    const [position, lines] = core.state(log);
    // The rows of a line that has not ended stay as they are until all of it is read.
    if (!isNext || from !== position || end === from) return;
    const damage = found.damage.flatMap(([, damaged]) => damaged);
    // Lines were counted from the start of the part.
    for (const each of damage) if (each.line !== undefined) each.line += lines;
    const { tail } = found;
    const rows = /** @type {PlainBytes} */ (found.rows);
    const mark = tail ? { offset: end - tail.length, bytes: tail } : null;
    const rest = Float64Array.of(end, 0, 0, 0);
    yield { rows, isPart: true, damage, rest, mark, isLast: false, isUnsettled };
    keepSpare(rows);
    if (isUnsettled) return;
  }
}

/**
 * Makes the tasks of the parts.
 *
 * @param {Omit<LogTask, "parts">} log
 * @param {number} least the bytes of a part
 * @returns {Generator<LogTask, void, void>}
 */
function* tasksOf(log, least) {
  const [size] = log.sizes;
  const [start] = log.states;
  const length = Math.max(least, Math.ceil((size - start) / PARTS));
  for (let from = start; from < size; from += length)
    yield { ...log, parts: Float64Array.of(from, Math.min(from + length, size)) };
}
