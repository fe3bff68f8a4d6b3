// Repairs a log in place: offsets stay, and no writer that has the log open can lose an entry.
//
// Only bytes before the last line end change, which no writer touches again. They are judged,
// saved, synced and then overwritten, some mebibytes at a time. If the repair is killed, the damage
// is saved already, and another repair finds what is left.

import { DamagedGroup, KINDS, touchesOf } from "./damaged-stretches.js";
import { SkillLogError } from "../errors.js";
import { readBatches } from "../reading/batches.js";
import { LINE_END } from "../line-end.js";
import { cutOf, needsOf, STEPS, STRETCHES_BYTES, sumOf } from "../storage/overwrite-steps.js";
import { EMPTY_REPORT, UNFINISHED_AGE, verifySource } from "./verify.js";

/** @import { RepairOptions, RepairReport, Report } from "../types.js" */
/** @import { DamagedLine, OverwriteStep, RepairedFile, Source, Stretches } from "../storage/storage.js" */

/** The most bytes of a stretch that are saved in one line: 64 KiB in base64. */
const SAVED_BYTES = 48 * 1024;

/** The most stretches that are overwritten at once. In browsers nobody can append meanwhile. */
const MOST_STRETCHES = 1000;

/**
 * The most line ends between two stretches that are saved with the stretches. Another line of JSON
 * would be longer.
 */
const GAP_BYTES = 48;

/** A stretch starts in the buffer only when more room than this is left, in bytes. */
const LITTLE_ROOM = 4096;

/** How many bytes are read at a time for small stretches. */
const READ_BYTES = 1 << 18;

const RETURN = 0x0d;

/**
 * Repairs a log.
 *
 * @param {RepairedFile | null} file null when there is no log
 * @param {number} maxLineBytes
 * @param {RepairOptions} options
 * @returns {Promise<RepairReport>}
 */
export async function repairFile(file, maxLineBytes, options) {
  if (!file) return { ...EMPTY_REPORT, damage: [], repaired: 0, saved: 0, left: 0 };
  let isChanged = false;
  try {
    const found = await findDamage(file, maxLineBytes, options, () => (isChanged = true));
    const repair = new Repair(file, found.source, maxLineBytes, options, () => (isChanged = true));
    if (found.report.damaged > 0) await repair.run();
    const { repaired, saved, left } = repair;
    const isSaved = saved > 0 && !options.dryRun;
    return {
      ...found.report,
      ...(found.isSealed && { sealed: true }),
      repaired,
      saved,
      ...(isSaved && { savedTo: file.savedPath }),
      left,
    };
  } catch (error) {
    if (error instanceof SkillLogError && error.code === "OUT_OF_MEMORY") {
      const what = isChanged
        ? "the damage before that line is repaired, and the rest is unchanged"
        : "nothing was changed";
      error.message += `: ${what}`;
    }
    throw error;
  }
}

/**
 * Verifies a log, and seals its last line if an unfinished entry stands there that nobody is
 * writing.
 *
 * @param {RepairedFile} file
 * @param {number} maxLineBytes
 * @param {RepairOptions} options
 * @param {() => void} onChange
 * @returns {Promise<{ report: Report, source: Source, isSealed: boolean }>} `source` reads the
 *   bytes to repair
 */
async function findDamage(file, maxLineBytes, options, onChange) {
  const { doubtful, exclusive = false, signal, onProgress } = options;
  let isSaved = false;
  let isRewritten = false;
  const lookAt = (/** @type {DamagedLine} */ line) => {
    if (line.kind === "too_long" || (line.doubtful.length > 0 && !doubtful)) return;
    isSaved = true;
    isRewritten ||= exclusive && touchesOf(line.whole).length > 0;
  };
  const report = await verifySource(file.source, maxLineBytes, { signal, onProgress }, lookAt);
  // Before anything is changed, and in a dry run too.
  file.checkTargets?.(isSaved, isRewritten);
  const { pending } = report;
  const modified = pending ? await file.modified() : 0;
  if (!pending || Date.now() - modified <= UNFINISHED_AGE)
    return { report, source: file.source, isSealed: false };
  const end = pending.offset + pending.length;
  if (!options.dryRun) {
    if (!(await file.seal(end, modified))) return { report, source: file.source, isSealed: false };
    onChange();
  }
  const source = options.dryRun ? sealedSource(file.source, end) : file.source;
  return { report: await verifySource(source, maxLineBytes, options), source, isSealed: true };
}

/**
 * Returns a source as it would be with a line end at `end`.
 *
 * @param {Source} source
 * @param {number} end
 * @returns {Source}
 */
