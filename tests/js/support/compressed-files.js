// Makes compressed files of texts: frames of Zstandard with their checksums, and seek tables.

import { Zstd } from "@hpcc-js/wasm-zstd";

const zstd = await Zstd.load();

/** What stands where no text is: a skippable frame of three bytes. */
export const SKIPPABLE = Uint8Array.of(0x53, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, 1, 2, 3);

/**
 * Returns a frame with the size and the checksum of its content.
 *
 * @param {Uint8Array} text
 */
export function frame(text) {
  const bytes = zstd.compress(text);
  const checked = Buffer.alloc(bytes.length + 4);
  checked.set(bytes);
  checked[4] |= 4;
  checked.writeUInt32LE(lowXxh64(text), bytes.length);
  return checked;
}

/**
 * Returns a frame without a checksum.
 *
 * @param {Uint8Array} text
 */
export function uncheckedFrame(text) {
  return Buffer.from(zstd.compress(text));
}

/**
 * Cuts bytes.
 *
 * @param {Uint8Array} bytes
 * @param {number} length of each part but the last one
 */
export function cut(bytes, length) {
  const parts = [];
  for (let at = 0; at < bytes.length; at += length) parts.push(bytes.subarray(at, at + length));
  return parts;
}

/**
 * @typedef {object} Entry of a seek table
 * @property {Uint8Array} frame
 * @property {number} length of its text
 * @property {number} [sum]
 */

/**
 * Returns the entry of a part of a text.
 *
 * @param {Uint8Array} text
 * @param {(text: Uint8Array) => Buffer} [framed]
 * @returns {Entry}
 */
export function entryOf(text, framed = frame) {
  return { frame: framed(text), length: text.length, sum: lowXxh64(text) };
}

/**
 * Returns a file in the seekable format.
 *
 * @param {Entry[]} entries
 * @param {boolean} [hasSums] whether the table has checksums
 */
export function seekable(entries, hasSums = false) {
  const size = (hasSums ? 12 : 8) * entries.length + 9;
  const table = Buffer.alloc(8 + size);
  let at = table.writeUInt32LE(0x184d2a5e, 0);
  at = table.writeUInt32LE(size, at);
  for (const { frame, length, sum = 0 } of entries) {
    at = table.writeUInt32LE(frame.length, at);
    at = table.writeUInt32LE(length, at);
    if (hasSums) at = table.writeUInt32LE(sum, at);
  }
  at = table.writeUInt32LE(entries.length, at);
  at = table.writeUInt8(hasSums ? 0x80 : 0, at);
  table.writeUInt32LE(0x8f92eab1, at);
  return Buffer.concat([...entries.map(({ frame }) => frame), table]);
}

const MASK = (1n << 64n) - 1n;
const [P1, P2, P3, P4, P5] = [
  0x9e3779b185ebca87n,
  0xc2b2ae3d27d4eb4fn,
  0x165667b19e3779f9n,
  0x85ebca77c2b2ae63n,
  0x27d4eb2f165667c5n,
];

/** @param {bigint} number @param {bigint} bits */
const rotated = (number, bits) => ((number << bits) | ((number & MASK) >> (64n - bits))) & MASK;

/** @param {bigint} lane @param {bigint} word */
const mixed = (lane, word) => (rotated((lane + word * P2) & MASK, 31n) * P1) & MASK;

/**
 * Returns the low 32 bits of the XXH64 of bytes, as its specification has it, slowly.
 *
 * @param {Uint8Array} bytes
 */
export function lowXxh64(bytes) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  let at = 0;
  let hash = P5;
  if (bytes.length >= 32) {
    const lanes = [P1 + P2, P2, 0n, -P1].map((lane) => lane & MASK);
    for (; at + 32 <= bytes.length; at += 32)
      for (let lane = 0; lane < 4; lane += 1)
        lanes[lane] = mixed(lanes[lane], view.getBigUint64(at + 8 * lane, true));
    const turns = [1n, 7n, 12n, 18n];
    hash = lanes.reduce((sum, lane, number) => (sum + rotated(lane, turns[number])) & MASK, 0n);
    for (const lane of lanes) hash = ((hash ^ mixed(0n, lane)) * P1 + P4) & MASK;
  }
  hash = (hash + BigInt(bytes.length)) & MASK;
  for (; at + 8 <= bytes.length; at += 8)
    hash = (rotated(hash ^ mixed(0n, view.getBigUint64(at, true)), 27n) * P1 + P4) & MASK;
  if (at + 4 <= bytes.length) {
    hash = (rotated(hash ^ ((BigInt(view.getUint32(at, true)) * P1) & MASK), 23n) * P2 + P3) & MASK;
    at += 4;
  }
  for (; at < bytes.length; at += 1)
    hash = (rotated(hash ^ ((BigInt(bytes[at]) * P5) & MASK), 11n) * P1) & MASK;
  hash = ((hash ^ (hash >> 33n)) * P2) & MASK;
  hash = ((hash ^ (hash >> 29n)) * P3) & MASK;
  return Number((hash ^ (hash >> 32n)) & 0xffffffffn);
}
