// A Blob, a File, or bytes in memory, read in place.

/** @import { Source } from "../log-reader.js" */

/**
 * @param {Blob} blob
 * @returns {Source}
 */
export function blobSource(blob) {
  return {
    name: "name" in blob && typeof blob.name === "string" ? blob.name : "blob",
    size: async () => blob.size,
    read: async (offset, length) => new Uint8Array(await blob.slice(offset, offset + length).arrayBuffer()),
    close: async () => {},
  };
}

/**
 * @param {Uint8Array} bytes
 * @returns {Source}
 */
export function bytesSource(bytes) {
  return {
    name: "bytes",
    size: async () => bytes.length,
    read: async (offset, length) => bytes.subarray(offset, offset + length),
    close: async () => {},
  };
}
