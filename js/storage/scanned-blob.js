// Blobs and bytes that are scanned, many at once: a small Blob is read as a whole by one request, and
// costs as much as a byte of it would.

import { isBytes } from "../builtins.js";
import { BlobReader } from "./blob.js";
import { stampOf } from "./stamps.js";

/** @import { ScannedLog } from "./storage.js" */

/** The largest Blob that is read as a whole, in bytes. */
export const WHOLE_BYTES = 1 << 18;

/**
 * How many Blobs are read at once: all of a task, which has about 2 MiB to read. Each waits for
 * another process of the browser.
 */
export const BLOBS_AT_ONCE = 128;

/**
 * Opens a Blob or bytes to scan them.
 *
 * @param {Blob | Uint8Array} file
 * @param {ArrayLike<bigint>} [stamp] default: that of a snapshot
 * @param {(blob: Blob) => Promise<Uint8Array>} [readWhole] reads a small Blob
 * @returns {Promise<ScannedLog>}
 */
export async function openBlobToScan(file, stamp = snapshotStamp(file), readWhole = wholeBlob) {
  if (isBytes(file)) return heldLog(file, stamp);
  const { size } = file;
  if (size <= WHOLE_BYTES) return heldLog(await readWhole(file), stamp);
  const reader = new BlobReader(file);
  return {
    size,
    stamp,
    isSlow: true,
    read: (offset, into) => reader.read(offset, into),
    chunk: (offset, length, to) => reader.chunk(offset, length, to),
    close: () => reader.close(),
  };
}

/**
 * @param {Uint8Array} bytes
 * @param {ArrayLike<bigint>} stamp
 * @returns {ScannedLog}
 */
function heldLog(bytes, stamp) {
  return {
    size: bytes.length,
    stamp,
    read(offset, into) {
      const some = bytes.subarray(offset, offset + into.length);
      into.set(some);
      return some.length;
    },
    close() {},
  };
}

/**
 * Reads a Blob as a whole.
 *
 * @param {Blob} blob
 */
export async function wholeBlob(blob) {
  return new Uint8Array(await blob.arrayBuffer());
}

/**
 * Returns the stamp of a Blob or bytes, which cannot change.
 *
 * @param {Blob | Uint8Array} file
 */
export function snapshotStamp(file) {
  return stampOf(isBytes(file) ? file.length : file.size, lastModifiedOf(file), 0);
}

/**
 * Returns when a file was changed last, in milliseconds since 1970; 0 where nobody knows.
 *
 * @param {object} file
 */
export function lastModifiedOf(file) {
  return "lastModified" in file && typeof file.lastModified === "number" ? file.lastModified : 0;
}
