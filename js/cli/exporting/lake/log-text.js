// The text of a log, as it was when it was opened: that of its archive too.

import { createHash } from "node:crypto";
import fs from "node:fs";

import { SkillLogError } from "../../../index.js";
import { SessionText } from "../../archiving/session-text.js";
import { zstdCodec } from "../../archiving/zstd-codec.js";
import { Failure } from "../../failures.js";
import { formatOf } from "../../selection/compressed-file.js";
import { TextBlob } from "./text-blob.js";

/** @import { Hash } from "node:crypto" */
/** @import { Codec } from "../../archiving/zstd-codec.js" */
/** @import { NamedLog } from "../../selection/operands.js" */

const WINDOW_BYTES = 1 << 20;
const LINE_END = 10;

/** The ends of the paths whose files may stand unchanged between two runs. */
const ARCHIVE = ".zst";
const LASTING = ["", ARCHIVE];

/**
 * How long ago a file must have been changed, in nanoseconds, so that another change cannot get the
 * same time: FAT has times of two seconds.
 */
const COARSEST_TIMES = 2_000_000_000n;

/** How long after its last change nobody is writing to a log, in milliseconds. */
const QUIET_TIME = 2000;

/** Nothing is compressed, so the level does not matter. */
const LEVEL = 1;

/** @type {Promise<Codec> | undefined} */
let codec;

/**
 * Returns what differs between two versions of a log's files.
 *
 * @param {NamedLog} log
 * @returns {string | null} null when the files that were there when the log was found are not
 */
export function stampAt({ path, archived }) {
  const stats = (archived ? LASTING : [""]).map((end) =>
    fs.statSync(path + end, { bigint: true, throwIfNoEntry: false }),
  );
  return stats.at(-1) ? stampOf(stats) : null;
}

/** @param {(fs.BigIntStats | undefined)[]} stats those of the log, and of the archive if there is one */
function stampOf(stats) {
  return stats
    .map((stat) => {
      if (!stat) return "";
      const { dev, ino, birthtimeNs, size, mtimeNs, ctimeNs } = stat;
      return [dev, ino, birthtimeNs, size, mtimeNs, ctimeNs].join(":");
    })
    .join("+");
}

/** The text of a log that is open. */
export class LogText {
  #text;
  /** @type {Buffer} */
  #window = Buffer.alloc(0);
  #start = 0;

  /**
   * Opens the files of a log.
   *
   * @param {NamedLog} log
   */
  static async open(log) {
    let text;
    try {
      text = await SessionText.ofLog(log, () => (codec ??= zstdCodec(LEVEL)));
    } catch (error) {
      if (error instanceof Failure || error instanceof SkillLogError) throw error;
      const { code, message } = /** @type {NodeJS.ErrnoException} */ (error);
      throw new Failure(`${log.name}: ${code === "ENOENT" ? "no such file" : message}`, {
        cause: error,
      });
    }
    try {
      return new LogText(log, text);
    } catch (error) {
      text.close();
      throw error;
    }
  }

  /** @param {NamedLog} log @param {SessionText} text */
  constructor({ path, name }, text) {
    this.#text = text;
    if (text.files.size === 0) throw new Failure(`${name}: no such file`);
    /** The length when it was opened. */
    this.size = text.size;
    const format = formatOf(this.bytes(0, Math.min(4, this.size)));
    // Reading it as a Blob would decompress it, and each byte would have another place.
    if (format !== undefined)
      throw new Failure(
        `${name} is compressed (${format}), and its name is that of a log that is not`,
      );
    /**
     * What differs between two versions of the files; null when they may change unseen: just now, or
     * while they are archived.
     */
    this.stamp = stampOfOpened(path, text.files);
    const modified = Number(text.files.get(path)?.mtimeMs ?? 0);
    /** Whether the log was written just now. A time in the future comes from another clock. */
    this.isWritten = Math.abs(Date.now() - modified) < QUIET_TIME;
    /** The text, as the package reads it. */
    this.blob = new TextBlob(name, text.size, (offset, length) => this.#read(offset, length));
  }

  /**
   * Returns bytes, fewer at the end. They are valid until the next call.
   *
   * @param {number} offset
   * @param {number} length
   */
  bytes(offset, length) {
    if (!this.#isInWindow(offset, length)) {
      this.#window = this.#text.read(offset, Math.max(WINDOW_BYTES, length));
      this.#start = offset;
    }
    const from = offset - this.#start;
    return this.#window.subarray(from, from + length);
  }

  /** @param {number} offset @param {number} length */
  #isInWindow(offset, length) {
    const at = offset - this.#start;
    return at >= 0 && at + length <= this.#window.length;
  }

  /**
   * Reads bytes. Leaves the window where it is, because others read behind.
   *
   * @param {number} offset
   * @param {number} length
   */
  #read(offset, length) {
    return this.#isInWindow(offset, length)
      ? this.bytes(offset, length)
      : this.#text.read(offset, length);
  }

  /** Returns the place after the last line end before a place, or `from`. @param {number} from @param {number} to */
  lastLineStart(from, to) {
    for (let end = to; end > from; ) {
      const start = Math.max(from, end - WINDOW_BYTES);
      const found = this.bytes(start, end - start).lastIndexOf(LINE_END);
      if (found >= 0) return start + found + 1;
      end = start;
    }
    return from;
  }

  /** Reports whether a NUL stands after a place. @param {number} from */
  hasNul(from) {
    for (let at = from; at < this.size; at += WINDOW_BYTES)
      if (this.bytes(at, Math.min(WINDOW_BYTES, this.size - at)).includes(0)) return true;
    return false;
  }

  /**
   * Adds bytes to a hash.
   *
   * @param {Hash} hash
   * @param {number} from
   * @param {number} to at most the size
   */
  hash(hash, from, to) {
    for (let at = from; at < to; ) {
      const bytes = this.bytes(at, Math.min(WINDOW_BYTES, to - at));
      hash.update(bytes);
      at += bytes.length;
    }
  }

  close() {
    this.#text.close();
  }
}

/**
 * @param {string} path of the log
 * @param {Map<string, fs.BigIntStats>} files
 */
function stampOfOpened(path, files) {
  const stats = LASTING.map((end) => files.get(path + end));
  const found = stats.filter((stat) => stat !== undefined);
  if (found.length < files.size) return null;
  const settled = BigInt(Date.now()) * 1_000_000n - COARSEST_TIMES;
  const isSettled = found.every(({ mtimeNs, ctimeNs }) => mtimeNs < settled && ctimeNs < settled);
  if (!isSettled) return null;
  const [log, archive] = stats;
  return stampOf(archive ? [log, archive] : [log]);
}

/** Starts the hash of the first bytes of a log. */
export const startHash = () => createHash("sha256");
