// Files that are scanned by handle, or in memory. The package's worker opens them too.

import { openBlobToScan } from "../scanned-blob.js";
import { stampOf } from "../stamps.js";
import { isFileHandle } from "./directory.js";
import { fileError, isNamed } from "./errors.js";
import { wholeSmallFile } from "./small-files.js";

/** @import { ListedRef, Look } from "../listed-files.js" */
/** @import { ScannedLog } from "../storage.js" */

/** How often to read a file again that another tab appended to meanwhile. */
const ATTEMPTS = 3;

/**
 * Opens a log to scan it.
 *
 * @param {ListedRef} ref
 * @returns {Promise<ScannedLog | null>} null when there is no file
 */
export async function openToScan(ref) {
  const { file, stamp } = ref;
  if (!isFileHandle(file)) return openBlobToScan(file, stamp, wholeSmallFile);
  for (let left = ATTEMPTS; ; left -= 1) {
    const found = takenSnapshot(ref) ?? (await fileOf(file));
    if (!found) return null;
    try {
      return await openBlobToScan(found, stampOfFile(found), wholeSmallFile);
    } catch (error) {
      if (left === 0) throw error;
    }
  }
}

/**
 * Takes the file as it was when it was looked at, once. Browsers take a file of its handle as slowly
 * as they read it.
 *
 * @param {ListedRef} ref
 * @returns {File | null} null where it was taken, or where nobody looked
 */
export function takenSnapshot(ref) {
  const { snapshot = null } = ref;
  if (snapshot) ref.snapshot = null;
  return snapshot;
}

/**
 * Looks at a file.
 *
 * @param {FileSystemFileHandle} handle
 * @param {string} path its name in messages
 * @returns {Promise<Look | null>} null when it is gone
 */
export async function lookAt(handle, path) {
  let file;
  try {
    file = await fileOf(handle);
  } catch (error) {
    throw fileError(path, "look at", error);
  }
  if (!file) return null;
  const { size: bytes, lastModified: modified } = file;
  return { bytes, modified, stamp: stampOfFile(file), snapshot: file };
}

/** @param {File} file that of a handle */
export function stampOfFile({ size, lastModified }) {
  return stampOf(size, lastModified, lastModified);
}

/**
 * Takes the file of a handle.
 *
 * @param {FileSystemFileHandle} handle
 * @returns {Promise<File | null>} null when it is gone
 */
export async function fileOf(handle) {
  try {
    return await handle.getFile();
  } catch (error) {
    if (isNamed(error, "NotFoundError")) return null;
    throw error;
  }
}
