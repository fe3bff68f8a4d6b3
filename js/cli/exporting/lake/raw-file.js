// The bytes of a log as they are in its file, beside what the package reads from it.

import { createHash } from "node:crypto";
import fs from "node:fs";

import { Failure } from "../../failures.js";

/** @import { Hash } from "node:crypto" */
/** @import { NamedLog } from "../../selection/operands.js" */

const WINDOW_BYTES = 1 << 20;
const LINE_END = 10;

/**
 * How long ago a file must have been changed, in nanoseconds, so that another change cannot get the
 * same time: FAT has times of two seconds.
 */
const COARSEST_TIMES = 2_000_000_000n;

/**
 * Returns what differs between two versions of a file.
 *
 * @param {fs.BigIntStats} stat
 */
export function stampOf({ dev, ino, birthtimeNs, size, mtimeNs, ctimeNs }) {
  return [dev, ino, birthtimeNs, size, mtimeNs, ctimeNs].join(":");
}

/** A file that is open for reading. */
export class RawFile {
  #fd;
  #window = Buffer.alloc(0);
  #start = 0;

  /** @param {NamedLog} log */
  constructor({ path, name }) {
    const { O_RDONLY, O_NONBLOCK = 0 } = fs.constants;
    try {
      this.#fd = fs.openSync(path, O_RDONLY | O_NONBLOCK);
    } catch (error) {
      const { code, message } = /** @type {NodeJS.ErrnoException} */ (error);
      throw new Failure(`${name}: ${code === "ENOENT" ? "no such file" : message}`, {
        cause: error,
      });
    }
    const stat = fs.fstatSync(this.#fd, { bigint: true });
    if (!stat.isFile()) {
      this.close();
      throw new Failure(`${name} is not a regular file`);
    }
    /** The length when it was opened. */
    this.size = Number(stat.size);
    const now = BigInt(Date.now()) * 1_000_000n;
    const changed = stat.mtimeNs > stat.ctimeNs ? stat.mtimeNs : stat.ctimeNs;
    /** Its stamp; null when it was changed just now, because it may change again unseen. */
    this.stamp = now - changed > COARSEST_TIMES ? stampOf(stat) : null;
  }

  /**
   * Returns bytes, fewer at the file's end. They are valid until the next call.
   *
   * @param {number} offset
   * @param {number} length
   */
  bytes(offset, length) {
    const at = offset - this.#start;
    if (at < 0 || at + length > this.#window.length) this.#fill(offset, length);
    const from = offset - this.#start;
    return this.#window.subarray(from, from + length);
  }

  /** @param {number} offset @param {number} least */
  #fill(offset, least) {
    const buffer = Buffer.allocUnsafeSlow(Math.max(WINDOW_BYTES, least));
    let filled = 0;
    while (filled < least) {
      const read = fs.readSync(this.#fd, buffer, filled, buffer.length - filled, offset + filled);
      if (read === 0) break;
      filled += read;
    }
    this.#window = buffer.subarray(0, filled);
    this.#start = offset;
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

  /** Reports whether a line end stands before a place. @param {number} place */
  endsLine(place) {
    return this.bytes(place - 1, 1)[0] === LINE_END;
  }

  /**
   * Adds bytes to a hash.
   *
   * @param {Hash} hash
   * @param {number} from
   * @param {number} to
   * @returns {boolean} false when the file is shorter
   */
  hash(hash, from, to) {
    for (let at = from; at < to; ) {
      const bytes = this.bytes(at, Math.min(WINDOW_BYTES, to - at));
      if (bytes.length === 0) return false;
      hash.update(bytes);
      at += bytes.length;
    }
    return true;
  }

  close() {
    fs.closeSync(this.#fd);
  }
}

/** Starts the hash of the first bytes of a log. */
export const startHash = () => createHash("sha256");
