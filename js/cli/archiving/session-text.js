// The text of a session: that of its archive, of what is being archived, and of its log. FORMAT.md,
// "Archives", says what belongs to it.

import fs from "node:fs";

import { Archive } from "./archive-file.js";
import { isSameFile, openRegular, statAt } from "./regular-file.js";
import { readBytes } from "./seek-table.js";

/** @import { SessionFiles } from "./session-files.js" */
/** @import { Codec } from "./zstd-codec.js" */

const LINE_END = Buffer.from("\n");

/** How often the files are opened again, because they move. */
const MOST_ROUNDS = 100;

/** Bytes that follow each other. @typedef {{ size: number, read: (offset: number, length: number) => Buffer }} Piece */

/** The text of a session, as it was when it was opened. */
export class SessionText {
  /** @type {(Piece & { start: number })[]} */
  #pieces = [];
  /** @type {(() => void)[]} */
  #closers = [];
  size = 0;

  /**
   * Opens the files of a session.
   *
   * @param {SessionFiles} files
   * @param {Codec} codec
   */
  static open(files, codec) {
    for (let round = 1; ; round += 1) {
      const text = new SessionText();
      if (text.#open(files, codec) || round === MOST_ROUNDS) return text;
      text.close();
    }
  }

  /**
   * @param {SessionFiles} files
   * @param {Codec} codec
   * @returns {boolean} false when files moved meanwhile
   */
  #open(files, codec) {
    /** The files at the names that matter. @type {Map<string, fs.Stats | undefined>} */
    const seen = new Map();
    const open = (/** @type {string} */ path) => {
      const fd = openOrNull(path);
      if (fd !== null) this.#closers.push(() => fs.closeSync(fd));
      const stat = fd === null ? undefined : fs.fstatSync(fd);
      seen.set(path, stat);
      return fd === null || !stat ? null : { path, fd, size: stat.size, stat };
    };
    const log = open(files.log);
    const archive = this.#openArchive(files, codec, seen);
    const parts = archive?.table.parts ?? 0;
    const partly = parts > 0 ? open(files.aside(parts - 1)) : null;
    const next = open(files.aside(parts));
    for (const [path, stat] of seen) {
      const now = statAt(path);
      if (stat ? !isSameFile(stat, now) : now) return false;
    }
    let endsLine = true;
    if (archive) {
      this.#add(new ArchiveText(archive));
      endsLine = archive.endsLine(archive.table);
    }
    for (const file of [partly, next, log]) {
      if (!file || (file === log && next && isSameFile(file.stat, next.stat))) continue;
      const { path, fd, size } = file;
      const from = file === partly && archive ? archive.lastPartBytes : 0;
      if (size <= from) continue;
      if (!endsLine && file !== partly) this.#add({ size: 1, read: () => LINE_END });
      this.#add({
        size: size - from,
        read: (offset, length) => readBytes(path, fd, from + offset, length),
      });
      endsLine = readBytes(path, fd, size - 1, 1).equals(LINE_END);
    }
    return true;
  }

  /**
   * @param {SessionFiles} files
   * @param {Codec} codec
   * @param {Map<string, fs.Stats | undefined>} seen
   */
  #openArchive({ archive: path }, codec, seen) {
    seen.set(path, undefined);
    if (!statAt(path)) return null;
    const archive = new Archive(path, codec);
    this.#closers.push(() => archive.close());
    seen.set(path, fs.fstatSync(archive.fd));
    return archive;
  }

  /** @param {Piece} piece */
  #add(piece) {
    this.#pieces.push({ start: this.size, size: piece.size, read: piece.read });
    this.size += piece.size;
  }

  /**
   * Reads bytes, as many as there are.
   *
   * @param {number} offset
   * @param {number} length
   */
  read(offset, length) {
    const end = Math.min(offset + length, this.size);
    const found = this.#pieces.flatMap(({ start, size, read }) => {
      const from = Math.max(offset, start);
      const to = Math.min(end, start + size);
      return from < to ? [read(from - start, to - from)] : [];
    });
    return found.length === 1 ? found[0] : Buffer.concat(found);
  }

  close() {
    for (const close of this.#closers) close();
  }
}

/** @param {string} path */
function openOrNull(path) {
  try {
    return openRegular(path);
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code === "ENOENT") return null;
    throw error;
  }
}

/** The text of an archive, from any place. */
class ArchiveText {
  #archive;
  /** Where the text of each frame starts, and where the frame does. */
  #texts;
  #frames;
  /** The frame that was read last. */
  /** @type {{ frame: number, text: Buffer }} */
  #last = { frame: -1, text: Buffer.alloc(0) };

  /** @param {Archive} archive */
  constructor(archive) {
    this.#archive = archive;
    const { table } = archive;
    this.#texts = new Float64Array(table.length + 1);
    this.#frames = new Float64Array(table.length + 1);
    for (let frame = 0; frame < table.length; frame += 1) {
      this.#texts[frame + 1] = this.#texts[frame] + table.textOf(frame);
      this.#frames[frame + 1] = this.#frames[frame] + table.compressedOf(frame);
    }
    this.size = table.textBytes;
  }

  /** @param {number} offset @param {number} length */
  read = (offset, length) => {
    const parts = [];
    for (let at = offset; at < offset + length; ) {
      const frame = this.#frameAt(at);
      if (this.#last.frame !== frame)
        this.#last = { frame, text: this.#archive.textOf(frame, this.#frames[frame]) };
      const from = at - this.#texts[frame];
      const some = this.#last.text.subarray(from, from + offset + length - at);
      parts.push(some);
      at += some.length;
    }
    return parts.length === 1 ? parts[0] : Buffer.concat(parts);
  };

  /**
   * Returns the frame whose text has a byte.
   *
   * @param {number} offset
   */
  #frameAt(offset) {
    let low = 0;
    let high = this.#archive.table.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#texts[middle + 1] <= offset) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
