// A Blob, a File, or bytes in memory, read in place.

import { SkillLogError } from "../errors.js";

/** @import { Source } from "../log-reader.js" */

/**
 * @param {Blob} blob
 * @returns {Source}
 */
export function blobSource(blob) {
  return {
    identity: blob,
    name: "name" in blob && typeof blob.name === "string" ? blob.name : "blob",
    size: async () => blob.size,
    async read(offset, length) {
      try {
        return new Uint8Array(await blob.slice(offset, offset + length).arrayBuffer());
      } catch (cause) {
        throw new SkillLogError("IO_ERROR", "cannot read the blob: the file behind it has changed or is gone", { cause });
      }
    },
    close: async () => {},
  };
}

/**
 * @param {Uint8Array} bytes
 * @returns {Source}
 */
export function bytesSource(bytes) {
  return {
    identity: bytes,
    name: "bytes",
    size: async () => bytes.length,
    read: async (offset, length) => bytes.subarray(offset, offset + length),
    close: async () => {},
  };
}
