// Compresses one frame of Zstandard at a time, with its content size and its checksum.

import zlib from "node:zlib";

import { lowXxh64 } from "./xxh64.js";

/**
 * @typedef {object} Codec
 * @property {(text: Uint8Array) => Uint8Array} compress
 * @property {(frame: Uint8Array, most: number) => Buffer} decompress throws when the checksum is wrong,
 *   and when there are more bytes of text
 */

/** The first bytes of a frame. */
const FRAME_MAGIC = 0xfd2fb528;

/** The longest header of a frame. */
export const HEADER_BYTES = 18;

/** Where a frame describes itself, and the bit that announces a checksum of its content. */
const DESCRIPTOR = 4;
const HAS_CHECKSUM = 0x04;

/**
 * Returns a codec: Node's, which it has since versions 22.15 and 23.8, or one in WebAssembly.
 *
 * @param {number} level of compression
 * @returns {Promise<Codec>}
 */
export async function zstdCodec(level) {
  const { zstdCompressSync, zstdDecompressSync, constants } = /** @type {any} */ (zlib);
  if (!zstdCompressSync) return wasmCodec(level);
  const params = {
    [constants.ZSTD_c_compressionLevel]: level,
    [constants.ZSTD_c_checksumFlag]: 1,
  };
  return {
    compress: (text) => zstdCompressSync(text, { params }),
    decompress: (frame, most) => zstdDecompressSync(frame, { maxOutputLength: most }),
  };
}

/**
 * Returns a codec that any Node has. Its library writes no checksums, so they are added.
 *
 * @param {number} level
 * @returns {Promise<Codec>}
 */
export async function wasmCodec(level) {
  const { Zstd } = await import("@hpcc-js/wasm-zstd");
  const zstd = await Zstd.load();
  return {
    compress: (text) => withChecksum(zstd.compress(text, level), text),
    decompress(frame, most) {
      // The library takes as much memory as the frame says.
      const stated = contentSizeOf(Buffer.from(frame.buffer, frame.byteOffset, frame.length));
      if (stated === undefined || stated > most) throw new Error("it does not say its length");
      const { buffer, byteOffset, length } = zstd.decompress(frame);
      return Buffer.from(buffer, byteOffset, length);
    },
  };
}

/**
 * Returns how much text a frame says that it holds.
 *
 * @param {Buffer} frame its first bytes are enough
 * @returns {number | undefined} undefined when it does not say it
 */
export function contentSizeOf(frame) {
  if (frame.length <= DESCRIPTOR || frame.readUInt32LE(0) !== FRAME_MAGIC) return undefined;
  const descriptor = frame[DESCRIPTOR];
  const isSingle = (descriptor & 0x20) !== 0;
  const bytes = [isSingle ? 1 : 0, 2, 4, 8][descriptor >> 6];
  const at = DESCRIPTOR + 1 + (isSingle ? 0 : 1) + [0, 1, 2, 4][descriptor & 3];
  if (bytes === 0 || at + bytes > frame.length) return undefined;
  if (bytes === 8) return Number(frame.readBigUInt64LE(at));
  // Of two bytes, the numbers start at 256.
  return frame.readUIntLE(at, bytes) + (bytes === 2 ? 256 : 0);
}

/**
 * Adds the checksum to a frame.
 *
 * @param {Uint8Array} frame without a checksum
 * @param {Uint8Array} text that the frame holds
 */
function withChecksum(frame, text) {
  const checked = Buffer.alloc(frame.length + 4);
  checked.set(frame);
  checked[DESCRIPTOR] |= HAS_CHECKSUM;
  checked.writeUInt32LE(lowXxh64(text), frame.length);
  return checked;
}
