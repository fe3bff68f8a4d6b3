// A Blob, a File, or bytes in memory, read in place.

import { isBytes } from "../brands.js";
import { invalidArgument, SkillLogError } from "../errors.js";

/** @import { Source } from "./source.js" */

/**
 * @param {Blob} blob
 * @returns {Source}
 */
function blobSource(blob) {
  return {
    identity: blob,
    name: "name" in blob && typeof blob.name === "string" ? blob.name : "blob",
    size: async () => blob.size,
    async read(offset, into) {
      try {
        const bytes = new Uint8Array(await blob.slice(offset, offset + into.length).arrayBuffer());
        into.set(bytes);
        return bytes.length;
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
function bytesSource(bytes) {
  return {
    identity: bytes,
    name: "bytes",
    size: async () => bytes.length,
    async read(offset, into) {
      const some = bytes.subarray(offset, offset + into.length);
      into.set(some);
      return some.length;
    },
    close: async () => {},
  };
}

/**
 * Gives a Blob or bytes to be read.
 *
 * @param {unknown} source
 * @returns {Source}
 */
export function memorySource(source) {
  if (source instanceof Blob) return blobSource(source);
  if (isBytes(source)) return bytesSource(source);
  throw invalidArgument("source", source, "a path, a URL, a Blob or a Uint8Array");
}
