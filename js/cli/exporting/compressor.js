// Compresses a stream in bounded memory, to one gzip member or one Zstandard frame, because some
// readers stop after the first.

import { pipeline } from "node:stream/promises";
import zlib from "node:zlib";

/** @typedef {"gzip" | "zstd"} Compression */
/** @typedef {AsyncIterable<Uint8Array>} Chunks */

/** Compression → end of the file name. */
export const compressions = /** @type {const} */ ({ gzip: ".gz", zstd: ".zst" });

/** The bytes that a compressor gets at once. */
export const CHUNK_BYTES = 1 << 20;

/** Lets some chunks wait, so that a thread of Node compresses one while the next one is made. */
const room = { chunkSize: 1 << 18, writableHighWaterMark: 4 * CHUNK_BYTES };

/**
 * Writes chunks, compressed or as they are.
 *
 * @param {Chunks} chunks
 * @param {Compression | undefined} compression
 * @param {(chunk: Uint8Array) => Promise<void> | void} write
 */
export async function writeCompressed(chunks, compression, write) {
  const writeAll = async (/** @type {Chunks} */ compressed) => {
    for await (const chunk of compressed) await write(chunk);
  };
  await pipeline([chunks, ...(compression ? [await compressor(compression)] : []), writeAll]);
}

/** @param {Compression} compression */
async function compressor(compression) {
  if (compression === "gzip") return zlib.createGzip(room);
  // Node has zstd since versions 22.15 and 23.8.
  const { createZstdCompress, constants } = /** @type {any} */ (zlib);
  return (
    createZstdCompress?.({ ...room, params: { [constants.ZSTD_c_checksumFlag]: 1 } }) ?? wasmZstd()
  );
}

async function wasmZstd() {
  const { Zstd } = await import("@hpcc-js/wasm-zstd");
  const zstd = await Zstd.load();
  return async function* (/** @type {Chunks} */ chunks) {
    zstd.reset();
    for await (const chunk of chunks) yield zstd.compressChunk(chunk);
    yield zstd.compressEnd();
  };
}

/**
 * Joins and splits bytes, so that each chunk but the last has CHUNK_BYTES.
 *
 * @param {AsyncIterable<Uint8Array>} parts of any length
 * @returns {AsyncGenerator<Uint8Array, void, void>}
 */
export async function* inChunks(parts) {
  let chunk = Buffer.allocUnsafe(CHUNK_BYTES);
  let filled = 0;
  for await (const bytes of parts) {
    for (let at = 0; at < bytes.length; ) {
      const part = bytes.subarray(at, at + CHUNK_BYTES - filled);
      chunk.set(part, filled);
      at += part.length;
      filled += part.length;
      if (filled < CHUNK_BYTES) break;
      yield chunk;
      chunk = Buffer.allocUnsafe(CHUNK_BYTES);
      filled = 0;
    }
  }
  if (filled > 0) yield chunk.subarray(0, filled);
}
