// The text of a session: that of its archive, of what is being archived, and of its log. FORMAT.md,
// "Archives", says what belongs to it.

import fs from "node:fs";

import { Failure } from "../failures.js";
import { Archive } from "./archive-file.js";
import { isSameFile, openRegular, statAt } from "./regular-file.js";
import { readBytes } from "./seek-table.js";
import { SessionFiles } from "./session-files.js";
import { spoolText } from "./spooled-text.js";

/** @import { Codec } from "./zstd-codec.js" */

const LINE_END = Buffer.from("\n");

/** How often the files are opened again, because they move. */
const MOST_ROUNDS = 100;

/** Bytes that follow each other. @typedef {{ size: number, read: (offset: number, length: number) => Buffer }} Piece */

/**
 * An archive that is open.
 *
 * @typedef {object} OpenArchive
 * @property {number} parts
 * @property {number} lastPartBytes of the text
 * @property {boolean} endsLine whether its text ends a line
 * @property {Piece} text
 */

/** The text of a session, as it was when it was opened. */
export class SessionText {
  /** @type {(Piece & { start: number })[]} */
  #pieces = [];
  /** @type {(() => void)[]} */
  #closers = [];
  size = 0;
  /** The files that were opened, by their paths, and what they were. @type {Map<string, fs.BigIntStats>} */
  files = new Map();

  /**
   * Opens the files of a session.
   *
   * @param {SessionFiles} files
   * @param {() => Codec | Promise<Codec>} codec is called when there is an archive
   */
  static async open(files, codec) {
    for (let round = 1; ; round += 1) {
      const text = new SessionText();
      try {
        if ((await text.#open(files, codec)) || round === MOST_ROUNDS) return text;
      } catch (error) {
        // It was removed between two looks.
        if (!isMissing(error) || round === MOST_ROUNDS) {
          text.close();
          throw error;
        }
      }
      text.close();
    }
  }

  /**
   * Opens the files of a log. One that no session id names has a single file, and may be a link.
   *
   * @param {{ path: string, dir?: string | undefined, id?: string | undefined }} log
   * @param {() => Codec | Promise<Codec>} codec is called when there is an archive
   */
  static async ofLog({ path, dir, id }, codec) {
    if (dir !== undefined && id !== undefined)
      return SessionText.open(new SessionFiles(dir, id), codec);
    const fd = openRegular(path, true);
    const text = new SessionText();
    text.#closers.push(() => fs.closeSync(fd));
    const stat = fs.fstatSync(fd, { bigint: true });
    text.files.set(path, stat);
    text.#add({
      size: Number(stat.size),
      read: (offset, length) => readBytes(path, fd, offset, length),
    });
    return text;
  }

  /**
   * @param {SessionFiles} files
   * @param {() => Codec | Promise<Codec>} codec
   * @returns {Promise<boolean>} false when files moved meanwhile
   */
  async #open(files, codec) {
    /** The files at the names that matter. @type {Map<string, fs.BigIntStats | undefined>} */
    const seen = new Map();
    const open = (/** @type {string} */ path) => {
      const fd = openOrNull(path);
      if (fd !== null) this.#closers.push(() => fs.closeSync(fd));
      const stat = fd === null ? undefined : fs.fstatSync(fd, { bigint: true });
      seen.set(path, stat);
      return fd === null || !stat ? null : { path, fd, size: Number(stat.size), stat };
    };
    const log = open(files.log);
    const archive = await this.#openArchive(files, codec, seen);
    const parts = archive?.parts ?? 0;
    const partly = parts > 0 ? open(files.aside(parts - 1)) : null;
    const next = open(files.aside(parts));
    for (const [path, stat] of seen) {
      const now = fs.lstatSync(path, { bigint: true, throwIfNoEntry: false });
      if (stat ? !isSameFile(stat, now) : now) return false;
      if (stat) this.files.set(path, stat);
    }
    let endsLine = true;
    if (archive) {
      this.#add(archive.text);
      endsLine = archive.endsLine;
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
   * @param {() => Codec | Promise<Codec>} codec
   * @param {Map<string, fs.BigIntStats | undefined>} seen
   * @returns {Promise<OpenArchive | null>} null when there is none
   */
  async #openArchive({ archive: path }, codec, seen) {
    seen.set(path, undefined);
    if (!statAt(path)) return null;
    const fd = openRegular(path);
    this.#closers.push(() => fs.closeSync(fd));
    seen.set(path, fs.fstatSync(fd, { bigint: true }));
    try {
      const archive = new Archive(path, await codec());
      this.#closers.push(() => archive.close());
      const { table, lastPartBytes } = archive;
      const endsLine = archive.endsLine(table);
      return { parts: table.parts, lastPartBytes, endsLine, text: new ArchiveText(archive) };
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      const spooled = await spoolText(path);
      if (spooled === null) throw error;
      const { fd, size, close } = spooled;
      this.#closers.push(close);
      const read = (/** @type {number} */ offset, /** @type {number} */ length) =>
        readBytes(path, fd, offset, length);
      const endsLine = size === 0 || read(size - 1, 1).equals(LINE_END);
      return { parts: 1, lastPartBytes: size, endsLine, text: { size, read } };
    }
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
    if (isMissing(error)) return null;
    throw error;
  }
}

/** @param {unknown} error */
const isMissing = (error) => /** @type {NodeJS.ErrnoException} */ (error).code === "ENOENT";

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
