// The seek table at the end of an archive: how long each frame is, and how much text it holds.
// https://github.com/facebook/zstd/blob/dev/contrib/seekable_format/zstd_seekable_compression_format.md

import fs from "node:fs";

import { Failure } from "../failures.js";

/** The first bytes of the frame that holds the table, and the last bytes of the file. */
const TABLE_MAGIC = 0x184d2a5e;
const FOOTER_MAGIC = 0x8f92eab1;

const HEADER_BYTES = 8;
const FOOTER_BYTES = 9;

/** Bits of the descriptor: entries have checksums; and those that must be 0. */
const HAS_CHECKSUMS = 0x80;
const RESERVED = 0x7c;

/**
 * What readers believe: the largest table, the most text of a frame, and its most bytes. They take
 * any other file for one without a table, so it would have one part for them.
 */
const MOST_TABLE_BYTES = 48 << 20;
const MOST_TEXT = 8 << 20;
const MOST_FRAME_BYTES = 16 << 20;

/** The most frames of an archive. */
const MOST_FRAMES = Math.floor((MOST_TABLE_BYTES - HEADER_BYTES - FOOTER_BYTES) / 8);

/** What stands between two parts: a skippable frame of no bytes. */
export const SEPARATOR = Buffer.from([0x50, 0x2a, 0x4d, 0x18, 0, 0, 0, 0]);

/** The frames of an archive, without the table. */
export class SeekTable {
  #compressed = new Uint32Array(64);
  #text = new Uint32Array(64);
  length = 0;
  /** The bytes of all frames, and of their text. */
  bytes = 0;
  textBytes = 0;
  /** The numbers of the frames that separate parts. @type {number[]} */
  separators = [];

  /**
   * Adds a frame.
   *
   * @param {number} compressed its bytes
   * @param {number} text the bytes of its text
   */
  add(compressed, text) {
    if (this.length === MOST_FRAMES) throw new Failure("an archive has at most 384 GiB of text");
    if (this.length === this.#text.length) {
      this.#compressed = grown(this.#compressed);
      this.#text = grown(this.#text);
    }
    this.#compressed[this.length] = compressed;
    this.#text[this.length] = text;
    if (text === 0 && compressed === SEPARATOR.length) this.separators.push(this.length);
    this.length += 1;
    this.bytes += compressed;
    this.textBytes += text;
  }

  /** The number of parts. */
  get parts() {
    return this.separators.length + 1;
  }

  /** @param {number} frame */
  compressedOf(frame) {
    return this.#compressed[frame];
  }

  /** @param {number} frame */
  textOf(frame) {
    return this.#text[frame];
  }

  /**
   * Returns the table of the first parts alone.
   *
   * @param {number} parts
   */
  ofParts(parts) {
    const some = new SeekTable();
    const end = parts === 0 ? 0 : (this.separators[parts - 1] ?? this.length);
    for (let frame = 0; frame < end; frame += 1)
      some.add(this.#compressed[frame], this.#text[frame]);
    return some;
  }

  /** Returns the frame that ends an archive. */
  frame() {
    const size = 8 * this.length + FOOTER_BYTES;
    const bytes = Buffer.alloc(HEADER_BYTES + size);
    let at = bytes.writeUInt32LE(TABLE_MAGIC, 0);
    at = bytes.writeUInt32LE(size, at);
    for (let frame = 0; frame < this.length; frame += 1) {
      at = bytes.writeUInt32LE(this.#compressed[frame], at);
      at = bytes.writeUInt32LE(this.#text[frame], at);
    }
    at = bytes.writeUInt32LE(this.length, at);
    bytes.writeUInt32LE(FOOTER_MAGIC, at + 1);
    return bytes;
  }

  /**
   * Reads the table of a file.
   *
   * @param {string} path
   * @param {number} fd
   * @throws {Failure} when the file does not end in a table that describes all of it
   */
  static read(path, fd) {
    const { size } = fs.fstatSync(fd);
    const refuse = (/** @type {string} */ why) =>
      new Failure(`${path} is no archive: ${why}; decompress it with zstd -d, or move it away`);
    const least = HEADER_BYTES + FOOTER_BYTES;
    const footer = size < least ? null : readBytes(path, fd, size - FOOTER_BYTES, FOOTER_BYTES);
    if (footer?.readUInt32LE(5) !== FOOTER_MAGIC) throw refuse("it has no seek table");
    const count = footer.readUInt32LE(0);
    const descriptor = footer[4];
    const entryBytes = descriptor & HAS_CHECKSUMS ? 12 : 8;
    const tableBytes = entryBytes * count + least;
    if ((descriptor & RESERVED) !== 0 || tableBytes > size) throw refuse("its seek table is wrong");
    if (tableBytes > MOST_TABLE_BYTES) throw refuse("its seek table has more than 48 MiB");
    const bytes = readBytes(path, fd, size - tableBytes, tableBytes);
    if (
      bytes.readUInt32LE(0) !== TABLE_MAGIC ||
      bytes.readUInt32LE(4) !== tableBytes - HEADER_BYTES
    )
      throw refuse("its seek table is wrong");
    const table = new SeekTable();
    for (let frame = 0; frame < count; frame += 1) {
      const at = HEADER_BYTES + entryBytes * frame;
      const compressed = bytes.readUInt32LE(at);
      const text = bytes.readUInt32LE(at + 4);
      if (text > MOST_TEXT || compressed > MOST_FRAME_BYTES)
        throw refuse("a frame holds more than 8 MiB of text");
      table.add(compressed, text);
    }
    if (table.bytes !== size - tableBytes) throw refuse("its seek table describes another file");
    return table;
  }
}

/**
 * Reports whether bytes are one skippable frame.
 *
 * @param {Buffer} header the first of them
 * @param {number} [length] how many there are
 */
export function isSkippable(header, length = header.length) {
  if (header.length < HEADER_BYTES) return false;
  const isMagic = (header.readUInt32LE(0) & 0xfffffff0) === 0x184d2a50;
  return isMagic && header.readUInt32LE(4) === length - HEADER_BYTES;
}

/** @param {Uint32Array} array */
function grown(array) {
  const larger = new Uint32Array(2 * array.length);
  larger.set(array);
  return larger;
}

/**
 * Reads bytes, all of them.
 *
 * @param {string} path
 * @param {number} fd
 * @param {number} offset
 * @param {number} length
 * @param {Buffer} [into] where they are put, at its start. Whoever reads much gives the same again:
 *   buffers are freed only when garbage is collected
 */
export function readBytes(path, fd, offset, length, into = Buffer.allocUnsafe(length)) {
  const bytes = into.subarray(0, length);
  let filled = 0;
  for (let count = 1; count > 0 && filled < length; filled += count)
    count = fs.readSync(fd, bytes, filled, length - filled, offset + filled);
  if (filled < length) throw new Failure(`${path} became shorter while it was read`);
  return bytes;
}
