// Exports the logs of hosts to segments by day and host, each entry once.

import fs from "node:fs";
import path from "node:path";

import { sessionsIn, skipUnreadable } from "../../selection/operands.js";
import { damageWarning } from "../../terminal/damage-warnings.js";
import { Progress } from "../../terminal/progress.js";
import { Failure } from "../../failures.js";
import { HostLake, Overtaken, STATE } from "./host-lake.js";
import { LeftOut } from "./left-out.js";
import { LogReading } from "./log-reading.js";
import { stampAt } from "./log-text.js";

/** @import { LinesChunk } from "../../../types.js" */
/** @import { ExportFormat } from "../export-format.js" */
/** @import { NamedLog } from "../../selection/operands.js" */
/** @import { Batch, Segment } from "./batch.js" */
/** @import { HostDirectory } from "./host-directories.js" */
/** @import { Head, NewEntry } from "./log-reading.js" */

/** What an export of a host did. */
export class HostReport {
  /** The new segments. @type {Segment[]} */
  segments = [];
  entries = 0;
  logs = 0;
  /** The logs that had changed since they were exported, and were read. */
  read = 0;
  /** The entries that stand elsewhere in their logs than when they were exported. */
  moved = 0;
  /** The logs that end in an unfinished line. */
  pending = 0;
  /** The logs that could not be read. */
  unreadable = 0;
  left = new LeftOut();
  changed = { timestamps: 0, invalidUtf8: 0, loneSurrogates: 0 };
  missing = { segments: 0, entries: 0 };

  /** @param {string} host @param {string} dir */
  constructor(host, dir) {
    this.host = host;
    this.dir = dir;
  }

  get bytes() {
    return this.segments.reduce((sum, { bytes }) => sum + bytes, 0);
  }

  toJSON() {
    const { host, dir, logs, read, entries, bytes, segments } = this;
    const { left, pending, moved, unreadable, missing, changed } = this;
    return {
      ...{ host, dir, logs, read, entries, bytes, segments },
      left_out: left.toJSON(),
      ...{ pending, moved, unreadable, missing_segments: missing.segments },
      missing_entries: missing.entries,
      changed: {
        timestamps: changed.timestamps,
        invalid_utf8: changed.invalidUtf8,
        lone_surrogates: changed.loneSurrogates,
      },
    };
  }
}

/** Exports the logs of one host. */
export class HostExport {
  #output;
  #host;
  #dir;
  #options;
  #format;
  /** @type {HostLake} */
  #lake;
  /** The facts of logs that this run has read: what is left out is counted once. @type {Map<string, Head>} */
  #heads = new Map();
  /** The logs that this run could not read. @type {Set<string>} */
  #unreadable = new Set();
  /** The logs whose damage this run has warned of. @type {Set<string>} */
  #warned = new Set();
  #report;

  /**
   * @param {string} output
   * @param {HostDirectory} of
   * @param {ExportFormat} format
   * @param {object} options
   * @param {boolean | undefined} [options.recursive]
   * @param {number} [options.summaryEvery] after how many batches a summary is written
   */
  constructor(output, { host, dir }, format, options) {
    this.#output = output;
    this.#host = host;
    this.#dir = dir;
    this.#options = options;
    this.#format = format;
    this.#lake = HostLake.open(output, host, options.summaryEvery);
    this.#report = new HostReport(host, dir);
  }

  /**
   * Reads what is new, and writes nothing.
   *
   * @returns {Promise<HostReport>} without segments
   */
  async check() {
    const logs = await this.#logs();
    for (const { log, reading } of this.#changed(logs)) {
      try {
        await reading.readAll();
        this.#heads.set(log.label, reading.head);
      } catch (error) {
        await this.#skip(log, error);
      }
      await this.#warn(log, reading);
    }
    return this.#completeReport(logs);
  }

  /**
   * Writes what is new.
   *
   * @returns {Promise<HostReport>}
   */
  async run() {
    const logs = await this.#logs();
    for (;;) {
      try {
        await this.#export(logs);
        return this.#completeReport(logs);
      } catch (error) {
        if (!(error instanceof Overtaken)) throw error;
        // What the other export wrote is known now.
        this.#lake = HostLake.open(this.#output, this.#host, this.#options.summaryEvery);
      }
    }
  }

  async #logs() {
    const logs = await sessionsIn(this.#dir, this.#options.recursive);
    // In the order of their names, so that a run after a killed one does the same.
    return logs.sort((a, b) => (a.label < b.label ? -1 : 1));
  }

