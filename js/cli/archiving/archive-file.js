// An archive: the text of a log in frames of Zstandard, which can be read from any place.

import fs from "node:fs";

import { Failure } from "../failures.js";
import { openOutput, writeAll } from "../exporting/output-file.js";
import { isSkippable, readBytes, SeekTable, SEPARATOR } from "./seek-table.js";
import { openRegular } from "./regular-file.js";
import { contentSizeOf, HEADER_BYTES } from "./zstd-codec.js";

/** @import { Codec } from "./zstd-codec.js" */

/** The most text of a frame: what a reader decompresses to reach one byte. */
export const FRAME_TEXT = 1 << 16;

/** The bytes that are copied and compared at once. */
const CHUNK = 1 << 20;

/** For what is read in parts: each part is done before the next is read, without a wait. */
const [part, otherPart] = [Buffer.allocUnsafeSlow(CHUNK), Buffer.allocUnsafeSlow(CHUNK)];

const LINE_END = 0x0a;

/** The bytes of a file that are archived. @typedef {{ path: string, fd: number, size: number }} Text */

/** @typedef {(bytes: number) => Promise<void> | void} OnBytes is called with each bytes that are done */

/** An archive that exists. */
export class Archive {
  /**
   * @param {string} path
   * @param {Codec} codec
   */
  constructor(path, codec) {
    this.path = path;
    this.codec = codec;
    this.fd = openRegular(path);
    try {
      this.table = SeekTable.read(path, this.fd);
    } catch (error) {
      this.close();
      throw error;
    }
  }

  /**
   * Returns the text of a frame.
   *
   * @param {number} frame
   * @param {number} offset where the frame stands
   */
  textOf(frame, offset) {
    const length = this.table.textOf(frame);
    const bytes = readPart(this, offset, this.table.compressedOf(frame), part);
    if (length === 0 && isSkippable(bytes)) return Buffer.alloc(0);
    const refuse = (/** @type {number} */ held) =>
      new Failure(
        `${this.path}: the frame at byte ${offset} holds ${held} bytes, and the seek table says ${length}`,
      );
    const stated = contentSizeOf(bytes) ?? length;
    if (stated !== length) throw refuse(stated);
    let text;
    try {
      text = this.codec.decompress(bytes, Math.max(length, 1));
    } catch (cause) {
      throw new Failure(
        `${this.path}: the frame at byte ${offset} cannot be decompressed: ${/** @type {Error} */ (cause).message}`,
        { cause },
      );
    }
    if (text.length !== length) throw refuse(text.length);
    return text;
  }

  /**
   * Throws unless each frame says how much text it holds, as the table does. Readers do not believe the
   * table of several parts otherwise, and would take the archive for one part.
   */
  checkFrames() {
    let offset = 0;
    for (let frame = 0; frame < this.table.length; frame += 1) {
      const length = this.table.compressedOf(frame);
      const header = readBytes(this.path, this.fd, offset, Math.min(length, HEADER_BYTES));
      const text = this.table.textOf(frame);
      if (text === 0 ? !isSkippable(header, length) : contentSizeOf(header) !== text)
        throw new Failure(
          `${this.path}: the frame at byte ${offset} does not say the length of its text, so nothing can be added; unarchive it first`,
        );
      offset += length;
    }
  }

  /** The bytes of text in the last part. */
  get lastPartBytes() {
    const { table } = this;
    let bytes = 0;
    for (let frame = (table.separators.at(-1) ?? -1) + 1; frame < table.length; frame += 1)
      bytes += table.textOf(frame);
    return bytes;
  }

  /**
   * Yields the text, frame by frame.
   *
   * @param {number} [first] the first frame that is wanted
   * @param {number} [offset] where it stands
   */
  *text(first = 0, offset = 0) {
    for (let frame = first; frame < this.table.length; frame += 1) {
      yield this.textOf(frame, offset);
      offset += this.table.compressedOf(frame);
    }
  }

  /**
   * Reports whether the text of the first parts ends a line.
   *
   * @param {SeekTable} table of these parts
   */
  endsLine(table) {
    let offset = table.bytes;
    for (let frame = table.length - 1; frame >= 0; frame -= 1) {
      offset -= table.compressedOf(frame);
      if (table.textOf(frame) > 0) return this.textOf(frame, offset).at(-1) === LINE_END;
    }
    return true;
  }

  close() {
    fs.closeSync(this.fd);
  }
}

/**
 * Writes an archive, syncs it, and reads all of it back.
 *
 * @param {string} path where nothing is; the caller removes what is left there after an error
 * @param {object} of
 * @param {Archive | null} of.before whose first parts stand before the text
 * @param {number} of.parts how many of them
 * @param {Text} of.text becomes one more part
 * @param {Codec} of.codec
 * @param {fs.Stats} of.owner whose owner and mode the archive gets
 * @param {OnBytes} onBytes of the text, when they are written, and again when they are compared
 */