function sealedSource(source, end) {
  return {
    name: source.name,
    path: source.path,
    identity: source.identity,
    size: async () => end + 1,
    async read(offset, into) {
      if (offset > end) return 0;
      const count = await source.read(offset, into.subarray(0, end - offset));
      if (offset + count < end || count === into.length) return count;
      into[count] = LINE_END;
      return count + 1;
    },
    close: () => source.close(),
  };
}

/** The repair of one log, group by group. */
class Repair {
  #file;
  #source;
  #maxLineBytes;
  #options;
  #onChange;
  /** @type {number[]} the offsets of whole entries that touch the entry before them */
  #touching = [];
  /** Where the last stretch ended. */
  #end = -1;
  repaired = 0;
  saved = 0;
  left = 0;

  /**
   * @param {RepairedFile} file
   * @param {Source} source reads the bytes to repair
   * @param {number} maxLineBytes
   * @param {RepairOptions} options
   * @param {() => void} onChange
   */
  constructor(file, source, maxLineBytes, options, onChange) {
    this.#file = file;
    this.#source = source;
    this.#maxLineBytes = maxLineBytes;
    this.#options = options;
    this.#onChange = onChange;
  }

  async run() {
    /** @type {number | null} */
    let from = 0;
    // If another process changed a group's lines meanwhile, the group is judged again.
    while (from !== null) from = await this.#repairFrom(from);
    if (this.#touching.length > 0 && !this.#options.dryRun)
      await this.#file.insertNewlines(this.#touching);
  }

  /**
   * Judges the lines from an offset on, and repairs them group by group.
   *
   * @param {number} from
   * @returns {Promise<number | null>} null when the repair is done; else where to judge again
   */
  async #repairFrom(from) {
    const { doubtful, exclusive = false, signal } = this.#options;
    const size = await this.#source.size();
    let group = new DamagedGroup(from);
    const reading = {
      from,
      to: Infinity,
      strict: false,
      output: /** @type {const} */ ("none"),
      maxLineBytes: this.#maxLineBytes,
      signal,
    };
    for await (const { damage } of readBatches(this.#source, reading)) {
      for (const line of damage) {
        const end = line.offset + line.length;
        if (end >= size) {
          // The line has no line end, or is new: a write may be going on.
          if (line.offset < size) group.left += line.lines;
          continue;
        }
        group.add(line, doubtful, exclusive);
        if (!group.isFull) continue;
        if (!(await this.#finish(group))) return group.from;
        group = new DamagedGroup(end + 1);
      }
    }
    return (await this.#finish(group)) ? null : group.from;
  }

  /**
   * Saves the stretches of a group, and overwrites them.
   *
   * @param {DamagedGroup} group
   * @returns {Promise<boolean>} false when another process changed them meanwhile
   */
  async #finish(group) {
    const { dryRun = false, signal } = this.#options;
    const saving = new Saving(this.#file, this.#source, dryRun, this.#end);
    for (const stretch of group.stretches()) {
      signal?.throwIfAborted();
      if (!(await saving.add(stretch))) return false;
    }
    await saving.flush();
    if (!dryRun && saving.parts.length > 0) {
      await this.#file.syncSaved();
      for (const step of stepsOf(saving.parts)) {
        for (const part of saving.parts) {
          if (!part.steps.has(step)) continue;
          signal?.throwIfAborted();
          this.#onChange();
          const sum = await this.#file.overwrite(part.stretches, step);
          if (sum === null) return false;
          part.stretches.sum = sum;
        }
        await this.#file.sync();
      }
    }
    this.repaired += saving.count;
    this.saved += saving.bytes;
    this.left += group.left;
    this.#end = saving.end;
    for (const offset of group.touching) this.#touching.push(offset);
    return true;
  }
}

/**
 * Stretches that are overwritten at once, and the steps that they need.
 *
 * @typedef {{ stretches: Stretches, steps: Set<OverwriteStep> }} Part
 */

/**
 * @param {Part[]} parts
 * @returns {OverwriteStep[]} the steps that any part needs, in order
 */
function stepsOf(parts) {
  return STEPS.filter((step) => parts.some(({ steps }) => steps.has(step)));
}

/** Reads the stretches of a group, and saves them. */
class Saving {
  #file;
  #isDry;
  #reader;
  #buffer = new Uint8Array(STRETCHES_BYTES);
  #used = 0;
  /**
   * The stretches in the buffer, or parts of long stretches. `from` is an index of the buffer.
   *
   * @type {{ offset: number, from: number, length: number, kind: number, isFollowed: boolean }[]}
   */
  #buffered = [];
  /** @type {Part[]} the parts that were saved, but not overwritten yet */
  parts = [];
  /**
   * The number of stretches. Does not count a first stretch that continues the last stretch of the
   * group before.
   */
  count = 0;
  /** The number of bytes to save. */
  bytes = 0;

  /**
   * @param {RepairedFile} file
   * @param {Source} source
   * @param {boolean} isDry whether to save nothing
   * @param {number} end where the stretch before this group ended
   */
  constructor(file, source, isDry, end) {
    this.#file = file;
    this.#isDry = isDry;
    this.#reader = new StretchReader(source);
    this.end = end;
  }

  /**
   * Reads a stretch into the buffer. Saves the buffer first when it is full.
   *
   * @param {{ offset: number, length: number, kind: number, isFollowed: boolean }} stretch
   * @returns {Promise<boolean>} false when the file became shorter
   */
  async add({ offset, length, kind, isFollowed }) {
    const gap = offset - this.end;
    let isNext = this.end >= 0 && gap <= GAP_BYTES && (await this.#isBlank(this.end, gap));
    const end = offset + length;
    if (!isNext) this.count += 1;
    const last = this.#buffered[this.#buffered.length - 1];
    let at =
      isNext && last && this.#used + gap + LITTLE_ROOM < this.#buffer.length ? this.end : offset;
    isNext &&= at < offset;
    while (at < end) {
      if (
        this.#buffered.length >= MOST_STRETCHES ||
        this.#buffer.length - this.#used < Math.min(end - at, LITTLE_ROOM)
      ) {
        await this.flush();
        isNext = false;
      }
      const from = this.#used;
      let bytes = this.#buffer.subarray(from, Math.min(this.#buffer.length, from + end - at));
      if (!(this.#reader.take(at, bytes) || (await this.#reader.read(at, bytes)))) return false;
      if (at + bytes.length < end) bytes = bytes.subarray(0, cutOf(bytes));
      const isEnd = at + bytes.length === end;
      if (isNext) {
        last.length += bytes.length;
        last.kind = Math.min(last.kind, kind);
        last.isFollowed = isFollowed && isEnd;
      } else {
        this.#buffered.push({
          offset: at,
          from,
          length: bytes.length,
          kind,
          isFollowed: isFollowed && isEnd,
        });
      }
      this.#used += bytes.length;
      at += bytes.length;
      isNext = false;
    }
    this.end = end;
    return true;
  }

  /**
   * Returns whether a part of the file has only blank lines.
   *
   * @param {number} offset
   * @param {number} length
   */
  async #isBlank(offset, length) {
    const bytes = new Uint8Array(length);
    const isRead = this.#reader.take(offset, bytes) || (await this.#reader.read(offset, bytes));
    return isRead && bytes.every((byte) => byte === LINE_END || byte === RETURN);
  }

  /** Saves the contents of the buffer. */
  async flush() {
    const numbers = [];
    /** @type {Set<OverwriteStep>} */
    const steps = new Set(["blank"]);
    for (const { offset, from, length, kind, isFollowed } of this.#buffered) {
      numbers.push(offset, length, isFollowed ? 1 : 0);
      const bytes = this.#buffer.subarray(from, from + length);
      // Another repair may just have overwritten the bytes.
      if (bytes[0] === LINE_END && bytes.every((byte) => byte === LINE_END)) continue;
      this.bytes += length;
      if (this.#isDry) continue;
      const needs = needsOf(bytes);
      if (needs.rename) steps.add("rename");
      if (needs.break) steps.add("break");
      if (isFollowed) steps.add("part");
      for (let at = 0; at < length; at += SAVED_BYTES) {
        await this.#file.save(offset + at, KINDS[kind], bytes.subarray(at, at + SAVED_BYTES));
      }
    }
    if (numbers.length > 0 && !this.#isDry) {
      this.parts.push({
        stretches: {
          numbers: Float64Array.from(numbers),
          sum: sumOf(this.#buffer.subarray(0, this.#used)),
        },
        steps,
      });
    }
    this.#buffered = [];
    this.#used = 0;
  }
}

/** Reads stretches one after the other, small ones many at a time. */
class StretchReader {
  #source;
  #buffer = new Uint8Array(READ_BYTES);
  #offset = 0;
  #length = 0;

  /** @param {Source} source */
  constructor(source) {
    this.#source = source;
  }

  /**
   * Copies bytes that were read already.
   *
   * @param {number} offset
   * @param {Uint8Array} into
   * @returns {boolean} false when they were not read
   */
  take(offset, into) {
    const from = offset - this.#offset;
    if (from < 0 || from + into.length > this.#length) return false;
    into.set(this.#buffer.subarray(from, from + into.length));
    return true;
  }

  /**
   * Reads bytes.
   *
   * @param {number} offset
   * @param {Uint8Array} into
   * @returns {Promise<boolean>} false when the file has fewer bytes
   */
  async read(offset, into) {
    if (into.length >= READ_BYTES) return (await this.#source.read(offset, into)) === into.length;
    this.#offset = offset;
    this.#length = 0;
    this.#length = await this.#source.read(offset, this.#buffer);
    return this.take(offset, into);
  }
}