  /**
   * Yields the logs that have changed since they were exported, each with its reading.
   *
   * @param {NamedLog[]} logs
   */
  *#changed(logs) {
    const progress = new Progress("exporting", logs);
    try {
      for (const log of logs) {
        const known = this.#lake.known(log.label);
        if (stampAt(log) !== known.before.stamp || known.before.stamp === null) {
          const warning = damageWarning(log);
          const reading = Object.assign(new LogReading(log, known, warning.add), { warning });
          yield { log, known, reading };
        }
        progress.update({ bytes: log.bytes });
        progress.next();
      }
    } finally {
      progress.stop();
    }
  }

  /** @param {NamedLog[]} logs */
  async #export(logs) {
    /** @type {Batch | null} */
    let batch = null;
    // What the entries of the batch count, once they are written.
    let counts = newCounts();
    const commit = async () => {
      const written = /** @type {Batch} */ (batch);
      this.#report.segments.push(...(await this.#lake.commit(written, this.#format)));
      this.#report.entries += written.entries;
      this.#report.moved += counts.moved;
      for (const key of /** @type {const} */ (["timestamps", "invalidUtf8", "loneSurrogates"]))
        this.#report.changed[key] += counts.changed[key];
      batch = null;
      counts = newCounts();
    };
    try {
      for (const { log, known, reading } of this.#changed(logs)) {
        const session = log.label;
        let isBegun = false;
        const begin = () => {
          batch ??= this.#lake.startBatch(this.#format);
          if (!isBegun) batch.begin(session);
          isBegun = true;
          return batch;
        };
        /** @type {Head} What a part of the log leaves: it is read again from its start. */
        const unfinished = { ...known.before, stamp: null, prefix: null, resume: 0 };
        let isRead = false;
        try {
          for await (const entry of reading.entries()) {
            await begin().add(entry);
            noteChange(counts.changed, entry);
            if (!begin().isFull) continue;
            begin().end(unfinished);
            await commit();
            isBegun = false;
          }
          isRead = true;
        } catch (error) {
          if (error instanceof Overtaken) throw error;
          await this.#skip(log, error);
        }
        await this.#warn(log, reading);
        if (!isRead) {
          if (isBegun) begin().end(unfinished);
          continue;
        }
        counts.moved += reading.moved;
        this.#heads.set(session, reading.head);
        if (isBegun || known.isNew || isWorthNoting(known.before, reading.head))
          begin().end(reading.head);
      }
      if (batch) await commit();
    } finally {
      /** @type {Batch | null} */ (batch)?.discard();
    }
  }

  /** @param {NamedLog} log @param {unknown} error */
  async #skip(log, error) {
    if (this.#unreadable.has(log.label)) return;
    await skipUnreadable(log, error);
    this.#unreadable.add(log.label);
  }

  /** @param {NamedLog} log @param {LogReading & { warning: ReturnType<typeof damageWarning> }} reading */
  async #warn({ label }, { warning }) {
    if (this.#warned.has(label)) return;
    this.#warned.add(label);
    await warning.report();
  }

  /** @param {NamedLog[]} logs */
  #completeReport(logs) {
    const report = this.#report;
    report.logs = logs.length;
    report.read = this.#heads.size;
    report.unreadable = this.#unreadable.size;
    report.missing = this.#lake.missing;
    for (const { label } of logs) {
      const { left, tail, isPending } = this.#heads.get(label) ?? this.#lake.known(label).before;
      report.left.add(left);
      report.left.add(tail);
      report.pending += Number(isPending);
    }
    return report;
  }
}

const newCounts = () => ({
  moved: 0,
  changed: { timestamps: 0, invalidUtf8: 0, loneSurrogates: 0 },
});

/** @param {LinesChunk["changed"]} counts @param {NewEntry} entry */
function noteChange(counts, { changed }) {
  if (!changed) return;
  counts.timestamps += changed.timestamps;
  counts.invalidUtf8 += changed.invalidUtf8;
  counts.loneSurrogates += changed.loneSurrogates;
}

/**
 * Reports whether a reading that found nothing new saves the next one work.
 *
 * @param {Head} before
 * @param {Head} head
 */
function isWorthNoting(before, head) {
  return (head.stamp !== null && head.stamp !== before.stamp) || head.resume > before.resume;
}

/**
 * Refuses a directory that would mix segments with other files: one that holds logs of a host, or is
 * among them, or that an export without hosts wrote.
 *
 * @param {string} output
 * @param {HostDirectory[]} hosts
 * @param {{ recursive?: boolean | undefined }} options
 */
export function refuseOutput(output, hosts, { recursive = false }) {
  const stat = fs.statSync(output, { throwIfNoEntry: false });
  if (stat && !stat.isDirectory())
    throw new Failure(`${output} is not a directory; choose another path`);
  const real = realPathOf(output);
  for (const { dir } of hosts) {
    const own = fs.realpathSync(dir);
    if (own === real || own.startsWith(real + path.sep))
      throw new Failure(
        `${output} contains the logs of ${dir}, which are being exported; write to another directory`,
      );
    if (recursive && real.startsWith(own + path.sep))
      throw new Failure(
        `${output} is in ${dir}, which is being exported with its subdirectories; write to another directory`,
      );
  }
  if (!stat || fs.existsSync(path.join(output, STATE))) return;
  const [other] = fs.readdirSync(output);
  if (other !== undefined)
    throw new Failure(
      `${output} contains ${other}, which no export of hosts wrote; choose another directory`,
    );
}

/**
 * Returns the real path of what may not exist yet.
 *
 * @param {string} file
 * @returns {string}
 */
function realPathOf(file) {
  const full = path.resolve(file);
  if (fs.existsSync(full)) return fs.realpathSync(full);
  const above = path.dirname(full);
  return above === full ? full : path.join(realPathOf(above), path.basename(full));
}