export async function writeArchive(path, { before, parts, text, codec, owner }, onBytes) {
  const fd = openOutput(path, "ax");
  try {
    giveTo(path, fd, owner);
    const kept = before ? before.table.ofParts(parts) : new SeekTable();
    if (before) copy(before, kept.bytes, fd);
    const table = kept.ofParts(kept.parts);
    const add = (/** @type {Uint8Array} */ frame, /** @type {number} */ length) => {
      writeAll(fd, frame);
      table.add(frame.length, length);
    };
    if (before && parts > 0) {
      before.checkFrames();
      if (!before.endsLine(kept)) add(codec.compress(Buffer.from([LINE_END])), 1);
      add(SEPARATOR, 0);
    }
    const first = { frame: table.length, offset: table.bytes };
    for (const chunk of chunksOf(text)) {
      for (let at = 0; at < chunk.length; at += FRAME_TEXT) {
        const some = chunk.subarray(at, at + FRAME_TEXT);
        add(codec.compress(some), some.length);
      }
      await onBytes(chunk.length);
    }
    writeAll(fd, table.frame());
    fs.fsyncSync(fd);
    await compare(new Archive(path, codec), { before, kept, first, text }, onBytes);
  } finally {
    fs.closeSync(fd);
  }
}

/**
 * Writes an archive again, as one part, and syncs it.
 *
 * @param {string} path where nothing is
 * @param {Archive} from
 */
export function writeAsOnePart(path, from) {
  const fd = openOutput(path, "ax");
  try {
    giveTo(path, fd, fs.fstatSync(from.fd));
    const table = new SeekTable();
    let offset = 0;
    for (let frame = 0; frame < from.table.length; frame += 1) {
      const bytes = from.table.compressedOf(frame);
      const text = from.table.textOf(frame);
      if (text > 0) {
        writeAll(fd, readPart(from, offset, bytes, part));
        table.add(bytes, text);
      }
      offset += bytes;
    }
    writeAll(fd, table.frame());
    fs.fsyncSync(fd);
  } finally {
    fs.closeSync(fd);
  }
}

/**
 * Throws unless the text of an archive is that of a file.
 *
 * @param {Archive} archive is closed
 * @param {Text} text
 * @param {OnBytes} onBytes
 */
export async function compareText(archive, text, onBytes) {
  const first = { frame: 0, offset: 0 };
  await compare(archive, { before: null, kept: new SeekTable(), first, text }, onBytes);
}

/**
 * Compares what was written with what it was made of.
 *
 * @param {Archive} archive is closed
 * @param {{ before: Archive | null, kept: SeekTable, first: { frame: number, offset: number },
 *   text: Text }} of
 * @param {OnBytes} onBytes
 */
async function compare(archive, { before, kept, first, text }, onBytes) {
  const differs = () =>
    new Failure(
      `${archive.path} differs from ${text.path}, which may have changed meanwhile; nothing was removed`,
    );
  try {
    for (let at = 0; before && at < kept.bytes; at += CHUNK) {
      const length = Math.min(CHUNK, kept.bytes - at);
      const own = readPart(archive, at, length, part);
      if (!own.equals(readPart(before, at, length, otherPart))) throw differs();
      await onBytes(0);
    }
    let at = 0;
    for (const own of archive.text(first.frame, first.offset)) {
      if (at + own.length > text.size) throw differs();
      const expected = readPart(text, at, own.length, otherPart);
      if (!expected.equals(own)) throw differs();
      at += own.length;
      await onBytes(own.length);
    }
    if (at !== text.size) throw differs();
  } finally {
    archive.close();
  }
}

/**
 * Copies the first bytes of an archive.
 *
 * @param {Archive} from
 * @param {number} length
 * @param {number} to
 */
function copy(from, length, to) {
  for (let at = 0; at < length; at += CHUNK)
    writeAll(to, readPart(from, at, Math.min(CHUNK, length - at), part));
}

/**
 * Yields the bytes of a file. Each chunk lasts until the next wait.
 *
 * @param {Text} text
 */
function* chunksOf(text) {
  for (let at = 0; at < text.size; at += CHUNK)
    yield readPart(text, at, Math.min(CHUNK, text.size - at), part);
}

/**
 * Reads bytes into a buffer, if they fit. They last until it is used again.
 *
 * @param {{ path: string, fd: number }} file
 * @param {number} offset
 * @param {number} length
 * @param {Buffer} into
 */
function readPart({ path, fd }, offset, length, into) {
  return readBytes(path, fd, offset, length, length <= into.length ? into : undefined);
}

/**
 * Gives a new file the mode and the owner of another.
 *
 * @param {string} path
 * @param {number} fd
 * @param {fs.Stats} owner
 */
export function giveTo(path, fd, { mode, uid, gid }) {
  const own = fs.fstatSync(fd);
  if (own.uid !== uid || own.gid !== gid) {
    try {
      fs.fchownSync(fd, uid, gid);
    } catch (cause) {
      throw new Failure(
        `${path} cannot be given to the owner of the log (user ${uid}, group ${gid}); run the command as that user`,
        { cause },
      );
    }
  }
  if ((own.mode & 0o777) !== (mode & 0o777)) fs.fchmodSync(fd, mode & 0o777);
}

/** The most frames that are compressed to estimate how long an archive will be. */
const SAMPLES = 16;

/**
 * Estimates the bytes that a log adds to its archive, from frames that are spread over it. Up to 1 MiB,
 * it is exact.
 *
 * @param {Text} text
 * @param {Codec} codec
 */
export function estimate({ path, fd, size }, codec) {
  const frames = Math.ceil(size / FRAME_TEXT);
  const samples = Math.min(frames, SAMPLES);
  let read = 0;
  let compressed = 0;
  for (let sample = 0; sample < samples; sample += 1) {
    const at = FRAME_TEXT * Math.floor((sample * frames) / samples);
    const length = Math.min(FRAME_TEXT, size - at);
    compressed += codec.compress(readPart({ path, fd }, at, length, part)).length;
    read += length;
  }
  const tableEntries = 8 * frames;
  return read === 0 ? 0 : Math.round((compressed * size) / read) + tableEntries;
}
