// Reads files of many logs: by handle, or in memory.

import { bytesSource } from "../blob.js";
import { memoryAccess } from "../listed-files.js";
import { WHOLE_BYTES } from "../scanned-blob.js";
import { isFileHandle } from "./directory.js";
import { followedHandle } from "./follow.js";
import { fileOf, lookAt, openToScan } from "./scanned-file.js";
import { wholeSmallFile } from "./small-files.js";
import { handleSource } from "./source.js";
import { scannedElsewhere } from "./worker/scan-in-worker.js";
import { threadsOfPage } from "./worker/scan-thread.js";

/** @import { FileAccess, ListedRef } from "../listed-files.js" */
/** @import { Source, StorageOptions } from "../storage.js" */

/**
 * Returns how files of a user or of OPFS are read.
 *
 * @param {StorageOptions} options
 * @returns {FileAccess}
 */
export function fileAccess(options) {
  return {
    expected: "a File, a Blob, a Uint8Array or a FileSystemFileHandle",
    nameOf: (file) => (isFileHandle(file) ? file.name : memoryAccess.nameOf(file)),
    look: (file) => (isFileHandle(file) ? lookAt(file, file.name) : memoryAccess.look(file)),
    async open(ref, wasRead) {
      if (isFileHandle(ref.file)) return openHandle(ref, ref.file, options);
      return scannedElsewhere(
        /** @type {Source} */ (await memoryAccess.open(ref, wasRead)),
        ref.file,
        options,
      );
    },
    openToScan,
    followed: ({ file, path }) => (isFileHandle(file) ? followedHandle(file, path) : null),
    ...threadsOfPage(options),
  };
}

/**
 * Opens a log by its handle. A small one is read as a whole.
 *
 * @param {ListedRef} ref
 * @param {string | object} identity
 * @param {StorageOptions} options
 * @returns {Promise<Source | null>} null when there is no file
 */
async function openHandle({ file: handle, path }, identity, options) {
  const whole = await openWhole(handle, path, identity);
  if (whole !== undefined) return whole;
  const source = await handleSource(handle, path, identity);
  return source && scannedElsewhere(source, handle, options);
}

/**
 * Reads a small log as a whole.
 *
 * @param {FileSystemFileHandle} handle
 * @param {string} path
 * @param {string | object} identity
 * @returns {Promise<Source | null | undefined>} null when there is no file; undefined where it is not
 *   small, or cannot be read now
 */
export async function openWhole(handle, path, identity) {
  try {
    const file = await fileOf(handle);
    if (!file) return null;
    if (file.size > WHOLE_BYTES) return undefined;
    return bytesSource(await wholeSmallFile(file), path, identity);
  } catch {
    // Another tab appended to it, or it cannot be read. The source tries again, and says why.
    return undefined;
  }
}
