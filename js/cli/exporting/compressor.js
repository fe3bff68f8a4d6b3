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
  /** @type {{ error: unknown } | undefined} */
  let failed;
  const writeAll = async (/** @type {Chunks} */ compressed) => {
    for await (const chunk of compressed) {
      try {
        await write(chunk);
      } catch (error) {
        failed = { error };
        throw error;
      }
    }
  };
  try {
    await pipeline([chunks, ...(compression ? [await compressor(compression)] : []), writeAll]);
  } catch (error) {
    // Behind a compressor, the pipeline rejects with an AbortError instead.
    throw failed ? failed.error : error;
  }
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

/** Bytes that are as many as these are worth a write of their own. */
const LARGE_BYTES = 1 << 16;

/**
 * Joins small parts and splits large parts, so that a chunk has at most CHUNK_BYTES, and few chunks
 * have less than LARGE_BYTES.
 *
 * @param {AsyncIterable<Uint8Array>} parts of any length
 * @returns {AsyncGenerator<Uint8Array, void, void>} parts, or copies of several
 */
export async function* inChunks(parts) {
  let chunk = Buffer.allocUnsafeSlow(CHUNK_BYTES);
  let filled = 0;
  for await (const part of parts) {
    const isLarge = part.length >= LARGE_BYTES;
    if (filled > 0 && (isLarge || filled + part.length > CHUNK_BYTES)) {
      yield chunk.subarray(0, filled);
      chunk = Buffer.allocUnsafeSlow(CHUNK_BYTES);
      filled = 0;
    }
    if (isLarge) {
      for (let at = 0; at < part.length; at += CHUNK_BYTES)
        yield part.subarray(at, at + CHUNK_BYTES);
    } else {
      chunk.set(part, filled);
      filled += part.length;
    }
  }
  if (filled > 0) yield chunk.subarray(0, filled);
}
