// The table at the end of a file in the Zstandard seekable format: the sizes of its frames.

/** @import { Source } from "../storage.js" */

const FOOTER_BYTES = 9;
const HEADER_BYTES = 8;
const FOOTER_MAGIC = 0x8f92eab1;
const SKIPPABLE_MAGIC = 0x184d2a5e;

/** The most frames that the format allows. */
const MOST_FRAMES = 0x0800_0000;

/** The largest table that is read: that of 4 million frames, 256 GB of text in frames of 64 KiB. */
const MOST_BYTES = 48 << 20;

/** The longest text of a frame, and the longest frame. A frame is decompressed as a whole. */
const MOST_TEXT_BYTES = 8 << 20;
const MOST_FRAME_BYTES = 16 << 20;

/** The longest header of a frame. */
const FRAME_HEADER_BYTES = 18;

/** The compressed bytes that are read at once. */
const READ_BYTES = 1 << 20;

/**
 * The frames of a file.
 *
 * @typedef {object} SeekTable
 * @property {number} count
 * @property {Float64Array} positions where each frame starts in the file, and where the last one ends
 * @property {Float64Array} offsets where each frame starts in the text, and where the last one ends
 * @property {Uint32Array | null} sums of each frame the low 32 bits of the XXH64 of its text
 * @property {number[]} partStarts where each part of an archive starts in the text: between parts
 *   stands a skippable frame of no bytes
 */

/**
 * Reads the table of a file.
 *
 * The table has no checksum, so it is believed only where it agrees with the file: the sizes of its
 * frames and of the table add up to that of the file; and either all frames but the last one have
 * the same text size, or the header of each frame says the same as the table. Reading a frame
 * checks its text. A frame without text is never read, so it must be a skippable one.
 *
 * @param {Source} packed
 * @returns {Promise<SeekTable | null>} null where there is no such table: then the file is read from
 *   the front
 */
export async function readSeekTable(packed) {
  const end = await packed.size();
  const footer = await bytesAt(packed, end - FOOTER_BYTES, FOOTER_BYTES);
  if (!footer || footer.getUint32(5, true) !== FOOTER_MAGIC) return null;
  const count = footer.getUint32(0, true);
  const descriptor = footer.getUint8(4);
  // Bits that have no meaning yet.
  if ((descriptor & 0x7c) !== 0 || count > MOST_FRAMES) return null;
  const hasSums = descriptor >= 0x80;
  const entryBytes = hasSums ? 12 : 8;
  const length = HEADER_BYTES + count * entryBytes + FOOTER_BYTES;
  if (length > end || length > MOST_BYTES) return null;
  const bytes = await bytesAt(packed, end - length, length);
  if (!bytes || bytes.getUint32(0, true) !== SKIPPABLE_MAGIC) return null;
  if (bytes.getUint32(4, true) !== length - HEADER_BYTES) return null;
  const positions = new Float64Array(count + 1);
  const offsets = new Float64Array(count + 1);
  const sums = hasSums ? new Uint32Array(count) : null;
  const partStarts = [0];
  let isEven = true;
  for (let frame = 0; frame < count; frame += 1) {
    const at = HEADER_BYTES + frame * entryBytes;
    const text = bytes.getUint32(at + 4, true);
    const size = bytes.getUint32(at, true);
    if (text > MOST_TEXT_BYTES || size > MOST_FRAME_BYTES) return null;
    if (text === 0 && size === HEADER_BYTES) partStarts.push(offsets[frame]);
    const isLast = frame === count - 1;
    const first = offsets[1];
    if (text === 0 || (frame > 0 && (isLast ? text > first : text !== first))) isEven = false;
    positions[frame + 1] = positions[frame] + size;
    offsets[frame + 1] = offsets[frame] + text;
    if (sums) sums[frame] = bytes.getUint32(at + 8, true);
  }
  if (positions[count] !== end - length) return null;
  const table = { count, positions, offsets, sums, partStarts };
  return isEven || (await agreesWithFrames(packed, table)) ? table : null;
}

/**
 * Returns whether the header of each frame says how long its text is, as the table does.
 *
 * @param {Source} packed
 * @param {SeekTable} table
 */
async function agreesWithFrames(packed, { count, positions, offsets }) {
  const buffer = new Uint8Array(READ_BYTES);
  let start = 0;
  let filled = 0;
  for (let frame = 0; frame < count; frame += 1) {
    const wanted = Math.min(FRAME_HEADER_BYTES, positions[frame + 1] - positions[frame]);
    if (positions[frame] + wanted > start + filled) {
      start = positions[frame];
      filled = await packed.read(start, buffer);
      if (filled < wanted) return false;
    }
    const at = positions[frame] - start;
    const header = buffer.subarray(at, at + wanted);
    const text = offsets[frame + 1] - offsets[frame];
    const isRight =
      text === 0
        ? isSkippable(header, positions[frame + 1] - positions[frame])
        : contentSizeOf(header) === text;
    if (!isRight) return false;
  }
  return true;
}

/**
 * Returns whether bytes are one skippable frame.
 *
 * @param {Uint8Array} header the first of them
 * @param {number} length
 */
function isSkippable(header, length) {
  if (header.length < HEADER_BYTES) return false;
  const view = new DataView(header.buffer, header.byteOffset, header.length);
  const isMagic = (view.getUint32(0, true) & 0xfffffff0) === 0x184d2a50;
  return isMagic && view.getUint32(4, true) === length - HEADER_BYTES;
}

/**
 * Returns the length of a frame's text, as its header says.
 *
 * @param {Uint8Array} header
 * @returns {number | null} null where it does not say so
 */
function contentSizeOf(header) {
  const view = new DataView(header.buffer, header.byteOffset, header.length);
  if (view.byteLength < 6) return null;
  const magic = view.getUint32(0, true);
  if (magic !== 0xfd2fb528) return null;
  const descriptor = view.getUint8(4);
  const isSingle = (descriptor & 0x20) !== 0;
  const at = 5 + (isSingle ? 0 : 1) + [0, 1, 2, 4][descriptor & 3];
  const bytes = descriptor >> 6 === 0 ? (isSingle ? 1 : 0) : 1 << (descriptor >> 6);
  if (bytes === 0 || at + bytes > view.byteLength) return null;
  if (bytes === 1) return view.getUint8(at);
  if (bytes === 2) return view.getUint16(at, true) + 256;
  return bytes === 4 ? view.getUint32(at, true) : Number(view.getBigUint64(at, true));
}

/**
 * @param {Source} packed
 * @param {number} offset
 * @param {number} length
 * @returns {Promise<DataView | null>} null where the file is shorter
 */
async function bytesAt(packed, offset, length) {
  if (offset < 0) return null;
  const bytes = new Uint8Array(length);
  const count = await packed.read(offset, bytes);
  return count === length ? new DataView(bytes.buffer) : null;
}
