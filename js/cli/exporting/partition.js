// Divides lines into segments by day, in the layout of Hive: date=2026-01-31/part-0.jsonl.

import fs from "node:fs";
import path from "node:path";

import { instantOf } from "../selection/times.js";
import { Progress } from "../terminal/progress.js";
import { nearestWritableSecond } from "../canonical.js";
import { CHUNK_BYTES, compressions, writeCompressed } from "./compressor.js";
import { DIRECTORY_MODE } from "./output-directory.js";
import { openOutput, OutputFile, writeAll } from "./output-file.js";

/** @import { Compression } from "./compressor.js" */
/** @import { ExportFormat } from "./export-format.js" */

const LIMITS = {
  /**
   * How many bytes of text end a segment. Segments are large enough to keep files few, and small
   * enough for one task of a query engine.
   */
  segment: 256 << 20,
  /**
   * The most bytes of lines that wait in memory, of one day and of all days. Each write opens a
   * file.
   */
  waitingOfDay: 1 << 20,
  waiting: 64 << 20,
};

/** The memory that a line takes besides its bytes. */
const LINE_OVERHEAD = 200;

/**
 * @typedef {{ date: string, folder: string, lines: Uint8Array[], waiting: number, part: number,
 *   bytes: number, count: number }} Day `bytes` and `count` are those of the current segment
 */
/** A file that was written. */
/** @typedef {{ day: string, part: number, file: string, lines: number, bytes: number }} Written */

/**
 * Returns the UTC day of a timestamp; outside the years 0 to 9999, the nearest day inside them.
 *
 * @param {string} timestamp
 * @returns {string} like 2026-01-31
 */
export function dayOf(timestamp) {
  return new Date(nearestWritableSecond(instantOf(timestamp)[0]) * 1000).toISOString().slice(0, 10);
}

/**
 * Writes each line to a segment of its day. Only one file is open at a time, whatever the number of
 * days. A segment is compressed when it is complete, as one stream, because some readers stop after
 * the first.
 */
export class Partition {
  #folder;
  #extension;
  #compression;
  #header;
  #limits;
  /** @type {Map<string, Day>} */
  #days = new Map();
  #waiting = 0;
  /** @type {Written[]} */
  segments = [];
  bytes = 0;

  /**
   * @param {string} folder existing
   * @param {ExportFormat} format
   * @param {Partial<typeof LIMITS>} [limits]
   */
  constructor(folder, { extension, compression, header }, limits) {
    this.#folder = folder;
    this.#extension = extension;
    this.#compression = compression;
    this.#header = header;
    this.#limits = { ...LIMITS, ...limits };
  }

  get files() {
    return this.segments.length;
  }

  /**
   * Adds a line. Copies it, because it may be a part of a large buffer.
   *
   * @param {string} timestamp
   * @param {Uint8Array} line
   * @returns {Promise<void> | undefined} a promise when lines are being written
   */
  add(timestamp, line) {
    const date = dayOf(timestamp);
    const day = this.#days.get(date) ?? this.#begin(date);
    const taken = line.length + LINE_OVERHEAD;
    day.lines.push(Buffer.from(line));
    day.waiting += taken;
    this.#waiting += taken;
    if (this.#waiting >= this.#limits.waiting) return this.#writeAll();
    if (day.waiting >= this.#limits.waitingOfDay) return this.#write(day);
  }

  /** @param {string} date */
  #begin(date) {
    const folder = path.join(this.#folder, `date=${date}`);
    fs.mkdirSync(folder, { mode: DIRECTORY_MODE });
    /** @type {Day} */
    const day = { date, folder, lines: [], waiting: 0, part: 0, bytes: 0, count: 0 };
    this.#days.set(date, day);
    return day;
  }

  async #writeAll() {
    for (const day of this.#days.values()) if (day.waiting > 0) await this.#write(day);
  }

  /**
   * Writes the waiting lines of a day.
   *
   * @param {Day} day
   */
  async #write(day) {
    const text = Buffer.concat(day.bytes === 0 ? [this.#header, ...day.lines] : day.lines);
    this.#waiting -= day.waiting;
    day.count += day.lines.length;
    day.lines = [];
    day.waiting = 0;
    day.bytes += text.length;
    this.#withSegment(day, (fd) => writeAll(fd, text));
    if (day.bytes >= this.#limits.segment) await this.#completeSegment(day);
  }

  /** @param {Day} day */
  #segment({ folder, part }) {
    return path.join(folder, `part-${part}${this.#extension}`);
  }

  /**
   * Opens the current segment of a day, uses it and closes it.
   *
   * @param {Day} day
   * @param {(fd: number) => void} use
   */
  #withSegment(day, use) {
    const fd = openOutput(this.#segment(day), "a");
    try {
      use(fd);
    } finally {
      fs.closeSync(fd);
    }
  }

  /**
   * Compresses or syncs the current segment of a day; the next line of the day starts another
   * segment.
   *
   * @param {Day} day
   */
  async #completeSegment(day) {
    let file = this.#segment(day);
    let { bytes } = day;
    if (this.#compression) {
      bytes = await compressFile(file, this.#compression);
      file += compressions[this.#compression];
    } else {
      this.#withSegment(day, fs.fsyncSync);
    }
    this.bytes += bytes;
    this.segments.push({ day: day.date, part: day.part, file, lines: day.count, bytes });
    day.part += 1;
    day.bytes = 0;
    day.count = 0;
  }

  /** Writes all waiting lines, and completes every segment. */
  async complete() {
    await this.#writeAll();
    const left = [...this.#days.values()].filter(({ bytes }) => bytes > 0);
    const progress = new Progress(this.#compression ? "compressing" : "writing", left);
    let done = 0;
    try {
      for (const day of left) {
        done += day.bytes;
        await this.#completeSegment(day);
        progress.update({ bytes: done });
      }
    } finally {
      progress.stop();
    }
  }
}

/**
 * Replaces a file by its compressed form.
 *
 * @param {string} file
 * @param {Compression} compression
 * @returns {Promise<number>} the bytes of the compressed file
 */
async function compressFile(file, compression) {
  const compressed = new OutputFile(file + compressions[compression]);
  try {
    const text = fs.createReadStream(file, { highWaterMark: CHUNK_BYTES });
    await writeCompressed(text, compression, (chunk) => compressed.write(chunk));
    compressed.complete();
  } finally {
    compressed.discard();
  }
  fs.rmSync(file);
  return compressed.bytes;
}
